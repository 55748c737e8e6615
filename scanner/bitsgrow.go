package scanner

import (
	"encoding/binary"
	"image"
)

// Grow gives a page whose ink reaches n pixels further in every direction, corners included.
func (b *Bits) Grow(n int) *Bits {
	if n <= 0 {
		return b.Clone()
	}
	out := b.grown(min(n, mostGrown))
	for n -= mostGrown; n > 0; n -= mostGrown {
		less := out
		out = less.grown(min(n, mostGrown))
		less.Release()
	}
	return out
}

// mostGrown is by how many pixels ink is thickened in one go.
const mostGrown = 3

// grown thickens the ink by n pixels, 1 to mostGrown. Each row is the rows around it laid over one another, thickened along the
// row; words that stay white, most of a page, are passed over.
func (b *Bits) grown(n int) *Bits {
	out := NewBits(b.W, b.H)
	white := make([]uint64, b.Stride)
	rowAt := func(y int) []uint64 {
		if y < 0 || y >= b.H {
			return white
		}
		return b.Words[y*b.Stride : (y+1)*b.Stride]
	}
	over := make([]uint64, b.Stride+2) // the rows around y, with a white word at both ends
	for y := range b.H {
		mid := over[1 : 1+b.Stride]
		r0, r1, r2 := rowAt(y - 1)[:len(mid)], rowAt(y)[:len(mid)], rowAt(y + 1)[:len(mid)]
		for i := range mid {
			mid[i] = r0[i] | r1[i] | r2[i]
		}
		if n > 1 {
			r0, r2 = rowAt(y - 2)[:len(mid)], rowAt(y + 2)[:len(mid)]
			for i := range mid {
				mid[i] |= r0[i] | r2[i]
			}
		}
		if n > 2 {
			r0, r2 = rowAt(y - 3)[:len(mid)], rowAt(y + 3)[:len(mid)]
			for i := range mid {
				mid[i] |= r0[i] | r2[i]
			}
		}
		row := out.Words[y*out.Stride : (y+1)*out.Stride]
		left, w := uint64(0), over[1]
		for i := range row {
			next := over[i+2]
			if left>>61|w|next<<61 != 0 {
				v := w | w<<1 | w>>1 | left>>63 | next<<63
				if n > 1 {
					v |= w<<2 | w>>2 | left>>62 | next<<62
				}
				if n > 2 {
					v |= w<<3 | w>>3 | left>>61 | next<<61
				}
				row[i] = v
			}
			left, w = w, next
		}
	}
	out.trim()
	return out
}

// Without gives this page's ink where the other, of the same size, has none.
func (b *Bits) Without(o *Bits) *Bits {
	out := takeBits(b.W, b.H)
	for y := range b.H {
		row, has, not := out.Row(y), b.Row(y), o.Row(y)
		for i := range row {
			row[i] = has[i]
			if i < len(not) {
				row[i] &^= not[i]
			}
		}
	}
	return out
}

// Join adds the ink of another page of the same size.
func (b *Bits) Join(o *Bits) {
	for y := range b.H {
		row, more := b.Row(y), o.Row(y)
		for i := range min(len(row), len(more)) {
			row[i] |= more[i]
		}
	}
	b.trim()
}

// eightGrays are the pixels of eight bits: 0 for ink, 255 for paper, the leftmost in the lowest byte.
var eightGrays = func() (t [256]uint64) {
	for bits := range t {
		for i := range 8 {
			if bits>>i&1 == 0 {
				t[bits] |= 0xff << (8 * i)
			}
		}
	}
	return t
}()

// gray makes grey pixels of bits: 0 for ink, 255 for paper.
func (b *Bits) gray() *image.Gray {
	g := takeGray(b.W, b.H)
	for y := range b.H {
		dst := g.Pix[y*b.W : (y+1)*b.W]
		for _, w := range b.Row(y) {
			if len(dst) < 64 {
				for i := range dst {
					dst[i] = uint8(w>>i&1) - 1
				}
				break
			}
			part := dst[:64:64]
			for k := 0; k < 64; k += 8 {
				binary.LittleEndian.PutUint64(part[k:], eightGrays[w>>k&0xff])
			}
			dst = dst[64:]
		}
	}
	return g
}
