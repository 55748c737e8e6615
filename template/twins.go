package template

import (
	"fmt"
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
		forA, forB := weighFits(pl, a, b)
		n := forA + forB
		switch {
		case n < leastPrint:
			twins = append(twins, Twin{Style: b.blank.style, Page: b.blank.page})
		case forA >= decisive*n:
		case forB >= decisive*n && len(twins) == 0:
			fits[0], fits[i] = b, a
			i = 0 // the new front must be held against all others again
			if s.swapped(fits) {
				return nil, &Refusal{Reason: Ambiguous, Detail: "the print that differs between styles speaks for each of them in turn"}
			}
		default:
			return nil, &Refusal{Reason: Ambiguous, Detail: fmt.Sprintf(
				"styles %s page %d and %s page %d fit alike: of the print in which they differ, %.0f %% speaks for the first",
				a.blank.style.ID, a.blank.page.Number, b.blank.style.ID, b.blank.page.Number, 100*forA/n)}
		}
	}
	return twins, nil
}

// swapped counts how often a page was moved to the front and says when it was too often to trust.
func (s *Set) swapped(fits []*fit) bool {
	fits[0].fronted++
	return fits[0].fronted > 1
}

// differ weighs the print in which two pages differ: how many pixels of it, as the scan shows it, speak for each.
func differ(pl *plane, a, b *fit) (forA, forB float64) {
	for y := 32; y < pl.bits.H; y += 56 {
		for x := 32; x < pl.bits.W; x += 56 {
			pa, okA := a.tile(pl, float64(x), float64(y), 3)
			pb, okB := b.tile(pl, float64(x), float64(y), 3)
			if !okA && !okB || pa.ink+pb.ink < leastPrint {
				continue
			}
			na, nb := grow(grow(pa)), grow(grow(pb))
			var onlyA, onlyB patch
			for j := range pa.rows {
				onlyA.rows[j] = pa.rows[j] &^ nb.rows[j]
				onlyB.rows[j] = pb.rows[j] &^ na.rows[j]
				onlyA.ink += bits.OnesCount64(onlyA.rows[j])
				onlyB.ink += bits.OnesCount64(onlyB.rows[j])
			}
			n := onlyA.ink + onlyB.ink
			if n < leastPrint || n*16 < pa.ink+pb.ink {
				continue
			}
			var page patch
			for j := range page.rows {
				page.rows[j] = pl.bits.Window(x-32, y-32+j)
			}
			near := grow(page)
			for j := range near.rows {
				forA += float64(bits.OnesCount64(onlyA.rows[j]&near.rows[j]) + bits.OnesCount64(onlyB.rows[j]&^near.rows[j]))
				forB += float64(bits.OnesCount64(onlyB.rows[j]&near.rows[j]) + bits.OnesCount64(onlyA.rows[j]&^near.rows[j]))
			}
		}
	}
	return forA, forB
}

// tile draws what the blank prints on the 64 x 64 pixels of the scan around (x, y), its targets left out, shifted by the
// up to r pixels that make it most like the scan. ok is false where the blank does not reach there.
func (f *fit) tile(pl *plane, x, y float64, r int) (patch, bool) {
	return f.tileOf(f.blank.masked, pl, x, y, r)
}

// tileOf is tile for another picture of the blank.
func (f *fit) tileOf(ref *scanner.Bits, pl *plane, x, y float64, r int) (patch, bool) {
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
	p := render(ref, toRef, x, y)
	if p.ink == 0 {
		return p, true
	}
	s := search(pl.bits, &p, int(x)-32, int(y)-32, r)
	if dx, dy := math.Round(s.dx), math.Round(s.dy); dx != 0 || dy != 0 {
		p = render(ref, toRef.after(affine{A: 1, E: 1, C: -dx, F: -dy}), x, y)
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
func grow(p patch) patch {
	var out patch
	for j, r := range p.rows {
		w := r | r<<1 | r>>1
		out.rows[j] |= w
		if j > 0 {
			out.rows[j-1] |= w
		}
		if j < 63 {
			out.rows[j+1] |= w
		}
	}
	for _, r := range out.rows {
		out.ink += bits.OnesCount64(r)
	}
	return out
}

// withoutTargets is the blank's bits with each target and what a hasty mark reaches around it wiped out.
func (b *blank) withoutTargets() *scanner.Bits {
	out := b.full.bits.Clone()
	const near = 0.05
	for _, t := range b.page.Targets {
		for y := int((t.Y - t.H/2 - near) * b.full.dpi); y <= int((t.Y+t.H/2+near)*b.full.dpi); y++ {
			for x := int((t.X - t.W/2 - near) * b.full.dpi); x <= int((t.X+t.W/2+near)*b.full.dpi); x++ {
				out.Clear(x, y)
			}
		}
	}
	return out
}
