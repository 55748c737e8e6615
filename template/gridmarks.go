package template

import "math"

// nearby finds solids by place.
type nearby struct {
	cell  float64
	cells map[[2]int][]int
	all   []block
}

func newNearby(all []block, cell float64) *nearby {
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

// each gives the solids of the cell of (x, y) and of those around it.
func (n *nearby) each(x, y float64, f func(*block)) {
	k := n.key(x, y)
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			for _, i := range n.cells[[2]int{k[0] + dx, k[1] + dy}] {
				f(&n.all[i])
			}
		}
	}
}

// find gives the solid nearest to (x, y) within r, or nil. r is at most a cell.
func (n *nearby) find(x, y, r float64) *block {
	var best *block
	n.each(x, y, func(s *block) {
		if d := math.Hypot(s.x-x, s.y-y); d <= r {
			best, r = s, d
		}
	})
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
	gp.walk(t, l)
	for _, k := range t.marks {
		if px, py := l.m.plane(k.x, k.y); px > 0 && py > 0 && px < gp.w && py < gp.h {
			l.seen++
		}
	}
	return len(l.pairs) >= leastMarks && l.share() >= leastMarkShare
}
