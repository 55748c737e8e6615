package template

import (
	"math"

	"recount/election"
)

// The anchors are print, and where a page has none, between the names and the margin, stretch is only guessed. The outlines of
// the targets themselves stand just there. So at the end they are looked for too, and the mapping follows those that are found:
// the empty ones, for a mark hides an outline, and what is hidden follows its neighbours.
const (
	// followReach is how far, in plane pixels, an outline may lie from the mapping's place: half of the closest rows' distance.
	followReach = 10
	// followClear is how much more alike the best place must be than any other. A row of outlines is alike at every row.
	followClear = 0.05
	// followTol is how far, in plane pixels, one outline may lie from what its neighbours say.
	followTol = 3
)

// followTargets bends the fit's mapping to its anchors, node by node, and to the targets' outlines, if the print agrees with that no
// less than before.
func (f *fit) followTargets(pl *plane) {
	var found []pair
	for _, t := range f.blank.page.Targets {
		if p, ok := f.outline(pl, t); ok {
			found = append(found, p)
		}
	}
	before, anchors := *f, keep(f.anchors, f.used)
	if len(found) >= 3 {
		f.outlines = found
		f.m = f.bend(1, append(anchors[:len(anchors):len(anchors)], found...), followTol)
		f.judge()
		if usedOf(f) >= usedOf(&before)-usedOf(&before)/50 {
			return
		}
	}
	*f = before
	f.m = f.bend(1, anchors, followTol)
	f.judge()
}

func usedOf(f *fit) (n int) {
	for _, u := range f.used {
		if u {
			n++
		}
	}
	return n
}

// outline looks for one target with the print around it.
func (f *fit) outline(pl *plane, t election.Target) (pair, bool) {
	j := f.m.jacobian(t.X, t.Y)
	px, py := j.at(t.X, t.Y)
	if px < 16 || py < 16 || px > float64(pl.bits.W)-16 || py > float64(pl.bits.H)-16 {
		return pair{}, false
	}
	back, ok := j.inverse()
	if !ok {
		return pair{}, false
	}
	dpi := f.blank.full.dpi
	p := render(f.blank.full.bits, affine{A: dpi, E: dpi}.after(back), px, py)
	if p.ink < 40 {
		return pair{}, false
	}
	x0, y0 := int(math.Round(px))-32, int(math.Round(py))-32
	s := searchWithin(pl.bits, &p, x0, y0, followReach, followClear+0.01)
	if s.like < good || s.second > s.like-followClear {
		return pair{}, false
	}
	return pair{x: t.X, y: t.Y, px: float64(x0+32) + s.dx, py: float64(y0+32) + s.dy, w: s.like}, true
}
