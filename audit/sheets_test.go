package audit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
	"recount/election"
	"recount/marks"
	"recount/vote"
)

// townHead begins a Dominion export of the town. Its last but one line names the choices.
const townHead = `Town,5,,,,,,,,,,,,,,,
,,,,,Mayor (Vote For=1),Mayor (Vote For=1),Mayor (Vote For=1),Mayor (Vote For=1),Board of Selectmen (Vote For=2),Board of Selectmen (Vote For=2),Board of Selectmen (Vote For=2),Board of Selectmen (Vote For=2),Board of Selectmen (Vote For=2),Question 1 (Vote For=1),Question 1 (Vote For=1),
,,,,,A. Adams,B. Ñandú-Brown,A. Adams,Write-in,C. Clark,D. Dunn,E. Evans,Write-in 1,Write-in 2,Yes,No,
TabulatorNum,BatchId,RecordId,ImprintedId,CountingGroup,DEM,REP,WF,,DEM,REP,REP,,,,,
`

func townExport(t *testing.T, rows ...string) *cvr.Export {
	t.Helper()
	x, err := cvr.OpenExport([]string{file(t, "cvr.csv", townHead+strings.Join(rows, "\n")+"\n")}, cvr.ExportOptions{})
	require.NoError(t, err)
	t.Cleanup(x.Close)
	return x
}

// row is a record of tabulator 1, batch 1: 11 votes, choice by choice.
func row(n int, votes string) string {
	return fmt.Sprintf("1,1,%d,1-1-%d,Poll,%s,", n, n, strings.Join(strings.Split(votes, ""), ","))
}

// ours gives sheets with image names 1-1-N.
func ours(sheets ...*vote.Sheet) iter.Seq2[*cvr.Record, error] {
	return func(yield func(*cvr.Record, error) bool) {
		for i, s := range sheets {
			name := fmt.Sprintf("scans/00001_00001_%06d.tif", i+1)
			images := []cvr.Image{{Name: name, Page: 1, Side: "front"}, {Name: name + "#2", Page: 2, Side: "back"}}
			if !yield(&cvr.Record{ID: fmt.Sprint(i), Images: images, Sheet: *s}, nil) {
				return
			}
		}
	}
}

func compareTown(t *testing.T, e *election.Election, o audit.SheetOptions, rows []string, sheets ...*vote.Sheet) *audit.SheetComparison {
	t.Helper()
	o.Limits = vote.DefaultLimits()
	c, err := audit.CompareSheets(e, ours(sheets...), townExport(t, rows...), o)
	require.NoError(t, err)
	return c
}

// Every kind of difference is found, and nothing where there is none.
func TestSheetDifferencesByKind(t *testing.T) {
	e := town()
	full := []string{"a-dem", "c", "d", "yes"}
	tests := []struct {
		name   string
		row    string
		marked []string
		kind   audit.DifferenceKind
		class  audit.Class
		want   string // machine
	}{
		{"agree", "10001100010", full, "", "", ""},
		{"swapped votes", "01001100010", full, audit.Real, audit.Under2, "B. Ñandú-Brown"},
		{"machine saw nothing", "00001100010", full, audit.Real, audit.Under1, "no vote"},
		{"machine calls it an overvote", "11001100010", full, audit.Real, audit.Under1, "overvote"},
		{"our overvote, no vote there", "00001100010", []string{"a-dem", "b-rep", "c", "d", "yes"}, audit.Wording, audit.Neutral, "no vote"},
		{"overvote in both", "11001100010", []string{"a-dem", "b-rep", "c", "d", "yes"}, "", "", ""},
		{"both lines of a person", "10101100010", []string{"a-dem", "a-wf", "c", "d", "yes"}, "", "", ""},
		{"another party line", "00101100010", full, audit.PartyLine, audit.Neutral, "A. Adams (WF)"},
		{"write-in not seen", "00001100010", []string{"mw", "c", "d", "yes"}, audit.WriteInDiffers, audit.Neutral, "no vote"},
		{"write-in given to a choice", "01001100010", []string{"mw", "c", "d", "yes"}, audit.WriteInDiffers, audit.Under1, "B. Ñandú-Brown"},
		{"contest not on the record", "....1100010", full, audit.MissingContest, audit.Under1, "not on the record"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows := []string{row(1, strings.ReplaceAll(tt.row, ".", " "))}
			// Two more sheets that agree settle who leads.
			rows = append(rows, row(2, "10001100010"), row(3, "10001100010"))
			c := compareTown(t, e, audit.SheetOptions{}, rows, sheet(e, tt.marked...), sheet(e, full...), sheet(e, full...))
			assert.Equal(t, 3, c.Matched)
			if tt.kind == "" {
				assert.Empty(t, c.Differences)
				assert.Equal(t, 9, c.Agree)
				assert.False(t, c.Look())
				return
			}
			require.Len(t, c.Differences, 1)
			d := c.Differences[0]
			assert.Equal(t, tt.kind, d.Kind, d)
			assert.Equal(t, tt.want, d.Machine)
			assert.Equal(t, tt.class, d.Class)
			assert.Equal(t, 8, c.Agree)
			if tt.kind != audit.MissingContest {
				assert.NotEmpty(t, d.Marks, "the marks in question are named")
			}
		})
	}
}

// A mark left open here, and one near a limit, are told from a plain difference.
func TestSheetDifferencesOfSmallMarks(t *testing.T) {
	e := town()
	small := func(fill marks.Score) *vote.Sheet {
		st := &e.Styles[0]
		var rs []vote.Reading
		for _, p := range st.Pages {
			for i, tg := range p.Targets {
				m := marks.Mark{Outline: 9000, Dark: 9000, Spread: 9000}
				switch tg.Choice {
				case "a-dem":
					m.Fill = fill
				case "c", "yes":
					m.Fill = 2000
				}
				rs = append(rs, vote.Reading{Page: p.Number, Target: i, Mark: m})
			}
		}
		s := vote.DecideSheet(e, st, 1, rs, vote.DefaultLimits())
		return &s
	}
	c := compareTown(t, e, audit.SheetOptions{}, []string{row(1, "10001000010")}, small(800))
	require.Len(t, c.Differences, 1)
	assert.Equal(t, audit.OpenHere, c.Differences[0].Kind)
	assert.Equal(t, "A. Adams (questionable)", c.Differences[0].Ours)
	assert.Equal(t, 1, c.Kinds[audit.OpenHere])
	c = compareTown(t, e, audit.SheetOptions{}, []string{row(1, "00001000010")}, small(1300))
	require.Len(t, c.Differences, 1)
	assert.Equal(t, audit.Marginal, c.Differences[0].Kind)
	c = compareTown(t, e, audit.SheetOptions{}, []string{row(1, "00001000010")}, small(9000))
	assert.Equal(t, audit.Real, c.Differences[0].Kind)
}

// Ten records of a batch, of which the machine's own numbers 5 and 8 to 9 are missing; one has no sheet.
func TestCountsOfABatch(t *testing.T) {
	e := town()
	var rows []string
	for _, n := range []int{1, 2, 3, 4, 6, 7, 10, 11, 12, 13} {
		rows = append(rows, row(n, "01000000010"))
	}
	var sheets []*vote.Sheet
	for range 13 {
		sheets = append(sheets, sheet(e, "b-rep", "yes"))
	}
	c := compareTown(t, e, audit.SheetOptions{Limit: audit.DefaultLimit}, rows, sheets[:12]...)
	assert.Equal(t, []audit.BatchBalance{{Tabulator: "1", Batch: "1", Records: 10, Sheets: 9, Missing: 1, Numbers: []string{"5", "8 to 9"}}}, c.Balance)
	var b bytes.Buffer
	require.NoError(t, c.WriteBalance(&b))
	assert.Equal(t, "tabulator,batch,records,sheets,missing,twice,numbers,balanced\n1,1,10,9,1,0,5; 8 to 9,no\n", b.String())
	b.Reset()
	require.NoError(t, c.WriteTable(&b))
	assert.Contains(t, b.String(), "tabulator 1, batch 1: 10 records, 9 sheets; 1 records without a sheet; no record numbered 5, 8 to 9")
}

func TestMissingAndDoubledSheets(t *testing.T) {
	e := town()
	s := sheet(e, "b-rep", "yes")
	c := compareTown(t, e, audit.SheetOptions{By: []audit.Part{audit.ByBatch, audit.ByCountGroup}, Limit: audit.DefaultLimit}, []string{row(1, "01000000010"), row(1, "01000000010"), row(7, "01000000010")}, s, s)
	assert.Equal(t, 1, c.Matched)
	require.Len(t, c.Twice, 1)
	assert.Contains(t, c.Twice[0].Name, "line 6 (tabulator 1, batch 1, record 1)")
	require.Len(t, c.MissingRecords, 1)
	assert.Equal(t, "scans/00001_00001_000002.tif", c.MissingRecords[0].Name)
	require.Len(t, c.MissingImages, 1)
	assert.Contains(t, c.MissingImages[0].Name, "record 7")
	require.Len(t, c.Balance, 1)
	assert.Equal(t, audit.BatchBalance{Tabulator: "1", Batch: "1", Records: 2, Sheets: 1, Missing: 1, Twice: 1, Numbers: []string{}}, c.Balance[0])
	assert.Len(t, c.Unbalanced(), 1)
	var line audit.PartLine
	parts := map[audit.CVRPart]bool{}
	for _, l := range c.Totals {
		parts[l.Part] = true
		if l.Choice == "B. Ñandú-Brown" && l.Part == (audit.CVRPart{}) {
			line = l
		}
	}
	assert.Equal(t, []int{3, 2, 0, 2, 1}, []int{line.Machine, line.Clear, line.Questionable, line.Total, line.Difference})
	assert.True(t, line.OverLimit)
	assert.True(t, parts[audit.CVRPart{Tabulator: "1", Batch: "1"}])
	assert.True(t, parts[audit.CVRPart{CountGroup: "Poll"}])
	// Two images of one sheet.
	two := func(yield func(*cvr.Record, error) bool) {
		for _, n := range []string{"a/1-1-1.tif", "b/1-1-1.tif"} {
			if !yield(&cvr.Record{ID: n, Images: []cvr.Image{{Name: n, Side: "front"}}, Sheet: *s}, nil) {
				return
			}
		}
	}
	c, err := audit.CompareSheets(e, two, townExport(t, row(1, "01000000010")), audit.SheetOptions{})
	require.NoError(t, err)
	require.Len(t, c.MissingRecords, 1)
	assert.Contains(t, c.MissingRecords[0].Why, "another sheet is this record already")
}

func TestSheetsMatchedByAMapping(t *testing.T) {
	e := town()
	strange := func(yield func(*cvr.Record, error) bool) {
		yield(&cvr.Record{ID: "x", Images: []cvr.Image{{Name: "IMG_4711.tif", Side: "front"}}, Sheet: *sheet(e, "b-rep", "yes")}, nil)
	}
	c, err := audit.CompareSheets(e, strange, townExport(t, row(1, "01000000010")), audit.SheetOptions{})
	require.NoError(t, err)
	assert.Equal(t, 0, c.Matched)
	m, err := audit.ReadSheetMapping("sheets.csv", strings.NewReader("sheet,record\nIMG_4711.tif,1-1-1\n"))
	require.NoError(t, err)
	c, err = audit.CompareSheets(e, strange, townExport(t, row(1, "01000000010")), audit.SheetOptions{Sheets: m})
	require.NoError(t, err)
	assert.Equal(t, 1, c.Matched)
	assert.Equal(t, 3, c.Agree)
}

// A name that is not the very same is proposed, and not used until a person has confirmed it.
func TestNamesAreNeverMatchedSilently(t *testing.T) {
	e := town()
	e.Contests[0].Title, e.Contests[0].Choices[1].Name, e.Contests[2].Title = "MAYOR", "B. Nandu Browne", "Proposition 9"
	rows := []string{row(1, "01000000010")}
	s := sheet(e, "b-rep", "yes")
	c := compareTown(t, e, audit.SheetOptions{}, rows, s)
	assert.Equal(t, 1, c.Agree, "the board alone is compared")
	require.Len(t, c.Proposals, 2)
	assert.Equal(t, audit.Pairing{TheirContest: "Mayor", Contest: "MAYOR", How: audit.Normalised}, c.Proposals[0])
	assert.Equal(t, audit.Close, c.Proposals[1].How)
	require.Len(t, c.Unmatched, 2, "Question 1 on either side")
	var b bytes.Buffer
	require.NoError(t, audit.WriteProposals(&b, nil, c.Proposals))
	none, err := audit.ReadMapping("m.csv", bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	assert.Empty(t, none.Pairs, "a proposal that nobody confirmed is none")
	said := strings.ReplaceAll(b.String(), ",normalised,", ",normalised,yes")
	m, err := audit.ReadMapping("m.csv", strings.NewReader(said+"Question 1,,,Proposition 9,,,,yes\n"))
	require.NoError(t, err)
	c = compareTown(t, e, audit.SheetOptions{Names: m}, rows, s)
	require.Len(t, c.Differences, 1)
	assert.Equal(t, audit.UnmatchedName, c.Differences[0].Kind, "the contest is known, the name not yet")
	m, err = audit.ReadMapping("m.csv", strings.NewReader(strings.ReplaceAll(said, ",close,", ",close,yes")+"Question 1,,,Proposition 9,,,,yes\n"))
	require.NoError(t, err)
	c = compareTown(t, e, audit.SheetOptions{Names: m}, rows, s)
	assert.Empty(t, c.Differences)
	assert.Empty(t, c.Proposals)
	assert.Equal(t, 3, c.Agree)
}

func TestMappingErrors(t *testing.T) {
	head := "their_contest,their_choice,their_party,our_contest,our_choice,our_party,how,confirmed\n"
	for _, tt := range []struct{ name, text, want string }{
		{"no header", "a,b\n", "line 1: the header is not"},
		{"short", head + "a,b\n", "line 2: has 2 fields, the header 8"},
		{"maybe", head + "a,,,b,,,,perhaps\n", `line 2, column 8: "perhaps" is neither yes nor no`},
		{"one side", head + "a,x,,b,,,,yes\n", "does not name both sides"},
		{"twice", head + "a,,,b,,,,yes\na,,,c,,,,yes\n", "line 3: \"a\" is confirmed twice"},
		{"empty", "", "is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := audit.ReadMapping("m.csv", strings.NewReader(tt.text))
			assert.ErrorContains(t, err, tt.want)
		})
	}
	e, rows := town(), []string{row(1, "01000000010")}
	for _, tt := range []struct{ name, line, want string }{
		{"no such contest", "Mayor,,,Mayer,,,,yes\n", `m.csv: line 2: the ballots have no contest "Mayer": write it as the definition does, perhaps "Mayor"`},
		{"no such choice", "Mayor,A,,Mayor,Nobody At All,,,yes\n", `m.csv: line 2: the ballots have no choice "Nobody At All"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := audit.ReadMapping("m.csv", strings.NewReader(head+tt.line))
			require.NoError(t, err)
			_, err = audit.CompareSheets(e, ours(), townExport(t, rows...), audit.SheetOptions{Names: m})
			assert.ErrorContains(t, err, tt.want)
			_, err = audit.Compare(e, &audit.Totals{}, &audit.Machine{}, audit.Options{Names: m})
			assert.ErrorContains(t, err, tt.want)
		})
	}
	_, err := audit.ReadSheetMapping("s.csv", strings.NewReader("sheet,record\na,1\na,2\n"))
	assert.ErrorContains(t, err, `s.csv: line 3: sheet "a" has two records`)
}

func FuzzReadMapping(f *testing.F) {
	f.Add("their_contest,their_choice,their_party,our_contest,our_choice,our_party,how,confirmed\na,,,b,,,,yes\n")
	f.Add("sheet,record\na,b\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := audit.ReadMapping("f", strings.NewReader(text))
		if err == nil {
			require.NoError(t, audit.WriteProposals(&bytes.Buffer{}, m, nil))
		}
		_, _ = audit.ReadSheetMapping("f", strings.NewReader(text))
	})
}

func TestParseLimit(t *testing.T) {
	for _, tt := range []struct {
		text string
		want audit.Limit
		say  string
	}{{"0.5", 5000, "0.5 %"}, {"0,5 %", 5000, "0.5 %"}, {"1%", 10000, "1 %"}, {"0", 0, "0 %"}, {"0.0025", 25, "0.0025 %"}, {"10", 100000, "10 %"}} {
		got, err := audit.ParseLimit(tt.text)
		require.NoError(t, err, tt.text)
		assert.Equal(t, tt.want, got, tt.text)
		assert.Equal(t, tt.say, got.String())
	}
	for _, bad := range []string{"", "x", "-1", "101", "0.00001", "1.2.3", ".5"} {
		_, err := audit.ParseLimit(bad)
		assert.Error(t, err, bad)
	}
}

func TestSheetComparisonIsWritten(t *testing.T) {
	e := town()
	c := compareTown(t, e, audit.SheetOptions{Limit: audit.DefaultLimit}, []string{row(1, "01001100010"), row(2, "10001100010")}, sheet(e, "a-dem", "c", "d", "yes"), sheet(e, "a-dem", "c", "d", "yes"))
	var text, ret, diff, margins, js bytes.Buffer
	require.NoError(t, c.WriteTable(&text))
	assert.Contains(t, text.String(), "OVER 0.5 %")
	assert.Contains(t, text.String(), "real-difference")
	assert.NotContains(t, strings.ToLower(text.String()), "risk limit met")
	require.NoError(t, c.WriteReturn(&ret))
	assert.Contains(t, ret.String(), ",,,,Mayor,A. Adams,DEM+WF,1,2,0,2,-1,no,yes\n")
	require.NoError(t, c.WriteDifferences(&diff))
	assert.Contains(t, diff.String(), "scans/00001_00001_000001.tif,")
	require.NoError(t, c.WriteMargins(&margins))
	assert.Contains(t, margins.String(), "Mayor,A. Adams,B. Ñandú-Brown,2,0,2,2,0.0000,0.0000,0,0,1,0,1,0\n")
	require.NoError(t, c.WriteJSON(&js))
	assert.True(t, json.Valid(js.Bytes()))
}

func TestContestsOfOneTitleAreToldApartByTheirVotes(t *testing.T) {
	e := town()
	title := e.Contests[0].Title
	in := "T,5\n,,,,? (Vote For=2),? (Vote For=1)\n,,,,A,B\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,2,3,,1,\n"
	require.Equal(t, 1, e.Contests[0].VoteFor)
	x, err := cvr.OpenExport([]string{file(t, "a.csv", strings.ReplaceAll(in, "?", title))}, cvr.ExportOptions{})
	require.NoError(t, err)
	defer x.Close()
	for _, err := range x.Records() {
		require.NoError(t, err)
	}
	n := audit.MatchNames(e, x.Roster, nil)
	var lost []string
	for _, u := range n.Unmatched {
		if u.Side == "machine" {
			lost = append(lost, u.Contest+" "+u.Choice)
		}
	}
	assert.Equal(t, []string{title + " [vote for 2] ", title + " [vote for 1] B"}, lost)
}
