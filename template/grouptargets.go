package template

import (
	"image"
	"math"
	"math/bits"
	"sort"

	"recount/election"
	"recount/scanner"
)

func trailing(w uint64) int { return bits.TrailingZeros64(w) }

// sighting is a place that looks like a target on some pages.
type sighting struct {
	Found
	pages int
}

// gather joins what was found at one place on several pages, in one size.
func gather(cands [][]Found) []sighting {
	type cluster struct {
		all  []Found
		last int
	}
	var cs []*cluster
	for i, fs := range cands {
		for _, f := range fs {
			best, r := (*cluster)(nil), 0.05
			for _, c := range cs {
				if d := math.Hypot(c.all[0].X-f.X, c.all[0].Y-f.Y); d <= r && c.last != i+1 && alike(c.all[0], f) {
					best, r = c, d
				}
			}
			if best == nil {
				best = &cluster{}
				cs = append(cs, best)
			}
			best.all, best.last = append(best.all, f), i+1
		}
	}
	var out []sighting
	for _, c := range cs {
		mid := func(v func(Found) float64) float64 {
			var s []float64
			for _, f := range c.all {
				s = append(s, v(f))
			}
			sort.Float64s(s)
			return s[len(s)/2]
		}
		f := c.all[0]
		f.X, f.Y = mid(func(f Found) float64 { return f.X }), mid(func(f Found) float64 { return f.Y })
		f.W, f.H = mid(func(f Found) float64 { return f.W }), mid(func(f Found) float64 { return f.H })
		out = append(out, sighting{f, len(c.all)})
	}
	return out
}

// often keeps the places seen on more than one page: a hand draws no white twice at one place and size.
func often(all []sighting, pages int) []Found {
	var out []Found
	for _, s := range all {
		if s.pages > 1 || pages < 2 {
			out = append(out, s.Found)
		}
	}
	return out
}

// learnTarget is a target of a learned blank.
type learnTarget struct {
	Found
	number   int
	unmarked int // pages that show it without a mark
	never    bool
	doubt    string
}

// targets lists the places where every page prints an outline of the common size, seen empty on one page or more; those
// that every page shows filled, where they stand in a column of targets and also in a row of them or are filled by unlike
// hands; and the dark shapes of the same size that may be print.
// line is how thick, in inches, the outlines are printed.
func (lo *laidOut) targets(clean *scanner.Bits) (ts []learnTarget, dark []darkShape, line float64) {
	seen := gather(lo.cands)
	fam := commonest(often(seen, len(lo.pages)))
	if len(fam) == 0 {
		return nil, nil, 0
	}
	even(fam)
	size := fam[0]
	for _, s := range seen {
		if !alike(size, s.Found) {
			continue
		}
		s.Shape = size.Shape           // one outline's corners are softer than another's, the print is one
		if s.Shape == election.Arrow { // a gap: a mark closes it, so it is seen on the pages without
			if s.pages > 1 {
				ts = append(ts, learnTarget{Found: s.Found})
			}
			continue
		}
		ring, n := ringPoints(s.Found, lo.dpi), 0
		for _, b := range lo.thick {
			if covered(b, s.Found, lo.dpi, ring) {
				n++
			}
		}
		if 5*n >= 4*len(lo.pages) && nearestTarget(ts, s.X, s.Y, 0.05) < 0 {
			ts = append(ts, learnTarget{Found: s.Found})
		}
	}
	if size.Shape == election.Arrow {
		return ts, nil, 0
	}
	line = outlineLine(clean, ts, lo.dpi)
	outer := size
	outer.W, outer.H = size.W+2*line, size.H+2*line
	open := len(ts)
	for _, f := range solids(lo.common, outer, lo.dpi, 0.07) {
		if nearestTarget(ts, f.X, f.Y, 0.08) >= 0 {
			continue
		}
		column, row := 0, 0
		for _, t := range ts[:open] {
			if math.Abs(t.X-f.X) < inLine {
				column++
			}
			if math.Abs(t.Y-f.Y) < inLine {
				row++
			}
		}
		g := size
		g.X, g.Y = f.X, f.Y
		switch {
		case !covered(lo.common, g, lo.dpi, ringPoints(g, lo.dpi)):
		case column >= 2 && (row >= 1 || lo.varies(f.Found)):
			ts = append(ts, learnTarget{Found: g, never: true})
		case f.share >= dense:
			dark = append(dark, darkShape{g, column >= 2})
		}
	}
	return ts, dark, line
}

// inLine is how far, in inches, targets of one column or row stand from their line at most, on a page not quite straight.
const inLine = 0.04

// darkShape is dark, of a target's size and the same on every page: a picture of a mark, or a target that everybody filled.
type darkShape struct {
	Found
	inColumn bool // of targets
}

// dense is the share of its box that is dark in a filled oval (0.79) or box (1) and in no letter of that size.
const dense = 0.64

func nearestTarget(ts []learnTarget, x, y, r float64) int {
	best := -1
	for i, t := range ts {
		if d := math.Hypot(t.X-x, t.Y-y); d <= r {
			best, r = i, d
		}
	}
	return best
}

// covered says whether most of an outline is printed.
func covered(thick *scanner.Bits, f Found, dpi float64, ring []image.Point) bool {
	cx, cy, n := int(f.X*dpi), int(f.Y*dpi), 0
	for _, p := range ring {
		if thick.At(cx+p.X, cy+p.Y) {
			n++
		}
	}
	return 5*n >= 4*len(ring)
}

// outlineLine is how thick, in inches, the outlines are printed: the median to the left and right of the empty ones.
func outlineLine(clean *scanner.Bits, ts []learnTarget, dpi float64) float64 {
	var runs []int
	for _, t := range ts {
		cx, cy := int(t.X*dpi), int(t.Y*dpi)
		for _, step := range []int{-1, 1} {
			x := cx
			for ; abs(x-cx) < int(t.W*dpi) && !clean.At(x, cy); x += step {
			}
			n := 0
			for ; n < 12 && clean.At(x, cy); x += step {
				n++
			}
			if n > 0 && abs(x-cx) > int(t.W*dpi/3) {
				runs = append(runs, n)
			}
		}
	}
	if len(runs) == 0 {
		return 0
	}
	sort.Ints(runs)
	return float64(runs[len(runs)/2]) / dpi
}

// solid is a piece of ink about as large as a target's outside, and the share of its box that is dark.
type solid struct {
	Found
	share float64
}

// solids finds pieces of ink about as large as a target's outside: up to over inches larger, for a hand overruns the outline.
func solids(b *scanner.Bits, outer Found, dpi, over float64) []solid {
	least, most := image.Pt(int(0.9*outer.W*dpi), int(0.9*outer.H*dpi)), image.Pt(int((outer.W+over)*dpi)+2, int((outer.H+over)*dpi)+2)
	var out []solid
	components(b, func(comp [][2]int32) {
		r := boxOf(comp)
		if r.Dx() < least.X || r.Dy() < least.Y || r.Dx() > most.X || r.Dy() > most.Y {
			return
		}
		out = append(out, solid{Found{
			X: float64(r.Min.X+r.Max.X) / 2 / dpi, Y: float64(r.Min.Y+r.Max.Y) / 2 / dpi,
			W: float64(r.Dx()) / dpi, H: float64(r.Dy()) / dpi, Shape: outer.Shape,
		}, float64(len(comp)) / float64(r.Dx()*r.Dy())})
	})
	return out
}

// varies says whether a dark shape is unlike from page to page, as hands fill and overrun an outline and a printer does not.
func (lo *laidOut) varies(f Found) bool {
	x0, y0 := int((f.X-f.W/2)*lo.dpi), int((f.Y-f.H/2)*lo.dpi)
	x1, y1 := int((f.X+f.W/2)*lo.dpi), int((f.Y+f.H/2)*lo.dpi)
	in := image.Rect(x0, y0, x1, y1)
	n := 0
	for _, b := range lo.bits {
		odd := 0
		core := in.Inset(5)
		odd += core.Dx()*core.Dy() - b.CountRect(core)
		beyond := func(r image.Rectangle) { odd += b.CountRect(r) - lo.common.CountRect(r) }
		for _, r := range []image.Rectangle{
			{image.Pt(x0-8, y0-8), image.Pt(x1+8, y0-3)}, {image.Pt(x0-8, y1+3), image.Pt(x1+8, y1+8)},
			{image.Pt(x0-8, y0-3), image.Pt(x0-3, y1+3)}, {image.Pt(x1+3, y0-3), image.Pt(x1+8, y1+3)},
		} {
			beyond(r)
		}
		if odd >= 5 {
			n++
		}
	}
	return n >= 2
}

// grayOf draws bits in black and white.
func grayOf(b *scanner.Bits) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, b.W, b.H))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	for y := 0; y < b.H; y++ {
		for i, w := range b.Row(y) {
			for ; w != 0; w &= w - 1 {
				g.Pix[y*g.Stride+i*64+trailing(w)] = 0
			}
		}
	}
	return g
}
