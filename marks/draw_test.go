package marks

import (
	"image"
	"math"
	"testing"

	"recount/election"
	"recount/fixtures"
)

// voteFill is vote.DefaultLimits().VoteFill, the fill from which a target is a vote; marks may not import vote.
const voteFill = Score(1200)

// The drawn blank: 2.4 x 1.6 inches with one target in its middle, text beside and above it, and a rule under it.
const (
	pageW, pageH     = 2.4, 1.6
	targetX, targetY = 1.2, 0.8
	outerW, outerH   = 0.20, 0.13
	stroke           = 1.5 / 72
)

func target(shape election.Shape) election.Target {
	return election.Target{Contest: "c", Choice: "a", X: targetX, Y: targetY, W: outerW - 2*stroke, H: outerH - 2*stroke, Shape: shape}
}

// draw prints the blank at a resolution.
func draw(shape election.Shape, dpi float64) *image.Gray {
	p := fixtures.Paper(int(pageW*dpi), int(pageH*dpi))
	bar := func(x0, y0, x1, y1 float64) { fixtures.Bar(p, x0*dpi, y0*dpi, x1*dpi, y1*dpi) }
	if shape == election.Box {
		fixtures.Box(p, (targetX-outerW/2)*dpi, (targetY-outerH/2)*dpi, (targetX+outerW/2)*dpi, (targetY+outerH/2)*dpi, stroke*dpi)
	} else {
		fixtures.Ellipse(p, fixtures.Point{X: targetX * dpi, Y: targetY * dpi}, outerW*dpi, outerH*dpi, stroke*dpi)
	}
	for i := 0; i < 7; i++ { // letters: uprights of unlike height, as a name beside the target
		x := targetX + 0.16 + 0.05*float64(i)
		bar(x, targetY-0.03-0.02*float64(i%3), x+0.015, targetY+0.05)
	}
	for i := 0; i < 12; i++ { // and a line of small print above
		x := 0.6 + 0.09*float64(i)
		bar(x, targetY-0.19, x+0.05, targetY-0.175)
		bar(x, targetY-0.19, x+0.012, targetY-0.13)
	}
	bar(0.1, targetY+0.3, pageW-0.1, targetY+0.315)
	bar(0.1, 0.1, 0.5, 0.35) // a timing mark: what is darkest on the page does not hang on which rows are asked
	return p
}

// linear is a mapping of straight scale, turn of 0 or 180 degrees and shift.
type linear struct{ sx, sy, ox, oy float64 }

func (l linear) Pixel(x, y float64) (float64, float64) { return l.sx*x + l.ox, l.sy*y + l.oy }

func at(dpi float64) linear { return linear{sx: dpi, sy: dpi} }

// one measures the single target of a scan against the blank drawn at 200 dpi.
func one(scan *image.Gray, shape election.Shape, m Mapping) Mark {
	return Measure(scan, Blank{Gray: draw(shape, 200), DPI: 200}, m, []election.Target{target(shape)})[0]
}

// pen is a ball-point of half a millimetre at a resolution; pencil a light one.
func pen(dpi float64) fixtures.Pen    { return fixtures.Pen{Width: 0.020 * dpi, Level: 30} }
func pencil(dpi float64) fixtures.Pen { return fixtures.Pen{Width: 0.020 * dpi, Level: 150} }

// line draws a stroke through points given in half sizes of the oval's outer edge.
func line(p *image.Gray, pn fixtures.Pen, dpi float64, halves ...[2]float64) {
	var pts []fixtures.Point
	for _, h := range halves {
		pts = append(pts, fixtures.Point{X: (targetX + h[0]*outerW/2) * dpi, Y: (targetY + h[1]*outerH/2) * dpi})
	}
	fixtures.Stroke(p, pn, pts...)
}

// oval is the printed target as the hand of fixtures wants it.
func oval(dpi float64) fixtures.Oval {
	return fixtures.Oval{X: targetX * dpi, Y: targetY * dpi, W: outerW * dpi, H: outerH * dpi}
}

// fill goes to and fro over the inside with a pen.
func fill(p *image.Gray, pn fixtures.Pen, dpi float64) {
	var pts [][2]float64
	for x, up := -0.85, 1.0; x <= 0.85; x, up = x+0.14, -up {
		y := up * 0.85 * math.Sqrt(1-x*x)
		pts = append(pts, [2]float64{x, y})
	}
	line(p, pn, dpi, pts...)
}

// loop draws a loop of k times the oval's size around it.
func loop(p *image.Gray, pn fixtures.Pen, dpi, kx, ky float64) {
	var pts [][2]float64
	for i := 0; i <= 32; i++ {
		s, c := math.Sincos(float64(i) / 32 * 2 * math.Pi)
		pts = append(pts, [2]float64{c * kx, s * ky})
	}
	line(p, pn, dpi, pts...)
}

// paperOf darkens the paper to a grey and lightens the print to another, as a scanner's own levels do.
func paperOf(paper, print int) fixtures.Damage {
	return func(g *image.Gray) *image.Gray {
		out := fixtures.Clone(g)
		for i, v := range out.Pix {
			out.Pix[i] = uint8(print + (paper-print)*int(v)/255)
		}
		return out
	}
}

// moved shifts a page by whole pixels over white paper.
func moved(g *image.Gray, dx, dy int) *image.Gray {
	out := fixtures.Paper(g.Rect.Dx(), g.Rect.Dy())
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			if q := image.Pt(x+dx, y+dy); q.In(out.Rect) {
				out.SetGray(q.X, q.Y, g.GrayAt(x, y))
			}
		}
	}
	return out
}

func BenchmarkMeasure(b *testing.B) {
	m, err := fixtures.New(fixtures.Options{Seed: 5})
	if err != nil {
		b.Fatal(err)
	}
	pg := m.Election().Styles[0].Pages[0]
	var targets []election.Target
	for len(targets) < 60 {
		targets = append(targets, pg.Targets...)
	}
	targets = targets[:60]
	blank := m.Blank(fixtures.District1, 1)
	scan, _, err := m.Draw(m.Voters()[0])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		Measure(scan, Blank{Gray: blank, DPI: 200}, at(200), targets)
	}
}
