package template

import (
	"image"
	"math/bits"

	"recount/scanner"
)

// atom is a piece of ink on one page of a layout that not all of its pages have: a letter, a word's part, a pen stroke.
// Its pixels lie in the 64 columns from x and the rows from y of the layout's common picture, atomRim inside all around.
type atom struct {
	x, y int
	rows []uint64
	w, h int // of the ink
	ink  int
	on   []presence // by page
}

// presence says whether a page shows an atom.
type presence int8

const (
	unclear presence = iota
	has
	lacks      // the place is empty
	hasAnother // other ink stands there instead
)

const (
	// atomRim is how far, in pixels at planeDPI, an atom is looked for: what registration leaves on paper that a feeder stretched.
	atomRim = 3
	// atomMost is the longest side of an atom; longer ink is cut into pieces of it.
	atomMost = 64 - 2*atomRim
	// ruleLong and ruleThin tell a piece of a rule, which fades and shifts with scan and feed and names no style.
	ruleLong, ruleThin = 40, 5
)

// atomsOf finds the pieces of a page's ink that stand away from the zone, where marks are made, and that are not common
// to all pages.
func atomsOf(page, common, zone *scanner.Bits) []*atom {
	var out []*atom
	components(page, func(comp [][2]int32) {
		own := 0
		for _, p := range comp {
			x, y := int(p[0]), int(p[1])
			if zone.At(x, y) { // a stroke that runs into a target is a mark as a whole
				return
			}
			if !common.At(x, y) {
				own++
			}
		}
		if own >= leastPrint/2 {
			out = append(out, pieces(comp, common)...)
		}
	})
	return out
}

// components hands over each connected piece of ink, pixel by pixel. The slice is used again for the next.
func components(b *scanner.Bits, do func(comp [][2]int32)) {
	left := b.Clone()
	var stack, comp [][2]int32
	for y := 0; y < left.H; y++ {
		for wi := 0; wi < left.Stride; wi++ {
			for left.Words[y*left.Stride+wi] != 0 {
				x := wi*64 + bits.TrailingZeros64(left.Words[y*left.Stride+wi])
				comp = comp[:0]
				stack = append(stack[:0], [2]int32{int32(x), int32(y)})
				left.Clear(x, y)
				for len(stack) > 0 {
					p := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					comp = append(comp, p)
					for dy := int32(-1); dy <= 1; dy++ {
						for dx := int32(-1); dx <= 1; dx++ {
							if left.At(int(p[0]+dx), int(p[1]+dy)) {
								left.Clear(int(p[0]+dx), int(p[1]+dy))
								stack = append(stack, [2]int32{p[0] + dx, p[1] + dy})
							}
						}
					}
				}
				do(comp)
			}
		}
	}
}

// boxOf is the bounds of a piece of ink.
func boxOf(px [][2]int32) image.Rectangle {
	r := image.Rect(int(px[0][0]), int(px[0][1]), int(px[0][0])+1, int(px[0][1])+1)
	for _, p := range px {
		r.Min.X, r.Min.Y = min(r.Min.X, int(p[0])), min(r.Min.Y, int(p[1]))
		r.Max.X, r.Max.Y = max(r.Max.X, int(p[0])+1), max(r.Max.Y, int(p[1])+1)
	}
	return r
}

// pieces makes atoms of connected ink.
func pieces(comp [][2]int32, common *scanner.Bits) []*atom {
	r := boxOf(comp)
	if r.Dx() <= atomMost && r.Dy() <= atomMost {
		if a := newAtom(comp, common); a != nil {
			return []*atom{a}
		}
		return nil
	}
	cols := (r.Dx()-1)/atomMost + 1
	cut := make([][][2]int32, cols*((r.Dy()-1)/atomMost+1))
	for _, p := range comp {
		i := (int(p[1])-r.Min.Y)/atomMost*cols + (int(p[0])-r.Min.X)/atomMost
		cut[i] = append(cut[i], p)
	}
	var out []*atom
	for _, c := range cut {
		if len(c) > 0 {
			if a := newAtom(c, common); a != nil {
				out = append(out, a)
			}
		}
	}
	return out
}

// newAtom is nil for what is too little, a rule's piece, or common to all pages.
func newAtom(px [][2]int32, common *scanner.Bits) *atom {
	if len(px) < leastPrint {
		return nil
	}
	r, own := boxOf(px), 0
	for _, p := range px {
		if !common.At(int(p[0]), int(p[1])) {
			own++
		}
	}
	w, h := r.Dx(), r.Dy()
	if own*5 < len(px) || max(w, h) >= ruleLong && min(w, h) <= ruleThin {
		return nil
	}
	a := &atom{x: r.Min.X - atomRim, y: r.Min.Y - atomRim, w: w, h: h, ink: len(px), rows: make([]uint64, h+2*atomRim)}
	for _, p := range px {
		a.rows[int(p[1])-a.y] |= 1 << (int(p[0]) - a.x)
	}
	return a
}

// look says whether a page shows the atom: its ink, wherever within reach it lies best, and next to nothing else. thick is
// the page with its ink one pixel fatter.
func (a *atom) look(page, thick, common *scanner.Bits) presence {
	best, bx, by := -1, 0, 0
	for dy := -atomRim; dy <= atomRim; dy++ {
		for dx := -atomRim; dx <= atomRim; dx++ {
			n := 0
			for j, row := range a.rows {
				if row != 0 {
					n += bits.OnesCount64(row & thick.Window(a.x+dx, a.y+dy+j))
				}
			}
			if n > best || n == best && dx*dx+dy*dy < bx*bx+by*by {
				best, bx, by = n, dx, dy
			}
		}
	}
	extra := a.extra(page, common, bx, by)
	switch {
	case best*100 >= 85*a.ink:
		if extra*2 <= a.ink && a.inkOn(page, common, bx, by)*10 <= 17*a.ink { // a scribble covers whatever letter it likes
			return has
		}
	case best*100 <= 55*a.ink:
		if extra*10 >= 3*a.ink {
			return hasAnother
		}
		return lacks
	}
	return unclear
}

// seen says whether the atom's place was scanned on a page, away from the edge and its shadow.
func (a *atom) seen(p *learnPage, dpi float64) bool {
	const edge = 0.12 // inches
	x, y := p.m.plane((float64(a.x+atomRim)+float64(a.w)/2)/dpi, (float64(a.y+atomRim)+float64(a.h)/2)/dpi)
	rim := float64(max(a.w, a.h))/2 + edge*p.pl.dpi
	return x >= rim && y >= rim && x <= float64(p.pl.bits.W)-rim && y <= float64(p.pl.bits.H)-rim
}

// inkOn counts the page's ink in the atom's box that is not common to all pages.
func (a *atom) inkOn(page, common *scanner.Bits, dx, dy int) int {
	box, n := (uint64(1)<<a.w-1)<<atomRim, 0
	for j := atomRim; j < atomRim+a.h; j++ {
		n += bits.OnesCount64(page.Window(a.x+dx, a.y+dy+j) & box &^ common.Window(a.x+dx, a.y+dy+j))
	}
	return n
}

// extra counts the page's ink in the atom's box that is neither near the atom's own nor common to all pages.
func (a *atom) extra(page, common *scanner.Bits, dx, dy int) int {
	box := (uint64(1)<<a.w - 1) << atomRim
	n := 0
	for j := atomRim; j < atomRim+a.h; j++ {
		near := uint64(0)
		for k := j - 2; k <= j+2; k++ {
			r := a.rows[k]
			near |= r | r<<1 | r>>1 | r<<2 | r>>2
		}
		n += bits.OnesCount64(page.Window(a.x+dx, a.y+dy+j) & box &^ near &^ common.Window(a.x+dx, a.y+dy+j))
	}
	return n
}

// thicken gives bits whose ink is a pixel fatter on every side.
func thicken(b *scanner.Bits) *scanner.Bits {
	wide := scanner.NewBits(b.W, b.H)
	for y := 0; y < b.H; y++ {
		in, out := b.Row(y), wide.Row(y)
		for i, w := range in {
			v := w | w<<1 | w>>1
			if i > 0 {
				v |= in[i-1] >> 63
			}
			if i+1 < len(in) {
				v |= in[i+1] << 63
			}
			out[i] = v
		}
		if b.W&63 != 0 {
			out[len(out)-1] &= uint64(1)<<(b.W&63) - 1
		}
	}
	out := wide.Clone()
	for y := 0; y < b.H; y++ {
		row := out.Row(y)
		for _, near := range [][]uint64{wide.Row(y - 1), wide.Row(y + 1)} {
			for i, w := range near {
				row[i] |= w
			}
		}
	}
	return out
}
