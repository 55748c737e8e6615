package template

import (
	"fmt"
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
func (f *fit) denied(tiles []familyTile, members []*blank, k int) *Refusal {
	l := f.blank
	nx, _ := l.lattice()
	extra := make([]bool, len(tiles))
	for i := range tiles {
		t := &tiles[i]
		w := t.print[k]
		if t.scan == nil {
			continue
		}
		var zone patch
		rivalOf := -1
		for n, v := range t.print {
			if v == w {
				continue
			}
			mine, theirs := onlyOf(&w.print, &v.print, 1)
			if mine.ink+theirs.ink >= leastOwn && rivalOf < 0 {
				rivalOf = n
			}
			for j := range zone.rows {
				zone.rows[j] |= mine.rows[j] | theirs.rows[j]
			}
		}
		if rivalOf < 0 {
			continue
		}
		zone = thickPatch(zone, 2)
		var page, lost, more patch
		for j := range page.rows {
			page.rows[j] = t.scan.Window(tileReach+w.dx, tileReach+w.dy+j)
		}
		nearPage, nearPrint := grow(page), thickPatch(w.print, 2)
		asked := 0
		for j := tileRim; j < 64-tileRim; j++ {
			in := zone.rows[j] & inner
			lost.rows[j] = w.print.rows[j] & inner &^ nearPage.rows[j]
			more.rows[j] = page.rows[j] & in &^ nearPrint.rows[j]
			asked += bits.OnesCount64(w.print.rows[j] & inner)
		}
		if left := inkOf(&page); left*5 < asked { // torn off or covered in white: it says nothing
			continue
		}
		if n := solidInk(&lost); n >= gonePrint && float64(n) >= goneShare*float64(asked) {
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
