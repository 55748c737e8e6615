package cvr

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// essKnown are the columns of an ES&S table that are no contests, in the form of columnName.
var essKnown = map[string]bool{"castvoterecord": true, "precinct": true, "precinctid": true, "precinctname": true, "ballotstyle": true, "batch": true,
	"ballotstatus": true, "reportinggroup": true, "countinggroup": true, "tabulatorcvr": true, "tabulator": true, "auditnumber": true, "machine": true,
	"pollingplace": true, "originalballotexception": true, "remainingballotexception": true, "writeintype": true, "resultsreport": true}

var (
	essNth    = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th)\s+choice\b`)
	essChoice = regexp.MustCompile(`(?i)\b(?:choice|rank)\s+(\d{1,2})$`)
	essNumber = regexp.MustCompile(`\s*\(\d{3,}\)$`)
)

// rows is a table or a spreadsheet.
type rows interface {
	// next gives the next row that is not empty; io.EOF ends it.
	next() ([]string, error)
	// at is the line of the row last read.
	at() int
	// wide is how many columns may hold votes under a header that goes on without a name.
	wide(header int) int
	// picture says whether a picture lies on a cell of the row last read: a name written by hand.
	picture(column int) bool
}

func (t *table) at() int          { return t.line }
func (t *table) picture(int) bool { return false }
func (t *table) wide(n int) int   { return n }

// essColumns are the columns of one contest.
type essContest struct {
	contest int
	columns []int
	ranks   []int // of the columns, or nil where the contest is not ranked
}

// readESS reads ES&S's records: a row a ballot, a column a contest with the choice in words. A contest of several votes
// has as many columns, a ranked one a column a rank.
func (x *Export) readESS(e *entry, r io.Reader, each func(*MachineRecord) error) error {
	t, done, err := x.essRows(e, r)
	if err != nil {
		return err
	}
	defer done()
	if err := x.essJoin(); err != nil {
		return err
	}
	w, ok := t.(*workbook)
	if !ok {
		return x.essTable(e, t, each)
	}
	for _, name := range w.ballots {
		x.note("%s: sheet %q is a table of ballots and is passed over: save it as CSV, and its batches and groups are joined to the records", e.name, name)
	}
	for {
		more, err := w.sheet()
		if err != nil || !more {
			return err
		}
		if err := x.essTable(e, w, each); err != nil {
			var re *ReadError
			if errors.As(err, &re) && len(w.sheets) > 1 {
				re.Path = fmt.Sprintf("sheet %q", w.sheets[w.open-1])
			}
			return err
		}
	}
}

// essTable reads one table of records.
func (x *Export) essTable(e *entry, t rows, each func(*MachineRecord) error) error {
	head, contests, wide, err := x.essHead(t)
	if err != nil {
		return err
	}
	last := len(head)
	cols := columnsOf(head)
	missing := 0
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		for i := last; i < len(row); i++ {
			if row[i] == "" {
				continue
			}
			// A header may leave its last columns without a name: they go on with the last contest, once they hold something.
			if i >= wide || contests[len(contests)-1].ranks != nil {
				return &ReadError{Line: t.at(), Column: i + 1, Detail: fmt.Sprintf("has %d fields, the header %d", len(row), len(head)),
					Mend: "put quotation marks around a field that holds a comma"}
			}
			c := &contests[len(contests)-1]
			for ; last <= i; last++ {
				c.columns = append(c.columns, last)
			}
			x.Roster.voteFor(c.contest, len(c.columns), 0)
		}
		rec := &MachineRecord{
			ID: cols.get(row, "castvoterecord"), Precinct: cols.get(row, "precinct", "precinctname", "precinctid"), Style: cols.get(row, "ballotstyle"),
			Batch: cols.get(row, "batch"), CountGroup: cols.get(row, "reportinggroup", "countinggroup"), Line: t.at(),
		}
		if rec.ID == "" || strings.HasPrefix(strings.ToLower(rec.ID), "total") {
			x.Lost++
			x.note("%s: line %d has no Cast Vote Record number (%.60q): it is not counted", e.name, t.at(), rec.ID)
			continue
		}
		if b, ok := x.joined[rec.ID]; ok {
			if !b.used {
				b.used = true
				x.joined[rec.ID] = b
			}
			rec.Batch, rec.CountGroup, rec.Tabulator, rec.Record, rec.Imprinted = b.batch, b.group, b.tabulator, b.record, b.imprinted
			if rec.Style == "" {
				rec.Style = b.style
			}
		} else if len(x.ballots) > 0 {
			missing++
		}
		for i := range contests {
			mc, ok, err := x.essVotes(t, row, &contests[i])
			if err != nil {
				return err
			}
			if ok {
				rec.Contests = append(rec.Contests, mc)
			}
		}
		if err := each(rec); err != nil {
			return err
		}
	}
	if missing > 0 {
		x.note("%s: records that the Ballots table does not list: %d", e.name, missing)
	}
	return nil
}

// essHead finds the header's row and the columns of each contest.
func (x *Export) essHead(t rows) (head []string, out []essContest, wide int, err error) {
	for n := 0; ; n++ {
		row, err := t.next()
		if errors.Is(err, io.EOF) || n > 20 {
			return nil, nil, 0, &ReadError{Detail: "no row begins with Cast Vote Record", Mend: "give an ES&S CVR export"}
		}
		if err != nil {
			return nil, nil, 0, err
		}
		if columnsOf(row).has("castvoterecord") {
			head = append(head, row...)
			break
		}
	}
	wide = t.wide(len(head))
	for len(head) > 0 && head[len(head)-1] == "" {
		head = head[:len(head)-1]
	}
	first := map[string]bool{} // contests that have a first rank
	for _, h := range head {
		if title, rank := essTitle(h); rank == 1 {
			first[title] = true
		}
	}
	at := map[int]int{} // by contest
	last := -1
	for i, h := range head {
		if essKnown[columnName(h)] {
			last = -1
			continue
		}
		// A header that is empty goes on with the contest before it.
		if h == "" {
			if last >= 0 && out[last].ranks == nil {
				out[last].columns = append(out[last].columns, i)
			}
			continue
		}
		title, rank := essTitle(h)
		if !first[title] {
			title, rank = h, 0 // "School Choice 2" is a title
		}
		c, err := x.Roster.contest("", title)
		if err != nil {
			return nil, nil, 0, err
		}
		n, ok := at[c]
		if !ok {
			n = len(out)
			at[c] = n
			out = append(out, essContest{contest: c})
		}
		out[n].columns = append(out[n].columns, i)
		if rank > 0 {
			out[n].ranks = append(out[n].ranks, rank)
		}
		last = n
	}
	for i := range out {
		c := &out[i]
		x.Roster.settle(c.contest)
		if len(c.ranks) != len(c.columns) {
			c.ranks = nil
		}
		if c.ranks != nil {
			x.Roster.voteFor(c.contest, 1, len(c.ranks))
			continue
		}
		// The columns of a contest are the votes it allows.
		x.Roster.voteFor(c.contest, len(c.columns), 0)
	}
	if len(out) == 0 {
		return nil, nil, 0, &ReadError{Line: t.at(), Detail: "no column of a contest", Mend: "give an ES&S CVR export"}
	}
	return head, out, wide, nil
}

// essTitle takes the rank out of a header: "DEM Governor 2nd Choice (5718)" is rank 2 of DEM Governor.
func essTitle(h string) (title string, rank int) {
	plain := essNumber.ReplaceAllString(h, "")
	for _, re := range []*regexp.Regexp{essNth, essChoice} {
		if m := re.FindStringSubmatchIndex(plain); m != nil {
			title = strings.Join(strings.Fields(plain[:m[0]]+" "+plain[m[1]:]), " ")
			if title = strings.TrimRight(title, " -,:"); title == "" {
				title = "Ranked contest"
			}
			return title, small(plain[m[2]:m[3]])
		}
	}
	return h, 0
}

// essVotes reads one contest of a row; false where it is not on the ballot.
func (x *Export) essVotes(t rows, row []string, c *essContest) (MachineContest, bool, error) {
	out := MachineContest{Contest: c.contest, Overvotes: Unstated, Undervotes: Unstated}
	empty, under := 0, 0
	for k, i := range c.columns {
		v := ""
		if i < len(row) {
			v = row[i]
		}
		rank := 0
		if c.ranks != nil {
			rank = c.ranks[k]
		}
		switch columnName(v) {
		case "":
			if v != "" {
				break // a name in other letters
			}
			if !t.picture(i) {
				empty++
				continue
			}
			v = WriteInName
		case "undervote", "undervotes", "undervoted", "blank", "skipped":
			under++
			continue
		case "overvote", "overvotes", "overvoted":
			if rank <= 1 {
				out.Overvoted = true
			}
			continue
		}
		ch := RosterChoice{Name: v, WriteIn: writeIn.MatchString(v)}
		if ch.WriteIn {
			ch.Name = WriteInName
		}
		choice, err := x.Roster.choice(c.contest, ch)
		if err != nil {
			return out, false, &ReadError{Line: t.at(), Column: i + 1, Detail: err.Error(), Mend: "check that this is the right kind of export", Err: err}
		}
		m := MachineMark{Choice: choice, Rank: rank, Votes: 1}
		if ch.WriteIn && !strings.EqualFold(v, WriteInName) {
			m.WriteIn = v
		}
		out.Marks = append(out.Marks, m)
	}
	if empty == 0 && !out.Overvoted && c.ranks == nil {
		out.Undervotes = under
	}
	return out, empty < len(c.columns), nil
}
