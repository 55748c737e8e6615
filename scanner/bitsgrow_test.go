package scanner

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestGrowReachesEveryNeighbour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h, n := rapid.IntRange(1, 140).Draw(t, "w"), rapid.IntRange(1, 20).Draw(t, "h"), rapid.IntRange(0, 3).Draw(t, "n")
		b := NewBits(w, h)
		for range rapid.IntRange(0, 12).Draw(t, "points") {
			b.Set(rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y"), true)
		}
		before := b.Clone()
		grown := b.Grow(n)
		assert.Equal(t, before, b, "the page itself stays")
		for y := range h {
			for x := range w {
				want := false
				for yy := y - n; yy <= y+n; yy++ {
					for xx := x - n; xx <= x+n; xx++ {
						want = want || b.At(xx, yy)
					}
				}
				assert.Equal(t, want, grown.At(x, y), "%d,%d", x, y)
			}
		}
		assert.Zero(t, b.Without(grown).Count())
		assert.Equal(t, grown.Count()-b.Count(), grown.Without(b).Count())
		last := grown.Row(h - 1)[grown.Stride-1]
		if w%64 != 0 {
			assert.Zero(t, last>>(w%64), "bits past the width")
		}
	})
}

func TestJoin(t *testing.T) {
	a, b := NewBits(70, 2), NewBits(70, 2)
	a.Set(1, 0, true)
	b.Set(69, 1, true)
	a.Join(b)
	assert.True(t, a.At(1, 0) && a.At(69, 1))
	assert.Equal(t, 2, a.Count())
	a.Join(NewBits(3, 1))
	assert.Equal(t, 2, a.Count(), "a smaller page adds what it has")
}
