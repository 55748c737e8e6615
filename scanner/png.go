package scanner

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/png"
	"io"
)

// decodePNG reads any PNG; alpha is laid on white. Its size is checked on the header, and a file too short to unpack to that
// many pixels (deflate gains at most 1032:1) is told as truncated before a pixel is allocated.
func decodePNG(data []byte, lim Limits) (picture, error) {
	if len(data) < 33 {
		return picture{}, io.ErrUnexpectedEOF
	}
	if string(data[12:16]) != "IHDR" {
		return picture{}, refuse(Corrupt, "no IHDR chunk")
	}
	w, h := int64(binary.BigEndian.Uint32(data[16:])), int64(binary.BigEndian.Uint32(data[20:]))
	depth, kind := int64(data[24]), data[25]
	samples := map[byte]int64{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
	if samples == 0 {
		return picture{}, refuse(Corrupt, "PNG colour type %d", kind)
	}
	perPixel := int64(1)
	if samples > 1 {
		perPixel = 4
	}
	if depth == 16 {
		perPixel *= 2
	}
	if err := lim.checkSize(w, h, perPixel); err != nil {
		return picture{}, err
	}
	if raw := ((w*samples*depth+7)/8 + 1) * h; raw > int64(len(data))*1032 {
		return picture{}, refuse(Truncated, "%d bytes cannot hold %d x %d pixels", len(data), w, h)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		var format png.FormatError
		if errors.As(err, &format) && format == "not enough pixel data" {
			return picture{}, refuse(Truncated, "%w", err)
		}
		return picture{}, err
	}
	pic := picture{gray: toGray(m)}
	pic.bitonal = depth == 1 && onlyBlackAndWhite(pic.gray)
	pic.xdpi, pic.ydpi = pngDPI(data)
	return pic, nil
}

// pngDPI reads the pHYs chunk, which counts pixels a metre. It runs after the decoder has checked the chunks.
func pngDPI(data []byte) (x, y float64) {
	for p := 8; p+12 <= len(data); {
		n := int(binary.BigEndian.Uint32(data[p:]))
		kind := string(data[p+4 : p+8])
		if n < 0 || n > len(data)-p-12 || kind == "IDAT" {
			return 0, 0
		}
		if body := data[p+8 : p+8+n]; kind == "pHYs" && n == 9 && body[8] == 1 {
			return perMetre(binary.BigEndian.Uint32(body)), perMetre(binary.BigEndian.Uint32(body[4:]))
		}
		p += 12 + n
	}
	return 0, 0
}

// perMetre gives dots an inch; a metre's whole dots round 200 dpi to 7874, so a value this near a whole number is one.
func perMetre(v uint32) float64 {
	dpi := float64(v) * 0.0254
	if whole := float64(int64(dpi + 0.5)); dpi-whole < 0.02 && whole-dpi < 0.02 {
		return whole
	}
	return dpi
}
