package template

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/scanner"
)

// A name's place lies on the side where names are printed and ends at the next target.
func TestNameAreas(t *testing.T) {
	at := func(x, y float64) election.Target { return election.Target{X: x, Y: y, W: 0.2, H: 0.1} }
	grid := []election.Target{at(2, 2), at(2, 2.4), at(4, 2), at(4, 2.4)}
	tests := []struct {
		name   string
		inked  float64 // where the names stand, inches from each target
		want   area    // of the first target
		inches float64
	}{
		{"names to the right", 0.5, area{2.2, 1.7, 3.8, 2.2}, 0},
		{"names to the left", -0.5, area{0.3, 1.7, 1.8, 2.2}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ink := scanner.NewBits(850, 1100)
			for _, g := range grid {
				for x := range 20 {
					ink.Set(int((g.X+tt.inked)*100)+x, int(g.Y*100), true)
				}
			}
			got := nameAreas(grid, 8.5, 11, ink, 100)[0]
			for i, pair := range [4][2]float64{{tt.want.x0, got.x0}, {tt.want.y0, got.y0}, {tt.want.x1, got.x1}, {tt.want.y1, got.y1}} {
				assert.InDelta(t, pair[0], pair[1], 0.001, "side %d", i)
			}
		})
	}
}

// What is written beside one target is measured there and nowhere else.
func TestBeside(t *testing.T) {
	town := drawnTown(t)
	st := &town.e.Styles[0]
	pg := &st.Pages[0]
	scan := fixtures.Clone(town.m.Blank(st.ID, 1))
	m, err := town.set.Match(page(scan, 200))
	require.NoError(t, err)
	for i, v := range m.Beside(pg.Targets) {
		assert.Less(t, v, 50, "target %d of the page as printed", i)
	}
	areas := nameAreas(pg.Targets, m.width, m.height, m.print, m.printDPI)
	const written = 3
	a := areas[written]
	require.False(t, a.empty())
	for i := range 12 { // a scrawl through the whole place
		x, y := a.x0+float64(i)*(a.x1-a.x0)/12, a.y0+0.03
		fixtures.Stroke(scan, fixtures.Pen{Width: 4, Level: 30}, fixtures.Point{X: x * 200, Y: y * 200},
			fixtures.Point{X: (x + 0.04) * 200, Y: (a.y1 - 0.03) * 200})
	}
	if m, err = town.set.Match(page(scan, 200)); err != nil {
		require.NoError(t, err)
	}
	for i, v := range m.Beside(m.Page.Targets) {
		if i == written {
			assert.Greater(t, v, 300, "written")
		} else {
			assert.Less(t, v, 100, "target %d", i)
		}
	}
}
