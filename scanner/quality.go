package scanner

import (
	"image"
	"math/bits"
)

// Quality is what can be said of a scan without knowing what is printed on it.
type Quality struct {
	// Border is how many pixels at each side are the scanner's black background.
	Border Sides
	// Blank is true where next to nothing but paper lies inside the border.
	Blank bool
	// Streaks are columns that are black nearly all the way down, as dirt on the scanner's glass draws them; left to right.
	Streaks []Span
	// InkShare is ink pixels for 10,000 pixels inside the border.
	InkShare int
}

// Sides are widths in pixels along the edges of a page.
type Sides struct{ Left, Top, Right, Bottom int }

// Span is the columns from X0 up to, not including, X1.
type Span struct{ X0, X1 int }

const (
	// borderLight is the percentage of white that ends a black border. VxSuite came down from 50 to 10 because half a row
	// cuts into the corners of a page that lies 3 degrees askew.
	borderLight = 10
	// streakEdge columns inside the border are not looked at: the paper's own edge is a line (20 px in VxSuite).
	streakEdge = 20
	// A streak is at least streakOwn percent black itself, streakPair percent together with its right neighbour (dirt lies
	// across two columns when the paper wanders), and has no white gap above streakGap pixels; figures of VxSuite.
	streakOwn, streakPair, streakGap = 25, 75, 15
	// blankShare is ink per 10,000 below which a page is blank: dust and grain stay under 5, a line of print on a letter page
	// is about 15.
	blankShare = 5
)

// Quality measures the page as scanned.
func (p *Page) Quality() Quality { return p.Bits().Quality() }

// Quality measures a page of bits.
func (b *Bits) Quality() Quality {
	q := Quality{Border: b.Border()}
	in := image.Rect(q.Border.Left, q.Border.Top, b.W-q.Border.Right, b.H-q.Border.Bottom)
	if in.Empty() {
		return q
	}
	area := in.Dx() * in.Dy()
	ink := b.CountRect(in)
	q.InkShare = int(int64(ink) * 10000 / int64(area))
	// The paper's shadow at its edges is not print.
	if core := in.Inset(streakEdge); !core.Empty() {
		q.Blank = int64(b.CountRect(core))*10000 < blankShare*int64(core.Dx()*core.Dy())
	}
	q.Streaks = b.streaks(in)
	return q
}

// Border counts rows and columns from each edge that are nearly all black, in pixels: at most a quarter of the page from each side: a
// page that is black throughout has no border but a fault.
func (b *Bits) Border() Sides {
	black := func(r image.Rectangle) bool {
		return !r.Empty() && int64(b.CountRect(r))*100 > int64(r.Dx()*r.Dy())*(100-borderLight)
	}
	run := func(n int, r func(i int) image.Rectangle) int {
		i := 0
		for i < n && black(r(i)) {
			i++
		}
		return i
	}
	var s Sides
	s.Top = run(b.H/4, func(i int) image.Rectangle { return image.Rect(0, i, b.W, i+1) })
	s.Bottom = run(b.H/4, func(i int) image.Rectangle { return image.Rect(0, b.H-1-i, b.W, b.H-i) })
	y0, y1 := s.Top, b.H-s.Bottom
	s.Left = run(b.W/4, func(i int) image.Rectangle { return image.Rect(i, y0, i+1, y1) })
	s.Right = run(b.W/4, func(i int) image.Rectangle { return image.Rect(b.W-1-i, y0, b.W-i, y1) })
	return s
}

// streaks finds the columns of in that are black from top to bottom.
func (b *Bits) streaks(in image.Rectangle) []Span {
	counts := b.columns(in.Min.Y, in.Max.Y)
	var spans []Span
	for x := in.Min.X + streakEdge; x < in.Max.X-streakEdge; x++ {
		if counts[x]*100 < in.Dy()*streakOwn || !b.streak(x, in) {
			continue
		}
		if n := len(spans); n > 0 && spans[n-1].X1 == x {
			spans[n-1].X1 = x + 1
		} else {
			spans = append(spans, Span{x, x + 1})
		}
	}
	return spans
}

func (b *Bits) streak(x int, in image.Rectangle) bool {
	both, gap, longest := 0, 0, 0
	for y := in.Min.Y; y < in.Max.Y; y++ {
		if b.Window(x, y)&3 != 0 {
			both++
			gap = 0
		} else {
			gap++
			longest = max(longest, gap)
		}
	}
	return both*100 >= in.Dy()*streakPair && longest <= streakGap
}

// columns counts the ink of every column in rows y0 up to y1. It adds words into counters that lie across eight words, one bit of
// every column's count in each, and reads those out before they overflow.
func (b *Bits) columns(y0, y1 int) []int {
	counts := make([]int, b.Stride*64)
	for i := 0; i < b.Stride; i++ {
		for y := y0; y < y1; {
			var planes [8]uint64
			for end := min(y+255, y1); y < end; y++ {
				carry := b.Words[y*b.Stride+i]
				for k := 0; carry != 0; k++ {
					planes[k], carry = planes[k]^carry, planes[k]&carry
				}
			}
			for k, p := range planes {
				for ; p != 0; p &= p - 1 {
					counts[i*64+bits.TrailingZeros64(p)] += 1 << k
				}
			}
		}
	}
	return counts[:b.W]
}
