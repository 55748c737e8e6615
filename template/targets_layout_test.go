package template

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

// What is nearly a target's size but stands alone is none; an odd target among its siblings is one.
func TestFindTargetsLeavesOutStrays(t *testing.T) {
	cols := []at2{{1, 1.5}, {1, 2}, {1, 2.5}, {3, 1.5}, {3, 2}}
	circle := func(x, y float64) func(d fixtures.Drawing) {
		return func(d fixtures.Drawing) { // a printer's crop mark
			fixtures.Ellipse(d.Gray, fixtures.Point{X: x * d.DPI, Y: y * d.DPI}, 0.17*d.DPI, 0.12*d.DPI, 0.01*d.DPI)
			d.Bar(x-0.14, y-0.003, x-0.07, y+0.003)
			d.Bar(x+0.07, y-0.003, x+0.14, y+0.003)
		}
	}
	tests := []struct {
		name string
		draw func(d fixtures.Drawing)
		want int
	}{
		{"a crop mark in the margin", circle(5.6, 3.6), 5},
		{"a crop mark's size in a column", circle(3, 2.5), 6},
		{"a lone target of its siblings' size", func(d fixtures.Drawing) { d.Oval(5, 3.2) }, 6},
		{"a target with a number printed in it", func(d fixtures.Drawing) {
			d.Oval(3, 2.5)
			d.Bar(2.97, 2.47, 2.98, 2.53)
			d.Bar(3.01, 2.47, 3.02, 2.53)
		}, 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := fixtures.NewDrawing(6, 4, 200)
			for _, c := range cols {
				d.Oval(c.x, c.y)
			}
			tt.draw(d)
			got, err := FindTargets(d.Gray, 200)
			require.NoError(t, err)
			assert.Len(t, got, tt.want)
		})
	}
}

// The three corners of a QR code are white within black like square boxes, around a block.
func TestFindTargetsTakesNoCodeForBoxes(t *testing.T) {
	const module = 0.03
	square := func(d fixtures.Drawing, x, y float64) {
		fixtures.Box(d.Gray, x*d.DPI, y*d.DPI, (x+7*module)*d.DPI, (y+7*module)*d.DPI, module*d.DPI)
	}
	d := fixtures.NewDrawing(6, 4, 200)
	square(d, 1, 1.5)
	square(d, 1, 2)
	for _, c := range []at2{{4, 2}, {4.6, 2}, {4, 2.6}} {
		square(d, c.x, c.y)
		d.Bar(c.x+2*module, c.y+2*module, c.x+5*module, c.y+5*module)
	}
	got, err := FindTargets(d.Gray, 200)
	require.NoError(t, err)
	assert.Len(t, got, 2)
}
