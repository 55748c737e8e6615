package scanner

import (
	"bytes"
	"image"
	"io"
	"math/bits"

	"golang.org/x/image/ccitt"
)

// fax decodes a page of G3 or G4 strips straight into grey pixels. x/image/tiff could, but takes "black run" for "0 bit" even
// where the page is BlackIsZero, and cannot tell a strip whose rows ended long before its bytes.
func (t *tiffFile) fax(d *tiffDir, blocks []block, w, h int, g4 bool) (*image.Gray, error) {
	if d.first(tagTileWidth, 0) != 0 {
		return nil, refuse(Unsupported, "fax data in tiles")
	}
	if d.first(tagBitsPerSample, 1) != 1 || d.first(tagSamples, 1) != 1 {
		return nil, refuse(Corrupt, "fax data of more than one bit a pixel")
	}
	photo := d.first(tagPhotometric, 0)
	if photo > 1 {
		return nil, refuse(Unsupported, "fax data with photometric interpretation %d", photo)
	}
	if !g4 && d.first(tagT4Options, 0)&1 != 0 {
		return nil, refuse(Unsupported, "two-dimensional Group 3")
	}
	lsb := d.first(tagFillOrder, 1) == 2
	g := image.NewGray(image.Rect(0, 0, w, h))
	rows := int(stripRows(d, int64(h)))
	for i, b := range blocks {
		top := i * rows
		n := min(rows, h-top)
		part := &image.Gray{Pix: g.Pix[top*g.Stride:], Stride: g.Stride, Rect: image.Rect(0, 0, w, n)}
		f := faxData{data: t.data[b.offset : b.offset+b.count], lsb: lsb, g4: g4}
		if err := f.decode(part); err != nil {
			return nil, err
		}
	}
	if photo == 1 { // the runs called black are the 1 bits, which are white here
		invertGray(g)
	}
	return g, nil
}

// faxData is one stream of CCITT codes.
type faxData struct {
	data    []byte
	lsb, g4 bool
	align   bool // rows begin on a byte
}

var (
	eolFirst = []byte{0, 1} // an end-of-line code, filled up to two bytes
	rtc      = []byte{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}
)

// decode fills g, whose size says how many rows there are; white runs become 255.
func (f *faxData) decode(g *image.Gray) error {
	data, sub, lent := f.data, ccitt.Group4, 0
	if !f.g4 {
		sub = ccitt.Group3
		data, lent = f.framed(), len(rtc)
	}
	order := ccitt.MSB
	if f.lsb {
		order = ccitt.LSB
	}
	src := &trickle{data: data}
	if err := ccitt.DecodeIntoGray(g, src, order, sub, &ccitt.Options{Align: f.align}); err != nil {
		if len(src.data) <= lent {
			return refuse(Truncated, "the fax data ends before the last row: %w", err)
		}
		return refuse(Corrupt, "byte %d of the fax data: %w", len(data)-len(src.data), err)
	}
	if f.g4 {
		return f.checkEnd(len(data) - len(src.data))
	}
	return nil
}

// framed lends one-dimensional data the end-of-line code at its start, and the six at its end, that x/image/ccitt insists on and
// many writers leave out. Inside the rows an end-of-line is an error, so the loan hides no missing row.
func (f *faxData) framed() []byte {
	first := byte(0)
	if len(f.data) > 0 {
		first = f.data[0]
	}
	out := make([]byte, 0, len(f.data)+len(eolFirst)+len(rtc))
	add := func(codes []byte) {
		for _, c := range codes {
			if f.lsb {
				c = bits.Reverse8(c)
			}
			out = append(out, c)
		}
	}
	if first != 0 {
		add(eolFirst)
	}
	out = append(out, f.data...)
	add(rtc)
	return out
}

// checkEnd looks at what follows the last row of a G4 stream: its end code, or nothing but fill. A damaged G4 stream often
// still decodes into as many rows of nonsense as were asked for, and then stops in the middle of its bytes.
func (f *faxData) checkEnd(read int) error {
	const slack = 8 // the decoder reads 4 bytes at a time, up to two times ahead of the bits it has used
	rest := f.data[min(read, len(f.data)):]
	if len(bytes.Trim(rest, "\x00\xff")) <= 4 {
		return nil
	}
	window := uint64(0)
	for i := max(0, read-slack); i < min(len(f.data), read+slack); i++ {
		b := f.data[i]
		if f.lsb {
			b = bits.Reverse8(b)
		}
		window = window<<8 | uint64(b)
		for s := 0; s < 8; s++ {
			if window>>s&0xffffff == 0x001001 { // two end-of-line codes
				return nil
			}
		}
	}
	return refuse(Corrupt, "the rows ended at byte %d of %d of the fax data", read, len(f.data))
}

// trickle reads four bytes at a time, so that what is left tells how far a decoder got.
type trickle struct{ data []byte }

func (t *trickle) Read(p []byte) (int, error) {
	if len(t.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(4, len(p))], t.data)
	t.data = t.data[n:]
	return n, nil
}
