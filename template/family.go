package template

import (
	"fmt"
	"math/bits"

	"recount/election"
	"recount/scanner"
)

// seenAt is the least part of what the winner alone prints that must be on the page, and goneAt of what only the other
// prints that must not be: a stain shows the print of both, a white patch that of neither.
const (
	seenAt = 0.6
	goneAt = 0.6
	// coveredAt is the part of the paper round the differing print that must be dark for the place to be called covered:
	// writing across print darkens a tenth to a quarter of it.
	coveredAt = 0.4
	// alignPrint is the print a tile must have, in pixels, to be laid on the scan by itself: three letters.
	alignPrint = 100
)

// familyTile is the scan at one tile of a family's lattice, in the leader's pixels, and what is printed there.
type familyTile struct {
	scan *scanner.Bits // the tile with tileReach pixels more on every side; nil where the scan does not reach
	lead variant
	own  []ownAt                  // of those kin that print otherwise, in the family's order
	seen [len(shiftCosts{})]*view // what was read, by the shift
}

// ownAt is what one of the kin prints at a tile.
type ownAt struct {
	kin int // its place among the kin
	*variant
}

// view is a tile of the scan as one shift of it shows it, and its ink grown by a pixel.
type view struct {
	page, near patch
	leadShown  int // how much of the leader's print is near, and one more; 0 while it is not counted
}

// at is the scan where a variant fits it best.
func (t *familyTile) at(v *variant) *view {
	i := (v.dy+tileReach)*tileShifts + v.dx + tileReach
	if t.seen[i] == nil {
		w := &view{}
		for j := range w.page.rows {
			w.page.rows[j] = t.scan.Window(tileReach+v.dx, tileReach+v.dy+j)
		}
		w.near = grow(w.page)
		t.seen[i] = w
	}
	return t.seen[i]
}

// tileReach is how far, in pixels, a tile may lie from where the mapping puts it.
const tileReach = 3

// variant is one of the prints at a tile and where on the scan it fits best.
type variant struct {
	*thickened
	dx, dy int
	like   float64
}

// tally counts the print, in pixels, that each of two pages has and the other has not, and how much of it the scan shows.
type tally struct {
	all          int // of both
	onlyA, onlyB int // where it could be asked
	a, b         int // of these, seen
}

// evidence weighs two pages against each other by the print in which they differ: more than two pixels from any print of
// the other, and, for what is finer than that, more than one.
type evidence struct{ coarse, fine tally }

// weigh is the evidence of one tile, of which c is in what a and b differ. The scan is read once, where the likelier of both fits:
// were each moved by itself, a letter at the rim could be on one and off the other.
func (t *familyTile) weigh(c *contrast, a, b *variant) evidence {
	return t.weighAs(c, a, b, false)
}

// weighBack is weigh where c has a and b in the other order.
func (t *familyTile) weighBack(c *contrast, a, b *variant) evidence {
	return t.weighAs(c, a, b, true).swapped()
}

func (t *familyTile) weighAs(c *contrast, a, b *variant, second bool) evidence {
	if t.scan == nil {
		return c.weigh(nil, 0, 0, second)
	}
	at := a
	if b.like > a.like {
		at = b
	}
	v := t.at(at)
	return c.weigh(v, a.print.ink, t.shown(v, a), second)
}

// shown is how much of a print a view has within a pixel.
func (t *familyTile) shown(v *view, a *variant) int {
	if a == &t.lead && v.leadShown > 0 {
		return v.leadShown - 1
	}
	n := 0
	for j, w := range a.print.rows {
		n += bits.OnesCount64(w & v.near.rows[j])
	}
	if a == &t.lead {
		v.leadShown = n + 1
	}
	return n
}

// add joins the evidence of another tile.
func (e *evidence) add(o *evidence) {
	e.coarse.add(&o.coarse)
	e.fine.add(&o.fine)
}

func (t *tally) add(o *tally) {
	t.all += o.all
	t.onlyA += o.onlyA
	t.onlyB += o.onlyB
	t.a += o.a
	t.b += o.b
}

// forA and forB are the pixels that speak for each: its own print that is there, and the other's that is not.
func (t *tally) forA() int { return t.a + t.onlyB - t.b }
func (t *tally) forB() int { return t.b + t.onlyA - t.a }

// ruling is what evidence says.
type ruling int

const (
	undecided ruling = iota
	same             // the two print the same
	forFirst         // the print speaks for the first
	forOther         // for the other
)

// verdict asks the coarse print first, and the fine where two pages have no other difference that the scan shows.
func (e *evidence) verdict() ruling {
	v := e.coarse.verdict()
	if v == same || v == undecided && e.coarse.onlyA+e.coarse.onlyB < leastPrint {
		return e.fine.verdict()
	}
	return v
}

// verdict decides only where the print in which the two differ can be asked, most of it speaks for one, what that one
// prints is there and what the other prints is not.
func (t *tally) verdict() ruling {
	if t.all < leastPrint {
		return same
	}
	n := t.onlyA + t.onlyB
	if n < leastPrint {
		return undecided
	}
	ok := func(votes, mine, onlyMine, theirs, onlyTheirs int) bool {
		return float64(votes) >= decisive*float64(n) &&
			(onlyMine < leastOwn || float64(mine) >= seenAt*float64(onlyMine)) &&
			(onlyTheirs < leastOwn || float64(onlyTheirs-theirs) >= goneAt*float64(onlyTheirs))
	}
	switch {
	case ok(t.forA(), t.a, t.onlyA, t.b, t.onlyB):
		return forFirst
	case ok(t.forB(), t.b, t.onlyB, t.a, t.onlyA):
		return forOther
	}
	return undecided
}

// decide finds which of the leader's family the page is, where f is the leader laid on it: the member that no other can
// stand against by the print in which the two differ. It gives that member's own fit. Where none is, the refusal names two
// that cannot be told apart, and the fit is the first's.
func (f *fit) decide(pl *plane) (*fit, []Twin, *Refusal) {
	l := f.blank
	if l.family.kin == nil {
		return f, nil, nil
	}
	members := append([]*blank{l}, l.family.kin...)
	asked := f.askFamily(pl)
	// The one whose print stands best against the leader's is tried first; the order decides nothing.
	best, most := 0, 0
	for i := range members[1:] {
		t := asked.led(i).fine
		if n := t.forB() - t.forA(); n > most {
			best, most = i+1, n
		}
	}
	var refusal *Refusal
	tried := map[int]bool{}
again:
	tried[best] = true
	asked.hold(best)
	var twins []Twin
	for i, m := range members {
		if i == best {
			continue
		}
		e := asked.against(i)
		switch e.verdict() {
		case same:
			twins = append(twins, Twin{Style: m.style, Page: m.page})
		case forFirst:
		case forOther:
			if !tried[i] && len(tried) < 8 {
				best = i
				goto again
			}
			fallthrough
		default:
			refusal = ambiguous(members[best], m, e)
		}
		if refusal != nil {
			break
		}
	}
	won := f
	if best != 0 {
		if won = f.carry(pl, members[best]); won == nil {
			return f, nil, &Refusal{Reason: WeakFit, Detail: fmt.Sprintf("style %s page %d is told from its near-twins, but its own anchors are not found",
				members[best].style.ID, members[best].page.Number)}
		}
	}
	won.denial = f.denied(pl, asked.tiles, members, best)
	return won, twins, refusal
}

func ambiguous(a, b *blank, e *evidence) *Refusal {
	r := &Refusal{Reason: Ambiguous, Detail: fmt.Sprintf("styles %s page %d and %s page %d fit alike: ", a.style.ID, a.page.Number, b.style.ID, b.page.Number)}
	t := &e.coarse
	if t.verdict() == same {
		t = &e.fine
	}
	if n := t.onlyA + t.onlyB; n < leastPrint {
		r.Detail += "the print in which they differ is covered or was not scanned"
	} else {
		r.Detail += fmt.Sprintf("of the print in which they differ, %.0f %% speaks for the first", 100*float64(t.forA())/float64(n))
	}
	return r
}

// cut samples the scan around (x, y) of the leader, a tile with its tileReach on every side. toScan carries the leader's pixels
// to the scan's.
func cut(scan *scanner.Bits, toScan affine, x, y float64) *scanner.Bits {
	const size = 64 + 2*tileReach
	out := scanner.NewBits(size, size)
	sample := samplePixels
	if nearlyStraight(toScan) {
		sample = sampleRow
	}
	for j := range size {
		px, py := toScan.at(x-size/2+0.5, y-size/2+0.5+float64(j))
		row := out.Words[j*out.Stride : (j+1)*out.Stride]
		row[0] = sample(scan, toScan, px, py)
		row[1] = sample(scan, toScan, px+64*toScan.A, py+64*toScan.D) & (1<<(size-64) - 1)
	}
	return out
}

// carry lays a kin of the leader on the scan as the leader lies there. Its anchors are the leader's, but for those where it
// prints otherwise: there the leader's were looked for, and are no evidence for it. It gives nil where too few are left.
func (f *fit) carry(pl *plane, b *blank) *fit {
	dpi := f.blank.full.dpi
	base := f.m.base.after(affine{A: 1 / dpi, E: 1 / dpi}.after(b.kin.base))
	m := &Map{base: base, k: f.m.k, nx: b.kin.nx, ny: b.kin.ny}
	m.dx, m.dy = make([]float32, m.nx*m.ny), make([]float32, m.nx*m.ny)
	for i := range m.dx {
		x, y := float64(i%m.nx)*node, float64(i/m.nx)*node
		lx, ly := b.kin.plane(x, y)
		px, py := f.m.plane(lx/dpi, ly/dpi)
		bx, by := base.at(x, y)
		m.dx[i], m.dy[i] = float32(px-bx), float32(py-by)
	}
	k := &fit{guess: f.guess, m: m, lead: f}
	k.blank = b
	for _, p := range f.anchors {
		if own, ok := b.shared[spot{p.x, p.y}]; ok {
			p.x, p.y = own.x, own.y
			k.anchors = append(k.anchors, p)
		}
	}
	for _, s := range b.shared {
		if x, y := m.plane(s.x, s.y); x >= edgeBits && y >= edgeBits && x <= float64(pl.bits.W)-edgeBits && y <= float64(pl.bits.H)-edgeBits {
			k.seen++
		}
	}
	if len(k.anchors) < 8 {
		return nil
	}
	k.judge()
	return k
}

// named gives the fits, but the first, of the pages that have the code; kin that their family's print ruled out are laid on
// the page again.
func (s *Set) named(pl *plane, fits []*fit, code *election.Code) []*fit {
	var out []*fit
	for _, b := range s.blanks {
		if !b.page.Code.Same(code) || b == fits[0].blank {
			continue
		}
		for _, f := range fits {
			if f.blank == b {
				out = append(out, f)
				break
			}
			if lead := f.leader(); lead.blank == b || b.leader != nil && lead.blank == b.leader {
				if lead.blank != b {
					lead = lead.carry(pl, b)
				}
				if lead != nil {
					out = append(out, lead)
				}
				break
			}
		}
	}
	return out
}

// leader is the fit of the page's leader.
func (f *fit) leader() *fit {
	if f.lead != nil {
		return f.lead
	}
	return f
}
