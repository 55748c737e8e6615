package marks

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/election"
	"recount/fixtures"
)

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

// Where a name and a rule leave no white paper wide enough beside the target, a number shows between them.
func TestNumberAmidPrint(t *testing.T) {
	crowded := func(p *image.Gray, dpi float64) { // letters and a rule to the left, a solid name to the right
		for x := targetX - 0.9; x < targetX-0.3; x += 0.103 {
			fixtures.Bar(p, x*dpi, (targetY-0.06)*dpi, (x+0.04)*dpi, (targetY+0.06)*dpi)
		}
		fixtures.Bar(p, (targetX-0.26)*dpi, 0, (targetX-0.25)*dpi, pageH*dpi)
		fixtures.Bar(p, (targetX+0.16)*dpi, (targetY-0.06)*dpi, (pageW-0.1)*dpi, (targetY+0.06)*dpi)
	}
	mark := func(p *image.Gray, dpi float64) {
		line(p, pen(dpi), dpi, [2]float64{-0.7, 0}, [2]float64{0.7, 0.1})
	}
	neighbour := target(election.Oval)
	neighbour.X -= 0.45
	for _, c := range []struct {
		name string
		draw func(*image.Gray, float64)
		off  float64 // how far the print lies off its place, inches
		all  []election.Target
		want string
	}{
		{"a number that ends in it", digits(targetX-0.8, targetX+0.08), 0, nil, Number},
		{"a number that begins in it, under the name", digits(targetX-0.05, targetX+0.7), 0, nil, ""}, // nothing beside it can be seen
		{"a line by hand", mark, 0, nil, ""},
		{"a line by hand, and print a little off its place", mark, 0.01, nil, ""},
		{"a line by hand, and a neighbour's mark", func(p *image.Gray, dpi float64) {
			mark(p, dpi)
			digits(neighbour.X-0.1, neighbour.X+0.1)(p, dpi)
		}, 0, []election.Target{neighbour}, ""},
	} {
		for _, dpi := range []float64{150, 200, 300} {
			t.Run(c.name, func(t *testing.T) {
				blank, p := draw(election.Oval, 200), draw(election.Oval, dpi)
				crowded(blank, 200)
				shifted := fixtures.Paper(p.Rect.Dx(), p.Rect.Dy())
				crowded(shifted, dpi)
				for y := range p.Rect.Dy() {
					for x := range p.Rect.Dx() - int(c.off*dpi) {
						p.Pix[y*p.Stride+x] = min(p.Pix[y*p.Stride+x], shifted.Pix[y*shifted.Stride+x+int(c.off*dpi)])
					}
				}
				c.draw(p, dpi)
				m := Measure(p, Blank{Gray: blank, DPI: 200}, at(dpi), append([]election.Target{target(election.Oval)}, c.all...))[0]
				assert.Equal(t, c.want, m.Damage, "%g dpi", dpi)
				assert.Greater(t, m.Fill, Score(thinFrom))
			})
		}
	}
}

// A blank drawn from a definition shows none of the names: what stands beside its targets on the scan is no number.
func TestNamesThatADrawnBlankLacks(t *testing.T) {
	for _, drawn := range []bool{false, true} {
		p := draw(election.Oval, 200)
		digits(targetX-1.1, targetX-0.1)(p, 200)
		line(p, pen(200), 200, [2]float64{-0.7, 0}, [2]float64{0.7, 0.1})
		m := Measure(p, Blank{Gray: draw(election.Oval, 200), DPI: 200, Drawn: drawn}, at(200), []election.Target{target(election.Oval)})[0]
		assert.Equal(t, map[bool]string{false: Number, true: ""}[drawn], m.Damage)
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
		{"a number that ends in the gap", []func(*image.Gray, float64){digits(0.5, targetX)}, Number},
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
