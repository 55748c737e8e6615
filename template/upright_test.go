package template

import (
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

func TestUpright(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 3, 2))
	copy(g.Pix, []uint8{1, 2, 3, 4, 5, 6})
	for _, c := range []struct {
		name     string
		rotation int
		size     image.Point
		want     []uint8
	}{
		{"as it is", 0, image.Pt(3, 2), []uint8{1, 2, 3, 4, 5, 6}},
		{"a quarter", 90, image.Pt(2, 3), []uint8{4, 1, 5, 2, 6, 3}},
		{"head down", 180, image.Pt(3, 2), []uint8{6, 5, 4, 3, 2, 1}},
		{"three quarters", 270, image.Pt(2, 3), []uint8{3, 6, 2, 5, 1, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, place, err := Upright(g, c.rotation, 0)
			require.NoError(t, err)
			require.Equal(t, c.size, out.Rect.Size())
			assert.Equal(t, c.want, out.Pix)
			for y := range 2 {
				for x := range 3 {
					px, py := place(float64(x), float64(y))
					assert.Equal(t, g.GrayAt(x, y), out.GrayAt(int(math.Round(px)), int(math.Round(py))))
				}
			}
		})
	}
}

func TestUprightStraightens(t *testing.T) {
	a := drawnTown(t)
	front, _ := a.sheet(t, 0)
	slanted := turn(fixtures.Warp(2, 1, 0, 0)(front), 180)
	m, err := a.set.Match(page(slanted, 200))
	require.NoError(t, err)
	straight, _, err := Upright(slanted, m.Rotation, m.SkewDeg)
	require.NoError(t, err)
	again, err := a.set.Match(page(straight, 200))
	require.NoError(t, err)
	assert.Zero(t, again.Rotation)
	assert.InDelta(t, 0, again.SkewDeg, 0.03)
}
