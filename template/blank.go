package template

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"recount/election"
	"recount/scanner"
)

// blank is one style page's reference picture, prepared for matching.
type blank struct {
	style  *election.Style
	page   *election.Page
	gray   *image.Gray
	dpi    float64 // of gray
	w, h   float64 // inches
	full   *plane
	half   *scanner.Bits // full, shrunk by two
	masked *scanner.Bits // full without its targets
	shade  float64       // the part of its paper that is printed in light grey
	prof   profiles
	rough  []spot // on half
	fine   []spot // on full
	// codeReader and codeAt say how and where the page's printed code is read, or would stand if its blank's were whole;
	// codeReader is nil where it has none.
	codeReader codeReader
	codeAt     codePlace
	// track, layout and coded name the page's timing marks, the places of a drawn page's targets and of its code, so that what
	// styles share is looked for once a scan.
	track, layout, coded string
}

// Set is an election's blank pages, ready to be matched with scans. It is safe for use by many workers at once.
type Set struct {
	election *election.Election
	blanks   []*blank
}

// Load reads the reference pictures of the election's styles from dir, checks their hashes and prepares them.
func Load(e *election.Election, dir string) (*Set, error) {
	s := &Set{election: e}
	for i := range e.Styles {
		st := &e.Styles[i]
		for j := range st.Pages {
			pg := &st.Pages[j]
			g, err := readPicture(dir, pg.Picture)
			if err != nil {
				return nil, fmt.Errorf("style %s page %d: %w", st.ID, pg.Number, err)
			}
			b := newBlank(st, pg, g)
			if err := b.placeCode(); err != nil {
				return nil, fmt.Errorf("style %s page %d: %w", st.ID, pg.Number, err)
			}
			s.blanks = append(s.blanks, b)
		}
	}
	if len(s.blanks) == 0 {
		return nil, fmt.Errorf("election %q has no style page to match with; make one with 'recount template new'", e.Title)
	}
	return s, nil
}

// readPicture loads a reference picture, which must be the very file the definition names.
func readPicture(dir string, p election.Picture) (*image.Gray, error) {
	if !filepath.IsLocal(p.File) {
		return nil, fmt.Errorf("picture %q lies outside the definition's folder", p.File)
	}
	path := filepath.Join(dir, p.File)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); got != p.SHA256 {
		return nil, fmt.Errorf("picture %s is not the one the definition was made with (sha256 %.12s..., expected %.12s...); restore it, or make the template again", path, got, p.SHA256)
	}
	page, err := onlyPage(path, data)
	if err != nil {
		return nil, err
	}
	if b := page.Gray.Rect; b.Dx() != p.Width || b.Dy() != p.Height {
		return nil, fmt.Errorf("picture %s has %d x %d pixels, the definition says %d x %d", path, b.Dx(), b.Dy(), p.Width, p.Height)
	}
	return page.Gray, nil
}

// enoughRough is how many rough spots place a page with some to spare: three would do.
const enoughRough = 30

func newBlank(st *election.Style, pg *election.Page, g *image.Gray) *blank {
	dpi := pg.Picture.DPI
	b := &blank{
		style: st, page: pg, gray: g, dpi: dpi,
		w: float64(g.Rect.Dx()) / dpi, h: float64(g.Rect.Dy()) / dpi,
		full: newPlane(g, dpi),
	}
	if pg.Grid != nil {
		b.track = fmt.Sprint(*pg.Grid, b.w, b.h)
	}
	if b.drawn() { // there is no print to know it by
		b.layout = layoutOf(pg)
		if c := pg.Code; c != nil && c.Bits != nil {
			b.coded = fmt.Sprint(c.Kind, *c.Bits)
		} else if c != nil {
			b.coded = c.Kind
		}
		return b
	}
	b.prepare()
	b.shade = shadow(g, b.full, b.full.bits)
	return b
}

// prepare makes what the matching needs from the full picture and the page's targets.
func (b *blank) prepare() {
	b.half = b.full.bits.Shrink(2)
	b.masked = b.withoutTargets()
	b.prof = newProfiles(b.full.bits, b.full.dpi)
	b.fine = spots(b.full.bits, b.full.dpi, int(0.4*b.full.dpi), 16, b.avoid(b.full.dpi))
	everywhere := func(int, int) bool { return false }
	for cell := 0.9; len(b.rough) < enoughRough && cell > 0.2; cell /= 2 { // a sparse page needs a closer look
		b.rough = spots(b.half, b.full.dpi/2, int(cell*b.full.dpi/2), 14, everywhere)
	}
}

// avoid says whether a 64 x 64 patch at (x, y) of a picture at the given resolution touches a target: ink will come there.
func (b *blank) avoid(dpi float64) func(x, y int) bool {
	const near = 0.04 // inches round a target where a hasty mark still lands
	return func(x, y int) bool {
		l, t := float64(x)/dpi, float64(y)/dpi
		r, u := float64(x+64)/dpi, float64(y+64)/dpi
		for _, g := range b.page.Targets {
			if l < g.X+g.W/2+near && r > g.X-g.W/2-near && t < g.Y+g.H/2+near && u > g.Y-g.H/2-near {
				return true
			}
		}
		return false
	}
}
