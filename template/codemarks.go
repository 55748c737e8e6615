package template

import (
	"fmt"
	"image"
	"math"

	"recount/election"
	"recount/scanner"
)

// markCode is a code of marks that are printed or not at places which the definition gives: the wide boxes beside an ES&S
// timing track, a row of dashes, any layout's. Its checks are in the definition too; the blank's value must pass them.
type markCode struct{ bits *election.Bits }

const (
	// markNear is how far, in inches, all marks together may lie from where the mapping puts them.
	markNear = 0.03
	// markDark and markWhite are the share of ink in a place with and without a mark; between them nobody can tell.
	markDark, markWhite = 0.7, 0.2
	// markEdge is how far outside a mark, in inches, paper must show above and below it or on both its sides: what is dark
	// all round is a border or a scribble.
	markEdge = 0.03
	// markContrast is by how many greys ink must be darker than the paper.
	markContrast = 40
)

func (markCode) kind() string { return "bits" }

func (r markCode) say(value string) string {
	if r.bits == nil {
		return value
	}
	on, err := r.bits.Parse(value)
	if err != nil {
		return value
	}
	b := make([]byte, len(on))
	for i, v := range on {
		b[i] = '0'
		if v {
			b[i] = '1'
		}
	}
	return "marks " + shorten(string(b))
}

func (r markCode) find(g *image.Gray, dpi float64) (string, codePlace, bool) {
	v, ok := r.read(g, atDPI(dpi), codePlace{})
	return v, codePlace{}, ok
}

func (r markCode) read(g *image.Gray, pixel func(x, y float64) (float64, float64), _ codePlace) (string, bool) {
	on, ok := r.marks(g, pixel)
	if !ok || !r.bits.Holds(on) {
		return "", false
	}
	return r.bits.Format(on), true
}

// missing counts the marks of the value that are plainly not printed; 0 where any place is unclear.
func (r markCode) missing(g *image.Gray, pixel func(x, y float64) (float64, float64), _ codePlace, value string) int {
	got, ok := r.marks(g, pixel)
	if !ok {
		return 0
	}
	want, err := r.bits.Parse(value)
	if err != nil || len(want) != len(got) {
		return 0
	}
	n := 0
	for i := range want {
		if want[i] && !got[i] {
			n++
		}
	}
	return n
}

// marks reads the places. ok is false where any of them is unclear or off the scan, wherever within markNear all of them are
// looked for together, or where shifts give readings of which none has the marks of all: beside thin marks all is white.
func (r markCode) marks(g *image.Gray, pixel func(x, y float64) (float64, float64)) (on []bool, ok bool) {
	if r.bits == nil || len(r.bits.Places) == 0 || g.Rect.Empty() {
		return nil, false
	}
	cut, ok := r.cut(g, pixel)
	if !ok {
		return nil, false
	}
	const steps = 4
	for j := -steps; j <= steps; j++ {
		for i := -steps; i <= steps; i++ {
			dx, dy := markNear*float64(i)/steps, markNear*float64(j)/steps
			got := r.at(g, cut, pixel, dx, dy)
			switch {
			case got == nil || on != nil && hasAll(on, got):
			case on == nil || hasAll(got, on):
				on = got
			default:
				return nil, false
			}
		}
	}
	return on, on != nil
}

// hasAll says whether b has every mark that a has.
func hasAll(b, a []bool) bool {
	for i := range a {
		if a[i] && !b[i] {
			return false
		}
	}
	return true
}

// at reads the places shifted by (dx, dy) inches: nil where one is unclear.
func (r markCode) at(g *image.Gray, cut uint8, pixel func(x, y float64) (float64, float64), dx, dy float64) (on []bool) {
	w, h := r.bits.W, r.bits.H
	for _, p := range r.bits.Places {
		x, y := p.X+dx, p.Y+dy
		ink, ok := inkIn(g, cut, pixel, x, y, 0.8*w, 0.65*h)
		if !ok {
			return nil
		}
		switch {
		case ink <= markWhite:
			on = append(on, false)
		case ink >= markDark:
			above, okA := inkIn(g, cut, pixel, x, y-h/2-markEdge, 0.8*w, 0)
			below, okB := inkIn(g, cut, pixel, x, y+h/2+markEdge, 0.8*w, 0)
			left, okL := inkIn(g, cut, pixel, x-w/2-markEdge, y, 0, 0.65*h)
			right, okR := inkIn(g, cut, pixel, x+w/2+markEdge, y, 0, 0.65*h)
			upright, level := okA && okB && above+below <= 2*markWhite, okL && okR && left+right <= 2*markWhite
			if !upright && !level {
				return nil
			}
			on = append(on, true)
		default:
			return nil
		}
	}
	return on
}

// cut is the grey of ink among the places; ok is false where they leave the scan or nothing there is darker than paper by far
// and the threshold would cut through its grain.
func (r markCode) cut(g *image.Gray, pixel func(x, y float64) (float64, float64)) (uint8, bool) {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range r.bits.Places {
		x, y := pixel(p.X, p.Y)
		if !(math.Abs(x) < 1e6 && math.Abs(y) < 1e6) {
			return 0, false
		}
		x0, y0, x1, y1 = math.Min(x0, x), math.Min(y0, y), math.Max(x1, x), math.Max(y1, y)
	}
	ux, uy := pixel(r.bits.Places[0].X+r.bits.W+0.3, r.bits.Places[0].Y+r.bits.H+0.3)
	sx, sy := pixel(r.bits.Places[0].X, r.bits.Places[0].Y)
	pad := int(math.Min(math.Hypot(ux-sx, uy-sy), 4000))
	box := image.Rect(int(x0)-pad, int(y0)-pad, int(x1)+pad+1, int(y1)+pad+1).Intersect(g.Rect)
	if box.Empty() {
		return 0, false
	}
	part := g.SubImage(box).(*image.Gray)
	dark, light := uint8(255), uint8(0)
	for y := range box.Dy() {
		for _, v := range part.Pix[y*part.Stride:][:box.Dx()] {
			dark, light = min(dark, v), max(light, v)
		}
	}
	if light < 128 {
		return 0, false // a black border, no paper
	}
	if int(light)-int(dark) < markContrast {
		return dark, true // white paper all over: every place is empty
	}
	return scanner.Threshold(part), true
}

// inkIn is the share of ink in a box of the blank, w x h inches about (x, y); a side of 0 is a line. ok is false where the
// scan does not reach.
func inkIn(g *image.Gray, cut uint8, pixel func(x, y float64) (float64, float64), x, y, w, h float64) (share float64, ok bool) {
	const most = 11
	px, py := pixel(x, y)
	rx, ry := pixel(x+w/2, y)
	dx, dy := pixel(x, y+h/2)
	// The mapping's slope is the same all over so small a place.
	ux, uy, vx, vy := rx-px, ry-py, dx-px, dy-py
	in, n := 0, 0
	for j := range most {
		b := 2*float64(j)/(most-1) - 1
		for i := range most {
			a := 2*float64(i)/(most-1) - 1
			qx, qy := math.Floor(px+a*ux+b*vx), math.Floor(py+a*uy+b*vy)
			if !(qx >= 0 && qy >= 0 && qx < float64(g.Rect.Dx()) && qy < float64(g.Rect.Dy())) {
				return 0, false
			}
			n++
			if g.Pix[int(qy)*g.Stride+int(qx)] < cut {
				in++
			}
		}
	}
	return float64(in) / float64(n), true
}

// sayPlaces says which of the places on a blank are unclear, for the person who described them.
func (r markCode) sayPlaces(g *image.Gray, dpi float64) string {
	cut, ok := r.cut(g, atDPI(dpi))
	if !ok {
		return "the places lie outside the picture"
	}
	for i, p := range r.bits.Places {
		ink, ok := inkIn(g, cut, atDPI(dpi), p.X, p.Y, 0.8*r.bits.W, 0.65*r.bits.H)
		if !ok {
			return fmt.Sprintf("place %d (%.3f, %.3f) lies outside the picture", i, p.X, p.Y)
		}
		if ink > markWhite && ink < markDark {
			return fmt.Sprintf("place %d (%.3f, %.3f) is %.0f %% dark, neither a mark nor white", i, p.X, p.Y, 100*ink)
		}
	}
	on, ok := r.marks(g, atDPI(dpi))
	if !ok {
		return "some places are not clearly a mark or white, or what is dark there goes on beyond the size given"
	}
	return fmt.Sprintf("%s is read, which does not pass the code's own checks (ones, zeros, parity)", r.say(r.bits.Format(on)))
}
