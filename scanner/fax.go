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
		err := f.decode(part)
		if err != nil && !g4 && d.first(tagT4Options, 0)&4 != 0 {
			// x/image/ccitt knows no fill before an end-of-line; it cannot be cut out without knowing the codes.
			return nil, refuse(Unsupported, "Group 3 with fill bits: %w", err)
		}
		if err != nil {
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

// decode fills g, whose size says how many rows there are; white runs become 255.
func (f *faxData) decode(g *image.Gray) error {
	data, sub, order, lent := f.data, ccitt.Group4, ccitt.MSB, 0
	if f.lsb {
		order = ccitt.LSB
	}
	if !f.g4 {
		sub, order = ccitt.Group3, ccitt.MSB
		data, lent = f.framed(), lentBytes
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

// eolZeros are the zeros of an end-of-line code, which a 1 ends. No other codes in a row have as many.
const eolZeros = 11

// lentBytes is what framed adds at the end: six end-of-line codes, and two bytes for what the decoder reads ahead.
const lentBytes = 6*(eolZeros+1)/8 + 2

// framed writes one-dimensional data anew as x/image/ccitt insists on having it: highest bit first, with an end-of-line code
// at its start and six at its end, which many writers leave out. Inside the rows an end-of-line is an error, so the codes
// lent hide no missing row.
func (f *faxData) framed() []byte {
	in := bits1{data: f.data, lsb: f.lsb}
	out := bits1{data: make([]byte, 0, len(f.data)+16)}
	eol := func() {
		for i := 0; i < eolZeros; i++ {
			out.put(0)
		}
		out.put(1)
	}
	n := 8 * len(f.data)
	first, last := 0, n-1 // the first and the last 1
	for first < n && in.get(first) == 0 {
		first++
	}
	for last >= 0 && in.get(last) == 0 {
		last--
	}
	if first < eolZeros {
		eol()
		first = 0
	} else {
		first -= eolZeros // fill before the first row
	}
	zeros := 0
	for i := last - 1; i >= 0 && in.get(i) == 0; i-- {
		zeros++
	}
	if zeros >= eolZeros { // it ends in an end-of-line: what follows is fill, which must not come before another
		n = last + 1
	}
	for i := first; i < n; i++ {
		out.put(in.get(i))
	}
	for i := 0; i < 6; i++ {
		eol()
	}
	return append(out.data, 0)
}

// bits1 reads and writes single bits; what is written goes highest bit first.
type bits1 struct {
	data []byte
	lsb  bool
	n    int
}

func (b *bits1) get(i int) byte {
	if b.lsb {
		return b.data[i>>3] >> (i & 7) & 1
	}
	return b.data[i>>3] >> (7 - i&7) & 1
}

func (b *bits1) put(bit byte) {
	if b.n&7 == 0 {
		b.data = append(b.data, 0)
	}
	b.data[b.n>>3] |= bit << (7 - b.n&7)
	b.n++
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
