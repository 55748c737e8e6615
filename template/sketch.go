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
	wide  []uint64 // maybe, reaching layoutReach cells further to both sides; of a blank's sketch and of copies not moved aside
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
	l.widen()
	return l
}

// widen notes the cells that may have print when the layout is moved aside by up to layoutReach cells.
func (l *sketch) widen() {
	l.wide = make([]uint64, len(l.maybe))
	for y := 0; y < len(l.maybe); y += layoutWords {
		row, out := l.maybe[y:y+layoutWords], l.wide[y:y+layoutWords]
		copy(out, row)
		for range layoutReach {
			left := uint64(0)
			for i, w := range out {
				next := uint64(0)
				if i+1 < layoutWords {
					next = out[i+1]
				}
				out[i] = w | w<<1 | w>>1 | left>>63 | next<<63
				left = w
			}
		}
	}
}

// shifted is the layout moved by dx cells to the right and dy down.
func (l *sketch) shifted(dx, dy int) *sketch {
	out := &sketch{half: l.half, words: shiftCells(l.words, dx, dy), maybe: shiftCells(l.maybe, dx, dy)}
	out.ink = inkOfWords(out.words)
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
	return float64(l.common(o, l.maybe, o.maybe, 0)) / float64(l.ink+o.ink)
}

// layoutBlock is how many words of two layouts are held against one another before it is asked whether the rest can matter.
const layoutBlock = 32 * layoutWords

// common counts the cells of both with print where the other may have some, as mine and theirs say. Once it cannot reach least
// it stops, and gives what it could have reached at most.
func (l *sketch) common(o *sketch, mine, theirs []uint64, least int) int {
	half := min(l.half, o.half)
	from, to := (l.half-half)*layoutWords, (l.half+half)*layoutWords
	a, ma := l.words[from:to], mine[from:to]
	from, to = (o.half-half)*layoutWords, (o.half+half)*layoutWords
	b, mb := o.words[from:to], theirs[from:to]
	ma, b, mb = ma[:len(a)], b[:len(a)], mb[:len(a)]
	could := l.ink + o.ink
	if len(a) < len(l.words) || len(a) < len(o.words) { // print above and below the shorter has nothing to be held against
		could = inkOfWords(a) + inkOfWords(b)
	}
	for len(a) > 0 && could >= least {
		k := min(len(a), layoutBlock)
		lost := 0
		x, mx, y, my := a[:k], ma[:k], b[:k], mb[:k]
		for i := range x {
			lost += bits.OnesCount64(x[i]&^my[i]) + bits.OnesCount64(y[i]&^mx[i])
		}
		could -= lost
		a, ma, b, mb = a[k:], ma[k:], b[k:], mb[k:]
	}
	return could
}

func inkOfWords(words []uint64) (n int) {
	for _, w := range words {
		n += bits.OnesCount64(w)
	}
	return n
}

// moved are a layout and its copies moved by up to layoutReach cells each way.
type moved []*sketch

const (
	layoutReach  = 2
	layoutCopies = 2*layoutReach + 1 // each way
)

func (l *sketch) moved() moved {
	var out moved
	for dy := -layoutReach; dy <= layoutReach; dy++ {
		for dx := -layoutReach; dx <= layoutReach; dx++ {
			c := l.shifted(dx, dy)
			if dx == 0 {
				c.widen()
			}
			out = append(out, c)
		}
	}
	return out
}

// like is the best likeness of any of the copies with o, and how far that one was moved, if it is more than least; else it may
// be less than the best.
func (m moved) like(o *sketch, least float64) (best float64, dx, dy int) {
	for y := range layoutCopies {
		row := m[y*layoutCopies : (y+1)*layoutCopies]
		if !row.may(o, math.Max(best, least)) {
			continue
		}
		for x, l := range row {
			if c := l.like(o); c > best {
				best, dx, dy = c, x-layoutReach, y-layoutReach
			}
		}
	}
	return best, dx, dy
}

// may says whether any of the copies, alike but for how far they were moved aside, may be as like o as least.
func (m moved) may(o *sketch, least float64) bool {
	ink := m[0].ink
	for _, l := range m[1:] {
		ink = min(ink, l.ink)
	}
	if ink+o.ink == 0 {
		return true
	}
	l := m[layoutReach]
	cells := int(least * float64(ink+o.ink)) // rounded down
	return l.common(o, l.wide, o.wide, cells) >= cells
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
