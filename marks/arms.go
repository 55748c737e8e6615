package marks

import (
	"math"

	"recount/election"
)

// armInk is the new ink, in square inches, that an eighth of the band around a target must hold to count as a stroke there: a
// fine pen's stroke across the band has three times as much.
const armInk = 0.0003

// A blur makes thin strokes paler than what they strike out: those that reach beyond a target are ink from armPart of the mark's own darkness
// on, but not below armPale, as dark as what shines through.
const armPart, armPale = 0.45, 0.20

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

// armGap is how far apart, in inches, specks of ink are that belong to one stroke: dithered and worn strokes are rows of dots.
const armGap = 0.012

// tailInk is the ink, in square inches, that one stroke leaves in the band at most: a felt pen's of 0.042 in, slanting. The edge of a hole
// or a blot leaves more, and counts in every eighth it reaches.
const tailInk = 0.003

// rivalEdge is how far beyond a neighbouring target's white, in inches, what is dark is its own: its outline, and the pixel or two
// by which print lies off print.
const rivalEdge = outlineWide + 0.015

// arms says in which eighths around the target a stroke reaches well beyond its outline, as bits. A stroke that does comes out
// of the target, through the ring just outside; what lies there alone is another target's mark, or print that moved. dark is the mark's own.
func (w *window) arms(t election.Target, dx, dy int, others []election.Target, dark Score) int {
	if t.Shape == election.Arrow {
		return w.arrowArms(t, dx, dy)
	}
	sx := w.nx + 2*w.r
	least := min(inkDark, max(armPale, armPart*float32(dark)/10000))
	rivals := w.rivals(t, others)
	w.band = w.band[:0]
	var near [8]int
	from, next := 0, 0 // what carries a row's pixels to the scan's, and where the next row begins
	for i, z := range w.zone {
		if i == next {
			from, next = (i/w.nx+w.r+dy)*sx+w.r+dx-i, next+w.nx
		}
		if z != away && z != ring || w.scan[from+i] < least || w.printed(i) {
			continue
		}
		u, v := w.offMiddle(i)
		if z == ring {
			near[w.eighth(t, u, v)]++
			continue
		}
		if within(t, math.Abs(u), math.Abs(v), ringTo) || !within(t, math.Abs(u), math.Abs(v), margin) || ofRival(rivals, u, v) {
			continue
		}
		w.band = append(w.band, int32(i))
	}
	if len(w.band) == 0 {
		return 0
	}
	mask := 0
	for k, n := range w.strokes(t) {
		through := near[k] + near[(k+1)%8] + near[(k+7)%8]
		if float64(n)*w.step*w.step >= armInk && 3*float64(through)*w.step*w.step >= armInk {
			mask |= 1 << k
		}
	}
	return mask
}

// offMiddle is how far a pixel of the window lies off the target's middle, in inches.
func (w *window) offMiddle(i int) (u, v float64) {
	return (float64(i%w.nx) + 0.5 - float64(w.nx)/2) * w.step, (float64(i/w.nx) + 0.5 - float64(w.ny)/2) * w.step
}

// eighth is the part of the circle around the target in which a point lies. The target is drawn out into a circle, so that its
// corners lie between its sides.
func (w *window) eighth(t election.Target, u, v float64) int {
	a := math.Atan2(v/(t.H+2*margin), u/(t.W+2*margin))
	return int((a+math.Pi)/(2*math.Pi)*8) % 8
}

// rivals are the targets that reach into the band about this one, their places given from this one's middle.
func (w *window) rivals(t election.Target, others []election.Target) []election.Target {
	var out []election.Target
	for _, o := range others {
		o.X, o.Y = o.X-t.X, o.Y-t.Y
		if (o.X != 0 || o.Y != 0) && math.Abs(o.X) < (t.W+o.W)/2+margin+rivalEdge && math.Abs(o.Y) < (t.H+o.H)/2+margin+rivalEdge {
			out = append(out, o)
		}
	}
	return out
}

func ofRival(rivals []election.Target, u, v float64) bool {
	for _, o := range rivals {
		if within(o, math.Abs(u-o.X), math.Abs(v-o.Y), rivalEdge) {
			return true
		}
	}
	return false
}

// strokes counts the ink of the band in each eighth. One stroke that lies across the border between two counts in that which
// holds more of it: a tick's tail is one stroke wherever it points.
func (w *window) strokes(t election.Target) (ink [8]int) {
	reach := max(1, int(math.Round(armGap/w.step)))
	seen := resize(w.seen, len(w.zone))
	for i := range seen {
		seen[i] = true
	}
	for _, i := range w.band {
		seen[i] = false
	}
	w.seen = seen
	stack := w.stack[:0]
	for _, start := range w.band {
		if seen[start] {
			continue
		}
		seen[start] = true
		stack = append(stack[:0], start)
		var in [8]int
		for len(stack) > 0 {
			i := int(stack[len(stack)-1])
			stack = stack[:len(stack)-1]
			u, v := w.offMiddle(i)
			in[w.eighth(t, u, v)]++
			x, y := i%w.nx, i/w.nx
			for yy := max(0, y-reach); yy <= min(w.ny-1, y+reach); yy++ {
				for xx := max(0, x-reach); xx <= min(w.nx-1, x+reach); xx++ {
					if k := yy*w.nx + xx; !seen[k] {
						seen[k] = true
						stack = append(stack, int32(k))
					}
				}
			}
		}
		parts := 0
		for _, n := range in {
			if n > 0 {
				parts++
			}
		}
		for k, n := range in {
			j := (k + 1) % 8
			if parts == 2 && n > 0 && in[j] > 0 && float64(n+in[j])*w.step*w.step <= tailInk {
				if both := n + in[j]; n < in[j] {
					in[k], in[j] = 0, both
				} else {
					in[k], in[j] = both, 0
				}
				break
			}
		}
		for k, n := range in {
			ink[k] += n
		}
	}
	w.stack = stack
	return ink
}
