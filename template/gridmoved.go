package template

import (
	"fmt"

	"recount/election"
	"recount/scanner"
)

// A page with a blank of its own is placed by its print, and its timing marks are but a part of that. Where they stand a whole
// row or column off it, all but the first fit still: the marks and the print then name different targets, and a machine that
// went by the marks read others than a person sees. Such a page is not read.
const (
	// solidDark is the least part of a mark's inside that is dark, ringPale the most of the ring about it: a black border, a
	// blot or the print of a heading is dark there too.
	solidDark, ringPale = 0.8, 0.2
	// markRing is how far about a mark the ring lies, inches.
	markRing = 0.04
)

// marksMoved says whether the timing marks stand a row or a column off the print: the first is gone and one stands beyond the
// last, on every side that has any and shows.
func (f *fit) marksMoved(pl *plane) *Refusal {
	b := f.blank
	g := b.page.Grid
	if g == nil || b.drawn() || len(g.Columns) < 3 || len(g.Rows) < 3 {
		return nil
	}
	on := map[string]bool{}
	for _, s := range g.Sides {
		on[s] = true
	}
	c, r := float64(len(g.Columns)-1), float64(len(g.Rows)-1)
	type spot struct{ column, row float64 }
	for _, way := range []struct {
		name        string
		gone, extra []spot
		sides       []string
	}{
		{"a row lower", []spot{{0, 0}, {c, 0}}, []spot{{0, r + 1}, {c, r + 1}}, []string{"left", "right"}},
		{"a row higher", []spot{{0, r}, {c, r}}, []spot{{0, -1}, {c, -1}}, []string{"left", "right"}},
		{"a column further right", []spot{{0, 0}, {0, r}}, []spot{{c + 1, 0}, {c + 1, r}}, []string{"top", "bottom"}},
		{"a column further left", []spot{{c, 0}, {c, r}}, []spot{{-1, 0}, {-1, r}}, []string{"top", "bottom"}},
	} {
		moved, stand := 0, 0
		for i, s := range way.sides {
			if !on[s] {
				continue
			}
			own, page := f.markAt(pl, g, way.gone[i].column, way.gone[i].row)
			before, after := f.markAt(pl, g, way.extra[i].column, way.extra[i].row)
			switch {
			case own && !page && !before && after:
				moved++
			case own && !page && !f.scanned(pl, g, way.extra[i].column, way.extra[i].row): // it may stand beyond the scan's edge
			default:
				stand++
			}
		}
		if moved > 0 && stand == 0 {
			return &Refusal{Reason: WeakFit, Detail: fmt.Sprintf("the print is that of style %s page %d, but its timing marks stand %s than the print says: "+
				"read the page by hand, and look whether others of its printing have the same fault", b.style.ID, b.page.Number, way.name)}
		}
	}
	return nil
}

// scanned says whether all of a mark at a column and row would lie on the scan.
func (f *fit) scanned(pl *plane, g *election.Grid, column, row float64) bool {
	x, y := g.At(column, row)
	px, py := f.m.plane(x, y)
	r := max(g.W, g.H) * pl.dpi
	return px >= r && py >= r && px <= float64(pl.bits.W)-r && py <= float64(pl.bits.H)-r
}

// markAt says whether the blank and the page have a mark at a column and row, which may lie beyond the last.
func (f *fit) markAt(pl *plane, g *election.Grid, column, row float64) (own, page bool) {
	x, y := g.At(column, row)
	dpi := f.blank.full.dpi
	own = isMark(f.blank.full.bits, func(x, y float64) (float64, float64) { return x * dpi, y * dpi }, x, y, g.W, g.H)
	page = isMark(pl.bits, f.m.jacobian(x, y).at, x, y, g.W, g.H)
	return own, page
}

// isMark says whether a mark of w x h inches stands alone about (x, y) of the picture.
func isMark(b *scanner.Bits, at func(x, y float64) (float64, float64), x, y, w, h float64) bool {
	ink := func(dx, dy float64) int {
		px, py := at(x+dx, y+dy)
		if !(px >= 0 && py >= 0 && px < float64(b.W) && py < float64(b.H)) || !b.At(int(px), int(py)) {
			return 0
		}
		return 1
	}
	const n = 9
	dark, ring, about := 0, 0, 0
	for j := range n {
		for i := range n {
			u, v := float64(i)/(n-1)-0.5, float64(j)/(n-1)-0.5
			dark += ink(0.7*u*w, 0.7*v*h)
			if i == 0 || j == 0 || i == n-1 || j == n-1 {
				ring += ink(u*(w+2*markRing), v*(h+2*markRing))
				about++
			}
		}
	}
	return float64(dark) >= solidDark*n*n && float64(ring) <= ringPale*float64(about)
}
