package cv

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func paper(w, h int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	return g
}

// frame draws a rectangle's outline t pixels thick just outside r.
func frame(g *image.Gray, r image.Rectangle, t int) {
	for y := r.Min.Y - t; y < r.Max.Y+t; y++ {
		for x := r.Min.X - t; x < r.Max.X+t; x++ {
			if !(image.Pt(x, y).In(r)) {
				g.SetGray(x, y, color.Gray{})
			}
		}
	}
}

func TestHolesGiveTheWhiteInside(t *testing.T) {
	g := paper(120, 90)
	frame(g, image.Rect(10, 20, 40, 38), 2)
	frame(g, image.Rect(70, 20, 73, 23), 1) // too small
	holes, err := Holes(g, 128, 0, 10, 8, 60, 40)
	require.NoError(t, err)
	require.Len(t, holes, 1)
	assert.Equal(t, image.Rect(10, 20, 40, 38), holes[0].Rect)
	assert.Equal(t, image.Rect(8, 18, 42, 40), holes[0].Outer)
}

func TestHolesCloseABrokenOutline(t *testing.T) {
	g := paper(120, 90)
	frame(g, image.Rect(10, 20, 40, 38), 3)
	for y := 16; y < 20; y++ { // a gap of two pixels in the upper edge
		g.SetGray(25, y, color.Gray{Y: 255})
		g.SetGray(26, y, color.Gray{Y: 255})
	}
	holes, err := Holes(g, 128, 0, 10, 8, 60, 40)
	require.NoError(t, err)
	assert.Empty(t, holes)
	holes, err = Holes(g, 128, 1, 10, 8, 60, 40)
	require.NoError(t, err)
	require.Len(t, holes, 1)
	assert.Equal(t, image.Rect(10, 20, 40, 38), holes[0].Rect)
}

func TestWarpMovesPixels(t *testing.T) {
	g := paper(30, 20)
	g.SetGray(4, 5, color.Gray{})
	out, err := Warp(g, Affine{A: 1, C: 10, E: 1, F: 3}, 40, 30)
	require.NoError(t, err)
	assert.Equal(t, uint8(0), out.GrayAt(14, 8).Y)
	assert.Equal(t, uint8(255), out.GrayAt(0, 0).Y)
}

// An OpenCV exception ends the process, so a bad argument must never reach it.
func TestBadArgumentsAreErrors(t *testing.T) {
	short := &image.Gray{Pix: make([]uint8, 10), Stride: 20, Rect: image.Rect(0, 0, 20, 20)}
	tests := []struct {
		name string
		call func() error
	}{
		{"nil picture", func() error { _, err := Holes(nil, 128, 0, 1, 1, 2, 2); return err }},
		{"empty picture", func() error { _, err := Holes(image.NewGray(image.Rect(0, 0, 0, 9)), 128, 0, 1, 1, 2, 2); return err }},
		{"short memory", func() error { _, err := Holes(short, 128, 0, 1, 1, 2, 2); return err }},
		{"sizes reversed", func() error { _, err := Holes(paper(9, 9), 128, 0, 5, 5, 2, 2); return err }},
		{"huge warp", func() error { _, err := Warp(paper(9, 9), Affine{A: 1, E: 1}, 1<<20, 1<<20); return err }},
		{"flat warp", func() error { _, err := Warp(paper(9, 9), Affine{}, 9, 9); return err }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Error(t, tt.call()) })
	}
}
