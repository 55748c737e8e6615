package template

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/scanner"
)

// sown are bits of which a part is ink.
func sown(w, h int, part float64, seed uint64) *scanner.Bits {
	r := rand.New(rand.NewPCG(seed, 5))
	b := scanner.NewBits(w, h)
	for y := range h {
		for x := range w {
			b.Set(x, y, r.Float64() < part)
		}
	}
	return b
}

func TestCountBothIsWhatPixelByPixelGives(t *testing.T) {
	a, b := sown(300, 200, 0.5, 1), sown(300, 200, 0.5, 2)
	tests := []struct {
		name         string
		x, y, ax, ay float64
	}{
		// No step falls on an edge between pixels, where rounding decides.
		{"straight", 10.51, 20.53, 1, 0},
		{"slanting down", 10.30123, 20.70457, 1.00031, 0.0171},
		{"slanting up, smaller", 5.10123, 90.20457, 0.9300713, -0.0400313},
		{"larger", 5.10123, 90.20457, 1.1100713, 0.0900313},
		{"on its head", 280.20123, 150.90457, -0.9970713, 0.0200313},
		{"on its side", 50.40123, 2.20457, 0.0300713, 0.9900313},
		{"half the size", 50.40123, 2.20457, 0.5000713, 0.0100313},
		{"out of the page", -40.30123, 199.20457, 1.0100713, 0.0200313},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for n := range 180 {
				inA, inBoth := 0, 0
				for i := range n {
					x, y := int(math.Floor(tt.x+float64(i)*tt.ax)), int(math.Floor(tt.y+float64(i)*tt.ay))
					if a.At(x, y) {
						inA++
						if b.At(x, y) {
							inBoth++
						}
					}
				}
				gotA, gotBoth := countBoth(a, b, tt.x, tt.y, tt.ax, tt.ay, n)
				require.Equal(t, [2]int{inA, inBoth}, [2]int{gotA, gotBoth}, "%d steps", n)
			}
		})
	}
}

func TestSharpnessOfLanesIsThatOfTheProjection(t *testing.T) {
	for _, size := range [][2]int{{640, 333}, {130, 70}, {64, 9}, {20, 20}, {0, 0}} {
		s := rowStrips(sown(size[0], size[1], 0.3, 3))
		l := s.lanes(0.15)
		for slope := -0.15; slope <= 0.15; slope += 0.01 {
			p := s.project(slope, nil)
			want := int64(0)
			for i := 2; i < len(p); i++ {
				want += int64(p[i]-p[i-2]) * int64(p[i]-p[i-2])
			}
			assert.Equal(t, want, l.sharpness(slope), "%v at %.2f", size, slope)
		}
	}
}

// Giving up early changes no likeness that reaches what is asked for.
func TestLikenessGivesUpOnlyBelowTheLeast(t *testing.T) {
	at := affine{A: 0.1, E: 0.1, C: -40, F: -50}
	page := newSketch(sown(800, 1000, 0.02, 4), at, 200, 11)
	copies := page.moved()
	for seed, height := range []float64{11, 11, 8, 14} {
		o := newSketch(sown(800, 1000, 0.01*float64(seed+1), 4), at, 200, height)
		want, wx, wy := 0.0, 0, 0
		for i, c := range copies {
			if l := c.like(o); l > want {
				want, wx, wy = l, i%layoutCopies-layoutReach, i/layoutCopies-layoutReach
			}
		}
		got, dx, dy := copies.like(o, want-0.01)
		assert.Equal(t, []any{want, wx, wy}, []any{got, dx, dy})
		got, _, _ = copies.like(o, want+0.3)
		assert.LessOrEqual(t, got, want)
	}
}

func TestTracesFindOneLine(t *testing.T) {
	none := func() strips { return rowStrips(scanner.NewBits(640, 400)) }
	b := scanner.NewBits(640, 400)
	for x := range 640 {
		b.Set(x, 200+x/40, true)
		b.Set(x, 201+x/40, true)
	}
	got := traces(rowStrips(b), none)
	if assert.Len(t, got, 1) {
		assert.InDelta(t, 200, got[0].from, 4)
		assert.InDelta(t, 216, got[0].to, 4)
	}
	assert.Empty(t, traces(none(), none), "a white page")
	assert.Empty(t, traces(rowStrips(sown(640, 400, 0.1, 6)), none), "dust")
}

// A fold along a row of names shows only where nothing is printed; a line that ends where paper goes on is none.
func TestTracesSeeALineThatPrintHides(t *testing.T) {
	const w = 1600
	names := scanner.NewBits(w, 400)
	fold, rule := scanner.NewBits(w, 400), scanner.NewBits(w, 400)
	for x := range w {
		if in := x%800 >= 192 && x%800 < 704; in { // two columns of names
			for y := 190; y < 212; y++ {
				names.Set(x, y, true)
			}
			continue
		}
		fold.Set(x, 200, true)
		if x < 700 {
			rule.Set(x, 200, true)
		}
	}
	cover := func() strips { return rowStrips(names) }
	assert.Len(t, traces(rowStrips(fold), cover), 1)
	assert.Empty(t, traces(rowStrips(fold), func() strips { return rowStrips(scanner.NewBits(w, 400)) }), "white paper between its pieces")
	assert.Empty(t, traces(rowStrips(rule), cover), "on the left only")
}
