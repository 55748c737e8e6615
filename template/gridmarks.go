package template

import "math"

// nearby finds solids by place.
type nearby struct {
	cell  float64
	cells map[[2]int][]int
	all   []solid
}

func newNearby(all []solid, cell float64) *nearby {
	n := &nearby{cell: max(cell, 1), cells: map[[2]int][]int{}, all: all}
	for i, s := range all {
		k := n.key(s.x, s.y)
		n.cells[k] = append(n.cells[k], i)
	}
	return n
}

func (n *nearby) key(x, y float64) [2]int {
	return [2]int{int(math.Floor(x / n.cell)), int(math.Floor(y / n.cell))}
}

// find gives the solid nearest to (x, y) within r, or nil. r is at most a cell.
func (n *nearby) find(x, y, r float64) *solid {
	k := n.key(x, y)
	var best *solid
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			for _, i := range n.cells[[2]int{k[0] + dx, k[1] + dy}] {
				s := &n.all[i]
				if d := math.Hypot(s.x-x, s.y-y); d <= r {
					best, r = s, d
				}
			}
		}
	}
	return best
}

// marksNear pairs the marks with the whole solids within reach of where a mapping puts them, and gives the mapping most agree on.
func (gp *gridPage) marksNear(t *track, near *nearby, at func(x, y float64) (float64, float64), reach float64) (affine, []pair, bool) {
	var found []pair
	for _, k := range t.marks {
		px, py := at(k.x, k.y)
		if s := near.find(px, py, reach); s != nil {
			found = append(found, pair{x: k.x, y: k.y, px: s.x, py: s.y, w: 1})
		}
	}
	fit, agree, ok := robustAffine(found, 0.07*gp.dpi)
	if !ok {
		return affine{}, nil, false
	}
	return fit, keep(found, agree), true
}

// rough fits a start to the marks found near it, without bending; nil where they agree on nothing.
func (gp *gridPage) rough(t *track, m affine, near *nearby) *lattice {
	fit, ps, ok := gp.marksNear(t, near, m.at, 0.3*t.pitch*gp.dpi)
	if !ok {
		return nil
	}
	return &lattice{m: &Map{base: fit, k: 1}, pairs: ps}
}

// refine bends a rough mapping to follow stretch, coarse to fine, and adds marks that are only partly there. It says whether
// enough marks are.
func (gp *gridPage) refine(t *track, l *lattice) bool {
	for _, step := range []struct{ reach, tol float64 }{{0.25, 5}, {0.2, 3}} { // parts of the pitch; pixels at planeDPI
		fit, ps, ok := gp.marksNear(t, l.near, l.m.plane, step.reach*t.pitch*gp.dpi)
		if !ok {
			return false
		}
		l.pairs = ps
		l.m = bend(fit, 1, ps, t.w, t.h, step.tol/planeDPI*gp.dpi)
	}
	gp.partial(t, l, l.own)
	for _, k := range t.marks {
		if px, py := l.m.plane(k.x, k.y); px > 0 && py > 0 && px < gp.w && py < gp.h {
			l.seen++
		}
	}
	return len(l.pairs) >= leastMarks && l.share() >= leastMarkShare
}

// partWithin is how far, in inches, a mark that is not whole may lie from where the others put it.
const partWithin = 0.03

// partial adds the marks that are longer or shorter than theirs: cut by the paper's edge or grown into a code's. Their
// height is whole, and one of their ends is where it should be.
func (gp *gridPage) partial(t *track, l *lattice, own []solid) {
	have := map[[2]float64]bool{}
	for _, p := range l.pairs {
		have[[2]float64{p.x, p.y}] = true
	}
	all := newNearby(own, max(t.grid.W, t.grid.H)*gp.dpi*oddTo)
	tol, added := partWithin*gp.dpi, 0
	for _, k := range t.marks {
		if have[[2]float64{k.x, k.y}] {
			continue
		}
		j := l.m.jacobian(k.x, k.y)
		px, py := j.at(k.x, k.y)
		ex, ey, long := j.A, j.D, t.grid.W
		if t.grid.H > t.grid.W {
			ex, ey, long = j.B, j.E, t.grid.H
		}
		scale := math.Hypot(ex, ey)
		ex, ey = ex/scale, ey/scale
		half := long * scale / 2
		key := all.key(px, py)
		best, bestMiss := pair{}, math.Inf(1)
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				for _, i := range all.cells[[2]int{key[0] + dx, key[1] + dy}] {
					s := own[i]
					along := (s.x-px)*ex + (s.y-py)*ey
					across := (s.y-py)*ex - (s.x-px)*ey
					off := along - s.w/2 + half // of its nearer end
					if right := along + s.w/2 - half; math.Abs(right) < math.Abs(off) {
						off = right
					}
					if miss := math.Hypot(off, across); math.Abs(off) <= tol && math.Abs(across) <= tol && miss < bestMiss {
						bestMiss = miss
						best = pair{x: k.x, y: k.y, px: px + off*ex - across*ey, py: py + off*ey + across*ex, w: 0.5}
					}
				}
			}
		}
		if !math.IsInf(bestMiss, 1) {
			l.pairs = append(l.pairs, best)
			added++
		}
	}
	if added > 0 {
		if fit, agree, ok := robustAffine(l.pairs, 0.07*gp.dpi); ok {
			l.pairs = keep(l.pairs, agree)
			l.m = bend(fit, 1, l.pairs, t.w, t.h, 3.0/planeDPI*gp.dpi)
		}
	}
}
