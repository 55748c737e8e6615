package template

import (
	"math"
	"sort"
)

// guess is a rough mapping of one blank onto a page.
type guess struct {
	blank    *blank
	rotation int     // degrees clockwise that turn the scan upright
	score    float64 // correlation of both profiles, mean
	toPlane  affine  // inches on the blank to the scan's plane
	close    bool    // it comes from the shortlist, and is right to a few hundredths of an inch
}

// guesses lists where the blanks may lie on the page, likeliest first: for each blank and way up the best scale and shift
// of its profiles on the page's.
func (s *Set) guesses(p profiles) []guess {
	ru, rv := reversed(p.u), reversed(p.v)
	ways := []struct {
		rotation int
		u, v     []float32
	}{{0, p.u, p.v}, {180, ru, rv}, {90, rv, p.u}, {270, p.v, ru}}
	var out []guess
	for _, b := range s.lead() {
		for _, way := range ways {
			us, vs := fitProfile(b.prof.u, way.u), fitProfile(b.prof.v, way.v)
			best, bi, bj := float32(-2), 0, 0
			for i := range us {
				for j := max(0, i-3); j <= min(len(vs)-1, i+3); j++ {
					if c := us[i].score + vs[j].score; c > best {
						best, bi, bj = c, i, j
					}
				}
			}
			out = append(out, guess{
				blank: b, rotation: way.rotation, score: float64(best) / 2,
				toPlane: b.toPlane(p, way.rotation, scales[bi], us[bi].shift, scales[bj], vs[bj].shift),
			})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].score > out[j].score })
	return out
}

// toPlane builds the mapping of inches on the blank to the page's plane from how the profiles fit: the blank's slant is
// taken out, the axes are scaled and shifted, turned as the page lies, and the page's slant is put in.
func (b *blank) toPlane(p profiles, rotation int, su, tu, sv, tv float64) affine {
	bp := b.prof
	dpi := b.full.dpi
	ca, sa := math.Cos(bp.skew), math.Sin(bp.skew)
	// inches -> plane of the blank about its middle -> level -> cells
	level := affine{A: ca, B: sa, D: -sa, E: ca}.after(affine{A: dpi, E: dpi, C: -bp.cx, F: -bp.cy})
	cells := affine{A: su / bp.cell, E: sv / bp.cell, C: tu, F: tv}.after(level)
	var turn affine
	switch rotation {
	case 0:
		turn = affine{A: 1, E: 1}
	case 180:
		turn = affine{A: -1, E: -1}
	case 90: // upright (U, V) = (-v, u)
		turn = affine{B: 1, D: -1}
	default: // 270: upright (U, V) = (v, -u)
		turn = affine{B: -1, D: 1}
	}
	cp, sp := math.Cos(p.skew), math.Sin(p.skew)
	slant := affine{A: cp * p.cell, B: -sp * p.cell, D: sp * p.cell, E: cp * p.cell, C: p.cx, F: p.cy}
	return slant.after(turn.after(cells))
}
