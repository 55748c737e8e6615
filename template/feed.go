package template

import "math"

// Rollers that slip stretch a page along the way it is fed, every line of it by its own amount, and all of a line alike. No mapping
// that is straight over the whole page can follow that, and where it is off by more than it is looked for, nothing is found. The
// anchors of a line and of the lines beside it say together how far it was moved, from line to line down the page.
const (
	// feedTol is how far, in plane pixels, an anchor may lie off what its line and those beside it say.
	feedTol = 5
	// feedAlong is how far along the feed, in inches, anchors count for a line: rollers stretch over some inches and more.
	feedAlong = 0.45
	// feedGain is how many anchors, as a part of all, must lie on a page fed unevenly and not on a straight one.
	feedGain = 0.10
	// feedMost is how far, in inches, a line may be moved: real scans have up to 0.07, and rows of targets are 0.2 apart.
	feedMost = 0.12
	// feedShare is the share of anchors found from which none is looked for again, feedSpread how far apart, in inches, the
	// mapping moves parts of a page that was fed unevenly, feedRounds how often what is missing is looked for again.
	feedShare, feedSpread, feedRounds = 0.9, 0.03, 2
)

// fed is the mapping of a page that was fed unevenly, or nil where a straight one does as well. base is the straight one, tol how
// far off it an anchor may lie.
func fed(base affine, k float64, ps []pair, w, h, tol float64) *Map {
	straight := 0
	for i := range ps {
		if ps[i].miss(base) < tol {
			straight++
		}
	}
	var best *Map
	most := straight + int(math.Ceil(feedGain*float64(len(ps))))
	for _, down := range [2]bool{true, false} {
		m := feedMap(base, k, ps, w, h, down)
		n := 0
		for i := range ps {
			if x, y := m.plane(ps[i].x, ps[i].y); math.Hypot(x-ps[i].px, y-ps[i].py) < feedTol {
				n++
			}
		}
		if n > most {
			best, most = m, n
		}
	}
	return best
}

// feedMap moves every line of the page, across it or down, as the anchors near it say.
func feedMap(base affine, k float64, ps []pair, w, h float64, down bool) *Map {
	m := newMap(base, k, w, h)
	rx, ry := make([]float64, len(ps)), make([]float64, len(ps))
	for i, p := range ps {
		x, y := base.at(p.x, p.y)
		rx[i], ry[i] = p.px-x, p.py-y
	}
	near := newVicinity(rx, ry)
	lines, across := m.ny, m.nx
	if !down {
		lines, across = m.nx, m.ny
	}
	limit := feedMost * base.scale()
	for l := range lines {
		at := float64(l) * node
		var dx, dy float64
		for sigma := feedAlong; sigma < 4; sigma *= 1.5 {
			near.clear()
			sum := 0.0
			for i, p := range ps {
				d := p.y - at
				if !down {
					d = p.x - at
				}
				if math.Abs(d) < 3*sigma {
					wt := p.w * math.Exp(-d*d/(2*sigma*sigma))
					near.add(i, 0, d, wt)
					sum += wt
				}
			}
			if sum >= 2.5 {
				dx, dy = near.local(near.x, feedTol), near.local(near.y, feedTol)
				break
			}
		}
		dx, dy = math.Max(-limit, math.Min(limit, dx)), math.Max(-limit, math.Min(limit, dy))
		for c := range across {
			i := l*m.nx + c
			if !down {
				i = c*m.nx + l
			}
			m.dx[i], m.dy[i] = float32(dx), float32(dy)
		}
	}
	return m
}

// bendOver is bend on top of another mapping's local correction.
func bendOver(over *Map, ps []pair, w, h, tol float64) *Map {
	rest := make([]pair, len(ps))
	for i, p := range ps {
		cx, cy := over.correction(p.x, p.y)
		p.px, p.py = p.px-cx, p.py-cy
		rest[i] = p
	}
	m := bend(over.base, over.k, rest, w, h, tol)
	for i := range m.dx {
		m.dx[i] += over.dx[i]
		m.dy[i] += over.dy[i]
	}
	return m
}

// near lists the pairs that lie within tol pixels of the mapping.
func (m *Map) near(ps []pair, tol float64) []pair {
	var out []pair
	for _, p := range ps {
		if x, y := m.plane(p.x, p.y); math.Hypot(x-p.px, y-p.py) < tol {
			out = append(out, p)
		}
	}
	return out
}

// spread is how far apart, in plane pixels, the mapping's local correction moves parts of the page.
func (m *Map) spread() float64 {
	least, most := float32(math.Inf(1)), float32(math.Inf(-1))
	for i := range m.dx {
		least, most = min(least, m.dx[i], m.dy[i]), max(most, m.dx[i], m.dy[i])
	}
	return float64(most - least)
}

// lead is the leader of the blank's family: itself, where it leads or has none.
func (b *blank) lead() *blank {
	if b.leader != nil {
		return b.leader
	}
	return b
}
