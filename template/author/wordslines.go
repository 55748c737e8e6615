package author

import (
	"image"
	"math"
	"sort"
	"strings"

	"recount/scanner"
	"recount/template"
)

// reach is how far from a target, in inches, its name may begin: a column of print is at most half a page wide.
const reach = 3.5

// lines joins words that stand side by side, less than a letter's height and a half apart.
func lines(words []Word) []Word {
	ws := append([]Word(nil), words...)
	sort.SliceStable(ws, func(i, j int) bool { return ws[i].X-ws[i].W/2 < ws[j].X-ws[j].W/2 })
	var out []Word
	for _, w := range ws {
		best := -1
		for i, l := range out {
			gap := (w.X - w.W/2) - (l.X + l.W/2)
			tall := max(w.H, l.H)
			if gap < 1.5*tall && gap > -tall && math.Abs(w.Y-l.Y) < 0.4*tall && (best < 0 || l.X+l.W/2 > out[best].X+out[best].W/2) {
				best = i
			}
		}
		if best < 0 {
			out = append(out, w)
			continue
		}
		l := &out[best]
		left, right := l.X-l.W/2, max(l.X+l.W/2, w.X+w.W/2)
		top, bottom := min(l.Y-l.H/2, w.Y-w.H/2), max(l.Y+l.H/2, w.Y+w.H/2)
		*l = Word{Text: l.Text + " " + w.Text, X: (left + right) / 2, Y: (top + bottom) / 2, W: right - left, H: bottom - top,
			Confidence: min(l.Confidence, w.Confidence)}
	}
	return out
}

// ruled says whether a printed rule stands somewhere between x0 and x1 and reaches from above y by half to as much below, all
// in inches.
type ruled func(x0, x1, y, half float64) bool

// rulesOf finds upright rules on a blank: columns of pixels that are dark throughout.
func rulesOf(g *image.Gray, dpi float64) ruled {
	thr := scanner.Threshold(g)
	return func(x0, x1, y, half float64) bool {
		top, bottom := int((y-half)*dpi), int((y+half)*dpi)
		if top < 0 || bottom > g.Rect.Dy() {
			return false
		}
		for x := max(0, int(x0*dpi)); x+1 < min(g.Rect.Dx(), int(x1*dpi)); x++ {
			dark := 0
			for r := top; r < bottom; r++ { // a rule a little slanted crosses from one column of pixels to the next
				if at := g.PixOffset(x, r); g.Pix[at] < thr || g.Pix[at+1] < thr {
					dark++
				}
			}
			if dark*10 >= 9*(bottom-top) {
				return true
			}
		}
		return false
	}
}

// linesBeside gives each target the nearest line of text beside it, at most reach inches away with no rule between, or -1,
// and the side they are on: 1, on the right of all targets, or -1, on the left of all, where more of them have a line, or as
// many and most of them nearer.
func linesBeside(ls []Word, targets []template.Found, rule ruled) (beside []int, side float64) {
	clear := rule
	rule = func(x0, x1, y, half float64) bool { // what stands beyond another target is that one's
		for _, o := range targets {
			if math.Abs(o.Y-y) < 0.1 && o.X > x0 && o.X < x1 {
				return true
			}
		}
		return clear(x0, x1, y, half)
	}
	var sides [2][]int
	nearer := 0
	for _, t := range targets {
		r, rg := lineBeside(ls, t, 1, rule)
		l, lg := lineBeside(ls, t, -1, rule)
		sides[0], sides[1] = append(sides[0], r), append(sides[1], l)
		if rg < lg {
			nearer++
		} else if lg < rg {
			nearer--
		}
	}
	if r, l := having(sides[0]), having(sides[1]); 10*l > 11*r || 10*r <= 11*l && nearer < 0 {
		return sides[1], -1
	}
	return sides[0], 1
}

func having(beside []int) int {
	n := 0
	for _, i := range beside {
		if i >= 0 {
			n++
		}
	}
	return n
}

// lineBeside is the nearest line on one side of a target (1 right, -1 left) and the gap to it in inches.
func lineBeside(ls []Word, t template.Found, side float64, rule ruled) (best int, gap float64) {
	best, gap = -1, reach
	for i, l := range ls {
		if math.Abs(l.Y-t.Y) > max(t.H, l.H)/2+0.02 {
			continue
		}
		if g := side*(l.X-t.X) - (l.W+t.W)/2; g > -0.05 && g < gap && !ruleBetween(t, l, side, rule) {
			best, gap = i, g
		}
	}
	return best, gap
}

// ruleBetween says whether a rule stands between a target and a line on its given side: taller than the target with its outline,
// and than any letter.
func ruleBetween(t template.Found, l Word, side float64, rule ruled) bool {
	half := max(0.1, t.H/2+0.08)
	if side > 0 {
		return rule(t.X+t.W/2, l.X-l.W/2, t.Y, half)
	}
	return rule(l.X+l.W/2, t.X-t.W/2, t.Y, half)
}

// ofChoices marks the lines beside targets and those that go on right below them, as a party or a running mate does.
func ofChoices(ls []Word, beside []int) []bool {
	marked := make([]bool, len(ls))
	for _, i := range beside {
		if i >= 0 {
			marked[i] = true
		}
	}
	order := make([]int, len(ls))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return ls[order[a]].Y < ls[order[b]].Y })
	for k, i := range order {
		for _, j := range order[:k] {
			down, indent := ls[i].Y-ls[j].Y, math.Abs((ls[i].X-ls[i].W/2)-(ls[j].X-ls[j].W/2))
			if marked[j] && down < 2*max(ls[i].H, ls[j].H) && indent < 0.05 {
				marked[i] = true
			}
		}
	}
	return marked
}

// headingAbove is the nearest line above a target that stands over left to right, is none of a choice's and not the
// instruction how many to vote for; -1 where there is none within fourteen inches.
func headingAbove(ls []Word, named []bool, t template.Found, left, right float64) int {
	best, least := -1, 14.0
	for i, l := range ls {
		low := strings.ToLower(l.Text)
		if named[i] || strings.Contains(low, "vote for") || strings.Contains(low, "write-in") || onlyHowMany(low) {
			continue
		}
		if up := t.Y - l.Y; up > t.H && up < least && l.X+l.W/2 > left && l.X-l.W/2 < right {
			best, least = i, up
		}
	}
	return best
}

// howMany are the words of the instruction how many to vote for, where lines break it.
var howMany = map[string]bool{"vote": true, "for": true, "no": true, "not": true, "more": true, "than": true, "up": true, "to": true, "any": true,
	"one": true, "two": true, "three": true, "four": true, "five": true, "1": true, "2": true, "3": true, "4": true, "5": true}

func onlyHowMany(text string) bool {
	for _, t := range tokensOf(text) {
		if !howMany[t] {
			return false
		}
	}
	return true
}
