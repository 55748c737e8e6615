package author

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/disintegration/imaging"

	"recount/election"
	"recount/scanner"
	"recount/template"
)

// DefinitionFile is the name of the definition that New writes into its folder.
const DefinitionFile = "election.json"

// BlankArg is one blank ballot page given on the command line: STYLE/PAGE=FILE, where FILE may end in #N for the N-th
// page of a multi-page file.
type BlankArg struct {
	Style string
	Page  int
	File  string
}

// ParseBlankArg reads STYLE/PAGE=FILE.
func ParseBlankArg(s string) (BlankArg, error) {
	name, file, ok := strings.Cut(s, "=")
	i := strings.LastIndex(name, "/")
	if !ok || i <= 0 || file == "" {
		return BlankArg{}, fmt.Errorf("blank %q: write it as STYLE/PAGE=FILE, for example district-1/1=front.tif", s)
	}
	page, err := strconv.Atoi(name[i+1:])
	if err != nil || page < 1 || page > 99 {
		return BlankArg{}, fmt.Errorf("blank %q: %q is not a page number; pages of a style count from 1, odd pages are fronts", s, name[i+1:])
	}
	return BlankArg{Style: name[:i], Page: page, File: file}, nil
}

// NewOptions says what to make a definition from.
type NewOptions struct {
	Title    string
	Contests string // the contest list, a CSV file
	Out      string // the folder to write; made if missing
	DPI      float64
	Blanks   []BlankArg

	Date, Jurisdiction string // may be empty

	Codes []template.CodeRequest // the printed codes to take from the blanks; of those for one page the first counts
	OCR   *OCR                   // reads the names on pages that the list has no places for, where a PDF's text does not; nil: not
}

// Made is a new definition and how each page's rows were paired with its targets.
type Made struct {
	Election *election.Election
	Pairings []Pairing // in the order of the blanks given
	Notes    []string  // what a person should know
}

// MismatchError says that the targets found on a blank are not those of the contest list. Picture shows what was found.
type MismatchError struct {
	Blank           BlankArg
	Listed, Found   int
	Picture, Places string
	Detail          string
}

// Error names the blank, the two counts and the mend.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("blank %s (style %s page %d): the contest list has %d targets, %d were found on the blank%s; look at %s, then "+
		"correct the list, or give each row its x and y in inches (%s lists the places found)",
		e.Blank.File, e.Blank.Style, e.Blank.Page, e.Listed, e.Found, e.Detail, e.Picture, e.Places)
}

// New is Make without its account of the pairings.
func New(o NewOptions) (*election.Election, error) {
	m, err := Make(o)
	if err != nil {
		return nil, err
	}
	return m.Election, nil
}

// Make makes a definition and its reference pictures from blank ballots and a contest list, and writes both into Out. It
// never guesses which target is whose: where count and list differ it writes a picture and gives a *MismatchError, and where
// the names printed beside the targets contradict the list's order, a *NamesError and a list to confirm.
func Make(o NewOptions) (*Made, error) {
	f, err := os.Open(o.Contests)
	if err != nil {
		return nil, fmt.Errorf("contest list: %w", err)
	}
	defer f.Close()
	rows, err := election.ReadContests(o.Contests, f)
	if err != nil {
		return nil, err
	}
	e, err := election.FromRows(o.Title, rows)
	if err != nil {
		return nil, fmt.Errorf("contest list %s: %w", o.Contests, err)
	}
	e.Date, e.Jurisdiction = o.Date, o.Jurisdiction
	if err := os.MkdirAll(filepath.Join(o.Out, "blanks"), 0o755); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	withXY := map[[2]string]bool{}
	for _, r := range rows {
		if r.HasXY {
			withXY[[2]string{r.Style, strconv.Itoa(r.Page)}] = true
		}
	}
	made := &Made{Election: e}
	var pairs []paired
	for _, arg := range o.Blanks {
		st := e.Style(arg.Style)
		if st == nil {
			return nil, fmt.Errorf("blank %s: the contest list has no style %q (it has %s)", arg.File, arg.Style, strings.Join(styleIDs(e), ", "))
		}
		pg := st.Page(arg.Page)
		if pg == nil {
			// A page without contests is still printed, scanned and told apart.
			st.Pages = append(st.Pages, election.Page{Number: arg.Page})
			sort.Slice(st.Pages, func(i, j int) bool { return st.Pages[i].Number < st.Pages[j].Number })
			pg = st.Page(arg.Page)
		}
		if pg.Picture.File != "" {
			return nil, fmt.Errorf("blank %s: style %s page %d was given twice", arg.File, arg.Style, arg.Page)
		}
		p, err := learn(o, arg, e, pg, withXY[[2]string{arg.Style, strconv.Itoa(arg.Page)}])
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, p)
		made.Pairings = append(made.Pairings, p.Pairing)
	}
	for i := range e.Styles {
		for j := range e.Styles[i].Pages {
			if pg := &e.Styles[i].Pages[j]; pg.Picture.File == "" {
				return nil, fmt.Errorf("style %s page %d is in the contest list but has no blank: add %s/%d=FILE",
					e.Styles[i].ID, pg.Number, e.Styles[i].ID, pg.Number)
			}
		}
	}
	if err := refusePairs(o, rows, pairs); err != nil {
		return nil, err
	}
	old, err := keep(filepath.Join(o.Out, DefinitionFile))
	if err != nil {
		return nil, err
	}
	err = e.Write(filepath.Join(o.Out, DefinitionFile))
	made.Notes = old.settle()
	if err != nil {
		return nil, err
	}
	return made, nil
}

func styleIDs(e *election.Election) []string {
	var ids []string
	for _, s := range e.Styles {
		ids = append(ids, s.ID)
	}
	return ids
}

// learn fills a style page from its blank: where each listed target lies, and the reference picture.
func learn(o NewOptions, arg BlankArg, e *election.Election, pg *election.Page, xy bool) (p paired, err error) {
	p.Pairing = Pairing{Style: arg.Style, Page: arg.Page}
	scan, err := openBlank(arg.File, o.DPI)
	if err != nil {
		return p, err
	}
	gray, dpi, err := squarePixels(scan, arg, o.DPI)
	if err != nil {
		return p, err
	}
	dpis := []float64{dpi}
	if dpi == 0 {
		dpis = scanner.LikelyDPIs(gray.Rect.Dx(), gray.Rect.Dy())
		if xy {
			dpis = append(dpis, scanner.ScanDPIs...) // the listed places will tell
		}
	}
	if len(dpis) == 0 {
		return p, fmt.Errorf("blank %s does not say its resolution and its %d x %d pixels are no common paper's: add --dpi N",
			arg.File, gray.Rect.Dx(), gray.Rect.Dy())
	}
	var places []template.Found
	switch {
	case len(pg.Targets) == 0:
		dpi = dpis[0]
	case xy:
		var found int
		dpi, places, found, err = template.FindListed(gray, dpis, pg.Targets)
		if err == nil && found < len(pg.Targets) {
			err = &MismatchError{Listed: len(pg.Targets), Found: found, Detail: " near the listed places"}
		}
	default:
		dpi = dpis[0]
		places, err = template.FindTargets(gray, dpi)
		if err == nil && len(places) != len(pg.Targets) {
			err = &MismatchError{Listed: len(pg.Targets), Found: len(places)}
		}
	}
	if mm := (*MismatchError)(nil); errors.As(err, &mm) {
		mm.Blank = arg
		if err := mm.show(o.Out, gray, dpi, places); err != nil {
			return p, err
		}
		return p, mm
	}
	if err != nil {
		return p, fmt.Errorf("blank %s: %w", arg.File, err)
	}
	if p, err = pairPage(o, arg, e, pg, xy, places, gray, dpi); err != nil {
		return p, err
	}
	places = p.places
	for i := range pg.Targets {
		t := &pg.Targets[i]
		t.X, t.Y, t.W, t.H, t.Shape = election.RoundInches(places[i].X), election.RoundInches(places[i].Y), election.RoundInches(places[i].W), election.RoundInches(places[i].H), places[i].Shape
	}
	if err := savePicture(o.Out, arg, pg, gray, dpi, scan.Bitonal); err != nil {
		return p, err
	}
	if err := template.LearnCode(o.Out, pg, o.Codes...); err != nil {
		return p, fmt.Errorf("blank %s (style %s page %d): %w", arg.File, arg.Style, arg.Page, err)
	}
	return p, nil
}

// openBlank decodes a blank ballot page. A page of a PDF that is no scan is drawn, at dpi or, where that is 0, at 200.
func openBlank(file string, dpi float64) (*scanner.Page, error) {
	path, page := blankPage(file)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("blank: %w", err)
	}
	pages, err := scanner.Decode(filepath.Base(path), data, scanner.Limits{})
	if len(pages) == 0 {
		return nil, fmt.Errorf("blank %s: %w", file, err)
	}
	if page < 1 || page > len(pages) {
		if err != nil && scanner.ReasonOf(err) != scanner.PDFNotScan { // perhaps the pages end where the damage begins
			return nil, fmt.Errorf("blank %s: the file has %d pages: %w", file, len(pages), err)
		}
		return nil, fmt.Errorf("blank %s: the file has %d pages", file, len(pages))
	}
	if path == file { // no page was named, so the file must be one page and whole
		if len(pages) > 1 {
			return nil, fmt.Errorf("blank %s has %d pages: say which with #1, #2 and so on", file, len(pages))
		}
		if err != nil && scanner.ReasonOf(err) != scanner.PDFNotScan {
			return nil, fmt.Errorf("blank %s: %w", file, err)
		}
	}
	// Only the page that was named must be good: whatever ails another is no concern of this style.
	if err := pages[page-1].Err; scanner.ReasonOf(err) == scanner.PDFNotScan {
		return renderBlank(file, data, page, dpi)
	} else if err != nil {
		return nil, fmt.Errorf("blank %s: %w", file, err)
	}
	return pages[page-1].Page, nil
}

// squarePixels gives the blank with equal resolution both ways (a fax has 204 x 196), and that resolution, or 0 where the
// file does not say.
func squarePixels(p *scanner.Page, arg BlankArg, override float64) (*image.Gray, float64, error) {
	if override > 0 {
		return p.Gray, override, nil
	}
	if p.YDPI == 0 {
		return p.Gray, 0, nil
	}
	// Sizes are believed or not as they will be: a coarse fax, 204 x 98, has less than half its rows.
	h := int(math.Round(float64(p.Gray.Rect.Dy()) * p.XDPI / p.YDPI))
	if scanner.BelievableDPI(p.Gray.Rect.Dx(), h, p.XDPI) == 0 {
		return p.Gray, 0, nil
	}
	if ratio := p.XDPI / p.YDPI; ratio > 0.995 && ratio < 1.005 {
		return p.Gray, p.XDPI, nil
	} else if ratio < 0.4 || ratio > 2.5 {
		return nil, 0, fmt.Errorf("blank %s claims %g x %g pixels an inch: scan it again, or add --dpi N", arg.File, p.XDPI, p.YDPI)
	}
	return scanner.Resize(p.Gray, p.Gray.Rect.Dx(), h, imaging.Box), p.XDPI, nil
}

// savePicture writes the blank as a PNG (one bit a pixel where it had one) and names it in the definition.
func savePicture(out string, arg BlankArg, pg *election.Page, g *image.Gray, dpi float64, bitonal bool) error {
	name := fmt.Sprintf("blanks/%s-p%d.png", election.Slug(arg.Style), arg.Page)
	var img image.Image = g
	if bitonal {
		img = paletted(g)
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	if err := election.WriteFile(filepath.Join(out, name), buf.Bytes()); err != nil {
		return err
	}
	sum := sha256.Sum256(buf.Bytes())
	pg.Picture = election.Picture{File: name, SHA256: hex.EncodeToString(sum[:]), DPI: dpi, Width: g.Rect.Dx(), Height: g.Rect.Dy()}
	return nil
}
