package template

import (
	"image"
	"math"
	"math/bits"

	"recount/scanner"
)

// Two pages that fit a scan nearly alike are told apart only where their own print differs: a precinct line, a name, a
// printed code. What the scan shows there decides, or nothing does.
const (
	// rival is the share of the best fit from which another page must be ruled out by its print.
	rival = 0.6
	// decisive is the part of the differing print that must speak for one page. Print that is really there shows 0.9 and
	// more; a coin would show 0.5.
	decisive = 0.72
	// leastPrint is the differing print, in pixels at planeDPI, that is worth asking: less than half a digit.
	leastPrint = 24
)

// settle rules out the rivals of the best fit, or says that it cannot. It moves the right page to the front of fits and
// gives the pages whose print does not differ from it.
func (s *Set) settle(pl *plane, fits []*fit) ([]Twin, *Refusal) {
	var twins []Twin
	for i := 1; i < len(fits); i++ {
		a, b := fits[0], fits[i]
		if b.share < rival*a.share {
			continue // not break: after a change of front the fits are no longer in order
		}
		v, e := rule(pl, a, b)
		switch {
		case v == same:
			twins = append(twins, Twin{Style: b.blank.style, Page: b.blank.page})
			twins = append(twins, b.twins...)
		case v == forFirst:
		case v == forOther && len(twins) == 0:
			fits[0], fits[i] = b, a
			i = 0 // the new front must be held against all others again
			if s.swapped(fits) {
				return nil, &Refusal{Reason: Ambiguous, Detail: "the print that differs between styles speaks for each of them in turn"}
			}
		default:
			return nil, ambiguous(a.blank, b.blank, e)
		}
	}
	if fits[0].open != nil {
		return nil, fits[0].open
	}
	return append(twins, fits[0].twins...), nil
}

// rule says for which of two fits the page speaks, and by what.
func rule(pl *plane, a, b *fit) (ruling, *evidence) {
	if a.grid == nil && b.grid == nil {
		e := evidenceOf(pl, a, b)
		return e.verdict(), e
	}
	forA, forB := weighFits(pl, a, b)
	n := forA + forB
	e := &evidence{coarse: tally{all: int(n), onlyA: int(forA), onlyB: int(forB), a: int(forA), b: int(forB)}}
	switch {
	case n < leastPrint:
		return same, e
	case forA >= decisive*n:
		return forFirst, e
	case forB >= decisive*n:
		return forOther, e
	}
	return undecided, e
}

// swapped counts how often a page was moved to the front and says when it was too often to trust.
func (s *Set) swapped(fits []*fit) bool {
	fits[0].fronted++
	return fits[0].fronted > 1
}

// differ weighs the print in which two pages differ: how many pixels of it, as the scan shows it, speak for each.
func differ(pl *plane, a, b *fit) (forA, forB float64) {
	t := evidenceOf(pl, a, b).coarse
	return float64(t.forA()), float64(t.forB())
}

// evidenceOf asks the scan wherever the print of two pages laid on it differs.
func evidenceOf(pl *plane, a, b *fit) *evidence {
	e := &evidence{}
	for y := 32; y < pl.bits.H; y += tileStep {
		for x := 32; x < pl.bits.W; x += tileStep {
			pa, okA := a.tile(pl, float64(x), float64(y), tileReach)
			pb, okB := b.tile(pl, float64(x), float64(y), tileReach)
			if !okA && !okB || pa.ink+pb.ink < leastPrint {
				continue
			}
			onlyA, onlyB := onlyOf(&pa, &pb, 2)
			n := onlyA.ink + onlyB.ink
			if n < leastPrint || n*16 < pa.ink+pb.ink { // the two were laid on the scan by themselves, and not quite alike
				continue
			}
			var page patch
			for j := range page.rows {
				page.rows[j] = pl.bits.Window(x-32, y-32+j)
			}
			at := &page
			if na, nb := thickPatch(pa, 2), thickPatch(pb, 2); stained(at, &onlyA, &onlyB, &na, &nb) {
				at = nil
			} else {
				page = grow(page)
			}
			e.coarse.weigh(at, &onlyA, &onlyB)
		}
	}
	return e
}

// weigh adds what the page shows at a place, unless it cannot be asked there (nil).
func (t *tally) weigh(page, onlyA, onlyB *patch) {
	t.all += onlyA.ink + onlyB.ink
	if page == nil {
		return
	}
	t.onlyA += onlyA.ink
	t.onlyB += onlyB.ink
	for j := range page.rows {
		t.a += bits.OnesCount64(onlyA.rows[j] & page.rows[j])
		t.b += bits.OnesCount64(onlyB.rows[j] & page.rows[j])
	}
}

// tile draws what the blank prints on the 64 x 64 pixels of the scan around (x, y), its targets left out, shifted by the
// up to r pixels that make it most like the scan. ok is false where the blank does not reach there.
func (f *fit) tile(pl *plane, x, y float64, r int) (patch, bool) {
	return f.drawTile(pl, x, y, r, readablePrint, f.blank.print) // a few letters at the rim could be moved out of it
}

// tileOf is tile for another picture of the blank, with all that it shows.
func (f *fit) tileOf(ref *scanner.Bits, pl *plane, x, y float64, r int) (patch, bool) {
	return f.drawTile(pl, x, y, r, 1, func(toRef affine, x, y float64) patch { return render(ref, toRef, x, y) })
}

// drawTile draws a tile and moves it, if it has so much ink, to where it is most like the scan.
func (f *fit) drawTile(pl *plane, x, y float64, r, ink int, draw func(toRef affine, x, y float64) patch) (patch, bool) {
	bx, by, ok := f.m.inches(x, y)
	if !ok || bx < 0 || by < 0 || bx > f.blank.w || by > f.blank.h {
		return patch{}, false
	}
	back, ok := f.m.jacobian(bx, by).inverse()
	if !ok {
		return patch{}, false
	}
	dpi := f.blank.full.dpi
	toRef := affine{A: dpi, E: dpi}.after(back)
	if f.blank.white(toRef, x, y) {
		return patch{}, true
	}
	p := draw(toRef, x, y)
	if p.ink < ink || r == 0 {
		return p, true
	}
	var dx, dy float64
	if r == tileReach {
		var s slid
		s.slide(pl.bits, int(x)-32, int(y)-32)
		i, j := s.settle(&p)
		dx, dy = float64(i), float64(j)
	} else {
		s := searchWithin(pl.bits, &p, int(x)-32, int(y)-32, r, 0)
		dx, dy = math.Round(s.dx), math.Round(s.dy)
	}
	if dx != 0 || dy != 0 {
		p = draw(toRef.after(affine{A: 1, E: 1, C: -dx, F: -dy}), x, y)
	}
	return p, true
}

// inches is the way back from the scan's plane to the blank.
func (m *Map) inches(px, py float64) (x, y float64, ok bool) {
	inv, ok := m.base.inverse()
	if !ok {
		return 0, 0, false
	}
	x, y = inv.at(px, py)
	for i := 0; i < 3; i++ { // the correction changes slowly, so a few steps are exact
		cx, cy := m.correction(x, y)
		x, y = inv.at(px-cx, py-cy)
	}
	return x, y, true
}

// grow thickens the patch's ink by one pixel in every direction.
func grow(p patch) patch { return thickPatch(p, 1) }

// white says whether the blank prints nothing at all in the 64 x 64 pixels around (px, py), or near them.
func (b *blank) white(toBlank affine, px, py float64) bool {
	x, y := toBlank.at(px, py)
	rx := 33*(math.Abs(toBlank.A)+math.Abs(toBlank.B)) + 8
	ry := 33*(math.Abs(toBlank.D)+math.Abs(toBlank.E)) + 8
	if !(math.Abs(x)+math.Abs(y)+rx+ry < 1e6) {
		return false
	}
	return b.full.bits.White(image.Rect(int(x-rx), int(y-ry), int(x+rx), int(y+ry)))
}

// print draws the 64 x 64 pixels around (px, py) of a scan's plane as the blank prints them, each target and what a hasty
// mark reaches around it wiped out: ink will come there. toBlank carries the plane to the blank's bits.
func (b *blank) print(toBlank affine, px, py float64) patch {
	p := render(b.full.bits, toBlank, px, py)
	if p.ink == 0 {
		return p
	}
	back, ok := toBlank.inverse()
	if !ok {
		return patch{}
	}
	const near = 0.05
	dpi := b.full.dpi
	// The tile's middle on the blank, and how far from it its corners and the widest of targets' slack can be.
	cx, cy := toBlank.at(px, py)
	reach := (33*(math.Abs(toBlank.A)+math.Abs(toBlank.B)+math.Abs(toBlank.D)+math.Abs(toBlank.E)) + 4) / dpi
	for _, t := range b.page.Targets {
		if d := reach + near + max(t.W, t.H); math.Abs(t.X-cx/dpi) > d || math.Abs(t.Y-cy/dpi) > d {
			continue
		}
		x0, x1 := int((t.X-t.W/2-near)*dpi), int((t.X+t.W/2+near)*dpi)
		y0, y1 := int((t.Y-t.H/2-near)*dpi), int((t.Y+t.H/2+near)*dpi)
		// Where the target's middle lies in the patch, and how far from it its corners can: then only pixels of it are asked.
		mx, my := back.at(float64(x0+x1+1)/2, float64(y0+y1+1)/2)
		hw, hh := float64(x1-x0)/2+2, float64(y1-y0)/2+2
		rx := math.Abs(back.A)*hw + math.Abs(back.B)*hh
		ry := math.Abs(back.D)*hw + math.Abs(back.E)*hh
		i0, i1 := max(0, int(mx-rx-px+31)), min(63, int(mx+rx-px+33))
		j0, j1 := max(0, int(my-ry-py+31)), min(63, int(my+ry-py+33))
		for j := j0; j <= j1; j++ {
			for i := i0; i <= i1; i++ {
				if p.rows[j]>>i&1 == 0 {
					continue
				}
				x, y := toBlank.at(px-31.5+float64(i), py-31.5+float64(j))
				if bx, by := int(math.Floor(x)), int(math.Floor(y)); bx >= x0 && bx <= x1 && by >= y0 && by <= y1 {
					p.rows[j] &^= 1 << i
					p.ink--
				}
			}
		}
	}
	return p
}
