package marks

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/election"
	"recount/fixtures"
)

// A line that runs through a target and on is damage, whatever else is in the target; a mark ends, and is none.
func TestLineThrough(t *testing.T) {
	rule := func(x0, y0, x1, y1, wide float64, level uint8) func(*image.Gray, float64) {
		return func(p *image.Gray, dpi float64) {
			fixtures.Stroke(p, fixtures.Pen{Width: wide * dpi, Level: level}, fixtures.Point{X: x0 * dpi, Y: y0 * dpi}, fixtures.Point{X: x1 * dpi, Y: y1 * dpi})
		}
	}
	dotted := func(p *image.Gray, dpi float64) {
		for x := 0.05; x < pageW; x += 0.05 {
			rule(x, targetY+0.01, x+0.02, targetY+0.01, 0.012, 40)(p, dpi)
		}
	}
	tests := []struct {
		name string
		draw func(p *image.Gray, dpi float64)
		want string
	}{
		{"fold across the page", rule(0, targetY+0.02, pageW, targetY+0.02, 0.012, 60), LineAcross},
		{"slanting fold", rule(0, targetY-0.04, pageW, targetY+0.05, 0.012, 60), LineAcross},
		{"light grey fold", rule(0, targetY, pageW, targetY, 0.012, 150), LineAcross},
		{"fold of dots", dotted, LineAcross},
		{"streak down the page", rule(targetX+0.03, 0, targetX+0.03, pageH, 0.008, 0), LineDown},
		{"fold over a filled target", func(p *image.Gray, dpi float64) {
			fill(p, pen(dpi), dpi)
			rule(0, targetY, pageW, targetY, 0.012, 60)(p, dpi)
		}, LineAcross},
		{"fold below the target", rule(0, targetY+0.12, pageW, targetY+0.12, 0.012, 60), ""},
		{"line across by a hand, a fifth of an inch over", func(p *image.Gray, dpi float64) {
			line(p, pen(dpi), dpi, [2]float64{-3, 0}, [2]float64{3, 0.1})
		}, ""},
		{"filled", func(p *image.Gray, dpi float64) { fill(p, pen(dpi), dpi) }, ""},
		{"X", func(p *image.Gray, dpi float64) {
			line(p, pen(dpi), dpi, [2]float64{-1.6, -1.6}, [2]float64{1.6, 1.6})
			line(p, pen(dpi), dpi, [2]float64{-1.6, 1.6}, [2]float64{1.6, -1.6})
		}, ""},
		{"one-sided stroke", rule(0, targetY, targetX, targetY, 0.012, 40), ""},
		{"nothing", func(*image.Gray, float64) {}, ""},
	}
	for _, dpi := range []float64{150, 200, 300} {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				p := draw(election.Oval, dpi)
				tt.draw(p, dpi)
				assert.Equal(t, tt.want, one(p, election.Oval, at(dpi)).Damage, "%g dpi", dpi)
			})
		}
	}
}

// A streak that is followed at targets above and below crosses one between them, too, where print leaves no paper to follow it on.
func TestStreakUnderAHeading(t *testing.T) {
	const dpi = 200
	var targets []election.Target
	blank := fixtures.Paper(int(pageW*dpi), 5*dpi)
	for i := range 5 {
		tg := target(election.Oval)
		tg.Y = 0.5 + 0.9*float64(i)
		targets = append(targets, tg)
		fixtures.Ellipse(blank, fixtures.Point{X: targetX * dpi, Y: tg.Y * dpi}, outerW*dpi, outerH*dpi, stroke*dpi)
	}
	fixtures.Bar(blank, 0.3*dpi, (targets[2].Y-0.8)*dpi, 2.2*dpi, (targets[2].Y-outerH/2-0.02)*dpi)
	streak := func(p *image.Gray, from float64) {
		fixtures.Stroke(p, fixtures.Pen{Width: 0.03 * dpi, Level: 140}, fixtures.Point{X: (targetX + 0.02) * dpi, Y: from * dpi}, fixtures.Point{X: (targetX + 0.02) * dpi, Y: 5 * dpi})
	}
	all := fixtures.Clone(blank)
	streak(all, 0)
	for i, m := range Measure(all, Blank{Gray: blank, DPI: dpi}, at(dpi), targets) {
		assert.Equal(t, LineDown, m.Damage, "target %d under a streak", i)
	}
	low := fixtures.Clone(blank)
	streak(low, 3.6)
	for i, m := range Measure(low, Blank{Gray: blank, DPI: dpi}, at(dpi), targets)[:3] {
		assert.Empty(t, m.Damage, "target %d above a short streak", i)
	}
}
