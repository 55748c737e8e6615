package marks

import (
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
)

// traceCells are the cells of a trace as numbers.
func traceCells(t *testing.T, trace string) (out []float64) {
	t.Helper()
	require.Len(t, trace, TraceBytes)
	for i := range len(trace) {
		out = append(out, float64(trace[i]>>4), float64(trace[i]&15))
	}
	return out
}

// alike is the cosine between two traces.
func alike(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
	}
	return ab / math.Sqrt(aa*bb)
}

func TestTraceIsOfTheMark(t *testing.T) {
	tick := func(dpi float64, high float64) *image.Gray {
		p := draw(election.Oval, dpi)
		line(p, pen(dpi), dpi, [2]float64{-0.7, -0.1}, [2]float64{-0.1, 0.8}, [2]float64{1.4, -high})
		return p
	}
	was := traceCells(t, one(tick(200, 2.1), election.Oval, at(200)).Trace)
	for _, tt := range []struct {
		name string
		scan *image.Gray
		m    Mapping
		same bool
	}{
		{"as it was", tick(200, 2.1), at(200), true},
		{"moved by pixels", moved(tick(200, 2.1), 2, 1), at(200), true},
		{"moved by half a pixel", fixtures.Warp(0, 1, 0.5, 0.5)(tick(200, 2.1)), at(200), true},
		{"noisy", fixtures.Noise(6, 1)(tick(200, 2.1)), at(200), true},
		{"at 300 dots an inch", tick(300, 2.1), at(300), true},
		{"at 150", tick(150, 2.1), at(150), true},
		{"another tick", tick(200, 1.2), at(200), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := alike(was, traceCells(t, one(tt.scan, election.Oval, tt.m).Trace))
			if tt.same {
				assert.Greater(t, got, 0.93)
			} else {
				assert.Less(t, got, 0.9)
			}
		})
	}
}

func TestTraceHasPlaces(t *testing.T) {
	p := draw(election.Oval, 200)
	line(p, pen(200), 200, [2]float64{1.3, -1.3}, [2]float64{1.5, -1.5}) // above and right of the oval
	got := traceCells(t, one(p, election.Oval, at(200)).Trace)
	for y := range TraceHigh {
		for x := range TraceWide {
			if got[y*TraceWide+x] > 3 {
				assert.Greater(t, x, TraceWide/2)
				assert.Less(t, y, TraceHigh/2)
			}
		}
	}
	assert.Empty(t, one(draw(election.Oval, 200), election.Oval, at(200)).Trace, "nothing but print")
	assert.Empty(t, one(fixtures.Specks(30, 3)(draw(election.Oval, 200)), election.Oval, at(200)).Trace, "dust")
}

func BenchmarkTrace(b *testing.B) {
	p := draw(election.Oval, 200)
	fill(p, pen(200), 200)
	var w window
	tg := target(election.Oval)
	blank := Blank{Gray: draw(election.Oval, 200), DPI: 200}
	w.measure(p, levelsOf(p), blank, levelsOf(blank.Gray), at(200), tg, nil)
	for b.Loop() {
		w.trace(tg, 9000, 0, 0)
	}
}
