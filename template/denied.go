package template

import (
	"fmt"
	"image"
	"math"
	"math/bits"
)

// The near-twin that stands best against the others may still not be the page's: its own style may be missing from the
// election. So where near-twins differ, the winner's print must be on the page whole, and nothing else in its place.

const (
	// gonePrint is the print, in pixels that hang together, that may not be missing at one tile, and goneShare the
	// part of its print: half the stroke of a digit. Noise breaks letters in single pixels; drawn pages of the right style,
	// slanted, soft, faint or dark, miss 2 at most.
	gonePrint = 5
	goneShare = 0.012
	// extraPrint is the ink, in pixels that hang together, that may stand where the winner prints nothing. A hand can add as
	// much, so it counts only where most tiles of one place show it: a line of print that says something else.
	extraPrint = 12
)

// denied says whether the page shows something else than the winner, the k-th of the members, where the family differs.
func (f *fit) denied(pl *plane, tiles []familyTile, members []*blank, k int) *Refusal {
	l := f.blank
	nx, _ := l.lattice()
	extra := make([]bool, len(tiles))
	for i := range tiles {
		t := &tiles[i]
		w := t.print(k)
		if t.scan == nil {
			continue
		}
		var zone patch
		rivalOf := -1
		for n := -1; n < len(t.own); n++ {
			v, member := &t.lead, 0
			if n >= 0 {
				v, member = t.own[n].variant, t.own[n].kin+1
			}
			if v == w {
				continue
			}
			mine, theirs := only(&w.print, &v.thick1), only(&v.print, &w.thick1)
			if mine.ink+theirs.ink >= leastOwn && rivalOf < 0 {
				rivalOf = member
			}
			for j := range zone.rows {
				zone.rows[j] |= mine.rows[j] | theirs.rows[j]
			}
		}
		if rivalOf < 0 {
			continue
		}
		zone = thickPatch(zone, 2)
		var lost, more patch
		seen := t.at(w)
		page, nearPage, nearPrint := &seen.page, &seen.near, &w.thick2
		asked := 0
		for j := tileRim; j < 64-tileRim; j++ {
			in := zone.rows[j] & inner
			lost.rows[j] = w.print.rows[j] & inner &^ nearPage.rows[j]
			more.rows[j] = page.rows[j] & in &^ nearPrint.rows[j]
			asked += bits.OnesCount64(w.print.rows[j] & inner)
		}
		if left := inkOf(page); left*5 < asked { // torn off or covered in white: it says nothing
			continue
		}
		enough := func(n int) bool { return n >= gonePrint && float64(n) >= goneShare*float64(asked) }
		if enough(solidInk(&lost)) && enough(f.hiddenInk(pl, l.family.tiles[i], w, &lost)) {
			return neither(members[k], members[rivalOf])
		}
		extra[i] = solidInk(&more) >= extraPrint
	}
	// Tiles beside one another are one place.
	at := map[int]int{}
	for i, t := range l.family.tiles {
		at[t] = i
	}
	seen := make([]bool, len(tiles))
	for i := range tiles {
		if seen[i] {
			continue
		}
		place := []int{i}
		seen[i] = true
		shown := 0
		for n := 0; n < len(place); n++ {
			if extra[place[n]] {
				shown++
			}
			t := l.family.tiles[place[n]]
			for _, d := range []int{-1, 1, -nx, nx} {
				if j, ok := at[t+d]; ok && !seen[j] {
					seen[j] = true
					place = append(place, j)
				}
			}
		}
		if 2*shown >= len(place) && shown > 0 {
			return neither(members[k], members[(k+1)%len(members)])
		}
	}
	return nil
}

// hiddenInk is solidInk of what a tile's patch has lost and the scan's grey does not show either: a screen whose dots run
// together, or a hairline, is white once the page is bits.
func (f *fit) hiddenInk(pl *plane, tile int, w *variant, lost *patch) int {
	if pl.page == nil {
		return solidInk(lost)
	}
	l := f.blank
	cx, cy := l.tileAt(tile)
	dpi := l.full.dpi
	j := f.m.jacobian(cx/dpi, cy/dpi).after(affine{A: 1 / dpi, E: 1 / dpi})
	printed := func(x, y int) bool {
		ix, iy, ok := f.m.inches(float64(x)+0.5, float64(y)+0.5)
		bx, by := int(ix*dpi), int(iy*dpi)
		const r = faintMove + 2
		return !ok || l.full.bits.CountRect(image.Rect(bx-r, by-r, bx+r+1, by+r+1)) > 0
	}
	left := *lost
	ink := pl.inkLevel()
	for y := 0; y < 64; y += faintCell {
		for x := 0; x < 64; x += faintCell {
			var at []image.Point
			var cell image.Rectangle
			for r := y; r < y+faintCell; r++ {
				for c := x; c < x+faintCell; c++ {
					if lost.rows[r]>>c&1 == 1 {
						px, py := j.at(cx-31.5+float64(c+w.dx), cy-31.5+float64(r+w.dy))
						p := image.Pt(int(math.Floor(px)), int(math.Floor(py)))
						at = append(at, p)
						cell = cell.Union(image.Rectangle{Min: p, Max: p.Add(image.Pt(1, 1))})
					}
				}
			}
			if len(at) < faintLeast || !pl.shows(at, cell, printed, ink) {
				continue
			}
			for r := y; r < y+faintCell; r++ {
				left.rows[r] &^= (1<<faintCell - 1) << x
			}
		}
	}
	return solidInk(&left)
}

func neither(a, b *blank) *Refusal {
	return &Refusal{Reason: Ambiguous, Detail: fmt.Sprintf("style %s page %d fits best, but where it and near-twins such as %s page %d differ the page shows other print, or print is gone",
		a.style.ID, a.page.Number, b.style.ID, b.page.Number)}
}

// inkOf counts the patch's ink, its rim left out.
func inkOf(p *patch) int {
	n := 0
	for j := tileRim; j < 64-tileRim; j++ {
		n += bits.OnesCount64(p.rows[j] & inner)
	}
	return n
}

// solidInk counts the patch's pixels that are the corner of a 2 x 2 square of ink.
func solidInk(p *patch) int {
	n := 0
	for j := range 63 {
		both := p.rows[j] & p.rows[j+1]
		n += bits.OnesCount64(both & (both >> 1))
	}
	return n
}
