package template

import (
	"math"

	"recount/election"
)

// sight is what the scan shows where a target's outline should be.
type sight uint8

const (
	hidden  sight = iota // something that may be the outline, or hide it
	nothing              // bare paper
	other                // print that is no outline
	open                 // the outline, white inside
	filled               // the outline's outside, dark inside
)

func (s sight) there() bool { return s == open || s == filled }

// seenOutline is what was seen of one target.
type seenOutline struct {
	sight
	px, py float64 // its middle, points of the grid page
	like   float64 // share of the outline that lies on it
}

const (
	// rimPoints are the places round an outline that are asked.
	rimPoints = 48
	// rimOut and rimIn are how far, in inches, outside and inside the drawn line its outer edge is looked for.
	rimOut, rimIn = 0.05, 0.04
	// rimTol is how far, in inches, a point of the edge may lie off the outline fitted to all.
	rimTol = 0.009
	// rimFound is the share of points that must lie on the outline; print of other shape has under 0.5.
	rimFound, rimOther = 0.75, 0.5
	// thinner and thicker bound the printed line against the drawn one: outlines are printed up to 1.5 points, and scanned thinner.
	thinner, thicker = -0.015, 0.03
	// rimInk is the share of ink inside an outline below which it is open.
	rimInk = 0.2
)

// rimPoint is one point of a drawn outline's outer edge, from the target's middle, and the way outward.
type rimPoint struct{ x, y, nx, ny float64 }

// rim lists points of the outer edge of a target's drawn outline. Ovals are ellipses, or, with pill, straight above and below
// with round ends, as many printers draw them. An arrow has none.
func rim(t election.Target, pill bool) []rimPoint {
	a, b := t.W/2+drawnLine, t.H/2+drawnLine
	out := make([]rimPoint, 0, rimPoints)
	for i := range rimPoints {
		if t.Shape == election.Box { // points of the four sides, away from the corners
			s := (float64(i%12)+0.5)/6 - 1
			p := [4]rimPoint{{s * 0.85 * a, -b, 0, -1}, {a, s * 0.85 * b, 1, 0}, {s * 0.85 * a, b, 0, 1}, {-a, s * 0.85 * b, -1, 0}}[i/12]
			out = append(out, p)
			continue
		}
		sin, cos := math.Sincos(2 * math.Pi * (float64(i) + 0.5) / rimPoints)
		if pill {
			// The way outward turns with the angle on the round ends; the straights take the points that look nearly up or down.
			r := min(a, b)
			nx, ny := cos, sin
			switch x, y := a*cos, b*sin; {
			case a >= b && math.Abs(x) < a-b:
				out = append(out, rimPoint{x, math.Copysign(b, y), 0, math.Copysign(1, y)})
			case a < b && math.Abs(y) < b-a:
				out = append(out, rimPoint{math.Copysign(a, x), y, math.Copysign(1, x), 0})
			default:
				out = append(out, rimPoint{math.Copysign(a-r, x) + r*nx, math.Copysign(b-r, y) + r*ny, nx, ny})
			}
			continue
		}
		n := math.Hypot(cos/a, sin/b)
		out = append(out, rimPoint{a * cos, b * sin, cos / a / n, sin / b / n})
	}
	return out
}

// inkAt says whether the fine bits are dark at a point of the grid page.
func (gp *gridPage) inkAt(x, y float64) bool {
	k := float64(gp.pl.k) / gp.fk
	return gp.fine.At(int(math.Floor(x*k)), int(math.Floor(y/gp.ratio*k)))
}

// look asks the scan for a target's outline where the mapping puts it.
func (gp *gridPage) look(j affine, t election.Target) seenOutline {
	o := seenOutline{}
	o.px, o.py = j.at(t.X, t.Y)
	if o.px < 0 || o.py < 0 || o.px >= gp.w || o.py >= gp.h {
		return o
	}
	if t.Shape == election.Arrow {
		o.sight = gp.lookArrow(j, t)
		return o
	}
	at := func(x, y float64) bool { return gp.inkAt(j.at(t.X+x, t.Y+y)) }
	step := 0.7 * gp.fk / float64(gp.pl.k) / j.scale()
	dx, dy, on, bare := findRim(rim(t, false), step, at)
	if t.Shape == election.Oval && on > 0 && on*10 < 9*rimPoints {
		if x, y, n, _ := findRim(rim(t, true), step, at); n > on {
			dx, dy, on = x, y, n
		}
	}
	o.like = float64(on) / rimPoints
	inside, n := 0, 0
	for v := -0.6; v <= 0.61; v += 0.1 {
		for u := -0.6; u <= 0.61; u += 0.1 {
			n++
			if at(dx+u*t.W/2, dy+v*t.H/2) {
				inside++
			}
		}
	}
	ink := float64(inside) / float64(n)
	switch {
	case o.like >= rimFound && ink <= rimInk:
		o.sight = open
	case o.like >= rimFound:
		o.sight = filled
	case bare*10 >= 9*rimPoints && inside == 0:
		o.sight = nothing
	case o.like < rimOther:
		o.sight = other
	}
	o.px, o.py = j.at(t.X+dx, t.Y+dy)
	return o
}

// findRim looks for an outline's outer edge around a place: from outside in, the first ink. It gives how far from there the
// outline lies, in inches, how many of its points lie on it, and at how many there is no ink.
func findRim(points []rimPoint, step float64, ink func(x, y float64) bool) (dx, dy float64, on, bare int) {
	edge := make([]float64, len(points)) // inches outside the drawn edge; NaN where there is none
	for i, p := range points {
		edge[i] = math.NaN()
		white := false
		e := rimOut
		for ; e > -rimIn; e -= step {
			dark := ink(p.x+e*p.nx, p.y+e*p.ny)
			if white && dark {
				edge[i] = e
				break
			}
			white = white || !dark
		}
		if white && e <= -rimIn {
			bare++
		}
	}
	dx, dy, _, on = fitRim(points, edge)
	return dx, dy, on, bare
}

// fitRim finds the shift, and how much thicker the line is, that most edge points agree on, and how many those are.
func fitRim(points []rimPoint, edge []float64) (dx, dy, thick float64, on int) {
	miss := func(i int, x, y, t float64) float64 { return math.Abs(edge[i] - points[i].nx*x - points[i].ny*y - t) }
	best := -1
	for y := -0.03; y <= 0.031; y += 0.01 {
		for x := -0.03; x <= 0.031; x += 0.01 {
			for t := thinner; t <= thicker; t += 0.0075 {
				n := 0
				for i := range edge {
					if miss(i, x, y, t) <= 0.012 { // never true of NaN
						n++
					}
				}
				if n > best {
					best, dx, dy, thick = n, x, y, t
				}
			}
		}
	}
	for range 4 {
		var m [3][4]float64
		for i, p := range points {
			if !(miss(i, dx, dy, thick) <= rimTol) {
				continue
			}
			row := [4]float64{p.nx, p.ny, 1, edge[i]}
			for a := range 3 {
				for b := range 4 {
					m[a][b] += row[a] * row[b]
				}
			}
		}
		v, ok := solve3(m)
		if !ok {
			break
		}
		dx, dy, thick = v[0], v[1], v[2]
	}
	if math.Hypot(dx, dy) > 0.045 || thick < thinner-rimTol || thick > thicker {
		return 0, 0, 0, 0
	}
	for i := range edge {
		if miss(i, dx, dy, thick) <= rimTol {
			on++
		}
	}
	return dx, dy, thick, on
}

// solve3 solves three equations by Cramer's rule; ok is false where they do not fix the three unknowns.
func solve3(m [3][4]float64) (v [3]float64, ok bool) {
	det := func(a, b, c int) float64 {
		return m[0][a]*(m[1][b]*m[2][c]-m[1][c]*m[2][b]) - m[0][b]*(m[1][a]*m[2][c]-m[1][c]*m[2][a]) + m[0][c]*(m[1][a]*m[2][b]-m[1][b]*m[2][a])
	}
	d := det(0, 1, 2)
	if d < 1 { // fewer than some six points, or all on one side
		return v, false
	}
	return [3]float64{det(3, 1, 2) / d, det(0, 3, 2) / d, det(0, 1, 3) / d}, true
}

// lookArrow asks for the bars to both sides of an arrow's gap, and white above and below them.
func (gp *gridPage) lookArrow(j affine, t election.Target) sight {
	count := func(x0, x1, y0, y1 float64) float64 {
		n, all := 0, 0
		for v := 0.05; v < 1; v += 0.1 {
			for u := 0.05; u < 1; u += 0.1 {
				all++
				if gp.inkAt(j.at(t.X+x0+u*(x1-x0), t.Y+y0+v*(y1-y0))) {
					n++
				}
			}
		}
		return float64(n) / float64(all)
	}
	a, b := t.W/2, t.H/2
	left, right := count(-a-0.06, -a-0.015, -0.8*b, 0.8*b), count(a+0.015, a+0.06, -0.8*b, 0.8*b)
	gap := count(-0.7*a, 0.7*a, -0.8*b, 0.8*b)
	off := max(count(-0.7*a, 0.7*a, b+0.02, b+0.05), count(-0.7*a, 0.7*a, -b-0.05, -b-0.02))
	switch {
	case left > 0.8 && right > 0.8 && off < 0.25 && gap <= rimInk:
		return open
	case left > 0.8 && right > 0.8 && off < 0.25:
		return filled
	case left+right+gap == 0:
		return nothing
	case left < 0.4 && right < 0.4:
		return other
	}
	return hidden
}
