package scanner

import (
	"encoding/binary"
	"image"
)

// Grow gives a page whose ink reaches n pixels further in every direction, corners included.
func (b *Bits) Grow(n int) *Bits {
	out := b.Clone()
	for ; n > 0; n -= mostGrown {
		out.growBy(min(n, mostGrown))
	}
	return out
}

// mostGrown is by how many pixels ink is thickened in one go.
const mostGrown = 3

// growBy thickens the ink by n pixels, fewer than 64, in place: along the rows first, then down the columns with n rows kept aside.
func (b *Bits) growBy(n int) {
	for y := range b.H {
		row := b.Row(y)
		left := uint64(0) // the word before, as it was
		for i, w := range row {
			next := uint64(0)
			if i+1 < len(row) {
				next = row[i+1]
			}
			v := w
			for k := 1; k <= n; k++ {
				v |= w<<k | w>>k | left>>(64-k) | next<<(64-k)
			}
			row[i], left = v, w
		}
	}
	above := make([][]uint64, n) // as they were
	for k := range above {
		above[k] = make([]uint64, b.Stride)
	}
	for y := range b.H {
		row, last := b.Row(y), above[y%n]
		for k := range above {
			if k != y%n {
				for i, w := range above[k] {
					last[i] |= w
				}
			}
		}
		// last is now all that reaches down to this row; it makes room for the row itself.
		for i, w := range row {
			row[i], last[i] = w|last[i], w
		}
		for k := 1; k <= n; k++ {
			for i, w := range b.Row(y + k) {
				row[i] |= w
			}
		}
	}
	b.trim()
}

// Without gives this page's ink where the other, of the same size, has none.
func (b *Bits) Without(o *Bits) *Bits {
	out := NewBits(b.W, b.H)
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
