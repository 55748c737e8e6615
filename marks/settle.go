package marks

import (
	"math"

	"recount/election"
)

// grown is a target's white grown by a length, asked pixel by pixel of its window: what its ellipse's equation takes from a
// column and from a row is reckoned once.
type grown struct {
	box  bool
	x, y []float64 // above 1 where nothing of it lies
}

// grown prepares the target's white grown by d inches, in the k-th scratch.
func (w *window) grown(k int, t election.Target, d float64) grown {
	g := &w.grow[k]
	g.box = t.Shape == election.Box
	g.x, g.y = resize(g.x, w.nx), resize(g.y, w.ny)
	along := func(out []float64, half float64) {
		for i := range out {
			u := math.Abs(float64(i)+0.5-float64(len(out))/2) * w.step
			switch {
			case half <= 0 || u > half:
				out[i] = 9
			default:
				out[i] = u * u / (half * half)
			}
		}
	}
	along(g.x, t.W/2+d)
	along(g.y, t.H/2+d)
	return *g
}

// holds says whether a pixel of the window lies in it.
func (g *grown) holds(x, y int) bool {
	a, b := g.x[x], g.y[y]
	return a+b <= 1 || g.box && a <= 1 && b <= 1
}

// want is a pixel that should be dark, or white, and what it counts: its place in the scan's window, shifted as far left and up
// as it can be.
type want struct {
	i int32
	w float32
}

// restStep is how many wants are summed between two looks at whether the rest can still matter.
const restStep = 128

// settle finds the shift, in window pixels, at which the print around the target lies on the blank's. The voter's part, the
// white inside, has no say.
func (w *window) settle() (int, int) {
	sx := w.nx + 2*w.r
	wants := w.wants[:0]
	for y := range w.ny {
		row, blank := w.zone[y*w.nx:(y+1)*w.nx], w.blank[y*w.nx:(y+1)*w.nx]
		for x, z := range row {
			if z == core || z == inside {
				continue
			}
			d := blank[x]
			if d >= printDark || z == edge && d >= 0.6*w.outlineInk {
				k := float32(1)
				if z == edge {
					k = 2 // the outline itself is the best witness of where the target is
				}
				wants = append(wants, want{int32(y*sx + x), k * d})
			} else if d < 0.15 && z != away {
				wants = append(wants, want{int32(y*sx + x), -0.5})
			}
		}
	}
	w.wants = wants
	if n := 2*w.r + 1; len(w.shifts) != n*n {
		w.shifts = spiral(w.r)
	}
	// What the wants from each step on can add at most: darkness is 1 at most.
	w.rest = resize(w.rest, len(wants)/restStep+1)
	sum := float32(0)
	for k := len(wants) - 1; k >= 0; k-- {
		sum += max(0, wants[k].w)
		if k%restStep == 0 {
			w.rest[k/restStep] = sum*1.0001 + 0.0002*float32(len(wants)-k) // with room for rounding
		}
	}
	bestX, bestY, best := 0, 0, float32(math.Inf(-1))
	for n := 0; n < len(w.shifts); n += 4 { // four at a time: one sum alone waits for each of its terms
		var off [4]int
		four := w.shifts[n:min(n+4, len(w.shifts))]
		for k, o := range four {
			off[k] = (o.Y+w.r)*sx + o.X + w.r
		}
		limit := float32(math.Inf(-1))
		if n > 0 {
			limit = best*1.002 + 0.01
		}
		s, ok := w.sums(&off, limit)
		if !ok {
			continue
		}
		for k, o := range four {
			if s[k] > best*1.002+0.01 || math.IsInf(float64(best), -1) { // a further place must be better, not equal
				bestX, bestY, best = o.X, o.Y, s[k]
			}
		}
	}
	return bestX, bestY
}

// sums are the wants' sums at four shifts, each in the wants' order; ok is false where none can be over the limit.
func (w *window) sums(off *[4]int, limit float32) (s [4]float32, ok bool) {
	a, b, c, d := w.scan[off[0]:], w.scan[off[1]:], w.scan[off[2]:], w.scan[off[3]:]
	var sa, sb, sc, sd float32
	for from := 0; from < len(w.wants); from += restStep {
		if max(sa, sb, sc, sd)+w.rest[from/restStep] <= limit {
			return s, false
		}
		for _, q := range w.wants[from:min(from+restStep, len(w.wants))] {
			sa += q.w * a[q.i]
			sb += q.w * b[q.i]
			sc += q.w * c[q.i]
			sd += q.w * d[q.i]
		}
	}
	return [4]float32{sa, sb, sc, sd}, true
}
