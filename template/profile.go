package template

import (
	"math"

	"recount/scanner"
)

// cellsPerInch is the resolution of the profiles that find a page's rough place: a line of small print is three to four
// cells from the next.
const cellsPerInch = 25

// profiles are a page's ink summed along its lines and its columns after the slant is taken out, in cells of 1/25 inch,
// with the slow changes removed: what is left is the rhythm of lines and columns, which handwriting hardly alters.
type profiles struct {
	skew   float64 // radians
	u, v   []float32
	cx, cy float64 // middle of the plane, about which the slant was taken
	cell   float64 // plane pixels a cell
}

func newProfiles(b *scanner.Bits, dpi float64) profiles {
	rows, cols := rowStrips(b), columnStrips(b)
	a := skew(rows, cols)
	p := profiles{skew: a, cx: float64(b.W) / 2, cy: float64(b.H) / 2, cell: dpi / cellsPerInch}
	slope := math.Tan(a)
	p.v = sharpen(cells(rows.project(slope, nil), p.cell))
	p.u = sharpen(cells(cols.project(-slope, nil), p.cell))
	return p
}

// cells sums a projection into cells of the given size, sharing a pixel between the two cells it lies in. The middle of
// the projection falls on the middle of the cells.
func cells(p []int32, size float64) []float32 {
	half := int(float64(len(p))/2/size) + 1
	out := make([]float32, 2*half)
	mid := float64(len(p)) / 2
	for i, n := range p {
		pos := (float64(i)+0.5-mid)/size + float64(half) - 0.5
		j := int(math.Floor(pos))
		f := float32(pos - float64(j))
		if j >= 0 && j < len(out) {
			out[j] += float32(n) * (1 - f)
		}
		if j+1 >= 0 && j+1 < len(out) {
			out[j+1] += float32(n) * f
		}
	}
	return out
}

// sharpen compresses the heights (a full rule is not a hundred times a line of print) and takes away the mean of the
// neighbourhood, half an inch wide.
func sharpen(p []float32) []float32 {
	n := len(p)
	c := make([]float32, n)
	for i, v := range p {
		c[i] = float32(math.Sqrt(float64(v)))
	}
	const half = cellsPerInch / 4
	out := make([]float32, n)
	for i := range c {
		from, to := max(0, i-half), min(n, i+half+1)
		var s float32
		for _, v := range c[from:to] {
			s += v
		}
		out[i] = c[i] - s/float32(to-from)
	}
	return out
}

// reversed is the profile read from the other end.
func reversed(p []float32) []float32 {
	out := make([]float32, len(p))
	for i, v := range p {
		out[len(p)-1-i] = v
	}
	return out
}

// place is where one profile fits on another: page cell = scale * blank cell + shift, both counted from the middle.
type place struct {
	shift float64
	score float32 // correlation, -1 to 1
}

// scales are the sizes tried: scan against blank from 0.70 to 1.43 in steps of 1 %.
var scales = func() []float64 {
	var s []float64
	for v := 0.70; v < 1.43; v *= 1.01 {
		s = append(s, v)
	}
	return s
}()

// maxShift is how far, in cells, the blank's middle may lie from the scan's: two inches.
const maxShift = 2 * cellsPerInch

// fitProfile finds, for each scale, the best shift of the blank's profile on the page's.
func fitProfile(blank, page []float32) []place {
	out := make([]place, len(scales))
	for i, s := range scales {
		out[i] = fitAt(resample(blank, s), page)
	}
	return out
}

// resample stretches a profile about its middle.
func resample(p []float32, s float64) []float32 {
	half := int(math.Ceil(float64(len(p)) / 2 * s))
	out := make([]float32, 2*half)
	mid := float64(len(p)) / 2
	for i := range out {
		pos := (float64(i)+0.5-float64(half))/s + mid - 0.5
		j := int(math.Floor(pos))
		f := float32(pos - float64(j))
		var v float32
		if j >= 0 && j < len(p) {
			v += p[j] * (1 - f)
		}
		if j+1 >= 0 && j+1 < len(p) {
			v += p[j+1] * f
		}
		out[i] = v
	}
	return out
}

// fitAt correlates two profiles at every shift and gives the best. Both have even lengths, so their middles are edges.
// Energy outside the overlap counts against a fit, so that a small overlap cannot win by chance.
func fitAt(blank, page []float32) place { return fitWithin(blank, page, -maxShift, maxShift) }

// fitWithin is fitAt for the shifts from least to most only.
func fitWithin(blank, page []float32, least, most int) place {
	var eb, ep float64
	for _, v := range blank {
		eb += float64(v * v)
	}
	for _, v := range page {
		ep += float64(v * v)
	}
	if eb == 0 || ep == 0 {
		return place{score: -1}
	}
	norm := float32(1 / math.Sqrt(eb*ep))
	best := place{score: -1}
	hb, hp := len(blank)/2, len(page)/2
	for d := least; d <= most; d++ {
		// page index = blank index - hb + d + hp
		off := d + hp - hb
		from, to := max(0, -off), min(len(blank), len(page)-off)
		if to-from < len(blank)/2 {
			continue
		}
		var dot float32
		a, b := blank[from:to], page[from+off:to+off]
		for i := range a {
			dot += a[i] * b[i]
		}
		if c := dot * norm; c > best.score {
			best = place{shift: float64(d), score: c}
		}
	}
	return best
}
