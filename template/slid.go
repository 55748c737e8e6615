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
	fx, fy := c.vertex(best, shift{})
	return best, int(math.Round(fx)), int(math.Round(fy))
}

// vertex is where the least of the costs lies, to a fraction of a pixel, if the middle lies off.
func (c *shiftCosts) vertex(best int, off shift) (dx, dy float64) {
	bx, by := best%tileShifts, best/tileShifts
	dx = float64(off.dx+bx-tileReach) + vertex(c[:], best, 1, bx > 0 && bx < tileShifts-1)
	dy = float64(off.dy+by-tileReach) + vertex(c[:], best, tileShifts, by > 0 && by < tileShifts-1)
	return dx, dy
}

// settle finds where the patch is most like the page: by how many pixels it is to be moved.
func (s *slid) settle(p *patch) (dx, dy int) {
	var c shiftCosts
	s.least(p, &c)
	_, dx, dy = c.nearest()
	return dx, dy
}

// least compares the patch only as far as it takes to find the shift at which it differs least; what differs more costs never,
// but for the least one's neighbours.
func (s *slid) least(p *patch, c *shiftCosts) (best int) {
	const middle = tileReach*tileShifts + tileReach
	most := int32(never)
	ask := func(i int) { // 16 rows at a time, until it cannot be the best
		rows := (*[64]uint64)(s[i%tileShifts][i/tileShifts:])
		n := int32(0)
		for k := 0; k < 64 && n <= most; k += 2 * slidBlock {
			n += differing8((*[slidBlock]uint64)(rows[k:]), (*[slidBlock]uint64)(p.rows[k:])) +
				differing8((*[slidBlock]uint64)(rows[k+slidBlock:]), (*[slidBlock]uint64)(p.rows[k+slidBlock:]))
		}
		if c[i] = n; n > most {
			c[i] = never
		}
		most = min(most, n)
	}
	ask(middle) // where nearly every patch lies
	for i := range c {
		if i != middle {
			ask(i)
		}
	}
	best = leastOf(c[:])
	for _, i := range [4]int{best - 1, best + 1, best - tileShifts, best + tileShifts} {
		if i >= 0 && i < len(c) && c[i] == never {
			most = never
			ask(i)
		}
	}
	return best
}

// shift is by how many pixels a patch was moved.
type shift struct{ dx, dy int }

// surelyThere is the likeness at which a spot is found beyond doubt: on its own blank no place about a spot is as like it as
// spotUnlike, and a second place counts from 0.1 below the best on. The rest is for scans whose print runs together: on 13 sets of
// real scans no second place counts from 0.83 on, one in a few thousand from 0.7 on (measured 2026-11).
const surelyThere, surelyReach = spotUnlike + 0.25, 8

// searchNear looks for a spot where the spot before it was found. ok is false where it is not there beyond doubt, and must be
// looked for everywhere within r pixels; else that would find the same place.
func searchNear(b *scanner.Bits, p *patch, x, y, r int, off shift) (f found, ok bool) {
	if r <= tileReach || r > surelyReach || max(abs(off.dx), abs(off.dy))+tileReach > r {
		return found{}, false
	}
	var s slid
	s.slide(b, x+off.dx, y+off.dy)
	var c shiftCosts
	best := s.least(p, &c)
	if bx, by := best%tileShifts, best/tileShifts; bx == 0 || bx == tileShifts-1 || by == 0 || by == tileShifts-1 {
		return found{}, false // it may be better still beyond
	}
	total := p.ink + s.ink(best)
	if f.like = 1 - float64(c[best])/float64(total); !(f.like >= surelyThere) {
		return found{}, false
	}
	f.dx, f.dy = c.vertex(best, off)
	return f, true
}

// differing8 counts the pixels in which eight rows differ.
func differing8(a, b *[slidBlock]uint64) int32 {
	n0 := bits.OnesCount64(a[0]^b[0]) + bits.OnesCount64(a[1]^b[1])
	n1 := bits.OnesCount64(a[2]^b[2]) + bits.OnesCount64(a[3]^b[3])
	n2 := bits.OnesCount64(a[4]^b[4]) + bits.OnesCount64(a[5]^b[5])
	n3 := bits.OnesCount64(a[6]^b[6]) + bits.OnesCount64(a[7]^b[7])
	return int32(n0 + n1 + n2 + n3)
}
