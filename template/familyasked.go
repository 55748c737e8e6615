package template

import "sort"

// familyAsked is a family held against the scan: what each tile shows, and the evidence of each member's own print against the
// leader's, weighed once.
type familyAsked struct {
	kin   []*blank
	tiles []familyTile
	own   [][]variant  // of each of the kin, parallel to its differing tiles
	ledBy [][]evidence // of the same, what speaks for the leader and for it
	// held is the member that the others are held against, 0 the leader, and heldBy the evidence of its own print against the leader's.
	held   int
	heldBy []evidence
	room   [64]contrastRow // scratch
}

// askFamily reads the scan at each tile where the family differs and finds where each member's print fits it.
func (f *fit) askFamily(pl *plane) *familyAsked {
	l := f.blank
	q := &familyAsked{kin: l.family.kin, tiles: make([]familyTile, len(l.family.tiles)), own: make([][]variant, len(l.family.kin)),
		ledBy: make([][]evidence, len(l.family.kin))}
	for k, m := range q.kin {
		q.own[k], q.ledBy[k] = make([]variant, len(m.differing)), make([]evidence, len(m.differing))
		for n, i := range m.differing {
			v := &q.own[k][n]
			v.thickened = m.own[n].print
			q.tiles[i].own = append(q.tiles[i].own, ownAt{k, v})
		}
	}
	// A code's blocks in the margin may touch the scan's edge, and are wiped as the scanner's background; where that is black, the
	// tile is stained and not asked.
	whole := pl.uncut().bits
	for i, t := range l.family.tiles {
		a := &q.tiles[i]
		a.lead.thickened = l.own[i].print
		x, y := l.tileAt(t)
		j := f.m.jacobian(x/l.full.dpi, y/l.full.dpi).after(affine{A: 1 / l.full.dpi, E: 1 / l.full.dpi})
		if cx, cy := j.at(x, y); cx >= 0 && cy >= 0 && cx < float64(pl.bits.W) && cy < float64(pl.bits.H) {
			a.scan = cut(whole, j, x, y)
			a.lay()
		}
	}
	for k, m := range q.kin {
		for n, i := range m.differing {
			q.ledBy[k][n] = q.tiles[i].weigh(&m.own[n].differs, &q.tiles[i].lead, &q.own[k][n])
		}
	}
	return q
}

// lay finds where on the scan each print of the tile fits best. Kin print most rows as their leader does: only those that differ
// are compared again.
func (t *familyTile) lay() {
	var s slid
	s.slide(t.scan, tileReach, tileReach)
	by, lead := s.costs(&t.lead.print)
	t.lead.lie(&s, &lead)
	for _, o := range t.own {
		if o.print.ink >= alignPrint {
			c := s.costsLike(&o.print, &t.lead.print, &by, lead)
			o.lie(&s, &c)
		}
	}
}

// lie puts the print where it differs least from the scan, if it is enough to be laid by itself.
func (v *variant) lie(s *slid, c *shiftCosts) {
	if v.print.ink < alignPrint {
		return
	}
	var best int
	best, v.dx, v.dy = c.nearest()
	v.like = 1 - float64(c[best])/float64(v.print.ink+s.ink(best))
}

// led is the evidence of the leader against one of the kin.
func (q *familyAsked) led(k int) *evidence {
	e := &evidence{}
	for n := range q.ledBy[k] {
		e.add(&q.ledBy[k][n])
	}
	return e
}

// hold makes the i-th member, 0 the leader, the one that the others are held against.
func (q *familyAsked) hold(i int) {
	q.held, q.heldBy = i, nil
	if i == 0 {
		return
	}
	for n, t := range q.kin[i-1].differing {
		q.heldBy = append(q.heldBy, q.tiles[t].weighBack(&q.kin[i-1].own[n].differs, &q.own[i-1][n], &q.tiles[t].lead))
	}
}

// against is the evidence of the member held against the i-th.
func (q *familyAsked) against(i int) *evidence {
	if q.held == 0 {
		return q.led(i - 1)
	}
	e := &evidence{}
	mine := q.kin[q.held-1].differing
	var theirs []int
	if i > 0 {
		theirs = q.kin[i-1].differing
	}
	n, m := 0, 0
	for n < len(mine) || m < len(theirs) {
		switch {
		case m == len(theirs) || n < len(mine) && mine[n] < theirs[m]:
			e.add(&q.heldBy[n])
			n++
		case n == len(mine) || theirs[m] < mine[n]:
			e.add(&q.ledBy[i-1][m])
			m++
		default:
			a, b := &q.own[q.held-1][n], &q.own[i-1][m]
			c := contrastOf(a.thickened, b.thickened, q.room[:])
			w := q.tiles[mine[n]].weigh(&c, a, b)
			e.add(&w)
			n, m = n+1, m+1
		}
	}
	return e
}

// print is what the k-th member, 0 the leader, prints at a tile.
func (t *familyTile) print(k int) *variant {
	i := sort.Search(len(t.own), func(i int) bool { return t.own[i].kin >= k-1 })
	if k > 0 && i < len(t.own) && t.own[i].kin == k-1 {
		return t.own[i].variant
	}
	return &t.lead
}

// index notes where the members' own tiles stand in the list of those that are asked, and in what they differ there.
func (b *blank) index() {
	for _, k := range append([]*blank{b}, b.family.kin...) {
		k.differing = nil
		if k == b {
			continue
		}
		for n := range k.own {
			o := &k.own[n]
			i := sort.SearchInts(b.family.tiles, o.tile)
			k.differing = append(k.differing, i)
			o.differs = contrastOf(b.own[i].print, o.print, nil)
		}
	}
}
