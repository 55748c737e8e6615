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

// digits prints a number on the target's line, from one place to another.
func digits(from, to float64) func(*image.Gray, float64) {
	return func(p *image.Gray, dpi float64) {
		for x := from; x+0.06 < to; x += 0.072 { // an 8 each: two uprights and three bars
			for _, r := range [][4]float64{{0, -0.04, 0.012, 0.04}, {0.048, -0.04, 0.06, 0.04}, {0, -0.04, 0.06, -0.028}, {0, -0.006, 0.06, 0.006}, {0, 0.028, 0.06, 0.04}} {
				fixtures.Bar(p, (x+r[0])*dpi, (targetY+r[1])*dpi, (x+r[2])*dpi, (targetY+r[3])*dpi)
			}
		}
	}
}

// A number that begins or ends in a target, where print of the blank hides it on the other side, is known by what stands on the paper beside; a
// hand's stroke that runs over is not so high, or not so long. A fold is known by one side alone where the other is a name.
func TestPrintBesideTheTarget(t *testing.T) {
	name := func(p *image.Gray, dpi float64) { // solid print from beside the target to the margin
		fixtures.Bar(p, (targetX+0.16)*dpi, (targetY-0.06)*dpi, (pageW-0.1)*dpi, (targetY+0.06)*dpi)
	}
	stroke := func(pts ...[2]float64) func(*image.Gray, float64) {
		return func(p *image.Gray, dpi float64) {
			var at []fixtures.Point
			for _, q := range pts {
				at = append(at, fixtures.Point{X: (targetX + q[0]) * dpi, Y: (targetY + q[1]) * dpi})
			}
			fixtures.Stroke(p, fixtures.Pen{Width: 0.016 * dpi, Level: 50}, at...)
		}
	}
	for _, c := range []struct {
		name string
		draw []func(*image.Gray, float64)
		want string
	}{
		{"a number that ends in it", []func(*image.Gray, float64){digits(targetX-0.7, targetX+0.1)}, Number},
		{"a number that begins in it, under the name", []func(*image.Gray, float64){digits(targetX-0.05, targetX+0.7)}, ""}, // nothing beside it can be seen
		{"a number beside it only", []func(*image.Gray, float64){digits(targetX-0.9, targetX-0.2)}, ""},
		{"filled", []func(*image.Gray, float64){func(p *image.Gray, dpi float64) { fill(p, pen(dpi), dpi) }}, ""},
		{"a tick with a long tail", []func(*image.Gray, float64){stroke([2]float64{0.05, 0.03}, [2]float64{-0.02, 0.05}, [2]float64{-0.22, -0.08})}, ""},
		{"a pen drawn far over", []func(*image.Gray, float64){stroke([2]float64{0.09, 0.01}, [2]float64{-0.5, -0.02})}, ""},
		{"a fold that the name hides", []func(*image.Gray, float64){stroke([2]float64{-2, 0.01}, [2]float64{2, 0})}, LineAcross},
	} {
		for _, dpi := range []float64{150, 200, 300} {
			t.Run(c.name, func(t *testing.T) {
				blank, p := draw(election.Oval, 200), draw(election.Oval, dpi)
				name(blank, 200)
				name(p, dpi)
				for _, d := range c.draw {
					d(p, dpi)
				}
				m := Measure(p, Blank{Gray: blank, DPI: 200}, at(dpi), []election.Target{target(election.Oval)})[0]
				assert.Equal(t, c.want, m.Damage, "%g dpi", dpi)
			})
		}
	}
}

// A serial number printed across an arrow goes on beside its head and its tail; a pen that closes the gap does not.
func TestNumberPrintedAcrossAnArrow(t *testing.T) {
	tg := election.Target{Contest: "c", Choice: "a", X: targetX, Y: targetY, W: 0.22, H: 0.06, Shape: election.Arrow}
	blank := func(dpi float64) *image.Gray {
		p := fixtures.Paper(int(pageW*dpi), int(pageH*dpi))
		bar := func(x0, y0, x1, y1 float64) { fixtures.Bar(p, x0*dpi, y0*dpi, x1*dpi, y1*dpi) }
		bar(targetX-0.28, targetY-0.03, targetX-0.11, targetY+0.03)
		bar(targetX+0.11, targetY-0.03, targetX+0.26, targetY+0.03)
		bar(0.1, 0.1, 0.5, 0.35)
		return p
	}
	pen := func(from, to float64) func(*image.Gray, float64) {
		return func(p *image.Gray, dpi float64) {
			fixtures.Stroke(p, fixtures.Pen{Width: 0.02 * dpi, Level: 30}, fixtures.Point{X: from * dpi, Y: (targetY - 0.01) * dpi}, fixtures.Point{X: to * dpi, Y: (targetY + 0.01) * dpi})
		}
	}
	for _, c := range []struct {
		name string
		draw []func(*image.Gray, float64)
		want string
	}{
		{"a number across", []func(*image.Gray, float64){digits(0.5, 1.95)}, LineAcross},
		{"a number that ends in the gap", []func(*image.Gray, float64){digits(0.5, targetX)}, ""},
		{"a pen from bar to bar", []func(*image.Gray, float64){pen(targetX-0.13, targetX+0.13)}, ""},
		{"a pen over both ends", []func(*image.Gray, float64){pen(targetX-0.38, targetX+0.36)}, ""},
		{"a pen, and a stroke beside the tail", []func(*image.Gray, float64){pen(targetX-0.13, targetX+0.13), pen(targetX+0.4, targetX+0.6)}, ""},
		{"nothing", nil, ""},
	} {
		for _, dpi := range []float64{150, 200, 300} {
			t.Run(c.name, func(t *testing.T) {
				p := blank(dpi)
				for _, d := range c.draw {
					d(p, dpi)
				}
				m := Measure(p, Blank{Gray: blank(200), DPI: 200}, at(dpi), []election.Target{tg})[0]
				assert.Equal(t, c.want, m.Damage, "%g dpi", dpi)
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
