package election

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const listHead = "style,page,contest,vote_for,choice,party,candidate\n"

func TestReadContests(t *testing.T) {
	plain := []Row{{Line: 2, Style: "d1", Page: 1, Contest: "Mayor", VoteFor: 1, Choice: "A. Adams", Party: "DEM", Candidate: "adams"}}
	for _, row := range []struct {
		name, text string
		want       []Row
	}{
		{"plain", listHead + "d1,1,Mayor,1,A. Adams,DEM,adams\n", plain},
		{"BOM, CRLF, no newline at the end", "\ufeff" + strings.ReplaceAll(listHead, "\n", "\r\n") + "d1,1,Mayor,1,A. Adams,DEM,adams", plain},
		{"other order and case", "Candidate, CHOICE ,Party,Vote_For,Contest,Page,Style\nadams,A. Adams,DEM,1,Mayor,1,d1\n", plain},
		{"columns left out", "style,page,contest,vote_for,choice\nd1,1,Mayor,1,Baker\n",
			[]Row{{Line: 2, Style: "d1", Page: 1, Contest: "Mayor", VoteFor: 1, Choice: "Baker"}}},
		{"spaces, line breaks and empty rows", listHead + "\n,,,,,,\n d1 ,1,\"State\n  Senator\",1,A.  Adams,,\n",
			[]Row{{Line: 4, Style: "d1", Page: 1, Contest: "State Senator", VoteFor: 1, Choice: "A. Adams"}}},
		{"places", strings.TrimSuffix(listHead, "\n") + ",x,y\nd1,1,Mayor,1,Baker,,,1.25,3\nd1,1,Mayor,1,Clark,,,,\n", []Row{
			{Line: 2, Style: "d1", Page: 1, Contest: "Mayor", VoteFor: 1, Choice: "Baker", X: 1.25, Y: 3, HasXY: true},
			{Line: 3, Style: "d1", Page: 1, Contest: "Mayor", VoteFor: 1, Choice: "Clark"},
		}},
		{"a draft's confidence", strings.TrimSuffix(listHead, "\n") + ",x,y,confidence\nd1,1,Mayor,1,Baker,,,1.25,3,96\n", []Row{
			{Line: 2, Style: "d1", Page: 1, Contest: "Mayor", VoteFor: 1, Choice: "Baker", X: 1.25, Y: 3, HasXY: true},
		}},
		{"an empty column at the right", strings.TrimSuffix(listHead, "\n") + ",,\nd1,1,Mayor,1,A. Adams,DEM,adams,,\n", plain},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := ReadContests("list.csv", strings.NewReader(row.text))
			require.NoError(t, err)
			assert.Equal(t, row.want, got)
		})
	}
}

func TestReadContestsErrors(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"empty", "", "list.csv: the file is empty"},
		{"header alone", listHead, "list.csv: the list has a header and no row"},
		{"semicolons", "style;page;contest\nd1;1;Mayor\n", "list.csv:1:1: the columns are not separated by commas"},
		{"unknown column", "style,page,contest,vote_for,choice,color\n", `list.csv:1:36: unknown column "color"`},
		{"column twice", "style,style,page,contest,vote_for,choice\n", `list.csv:1:7: column "style" stands twice`},
		{"column missing", "style,page,contest,choice\n", `column "vote_for" is missing`},
		{"x without y", "style,page,contest,vote_for,choice,x\n", "columns x and y must both stand"},
		{"page no number", listHead + "d1,front,Mayor,1,Adams,,\n", `list.csv:2:4: page is "front" and must be a whole number from 1 to 1000`},
		{"page zero", listHead + "d1,0,Mayor,1,Adams,,\n", `page is "0"`},
		{"vote_for zero", listHead + "d1,1,Mayor,0,Adams,,\n", `list.csv:2:12: vote_for is "0"`},
		{"choice empty", listHead + "d1,1,Mayor,1,,DEM,\n", "list.csv:2:14: choice is empty"},
		{"fields too many", listHead + "d1,1,Mayor,1,Adams, A.,DEM,\n", "more or fewer fields than the header"},
		{"broken quote", listHead + "d1,1,\"Mayor,1,Adams,,\n", "list.csv:"},
		{"slash in a style", listHead + "d/1,1,Mayor,1,Adams,,\n", "list.csv:2:1: style \"d/1\" holds '/'"},
		{"control character", listHead + "d1,1,Mayor,1,Ad\x00ams,,\n", "list.csv:2:14: choice holds a control character"},
		{"Latin-1", listHead + "d1,1,Mayor,1,Jos\xe9,,\n", "not UTF-8"},
		{"UTF-16", "\xff\xfes\x00t\x00", "UTF-16"},
		{"field too long", listHead + "d1,1,Mayor,1," + strings.Repeat("a", 501) + ",,\n", "choice is longer than 500 bytes"},
		{"decimal comma", strings.TrimSuffix(listHead, "\n") + ",x,y\nd1,1,Mayor,1,A,,,\"1,5\",2\n", `list.csv:2:18: x is "1,5"`},
		{"NaN", strings.TrimSuffix(listHead, "\n") + ",x,y\nd1,1,Mayor,1,A,,,1,NaN\n", `y is "NaN"`},
		{"infinite", strings.TrimSuffix(listHead, "\n") + ",x,y\nd1,1,Mayor,1,A,,,+Inf,1\n", `x is "+Inf"`},
		{"x alone", strings.TrimSuffix(listHead, "\n") + ",x,y\nd1,1,Mayor,1,A,,,1,\n", "x and y must both be given"},
		{"text outside the columns", strings.TrimSuffix(listHead, "\n") + ",\nd1,1,Mayor,1,A,,,look\n", `list.csv:2:18: text "look" stands in a column without a name`},
	} {
		t.Run(row.name, func(t *testing.T) {
			rows, err := ReadContests("list.csv", strings.NewReader(row.text))
			require.ErrorContains(t, err, row.want)
			assert.Nil(t, rows)
			var e *ListError
			assert.ErrorAs(t, err, &e)
		})
	}
	_, err := ReadContests("list.csv", strings.NewReader(listHead+"d1,x,Mayor,1,A,,\nd1,1,Mayor,y,A,,\n"))
	assert.ErrorContains(t, err, "list.csv:2:4")
	assert.ErrorContains(t, err, "list.csv:3:12", "all errors are told at once")
	_, err = ReadContests("list.csv", strings.NewReader(listHead+strings.Repeat("d1,x,Mayor,1,A,,\n", 1000)))
	assert.Less(t, len(err.Error()), 4000, "a list of nothing but errors is not repeated whole")
	broken := errors.New("the disk is gone")
	_, err = ReadContests("list.csv", brokenReader{broken})
	assert.ErrorIs(t, err, broken)
}

type brokenReader struct{ err error }

func (b brokenReader) Read([]byte) (int, error) { return 0, b.err }

func TestIsWriteIn(t *testing.T) {
	for text, want := range map[string]bool{
		"Write-in": true, "Write in 2": true, "WRITE-IN: ____": true, "write-in____": true, "Writein": true, "(Write‑in)": true, "or write-in": true,
		"____ Write-ins": true, "Write Ingram": false, "A. Writer": false, "Wright-Inman": false, "No": false, "": false,
	} {
		assert.Equal(t, want, IsWriteIn(text), text)
	}
}

func TestFromRows(t *testing.T) {
	list := listHead +
		"d1,1,Mayor,1,A. Adams,DEM,adams\n" +
		"d1,1,Council,3,C. Clark,,\n" +
		"d1,1,Mayor,1,B. Baker,REP,\n" +
		"d1,1,Mayor,1,A. Adams,WF,adams\n" +
		"d1,1,Mayor,1,Write-in,,\n" +
		"d1,2,Council,3,Write-in,,\n" +
		"d1,2,Council,3,Write-in,,\n" +
		"d2,1,Council,2,José Núñez,,\n" +
		"d2,1,Council,2,C. Clark,,\n" +
		"d2,1,Council,2,Write-in,,\n"
	rows, err := ReadContests("list.csv", strings.NewReader(list))
	require.NoError(t, err)
	e, err := FromRows(" Town  election ", rows)
	require.NoError(t, err)
	at := func(contest, choice string) Target { return Target{Contest: contest, Choice: choice} }
	assert.Equal(t, &Election{
		Format: 1, Title: "Town election",
		Contests: []Contest{
			{ID: "mayor", Title: "Mayor", VoteFor: 1, Choices: []Choice{
				{ID: "a-adams-dem", Name: "A. Adams", Party: "DEM", Candidate: "adams"},
				{ID: "b-baker-rep", Name: "B. Baker", Party: "REP"},
				{ID: "a-adams-wf", Name: "A. Adams", Party: "WF", Candidate: "adams"},
				{ID: "write-in", Name: "Write-in", WriteIn: true},
			}},
			{ID: "council", Title: "Council", VoteFor: 3, Choices: []Choice{
				{ID: "c-clark", Name: "C. Clark"},
				{ID: "write-in", Name: "Write-in", WriteIn: true},
				{ID: "write-in-2", Name: "Write-in", WriteIn: true},
				{ID: "jose-nunez", Name: "José Núñez"},
			}},
		},
		Styles: []Style{
			{ID: "d1", Pages: []Page{
				{Number: 1, Targets: []Target{at("mayor", "a-adams-dem"), at("council", "c-clark"), at("mayor", "b-baker-rep"), at("mayor", "a-adams-wf"), at("mayor", "write-in")}},
				{Number: 2, Targets: []Target{at("council", "write-in"), at("council", "write-in-2")}},
			}},
			{ID: "d2", VoteFor: map[string]int{"council": 2}, Pages: []Page{
				{Number: 1, Targets: []Target{at("council", "jose-nunez"), at("council", "c-clark"), at("council", "write-in")}},
			}},
		},
	}, e)

	more, err := ReadContests("list.csv", strings.NewReader(list+"d2,1,Mayor,1,a adams dem,,\nd2,1,MAYOR,1,X,,\nd2,1,Mayor,1,?!,,\n"))
	require.NoError(t, err)
	longer, err := FromRows("Town election", more)
	require.NoError(t, err)
	assert.Equal(t, e.Contests[0].Choices, longer.Contests[0].Choices[:4], "rows added at the end change no ID")
	assert.Equal(t, "a-adams-dem-2", longer.Contests[0].Choices[4].ID)
	assert.Equal(t, "x", longer.Contests[0].Choices[5].ID)
	assert.Equal(t, "mayor-2", longer.Contests[2].ID)
}

func TestFromRowsErrors(t *testing.T) {
	for _, row := range []struct{ name, list, want string }{
		{"row twice", "d1,1,Mayor,1,Adams,DEM,\nd1,1,Mayor,1,Adams,DEM,\n", `line 3: "Adams" stands a second time under "Mayor" on page 1 of style "d1" (first on line 2); take one row out`},
		{"two numbers on one style", "d1,1,Mayor,1,Adams,,\nd1,2,Mayor,2,Baker,,\n", `line 3: contest "Mayor" on style "d1" is vote for 2 here and vote for 1 on line 2`},
		{"two candidates on one line", "d1,1,Mayor,1,Adams,,a\nd2,1,Mayor,1,Adams,,b\n", `line 3: "Adams" under "Mayor" is candidate "b" here and "a" before`},
		{"write-in of a candidate", "d1,1,Mayor,1,Adams,,a\nd1,1,Mayor,1,Write-in,,a\n", `line 3: candidate "a" of contest "Mayor" stands on two lines, one of them a write-in`},
	} {
		t.Run(row.name, func(t *testing.T) {
			rows, err := ReadContests("list.csv", strings.NewReader(listHead+row.list))
			require.NoError(t, err)
			_, err = FromRows("T", rows)
			assert.ErrorContains(t, err, row.want)
		})
	}
	_, err := FromRows("T", nil)
	assert.ErrorContains(t, err, "no row")
	_, err = FromRows(" ", []Row{{}})
	assert.ErrorContains(t, err, "no title")
}

func FuzzReadContests(f *testing.F) {
	f.Add(listHead + "d1,1,Mayor,1,A. Adams,DEM,adams\nd1,1,Mayor,1,Write-in,,\nd1,1,Mayor,1,Write-in,,\n")
	f.Add("style,page,contest,vote_for,choice,x,y\nd1,2,\"Q, 1\",1,Yes,1.5,2\n")
	f.Add("\ufeffstyle;page\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := ReadContests("list.csv", strings.NewReader(text))
		if err != nil {
			return
		}
		e, err := FromRows("T", rows)
		if err != nil {
			return
		}
		// Whatever is read and built keeps every row, and lacks nothing but what the blanks give.
		n := 0
		for i := range e.Styles {
			for j := range e.Styles[i].Pages {
				p := &e.Styles[i].Pages[j]
				p.Picture = Picture{File: "p.png", SHA256: strings.Repeat("0", 64), DPI: 100, Width: 40000, Height: 40000}
				for k := range p.Targets {
					n++
					p.Targets[k].X, p.Targets[k].Y, p.Targets[k].W, p.Targets[k].H, p.Targets[k].Shape = 1+float64(k%90), 1+float64(k/90), 0.5, 0.5, Oval
				}
			}
		}
		if n != len(rows) {
			t.Fatalf("%d targets of %d rows", n, len(rows))
		}
		if n < 2000 {
			if err := e.Check(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestListWriter keeps the lists that the tests write honest.
func TestListWriter(t *testing.T) {
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(listCSV([]Row{{Style: `a "b", c`, Page: 1}}), "\ufeff"))).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, `a "b", c`, records[1][0])
}

func TestWriteContestsReadsBack(t *testing.T) {
	rows := []Row{
		{Line: 2, Style: "d1", Page: 1, Contest: "Mayor, \"the\" office", VoteFor: 2, Choice: "Ada Lark", Party: "DEM", Candidate: "Ada Lark", X: 1.0625, Y: 12.3457, HasXY: true},
		{Line: 3, Style: "d1", Page: 2, Contest: "Question", VoteFor: 1, Choice: "Yes"},
	}
	var b strings.Builder
	require.NoError(t, WriteContests(&b, rows))
	got, err := ReadContests("c.csv", strings.NewReader(b.String()))
	require.NoError(t, err)
	assert.Equal(t, rows, got)
	assert.Error(t, WriteContests(brokenPipe{}, rows))
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }
