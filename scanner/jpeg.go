package scanner

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"
	"strings"

	"recount/internal/turbo"
)

// decodeJPEG reads grey and YCbCr by libjpeg-turbo, and the rare RGB and Adobe CMYK by the standard library. Both stop with an
// error where data is missing; what follows the end marker (scanners pad with zeros) is not looked at.
func decodeJPEG(data []byte, lim Limits) (picture, error) {
	info, err := readJPEG(data)
	if err != nil {
		return picture{}, err
	}
	w, h := int64(info.w), int64(info.h)
	perPixel := int64(4)
	if info.progressive {
		perPixel = 12 // all coefficients are kept, 4 bytes each
	}
	if err := lim.checkSize(w, h, perPixel); err != nil {
		return picture{}, err
	}
	// A block of 64 pixels costs at least one bit.
	if w*h > int64(len(data))*512 {
		return picture{}, refuse(Truncated, "%d bytes cannot hold %d x %d pixels", len(data), w, h)
	}
	pic, err := info.decode(data)
	if err != nil {
		return picture{}, err
	}
	pic.xdpi, pic.ydpi = jpegDPI(data)
	return pic, nil
}

// decode makes grey pixels of a picture whose size was checked.
func (info jpegInfo) decode(data []byte) (picture, error) {
	if info.comps == 1 {
		g := takeGray(info.w, info.h)
		if err := turbo.Gray(g, data); err != nil {
			grays.put(g)
			return picture{}, turboErr(err)
		}
		return picture{gray: g, pooled: true}, nil
	}
	if info.comps == 3 && !info.rgb {
		hd, err := turbo.ReadHeader(data)
		if err == nil && hd.YCbCr && hd.W == info.w && hd.H == info.h {
			return decodeYCbCr(hd, data)
		}
	}
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return picture{}, jpegErr(err)
	}
	return picture{gray: toGray(m)}, nil
}

func decodeYCbCr(hd turbo.Header, data []byte) (picture, error) {
	y, c := hd.PlaneSizes()
	b := takePlanes(y + 2*c)
	defer planes.put(b)
	m, err := turbo.Planes(hd, data, [3][]byte{b[:y], b[y : y+c], b[y+c:]})
	if err != nil {
		return picture{}, turboErr(err)
	}
	g := takeGray(hd.W, hd.H)
	fromYCbCr(g, m)
	return picture{gray: g, pooled: true}, nil
}

// turboErr tells missing data from damage by the words of libjpeg's messages.
func turboErr(err error) error {
	if strings.Contains(strings.ToLower(err.Error()), "premature end") {
		return refuse(Truncated, "%w", err)
	}
	return refuse(Corrupt, "%w", err)
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
