package template

import "math/bits"

// contrast is in what two prints of a tile differ, drawn once: in a family most of it is known before any scan is.
type contrast struct {
	from                              int           // the first of the rows
	rows                              []contrastRow // those in which anything stands
	fineA, fineB, onlyA, onlyB, paper int           // the pixels of each
}

// contrastRow is one row of it: what each prints more than one pixel from any print of the other, what more than two, and the
// paper about that on which neither prints.
type contrastRow struct{ fineA, fineB, onlyA, onlyB, paper uint64 }

// stainReach is how far about differing print, in pixels, the paper is asked for a stain.
const stainReach = 4

// contrastOf compares two prints; the rows are kept in room, if that has enough.
func contrastOf(a, b *thickened, room []contrastRow) contrast {
	c := contrast{from: 64, rows: room[:0]}
	fineA, fineB := only(&a.print, &b.thick1), only(&b.print, &a.thick1)
	c.fineA, c.fineB = fineA.ink, fineB.ink
	if c.fineA+c.fineB < leastOwn {
		return c
	}
	onlyA, onlyB := only(&a.print, &b.thick2), only(&b.print, &a.thick2)
	c.onlyA, c.onlyB = onlyA.ink, onlyB.ink
	var zone [64]uint64
	for j := range zone {
		zone[j] = fineA.rows[j] | fineB.rows[j]
	}
	thickRows(&zone, stainReach)
	for j := range zone {
		paper := zone[j] &^ a.thick2.rows[j] &^ b.thick2.rows[j]
		if zone[j] == 0 { // what differs lies inside the zone
			if len(c.rows) == 0 {
				continue
			}
			paper = 0
		}
		c.from = min(c.from, j)
		c.rows = append(c.rows, contrastRow{fineA.rows[j], fineB.rows[j], onlyA.rows[j], onlyB.rows[j], paper})
		c.paper += bits.OnesCount64(paper)
	}
	for n := len(c.rows); n > 0 && c.rows[n-1] == (contrastRow{}); n-- {
		c.rows = c.rows[:n-1]
	}
	return c
}

// weigh says how the scan's tile, as the view shows it (nil where the scan does not reach), speaks for each of the two. print is
// the first's, or the second's where second is true, and shown how much of it the view has within a pixel.
func (c *contrast) weigh(v *view, print, shown int, second bool) (e evidence) {
	if c.fineA+c.fineB < leastOwn {
		return e
	}
	e.fine.all = c.fineA + c.fineB
	coarse := c.onlyA+c.onlyB >= leastOwn
	if coarse {
		e.coarse.all = c.onlyA + c.onlyB
	}
	if v == nil {
		return e
	}
	page, near := v.page.rows[c.from:], v.near.rows[c.from:]
	dark, fineA, fineB, seenA, seenB, onlyA, onlyB := 0, 0, 0, 0, 0, 0, 0
	for j := range c.rows {
		r, p, n := &c.rows[j], page[j], near[j]
		dark += bits.OnesCount64(r.paper & p)
		fineA += bits.OnesCount64(r.fineA & p)
		fineB += bits.OnesCount64(r.fineB & p)
		seenA += bits.OnesCount64(r.fineA & n)
		seenB += bits.OnesCount64(r.fineB & n)
		onlyA += bits.OnesCount64(r.onlyA & n)
		onlyB += bits.OnesCount64(r.onlyB & n)
	}
	both, seenBoth := print-c.fineA, shown-seenA
	if second {
		both, seenBoth = print-c.fineB, shown-seenB
	}
	if stain(dark, c.paper) || c.unseen(both, seenBoth, seenA, seenB) {
		return e
	}
	e.fine.onlyA, e.fine.onlyB, e.fine.a, e.fine.b = c.fineA, c.fineB, fineA, fineB
	if coarse {
		e.coarse.onlyA, e.coarse.onlyB, e.coarse.a, e.coarse.b = c.onlyA, c.onlyB, onlyA, onlyB
	}
	return e
}

// unseen says that the page shows nothing at a place: neither what both print there, of which it has seenBoth pixels, nor a third
// of what either prints alone. The paper may be torn off or cut there; that print is missing is then no witness for the page
// that never had it.
func (c *contrast) unseen(both, seenBoth, seenA, seenB int) bool {
	if both >= unseenInk {
		return float64(seenBoth) < seenAt*float64(both)
	}
	return 3*seenA <= c.fineA && 3*seenB <= c.fineB
}

// unseenInk is the shared print, in pixels, by which a place is known to be on the page: two letters.
const unseenInk = 48

// stain says whether the paper around differing print is mostly dark.
func stain(dark, paper int) bool { return float64(dark) > coveredAt*float64(paper) }

// swapped is the evidence with the two in the other order.
func (e evidence) swapped() evidence {
	e.coarse, e.fine = e.coarse.swapped(), e.fine.swapped()
	return e
}

func (t tally) swapped() tally {
	t.onlyA, t.onlyB, t.a, t.b = t.onlyB, t.onlyA, t.b, t.a
	return t
}
