package marks

import (
	"image"
	"math"
	"sort"
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
