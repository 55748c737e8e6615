package template

import (
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Where the margin was stretched beyond the print, the mapping follows the targets' outlines.
func TestTargetsAreFollowedIntoTheMargin(t *testing.T) {
	town := drawnTown(t)
	front, _ := town.sheet(t, 1)
	// The columns right of most print slip down the page, by up to four pixels.
	slip := func(x, y float64) float64 { return 4 / (1 + math.Exp(-(x-1300)/40)) }
	moved := image.NewGray(front.Rect)
	for y := range front.Rect.Dy() {
		for x := range front.Rect.Dx() {
			v := uint8(255)
			if from := y - int(math.Round(slip(float64(x), float64(y)))); from >= 0 && from < front.Rect.Dy() {
				v = front.Pix[from*front.Stride+x]
			}
			moved.Pix[y*moved.Stride+x] = v
		}
	}
	m, err := town.set.Match(page(moved, 200))
	require.NoError(t, err)
	for i, g := range m.Page.Targets {
		px, py := m.Map.Pixel(g.X, g.Y)
		assert.InDelta(t, g.X*200, px, 1.5, "target %d", i)
		assert.InDelta(t, g.Y*200+slip(g.X*200, g.Y*200), py, 1.5, "target %d", i)
	}
}
