package template

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
)

// draftHeader is the header of a contest list with places.
var draftHeader = []string{"style", "page", "contest", "vote_for", "choice", "party", "candidate", "x", "y"}

// Draft writes a proposal of a contest list to the new file out: one row a target found on the blanks, in reading order,
// with its place, the text printed beside it as choice and the nearest line above as contest, from a PDF's text layer.
// What is not printed as text stays empty, and vote_for always: a person must complete and check every row, and no other
// part of the program reads a draft by itself. dpi is as NewOptions.DPI. It gives the number of rows.
func Draft(out string, dpi float64, blanks []BlankArg) (int, error) {
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("draft: %s is there already, perhaps completed by hand: name another file", out)
	}
	rows := [][]string{draftHeader}
	for _, arg := range blanks {
		got, err := draftPage(arg, dpi)
		if err != nil {
			return 0, err
		}
		rows = append(rows, got...)
	}
	var buf bytes.Buffer
	if err := csv.NewWriter(&buf).WriteAll(rows); err != nil {
		return 0, fmt.Errorf("draft %s: %w", out, err)
	}
	return len(rows) - 1, writeFile(out, buf.Bytes())
}

func draftPage(arg BlankArg, dpi float64) ([][]string, error) {
	scan, err := openBlank(arg.File, dpi)
	if err != nil {
		return nil, err
	}
	gray, at, err := squarePixels(scan, arg, dpi)
	if err != nil {
		return nil, err
	}
	if at == 0 {
		return nil, fmt.Errorf("blank %s does not say its resolution: add --dpi N", arg.File)
	}
	targets, err := FindTargets(gray, at)
	if err != nil {
		return nil, fmt.Errorf("blank %s: %w", arg.File, err)
	}
	words, err := blankWords(arg.File)
	if err != nil {
		return nil, err
	}
	ls := lines(words)
	beside := linesBeside(ls, targets)
	named := ofChoices(ls, beside)
	var rows [][]string
	var left, right float64 // what stands in a target's column of print
	for i, t := range targets {
		row := []string{arg.Style, strconv.Itoa(arg.Page), "", "", "", "", "", inchText(t.X), inchText(t.Y)}
		if i == 0 || math.Abs(t.X-targets[i-1].X) > 0.1 || beside[i] >= 0 { // a nameless write-in keeps the column of the one above
			left, right = t.X-t.W/2, t.X+t.W/2
		}
		if beside[i] >= 0 {
			l := ls[beside[i]]
			row[4] = strings.TrimRight(l.Text, "_. ") // the line that leads to the target
			left, right = min(left, l.X-l.W/2), max(right, l.X+l.W/2)
		}
		row[2] = headingAbove(ls, named, t, left, right)
		rows = append(rows, row)
	}
	return rows, nil
}

func inchText(v float64) string { return strconv.FormatFloat(round4(v), 'f', -1, 64) }

// blankWords are the words of a blank where it is a PDF, else none.
func blankWords(file string) ([]Word, error) {
	path, page := blankPage(file)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("blank: %w", err)
	}
	defer f.Close()
	head := make([]byte, 1024)
	n, _ := f.Read(head) // what cannot be read is no PDF, and the picture was read before
	if !bytes.Contains(head[:n], []byte("%PDF-")) {
		return nil, nil
	}
	return PDFText(path, page)
}

// lines joins words that stand side by side, less than a letter's height and a half apart.
func lines(words []Word) []Word {
	ws := append([]Word(nil), words...)
	sort.SliceStable(ws, func(i, j int) bool { return ws[i].X-ws[i].W/2 < ws[j].X-ws[j].W/2 })
	var out []Word
	for _, w := range ws {
		best := -1
		for i, l := range out {
			gap := (w.X - w.W/2) - (l.X + l.W/2)
			tall := max(w.H, l.H)
			if gap < 1.5*tall && gap > -tall && math.Abs(w.Y-l.Y) < 0.4*tall && (best < 0 || l.X+l.W/2 > out[best].X+out[best].W/2) {
				best = i
			}
		}
		if best < 0 {
			out = append(out, w)
			continue
		}
		l := &out[best]
		left, right := l.X-l.W/2, max(l.X+l.W/2, w.X+w.W/2)
		top, bottom := min(l.Y-l.H/2, w.Y-w.H/2), max(l.Y+l.H/2, w.Y+w.H/2)
		*l = Word{Text: l.Text + " " + w.Text, X: (left + right) / 2, Y: (top + bottom) / 2, W: right - left, H: bottom - top}
	}
	return out
}

// linesBeside gives each target the nearest line of text beside it, at most two inches away, or -1: on the right of all
// targets or on the left of all, where most of them have theirs nearer.
func linesBeside(ls []Word, targets []Found) []int {
	var sides [2][]int
	nearer := 0
	for _, t := range targets {
		r, rg := lineBeside(ls, t, 1)
		l, lg := lineBeside(ls, t, -1)
		sides[0], sides[1] = append(sides[0], r), append(sides[1], l)
		if rg < lg {
			nearer++
		} else if lg < rg {
			nearer--
		}
	}
	if nearer < 0 {
		return sides[1]
	}
	return sides[0]
}

// lineBeside is the nearest line on one side of a target (1 right, -1 left) and the gap to it in inches.
func lineBeside(ls []Word, t Found, side float64) (best int, gap float64) {
	best, gap = -1, 2
	for i, l := range ls {
		if math.Abs(l.Y-t.Y) > max(t.H, l.H)/2+0.02 {
			continue
		}
		if g := side*(l.X-t.X) - (l.W+t.W)/2; g > -0.05 && g < gap {
			best, gap = i, g
		}
	}
	return best, gap
}

// ofChoices marks the lines beside targets and those that go on right below them, as a party or a running mate does.
func ofChoices(ls []Word, beside []int) []bool {
	marked := make([]bool, len(ls))
	for _, i := range beside {
		if i >= 0 {
			marked[i] = true
		}
	}
	order := make([]int, len(ls))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return ls[order[a]].Y < ls[order[b]].Y })
	for k, i := range order {
		for _, j := range order[:k] {
			down, indent := ls[i].Y-ls[j].Y, math.Abs((ls[i].X-ls[i].W/2)-(ls[j].X-ls[j].W/2))
			if marked[j] && down < 2*max(ls[i].H, ls[j].H) && indent < 0.05 {
				marked[i] = true
			}
		}
	}
	return marked
}

// headingAbove is the nearest line above a target that stands over left to right, is none of a choice's and not the
// instruction how many to vote for; "" where there is none within six inches.
func headingAbove(ls []Word, named []bool, t Found, left, right float64) string {
	text, least := "", 6.0
	for i, l := range ls {
		low := strings.ToLower(l.Text)
		if named[i] || strings.Contains(low, "vote for") || strings.Contains(low, "write-in") {
			continue
		}
		if up := t.Y - l.Y; up > t.H && up < least && l.X+l.W/2 > left && l.X-l.W/2 < right {
			text, least = l.Text, up
		}
	}
	return text
}
