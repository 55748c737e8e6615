package batch

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/marks"
	"recount/template"
	"recount/vote"
)

// town is an election with a two-sided style a, its twin b with the same back, c whose back means something else, and one
// printed on one side only.
func town() *election.Election {
	two := func(id string) election.Contest {
		return election.Contest{ID: id, Title: "Title of " + id, VoteFor: 1,
			Choices: []election.Choice{{ID: id + "1", Name: "One"}, {ID: id + "2", Name: "Two"}}}
	}
	page := func(n int, contest string) election.Page {
		return election.Page{Number: n, Targets: []election.Target{
			{Contest: contest, Choice: contest + "1", X: 1, Y: 1, W: .2, H: .1, Shape: election.Oval},
			{Contest: contest, Choice: contest + "2", X: 1, Y: 2, W: .2, H: .1, Shape: election.Oval}}}
	}
	return &election.Election{Format: 1, Title: "Town", Contests: []election.Contest{two("m"), two("q"), two("r")},
		Styles: []election.Style{
			{ID: "a", Precinct: "North", Pages: []election.Page{page(1, "m"), page(2, "q")}},
			{ID: "b", Precinct: "South", Pages: []election.Page{page(1, "m"), page(2, "q")}},
			{ID: "c", Pages: []election.Page{page(1, "m"), page(2, "r")}},
			{ID: "single", Pages: []election.Page{page(1, "m")}},
		}}
}

// read is a page that may be any of the style pages named; its first target is voted for.
func read(e *election.Election, image string, pages ...[2]any) pageResult {
	r := PageReading{Image: image, Index: 1, SHA256: hashOf([]byte(image)), Match: &template.Match{Scale: 1}}
	for _, p := range pages {
		s := e.Style(p[0].(string))
		ms := []marks.Mark{{Fill: 7000, Outline: 9000, Dark: 9000, Spread: 8000}, {Outline: 9900}}
		r.Candidates = append(r.Candidates, Candidate{s, s.Page(p[1].(int)), ms})
	}
	return pageResult{reading: r}
}

func refused(image string, err error) pageResult {
	return pageResult{reading: PageReading{Image: image, Index: 1, SHA256: hashOf([]byte(image)), Refused: err}}
}

func TestDecideSheet(t *testing.T) {
	e := town()
	type at = [2]any
	empty := &template.Refusal{Reason: template.EmptyPage, Detail: "white"}
	for _, c := range []struct {
		name     string
		pages    []pageResult
		label    string
		outcomes []Outcome
		reason   string // of the last page
		readings int
	}{
		{"front and back", []pageResult{read(e, "f", at{"a", 1}), read(e, "b", at{"a", 2})}, "a", []Outcome{Counted, Counted}, "", 4},
		{"back first", []pageResult{read(e, "b", at{"a", 2}), read(e, "f", at{"a", 1})}, "a", []Outcome{Counted, Counted}, "", 4},
		{"a front alone", []pageResult{read(e, "f", at{"a", 1})}, "a", []Outcome{Counted}, "alone: page 2 of the sheet is not among the inputs", 2},
		{"a style of one side", []pageResult{read(e, "f", at{"single", 1})}, "single", []Outcome{Counted}, "", 2},
		{"front of another style", []pageResult{read(e, "f", at{"a", 1}), read(e, "b", at{"b", 2})}, "",
			[]Outcome{Refused, Refused}, "sheet-mismatch: f is a page 1, sheet 1 and b is b page 2, sheet 1: not the two sides of one sheet", 0},
		{"two fronts", []pageResult{read(e, "f", at{"a", 1}), read(e, "b", at{"a", 1})}, "", []Outcome{Refused, Refused},
			"sheet-mismatch: f is a page 1, sheet 1 and b is a page 1, sheet 1: not the two sides of one sheet", 0},
		{"the front tells the back's twins apart", []pageResult{read(e, "f", at{"b", 1}), read(e, "b", at{"a", 2}, at{"b", 2})}, "b",
			[]Outcome{Counted, Counted}, "", 4},
		{"the back tells the front's twins apart", []pageResult{read(e, "f", at{"a", 1}, at{"c", 1}), read(e, "b", at{"c", 2})}, "c",
			[]Outcome{Counted, Counted}, "", 4},
		{"twins on both sides that mean the same", []pageResult{read(e, "f", at{"a", 1}, at{"b", 1}), read(e, "b", at{"a", 2}, at{"b", 2})},
			"a|b", []Outcome{Counted, Counted}, "", 4},
		{"twins on both sides that do not", []pageResult{read(e, "f", at{"a", 1}, at{"c", 1}), read(e, "b", at{"a", 2}, at{"c", 2})}, "",
			[]Outcome{Refused, Refused}, "ambiguous: f may be a page 1 or c page 1, which print alike but mean different contests or choices", 0},
		{"a twin alone", []pageResult{read(e, "b", at{"a", 2}, at{"b", 2})}, "a|b", []Outcome{Counted},
			"alone: page 1 of the sheet is not among the inputs", 2},
		{"a twin alone that may mean something else", []pageResult{read(e, "b", at{"a", 2}, at{"c", 2})}, "", []Outcome{Refused},
			"ambiguous: b may be a page 2 or c page 2, which print alike but mean different contests or choices", 0},
		{"the back refused", []pageResult{read(e, "f", at{"a", 1}), refused("b", empty)}, "a", []Outcome{Counted, Refused},
			"empty-page: white", 2},
		{"the front refused", []pageResult{refused("f", &Refusal{Changed, "other bytes"}), read(e, "b", at{"a", 2})}, "a", []Outcome{Refused, Counted},
			"alone: page 1 of the sheet was refused", 2},
		{"the empty back of a style of one side", []pageResult{read(e, "f", at{"single", 1}), refused("b", empty)}, "single",
			[]Outcome{Counted, Counted}, "empty-page: style single prints nothing on this side", 2},
		{"a lost back of a style of one side", []pageResult{read(e, "f", at{"single", 1}), refused("b", &Refusal{Changed, "other bytes"})},
			"single", []Outcome{Counted, Refused}, "changed: other bytes", 2},
		{"a front with another style's code", []pageResult{refused("f", &template.Refusal{Reason: template.WrongCode, Detail: "card 4"}), read(e, "b", at{"a", 2})}, "",
			[]Outcome{Refused, Refused}, "sheet-mismatch: the other side, f, prints another style's code", 0},
		{"both refused", []pageResult{refused("f", empty), refused("b", empty)}, "", []Outcome{Refused, Refused}, "empty-page: white", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := decideSheet(e, vote.DefaultLimits(), c.pages)
			var got []Outcome
			for _, p := range s.pages {
				got = append(got, p.outcome)
			}
			assert.Equal(t, c.outcomes, got)
			assert.Equal(t, c.label, s.label)
			assert.Equal(t, c.reason, s.pages[len(s.pages)-1].reason)
			if c.readings == 0 {
				assert.Nil(t, s.decided)
				assert.Equal(t, Refused, s.outcome)
				return
			}
			require.NotNil(t, s.decided)
			assert.Len(t, s.decided.Readings, c.readings)
			assert.Equal(t, Counted, s.outcome)
		})
	}
}

func TestTwinsWithOtherVotesAllowed(t *testing.T) {
	e := town()
	e.Styles[1].VoteFor = map[string]int{"q": 2}
	s := decideSheet(e, vote.DefaultLimits(), []pageResult{read(e, "b", [2]any{"a", 2}, [2]any{"b", 2})})
	assert.Equal(t, Refused, s.outcome)
	assert.Contains(t, s.reason, "ambiguous: ")
}

// Styles with one front and other backs, of which the back was not read: what stands on the back decides whether the front means the same.
func TestTwinsWithAnotherBackThatWasNotRead(t *testing.T) {
	target := func(contest, choice string) election.Target {
		return election.Target{Contest: contest, Choice: choice, X: 3, Y: 3, W: .2, H: .1, Shape: election.Oval}
	}
	for _, c := range []struct {
		name    string
		back    election.Target // on style b's back
		ticket  bool            // contest q is the straight-party contest
		refused bool
	}{
		{"other contests", target("r", "r1"), false, false},
		{"a contest of the front goes on there", target("m", "m2"), false, true},
		{"the straight-party contest stands there", target("r", "r1"), true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := town()
			e.Styles[1].Pages[1].Targets = []election.Target{c.back}
			if c.ticket {
				e.Contests[2].Kind = election.StraightParty
			}
			s := decideSheet(e, vote.DefaultLimits(), []pageResult{read(e, "f", [2]any{"a", 1}, [2]any{"b", 1}), refused("b", &Refusal{Changed, "other bytes"})})
			if c.refused {
				assert.Equal(t, Refused, s.outcome)
				assert.Contains(t, s.pages[0].reason, "ambiguous: ")
				return
			}
			assert.Equal(t, "a|b", s.label)
			assert.NotNil(t, s.decided)
		})
	}
}

func TestQuestionsAreTold(t *testing.T) {
	e := town()
	front, back := read(e, "f", [2]any{"a", 1}), read(e, "b", [2]any{"a", 2})
	front.reading.Candidates[0].Marks[0].Fill = 700
	s := decideSheet(e, vote.DefaultLimits(), []pageResult{front, back})
	assert.Equal(t, Questions, s.outcome)
	assert.Equal(t, "questionable: 1 target, 1 contest", s.reason)
	assert.Equal(t, "questionable: 1 target", s.pages[0].reason)
	assert.Equal(t, Questions, s.pages[1].outcome)
	assert.Contains(t, s.pages[1].reason, "other page")
}

func TestAPageAloneWithQuestionsSaysBoth(t *testing.T) {
	e := town()
	front := read(e, "f", [2]any{"a", 1})
	front.reading.Candidates[0].Marks[0].Fill = 700
	s := decideSheet(e, vote.DefaultLimits(), []pageResult{front})
	assert.Equal(t, "alone: page 2 of the sheet is not among the inputs; questionable: 1 target", s.pages[0].reason)
}

func TestPrecinctOf(t *testing.T) {
	e := town()
	assert.Equal(t, "North", precinctOf(e, "a"))
	assert.Equal(t, "North|South", precinctOf(e, "a|b"))
	assert.Equal(t, "", precinctOf(e, "c|single"))
}

// newLedger is a ledger whose inputs are the images named.
func newLedger(t *testing.T, e *election.Election, images ...string) *ledger {
	l, err := openLedger(filepath.Join(t.TempDir(), LedgerFile))
	require.NoError(t, err)
	t.Cleanup(func() { l.close() })
	var ins []input
	for _, im := range images {
		in := input{sha256: hashOf([]byte(im))}
		in.Name = im
		ins = append(ins, in)
	}
	require.NoError(t, l.begin(identity{Limits: []byte("{}")}, e, ins, every(len(ins))))
	return l
}

// rows are the rows of a sheet.
func rows(t *testing.T, unit int, s *sheetResult) *sheetCells {
	t.Helper()
	r, err := rowsOf(unit, s)
	require.NoError(t, err)
	return r
}

func TestCopiesOfSheets(t *testing.T) {
	e := town()
	type at = [2]any
	// scan is a page whose bytes are those of another name.
	scan := func(image, bytes string, p at) pageResult {
		r := read(e, image, p)
		r.reading.SHA256, r.reading.Pixels = hashOf([]byte(bytes)), bytes
		return r
	}
	// saved is a page with the pixels of another name, in bytes of its own.
	saved := func(image, pixels string, p at) pageResult {
		r := scan(image, pixels, p)
		r.reading.SHA256 = hashOf([]byte(image + pixels))
		return r
	}
	unmarked := func(p pageResult) pageResult {
		p.reading.Candidates[0].Marks[0].Fill = 0
		return p
	}
	for _, c := range []struct {
		name   string
		pages  []pageResult
		want   Outcome
		reason string
	}{
		{"another sheet", []pageResult{scan("2f", "x", at{"a", 1}), scan("2b", "y", at{"a", 2})}, Counted, ""},
		{"the same scans", []pageResult{scan("2f", "f", at{"a", 1}), scan("2b", "b", at{"a", 2})}, Duplicate, "duplicate of 1f"},
		{"the same scans, sides swapped", []pageResult{scan("2b", "b", at{"a", 2}), scan("2f", "f", at{"a", 1})}, Duplicate, "duplicate of 1f"},
		{"one of its pages alone", []pageResult{scan("2f", "f", at{"a", 1})}, Duplicate, "duplicate of 1f"},
		{"the same unmarked back", []pageResult{scan("2f", "x", at{"a", 1}), unmarked(scan("2b", "b", at{"a", 2}))}, Counted, ""},
		{"the same marked front", []pageResult{scan("2f", "f", at{"a", 1}), scan("2b", "y", at{"a", 2})}, Questions,
			"same-scan: 2f is byte for byte a page of sheet 1f, whose other page differs"},
		{"another page of the same file", []pageResult{func() pageResult {
			p := scan("2f", "f", at{"a", 1})
			p.reading.Index, p.reading.Pixels = 2, "another"
			return p
		}()}, Counted, ""},
		{"the same pixels", []pageResult{saved("2f", "f", at{"a", 1}), saved("2b", "b", at{"a", 2})}, Duplicate, "duplicate of 1f: the same pixels in other bytes"},
		{"one page by its bytes", []pageResult{scan("2f", "f", at{"a", 1}), saved("2b", "b", at{"a", 2})}, Duplicate, "duplicate of 1f: the same pixels in other bytes"},
		{"the same pixels of a marked front", []pageResult{saved("2f", "f", at{"a", 1}), scan("2b", "y", at{"a", 2})}, Questions,
			"same-scan: 2f has the pixels of a page of sheet 1f, whose other page differs"},
		{"pixels that only share a name", []pageResult{saved("unlike", "f", at{"a", 1}), saved("unlike too", "b", at{"a", 2})}, Counted, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger(t, e, "1f", "1b", "2f", "2b")
			alike := func(p *pageCells, input, page int) (bool, error) { return p.Image[0] == '2', nil }
			err := l.inTx(context.Background(), func(tx *sql.Tx) error {
				first := decideSheet(e, vote.DefaultLimits(), []pageResult{scan("1f", "f", at{"a", 1}), scan("1b", "b", at{"a", 2})})
				require.NoError(t, putSheet(tx, rows(t, 0, &first)))
				second := decideSheet(e, vote.DefaultLimits(), c.pages)
				again := rows(t, 1, &second)
				require.NoError(t, spotCopies(tx, again, alike))
				require.NoError(t, putSheet(tx, again))
				assert.Equal(t, c.want, again.Outcome)
				assert.Equal(t, c.reason, again.Reason)
				return nil
			})
			require.NoError(t, err)
			want := 2
			if c.want == Duplicate {
				want = 1
			}
			n := 0
			for s, err := range l.sheets(e, vote.DefaultLimits()) {
				require.NoError(t, err)
				assert.Equal(t, len(s.pages)*2, len(s.decided.Readings))
				n++
			}
			assert.Equal(t, want, n, "sheets counted")
		})
	}
}

func TestLedgerGivesBackWhatWasDecided(t *testing.T) {
	e := town()
	l := newLedger(t, e, "1f", "1b")
	pages := []pageResult{read(e, "1f", [2]any{"a", 1}), read(e, "1b", [2]any{"a", 2})}
	pages[0].reading.Candidates[0].Marks[1] = marks.Mark{X: 1, Y: -2, W: 3, H: 4, Fill: 5, Outline: 6000, Around: 7, Dark: 8, Spread: 9, DX: -10, DY: 11, Damage: "fold", Trace: "\x00\xff of bytes"}
	s := decideSheet(e, vote.DefaultLimits(), pages)
	require.NoError(t, l.inTx(context.Background(), func(tx *sql.Tx) error { return putSheet(tx, rows(t, 0, &s)) }))
	n := 0
	for got, err := range l.sheets(e, vote.DefaultLimits()) {
		require.NoError(t, err)
		assert.Equal(t, *s.decided, got.decided)
		n++
	}
	assert.Equal(t, 1, n)
	other := town()
	other.Styles = other.Styles[1:]
	for _, err := range l.sheets(other, vote.DefaultLimits()) {
		assert.ErrorContains(t, err, "lacks")
	}
}

func TestDecimal(t *testing.T) {
	assert.Equal(t, "-0.0123", decimal(-123, 4))
	assert.Equal(t, "1.002000", decimal(1002000, 6))
	assert.Equal(t, "0.000", decimal(0, 3))
}

// A sheet whose pages do not belong together is refused with all that each was read as: style, sheet and code.
func TestMismatchNamesBothReadings(t *testing.T) {
	page := func(style string, number int, code *election.Code) PageReading {
		return PageReading{Image: style + ".png", Match: &template.Match{Code: code},
			Candidates: []Candidate{{Style: &election.Style{ID: style}, Page: &election.Page{Number: number}}}}
	}
	err := choose(town(), []*pageResult{
		{reading: page("a", 1, &election.Code{Kind: "barcode", Value: election.BarcodeValue("itf", "1101")})},
		{reading: page("a", 4, &election.Code{Kind: "accuvote", Value: "800180e2"})},
	})
	require.EqualError(t, err, `sheet-mismatch: a.png is a page 1, sheet 1, printed code barcode itf "1101" and a.png is a page 4, sheet 2, `+
		"printed code accuvote card 3 precinct 56 sequence 0: not the two sides of one sheet")
}
