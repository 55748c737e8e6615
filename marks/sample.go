package marks

import (
	"image"
	"math"
	"sort"

	"recount/election"
)

// slope is the mapping near one point: where it falls on the scan, and scan pixels an inch along each of the blank's axes.
type slope struct {
	px, py         float64
	xx, xy, yx, yy float64
}

// slopeAt reads the mapping around a point of the blank. ok is false where it gives no sane numbers.
func slopeAt(m Mapping, x, y float64) (slope, bool) {
	const h = 0.1
	var s slope
	s.px, s.py = m.Pixel(x, y)
	x0, y0 := m.Pixel(x-h, y)
	x1, y1 := m.Pixel(x+h, y)
	x2, y2 := m.Pixel(x, y-h)
	x3, y3 := m.Pixel(x, y+h)
	s.xx, s.yx = (x1-x0)/(2*h), (y1-y0)/(2*h)
	s.xy, s.yy = (x3-x2)/(2*h), (y3-y2)/(2*h)
	p := s.perInch()
	// Scans have 50 to 1300 pixels an inch; a mapping that says otherwise is broken.
	return s, p >= 40 && p <= 1500 && !math.IsNaN(s.px+s.py) && math.Abs(s.px)+math.Abs(s.py) < 1e6
}

func (s slope) perInch() float64 { return math.Sqrt(math.Abs(s.xx*s.yy - s.xy*s.yx)) }

// bilinear reads a grey picture between its pixels; beyond its edges there is white paper.
func bilinear(g *image.Gray, x, y float64) float32 {
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := float32(x-float64(x0)), float32(y-float64(y0))
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if x0 >= 0 && y0 >= 0 && x0+1 < w && y0+1 < h {
		i := y0*g.Stride + x0
		a := float32(g.Pix[i])*(1-fx) + float32(g.Pix[i+1])*fx
		b := float32(g.Pix[i+g.Stride])*(1-fx) + float32(g.Pix[i+g.Stride+1])*fx
		return a*(1-fy) + b*fy
	}
	at := func(x, y int) float32 {
		if x < 0 || y < 0 || x >= w || y >= h {
			return 255
		}
		return float32(g.Pix[y*g.Stride+x])
	}
	a := at(x0, y0)*(1-fx) + at(x0+1, y0)*fx
	b := at(x0, y0+1)*(1-fx) + at(x0+1, y0+1)*fx
	return a*(1-fy) + b*fy
}

// sampleBlank reads the blank around the target into darknesses.
func (w *window) sampleBlank(b Blank, l levels, t election.Target) {
	w.u, w.at, w.part = resize(w.u, w.nx), resize(w.at, w.nx), resize(w.part, w.nx)
	for x := range w.u {
		w.u[x] = (t.X+(float64(x)+0.5-float64(w.nx)/2)*w.step)*b.DPI - 0.5
		f := math.Floor(w.u[x])
		w.at[x], w.part[x] = int(f), float32(w.u[x]-f)
	}
	g := b.Gray
	for y := 0; y < w.ny; y++ {
		by := (t.Y+(float64(y)+0.5-float64(w.ny)/2)*w.step)*b.DPI - 0.5
		out := w.blank[y*w.nx : (y+1)*w.nx]
		y0 := int(math.Floor(by))
		if y0 < 0 || y0+1 >= g.Rect.Dy() || w.at[0] < 0 || w.at[w.nx-1]+1 >= g.Rect.Dx() {
			for x, bx := range w.u {
				out[x] = bilinear(g, bx, by)
			}
			continue
		}
		fy := float32(by - float64(y0))
		upper, lower := g.Pix[y0*g.Stride:], g.Pix[(y0+1)*g.Stride:]
		for x, i := range w.at {
			fx := w.part[x]
			a := float32(upper[i])*(1-fx) + float32(upper[i+1])*fx
			b := float32(lower[i])*(1-fx) + float32(lower[i+1])*fx
			out[x] = a*(1-fy) + b*fy
		}
	}
	l.darken(w.blank)
}

// sampleScan reads the scan around the target, through the mapping, into darknesses.
func (w *window) sampleScan(g *image.Gray, l levels, j slope) {
	nx, ny := w.nx+2*w.r, w.ny+2*w.r
	w.u, w.v = resize(w.u, nx), resize(w.v, nx)
	for x := range w.u {
		u := (float64(x) + 0.5 - float64(nx)/2) * w.step
		w.u[x], w.v[x] = j.px+j.xx*u, j.py+j.yx*u
	}
	inside := func(px, py float64) bool { // with a pixel to spare
		return px >= 1 && py >= 1 && px < float64(g.Rect.Dx()-2) && py < float64(g.Rect.Dy()-2)
	}
	for y := 0; y < ny; y++ {
		v := (float64(y) + 0.5 - float64(ny)/2) * w.step
		dx, dy := j.xy*v, j.yy*v
		out := w.scan[y*nx : (y+1)*nx]
		if !inside(w.u[0]+dx-0.5, w.v[0]+dy-0.5) || !inside(w.u[nx-1]+dx-0.5, w.v[nx-1]+dy-0.5) {
			for x := range out {
				out[x] = bilinear(g, w.u[x]+dx-0.5, w.v[x]+dy-0.5)
			}
			continue
		}
		for x := range out {
			px, py := w.u[x]+dx-0.5, w.v[x]+dy-0.5
			x0, y0 := int(px), int(py)
			fx, fy := float32(px-float64(x0)), float32(py-float64(y0))
			i := y0*g.Stride + x0
			upper, lower := g.Pix[i:i+2:i+2], g.Pix[i+g.Stride:i+g.Stride+2:i+g.Stride+2]
			a := float32(upper[0])*(1-fx) + float32(upper[1])*fx
			b := float32(lower[0])*(1-fx) + float32(lower[1])*fx
			out[x] = a*(1-fy) + b*fy
		}
	}
	l.darken(w.scan)
}

// levels are a page's greys.
type levels struct {
	paper, ink float32
}

// levelsOf reads a page's paper (the commonest light grey) and print (its darkest hundredth) from every eighth row.
func levelsOf(g *image.Gray) levels {
	var hist [256]int
	n := 0
	for y := 0; y < g.Rect.Dy(); y += 8 {
		for _, v := range g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()] {
			hist[v]++
			n++
		}
	}
	paper, ink, sum := 255, 0, 0
	for v := 255; v >= 128; v-- {
		if hist[v] > hist[paper] {
			paper = v
		}
	}
	for v, c := range hist {
		if sum += c; sum*100 >= n {
			ink = v
			break
		}
	}
	// A page with little print has no hundredth that dark; print is never lighter than halfway.
	return levels{paper: float32(paper), ink: float32(min(ink, paper/2))}
}

// darken turns greys into darknesses between the paper found around them (0) and the page's print (1).
func (l levels) darken(p []float32) {
	var hist [256]int
	for _, v := range p {
		hist[int(v)]++
	}
	// Most of a window is paper, of whatever shade; a mark and the print take less than a third.
	sum, local := 0, 255
	for v := 255; v >= 0; v-- {
		if sum += hist[v]; sum*4 >= len(p) {
			local = v
			break
		}
	}
	paper := float32(local)
	if paper < l.ink+0.35*(l.paper-l.ink) { // mostly dark: take the page's paper instead
		paper = l.paper
	}
	k := 1 / max(paper-l.ink, 1)
	for i, v := range p {
		p[i] = min(1, max(0, (paper-v)*k))
	}
}

// spiral lists the shifts of up to r pixels, nearest first.
func spiral(r int) []image.Point {
	var ps []image.Point
	for y := -r; y <= r; y++ {
		for x := -r; x <= r; x++ {
			ps = append(ps, image.Pt(x, y))
		}
	}
	sort.SliceStable(ps, func(i, j int) bool {
		return ps[i].X*ps[i].X+ps[i].Y*ps[i].Y < ps[j].X*ps[j].X+ps[j].Y*ps[j].Y
	})
	return ps
}
