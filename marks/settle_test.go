package marks

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/election"
)

// The sums of four shifts, and giving up early, find the shift that trying every one in turn finds.
func TestSettleIsWhatEveryShiftInTurnGives(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for round := range 40 {
		tg := election.Target{W: 0.2, H: 0.12, Shape: []election.Shape{election.Oval, election.Box}[round%2]}
		w := window{step: 1.0 / 150}
		w.size(tg)
		for i := range w.blank {
			w.blank[i] = float32(max(0, r.Float64()*2-1))
		}
		sx := w.nx + 2*w.r
		dx, dy := r.IntN(2*w.r+1)-w.r, r.IntN(2*w.r+1)-w.r
		for i := range w.scan {
			w.scan[i] = float32(r.Float64()) * float32(round) / 40
		}
		for i, d := range w.blank {
			w.scan[(i/w.nx+w.r+dy)*sx+i%w.nx+w.r+dx] = min(1, d+w.scan[i])
		}
		w.findPrint()
		w.divide(tg)
		gotX, gotY := w.settle()
		bestX, bestY, best := 0, 0, float32(math.Inf(-1))
		for _, o := range spiral(w.r) {
			var s float32
			for _, q := range w.wants {
				s += q.w * w.scan[int(q.i)+(o.Y+w.r)*sx+o.X+w.r]
			}
			if s > best*1.002+0.01 || math.IsInf(float64(best), -1) {
				bestX, bestY, best = o.X, o.Y, s
			}
		}
		assert.Equal(t, [2]int{bestX, bestY}, [2]int{gotX, gotY}, "round %d", round)
	}
}

// The zones' ellipses reckoned once are those of within.
func TestGrownIsWithin(t *testing.T) {
	for _, shape := range []election.Shape{election.Oval, election.Box} {
		tg := election.Target{W: 0.2, H: 0.02, Shape: shape}
		w := window{step: 1.0 / 173}
		w.size(tg)
		for _, d := range []float64{-inset, 0, outlineWide, ringTo} {
			g := w.grown(0, tg, d)
			for y := range w.ny {
				for x := range w.nx {
					u, v := math.Abs(float64(x)+0.5-float64(w.nx)/2)*w.step, math.Abs(float64(y)+0.5-float64(w.ny)/2)*w.step
					if within(tg, u, v, d) != g.holds(x, y) {
						t.Fatalf("%v grown by %v at %d, %d", shape, d, x, y)
					}
				}
			}
		}
	}
}
