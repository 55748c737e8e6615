package marks

import (
	"image"
	"math"

	"recount/election"
)

// A fold, a streak of the scanner's glass, a hair or a printer's scratch can run through a target and be as dark as a pen.
// What tells it from a mark is that it does not end: hands lift the pen within a fifth of an inch of the oval, damage goes
// on. So where ink leaves a target on two opposite sides, it is followed.
const (
	// throughFrom and throughTo are how far from the outline a line is followed to each side, inches.
	throughFrom, throughTo = 0.04, 0.60
	// throughKnown is how much of that, in inches, must be paper the blank leaves white: what the line does under print
	// cannot be seen. A name in bold leaves 0.075 of a line through it.
	throughKnown = 0.07
	// throughFar is the paper to one side, in inches, on which a line is known for one although print hides the other side.
	throughFar = 0.20
	// throughDark is the part of that paper that must be dark, and of the way across the inside: a fold in a scan of black
	// and white is a row of dots.
	throughDark = 0.70
	// throughInk is how dark a point of the line is: as dark as what shines through, for a fold is not as dark everywhere as where it
	// is a mark. One of 0.40 in targets has stretches of 0.25 (drawn).
	throughInk = 0.20
	// throughGap is the longest white stretch in it, inches.
	throughGap = 0.06
	// throughSlope is the steepest line followed, rise by run: paper folds along its edges, and the mapping has taken
	// the page's own slant out.
	throughSlope, throughSteps = 0.06, 4
	// streakOthers is how many other targets a line straight down the scan runs through before it is one that runs through all.
	streakOthers = 3
)

// The names in Mark.Damage.
const (
	LineAcross = "line across" // along the target's width, as a fold across the page runs
	LineDown   = "line down"   // along its height, as a streak of the scanner's glass runs
	Number     = "number"      // print over the target and the white paper beside it
	// Covered is not measured here: the print beside the target is hidden, or is not the blank's.
	Covered = "covered"
	// Unheld is not measured here: nothing found near the target says that the mapping is right there.
	Unheld = "position"
	// Unread is not measured here: nobody measured the target, whose page was entered by hand.
	Unread = "unread"
)

// crossed names the line that runs through the target and on, or gives "". It asks only where ink leaves the target on both
// sides; dx and dy are the shift at which the target was measured.
func (w *window) crossed(scan *image.Gray, sl levels, blank Blank, bl levels, j slope, t election.Target, dx, dy int) string {
	left, right, up, down := w.leaves(t, dx, dy)
	ox, oy := float64(dx)*w.step, float64(dy)*w.step
	if left && right && w.followed(scan, sl, blank, bl, j, t, ox, oy, false) {
		return LineAcross
	}
	if up && down && w.followed(scan, sl, blank, bl, j, t, ox, oy, true) {
		return LineDown
	}
	return ""
}

// measuredHigh is how high ink is looked for in a target.
func measuredHigh(t election.Target) float64 {
	if t.Shape == election.Arrow {
		return t.H + 2*arrowSlack
	}
	return t.H
}

// leaves says on which sides of the target ink stands just outside the outline, or could stand under print.
func (w *window) leaves(t election.Target, dx, dy int) (left, right, up, down bool) {
	sx := w.nx + 2*w.r
	for i, z := range w.zone {
		if z != ring && z != away {
			continue
		}
		x, y := i%w.nx, i/w.nx
		u, v := (float64(x)+0.5-float64(w.nx)/2)*w.step, (float64(y)+0.5-float64(w.ny)/2)*w.step
		beside, above := math.Abs(v) <= measuredHigh(t)/2, math.Abs(u) <= t.W/2
		if beside == above || beside && math.Abs(u) > t.W/2+ringTo || above && math.Abs(v) > t.H/2+ringTo {
			continue
		}
		if w.scan[(y+w.r+dy)*sx+x+w.r+dx] < inkDark && !w.printed(i) {
			continue
		}
		switch {
		case beside && u < -t.W/2-ringFrom:
			left = true
		case beside && u > t.W/2+ringFrom:
			right = true
		case above && v < -t.H/2-ringFrom:
			up = true
		case above && v > t.H/2+ringFrom:
			down = true
		}
	}
	return left, right, up, down
}

// strip is the paper along one axis of a target, far to both sides: for each point along and across, whether it is dark and
// whether the blank leaves it white.
type strip struct {
	n, m  int // points along and across
	dark  []bool
	known []bool
}

// followed looks for a line in the strip through the target along its width, or its height.
func (w *window) followed(scan *image.Gray, sl levels, blank Blank, bl levels, j slope, t election.Target, ox, oy float64, vertical bool) bool {
	long, short := t.W, measuredHigh(t)
	if vertical {
		long, short = t.H, t.W
	}
	s := w.along(scan, sl, blank, bl, j, t, ox, oy, vertical)
	for c := (s.m - int(short/w.step)) / 2; c < (s.m+int(short/w.step))/2; c++ {
		for k := -throughSteps; k <= throughSteps; k++ {
			if s.line(float64(c), throughSlope*float64(k)/throughSteps, long, w.step) {
				w.note(j, (float64(c)-float64(s.m-1)/2)*w.step, vertical)
				return true
			}
		}
	}
	return t.Shape == election.Arrow && !vertical && s.printedOver(long, w.step)
}

// along samples the strip through the target along its width, or its height.
func (w *window) along(scan *image.Gray, sl levels, blank Blank, bl levels, j slope, t election.Target, ox, oy float64, vertical bool) strip {
	return w.strip(scan, sl, blank, bl, j, t, ox, oy, vertical, throughTo, 2*w.step)
}

// strip is along for a strip that reaches so far beyond the target, in which print hides so much paper around it, in inches.
func (w *window) strip(scan *image.Gray, sl levels, blank Blank, bl levels, j slope, t election.Target, ox, oy float64, vertical bool, far, hidden float64) strip {
	long, short := t.W, measuredHigh(t)
	if vertical {
		long, short = t.H, t.W
	}
	half := long/2 + far
	side := short/2 + throughSlope*half
	s := strip{n: 2 * int(half/w.step), m: 2*int(side/w.step) + 1}
	darkness, printed := make([]float32, s.n*s.m), make([]float32, s.n*s.m)
	s.dark, s.known = make([]bool, s.n*s.m), make([]bool, s.n*s.m)
	for y := range s.m {
		across := (float64(y) - float64(s.m-1)/2) * w.step
		for x := range s.n {
			u, v := (float64(x)+0.5-float64(s.n)/2)*w.step, across
			if vertical {
				u, v = v, u
			}
			i := y*s.n + x
			printed[i] = bilinear(blank.Gray, (t.X+u)*blank.DPI-0.5, (t.Y+v)*blank.DPI-0.5)
			px, py := j.px+j.xx*(u+ox)+j.xy*(v+oy)-0.5, j.py+j.yx*(u+ox)+j.yy*(v+oy)-0.5
			darkness[i] = bilinear(scan, px, py)
			s.known[i] = px >= 0 && py >= 0 && px < float64(scan.Rect.Dx()-1) && py < float64(scan.Rect.Dy()-1)
		}
	}
	sl.darken(darkness)
	bl.darken(printed)
	for i, d := range darkness {
		s.dark[i] = d >= throughInk
	}
	s.hide(printed, int(hidden/w.step+0.5))
	return s
}

// note keeps where a line through a target runs down the scan; off is how far it lies from the target's middle, across the line.
func (w *window) note(j slope, off float64, vertical bool) {
	down, x := math.Abs(j.yy) > math.Abs(j.yx), j.px+j.xx*off // the page stands upright, or on its head
	if !vertical {
		down, x = math.Abs(j.yx) > math.Abs(j.yy), j.px+j.xy*off
	}
	if down {
		w.columns = append(w.columns, x)
	}
}

// streaked names the line down the scan that runs through a target where the target alone could not tell: a streak of the glass runs
// through others above and below, but at a target under a printed heading there is no white paper to follow it on.
func (w *window) streaked(ms []Mark) {
	for i := range ms {
		k := &ms[i]
		if k.Damage != "" || k.Fill == 0 {
			continue
		}
		n := 0
		for _, x := range w.columns {
			if x >= float64(k.X)-1 && x <= float64(k.X+k.W)+1 {
				n++
			}
		}
		if n >= streakOthers {
			k.Damage = LineDown
		}
	}
}

// column looks at one column of the strip: whether most of it is paper that the blank leaves white, and the rows between which that is dark;
// first is above last where none is.
func (s *strip) column(x int) (white bool, first, last int) {
	seen := 0
	first, last = s.m, -1
	for y := range s.m {
		if s.known[y*s.n+x] {
			seen++
			if s.dark[y*s.n+x] {
				first, last = min(first, y), y
			}
		}
	}
	return 4*seen >= 3*s.m, first, last
}

// hide marks the points as unknown where the blank prints, or prints within so many points.
func (s *strip) hide(printed []float32, r int) {
	for i, d := range printed {
		if d < printDark {
			continue
		}
		x, y := i%s.n, i/s.n
		for yy := max(0, y-r); yy <= min(s.m-1, y+r); yy++ {
			for xx := max(0, x-r); xx <= min(s.n-1, x+r); xx++ {
				s.known[yy*s.n+xx] = false
			}
		}
	}
}

// line says whether a line through row c of the strip's middle, rising by slope, is dark across the target and far to both sides.
func (s *strip) line(c, slope, long, step float64) bool {
	var known, dark, gap, widest [3]int // left, inside, right
	for x := range s.n {
		along := (float64(x) + 0.5 - float64(s.n)/2) * step
		part := 1
		switch {
		case along < -long/2-throughFrom:
			part = 0
		case along > long/2+throughFrom:
			part = 2
		case math.Abs(along) > long/2-inset:
			continue // the outline
		}
		y := int(math.Round(c + slope*(float64(x)-float64(s.n)/2)))
		if y < 1 || y >= s.m-1 || !s.known[y*s.n+x] {
			continue
		}
		known[part]++
		if s.darkNear(x, y) {
			dark[part]++
			gap[part] = 0
			continue
		}
		gap[part]++
		widest[part] = max(widest[part], gap[part])
	}
	for part, n := range known {
		switch other := float64(known[2-part]) * step; {
		case part == 1 && n == 0:
			return false
		case part != 1 && float64(n)*step < throughKnown && other < throughFar:
			return false
		}
		if float64(dark[part]) < throughDark*float64(n) || float64(widest[part])*step > throughGap {
			return false
		}
	}
	return true
}

// darkNear says whether the point or one of its eight neighbours is dark.
func (s *strip) darkNear(x, y int) bool {
	for yy := y - 1; yy <= y+1; yy++ {
		for xx := max(0, x-1); xx <= min(s.n-1, x+1); xx++ {
			if s.dark[yy*s.n+xx] {
				return true
			}
		}
	}
	return false
}
