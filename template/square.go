package template

import (
	"errors"
	"math"

	"github.com/disintegration/imaging"

	"recount/scanner"
)

// Some scanners and all coarse faxes (204 x 98) have more pixels an inch one way than the other. Print is looked for in square
// pixels, so such a page is stretched to them first, and what was found is carried back to the scan as given.
const (
	// squareFrom is the ratio of both resolutions from which a page is stretched: nearer ones, as a fine fax's 204 x 196, are
	// within what the mapping follows by itself. Beyond squareTo the file's word is not believed.
	squareFrom, squareTo = 1.06, 2.5
	// mostSquare bounds the pixels of the stretched page: 400 dots an inch on 11 x 17 inches are a quarter of that.
	mostSquare = 120_000_000
)

// squared is the page in square pixels, those of the finer way, and the scan's pixels in one of them each way. It is nil
// where the page's are square, or near enough, or the file does not say.
func squared(p *scanner.Page) (sq *scanner.Page, fx, fy float64) {
	if !(p.XDPI > 0 && p.YDPI > 0) {
		return nil, 1, 1
	}
	fine := math.Max(p.XDPI, p.YDPI)
	fx, fy = p.XDPI/fine, p.YDPI/fine
	if r := 1 / math.Min(fx, fy); r < squareFrom || r > squareTo {
		return nil, 1, 1
	}
	w, h := p.Gray.Rect.Dx(), p.Gray.Rect.Dy()
	sw, sh := int(math.Round(float64(w)/fx)), int(math.Round(float64(h)/fy))
	if sw < 1 || sh < 1 || sw > mostSquare/sh || scanner.BelievableDPI(sw, sh, fine) == 0 {
		return nil, 1, 1
	}
	c := *p
	c.Gray = scanner.Resize(p.Gray, sw, sh, imaging.Linear)
	c.XDPI, c.YDPI = fine, fine
	return &c, float64(w) / float64(sw), float64(h) / float64(sh)
}

// Match finds the page's style, way up and mapping. The error is always a *Refusal.
func (s *Set) Match(p *scanner.Page) (*Match, error) {
	sq, fx, fy := squared(p)
	if sq == nil {
		return s.match(p)
	}
	m, err := s.match(sq)
	if err == nil {
		m.unsquare(fx, fy)
		return m, nil
	}
	var r *Refusal
	if errors.As(err, &r) && (r.Reason == NoStyle || r.Reason == OtherElection || r.Reason == SummaryCard) {
		// The file may say what is not so. The page as it is must then fit.
		if m, again := s.match(p); again == nil {
			return m, nil
		}
	}
	return nil, err
}

// unsquare carries a match from the page in square pixels back to the scan, of which fx by fy pixels are one square.
func (m *Match) unsquare(fx, fy float64) {
	m.Map.fx, m.Map.fy = fx, fy
	for i := range m.Anchors {
		m.Anchors[i].PX *= fx
		m.Anchors[i].PY *= fy
	}
	for i := range m.Faults {
		f := &m.Faults[i]
		f.X0, f.X1, f.Y0, f.Y1 = f.X0*fx, f.X1*fx, f.Y0*fy, f.Y1*fy
	}
}
