package template

import (
	"cmp"
	"math"
	"slices"
)

// node is the spacing, in inches, of the local correction. Feed rollers stretch paper over an inch or more.
const node = 0.5

// Map carries inches on the blank to pixels of the scan as given: one affine mapping for the page and a smooth local
// correction on top, read off what the anchors near a point say.
type Map struct {
	base affine  // inches to plane pixels
	k    float64 // scan pixels a plane pixel
	nx   int
	ny   int
	dx   []float32 // correction at the nodes, plane pixels
	dy   []float32
	// fx and fy are the scan's pixels in one of the square ones that the page was matched in; 0 is 1.
	fx, fy float64
}

// Pixel maps a point of the blank, in inches from its top left, to scan pixels. Coordinates count pixel edges: the middle
// of the first pixel is at 0.5.
func (m *Map) Pixel(x, y float64) (px, py float64) {
	px, py = m.square(x, y)
	if m.fx > 0 {
		px, py = px*m.fx, py*m.fy
	}
	return px, py
}

// square is Pixel on the page in square pixels.
func (m *Map) square(x, y float64) (px, py float64) {
	px, py = m.plane(x, y)
	return px * m.k, py * m.k
}

func (m *Map) plane(x, y float64) (px, py float64) {
	px, py = m.base.at(x, y)
	cx, cy := m.correction(x, y)
	return px + cx, py + cy
}

func (m *Map) correction(x, y float64) (float64, float64) {
	if m.nx == 0 {
		return 0, 0
	}
	fx := min(max(x/node, 0), float64(m.nx-1))
	fy := min(max(y/node, 0), float64(m.ny-1))
	ix, iy := min(int(fx), m.nx-2), min(int(fy), m.ny-2)
	tx, ty := fx-float64(ix), fy-float64(iy)
	lerp := func(v []float32) float64 {
		i := iy*m.nx + ix
		a := float64(v[i])*(1-tx) + float64(v[i+1])*tx
		b := float64(v[i+m.nx])*(1-tx) + float64(v[i+m.nx+1])*tx
		return a*(1-ty) + b*ty
	}
	return lerp(m.dx), lerp(m.dy)
}

// jacobian is the mapping's slope at a point: plane pixels an inch.
func (m *Map) jacobian(x, y float64) affine {
	const h = 0.1
	x0, y0 := m.plane(x-h, y)
	x1, y1 := m.plane(x+h, y)
	x2, y2 := m.plane(x, y-h)
	x3, y3 := m.plane(x, y+h)
	j := affine{A: (x1 - x0) / (2 * h), D: (y1 - y0) / (2 * h), B: (x3 - x2) / (2 * h), E: (y3 - y2) / (2 * h)}
	px, py := m.plane(x, y)
	j.C = px - j.A*x - j.B*y
	j.F = py - j.D*x - j.E*y
	return j
}

// newMap is base without a correction, over a blank of w x h inches.
func newMap(base affine, k, w, h float64) *Map {
	m := &Map{base: base, k: k, nx: int(math.Ceil(w/node)) + 1, ny: int(math.Ceil(h/node)) + 1}
	m.nx, m.ny = max(m.nx, 2), max(m.ny, 2)
	m.dx, m.dy = make([]float32, m.nx*m.ny), make([]float32, m.nx*m.ny)
	return m
}

// bend fits the local correction of base to the pairs, over a blank of w x h inches. tol is how far, in plane pixels, a
// pair may lie from what its neighbours say before it counts for nothing.
func bend(base affine, k float64, ps []pair, w, h, tol float64) *Map {
	return bendBy(1, base, k, ps, w, h, tol)
}

// bendBy is bend at every step-th node, 1 or 2, with what lies between them halfway: enough to say where to look.
func bendBy(step int, base affine, k float64, ps []pair, w, h, tol float64) *Map {
	m := newMap(base, k, w, h)
	rx, ry := make([]float64, len(ps)), make([]float64, len(ps))
	for i, p := range ps {
		x, y := base.at(p.x, p.y)
		rx[i], ry[i] = p.px-x, p.py-y
	}
	near := newVicinity(rx, ry)
	for iy := 0; iy < m.ny; iy += step {
		for ix := 0; ix < m.nx; ix += step {
			x, y := float64(ix)*node, float64(iy)*node
			for sigma := 0.7; sigma < 4; sigma *= 1.5 {
				near.clear()
				sum := 0.0
				most := 4.5 * 2 * sigma * sigma // three sigma
				for i := range ps {
					p := &ps[i]
					dx, dy := p.x-x, p.y-y
					d := dx*dx + dy*dy
					if d < most {
						w := p.w * math.Exp(-d/(2*sigma*sigma))
						near.add(i, dx, dy, w)
						sum += w
					}
				}
				if sum >= 2.5 {
					i := iy*m.nx + ix
					m.dx[i] = float32(near.local(near.x, tol))
					m.dy[i] = float32(near.local(near.y, tol))
					break
				}
			}
		}
	}
	if step == 2 {
		m.fillIn()
	}
	return m
}

// fillIn sets each node in an odd row or column halfway between its neighbours.
func (m *Map) fillIn() {
	for _, d := range [2][]float32{m.dx, m.dy} {
		for iy := 0; iy < m.ny; iy += 2 {
			for ix := 1; ix < m.nx; ix += 2 {
				i := iy*m.nx + ix
				d[i] = (d[i-1] + d[min(i+1, iy*m.nx+(m.nx-1)/2*2)]) / 2
			}
		}
		for iy := 1; iy < m.ny; iy += 2 {
			up, down := (iy-1)*m.nx, min(iy+1, (m.ny-1)/2*2)*m.nx
			for ix := range m.nx {
				d[iy*m.nx+ix] = (d[up+ix] + d[down+ix]) / 2
			}
		}
	}
}

// vicinity is the pairs around a node: which they are, where they lie from it and what they weigh.
type vicinity struct {
	at        []int
	dx, dy, w []float64
	weight    []float64 // of every pair, 0 for those that are not near
	x, y      residuals
}

// residuals are what a mapping leaves of every pair along one axis, and the pairs in the order of that.
type residuals struct {
	of    []float64
	order []int
	near  []float64 // scratch: those of the vicinity
}

func newVicinity(rx, ry []float64) *vicinity {
	n := len(rx)
	room := make([]float64, 6*n)
	v := &vicinity{at: make([]int, 0, n), dx: room[:0:n], dy: room[n : n : 2*n], w: room[2*n : 2*n : 3*n], weight: room[3*n : 4*n : 4*n]}
	v.x, v.y = sortResiduals(rx), sortResiduals(ry)
	v.x.near, v.y.near = room[4*n:4*n:5*n], room[5*n:5*n]
	return v
}

func sortResiduals(of []float64) residuals {
	r := residuals{of: of, order: make([]int, len(of))}
	for i := range r.order {
		r.order[i] = i
	}
	slices.SortStableFunc(r.order, func(a, b int) int { return cmp.Compare(of[a], of[b]) })
	return r
}

func (s *vicinity) clear() {
	for _, i := range s.at {
		s.weight[i] = 0
	}
	s.at, s.dx, s.dy, s.w = s.at[:0], s.dx[:0], s.dy[:0], s.w[:0]
}

func (s *vicinity) add(i int, dx, dy, w float64) {
	s.at = append(s.at, i)
	s.dx, s.dy, s.w = append(s.dx, dx), append(s.dy, dy), append(s.w, w)
	s.weight[i] = w
}

// local is the value at the node of a robust, weighted, gently sloping plane through the residuals r.
func (s *vicinity) local(axis residuals, tol float64) float64 {
	centre := s.weightedMedian(axis)
	r := axis.near[:0]
	for _, i := range s.at {
		r = append(r, axis.of[i])
	}
	var a, b float64 // slopes
	for round := 0; round < 3; round++ {
		var sw, sx, sy, sr, sxx, sxy, syy, sxr, syr float64
		for i, v := range r {
			dx, dy := s.dx[i], s.dy[i]
			miss := (v - centre - a*dx - b*dy) / tol
			if miss < -1 || miss > 1 {
				continue
			}
			w := s.w[i] * (1 - miss*miss) * (1 - miss*miss)
			sw += w
			sx += w * dx
			sy += w * dy
			sr += w * v
			sxx += w * dx * dx
			sxy += w * dx * dy
			syy += w * dy * dy
			sxr += w * dx * v
			syr += w * dy * v
		}
		if sw < 1e-6 {
			return centre
		}
		// Ridge: at the rim, where all anchors lie to one side, a slope must be earned.
		const ridge = 0.15
		mx, my, mr := sx/sw, sy/sw, sr/sw
		cxx, cxy, cyy := sxx/sw-mx*mx+ridge, sxy/sw-mx*my, syy/sw-my*my+ridge
		cxr, cyr := sxr/sw-mx*mr, syr/sw-my*mr
		det := cxx*cyy - cxy*cxy
		a, b = (cxr*cyy-cyr*cxy)/det, (cyr*cxx-cxr*cxy)/det
		centre = mr - a*mx - b*my
	}
	return centre
}

// weightedMedian is the residual below which half of the weight lies.
func (s *vicinity) weightedMedian(r residuals) float64 {
	sum := 0.0
	for _, w := range s.w {
		sum += w
	}
	acc, last := 0.0, 0.0
	for _, i := range r.order {
		w := s.weight[i]
		if w == 0 {
			continue
		}
		last = r.of[i]
		if acc += w; acc >= sum/2 {
			break
		}
	}
	return last
}
