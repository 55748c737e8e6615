package scanner

import (
	"errors"
	"fmt"

	"recount/internal/fax"
)

// The bits of a TIFF's T4Options that are heeded here. That end-of-line codes end on a byte (4) needs no heed: zeros before one are
// fill always.
const t4TwoDimensional = 1

// fax decodes a page of G3 or G4 strips straight into bits. libtiff and x/image/tiff could, but the one takes damaged data for
// good, and the other takes "black run" for "0 bit" even where the page is BlackIsZero.
func (t *tiffFile) fax(d *tiffDir, blocks []block, w, h int, g4 bool) (*Bits, error) {
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
	p := fax.Params{Coding: fax.Group4, Width: w, LSB: d.first(tagFillOrder, 1) == 2}
	if !g4 {
		p.Coding, p.EOL = fax.Group3, true
		if d.first(tagT4Options, 0)&t4TwoDimensional != 0 {
			p.Coding = fax.Group32D
		}
	}
	b := takeBits(w, h)
	rows := int(stripRows(d, int64(h)))
	for i, at := range blocks {
		top := i * rows
		p.Height = min(rows, h-top)
		if err := decodeFax(b, top, t.data[at.offset:at.offset+at.count], p); err != nil {
			b.Release()
			if len(blocks) > 1 {
				err = fmt.Errorf("strip %d of %d: %w", i+1, len(blocks), err)
			}
			return nil, err
		}
	}
	if photo == 1 { // the runs called black are the 1 bits, which are white here
		b.Invert()
	}
	return b, nil
}

// decodeFax writes the rows of a stream into those of a page from top on.
func decodeFax(b *Bits, top int, data []byte, p fax.Params) error {
	err := fax.Decode(b.Words[top*b.Stride:], b.Stride, data, p)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fax.ErrTruncated):
		return refuse(Truncated, "%w", err)
	}
	return refuse(Corrupt, "%w", err)
}
