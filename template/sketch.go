package template

import (
	"math"
	"math/bits"

	"recount/scanner"
)

// sketch is where a page has print at all, in cells of a twentieth of an inch, after its slant is taken out: enough to tell
// one layout from another in a microsecond, too coarse to see a letter. The middle of the page is the middle of the cells.
type sketch struct {
	half  int      // rows above the middle, and below
	words []uint64 // layoutWords a row: cells with print
	maybe []uint64 // cells with print or a trace of it: a letter of the cell beside
	ink   int      // cells with print
}

const (
	layoutPerInch = 20
	// layoutWords is the width of a row in words: 256 cells, 12.8 inches, are wider than any ballot.
	layoutWords = 4
	layoutWide  = 64 * layoutWords
	// layoutHalf bounds the rows above and below the middle: 32 inches in all.
	layoutHalf = 320
	// layoutInk is the share of ink from which a cell has print: a line of small letters has a fifth to a third, a rule a
	// tenth to a fifth. layoutTrace is the share from which it may have.
	layoutInk   = 0.12
	layoutTrace = 0.03
)

// newSketch sees the bits through toCells, which carries their pixels to cells counted from the middle; inch is how many
// pixels an inch has.
func newSketch(b *scanner.Bits, toCells affine, inch, height float64) *sketch {
	half := min(max(1, int(math.Ceil(height*layoutPerInch/2))+2), layoutHalf)
	l := &sketch{half: half, words: make([]uint64, 2*half*layoutWords), maybe: make([]uint64, 2*half*layoutWords)}
	count := make([]uint16, 2*half*layoutWide)
	for y := 0; y < b.H; y++ {
		u0, v0 := toCells.at(0.5, float64(y)+0.5)
		u0 += layoutWide / 2
		v0 += float64(half)
		for i, w := range b.Row(y) {
			for ; w != 0; w &= w - 1 {
				x := float64(i*64 + bits.TrailingZeros64(w))
				u, v := int(u0+toCells.A*x), int(v0+toCells.D*x)
				if uint(u) < layoutWide && uint(v) < uint(2*half) {
					count[v*layoutWide+u]++
				}
			}
		}
	}
	cell := inch * inch / (layoutPerInch * layoutPerInch)
	least, trace := uint16(max(1, layoutInk*cell)), uint16(max(1, layoutTrace*cell))
	for i, n := range count {
		if n < trace {
			continue
		}
		l.maybe[i>>6] |= 1 << (i & 63)
		if n >= least {
			l.words[i>>6] |= 1 << (i & 63)
			l.ink++
		}
	}
	return l
}

// shifted is the layout moved by dx cells to the right and dy down.
func (l *sketch) shifted(dx, dy int) *sketch {
	out := &sketch{half: l.half, words: shiftCells(l.words, dx, dy), maybe: shiftCells(l.maybe, dx, dy)}
	for _, w := range out.words {
		out.ink += bits.OnesCount64(w)
	}
	return out
}

func shiftCells(words []uint64, dx, dy int) []uint64 {
	out := make([]uint64, len(words))
	rows := len(words) / layoutWords
	for y := max(0, dy); y < min(rows, rows+dy); y++ {
		src, dst := words[(y-dy)*layoutWords:(y-dy+1)*layoutWords], out[y*layoutWords:(y+1)*layoutWords]
		for i := range dst {
			switch {
			case dx > 0:
				dst[i] = src[i] << dx
				if i > 0 {
					dst[i] |= src[i-1] >> (64 - dx)
				}
			case dx < 0:
				dst[i] = src[i] >> -dx
				if i+1 < layoutWords {
					dst[i] |= src[i+1] << (64 + dx)
				}
			default:
				dst[i] = src[i]
			}
		}
	}
	return out
}

// like is how alike two layouts are where they lie: the part of the print of both that stands where the other may have some.
func (l *sketch) like(o *sketch) float64 {
	if l.ink+o.ink == 0 {
		return 0
	}
	half := min(l.half, o.half)
	from, to := (l.half-half)*layoutWords, (l.half+half)*layoutWords
	a, ma := l.words[from:to], l.maybe[from:to]
	from, to = (o.half-half)*layoutWords, (o.half+half)*layoutWords
	b, mb := o.words[from:to], o.maybe[from:to]
	n := 0
	for i := range a {
		n += bits.OnesCount64(a[i]&mb[i]) + bits.OnesCount64(b[i]&ma[i])
	}
	return float64(n) / float64(l.ink+o.ink)
}

// moved are a layout and its copies moved by up to layoutReach cells each way.
type moved []*sketch

const layoutReach = 2

func (l *sketch) moved() moved {
	var out moved
	for dy := -layoutReach; dy <= layoutReach; dy++ {
		for dx := -layoutReach; dx <= layoutReach; dx++ {
			out = append(out, l.shifted(dx, dy))
		}
	}
	return out
}

// like is the best likeness of any of the copies with o, and how far that one was moved.
func (m moved) like(o *sketch) (best float64, dx, dy int) {
	const n = 2*layoutReach + 1
	for i, l := range m {
		if c := l.like(o); c > best {
			best, dx, dy = c, i%n-layoutReach, i/n-layoutReach
		}
	}
	return best, dx, dy
}

// findSketch notes the blank's layout.
func (b *blank) findSketch() {
	p := b.prof
	c, s := math.Cos(p.skew), math.Sin(p.skew)
	k := layoutPerInch / b.full.dpi
	level := affine{A: k * c, B: k * s, D: -k * s, E: k * c}
	level.C = -(level.A*p.cx + level.B*p.cy)
	level.F = -(level.D*p.cx + level.E*p.cy)
	b.sketch = newSketch(b.full.bits, level, b.full.dpi, b.h)
}
