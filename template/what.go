package template

import (
	"fmt"
	"image"
	"math"

	"recount/election"
)

// A page that fits no style is refused whatever it is. What it is says what to do: scan it again, add a blank, lay it to the
// other election's ballots. Each name is given only where the evidence is good; else the page just fits no style.
const (
	// photoTones and photoPaper: a quarter and more of a photograph's cells are grey, and less than half are as light as the
	// lightest. Of 250 real scans of ballots none has over 0.17 of its cells grey or less than 0.7 light, of 40 photographs
	// none under 0.30 or over 0.48 (measured 2026-11).
	photoTones, photoPaper = 0.25, 0.55
	// photoCells is about how many cells the shorter side is cut into: a cell holds a stroke and the white beside it, so
	// that a dithered picture is grey.
	photoCells = 400
	// ballotTargets is how many targets of the election's own kind make a page a ballot, cardTargets how many enclosed
	// whites of one size, or broken arrows, of any election make it no card without targets.
	ballotTargets = 4
	cardTargets   = 4
	// mostInk is the share of ink over which a page is black, and nothing on it can be named.
	mostInk = 0.4
)

// what says what a page is that fits no style.
func (s *Set) what(g *image.Gray, pl *plane, fits []*fit) *Refusal {
	if grey, light := tones(g); grey >= photoTones && light <= photoPaper {
		return &Refusal{Reason: Photograph, Detail: fmt.Sprintf("%.0f %% of the picture is grey and %.0f %% as light as paper: "+
			"it is a photograph or a picture, not a scanned page with print; scan the ballot itself", 100*grey, 100*light)}
	}
	if r := s.twoParts(pl, fits); r != nil {
		return r
	}
	if pl.ink > mostInk {
		return &Refusal{Reason: NoStyle, Detail: "the picture is mostly black, and fits no style of the election"}
	}
	dpi := pl.dpi * float64(pl.k)
	own, family := s.targetsOn(g, dpi)
	if own >= ballotTargets {
		return &Refusal{Reason: OtherElection, Detail: fmt.Sprintf("it is a ballot, with at least %d targets of this election's kind, but its print fits no style: "+
			"it is another election's or town's, or its style's blank is missing from the definition", own)}
	}
	if own == 0 && family < cardTargets && arrowsOn(g, dpi) < cardTargets {
		if code := s.cardCode(g, dpi); code != "" {
			return &Refusal{Reason: SummaryCard, Detail: fmt.Sprintf("the page has a code (%s), print and no targets: "+
				"it may be a ballot-marking device's card, and cards are not read: count them by hand", code)}
		}
	}
	return &Refusal{Reason: NoStyle, Detail: "the print on this page fits no style of the election"}
}

// twoParts says whether the page is made of parts of two of the election's, of which neither is enough to fit.
func (s *Set) twoParts(pl *plane, fits []*fit) *Refusal {
	if pl.ink > mostInk {
		return nil
	}
	var first *fit
	if len(fits) > 0 && fits[0].sound() == nil {
		first = fits[0]
	} else {
		var all []place64
		for row := 0; 32+56*row < pl.bits.H; row++ {
			for col := 0; 32+56*col < pl.bits.W; col++ {
				all = append(all, place64{col, row})
			}
		}
		first = s.partOf(pl, all, pl.dpi, 0, func(*fit) bool { return true })
	}
	if first == nil {
		return nil
	}
	return s.overlapped(pl, first, first.ask(pl))
}

// tones is the part of the picture's cells that are grey, neither as dark as its darkest nor as light as its lightest, and
// the part that is as light as paper.
func tones(g *image.Gray) (grey, light float64) {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	k := max(1, min(w, h)/photoCells)
	var hist [256]int
	n := 0
	for y := 0; y+k <= h; y += k {
		for x := 0; x+k <= w; x += k {
			sum := 0
			for j := range k {
				for _, v := range g.Pix[(y+j)*g.Stride+x:][:k] {
					sum += int(v)
				}
			}
			hist[sum/(k*k)]++
			n++
		}
	}
	if n == 0 {
		return 0, 0
	}
	at := func(percent int) int {
		sum := 0
		for v, c := range hist {
			if sum += c; sum*100 >= percent*n {
				return v
			}
		}
		return 255
	}
	lo, hi := at(1), at(95)
	ng, nl := 0, 0
	for v, c := range hist {
		if (v-lo)*100 > (hi-lo)*15 && (v-lo)*100 < (hi-lo)*80 {
			ng += c
		}
		if (hi-v)*8 <= hi-lo {
			nl += c
		}
	}
	return float64(ng) / float64(n), float64(nl) / float64(n)
}

// targetsOn counts the enclosed whites on a page, upright or lying, that are of the size and shape of any of the
// election's targets, and the largest family of one size of any that is as large as a target.
func (s *Set) targetsOn(g *image.Gray, dpi float64) (own, family int) {
	for _, lie := range [2]*image.Gray{g, lying(g)} {
		all, err := candidates(lie, dpi)
		if err != nil {
			continue
		}
		n := 0
		for i, f := range all {
			if s.hasTarget(f) {
				n++
			}
			if f.H < 0.09 || i >= 2000 {
				continue
			}
			like := 0
			for _, o := range all[:min(len(all), 2000)] {
				if alike(f, o) {
					like++
				}
			}
			family = max(family, like)
		}
		own = max(own, n)
	}
	return own, family
}

// arrowsOn counts the broken arrows on a page, upright or lying.
func arrowsOn(g *image.Gray, dpi float64) (n int) {
	for _, lie := range [2]*image.Gray{g, lying(g)} {
		if all, err := arrows(lie, dpi); err == nil {
			n = max(n, len(all))
		}
	}
	return n
}

// hasTarget says whether any page of the election has a target like this one.
func (s *Set) hasTarget(f Found) bool {
	seen := map[[3]float64]bool{}
	for _, b := range s.blanks {
		for _, t := range b.page.Targets {
			key := [3]float64{t.W, t.H, 0}
			if t.Shape == election.Arrow {
				key[2] = 1
			}
			if seen[key] {
				continue
			}
			seen[key] = true
			if (t.Shape == election.Arrow) == (f.Shape == election.Arrow) && math.Abs(t.W-f.W) <= math.Max(0.012, t.W/8) &&
				math.Abs(t.H-f.H) <= math.Max(0.012, t.H/8) {
				return true
			}
		}
	}
	return false
}

// lying is the picture turned clockwise by a quarter.
func lying(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, h, w))
	for y := range h {
		for x, v := range g.Pix[y*g.Stride:][:w] {
			out.Pix[x*out.Stride+h-1-y] = v
		}
	}
	return out
}

// cardCode says what a card's code is; empty where the page has none that can be read.
func (s *Set) cardCode(g *image.Gray, dpi float64) string {
	if list := barcodes(g, dpi); len(list) > 0 {
		return list[0].symbology + " barcode"
	}
	if _, _, ok := (qrCode{}).find(g, dpi); ok {
		return "QR"
	}
	return ""
}
