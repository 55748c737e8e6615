package template

import (
	"image"
	"math"

	"recount/election"
	"recount/scanner"
)

// People circle names, cross them out, and write a name on the line without filling its target. All of that is ink in the
// name's place: the paper beside the target, on the side where the names stand, up to the next target or the margin.
const (
	// besideFrom is where the name's place begins, inches from the target's white: nearer lies what a sloppy mark reaches.
	besideFrom = 0.10
	// besideTo and besideHigh are its longest reach along the line, and up and down from the target's middle.
	besideTo, besideHigh = 2.6, 0.30
	// besideEdge keeps it off the paper's edge, where scanners draw shadows.
	besideEdge = 0.30
)

// area is a rectangle on a blank, in inches.
type area struct{ x0, y0, x1, y1 float64 }

func (a area) empty() bool { return a.x1-a.x0 < 0.1 || a.y1-a.y0 < 0.05 }

// besideNear is how far from the target a name's print is looked for to tell the side: at 1.5 and 2.0 in the side is right on all 41
// real pages at hand, at 1.0 wrong on one, in full width on two.
const besideNear = 1.75

// nameAreas finds each target's name's place. The names of a page stand on one side of their targets: where print lies on the
// targets' own lines rather than between them, as other columns' does.
func nameAreas(ts []election.Target, w, h float64, ink *scanner.Bits, dpi float64) []area {
	left, right := sides(ts, w, h)
	var inkLeft, inkRight int
	for i, t := range ts {
		l, r := left[i], right[i]
		l.x0, r.x1 = max(l.x0, l.x1-besideNear), min(r.x1, r.x0+besideNear)
		inkLeft += onLine(l, t.Y, ink, dpi)
		inkRight += onLine(r, t.Y, ink, dpi)
	}
	if inkLeft > inkRight {
		return left
	}
	return right
}

// onLine is the ink on a target's line in an area, less that as high above and below it.
func onLine(a area, y float64, ink *scanner.Bits, dpi float64) int {
	n := 0
	for _, band := range [3]struct {
		from, to float64
		sign     int
	}{{-0.05, 0.05, 1}, {-0.15, -0.10, -1}, {0.10, 0.15, -1}} {
		a.y0, a.y1 = y+band.from, y+band.to
		if a.x1-a.x0 >= 0.1 {
			n += band.sign * ink.CountRect(image.Rect(int(a.x0*dpi), int(a.y0*dpi), int(a.x1*dpi), int(a.y1*dpi)))
		}
	}
	return n
}

// sides are the places to both sides of each target where a name may stand.
func sides(ts []election.Target, w, h float64) (left, right []area) {
	left, right = make([]area, len(ts)), make([]area, len(ts))
	for i, t := range ts {
		up, down := besideHigh, besideHigh
		l, r := max(besideEdge, t.X-t.W/2-besideTo), min(w-besideEdge, t.X+t.W/2+besideTo)
		for j, o := range ts {
			dx, dy := o.X-t.X, o.Y-t.Y
			switch {
			case j == i:
			case math.Abs(dx) < (t.W+o.W)/2+besideFrom: // in the same column
				if dy < 0 {
					up = min(up, -dy/2)
				} else {
					down = min(down, dy/2)
				}
			case math.Abs(dy) < besideHigh+o.H/2+besideFrom: // in the next one, and what is marked there may reach this place
				if dx < 0 {
					l = max(l, o.X+o.W/2+besideFrom)
				} else {
					r = min(r, o.X-o.W/2-besideFrom)
				}
			}
		}
		left[i] = area{l, max(besideEdge, t.Y-up), t.X - t.W/2 - besideFrom, min(h-besideEdge, t.Y+down)}
		right[i] = area{t.X + t.W/2 + besideFrom, max(besideEdge, t.Y-up), r, min(h-besideEdge, t.Y+down)}
	}
	return left, right
}

// Beside is, for each of the targets, how much of its name's place is covered by ink the blank does not print there, in
// ten-thousandths. It is nil where the blank was drawn, so that its print is not known.
func (m *Match) Beside(targets []election.Target) []int {
	if m.Strays == nil {
		return nil
	}
	out := make([]int, len(targets))
	k := float64(m.StraysScale)
	for i, a := range nameAreas(targets, m.width, m.height, m.print, m.printDPI) {
		if a.empty() {
			continue
		}
		minX, minY := math.Inf(1), math.Inf(1)
		maxX, maxY := math.Inf(-1), math.Inf(-1)
		for _, c := range [4][2]float64{{a.x0, a.y0}, {a.x1, a.y0}, {a.x0, a.y1}, {a.x1, a.y1}} {
			x, y := m.Map.square(c[0], c[1])
			minX, maxX = math.Min(minX, x), math.Max(maxX, x)
			minY, maxY = math.Min(minY, y), math.Max(maxY, y)
		}
		// A page that lies askew by a degree tilts the place by less than its own rim.
		r := image.Rect(int(math.Ceil(minX/k)), int(math.Ceil(minY/k)), int(maxX/k), int(maxY/k))
		if n := r.Dx() * r.Dy(); n > 0 {
			out[i] = m.Strays.CountRect(r) * 10000 / n
		}
	}
	return out
}
