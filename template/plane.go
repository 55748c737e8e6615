package template

import (
	"image"
	"math"

	"recount/scanner"
)

// planeDPI is the resolution near which pages are registered: at it a letter's stroke is two to three pixels wide, and 64
// pixels, one word of packed bits, hold a word or two of print.
const planeDPI = 170

// plane is a page's packed bits, shrunk by a whole number to near planeDPI. Coordinates count pixel edges: pixel i
// covers i to i+1, so a point of the plane times k is a point of the scan.
type plane struct {
	bits *scanner.Bits
	k    int             // scan pixels a plane pixel
	dpi  float64         // plane pixels an inch, as far as known
	ink  float64         // share of ink after the border is cleared
	page *scanner.Page   // what it was made from, where that is a scan
	raw  *scanner.Bits   // bits before their border was cleared; kept for a scan only
	edge bool            // the scanner's black background shows beside the paper
	made []*scanner.Bits // what was made of a scan, to be released with it
}

// packPlane packs a picture, given as bits that stay the giver's.
func packPlane(bits *scanner.Bits, dpi float64) *plane {
	if dpi == 0 {
		dpi = guessDPI(bits.W, bits.H)
	}
	k := max(1, int(math.Round(dpi/planeDPI)))
	border := bits.Border()
	if k > 1 {
		bits = bits.Shrink(k)
	}
	p := &plane{bits: bits, k: k, dpi: dpi / float64(k), edge: border != scanner.Sides{}}
	return p
}

// newPlane packs a picture. dpi is its resolution as far as it can be believed, or 0.
func newPlane(g *image.Gray, dpi float64) *plane {
	p := packPlane(scanner.FromGray(g, scanner.Threshold(g)), dpi)
	p.cut()
	return p
}

// newScan packs a scan, and keeps what newPlane wipes at its edges. Release it when the page is matched.
func newScan(page *scanner.Page, dpi float64) *plane {
	all := page.Bits()
	p := packPlane(all, dpi)
	p.page, p.raw = page, p.bits
	p.bits = p.bits.Clone()
	p.cut()
	p.made = append(p.made, p.bits)
	if p.raw != all {
		p.made = append(p.made, p.raw)
	}
	if page.Ink() == nil { // else they are the page's
		p.made = append(p.made, all)
	}
	return p
}

// release gives back the memory of all that was made of the scan, but for keep.
func (p *plane) release(keep *scanner.Bits) {
	for _, b := range p.made {
		if b != keep {
			b.Release()
		}
	}
	p.made = nil
}

func (p *plane) cut() {
	p.clearBorder()
	p.ink = float64(p.bits.Count()) / float64(p.bits.W*p.bits.H)
}

// uncut is the page with the ink at its edges that clearBorder wiped, among it marks of a track that the scan cuts; the plane
// itself where its page is not at hand.
func (p *plane) uncut() *plane {
	if p.raw == nil {
		return p
	}
	return &plane{bits: p.raw, k: p.k, dpi: p.dpi, ink: p.ink, page: p.page, edge: p.edge}
}

// guessDPI takes the shorter side for 8.5 inches, the width of every American ballot seen; the search over scales that
// follows corrects a guess that is up to a third off.
func guessDPI(w, h int) float64 { return float64(min(w, h)) / 8.5 }

// clearBorder wipes ink that runs in from an edge of the picture: the black that a scanner sees beside the paper. A run is
// followed for at most an eighth of the page, so that print which touches the edge is not eaten.
func (p *plane) clearBorder() {
	b := p.bits
	maxX, maxY := b.W/8, b.H/8
	for y := 0; y < b.H; y++ {
		for x := 0; x < maxX && b.At(x, y); x++ {
			b.Clear(x, y)
		}
		for x := b.W - 1; x >= b.W-maxX && b.At(x, y); x-- {
			b.Clear(x, y)
		}
	}
	for x := 0; x < b.W; x++ {
		for y := 0; y < maxY && b.At(x, y); y++ {
			b.Clear(x, y)
		}
		for y := b.H - 1; y >= b.H-maxY && b.At(x, y); y-- {
			b.Clear(x, y)
		}
	}
}
