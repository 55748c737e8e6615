package template

import (
	"fmt"
	"math"

	"recount/scanner"
)

// Handwriting is nobody else's; print is on every page of its style. So a piece of ink that several pages show at one place
// to the letter, and that others lack, is a difference of style, however little it is.
const (
	// sharedBy is how many pages must show a piece of ink before it counts as print; of five pages or fewer two are enough.
	sharedBy = 3
	// lacking is how much print, in pixels at planeDPI, must be gone without other print in its place before a page is put
	// out of a group: some letters, of which one alone counts for oneLacking at most. Where surelyPrint pages show it, a
	// third is enough: a single letter. Replaced print is believed from leastPrint on.
	lacking, oneLacking = 150, 100
	surelyPrint         = 5
)

// laidOut is the pages of one layout, each drawn as it lies on the first.
type laidOut struct {
	pages       []*learnPage
	bits, thick []*scanner.Bits
	common      *scanner.Bits // ink that all pages have, to within a pixel
	cands       [][]Found     // whites of a target's shape, by page
	w, h        int
	dpi         float64
}

func newBits(w, h int) *scanner.Bits { return scanner.NewBits(w, h) }

func (l *learner) layOut(pages []*learnPage, w, h int, dpi float64) (*laidOut, error) {
	lo := &laidOut{pages: pages, w: w, h: h, dpi: dpi, bits: make([]*scanner.Bits, len(pages)), thick: make([]*scanner.Bits, len(pages)),
		cands: make([][]Found, len(pages))}
	errs := make([]error, len(pages))
	inParallel(l.o.Workers, len(pages), func(i int) {
		lo.bits[i] = bitsIn(pages[i], w, h, dpi).bits
		lo.thick[i] = thicken(lo.bits[i])
		lo.cands[i], errs[i] = candidates(grayOf(lo.bits[i]), dpi)
	}, nil)
	lo.common = allOf(lo.thick)
	for _, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("learn: find targets: %w", err)
		}
	}
	return lo, nil
}

// only gives the part of the pages that pick wants.
func (lo *laidOut) only(pick func(i int) bool) *laidOut {
	out := &laidOut{w: lo.w, h: lo.h, dpi: lo.dpi}
	for i, p := range lo.pages {
		if pick(i) {
			out.pages, out.bits, out.thick = append(out.pages, p), append(out.bits, lo.bits[i]), append(out.thick, lo.thick[i])
			out.cands = append(out.cands, lo.cands[i])
		}
	}
	out.common = allOf(out.thick)
	return out
}

func allOf(all []*scanner.Bits) *scanner.Bits {
	out := all[0].Clone()
	for _, b := range all[1:] {
		for i, w := range b.Words {
			out.Words[i] &= w
		}
	}
	return out
}

// split sorts the pages of a layout into styles: no two pages of a group differ in print.
func (l *learner) split(of layout) ([]*learnGroup, error) {
	seed, members := of.seed, of.pages
	if len(members) == 0 {
		return nil, nil
	}
	lo, err := l.layOut(members, seed.pl.bits.W, seed.pl.bits.H, seed.pl.dpi)
	if err != nil {
		return nil, err
	}
	atoms := l.atoms(lo)
	replaced, gone := weigh(atoms, len(members))
	conflict := func(i, j int) bool {
		n := len(members)
		return replaced[i*n+j]+replaced[j*n+i] >= leastPrint || gone[i*n+j]+gone[j*n+i] >= lacking
	}
	var parts [][]int
	for i := range members {
		k := 0
		for ; k < len(parts); k++ {
			if !clashes(parts[k], i, conflict) {
				break
			}
		}
		if k == len(parts) {
			parts = append(parts, nil)
		}
		parts[k] = append(parts[k], i)
	}
	at := make([]int, len(members))
	for k, part := range parts {
		for _, i := range part {
			at[i] = k
		}
	}
	for i, p := range members { // a page that could be of two styles would blur one
		for k, part := range parts {
			if k != at[i] && len(part) >= l.o.Min && !clashes(part, i, conflict) {
				p.reason = "what is told apart by print cannot be seen on it: it could be of more than one style"
			}
		}
	}
	apart := func(a, b []int) int { // how much print tells two parts apart, a pair of pages on the average
		n, sum := len(members), 0
		for _, i := range a {
			for _, j := range b {
				sum += replaced[i*n+j] + replaced[j*n+i] + gone[i*n+j] + gone[j*n+i]
			}
		}
		return sum / (len(a) * len(b))
	}
	groups := make([]*learnGroup, len(parts))
	for k := range parts {
		groups[k] = &learnGroup{seed: seed}
	}
	for k := range parts {
		g := groups[k]
		part := lo.only(func(i int) bool { return at[i] == k && members[i].reason == "" })
		g.pages = part.pages
		for j := range parts {
			if x, y, ok := strongest(atoms, parts[k], parts[j]); j != k && ok {
				g.unlike = append(g.unlike, difference{groups[j], x / lo.dpi, y / lo.dpi, apart(parts[k], parts[j])})
			}
		}
		if len(g.pages) >= l.o.Min {
			g.clean = &plane{bits: majority(part.bits), k: 1, dpi: lo.dpi}
			g.clean.ink = 1
			g.targets, g.dark, g.line = part.targets(g.clean.bits)
		}
	}
	return groups, nil
}

func clashes(part []int, i int, conflict func(i, j int) bool) bool {
	for _, j := range part {
		if conflict(i, j) {
			return true
		}
	}
	return false
}

// atoms finds the pieces of ink that only some pages have, and which pages those are.
func (l *learner) atoms(lo *laidOut) []*atom {
	zone := lo.zone(l.o.Ignore)
	perPage := make([][]*atom, len(lo.pages))
	inParallel(l.o.Workers, len(lo.pages), func(i int) { perPage[i] = atomsOf(lo.bits[i], lo.common, zone) }, nil)
	type cell struct{ x, y int }
	known := map[cell][]*atom{}
	var out []*atom
	for i, as := range perPage {
		var fresh []*atom
		for _, a := range as {
			if !explained(a, i, func(dx, dy int) []*atom { return known[cell{a.x/16 + dx, a.y/16 + dy}] }) {
				fresh = append(fresh, a)
			}
		}
		inParallel(l.o.Workers, len(fresh), func(k int) {
			a := fresh[k]
			a.on = make([]presence, len(lo.pages))
			for j, p := range lo.pages {
				if a.seen(p, lo.dpi) {
					a.on[j] = a.look(lo.bits[j], lo.thick[j], lo.common)
				}
			}
		}, nil)
		for _, a := range fresh {
			c := cell{a.x / 16, a.y / 16}
			known[c] = append(known[c], a)
		}
		out = append(out, fresh...)
	}
	return out
}

// explained says whether a piece of page i is one found before on another page.
func explained(a *atom, i int, near func(dx, dy int) []*atom) bool {
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			for _, b := range near(dx, dy) {
				if b.on[i] == has && abs(a.x-b.x) <= 4 && abs(a.y-b.y) <= 4 && abs(a.w-b.w) <= 3 && abs(a.h-b.h) <= 3 {
					return true
				}
			}
		}
	}
	return false
}

// weigh sums, for each two pages, the print that the first shares with others and the second lacks: where the second shows
// other ink instead, and where it shows nothing.
func weigh(atoms []*atom, n int) (replaced, gone []int) {
	replaced, gone = make([]int, n*n), make([]int, n*n)
	for _, a := range atoms {
		if !a.print() {
			continue
		}
		weight := min(a.ink, oneLacking)
		if a.shown() >= surelyPrint {
			weight = 3 * a.ink
		}
		for i := range n {
			if a.on[i] != has {
				continue
			}
			for j := range n {
				switch a.on[j] {
				case hasAnother:
					replaced[i*n+j] += a.ink
				case lacks:
					gone[i*n+j] += weight
				}
			}
		}
	}
	return replaced, gone
}

// shown counts the pages that show the atom.
func (a *atom) shown() int {
	n := 0
	for _, p := range a.on {
		if p == has {
			n++
		}
	}
	return n
}

// print says whether so many pages show the atom that no hand made it.
func (a *atom) print() bool {
	n := a.shown()
	return n >= sharedBy || len(a.on) <= 5 && n >= 2
}

// strongest is the place of the largest piece of print that one part has and the other lacks.
func strongest(atoms []*atom, a, b []int) (x, y float64, ok bool) {
	count := func(at *atom, part []int, want func(presence) bool) int {
		n := 0
		for _, i := range part {
			if want(at.on[i]) {
				n++
			}
		}
		return n
	}
	shows := func(p presence) bool { return p == has }
	misses := func(p presence) bool { return p == lacks || p == hasAnother }
	most := 0
	for _, at := range atoms {
		if !at.print() || at.ink <= most {
			continue
		}
		if 2*count(at, a, shows) > len(a) && 2*count(at, b, misses) > len(b) || 2*count(at, b, shows) > len(b) && 2*count(at, a, misses) > len(a) {
			most, ok = at.ink, true
			x, y = float64(at.x+atomRim)+float64(at.w)/2, float64(at.y+atomRim)+float64(at.h)/2
		}
	}
	return x, y, ok
}

// majority is the ink that more than half of the pages have.
func majority(all []*scanner.Bits) *scanner.Bits {
	out := scanner.NewBits(all[0].W, all[0].H)
	count := make([]uint16, out.Stride*64)
	for y := 0; y < out.H; y++ {
		clear(count)
		for _, b := range all {
			for i, w := range b.Row(y) {
				for ; w != 0; w &= w - 1 {
					count[i*64+trailing(w)]++
				}
			}
		}
		row := out.Row(y)
		for x, n := range count {
			if 2*int(n) > len(all) {
				row[x>>6] |= 1 << (x & 63)
			}
		}
	}
	return out
}

// zone marks where marks are made, and what people said to ignore.
func (lo *laidOut) zone(ignore []Area) *scanner.Bits {
	const near = 0.05 // inches round a target
	z := newBits(lo.w, lo.h)
	wipe := func(x0, y0, x1, y1 float64) {
		for y := max(0, int(y0*lo.dpi)); y <= min(lo.h-1, int(y1*lo.dpi)); y++ {
			for x := max(0, int(x0*lo.dpi)); x <= min(lo.w-1, int(x1*lo.dpi)); x++ {
				z.Set(x, y, true)
			}
		}
	}
	seen := gather(lo.cands)
	fam := commonest(often(seen, len(lo.pages)))
	if len(fam) > 0 {
		size := fam[0]
		for _, s := range seen {
			if alike(size, s.Found) {
				wipe(s.X-s.W/2-near, s.Y-s.H/2-near, s.X+s.W/2+near, s.Y+s.H/2+near)
			}
		}
		for _, b := range lo.bits { // and filled ones that no page shows empty
			for _, f := range solids(b, size, lo.dpi, 0.14) {
				if f.share < dense {
					continue
				}
				wipe(f.X-f.W/2, f.Y-f.H/2, f.X+f.W/2, f.Y+f.H/2)
			}
		}
	}
	for _, a := range ignore {
		if a.W > 0 && a.H > 0 && !math.IsInf(a.W+a.H, 0) {
			wipe(a.X, a.Y, a.X+a.W, a.Y+a.H)
		}
	}
	return z
}
