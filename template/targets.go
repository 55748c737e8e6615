package template

import (
	"fmt"
	"image"
	"math"
	"sort"

	"recount/election"
	"recount/internal/cv"
	"recount/internal/proof"
	"recount/scanner"
)

// A target's white inside, in inches, over the layouts seen: AccuVote's small ovals 0.15 x 0.09, Hart's boxes 0.25 x 0.12,
// VotingWorks' ovals 0.19 x 0.12. Letters' holes are smaller, table cells larger.
const (
	minTargetW, maxTargetW = 0.08, 0.40
	minTargetH, maxTargetH = 0.055, 0.30
)

// Found is a place on a blank that looks like a target: the white inside a printed outline, in inches from the top left.
type Found struct {
	X, Y, W, H float64
	Shape      election.Shape
}

// Label is the place with a text beside it.
func (f Found) Label(text string) proof.Label {
	return proof.Label{X: f.X, Y: f.Y, W: f.W, H: f.H, Text: text}
}

// candidates lists every white area of a target's size and a clean, convex shape. A broken outline is closed by thickening
// the print by one and two pixels; a place found without that is not looked for again.
func candidates(g *image.Gray, dpi float64) ([]Found, error) {
	px := func(in float64) int { return int(math.Round(in * dpi)) }
	var out []Found
	for _, pass := range passes(g) {
		thr, grow := pass.thr, pass.grow
		holes, err := cv.Holes(g, thr, grow, px(minTargetW), px(minTargetH), px(maxTargetW), px(maxTargetH))
		if err != nil {
			return nil, err
		}
		for _, h := range holes {
			w, ht := float64(h.Rect.Dx()), float64(h.Rect.Dy())
			if w < 0.9*ht || w > 3.2*ht || h.Area < 0.88*h.Hull {
				continue
			}
			// The contour lies on the ink around the white, so its area is that of a shape one pixel larger on each side, and
			// the thickening took grow pixels off each side before that.
			full := (w + 1 - 2*float64(grow)) * (ht + 1 - 2*float64(grow))
			share := h.Area / full
			if share < 0.70 || share > 1.02 {
				continue
			}
			shape := election.Oval
			if share > 0.955 {
				shape = election.Box
			}
			f := Found{
				X: (float64(h.Rect.Min.X) + w/2) / dpi, Y: (float64(h.Rect.Min.Y) + ht/2) / dpi,
				W: w / dpi, H: ht / dpi, Shape: shape,
			}
			if crowded(g, thr, h.Rect) || blocked(g, thr, h.Rect) {
				continue
			}
			if nearest(out, f.X, f.Y, 0.05) >= 0 {
				continue
			}
			out = append(out, f)
		}
	}
	gaps, err := arrows(g, dpi)
	return append(out, gaps...), err
}

// passes are the ways to look at a blank, plainest first: print as it stands, then also print as thin and grey as a
// hairline outline that the scan or the renderer softened, then print thickened to close breaks.
func passes(g *image.Gray) []struct {
	thr  uint8
	grow int
} {
	thr := scanner.Threshold(g)
	var hist [256]int
	for _, v := range g.Pix {
		hist[v]++
	}
	paper := 255
	for v := 255; v > int(thr); v-- {
		if hist[v] > hist[paper] {
			paper = v
		}
	}
	light := thr + uint8(3*(paper-int(thr))/5)
	return []struct {
		thr  uint8
		grow int
	}{{thr, 0}, {light, 0}, {thr, 1}, {light, 1}, {thr, 2}}
}

// crowded says whether a white is surrounded by more than an outline: half its height away most of the picture is still
// ink, as inside a letter of a headline.
func crowded(g *image.Gray, thr uint8, white image.Rectangle) bool {
	r := white.Inset(-max(2, white.Dy()/2))
	ink, n := 0, 0
	at := func(x, y int) {
		if image.Pt(x, y).In(g.Rect) {
			n++
			if g.Pix[g.PixOffset(x, y)] < thr {
				ink++
			}
		}
	}
	for x := r.Min.X; x < r.Max.X; x++ {
		at(x, r.Min.Y)
		at(x, r.Max.Y-1)
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		at(r.Min.X, y)
		at(r.Max.X-1, y)
	}
	return 2*ink > n
}

// blocked says whether the middle of a white is a solid block: the corner of a QR code. A number or letter that a ballot
// prints in its targets leaves white there.
func blocked(g *image.Gray, thr uint8, white image.Rectangle) bool {
	mid := white.Inset(min(white.Dx(), white.Dy()) * 3 / 10)
	for y := mid.Min.Y; y < mid.Max.Y; y++ {
		for x := mid.Min.X; x < mid.Max.X; x++ {
			if g.Pix[g.PixOffset(x, y)] >= thr {
				return false
			}
		}
	}
	return !mid.Empty()
}

// nearest is the index of the found place nearest to (x, y), at most r inches away, or -1.
func nearest(fs []Found, x, y, r float64) int {
	best := -1
	for i, f := range fs {
		if d := math.Hypot(f.X-x, f.Y-y); d <= r {
			best, r = i, d
		}
	}
	return best
}

// alike says whether two places are printed from one pattern: sizes within an eighth or 0.012 inch.
func alike(a, b Found) bool {
	if (a.Shape == election.Arrow) != (b.Shape == election.Arrow) {
		return false
	}
	tol := func(p, q float64) bool { return math.Abs(p-q) <= math.Max(0.012, math.Max(p, q)/8) }
	return tol(a.W, b.W) && tol(a.H, b.H)
}

// FindTargets finds the targets of a blank: the largest family of places of one size. The sheet's other enclosed whites
// (letters, a pictured oval in the instructions, cells of a table) are of other sizes or fewer.
func FindTargets(g *image.Gray, dpi float64) ([]Found, error) {
	all, err := candidates(g, dpi)
	if err != nil {
		return nil, fmt.Errorf("find targets: %w", err)
	}
	best := withoutStrays(commonest(all))
	even(best)
	ReadingOrder(best)
	return best, nil
}

// commonest is the largest family of places of one size.
func commonest(all []Found) []Found {
	best := []Found(nil)
	for _, seed := range all {
		var fam []Found
		for _, f := range all {
			if alike(seed, f) {
				fam = append(fam, f)
			}
		}
		// Of families equally large, the larger shapes: letters are the smaller ones.
		if len(fam) > len(best) || len(fam) == len(best) && len(fam) > 0 && fam[0].W*fam[0].H > best[0].W*best[0].H {
			best = fam
		}
	}
	return best
}

// withoutStrays leaves out of a family what is both an odd size for it and stands alone: a printer's crop mark, a piece of a
// picture in the instructions. Printed targets are one size to within what a scan does to an outline, and stand in columns
// and rows; an odd one among its siblings, its outline thickened or broken, stays.
func withoutStrays(fam []Found) []Found {
	const (
		sameSize = 0.012 // inches, over the blanks seen: 0.010 on scans, 0.005 on drawn pages
		inLine   = 0.04  // inches that middles of one column or row may differ
	)
	if len(fam) < 3 {
		return fam
	}
	w, h := median(fam, func(f Found) float64 { return f.W }), median(fam, func(f Found) float64 { return f.H })
	var out []Found
	for i, f := range fam {
		odd, alone := math.Abs(f.W-w)+math.Abs(f.H-h) > sameSize+1e-9, true
		for j, o := range fam {
			if i != j && (math.Abs(f.X-o.X) < inLine || math.Abs(f.Y-o.Y) < inLine) {
				alone = false
			}
		}
		if !odd || !alone {
			out = append(out, f)
		}
	}
	return out
}

func median(fam []Found, of func(Found) float64) float64 {
	vs := make([]float64, len(fam))
	for i, f := range fam {
		vs[i] = of(f)
	}
	sort.Float64s(vs)
	return vs[len(vs)/2]
}

// even gives a family its common size and shape: single outlines are thickened or broken by the scan, the print is one.
func even(fam []Found) {
	if len(fam) == 0 {
		return
	}
	ws, hs, ovals := []float64{}, []float64{}, 0
	for _, f := range fam {
		ws, hs = append(ws, f.W), append(hs, f.H)
		if f.Shape == election.Oval {
			ovals++
		}
	}
	sort.Float64s(ws)
	sort.Float64s(hs)
	shape := election.Box
	if 2*ovals >= len(fam) {
		shape = election.Oval
	}
	if fam[0].Shape == election.Arrow {
		shape = election.Arrow
	}
	for i := range fam {
		fam[i].W, fam[i].H, fam[i].Shape = ws[len(ws)/2], hs[len(hs)/2], shape
	}
}

// ColumnGap is the least distance, in inches, between two columns of targets. Targets of one column drift by a tenth of an
// inch down a slanted blank.
const ColumnGap = 0.4

// ReadingOrder sorts places down each column, columns left to right.
func ReadingOrder(fs []Found) {
	sort.SliceStable(fs, func(i, j int) bool { return fs[i].X < fs[j].X })
	for from := 0; from < len(fs); {
		to := from + 1
		for to < len(fs) && fs[to].X-fs[to-1].X < ColumnGap {
			to++
		}
		col := fs[from:to]
		sort.SliceStable(col, func(i, j int) bool { return col[i].Y < col[j].Y })
		from = to
	}
}
