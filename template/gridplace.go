package template

import (
	"image"
	"math"
	"slices"
	"sort"

	"recount/election"
	"recount/scanner"
)

// gridPage is a scan prepared for finding timing marks and outlines. Its points are those of the plane, with y stretched
// by ratio where the scan's pixels are not square (a coarse fax has 204 x 98 an inch).
type gridPage struct {
	pl    *plane
	page  *scanner.Page
	ratio float64
	dpi   float64 // plane pixels an inch, as far as known
	w, h  float64
	// ink is the plane as it was before its border was wiped: marks that the scan's edge cuts are still marks.
	ink *scanner.Bits
	// fine are the bits that outlines are looked for on, one for fk x fk scan pixels: thin outlines do not outlive the plane.
	fine  *scanner.Bits
	fk    float64
	laid  map[layKey]*gridFit
	codes map[codeKey]*election.Code
}

func newGridPage(pl *plane) *gridPage {
	p := pl.page
	gp := &gridPage{pl: pl, page: p, ratio: 1, dpi: pl.dpi, laid: map[layKey]*gridFit{}, codes: map[codeKey]*election.Code{}}
	w, h := p.Gray.Rect.Dx(), p.Gray.Rect.Dy()
	if p.XDPI > 0 && p.YDPI > 0 {
		r := p.XDPI / p.YDPI
		if tall := int(float64(h) * r); r > 0.4 && r < 2.5 && math.Abs(r-1) > 0.02 && scanner.BelievableDPI(w, tall, p.XDPI) > 0 {
			gp.ratio, gp.dpi = r, p.XDPI/float64(pl.k)
		}
	}
	gp.ink = scanner.FromGray(p.Gray, scanner.Threshold(p.Gray)).Shrink(pl.k)
	gp.w, gp.h = float64(pl.bits.W), float64(pl.bits.H)*gp.ratio
	k := max(1, int(gp.dpi*float64(pl.k)/250))
	gp.fk = float64(k)
	gp.fine = scanner.FromGray(p.Gray, hairline(p.Gray))
	if k > 1 {
		gp.fine = gp.fine.Shrink(k)
	}
	return gp
}

// hairline is the grey below which a pixel may be of an outline: nearer to the paper than that of ink, since a line thinner
// than a pixel is softened to grey. Show-through stays above it.
func hairline(g *image.Gray) uint8 {
	var hist [256]int
	for y := 0; y < g.Rect.Dy(); y += 4 {
		for _, v := range g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()] {
			hist[v]++
		}
	}
	cut := int(scanner.Threshold(g))
	paper := 255
	for v := 255; v >= cut; v-- {
		if hist[v] > hist[paper] {
			paper = v
		}
	}
	return uint8(cut + (paper-cut)*2/5)
}

// lattice is one way in which a page's timing marks lie on a scan.
type lattice struct {
	rotation int
	m        *Map   // inches to the grid page's points
	pairs    []pair // the marks found
	seen     int    // marks that the mapping puts on the scan
	between  []pair // where the page lies between two sides, as their marks say
	near     *nearby
	own      []block
}

// share is the part of the marks on the scan that were found.
func (l *lattice) share() float64 { return float64(len(l.pairs)) / float64(max(l.seen, 1)) }

// track is a grid prepared for looking: the same for all pages that share it.
type track struct {
	grid  *election.Grid
	w, h  float64 // inches of the pictures
	marks []trackMark
	cols  []axisMark
	rows  []axisMark
	pitch float64 // the least distance between two marks of one side, inches
}

// axisMark is a column or a row: its place in inches and how many marks stand there, few counted for many.
type axisMark struct {
	at float64
	n  int
}

// manyMarks is how many marks of one line count: a full row must not outweigh the rhythm of all others.
const manyMarks = 6

func newTrack(g *election.Grid, w, h float64) *track {
	t := &track{grid: g, w: w, h: h, marks: trackMarks(g), pitch: math.Inf(1)}
	cols, rows := make([]int, len(g.Columns)), make([]int, len(g.Rows))
	for _, m := range t.marks {
		cols[m.column]++
		rows[m.row]++
	}
	list := func(n []int, at []float64) (out []axisMark) {
		last := math.Inf(-1)
		for i, c := range n {
			if c == 0 {
				continue
			}
			out = append(out, axisMark{at[i], min(c, manyMarks)})
			t.pitch = min(t.pitch, at[i]-last)
			last = at[i]
		}
		return out
	}
	t.cols, t.rows = list(cols, g.Columns), list(rows, g.Rows)
	return t
}

// flat says whether the marks lie on one line: they then cannot place a page by themselves.
func (t *track) flat() bool { return len(t.cols) < 2 || len(t.rows) < 2 }

const (
	// markFrom and markTo are how large a whole mark may be against the definition: print scale, toner and a resolution
	// that the scan does not say all count.
	markFrom, markTo = 0.65, 1.45
	// oddFrom and oddTo bound the length of what may be part of a mark: one cut by the paper's edge, or grown into a code's.
	oddFrom, oddTo = 0.3, 3.2
	// mostBlocks bounds the shapes looked at, so that a page of noise costs no more than a page.
	mostBlocks = 5000
	// leastMarks is how many marks must be found for a lattice to be believed.
	leastMarks = 8
	// leastMarkShare is the part of a lattice's marks that must be found.
	leastMarkShare = 0.4
)

// lattices lists the ways in which the track's marks lie on the page, most marks found first. Marks that are not there
// are not found; ways that differ by whole marks are all given, for others to tell apart.
func (gp *gridPage) lattices(t *track) []*lattice {
	if t.flat() {
		return nil
	}
	long, short := max(t.grid.W, t.grid.H)*gp.dpi, min(t.grid.W, t.grid.H)*gp.dpi
	all := blocks(gp.ink, gp.ratio, max(oddFrom*long, 0.8*short), oddTo*long, 0.55*short, 1.7*short)
	if len(all) > mostBlocks {
		return nil
	}
	var out []*lattice
	for _, rotation := range []int{0, 90, 180, 270} {
		sideways := rotation%180 == 90
		var own, whole []block
		for _, s := range all {
			if s.w > 1.25*s.h && s.steep != (sideways == (t.grid.W >= t.grid.H)) {
				continue
			}
			own = append(own, s)
			if s.w >= markFrom*long && s.w <= markTo*long {
				whole = append(whole, s)
			}
		}
		if len(whole) < leastMarks {
			continue
		}
		near := newNearby(whole, 0.5*t.pitch*gp.dpi)
		for _, a := range gp.starts(t, whole, near, rotation) {
			if l := gp.rough(t, a, near); l != nil {
				l.rotation, l.near, l.own = rotation, near, own
				out = append(out, l)
			}
		}
	}
	var sure []*lattice
	for _, l := range gp.distinct(t, out) {
		if gp.refine(t, l) {
			sure = append(sure, l)
		}
	}
	return gp.distinct(t, sure)
}

// mostWays is how many ways of one track are told apart by the outlines.
const mostWays = 12

// rivalMarks is the part of the best way's marks that another needs to be worth asking: one that lies off by a row of a page
// without its first row loses two of all.
const rivalMarks = 0.8

// distinct sorts ways by the marks found and leaves out the unlikely, and those that put the page's corners at the same
// places as a better one.
func (gp *gridPage) distinct(t *track, ls []*lattice) []*lattice {
	sort.SliceStable(ls, func(i, j int) bool { return len(ls[i].pairs) > len(ls[j].pairs) })
	var out []*lattice
	for _, l := range ls {
		same := slices.ContainsFunc(out, func(o *lattice) bool {
			worst := 0.0
			for _, x := range []float64{t.cols[0].at, t.cols[len(t.cols)-1].at} {
				for _, y := range []float64{t.rows[0].at, t.rows[len(t.rows)-1].at} {
					ax, ay := l.m.plane(x, y)
					bx, by := o.m.plane(x, y)
					worst = max(worst, math.Hypot(ax-bx, ay-by))
				}
			}
			return worst < 0.5*t.pitch*gp.dpi
		})
		if !same && len(out) < mostWays && float64(len(l.pairs)) >= rivalMarks*float64(len(ls[0].pairs)) {
			out = append(out, l)
		}
	}
	return out
}

// starts gives rough mappings for one way up: the slant at which the marks line up best, then the places and sizes at
// which their columns and their rows fit those of the grid, then the pairs of both that most marks agree with.
func (gp *gridPage) starts(t *track, whole []block, near *nearby, rotation int) []affine {
	quarter := map[int]affine{0: {A: 1, E: 1}, 180: {A: -1, E: -1}, 90: {B: 1, D: -1}, 270: {B: -1, D: 1}}[rotation] // upright to page
	back, _ := quarter.inverse()
	us, vs := make([]float64, len(whole)), make([]float64, len(whole))
	for i, s := range whole {
		us[i], vs[i] = back.at(s.x-gp.w/2, s.y-gp.h/2)
	}
	tilt := slant(us, vs, 0.03*gp.dpi)
	turn := affine{A: math.Cos(tilt), B: -math.Sin(tilt), D: math.Sin(tilt), E: math.Cos(tilt)} // straight to upright
	level, _ := turn.inverse()
	for i := range us {
		us[i], vs[i] = level.at(us[i], vs[i])
	}
	xs := axisFits(us, t.cols, gp.dpi, t.pitch, 6)
	ys := axisFits(vs, t.rows, gp.dpi, t.pitch, 10)
	type start struct {
		m affine
		n int
	}
	var list []start
	centre := affine{A: 1, E: 1, C: gp.w / 2, F: gp.h / 2}
	for _, x := range xs {
		for _, y := range ys {
			if x.scale > 1.1*y.scale || y.scale > 1.1*x.scale {
				continue
			}
			m := centre.after(quarter.after(turn.after(affine{A: x.scale, C: x.shift, E: y.scale, F: y.shift})))
			n := 0
			for _, k := range t.marks {
				px, py := m.at(k.x, k.y)
				if near.find(px, py, 0.3*t.pitch*gp.dpi) != nil {
					n++
				}
			}
			if n >= leastMarks {
				list = append(list, start{m, n})
			}
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].n > list[j].n })
	var out []affine
	for _, s := range list[:min(len(list), 10)] {
		out = append(out, s.m)
	}
	return out
}

// slant is the angle, in radians, at which points line up best with both axes.
func slant(us, vs []float64, bin float64) float64 {
	best, bestScore := 0.0, -1
	try := func(a float64) {
		s, c := math.Sincos(a)
		score := 0
		for _, turned := range [2]func(i int) float64{
			func(i int) float64 { return c*us[i] + s*vs[i] },
			func(i int) float64 { return c*vs[i] - s*us[i] },
		} {
			count := map[int]int{}
			for i := range us {
				k := int(math.Floor(turned(i) / bin))
				count[k]++
			}
			for k, n := range count {
				score += n*n + n*count[k+1] // sums of whole numbers: the map's order does not matter
			}
		}
		if score > bestScore {
			best, bestScore = a, score
		}
	}
	for d := 0; d <= 28; d++ { // the smaller slant of two that are alike
		try(float64(d) * 0.25 * math.Pi / 180)
		try(-float64(d) * 0.25 * math.Pi / 180)
	}
	return best
}

// axisFit is how a grid's columns or rows may lie along one axis: pixel = scale * inch + shift.
type axisFit struct{ scale, shift float64 }

// axisFits lists the likeliest ways to lay the marks of one axis on the values found, most first; ways that differ by less
// than a third of the pitch at both ends count as one.
func axisFits(vals []float64, want []axisMark, dpi, pitch float64, most int) []axisFit {
	bin := 0.03 * dpi
	reach := 0.0
	for _, v := range vals {
		reach = max(reach, math.Abs(v))
	}
	half := int(reach/bin) + 2
	count := make([]int, 2*half+1)
	for _, v := range vals {
		i := int(math.Floor(v/bin)) + half
		for j := max(0, i-1); j <= min(len(count)-1, i+1); j++ {
			count[j]++
		}
	}
	first, last := want[0].at, want[len(want)-1].at
	mid := (first + last) / 2
	type cand struct {
		axisFit
		score int
	}
	var list []cand
	const off = 2.5 // inches that the grid's middle may lie from the scan's
	for s := 0.82; s <= 1.18; s += 0.006 {
		for o := -off * dpi; o <= off*dpi; o += bin {
			f := axisFit{s * dpi, o - s*dpi*mid}
			score := 0
			for _, w := range want {
				if i := int(math.Floor((f.scale*w.at+f.shift)/bin)) + half; i >= 0 && i < len(count) {
					score += min(w.n, count[i])
				}
			}
			if score > 0 {
				list = append(list, cand{f, score})
			}
		}
	}
	// Of ways alike, the one nearest to full size and the middle.
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.score != b.score {
			return a.score > b.score
		}
		return math.Abs(a.scale/dpi-1) < math.Abs(b.scale/dpi-1)
	})
	var out []axisFit
	for _, c := range list {
		if len(out) == most || 2*c.score < list[0].score {
			break
		}
		if !slices.ContainsFunc(out, func(o axisFit) bool {
			return max(math.Abs(o.scale*first+o.shift-c.scale*first-c.shift), math.Abs(o.scale*last+o.shift-c.scale*last-c.shift)) < 0.35*pitch*dpi
		}) {
			out = append(out, c.axisFit)
		}
	}
	return out
}
