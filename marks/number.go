package marks

import (
	"image"
	"math"

	"recount/election"
)

// Scanners and imprinters print a serial number on every sheet, where it happens to fall: over a target it is as dark as a pen. What
// tells it from a mark is what stands beside the target in the same line.
const (
	// overDark is the part of the white paper beside an arrow, to each side, that a line of print across it inks: the digits of an
	// imprinter ink five columns of six, a pen that overshoots by a tenth of an inch a quarter.
	overDark = 0.40
	// overNear and overHigh, in inches: a number that begins or ends beside the arrow inks that part of the nearest white paper only, but
	// from this far up to this far down; a pen that overshoots leaves a line.
	overNear, overHigh = 0.15, 0.07
	// besideKnown is the white paper to one side of an oval or box, in inches, and besideRun its narrowest piece, on which a printed number is known
	// that begins or ends in the target; between the letters of a name print that lies off its place would pass for one.
	besideKnown, besideRun = 0.15, 0.05
	// amidFar is how far, in inches, a number is followed among names and rules, whose print hides the paper amidHidden around it: twice what
	// print lies off its place. A column of which amidWhite is left to see counts; digits ink amidDark of the first besideKnown of them, and
	// amidInk at least: of drawn targets without a number the most is 0.015, of those with one nine tenths.
	amidFar, amidHidden = 0.80, 0.02
	amidWhite, amidDark = 0.20, 0.30
	amidInk             = 0.045
	// amidNear is how far a hand overshoots, in inches: up to there the legs of a cross stand above and below the target.
	amidNear = 0.15
)

// numbered says whether a line of print runs over an oval or box and on, or begins or ends in it: what stands on the white paper to one side
// reaches as far and as high as digits do. dx and dy are the shift at which the target was measured.
func (w *window) numbered(scan *image.Gray, sl levels, blank Blank, bl levels, j slope, t election.Target, dx, dy int) bool {
	s := w.along(scan, sl, blank, bl, j, t, float64(dx)*w.step, float64(dy)*w.step, false)
	return s.printedBeside(t.W, w.step, -1) || s.printedBeside(t.W, w.step, 1)
}

// amidPrint says the same where names and rules leave too little white paper beside the target, of what shows between them.
func (w *window) amidPrint(scan *image.Gray, sl levels, blank Blank, bl levels, j slope, t election.Target, all []election.Target, dx, dy int) bool {
	s := w.strip(scan, sl, blank, bl, j, t, float64(dx)*w.step, float64(dy)*w.step, false, amidFar, amidHidden)
	for _, o := range all {
		o.X, o.Y = o.X-t.X, o.Y-t.Y
		if o.X != 0 || o.Y != 0 {
			s.forget(o, w.step) // a mark at another target is its own
		}
	}
	return s.printedAmid(t.W, measuredHigh(t), w.step, -1) || s.printedAmid(t.W, measuredHigh(t), w.step, 1)
}

// forget marks as unknown what lies within a mark's reach of a target, whose place is given from the strip's middle.
func (s *strip) forget(o election.Target, step float64) {
	column := func(u float64) int { return int(u/step + float64(s.n)/2) }
	row := func(v float64) int { return int(v/step + float64(s.m-1)/2) }
	for y := max(0, row(o.Y-o.H/2-margin)); y <= min(s.m-1, row(o.Y+o.H/2+margin)+1); y++ {
		for x := max(0, column(o.X-o.W/2-margin)-1); x <= min(s.n-1, column(o.X+o.W/2+margin)+1); x++ {
			u, v := (float64(x)+0.5-float64(s.n)/2)*step-o.X, (float64(y)-float64(s.m-1)/2)*step-o.Y
			if within(o, math.Abs(u), math.Abs(v), margin) {
				s.known[y*s.n+x] = false
			}
		}
	}
}

// printedOver says whether something stands over the white paper beyond both ends of an arrow, beside its head and its tail: the serial
// number that a scanner printed across the page, which closes the gap like a pen but goes on where no pen does.
func (s *strip) printedOver(long, step float64) bool {
	for _, right := range []bool{false, true} {
		known, dark := 0, 0
		near, top, bottom := 0, s.m, 0 // of the nearest white paper: dark columns, and the rows they reach
		for i := range s.n / 2 {       // from the middle out
			x := s.n/2 + i
			if !right {
				x = s.n - 1 - x
			}
			if (float64(i)+0.5)*step < long/2+throughFrom {
				continue
			}
			white, first, last := s.column(x)
			if !white {
				continue
			}
			if known++; last < 0 {
				continue
			}
			if dark++; float64(known)*step <= overNear {
				near, top, bottom = near+1, min(top, first), max(bottom, last)
			}
		}
		beside := float64(near)*step >= overDark*overNear && float64(bottom-top)*step >= overHigh
		if float64(known)*step < throughKnown || float64(dark) < overDark*float64(known) && !beside {
			return false
		}
	}
	return true
}

// printedBeside says whether print stands on the white paper to one side of an oval or box, to the left (side -1) or right (1).
func (s *strip) printedBeside(long, step float64, side int) bool {
	known, dark, top, bottom := 0, 0, s.m, 0
	run, runDark, runTop, runBottom := 0, 0, s.m, 0
	for i := int((long/2+throughFrom)/step + 0.5); i <= s.n/2; i++ {
		white, first, last := false, 0, 0
		if x := s.n/2 + side*i; i < s.n/2 && x >= 0 && x < s.n {
			white, first, last = s.column(x)
		}
		if white {
			if run++; last >= 0 {
				runDark, runTop, runBottom = runDark+1, min(runTop, first), max(runBottom, last)
			}
			continue
		}
		if float64(run)*step >= besideRun {
			known, dark, top, bottom = known+run, dark+runDark, min(top, runTop), max(bottom, runBottom)
		}
		run, runDark, runTop, runBottom = 0, 0, s.m, 0
	}
	return float64(known)*step >= besideKnown && float64(dark) >= overDark*float64(known) && float64(bottom-top)*step >= overHigh
}

// printedAmid says whether digits show to one side of an oval or box, to the left (side -1) or right (1), between what the blank prints.
func (s *strip) printedAmid(long, high, step float64, side int) bool {
	known, dark, top, bottom := 0, 0, s.m, 0
	for i := int((long/2+throughFrom)/step + 0.5); i < s.n/2; i++ {
		x := s.n/2 + side*i
		if x < 0 || x >= s.n {
			break
		}
		seen, inked := 0, 0
		near := (float64(i)+0.5)*step < long/2+amidNear
		for y := range s.m {
			if near && math.Abs(float64(y)-float64(s.m-1)/2)*step > high/2 || !s.known[y*s.n+x] {
				continue
			}
			if seen++; s.dark[y*s.n+x] {
				inked, top, bottom = inked+1, min(top, y), max(bottom, y)
			}
		}
		if float64(seen) < amidWhite*float64(s.m) {
			continue
		}
		if known++; inked >= 2 {
			dark++
		}
		if float64(known)*step >= besideKnown {
			break
		}
	}
	return float64(dark)*step >= amidInk && float64(dark) >= amidDark*float64(known) && float64(bottom-top)*step >= overHigh
}
