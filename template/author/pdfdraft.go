package author

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"

	"recount/election"
	"recount/scanner"
	"recount/template"
)

// draftHeader is the header of a contest list with places, and how sure the reader of a name was.
var draftHeader = []string{"style", "page", "contest", "vote_for", "choice", "party", "candidate", "x", "y", "confidence"}

// DraftOptions says what to propose a contest list from.
type DraftOptions struct {
	Out    string  // the CSV file to write; it must not be there yet
	DPI    float64 // as NewOptions.DPI
	Blanks []BlankArg
	OCR    *OCR // reads the names from the picture, instead of a PDF's text; nil: not
}

// Draft writes a proposal of a contest list from a PDF's text: DraftPages without OCR.
func Draft(out string, dpi float64, blanks []BlankArg) (int, error) {
	return DraftPages(DraftOptions{Out: out, DPI: dpi, Blanks: blanks})
}

// DraftPages writes a proposal of a contest list: one row a target found on the blanks, in reading order, with its place,
// the text printed beside it as choice, the nearest line above as contest, and how sure the reader of the two was, 0 to 100,
// of its least sure word. What was not read stays empty, and vote_for always: a person must complete and check every row,
// and no other part of the program reads a draft by itself. It gives the number of rows.
func DraftPages(o DraftOptions) (int, error) {
	out := o.Out
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("draft: %s is there already, perhaps completed by hand: name another file", out)
	}
	rows := [][]string{draftHeader}
	for _, arg := range o.Blanks {
		got, err := draftPage(arg, o)
		if err != nil {
			return 0, err
		}
		rows = append(rows, got...)
	}
	var buf bytes.Buffer
	if err := csv.NewWriter(&buf).WriteAll(rows); err != nil {
		return 0, fmt.Errorf("draft %s: %w", out, err)
	}
	return len(rows) - 1, election.WriteFile(out, buf.Bytes())
}

func draftPage(arg BlankArg, o DraftOptions) ([][]string, error) {
	dpi := o.DPI
	scan, err := openBlank(arg.File, dpi)
	if err != nil {
		return nil, err
	}
	gray, at, err := squarePixels(scan, arg, dpi)
	if err != nil {
		return nil, err
	}
	if ds := scanner.LikelyDPIs(gray.Rect.Dx(), gray.Rect.Dy()); at == 0 && len(ds) > 0 {
		at = ds[0]
	}
	if at == 0 {
		return nil, fmt.Errorf("blank %s does not say its resolution: add --dpi N", arg.File)
	}
	targets, err := template.FindTargets(gray, at)
	if err != nil {
		return nil, fmt.Errorf("blank %s: %w", arg.File, err)
	}
	from := sourcesOf(arg.File, gray, at, targets, o.OCR)
	words, err := from[len(from)-1].words() // whoever asks for a reading has seen that the text is none
	if err != nil {
		return nil, err
	}
	ls := lines(words)
	beside, _ := linesBeside(ls, targets, rulesOf(gray, at))
	named := ofChoices(ls, beside)
	var rows [][]string
	var left, right float64 // what stands in a target's column of print
	for i, t := range targets {
		row := []string{arg.Style, strconv.Itoa(arg.Page), "", "", "", "", "", inchText(t.X), inchText(t.Y), ""}
		if i == 0 || math.Abs(t.X-targets[i-1].X) > 0.1 || beside[i] >= 0 { // a nameless write-in keeps the column of the one above
			left, right = t.X-t.W/2, t.X+t.W/2
		}
		if beside[i] >= 0 {
			l := ls[beside[i]]
			row[4] = strings.TrimRight(l.Text, "_. ") // the line that leads to the target
			left, right = min(left, l.X-l.W/2), max(right, l.X+l.W/2)
		}
		above := headingAbove(ls, named, t, left, right)
		if above >= 0 {
			row[2] = ls[above].Text
		}
		row[9] = sureness(ls, beside[i], above)
		rows = append(rows, row)
	}
	return rows, nil
}

func inchText(v float64) string { return strconv.FormatFloat(election.RoundInches(v), 'f', -1, 64) }

// sureness is the least confidence of the lines that a row's texts come from, "" where it has none.
func sureness(ls []Word, of ...int) string {
	least := 101
	for _, i := range of {
		if i >= 0 {
			least = min(least, ls[i].Confidence)
		}
	}
	if least > 100 {
		return ""
	}
	return strconv.Itoa(least)
}
