package template

import (
	"fmt"
	"image"
	"math"
	"math/bits"

	"recount/election"
	"recount/scanner"
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

// asked is a place of the page, 64 pixels of the plane square, held against what the blank prints there.
type asked struct {
	x, y                int // its middle, plane pixels
	col, row            int // of the lattice of places
	ink, missing, extra int // print, print that is not on the page, ink that is no print
}

// other says whether the place shows other print than the blank, gone whether hardly any of the blank's is left.
func (a asked) other() bool { return a.missing*10 >= a.ink*3 && a.extra*5 >= a.ink }
func (a asked) gone() bool  { return a.missing*10 >= a.ink*6 }

// ask holds every place of the page where the blank has print against it; print may have moved by up to 6 pixels.
func (f *fit) ask(pl *plane) []asked {
	if f.blank.drawn() {
		return nil
	}
	return f.askBy(pl, f.compare(pl))
}

// askBy is ask for a page that was compared. Nearly every place agrees as compare laid it; only one that does not is drawn by
// itself and looked for around it.
func (f *fit) askBy(pl *plane, c compared) []asked {
	print, lost := c.print.Clone(), c.lost.Clone()
	defer print.Release()
	defer lost.Release()
	for _, t := range f.blank.page.Targets {
		f.clear(print, t)
		f.clear(lost, t)
	}
	var out []asked
	for y := 32; y < pl.bits.H; y += 56 {
		for x := 32; x < pl.bits.W; x += 56 {
			a := asked{x: x, y: y, col: (x - 32) / 56, row: (y - 32) / 56, ink: inkAt(print, x-32, y-32)}
			if a.ink < readablePrint/2 {
				continue
			}
			a.missing = inkAt(lost, x-32, y-32)
			ok := a.ink >= readablePrint
			if !ok || a.missing*20 >= a.ink {
				if a, ok = f.askAt(pl, x, y, 6); ok && a.other() {
					a = f.astray(pl, a)
				}
			}
			if ok {
				out = append(out, a)
			}
		}
	}
	return out
}

// astrayReach is how far, in plane pixels, print is looked for that a feeder moved where no anchor holds the mapping, in the margins: a
// tenth of an inch, half of the closest rows' distance. astrayLost is the part of it that may then be missing.
const (
	astrayReach = 17
	astrayLost  = 0.15
)

// astray gives a place that shows other print as it is further off, if nearly all of the blank's print is there: then the mapping is off, which
// is for the targets near it to say, and the print is the blank's.
func (f *fit) astray(pl *plane, a asked) asked {
	if far, ok := f.askAt(pl, a.x, a.y, astrayReach); ok && float64(far.missing) <= astrayLost*float64(far.ink) {
		return far
	}
	return a
}

// clear takes a target and what hands mark around it out of print laid on the page.
func (f *fit) clear(print *scanner.Bits, t election.Target) {
	const near = 0.05
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range [4][2]float64{{-1, -1}, {-1, 1}, {1, -1}, {1, 1}} {
		x, y := f.m.plane(t.X+c[0]*(t.W/2+near), t.Y+c[1]*(t.H/2+near))
		x0, y0, x1, y1 = math.Min(x0, x), math.Min(y0, y), math.Max(x1, x), math.Max(y1, y)
	}
	if x1-x0 < 1e4 && y1-y0 < 1e4 { // a mapping may send a place anywhere
		print.ClearRect(image.Rect(int(x0), int(y0), int(x1)+1, int(y1)+1))
	}
}

// askAt is ask for the place around (x, y), whose print may have moved by r pixels. ok is false where it has too little.
func (f *fit) askAt(pl *plane, x, y, r int) (a asked, ok bool) {
	p, ok := f.tile(pl, float64(x), float64(y), r)
	if !ok || p.ink < readablePrint {
		return asked{}, false
	}
	if a = holdAgainst(pl, &p, x, y); a.missing*20 >= a.ink { // dots of a screen, which a soft scan loses, are not asked
		if solid := p.solid(); solid.ink < readablePrint {
			return asked{}, false
		} else if solid.ink < p.ink {
			b := holdAgainst(pl, &solid, x, y)
			a.ink, a.missing = b.ink, b.missing // what is left of the dots is no other print
		}
	}
	a.col, a.row = (x-32)/56, (y-32)/56
	return a, true
}

// holdAgainst compares the page around (x, y) with what should be printed there.
func holdAgainst(pl *plane, p *patch, x, y int) asked {
	a := asked{x: x, y: y, ink: p.ink}
	var page patch
	for j := range page.rows {
		page.rows[j] = pl.bits.Window(x-32, y-32+j)
	}
	nearBlank, nearPage := p.rows, page.rows
	thickRows(&nearBlank, 2)
	thickRows(&nearPage, 2)
	for j := range p.rows {
		a.missing += bits.OnesCount64(p.rows[j] &^ nearPage[j])
		a.extra += bits.OnesCount64(page.rows[j] &^ nearBlank[j])
	}
	return a
}

// others counts the places that show other print than the blank.
func (f *fit) others(places []asked) (n int) {
	if f.blank.drawn() {
		return f.strange()
	}
	for _, a := range places {
		if a.other() {
			n++
		}
	}
	return n
}

// contradicted says whether the page's print denies the style. Where most of the print asked is other print, the page is a
// ballot in the same frame and no more.
func (f *fit) contradicted(places []asked) *Refusal {
	if f.blank.drawn() {
		_, err := f.gridContradicted()
		return err
	}
	other, all := f.others(places), len(places)
	if other < otherPlaces || float64(other) < otherShare*float64(all) {
		return nil
	}
	r := &Refusal{Reason: NoStyle, Detail: fmt.Sprintf("the page is laid out like style %s page %d, but at %d of %d places it shows other print: "+
		"if it is of this election, add its style's blank to the definition", f.blank.style.ID, f.blank.page.Number, other, all)}
	if 2*other >= all {
		r.Reason = OtherElection
	}
	return r
}
