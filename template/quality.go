package template

import (
	"fmt"
	"image"
	"math"

	"recount/scanner"
)

// FaultKind names what is wrong with a page's paper or its scan.
type FaultKind string

// The kinds of faults.
const (
	// Fold is a thin line across the page that the blank does not print; Streak one down it, as dirt on the scanner's
	// glass draws.
	Fold   FaultKind = "fold"
	Streak FaultKind = "streak"
	// MissingPrint says that part of the blank's print is not where it should be: faint, covered, or out of place.
	MissingPrint FaultKind = "missing-print"
	// Shadow says that the paper carries light grey where the blank is white: the other side showing through, or stains.
	Shadow FaultKind = "show-through"
	// Border is the scanner's black background beside the paper.
	Border FaultKind = "black-border"
)

// Fault is one thing wrong with a page. A Fold and a Streak run from (X0, Y0) to (X1, Y1), in pixels of the scan as given; Share
// is how much of the print is missing, or of the paper is grey, 0 to 1.
type Fault struct {
	Kind           FaultKind
	X0, Y0, X1, Y1 float64
	Share          float64
}

// String says what it is, and how much of it where that counts.
func (f Fault) String() string {
	switch f.Kind {
	case MissingPrint, Shadow:
		return fmt.Sprintf("%s %.0f %%", f.Kind, 100*f.Share)
	}
	return string(f.Kind)
}

// Crosses says whether a fold or streak runs over a rectangle of the scan, in pixels.
func (f Fault) Crosses(x, y, w, h int) bool {
	cx, cy := float64(x)+float64(w)/2, float64(y)+float64(h)/2
	if dx, dy := f.X1-f.X0, f.Y1-f.Y0; math.Abs(dx) > math.Abs(dy) {
		return math.Abs(f.Y0+(cx-f.X0)*dy/dx-cy) <= float64(h)/2
	} else if dy != 0 {
		return math.Abs(f.X0+(cy-f.Y0)*dx/dy-cx) <= float64(w)/2
	}
	return false
}

const (
	// missingShare is the part of the print that must be missing to be named. Sound real scans miss under 1 %, a margin
	// stretched beyond the anchors 6 %.
	missingShare = 0.05
	// shadowDark and shadowShare: paper this much darker than the page's, away from all print and ink, over this part of it.
	// Grain and JPEG noise stay under 1 %, see docs/THRESHOLDS.md.
	shadowDark, shadowShare = 0.10, 0.03
	// shadowNear is how far from ink and print, in plane pixels, paper is asked.
	shadowNear = 3
	// edgeIn is how near the blank's edge a line is the paper's own edge and no fault, inches.
	edgeIn = 0.12
)

// faults names what is wrong with the page, from its comparison with the blank.
func (f *fit) faults(g *image.Gray, pl *plane, c compared) []Fault {
	var out []Fault
	k := float64(pl.k)
	for _, l := range findLines(c, pl) {
		x, y, ok := f.m.inches((l.x0+l.x1)/2, (l.y0+l.y1)/2)
		if !ok || x < edgeIn || y < edgeIn || x > f.blank.w-edgeIn || y > f.blank.h-edgeIn {
			continue
		}
		flat := math.Abs(l.x1-l.x0) > math.Abs(l.y1-l.y0)
		kind := Streak
		if flat == (f.rotation%180 == 0) {
			kind = Fold
		}
		out = append(out, Fault{Kind: kind, X0: l.x0 * k, Y0: l.y0 * k, X1: l.x1 * k, Y1: l.y1 * k})
	}
	if n := c.print.Count(); n > 0 {
		if s := float64(c.lost.Count()) / float64(n); s >= missingShare {
			out = append(out, Fault{Kind: MissingPrint, Share: s})
		}
	}
	wide := c.near.Grow(shadowNear - nearPrint)
	defer wide.Release()
	if s := shadow(g, pl, wide) - f.blank.shade; s >= shadowShare {
		out = append(out, Fault{Kind: Shadow, Share: s})
	}
	if pl.edge {
		out = append(out, Fault{Kind: Border})
	}
	return out
}

// streaksOf names what can be said of a page without its blank: columns of the scan that are dark nearly all the way down.
func streaksOf(p *scanner.Page) []Fault {
	var out []Fault
	for _, s := range p.Quality().Streaks {
		x := float64(s.X0+s.X1) / 2
		out = append(out, Fault{Kind: Streak, X0: x, Y0: 0, X1: x, Y1: float64(p.Gray.Rect.Dy())})
	}
	return out
}

// shadow is the part of the paper, where near says that no ink or print is within shadowNear, that is a little darker than the
// page's paper.
func shadow(g *image.Gray, pl *plane, near *scanner.Bits) float64 {
	var hist [256]int
	n := 0
	for y := 2; y < pl.bits.H; y += 4 {
		row := g.Pix[min(y*pl.k+pl.k/2, g.Rect.Dy()-1)*g.Stride:]
		words := near.Row(y)
		for x := 2; x < pl.bits.W; x += 4 {
			if words[x>>6]>>(x&63)&1 == 0 {
				hist[row[min(x*pl.k+pl.k/2, g.Rect.Dx()-1)]]++
				n++
			}
		}
	}
	if n == 0 {
		return 0
	}
	paper := 255
	for v := 254; v >= 64; v-- {
		if hist[v] > hist[paper] {
			paper = v
		}
	}
	dark := 0
	for v := 0; float64(v) < float64(paper)*(1-shadowDark); v++ {
		dark += hist[v]
	}
	return float64(dark) / float64(n)
}
