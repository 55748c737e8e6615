package scanner

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"
)

// decodeJPEG reads grey, YCbCr, RGB and Adobe CMYK. The decoder of the standard library stops with an error where data is
// missing; what follows the end marker (scanners pad with zeros) is not looked at.
func decodeJPEG(data []byte, lim Limits) (picture, error) {
	cfg, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return picture{}, jpegErr(err)
	}
	w, h := int64(cfg.Width), int64(cfg.Height)
	perPixel := int64(4)
	if isProgressive(data) {
		perPixel = 12 // all coefficients are kept, 4 bytes each
	}
	if err := lim.checkSize(w, h, perPixel); err != nil {
		return picture{}, err
	}
	// A block of 64 pixels costs at least one bit.
	if w*h > int64(len(data))*512 {
		return picture{}, refuse(Truncated, "%d bytes cannot hold %d x %d pixels", len(data), w, h)
	}
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return picture{}, jpegErr(err)
	}
	pic := picture{gray: toGray(m)}
	pic.xdpi, pic.ydpi = jpegDPI(data)
	return pic, nil
}

func jpegErr(err error) error {
	var unsupported jpeg.UnsupportedError
	var format jpeg.FormatError
	switch {
	case errors.As(err, &unsupported):
		return refuse(Unsupported, "%w", err)
	case errors.As(err, &format) && format == "short Huffman data":
		return refuse(Truncated, "%w", err)
	}
	return err
}

// isProgressive tells whether the first frame header is that of a progressive picture.
func isProgressive(data []byte) bool {
	found := false
	eachSegment(data, func(marker byte, _ []byte) { found = found || marker == 0xc2 })
	return found
}

// eachSegment calls f with every marker segment before the first scan.
func eachSegment(data []byte, f func(marker byte, body []byte)) {
	for p := 2; p+4 <= len(data) && data[p] == 0xff; {
		marker := data[p+1]
		if marker == 0xff { // fill byte
			p++
			continue
		}
		n := int(binary.BigEndian.Uint16(data[p+2:]))
		if marker == 0xda || marker == 0xd9 || n < 2 || n > len(data)-p-2 { // start of scan, end
			return
		}
		f(marker, data[p+4:p+2+n])
		p += 2 + n
	}
}

// jpegDPI reads the density of the JFIF segment, or the resolution of the Exif segment where JFIF has none.
func jpegDPI(data []byte) (x, y float64) {
	eachSegment(data, func(marker byte, body []byte) {
		switch {
		case marker == 0xe0 && len(body) >= 12 && bytes.HasPrefix(body, []byte("JFIF\x00")):
			dx, dy := float64(binary.BigEndian.Uint16(body[8:])), float64(binary.BigEndian.Uint16(body[10:]))
			switch body[7] {
			case 1:
				x, y = dx, dy
			case 2:
				x, y = dx*2.54, dy*2.54
			}
		case marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) && saneDPI(x) == 0:
			x, y = exifDPI(body[6:])
		}
	})
	return x, y
}

// exifDPI reads the resolution of the first directory of the TIFF structure that Exif is.
func exifDPI(b []byte) (x, y float64) {
	order := tiffOrder(b)
	if order == nil || len(b) < 8 {
		return 0, 0
	}
	t := &tiffFile{data: b, order: order}
	d, _, err := t.directory(int64(order.Uint32(b[4:])))
	if err != nil {
		return 0, 0
	}
	return d.dpi()
}
