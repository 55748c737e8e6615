package cv

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gocv.io/x/gocv"
)

// Affine carries a point of the source to the destination: x' = A x + B y + C, y' = D x + E y + F.
type Affine struct{ A, B, C, D, E, F float64 }

// Warp draws the picture through the mapping into w x h pixels on white, bilinear. For pictures that people look at: no
// measurement is made on a warped page.
func Warp(g *image.Gray, m Affine, w, h int) (*image.Gray, error) {
	if w <= 0 || h <= 0 || w > maxPixels/h {
		return nil, fmt.Errorf("cv: warp: %d x %d pixels is no size for a picture", w, h)
	}
	det := m.A*m.E - m.B*m.D
	if math.IsNaN(det) || math.IsInf(det, 0) || math.Abs(det) < 1e-9 {
		return nil, fmt.Errorf("cv: warp: the mapping folds the picture flat")
	}
	src, err := grayMat(g)
	if err != nil {
		return nil, fmt.Errorf("cv: warp: %w", err)
	}
	defer src.Close()
	t := gocv.NewMatWithSize(2, 3, gocv.MatTypeCV64F)
	defer t.Close()
	for i, v := range [6]float64{m.A, m.B, m.C, m.D, m.E, m.F} {
		t.SetDoubleAt(i/3, i%3, v)
	}
	dst := gocv.NewMat()
	defer dst.Close()
	gocv.WarpAffineWithParams(src, &dst, t, image.Pt(w, h), gocv.InterpolationLinear, gocv.BorderConstant,
		color.RGBA{R: 255, G: 255, B: 255, A: 255})
	return matGray(dst)
}
