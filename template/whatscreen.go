package template

import (
	"image"
	"math/bits"

	"recount/scanner"
)

// A press prints a shaded field as a screen of dots. A sharp scan has them, a soft one makes a light grey of them that the page's
// bits do not hold, and what a scan has of them falls otherwise each time. Dots that are gone say nothing of what lies there.
const (
	// screenCell is the side of the squares that are asked, screenNear how far about each is looked, in plane pixels.
	screenCell, screenNear = 8, 8
	// screenInk is the part of the paper about a square that dots must cover: a screen of a tenth of black has 0.08 to 0.12, the
	// ends and slants of letters less than 0.03.
	screenInk = 0.06
)

// screened is the print that is dots of a screened field.
func screened(print *scanner.Bits) *scanner.Bits {
	dots := dotsOf(print)
	defer dots.Release()
	out := scanner.NewBits(print.W, print.H)
	const side = screenCell + 2*screenNear
	for y := 0; y < dots.H; y += screenCell {
		row := make([]uint64, len(dots.Row(y)))
		for j := range screenCell {
			for i, w := range dots.Row(y + j) {
				row[i] |= w
			}
		}
		for x := 0; x < dots.W; x += screenCell {
			if row[x/64]>>(x%64)&(1<<screenCell-1) == 0 {
				continue
			}
			near := image.Rect(x-screenNear, y-screenNear, x+screenCell+screenNear, y+screenCell+screenNear)
			if float64(dots.CountRect(near)) < screenInk*side*side {
				continue
			}
			for j := range min(screenCell, dots.H-y) {
				out.Row(y + j)[x/64] |= dots.Row(y + j)[x/64] & ((1<<screenCell - 1) << (x % 64))
			}
		}
	}
	return out
}

// dotsOf is the ink that lies in no run of more than two pixels, along its row or down its column: at 170 dots an inch a screen
// of 65 lines has a dot each 2.6 pixels.
func dotsOf(b *scanner.Bits) *scanner.Bits {
	out := scanner.NewBits(b.W, b.H)
	for y := range b.H {
		for i, w := range b.Row(y) {
			if w == 0 {
				continue
			}
			x := 64 * i
			run := runOf(b.Window(x-2, y), b.Window(x-1, y), w, b.Window(x+1, y), b.Window(x+2, y)) |
				runOf(b.Window(x, y-2), b.Window(x, y-1), w, b.Window(x, y+1), b.Window(x, y+2))
			out.Row(y)[i] = w &^ run
		}
	}
	return out
}

// runOf is the pixels that are one of three in a row with their neighbours, two to each side.
func runOf(a, b, c, d, e uint64) uint64 { return c & (a&b | b&d | d&e) }

// solid is the patch without its dots, where they are a screen; else the patch.
func (p *patch) solid() patch {
	out := *p
	at := func(j int) uint64 {
		if j < 0 || j >= len(p.rows) {
			return 0
		}
		return p.rows[j]
	}
	dots := 0
	for j, w := range p.rows {
		run := runOf(w<<2, w<<1, w, w>>1, w>>2) | runOf(at(j-2), at(j-1), w, at(j+1), at(j+2))
		dots += bits.OnesCount64(w &^ run)
		out.rows[j] = run
	}
	if float64(dots) < screenInk*64*64 {
		return *p
	}
	out.ink -= dots
	return out
}
