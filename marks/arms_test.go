package marks

import (
	"image"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/election"
	"recount/fixtures"
)

func TestArmsHaveSides(t *testing.T) {
	p := draw(election.Oval, 200)
	line(p, pen(200), 200, [2]float64{-2.4, 0.1}, [2]float64{2.4, 0.1})
	got := one(p, election.Oval, at(200)).Arms
	assert.NotZero(t, got&ArmsLeft)
	assert.NotZero(t, got&ArmsRight)
	assert.Zero(t, got&^(ArmsLeft|ArmsRight))
}

func TestArms(t *testing.T) {
	tests := []struct {
		name string
		draw func(p *image.Gray)
		want int
	}{
		{"empty", func(*image.Gray) {}, 0},
		{"filled", func(p *image.Gray) { fill(p, pen(200), 200) }, 0},
		{"filled and crossed over", func(p *image.Gray) {
			fill(p, pen(200), 200)
			line(p, pen(200), 200, [2]float64{-2.6, -2.9}, [2]float64{2.6, 2.9})
			line(p, pen(200), 200, [2]float64{-2.6, 2.9}, [2]float64{2.6, -2.9})
		}, 4},
		{"struck through downwards", func(p *image.Gray) {
			line(p, pen(200), 200, [2]float64{0.1, -3.2}, [2]float64{0.1, 3.2})
		}, 2},
		{"a tick whose end flies away", func(p *image.Gray) {
			line(p, pen(200), 200, [2]float64{-0.5, 0}, [2]float64{0, 0.8}, [2]float64{1.6, -3})
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := draw(election.Oval, 200)
			tt.draw(p)
			assert.Equal(t, tt.want, bits.OnesCount(uint(one(p, election.Oval, at(200)).Arms)))
		})
	}
}

// A tail that lies across the border of two eighths is one stroke, a hole's edge there is none.
func TestTailsAndHoles(t *testing.T) {
	p := draw(election.Oval, 200)
	line(p, pen(200), 200, [2]float64{-0.5, 0}, [2]float64{0, 0.5}, [2]float64{1.2, -3.4})
	assert.Equal(t, 1, bits.OnesCount(uint(one(p, election.Oval, at(200)).Arms)))
	p = draw(election.Oval, 200)
	fixtures.Disc(p, fixtures.Point{X: targetX * 200, Y: (targetY - 0.07) * 200}, 0.28*200, 0.28*200)
	assert.GreaterOrEqual(t, bits.OnesCount(uint(one(p, election.Oval, at(200)).Arms)), 2)
}

// A neighbour's outline, moved by two pixels, is no stroke out of the target between.
func TestNeighboursAreNoArms(t *testing.T) {
	const dpi = 200.0
	box := func(p *image.Gray, y float64) {
		fixtures.Box(p, (targetX-0.12)*dpi, (y-0.06)*dpi, (targetX+0.12)*dpi, (y+0.06)*dpi, 0.02*dpi)
	}
	tg := election.Target{X: targetX, Y: targetY, W: 0.20, H: 0.08, Shape: election.Box}
	blank, scan := fixtures.Paper(480, 320), fixtures.Paper(480, 320)
	all := []election.Target{tg}
	for k, y := range []float64{targetY, targetY - 0.21, targetY + 0.21} {
		box(blank, y)
		box(scan, y-[]float64{0, 0, 0.01}[k])
		if k > 0 {
			o := tg
			o.Y = y
			all = append(all, o)
		}
	}
	line(scan, pen(dpi), dpi, [2]float64{0, -0.5}, [2]float64{0, 2.2}) // it overshoots, but ends before the neighbour
	assert.Zero(t, Measure(scan, Blank{Gray: blank, DPI: dpi}, at(dpi), all)[0].Arms)
	assert.NotZero(t, Measure(scan, Blank{Gray: blank, DPI: dpi}, at(dpi), all[:1])[0].Arms, "where no neighbour is known, its outline is a stroke")
}

// A line through an arrow's gap has no arms; strokes across it have four.
func TestArrowArms(t *testing.T) {
	tg := election.Target{X: targetX, Y: targetY, W: 0.23, H: 0.06, Shape: election.Arrow}
	blank := fixtures.Paper(int(pageW*200), int(pageH*200))
	fixtures.Bar(blank, (targetX-0.3)*200, (targetY-0.03)*200, (targetX-0.115)*200, (targetY+0.03)*200)
	fixtures.Bar(blank, (targetX+0.115)*200, (targetY-0.03)*200, (targetX+0.3)*200, (targetY+0.03)*200)
	stroke := func(p *image.Gray, x0, y0, x1, y1 float64) {
		fixtures.Stroke(p, pen(200), fixtures.Point{X: (targetX + x0) * 200, Y: (targetY + y0) * 200}, fixtures.Point{X: (targetX + x1) * 200, Y: (targetY + y1) * 200})
	}
	closed := fixtures.Clone(blank)
	stroke(closed, -0.12, 0, 0.12, 0)
	crossed := fixtures.Clone(closed)
	stroke(crossed, -0.08, -0.12, 0.08, 0.12)
	stroke(crossed, -0.08, 0.12, 0.08, -0.12)
	for want, p := range map[int]*image.Gray{0: closed, 4: crossed} {
		got := Measure(p, Blank{Gray: blank, DPI: 200}, at(200), []election.Target{tg})[0]
		assert.Equal(t, want, bits.OnesCount(uint(got.Arms)))
		assert.Greater(t, got.Fill, voteFill)
	}
}
