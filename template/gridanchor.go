package template

// A page with timing marks and a blank of its own is matched by its print. Where that does not find it (a coarse fax whose
// pixels are twice as tall as wide, a stretch beyond what print alone follows) the marks say where to look for the print.

const (
	// enoughFit is the share of anchors from which the print needs no help: sound pages have 0.7 and more.
	enoughFit = 0.6
	// glances is how many spots are asked first, and leastGlances how many must be there for the rest to be worth it.
	glances, leastGlances = 16, 5
	// mostAlong is how many ways of one track the print is looked for in.
	mostAlong = 4
)

// alongMarks lays the blanks that have timing marks on the page by those marks and refines them by their print, at most one
// way each, in the definition's order.
func (s *Set) alongMarks(pl *plane) []*fit {
	var gp *gridPage
	tracks := map[string][]*lattice{}
	var out []*fit
	for _, b := range s.lead() {
		if b.drawn() || b.page.Grid == nil || pl.page == nil {
			continue
		}
		if gp == nil {
			gp = newGridPage(pl)
		}
		var best *fit
		for i, l := range gp.latticesOf(b, tracks) {
			if i == mostAlong {
				break
			}
			if f := gp.along(b, l); f != nil && (best == nil || f.share > best.share) {
				best = f
			}
		}
		if best != nil {
			out = append(out, best)
		}
	}
	return out
}

// along refines one way by the blank's print; nil where the print is not there.
func (gp *gridPage) along(b *blank, l *lattice) *fit {
	pl := gp.pl
	local := gp.unstretch(l.m)
	var few []spot
	for i := range min(glances, len(b.fine)) {
		few = append(few, b.fine[i*len(b.fine)/min(glances, len(b.fine))])
	}
	if found, _ := look(pl.bits, b.full.bits, b.full.dpi, 1, local.jacobian, few, 8); len(found) < leastGlances {
		return nil
	}
	f := &fit{guess: guess{blank: b, rotation: l.rotation}}
	for round, r := range []int{8, 4} {
		var found []pair
		found, f.seen = look(pl.bits, b.full.bits, b.full.dpi, 1, local.jacobian, b.fine, r)
		if len(found) < 8 {
			return nil
		}
		ps := append([]pair(nil), l.pairs...)
		for _, p := range found {
			p.py *= gp.ratio
			ps = append(ps, p)
		}
		m, agree, ok := robustAffine(ps, 12)
		if !ok {
			return nil
		}
		local = gp.unstretch(bend(m, 1, keep(ps, agree), b.w, b.h, []float64{5, 3}[round]))
		f.anchors = found
	}
	f.m = local
	f.judge()
	return f
}
