package audit

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"recount/election"
	"recount/vote"
)

// TotalRow is one line of totals.csv: an interval for a choice, or for one of the special rows, in one part.
type TotalRow struct {
	Contest, Choice, Party string
	Count
	Precinct, Batch string
	// ByHand is how many of Clear come from sheets on which a person decided a target of the contest, or of the straight-party
	// contest whose vote reaches it.
	ByHand int
	// Person is a person's votes on all lines together, on the party-unknown row of one who has several; nil on other rows, and in
	// totals that an older version wrote.
	Person *Count
}

// Totals are a run's totals. The rows are disjoint: each ballot is in one part, so that sums over rows of one choice
// are right.
type Totals struct{ Rows []TotalRow }

var totalsHead = []string{"contest", "choice", "party", "clear", "questionable", "precinct", "batch"}

// totalsMore are columns that older totals do not have.
var totalsMore = []string{"by_hand", "person_clear", "person_questionable"}

// Label is the name of a contest in totals: its title, with the id where another contest has the same title.
func Label(e *election.Election, c *election.Contest) string {
	for i := range e.Contests {
		if o := &e.Contests[i]; o.ID != c.ID && o.Title == c.Title {
			return c.Title + " [" + c.ID + "]"
		}
	}
	return c.Title
}

// Totals gives the rows in a fixed order: parts by precinct and batch; within a part the definition's order of contests
// and choices, the party-unknown lines of cross-endorsed persons, then the special rows; ballots in all at the end.
func (t *Tally) Totals() *Totals {
	out := &Totals{}
	for _, k := range t.keys() {
		p := t.parts[k]
		for i := range t.election.Contests {
			c := &t.election.Contests[i]
			if ct := p.contests[c.ID]; ct != nil {
				out.contest(Label(t.election, c), c, ct, p.byHand[c.ID], k)
			}
		}
	}
	for _, k := range t.keys() {
		p := t.parts[k]
		out.add(BallotsCast, Ballots, "", Count{Clear: p.ballots}, p.handBallots, k)
		out.add(BallotsCast, Sheets, "", Count{Clear: p.sheets}, p.handSheets, k)
	}
	return out
}

func (o *Totals) add(contest, choice, party string, n Count, hand int, k Key) {
	o.Rows = append(o.Rows, TotalRow{Contest: contest, Choice: choice, Party: party, Count: n, Precinct: k.Precinct, Batch: k.Batch, ByHand: hand})
}

// contest adds a contest's rows; hand is its tally of the sheets with decisions, or nil.
func (o *Totals) contest(label string, c *election.Contest, ct, hand *contestTally, k Key) {
	if hand == nil {
		hand = &contestTally{}
	}
	get := func(of *contestTally, key lineKey) Count {
		if n := of.lines[key]; n != nil {
			return *n
		}
		return Count{}
	}
	for i := range c.Choices {
		ch := &c.Choices[i]
		o.add(label, ch.Name, ch.Party, get(ct, lineKey{ch.ID, false}), get(hand, lineKey{ch.ID, false}).Clear, k)
	}
	for i := range c.Choices {
		if !crossEndorsed(c, i) || firstOf(c, i) != i {
			continue
		}
		var n, h Count // the line may have been filed under any of the person's choices
		for j := range c.Choices {
			if samePerson(c, i, j) {
				m := get(ct, lineKey{c.Choices[j].ID, true})
				n.add(m.Clear, m.Questionable)
				h.add(get(hand, lineKey{c.Choices[j].ID, true}).Clear, 0)
			}
		}
		o.add(label, c.Choices[i].Name, vote.Unknown, n, h.Clear, k)
		person := Count{}
		if p := ct.persons[i]; p != nil {
			person = *p
		}
		o.Rows[len(o.Rows)-1].Person = &person
	}
	o.add(label, OverVotes, "", ct.overs, hand.overs.Clear, k)
	o.add(label, UnderVotes, "", ct.unders, hand.unders.Clear, k)
	o.add(label, BallotsOver, "", ct.lost, hand.lost.Clear, k)
	o.add(label, BallotsBlank, "", ct.blank, hand.blank.Clear, k)
	o.add(label, Ballots, "", Count{Clear: ct.ballots}, hand.ballots, k)
}

// WriteCSV writes totals.csv: contest,choice,party,clear,questionable,precinct,batch,by_hand,person_clear,person_questionable.
func (t *Tally) WriteCSV(w io.Writer) error { return t.Totals().WriteCSV(w) }

// WriteCSV writes the rows as totals.csv.
func (o *Totals) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write(append(slices.Clone(totalsHead), totalsMore...)); err != nil {
		return fmt.Errorf("write totals: %w", err)
	}
	for _, r := range o.Rows {
		var person [2]string
		if r.Person != nil {
			person = [2]string{strconv.Itoa(r.Person.Clear), strconv.Itoa(r.Person.Questionable)}
		}
		err := c.Write([]string{r.Contest, r.Choice, r.Party, strconv.Itoa(r.Clear), strconv.Itoa(r.Questionable), r.Precinct, r.Batch, strconv.Itoa(r.ByHand), person[0], person[1]})
		if err != nil {
			return fmt.Errorf("write totals: %w", err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write totals: %w", err)
	}
	return nil
}

// maxFile bounds a table that is read: a whole state's precincts fit in a tenth of it.
const maxFile = 256 << 20

// maxCount is the largest number of votes believed: more than there are people.
const maxCount = 10_000_000_000

// ReadError says what is wrong with a table, where, and how to mend it. Line and Column count from 1; Column counts
// fields and is 0 where the whole line is meant; Line is 0 where the whole file is.
type ReadError struct {
	File         string
	Line, Column int
	Path         string // the place inside JSON, where it is known
	Detail, Mend string
	Err          error
}

// Error gives the place, the fault and the mend.
func (e *ReadError) Error() string {
	s := e.File
	if e.Line > 0 {
		s += fmt.Sprintf(": line %d", e.Line)
	}
	if e.Column > 0 {
		s += fmt.Sprintf(", column %d", e.Column)
	}
	if e.Path != "" {
		s += ": " + e.Path
	}
	s += ": " + e.Detail
	if e.Mend != "" {
		s += ": " + e.Mend
	}
	return s
}

// Unwrap gives the reader's own error, or nil.
func (e *ReadError) Unwrap() error { return e.Err }

// readText reads a whole table, within the bound, as UTF-8 without its byte order mark.
func readText(name string, r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return "", &ReadError{File: name, Detail: "cannot be read (" + err.Error() + ")", Mend: "try again, or copy the file to this computer first", Err: err}
	}
	if len(b) > maxFile {
		return "", &ReadError{File: name, Detail: fmt.Sprintf("is larger than %d MiB", maxFile>>20), Mend: "split it by precinct"}
	}
	s := string(b)
	if strings.HasPrefix(s, "\xFF\xFE") || strings.HasPrefix(s, "\xFE\xFF") {
		// Spreadsheets save "Unicode text" so.
		if s, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().String(s); err != nil {
			return "", &ReadError{File: name, Detail: "is UTF-16 text that cannot be decoded", Mend: "save it as CSV UTF-8", Err: err}
		}
	}
	s = strings.TrimPrefix(s, "\uFEFF")
	if !utf8.ValidString(s) {
		line := 1
		for i, c := range s {
			if c == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
				break
			}
			if c == '\n' {
				line++
			}
		}
		return "", &ReadError{File: name, Line: line, Detail: "is not UTF-8 text", Mend: "save it as CSV UTF-8"}
	}
	if strings.ContainsRune(s, 0) {
		return "", &ReadError{File: name, Detail: "holds zero bytes, so it is no text", Mend: "export the table as CSV"}
	}
	if strings.TrimSpace(s) == "" {
		return "", &ReadError{File: name, Detail: "is empty", Mend: "export the table again"}
	}
	return s, nil
}

// parseError turns the CSV reader's error into one with a mend.
func parseError(name string, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return &ReadError{File: name, Line: p.Line, Detail: p.Err.Error(), Mend: "close the quotation marks and double those inside a field", Err: err}
	}
	return &ReadError{File: name, Detail: err.Error(), Mend: "export the table as CSV again", Err: err}
}

// ReadTotals reads totals.csv back. name is the file's name, for errors, which are *ReadError.
func ReadTotals(name string, r io.Reader) (*Totals, error) {
	text, err := readText(name, r)
	if err != nil {
		return nil, err
	}
	c := csv.NewReader(strings.NewReader(text))
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	head, err := c.Read()
	if err != nil {
		return nil, parseError(name, err)
	}
	if len(head) < len(totalsHead) || strings.Join(head[:len(totalsHead)], ",") != strings.Join(totalsHead, ",") {
		return nil, &ReadError{File: name, Line: 1, Detail: "the header is not " + strings.Join(totalsHead, ","), Mend: "give a run's totals.csv"}
	}
	wide, hand := len(head), slices.Index(head, "by_hand")
	clear, open := slices.Index(head, "person_clear"), slices.Index(head, "person_questionable")
	out := &Totals{}
	for {
		f, err := c.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, parseError(name, err)
		}
		line, _ := c.FieldPos(0)
		if len(f) != wide {
			return nil, &ReadError{File: name, Line: line, Detail: fmt.Sprintf("has %d fields, the header %d", len(f), wide), Mend: "make the run again"}
		}
		row := TotalRow{Contest: f[0], Choice: f[1], Party: f[2], Precinct: f[5], Batch: f[6]}
		var person Count
		cols := []struct {
			at  int
			dst *int
		}{{3, &row.Clear}, {4, &row.Questionable}, {hand, &row.ByHand}}
		if clear >= 0 && open >= 0 && f[clear]+f[open] != "" {
			row.Person = &person
			cols = append(cols, []struct {
				at  int
				dst *int
			}{{clear, &person.Clear}, {open, &person.Questionable}}...)
		}
		for _, col := range cols {
			if col.at < 0 {
				continue
			}
			n, err := strconv.Atoi(f[col.at])
			if err != nil || n < 0 || n > maxCount {
				return nil, &ReadError{File: name, Line: line, Column: col.at + 1, Detail: fmt.Sprintf("%.40q is no count of votes", f[col.at]), Mend: "make the run again", Err: err}
			}
			*col.dst = n
		}
		out.Rows = append(out.Rows, row)
	}
}
