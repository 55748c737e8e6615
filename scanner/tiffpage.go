package scanner

import (
	"bytes"
	"cmp"
	"errors"
	"image"
	"io"
	"math/bits"
	"slices"

	"golang.org/x/image/tiff"
)

// TIFF compressions.
const (
	compNone       = 1
	compHuffman    = 2
	compG3         = 3
	compG4         = 4
	compLZW        = 5
	compDeflate    = 8
	compPackBits   = 32773
	compDeflateOld = 32946
)

// block is one strip or tile of a page.
type block struct{ offset, count int64 }

// page decodes one directory. What is laid out in it is checked first, so that a decoder never fills in for missing data.
func (t *tiffFile) page(d *tiffDir, lim Limits) (picture, error) {
	w, h := int64(d.first(tagWidth, 0)), int64(d.first(tagHeight, 0))
	depth, samples := int64(d.first(tagBitsPerSample, 1)), int64(d.first(tagSamples, 1))
	perPixel := int64(1)
	if samples > 1 {
		perPixel = 4
	}
	if depth > 8 {
		perPixel *= 2
	}
	if err := lim.checkSize(w, h, perPixel); err != nil {
		return picture{}, err
	}
	if d.first(tagSubfile, 0)&1 != 0 {
		return picture{}, refuse(Unsupported, "a reduced copy of another page")
	}
	if d.first(tagPlanar, 1) != 1 && samples > 1 {
		return picture{}, refuse(Unsupported, "colours in separate planes")
	}
	blocks, err := t.blocks(d, w, h)
	if err != nil {
		return picture{}, err
	}
	if err := checkBlocks(d, blocks, w, h, depth*samples, int64(len(t.data))); err != nil {
		return picture{}, err
	}
	pic := picture{}
	switch comp := d.first(tagCompression, compNone); comp {
	case compG3, compG4:
		pic.ink, err = t.fax(d, blocks, int(w), int(h), comp == compG4)
	case compNone, compLZW, compDeflate, compDeflateOld, compPackBits:
		pic.gray, err = t.library(d, blocks)
	case compHuffman:
		err = refuse(Unsupported, "CCITT Huffman run lengths (compression 2)")
	default:
		err = refuse(Unsupported, "TIFF compression %d", comp)
	}
	if err != nil {
		return picture{}, err
	}
	if pic.ink != nil {
		pic.gray, pic.bitonal, pic.pooled = pic.ink.gray(), true, true
	} else {
		pic.bitonal = depth == 1 && samples == 1 && onlyBlackAndWhite(pic.gray)
	}
	pic.xdpi, pic.ydpi = d.dpi()
	return pic, nil
}

// blocks lists a page's strips or tiles and refuses one that does not lie inside the file.
func (t *tiffFile) blocks(d *tiffDir, w, h int64) ([]block, error) {
	var n int64
	offsets, counts := uint16(tagStripOffsets), uint16(tagStripByteCounts)
	if tw, th := int64(d.first(tagTileWidth, 0)), int64(d.first(tagTileHeight, 0)); tw > 0 && th > 0 {
		n = ((w + tw - 1) / tw) * ((h + th - 1) / th)
		offsets, counts = tagTileOffsets, tagTileByteCounts
	} else {
		rows := stripRows(d, h)
		n = (h + rows - 1) / rows
	}
	if n > int64(len(t.data)) {
		return nil, refuse(Corrupt, "%d strips in %d bytes", n, len(t.data))
	}
	out := make([]block, n)
	for i := range out {
		o, ok := d.uint(offsets, int64(i))
		c, ok2 := d.uint(counts, int64(i))
		if !ok || !ok2 {
			return nil, refuse(Truncated, "strip %d of %d is not in the directory", i+1, n)
		}
		out[i] = block{int64(o), int64(c)}
		if out[i].count == 0 || out[i].offset+out[i].count > int64(len(t.data)) {
			return nil, refuse(Truncated, "strip %d of %d ends beyond the file's %d bytes", i+1, n, len(t.data))
		}
	}
	return out, nil
}

func stripRows(d *tiffDir, h int64) int64 {
	if rows := int64(d.first(tagRowsPerStrip, 0)); rows > 0 && rows < h {
		return rows
	}
	return h
}

// checkBlocks refuses data that cannot hold the page, before memory is taken for its pixels: each compression has a best case.
func checkBlocks(d *tiffDir, blocks []block, w, h, bitsPerPixel, size int64) error {
	need := (w*bitsPerPixel + 7) / 8 * h
	have := int64(0)
	for _, b := range blocks {
		have += b.count
	}
	gain := map[uint32]int64{compNone: 1, compPackBits: 64, compLZW: 4096, compDeflate: 1032, compDeflateOld: 1032,
		compG4: (w+7)/8*8 + 8, compG3: 512}[d.first(tagCompression, compNone)] // a blank G4 row is one bit
	if gain > 0 && need > have*gain {
		return refuse(Truncated, "%d bytes cannot hold %d x %d pixels", have, w, h)
	}
	if have > 2*size { // strips may share bytes, but only a bomb has them share many
		return refuse(Corrupt, "strips overlap: %d bytes in a file of %d", have, size)
	}
	return nil
}

// library hands the page to x/image/tiff, which only knows the first: the header it sees points at the page's directory.
func (t *tiffFile) library(d *tiffDir, blocks []block) (*image.Gray, error) {
	var head [8]byte
	copy(head[:], t.data)
	t.order.PutUint32(head[4:], uint32(d.offset))
	data := t.data
	if d.first(tagFillOrder, 1) == 2 {
		var err error
		if data, err = turnBits(data, blocks); err != nil {
			return nil, err
		}
	}
	m, err := tiff.Decode(&patched{head: head, data: bytes.NewReader(data)})
	var unsupported tiff.UnsupportedError
	if errors.As(err, &unsupported) {
		return nil, refuse(Unsupported, "%w", err)
	}
	if err != nil {
		return nil, err
	}
	return toGray(m), nil
}

// turnBits copies a file with the bits of each byte of its blocks in the order the library knows: it heeds FillOrder only in
// fax data, where libtiff heeds it everywhere.
func turnBits(data []byte, blocks []block) ([]byte, error) {
	out := bytes.Clone(data)
	sorted := slices.SortedFunc(slices.Values(blocks), func(a, b block) int { return cmp.Compare(a.offset, b.offset) })
	end := int64(0)
	for _, b := range sorted {
		if b.offset < end {
			return nil, refuse(Corrupt, "two strips share byte %d", b.offset)
		}
		end = b.offset + b.count
		for i := b.offset; i < end; i++ {
			out[i] = bits.Reverse8(out[i])
		}
	}
	return out, nil
}

// patched reads data with another header in front.
type patched struct {
	head [8]byte
	data *bytes.Reader
}

func (p *patched) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.data.ReadAt(b, off)
	if off >= 0 && off < 8 {
		copy(b[:n], p.head[off:])
	}
	return n, err
}

// Read only makes an io.Reader of it; the decoder takes the ReadAt.
func (p *patched) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
