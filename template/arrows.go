package template

import (
	"image"
	"math"

	"recount/election"
	"recount/internal/cv"
	"recount/scanner"
)

// An arrow's parts, in inches, over the San Francisco ballots of 2018 with room to spare: head and tail 0.1 to 0.2 wide, the
// bars that face each other 0.06 thick, the gap 0.23.
const (
	minPart, maxPart = 0.03, 0.40
	minGap, maxGap   = 0.12, 0.50
)

// arrows finds the gaps of broken arrows: two patches of ink whose bars of one thickness face each other on one line across
// white paper, and widen away from the gap into a head or a feathered tail. (Dashes of a timing track do not.)
func arrows(g *image.Gray, dpi float64) ([]Found, error) {
	px := func(in float64) int { return max(1, int(math.Round(in*dpi))) }
	thr := scanner.Threshold(g)
	blobs, err := cv.Blobs(g, thr, px(minPart), px(minPart), px(maxPart), px(maxPart))
	if err != nil {
		return nil, err
	}
	dark := func(x, y int) bool { return image.Pt(x, y).In(g.Rect) && g.Pix[g.PixOffset(x, y)] < thr }
	var out []Found
	for i, a := range blobs {
		best, found := Found{}, false
		for j, b := range blobs {
			if i == j || b.Rect.Min.X <= a.Rect.Max.X {
				continue
			}
			gap := float64(b.Rect.Min.X-a.Rect.Max.X) / dpi
			if gap < minGap || gap > maxGap || b.Rect.Min.Y > a.Rect.Max.Y || a.Rect.Min.Y > b.Rect.Max.Y || found && gap >= best.W {
				continue
			}
			at, ah := bar(dark, a.Rect, a.Rect.Max.X-3)
			bt, bh := bar(dark, b.Rect, b.Rect.Min.X+2)
			if ah < 4 || bh < 4 || 4*abs(ah-bh) > max(ah, bh) || 4*abs(at-bt) > max(ah, bh) {
				continue
			}
			head := 4*a.Rect.Dy() >= 5*ah || 4*b.Rect.Dy() >= 5*bh
			if !head || !white(dark, a.Rect.Max.X+1, b.Rect.Min.X-1, (at+bt)/2, max(ah, bh)) {
				continue
			}
			h := float64(ah+bh) / 2
			best, found = Found{
				X: (float64(a.Rect.Max.X+b.Rect.Min.X) / 2) / dpi, Y: (float64(at+bt)/2 + h/2) / dpi,
				W: gap, H: h / dpi, Shape: election.Arrow,
			}, true
		}
		if found {
			out = append(out, best)
		}
	}
	return out, nil
}

// bar measures the ink of a column of a blob: its top and its height, 0 where the column is not one run.
func bar(dark func(x, y int) bool, r image.Rectangle, x int) (top, height int) {
	top = -1
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if !dark(x, y) {
			if top >= 0 {
				break
			}
			continue
		}
		if top < 0 {
			top = y
		}
		height++
	}
	return top, height
}

// white says whether nothing is printed between two columns over the bar's height.
func white(dark func(x, y int) bool, x0, x1, top, height int) bool {
	for y := top; y < top+height; y++ {
		for x := x0; x < x1; x++ {
			if dark(x, y) {
				return false
			}
		}
	}
	return true
}
