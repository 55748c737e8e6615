package template

import (
	"math"
	"sort"

	"recount/scanner"
)

// good is the least likeness at which a patch counts as found. Print scanned twice at one setting is 0.8 and more alike, at
// unlike settings 0.5 to 0.7; unlike print reaches 0.3 to 0.4.
const good = 0.45

// fit is one blank laid on a page with the evidence for it.
type fit struct {
	guess
	m       *Map
	feed    *Map   // the page's lines moved as its feed moved them; nil where it was even
	anchors []pair // used and not, parallel to used
	used    []bool
	// outlines are the targets' own, which the mapping was bent to at the end; nil where it was not.
	outlines []pair
	seen     int     // spots of the blank that fall on the scan
	share    float64 // of those, how many were found where the mapping says, weighted by how alike they are
	median   float64 // misses of the used anchors, plane pixels
	worst    float64
	fronted  int      // how often its print won over the page before it
	grid     *gridFit // what is known of its outlines; nil where its blank has print of its own
	held     compared // the page against the blank by the mapping heldBy, on the plane heldOn
	heldBy   *Map
	heldOn   *plane

	lead   *fit     // its leader's fit, which it was carried from; nil for a leader
	twins  []Twin   // of its family, those whose print does not differ
	open   *Refusal // why its family's other pages could not be ruled out; nil where they were
	denial *Refusal // where the family differs the page shows something else; nil where it does not
}

// edgeBits is how near the scan's edge, in bits, the middle of a spot may lie.
const edgeBits = 16

// look searches for the spots around where the mapping puts them. bits is the scan at step plane pixels a bit, ref the
// blank at refDPI pixels an inch.
func look(bits, ref *scanner.Bits, refDPI float64, step float64, at func(x, y float64) affine, spots []spot, r int) (ps []pair, seen int) {
	var off shift // where the one before was found
	for _, s := range spots {
		j := at(s.x, s.y)
		px, py := j.at(s.x, s.y)
		px, py = px/step, py/step
		if px < edgeBits || py < edgeBits || px > float64(bits.W)-edgeBits || py > float64(bits.H)-edgeBits {
			continue // the place was not scanned
		}
		seen++
		back, ok := j.inverse()
		if !ok {
			continue
		}
		// scan bits -> plane -> inches -> the blank's bits
		toRef := affine{A: refDPI, E: refDPI}.after(back.after(affine{A: step, E: step}))
		p := render(ref, toRef, px, py)
		if p.ink < 40 {
			continue
		}
		x0, y0 := int(math.Round(px))-32, int(math.Round(py))-32
		// The patch was drawn around (px, py); it is compared at whole pixels, so the fraction is part of the shift.
		f, ok := searchNear(bits, &p, x0, y0, r, off)
		if !ok {
			f = searchWithin(bits, &p, x0, y0, r, 0.11)
		}
		if f.like < good || f.second > f.like-0.1 {
			continue
		}
		off = shift{int(math.Round(f.dx)), int(math.Round(f.dy))}
		ps = append(ps, pair{
			x: s.x, y: s.y,
			px: (float64(x0+32) + f.dx) * step, py: (float64(y0+32) + f.dy) * step,
			w: f.like,
		})
	}
	return ps, seen
}

// place refines a guess: rough spots at half resolution, then the fine ones, then the local correction, each looked for
// nearer to where the step before puts it. It gives nil where the blank is not there.
func (g guess) place(pl *plane, half *scanner.Bits) *fit {
	b := g.blank
	at := func(m affine) func(x, y float64) affine { return func(x, y float64) affine { return m } }
	r := 14
	if g.close {
		r = 8
	}
	ps, seen := look(half, b.half, b.full.dpi/2, 2, at(g.toPlane), b.rough, r)
	if len(ps) < 5 || len(ps)*5 < seen {
		return nil
	}
	m, agree, ok := robustAffine(ps, 8)
	if !ok {
		return nil
	}
	f := &fit{guess: g, feed: fed(m, float64(pl.k), ps, b.w, b.h, 8)}
	if f.feed != nil {
		ps = f.feed.near(ps, feedTol)
	} else {
		ps = keep(ps, agree)
	}
	if len(ps) < 5 {
		return nil
	}
	f.m = newMap(m, float64(pl.k), b.w, b.h)
	local := f.bend(2, ps, 6)

	first := b.fine
	if g.close && len(first) >= manyFine {
		first = b.fine[:0:0]
		for i := 0; i < len(b.fine); i += 2 {
			first = append(first, b.fine[i])
		}
	}
	if !f.round(pl, local, first, 8, 5, 2) || !f.round(pl, f.m, b.fine, 4, 3, f.coarse()) {
		return nil
	}
	f.judge()
	for range feedRounds { // what was found says where to look for what was not
		if f.share >= feedShare || f.m.spread() < feedSpread*f.m.base.scale() {
			break
		}
		further := *f
		if !further.round(pl, f.m, b.fine, 8, 5, 2) || !further.round(pl, further.m, b.fine, 4, 3, 1) {
			break
		}
		if further.judge(); further.share < f.share+0.01 {
			break
		}
		*f = further
	}
	return f
}

// evenPixels is how far apart, in pixels of the plane, the local correction may move parts of a page that lies evenly.
const evenPixels = 2

// coarse is bendBy's step for a page that lies so: 2, and 1 for one that a feeder stretched.
func (f *fit) coarse() int {
	if f.m.spread() < evenPixels {
		return 2
	}
	return 1
}

// manyFine is how many fine spots are so many that every other one leads to the rest.
const manyFine = 100

// round looks for the spots within r pixels of where m puts them and bends the fit's mapping to those found; what lies more
// than tol pixels from its neighbours counts for nothing. step is bendBy's.
func (f *fit) round(pl *plane, m *Map, spots []spot, r int, tol float64, step int) bool {
	b := f.blank
	var found []pair
	found, f.seen = look(pl.bits, b.full.bits, b.full.dpi, 1, m.jacobian, spots, r)
	if len(found) < 8 {
		return false
	}
	base, agree, ok := robustAffine(found, 12) // real feeders leave up to 14 pixels at 200 dpi after any global mapping
	if !ok {
		return false
	}
	f.m = newMap(base, float64(pl.k), b.w, b.h)
	agreed := keep(found, agree)
	if f.feed != nil || len(agreed)*10 < len(found)*9 {
		if f.feed = fed(base, float64(pl.k), found, b.w, b.h, feedTol); f.feed != nil {
			agreed = f.feed.near(found, feedTol)
		}
	}
	f.m = f.bend(step, agreed, tol)
	f.anchors = found
	return true
}

// bend gives the fit's mapping, bent to the pairs at every step-th node.
func (f *fit) bend(step int, ps []pair, tol float64) *Map {
	if f.feed != nil {
		return bendOver(f.feed, ps, f.blank.w, f.blank.h, tol)
	}
	return bendBy(step, f.m.base, f.m.k, ps, f.blank.w, f.blank.h, tol)
}

func keep(ps []pair, agree []bool) []pair {
	var out []pair
	for i, p := range ps {
		if agree[i] {
			out = append(out, p)
		}
	}
	return out
}

// judge measures how well the anchors lie on the mapping.
func (f *fit) judge() {
	f.used = make([]bool, len(f.anchors))
	var misses []float64
	sum := 0.0
	for i, p := range f.anchors {
		x, y := f.m.plane(p.x, p.y)
		d := math.Hypot(x-p.px, y-p.py)
		if d > 2 {
			continue
		}
		f.used[i] = true
		misses = append(misses, d)
		sum += p.w
	}
	if f.seen > 0 {
		f.share = sum / float64(f.seen)
	}
	if len(misses) > 0 {
		sort.Float64s(misses)
		f.median, f.worst = misses[len(misses)/2], misses[len(misses)-1]
	}
}
