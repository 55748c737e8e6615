package cvr

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// The names of a Dominion table's contests say how many votes they allow.
var (
	voteForName = regexp.MustCompile(`(?i)\s*\(Vote\s*For\s*[=:]?\s*(\d+)\s*\)`)
	rankedName  = regexp.MustCompile(`(?i)^(.*?)\s*\(Number of positions\s*=\s*(\d+)\s*,\s*Number of ranks\s*=\s*(\d+)\)\s*$`)
	rankedCell  = regexp.MustCompile(`^(.*?)\s*\((\d{1,3})\)$`)
)

// readDominionCSV reads Dominion's table: the election's name, a row of contests, a row of choices, a row of headers with
// the parties, and a row a sheet with 1, 0 or nothing (the contest is not on the card).
func (x *Export) readDominionCSV(e *entry, r io.Reader, each func(*MachineRecord) error) error {
	t, err := newTable(r, true)
	if err != nil {
		return err
	}
	cols, choices, wide, err := x.dominionHead(e, t)
	if err != nil {
		return err
	}
	skipped := 0
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := t.width(row, wide); err != nil {
			return err
		}
		rec := &MachineRecord{
			ID: cols.get(row, "cvrnumber"), Imprinted: cols.get(row, "imprintedid", "uniquevotingidentifier"),
			Tabulator: cols.get(row, "tabulatornum"), Batch: cols.get(row, "batchid"), Record: cols.get(row, "recordid"),
			CountGroup: cols.get(row, "countinggroup", "notcountinggroup"), Precinct: cols.get(row, "precinctportion", "precinct"),
			Style: cols.get(row, "ballottype"), Line: t.line, serial: true,
		}
		if rec.Imprinted == "" && (rec.Tabulator == "" || rec.Batch == "") && rec.Record == "" {
			// Counties that may not publish single ballots of small precincts put sums or bare rows in their place.
			if skipped++; skipped == 1 {
				x.note("%s: line %d names no tabulator, batch or record (%.60q): it is no record and is not counted", e.name, t.line, row[0])
			}
			continue
		}
		if len(row) < wide-trailing(choices, wide) {
			return &ReadError{Line: t.line, Detail: fmt.Sprintf("has %d fields, the header %d", len(row), wide), Mend: "export the table again: the row is cut off"}
		}
		if rec.Contests, err = voteCells(t.line, row, choices); err != nil {
			return err
		}
		if err := each(rec); err != nil {
			return err
		}
	}
	if skipped > 0 {
		x.Lost += skipped
		x.note("%s: rows that are no records and are not counted: %d", e.name, skipped)
	}
	return nil
}

// trailing is by how much a row may be shorter than the header: the columns at the end that belong to no choice.
func trailing(choices []tableColumn, wide int) int {
	n := 0
	for n < wide && choices[wide-1-n].contest < 0 {
		n++
	}
	return n
}

// dominionHead reads the four rows at the top. choices has an entry a column, contest -1 where it is none of a choice.
func (x *Export) dominionHead(e *entry, t *table) (columns, []tableColumn, int, error) {
	var rows [][]string
	var lines []int
	var cols columns
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil, nil, 0, &ReadError{Detail: "no row with CvrNumber, TabulatorNum and RecordId", Mend: "give a Dominion CVR export"}
		}
		if err != nil {
			return nil, nil, 0, err
		}
		rows, lines = append(rows, append([]string{}, row...)), append(lines, t.line)
		if cols = columnsOf(row); cols.has("recordid") || cols.has("tabulatornum") || cols.has("cvrnumber") {
			break
		}
		if len(rows) > 6 {
			return nil, nil, 0, &ReadError{Line: t.line, Detail: "no row with CvrNumber, TabulatorNum and RecordId", Mend: "give a Dominion CVR export"}
		}
	}
	line := t.line
	for _, n := range [][]string{{"tabulatornum"}, {"batchid"}, {"recordid"}} {
		if err := cols.need(line, n...); err != nil {
			return nil, nil, 0, err
		}
	}
	if len(rows) < 3 {
		return nil, nil, 0, &ReadError{Line: line, Detail: "no rows of contests and choices above the headers", Mend: "export the table again"}
	}
	n := len(rows)
	titles, names, heads := rows[n-3], rows[n-2], rows[n-1]
	wide := max(len(titles), len(names), len(heads))
	at := func(row []string, i int) string {
		if i < len(row) {
			return row[i]
		}
		return ""
	}
	choices := make([]tableColumn, wide)
	seen := map[[3]int]int{}
	ended := map[int]bool{} // contests with columns of another after them
	last := -1
	for i := range wide {
		choices[i] = tableColumn{contest: -1}
		title, name := at(titles, i), at(names, i)
		switch {
		case title == "" && name == "":
			continue
		case title == "":
			return nil, nil, 0, &ReadError{Line: lines[n-2], Column: i + 1, Detail: fmt.Sprintf("choice %.60q has no contest above it", name), Mend: "export the table again"}
		case name == "":
			return nil, nil, 0, &ReadError{Line: lines[n-2], Column: i + 1, Detail: fmt.Sprintf("contest %.60q has a column without a choice", title), Mend: "export the table again"}
		}
		c, err := x.dominionColumn(title, name, at(heads, i), seen)
		if err != nil {
			return nil, nil, 0, &ReadError{Line: lines[n-2], Column: i + 1, Detail: err.Error(), Mend: "check that this is the right kind of export", Err: err}
		}
		choices[i] = c
		if last >= 0 && last != c.contest {
			ended[last] = true
		}
		if last = c.contest; ended[last] {
			x.note("%s: line %d, column %d: contest %.80q stands in several places of the header, and its columns are taken as one contest", e.name, lines[n-3], i+1, x.Roster.Label(last))
			delete(ended, last)
		}
	}
	return cols, choices, wide, nil
}

func (x *Export) dominionColumn(title, name, party string, seen map[[3]int]int) (tableColumn, error) {
	allowed, ranks, rank := 0, 0, 0
	if m := rankedName.FindStringSubmatch(title); m != nil {
		title = m[1]
		allowed, ranks = small(m[2]), small(m[3])
		if c := rankedCell.FindStringSubmatch(name); c != nil && ranks > 1 {
			name, rank = c[1], small(c[2])
		}
	} else if m := voteForName.FindStringSubmatchIndex(title); m != nil {
		// A party may stand behind it: "Mayor (Vote For=1) - DEM".
		title, allowed = strings.TrimSpace(title[:m[0]]+title[m[1]:]), small(title[m[2]:m[3]])
	}
	contest, err := x.Roster.contestFor(title, allowed)
	if err != nil {
		return tableColumn{}, err
	}
	x.Roster.voteFor(contest, allowed, ranks)
	x.Roster.settle(contest)
	choice, err := x.columnChoice(contest, rank, RosterChoice{Name: name, Party: party}, seen)
	return tableColumn{contest, choice, rank}, err
}
