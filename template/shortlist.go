package template

import (
	"math"
	"sort"
)

// Layouts are not laid on a page one after the other: there may be hundreds. A few of them, the pilots, say how the
// page lies; then the page's layout is held against every leader's, and only those as like as the likest are laid on it.
// What this finds must stand on its own evidence: where it does not, every leader is tried as if there were no shortlist.

const (
	// mostPilots is how many layouts are asked how the page lies: those least like one another.
	mostPilots = 6
	// pilotLike is the likeness from which a layout needs no pilot of its own: they share their frame.
	pilotLike = 0.5
	// layoutsNear is how much less like than the likest a layout may be and still be laid on the page. Marks and damage take
	// the same from all; drawn layouts in one frame are 0.15 and more apart.
	layoutsNear = 0.08
	// liesNear is how much less the profiles may speak for a way the page lies than for the likeliest one. Drawn pages the wrong
	// way up have 0.18 to 0.6 less; where the right way is passed over for that, every leader is tried.
	liesNear = 0.15
	// sureShare is the share of anchors that a fit from the shortlist must have; below it every leader is tried.
	sureShare = 0.6
)

// pilotScales are the sizes at which pilots are tried on the page: prints come at 89 to 104 %.
var pilotScales = func() []float64 {
	var s []float64
	for v := 0.86; v < 1.07; v *= 1.02 {
		s = append(s, v)
	}
	return s
}()

// choosePilots picks, from the first leader on, the leader least like those picked before.
func (s *Set) choosePilots() {
	for _, b := range s.blanks {
		if b.drawn() { // it is known by its timing marks only, and may be the page's for all that the shortlist says
			return
		}
	}
	nearest := make([]float64, len(s.leaders))
	next := 0
	for len(s.pilots) < mostPilots {
		p := s.leaders[next]
		s.pilots = append(s.pilots, p)
		copies := p.sketch.moved()
		for i, l := range s.leaders {
			if c, _, _ := copies.like(l.sketch, nearest[i]); c > nearest[i] {
				nearest[i] = c
			}
		}
		next = 0
		for i, c := range nearest {
			if c < nearest[next] {
				next = i
			}
		}
		if nearest[next] >= pilotLike {
			return
		}
	}
}

// lie is how a page may lie: which way up, and the scale and shift of a pilot's profiles on it, in cells.
type lie struct {
	rotation       int
	su, tu, sv, tv float64
	score          float64
}

// lies asks the pilots how the page lies, likeliest first: at most one answer a pilot and way up.
func (s *Set) lies(p profiles) []lie {
	type way struct {
		rotation     int
		u, v         []float32
		halfU, halfV []float32
	}
	ru, rv := reversed(p.u), reversed(p.v)
	ways := []way{{rotation: 0, u: p.u, v: p.v}, {rotation: 180, u: ru, v: rv}, {rotation: 90, u: rv, v: p.u}, {rotation: 270, u: p.v, v: ru}}
	var out []lie
	for i := range ways {
		w := &ways[i]
		w.halfU, w.halfV = halved(w.u), halved(w.v)
		for _, b := range s.pilots {
			// A page that lies on its side has its sides the other way round.
			if r := float64(len(w.u)) * float64(len(b.prof.v)) / (float64(len(w.v)) * float64(len(b.prof.u))); r < 0.8 || r > 1.25 {
				continue
			}
			hu, hv := halved(b.prof.u), halved(b.prof.v)
			us, vs := make([]place, len(pilotScales)), make([]place, len(pilotScales))
			for k, sc := range pilotScales {
				us[k] = fitWithin(resample(hu, sc), w.halfU, -maxShift/2, maxShift/2)
				vs[k] = fitWithin(resample(hv, sc), w.halfV, -maxShift/2, maxShift/2)
			}
			best, bi, bj := float32(-2), 0, 0
			for i := range us {
				for j := max(0, i-2); j <= min(len(vs)-1, i+2); j++ {
					if c := us[i].score + vs[j].score; c > best {
						best, bi, bj = c, i, j
					}
				}
			}
			l := lie{rotation: w.rotation}
			var cu, cv float32
			l.su, l.tu, cu = closer(b.prof.u, w.u, pilotScales[bi], 2*us[bi].shift)
			l.sv, l.tv, cv = closer(b.prof.v, w.v, pilotScales[bj], 2*vs[bj].shift)
			l.score = float64(cu+cv) / 2
			out = append(out, l)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].score > out[j].score })
	return out
}

// closer improves a scale and shift found on halved profiles, the shift to a part of a cell.
func closer(blank, page []float32, scale, shift float64) (bestScale, bestShift float64, score float32) {
	score = -2
	for i := -5; i <= 5; i++ {
		k := scale * (1 + 0.004*float64(i))
		p := resample(blank, k)
		f := fitWithin(p, page, int(shift)-4, int(shift)+4)
		if f.score <= score {
			continue
		}
		bestScale, bestShift, score = k, f.shift, f.score
		d := int(f.shift)
		a, c := fitWithin(p, page, d-1, d-1).score, fitWithin(p, page, d+1, d+1).score
		if bend := a - 2*f.score + c; bend < 0 {
			bestShift += float64((a - c) / (2 * bend))
		}
	}
	return bestScale, bestShift, score
}

// halved is a profile at half its resolution, the middle kept.
func halved(p []float32) []float32 {
	half := len(p) / 2
	n := (half + 1) / 2
	out := make([]float32, 2*n)
	for i, v := range p {
		out[n+floorHalf(i-half)] += v
	}
	return out
}

func floorHalf(i int) int { return i >> 1 }

// sketchOf is the page's layout as it would lie on a blank if the page lies as l says.
func (l lie) sketchOf(pl *plane, p profiles, height float64) *sketch {
	// pixels -> level, about the middle, in cells of the profile -> upright -> unscaled -> cells of the layout
	c, s := math.Cos(p.skew)/p.cell, math.Sin(p.skew)/p.cell
	level := affine{A: c, B: s, D: -s, E: c}
	level.C = -(level.A*p.cx + level.B*p.cy)
	level.F = -(level.D*p.cx + level.E*p.cy)
	var turn affine
	switch l.rotation {
	case 0:
		turn = affine{A: 1, E: 1}
	case 180:
		turn = affine{A: -1, E: -1}
	case 90: // the way back of blank.toPlane's
		turn = affine{B: -1, D: 1}
	default:
		turn = affine{B: 1, D: -1}
	}
	const k = float64(layoutPerInch) / cellsPerInch
	unscale := affine{A: k / l.su, C: -l.tu * k / l.su, E: k / l.sv, F: -l.tv * k / l.sv}
	inch := pl.dpi * (l.su + l.sv) / 2
	return newSketch(pl.bits, unscale.after(turn.after(level)), inch, height)
}

// shortlist gives the leaders that may be the page's, laid where their layout is likest, best first. It gives none where no
// pilot can say how the page lies.
func (s *Set) shortlist(pl *plane, p profiles) []guess {
	var out []guess
	done := map[lie]bool{}
	best := 0.0
	lies := s.lies(p)
	for _, l := range lies {
		if l.score < lies[0].score-liesNear {
			break
		}
		key := lie{rotation: l.rotation, su: l.su, sv: l.sv, tu: l.tu, tv: l.tv}
		if done[key] {
			continue
		}
		done[key] = true
		if len(done) > 3 {
			break
		}
		copies := l.sketchOf(pl, p, s.height).moved()
		if len(done) == 1 { // the likest where it lies shows what need not be looked at more closely
			var likest *blank
			most := -1.0
			for _, b := range s.leaders {
				if c := copies[len(copies)/2].like(b.sketch); c > most {
					likest, most = b, c
				}
			}
			best, _, _ = copies.like(likest.sketch, 0)
		}
		for _, b := range s.leaders {
			like, dx, dy := copies.like(b.sketch, best-layoutsNear)
			if like < best-layoutsNear {
				continue
			}
			if like > best {
				best = like
			}
			const cell = float64(cellsPerInch) / layoutPerInch
			// The copy was moved onto the blank; so the blank lies the other way on the page.
			g := guess{blank: b, rotation: l.rotation, score: like, close: true}
			g.toPlane = b.toPlane(p, l.rotation, l.su, l.tu-float64(dx)*cell*l.su, l.sv, l.tv-float64(dy)*cell*l.sv)
			out = append(out, g)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].score > out[j].score })
	n := 0
	for n < len(out) && out[n].score >= best-layoutsNear {
		n++
	}
	return out[:n]
}
