package template

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"recount/scanner"
)

// Styles of one election often print the same offices in the same places with other names, or the same names in another
// order. At the size of a name another name is nearly as dark in nearly the same lines, so ink that is lost or new tells
// little; what tells is whether the page's letters lie on the blank's letters more than any print would by chance.
const (
	// nameInk is the print, in pixels at planeDPI, that a name's place must have to be asked: with less it is a line to write on.
	nameInk = 300
	// nameDense is the ink with which a place is no plain print, on the blank or on the page: a SAMPLE across it, a shade, a scribble.
	nameDense = 1600
	// nameChance is the part of it that may lie on the page's print by chance before a place tells nothing: ruled, or grey.
	nameChance = 0.75
	// nameOther is the likeness, from 0 (as much as by chance) to 1, under which the name is another's, and nameSure that from which
	// no better is looked for. On 142 real scans of right styles none of the 2,463
	// names asked is under it, on pages drawn with the names in another order 10 of 26 and more, on another town's 11 of 12 (measured 2026-11).
	nameOther, nameSure = 0.25, 0.60
	// namePlaces is how many places of 64 pixels each name is asked at.
	namePlaces = 2
	// nameReach and nameHigh are how far from a target, in inches, its name is looked for along the line and up and down; no name
	// stands beyond the next target. nameClear is what hands mark around a target.
	nameReach, nameHigh, nameClear = 1.2, 0.7, 0.06
	// namesMany and namesShare are how many names, and which part of those asked, make the page another style's. Of 323 pages of
	// their own style, drawn with damage, 320 have none, and the worst, blurred until thin strokes are lost, 8 of 154.
	namesMany, namesShare = 5, 0.20
)

// nameLike is how a name's print lies on the page: its ink and the page's there, and how much of the one lies on the other where it
// should and, at most, elsewhere.
type nameLike struct{ ink, page, near, chance int }

// like is the part of the fainter of both that lies on the other, beyond chance. ok is false where that says nothing. A scribble
// across a name adds to the page's ink and a pale scan takes from it; neither moves what is left.
func (n nameLike) like() (v float64, ok bool) {
	least := min(n.ink, n.page)
	if n.ink < nameInk || max(n.ink, n.page) > nameDense || 2*n.page < n.ink || float64(n.chance) > nameChance*float64(least) {
		return 0, false
	}
	return float64(n.near-n.chance) / float64(least-n.chance), true
}

// misnamed refuses a page beside many of whose targets another name stands than the blank prints. A single one is no proof: there
// other print, counted place by place, makes the page a question.
func (f *fit) misnamed(pl *plane) *Refusal {
	b := f.blank
	b.nameOnce.Do(b.findNames)
	others, asked := 0, 0
	for _, spots := range b.nameSpots {
		least := 2.0
		for _, sp := range spots {
			var p namePlace
			if !p.set(f, pl, sp.x, sp.y) {
				continue
			}
			v, ok := p.like(1, 2)
			if ok && v < nameSure {
				v, ok = p.like(3, 7)
			}
			if ok {
				least = min(least, v)
			}
		}
		if least > 1 {
			continue
		}
		asked++
		if least < nameOther {
			others++
		}
	}
	if others < namesMany || float64(others) < namesShare*float64(asked) {
		return nil
	}
	return &Refusal{Reason: NoStyle, Detail: fmt.Sprintf("the page is laid out like style %s page %d, but beside %d of %d targets another name stands: "+
		"if it is of this election, add its style's blank to the definition", b.style.ID, b.page.Number, others, asked)}
}

// findNames notes, for each target, where most print stands near it and no other target is nearer: in lists its name, in a grid
// of parties and offices the names above or below.
func (b *blank) findNames() {
	const step = 16
	dpi := b.full.dpi
	ts := b.page.Targets
	b.nameSpots = make([][]spot, len(ts))
	for i, t := range ts {
		a := area{t.X - nameReach, t.Y - nameHigh, t.X + nameReach, t.Y + nameHigh}
		for k, o := range ts {
			dx, dy := o.X-t.X, o.Y-t.Y
			switch {
			case k == i:
			case math.Abs(dx) < (t.W+o.W)/2 && dy < 0:
				a.y0 = max(a.y0, t.Y+dy/2)
			case math.Abs(dx) < (t.W+o.W)/2:
				a.y1 = min(a.y1, t.Y+dy/2)
			case math.Abs(dy) < (t.H+o.H)/2 && dx < 0:
				a.x0 = max(a.x0, o.X+o.W/2+nameClear)
			case math.Abs(dy) < (t.H+o.H)/2:
				a.x1 = min(a.x1, o.X-o.W/2-nameClear)
			}
		}
		clear := area{t.X - t.W/2 - nameClear, t.Y - t.H/2 - nameClear, t.X + t.W/2 + nameClear, t.Y + t.H/2 + nameClear}
		for range namePlaces {
			var best spot
			most := 0.0
			for y := int(a.y0 * dpi); y+64 <= int(a.y1*dpi)+32; y += step {
				for x := int(a.x0 * dpi); x+64 <= int(a.x1*dpi); x += step {
					x0, y0, x1, y1 := float64(x)/dpi, float64(y)/dpi, float64(x+64)/dpi, float64(y+64)/dpi
					sp := spot{(x0 + x1) / 2, (y0 + y1) / 2}
					if x0 < clear.x1 && x1 > clear.x0 && y0 < clear.y1 && y1 > clear.y0 || slices.ContainsFunc(b.nameSpots[i], func(o spot) bool {
						return math.Abs(o.x-sp.x) < 48/dpi && math.Abs(o.y-sp.y) < 48/dpi
					}) {
						continue
					}
					// The nearer of two is likelier the name.
					p := b.print(affine{A: 1, E: 1}, sp.x*dpi, sp.y*dpi)
					p.unsolid()
					p.unrule()
					if v := float64(p.ink) / (0.3 + math.Hypot(sp.x-t.X, sp.y-t.Y)); p.ink >= nameInk/4 && v > most {
						best, most = sp, v
					}
				}
			}
			if most == 0 {
				break
			}
			b.nameSpots[i] = append(b.nameSpots[i], best)
		}
	}
}

// namePlace is a place of the page and what the blank prints there, without ruled lines and grain.
type namePlace struct {
	print patch
	x, y  int
	bits  *scanner.Bits
}

// set draws the print around a point of the blank, in inches; it is false where there is none.
func (p *namePlace) set(f *fit, pl *plane, x, y float64) bool {
	px, py := f.m.plane(x, y)
	if !(px >= 32 && py >= 32 && px+32 <= float64(pl.bits.W) && py+32 <= float64(pl.bits.H)) {
		return false
	}
	p.x, p.y, p.bits = int(px)-32, int(py)-32, pl.bits
	var ok bool
	if p.print, ok = f.tile(pl, float64(int(px)), float64(int(py)), 0); !ok {
		return false
	}
	p.print.unrule()
	return p.print.ink > 0
}

// on counts the print that lies on the page's, the page moved by (dx, dy).
func (p *namePlace) on(dx, dy int) (n int) {
	x, y, b := p.x+dx, p.y+dy, p.bits
	k, shift := x>>6, uint(x&63)
	if x < 0 || y < 0 || y+64 > b.H || k+1 >= b.Stride {
		for j, r := range p.print.rows {
			n += bits.OnesCount64(r & b.Window(x, y+j))
		}
		return n
	}
	at := b.Words[y*b.Stride+k:]
	for j, r := range p.print.rows {
		two := at[j*b.Stride : j*b.Stride+2]
		n += bits.OnesCount64(r & (two[0]>>shift | two[1]<<(64-shift)))
	}
	return n
}

// like weighs a place, moved by up to reach pixels to where it lies best; chance is what lies on print at the best of far pairs of
// places along the line.
func (p *namePlace) like(reach, far int) (v float64, ok bool) {
	n := nameLike{ink: p.print.ink, near: -1}
	bx, by := 0, 0
	for dy := -reach; dy <= reach; dy++ {
		for dx := -reach; dx <= reach; dx++ {
			if on := p.on(dx, dy); on > n.near {
				n.near, bx, by = on, dx, dy
			}
		}
	}
	for j := range p.print.rows {
		n.page += bits.OnesCount64(p.bits.Window(p.x+bx, p.y+j+by))
	}
	for k := range far {
		d := 7 + k*7/far // a letter and more
		n.chance = max(n.chance, p.on(bx-d, by), p.on(bx+d, by))
	}
	return n.like()
}

// unsolid takes the squares of ten by ten pixels out of a patch's rows: timing marks and bars are no name's place. No stroke of a name's
// letters is as wide as a sixteenth of an inch.
func (p *patch) unsolid() {
	var in [64]uint64 // the first pixel of each square
	some := uint64(0)
	for j, r := range p.rows {
		for _, s := range squareSteps {
			r &= r >> s
		}
		in[j] = r
	}
	for _, s := range squareSteps {
		for j := range in {
			if j+s < len(in) {
				in[j] &= in[j+s]
			} else {
				in[j] = 0
			}
		}
	}
	for _, r := range in {
		some |= r
	}
	if some == 0 {
		return
	}
	for _, s := range squareSteps {
		for j := len(in) - 1; j >= s; j-- {
			in[j] |= in[j-s]
		}
	}
	for j, r := range in {
		for _, s := range squareSteps {
			r |= r << s
		}
		p.rows[j] &^= r
	}
}

// squareSteps add up to 9: after these shifts a run of ten is left as one pixel, or one pixel is a run of ten.
var squareSteps = [...]int{1, 2, 4, 2}

// unrule takes out of a patch what moves onto itself, or onto nothing, whatever is printed: lines longer than any letter's, 24 pixels
// and more, and the grain of shades, of which no stroke is three pixels long.
func (p *patch) unrule() {
	var down [64 + 23]uint64
	copy(down[:], p.rows[:])
	for _, s := range runSteps {
		for j := 0; j+s < len(down); j++ {
			down[j] &= down[j+s]
		}
	}
	for j := len(down) - 1; j >= 0; j-- { // a run that begins at row j goes on to j + 23
		for s := 1; down[j] != 0 && s < 24 && j+s < 64; s++ {
			p.rows[j+s] &^= down[j]
		}
	}
	for j, r := range p.rows {
		p.rows[j] &^= down[j]
		for _, s := range runSteps {
			r &= r << s
		}
		for _, s := range runSteps {
			r |= r >> s
		}
		p.rows[j] &^= r
	}
	var strokes [66]uint64
	for j, r := range p.rows {
		r &= r << 1 & (r << 2)
		strokes[j] |= r | r>>1 | r>>2
	}
	for j := range 62 {
		r := p.rows[j] & p.rows[j+1] & p.rows[j+2]
		strokes[j] |= r
		strokes[j+1] |= r
		strokes[j+2] |= r
	}
	p.ink = 0
	for j := range p.rows {
		p.rows[j] &= strokes[j]
		p.ink += bits.OnesCount64(p.rows[j])
	}
}

// runSteps add up to 23: what is left after these shifts begins, or ends, a run of 24.
var runSteps = [...]int{1, 2, 4, 8, 8}
