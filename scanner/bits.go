package scanner

import (
	"encoding/binary"
	"image"
	"math/bits"
)

// Bits is a page with one bit a pixel, 1 for ink. Rows are packed into words, the leftmost pixel in the lowest bit. Bits
// past the width in a row's last word are always 0. It may be read by many workers at once.
type Bits struct {
	W, H   int
	Stride int // words a row
	Words  []uint64
}

// NewBits makes a white page of w x h pixels; sides below 0 count as 0.
func NewBits(w, h int) *Bits {
	b := takeBits(max(w, 0), max(h, 0))
	clear(b.Words)
	return b
}

// At tells whether there is ink at x, y; outside the page there is none.
func (b *Bits) At(x, y int) bool {
	if x < 0 || y < 0 || x >= b.W || y >= b.H {
		return false
	}
	return b.Words[y*b.Stride+x>>6]>>(x&63)&1 != 0
}

// Set puts ink or paper at x, y; outside the page it does nothing.
func (b *Bits) Set(x, y int, ink bool) {
	if x < 0 || y < 0 || x >= b.W || y >= b.H {
		return
	}
	w := &b.Words[y*b.Stride+x>>6]
	if ink {
		*w |= 1 << (x & 63)
	} else {
		*w &^= 1 << (x & 63)
	}
}

// ClearRect puts paper on what of the rectangle lies on the page.
func (b *Bits) ClearRect(r image.Rectangle) {
	r = r.Intersect(image.Rect(0, 0, b.W, b.H))
	if r.Empty() {
		return
	}
	first, last := r.Min.X>>6, (r.Max.X-1)>>6
	head, tail := ^uint64(0)<<(r.Min.X&63), ^uint64(0)>>(63-(r.Max.X-1)&63)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := b.Row(y)
		for k := first; k <= last; k++ {
			mask := ^uint64(0)
			if k == first {
				mask &= head
			}
			if k == last {
				mask &= tail
			}
			row[k] &^= mask
		}
	}
}

// Clear puts paper at x, y; outside the page it does nothing.
func (b *Bits) Clear(x, y int) { b.Set(x, y, false) }

// Count gives the number of ink pixels.
func (b *Bits) Count() int {
	n := 0
	for _, w := range b.Words {
		n += bits.OnesCount64(w)
	}
	return n
}

// Row gives row y's words, shared with the page; outside the page it is nil.
func (b *Bits) Row(y int) []uint64 {
	if y < 0 || y >= b.H {
		return nil
	}
	return b.Words[y*b.Stride : (y+1)*b.Stride : (y+1)*b.Stride]
}

// Window gives the 64 pixels of row y from x on, the leftmost in the lowest bit; outside the page is white. Any x and y will do.
func (b *Bits) Window(x, y int) uint64 {
	if y < 0 || y >= b.H || x >= b.W || x <= -64 {
		return 0
	}
	row := b.Words[y*b.Stride : (y+1)*b.Stride]
	i, s := x>>6, uint(x&63) // x>>6 rounds down, so a negative x gives word -1
	v := uint64(0)
	if i >= 0 {
		v = row[i] >> s
	}
	if s > 0 && i+1 < len(row) {
		v |= row[i+1] << (64 - s)
	}
	return v
}

// CountRect gives the number of ink pixels in r; the part of r outside the page is white.
func (b *Bits) CountRect(r image.Rectangle) int {
	r = r.Intersect(image.Rect(0, 0, b.W, b.H))
	if r.Empty() {
		return 0
	}
	first, last := r.Min.X>>6, (r.Max.X-1)>>6
	head, tail := ^uint64(0)<<(r.Min.X&63), ^uint64(0)>>(63-(r.Max.X-1)&63)
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := b.Words[y*b.Stride : (y+1)*b.Stride]
		if first == last {
			n += bits.OnesCount64(row[first] & head & tail)
			continue
		}
		n += bits.OnesCount64(row[first]&head) + bits.OnesCount64(row[last]&tail)
		for _, w := range row[first+1 : last] {
			n += bits.OnesCount64(w)
		}
	}
	return n
}

// White says whether r has no ink; the part of r outside the page has none.
func (b *Bits) White(r image.Rectangle) bool {
	r = r.Intersect(image.Rect(0, 0, b.W, b.H))
	if r.Empty() {
		return true
	}
	first, last := r.Min.X>>6, (r.Max.X-1)>>6
	head, tail := ^uint64(0)<<(r.Min.X&63), ^uint64(0)>>(63-(r.Max.X-1)&63)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := b.Words[y*b.Stride+first : y*b.Stride+last+1]
		ink := row[0] & head
		if len(row) == 1 {
			ink &= tail
		} else {
			ink |= row[len(row)-1] & tail
			for _, w := range row[1 : len(row)-1] {
				ink |= w
			}
		}
		if ink != 0 {
			return false
		}
	}
	return true
}

// Invert turns ink into paper and paper into ink, in place.
func (b *Bits) Invert() {
	for i := range b.Words {
		b.Words[i] = ^b.Words[i]
	}
	b.trim()
}

// trim clears the bits past the width.
func (b *Bits) trim() {
	if b.W&63 == 0 {
		return
	}
	mask := uint64(1)<<(b.W&63) - 1
	for i := b.Stride - 1; i < len(b.Words); i += b.Stride {
		b.Words[i] &= mask
	}
}

// FromGray makes bits of grey pixels: ink where a pixel is below threshold. Bounds need not start at 0,0.
func FromGray(g *image.Gray, threshold uint8) *Bits {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	b := NewBits(w, h)
	for y := 0; y < h; y++ {
		src := g.Pix[y*g.Stride : y*g.Stride+w]
		dst := b.Words[y*b.Stride : (y+1)*b.Stride]
		for i := range dst {
			if len(src) >= 64 {
				dst[i] = below64(src[:64:64], threshold)
				src = src[64:]
				continue
			}
			for x, v := range src {
				if v < threshold {
					dst[i] |= 1 << x
				}
			}
		}
	}
	return b
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// below64 compares 64 pixels with a threshold, eight bytes at a time. With its top bit set a byte cannot borrow from the
// next when the threshold's low seven bits are taken from it; the top bits are then compared by themselves.
func below64(src []uint8, threshold uint8) uint64 {
	t7 := uint64(threshold&0x7f) * lowBits
	high := uint64(0)
	if threshold >= 0x80 {
		high = highBits
	}
	out := uint64(0)
	for k := 0; k < 8; k++ {
		x := binary.LittleEndian.Uint64(src[8*k : 8*k+8])
		ge7 := (x | highBits) - t7 // top bit: the low seven bits are not below the threshold's
		// x < t: its top bit is clear where t's is set, or the top bits are alike and the low bits are below.
		lt := (^x & high) | (^(x ^ high) &^ ge7)
		// One bit a byte is gathered into the top byte by a multiplication that never carries.
		out |= (((lt & highBits) >> 7) * 0x0102040810204080 >> 56) << (8 * k)
	}
	return out
}

// Shrink makes a page n times smaller: a pixel is ink where at least half of the pixels it stands for are. Pixels at the
// right and lower edge stand for what is left of the page there. n below 2 gives a copy.
func (b *Bits) Shrink(n int) *Bits {
	if n < 2 {
		return b.Clone()
	}
	out := NewBits((b.W+n-1)/n, (b.H+n-1)/n)
	if n == 2 {
		b.halve(out)
		return out
	}
	sums := make([]int, out.W)
	for oy := 0; oy < out.H; oy++ {
		clear(sums)
		rows := min(n, b.H-oy*n)
		for y := oy * n; y < oy*n+rows; y++ {
			b.addCells(sums, y, n)
		}
		row := out.Row(oy)
		for ox, s := range sums {
			if cols := min(n, b.W-ox*n); 2*s >= cols*rows {
				row[ox>>6] |= 1 << (ox & 63)
			}
		}
	}
	return out
}

// halve is Shrink by two, a word at a time: of four pixels two or more are ink. Past the edges there is as much ink as half
// of the pixels there are, so that what is left of the page decides.
func (b *Bits) halve(out *Bits) {
	const even = 0x5555555555555555
	for y := range out.H {
		upper, lower := b.Row(2*y), b.Row(2*y+1)
		row := out.Row(y)
		for i, u := range upper {
			last := i == b.Stride-1 && b.W&1 != 0
			var l uint64
			if lower != nil {
				l = lower[i]
			}
			u0, u1, l0, l1 := u&even, u>>1&even, l&even, l>>1&even
			if lower == nil { // of two pixels one is half
				l0 = u0 | u1
				l1 = l0
			}
			w := u0&u1 | l0&l1 | (u0|u1)&(l0|l1)
			if last { // the rightmost cell has one column
				bit := uint64(1) << (b.W - 1 - 64*i)
				w = w&^bit | (u0|l0)&bit
			}
			w = (w | w>>1) & 0x3333333333333333
			w = (w | w>>2) & 0x0f0f0f0f0f0f0f0f
			w = (w | w>>4) & 0x00ff00ff00ff00ff
			w = (w | w>>8) & 0x0000ffff0000ffff
			w = (w | w>>16) & 0x00000000ffffffff
			row[i/2] |= w << (32 * (i & 1))
		}
	}
}

// addCells adds to each cell of n pixels its ink in row y. Empty words, most of a page, cost one comparison.
func (b *Bits) addCells(sums []int, y, n int) {
	row := b.Row(y)
	for i, w := range row {
		if w == 0 {
			continue
		}
		x, cell := i*64, i*64/n
		for w != 0 {
			take := (cell+1)*n - x // pixels of this word up to the cell's end
			if take >= 64 {
				sums[cell] += bits.OnesCount64(w)
				break
			}
			sums[cell] += bits.OnesCount64(w & (1<<take - 1))
			w >>= take
			x += take
			cell++
		}
	}
}

// Clone gives a copy that shares no memory with the bits.
func (b *Bits) Clone() *Bits {
	c := takeBits(b.W, b.H)
	copy(c.Words, b.Words)
	return c
}
