package cvr

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// FlatCSV is the table that Convert writes as records.csv: a row a mark, and a row for a contest without one. The rows of a record
// follow one another.
const FlatCSV Kind = "csv"

// flatHead are its columns.
var flatHead = []string{"id", "imprinted", "tabulator", "batch", "record", "sheet", "image", "precinct", "style", "count_group",
	"contest", "choice", "party", "rank", "votes", "doubt", "write_in", "overvotes", "undervotes", "status"}

// flatSheet is how many of the columns are the record's own.
const flatSheet = 10

// readFlat reads the table back. What it does not hold is unknown: how many votes a contest allows, and names that no record marks.
func (x *Export) readFlat(r io.Reader, each func(*MachineRecord) error) error {
	t, err := newTable(r, false)
	if err != nil {
		return err
	}
	head, err := t.next()
	if errors.Is(err, io.EOF) {
		return &ReadError{Detail: "is empty", Mend: "write the table again"}
	}
	if err != nil {
		return err
	}
	head = append([]string{}, head...)
	cols := columnsOf(head)
	for _, n := range flatHead {
		if err := cols.need(t.line, columnName(n)); err != nil {
			return err
		}
	}
	var rec *MachineRecord
	var own [flatSheet]string
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := t.width(row, len(head)); err != nil {
			return err
		}
		var is [flatSheet]string
		for i := range is {
			is[i] = cols.get(row, columnName(flatHead[i]))
		}
		if is[0] == "" && (is[2] == "" || is[3] == "" || is[4] == "") {
			return &ReadError{Line: t.line, Column: cols["id"] + 1, Detail: "neither an id nor a tabulator, batch and record: nothing tells where the record ends", Mend: "number the records"}
		}
		if rec == nil || is != own {
			if rec != nil {
				if err := each(rec); err != nil {
					return err
				}
			}
			own = is
			rec = &MachineRecord{ID: is[0], Imprinted: is[1], Tabulator: is[2], Batch: is[3], Record: is[4], Sheet: is[5], Image: is[6], Precinct: is[7], Style: is[8], CountGroup: is[9],
				Line: t.line, serial: digits(is[0]) == len(is[0])}
		}
		if err := x.flatRow(t.line, row, cols, rec); err != nil {
			return err
		}
	}
	if rec != nil {
		return each(rec)
	}
	return nil
}

// flatRow adds a row's mark to its record.
func (x *Export) flatRow(line int, row []string, cols columns, rec *MachineRecord) error {
	fail := func(column, what string) error {
		return &ReadError{Line: line, Column: cols[columnName(column)] + 1, Detail: what, Mend: "write the table again"}
	}
	number := func(column string, none int) (int, error) {
		s := cols.get(row, columnName(column))
		if s == "" {
			return none, nil
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > maxRank {
			return 0, fail(column, fmt.Sprintf("%.40q is no number of %s", s, column))
		}
		return n, nil
	}
	title, choice := cols.get(row, "contest"), cols.get(row, "choice")
	if title == "" {
		return fail("contest", "the contest has no name")
	}
	contest, err := x.Roster.contest("", title)
	if err != nil {
		return err
	}
	over, err := number("overvotes", Unstated)
	if err != nil {
		return err
	}
	under, err := number("undervotes", Unstated)
	if err != nil {
		return err
	}
	status := cols.get(row, "status")
	if status != "" && status != "overvoted" && status != "invalid" {
		return fail("status", fmt.Sprintf("%.40q is no status: overvoted, invalid or nothing", status))
	}
	last := len(rec.Contests) - 1
	for i := range rec.Contests {
		if rec.Contests[i].Contest == contest && (i < last || choice == "") {
			return fail("contest", fmt.Sprintf("contest %.80q stands twice on the record: give each record an id of its own", title))
		}
	}
	if last < 0 || rec.Contests[last].Contest != contest {
		rec.Contests = append(rec.Contests, MachineContest{Contest: contest, Overvotes: over, Undervotes: under, Overvoted: status == "overvoted", Invalid: status == "invalid"})
		last++
	} else if c := &rec.Contests[last]; c.Overvotes != over || c.Undervotes != under || c.Overvoted != (status == "overvoted") || c.Invalid != (status == "invalid") {
		return fail("contest", fmt.Sprintf("the rows of contest %.80q say different things of it", title))
	}
	if choice == "" {
		return nil
	}
	m := MachineMark{WriteIn: cols.get(row, "writein")}
	if m.Rank, err = number("rank", 0); err != nil {
		return err
	}
	if m.Votes, err = number("votes", 0); err != nil {
		return err
	}
	switch doubt := cols.get(row, "doubt"); doubt {
	case "yes":
		m.Doubt = true
	case "no", "":
	default:
		return fail("doubt", fmt.Sprintf("%.40q is neither yes nor no", doubt))
	}
	x.Roster.voteFor(contest, 0, m.Rank)
	if m.Choice, err = x.Roster.choice(contest, RosterChoice{Name: choice, Party: cols.get(row, "party")}); err != nil {
		return err
	}
	if c := &rec.Contests[last]; len(c.Marks) >= maxChoices {
		return fail("choice", "more marks than any ballot has")
	}
	rec.Contests[last].Marks = append(rec.Contests[last].Marks, m)
	return nil
}
