package template

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Lines that the feed moved are followed, whichever way the page lay; a page that lies straight, or whose
// anchors lie off it without order, is not bent.
func TestFed(t *testing.T) {
	const w, h, perInch = 8.5, 14.0, 170.0
	base := affine{A: perInch, E: perInch}
	page := func(move func(x, y float64) (dx, dy float64)) []pair {
		var ps []pair
		for y := 0.5; y < h; y += 0.9 {
			for x := 0.5; x < w; x += 0.9 {
				dx, dy := move(x, y)
				ps = append(ps, pair{x: x, y: y, px: x*perInch + dx, py: y*perInch + dy, w: 0.8})
			}
		}
		return ps
	}
	for _, tt := range []struct {
		name string
		move func(x, y float64) (dx, dy float64)
		bent bool
	}{
		{"straight", func(x, y float64) (float64, float64) { return 0, 0 }, false},
		{"rollers that slip down the page", func(x, y float64) (float64, float64) { return 3 * math.Sin(y/1.5), 14 * math.Sin(y/1.2) }, true},
		{"and along it", func(x, y float64) (float64, float64) { return 14 * math.Sin(x/1.2), 0 }, true},
		{"every column by another amount", func(x, y float64) (float64, float64) { return 0, 40 * math.Mod(10*x, 2) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ps := page(tt.move)
			m := fed(base, 1, ps, w, h, 8)
			require.Equal(t, tt.bent, m != nil)
			if m == nil {
				return
			}
			near := m.near(ps, feedTol)
			assert.Greater(t, float64(len(near)), 0.95*float64(len(ps)))
			over := &fit{guess: guess{blank: &blank{w: w, h: h}}, m: m, feed: m}
			bent := over.bend(1, near, 3)
			assert.Greater(t, float64(len(bent.near(ps, 2))), 0.9*float64(len(ps)), "two pixels are a hundredth of an inch")
		})
	}
}

// However far the anchors of a line lie off, no line is moved so far that a row of targets lies on the next.
func TestFedIsBounded(t *testing.T) {
	var ps []pair
	for y := 0.5; y < 14; y += 0.5 {
		for x := 0.5; x < 8.5; x++ {
			p := pair{x: x, y: y, px: x * 170, py: y * 170, w: 0.8}
			if y > 7 {
				p.py += 0.25 * 170
			}
			ps = append(ps, p)
		}
	}
	m := feedMap(affine{A: 170, E: 170}, 1, ps, 8.5, 14, true)
	for i := range m.dy {
		assert.LessOrEqual(t, math.Abs(float64(m.dy[i])), feedMost*170+0.01)
	}
}
