package author

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"recount/election"
	"recount/template"
)

// ImportOptions says what to make a definition from.
type ImportOptions struct {
	Kind   election.Kind // empty tells it by the file's content
	File   string
	Title  string // empty takes the file's
	Out    string // the folder to write; made if missing
	DPI    float64
	Blanks []BlankArg // where given, pictures and places are theirs
	Paper  election.Paper
	Tracks election.Tracks
	// Grid takes the numbers of a NIST Ballot Definition for columns and rows of timing marks.
	Grid bool
}

// ImportResult is what Import wrote.
type ImportResult struct {
	Kind     election.Kind
	Election *election.Election // nil where the file does not say where targets lie; then only the contest list was written
	List     string             // the contest list
	Notes    []string
}

// Import makes a definition of another program's and writes it into Out with its pictures and, for a person to confirm,
// contests.csv. Without blanks the pictures are drawn: timing marks and outlines, none of the other print.
func Import(o ImportOptions) (*ImportResult, error) {
	old, err := keep(filepath.Join(o.Out, DefinitionFile), filepath.Join(o.Out, ContestsFile))
	if err != nil {
		return nil, err
	}
	r, err := importInto(o)
	notes := old.settle()
	if err != nil {
		return nil, err
	}
	r.Notes = append(r.Notes, notes...)
	return r, nil
}

func importInto(o ImportOptions) (*ImportResult, error) {
	data, err := readBounded(o.File)
	if err != nil {
		return nil, err
	}
	r := &ImportResult{Kind: o.Kind, List: filepath.Join(o.Out, ContestsFile)}
	if r.Kind == "" {
		if r.Kind, err = election.KindOf(data); err != nil {
			return nil, fmt.Errorf("%s: %w", o.File, err)
		}
	}
	var in *election.Imported
	switch r.Kind {
	case election.AccuVote:
		r.Election, err = ImportAVS(AVSOptions{File: o.File, Title: o.Title, Out: o.Out, DPI: o.DPI, Blanks: o.Blanks})
		if err != nil {
			return nil, err
		}
		return r, nil
	case election.VotingWorks:
		in, err = election.ReadVotingWorks(o.File, data, election.VotingWorksOptions{Paper: o.Paper, Tracks: o.Tracks, DPI: o.DPI})
	case election.NIST150020:
		in, err = election.ReadBallotDefinition(o.File, data, election.BallotDefinitionOptions{Paper: o.Paper, Tracks: o.Tracks, Grid: o.Grid, DPI: o.DPI})
	default:
		err = fmt.Errorf("definitions of the kind %q are not read; there are %s, %s and %s", r.Kind, election.VotingWorks, election.AccuVote, election.NIST150020)
	}
	if err != nil {
		return nil, err
	}
	r.Notes, r.Election = in.Notes, in.Election
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	if in.Election == nil {
		if len(o.Blanks) > 0 {
			return nil, fmt.Errorf("%s does not say where its targets lie: import it without blanks for its contest list, complete that, and use 'recount template new'", o.File)
		}
		return r, writeContests(r.List, in.Rows)
	}
	if o.Title != "" {
		in.Election.Title = o.Title
	}
	if len(o.Blanks) > 0 {
		if err := ontoBlanks(in.Election, o.Out, o.DPI, o.Blanks); err != nil {
			return nil, err
		}
	} else if err := template.WriteDrawn(in.Election, o.Out); err != nil {
		return nil, err
	}
	if err := writeContests(r.List, in.Election.Rows()); err != nil {
		return nil, err
	}
	return r, in.Election.Write(filepath.Join(o.Out, DefinitionFile))
}

// mostOff is how far, in inches, a target on a blank may lie from where the definition's layout, moved and scaled as a
// whole, puts it: less than half the least distance between two rows of targets.
const mostOff = 0.05

// ontoBlanks gives a definition's pages the pictures of blanks and the places found on them. A blank may be cropped or
// scaled otherwise than the definition's paper; but it must show as many targets, and in the same layout.
func ontoBlanks(e *election.Election, out string, dpi float64, blanks []BlankArg) error {
	if err := os.MkdirAll(filepath.Join(out, "blanks"), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	type key struct {
		style string
		page  int
	}
	given := map[key]bool{}
	for _, arg := range blanks {
		st := e.Style(arg.Style)
		if st == nil {
			return fmt.Errorf("blank %s: the definition has no style %q (it has %s)", arg.File, arg.Style, strings.Join(styleIDs(e), ", "))
		}
		if given[key{arg.Style, arg.Page}] {
			return fmt.Errorf("blank %s: style %s page %d was given twice", arg.File, arg.Style, arg.Page)
		}
		given[key{arg.Style, arg.Page}] = true
		if st.Page(arg.Page) == nil { // a page without targets is still printed, scanned and told apart
			st.Pages = append(st.Pages, election.Page{Number: arg.Page})
			sort.Slice(st.Pages, func(i, j int) bool { return st.Pages[i].Number < st.Pages[j].Number })
		}
		if err := ontoBlank(st.Page(arg.Page), out, arg, dpi); err != nil {
			return err
		}
	}
	for _, s := range e.Styles {
		for _, g := range s.Pages {
			if !given[key{s.ID, g.Number}] {
				return fmt.Errorf("style %s page %d has no blank: add %s/%d=FILE, or give no blank at all", s.ID, g.Number, s.ID, g.Number)
			}
		}
	}
	return nil
}

// ontoBlank gives one page its blank's picture, places and code.
func ontoBlank(pg *election.Page, out string, arg BlankArg, dpi float64) error {
	found, err := findOn(arg, dpi)
	if err != nil {
		return err
	}
	if len(pg.Targets) == 0 {
		found.places = nil
	}
	if err := moveOnto(pg, found); err != nil {
		var mm *MismatchError
		if !errors.As(err, &mm) {
			return err
		}
		mm.Blank = arg
		if err := mm.show(out, found.gray, found.dpi, found.places); err != nil {
			return err
		}
		return mm
	}
	if err := savePicture(out, arg, pg, found.gray, found.dpi, found.bitonal); err != nil {
		return err
	}
	return template.LearnCode(out, pg)
}

// moveOnto replaces a page's places by those found on its blank, both taken down each column, left to right.
func moveOnto(pg *election.Page, found foundPage) error {
	listed := make([]template.Found, len(pg.Targets))
	at := map[template.Found]int{}
	for i, t := range pg.Targets {
		listed[i] = template.Found{X: t.X, Y: t.Y, W: t.W, H: t.H, Shape: t.Shape}
		at[listed[i]] = i
	}
	if len(found.places) != len(listed) {
		return &MismatchError{Listed: len(listed), Found: len(found.places)}
	}
	template.ReadingOrder(listed)
	ax, bx := straight(listed, found.places, func(f template.Found) float64 { return f.X })
	ay, by := straight(listed, found.places, func(f template.Found) float64 { return f.Y })
	for i, l := range listed {
		f := found.places[i]
		if dx, dy := ax+bx*l.X-f.X, ay+by*l.Y-f.Y; math.Hypot(dx, dy) > mostOff || bx < 0.75 || bx > 1.3 || by < 0.75 || by > 1.3 {
			return &MismatchError{Listed: len(listed), Found: len(found.places), Detail: ", and they do not lie as the definition says"}
		}
	}
	for i, l := range listed {
		f, t := found.places[i], &pg.Targets[at[l]]
		t.X, t.Y, t.W, t.H, t.Shape, t.Column, t.Row = election.RoundInches(f.X), election.RoundInches(f.Y), election.RoundInches(f.W), election.RoundInches(f.H), f.Shape, nil, nil
	}
	pg.Grid = nil // its numbers are the paper's, not this blank's
	return nil
}

// straight fits to = a + b * from by least squares; where all from are alike it moves them only.
func straight(from, to []template.Found, of func(template.Found) float64) (a, b float64) {
	var n, sx, sy, sxx, sxy float64
	for i := range from {
		x, y := of(from[i]), of(to[i])
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	if n == 0 {
		return 0, 1
	}
	if d := n*sxx - sx*sx; d > 1e-3*n*n {
		b = (n*sxy - sx*sy) / d
		return (sy - b*sx) / n, b
	}
	return (sy - sx) / n, 1
}
