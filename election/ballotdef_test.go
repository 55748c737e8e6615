package election

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wholeTown is a definition with all that a Ballot Definition can hold: two styles, a person on two lines, write-ins, a
// question, every shape, timing marks on one page and none on another, and paper that lies on its side.
func wholeTown(t *testing.T) *Election {
	t.Helper()
	grid, err := AccuVoteTracks.Grid(Paper{8.5, 11})
	require.NoError(t, err)
	pic := func(n, w, h int) Picture {
		return Picture{File: "b/" + string(rune('a'+n)) + ".png", SHA256: strings.Repeat("0", 64), DPI: 200, Width: w, Height: h}
	}
	at := func(contest, choice string, x, y float64, s Shape) Target {
		return Target{Contest: contest, Choice: choice, X: x, Y: y, W: 0.185, H: 0.12, Shape: s}
	}
	e := &Election{Format: Format, Title: "Town Election", Date: "2025-11-04", Jurisdiction: "Smalltown",
		Contests: []Contest{
			{ID: "mayor", Title: "Mayor", VoteFor: 2, Choices: []Choice{
				{ID: "ada-dem", Name: "Ada Lark (DEM)", Party: "DEM", Candidate: "Ada Lark"}, {ID: "ada-wf", Name: "Ada Lark (WF)", Party: "WF", Candidate: "Ada Lark"},
				{ID: "ben", Name: "Ben Moss"}, {ID: "cy", Name: "Cy & <Reed>", Candidate: "Cy Reed"}, {ID: "w1", Name: "Write-in 1", WriteIn: true}, {ID: "w2", Name: "Write-in 2", WriteIn: true, Party: "DEM"}}},
			{ID: "q", Title: "Question 1", VoteFor: 1, Choices: []Choice{{ID: "yes", Name: "Yes"}, {ID: "no", Name: "No"}}},
		},
		Styles: []Style{
			{ID: "ward 1", Precinct: "Ward 1", Pages: []Page{
				{Number: 1, Picture: pic(0, 1700, 2200), Grid: grid, Targets: []Target{at("mayor", "ada-dem", 3.125, 2.5, Oval), at("mayor", "ada-wf", 4.875, 2.5, Oval),
					at("mayor", "ben", 3.125, 2.8501, Box), at("mayor", "cy", 3.125, 3.1, Arrow), at("mayor", "w1", 6, 2.5, Oval), at("mayor", "w2", 6, 3, Oval)}},
				{Number: 4, Picture: pic(1, 2200, 1700), Targets: []Target{at("q", "yes", 10, 5, Oval), at("q", "no", 10, 6, Oval)}}}},
			{ID: "at large", Pages: []Page{{Number: 1, Picture: pic(2, 1700, 2800), Targets: []Target{at("q", "no", 1.0003, 13.5, Oval), at("q", "yes", 2, 13.5, Oval)}}}},
		}}
	require.NoError(t, e.Check())
	return e
}

func TestBallotDefinitionRoundTrip(t *testing.T) {
	e := wholeTown(t)
	data, err := e.WriteBallotDefinition("", "recount test")
	require.NoError(t, err)
	again, err := e.WriteBallotDefinition("2001-01-01", "recount test")
	require.NoError(t, err)
	assert.Equal(t, data, again, "the definition's own day stands")
	in, err := ReadBallotDefinition("bd.json", data, BallotDefinitionOptions{})
	require.NoError(t, err)
	got := in.Election
	for i := range e.Styles { // the standard has no pictures; how the rest is held is all the same
		for j := range e.Styles[i].Pages {
			e.Styles[i].Pages[j].Picture.File, e.Styles[i].Pages[j].Picture.SHA256, e.Styles[i].Pages[j].Picture.Drawn = "", "", true
		}
	}
	assert.Equal(t, e.Contests, got.Contests)
	assert.Equal(t, e, got)
	assert.Len(t, in.Notes, 2, "two pages without timing marks: %v", in.Notes)
}

func TestWriteBallotDefinitionErrors(t *testing.T) {
	e := wholeTown(t)
	e.Date = ""
	_, err := e.WriteBallotDefinition("", "p")
	assert.ErrorContains(t, err, "YYYY-MM-DD")
	e.Styles[0].VoteFor = map[string]int{"mayor": 1}
	_, err = e.WriteBallotDefinition("2025-11-04", "p")
	assert.ErrorContains(t, err, `style "ward 1" has votes allowed of its own`)
}

// bdSmall is a Ballot Definition as others write one: points, no names of ours, a write-in line without an option's id, a
// person printed twice by one option.
const bdSmall = `{"@type": "BallotDefinition.BallotDefinition", "Version": "1.0.0", "SequenceStart": 1,
 "GpUnit": [{"@id": "all", "Type": "town"}, {"@id": "w1", "Type": "ward", "Name": {"Text": [{"Language": "es", "Content": "Uno"}, {"Language": "en", "Content": "Ward 1"}]}}],
 "Party": [{"@id": "dem", "Name": {"Text": [{"Language": "en", "Content": "DEM"}]}}, {"@id": "wf", "Name": {"Text": [{"Language": "en", "Content": "WF"}]}}],
 "Shape": [{"@id": "oval", "ShapeType": "ellipse", "StrokeWidth": 0.72}],
 "BallotFormat": [{"@id": "bf", "MeasurementUnit": "pt", "Orientation": "portrait", "ShortEdge": 612, "LongEdge": 792, "FiducialMark": [{"Side": "front", "X": 1, "Y": 1, "W": 9, "H": 9}]}],
 "Election": [{"Name": {"Text": [{"Language": "en", "Content": "Town"}]}, "StartDate": "2025-11-04", "ElectionScopeId": "all",
  "Candidate": [{"@id": "a", "BallotName": {"Text": [{"Language": "en", "Content": "Ada Lark"}]}, "PartyId": "dem"}, {"@id": "b", "BallotName": {"Text": [{"Language": "en", "Content": "Ben Moss"}]}}],
  "Contest": [{"@type": "BallotDefinition.CandidateContest", "@id": "c1", "Name": "Mayor", "VotesAllowed": 1, "VoteVariation": "plurality", "ContestOption": [
     {"@id": "o-a", "CandidateIds": ["a"], "EndorsementPartyIds": ["dem", "wf"]}, {"@id": "o-b", "CandidateIds": ["b"]}, {"@id": "o-w", "IsWriteIn": true}]}],
  "BallotStyle": [{"GpUnitIds": ["w1"], "OrderedContent": [{"HeaderId": "h", "OrderedContent": [{"ContestId": "c1", "Physical": [{"BallotFormatId": "bf", "PhysicalContestOption": [
     {"ContestOptionId": "o-a", "OptionPosition": [{"IndicatorId": "oval", "NumberVotes": 1, "Sheet": 1, "Side": "front", "X": 72, "Y": 144, "W": 14.4, "H": 9.36},
        {"IndicatorId": "oval", "NumberVotes": 1, "Sheet": 1, "Side": "front", "X": 144, "Y": 144, "W": 14.4, "H": 9.36}]},
     {"ContestOptionId": "o-b", "OptionPosition": [{"IndicatorId": "oval", "NumberVotes": 1, "Side": "front", "X": 72, "Y": 180, "W": 14.4, "H": 9.36}]},
     {"OptionPosition": [{"NumberVotes": 1, "Sheet": 1, "Side": "front", "X": 72, "Y": 216, "W": 14.4, "H": 9.36}]}]}]}]}]}]}]}`

func TestReadBallotDefinitionOfOthers(t *testing.T) {
	in, err := ReadBallotDefinition("bd.json", []byte(bdSmall), BallotDefinitionOptions{})
	require.NoError(t, err)
	e := in.Election
	assert.Equal(t, []Contest{{ID: "c1", Title: "Mayor", VoteFor: 1, Choices: []Choice{
		{ID: "o-a", Name: "Ada Lark", Candidate: "Ada Lark"}, {ID: "o-a-2", Name: "Ada Lark", Candidate: "Ada Lark"},
		{ID: "o-b", Name: "Ben Moss"}, {ID: "o-w", Name: "Write-in", WriteIn: true}}}}, e.Contests)
	require.Len(t, e.Styles, 1)
	assert.Equal(t, "Ward 1", e.Styles[0].ID)
	assert.Equal(t, "Ward 1", e.Styles[0].Precinct)
	g := e.Styles[0].Pages[0]
	assert.Equal(t, Target{Contest: "c1", Choice: "o-a", X: 1.1, Y: 2.065, W: 0.19, H: 0.12, Shape: Oval}, g.Targets[0], "the line's width is taken off")
	assert.Equal(t, Box, g.Targets[3].Shape)
	assert.Nil(t, g.Grid)
	notes := strings.Join(in.Notes, "\n")
	assert.Contains(t, notes, "party is left open")
	assert.Contains(t, notes, "better give its blank")
}

func TestReadBallotDefinitionErrors(t *testing.T) {
	for _, row := range []struct{ name, old, new, want string }{
		{"two elections", `"Election": [{`, `"Election": [{}, {`, "2 elections"},
		{"no size", `"X": 72, "Y": 180, "W": 14.4, "H": 9.36`, `"X": 72, "Y": 180, "W": 0, "H": 0`, "--positions grid"},
		{"no size, named", `"X": 72, "Y": 180, "W": 14.4, "H": 9.36`, `"X": 72, "Y": 180, "W": 0, "H": 0`, "/Election/0/BallotStyle/0/OrderedContent/0/OrderedContent/0/Physical/0/PhysicalContestOption/1/OptionPosition/0"},
		{"outside the paper", `"X": 72, "Y": 180`, `"X": 72, "Y": 1800`, "lies outside its paper"},
		{"X left out", `"X": 72, "Y": 180`, `"Y": 180`, "has not all of X, Y, W and H"},
		{"unknown unit", `"MeasurementUnit": "pt"`, `"MeasurementUnit": "px"`, "no paper that makes sense"},
		{"no such format", `"BallotFormatId": "bf"`, `"BallotFormatId": "x"`, `no ballot format has the id "x"`},
		{"no such option", `"ContestOptionId": "o-b"`, `"ContestOptionId": "x"`, `no option with the id "x"`},
		{"no such contest", `"ContestId": "c1"`, `"ContestId": "c2"`, `no contest has the id "c2"`},
		{"an option without a place", `"ContestOptionId": "o-b"`, `"ContestOptionId": "o-a"`, `"Ben Moss" has no place`},
		{"a contest twice", `"Contest": [{`, `"Contest": [{"@id": "c1", "Name": "X"}, {`, "no name, no id, or another's id"},
		{"a candidate of nobody", `"CandidateIds": ["b"]`, `"CandidateIds": ["z"]`, `no candidate has the id "z"`},
		{"ranks", `"VoteVariation": "plurality"`, `"VoteVariation": "rcv"`, `of the kind "rcv"`},
		{"weighted", `"IndicatorId": "oval", "NumberVotes": 1, "Side"`, `"IndicatorId": "oval", "NumberVotes": 2, "Side"`, "one plain vote"},
		{"votes allowed 0", `"VotesAllowed": 1`, `"VotesAllowed": 0`, "0 votes allowed"},
		{"a third side", `"NumberVotes": 1, "Side": "front"`, `"NumberVotes": 1, "Side": "top"`, `side "top"`},
		{"sheet 1000", `{"NumberVotes": 1, "Sheet": 1`, `{"NumberVotes": 1, "Sheet": 1000`, "sheet 1000"},
		{"ids twice", `"@id": "wf"`, `"@id": "dem"`, `"dem" is empty or given twice`},
		{"a text for a number", `"VotesAllowed": 1`, `"VotesAllowed": "1"`, "a string stands where"},
		{"no styles", `"BallotStyle": [`, `"Other": [`, "no ballot style lists a contest"},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Contains(t, bdSmall, row.old)
			_, err := ReadBallotDefinition("bd.json", []byte(strings.Replace(bdSmall, row.old, row.new, 1)), BallotDefinitionOptions{})
			var p *Problems
			require.ErrorAs(t, err, &p)
			assert.Contains(t, err.Error(), row.want)
			assert.Contains(t, err.Error(), "bd.json")
		})
	}
}

// One program writes column and row of timing marks where inches belong. That is believed only when it is said.
func TestBallotDefinitionPositionsByGrid(t *testing.T) {
	text := strings.NewReplacer(`"W": 14.4, "H": 9.36`, `"W": 0, "H": 0`, `"X": 72`, `"X": 12`, `"X": 144`, `"X": 19`, `"Y": 144`, `"Y": 8`, `"Y": 180`, `"Y": 10`, `"Y": 216`, `"Y": 12`).Replace(bdSmall)
	_, err := ReadBallotDefinition("bd.json", []byte(text), BallotDefinitionOptions{})
	require.ErrorContains(t, err, "--positions grid")
	in, err := ReadBallotDefinition("bd.json", []byte(text), BallotDefinitionOptions{Grid: true, Tracks: AccuVoteTracks})
	require.NoError(t, err)
	g := in.Election.Styles[0].Pages[0]
	assert.Equal(t, [2]float64{3.125, 2.5}, [2]float64{g.Targets[0].X, g.Targets[0].Y})
	assert.Equal(t, 12.0, *g.Targets[0].Column)
	assert.Len(t, g.Grid.Columns, 34)
	_, err = ReadBallotDefinition("bd.json", []byte(strings.Replace(text, `"Y": 12`, `"Y": 60`, 1)), BallotDefinitionOptions{Grid: true, Tracks: AccuVoteTracks})
	assert.ErrorContains(t, err, "row 60 lies outside")
	_, err = ReadBallotDefinition("bd.json", []byte(text), BallotDefinitionOptions{Grid: true})
	assert.ErrorContains(t, err, "--marks")
}

// The published examples carry no places: they give contest lists that the program itself reads.
func TestPublishedBallotDefinitions(t *testing.T) {
	dir := filepath.Join(filepath.Dir(corpusDir(t, "")), "formats", "nist-elections")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no published Ballot Definitions at %s", dir)
	}
	for _, row := range []struct {
		name               string
		rows, styles, says int
	}{{"gen-01", 144, 4, 2}, {"gen-02", 108, 3, 2}, {"prim-01", 162, 2, 1}} {
		t.Run(row.name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, row.name, "bd-"+row.name+".json"))
			require.NoError(t, err)
			require.NoError(t, CheckBallotDefinition(row.name, data))
			kind, err := KindOf(data)
			require.NoError(t, err)
			assert.Equal(t, NIST150020, kind)
			in, err := ReadBallotDefinition(row.name, data, BallotDefinitionOptions{})
			require.NoError(t, err)
			assert.Nil(t, in.Election)
			assert.Len(t, in.Rows, row.rows)
			assert.Len(t, in.Notes, row.says, "%v", in.Notes)
			var text strings.Builder
			require.NoError(t, WriteContests(&text, in.Rows))
			back, err := ReadContests("contests.csv", strings.NewReader(text.String()))
			require.NoError(t, err)
			assert.Equal(t, in.Rows, back)
			e, err := FromRows("T", back)
			require.NoError(t, err)
			assert.Len(t, e.Styles, row.styles)
		})
	}
}

func TestCheckBallotDefinition(t *testing.T) {
	assert.ErrorContains(t, CheckBallotDefinition("x.json", []byte(`{"@type": "BallotDefinition.BallotDefinition"}`)), "x.json")
	assert.Error(t, CheckBallotDefinition("x.json", []byte(`{`)))
}

func FuzzReadBallotDefinition(f *testing.F) {
	f.Add([]byte(bdSmall), false)
	f.Add([]byte(`{"Election":[{"BallotStyle":[{"OrderedContent":[{"OrderedContent":[{}]}]}]}]}`), true)
	f.Fuzz(func(t *testing.T, data []byte, grid bool) {
		in, err := ReadBallotDefinition("f", data, BallotDefinitionOptions{Grid: grid, Tracks: AccuVoteTracks})
		if err != nil || in.Election == nil {
			return
		}
		out, err := in.Election.WriteBallotDefinition("2001-01-01", "f")
		require.NoError(t, err)
		_, err = ReadBallotDefinition("again", out, BallotDefinitionOptions{})
		require.NoError(t, err)
	})
}

func TestKindOf(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       Kind
	}{
		{"VotingWorks", vwFlat, VotingWorks}, {"NIST", bdSmall, NIST150020}, {"AccuVote", avsSmall, AccuVote}, {"with a BOM", "\ufeff" + vwFlat, VotingWorks},
		{"ours", `{"format":1,"contests":[],"styles":[]}`, ""}, {"nothing", "", ""}, {"a web page", "<html></html>", ""}, {"a list", "[1]", ""}, {"broken", "{", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := KindOf([]byte(row.text))
			assert.Equal(t, row.want, got)
			assert.Equal(t, row.want == "", err != nil)
		})
	}
}

func TestDistinctTitles(t *testing.T) {
	assert.Equal(t, []string{"A (x)", "a (y)", "B", "A (x) [2]"}, distinct([]string{"A", "a", "B", "A"}, []string{"x", "y", "", "x"}))
	data, err := json.Marshal(distinct(nil, nil))
	require.NoError(t, err)
	assert.Equal(t, "[]", string(data))
}
