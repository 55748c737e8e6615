package template

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
)

// arrow draws a broken arrow with its bars on rows y to y+12: head from x, tail after a gap of 36 pixels.
func arrow(g *image.Gray, x, y int, head bool) {
	fixtures.Bar(g, float64(x+12), float64(y), float64(x+35), float64(y+12))
	fixtures.Bar(g, float64(x+71), float64(y), float64(x+95), float64(y+12))
	if head {
		fixtures.Bar(g, float64(x), float64(y-6), float64(x+12), float64(y+18))
	}
}

func TestArrowsAreFoundByTheirGap(t *testing.T) {
	g := fixtures.Paper(600, 400)
	arrow(g, 50, 60, true)
	arrow(g, 50, 160, true)
	arrow(g, 350, 60, false)            // two dashes of a timing track
	arrow(g, 350, 200, true)            // closed by an overprint:
	fixtures.Bar(g, 380, 195, 425, 215) // no gap is left
	fs, err := arrows(g, 150)
	require.NoError(t, err)
	require.Len(t, fs, 2)
	for i, y := range []float64{66, 166} {
		assert.Equal(t, election.Arrow, fs[i].Shape)
		assert.InDelta(t, (50+53)/150.0, fs[i].X, 0.01)
		assert.InDelta(t, y/150, fs[i].Y, 0.01)
		assert.InDelta(t, 36/150.0, fs[i].W, 0.01)
		assert.InDelta(t, 12/150.0, fs[i].H, 0.01)
	}
}

// TestArrowsInAFrameAreFound: contests often stand in ruled boxes.
func TestArrowsInAFrameAreFound(t *testing.T) {
	g := fixtures.Paper(600, 400)
	arrow(g, 50, 60, true)
	fixtures.Box(g, 20, 30, 400, 300, 3)
	fs, err := arrows(g, 150)
	require.NoError(t, err)
	assert.Len(t, fs, 1)
}
