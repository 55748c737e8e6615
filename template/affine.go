package template

import "math"

// affine carries a point: x' = A x + B y + C, y' = D x + E y + F.
type affine struct{ A, B, C, D, E, F float64 }

func (m affine) at(x, y float64) (float64, float64) {
	return m.A*x + m.B*y + m.C, m.D*x + m.E*y + m.F
}

// after gives the mapping that applies n first, then m.
func (m affine) after(n affine) affine {
	return affine{
		A: m.A*n.A + m.B*n.D, B: m.A*n.B + m.B*n.E, C: m.A*n.C + m.B*n.F + m.C,
		D: m.D*n.A + m.E*n.D, E: m.D*n.B + m.E*n.E, F: m.D*n.C + m.E*n.F + m.F,
	}
}

// inverse is the way back; ok is false where the mapping folds the plane flat.
func (m affine) inverse() (inv affine, ok bool) {
	det := m.A*m.E - m.B*m.D
	if math.Abs(det) < 1e-12 {
		return affine{}, false
	}
	inv = affine{A: m.E / det, B: -m.B / det, D: -m.D / det, E: m.A / det}
	inv.C = -(inv.A*m.C + inv.B*m.F)
	inv.F = -(inv.D*m.C + inv.E*m.F)
	return inv, true
}

// scale is the mean stretch of the mapping.
func (m affine) scale() float64 { return math.Sqrt(math.Abs(m.A*m.E - m.B*m.D)) }

// pair is one place of the blank (inches) and where it was found (pixels), with a weight.
type pair struct {
	x, y, px, py, w float64
}

func (p pair) miss(m affine) float64 {
	x, y := m.at(p.x, p.y)
	return math.Hypot(x-p.px, y-p.py)
}

// fitAffine is the weighted least-squares mapping of the pairs. ok is false where they lie on a line.
func fitAffine(ps []pair) (affine, bool) {
	var sw, sx, sy float64
	for _, p := range ps {
		sw += p.w
		sx += p.w * p.x
		sy += p.w * p.y
	}
	if sw <= 0 {
		return affine{}, false
	}
	mx, my := sx/sw, sy/sw // centred, so that the normal equations stay well conditioned
	var xx, xy, yy, xu, yu, xv, yv, su, sv float64
	for _, p := range ps {
		x, y := p.x-mx, p.y-my
		xx += p.w * x * x
		xy += p.w * x * y
		yy += p.w * y * y
		xu += p.w * x * p.px
		yu += p.w * y * p.px
		xv += p.w * x * p.py
		yv += p.w * y * p.py
		su += p.w * p.px
		sv += p.w * p.py
	}
	det := xx*yy - xy*xy
	if det <= 1e-9*(xx+yy)*(xx+yy) || det == 0 {
		return affine{}, false
	}
	m := affine{
		A: (xu*yy - yu*xy) / det, B: (yu*xx - xu*xy) / det,
		D: (xv*yy - yv*xy) / det, E: (yv*xx - xv*xy) / det,
	}
	m.C = su/sw - m.A*mx - m.B*my
	m.F = sv/sw - m.D*mx - m.E*my
	return m, true
}

// robustAffine finds the mapping that most pairs agree on to within tol pixels, starting from a guess that is near but
// not exact: consensus over triples of pairs, then reweighted least squares on those that agree. It gives the mapping and
// which pairs agree. The triples are taken in a fixed order, so the same pairs give the same mapping.
func robustAffine(ps []pair, tol float64) (affine, []bool, bool) {
	n := len(ps)
	if n < 3 {
		return affine{}, nil, false
	}
	best, bestScore := affine{}, -1.0
	try := func(i, j, k int) {
		t := []pair{ps[i], ps[j], ps[k]}
		t[0].w, t[1].w, t[2].w = 1, 1, 1
		m, ok := fitAffine(t)
		if !ok || !plausible(m) {
			return
		}
		score := 0.0
		for i := range ps {
			p := &ps[i]
			dx, dy := m.A*p.x+m.B*p.y+m.C-p.px, m.D*p.x+m.E*p.y+m.F-p.py
			if d := dx*dx + dy*dy; d < tol*tol {
				score += p.w * (1 - d/(tol*tol))
			}
		}
		if score > bestScore {
			best, bestScore = m, score
		}
	}
	if n <= 12 {
		for i := 0; i < n; i++ {
			for j := i + 1; j < n; j++ {
				for k := j + 1; k < n; k++ {
					try(i, j, k)
				}
			}
		}
	} else {
		// A plain linear congruential sequence: 400 triples fail to hold three good pairs with a chance under 1e-9 where 40 % are good.
		seed := uint32(12345)
		next := func() int {
			seed = seed*1664525 + 1013904223
			return int(seed>>8) % n
		}
		for t := 0; t < 400; t++ {
			if i, j, k := next(), next(), next(); i != j && j != k && i != k {
				try(i, j, k)
			}
		}
	}
	if bestScore < 0 {
		return affine{}, nil, false
	}
	m := best
	for round := 0; round < 8; round++ {
		var good []pair
		for _, p := range ps {
			if d := p.miss(m); d < tol {
				q := p
				q.w *= (1 - d*d/(tol*tol)) * (1 - d*d/(tol*tol)) // Tukey's biweight
				good = append(good, q)
			}
		}
		next, ok := fitAffine(good)
		if !ok || !plausible(next) {
			break
		}
		m = next
	}
	agree := make([]bool, n)
	for i, p := range ps {
		agree[i] = p.miss(m) < tol
	}
	return m, agree, true
}

// plausible says whether a scanner can have made the mapping: both axes stretched alike to within 12 % (a fax has 204 x 196
// pixels an inch), nearly square to each other, and not mirrored.
func plausible(m affine) bool {
	sx, sy := math.Hypot(m.A, m.D), math.Hypot(m.B, m.E)
	if sx < 1 || sy < 1 || sx > 1.12*sy || sy > 1.12*sx {
		return false
	}
	dot := (m.A*m.B + m.D*m.E) / (sx * sy)
	return m.A*m.E-m.B*m.D > 0 && math.Abs(dot) < 0.06
}
