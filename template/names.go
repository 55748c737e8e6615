package template

import (
	"fmt"
	"math/bits"

	"recount/scanner"
)

// Styles of one election often print the same offices in the same places with other names, or the same names in another
// order. At the size of a name another name is nearly as dark in nearly the same lines, so ink that is lost or new tells
// little; what tells is whether the page's letters lie on the blank's letters more than any print would by chance.
const (
	// nameInk is the print, in pixels at planeDPI, that a name's place must have to be asked: with less it is a line to write on.
	nameInk = 300
	// nameChance is the part of it that may lie on the page's print by chance before a place tells nothing: ruled, or grey.
	nameChance = 0.75
	// nameOther is the likeness, from 0 (as much as by chance) to 1, under which a name is another's, and nameSure that from which
	// no better is looked for. Names of right styles have 0.31 to 1 on 142 real scans, the palest dithered ones least; on pages
	// drawn with the names in another order 3 of 4 have less than 0.30 (measured 2026-11).
	nameOther, nameSure = 0.30, 0.60
	// namePlaces is how many places of 64 pixels, from the target outwards, a name is asked at.
	namePlaces = 2
	// namesMany and namesShare are how many names, and which part of those asked, make the page another style's.
	namesMany, namesShare = 4, 0.15
)

// nameLike is how a name's print lies on the page: its ink and the page's there, and how much of the one lies on the other where it
// should and, at most, elsewhere.
type nameLike struct{ ink, page, near, chance int }

// like is the part of the fainter of both that lies on the other, beyond chance. ok is false where that says nothing. A scribble
// across a name adds to the page's ink and a pale scan takes from it; neither moves what is left.
func (n nameLike) like() (v float64, ok bool) {
	least := min(n.ink, n.page)
	if n.ink < nameInk || 2*n.page < n.ink || float64(n.chance) > nameChance*float64(least) {
		return 0, false
	}
	return float64(n.near-n.chance) / float64(least-n.chance), true
}

// misnamed says of each target whether another name stands beside it than the blank prints, and at how many it could be asked.
func (f *fit) misnamed(pl *plane) (other []bool, asked int) {
	b := f.blank
	ts := b.page.Targets
	other = make([]bool, len(ts))
	if b.drawn() {
		return other, 0
	}
	side := 64 / f.m.base.scale() // of a place, inches
	for i, a := range nameAreas(ts, b.w, b.h, b.full.bits, b.full.dpi) {
		var places [namePlaces]namePlace
		n := 0
		for k := range namePlaces {
			x := a.x1 - side*(float64(k)+0.5)
			if a.x0 > ts[i].X {
				x = a.x0 + side*(float64(k)+0.5)
			}
			if a.empty() || x < a.x0 || x > a.x1 {
				break
			}
			if places[n].set(f, pl, x, ts[i].Y) {
				n++
			}
		}
		v, ok := likeAt(places[:n], 1, 2)
		if ok && v < nameSure {
			v, ok = likeAt(places[:n], 3, 7)
		}
		if ok {
			asked++
			other[i] = v < nameOther
		}
	}
	return other, asked
}

// otherNames refuses a page on which many of the targets' names are others than the style's.
func (f *fit) otherNames(other []bool, asked int) *Refusal {
	n := 0
	for _, o := range other {
		if o {
			n++
		}
	}
	if n < namesMany || float64(n) < namesShare*float64(asked) {
		return nil
	}
	return &Refusal{Reason: NoStyle, Detail: fmt.Sprintf("the page is laid out like style %s page %d, but beside %d of %d targets another name stands: "+
		"if it is of this election, add its style's blank to the definition", f.blank.style.ID, f.blank.page.Number, n, asked)}
}

// namePlace is a place of the page and what the blank prints there, without its ruled lines.
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
	for j, r := range p.print.rows {
		if r != 0 {
			n += bits.OnesCount64(r & p.bits.Window(p.x+dx, p.y+j+dy))
		}
	}
	return n
}

// likeAt weighs a name's places, each moved by up to reach pixels to where it lies best; chance is what lies on print at the best of
// far pairs of places along the line.
func likeAt(places []namePlace, reach, far int) (v float64, ok bool) {
	var n nameLike
	var chance [2 * 7]int
	for i := range places {
		p := &places[i]
		best, bx, by := -1, 0, 0
		for dy := -reach; dy <= reach; dy++ {
			for dx := -reach; dx <= reach; dx++ {
				if on := p.on(dx, dy); on > best {
					best, bx, by = on, dx, dy
				}
			}
		}
		n.ink += p.print.ink
		n.near += best
		for j := range p.print.rows {
			n.page += bits.OnesCount64(p.bits.Window(p.x+bx, p.y+j+by))
		}
		for k := range far {
			d := 7 + k*7/far // a letter and more
			chance[2*k] += p.on(bx-d, by)
			chance[2*k+1] += p.on(bx+d, by)
		}
	}
	for _, c := range chance {
		n.chance = max(n.chance, c)
	}
	return n.like()
}

// unrule takes lines that cross most of a patch out of it: they lie on each other wherever they are moved along themselves.
func (p *patch) unrule() {
	const most = 44
	p.ink = 0
	cols := [64]int{}
	for j, r := range p.rows {
		if bits.OnesCount64(r) >= most {
			p.rows[j] = 0
		}
		for r := p.rows[j]; r != 0; r &= r - 1 {
			cols[bits.TrailingZeros64(r)]++
		}
	}
	keep := ^uint64(0)
	for i, n := range cols {
		if n >= most {
			keep &^= 1 << i
		}
	}
	for j := range p.rows {
		p.rows[j] &= keep
		p.ink += bits.OnesCount64(p.rows[j])
	}
}
