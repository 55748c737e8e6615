package template

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"sync"

	"recount/election"
	"recount/scanner"
)

// blank is one style page's reference picture, prepared for matching.
type blank struct {
	style  *election.Style
	page   *election.Page
	gray   *image.Gray // nil where the pictures of all blanks would be too large to keep
	packed packed      // instead of gray
	dpi    float64     // of the picture
	w, h   float64     // inches
	full   *plane
	half   *scanner.Bits // full, shrunk by two; nil for kin
	shade  float64       // the part of its paper that is printed in light grey
	prof   profiles
	sketch *sketch
	rough  []spot // on half; none for kin
	fine   []spot // on full

	family    kinship       // of a leader
	tiles     []patch       // of a leader's lattice, while the families are made
	leader    *blank        // of kin; nil for a leader
	kin       *Map          // of kin: its inches to the leader's plane
	shared    map[spot]spot // of kin: the leader's fine spots that it prints alike, and where
	own       []own         // where the family differs, what this one prints
	differing []int         // for each of a kin's own, its place among the leader's
	// codeReader and codeAt say how and where the page's printed code is read, or would stand if its blank's were whole;
	// codeReader is nil where it has none.
	codeReader codeReader
	codeAt     codePlace
	// track, layout and coded name the page's timing marks, the places of a drawn page's targets and of its code, so that what
	// styles share is looked for once a scan.
	track, layout, coded string
	cache                *pictures
	// nameSpots are, for each target, where its name is asked; found when the first page asks.
	nameSpots [][]spot
	nameOnce  sync.Once
}

// Set is an election's blank pages, ready to be matched with scans. It is safe for use by many workers at once.
type Set struct {
	election *election.Election
	blanks   []*blank
	leaders  []*blank // the blanks that are laid on a page by themselves, in their order
	pilots   []*blank // of the leaders, those asked how a page lies; none where a blank is drawn
	height   float64  // of the longest blank, inches
	cache    *pictures
}

// Load reads the reference pictures of the election's styles from dir, checks their hashes and prepares them.
func Load(e *election.Election, dir string) (*Set, error) {
	s := &Set{election: e, cache: newPictures(keptPictures)}
	var size int64
	for i := range e.Styles {
		for j := range e.Styles[i].Pages {
			pg := &e.Styles[i].Pages[j]
			s.blanks = append(s.blanks, &blank{style: &e.Styles[i], page: pg, cache: s.cache})
			size += int64(pg.Picture.Width) * int64(pg.Picture.Height)
		}
	}
	if len(s.blanks) == 0 {
		return nil, fmt.Errorf("election %q has no style page to match with; make one with 'recount template new'", e.Title)
	}
	errs := make([]error, len(s.blanks))
	each(len(s.blanks), func(i int) {
		if err := s.blanks[i].load(dir, size > keptPictures); err != nil {
			errs[i] = fmt.Errorf("style %s page %d: %w", s.blanks[i].style.ID, s.blanks[i].page.Number, err)
		}
	})
	for _, b := range s.blanks {
		s.height = max(s.height, b.h)
	}
	for _, err := range errs { // the first in the definition's order, whichever was found first
		if err != nil {
			return nil, err
		}
	}
	s.group()
	s.choosePilots()
	return s, nil
}

// load reads the blank's picture and prepares what does not hang on other blanks. Where pack is true the picture itself is
// kept packed.
func (b *blank) load(dir string, pack bool) error {
	g, err := Picture(dir, b.page.Picture)
	if err != nil {
		return err
	}
	b.see(g)
	if err := b.placeCode(); err != nil {
		return err
	}
	if pack {
		b.packed, b.gray = pack8(g), nil
	}
	return nil
}

// picture is the blank's reference picture. It is shared: nobody may change it.
func (b *blank) picture() *image.Gray {
	if b.gray != nil {
		return b.gray
	}
	return b.cache.get(b)
}

// Picture loads a style page's reference picture from the definition's folder: the very file that the definition names, or an error.
func Picture(dir string, p election.Picture) (*image.Gray, error) {
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

// onlyPage decodes a file of one page.
func onlyPage(path string, data []byte) (*scanner.Page, error) {
	pages, err := scanner.Decode(filepath.Base(path), data, scanner.Limits{})
	if err != nil {
		return nil, fmt.Errorf("picture %s: %w", path, err)
	}
	if len(pages) != 1 {
		return nil, fmt.Errorf("picture %s has %d pages, expected one", path, len(pages))
	}
	if pages[0].Err != nil {
		return nil, fmt.Errorf("picture %s: %w", path, pages[0].Err)
	}
	return pages[0].Page, nil
}

// enoughRough is how many rough spots place a page with some to spare: three would do.
const enoughRough = 30

// newBlank prepares a picture that stands for itself.
func newBlank(st *election.Style, pg *election.Page, g *image.Gray) *blank {
	b := &blank{style: st, page: pg}
	b.see(g)
	if !b.drawn() {
		b.findSpots()
	}
	return b
}

// see takes the picture and finds on it what does not hang on other blanks.
func (b *blank) see(g *image.Gray) {
	b.gray, b.dpi = g, b.page.Picture.DPI
	b.w, b.h = float64(g.Rect.Dx())/b.dpi, float64(g.Rect.Dy())/b.dpi
	b.full = newPlane(g, b.dpi)
	if b.page.Grid != nil {
		b.track = fmt.Sprint(*b.page.Grid, b.w, b.h)
	}
	if b.drawn() { // there is no print to know it by
		b.layout = layoutOf(b.page)
		if c := b.page.Code; c != nil && c.Bits != nil {
			b.coded = fmt.Sprint(c.Kind, *c.Bits)
		} else if c != nil {
			b.coded = c.Kind
		}
		return
	}
	b.prof = newProfiles(b.full.bits, b.full.dpi)
	b.findSketch()
	b.shade = shadow(g, b.full, b.full.bits.Grow(shadowNear))
}

// prepare makes what the matching needs from the full picture and the page's targets.
func (b *blank) prepare() {
	b.prof = newProfiles(b.full.bits, b.full.dpi)
	b.findSketch()
	b.findSpots()
}

// findSpots chooses the places by which the blank is found on a page. Kin need none of their own.
func (b *blank) findSpots() {
	b.half = b.full.bits.Shrink(2)
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
