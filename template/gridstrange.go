package template

import (
	"fmt"
	"math"

	"recount/election"
)

// Another election's page may have the same timing marks, and targets where this one has them too. What it has besides is
// seen by going down the columns of targets: an open outline where the page has none speaks against it.
const (
	// strangers and strangerShare are how many such outlines, and which part of the page's targets, make the page another's.
	strangers     = 3
	strangerShare = 0.1
	// sameColumn is how near, in inches, targets stand above each other.
	sameColumn = 0.03
)

// strange counts the outlines seen in the columns of the page's targets where it has no target.
func (f *fit) strange() int {
	gp, ts := f.grid.gp, f.blank.page.Targets
	n := 0
	var done []election.Target
	for _, t := range ts {
		if t.Shape == election.Arrow || hasColumn(done, t) {
			continue
		}
		done = append(done, t)
		last := math.Inf(-1)
		for y := t.H; y < f.blank.h-t.H; y += 0.02 {
			if y < last+t.H || near(ts, t.X, y) {
				continue
			}
			u := t
			u.Y = y
			if gp.look(f.grid.l.m.jacobian(u.X, u.Y), u).sight == open {
				n++
				last = y
			}
		}
	}
	return n
}

// hasColumn says whether one of the targets stands in t's column and has its size.
func hasColumn(ts []election.Target, t election.Target) bool {
	for _, u := range ts {
		if math.Abs(u.X-t.X) < sameColumn && math.Abs(u.W-t.W) < sameColumn && math.Abs(u.H-t.H) < sameColumn && u.Shape == t.Shape {
			return true
		}
	}
	return false
}

// near says whether a target covers a point or nearly so.
func near(ts []election.Target, x, y float64) bool {
	for _, u := range ts {
		if math.Abs(u.X-x) < u.W && math.Abs(u.Y-y) < u.H+0.05 {
			return true
		}
	}
	return false
}

// gridContradicted says whether the page's outlines deny the page, and else how many are seen where it has none.
func (f *fit) gridContradicted() (int, *Refusal) {
	there, n := 0, len(f.blank.page.Targets)
	for _, o := range f.grid.seen {
		if o.there() {
			there++
		}
	}
	name := fmt.Sprintf("style %s page %d", f.blank.style.ID, f.blank.page.Number)
	if float64(there) < leastOutlines*float64(n) {
		return 0, &Refusal{Reason: NoStyle, Detail: fmt.Sprintf("the timing marks fit %s, but only %d of its %d targets are printed on the page", name, there, n)}
	}
	extra := f.strange()
	if extra >= strangers && float64(extra) >= strangerShare*float64(n) {
		return extra, &Refusal{Reason: NoStyle, Detail: fmt.Sprintf("the page is laid out like %s, but shows %d targets where that page has none", name, extra)}
	}
	return extra, nil
}

// weighFits is differ for any two fits: where no blank's print is known the outlines are the print, each worth asking.
func weighFits(pl *plane, a, b *fit) (forA, forB float64) {
	if a.grid == nil && b.grid == nil {
		return differ(pl, a, b)
	}
	a.borrow(b)
	b.borrow(a)
	c := compareOutlines(a, b)
	switch {
	case c.same:
		return 0, 0
	case c.decides():
	case c.forB >= 1 && c.forB >= decisive*(c.forA+c.forB):
	case a.codeSays(b) && c.forB == 0:
		return leastPrint, 0
	case b.codeSays(a) && c.forA == 0:
		return 0, leastPrint
	default:
		return leastPrint, leastPrint // nothing decides
	}
	return leastPrint * c.forA, leastPrint * c.forB
}

// codedFirst moves to the front the first likely page without a blank whose own code is on the scan: where targets coincide
// nothing else tells it from its twins, and it must be the one that the others are held against.
func codedFirst(fits []*fit) {
	for i, f := range fits {
		if f.share < rival*fits[0].share {
			return
		}
		own := f.blank.page.Code
		if own == nil || !f.blank.drawn() {
			continue
		}
		if f.gridCode().Same(own) {
			copy(fits[1:i+1], fits[:i])
			fits[0] = f
			return
		}
	}
}

// borrow lets a fit with a real blank be asked for its outlines beside one without.
func (f *fit) borrow(o *fit) {
	if f.grid != nil {
		return
	}
	gp := o.grid.gp
	g := &gridFit{gp: gp, l: &lattice{rotation: f.rotation, m: f.m}}
	for _, t := range f.blank.page.Targets {
		g.seen = append(g.seen, gp.look(f.m.jacobian(t.X, t.Y), t))
	}
	f.grid = g
}

// placed refuses a page whose marks fit at two places with nothing to tell them apart.
func (f *fit) placed() *Refusal {
	switch {
	case !f.blank.drawn():
		return nil
	case f.grid.odd:
		return &Refusal{Reason: WeakFit, Detail: fmt.Sprintf("the targets of style %s page %d are on the page, but its timing marks lie elsewhere",
			f.blank.style.ID, f.blank.page.Number)}
	case f.grid.rival == nil:
		return nil
	}
	return &Refusal{Reason: Ambiguous, Detail: fmt.Sprintf("the timing marks of style %s page %d fit the page in two ways, and its targets do not say which is right",
		f.blank.style.ID, f.blank.page.Number)}
}

// placeDrawnCode says where the code of a drawn page stands, of those that are no part of the drawing: an AccuVote row
// stands on the grid's last row. Others are not known to have a place and are not read.
func (b *blank) placeDrawnCode() {
	c, g := b.page.Code, b.page.Grid
	if c == nil || g == nil || c.Kind != (rowCode{}).kind() || len(g.Columns) != rowPlaces {
		return
	}
	y := g.Rows[len(g.Rows)-1]
	b.codeReader = rowCode{}
	b.codeAt = codePlace{x0: g.Columns[0], y0: y, x1: g.Columns[rowPlaces-1], y1: y, w: g.W, h: g.H}
}
