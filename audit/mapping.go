package audit

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"recount/election"
)

// Mapping is what a person said about names that are not the same in two systems.
type Mapping struct {
	Pairs []Pairing // confirmed

	no    []Pairing
	file  string
	lines []int // of Pairs
}

var mappingHead = []string{"their_contest", "their_choice", "their_party", "our_contest", "our_choice", "our_party", "how", "confirmed"}

// maxMapping bounds a mapping: names, not ballots.
const maxMapping = 1_000_000

// find is what a person confirmed of a name, or nil.
func (m *Mapping) find(contest, choice, partyName string) *Pairing {
	if m == nil {
		return nil
	}
	return named3(m.Pairs, contest, choice, partyName)
}

// refused says that a person was asked and said no.
func (m *Mapping) refused(contest, choice, partyName string) bool {
	return m != nil && named3(m.no, contest, choice, partyName) != nil
}

// check refuses a confirmed row whose name of ours is none: it would be passed over as if nobody had said anything. A name of
// theirs that is not there is no fault: one mapping serves the files of many machines.
func (m *Mapping) check(e *election.Election) error {
	if m == nil {
		return nil
	}
	for i := range m.Pairs {
		p := &m.Pairs[i]
		wrong := func(what, name string, have []string) error {
			err := &ReadError{File: m.file, Line: m.lines[i], Detail: fmt.Sprintf("the ballots have no %s %.80q", what, name), Mend: "write it as the definition does"}
			if near := nearest(name, have); len(near) > 0 {
				err.Mend += fmt.Sprintf(", perhaps %.80q", near[0])
			}
			return err
		}
		at := slices.IndexFunc(e.Contests, func(c election.Contest) bool { return Label(e, &c) == p.Contest })
		if at < 0 {
			var titles []string
			for k := range e.Contests {
				titles = append(titles, Label(e, &e.Contests[k]))
			}
			return wrong("contest", p.Contest, titles)
		}
		if p.Choice == "" {
			continue
		}
		c := &e.Contests[at]
		if _, ok := mappedChoice(c, p); !ok {
			var shown []string
			for k := range c.Choices {
				shown = append(shown, lineName(c.Choices[k].Name, c.Choices[k].Party))
			}
			return wrong("choice", lineName(p.Choice, p.Party), shown)
		}
	}
	return nil
}

func named3(ps []Pairing, contest, choice, partyName string) *Pairing {
	i := slices.IndexFunc(ps, func(p Pairing) bool {
		return p.TheirContest == contest && p.TheirChoice == choice && p.TheirParty == partyName
	})
	if i < 0 {
		return nil
	}
	return &ps[i]
}

// WriteProposals writes a mapping CSV: what m (which may be nil) has answered, and the proposals, whose column "confirmed" is
// empty: a person puts yes or no there.
func WriteProposals(w io.Writer, m *Mapping, proposals []Pairing) error {
	out := csv.NewWriter(w)
	rows := [][]string{mappingHead}
	add := func(ps []Pairing, answer string) {
		for _, p := range ps {
			rows = append(rows, []string{p.TheirContest, p.TheirChoice, p.TheirParty, p.Contest, p.Choice, p.Party, string(p.How), answer})
		}
	}
	if m != nil {
		add(m.Pairs, "yes")
		add(m.no, "no")
	}
	add(proposals, "")
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write mapping: %w", err)
	}
	return nil
}

// ReadMapping reads a mapping CSV: their_contest,their_choice,their_party,our_contest,our_choice,our_party,how,confirmed.
// A row counts where confirmed is yes; no takes the proposal away; an empty one leaves it open. Errors are *ReadError.
func ReadMapping(name string, r io.Reader) (*Mapping, error) {
	m := &Mapping{file: name}
	err := readTable(name, r, mappingHead, func(line int, f []string) error {
		p := Pairing{f[0], f[1], f[2], f[3], f[4], f[5], Confirmed}
		switch strings.ToLower(strings.TrimSpace(f[7])) {
		case "yes", "y":
			if p.Contest == "" || p.TheirContest == "" || (p.Choice == "") != (p.TheirChoice == "") {
				return &ReadError{File: name, Line: line, Detail: "a confirmed row does not name both sides", Mend: "name their and our contest, and both choices or none"}
			}
			if old := named3(m.Pairs, p.TheirContest, p.TheirChoice, p.TheirParty); old != nil && *old != p {
				return &ReadError{File: name, Line: line, Detail: fmt.Sprintf("%.80q is confirmed twice, with two meanings", strings.TrimSpace(p.TheirContest+" "+lineName(p.TheirChoice, p.TheirParty))), Mend: "keep one"}
			}
			m.Pairs, m.lines = append(m.Pairs, p), append(m.lines, line)
		case "no", "n":
			m.no = append(m.no, p)
		case "":
		default:
			return &ReadError{File: name, Line: line, Column: 8, Detail: fmt.Sprintf("%.40q is neither yes nor no", f[7]), Mend: "write yes, no or nothing"}
		}
		return nil
	})
	return m, err
}

// ReadSheetMapping reads a CSV of sheet,record: which record of the machine's a sheet is. A sheet is named by any of its
// images, a record by its ID, the number printed on the paper, or tabulator-batch-record. Errors are *ReadError.
func ReadSheetMapping(name string, r io.Reader) (map[string]string, error) {
	out := map[string]string{}
	err := readTable(name, r, []string{"sheet", "record"}, func(line int, f []string) error {
		if f[0] == "" || f[1] == "" {
			return &ReadError{File: name, Line: line, Detail: "a sheet or a record without a name", Mend: "fill in both columns, or take the line out"}
		}
		if old, ok := out[f[0]]; ok && old != f[1] {
			return &ReadError{File: name, Line: line, Detail: fmt.Sprintf("sheet %.80q has two records", f[0]), Mend: "keep one"}
		}
		out[f[0]] = f[1]
		return nil
	})
	return out, err
}

// readTable reads a small table that begins with the columns given.
func readTable(name string, r io.Reader, want []string, row func(line int, f []string) error) error {
	text, err := readText(name, r)
	if err != nil {
		return err
	}
	c := csv.NewReader(strings.NewReader(text))
	c.FieldsPerRecord = -1
	c.Comma = separator(text)
	head, err := c.Read()
	if err != nil {
		return parseError(name, err)
	}
	if len(head) < len(want) || !slices.Equal(head[:len(want)], want) {
		return &ReadError{File: name, Line: 1, Detail: "the header is not " + strings.Join(want, ","), Mend: "begin the table with that line"}
	}
	for n := 0; ; n++ {
		f, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return parseError(name, err)
		}
		line, _ := c.FieldPos(0)
		if len(f) < len(want) || n >= maxMapping {
			return &ReadError{File: name, Line: line, Detail: fmt.Sprintf("has %d fields, the header %d", len(f), len(head)), Mend: "keep every column, and at most a million lines"}
		}
		if err := row(line, f); err != nil {
			return err
		}
	}
}
