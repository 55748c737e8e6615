package template

import (
	"fmt"
	"image"
	"math"
	"math/bits"
	"sort"
	"strconv"

	"recount/scanner"
)

// rowCode is the code in the bottom row of an AccuVote-OS page: 34 places at the pitch of the timing marks, the first and
// last always marked, the 32 between one bit each.
type rowCode struct{}

const (
	rowPlaces = 34
	// As designed, in inches; real prints have 81 % (juneau) to 102 % of it.
	rowPitch   = 0.25
	markWidth  = 3.0 / 16
	markHeight = 1.0 / 16

	leastPrintScale, mostPrintScale = 0.78, 1.04
	// rowDepth is how far above the lower edge of a blank the row may stand, in inches.
	rowDepth = 3.0
	// endReach and markReach are how far from where the mapping puts it an end mark is looked for, and then the marks between.
	endReach, markReach = 0.08, 0.025
	// present and absent are the share of ink in a place with and without a mark. Between them the row is not read.
	present, absent = 0.65, 0.3
	// bandInk is the share of ink just above and below a place over which it is no mark but a border or a scribble.
	bandInk = 0.55
)

func (rowCode) kind() string { return "accuvote" }

func (rowCode) say(value string) string {
	v, err := strconv.ParseUint(value, 16, 32)
	if a, ok := decodeAccuVote(uint32(v)); err == nil && ok {
		return a.String()
	}
	return value
}

func (r rowCode) find(g *image.Gray, dpi float64) (string, codePlace, bool) {
	for _, at := range rowsOn(g, dpi) {
		if v, ok := r.read(g, atDPI(dpi), at); ok {
			return v, at, true
		}
	}
	return "", codePlace{}, false
}

// plain finds a blank's row that is as clear as a code's but passes no check: its marks were partly wiped out, or it means
// something else. A row of mostly marks is a track, no code.
func (rowCode) plain(g *image.Gray, dpi float64) (codePlace, bool) {
	for _, at := range rowsOn(g, dpi) {
		v, ok := readRow(g, atDPI(dpi), at)
		if !ok || v>>31 == 0 || bits.OnesCount32(v) > 16 {
			continue
		}
		if _, valid := decodeAccuVote(v); valid { // a code that the definition does not name is not to be looked at
			return codePlace{}, false
		}
		return at, true
	}
	return codePlace{}, false
}

// missing counts the marks of the value that the scan's row has not. It gives 0 where any place of the row is unclear: ink
// can be added by a hand, but where all else is crisp, print that is not there was never printed.
func (rowCode) missing(g *image.Gray, pixel func(x, y float64) (float64, float64), at codePlace, value string) int {
	want, err := strconv.ParseUint(value, 16, 32)
	got, ok := readRow(g, pixel, at)
	if err != nil || !ok {
		return 0
	}
	return bits.OnesCount32(uint32(want) &^ got)
}

func atDPI(dpi float64) func(x, y float64) (float64, float64) {
	return func(x, y float64) (float64, float64) { return x * dpi, y * dpi }
}

// rowsOn lists where the row of a blank may stand, lowest first: between two marks as far apart as their own size asks for,
// with no mark beyond them.
func rowsOn(g *image.Gray, dpi float64) []codePlace {
	ms := markShapes(g, dpi)
	sort.SliceStable(ms, func(i, j int) bool { return ms[i].y > ms[j].y })
	ms = ms[:min(len(ms), 300)]
	var out []codePlace
	for _, l := range ms {
		for _, r := range ms {
			pitch := (r.x - l.x) / (rowPlaces - 1)
			w, h := (l.w+r.w)/2, (l.h+r.h)/2
			if pitch < leastPrintScale*rowPitch || pitch > mostPrintScale*rowPitch || math.Abs(r.y-l.y) > 0.03*(r.x-l.x) ||
				math.Abs(w/pitch-markWidth/rowPitch) > 0.1 || math.Abs(h/pitch-markHeight/rowPitch) > 0.1 {
				continue
			}
			outer := false
			for _, m := range ms {
				line := l.y + (m.x-l.x)/(r.x-l.x)*(r.y-l.y)
				outer = outer || (m.x < l.x || m.x > r.x) && math.Abs(m.y-line) < pitch/2
			}
			if !outer {
				out = append(out, codePlace{x0: l.x, y0: l.y, x1: r.x, y1: r.y, w: w, h: h})
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].y0+out[i].y1 > out[j].y0+out[j].y1 })
	return out[:min(len(out), 8)] // the track's own lowest corners come first, but for a stray dash below them
}

// box is a dark shape: its middle and size in inches.
type box struct{ x, y, w, h float64 }

// markShapes lists the solid shapes of a timing mark's size in the lower part of a blank.
func markShapes(g *image.Gray, dpi float64) []box {
	b := scanner.FromGray(g, scanner.Threshold(g))
	top := max(0, b.H-int(rowDepth*dpi))
	limit := int(2 * markWidth * markWidth * dpi * dpi) // pixels of a shape that is surely no mark
	var out []box
	var stack []image.Point
	for y := top; y < b.H; y++ {
		for x := 0; x < b.W; x++ {
			if !b.At(x, y) {
				continue
			}
			area, r := 0, image.Rect(x, y, x+1, y+1)
			stack = append(stack[:0], image.Pt(x, y))
			b.Clear(x, y)
			for len(stack) > 0 {
				p := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				area++
				r = r.Union(image.Rect(p.X, p.Y, p.X+1, p.Y+1))
				for _, q := range [4]image.Point{{p.X + 1, p.Y}, {p.X - 1, p.Y}, {p.X, p.Y + 1}, {p.X, p.Y - 1}} {
					if q.Y >= top && b.At(q.X, q.Y) {
						b.Clear(q.X, q.Y)
						stack = append(stack, q)
					}
				}
			}
			w, h := float64(r.Dx())/dpi, float64(r.Dy())/dpi
			if area > limit || w < 0.7*markWidth || w > 1.3*markWidth || h < 0.55*markHeight || h > 1.7*markHeight ||
				float64(area) < 0.7*float64(r.Dx()*r.Dy()) {
				continue
			}
			out = append(out, box{x: float64(r.Min.X+r.Max.X) / 2 / dpi, y: float64(r.Min.Y+r.Max.Y) / 2 / dpi, w: w, h: h})
		}
	}
	return out
}

func (rowCode) read(g *image.Gray, pixel func(x, y float64) (float64, float64), at codePlace) (string, bool) {
	v, ok := readRow(g, pixel, at)
	if !ok {
		return "", false
	}
	if _, ok := decodeAccuVote(v); !ok {
		return "", false
	}
	return fmt.Sprintf("%08x", v), true
}

// readRow gives the row's bits; ok is false where an end mark is not there or any place is unclear.
func readRow(g *image.Gray, pixel func(x, y float64) (float64, float64), at codePlace) (v uint32, ok bool) {
	s, ok := newRowSampler(g, pixel, at)
	if !ok {
		return 0, false
	}
	first, fx, fy := s.mark(at.x0, at.y0, endReach)
	last, lx, ly := s.mark(at.x1, at.y1, endReach)
	if first != 1 || last != 1 {
		return 0, false
	}
	for i := 1; i < rowPlaces-1; i++ {
		t := float64(i) / (rowPlaces - 1)
		state, _, _ := s.mark(at.x0+fx+t*(at.x1+lx-at.x0-fx), at.y0+fy+t*(at.y1+ly-at.y0-fy), markReach)
		if state < 0 {
			return 0, false
		}
		v = v<<1 | uint32(state)
	}
	return v, true
}

// rowSampler asks small places of a scan for ink, in inches of the blank.
type rowSampler struct {
	g     *image.Gray
	pixel func(x, y float64) (float64, float64)
	cut   uint8
	w, h  float64
}

// newRowSampler sets the grey of ink from the strip around the row; ok is false where the row leaves the scan.
func newRowSampler(g *image.Gray, pixel func(x, y float64) (float64, float64), at codePlace) (*rowSampler, bool) {
	var strip image.Rectangle
	for _, p := range [4][2]float64{{at.x0 - 0.15, at.y0 - 0.15}, {at.x0 - 0.15, at.y0 + 0.15}, {at.x1 + 0.15, at.y1 - 0.15}, {at.x1 + 0.15, at.y1 + 0.15}} {
		x, y := pixel(p[0], p[1])
		if !(math.Abs(x) < 1e6 && math.Abs(y) < 1e6) {
			return nil, false
		}
		strip = strip.Union(image.Rect(int(x), int(y), int(x)+1, int(y)+1))
	}
	strip = strip.Intersect(g.Rect)
	if strip.Empty() {
		return nil, false
	}
	return &rowSampler{g: g, pixel: pixel, cut: scanner.Threshold(g.SubImage(strip).(*image.Gray)), w: at.w, h: at.h}, true
}

// mark looks for a mark within reach of (x, y). It gives 1 where there is one, 0 where there is none, -1 where nobody can
// tell, and how far from (x, y) the mark was found.
func (s *rowSampler) mark(x, y, reach float64) (state int, dx, dy float64) {
	const across, down, step = 9, 5, 0.0125
	px, py := s.pixel(x, y)
	// The mapping's slope is the same all over so small a place.
	const d = 0.1
	ex, ey := s.pixel(x+d, y)
	fx, fy := s.pixel(x, y+d)
	ux, uy, vx, vy := (ex-px)/d, (ey-py)/d, (fx-px)/d, (fy-py)/d
	share := func(cx, cy, w, h float64, nx, ny int) (ink float64, seen bool) {
		in, n := 0, 0
		for j := range ny {
			for i := range nx {
				a := cx + w*(float64(i)/float64(nx-1)-0.5)
				b := cy
				if ny > 1 {
					b += h * (float64(j)/float64(ny-1) - 0.5)
				}
				qx, qy := int(math.Floor(px+a*ux+b*vx)), int(math.Floor(py+a*uy+b*vy))
				if qx < 0 || qy < 0 || qx >= s.g.Rect.Dx() || qy >= s.g.Rect.Dy() {
					continue
				}
				n++
				if s.g.Pix[qy*s.g.Stride+qx] < s.cut {
					in++
				}
			}
		}
		if n*2 < nx*ny {
			return 0, false
		}
		return float64(in) / float64(n), true
	}
	bestInk, bestBand, best := 0.0, 0.0, math.Inf(-1)
	k := int(math.Round(reach / step))
	for j := -k; j <= k; j++ {
		for i := -k; i <= k; i++ {
			cx, cy := float64(i)*step, float64(j)*step
			ink, seen := share(cx, cy, 0.8*s.w, 0.7*s.h, across, down)
			if !seen {
				continue
			}
			above, _ := share(cx, cy-s.h/2-0.025, s.w, 0, across, 1)
			below, _ := share(cx, cy+s.h/2+0.025, s.w, 0, across, 1)
			band := (above + below) / 2
			// Of places alike, the one nearest to where it should be.
			if score := ink - band - 0.1*math.Hypot(cx, cy)/reach; score > best {
				bestInk, bestBand, best, dx, dy = ink, band, score, cx, cy
			}
		}
	}
	switch {
	case math.IsInf(best, -1):
		return -1, 0, 0
	case bestInk >= present && bestBand <= bandInk:
		return 1, dx, dy
	case bestInk <= absent:
		return 0, dx, dy
	}
	return -1, dx, dy
}
