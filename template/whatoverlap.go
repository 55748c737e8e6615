package template

import (
	"fmt"
	"image"
	"math"
	"math/bits"

	"recount/scanner"
)

// Two sheets that went through a scanner together are one picture: the upper one, and what it leaves of the lower. The style
// that shows more of itself fits, even wholly; where the other shows, there is print that the fit does not explain. What
// tells the page from one that people wrote on, or of a missing style, is that this print is a second page's of this
// election, and that page lies elsewhere than the first.
const (
	// overlapPlaces is how many neighbouring places must show what the first page does not explain before a second is looked
	// for, and how many of them the second must explain.
	overlapPlaces = 6
	// overlapApart is how far apart, in inches, two pages lie at least. Styles share frames and whole contests at one place.
	overlapApart = 0.1
	// overlapShown is the part of those places, of the ones where the second page prints, that it must explain.
	overlapShown = 0.6
	// mostMoved is how many places are looked at more closely: a page with more is another's.
	mostMoved = 60
)

// place64 is a place of the lattice on which a page is asked.
type place64 struct{ col, row int }

func (p place64) middle() (x, y int) { return 32 + 56*p.col, 32 + 56*p.row }

// overlapped says whether the page shows, beside what the fit explains, a part of a second page.
func (s *Set) overlapped(pl *plane, f *fit, places []asked) *Refusal {
	if f.blank.drawn() { // what else is printed is not known
		return nil
	}
	strange := f.unexplained(pl, places)
	if len(strange) < overlapPlaces {
		return nil
	}
	second := s.partOf(pl, strange, f.m.base.scale(), overlapShown, func(o *fit) bool { return apart(f, o, strange) })
	if second == nil {
		return nil
	}
	return &Refusal{Reason: Overlap, Detail: fmt.Sprintf("the page shows style %s page %d and, elsewhere than printed with it, a part of style %s page %d: "+
		"two sheets went through the scanner on each other: take them apart and scan each; where it is one sheet, its style is not in this "+
		"election's definition: add it", f.blank.style.ID, f.blank.page.Number, second.blank.style.ID, second.blank.page.Number)}
}

// unexplained lists the largest group of neighbouring places that show what the fit's page does not: its print is gone there,
// and not only moved, or there is none that could be asked and the scan has some that the page does not print. Ink in and just
// around targets does not count.
func (f *fit) unexplained(pl *plane, places []asked) []place64 {
	gone, known := f.gonePlaces(pl, places), map[place64]bool{}
	for _, a := range places {
		known[place64{a.col, a.row}] = true
	}
	group := func(ink *scanner.Bits) []place64 {
		clear := ink.Clone()
		defer clear.Release()
		f.clearTargets(clear)
		strange := map[place64]bool{}
		var order []place64
		for row := 0; 32+56*row < pl.bits.H; row++ {
			for col := 0; 32+56*col < pl.bits.W; col++ {
				p := place64{col, row}
				x, y := p.middle()
				if gone[p] || !known[p] && inkAt(clear, x-32, y-32) >= readablePrint {
					strange[p] = true
					order = append(order, p)
				}
			}
		}
		return largestGroup(order, strange)
	}
	if all := group(pl.bits); len(all) < overlapPlaces {
		return all
	}
	// The page's own hairlines, too thin to be asked after, are as much ink in a coarse scan as a few letters.
	return group(f.compare(pl).strays)
}

// gonePlaces are the places where the page's print is gone, and not only moved.
func (f *fit) gonePlaces(pl *plane, places []asked) map[place64]bool {
	out := map[place64]bool{}
	closer := 0
	var whole *plane
	for _, a := range places {
		if !a.gone() {
			continue
		}
		if closer++; closer <= mostMoved {
			if whole == nil {
				whole = pl.uncut()
			}
			if b, ok := f.askAt(whole, a.x, a.y, coverMove); ok && !b.gone() {
				continue
			}
		}
		out[place64{a.col, a.row}] = true
	}
	return out
}

// clearTargets takes the targets, and what hands mark around them, out of ink on the plane.
func (f *fit) clearTargets(ink *scanner.Bits) {
	const near = 0.1
	for _, t := range f.blank.page.Targets {
		j := f.m.jacobian(t.X, t.Y)
		x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for _, c := range [4][2]float64{{-1, -1}, {-1, 1}, {1, -1}, {1, 1}} {
			x, y := j.at(t.X+c[0]*(t.W/2+near), t.Y+c[1]*(t.H/2+near))
			x0, y0, x1, y1 = math.Min(x0, x), math.Min(y0, y), math.Max(x1, x), math.Max(y1, y)
		}
		ink.ClearRect(image.Rect(int(x0), int(y0), int(x1), int(y1)))
	}
}

// largestGroup is the largest set of places within two steps of each other: white between lines of print is no place.
func largestGroup(order []place64, of map[place64]bool) []place64 {
	var best []place64
	for _, p := range order {
		if !of[p] {
			continue
		}
		group := []place64{p}
		delete(of, p)
		for i := 0; i < len(group); i++ {
			for dy := -2; dy <= 2; dy++ {
				for dx := -2; dx <= 2; dx++ {
					if n := (place64{group[i].col + dx, group[i].row + dy}); of[n] {
						group = append(group, n)
						delete(of, n)
					}
				}
			}
		}
		if len(group) > len(best) {
			best = group
		}
	}
	return best
}

// apart says whether the second page lies elsewhere than the first, in the middle of the places given.
func apart(f, second *fit, places []place64) bool {
	if f.rotation != second.rotation {
		return true
	}
	mx, my := 0.0, 0.0
	for _, p := range places {
		x, y := p.middle()
		mx, my = mx+float64(x), my+float64(y)
	}
	mx, my = mx/float64(len(places)), my/float64(len(places))
	x, y, ok := f.m.inches(mx, my)
	if !ok {
		return false
	}
	px, py := second.m.plane(x, y)
	least := overlapApart
	if f.feed != nil && f.blank.lead() == second.blank.lead() { // the feed may have moved a line without anchors by as much
		least = 2 * feedMost
	}
	return math.Hypot(px-mx, py-my) > least*second.m.base.scale()
}

const (
	// partCell is the size of the cells, in plane pixels, in which a part of a page is first looked for, and partInk the ink
	// that makes one dark: a line of print does.
	partCell, partInk = 16, 36
	// mostParts is how many blanks are tried.
	mostParts = 24
	// partAnchors is how many anchors of a part must lie on one mapping.
	partAnchors = 8
)

// partOf finds the page of which the places show a part, at about perInch pixels of the plane an inch, upright or turned by
// quarters; nil where none explains the least part of them that is asked for, or none for which accept is true.
func (s *Set) partOf(pl *plane, places []place64, perInch, least float64, accept func(*fit) bool) *fit {
	if !(perInch > 20 && perInch < 2000) {
		return nil
	}
	w, h := pl.bits.W/partCell+1, pl.bits.H/partCell+1
	ink, mask := scanner.NewBits(w, h), scanner.NewBits(w, h)
	for _, p := range places {
		x, y := p.middle()
		for j := max(0, (y-32)/partCell); j <= min(h-1, (y+31)/partCell); j++ {
			for i := max(0, (x-32)/partCell); i <= min(w-1, (x+31)/partCell); i++ {
				mask.Set(i, j, true)
				ink.Set(i, j, cellInk(pl.bits, float64(i*partCell), float64(j*partCell), partCell) >= partInk)
			}
		}
	}
	var best *fit
	most := 0
	for n, b := range s.blanks {
		if n >= mostParts {
			break
		}
		if b.drawn() {
			continue
		}
		for _, rotation := range [4]int{0, 180, 90, 270} {
			cells, toCells := b.cells(perInch, rotation)
			dx, dy, ok := shiftOf(ink, mask, cells)
			if !ok {
				continue
			}
			at := affine{A: partCell, E: partCell, C: float64(dx * partCell), F: float64(dy * partCell)}.after(toCells)
			f := s.refinePart(pl, guess{blank: b, rotation: rotation, toPlane: at}, mask)
			if f == nil || !accept(f) {
				continue
			}
			shown, all := 0, 0
			for _, p := range places {
				x, y := p.middle()
				if a, ok := f.askAt(pl, x, y, 4); ok {
					all++
					if a.missing*10 < a.ink*3 {
						shown++
					}
				}
			}
			if shown >= overlapPlaces && float64(shown) >= least*float64(all) && shown > most {
				best, most = f, shown
			}
		}
	}
	return best
}

// cellInk is the ink in a square of bits.
func cellInk(b *scanner.Bits, x, y, size float64) (n int) {
	x0, x1 := int(math.Floor(x)), int(math.Floor(x+size))
	for j := int(math.Floor(y)); j < int(math.Floor(y+size)); j++ {
		n += bits.OnesCount64(b.Window(x0, j) & (1<<min(x1-x0, 63) - 1))
	}
	return n
}

// cells are the blank's dark cells as it lies turned on a scan of perInch pixels an inch, and the way of its inches there.
func (b *blank) cells(perInch float64, rotation int) (*scanner.Bits, affine) {
	per := perInch / partCell // cells an inch
	m := affine{A: per, E: per}
	w, h := b.w*per, b.h*per
	switch rotation { // the scan is to be turned clockwise by that to stand upright
	case 180:
		m = affine{A: -per, E: -per, C: w, F: h}
	case 90:
		m = affine{B: per, D: -per, F: w}
		w, h = h, w
	case 270:
		m = affine{B: -per, D: per, C: h}
		w, h = h, w
	}
	out := scanner.NewBits(int(w)+1, int(h)+1)
	back, ok := m.inverse()
	if !ok {
		return out, m
	}
	size := b.full.dpi / per
	least := partInk * size * size / (partCell * partCell)
	for j := range out.H {
		for i := range out.W {
			x, y := back.at(float64(i)+0.5, float64(j)+0.5)
			out.Set(i, j, float64(cellInk(b.full.bits, x*b.full.dpi-size/2, y*b.full.dpi-size/2, size)) >= least)
		}
	}
	return out, m
}

// shiftOf finds where the cells of a blank lie on those of a page, as far as mask shows it. ok is false where they are no
// more alike than any print.
func shiftOf(ink, mask, cells *scanner.Bits) (dx, dy int, ok bool) {
	all := ink.Count()
	box := image.Rectangle{}
	for j := range mask.H {
		for i := range mask.W {
			if mask.At(i, j) {
				box = box.Union(image.Rect(i, j, i+1, j+1))
			}
		}
	}
	if all == 0 || box.Empty() {
		return 0, 0, false
	}
	// The middle of what is seen lies on the blank.
	cx, cy := (box.Min.X+box.Max.X)/2, (box.Min.Y+box.Max.Y)/2
	best := 0.0
	for y := cy - cells.H; y <= cy; y++ {
		for x := cx - cells.W; x <= cx; x++ {
			hits, there := 0, 0
			for j := max(box.Min.Y, y); j < min(box.Max.Y, y+cells.H); j++ {
				in, of := ink.Row(j), mask.Row(j)
				for k := range of {
					if of[k] == 0 {
						continue
					}
					c := cells.Window(64*k-x, j-y) & of[k]
					there += bits.OnesCount64(c)
					hits += bits.OnesCount64(c & in[k])
				}
			}
			if like := 2 * float64(hits) / float64(all+there); like > best {
				best, dx, dy = like, x, y
			}
		}
	}
	return dx, dy, best >= 0.4
}

// refinePart lays a guess's blank on the part of the page that mask shows, by its anchors there.
func (s *Set) refinePart(pl *plane, g guess, mask *scanner.Bits) *fit {
	b := g.blank
	at := func(m affine) func(x, y float64) affine { return func(x, y float64) affine { return m } }
	var here []spot
	for _, sp := range b.fine {
		x, y := g.toPlane.at(sp.x, sp.y)
		if mask.At(int(math.Floor(x/partCell)), int(math.Floor(y/partCell))) {
			here = append(here, sp)
		}
	}
	m, f := g.toPlane, &fit{guess: g}
	for _, r := range []int{18, 5} {
		var found []pair
		found, f.seen = look(pl.bits, b.full.bits, b.full.dpi, 1, at(m), here, r)
		if len(found) < partAnchors {
			return nil
		}
		next, agree, ok := robustAffine(found, 6)
		if !ok {
			return nil
		}
		if found = keep(found, agree); len(found) < partAnchors {
			return nil
		}
		m, f.anchors = next, found
		f.m = bend(m, float64(pl.k), found, b.w, b.h, 3)
	}
	f.judge()
	used := 0
	for _, u := range f.used {
		if u {
			used++
		}
	}
	if used < partAnchors {
		return nil
	}
	return f
}
