package template

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// field is a mapping of a letter page at 170 pixels an inch with anchors every half inch, moved by shift.
func field(shift func(x, y float64) (float64, float64)) (affine, []pair) {
	base := affine{A: 170, E: 170, C: 5, F: -3}
	var ps []pair
	for y := 0.4; y < 10.7; y += 0.5 {
		for x := 0.4; x < 8.2; x += 0.5 {
			px, py := base.at(x, y)
			dx, dy := shift(x, y)
			ps = append(ps, pair{x: x, y: y, px: px + dx, py: py + dy, w: 0.9})
		}
	}
	return base, ps
}

func sine(x, y float64) (float64, float64) {
	return 2 * math.Sin(2*math.Pi*x/8.5), 4 * math.Sin(2*math.Pi*y/11)
}

// The local correction follows paper that stretches smoothly, and single wild anchors do not pull it.
func TestBend(t *testing.T) {
	base, ps := field(sine)
	check := func(m *Map, name string) {
		for y := 0.5; y < 10.6; y += 0.37 {
			for x := 0.5; x < 8.1; x += 0.41 {
				wx, wy := base.at(x, y)
				dx, dy := sine(x, y)
				px, py := m.plane(x, y)
				assert.Less(t, math.Hypot(px-wx-dx, py-wy-dy), 0.8, "%s: at %.2f, %.2f", name, x, y)
			}
		}
	}
	check(bend(base, 1, ps, 8.5, 11, 3), "smooth")
	wild := append([]pair(nil), ps...)
	for i := 7; i < len(wild); i += 23 {
		wild[i].px += 9
		wild[i].py -= 11
	}
	check(bend(base, 1, wild, 8.5, 11, 3), "with wild anchors")

	none := bend(base, 2, nil, 8.5, 11, 3)
	px, py := none.Pixel(1, 1)
	assert.Equal(t, []float64{350, 334}, []float64{px, py}, "without anchors the mapping is the page's")
}

func TestMapInchesIsTheWayBack(t *testing.T) {
	base, ps := field(sine)
	m := bend(base, 2, ps, 8.5, 11, 3)
	rapid.Check(t, func(rt *rapid.T) {
		x, y := rapid.Float64Range(0, 8.5).Draw(rt, "x"), rapid.Float64Range(0, 11).Draw(rt, "y")
		px, py := m.plane(x, y)
		bx, by, ok := m.inches(px, py)
		require.True(rt, ok)
		assert.InDelta(rt, x, bx, 1e-3)
		assert.InDelta(rt, y, by, 1e-3)
		sx, sy := m.Pixel(x, y)
		assert.Equal(rt, []float64{2 * px, 2 * py}, []float64{sx, sy})
	})
	_, _, ok := (&Map{k: 1}).inches(1, 1)
	assert.False(t, ok, "a flat mapping has no way back")
}

func TestWeightedMedian(t *testing.T) {
	tests := []struct {
		name string
		v, w []float64
		want float64
	}{
		{"none", nil, nil, 0},
		{"one", []float64{7}, []float64{0.1}, 7},
		{"three alike", []float64{9, 1, 5}, []float64{1, 1, 1}, 5},
		{"a heavy one", []float64{9, 1, 5}, []float64{5, 1, 1}, 9},
		{"without weight is not counted", []float64{100, 1, 2, 3}, []float64{0, 1, 1, 1}, 2},
		{"only without weight", []float64{4, 5}, []float64{0, 0}, 0},
		{"below 0", []float64{-3, -1, -2}, []float64{1, 1, 1}, -2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			near := newVicinity(tt.v, tt.v)
			for i, w := range tt.w {
				near.add(i, 0, 0, w)
			}
			assert.Equal(t, tt.want, near.weightedMedian(near.x))
			near.clear()
			assert.Zero(t, near.weightedMedian(near.x), "cleared")
		})
	}
}
