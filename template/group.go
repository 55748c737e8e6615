package template

import (
	"fmt"
	"image"
	"math"
	"sort"

	"recount/election"
)

// sameLayout is the fit from which a page is laid beside another to be compared in detail. Two voted pages of one style
// fit at 0.66 (two scanners, stretched feeds) to 1, other sides and other parties at 0.17 and less; near twins as their own.
const sameLayout = leastFit

// layout is pages laid out alike, each registered on the seed.
type layout struct {
	seed  *learnPage
	pages []*learnPage
}

// layouts sorts the pages into groups laid out alike, each page registered on one of them: that page serves as a
// blank for the time being, its marks being anchors that are not found again.
func (l *learner) layouts() []layout {
	var rest, seeds []*learnPage
	for _, p := range l.pages {
		if p.pl != nil {
			rest = append(rest, p)
		}
	}
	all, total := rest, len(rest)
	var only []*fit // on the first seed; where it is the only one, they are not looked for again
	set := &Set{}
	for len(rest) > 0 { // a page that fits no seed is one
		seed := rest[0]
		b := provisional(seed.pl, nil)
		fits := l.fit(&Set{blanks: []*blank{b}}, rest)
		if only == nil {
			only = fits
		}
		if fits[0] == nil {
			seed.reason = "too little is printed on it to place other pages by"
		} else {
			set.blanks, seeds = append(set.blanks, b), append(seeds, seed)
		}
		var others []*learnPage
		for i, p := range rest {
			if fits[i] == nil && i > 0 {
				others = append(others, p)
			}
		}
		rest = others
		l.tell("group", total-len(rest), total)
	}
	at := map[*blank]int{}
	for k, b := range set.blanks {
		at[b] = k
	}
	out := make([]layout, len(seeds))
	for k, seed := range seeds {
		out[k].seed = seed
	}
	fits := only
	if len(seeds) > 1 { // the first seed that a page fits need not be the one it fits best
		fits = l.fit(set, all)
	}
	for i, p := range all {
		if fits[i] != nil && p.reason == "" {
			p.take(fits[i])
			k := at[fits[i].blank]
			out[k].pages = append(out[k].pages, p)
		}
	}
	return out
}

// fit lays each page on the blank that it fits best; nil where it fits none.
func (l *learner) fit(set *Set, pages []*learnPage) []*fit {
	out := make([]*fit, len(pages))
	inParallel(l.o.Workers, len(pages), func(i int) {
		if fs := set.fits(pages[i].pl); len(fs) > 0 && fs[0].share >= sameLayout && fs[0].sound() == nil {
			out[i] = fs[0]
		}
	}, nil)
	return out
}

// take keeps how a page lies on a blank.
func (p *learnPage) take(f *fit) {
	p.rotation, p.m, p.share, p.residual = f.rotation, f.m, f.share, f.median*f.m.k
}

// provisional makes a blank to match with from packed bits.
func provisional(pl *plane, targets []Found) *blank {
	pg := &election.Page{Number: 1}
	for _, t := range targets {
		pg.Targets = append(pg.Targets, election.Target{X: t.X, Y: t.Y, W: t.W, H: t.H, Shape: t.Shape})
	}
	b := &blank{
		style: &election.Style{}, page: pg, full: pl, dpi: pl.dpi * float64(pl.k),
		w: float64(pl.bits.W) / pl.dpi, h: float64(pl.bits.H) / pl.dpi,
	}
	b.prepare()
	return b
}

// learnGroup is the pages of one style, as far as their print tells.
type learnGroup struct {
	name    string
	number  int
	pages   []*learnPage
	seed    *learnPage // whose plane the pages' mappings start from
	clean   *plane     // the pages' common print, in the seed's plane
	targets []learnTarget
	lost    []Found     // places seen on pages and not found on the blank
	dark    []darkShape // dark shapes of a target's size that never change
	line    float64     // thickness of the outlines: inches, on the finished blank pixels
	blank   *image.Gray
	dpi     float64
	turn    int // clockwise, of the seed
	top     top
	work    *blank // the finished blank, to match with
	fr      frame
	alike   []*learnGroup
	unlike  []difference
}

// difference is a place where a group shows other print than another.
type difference struct {
	group *learnGroup
	X, Y  float64 // inches on the seed's page
	ink   int     // how much print tells them apart
}

// nearest is the group of least pages or more from which the least print tells this one.
func (g *learnGroup) nearest(least int) (difference, bool) {
	best, ok := difference{}, false
	for _, u := range g.unlike {
		if len(u.group.pages) >= least && (!ok || u.ink < best.ink) {
			best, ok = u, true
		}
	}
	return best, ok
}

// onBlank carries inches on the seed's page to inches on the finished blank.
func (g *learnGroup) onBlank(x, y float64) (float64, float64) {
	inv, _ := g.fr.toSeed.inverse()
	x, y = inv.at(x, y)
	return x / g.dpi, y / g.dpi
}

// number names the groups of enough pages, largest first, and tells the pages of the others why they are in none.
func (l *learner) number(groups []*learnGroup) []*learnGroup {
	sort.SliceStable(groups, func(i, j int) bool { return len(groups[i].pages) > len(groups[j].pages) })
	var out []*learnGroup
	for _, g := range groups {
		if len(g.pages) < l.o.Min {
			for _, p := range g.pages {
				if p.reason == "" {
					p.reason = tooFew(len(g.pages), l.o.Min)
					if u, ok := g.nearest(l.o.Min); ok {
						p.reason += fmt.Sprintf("; %d pages laid out alike show other print, most of it at %.1f, %.1f inches on %s",
							len(u.group.pages), u.X, u.Y, g.seed.name)
					}
				}
			}
			continue
		}
		g.number = len(out) + 1
		g.name = groupName(g.number)
		for _, p := range g.pages {
			p.group = g.number
		}
		out = append(out, g)
	}
	return out
}

// bitsIn draws a page's bits as they lie on the blank that its mapping starts from, w x h pixels at dpi.
func bitsIn(p *learnPage, w, h int, dpi float64) *plane {
	out := &plane{bits: newBits(w, h), k: 1, dpi: dpi}
	toPlane := func(x, y float64) (float64, float64) { return p.m.plane(x/dpi, y/dpi) }
	src := p.pl.bits
	eachPoint(w, 0, h, toPlane, func(x, y int, px, py float64) {
		if src.At(int(math.Floor(px)), int(math.Floor(py))) {
			out.bits.Words[y*out.bits.Stride+x>>6] |= 1 << (x & 63)
		}
	})
	return out
}

// eachPoint carries the middle of every pixel of the rows from y0 up to y1 of a w x h picture through at, which changes
// slowly: it is asked every 16 pixels, and between them is a straight line.
func eachPoint(w, y0, y1 int, at func(x, y float64) (float64, float64), do func(x, y int, px, py float64)) {
	const step = 16
	nx := w/step + 2
	top, low := make([][2]float64, nx), make([][2]float64, nx)
	row := func(y int, out [][2]float64) {
		for i := range out {
			out[i][0], out[i][1] = at(float64(i*step)+0.5, float64(y)+0.5)
		}
	}
	first := y0 - y0%step // the grid does not depend on where the rows begin
	row(first, low)
	for by := first; by < y1; by += step {
		top, low = low, top
		row(by+step, low)
		for y := max(by, y0); y < min(by+step, y1); y++ {
			f := float64(y-by) / step
			for i := 0; i*step < w; i++ {
				ax, ay := top[i][0]*(1-f)+low[i][0]*f, top[i][1]*(1-f)+low[i][1]*f
				bx, by := top[i+1][0]*(1-f)+low[i+1][0]*f, top[i+1][1]*(1-f)+low[i+1][1]*f
				dx, dy := (bx-ax)/step, (by-ay)/step
				for x := i * step; x < min((i+1)*step, w); x++ {
					do(x, y, ax, ay)
					ax += dx
					ay += dy
				}
			}
		}
	}
}
