package template

import (
	"math"
	"math/bits"
	"slices"

	"recount/scanner"
)

// block is a solid dark rectangle found on a page, as a timing mark is one. Lengths are pixels; a page whose pixels are not
// square is stretched to squares first.
type block struct {
	x, y  float64 // middle
	w, h  float64 // along and across its long side
	steep bool    // the long side lies nearer to upright than to level
}

// patchSum is what one connected patch of ink adds up to.
type patchSum struct {
	n, sx, sy, sxx, sxy, syy float64
}

func (a *patchSum) add(b patchSum) {
	a.n += b.n
	a.sx += b.sx
	a.sy += b.sy
	a.sxx += b.sxx
	a.sxy += b.sxy
	a.syy += b.syy
}

// addRun adds the pixels x0 up to x1 of row y.
func (a *patchSum) addRun(x0, x1, y int) {
	n, mid, v := float64(x1-x0), float64(x0+x1)/2, float64(y)+0.5
	a.n += n
	a.sx += n * mid
	a.sy += n * v
	a.sxx += n*mid*mid + n*n*n/12 // a run's own spread, its pixels' width included
	a.sxy += n * mid * v
	a.syy += n*v*v + n/12
}

// block gives the rectangle that has the patch's spread, and how much of it the patch fills: 1 for a rectangle. stretch is
// how many times wider than tall pixels are not: the patch's heights are multiplied by it.
func (a *patchSum) block(stretch float64) (b block, filled float64) {
	mx, my := a.sx/a.n, a.sy/a.n
	cxx := a.sxx/a.n - mx*mx
	cxy := (a.sxy/a.n - mx*my) * stretch
	cyy := (a.syy/a.n - my*my) * stretch * stretch
	half, diff := (cxx+cyy)/2, (cxx-cyy)/2
	root := math.Hypot(diff, cxy)
	b = block{x: mx, y: my * stretch, w: math.Sqrt(12 * (half + root)), h: math.Sqrt(12 * max(half-root, 0)), steep: diff < 0}
	return b, a.n * stretch / max(b.w*b.h, 1)
}

// blocks finds the solid rectangles on a page that are minH to maxH pixels across and minW to maxW long, down the page.
func blocks(b *scanner.Bits, stretch, minW, maxW, minH, maxH float64) []block {
	var out []block
	most := maxW * maxH * 1.3
	eachPatch(b, func(s *patchSum) {
		if s.n*stretch > most || s.n*stretch < 0.6*minW*minH {
			return
		}
		r, filled := s.block(stretch)
		if r.w >= minW && r.w <= maxW && r.h >= minH && r.h <= maxH && filled > 0.82 && filled < 1.2 {
			out = append(out, r)
		}
	})
	slices.SortFunc(out, func(p, q block) int { // patches end in an order of no meaning
		switch {
		case p.y != q.y && p.y < q.y, p.y == q.y && p.x < q.x:
			return -1
		case p.y == q.y && p.x == q.x:
			return 0
		}
		return 1
	})
	return out
}

// run is the ink from x0 up to x1 of a row, and the patch it belongs to.
type run struct{ x0, x1, patch int }

// eachPatch adds up every connected patch of ink (edges or corners touching) and gives each to f when it has ended. It goes
// over the page once, with two rows of runs in memory.
func eachPatch(b *scanner.Bits, f func(*patchSum)) {
	p := patchSet{}
	var above, here []run
	for y := range b.H {
		here = inkRuns(b.Row(y), here[:0])
		j := 0
		for i := range here {
			r := &here[i]
			r.patch = -1
			for j < len(above) && above[j].x1 < r.x0 {
				j++
			}
			for k := j; k < len(above) && above[k].x0 <= r.x1; k++ {
				r.patch = p.join(r.patch, above[k].patch)
			}
			if r.patch < 0 {
				r.patch = p.start()
			}
			p.sum[r.patch].addRun(r.x0, r.x1, y)
			p.last[r.patch] = y
		}
		// A patch of the row above that this row does not go on with has ended.
		for i := range here {
			p.last[p.find(here[i].patch)] = y
		}
		for _, r := range above {
			if c := p.find(r.patch); p.last[c] < y && p.sum[c].n > 0 {
				f(&p.sum[c])
				p.sum[c] = patchSum{}
			}
		}
		above, here = here, above
	}
	for _, r := range above {
		if c := p.find(r.patch); p.sum[c].n > 0 {
			f(&p.sum[c])
			p.sum[c] = patchSum{}
		}
	}
}

// patchSet holds the patches begun so far; joined ones point to the one that holds their sum.
type patchSet struct {
	to, last []int
	sum      []patchSum
}

func (p *patchSet) start() int {
	p.to = append(p.to, len(p.to))
	p.sum = append(p.sum, patchSum{})
	p.last = append(p.last, 0)
	return len(p.to) - 1
}

func (p *patchSet) find(i int) int {
	for p.to[i] != i {
		p.to[i] = p.to[p.to[i]]
		i = p.to[i]
	}
	return i
}

// join makes one patch of two and gives it; a may be -1 for none.
func (p *patchSet) join(a, b int) int {
	b = p.find(b)
	if a < 0 {
		return b
	}
	if a = p.find(a); a == b {
		return a
	}
	if b < a {
		a, b = b, a
	}
	p.to[b] = a
	p.sum[a].add(p.sum[b])
	p.sum[b] = patchSum{}
	p.last[a] = max(p.last[a], p.last[b])
	return a
}

// inkRuns appends the runs of a row of packed ink.
func inkRuns(row []uint64, out []run) []run {
	start := -1
	for i, w := range row {
		at := 0
		for at < 64 {
			rest := w >> at
			if start < 0 {
				if rest == 0 {
					break
				}
				at += bits.TrailingZeros64(rest)
				start = i*64 + at
				continue
			}
			n := bits.TrailingZeros64(^rest)
			if at+n >= 64 {
				break // goes on in the next word
			}
			at += n
			out = append(out, run{x0: start, x1: i*64 + at})
			start = -1
		}
	}
	if start >= 0 {
		out = append(out, run{x0: start, x1: len(row) * 64})
	}
	return out
}
