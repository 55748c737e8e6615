package template

import (
	"fmt"
	"image"
	"math"
	"slices"
	"sort"

	"recount/election"
	"recount/scanner"
)

// A slip or a second sheet that lies over a few targets hides their print and can show a target of its own in the same place.
// The blank says what must stand beside each target: a name, an office, a line. Where that is not there, the target is not
// read as if it were.

const (
	// coverInk is the print, in pixels at planeDPI, without which nothing can be said: a few letters.
	coverInk = 60
	// coverLost is the part of that print that must be lost, beyond what the page loses everywhere: of 2,800 targets of real
	// scans none loses over 0.06 on its line (measured 2026-11), but where the scanner stretched the margin and the print is
	// found moved; above and below it one in a thousand loses up to 0.29, and is found moved too.
	coverLost = 0.2
	// coverReplaced and coverOther are for print that other print took the place of: letters lie partly on letters, so less is
	// lost, but ink is there that the blank does not print, as a part of what it does.
	coverReplaced, coverOther = 0.1, 0.15
	// coverPeers is how many places, alike in how fine their print is, say what the page loses in such print everywhere.
	coverPeers = 16
	// coverNext and coverReach: a target that loses this part, this near to a hidden one in inches, is hidden too.
	coverNext, coverReach = 0.04, 1.6
	// coverEdge is how near the scan's edge, in inches, print is not asked: the paper ends there, and what runs over it is cut.
	coverEdge = 0.15
	// coverMove is how far, in plane pixels, print may have moved and still be there.
	coverMove = 18
)

// besides are the places about a target that are asked, inches from its middle: its line of print, where most names stand, and
// what is above and below it, where others do.
var besides = [3]struct{ x, y, w, h float64 }{{0, 0, 1, 0.32}, {0, 0.28, 0.9, 0.24}, {0, -0.28, 0.9, 0.24}}

// covered says of each target of the page whether its neighbourhood is hidden.
func (f *fit) covered(pl *plane, c compared) []bool {
	ts := f.blank.page.Targets
	out := make([]bool, len(ts))
	if !f.anyLost(c) { // as on nearly every page
		return out
	}
	dots := screened(c.print)
	c.print, c.lost = c.print.Without(dots), c.lost.Without(dots)
	dots.Release()
	defer c.print.Release() // of this c: firm gives another
	defer c.lost.Release()
	if !f.anyLost(c) {
		return out
	}
	all := c
	c = c.firm(pl)
	lost := f.losses(all.print, c.print, c.lost)
	if most(lost) < coverReplaced {
		return out
	}
	whole := pl.uncut()
	still := f.losses(all.print, c.print, c.lost.Without(whole.bits.Grow(nearPrint)))
	for i, t := range ts {
		for k, b := range besides {
			if lost[i][k] < coverReplaced || out[i] {
				continue
			}
			n, other := f.beside(t, k, c.print, c.strays)
			switch share := still[i][k]; {
			case share >= coverLost:
				out[i] = !f.moved(whole, t.X+b.x, t.Y+b.y, 0.2)
			case share >= coverReplaced && float64(other) >= coverOther*float64(n):
				out[i] = !f.moved(whole, t.X+b.x, t.Y+b.y, 0.1)
			}
		}
	}
	if !slices.Contains(out, true) {
		return out
	}
	lost = f.losses(all.print, all.print, all.lost.Without(whole.bits.Grow(nearPrint))) // a mark that the scan's edge cuts is not hidden
	return spread(ts, out, lost)
}

// losses is the part of the print in each place about each target that is lost beyond what the page loses everywhere in print
// as fine: a faint or bitonal scan loses some. all is the print with what is too fine to be asked. The loss is -1 where there is
// too little print to say.
func (f *fit) losses(all, print, gone *scanner.Bits) [][len(besides)]float64 {
	type asked struct{ i, k, n, gone, thick int }
	var places []asked
	lost := make([][len(besides)]float64, len(f.blank.page.Targets))
	thick := thickest(thinned(print))
	for i, t := range f.blank.page.Targets {
		for k := range besides {
			lost[i][k] = -1
			whole, n := f.beside(t, k, all, print)
			if _, g := f.beside(t, k, print, gone); n >= coverInk && 2*n >= whole {
				_, th := f.beside(t, k, print, thick)
				places = append(places, asked{i, k, n, g, th})
			}
		}
	}
	sort.SliceStable(places, func(i, j int) bool { return places[i].thick*places[j].n < places[j].thick*places[i].n })
	for n, a := range places {
		from := min(max(0, n-coverPeers/2), max(0, len(places)-coverPeers))
		var peers []float64
		for _, p := range places[from:min(len(places), from+coverPeers)] {
			peers = append(peers, float64(p.gone)/float64(p.n))
		}
		sort.Float64s(peers)
		lost[a.i][a.k] = max(0, float64(a.gone)/float64(a.n)-1.5*peers[len(peers)/4])
	}
	return lost
}

// anyLost says whether any place about a target loses so much print that it could be hidden.
func (f *fit) anyLost(c compared) bool {
	for _, t := range f.blank.page.Targets {
		for k := range besides {
			if f.keeps(t, k, c.lost) {
				continue
			}
			if n, gone := f.beside(t, k, c.print, c.lost); n >= coverInk && float64(gone) >= coverReplaced*float64(n) {
				return true
			}
		}
	}
	return false
}

// keeps says whether so little is lost in and around the k-th place about a target that no print there can be hidden.
func (f *fit) keeps(t election.Target, k int, lost *scanner.Bits) bool {
	step := 1 / f.blank.full.dpi
	j := f.m.jacobian(t.X, t.Y)
	b := besides[k]
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range [4][2]float64{{-1, -1}, {-1, 1}, {1, -1}, {1, 1}} {
		x, y := j.at(t.X+b.x+c[0]*(b.w/2+2*step), t.Y+b.y+c[1]*(b.h/2+2*step))
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
	}
	if !(x1-x0 < 1e5 && y1-y0 < 1e5) {
		return false
	}
	// beside takes a sample a pixel of the blank, and so can count one of the scan more than once.
	often := math.Ceil(1/max(0.1, j.scale()*step)) + 1
	return float64(lost.CountRect(image.Rect(int(x0)-1, int(y0)-1, int(x1)+2, int(y1)+2)))*often*often < coverReplaced*coverInk
}

func most(lost [][len(besides)]float64) float64 {
	m := -1.0
	for _, l := range lost {
		m = max(m, slices.Max(l[:]))
	}
	return m
}

// Where so many targets of a page have other print beside them, and such a part of all, the page is not the style's: another
// election's, of the same offices in the same frame, or one that another sheet lies on. Slips cover a few.
// None of 142 real scans of right styles has a hidden target; a page of a like town with the same offices has 5 of 20 and eight
// places of other print (measured 2026-11).
const foreignTargets, foreignShare, foreignOther = 4, 0.2, 3

// foreign refuses a page whose targets stand beside other print than the style's; others is at how many places the page shows other
// print. Where print is only gone, under white paper or a bleach, the rest of the page is sound, and the targets are asked
// about one by one.
func (f *fit) foreign(hidden []bool, others int) *Refusal {
	n := 0
	for _, h := range hidden {
		if h {
			n++
		}
	}
	if others < foreignOther || n < foreignTargets || float64(n) < foreignShare*float64(len(hidden)) {
		return nil
	}
	return &Refusal{Reason: OtherElection, Detail: fmt.Sprintf("the page is laid out like style %s page %d, but beside %d of its %d targets other print stands: "+
		"it is another election's or town's, its style's blank is missing from the definition, or another sheet lies on it",
		f.blank.style.ID, f.blank.page.Number, n, len(hidden))}
}

// spread takes the targets beside a hidden one that lose some print too for hidden by the same slip.
func spread(ts []election.Target, hidden []bool, lost [][len(besides)]float64) []bool {
	out := slices.Clone(hidden)
	for i, t := range ts {
		if slices.Max(lost[i][:]) < coverNext {
			continue
		}
		for k, o := range ts {
			if hidden[k] && math.Hypot(t.X-o.X, t.Y-o.Y) <= coverReach {
				out[i] = true
			}
		}
	}
	return out
}

// beside counts the print in the k-th place about a target, and what of it is lost.
func (f *fit) beside(t election.Target, k int, print, lost *scanner.Bits) (n, gone int) {
	step := 1 / f.blank.full.dpi
	edge := coverEdge * f.blank.full.dpi // the scan's resolution is near the blank's on the plane
	j := f.m.jacobian(t.X, t.Y)
	b := besides[k]
	// The target's own outline is marks' to find: a slip may show one of its own there.
	ax, ay := j.A*step, j.D*step
	all, from, to := 0, 0, 0 // samples in a line, and those over the target
	for dx := b.x - b.w/2; dx <= b.x+b.w/2; dx += step {
		all++
		if dx <= -t.W/2-0.05 {
			from = all
		}
		if dx < t.W/2+0.05 {
			to = all
		}
	}
	within := func(x, y float64) bool {
		return x >= edge && y >= edge && x <= float64(print.W)-edge && y <= float64(print.H)-edge
	}
	count := func(dy float64, from, to int) {
		px, py := j.at(t.X+b.x-b.w/2+float64(from)*step, t.Y+dy)
		if last := float64(to - 1 - from); !within(px, py) || !within(px+last*ax, py+last*ay) { // the page ends here
			for ; from < to; from++ {
				if within(px, py) {
					c, d := countBoth(print, lost, px, py, ax, ay, 1)
					n, gone = n+c, gone+d
				}
				px, py = px+ax, py+ay
			}
			return
		}
		c, d := countBoth(print, lost, px, py, ax, ay, to-from)
		n, gone = n+c, gone+d
	}
	for dy := b.y - b.h/2; dy <= b.y+b.h/2; dy += step {
		if math.Abs(dy) < t.H/2+0.05 {
			count(dy, 0, from)
			count(dy, to, all)
		} else {
			count(dy, 0, all)
		}
	}
	return n, gone
}

// moved says whether the print to both sides of a point is on the page after all, but for less than most of it, only further
// off than the mapping allows.
func (f *fit) moved(pl *plane, x, y, most float64) bool {
	some := false
	for _, dx := range [3]float64{-0.25, 0, 0.25} {
		px, py := f.m.plane(x+dx, y)
		if !(px >= 0 && py >= 0 && px < float64(pl.bits.W) && py < float64(pl.bits.H)) {
			return false
		}
		p, ok := f.tile(pl, px, py, coverMove)
		if !ok || p.ink < coverInk {
			continue
		}
		a := holdAgainst(pl, &p, int(px), int(py))
		if float64(a.missing) >= most*float64(a.ink) {
			return false
		}
		some = true
	}
	return some
}
