package template

import (
	"math"
	"slices"

	"recount/scanner"
)

// A line is a thin, straight trace over much of the page that the blank does not print: a fold, or a streak that dirt on the
// scanner's glass draws.
type line struct {
	x0, y0, x1, y1 float64 // plane pixels
}

const (
	// lineStrips is the part of the page's 64-pixel strips that must carry the line, and lineInk how many of a strip's 64 pixels.
	lineStrips, lineInk = 0.5, 26
	// Print hides a line where it covers half of a strip. Of the strips that are left lineSeen must carry the line then, and those be lineLeast
	// of all: a fold along a row of names shows in the margins and between the columns.
	lineHidden, lineSeen, lineLeast = 32, 0.8, 0.2
	// lineSlope is the steepest line looked for, as rise by run: feeders reach three degrees.
	lineSlope = 0.055
	// lineWide is how far from a line's middle the paper is white again, in pixels: a twelfth of an inch.
	lineWide = 14
)

// findLines finds the folds and streaks among what does not agree with the blank.
func findLines(c compared, pl *plane) []line {
	thick := c.strays.Grow(1)
	defer thick.Release()
	var out []line
	var hidden *scanner.Bits
	print := func() *scanner.Bits {
		if hidden == nil {
			hidden = c.print.Grow(nearPrint)
		}
		return hidden
	}
	for _, t := range traces(rowStrips(thick), func() strips { return rowStrips(print()) }) {
		out = append(out, line{x0: 0, y0: t.from, x1: float64(pl.bits.W), y1: t.to})
	}
	for _, t := range traces(columnStrips(thick), func() strips { return columnStrips(print()) }) {
		out = append(out, line{x0: t.from, y0: 0, x1: t.to, y1: float64(pl.bits.H)})
	}
	if hidden != nil {
		hidden.Release()
	}
	return out
}

// trace is a line through all strips: where it enters the first and leaves the last.
type trace struct {
	from, to float64
	strips   int
}

// traces looks for straight lines across the strips that are dark in enough of them, the clearest first, none within ten
// pixels of a clearer one. cover gives the print that may hide a line, strip by strip; it is asked only where that could matter.
func traces(s strips, cover func() strips) []trace {
	if s.n < 6 {
		return nil
	}
	length := float64(s.n * 64)
	least, few := int(math.Ceil(lineStrips*float64(s.n))), max(6, int(math.Ceil(lineLeast*float64(s.n))))
	var over strips
	var out []trace
	dark := s.darkPlaces()
	some := 0 // strips with any
	for _, d := range dark {
		if len(d) > 0 {
			some++
		}
	}
	if some < few {
		return nil
	}
	hits := make([]uint8, s.size)
	for rise := -lineSlope * length; rise <= lineSlope*length; rise += 2 {
		clear(hits)
		for i := range s.n {
			shift := s.shift(i, rise)
			for _, q := range dark[i] {
				if y := q - shift; y >= 0 && y < s.size {
					hits[y]++
				}
			}
		}
		for y, h := range hits {
			if int(h) < few {
				continue
			}
			if int(h) < least {
				if over.cnt == nil {
					over = cover()
				}
				if float64(h) < lineSeen*float64(s.n-over.hides(y, rise, dark)) {
					continue
				}
			}
			out = insert(out, trace{from: float64(y) - rise/2, to: float64(y) + rise/2, strips: int(h)})
		}
	}
	return out
}

// shift is how far a line that rises so much over all strips lies at strip i from where it crosses the middle.
func (s strips) shift(i int, rise float64) int {
	return int(math.Round((float64(i) + 0.5 - float64(s.n)/2) / float64(s.n) * rise))
}

// hides counts the strips in which print hides a line, of those that do not carry it.
func (s strips) hides(y int, rise float64, dark [][]int) int {
	n := 0
	for i := range s.n {
		q := y + s.shift(i, rise)
		if q >= 0 && q < s.size && s.cnt[i*s.size+q] >= lineHidden && !slices.Contains(dark[i], q) {
			n++
		}
	}
	return n
}

// darkPlaces lists for each strip where it is dark enough to carry a line. Most of a page is not.
func (s strips) darkPlaces() [][]int {
	out := make([][]int, s.n)
	for i := range s.n {
		col := s.cnt[i*s.size : (i+1)*s.size]
		for q, n := range col {
			if n >= lineInk && thin(col, q) {
				out[i] = append(out[i], q)
			}
		}
	}
	return out
}

// thin says whether the ink at a place of a strip is a trace and not a field: it is gone lineWide pixels to both sides.
func thin(col []uint8, q int) bool {
	at := func(i int) uint8 {
		if i < 0 || i >= len(col) {
			return 0
		}
		return col[i]
	}
	return 3*at(q-lineWide) <= col[q] && 3*at(q+lineWide) <= col[q]
}

// insert keeps one trace, the clearest, of those that run together.
func insert(ts []trace, t trace) []trace {
	for i, o := range ts {
		if math.Abs((o.from+o.to)-(t.from+t.to))/2 < 20 {
			if t.strips > o.strips {
				ts[i] = t
			}
			return ts
		}
	}
	return append(ts, t)
}
