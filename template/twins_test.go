package template

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

// laid lays the fronts of both drawn styles on a page, as they are placed before one of them is chosen.
func laid(t *testing.T, a *town, g *image.Gray) (*plane, *fit, *fit) {
	t.Helper()
	pl := newPlane(g, 200)
	var one, two *fit
	for _, f := range a.set.fits(pl) {
		if f.blank.page.Number != 1 {
			continue
		}
		switch f.blank.style.ID {
		case fixtures.District1:
			one = f
		case fixtures.District2:
			two = f
		}
	}
	require.NotNil(t, one)
	require.NotNil(t, two)
	return pl, one, two
}

// The print in which two styles differ speaks for the one that is on the page, whatever hands wrote there; where it is
// gone it speaks for neither.
func TestDiffer(t *testing.T) {
	a := drawnTown(t)
	blank := func(style string) *image.Gray { return a.m.Blank(style, 1) }
	tests := []struct {
		name     string
		page     *image.Gray
		from, to float64 // bounds of the share that speaks for district 1
	}{
		{"district 1", blank(fixtures.District1), 0.95, 1},
		{"district 2", blank(fixtures.District2), 0, 0.05},
		{"district 1, noisy and soft", fixtures.Chain(fixtures.Blur(1), fixtures.Noise(12, 7))(blank(fixtures.District1)), decisive, 1},
		{"district 2, slanted", fixtures.Warp(1.2, 1, 5, -4)(blank(fixtures.District2)), 0, 1 - decisive},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pl, one, two := laid(t, a, tt.page)
			forOne, forTwo := differ(pl, one, two)
			n := forOne + forTwo
			require.GreaterOrEqual(t, n, float64(leastPrint))
			assert.GreaterOrEqual(t, forOne/n, tt.from)
			assert.LessOrEqual(t, forOne/n, tt.to)
			back, forth := differ(pl, two, one)
			assert.InDelta(t, forOne, forth, 0.05*n, "the order of the two does not matter")
			assert.InDelta(t, forTwo, back, 0.05*n)
			same, other := differ(pl, one, one)
			assert.Zero(t, same+other, "a page does not differ from itself")
		})
	}
}
