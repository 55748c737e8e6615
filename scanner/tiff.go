package scanner

import (
	"encoding/binary"
	"io"
)

// The TIFF tags read here; everything else is left to the decoder of golang.org/x/image.
const (
	tagSubfile         = 254
	tagWidth           = 256
	tagHeight          = 257
	tagBitsPerSample   = 258
	tagCompression     = 259
	tagPhotometric     = 262
	tagFillOrder       = 266
	tagStripOffsets    = 273
	tagSamples         = 277
	tagRowsPerStrip    = 278
	tagStripByteCounts = 279
	tagXResolution     = 282
	tagYResolution     = 283
	tagPlanar          = 284
	tagT4Options       = 292
	tagResolutionUnit  = 296
	tagTileWidth       = 322
	tagTileHeight      = 323
	tagTileOffsets     = 324
	tagTileByteCounts  = 325
)

// typeSizes are the bytes of one value of each TIFF field type, by its number.
var typeSizes = [...]int64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}

type tiffFile struct {
	data  []byte
	order binary.ByteOrder
}

// tiffDir is one image file directory. Fields keep their bytes, which all lie inside the file.
type tiffDir struct {
	offset int64
	order  binary.ByteOrder
	fields map[uint16]tiffField
}

type tiffField struct {
	kind  uint16
	count int64
	raw   []byte
}

func tiffOrder(data []byte) binary.ByteOrder {
	switch {
	case len(data) < 4:
	case string(data[:4]) == "II*\x00":
		return binary.LittleEndian
	case string(data[:4]) == "MM\x00*":
		return binary.BigEndian
	}
	return nil
}

// decodeTIFF walks the chain of directories itself, since a decoder that stops after the first loses ballots, and decodes
// each as a page. A chain that loops or leaves the file is an error of the file; the pages before are still given.
func decodeTIFF(data []byte, lim Limits, give func(decoded)) error {
	t := &tiffFile{data: data, order: tiffOrder(data)}
	if len(data) < 8 {
		return io.ErrUnexpectedEOF
	}
	n, seen := 0, map[int64]bool{}
	for at := int64(t.order.Uint32(data[4:])); at != 0; n++ {
		if seen[at] {
			return refuse(Corrupt, "the chain of pages loops after page %d", n)
		}
		if n >= lim.MaxPages {
			return refuse(TooLarge, "more than %d pages", lim.MaxPages)
		}
		seen[at] = true
		dir, next, err := t.directory(at)
		if err != nil {
			give(decoded{err: err})
			return err
		}
		pic, err := guard(func() (picture, error) { return t.page(dir, lim) })
		give(decoded{pic: pic, err: err})
		at = next
	}
	return nil
}

// directory reads the directory at an offset and gives the offset of the next.
func (t *tiffFile) directory(at int64) (*tiffDir, int64, error) {
	size := int64(len(t.data))
	if at < 8 || at+2 > size {
		return nil, 0, refuse(Truncated, "a page's directory at byte %d of %d", at, size)
	}
	n := int64(t.order.Uint16(t.data[at:]))
	end := at + 2 + 12*n
	if end+4 > size {
		return nil, 0, refuse(Truncated, "a page's directory at byte %d ends beyond the file", at)
	}
	d := &tiffDir{offset: at, order: t.order, fields: make(map[uint16]tiffField, n)}
	for p := at + 2; p < end; p += 12 {
		e := t.data[p : p+12]
		f := tiffField{kind: t.order.Uint16(e[2:]), count: int64(t.order.Uint32(e[4:]))}
		if int(f.kind) >= len(typeSizes) || typeSizes[f.kind] == 0 {
			continue // a type of a later TIFF; no tag used here has one
		}
		bytes := f.count * typeSizes[f.kind]
		if bytes <= 4 {
			f.raw = e[8 : 8+bytes]
		} else if from := int64(t.order.Uint32(e[8:])); from+bytes <= size {
			f.raw = t.data[from : from+bytes]
		} else {
			continue // a private tag may be broken without harm; one that is needed is missed where it is used
		}
		d.fields[t.order.Uint16(e)] = f
	}
	return d, int64(t.order.Uint32(t.data[end:])), nil
}

// uint gives value i of a field of bytes, shorts or longs.
func (d *tiffDir) uint(tag uint16, i int64) (uint32, bool) {
	f, ok := d.fields[tag]
	if !ok || i >= f.count {
		return 0, false
	}
	switch f.kind {
	case 1:
		return uint32(f.raw[i]), true
	case 3:
		return uint32(d.order.Uint16(f.raw[2*i:])), true
	case 4:
		return d.order.Uint32(f.raw[4*i:]), true
	}
	return 0, false
}

// first gives the first value of a field, or def where there is none.
func (d *tiffDir) first(tag uint16, def uint32) uint32 {
	if v, ok := d.uint(tag, 0); ok {
		return v
	}
	return def
}

// dpi gives the resolution in dots an inch, 0 where no absolute unit is named.
func (d *tiffDir) dpi() (x, y float64) {
	unit := map[uint32]float64{2: 1, 3: 2.54}[d.first(tagResolutionUnit, 2)]
	value := func(tag uint16) float64 {
		f, ok := d.fields[tag]
		if !ok || f.kind != 5 || len(f.raw) < 8 {
			return 0
		}
		den := d.order.Uint32(f.raw[4:])
		if den == 0 {
			return 0
		}
		return float64(d.order.Uint32(f.raw)) / float64(den) * unit
	}
	return value(tagXResolution), value(tagYResolution)
}
