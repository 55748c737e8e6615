package template

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/marks"
	"recount/scanner"
)

// layer is one colour of print or ink: where the drawing is dark, the colour lies.
type layer struct {
	fixtures.Drawing
	ink color.RGBA
}

// scanned lays the colours on paper of a colour and gives what the scanner room makes of the page as a JPEG.
func scanned(t testing.TB, sheet color.RGBA, layers ...layer) *image.Gray {
	t.Helper()
	r := layers[0].Rect
	m := image.NewRGBA(r)
	for y := range r.Dy() {
		for x := range r.Dx() {
			c := [3]float64{float64(sheet.R), float64(sheet.G), float64(sheet.B)}
			for _, l := range layers { // as ink does, each takes away from the light below it
				a := 1 - float64(l.GrayAt(x, y).Y)/255
				for i, v := range [3]uint8{l.ink.R, l.ink.G, l.ink.B} {
					c[i] *= 1 - a + a*float64(v)/255
				}
			}
			m.SetRGBA(x, y, color.RGBA{uint8(c[0]), uint8(c[1]), uint8(c[2]), 255})
		}
	}
	var buf bytes.Buffer
	require.NoError(t, jpeg.Encode(&buf, m, &jpeg.Options{Quality: 75}))
	pages, err := scanner.Decode("drawn.jpg", buf.Bytes(), scanner.Limits{})
	require.NoError(t, err)
	return pages[0].Page.Gray
}

func blankPaper(w, h, dpi float64) fixtures.Drawing {
	return fixtures.Drawing{Gray: fixtures.Paper(int(w*dpi), int(h*dpi)), DPI: dpi}
}

// Ovals in colours on paper in colours are found, an empty one measures as empty and a filled one as filled, whatever the pen.
func TestColouredOvalsOnColouredPaper(t *testing.T) {
	black := color.RGBA{25, 25, 28, 255}
	outlines := map[string]color.RGBA{
		"black": black, "red": {215, 40, 50, 255}, "green": {40, 150, 70, 255}, "blue": {50, 80, 200, 255},
		"orange": {240, 140, 30, 255}, "light grey": {165, 165, 165, 255},
	}
	papers := map[string]color.RGBA{"white": {255, 255, 255, 255}, "pink": {255, 208, 216, 255}, "yellow": {255, 248, 180, 255}, "green": {205, 238, 205, 255}}
	pens := []color.RGBA{{95, 95, 98, 255}, black, {45, 60, 190, 255}, {200, 35, 45, 255}} // pencil, black, blue, red
	places := []at2{{1, 1}, {1, 1.4}, {1, 1.8}, {1, 2.2}, {2.6, 1}, {2.6, 1.4}, {2.6, 1.8}, {2.6, 2.2}}
	for outline, oc := range outlines {
		for paper, pc := range papers {
			if outline == "orange" && paper == "yellow" {
				pc.B = 215 // a pale one; on a stronger yellow the outline is hard to see for people too
			}
			t.Run(outline+" on "+paper, func(t *testing.T) {
				print, ovals, pen := fixtures.NewDrawing(4, 2.8, 200), blankPaper(4, 2.8, 200), blankPaper(4, 2.8, 200)
				for _, p := range places {
					ovals.Oval(p.x, p.y)
				}
				blank := scanned(t, pc, layer{print, black}, layer{ovals, oc})
				got, err := FindTargets(blank, 200)
				require.NoError(t, err)
				require.Len(t, got, len(places))
				var targets []election.Target
				for i, f := range got {
					assert.Less(t, math.Hypot(f.X-places[i].x, f.Y-places[i].y), 0.01, "target %d", i)
					targets = append(targets, election.Target{X: f.X, Y: f.Y, W: f.W, H: f.H, Shape: f.Shape})
				}
				layers := []layer{{print, black}, {ovals, oc}}
				for i, c := range pens { // every second target, filled as people do: not quite
					fixtures.Disc(pen.Gray, fixtures.Point{X: places[2*i].x * 200, Y: places[2*i].y * 200}, 0.15*200, 0.08*200)
					layers = append(layers, layer{pen, c})
					pen = blankPaper(4, 2.8, 200)
				}
				scan := scanned(t, pc, layers...)
				for i, m := range marks.Measure(scan, marks.Blank{Gray: blank, DPI: 200}, atScale(200), targets) {
					if i%2 == 0 {
						assert.Greater(t, int(m.Fill), 5000, "target %d, filled", i)
					} else {
						assert.Less(t, int(m.Fill), 200, "target %d, empty", i)
					}
				}
			})
		}
	}
}

// Shades behind rows, an overprint and print in crowded columns neither lose a target nor make one.
func TestFindTargetsAmongShadesAndColumns(t *testing.T) {
	var column []at2
	for y := 1.0; y < 2.5; y += 0.25 {
		column = append(column, at2{1, y}, at2{2.6, y})
	}
	shade := func(d fixtures.Drawing, level uint8) {
		for i := range column {
			if i%4 < 2 { // every second row
				x0, y0 := int((column[i].x-0.3)*d.DPI), int((column[i].y-0.12)*d.DPI)
				for y := y0; y < y0+int(0.24*d.DPI); y++ {
					for x := x0; x < x0+int(1.5*d.DPI); x++ {
						d.Pix[d.PixOffset(x, y)] = level
					}
				}
			}
		}
	}
	oval := func(d fixtures.Drawing, p at2) { d.Oval(p.x, p.y) }
	circle := func(d fixtures.Drawing, p at2) {
		fixtures.Ellipse(d.Gray, fixtures.Point{X: p.x * d.DPI, Y: p.y * d.DPI}, 0.15*d.DPI, 0.15*d.DPI, fixtures.OvalLine*d.DPI)
	}
	box := func(d fixtures.Drawing, p at2) {
		fixtures.Box(d.Gray, (p.x-0.1)*d.DPI, (p.y-0.06)*d.DPI, (p.x+0.1)*d.DPI, (p.y+0.06)*d.DPI, 3)
	}
	names := func(at float64) func(t *testing.T, d fixtures.Drawing) {
		return func(t *testing.T, d fixtures.Drawing) {
			for _, p := range column {
				d.Write(p.x+at, p.y+0.05, 9, "Ann Alder")
			}
		}
	}
	tests := []struct {
		name  string
		under func(d fixtures.Drawing)
		over  func(t *testing.T, d fixtures.Drawing)
		draw  func(d fixtures.Drawing, p at2)
		shape election.Shape
	}{
		{"10 % shade", func(d fixtures.Drawing) { shade(d, 229) }, nil, oval, election.Oval},
		{"20 % shade", func(d fixtures.Drawing) { shade(d, 204) }, nil, oval, election.Oval},
		{"a shade of dots, as a bitonal scan has it", func(d fixtures.Drawing) {
			shade(d, 204)
			for y := range d.Rect.Dy() {
				for x := range d.Rect.Dx() {
					if v := &d.Pix[d.PixOffset(x, y)]; *v == 204 {
						*v = 255
						if x%4 == 0 && y%4 == 0 {
							*v = 0
						}
					}
				}
			}
		}, nil, oval, election.Oval},
		{"an overprint of grey letters", nil, func(t *testing.T, d fixtures.Drawing) {
			o := fixtures.Drawing{Gray: fixtures.Paper(d.Rect.Dx(), d.Rect.Dy()), DPI: d.DPI}
			o.Write(0.4, 2.3, 110, "SAMPLE")
			for i, v := range o.Pix {
				if v < 128 {
					d.Pix[i] = min(d.Pix[i], 190)
				}
			}
		}, oval, election.Oval},
		{"names on the right", nil, names(0.14), oval, election.Oval},
		{"names on the left", nil, names(-0.85), oval, election.Oval},
		{"circles", nil, names(0.14), circle, election.Oval},
		{"boxes", nil, names(0.14), box, election.Box},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := fixtures.NewDrawing(4.5, 3, 200)
			if tt.under != nil {
				tt.under(d)
			}
			for _, p := range column {
				tt.draw(d, p)
			}
			if tt.over != nil {
				tt.over(t, d)
			}
			got, err := FindTargets(d.Gray, 200)
			require.NoError(t, err)
			require.Len(t, got, len(column))
			for _, f := range got {
				assert.Equal(t, tt.shape, f.Shape)
				near := false
				for _, p := range column {
					near = near || math.Hypot(f.X-p.x, f.Y-p.y) < 0.01
				}
				assert.True(t, near, "%v, %v", f.X, f.Y)
			}
		})
	}
}

// Columns half an inch apart, as ranked grids have them, keep their order: down each, the left one first.
func TestCrowdedColumnsKeepTheirOrder(t *testing.T) {
	d := fixtures.NewDrawing(4.5, 3, 200)
	var want []at2
	for x := 1.0; x < 3.2; x += 0.5 {
		for y := 1.0; y < 2.5; y += 0.2 {
			want = append(want, at2{x, y})
			d.Oval(x, y)
		}
	}
	got, err := FindTargets(d.Gray, 200)
	require.NoError(t, err)
	require.Len(t, got, len(want))
	for i, w := range want {
		assert.InDelta(t, w.x, got[i].X, 0.01, "target %d", i)
		assert.InDelta(t, w.y, got[i].Y, 0.01, "target %d", i)
	}
}
