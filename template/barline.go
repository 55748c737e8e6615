package template

import (
	"image"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
)

// symbology is one way of writing a text in bars. The library's readers want one line of bars with white at both ends and
// read it from left to right.
type symbology struct {
	name    string
	reader  func() gozxing.Reader
	checked bool // the text has a check character that the library verifies
	least   int  // the shortest text believed
}

// symbologies are those that ballots and forms carry. Shop goods' are left out: they have eight or twelve digits that
// nobody chooses.
var symbologies = []symbology{
	{"code128", oned.NewCode128Reader, true, 4},
	{"code93", oned.NewCode93Reader, true, 4},
	{"itf", oned.NewITFReader, false, 6},
	{"code39", oned.NewCode39Reader, false, 4},
	{"codabar", oned.NewCodaBarReader, false, 5},
}

// rowDecoder is what the library's readers of bars have beside their methods for whole pictures.
type rowDecoder interface {
	DecodeRow(rowNumber int, row *gozxing.BitArray, hints map[gozxing.DecodeHintType]any) (*gozxing.Result, error)
}

// barText is what one line of bars says. back is true where it is read from the far end.
type barText struct {
	symbology, text string
	back            bool
}

// leastBars is the number of black bars in the shortest text believed.
const leastBars = 12

// mostBars is more than the longest text on one line of a page has.
const mostBars = 1200

// readBars reads one line of bars, as samples from white to white: everything that it may say. A line that means
// something in two symbologies is for the caller to doubt.
func readBars(dark []bool, of []symbology) []barText {
	runs, spread := runsOf(dark)
	if runs == nil {
		return nil
	}
	var out []barText
	for _, more := range [3]int{0, -2, 2} {
		row := evenBars(runs, len(dark), spread+more)
		for _, back := range [2]bool{false, true} {
			if back {
				row.Reverse()
			}
			for _, s := range of {
				t := barText{s.name, "", back}
				var ok bool
				if t.text, ok = decodeBars(s, row, row.GetSize()); ok && !slices.Contains(out, t) {
					out = append(out, t)
				}
			}
		}
	}
	return out
}

// runsOf measures a line: white, black, white and so on to white, in samples, and by how much the narrowest bars are wider than
// the narrowest white between them. Print spreads, and a scanner's threshold adds to it, but both are one module. It gives nil
// where the line has too few bars, or too many.
func runsOf(dark []bool) (runs []int, spread int) {
	for i, d := range dark {
		if len(runs)%2 == 1 == d || len(runs) == 0 {
			if len(runs) == 0 && d {
				runs = append(runs, 0)
			}
			runs = append(runs, 0)
		}
		runs[len(runs)-1]++
		if i > 0 && len(runs) > 2*mostBars+1 {
			return nil, 0
		}
	}
	if len(runs)%2 == 0 {
		runs = append(runs, 0)
	}
	if len(runs) < 2*leastBars+1 {
		return nil, 0
	}
	var black, white []int
	for i, n := range runs[1 : len(runs)-1] {
		if i%2 == 0 {
			black = append(black, n)
		} else {
			white = append(white, n)
		}
	}
	slices.Sort(black)
	slices.Sort(white)
	return runs, (black[len(black)/5] - white[len(white)/5]) / 2
}

// evenBars draws a line of n samples with every bar narrower by shrink, half of it at each end.
func evenBars(runs []int, n, shrink int) *gozxing.BitArray {
	row := gozxing.NewBitArray(n)
	at := 0
	for i, run := range runs {
		if i%2 == 1 {
			for k := max(0, at+(shrink+1)/2); k < min(n, at+run-shrink/2); k++ {
				row.Set(k)
			}
		}
		at += run
	}
	return row
}

// decodeBars is one try of the library on one line, which the text found must fill.
func decodeBars(s symbology, row *gozxing.BitArray, n int) (text string, ok bool) {
	defer func() {
		if recover() != nil { // it reads what a stranger printed
			text, ok = "", false
		}
	}()
	d, is := s.reader().(rowDecoder)
	if !is {
		return "", false
	}
	res, err := d.DecodeRow(0, row, nil)
	if err != nil || len(res.GetText()) < s.least {
		return "", false
	}
	ink0, ink1 := row.GetNextSet(0), 0
	for i := n - 1; i >= 0 && ink1 == 0; i-- {
		if row.Get(i) {
			ink1 = i
		}
	}
	x0, x1 := math.Inf(1), math.Inf(-1)
	for _, p := range res.GetResultPoints() {
		x0, x1 = math.Min(x0, p.GetX()), math.Max(x1, p.GetX())
	}
	// The library's ends are the middles or inner edges of the first and last pattern.
	if slack := 0.2 * float64(ink1-ink0); x0-float64(ink0) > slack || float64(ink1)-x1 > slack {
		return "", false
	}
	return res.GetText(), true
}

// barBand is how many pixels to either side of a line are averaged.
const barBand = 4

// lineOf samples a line of a scan from p to q at n places, each the mean over a few pixels across the line: along a bar the
// ragged edges of a coarse scan even out.
func lineOf(g *image.Gray, cut uint8, p, q [2]float64, n int, out []bool) []bool {
	ux, uy := q[0]-p[0], q[1]-p[1]
	length := math.Hypot(ux, uy)
	if length == 0 {
		return out
	}
	vx, vy := -uy/length, ux/length
	for i := range n {
		t := (float64(i) + 0.5) / float64(n)
		x, y := p[0]+t*ux, p[1]+t*uy
		sum := 0.0
		for k := -barBand; k <= barBand; k++ {
			sum += greyAt(g, x+float64(k)*vx, y+float64(k)*vy)
		}
		out = append(out, sum < (2*barBand+1)*float64(cut))
	}
	return out
}

// greyAt is the grey at a point of the picture, mixed from the four pixels around; white outside.
func greyAt(g *image.Gray, x, y float64) float64 {
	x, y = x-0.5, y-0.5
	fx, fy := math.Floor(x), math.Floor(y)
	if !(fx >= -1 && fy >= -1 && fx < float64(g.Rect.Dx()) && fy < float64(g.Rect.Dy())) {
		return 255
	}
	at := func(i, j int) float64 {
		if i < 0 || j < 0 || i >= g.Rect.Dx() || j >= g.Rect.Dy() {
			return 255
		}
		return float64(g.Pix[j*g.Stride+i])
	}
	i, j, dx, dy := int(fx), int(fy), x-fx, y-fy
	return (1-dy)*((1-dx)*at(i, j)+dx*at(i+1, j)) + dy*((1-dx)*at(i, j+1)+dx*at(i+1, j+1))
}
