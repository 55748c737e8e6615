package template

import (
	"image"
	"math"

	"recount/election"
)

// drawnLine is how thick, in inches, a drawn outline is, outside the white that the definition gives: printed ovals have
// 0.007 to 0.02. Thin is the safe side: a thicker one on paper covers it.
const drawnLine = 0.008

// drawnBar is how much of an arrow's head and tail, in inches, is drawn beside its gap.
const drawnBar = 0.12

// DrawBlank draws the reference picture of a page that no blank is at hand of: its timing marks, the marks of its code
// where those are described, and the outlines of its targets; nothing of the other print. widthIn and heightIn are inches,
// dpi is pixels an inch. A size that makes no sense gives an empty picture.
func DrawBlank(p *election.Page, widthIn, heightIn, dpi float64) *image.Gray {
	w, h := math.Round(widthIn*dpi), math.Round(heightIn*dpi)
	if !(w >= 1 && h >= 1 && w*h <= maxDrawn && dpi > 0) {
		return image.NewGray(image.Rectangle{})
	}
	d := ink{image.NewGray(image.Rect(0, 0, int(w), int(h))), dpi}
	for i := range d.g.Pix {
		d.g.Pix[i] = 255
	}
	if p.Grid != nil {
		for _, m := range trackMarks(p.Grid) {
			d.bar(m.x, m.y, p.Grid.W, p.Grid.H)
		}
	}
	if c := p.Code; c != nil && c.Bits != nil {
		if on, err := c.Bits.Parse(c.Value); err == nil {
			for i, at := range c.Bits.Places {
				if on[i] {
					d.bar(at.X, at.Y, c.Bits.W, c.Bits.H)
				}
			}
		}
	}
	for _, t := range p.Targets {
		t.X, t.Y = placeOf(p, t)
		d.outline(t)
	}
	return d.g
}

// maxDrawn bounds a drawn picture, in pixels: two 8.5 x 22 inch pages at 600 dots an inch.
const maxDrawn = 150_000_000

// placeOf is where a target lies, also in a definition made in memory that gives only its column and row.
func placeOf(p *election.Page, t election.Target) (x, y float64) {
	if t.X == 0 && t.Y == 0 && p.Grid != nil && t.Column != nil && t.Row != nil {
		return p.Grid.At(*t.Column, *t.Row)
	}
	return t.X, t.Y
}

// trackMark is one timing mark: its middle in inches, and its column and row on the grid.
type trackMark struct {
	x, y        float64
	column, row int
}

// trackMarks lists the marks that a grid's sides have, each once, down the page and from left to right.
func trackMarks(g *election.Grid) []trackMark {
	on := map[string]bool{}
	for _, s := range g.Sides {
		on[s] = true
	}
	var out []trackMark
	for j, y := range g.Rows {
		for i, x := range g.Columns {
			if on["left"] && i == 0 || on["right"] && i == len(g.Columns)-1 || on["top"] && j == 0 || on["bottom"] && j == len(g.Rows)-1 {
				out = append(out, trackMark{x, y, i, j})
			}
		}
	}
	return out
}

// ink draws on a picture; its lengths are inches.
type ink struct {
	g   *image.Gray
	dpi float64
}

// bar draws a dark rectangle around (x, y). A pixel is as dark as the part of it that is covered.
func (d ink) bar(x, y, w, h float64) {
	l, t, r, b := (x-w/2)*d.dpi, (y-h/2)*d.dpi, (x+w/2)*d.dpi, (y+h/2)*d.dpi
	d.each(l, t, r, b, func(px, py float64) float64 {
		return max(0, min(r, px+1)-max(l, px)) * max(0, min(b, py+1)-max(t, py))
	})
}

// outline draws a target's outline around its white.
func (d ink) outline(t election.Target) {
	if t.Shape == election.Arrow {
		d.bar(t.X-t.W/2-drawnBar/2, t.Y, drawnBar, t.H)
		d.bar(t.X+t.W/2+drawnBar/2, t.Y, drawnBar, t.H)
		return
	}
	a, b := t.W/2, t.H/2
	const fine = 6 // points a pixel, each way
	d.each((t.X-a-drawnLine)*d.dpi, (t.Y-b-drawnLine)*d.dpi, (t.X+a+drawnLine)*d.dpi, (t.Y+b+drawnLine)*d.dpi, func(px, py float64) float64 {
		n := 0
		for j := range fine {
			v := math.Abs((py+(float64(j)+0.5)/fine)/d.dpi - t.Y)
			for i := range fine {
				u := math.Abs((px+(float64(i)+0.5)/fine)/d.dpi - t.X)
				if within(t.Shape, u, v, a+drawnLine, b+drawnLine) && !within(t.Shape, u, v, a, b) {
					n++
				}
			}
		}
		return float64(n) / (fine * fine)
	})
}

// within says whether a point, by its distances from a target's middle, lies in the target's shape of half sizes a and b.
func within(s election.Shape, u, v, a, b float64) bool {
	if s == election.Box {
		return u <= a && v <= b
	}
	return a > 0 && b > 0 && u*u/(a*a)+v*v/(b*b) <= 1
}

// each darkens the pixels of the area by what share says is covered.
func (d ink) each(l, t, r, b float64, share func(px, py float64) float64) {
	if !(l < r && t < b) {
		return
	}
	size := d.g.Rect
	x0, y0 := max(0, math.Floor(l)), max(0, math.Floor(t))
	x1, y1 := min(float64(size.Dx()), math.Ceil(r)), min(float64(size.Dy()), math.Ceil(b))
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			i := int(y)*d.g.Stride + int(x)
			d.g.Pix[i] = min(d.g.Pix[i], uint8(math.Round(255*(1-min(1, share(x, y))))))
		}
	}
}
