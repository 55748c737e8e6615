package template

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/scanner"
)

// Every patch is given once and holds all its ink, however its parts come together.
func TestPatchesAddUp(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		b := scanner.NewBits(130+int(seed), 40)
		for range 900 {
			b.Set(rng.IntN(b.W), rng.IntN(b.H), true)
		}
		want := map[int]int{} // size of a patch: how many
		left := b.Clone()
		for y := range b.H {
			for x := range b.W {
				if left.At(x, y) {
					want[flood(left, x, y)]++
				}
			}
		}
		got, ink := map[int]int{}, 0
		eachPatch(b, func(s *patchSum) { got[int(s.n)]++; ink += int(s.n) })
		assert.Equal(t, b.Count(), ink, "seed %d", seed)
		assert.Equal(t, want, got, "seed %d", seed)
	}
}

func flood(b *scanner.Bits, x, y int) int {
	if !b.At(x, y) {
		return 0
	}
	b.Clear(x, y)
	n := 1
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			n += flood(b, x+dx, y+dy)
		}
	}
	return n
}

func TestBarsAreFoundByShape(t *testing.T) {
	b := scanner.NewBits(300, 300)
	rect := func(x0, y0, x1, y1 int) {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				b.Set(x, y, true)
			}
		}
	}
	rect(10, 20, 42, 31)    // a level bar across two words
	rect(200, 40, 211, 72)  // an upright one
	rect(60, 100, 160, 111) // too long
	rect(60, 140, 92, 180)  // too tall
	rect(100, 200, 132, 211)
	for i := range 9 { // as the third, but with a ragged hole
		for x := range 20 {
			b.Set(105+x, 201+i, (x+i)%2 == 0)
		}
	}
	got := blocks(b, 1, 25, 40, 8, 14)
	if assert.Len(t, got, 2) {
		assert.InDelta(t, 26, got[0].x, 0.01)
		assert.InDelta(t, 25.5, got[0].y, 0.01)
		assert.InDelta(t, 32, got[0].w, 0.01)
		assert.InDelta(t, 11, got[0].h, 0.01)
		assert.False(t, got[0].steep)
		assert.True(t, got[1].steep)
		assert.InDelta(t, 205.5, got[1].x, 0.01)
	}
}

// A slanting bar has the same size and middle as a level one.
func TestBarsMaySlant(t *testing.T) {
	b := scanner.NewBits(200, 100)
	s, c := math.Sincos(5 * math.Pi / 180)
	for y := range b.H {
		for x := range b.W {
			u, v := float64(x)+0.5-100, float64(y)+0.5-50
			if math.Abs(u*c+v*s) <= 20 && math.Abs(v*c-u*s) <= 6 {
				b.Set(x, y, true)
			}
		}
	}
	got := blocks(b, 1, 30, 50, 8, 16)
	if assert.Len(t, got, 1) {
		assert.InDelta(t, 100, got[0].x, 0.1)
		assert.InDelta(t, 50, got[0].y, 0.1)
		assert.InDelta(t, 40, got[0].w, 0.6)
		assert.InDelta(t, 12, got[0].h, 0.6)
	}
}
