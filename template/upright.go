package template

import (
	"image"
	"math"

	"recount/internal/cv"
)

// Upright turns a scan as it lies on the blank, for people to look at: clockwise by rotation, and straight by the skew that
// stays after that. It gives the picture and the way of the scan's pixels onto it. Nothing is measured on it.
func Upright(g *image.Gray, rotation int, skewDeg float64) (*image.Gray, func(x, y float64) (float64, float64), error) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	quarter := ((rotation % 360) + 360) % 360
	c, s := 1.0, 0.0
	ow, oh := w, h
	switch quarter { // exact, so that a straight page keeps its pixels
	case 90:
		c, s, ow, oh = 0, 1, h, w
	case 180:
		c, s = -1, 0
	case 270:
		c, s, ow, oh = 0, -1, h, w
	}
	cs, ss := math.Cos(-skewDeg*math.Pi/180), math.Sin(-skewDeg*math.Pi/180)
	c, s = c*cs-s*ss, s*cs+c*ss
	cx, cy := float64(w-1)/2, float64(h-1)/2
	m := cv.Affine{A: c, B: -s, D: s, E: c}
	m.C = float64(ow-1)/2 - m.A*cx - m.B*cy
	m.F = float64(oh-1)/2 - m.D*cx - m.E*cy
	out, err := cv.Warp(g, m, ow, oh)
	if err != nil {
		return nil, nil, err
	}
	return out, func(x, y float64) (float64, float64) { return m.A*x + m.B*y + m.C, m.D*x + m.E*y + m.F }, nil
}
