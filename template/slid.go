package template

import (
	"math"
	"math/bits"

	"recount/scanner"
)

// slid is the part of a page that a patch may lie on when it is moved by up to tileReach pixels each way: its rows, begun at
// each of the columns that the patch's left edge may come to.
type slid [tileShifts][64 + 2*tileReach]uint64

// tileShifts is how many shifts there are one way.
const tileShifts = 2*tileReach + 1

// shiftCosts are in how many pixels a patch and the page differ at each shift: at dy*tileShifts + dx, counted from the upper left.
type shiftCosts [tileShifts * tileShifts]int32

// slide reads the page around a patch whose upper left is looked for at (x, y).
func (s *slid) slide(b *scanner.Bits, x, y int) {
	for k := range s[0] {
		left, right := b.Window(x-tileReach, y-tileReach+k), b.Window(x-tileReach+64, y-tileReach+k)
		for i := range s {
			s[i][k] = left>>i | right<<(64-i) // a shift by 64 gives 0
		}
	}
}

// slidBlock is how many rows are compared at a time.
const slidBlock = 8

// blockCosts are in how many pixels a patch and the page differ at each shift, by blocks of rows.
type blockCosts [len(shiftCosts{})][64 / slidBlock]int32

// costs compares the patch at every shift.
func (s *slid) costs(p *patch) (by blockCosts, c shiftCosts) {
	for i := range c {
		rows := (*[64]uint64)(s[i%tileShifts][i/tileShifts:])
		for k := range by[i] {
			by[i][k] = differing8((*[slidBlock]uint64)(rows[k*slidBlock:]), (*[slidBlock]uint64)(p.rows[k*slidBlock:]))
			c[i] += by[i][k]
		}
	}
	return by, c
}

// costsLike are the costs of a patch that prints most rows as another, whose costs are known.
func (s *slid) costsLike(p, other *patch, by *blockCosts, c shiftCosts) shiftCosts {
	for k := range 64 / slidBlock {
		mine := (*[slidBlock]uint64)(p.rows[k*slidBlock:])
		if *mine == *(*[slidBlock]uint64)(other.rows[k*slidBlock:]) {
			continue
		}
		for i := range c {
			c[i] += differing8((*[slidBlock]uint64)(s[i%tileShifts][i/tileShifts+k*slidBlock:]), mine) - by[i][k]
		}
	}
	return c
}

// ink is the page's under the patch at a shift.
func (s *slid) ink(at int) (n int) {
	for _, w := range s[at%tileShifts][at/tileShifts:][:64] {
		n += bits.OnesCount64(w)
	}
	return n
}

// nearest is the shift at which a patch and the page differ least, as search finds it: to the nearest pixel, where the vertex
// of the costs lies.
func (c *shiftCosts) nearest() (best, dx, dy int) {
	best = leastOf(c[:])
	bx, by := best%tileShifts, best/tileShifts
	fx := vertex(c[:], best, 1, bx > 0 && bx < tileShifts-1)
	fy := vertex(c[:], best, tileShifts, by > 0 && by < tileShifts-1)
	return best, int(math.Round(float64(bx-tileReach) + fx)), int(math.Round(float64(by-tileReach) + fy))
}

// settle finds where the patch is most like the page: by how many pixels it is to be moved.
func (s *slid) settle(p *patch) (dx, dy int) {
	const middle = tileReach*tileShifts + tileReach
	var c shiftCosts
	least := int32(never)
	ask := func(i int) { // 16 rows at a time, until it cannot be the best
		rows := (*[64]uint64)(s[i%tileShifts][i/tileShifts:])
		n := int32(0)
		for k := 0; k < 64 && n <= least; k += 2 * slidBlock {
			n += differing8((*[slidBlock]uint64)(rows[k:]), (*[slidBlock]uint64)(p.rows[k:])) +
				differing8((*[slidBlock]uint64)(rows[k+slidBlock:]), (*[slidBlock]uint64)(p.rows[k+slidBlock:]))
		}
		if c[i] = n; n > least {
			c[i] = never
		}
		least = min(least, n)
	}
	ask(middle) // where nearly every patch lies
	for i := range c {
		if i != middle {
			ask(i)
		}
	}
	best := leastOf(c[:])
	least = never
	for _, i := range [4]int{best - 1, best + 1, best - tileShifts, best + tileShifts} {
		if i >= 0 && i < len(c) && c[i] == never {
			ask(i)
		}
		least = never
	}
	_, dx, dy = c.nearest()
	return dx, dy
}

// differing8 counts the pixels in which eight rows differ.
func differing8(a, b *[slidBlock]uint64) int32 {
	n0 := bits.OnesCount64(a[0]^b[0]) + bits.OnesCount64(a[1]^b[1])
	n1 := bits.OnesCount64(a[2]^b[2]) + bits.OnesCount64(a[3]^b[3])
	n2 := bits.OnesCount64(a[4]^b[4]) + bits.OnesCount64(a[5]^b[5])
	n3 := bits.OnesCount64(a[6]^b[6]) + bits.OnesCount64(a[7]^b[7])
	return int32(n0 + n1 + n2 + n3)
}
