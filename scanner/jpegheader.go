package scanner

import (
	"bytes"
	"encoding/binary"
)

// jpegInfo is what a JPEG's markers say.
type jpegInfo struct {
	w, h, comps int
	progressive bool
	rgb         bool // three components that are red, green and blue as they are
}

// mostScans is the most scans a JPEG may have. Encoders write about ten; each costs a walk over the whole picture, so that a small
// file of a great many could keep a worker busy for hours.
const mostScans = 100

// jpegWalk goes through a JPEG's markers. The decoders forgive what it does not: tables that are missing (the standard's examples
// are taken), and pictures of many scans of which some are missing.
type jpegWalk struct {
	jpegInfo
	frame   bool
	ids     []byte     // of the components
	quant   []byte     // the quantization table of each
	tables  [8]bool    // Huffman tables seen: 0 to 3 for DC, 4 to 7 for AC
	quants  [4]bool    // quantization tables seen
	left    [4][64]int // bits of each component's coefficients still to come; 64 where none was seen
	scans   int
	jfif    bool
	adobe   bool // an Adobe segment was seen
	convert byte // which colour transform it names
}

// readJPEG walks a JPEG up to its first scan, where that has the whole picture, or up to its end.
func readJPEG(data []byte) (jpegInfo, error) {
	w := &jpegWalk{}
	for p := 2; ; {
		if p+1 >= len(data) {
			return w.jpegInfo, refuse(Truncated, "the markers end at byte %d", p)
		}
		if data[p] != 0xff {
			return w.jpegInfo, refuse(Corrupt, "no marker at byte %d", p)
		}
		marker := data[p+1]
		switch {
		case marker == 0xff: // a fill byte
			p++
			continue
		case marker == 0xd9:
			return w.jpegInfo, w.complete()
		case marker >= 0xd0 && marker <= 0xd7:
			p += 2
			continue
		case marker < 0xc0 && marker != 0x01 || marker == 0xd8:
			return w.jpegInfo, refuse(Corrupt, "marker %#x at byte %d", marker, p)
		case marker == 0x01:
			p += 2
			continue
		}
		if p+4 > len(data) {
			return w.jpegInfo, refuse(Truncated, "the markers end at byte %d", p)
		}
		n := int(binary.BigEndian.Uint16(data[p+2:]))
		if n < 2 {
			return w.jpegInfo, refuse(Corrupt, "a segment of %d bytes at byte %d", n, p)
		}
		if p+2+n > len(data) {
			return w.jpegInfo, refuse(Truncated, "a segment at byte %d ends beyond the file", p)
		}
		if err := w.segment(marker, data[p+4:p+2+n]); err != nil {
			return w.jpegInfo, err
		}
		p += 2 + n
		if marker != 0xda {
			continue
		}
		if w.scans == 1 && !w.progressive && w.complete() == nil {
			return w.jpegInfo, nil // what follows the only scan is the decoder's to judge
		}
		next := jpegMarker(data[p:])
		if next < 0 {
			return w.jpegInfo, refuse(Truncated, "scan %d has no end", w.scans)
		}
		p += next
	}
}

// jpegMarker gives the place of the first marker in a scan's data that ends it, or -1.
func jpegMarker(data []byte) int {
	for p := 0; ; {
		i := bytes.IndexByte(data[p:], 0xff)
		if i < 0 || p+i+1 >= len(data) {
			return -1
		}
		p += i
		switch m := data[p+1]; {
		case m == 0xff:
			p++
		case m == 0 || m >= 0xd0 && m <= 0xd7:
			p += 2
		default:
			return p
		}
	}
}

func (w *jpegWalk) segment(marker byte, body []byte) error {
	switch marker {
	case 0xc0, 0xc1, 0xc2:
		return w.sof(marker, body)
	case 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf:
		return refuse(Unsupported, "a JPEG of kind %#x: arithmetic, lossless or hierarchical", marker)
	case 0xc4:
		return w.dht(body)
	case 0xdb:
		return w.dqt(body)
	case 0xda:
		return w.sos(body)
	case 0xe0:
		w.jfif = w.jfif || bytes.HasPrefix(body, []byte("JFIF\x00"))
	case 0xee:
		if len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")) {
			w.adobe, w.convert = true, body[11]
		}
	}
	return nil
}

// sof reads the frame header.
func (w *jpegWalk) sof(marker byte, body []byte) error {
	if w.frame {
		return refuse(Corrupt, "two frame headers")
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) {
		return refuse(Corrupt, "a frame header of %d bytes", len(body))
	}
	if body[0] != 8 {
		return refuse(Unsupported, "%d bits a sample", body[0])
	}
	w.frame, w.progressive, w.comps = true, marker == 0xc2, int(body[5])
	w.h, w.w = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	if w.comps != 1 && w.comps != 3 && w.comps != 4 {
		return refuse(Unsupported, "%d components", w.comps)
	}
	for i := range w.comps {
		c := body[6+3*i:]
		if bytes.IndexByte(w.ids, c[0]) >= 0 || c[2] > 3 {
			return refuse(Corrupt, "component %d is there twice, or has quantization table %d", c[0], c[2])
		}
		w.ids, w.quant = append(w.ids, c[0]), append(w.quant, c[2])
		for k := range w.left[i] {
			w.left[i][k] = 64
		}
	}
	return nil
}

func (w *jpegWalk) dht(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 || body[0]>>4 > 1 || body[0]&15 > 3 {
			return refuse(Corrupt, "a Huffman table that is none")
		}
		n := 17
		for _, c := range body[1:17] {
			n += int(c)
		}
		if n == 17 || n > 17+256 || n > len(body) {
			return refuse(Corrupt, "a Huffman table of %d bytes", n)
		}
		w.tables[body[0]>>4*4+body[0]&15] = true
		body = body[n:]
	}
	return nil
}

func (w *jpegWalk) dqt(body []byte) error {
	for len(body) > 0 {
		n := 65
		if body[0]>>4 == 1 {
			n = 129
		}
		if body[0]>>4 > 1 || body[0]&15 > 3 || n > len(body) {
			return refuse(Corrupt, "a quantization table that is none")
		}
		w.quants[body[0]&15] = true
		body = body[n:]
	}
	return nil
}

// sos reads a scan's header, and holds what it needs against what was seen.
func (w *jpegWalk) sos(body []byte) error {
	if w.scans++; w.scans > mostScans {
		return refuse(TooLarge, "more than %d scans", mostScans)
	}
	if !w.frame || len(body) < 4 || len(body) != 4+2*int(body[0]) || body[0] < 1 || body[0] > 4 {
		return refuse(Corrupt, "scan %d has no proper header", w.scans)
	}
	w.rgb = w.comps == 3 && !w.jfif && (w.adobe && w.convert == 0 || string(w.ids) == "RGB")
	tail := body[len(body)-3:]
	from, to, low, high := int(tail[0]), int(tail[1]), int(tail[2]&15), int(tail[2]>>4)
	if !w.progressive {
		from, to, low, high = 0, 63, 0, 0
	}
	if from > to || to > 63 || w.progressive && from == 0 && to > 0 || low > 13 {
		return refuse(Corrupt, "scan %d is of coefficients %d to %d", w.scans, from, to)
	}
	seen := byte(0)
	for i := range int(body[0]) {
		c := bytes.IndexByte(w.ids, body[1+2*i])
		if c < 0 || seen>>c&1 != 0 {
			return refuse(Corrupt, "scan %d has component %d, which is none or there twice", w.scans, body[1+2*i])
		}
		seen |= 1 << c
		dc, ac := body[2+2*i]>>4, body[2+2*i]&15
		if dc > 3 || ac > 3 || !w.quants[w.quant[c]] || from == 0 && high == 0 && !w.tables[dc] || to > 0 && !w.tables[4+ac] {
			return refuse(Corrupt, "scan %d needs a table that the file has not", w.scans)
		}
		for k := from; k <= to; k++ {
			w.left[c][k] = low
		}
	}
	return nil
}

// complete says whether every coefficient of every component was sent to its last bit.
func (w *jpegWalk) complete() error {
	if !w.frame || w.scans == 0 {
		return refuse(Truncated, "it ends before its picture")
	}
	for c := range w.comps {
		for k, bits := range w.left[c] {
			if bits > 0 {
				return refuse(Truncated, "component %d lacks coefficient %d or part of it", w.ids[c], k)
			}
		}
	}
	return nil
}
