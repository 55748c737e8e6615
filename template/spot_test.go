package template

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/scanner"
)

// blots fills a page with blocks of ink of chance sizes, as unlike from place to place as print.
func blots(w, h int, seed uint64) *scanner.Bits {
	b := scanner.NewBits(w, h)
	r := rand.New(rand.NewPCG(seed, 3))
	for range w * h / 160 {
		x, y, bw, bh := r.IntN(w), r.IntN(h), 2+r.IntN(9), 2+r.IntN(9)
		for j := y; j < y+bh; j++ {
			for i := x; i < x+bw; i++ {
				b.Set(i, j, true)
			}
		}
	}
	return b
}

// patchAt cuts a patch out of a page.
func patchAt(b *scanner.Bits, x, y int) patch {
	var p patch
	for j := range p.rows {
		p.rows[j] = b.Window(x, y+j)
		p.ink += bits.OnesCount64(p.rows[j])
	}
	return p
}

// A patch is found at every shift it is looked for, with nothing left over, also where it hangs over the page's edge.
func TestSearchFindsEveryShift(t *testing.T) {
	b := blots(200, 180, 1)
	const r = 7
	for _, at := range [][2]int{{60, 50}, {0, 0}, {136, 116}, {-20, 40}} {
		p := patchAt(b, at[0], at[1])
		require.Greater(t, p.ink, 300)
		for dy := -r; dy <= r; dy++ {
			for dx := -r; dx <= r; dx++ {
				f := search(b, &p, at[0]-dx, at[1]-dy, r)
				assert.InDelta(t, dx, f.dx, 0.5, "%v shift %d,%d", at, dx, dy)
				assert.InDelta(t, dy, f.dy, 0.5, "%v shift %d,%d", at, dx, dy)
				assert.Equal(t, 1.0, f.like)
				assert.Less(t, f.second, 0.7)
			}
		}
	}
}

// A patch drawn a fraction of a pixel off is found at that fraction, to a quarter pixel.
func TestSearchFindsFractions(t *testing.T) {
	// A diamond's slanting edges put a pixel over the line for every fraction of a shift.
	big := scanner.NewBits(512, 512)
	for y := range 512 {
		for x := range 512 {
			if d := math.Abs(float64(x)-256) + math.Abs(float64(y)-256)*0.7; d < 100 && d > 60 {
				big.Set(x, y, true)
			}
		}
	}
	page := big.Shrink(4)
	for _, q := range []float64{-0.5, -0.25, 0, 0.25, 0.5} {
		p := render(page, affine{A: 1, E: 1}, 64, 64)
		moved := scanner.NewBits(512, 512)
		for y := range 512 {
			for x := range 512 {
				moved.Set(x, y, big.At(x-int(4*q), y))
			}
		}
		f := search(moved.Shrink(4), &p, 32, 32, 5)
		assert.InDelta(t, q, f.dx, 0.25, "moved by %g pixels", q)
		assert.InDelta(t, 0, f.dy, 0.25)
		assert.Greater(t, f.like, 0.8)
	}
}

func TestSearchOfNothing(t *testing.T) {
	var p patch
	f := search(scanner.NewBits(100, 100), &p, 10, 10, 4)
	assert.Zero(t, f.like)
	assert.Zero(t, f.second)
	p.rows[5], p.ink = 0xff, 8
	f = search(scanner.NewBits(0, 0), &p, -1000, 1000, 4)
	assert.Zero(t, f.like)
}

func TestVertex(t *testing.T) {
	tests := []struct {
		name   string
		cost   []int32
		inside bool
		want   float64
	}{
		{"even", []int32{10, 0, 10}, true, 0},
		{"to the left", []int32{4, 0, 12}, true, -0.25},
		{"to the right", []int32{12, 0, 4}, true, 0.25},
		{"half way", []int32{8, 0, 0}, true, 0.5},
		{"flat", []int32{3, 3, 3}, true, 0},
		{"at the rim", []int32{10, 0, 2}, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.InDelta(t, tt.want, vertex(tt.cost, 1, 1, tt.inside), 1e-12) })
	}
}

// Drawn through no change, a patch is the page's own pixels; through a turn, the page's turned.
func TestRender(t *testing.T) {
	b := blots(200, 180, 2)
	p := render(b, affine{A: 1, E: 1}, 92, 82)
	assert.Equal(t, patchAt(b, 60, 50), p)

	half := render(b, affine{A: -1, E: -1, C: 184, F: 164}, 92, 82) // by 180 degrees about its middle
	for j := range p.rows {
		assert.Equal(t, bits.Reverse64(p.rows[63-j]), half.rows[j], "row %d", j)
	}
	assert.Equal(t, p.ink, half.ink)

	outside := render(b, affine{A: 1, E: 1, C: 1e7}, 92, 82)
	assert.Equal(t, patch{}, outside)
}

// Print that repeats within reach cannot place a page; print that does not can.
func TestDistinct(t *testing.T) {
	stripes, dots := scanner.NewBits(200, 200), scanner.NewBits(200, 200)
	for y := range 200 {
		for x := range 200 {
			stripes.Set(x, y, x%8 < 3)
			dots.Set(x, y, x%10 < 4 && y%10 < 4)
		}
	}
	rule := scanner.NewBits(200, 200) // one rule: alike along itself
	for y := 98; y < 102; y++ {
		for x := range 200 {
			rule.Set(x, y, true)
		}
	}
	full := scanner.NewBits(200, 200)
	full.Invert()
	tests := []struct {
		name string
		b    *scanner.Bits
		want bool
	}{
		{"print", blots(200, 200, 4), true},
		{"stripes", stripes, false},
		{"a grid of dots", dots, false},
		{"a rule", rule, false},
		{"all ink", full, false},
		{"nothing", scanner.NewBits(200, 200), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, distinct(tt.b, 68, 68, 16)) })
	}
}

// Spots keep off what is to be avoided and off what repeats.
func TestSpots(t *testing.T) {
	b := blots(400, 400, 5)
	left := func(x, y int) bool { return x < 200 }
	got := spots(b, 100, 64, 12, left)
	require.NotEmpty(t, got)
	for _, s := range got {
		assert.GreaterOrEqual(t, s.x, 2.32)
		assert.LessOrEqual(t, s.x, 3.68)
		assert.True(t, s.y >= 0.32 && s.y <= 3.68)
	}
	assert.Empty(t, spots(scanner.NewBits(400, 400), 100, 64, 12, left))
	assert.Empty(t, spots(scanner.NewBits(30, 30), 100, 64, 12, left))
}

func TestGrow(t *testing.T) {
	var p patch
	p.rows[10], p.rows[0], p.rows[63] = 1<<20, 1, 1<<63
	p.ink = 3
	g := grow(p)
	assert.Equal(t, uint64(7<<19), g.rows[9])
	assert.Equal(t, uint64(7<<19), g.rows[10])
	assert.Equal(t, uint64(7<<19), g.rows[11])
	assert.Equal(t, uint64(3), g.rows[0])
	assert.Equal(t, uint64(3), g.rows[1])
	assert.Equal(t, uint64(3<<62), g.rows[63])
	assert.Equal(t, 9+4+4, g.ink)
}

func TestSampleRowReadsEightsWhereTheyLie(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	b := scanner.NewBits(300, 300)
	for i := range b.Words {
		b.Words[i] = rng.Uint64()
	}
	for range 20000 {
		m := affine{A: 1 + 0.08*(rng.Float64()-0.5), D: 0.08 * (rng.Float64() - 0.5)}
		x, y := 320*rng.Float64()-40, 320*rng.Float64()-10
		var want uint64
		for i := range 8 {
			cx, cy := x+3.5*m.A-3.5+float64(i)*(8*m.A-8), y+3.5*m.D+float64(i)*8*m.D
			want |= b.Window(int(math.Floor(cx)), int(math.Floor(cy))) & (0xff << (8 * i))
		}
		require.Equal(t, want, sampleRow(b, m, x, y), "%v from %v, %v", m, x, y)
	}
	for _, m := range []affine{{A: 1}, {A: 1, D: 0.03}, {A: 0.97}} {
		assert.Equal(t, b.Window(10, 20)&0xff, sampleRow(b, m, 10.2, 20.2)&0xff)
	}
}
