package template

import (
	"image"

	"recount/scanner"
)

// A hairline that a soft or noisy scan leaves grey is white once the page is bits, and is not hidden for that. Where the scan
// has grey, print counts for gone only where the paper is no darker in its place than beside it. A bitonal scan keeps or drops
// a hairline as it falls on the scanner's rows; there only thicker print is asked.
const (
	// faintCell is the side, in plane pixels, of the squares that are asked: a tenth of an inch, smaller than any slip.
	faintCell = 16
	// faintRing is how far about a square paper is looked for: it may lie inside a screened field.
	faintRing = 24
	// faintLeast is how many pixels of lost print a square must have to be asked: fewer say nothing against the scan's noise.
	faintLeast = 4
	// faintDark is how much darker than the paper beside it, as a part of the way to the page's ink, faint print must be. Noise
	// of 10 grey levels makes the mean of four pixels 0.03 darker or lighter; a rule one pixel wide under a blur of two is 0.2.
	faintDark = 0.12
	// faintMove is how far, in plane pixels, faint print may lie from where the tile it belongs to was laid.
	faintMove = 2
	// ruleRun is the length, in plane pixels, from which a straight stroke is a rule: strokes of letters at 14 points are 20 long.
	ruleRun = 28
	// twoToneGrey is the part that the greys of print's edges are of the ink, at least, in a scan that has grey: blurred by half a
	// pixel it is 0.3.
	twoToneGrey = 0.05
)

// firm is the comparison without the print that a scan can lose of itself: what the scan's grey still shows is not lost, and
// of a bitonal scan strokes one pixel wide are left out.
func (c compared) firm(pl *plane) compared {
	if pl.page == nil {
		return c
	}
	c.lost = c.gone(pl)
	if pl.page.Bitonal || twoTone(pl.page.Gray, pl.ink) {
		thin := frail(c.print)
		c.lost, c.print = c.lost.Without(thin), c.print.Without(thin)
	}
	return c
}

// twoTone says whether a picture of 256 greys is a bitonal scan all the same: the edges of print are black or white.
func twoTone(g *image.Gray, ink float64) bool {
	n, grey := 0, 0
	for y := 0; y < g.Rect.Dy(); y += 4 {
		for _, v := range g.Pix[y*g.Stride:][:g.Rect.Dx()] {
			n++
			if v >= 48 && v < 208 {
				grey++
			}
		}
	}
	return float64(grey) < twoToneGrey*ink*float64(n)
}

// frail is the print that a bitonal scan can lose of itself: strokes one pixel wide, and rules of two.
func frail(print *scanner.Bits) *scanner.Bits {
	two := thickest(print)
	out := print.Without(two)
	three := thinned(thinned(print)).Grow(2) // the squares of three by three and what is about them
	two = two.Without(three)
	for _, down := range [2]bool{false, true} {
		rules(two, down, func(x, y int) { out.Set(x, y, true) })
	}
	return out
}

// rules calls do for the pixels of ink in straight runs of ruleRun and more, along the rows or down the columns.
func rules(b *scanner.Bits, down bool, do func(x, y int)) {
	lines, length := b.H, b.W
	if down {
		lines, length = b.W, b.H
	}
	at := func(line, i int) (x, y int) {
		if down {
			return line, i
		}
		return i, line
	}
	for l := range lines {
		run := 0
		for i := range length + 1 {
			if i < length && b.At(at(l, i)) {
				run++
				continue
			}
			if run >= ruleRun {
				for k := i - run; k < i; k++ {
					do(at(l, k))
				}
			}
			run = 0
		}
	}
}

// thickest is the ink that lies in a square of two by two pixels of ink.
func thickest(b *scanner.Bits) *scanner.Bits {
	c := thinned(b)
	out := scanner.NewBits(b.W, b.H)
	for y := range b.H - 1 {
		row := c.Row(y)
		for i, w := range row {
			for _, to := range [2][]uint64{out.Row(y), out.Row(y + 1)} {
				to[i] |= w | w<<1
				if i+1 < len(to) {
					to[i+1] |= w >> 63
				}
			}
		}
	}
	return out
}

// thinned is the ink that is the upper left pixel of a square of two by two pixels of ink.
func thinned(b *scanner.Bits) *scanner.Bits {
	out := scanner.NewBits(b.W, b.H)
	for y := range b.H - 1 {
		row, below, to := b.Row(y), b.Row(y+1), out.Row(y)
		for i := range row {
			w, next := row[i]&below[i], uint64(0)
			if i+1 < len(row) {
				next = row[i+1] & below[i+1]
			}
			to[i] = w & (w>>1 | next<<63)
		}
	}
	return out
}

// gone is the lost print that does not show in the scan's grey either.
func (c compared) gone(pl *plane) *scanner.Bits {
	out := c.lost.Clone()
	taken := c.print.Grow(faintMove + 1)
	ink := pl.inkLevel()
	for y := 0; y < c.lost.H; y += faintCell {
		for x := 0; x < c.lost.W; x += faintCell {
			cell := image.Rect(x, y, min(x+faintCell, c.lost.W), min(y+faintCell, c.lost.H))
			if c.lost.CountRect(cell) < faintLeast {
				continue
			}
			var at []image.Point
			for j := cell.Min.Y; j < cell.Max.Y; j++ {
				for i := cell.Min.X; i < cell.Max.X; i++ {
					if c.lost.At(i, j) {
						at = append(at, image.Pt(i, j))
					}
				}
			}
			if pl.shows(at, cell, taken.At, ink) {
				for _, p := range at {
					out.Clear(p.X, p.Y)
				}
			}
		}
	}
	return out
}

// shows says whether the pixels of a cell are darker in the scan's grey than the paper about it, which is where print is not
// and there is no ink.
func (p *plane) shows(at []image.Point, cell image.Rectangle, print func(x, y int) bool, ink float64) bool {
	paper, n := 0, 0
	around := cell.Inset(-faintRing).Intersect(image.Rect(0, 0, p.bits.W, p.bits.H))
	for y := around.Min.Y; y < around.Max.Y; y += 2 {
		for x := around.Min.X; x < around.Max.X; x += 2 {
			if !p.bits.At(x, y) && !print(x, y) {
				paper += p.level(x, y)
				n++
			}
		}
	}
	if n < faintCell || len(at) == 0 {
		return false
	}
	white := float64(paper) / float64(n)
	for dy := -faintMove; dy <= faintMove; dy++ {
		for dx := -faintMove; dx <= faintMove; dx++ {
			sum := 0.0
			for _, q := range at {
				if q = q.Add(image.Pt(dx, dy)); p.bits.CountRect(image.Rect(q.X-1, q.Y-1, q.X+2, q.Y+2)) > 0 {
					sum += white // other ink, or the soft edge of it
				} else {
					sum += float64(p.level(q.X, q.Y))
				}
			}
			if white-sum/float64(len(at)) >= faintDark*(white-ink) {
				return white > ink
			}
		}
	}
	return false
}

// level is the scan's mean grey under a pixel of the plane; the nearest pixel's beyond its edge.
func (p *plane) level(x, y int) int {
	g := p.page.Gray
	x, y = min(max(x, 0), p.bits.W-1), min(max(y, 0), p.bits.H-1)
	sum, n := 0, 0
	for j := y * p.k; j < min((y+1)*p.k, g.Rect.Dy()); j++ {
		for _, v := range g.Pix[j*g.Stride+x*p.k : j*g.Stride+min((x+1)*p.k, g.Rect.Dx())] {
			sum += int(v)
			n++
		}
	}
	return sum / max(n, 1)
}

// inkLevel is the mean grey of the page's ink.
func (p *plane) inkLevel() float64 {
	sum, n := 0, 0
	for y := 0; y < p.bits.H; y += 4 {
		for x := range p.bits.W {
			if p.bits.At(x, y) {
				sum += p.level(x, y)
				n++
			}
		}
	}
	return float64(sum) / float64(max(n, 1))
}
