package template

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/election"
)

// A target is held where what was found near it lies on the mapping: not far from all of it, nor where most of it lies off.
func TestLooseTargets(t *testing.T) {
	m := &Map{base: affine{A: 170, E: 170}, k: 1}
	fit := func(off func(x, y float64) float64) *fit {
		f := &fit{m: m}
		for y := 0.5; y < 11; y += 0.5 {
			for x := 0.5; x <= 5; x += 0.5 {
				d := off(x, y)
				f.anchors = append(f.anchors, pair{x: x, y: y, px: x*170 + d, py: y * 170, w: 1})
				f.used = append(f.used, d <= 2)
			}
		}
		return f
	}
	ts := []election.Target{{X: 2, Y: 3}, {X: 2, Y: 9}, {X: 6, Y: 3}, {X: 7, Y: 3}}
	for _, c := range []struct {
		name  string
		off   func(x, y float64) float64
		loose []bool
		worst float64
	}{
		{"all as mapped", func(x, y float64) float64 { return 0 }, []bool{false, false, false, true}, 0},
		{"one anchor found wrong", func(x, y float64) float64 {
			if x == 2 && y == 3 {
				return 9
			}
			return 0
		}, []bool{false, false, false, true}, 0},
		{"the lower end stretched", func(x, y float64) float64 { return max(0, 8*(y-8)) }, []bool{false, true, false, true}, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			loose, worst := fit(c.off).loose(ts)
			assert.Equal(t, c.loose, loose)
			assert.InDelta(t, c.worst, worst, 0.001)
		})
	}
	t.Run("an outline found", func(t *testing.T) {
		f := fit(func(x, y float64) float64 { return 0 })
		f.outlines = []pair{{x: 7, y: 3.5, px: 7 * 170, py: 3.5 * 170}}
		loose, _ := f.loose(ts)
		assert.Equal(t, []bool{false, false, false, false}, loose)
	})
}
