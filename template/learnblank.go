package template

import (
	"image"
	"math"
	"slices"
	"sort"

	"recount/scanner"
)

// bandBytes bounds the pixels held at once while pages are laid on each other.
const bandBytes = 160 << 20

// frame is how the finished blank lies on its group's working blank.
type frame struct {
	w, h   int
	toSeed affine // pixels of the finished blank to inches on the working blank
}

// build makes the group's clean blank.
func (l *learner) build(g *learnGroup) error {
	if err := l.register(g); err != nil || len(g.pages) < l.o.Min {
		return err
	}
	used := g.used()
	fr := l.frame(g)
	g.fr = fr
	for i := range g.targets {
		t := &g.targets[i]
		t.Found = fr.place(t.Found, g.turn)
	}
	for i := range g.dark {
		g.dark[i].Found = fr.place(g.dark[i].Found, g.turn)
	}
	g.line = fr.place(Found{W: g.line, H: g.line}, 0).W
	for round := 0; ; round++ {
		ink, err := l.inkAt(g, fr, used)
		if err != nil {
			return err
		}
		if err := l.blend(g, fr, used, ink); err != nil {
			return err
		}
		for i := range g.targets {
			g.targets[i].never = g.targets[i].unmarked == 0
		}
		g.paintNever()
		places, err := FindTargets(g.blank, g.dpi)
		if err != nil {
			return err
		}
		// A target too faint on the single pages shows in what they have in common; then it is made like the others.
		if fresh := g.fresh(places); len(fresh) > 0 && round == 0 {
			g.targets = append(g.targets, fresh...)
			continue
		}
		g.settleTargets(places)
		return nil
	}
}

// register lays the group's pages once more on what they have in common, and chooses those that are used.
func (l *learner) register(g *learnGroup) error {
	var places []Found
	for _, t := range g.targets {
		places = append(places, t.Found)
	}
	set := &Set{blanks: []*blank{provisional(g.clean, places)}}
	fits := l.fit(set, g.pages)
	var kept []*learnPage
	for i, p := range g.pages {
		if fits[i] == nil {
			p.group, p.reason = 0, "it does not lie on what the other pages of "+g.name+" have in common"
			continue
		}
		p.take(fits[i])
		kept = append(kept, p)
	}
	g.pages = kept
	if len(kept) < l.o.Min {
		for _, p := range kept {
			p.group, p.reason = 0, tooFew(len(kept), l.o.Min)
		}
		return nil
	}
	n := min(len(kept), l.o.Max)
	for i := range n { // spread evenly, so that one stack's printing or one batch's voters do not decide
		kept[i*len(kept)/n].used = true
	}
	return nil
}

func (g *learnGroup) used() []*learnPage {
	var out []*learnPage
	for _, p := range g.pages {
		if p.used {
			out = append(out, p)
		}
	}
	return out
}

// frame decides the finished blank's size, resolution and way up.
func (l *learner) frame(g *learnGroup) frame {
	t := upOf(g.clean.bits, g.clean.dpi)
	if t.how == "pages" {
		var ways [4]int
		for _, p := range g.pages {
			ways[p.rotation/90%4]++
		}
		for i, n := range ways {
			if n > ways[t.turn/90] {
				t.turn = i * 90
			}
		}
		// A page that must be turned by r to lie as the seed does was scanned turned by -r from it.
		t.turn = (360 - t.turn) % 360
	}
	if l.o.Turn >= 0 {
		t = top{turn: l.o.Turn, sure: true, how: "asked"}
	}
	g.turn, g.top = t.turn, t

	var slants []float64
	for _, p := range g.pages {
		base := p.m.base
		onPage := math.Atan2(base.D, base.A) + float64(p.rotation)*math.Pi/180 // of the working blank's right
		slants = append(slants, math.Remainder(p.skew-onPage, 2*math.Pi))
	}
	sort.Float64s(slants)
	a := slants[len(slants)/2]

	s := g.seed
	ppi := s.pl.dpi * float64(s.pl.k) // seed pixels an inch of the working blank
	fr := frame{w: s.w, h: s.h}
	if g.turn%180 != 0 {
		fr.w, fr.h = fr.h, fr.w
	}
	unturn := [4]affine{{A: 1, E: 1}, {B: 1, D: -1}, {A: -1, E: -1}, {B: -1, D: 1}}[g.turn/90]
	slant := affine{A: math.Cos(a), B: -math.Sin(a), D: math.Sin(a), E: math.Cos(a)}
	centred := affine{A: 1 / ppi, E: 1 / ppi, C: -float64(fr.w) / 2 / ppi, F: -float64(fr.h) / 2 / ppi}
	fr.toSeed = affine{A: 1, E: 1, C: float64(s.w) / 2 / ppi, F: float64(s.h) / 2 / ppi}.after(unturn.after(slant.after(centred)))
	g.dpi = l.resolution(g, ppi)
	return fr
}

// resolution is the blank's, in pixels an inch: what the pages claim, carried to the seed's pixels, else what makes it a
// common paper's size.
func (l *learner) resolution(g *learnGroup, ppi float64) float64 {
	if g.seed.claim > 0 {
		return g.seed.claim
	}
	var all []float64
	for _, p := range g.pages {
		if p.claim > 0 {
			all = append(all, ppi*p.claim/(p.m.base.scale()*p.m.k))
		}
	}
	if len(all) > 0 {
		sort.Float64s(all)
		return math.Round(all[len(all)/2]*10) / 10
	}
	if ds := scanner.LikelyDPIs(g.seed.w, g.seed.h); len(ds) > 0 {
		return ds[0]
	}
	return math.Round(ppi)
}

// place carries a target from the working blank to the finished one: its middle in pixels, sizes in inches of the former.
func (fr frame) place(f Found, turn int) Found {
	inv, _ := fr.toSeed.inverse()
	f.X, f.Y = inv.at(f.X, f.Y)
	k := inv.scale()
	f.W, f.H = f.W*k, f.H*k
	if turn%180 != 0 {
		f.W, f.H = f.H, f.W
	}
	return f
}

// onPage carries pixels of the finished blank to those of a page.
func (fr frame) onPage(p *learnPage) func(x, y float64) (float64, float64) {
	return func(x, y float64) (float64, float64) { return p.m.Pixel(fr.toSeed.at(x, y)) }
}

// between reads between pixels; points count pixel edges, and outside is paper.
func between(g *image.Gray, x, y float64) uint8 {
	x, y = x-0.5, y-0.5
	ix, iy := int(math.Floor(x)), int(math.Floor(y))
	if ix < 0 || iy < 0 || ix+1 >= g.Rect.Dx() || iy+1 >= g.Rect.Dy() {
		if ix < -1 || iy < -1 || ix >= g.Rect.Dx() || iy >= g.Rect.Dy() {
			return 255
		}
		return g.Pix[min(max(iy, 0), g.Rect.Dy()-1)*g.Stride+min(max(ix, 0), g.Rect.Dx()-1)]
	}
	fx, fy := int(256*(x-float64(ix))), int(256*(y-float64(iy)))
	p := g.Pix[iy*g.Stride+ix:]
	q := g.Pix[(iy+1)*g.Stride+ix:]
	top := int(p[0])*(256-fx) + int(p[1])*fx
	low := int(q[0])*(256-fx) + int(q[1])*fx
	return uint8((top*(256-fy) + low*fy + 1<<15) >> 16)
}

// blend lays the pages on each other, a band of rows at a time: each pixel is the median of the pages, and around a target
// the median of those pages that show it without a mark.
func (l *learner) blend(g *learnGroup, fr frame, used []*learnPage, ink [][]float64) error {
	slot := map[*learnPage]int{}
	for i, p := range used {
		slot[p] = i
	}
	patches := g.patches(used, ink)
	g.blank = image.NewGray(image.Rect(0, 0, fr.w, fr.h))
	rows := max(16, bandBytes/(len(used)*fr.w)/16*16)
	for y0 := 0; y0 < fr.h; y0 += rows {
		y1 := min(fr.h, y0+rows)
		band := make([][]uint8, len(used))
		err := l.each("blend", used, func(p *learnPage, gray *image.Gray) {
			out := make([]uint8, (y1-y0)*fr.w)
			eachPoint(fr.w, y0, y1, fr.onPage(p), func(x, y int, px, py float64) {
				out[(y-y0)*fr.w+x] = between(gray, px, py)
			})
			band[slot[p]] = out
		})
		if err != nil {
			return err
		}
		inParallel(l.o.Workers, y1-y0, func(j int) {
			y := y0 + j
			line := g.blank.Pix[y*g.blank.Stride : y*g.blank.Stride+fr.w]
			var s []uint8
			mid := func(x int, of []int) uint8 {
				s = s[:0]
				for _, i := range of {
					s = append(s, band[i][j*fr.w+x])
				}
				slices.Sort(s)
				return s[len(s)/2] // of an even number the lighter one
			}
			for x := range line {
				line[x] = mid(x, patches.all)
			}
			for _, q := range patches.list {
				if y >= q.box.Min.Y && y < q.box.Max.Y {
					for x := max(0, q.box.Min.X); x < min(fr.w, q.box.Max.X); x++ {
						if len(q.pages) > 2 || !onOutline(q.target, g.line, x, y) {
							line[x] = mid(x, q.pages)
						}
					}
				}
			}
		}, nil)
	}
	return nil
}
