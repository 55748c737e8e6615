package template

import (
	"fmt"
	"math/bits"
)

// A page can lie well on a blank and still be another's: styles share their frame, their headings, their timing marks. So
// what the blank prints must be on the page. Places where it is not, and something else is, speak against the style;
// handwriting adds ink but takes none away, and damage takes away but adds no print.
const (
	// readablePrint is the print, in pixels at planeDPI, that a place must have to be asked: a few letters.
	readablePrint = 200
	// otherPlaces and otherShare are how many places, and which part of those asked, make the page another's. Over 13 sets
	// of real scans right styles have 0 to 7 such places of 200 to 850 (a corrected paragraph, a margin stretched beyond the
	// anchors), wrong sides and parties 31 to 137; measured 2026-11.
	otherPlaces = 10
	otherShare  = 0.02
)

// contradictions counts the places of the page that show other print than the blank, and the places asked.
func (f *fit) contradictions(pl *plane) (other, asked int) {
	if f.blank.drawn() {
		return f.strange(), len(f.blank.page.Targets)
	}
	for y := 32; y < pl.bits.H; y += 56 {
		for x := 32; x < pl.bits.W; x += 56 {
			p, ok := f.tile(pl, float64(x), float64(y), 6)
			if !ok || p.ink < readablePrint {
				continue
			}
			asked++
			var page patch
			for j := range page.rows {
				page.rows[j] = pl.bits.Window(x-32, y-32+j)
			}
			nearBlank, nearPage := grow(grow(p)), grow(grow(page))
			missing, extra := 0, 0
			for j := range p.rows {
				missing += bits.OnesCount64(p.rows[j] &^ nearPage.rows[j])
				extra += bits.OnesCount64(page.rows[j] &^ nearBlank.rows[j])
			}
			if missing*10 >= p.ink*3 && extra*5 >= p.ink {
				other++
			}
		}
	}
	return other, asked
}

// contradicted says whether the page's print denies the style, and else at how many places it differs.
func (f *fit) contradicted(pl *plane) (int, *Refusal) {
	if f.blank.drawn() {
		return f.gridContradicted()
	}
	other, asked := f.contradictions(pl)
	if other >= otherPlaces && float64(other) >= otherShare*float64(asked) {
		return other, &Refusal{Reason: NoStyle, Detail: fmt.Sprintf("the page is laid out like style %s page %d, but at %d of %d places it shows other print",
			f.blank.style.ID, f.blank.page.Number, other, asked)}
	}
	return other, nil
}
