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

// vwFlat is a small election in the older form: a contest with a candidate of two parties, a question, an either/neither
// pair and a contest that stands nowhere.
const vwFlat = `{
 "title": "Town\nElection", "date": "2022-07-12T12:00:00.000-04:00", "state": "NH", "county": {"id": "1", "name": "Smalltown"},
 "ballotLayout": {"paperSize": "letter", "metadataEncoding": "timing-marks"},
 "precincts": [{"id": "p1", "name": "Ward 1"}], "districts": [{"id": "d1", "name": "Town"}],
 "parties": [{"id": "dem", "name": "Democratic"}, {"id": "rep", "name": "Republican"}],
 "ballotStyles": [{"id": "card/3", "precincts": ["p1"], "districts": ["d1"]}],
 "contests": [
  {"id": "mayor", "type": "candidate", "title": "Mayor", "districtId": "d1", "seats": 2, "allowWriteIns": true, "candidates": [
    {"id": "ada", "name": "Ada Lark", "partyIds": ["dem", "rep"]}, {"id": "ben", "name": "Ben Moss", "partyIds": ["dem"]}, {"id": "cy", "name": "Cy Reed", "partyIds": ["rep"]}]},
  {"id": "q1", "type": "yesno", "title": "Question 1", "districtId": "d1", "description": "?", "yesOption": {"id": "q1-yes", "label": "Yes"}, "noOption": {"id": "q1-no", "label": "No"}},
  {"id": "en", "type": "ms-either-neither", "title": "Measure 2", "districtId": "d1", "eitherNeitherContestId": "en-e", "pickOneContestId": "en-p",
    "eitherNeitherLabel": "Vote for approval of either", "pickOneLabel": "And vote for one", "eitherOption": {"id": "e", "label": "Either"}, "neitherOption": {"id": "n", "label": "Neither"},
    "firstOption": {"id": "f", "label": "2A"}, "secondOption": {"id": "s", "label": "2B"}},
  {"id": "nowhere", "type": "yesno", "title": "Elsewhere", "districtId": "d1", "description": "?"}],
 "gridLayouts": [{"ballotStyleId": "card/3", "optionBoundsFromTargetMark": {"top": 1, "right": 1, "bottom": 1, "left": 5}, "gridPositions": [
  {"type": "option", "sheetNumber": 1, "side": "front", "column": 12, "row": 8, "contestId": "mayor", "optionId": "ada"},
  {"type": "option", "sheetNumber": 1, "side": "front", "column": 12, "row": 9.5, "contestId": "mayor", "optionId": "ben"},
  {"type": "option", "sheetNumber": 1, "side": "front", "column": 19, "row": 8, "contestId": "mayor", "optionId": "ada"},
  {"type": "option", "sheetNumber": 1, "side": "front", "column": 19, "row": 10, "contestId": "mayor", "optionId": "cy"},
  {"type": "write-in", "sheetNumber": 1, "side": "front", "column": 32, "row": 8, "contestId": "mayor", "writeInIndex": 0, "writeInArea": {"x": 27, "y": 7, "width": 4, "height": 1}},
  {"type": "write-in", "sheetNumber": 1, "side": "front", "column": 32, "row": 10, "contestId": "mayor", "writeInIndex": 1},
  {"type": "option", "sheetNumber": 2, "side": "back", "column": 26, "row": 24, "contestId": "q1", "optionId": "q1-yes"},
  {"type": "option", "sheetNumber": 2, "side": "back", "column": 32, "row": 24, "contestId": "q1", "optionId": "q1-no"},
  {"type": "option", "sheetNumber": 2, "side": "back", "column": 20, "row": 30, "contestId": "en", "optionId": "e"},
  {"type": "option", "sheetNumber": 2, "side": "back", "column": 20, "row": 31, "contestId": "en-e", "optionId": "n"},
  {"type": "option", "sheetNumber": 2, "side": "back", "column": 20, "row": 32, "contestId": "en", "optionId": "f"},
  {"type": "option", "sheetNumber": 2, "side": "back", "column": 20, "row": 33, "contestId": "en-p", "optionId": "s"}]}]
}`

func TestReadVotingWorks(t *testing.T) {
	in, err := ReadVotingWorks("election.json", []byte(vwFlat), VotingWorksOptions{})
	require.NoError(t, err)
	e := in.Election
	assert.Equal(t, "Town Election", e.Title)
	assert.Equal(t, "2022-07-12", e.Date)
	assert.Equal(t, "Smalltown, NH", e.Jurisdiction)
	assert.Equal(t, []Contest{
		{ID: "mayor", Title: "Mayor", VoteFor: 2, Choices: []Choice{
			{ID: "ada", Name: "Ada Lark", Party: "Democratic", Candidate: "Ada Lark"},
			{ID: "ada-2", Name: "Ada Lark", Party: "Republican", Candidate: "Ada Lark"},
			{ID: "ben", Name: "Ben Moss", Party: "Democratic"}, {ID: "cy", Name: "Cy Reed", Party: "Republican"},
			{ID: "write-in-0", Name: "Write-in 1", WriteIn: true}, {ID: "write-in-1", Name: "Write-in 2", WriteIn: true}}},
		{ID: "q1", Title: "Question 1", VoteFor: 1, Choices: []Choice{{ID: "q1-yes", Name: "Yes"}, {ID: "q1-no", Name: "No"}}},
		{ID: "en-e", Title: "Measure 2: Vote for approval of either", VoteFor: 1, Choices: []Choice{{ID: "e", Name: "Either"}, {ID: "n", Name: "Neither"}}},
		{ID: "en-p", Title: "Measure 2: And vote for one", VoteFor: 1, Choices: []Choice{{ID: "f", Name: "2A"}, {ID: "s", Name: "2B"}}},
	}, e.Contests)
	require.Len(t, e.Styles, 1)
	s := e.Styles[0]
	assert.Equal(t, "card-3", s.ID, "a slash would not fit the command line")
	assert.Equal(t, "Ward 1", s.Precinct)
	require.Len(t, s.Pages, 2)
	assert.Equal(t, []int{1, 4}, []int{s.Pages[0].Number, s.Pages[1].Number})
	assert.Equal(t, Picture{DPI: 200, Width: 1700, Height: 2200, Drawn: true}, s.Pages[0].Picture)
	ben := s.Pages[0].Targets[1]
	assert.Equal(t, [4]float64{3.125, 2.875, 0.185, 0.12}, [4]float64{ben.X, ben.Y, ben.W, ben.H}, "a half row lies between two marks")
	assert.Equal(t, 9.5, *ben.Row)
	assert.Len(t, in.Rows, 12)
	assert.Contains(t, strings.Join(in.Notes, "\n"), `"Elsewhere" stands on no ballot style`)
	assert.Contains(t, strings.Join(in.Notes, "\n"), "back of sheet 1")
}

// The newer form says the same in other words; where it names the party of a place, that is believed.
func TestReadVotingWorksNewerForm(t *testing.T) {
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(vwFlat), &doc))
	delete(doc, "gridLayouts")
	option := func(id string, column, row float64, parties ...string) map[string]any {
		return map[string]any{"type": "option", "optionId": id, "partyIds": parties, "bubbleCenter": map[string]any{"row": row, "column": column}}
	}
	doc["ballotLayout"] = map[string]any{"paperSize": "custom-8.5x17", "metadataEncoding": "qr-code"}
	doc["contests"].([]any)[1] = map[string]any{"id": "q1", "type": "yesno", "title": "Question 1", "options": []any{
		map[string]any{"id": "a", "label": "For"}, map[string]any{"id": "b", "label": "Against"}, map[string]any{"id": "c", "label": "Neither"}}}
	doc["ballotStyles"].([]any)[0].(map[string]any)["ballotPositions"] = []any{[]any{[]any{
		map[string]any{"contestId": "mayor", "options": []any{option("ada", 1, 5, "rep"), option("ben", 1, 6), option("cy", 1, 7), option("ada", 1, 8, "dem"),
			map[string]any{"type": "write-in", "writeInIndex": 0, "bubbleCenter": map[string]any{"row": 9.0, "column": 1.0}}}}}, []any{
		map[string]any{"contestId": "q1", "options": []any{option("a", 2.25, 60), option("b", 2.25, 61), option("c", 2.25, 62)}}}}}
	data, err := json.Marshal(doc)
	require.NoError(t, err)
	in, err := ReadVotingWorks("election.json", data, VotingWorksOptions{})
	require.NoError(t, err)
	c := in.Election.Contests
	assert.Equal(t, []string{"Republican", "Democratic"}, []string{c[0].Choices[0].Party, c[0].Choices[1].Party})
	assert.Len(t, c[1].Choices, 3)
	pages := in.Election.Styles[0].Pages
	require.Len(t, pages, 2)
	assert.Equal(t, 3400, pages[0].Picture.Height)
	assert.Len(t, pages[0].Grid.Rows, 65)
	assert.Equal(t, []string{"left", "right", "top", "bottom"}, pages[0].Grid.Sides)
	assert.Equal(t, Paper{0.18, 0.11}, Paper{pages[1].Targets[0].W, pages[1].Targets[0].H})
}

func TestPartyLinesAreNotGuessed(t *testing.T) {
	// Without Cy nobody tells that column 19 is the Republicans'.
	text := strings.Replace(vwFlat, `"partyIds": ["rep"]`, `"partyIds": []`, 1)
	in, err := ReadVotingWorks("election.json", []byte(text), VotingWorksOptions{})
	require.NoError(t, err)
	for _, ch := range in.Election.Contests[0].Choices[:2] {
		assert.Equal(t, Choice{ID: ch.ID, Name: "Ada Lark", Candidate: "Ada Lark"}, ch)
	}
	assert.Contains(t, strings.Join(in.Notes, "\n"), "their party is left open")
}

func TestReadVotingWorksErrors(t *testing.T) {
	for _, row := range []struct{ name, old, new, want string }{
		{"no JSON", `{`, `<`, "election.json"},
		{"a key twice", `"state": "NH"`, `"title": "T"`, "/title: line 2, column 77: given twice"},
		{"a number for a text", `"state": "NH"`, `"state": 3`, "/state: a number stands where"},
		{"no title", `"title": "Town\nElection"`, `"title": " "`, "/title: the election has no title"},
		{"unknown paper", `"paperSize": "letter"`, `"paperSize": "tabloid"`, `/ballotLayout/paperSize: paper "tabloid" is not known`},
		{"no code's kind", `"timing-marks"`, `"runes"`, "/ballotLayout/metadataEncoding"},
		{"row outside the paper", `"row": 9.5`, `"row": 41`, "/gridLayouts/0/gridPositions/1: column 12, row 41 lies outside the timing marks of 8.5 x 11 inch paper"},
		{"row that is no number", `"row": 9.5`, `"row": null`, "/gridLayouts/0/gridPositions/1: the position has no column and row"},
		{"column below zero", `"column": 26`, `"column": -1`, "/gridLayouts/0/gridPositions/6"},
		{"sheet 0", `"sheetNumber": 1, "side": "front", "column": 12, "row": 8`, `"sheetNumber": 0, "side": "front", "column": 12, "row": 8`, "/gridLayouts/0/gridPositions/0/sheetNumber"},
		{"a third side", `"side": "back", "column": 26`, `"side": "edge", "column": 26`, "/gridLayouts/0/gridPositions/6/side"},
		{"no such type", `{"type": "option", "sheetNumber": 2, "side": "back", "column": 26`, `{"type": "area", "sheetNumber": 2, "side": "back", "column": 26`, "gridPositions/6/type"},
		{"no such contest", `"contestId": "q1", "optionId": "q1-yes"`, `"contestId": "q9", "optionId": "q1-yes"`, `no contest has the id "q9"`},
		{"no such option", `"contestId": "q1", "optionId": "q1-yes"`, `"contestId": "q1", "optionId": "maybe"`, `no option with the id "maybe"`},
		{"no such style", `"ballotStyleId": "card/3"`, `"ballotStyleId": "card/4"`, "/gridLayouts/0/ballotStyleId"},
		{"write-in without a number", `"writeInIndex": 1`, `"writeInIndex": -1`, "gridPositions/5/writeInIndex"},
		{"write-in where none are allowed", `"allowWriteIns": true`, `"allowWriteIns": false`, "allows no write-ins"},
		{"the same write-in twice", `"writeInIndex": 1`, `"writeInIndex": 0`, "write-in 0 of contest"},
		{"an option without a place", `"optionId": "cy"`, `"optionId": "ben"`, `option "Cy Reed" has no place`},
		{"two places, one party", `"partyIds": ["dem", "rep"]`, `"partyIds": []`, "two places but is not named by several parties"},
		{"votes allowed 0", `"seats": 2`, `"seats": 0`, "/contests/0/seats: 0 votes allowed"},
		{"unknown party", `"partyIds": ["rep"]`, `"partyIds": ["x"]`, `no party has the id "x"`},
		{"unknown contest type", `"type": "yesno", "title": "Question 1"`, `"type": "rank", "title": "Question 1"`, `type "rank" are not known`},
		{"a contest twice", `"id": "nowhere"`, `"id": "q1"`, `contest id "q1" stands twice`},
		{"two targets at one place", `"row": 9.5`, `"row": 8`, "the target lies on target"},
		{"no positions", `"gridPositions": [`, `"other": [`, "no ballot style says where its targets lie"},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Contains(t, vwFlat, row.old)
			_, err := ReadVotingWorks("election.json", []byte(strings.Replace(vwFlat, row.old, row.new, 1)), VotingWorksOptions{})
			var p *Problems
			require.ErrorAs(t, err, &p)
			assert.Contains(t, err.Error(), row.want)
			assert.Contains(t, err.Error(), "election.json")
		})
	}
	t.Run("the real paper is asked for", func(t *testing.T) {
		text := strings.Replace(vwFlat, `"row": 9.5`, `"row": 41`, 1)
		in, err := ReadVotingWorks("election.json", []byte(text), VotingWorksOptions{Paper: Paper{8.5, 14}})
		require.NoError(t, err)
		assert.Equal(t, 2800, in.Election.Styles[0].Pages[0].Picture.Height)
		assert.Contains(t, strings.Join(in.Notes, "\n"), "8.5 x 14 inches were asked for")
	})
}

func FuzzReadVotingWorks(f *testing.F) {
	f.Add([]byte(vwFlat))
	f.Add([]byte(`{"ballotStyles":[{"id":"a","ballotPositions":[[[{"options":[{}]}]]]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := ReadVotingWorks("f", data, VotingWorksOptions{})
		if err == nil {
			require.NoError(t, in.Election.checkDrawn("f"))
		}
	})
}

func TestParsePaper(t *testing.T) {
	for _, row := range []struct {
		text string
		want Paper
	}{{"letter", Paper{8.5, 11}}, {"Legal", Paper{8.5, 14}}, {"custom17", Paper{8.5, 17}}, {"custom-8.5x22", Paper{8.5, 22}}, {"8.5X14", Paper{8.5, 14}}, {" 11x17 ", Paper{11, 17}}} {
		got, err := ParsePaper(row.text)
		require.NoError(t, err, row.text)
		assert.Equal(t, row.want, got)
	}
	for _, bad := range []string{"", "a4", "8.5", "0x0", "99x99", "8.5x14x3", "-8x11", "1e1x11"} {
		_, err := ParsePaper(bad)
		assert.Error(t, err, bad)
	}
}

func TestTracksGrid(t *testing.T) {
	for _, row := range []struct {
		name                     string
		tracks                   Tracks
		paper                    Paper
		columns, rows            int
		x0, y0, xN, yN, dx50, dy float64
	}{
		{"accuvote letter", AccuVoteTracks, Paper{8.5, 11}, 34, 41, 0.125, 0.5, 8.375, 10.5, 0.25, 0.25},
		{"accuvote legal", AccuVoteTracks, Paper{8.5, 14}, 34, 53, 0.125, 0.5, 8.375, 13.5, 0.25, 0.25},
		{"votingworks letter: 48.0 and 53.0 pixels at 200 an inch", VotingWorksTracks, Paper{8.5, 11}, 34, 41, 0.2906, 0.1979, 8.2094, 10.8021, 0.24, 0.2651},
		{"votingworks legal: 52.3 pixels", VotingWorksTracks, Paper{8.5, 14}, 34, 53, 0.2906, 0.1979, 8.2094, 13.8021, 0.24, 0.2616},
	} {
		t.Run(row.name, func(t *testing.T) {
			g, err := row.tracks.Grid(row.paper)
			require.NoError(t, err)
			require.Len(t, g.Columns, row.columns)
			require.Len(t, g.Rows, row.rows)
			assert.InDelta(t, row.x0, g.Columns[0], 1e-4)
			assert.InDelta(t, row.y0, g.Rows[0], 1e-4)
			assert.InDelta(t, row.xN, g.Columns[row.columns-1], 1e-4)
			assert.InDelta(t, row.yN, g.Rows[row.rows-1], 1e-4)
			assert.InDelta(t, row.dx50, g.Columns[1]-g.Columns[0], 2e-4)
			assert.InDelta(t, row.dy, g.Rows[1]-g.Rows[0], 2e-4)
		})
	}
	_, err := AccuVoteTracks.Grid(Paper{0.1, 0.1})
	assert.Error(t, err)
	_, err = Tracks("").Grid(Paper{8.5, 11})
	assert.ErrorContains(t, err, "accuvote or votingworks")
}

func TestCardCode(t *testing.T) {
	g, err := AccuVoteTracks.Grid(Paper{8.5, 11})
	require.NoError(t, err)
	c := cardCode("card-number-3", g)
	require.NotNil(t, c)
	p := &Problems{}
	checkCode(c, "/code", p)
	require.NoError(t, p.err())
	on, err := c.Bits.Parse(c.Value)
	require.NoError(t, err)
	var columns []float64
	for i, v := range on {
		if v {
			columns = append(columns, (c.Bits.Places[i].X-g.Columns[0])/0.25)
		}
	}
	assert.InDeltaSlice(t, []float64{1, 16, 17}, columns, 1e-6, "as the blank of card 3 prints: the start and the two lowest bits of the card")
	assert.InDelta(t, 10.5, c.Bits.Places[0].Y, 1e-6)
	for _, other := range []string{"card-number-", "card-number-8192", "card-number-3-en", "3"} {
		assert.Nil(t, cardCode(other, g), other)
	}
	assert.Nil(t, cardCode("card-number-3", &Grid{Columns: []float64{1, 2}, Rows: []float64{1, 2}}))
}

// The two New Hampshire definitions of the corpus put every target where it was measured on their blanks, within three pixels
// at 200 an inch. Their blanks are cropped otherwise, so the measured places are taken from the first timing mark.
func TestVotingWorksPlacesOfRealElections(t *testing.T) {
	for _, set := range []string{"nh-testballot", "nh-hudson"} {
		t.Run(set, func(t *testing.T) {
			dir := corpusDir(t, set)
			data, err := os.ReadFile(filepath.Join(dir, "definition", "election.json"))
			require.NoError(t, err)
			in, err := ReadVotingWorks("election.json", data, VotingWorksOptions{})
			require.NoError(t, err)
			text, err := os.ReadFile(filepath.Join(dir, "ballots.json"))
			require.NoError(t, err)
			var truth struct {
				Templates []struct {
					DPI  float64
					Grid struct {
						Origin [2]float64 `json:"origin_xy"`
					}
					Contests []struct {
						ID      string
						VoteFor int      `json:"vote_for"`
						IDs     []string `json:"choice_ids"`
						Ovals   [][4]float64
					}
				}
			}
			require.NoError(t, json.Unmarshal(text, &truth))
			n := 0
			for i, side := range truth.Templates {
				page := in.Election.Styles[0].Page(i + 1)
				require.NotNil(t, page)
				for _, c := range side.Contests {
					contest := in.Election.Contest(c.ID)
					require.NotNil(t, contest, c.ID)
					assert.Equal(t, c.VoteFor, contest.VoteFor)
					seen := map[string]int{}
					for k, o := range c.Ovals {
						seen[c.IDs[k]]++
						id := choiceID(c.IDs[k], seen[c.IDs[k]]-1)
						x := (o[0]+o[2]/2-side.Grid.Origin[0])/side.DPI + page.Grid.Columns[0]
						y := (o[1]+o[3]/2-side.Grid.Origin[1])/side.DPI + page.Grid.Rows[0]
						found := false
						for _, tg := range page.Targets {
							if tg.Contest == c.ID && tg.Choice == id {
								found = true
								assert.InDelta(t, x, tg.X, 0.015, "%s %s", c.ID, id)
								assert.InDelta(t, y, tg.Y, 0.015, "%s %s", c.ID, id)
								n++
							}
						}
						assert.True(t, found, "%s %s", c.ID, id)
					}
				}
				assert.Equal(t, n, len(in.Rows)-len(in.Election.Styles[0].Pages[1].Targets)*(1-i), "side %d", i)
			}
		})
	}
}

// corpusDir gives a set of real scans, or skips the test where there are none.
func corpusDir(t *testing.T, set string) string {
	t.Helper()
	dir := os.Getenv("RECOUNT_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, set)); err != nil {
		t.Skipf("no corpus of real scans at %s (set RECOUNT_CORPUS)", dir)
	}
	return filepath.Join(dir, set)
}
