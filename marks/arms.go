package marks

import (
	"math"

	"recount/election"
)

// armInk is the new ink, in square inches, that an eighth of the band around a target must hold to count as a stroke there: a
// fine pen's stroke across the band has three times as much.
const armInk = 0.0003

// arms says in which eighths around the target a stroke reaches well beyond its outline, as bits.
func (w *window) arms(t election.Target, dx, dy int) int {
	sx := w.nx + 2*w.r
	var ink [8]int
	for i, z := range w.zone {
		if z != away {
			continue
		}
		x, y := i%w.nx, i/w.nx
		u, v := (float64(x)+0.5-float64(w.nx)/2)*w.step, (float64(y)+0.5-float64(w.ny)/2)*w.step
		if within(t, math.Abs(u), math.Abs(v), ringTo) || !within(t, math.Abs(u), math.Abs(v), margin) ||
			w.scan[(y+w.r+dy)*sx+x+w.r+dx] < inkDark || w.printed(i) {
			continue
		}
		// The target is drawn out into a circle, so that its corners lie between its sides.
		a := math.Atan2(v/(t.H+2*margin), u/(t.W+2*margin))
		ink[int((a+math.Pi)/(2*math.Pi)*8)%8]++
	}
	mask := 0
	for i, k := range ink {
		if float64(k)*w.step*w.step >= armInk {
			mask |= 1 << i
		}
	}
	return mask
}
