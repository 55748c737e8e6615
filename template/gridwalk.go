package template

import (
	"math"

	"recount/election"
)

// walkWithin is how far, in inches, a mark may lie from where the one before it on its side says. Stretched paper drifts far
// from any mapping of the whole page, but little from mark to mark.
const walkWithin = 0.03

// walk goes along the sides from the marks found to those beside them, and so follows stretch that bending did not reach. It
// also takes marks that are only partly there: cut by the paper's edge, or grown into a code's. The mapping is then bent
// again, with what both sides say of the page between them.
func (gp *gridPage) walk(t *track, l *lattice) {
	at := map[[2]int]pair{}
	for _, p := range l.pairs {
		at[t.index(p)] = p
	}
	near := newNearby(l.own, max(t.grid.W, t.grid.H)*gp.dpi*oddTo)
	sides := t.sides()
	for i := range 2 * len(sides) { // twice round: a corner found on one side begins the next
		side := sides[i%len(sides)]
		for _, back := range []bool{false, true} {
			known, dx, dy := false, 0.0, 0.0
			for i := range side {
				k := side[i]
				if back {
					k = side[len(side)-1-i]
				}
				x, y := l.m.plane(k.x, k.y)
				p, ok := at[[2]int{k.column, k.row}]
				if !ok && known {
					p, ok = gp.step(t, l, near, k, dx, dy)
				}
				if ok {
					at[[2]int{k.column, k.row}] = p
					known, dx, dy = true, p.px-x, p.py-y
				}
			}
		}
	}
	var all []pair
	for _, k := range t.marks {
		if p, ok := at[[2]int{k.column, k.row}]; ok {
			all = append(all, p)
		}
	}
	fit, _, ok := robustAffine(all, 0.07*gp.dpi)
	if !ok {
		return
	}
	l.pairs = all
	l.between = t.between(fit, at)
	l.m = bend(fit, 1, append(append([]pair(nil), all...), l.between...), t.w, t.h, 3.0/planeDPI*gp.dpi)
}

// step looks for a mark near where the mapping puts it, moved by (dx, dy).
func (gp *gridPage) step(t *track, l *lattice, near *nearby, k trackMark, dx, dy float64) (pair, bool) {
	j := l.m.jacobian(k.x, k.y)
	px, py := j.at(k.x, k.y)
	px, py = px+dx, py+dy
	ex, ey, long := j.A, j.D, t.grid.W
	if t.grid.H > t.grid.W {
		ex, ey, long = j.B, j.E, t.grid.H
	}
	scale := math.Hypot(ex, ey)
	ex, ey = ex/scale, ey/scale
	half := long * scale / 2
	tol := walkWithin * gp.dpi
	best, least := pair{}, math.Inf(1)
	near.each(px, py, func(s *block) {
		along := (s.x-px)*ex + (s.y-py)*ey
		across := (s.y-py)*ex - (s.x-px)*ey
		off := along - s.w/2 + half // of its nearer end
		if right := along + s.w/2 - half; math.Abs(right) < math.Abs(off) {
			off = right
		}
		w := 0.5
		if math.Abs(s.w-2*half) < 0.2*half { // whole: its middle is the mark's
			off, w = along, 1
		}
		if miss := math.Hypot(off, across); math.Abs(off) <= tol && math.Abs(across) <= tol && miss < least {
			least = miss
			best = pair{x: k.x, y: k.y, px: px + off*ex - across*ey, py: py + off*ey + across*ex, w: w}
		}
	})
	return best, !math.IsInf(least, 1)
}

// index is the column and row of a pair that was made from a mark.
func (t *track) index(p pair) [2]int {
	for _, k := range t.marks {
		if k.x == p.x && k.y == p.y {
			return [2]int{k.column, k.row}
		}
	}
	return [2]int{-1, -1}
}

// sides lists the marks of each side in order: left, right, top, bottom.
func (t *track) sides() [4][]trackMark {
	var out [4][]trackMark
	for _, k := range t.marks {
		for i, on := range [4]bool{k.column == 0, k.column == len(t.grid.Columns)-1, k.row == 0, k.row == len(t.grid.Rows)-1} {
			if on {
				out[i] = append(out[i], k)
			}
		}
	}
	for i := range out {
		if len(out[i]) < 3 { // the corners of other sides
			out[i] = nil
		}
	}
	return out
}

// betweenEvery is how many inches lie between the points that two opposite marks give, betweenWeight what each counts.
const betweenEvery, betweenWeight = 0.7, 0.3

// between says where the page lies between two opposite sides: a row's point is as far off the flat mapping as its two marks
// are, in proportion. Where one mark is missing its neighbours above and below stand in.
func (t *track) between(flat affine, at map[[2]int]pair) []pair {
	sides := t.sides()
	one, two, down := sides[0], sides[1], true
	if one == nil || two == nil {
		one, two, down = sides[2], sides[3], false
	}
	if one == nil || two == nil || len(one) != len(two) {
		return nil
	}
	a, b := drift(flat, at, one, down), drift(flat, at, two, down)
	var out []pair
	for i := range one {
		if math.IsNaN(a[i][0]) || math.IsNaN(b[i][0]) {
			continue
		}
		length := math.Hypot(two[i].x-one[i].x, two[i].y-one[i].y)
		n := int(length / betweenEvery)
		for j := 1; j < n; j++ {
			f := float64(j) / float64(n)
			p := pair{x: one[i].x + f*(two[i].x-one[i].x), y: one[i].y + f*(two[i].y-one[i].y), w: betweenWeight}
			p.px, p.py = flat.at(p.x, p.y)
			p.px += a[i][0] + f*(b[i][0]-a[i][0])
			p.py += a[i][1] + f*(b[i][1]-a[i][1])
			out = append(out, p)
		}
	}
	return out
}

// fewerMarks is the part of the most marks found in any way that the right one must have. A page cut off at its first row, so
// that its marks fit one row off as well, keeps all that the other way has.
const fewerMarks = 0.85

// contradicted says whether the marks deny the way that the targets chose: another way has many more of them, or they go on
// beyond the first or last row or column on both sides, as they do where all were printed one place off.
func (l *lattice) contradicted(gp *gridPage, g *election.Grid, most *lattice) bool {
	if float64(len(l.pairs)) < fewerMarks*float64(len(most.pairs)) {
		return true
	}
	c, r := len(g.Columns), len(g.Rows)
	on := map[string]bool{}
	for _, s := range g.Sides {
		on[s] = true
	}
	there := func(column, row float64) bool {
		x, y := g.At(column, row)
		px, py := l.m.plane(x, y)
		return l.near.find(px, py, 0.05*gp.dpi) != nil
	}
	for _, end := range []float64{-1, float64(r)} {
		left, right := on["left"] && there(0, end), on["right"] && there(float64(c-1), end)
		if left && right || (left || right) && on["left"] != on["right"] {
			return true
		}
	}
	for _, end := range []float64{-1, float64(c)} {
		top, bottom := on["top"] && there(end, 0), on["bottom"] && there(end, float64(r-1))
		if top && bottom || (top || bottom) && on["top"] != on["bottom"] {
			return true
		}
	}
	return false
}

// drift is how far each mark of a side lies off the flat mapping; NaN where neither it nor one before and one after was found.
func drift(flat affine, at map[[2]int]pair, side []trackMark, down bool) [][2]float64 {
	out := make([][2]float64, len(side))
	last := -1
	pos := func(i int) float64 {
		if down {
			return side[i].y
		}
		return side[i].x
	}
	for i, k := range side {
		out[i] = [2]float64{math.NaN(), math.NaN()}
		p, ok := at[[2]int{k.column, k.row}]
		if !ok {
			continue
		}
		x, y := flat.at(k.x, k.y)
		out[i] = [2]float64{p.px - x, p.py - y}
		for j := last + 1; last >= 0 && j < i; j++ {
			f := (pos(j) - pos(last)) / (pos(i) - pos(last))
			for c := range 2 {
				out[j][c] = out[last][c] + f*(out[i][c]-out[last][c])
			}
		}
		last = i
	}
	return out
}
