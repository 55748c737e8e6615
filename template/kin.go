package template

import (
	"math/bits"
	"runtime"
	"sort"
	"sync"
)

// Styles of one election are often one layout with another precinct line, another order of names or another name. Such
// pages are kin: they are laid on one another when the election is loaded, so that a scan need only be laid on the first
// of them, their leader, and is then asked where they differ and nowhere else.

// kinship is a leader's kin and where on the leader any of them prints otherwise.
type kinship struct {
	kin   []*blank
	tiles []int // of the leader's lattice, ascending
}

// own is what one kin prints at one tile of its leader's lattice, in the leader's pixels.
type own struct {
	tile  int
	print *thickened
	// differs is in what its leader's print and its own differ.
	differs contrast
}

// thickened is a print, and it grown by one pixel and by two.
type thickened struct{ print, thick1, thick2 patch }

func thickenPrint(p patch) *thickened {
	t := &thickened{print: p, thick1: grow(p)}
	t.thick2 = grow(t.thick1)
	return t
}

// The limits of kinship. They only decide whether a page is laid on the scan by itself or with its leader, never which one
// it is.
const (
	// kinLike is the likeness of two layouts from which one is laid on the other to see whether they are kin.
	kinLike = 0.92
	// kinShare is the share of anchors that kin must have in common, kinTiles the largest part of the printed tiles in which
	// they may differ.
	kinShare = 0.7
	kinTiles = 0.25
	// leastOwn is the differing print, in pixels, from which a tile is asked: a quarter of what decides.
	leastOwn = leastPrint / 4
	// tileStep is the lattice's pitch in pixels. A tile is 64 wide; its outermost four belong to its neighbours.
	tileStep = 56
)

// group finds the kin among the blanks. The first of each family in the definition's order leads it.
func (s *Set) group() {
	near := make([]*blank, len(s.blanks)) // the leader that each blank is laid on
	copies := map[*blank]moved{}
	var leaders []*blank
	for i, b := range s.blanks {
		if b.drawn() { // there is no print by which it could be laid
			continue
		}
		best := kinLike
		for _, l := range leaders {
			if l.w == b.w && l.h == b.h && l.dpi == b.dpi && l.page.Number == b.page.Number {
				if c, _, _ := copies[l].like(b.sketch, best); c > best {
					best, near[i] = c, l
				}
			}
		}
		if near[i] == nil {
			leaders = append(leaders, b)
			copies[b] = b.sketch.moved()
		}
	}
	led := map[*blank]bool{}
	for _, l := range near {
		led[l] = true
	}
	each(len(leaders), func(i int) {
		leaders[i].findSpots()
		if led[leaders[i]] {
			leaders[i].drawTiles()
		}
	})
	each(len(s.blanks), func(i int) {
		if l := near[i]; l != nil && !s.blanks[i].join(l) {
			s.blanks[i].findSpots()
		}
	})
	for _, b := range s.blanks {
		if b.drawn() {
			continue
		}
		l := b.leader
		if l == nil {
			s.leaders = append(s.leaders, b)
			continue
		}
		l.family.kin = append(l.family.kin, b)
		for _, o := range b.own {
			l.family.tiles = append(l.family.tiles, o.tile)
		}
	}
	for _, l := range s.leaders {
		l.leadTiles()
		l.index()
	}
}

// each calls do for 0 to n-1 on as many goroutines as there are processors.
func each(n int, do func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// join lays the blank on l and makes it l's kin if it differs from it in a few places only.
func (b *blank) join(l *blank) bool {
	pl := l.full
	g := guess{blank: b}
	// The profiles agree within a fifth of an inch, which the anchors' search covers: it begins with the leader's own places.
	u, v := fitWithin(b.prof.u, l.prof.u, -5, 5), fitWithin(b.prof.v, l.prof.v, -5, 5)
	g.toPlane = b.toPlane(l.prof, 0, 1, u.shift, 1, v.shift)
	ps, _ := look(pl.bits, b.full.bits, b.full.dpi, 1, func(x, y float64) affine { return g.toPlane }, l.fine, 8)
	if float64(len(ps)) < kinShare*float64(len(l.fine)) || len(ps) < leastAnchors {
		return false
	}
	m, agree, ok := robustAffine(ps, 4)
	if !ok {
		return false
	}
	ps = keep(ps, agree)
	if float64(len(ps)) < kinShare*float64(len(l.fine)) {
		return false
	}
	b.kin = bend(m, 1, ps, b.w, b.h, 2)
	printed, k := 0, &fit{guess: g, m: b.kin}
	var mine []own
	for i, t := range l.tiles {
		x, y := l.tileAt(i)
		p, _ := k.tileFor(pl, x, y)
		if t.ink+p.ink == 0 {
			continue
		}
		printed++
		onlyL, onlyB := onlyOf(&t, &p, 1)
		if onlyL.ink+onlyB.ink >= leastOwn {
			mine = append(mine, own{tile: i, print: thickenPrint(p)})
		}
	}
	if float64(len(mine)) > kinTiles*float64(printed) {
		b.kin = nil
		return false
	}
	b.leader, b.own = l, mine
	b.shareSpots(l)
	return true
}

// tileFor draws what the blank prints on the 64 x 64 pixels around (x, y) of the leader.
func (f *fit) tileFor(pl *plane, x, y float64) (patch, bool) { return f.tile(pl, x, y, 0) }

// shareSpots takes over the leader's anchors where the blank prints the same.
func (b *blank) shareSpots(l *blank) {
	avoid := b.avoid(b.full.dpi)
	b.shared = map[spot]spot{}
	for _, s := range l.fine {
		x, y, ok := b.kin.inches(s.x*l.full.dpi, s.y*l.full.dpi)
		px, py := int(x*b.full.dpi)-32, int(y*b.full.dpi)-32
		if !ok || avoid(px, py) {
			continue
		}
		differs := false
		for _, o := range b.own {
			tx, ty := l.tileAt(o.tile)
			if dx, dy := s.x*l.full.dpi-tx, s.y*l.full.dpi-ty; dx*dx < 64*64 && dy*dy < 64*64 {
				differs = true
			}
		}
		if !differs {
			b.shared[s] = spot{x, y}
		}
	}
}

// drawTiles cuts the leader's print into the tiles of its lattice.
func (b *blank) drawTiles() {
	nx, ny := b.lattice()
	b.tiles = make([]patch, nx*ny)
	for i := range b.tiles {
		x, y := b.tileAt(i)
		b.tiles[i] = b.print(affine{A: 1, E: 1}, x, y)
	}
}

func (b *blank) lattice() (nx, ny int) {
	return max(0, (b.full.bits.W-32+tileStep-1)/tileStep), max(0, (b.full.bits.H-32+tileStep-1)/tileStep)
}

// tileAt is the middle of a tile in pixels of the blank's plane.
func (b *blank) tileAt(i int) (x, y float64) {
	nx, _ := b.lattice()
	return float64(32 + i%nx*tileStep), float64(32 + i/nx*tileStep)
}

// leadTiles keeps, of the leader's tiles, those where its kin differ.
func (b *blank) leadTiles() {
	ts := b.family.tiles
	sort.Ints(ts)
	n := 0
	for i, t := range ts {
		if i == 0 || t != ts[i-1] {
			ts[n] = t
			n++
		}
	}
	b.family.tiles = ts[:n:n]
	b.own, b.tiles = nil, nil
	for _, t := range b.family.tiles {
		x, y := b.tileAt(t)
		b.own = append(b.own, own{tile: t, print: thickenPrint(b.print(affine{A: 1, E: 1}, x, y))})
	}
}

// onlyOf gives the print of each of two patches that the other has not within tol pixels.
func onlyOf(a, b *patch, tol int) (onlyA, onlyB patch) {
	na, nb := thickPatch(*a, tol), thickPatch(*b, tol)
	return only(a, &nb), only(b, &na)
}

// only is the print of p that thick does not reach, the rim left out: what stands there belongs to the neighbouring tiles,
// and is here or not by the shift of a pixel.
func only(p, thick *patch) patch {
	var out patch
	for j := tileRim; j < 64-tileRim; j++ {
		out.rows[j] = p.rows[j] &^ thick.rows[j] & inner
		out.ink += bits.OnesCount64(out.rows[j])
	}
	return out
}

// tileRim is the part of a tile that overlaps its neighbours, inner the rest of a row.
const (
	tileRim        = (64 - tileStep) / 2
	inner   uint64 = (1<<tileStep - 1) << tileRim
)
