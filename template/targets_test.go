package template

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
)

// Two columns of ovals with something in place of the last one, or beside them.
func TestFindTargets(t *testing.T) {
	cols := []at2{{1, 1.5}, {1, 2}, {1, 2.5}, {3, 1.5}, {3, 2}}
	last := at2{3, 2.5}
	tests := []struct {
		name string
		dpi  float64
		draw func(d fixtures.Drawing)
		last bool // the last place is a target
	}{
		{"plain", 200, func(d fixtures.Drawing) { d.Oval(last.x, last.y) }, true},
		{"plain at 300 dpi", 300, func(d fixtures.Drawing) { d.Oval(last.x, last.y) }, true},
		{"plain at 100 dpi", 100, func(d fixtures.Drawing) { d.Oval(last.x, last.y) }, true},
		{"broken by 2 pixels at the right", 200, func(d fixtures.Drawing) {
			d.Oval(last.x, last.y)
			d.Wipe(615, 499, 625, 501)
		}, true},
		{"broken by 2 pixels at the top", 200, func(d fixtures.Drawing) {
			d.Oval(last.x, last.y)
			d.Wipe(599, 480, 601, 493)
		}, true},
		{"a hairline of grey 160", 200, func(d fixtures.Drawing) {
			d.Ring(last.x, last.y, fixtures.OvalW-fixtures.OvalLine, fixtures.OvalH-fixtures.OvalLine, fixtures.Pen{Width: 1.4, Level: 160})
		}, true},
		{"a letter of a headline with a hole of a target's size", 200, func(d fixtures.Drawing) {
			for i := range 10 { // more than there are targets
				x, y := 0.7+float64(i%5), 3.1+0.5*float64(i/5)
				fixtures.Ellipse(d.Gray, fixtures.Point{X: x * 200, Y: y * 200}, 0.36*200, 0.29*200, 0.10*200)
			}
		}, false},
		{"a filled oval pictured in the instructions", 200, func(d fixtures.Drawing) {
			fixtures.Disc(d.Gray, fixtures.Point{X: 4 * 200, Y: 0.9 * 200}, fixtures.OvalW*200, fixtures.OvalH*200)
		}, false},
		{"a filled oval pictured in an empty one's size", 200, func(d fixtures.Drawing) {
			d.Oval(4, 0.9)
			d.Bar(4-0.06, 0.9-0.03, 4+0.06, 0.9+0.03)
		}, false},
		{"a table cell", 200, func(d fixtures.Drawing) {
			fixtures.Box(d.Gray, 4*200, 2*200, 5*200, 2.4*200, 3)
		}, false},
		{"letters' holes", 200, func(d fixtures.Drawing) {
			for x := 0.5; x < 5.5; x += 0.1 {
				fixtures.Ellipse(d.Gray, fixtures.Point{X: x * 200, Y: 3 * 200}, 0.07*200, 0.09*200, 2)
			}
		}, false},
		{"a little box", 200, func(d fixtures.Drawing) {
			fixtures.Box(d.Gray, 4*200, 2*200, 4.1*200, 2.1*200, 3)
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := fixtures.NewDrawing(6, 4, tt.dpi)
			for _, c := range cols {
				d.Oval(c.x, c.y)
			}
			tt.draw(d)
			want := append([]at2(nil), cols...)
			if tt.last {
				want = append(want, last)
			}
			got, err := FindTargets(d.Gray, tt.dpi)
			require.NoError(t, err)
			require.Len(t, got, len(want))
			for i, w := range want {
				assert.InDelta(t, w.x, got[i].X, 1.5/tt.dpi, "target %d", i)
				assert.InDelta(t, w.y, got[i].Y, 1.5/tt.dpi, "target %d", i)
				assert.InDelta(t, fixtures.OvalW-2*fixtures.OvalLine, got[i].W, 2/tt.dpi)
				assert.InDelta(t, fixtures.OvalH-2*fixtures.OvalLine, got[i].H, 2/tt.dpi)
				assert.Equal(t, election.Oval, got[i].Shape)
			}
		})
	}
}

func TestFindTargetsTellsBoxesFromOvals(t *testing.T) {
	d := fixtures.NewDrawing(6, 4, 200)
	for _, y := range []float64{1.5, 2, 2.5} {
		fixtures.Box(d.Gray, 190, y*200-12, 230, y*200+12, 3)
	}
	got, err := FindTargets(d.Gray, 200)
	require.NoError(t, err)
	require.Len(t, got, 3)
	for _, f := range got {
		assert.Equal(t, election.Box, f.Shape)
		assert.InDelta(t, 34.0/200, f.W, 0.006)
		assert.InDelta(t, 18.0/200, f.H, 0.006)
	}
}

// A target whose outline encloses nothing is found by its listed place, as long as most of an outline is there.
func TestFindListedFindsFaintOutlines(t *testing.T) {
	listed := []at2{{1, 1.5}, {1, 2}, {1, 2.5}}
	tests := []struct {
		name  string
		draw  func(d fixtures.Drawing) // in place of the third
		found bool
	}{
		{"an overprint bar crosses it", func(d fixtures.Drawing) {
			d.Oval(1, 2.5)
			d.Bar(0.7, 2.48, 1.3, 2.52)
		}, true},
		{"an upright bar crosses it", func(d fixtures.Drawing) {
			d.Oval(1, 2.5)
			d.Bar(0.98, 2.3, 1.02, 2.7)
		}, true},
		{"broken wide at the right", func(d fixtures.Drawing) {
			d.Oval(1, 2.5)
			d.Wipe(214, 494, 224, 506)
		}, true},
		{"a little off its listed place", func(d fixtures.Drawing) {
			d.Oval(1.02, 2.48)
			d.Bar(0.7, 2.46, 1.3, 2.50)
		}, true},
		{"half an outline", func(d fixtures.Drawing) {
			d.Oval(1, 2.5)
			d.Wipe(200, 480, 224, 520)
		}, false},
		{"nothing", func(d fixtures.Drawing) {}, false},
		{"a black bar", func(d fixtures.Drawing) { d.Bar(0.8, 2.35, 1.2, 2.65) }, false},
		{"a filled oval", func(d fixtures.Drawing) {
			fixtures.Disc(d.Gray, fixtures.Point{X: 200, Y: 500}, fixtures.OvalW*200, fixtures.OvalH*200)
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := fixtures.NewDrawing(6, 4, 200)
			d.Oval(1, 1.5)
			d.Oval(1, 2)
			tt.draw(d)
			var targets []election.Target
			for _, p := range listed {
				targets = append(targets, election.Target{X: p.x, Y: p.y})
			}
			dpi, got, found, err := FindListed(d.Gray, []float64{200}, targets)
			require.NoError(t, err)
			assert.Equal(t, 200.0, dpi)
			if !tt.found {
				assert.Equal(t, 2, found)
				return
			}
			assert.Equal(t, 3, found)
			require.Len(t, got, 3)
			assert.Less(t, math.Hypot(got[2].X-1, got[2].Y-2.5), 0.035)
			assert.Equal(t, got[0].W, got[2].W, "its siblings' size")
			assert.Equal(t, election.Oval, got[2].Shape)
		})
	}
}

// A placed list finds its targets among more than it names, in the list's own order.
func TestFindListedKeepsTheListsOrder(t *testing.T) {
	d := fixtures.NewDrawing(6, 4, 200)
	for _, p := range []at2{{1, 1.5}, {1, 2}, {1, 2.5}, {3, 1.5}} {
		d.Oval(p.x, p.y)
	}
	_, got, found, err := FindListed(d.Gray, []float64{200}, []election.Target{{X: 3.02, Y: 1.49}, {X: 0.98, Y: 2.51}})
	require.NoError(t, err)
	assert.Equal(t, 2, found)
	require.Len(t, got, 2)
	assert.InDelta(t, 3, got[0].X, 0.0075)
	assert.InDelta(t, 2.5, got[1].Y, 0.0075)
}

func TestReadingOrder(t *testing.T) {
	fs := []Found{{X: 5, Y: 1}, {X: 1.05, Y: 3}, {X: 1, Y: 2}, {X: 4.9, Y: 9}, {X: 2, Y: 0.5}}
	ReadingOrder(fs)
	assert.Equal(t, []Found{{X: 1, Y: 2}, {X: 1.05, Y: 3}, {X: 2, Y: 0.5}, {X: 5, Y: 1}, {X: 4.9, Y: 9}}, fs)
	assert.NotPanics(t, func() { ReadingOrder(nil) })
}
