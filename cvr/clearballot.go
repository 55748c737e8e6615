package cvr

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

var clearVoteFor = regexp.MustCompile(`(?i)^(?:Vote For|Number of Winners)\s+(\d+)$`)

// clearColumn is the header of one choice's column, taken apart.
type clearColumn struct {
	contest, choice, party string
	allowed, rank          int
}

// readClearBallot reads Clear Ballot's table: a row a ballot, a column a choice (and rank), its header
// "Choice_ID_PARTY:contest:Vote For N:choice:party" or, ranked, "...:contest:rank:Vote For N:choice:party".
func (x *Export) readClearBallot(e *entry, r io.Reader, each func(*MachineRecord) error) error {
	t, err := newTable(r, false)
	if err != nil {
		return err
	}
	head, err := t.next()
	if errors.Is(err, io.EOF) {
		return &ReadError{Detail: "is empty", Mend: "export the records again"}
	}
	if err != nil {
		return err
	}
	head = append([]string{}, head...)
	cols := columnsOf(head)
	for _, n := range []string{"boxid", "boxposition", "ballotid"} {
		if err := cols.need(t.line, n); err != nil {
			return err
		}
	}
	choices, err := x.clearHead(t.line, head)
	if err != nil {
		return err
	}
	unread := 0
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
		if len(row) < len(head) {
			return &ReadError{Line: t.line, Detail: fmt.Sprintf("has %d fields, the header %d", len(row), len(head)), Mend: "export the table again: the row is cut off"}
		}
		id := cols.get(row, "ballotid")
		if id == "" {
			return &ReadError{Line: t.line, Column: cols["ballotid"] + 1, Detail: "no BallotID", Mend: "export the table again"}
		}
		// -1 is a ballot that could not be read, until a person has remade it.
		if cols.get(row, "status") == "-1" && cols.get(row, "remade") == "0" {
			unread++
		}
		rec := &MachineRecord{
			ID: id, Image: id, Tabulator: cols.get(row, "scancomputername"), Batch: cols.get(row, "boxid"), Record: cols.get(row, "boxposition"),
			Precinct: cols.get(row, "precinctstylename", "precinctid"), Style: cols.get(row, "ballotstyleid"), Line: t.line,
		}
		if rec.Contests, err = voteCells(t.line, row, choices); err != nil {
			return err
		}
		if err := each(rec); err != nil {
			return err
		}
	}
	if unread > 0 {
		x.note("%s: ballots that the machine could not read and nobody remade: %d; what their rows hold is counted", e.name, unread)
	}
	return nil
}

// clearHead finds the columns of the choices.
func (x *Export) clearHead(line int, head []string) ([]tableColumn, error) {
	parsed := make([]*clearColumn, len(head))
	ranked := map[string]bool{} // contests that have a first rank
	found := false
	for i, h := range head {
		if !strings.HasPrefix(h, "Choice_") {
			continue
		}
		c, ok := splitClear(h)
		if !ok {
			return nil, &ReadError{Line: line, Column: i + 1, Detail: fmt.Sprintf("%.80q does not name a contest, how many votes it allows, and a choice", h), Mend: "export the table again"}
		}
		parsed[i], found = c, true
		ranked[c.contest] = ranked[c.contest] || c.rank == 1
	}
	if !found {
		return nil, &ReadError{Line: line, Detail: "no column begins with Choice_", Mend: "export the table with its choices"}
	}
	choices := make([]tableColumn, len(head))
	seen := map[[3]int]int{}
	for i, c := range parsed {
		choices[i] = tableColumn{contest: -1}
		if c == nil {
			continue
		}
		if c.rank > 0 && !ranked[c.contest] {
			// A number at the end of a title is a rank only where there is a first one.
			c.contest, c.rank = fmt.Sprintf("%s:%d", c.contest, c.rank), 0
		}
		contest, err := x.Roster.contestFor(c.contest, c.allowed)
		if err != nil {
			return nil, err
		}
		x.Roster.voteFor(contest, c.allowed, c.rank)
		x.Roster.settle(contest)
		choice, err := x.columnChoice(contest, c.rank, RosterChoice{Name: c.choice, Party: c.party}, seen)
		if err != nil {
			return nil, err
		}
		choices[i] = tableColumn{contest, choice, c.rank}
	}
	return choices, nil
}

// splitClear takes a header apart. Titles and names may hold colons; what says how many votes are allowed stands between
// them.
func splitClear(h string) (*clearColumn, bool) {
	f := strings.Split(h, ":")
	for k := 2; k < len(f)-1; k++ {
		m := clearVoteFor.FindStringSubmatch(strings.TrimSpace(f[k]))
		if m == nil {
			continue
		}
		c := &clearColumn{allowed: small(m[1])}
		title := f[1:k]
		if last := title[len(title)-1]; len(title) > 1 && digits(last) == len(last) && small(last) > 0 {
			c.rank, title = small(last), title[:len(title)-1]
		}
		rest := f[k+1:]
		if len(rest) > 1 {
			c.party, rest = strings.TrimSpace(rest[len(rest)-1]), rest[:len(rest)-1]
		}
		c.contest, c.choice = strings.TrimSpace(strings.Join(title, ":")), strings.TrimSpace(strings.Join(rest, ":"))
		return c, c.contest != "" && c.choice != ""
	}
	return nil, false
}
