package template

import (
	"image"
	"math"

	"recount/election"
)

// Ink of a sheet's other side shows through, at a third of its darkness at most. What is printed there is known, and so is where
// its targets lie, so that a pale mark can be told from what may be another side's.
const (
	// backNear is how far, in inches, print on the two sides of a sheet may lie off each other: presses and scanners' edges
	// leave less than a sixteenth each.
	backNear = 0.08
)

// Behind is, for each target of a style's page, how much of the paper behind it the sheet's other side prints on, in
// ten-thousandths; 10000 where a target lies there, for a mark in it may show through. It is 0 where the style has no page on
// the other side, and where that page's print is not known but for its targets. A sheet is turned over its long edge or its short one: what
// is worse counts.
func (s *Set) Behind(style *election.Style, page *election.Page, targets []election.Target) []int {
	out := make([]int, len(targets))
	here, back := s.blankOf(style, page.Number), s.blankOf(style, otherSide(page.Number))
	if here == nil || back == nil {
		return out
	}
	for i, t := range targets {
		for _, c := range [2][2]float64{{here.w - t.X, t.Y}, {t.X, here.h - t.Y}} {
			out[i] = max(out[i], back.inkAbout(c[0], c[1], t.W/2+backNear, t.H/2+backNear))
		}
	}
	return out
}

// otherSide is the number of the page on the other side of the sheet.
func otherSide(page int) int {
	if page%2 == 1 {
		return page + 1
	}
	return page - 1
}

func (s *Set) blankOf(style *election.Style, page int) *blank {
	for _, b := range s.blanks {
		if b.style == style && b.page.Number == page {
			return b
		}
	}
	return nil
}

// inkAbout is the part of a place of the blank, by its middle and half sizes in inches, that is printed, in ten-thousandths; 10000
// where a target reaches into it.
func (b *blank) inkAbout(x, y, rx, ry float64) int {
	for _, t := range b.page.Targets {
		if math.Abs(t.X-x) < rx+t.W/2 && math.Abs(t.Y-y) < ry+t.H/2 {
			return 10000
		}
	}
	if b.drawn() {
		return 0
	}
	k := b.full.dpi
	r := image.Rect(int((x-rx)*k), int((y-ry)*k), int((x+rx)*k)+1, int((y+ry)*k)+1)
	return b.full.bits.CountRect(r) * 10000 / (r.Dx() * r.Dy())
}
