package template

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"recount/election"
)

// Where no blank's print is known, a page is placed by its timing marks and told from others by its targets: an outline
// must be seen where the page has one, and none where only another page has one. What that leaves open is refused.

// gridFit is what a drawn blank's fit knows of its outlines.
type gridFit struct {
	gp    *gridPage
	l     *lattice // places and mapping in the grid page's points
	seen  []seenOutline
	rival *fit // the same page laid elsewhere, which the evidence does not rule out
	odd   bool // the marks themselves say that the page lies elsewhere
}

// leastOutlines is the share of a page's targets whose outlines must be seen; hands cover some.
const leastOutlines = 0.6

// gridFits lays the drawn blanks on the page, at most one way each, in the definition's order.
func (s *Set) gridFits(pl *plane) []*fit {
	var gp *gridPage
	tracks := map[string][]*lattice{}
	var out []*fit
	for _, b := range s.blanks {
		if !b.drawn() || b.page.Grid == nil || pl.page == nil {
			continue
		}
		if gp == nil {
			gp = newGridPage(pl)
		}
		ls := gp.latticesOf(b, tracks)
		var ways []*fit
		for _, l := range ls {
			ways = append(ways, gp.lay(b, l))
		}
		if best := bestWay(ways); best != nil {
			best.grid.odd = best.grid.l.contradicted(gp, b.page.Grid, ls[0])
			out = append(out, best)
		}
	}
	return out
}

// latticesOf gives the ways of the blank's track, looked for once for all blanks that share it.
func (gp *gridPage) latticesOf(b *blank, tracks map[string][]*lattice) []*lattice {
	ls, ok := tracks[b.track]
	if !ok {
		ls = gp.lattices(newTrack(b.page.Grid, b.w, b.h))
		tracks[b.track] = ls
	}
	return ls
}

func (b *blank) drawn() bool { return b.page.Picture.Drawn }

// lay looks for the page's outlines where the marks put them.
func (gp *gridPage) lay(b *blank, l *lattice) *fit {
	f := &fit{guess: guess{blank: b, rotation: l.rotation}, grid: &gridFit{gp: gp, l: l}}
	key := layKey{l, b.layout}
	if g, ok := gp.laid[key]; ok { // a page with its targets at the same places was looked at
		same := *g
		same.rival, same.odd = nil, false
		f.grid = &same
		f.weigh()
		return f
	}
	defer func() { gp.laid[key] = f.grid }()
	there := f.see()
	if n := len(b.page.Targets); there >= 4 && there < n { // what was found says better where the others are
		moved := *l
		moved.m = f.grid.bent(b)
		first := f.grid
		f.grid = &gridFit{gp: gp, l: &moved}
		if f.see() <= there {
			f.grid = first
		}
	}
	f.weigh()
	return f
}

// layKey is a way and a page's targets without what they stand for.
type layKey struct {
	l      *lattice
	layout string
}

// layoutOf names the places and shapes of a page's targets.
func layoutOf(p *election.Page) string {
	var s strings.Builder
	for _, t := range p.Targets {
		fmt.Fprintln(&s, t.X, t.Y, t.W, t.H, t.Shape)
	}
	return s.String()
}

// weigh gives the fit its share: of the marks found, times that of the outlines.
func (f *fit) weigh() {
	there := 0
	for _, o := range f.grid.seen {
		if o.there() {
			there++
		}
	}
	f.share = f.grid.l.share()
	if n := len(f.blank.page.Targets); n > 0 {
		f.share *= float64(there) / float64(n)
	} else {
		f.share *= leastOutlines // its marks may be any page's
	}
	f.m = f.grid.gp.unstretch(f.grid.l.m)
}

// see looks for every target's outline, and gives how many were seen.
func (f *fit) see() int {
	there := 0
	f.grid.seen = make([]seenOutline, len(f.blank.page.Targets))
	for i, t := range f.blank.page.Targets {
		f.grid.seen[i] = f.grid.gp.look(f.grid.l.m.jacobian(t.X, t.Y), t)
		if f.grid.seen[i].there() {
			there++
		}
	}
	return there
}

// evidence are the marks and the outlines found, as pairs of the page's inches and the grid page's points.
func (g *gridFit) evidence(b *blank) []pair {
	ps := append([]pair(nil), g.l.pairs...)
	for i, t := range b.page.Targets {
		if o := g.seen[i]; o.there() && t.Shape != election.Arrow {
			w := 1.0
			if o.sight == filled {
				w = 0.5
			}
			ps = append(ps, pair{x: t.X, y: t.Y, px: o.px, py: o.py, w: w * o.like})
		}
	}
	return ps
}

// bent is the marks' mapping bent to the outlines found.
func (g *gridFit) bent(b *blank) *Map {
	ps := g.evidence(b)
	a, _, ok := robustAffine(ps, 0.07*g.gp.dpi)
	if !ok {
		return g.l.m
	}
	seen := ps[len(g.l.pairs):]
	for _, p := range g.l.between { // only where no outline says better
		if !slices.ContainsFunc(seen, func(q pair) bool { return math.Hypot(p.x-q.x, p.y-q.y) < 1 }) {
			ps = append(ps, p)
		}
	}
	return bend(a, 1, ps, b.w, b.h, 3.0/planeDPI*g.gp.dpi)
}

// bestWay is the way that most speaks for. Where the evidence does not rule another out, that one is its rival.
func bestWay(ways []*fit) *fit {
	var best *fit
	for _, f := range ways {
		if best == nil || f.share > best.share {
			best = f
		}
	}
	for _, f := range ways {
		if f == best || f.share < rival*best.share {
			continue
		}
		if c := compareOutlines(best, f); !c.same && !c.decides() && !best.codeSays(f) {
			best.grid.rival = f
		}
	}
	return best
}

// verdict is what the outlines say of two ways to read a scan.
type verdict struct {
	forA, forB float64
	// same is true where both put every target, for the same choice, at the same place.
	same bool
	// alike is true where both put a target at the same places, whatever it stands for.
	alike bool
}

// decides says whether the first is right and the second is not.
func (c verdict) decides() bool { return c.forA >= 1 && c.forA >= decisive*(c.forA+c.forB) }

// compareOutlines asks the places where only one of two fits has a target.
func compareOutlines(a, b *fit) verdict {
	c := verdict{same: len(a.blank.page.Targets) == len(b.blank.page.Targets), alike: true}
	one := func(f, o *fit, own, others *float64) {
		for i, t := range f.blank.page.Targets {
			x, y := f.grid.l.m.plane(t.X, t.Y)
			j := o.grid.at(x, y, o.blank.page.Targets)
			if j >= 0 {
				u := o.blank.page.Targets[j]
				c.same = c.same && u.Contest == t.Contest && u.Choice == t.Choice
				continue
			}
			c.same, c.alike = false, false
			switch f.grid.seen[i].sight {
			case open:
				*own++
			case filled:
				*own += 0.5
			case nothing:
				*others++
			case other:
				*others += 0.5
			}
		}
	}
	one(a, b, &c.forA, &c.forB)
	one(b, a, &c.forB, &c.forA)
	return c
}

// atOne is how near, in inches, two places are one target's.
const atOne = 0.045

// at gives the target that the fit puts at a point, or -1.
func (g *gridFit) at(x, y float64, ts []election.Target) int {
	for i, t := range ts {
		px, py := g.l.m.plane(t.X, t.Y)
		if math.Hypot(px-x, py-y) <= atOne*g.gp.dpi {
			return i
		}
	}
	return -1
}

// codeSays says whether the printed code names this fit's page and not the other's.
func (f *fit) codeSays(o *fit) bool {
	own, others := f.blank.page.Code, o.blank.page.Code
	return own != nil && f.gridCode().Same(own) && (o.blank == f.blank || !own.Same(others)) &&
		(others == nil || !o.gridCode().Same(others))
}

// codeKey is a way and the places of a code.
type codeKey struct {
	l     *lattice
	coded string
}

// gridCode is readCode, once for all pages that have their code at the same places.
func (f *fit) gridCode() *election.Code {
	gp := f.grid.gp
	if !f.blank.drawn() {
		return f.readCode(gp.page.Gray)
	}
	key := codeKey{f.grid.l, f.blank.coded}
	c, ok := gp.codes[key]
	if !ok {
		c = f.readCode(gp.page.Gray)
		gp.codes[key] = c
	}
	return c
}

// finish refines the mapping with the outlines found, and measures how well all lie on it. That is only needed of the page
// that is taken.
func (f *fit) finish() {
	g := f.grid
	if !f.blank.drawn() || f.anchors != nil {
		return
	}
	ps, m := g.evidence(f.blank), g.bent(f.blank)
	share := f.share
	f.m = g.gp.unstretch(m)
	for i := range ps {
		ps[i].py /= g.gp.ratio
	}
	f.anchors = ps
	f.seen = g.l.seen + len(f.blank.page.Targets)
	f.judge()
	f.share = share
}

// unstretch turns a mapping to the grid page's points into one to the plane and the scan.
func (gp *gridPage) unstretch(m *Map) *Map {
	out := *m
	out.k = float64(gp.pl.k)
	out.base.D /= gp.ratio
	out.base.E /= gp.ratio
	out.base.F /= gp.ratio
	out.dy = make([]float32, len(m.dy))
	for i, v := range m.dy {
		out.dy[i] = v / float32(gp.ratio)
	}
	return &out
}
