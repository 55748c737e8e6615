package marks

import (
	"math"

	"recount/election"
)

// armInk is the new ink, in square inches, that an eighth of the band around a target must hold to count as a stroke there: a
// fine pen's stroke across the band has three times as much.
const armInk = 0.0003

// An arrow's gap is closed by a line with nothing above or below: there strokes that strike it out are looked for nearer, from
// 0.03 to 0.11 in off the bars, in four quarters, and a row of dots is enough.
const (
	arrowArmFrom, arrowArmTo = 0.03, 0.11
	arrowArmInk              = 0.0001
)

// arrowArms says in which quarters above and below an arrow's gap there is ink, as the bits of the eighths in the middle.
func (w *window) arrowArms(t election.Target, dx, dy int) int {
	sx := w.nx + 2*w.r
	var ink [4]int
	for i := range w.zone {
		x, y := i%w.nx, i/w.nx
		u, v := (float64(x)+0.5-float64(w.nx)/2)*w.step, (float64(y)+0.5-float64(w.ny)/2)*w.step
		if d := math.Abs(v) - t.H/2; math.Abs(u) > t.W/2 || d < arrowArmFrom || d > arrowArmTo ||
			w.scan[(y+w.r+dy)*sx+x+w.r+dx] < inkDark || w.printed(i) {
			continue
		}
		k := 0
		if u > 0 {
			k = 1
		}
		if v > 0 {
			k += 2
		}
		ink[k]++
	}
	mask := 0
	for k, bit := range [4]int{1, 2, 6, 5} {
		if float64(ink[k])*w.step*w.step >= arrowArmInk {
			mask |= 1 << bit
		}
	}
	return mask
}

// arms says in which eighths around the target a stroke reaches well beyond its outline, as bits.
func (w *window) arms(t election.Target, dx, dy int) int {
	if t.Shape == election.Arrow {
		return w.arrowArms(t, dx, dy)
	}
	sx := w.nx + 2*w.r
	var ink [8]int
	from, next := 0, 0 // what carries a row's pixels to the scan's, and where the next row begins
	for i, z := range w.zone {
		if i == next {
			from, next = (i/w.nx+w.r+dy)*sx+w.r+dx-i, next+w.nx
		}
		if z != away || w.scan[from+i] < inkDark || w.printed(i) {
			continue
		}
		x, y := i%w.nx, i/w.nx
		u, v := (float64(x)+0.5-float64(w.nx)/2)*w.step, (float64(y)+0.5-float64(w.ny)/2)*w.step
		if within(t, math.Abs(u), math.Abs(v), ringTo) || !within(t, math.Abs(u), math.Abs(v), margin) {
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
