package author

import (
	"fmt"
	"slices"
	"strings"

	"recount/election"
	"recount/template"
)

// avsColumn is how far apart, in the interface file's units of a 72nd of an inch, two columns' entries are at least. Columns
// seen are 108 apart, and all entries of one have the same number.
const avsColumn = 30

// avsRow is how far apart, in inches, two rows of targets are at least: timing marks are a quarter inch apart.
const avsRow = 0.12

// AVSMismatchError says that the targets found on blanks are not those an AccuVote interface file lists.
type AVSMismatchError struct {
	File     string
	What     string
	Pictures []string // of what was found, one a blank
}

// Error names the file, what differs, and the mend.
func (e *AVSMismatchError) Error() string {
	return fmt.Sprintf("%s: %s; look at %s, then give a blank without marks or overprint, or write the contest list with x and y by hand for 'recount template new'",
		e.File, e.What, strings.Join(e.Pictures, " and "))
}

func avsMismatch(format string, args ...any) error {
	return &AVSMismatchError{What: fmt.Sprintf(format, args...)}
}

// avsPlace is one target found: its page's index among the blanks, and where it lies.
type avsPlace struct {
	page int
	template.Found
}

// avsName is one entry of the file with its contest's index.
type avsName struct {
	contest int
	election.AVSEntry
}

// pairAVS pairs the file's entries with the targets on the blanks, which are in the order of their pages.
func pairAVS(a *election.AVS, blanks []BlankArg, pages []foundPage) ([]election.Row, error) {
	var places []avsPlace
	for i, p := range pages {
		for _, f := range p.places {
			places = append(places, avsPlace{i, f})
		}
	}
	places, asked, err := takeQuestions(a, places)
	if err != nil {
		return nil, err
	}
	names, err := avsColumns(a)
	if err != nil {
		return nil, err
	}
	columns := placeColumns(places)
	if len(columns) != len(names) {
		return nil, avsMismatch("the file has %s, the blanks show %s", columnCounts(names), columnCounts(columns))
	}
	paired := make([][]avsPair, len(a.Contests))
	for i := range names {
		if len(names[i]) != len(columns[i]) {
			return nil, avsMismatch("column %d of %d (%.2f inches from the left): the file lists %d targets, the blanks show %d",
				i+1, len(names), columns[i][0].X, len(names[i]), len(columns[i]))
		}
		for k, n := range names[i] {
			paired[n.contest] = append(paired[n.contest], avsPair{n, columns[i][k]})
		}
	}
	if err := checkTogether(a, blanks, paired); err != nil {
		return nil, err
	}
	return avsRows(a, blanks, paired, asked), nil
}

type avsPair struct {
	name  avsName
	place avsPlace
}

// avsColumns sorts the file's entries into columns, each from the top down.
func avsColumns(a *election.AVS) ([][]avsName, error) {
	var all []avsName
	for i, c := range a.Contests {
		for _, e := range c.Entries {
			all = append(all, avsName{i, e})
		}
	}
	slices.SortStableFunc(all, func(a, b avsName) int { return compare(a.X, b.X) })
	var out [][]avsName
	for i, n := range all {
		if i == 0 || n.X-all[i-1].X >= avsColumn {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], n)
	}
	for _, col := range out {
		slices.SortStableFunc(col, func(a, b avsName) int { return compare(a.Y, b.Y) })
		for i := 1; i < len(col); i++ {
			if col[i].Y == col[i-1].Y {
				return nil, fmt.Errorf("lines %d and %d: two entries stand at one place (OX %g, OY %g), so their order is not known", col[i-1].Line, col[i].Line, col[i].X, col[i].Y)
			}
			if col[i].contest < col[i-1].contest {
				return nil, fmt.Errorf("line %d: the entry stands above one of an office that the file lists before (%s), so the order of the print is not known",
					col[i].Line, a.Contests[col[i].contest].Title)
			}
		}
	}
	return out, nil
}

// placeColumns sorts the targets into columns, each front before back and from the top down.
func placeColumns(places []avsPlace) [][]avsPlace {
	all := slices.Clone(places)
	slices.SortStableFunc(all, func(a, b avsPlace) int { return compare(a.X, b.X) })
	var out [][]avsPlace
	for i, p := range all {
		if i == 0 || p.X-all[i-1].X >= template.ColumnGap {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], p)
	}
	for _, col := range out {
		slices.SortStableFunc(col, func(a, b avsPlace) int {
			if a.page != b.page {
				return a.page - b.page
			}
			return compare(a.Y, b.Y)
		})
	}
	return out
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// columnCounts says how many columns there are and how many targets each has.
func columnCounts[T any](columns [][]T) string {
	var n []string
	for _, c := range columns {
		n = append(n, fmt.Sprint(len(c)))
	}
	return fmt.Sprintf("%d columns (%s targets)", len(columns), strings.Join(n, ", "))
}

// takeQuestions takes the questions' targets, which the file lists in no column, out of the found ones: they are printed last,
// each question in a row of its own.
func takeQuestions(a *election.AVS, places []avsPlace) (rest []avsPlace, asked [][]avsPlace, err error) {
	rest = slices.Clone(places)
	slices.SortStableFunc(rest, func(a, b avsPlace) int {
		if a.page != b.page {
			return a.page - b.page
		}
		return compare(a.Y, b.Y)
	})
	for i := len(a.Questions) - 1; i >= 0; i-- {
		q := a.Questions[i]
		from := len(rest)
		for from > 0 && (from == len(rest) || rest[from-1].page == rest[from].page && rest[from].Y-rest[from-1].Y < avsRow) {
			from--
		}
		row := slices.Clone(rest[from:])
		if len(row) != len(q.Choices) {
			return nil, nil, avsMismatch("question %q has %d ovals in the file, and the row where it should stand on the blanks has %d", q.Title, len(q.Choices), len(row))
		}
		slices.SortStableFunc(row, func(a, b avsPlace) int { return compare(a.X, b.X) })
		asked = append([][]avsPlace{row}, asked...)
		rest = rest[:from]
	}
	return rest, asked, nil
}

// checkTogether refuses a pairing in which an office's targets lie on two pages, or in rows of another's: one target too
// many and one too few in a column would pass a count.
func checkTogether(a *election.AVS, blanks []BlankArg, paired [][]avsPair) error {
	page, low := -1, 0.0
	for i, c := range paired {
		lo, hi := c[0].place, c[0].place
		for _, p := range c {
			if p.place.page != lo.page {
				return avsMismatch("office %q would have targets on page %d and on page %d", a.Contests[i].Title, blanks[lo.page].Page, blanks[p.place.page].Page)
			}
			if p.place.Y < lo.Y {
				lo = p.place
			}
			if p.place.Y > hi.Y {
				hi = p.place
			}
		}
		if lo.page < page || lo.page == page && lo.Y < low+avsRow {
			return avsMismatch("the targets of office %q would stand in rows of the office before it, on page %d", a.Contests[i].Title, blanks[lo.page].Page)
		}
		page, low = lo.page, hi.Y
	}
	return nil
}

// avsRows makes the contest list: page by page and contest by contest, the columns from left to right. Lines of one name in
// one office are one person whom several parties named.
func avsRows(a *election.AVS, blanks []BlankArg, paired [][]avsPair, asked [][]avsPlace) []election.Row {
	var out []election.Row
	style := blanks[0].Style
	row := func(p avsPlace) election.Row {
		return election.Row{Line: len(out) + 2, Style: style, Page: blanks[p.page].Page, X: p.X, Y: p.Y, HasXY: true}
	}
	titles := make([]string, len(a.Contests), len(a.Contests)+len(asked))
	for i, c := range a.Contests {
		titles[i] = c.Title
	}
	for i, c := range paired {
		named := map[string]int{}
		writeIns := 0
		for _, p := range c {
			if p.name.WriteIn {
				writeIns++
			} else {
				named[p.name.Name]++
			}
		}
		n := 0
		for _, p := range c {
			r := row(p.place)
			r.Contest, r.VoteFor, r.Choice, r.Party = titles[i], a.Contests[i].VoteFor, p.name.Name, p.name.Party
			switch {
			case p.name.WriteIn && writeIns > 1:
				n++
				r.Choice = fmt.Sprintf("Write-in %d", n)
			case named[p.name.Name] > 1 && !p.name.WriteIn:
				r.Candidate = p.name.Name
			}
			out = append(out, r)
		}
	}
	for i, places := range asked {
		for k, p := range places {
			r := row(p)
			r.Contest, r.VoteFor, r.Choice = a.Questions[i].Title, 1, a.Questions[i].Choices[k]
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b election.Row) int { return a.Page - b.Page })
	return out
}
