package template

import (
	"image"
	"math"
	"sort"

	"recount/scanner"
)

// top says which way up a blank is, and how that is known.
type top struct {
	turn int // degrees clockwise that put the picture upright
	sure bool
	how  string // "letters", "pages" or "asked"
	// For and Against count the pairs of letters that speak for the way taken and for its opposite.
	forIt, against int
}

// sureTop is by how many pairs of letters one way must lead, and at least two to one, before the print is believed. Real
// ballots give 2.9 (capitals throughout) to 20 to one; turned about, the reverse.
const sureTop = 30

// upOf tells the top from Latin letters: neighbours in a line stand on one base line, and their tops differ (capitals and
// stems rise, few letters hang). Where too few letters speak, the picture stays as most pages were scanned.
func upOf(b *scanner.Bits, dpi float64) top {
	const most = 20000 // a page of small print has 6,000 letters
	lo, hi := 0.025*dpi, 0.25*dpi
	var rects []image.Rectangle
	components(b, func(comp [][2]int32) {
		if len(comp) > int(hi*hi) || len(rects) == most {
			return
		}
		r := boxOf(comp)
		if w, h := float64(r.Dx()), float64(r.Dy()); max(w, h) >= 2*lo && max(w, h) <= hi {
			rects = append(rects, r)
		}
	})
	same, apart := max(1, int(math.Round(0.006*dpi))), max(3, int(math.Round(0.02*dpi)))
	w, h := b.W, b.H
	best := top{how: "pages"}
	type vote struct{ turn, up, down int }
	var votes []vote
	for turn := 0; turn < 360; turn += 90 {
		up, down := baseline(turned(rects, turn, w, h), same, apart)
		votes = append(votes, vote{turn, up, down})
	}
	sort.SliceStable(votes, func(i, j int) bool { return votes[i].up > votes[j].up })
	v := votes[0]
	best.forIt, best.against = v.up, v.down
	if v.up-v.down >= sureTop && v.up >= 2*v.down && v.up >= 2*votes[1].up {
		best.turn, best.sure, best.how = v.turn, true, "letters"
	}
	return best
}

// turned gives boxes of a w x h picture as they lie after it is turned clockwise.
func turned(rs []image.Rectangle, turn, w, h int) []image.Rectangle {
	out := make([]image.Rectangle, len(rs))
	for i, r := range rs {
		switch turn {
		case 90:
			r = image.Rect(h-r.Max.Y, r.Min.X, h-r.Min.Y, r.Max.X)
		case 180:
			r = image.Rect(w-r.Max.X, h-r.Max.Y, w-r.Min.X, h-r.Min.Y)
		case 270:
			r = image.Rect(r.Min.Y, w-r.Max.X, r.Max.Y, w-r.Min.X)
		}
		out[i] = r
	}
	return out
}

// baseline counts the pairs of neighbours in a line whose bottoms agree and tops do not, and the other way round. same is
// how far, in pixels, edges that agree may lie apart, apart how far those that do not must.
func baseline(rs []image.Rectangle, same, apart int) (up, down int) {
	sort.SliceStable(rs, func(i, j int) bool { return rs[i].Min.X < rs[j].Min.X })
	for i, a := range rs {
		for _, b := range rs[i+1:] {
			gap := b.Min.X - a.Max.X
			if b.Min.X > a.Max.X+max(a.Dy(), 4)/2 {
				break
			}
			if gap < 0 || b.Min.Y >= a.Max.Y || a.Min.Y >= b.Max.Y || a.Dy() > 2*b.Dy() || b.Dy() > 2*a.Dy() {
				continue
			}
			tops, bottoms := abs(a.Min.Y-b.Min.Y), abs(a.Max.Y-b.Max.Y)
			switch {
			case bottoms <= same && tops >= apart:
				up++
			case tops <= same && bottoms >= apart:
				down++
			}
		}
	}
	return up, down
}
