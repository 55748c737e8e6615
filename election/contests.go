package election

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a contest list. The largest seen, a county with 191 styles of some 60 targets, has 12,000 rows.
const (
	MaxList      = 32 << 20 // bytes
	MaxListRows  = 200_000
	maxListField = 500 // bytes in one field
	maxListBad   = 20  // errors told of one list
)

// Row is one target of the contest list, in the list's order.
type Row struct {
	Line      int // the line of the file it stands on, from 1
	Style     string
	Page      int // the style's page, from 1
	Contest   string
	VoteFor   int
	Choice    string
	Party     string
	Candidate string
	X, Y      float64 // the target's centre in inches from the blank's top left, where HasXY
	HasXY     bool
	// Rank is the rank the target gives its choice, from 1; 0 where the contest is not ranked.
	Rank int
	// Kind and Straight are the contest's, and Partisan where the list's kind is "partisan".
	Kind     ContestKind
	Straight StraightRule
	Partisan bool
}

// ListError is what is wrong with one place of a contest list.
type ListError struct {
	File         string
	Line, Column int // from 1; 0 where the whole file is meant
	What         string
}

// Error names the file, line and column.
func (e *ListError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.What
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.What)
}

// The columns of a contest list, and which of them a file may leave out.
var (
	listColumns  = []string{"style", "page", "contest", "vote_for", "choice", "party", "candidate", "x", "y", "rank", "kind"}
	listOptional = []string{"party", "candidate", "x", "y", "rank", "kind"}
	// listPassed are columns that a draft or a proposal carries for people; they are not read.
	listPassed = []string{"confidence"}
)

// ReadContests reads a contest list: CSV with the header style,page,contest,vote_for,choice,party,candidate and, where the
// targets' places are known, x,y in inches; rank where contests are ranked, and kind where a straight-party vote reaches
// others: "straight_party" or "straight_party fill-up" for the contest of the parties, "partisan" for those reached. A column confidence, as drafts have it, is passed over. Column names may come in any order and case. White space around and inside a
// field is made one space, for spreadsheets leave line breaks in titles; rows without any text are passed over. name is
// used in errors, which are *ListError, several joined.
func ReadContests(name string, r io.Reader) ([]Row, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxList+1))
	if err != nil {
		return nil, fmt.Errorf("read contest list %s: %w", name, err)
	}
	l := &list{name: name}
	switch {
	case len(data) > MaxList:
		return nil, l.whole("the file is larger than %d MiB; is it a contest list?", MaxList>>20)
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return nil, l.whole("the file is UTF-16 text; save it as CSV UTF-8")
	case !utf8.Valid(data):
		return nil, l.whole("the file is not UTF-8 text; save it as CSV UTF-8")
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	l.csv = csv.NewReader(bytes.NewReader(data))
	l.csv.ReuseRecord = true
	return l.read()
}

// list is a contest list being read.
type list struct {
	name string
	csv  *csv.Reader
	at   map[string]int // column name -> field index
	bad  []error
}

func (l *list) whole(format string, args ...any) error {
	return &ListError{File: l.name, What: fmt.Sprintf(format, args...)}
}

// fault notes an error at a field of the record just read.
func (l *list) fault(field int, format string, args ...any) {
	line, column := l.csv.FieldPos(field)
	l.bad = append(l.bad, &ListError{File: l.name, Line: line, Column: column, What: fmt.Sprintf(format, args...)})
}

// syntax turns an error of the CSV reader into ours.
func (l *list) syntax(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("read contest list %s: %w", l.name, err)
	}
	what := p.Err.Error()
	if errors.Is(p.Err, csv.ErrFieldCount) {
		what = "the row has more or fewer fields than the header; put text that holds a comma in double quotes"
	}
	return &ListError{File: l.name, Line: p.Line, Column: p.Column, What: what}
}

func (l *list) read() ([]Row, error) {
	head, err := l.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, l.whole("the file is empty; the first line must be %s", strings.Join(listColumns[:7], ","))
	}
	if err != nil {
		return nil, l.syntax(err)
	}
	if l.header(head); len(l.bad) > 0 {
		return nil, errors.Join(l.bad...)
	}
	var rows []Row
	for len(l.bad) < maxListBad {
		record, err := l.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			l.bad = append(l.bad, l.syntax(err))
			if !errors.Is(err, csv.ErrFieldCount) {
				break // after a broken quote nothing that follows can be trusted
			}
			continue
		}
		if slices.IndexFunc(record, func(f string) bool { return strings.TrimSpace(f) != "" }) < 0 {
			continue
		}
		if len(rows) == MaxListRows {
			l.fault(0, "more than %d rows; split the election", MaxListRows)
			break
		}
		rows = append(rows, l.row(record))
	}
	if len(l.bad) > 0 {
		return nil, errors.Join(l.bad...)
	}
	if len(rows) == 0 {
		return nil, l.whole("the list has a header and no row; add one row a target")
	}
	return rows, nil
}

// header finds the columns.
func (l *list) header(head []string) {
	if len(head) == 1 && strings.ContainsAny(head[0], ";\t") {
		l.fault(0, "the columns are not separated by commas; save the list as CSV with commas")
		return
	}
	l.at = map[string]int{}
	for i, h := range head {
		h = strings.ToLower(strings.TrimSpace(h))
		_, twice := l.at[h]
		switch {
		case h == "" && i > 0: // a spreadsheet's empty column at the right; a value in it is an error of its row
			continue
		case slices.Contains(listPassed, h) && !twice: // named, and never read
		case !slices.Contains(listColumns, h):
			l.fault(i, "unknown column %q; the columns are %s", clip(h), strings.Join(listColumns, ","))
		case twice:
			l.fault(i, "column %q stands twice", h)
		}
		l.at[h] = i
		if len(l.bad) >= maxListBad {
			return
		}
	}
	for _, c := range listColumns {
		if _, ok := l.at[c]; !ok && !slices.Contains(listOptional, c) {
			l.fault(0, "column %q is missing; the columns are %s", c, strings.Join(listColumns, ","))
		}
	}
	_, x := l.at["x"]
	if _, y := l.at["y"]; x != y {
		l.fault(0, "columns x and y must both stand, or neither")
	}
}

// row reads one record.
func (l *list) row(record []string) Row {
	var r Row
	r.Line, _ = l.csv.FieldPos(0)
	r.Style = l.text(record, "style", true)
	r.Page = l.number(record, "page", 1000)
	r.Contest = l.text(record, "contest", true)
	r.VoteFor = l.number(record, "vote_for", 1000)
	r.Choice = l.text(record, "choice", true)
	r.Party = l.text(record, "party", false)
	r.Candidate = l.text(record, "candidate", false)
	if strings.ContainsAny(r.Style, `/\=`) {
		l.fault(l.at["style"], "style %q holds '/', '\\' or '=', which STYLE/PAGE=BLANK cannot name; use other letters", clip(r.Style))
	}
	xs, ys := l.text(record, "x", false), l.text(record, "y", false)
	if (xs == "") != (ys == "") {
		l.fault(l.at["x"], "x and y must both be given, or neither")
	} else if xs != "" {
		r.X, r.Y, r.HasXY = l.inches("x", xs), l.inches("y", ys), true
	}
	if l.text(record, "rank", false) != "" {
		r.Rank = l.number(record, "rank", MaxRanks)
	}
	if r.Rank > 0 && !r.HasXY {
		l.fault(l.at["rank"], "a row with a rank needs x and y: a grid of choices and ranks has no one reading order; recount template draft lists the places")
	}
	l.kind(&r, record)
	for i, f := range record {
		if strings.TrimSpace(f) != "" && !l.named(i) {
			l.fault(i, "text %q stands in a column without a name", clip(f))
		}
	}
	return r
}

// kind reads what the row says of its contest's kind.
func (l *list) kind(r *Row, record []string) {
	switch s := l.text(record, "kind", false); s {
	case "":
	case "partisan":
		r.Partisan = true
	case string(StraightParty), string(StraightParty) + " " + string(IndividualWins):
		r.Kind = StraightParty
	case string(StraightParty) + " " + string(FillUp):
		r.Kind, r.Straight = StraightParty, FillUp
	default:
		l.fault(l.at["kind"], "kind is %q and must be empty, partisan, straight_party or straight_party fill-up", clip(s))
	}
}

// KindText is the contest's kind as a contest list writes it: empty, partisan, straight_party or straight_party fill-up.
func (r *Row) KindText() string {
	switch {
	case r.Kind == StraightParty && r.Straight == FillUp:
		return string(StraightParty) + " " + string(FillUp)
	case r.Kind == StraightParty:
		return string(StraightParty)
	case r.Partisan:
		return "partisan"
	}
	return ""
}

// named says whether the field stands in a column that the header names.
func (l *list) named(field int) bool {
	for _, i := range l.at {
		if i == field {
			return true
		}
	}
	return false
}

// text gives a field as one line; a column the file does not have is empty.
func (l *list) text(record []string, column string, needed bool) string {
	i, ok := l.at[column]
	if !ok {
		return ""
	}
	s := record[i]
	if len(s) > maxListField {
		l.fault(i, "%s is longer than %d bytes", column, maxListField)
		return ""
	}
	s = strings.Join(strings.Fields(s), " ")
	if strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.C, r) }) >= 0 {
		l.fault(i, "%s holds a control character or one that does not show; type it anew", column)
	}
	if s == "" && needed {
		l.fault(i, "%s is empty", column)
	}
	return s
}

// number gives a whole number from 1.
func (l *list) number(record []string, column string, most int) int {
	s := l.text(record, column, true)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		l.fault(l.at[column], "%s is %q and must be a whole number from 1 to %d", column, clip(s), most)
		return 0
	}
	return n
}

// inches gives a coordinate.
func (l *list) inches(column, s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || v <= 0 || v > 100 {
		l.fault(l.at[column], "%s is %q and must be inches with a decimal point, more than 0 and at most 100", column, clip(s))
		return 0
	}
	return v
}

// clip shortens a text for an error.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}
