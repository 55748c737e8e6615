package template

import (
	"fmt"
	"image"
	"math"
	"slices"
	"sort"
	"strings"

	"recount/election"
	"recount/scanner"
)

// barCode is a one-dimensional barcode, lying or standing, as Hart's ballots carry three of along their sides. A page can
// have several, and some are serial numbers: so none is taken from a blank unasked, and the definition's own says which one
// of the page's is meant.
type barCode struct{ own *election.Code }

const (
	// barGap is the white, in inches, that ends a barcode: more than any inside one, less than what must stand beside one.
	barGap = 0.1
	// barEvery is how far apart, in inches, a blank is searched for lines of bars, and a scan's barcode is read.
	barEvery = 0.02
	// barLines is how many lines must say the same: bars are at least as high as that many times barEvery.
	barLines = 4
	// barLeast is the shortest barcode's length in inches.
	barLeast = 0.4
	// barFine is how many samples a line has for each pixel: bars of 2 pixels are measured, not counted.
	barFine = 3
)

// bars is a barcode found on a blank.
type bars struct {
	barText
	at    codePlace
	lines int
}

func (barCode) kind() string { return "barcode" }

func (barCode) say(value string) string {
	c := election.Code{Kind: "barcode", Value: value}
	symbology, text, ok := c.Barcode()
	if !ok {
		return value
	}
	return fmt.Sprintf("%s %q", symbology, shorten(text))
}

// find looks for the barcode that the definition names; the nearest to it, so that a message can say what is there, is the
// first of its symbology.
func (r barCode) find(g *image.Gray, dpi float64) (string, codePlace, bool) {
	if r.own == nil {
		return "", codePlace{}, false
	}
	name, text, ok := r.own.Barcode()
	i := slices.IndexFunc(symbologies, func(s symbology) bool { return s.name == name })
	if !ok || i < 0 {
		return "", codePlace{}, false
	}
	var like *bars
	for _, b := range barcodes(g, dpi, symbologies[i]) {
		if b.text == text {
			return r.own.Value, b.at, true
		}
		if like == nil {
			like = &b
		}
	}
	if like == nil {
		return "", codePlace{}, false
	}
	return election.BarcodeValue(like.symbology, like.text), like.at, true
}

// read reads the bars line by line. Lines that say nothing are damaged; of those that speak enough must say one thing, and
// where the symbology has no check character none may say another.
func (r barCode) read(g *image.Gray, pixel func(x, y float64) (float64, float64), at codePlace) (string, bool) {
	name, _, ok := r.own.Barcode()
	i := slices.IndexFunc(symbologies, func(s symbology) bool { return s.name == name })
	if !ok || i < 0 {
		return "", false
	}
	heard := map[string]int{}
	for _, line := range scanLines(g, pixel, at) {
		for _, t := range readBars(line, symbologies[i:i+1]) {
			if t.back == at.back {
				heard[t.text]++
			}
		}
	}
	best, all := "", 0
	for text, n := range heard {
		all += n
		if n > heard[best] || n == heard[best] && text < best {
			best = text
		}
	}
	n := heard[best]
	if n < barLines || n != all && (!symbologies[i].checked || n < 3*(all-n)) {
		return "", false
	}
	return election.BarcodeValue(name, best), true
}

// scanLines samples the lines of the scan along the place of a barcode, from white to white.
func scanLines(g *image.Gray, pixel func(x, y float64) (float64, float64), at codePlace) [][]bool {
	const nodes = 8
	point := func(along, across float64) (p [2]float64, ok bool) {
		x, y := along, across
		if at.down {
			x, y = across, along
		}
		p[0], p[1] = pixel(x, y)
		return p, math.Abs(p[0]) < 1e6 && math.Abs(p[1]) < 1e6
	}
	a0, a1, c0, c1 := at.x0, at.x1, at.y0, at.y1
	if at.down {
		a0, a1, c0, c1 = c0, c1, a0, a1
	}
	length, high := a1-a0+2*barGap*0.9, c1-c0
	if !(length > 0 && length < 30 && high > 0 && high < 30) {
		return nil
	}
	box := image.Rectangle{}
	for _, a := range [2]float64{a0, a1} {
		for _, c := range [2]float64{c0, c1} {
			p, ok := point(a, c)
			if !ok {
				return nil
			}
			box = box.Union(image.Rect(int(p[0]), int(p[1]), int(p[0])+1, int(p[1])+1))
		}
	}
	if box = box.Intersect(g.Rect); box.Empty() {
		return nil
	}
	cut := scanner.Threshold(g.SubImage(box).(*image.Gray))
	lines := min(max(int(0.8*high/barEvery), barLines), 40)
	var out [][]bool
	for k := range lines {
		across := c0 + high*(0.1+0.8*(float64(k)+0.5)/float64(lines))
		var line []bool
		for i := range nodes {
			p, okP := point(a0-0.9*barGap+length*float64(i)/nodes, across)
			q, okQ := point(a0-0.9*barGap+length*float64(i+1)/nodes, across)
			n := barFine * math.Hypot(q[0]-p[0], q[1]-p[1])
			if !okP || !okQ || n > 20000 {
				return nil
			}
			line = lineOf(g, cut, p, q, int(n), line)
		}
		out = append(out, line)
	}
	return out
}

// barcodes lists the barcodes of an upright blank in the symbologies given, or in all, from the top down and then from the left.
func barcodes(g *image.Gray, dpi float64, of ...symbology) []bars {
	if !(dpi >= 30 && dpi <= 2400) {
		return nil
	}
	if len(of) == 0 {
		of = symbologies
	}
	cut := scanner.Threshold(g)
	found := append(barsAlong(g, dpi, cut, false, of), barsAlong(g, dpi, cut, true, of)...)
	// What other lines across the same bars say more often is what the bars say.
	var out []bars
	for i, b := range found {
		doubt := false
		for j, o := range found {
			over := b.at.x0 < o.at.x1 && o.at.x0 < b.at.x1 && b.at.y0 < o.at.y1 && o.at.y0 < b.at.y1
			if j != i && over && b.lines < 3*o.lines {
				doubt = true
			}
		}
		if !doubt {
			out = append(out, b)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i].at, out[j].at
		if a.y0 != b.y0 {
			return a.y0 < b.y0
		}
		return a.x0 < b.x0
	})
	return out
}

// barsAlong finds the barcodes whose lines run across the page or, where down is true, down it.
func barsAlong(g *image.Gray, dpi float64, cut uint8, down bool, of []symbology) []bars {
	length, count := g.Rect.Dx(), g.Rect.Dy()
	if down {
		length, count = count, length
	}
	dark := func(i, k int) bool {
		if down {
			i, k = k, i
		}
		return g.Pix[k*g.Stride+i] < cut
	}
	step := max(1, int(math.Round(barEvery*dpi)))
	gap := int(barGap * dpi)
	var found []bars
	for k := step / 2; k < count; k += step {
		for i := 0; i < length; {
			if !dark(i, k) {
				i++
				continue
			}
			// A run of bars with no wide white between: where it ends and how many it has.
			start, end, n := i, i, 0
			for ; i < length && i-end <= gap; i++ {
				if dark(i, k) {
					if i == start || end != i-1 {
						n++
					}
					end = i
				}
			}
			if n < leastBars || n > mostBars || float64(end-start) < barLeast*dpi || start < gap/2 && end > length-gap/2 {
				continue
			}
			p, q := [2]float64{float64(start - gap), float64(k) + 0.5}, [2]float64{float64(end + 1 + gap), float64(k) + 0.5}
			if down {
				p[0], p[1], q[0], q[1] = p[1], p[0], q[1], q[0]
			}
			line := lineOf(g, cut, p, q, barFine*(end+1-start+2*gap), nil)
			for _, t := range readBars(line, of) {
				found = noteLine(found, t, float64(start)/dpi, float64(end+1)/dpi, float64(k)/dpi, float64(step)/dpi, down)
			}
		}
	}
	found = slices.DeleteFunc(found, func(b bars) bool { return b.lines < barLines })
	for i := range found {
		found[i].at = taller(found[i].at, dpi, length, count, step, dark)
	}
	return found
}

// taller stretches a barcode's place to the whole height of its bars, of which only some lines may have been readable: as far
// as what is dark in its middle is dark and what is white is white.
func taller(at codePlace, dpi float64, length, count, step int, dark func(i, k int) bool) codePlace {
	a0, a1, c0, c1 := &at.x0, &at.x1, &at.y0, &at.y1
	if at.down {
		a0, a1, c0, c1 = c0, c1, a0, a1
	}
	from, to := max(0, int(*a0*dpi)), min(length, int(*a1*dpi))
	middle := int((*c0 + *c1) / 2 * dpi)
	alike := func(k int) bool {
		if k < 0 || k >= count {
			return false
		}
		same := 0
		for i := from; i < to; i++ {
			if dark(i, k) == dark(i, middle) {
				same++
			}
		}
		return same*10 >= (to-from)*8
	}
	low, high := int(*c0*dpi), int(*c1*dpi)
	for n := 0; n < 40 && alike(low-step/2); n++ {
		low -= step / 2
	}
	for n := 0; n < 40 && alike(high+step/2); n++ {
		high += step / 2
	}
	*c0, *c1 = float64(low)/dpi, float64(high)/dpi
	return at
}

// noteLine adds one line's text to the barcode it is part of, or begins one.
func noteLine(found []bars, t barText, a0, a1, c, step float64, down bool) []bars {
	for i := range found {
		b := &found[i]
		b0, b1, end := &b.at.x0, &b.at.x1, &b.at.y1
		if down {
			b0, b1, end = &b.at.y0, &b.at.y1, &b.at.x1
		}
		if b.barText == t && a0 < *b1 && *b0 < a1 && c-*end < 3*step {
			*b0, *b1, *end = math.Min(*b0, a0), math.Max(*b1, a1), c
			b.lines++
			return found
		}
	}
	at := codePlace{x0: a0, x1: a1, y0: c, y1: c, down: down, back: t.back}
	if down {
		at = codePlace{x0: c, x1: c, y0: a0, y1: a1, down: down, back: t.back}
	}
	return append(found, bars{barText: t, at: at, lines: 1})
}

// sayBars lists barcodes for a message.
func sayBars(list []bars) string {
	if len(list) == 0 {
		return "no barcode"
	}
	var out []string
	for _, b := range list {
		out = append(out, fmt.Sprintf("%s %q at (%.2f, %.2f)", b.symbology, shorten(b.text), (b.at.x0+b.at.x1)/2, (b.at.y0+b.at.y1)/2))
	}
	return strings.Join(out, ", ")
}
