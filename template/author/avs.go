package author

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"

	"recount/election"
	"recount/scanner"
	"recount/template"
)

// ContestsFile is the name of the contest list that an import writes beside the definition, for a person to confirm.
const ContestsFile = "contests.csv"

// AVSOptions says what to make a definition from.
type AVSOptions struct {
	File   string // the AVSInterface file
	Title  string // empty takes the file's
	Out    string // the folder to write; made if missing
	DPI    float64
	Blanks []BlankArg // the pages of one style
}

// ImportAVS makes a definition of an AccuVote interface file and blank ballots of the one style it describes: the names come
// from the file, every place from the blanks. The two are paired column by column, front before back, from the top down;
// where the counts differ, or an office's targets do not stand together, it writes pictures of what was found and refuses. It
// writes contests.csv, with places, for a person to confirm, and the same definition as New.
func ImportAVS(o AVSOptions) (*election.Election, error) {
	data, err := readBounded(o.File)
	if err != nil {
		return nil, err
	}
	a, err := election.ReadAVS(o.File, data)
	if err != nil {
		return nil, err
	}
	if len(o.Blanks) == 0 {
		return nil, fmt.Errorf("%s says nothing of where targets lie: give the blanks, as STYLE/1=FRONT STYLE/2=BACK", o.File)
	}
	blanks := slices.Clone(o.Blanks)
	slices.SortStableFunc(blanks, func(a, b BlankArg) int { return a.Page - b.Page })
	for i, b := range blanks {
		if b.Style != blanks[0].Style {
			return nil, fmt.Errorf("blank %s: %s describes one style, and blanks of the styles %q and %q are given", b.File, o.File, blanks[0].Style, b.Style)
		}
		if i > 0 && b.Page == blanks[i-1].Page {
			return nil, fmt.Errorf("blank %s: style %s page %d was given twice", b.File, b.Style, b.Page)
		}
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	pages := make([]foundPage, len(blanks))
	for i, b := range blanks {
		if pages[i], err = findOn(b, o.DPI); err != nil {
			return nil, err
		}
	}
	rows, err := pairAVS(a, blanks, pages)
	if mm := (*AVSMismatchError)(nil); errors.As(err, &mm) {
		mm.File = o.File
		for i, b := range blanks {
			show := &MismatchError{Blank: b}
			if err := show.show(o.Out, pages[i].gray, pages[i].dpi, pages[i].places); err != nil {
				return nil, err
			}
			mm.Pictures = append(mm.Pictures, show.Picture)
		}
		return nil, mm
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.File, err)
	}
	title := o.Title
	if title == "" {
		title = a.Title
		if a.Town != "" {
			title = a.Town + " " + title
		}
	}
	list := filepath.Join(o.Out, ContestsFile)
	if err := writeContests(list, rows); err != nil {
		return nil, err
	}
	return New(NewOptions{Title: title, Date: a.Date, Jurisdiction: a.Town, Contests: list, Out: o.Out, DPI: o.DPI, Blanks: blanks})
}

// foundPage is a blank and the targets found on it, in reading order.
type foundPage struct {
	gray    *image.Gray
	dpi     float64
	bitonal bool
	places  []template.Found
}

// findOn finds the targets of a blank.
func findOn(arg BlankArg, dpi float64) (foundPage, error) {
	scan, err := openBlank(arg.File, dpi)
	if err != nil {
		return foundPage{}, err
	}
	gray, at, err := squarePixels(scan, arg, dpi)
	if err != nil {
		return foundPage{}, err
	}
	if at == 0 {
		likely := scanner.LikelyDPIs(gray.Rect.Dx(), gray.Rect.Dy())
		if len(likely) == 0 {
			return foundPage{}, fmt.Errorf("blank %s does not say its resolution and its %d x %d pixels are no common paper's: add --dpi N",
				arg.File, gray.Rect.Dx(), gray.Rect.Dy())
		}
		at = likely[0]
	}
	places, err := template.FindTargets(gray, at)
	if err != nil {
		return foundPage{}, fmt.Errorf("blank %s: %w", arg.File, err)
	}
	return foundPage{gray: gray, dpi: at, bitonal: scan.Bitonal, places: places}, nil
}

// writeContests writes a contest list, whole or not at all.
func writeContests(path string, rows []election.Row) error {
	var buf bytes.Buffer
	if err := election.WriteContests(&buf, rows); err != nil {
		return err
	}
	return election.WriteFile(path, buf.Bytes())
}

// readBounded reads a definition file of another program.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open definition: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, election.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read definition %s: %w", path, err)
	}
	if len(data) > election.MaxFile {
		return nil, fmt.Errorf("read definition %s: it is larger than %d MiB; is it an election definition?", path, election.MaxFile>>20)
	}
	return data, nil
}
