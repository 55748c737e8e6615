package author

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/template"
)

// avsTown has three offices in two party columns and a write-in column, the second with two seats and its write-ins listed
// from the bottom up, the third on the back, and a question below it.
func avsTown() *election.AVS {
	entry := func(name, party string, x, y float64) election.AVSEntry {
		return election.AVSEntry{Name: name, Party: party, WriteIn: name == "Write-in", X: x, Y: y}
	}
	return &election.AVS{Title: "General", Town: "Smalltown",
		Contests: []election.AVSContest{
			{Title: "Mayor", VoteFor: 1, Entries: []election.AVSEntry{entry("Ada Lark", "DEM", 200, 100), entry("Ben Moss", "REP", 300, 100), entry("Write-in", "", 400, 118)}},
			{Title: "Council", VoteFor: 2, Entries: []election.AVSEntry{entry("Cy Reed", "DEM", 200, 136), entry("Di Fern", "DEM", 200, 154), entry("Cy Reed", "REP", 300, 136),
				entry("Write-in", "", 400, 154), entry("Write-in", "", 400, 136)}},
			{Title: "Clerk", VoteFor: 1, Entries: []election.AVSEntry{entry("Ed Wren", "DEM", 200, 172), entry("Write-in", "", 400, 172)}},
		},
		Questions: []election.AVSQuestion{{Title: "Sure?", Choices: []string{"Yes", "No"}}},
	}
}

// avsBlanks are the places of avsTown on two pages: columns at 2, 4 and 6 inches. In the row of two seats the columns are
// set half a row apart, as printers do.
func avsBlanks() []foundPage {
	at := func(x, y float64) template.Found {
		return template.Found{X: x, Y: y, W: 0.19, H: 0.12, Shape: election.Oval}
	}
	return []foundPage{
		{dpi: 100, places: []template.Found{at(2, 3), at(2.01, 4.25), at(2, 4.75), at(4, 3), at(4, 4.5), at(6, 3), at(6, 4), at(6, 4.5)}},
		{dpi: 100, places: []template.Found{at(2.05, 2), at(6.04, 2), at(4, 5), at(6, 5.01)}},
	}
}

var avsArgs = []BlankArg{{"s", 1, "front.png"}, {"s", 2, "back.png"}}

func TestPairAVS(t *testing.T) {
	rows, err := pairAVS(avsTown(), avsArgs, avsBlanks())
	require.NoError(t, err)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%d %s|%s|%s|%s %.2f,%.2f", r.Page, r.Contest, r.Choice, r.Party, r.Candidate, r.X, r.Y))
	}
	assert.Equal(t, []string{
		"1 Mayor|Ada Lark|DEM| 2.00,3.00", "1 Mayor|Ben Moss|REP| 4.00,3.00", "1 Mayor|Write-in|| 6.00,3.00",
		"1 Council|Cy Reed|DEM|Cy Reed 2.01,4.25", "1 Council|Di Fern|DEM| 2.00,4.75", "1 Council|Cy Reed|REP|Cy Reed 4.00,4.50",
		"1 Council|Write-in 1|| 6.00,4.00", "1 Council|Write-in 2|| 6.00,4.50",
		"2 Clerk|Ed Wren|DEM| 2.05,2.00", "2 Clerk|Write-in|| 6.04,2.00", "2 Sure?|Yes|| 4.00,5.00", "2 Sure?|No|| 6.00,5.01",
	}, got)
}

func TestPairAVSRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(a *election.AVS, p []foundPage) []foundPage
		says   string
	}{
		{"one target more in a column", func(_ *election.AVS, p []foundPage) []foundPage {
			p[0].places = append(p[0].places, template.Found{X: 4, Y: 6})
			return p
		}, "column 2 of 3 (4.00 inches from the left): the file lists 2 targets, the blanks show 3"},
		{"one fewer", func(_ *election.AVS, p []foundPage) []foundPage {
			p[0].places = p[0].places[1:]
			return p
		}, "column 1 of 3 (2.01 inches from the left): the file lists 4 targets, the blanks show 3"},
		{"a column more", func(_ *election.AVS, p []foundPage) []foundPage {
			p[0].places = append(p[0].places, template.Found{X: 1, Y: 3})
			return p
		}, "the file has 3 columns (4, 2, 4 targets), the blanks show 4 columns (1, 4, 2, 4 targets)"},
		{"one too many and one too few pass a count", func(_ *election.AVS, p []foundPage) []foundPage {
			p[0].places[3].Y = 4.4 // column 2's Mayor is not found, a speck below it is
			return p
		}, `the targets of office "Council" would stand in rows of the office before it`},
		{"an office over two pages", func(_ *election.AVS, p []foundPage) []foundPage {
			p[0].places[2], p[1].places = template.Found{X: 2, Y: 2.5}, append(p[1].places, template.Found{X: 2, Y: 3})
			return p
		}, "column 1"},
		{"the back before the front", func(_ *election.AVS, p []foundPage) []foundPage {
			slices.Reverse(p)
			return p
		}, "question"},
		{"a question the blanks do not have", func(a *election.AVS, p []foundPage) []foundPage {
			a.Questions = append(a.Questions, a.Questions[0])
			return p
		}, "column 1 of 3"},
		{"a question in the blanks alone", func(a *election.AVS, p []foundPage) []foundPage {
			a.Questions = nil
			return p
		}, "column 2 of 3"},
		{"a question of three", func(a *election.AVS, p []foundPage) []foundPage {
			a.Questions[0].Choices = append(a.Questions[0].Choices, "Perhaps")
			return p
		}, `question "Sure?" has 3 ovals in the file, and the row where it should stand on the blanks has 2`},
		{"two entries at one place", func(a *election.AVS, p []foundPage) []foundPage {
			a.Contests[1].Entries[1].Y = 136
			return p
		}, "two entries stand at one place"},
		{"offices out of order", func(a *election.AVS, p []foundPage) []foundPage {
			a.Contests[0], a.Contests[2] = a.Contests[2], a.Contests[0]
			return p
		}, "the order of the print is not known"},
		{"nothing found", func(_ *election.AVS, p []foundPage) []foundPage { return []foundPage{{}, {}} }, "has 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := avsTown()
			_, err := pairAVS(a, avsArgs, c.change(a, avsBlanks()))
			require.Error(t, err)
			var mm *AVSMismatchError
			if errors.As(err, &mm) {
				assert.Contains(t, mm.What, c.says)
				return
			}
			assert.Contains(t, err.Error(), c.says)
		})
	}
}

const avsFile = `<AVSInterface><AccuvoteHeaderInfo><ElectionDate>11/4/2025 12:00:00</ElectionDate><ElectionName>Election</ElectionName><TownName>Smalltown</TownName></AccuvoteHeaderInfo>
<Candidates><OfficeName><Name>Mayor</Name><WinnerNote>Vote for 1</WinnerNote></OfficeName>
<CandidateName><Party>DEM</Party><Name>Ada Lark</Name><OX>200</OX><OY>100</OY><WriteIn>False</WriteIn></CandidateName>
<CandidateName><Party>REP</Party><Name>Ben Moss</Name><OX>300</OX><OY>100</OY><WriteIn>False</WriteIn></CandidateName>
<CandidateName><Name>Mayor</Name><OX>400</OX><OY>100</OY><WriteIn>True</WriteIn></CandidateName></Candidates>
<Candidates><OfficeName><Name>Clerk</Name><WinnerNote>Vote for 1</WinnerNote></OfficeName>
<CandidateName><Party>DEM</Party><Name>Ed Wren</Name><OX>200</OX><OY>140</OY><WriteIn>False</WriteIn></CandidateName>
<CandidateName><Name>Clerk</Name><OX>400</OX><OY>140</OY><WriteIn>True</WriteIn></CandidateName></Candidates></AVSInterface>`

func TestImportAVS(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "definition.xml")
	require.NoError(t, os.WriteFile(file, []byte(avsFile), 0o644))
	front := fixtures.NewDrawing(8.5, 11, 100)
	for _, p := range []at2{{2, 3}, {4, 3}, {6, 3}, {2, 5}, {6, 5}} {
		front.Oval(p.x, p.y)
	}
	blank := saved(t, front, dir, "front.png", 100)
	out := filepath.Join(dir, "out")
	r, err := Import(ImportOptions{File: file, Out: out, Blanks: []BlankArg{{"s", 1, blank}}})
	require.NoError(t, err)
	assert.Equal(t, election.AccuVote, r.Kind)
	e, err := election.Load(filepath.Join(out, DefinitionFile))
	require.NoError(t, err)
	assert.Equal(t, "Smalltown Election", e.Title)
	assert.Equal(t, "2025-11-04", e.Date)
	want := []at2{{2, 3}, {4, 3}, {6, 3}, {2, 5}, {6, 5}}
	require.Len(t, e.Styles[0].Pages[0].Targets, 5)
	for i, g := range e.Styles[0].Pages[0].Targets {
		assert.InDelta(t, want[i].x, g.X, 0.02)
		assert.InDelta(t, want[i].y, g.Y, 0.02)
	}
	list, err := os.ReadFile(filepath.Join(out, ContestsFile))
	require.NoError(t, err)
	assert.Contains(t, string(list), "s,1,Clerk,1,Ed Wren,DEM,,")

	front.Wipe(570, 470, 630, 530) // the clerk's write-in
	blank = saved(t, front, dir, "short.png", 100)
	out = filepath.Join(dir, "other")
	_, err = Import(ImportOptions{File: file, Out: out, Blanks: []BlankArg{{"s", 1, blank}}})
	var mm *AVSMismatchError
	require.ErrorAs(t, err, &mm)
	assert.Contains(t, err.Error(), "column 3 of 3")
	assert.FileExists(t, mm.Pictures[0])
	assert.NoFileExists(t, filepath.Join(out, DefinitionFile))

	for _, c := range []struct {
		name   string
		blanks []BlankArg
		says   string
	}{
		{"no blank", nil, "give the blanks"},
		{"two styles", []BlankArg{{"a", 1, blank}, {"b", 1, blank}}, "describes one style"},
		{"a page twice", []BlankArg{{"a", 1, blank}, {"a", 1, blank}}, "given twice"},
		{"no such file", []BlankArg{{"a", 1, filepath.Join(dir, "none.png")}}, "none.png"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Import(ImportOptions{File: file, Out: out, Blanks: c.blanks})
			assert.ErrorContains(t, err, c.says)
		})
	}
}

// vwDrawn is a VotingWorks file of one page with three targets.
const vwDrawn = `{"title": "Town", "ballotLayout": {"paperSize": "letter", "metadataEncoding": "timing-marks"}, "ballotStyles": [{"id": "s"}],
"contests": [{"id": "q", "title": "Question", "type": "yesno", "yesOption": {"id": "y", "label": "Yes"}, "noOption": {"id": "n", "label": "No"}},
{"id": "c", "title": "Clerk", "type": "candidate", "seats": 1, "candidates": [{"id": "e", "name": "Ed Wren"}]}],
"gridLayouts": [{"ballotStyleId": "s", "gridPositions": [{"type": "option", "sheetNumber": 1, "side": "front", "column": 12, "row": 20, "contestId": "q", "optionId": "n"},
{"type": "option", "sheetNumber": 1, "side": "front", "column": 12, "row": 10, "contestId": "q", "optionId": "y"},
{"type": "option", "sheetNumber": 1, "side": "front", "column": 24, "row": 10, "contestId": "c", "optionId": "e"}]}]}`

func TestImportDrawsOrTakesBlanks(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "election.json")
	require.NoError(t, os.WriteFile(file, []byte(vwDrawn), 0o644))
	out := filepath.Join(dir, "drawn")
	_, err := Import(ImportOptions{File: file, Out: out, Title: "Other", DPI: 100})
	require.NoError(t, err)
	e, err := election.Load(filepath.Join(out, DefinitionFile))
	require.NoError(t, err)
	assert.Equal(t, "Other", e.Title)
	pic := e.Styles[0].Pages[0].Picture
	assert.True(t, pic.Drawn)
	_, err = template.Picture(out, pic)
	require.NoError(t, err)

	// A blank cropped otherwise and printed at 95 %: places are the blank's.
	blank := fixtures.NewDrawing(8.5, 11, 100)
	at := func(column, row float64) at2 { return at2{0.3 + 0.95*(0.125+column*0.25), 0.2 + 0.95*(0.5+row*0.25)} }
	for _, p := range []at2{at(12, 20), at(12, 10), at(24, 10)} {
		blank.Oval(p.x, p.y)
	}
	out = filepath.Join(dir, "blank")
	r, err := Import(ImportOptions{File: file, Out: out, Blanks: []BlankArg{{"s", 1, saved(t, blank, dir, "b.png", 100)}}})
	require.NoError(t, err)
	g := r.Election.Styles[0].Pages[0]
	assert.False(t, g.Picture.Drawn)
	assert.Nil(t, g.Grid)
	assert.InDelta(t, at(12, 20).y, g.Targets[0].Y, 0.02, "the order of the file, the place of the blank")
	assert.InDelta(t, at(12, 10).y, g.Targets[1].Y, 0.02)
	list, err := os.ReadFile(r.List)
	require.NoError(t, err)
	assert.Equal(t, 4, strings.Count(string(list), "\n"))

	blank = fixtures.NewDrawing(8.5, 11, 100)
	for _, p := range []at2{at(12, 20), at(12, 10), at(24, 14)} { // one stands elsewhere
		blank.Oval(p.x, p.y)
	}
	bent := saved(t, blank, dir, "bent.png", 100)
	blank.Oval(5, 9)
	more := saved(t, blank, dir, "more.png", 100)
	for _, c := range []struct {
		name   string
		blanks []BlankArg
		says   string
	}{
		{"laid out otherwise", []BlankArg{{"s", 1, bent}}, "do not lie as the definition says"},
		{"one target more", []BlankArg{{"s", 1, more}}, "has 3 targets, 4 were found"},
		{"another style", []BlankArg{{"x", 1, more}}, `no style "x"`},
		{"a page without a blank", []BlankArg{{"s", 2, bent}}, "style s page 1 has no blank"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Import(ImportOptions{File: file, Out: out, Blanks: c.blanks})
			assert.ErrorContains(t, err, c.says)
		})
	}
	_, err = Import(ImportOptions{Kind: "other", File: file, Out: out})
	assert.ErrorContains(t, err, `"other" are not read`)
	_, err = Import(ImportOptions{File: filepath.Join(dir, "none"), Out: out})
	assert.ErrorContains(t, err, "none")
	require.NoError(t, os.WriteFile(file, []byte("{}"), 0o644))
	_, err = Import(ImportOptions{File: file, Out: out})
	assert.ErrorContains(t, err, "--from")
}
