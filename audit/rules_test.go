package audit_test

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
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

// ruled has a straight-party contest, a partisan board for two, and a ranked mayor of three ranks.
func ruled() *election.Election {
	e := &election.Election{
		Format: 1, Title: "Town", Date: "2025-11-04",
		Contests: []election.Contest{
			{ID: "straight", Title: "Straight party", VoteFor: 1, Kind: election.StraightParty, Choices: []election.Choice{
				{ID: "dem", Name: "Democratic", Party: "DEM"}, {ID: "rep", Name: "Republican", Party: "REP"}}},
			{ID: "board", Title: "Board", VoteFor: 2, Partisan: true, Choices: []election.Choice{
				{ID: "d1", Name: "D. One", Party: "DEM"}, {ID: "d2", Name: "D. Two", Party: "DEM"}, {ID: "r1", Name: "R. One", Party: "REP"}}},
			{ID: "mayor", Title: "Mayor", VoteFor: 1, Ranks: 3, Choices: []election.Choice{
				{ID: "ann", Name: "Ann"}, {ID: "bob", Name: "Bob"}, {ID: "cid", Name: "Cid"}, {ID: "w", Name: "Write-in", WriteIn: true}}},
		},
		Styles: []election.Style{{ID: "s", Pages: []election.Page{{Number: 1}}}},
	}
	for _, c := range e.Contests {
		for _, ch := range c.Choices {
			for rank := min(c.Ranks, 1); rank <= c.Ranks; rank++ {
				e.Styles[0].Pages[0].Targets = append(e.Styles[0].Pages[0].Targets, election.Target{Contest: c.ID, Choice: ch.ID, Rank: rank})
			}
		}
	}
	return e
}

// ruledSheets are sheets of ruled: the straight party, the board, and the mayor's ranks choice by choice.
var ruledSheets = []string{
	"v. ... v...v...v...", // a ticket; Ann, Bob, Cid
	".v ... ....v..v....", // a ticket of one candidate for two votes; the first rank skipped, the second overvoted
	"v. ..v vvv.........", // an individual mark; Ann at every rank
	"vv ... v..v........", // the ticket overvoted; the first rank overvoted
	".. vvv .........v..", // the board overvoted; a write-in first
	".. ... ............", // nothing
	"v. v.. .......v...v", // a mark of its own for the ticket's party; ranks 2 and 3
}

func ruledRecords(e *election.Election, texts []string) iter.Seq2[*cvr.Record, error] {
	return func(yield func(*cvr.Record, error) bool) {
		for i, text := range texts {
			var in []vote.Reading
			for j, letter := range strings.ReplaceAll(text, " ", "") {
				fill := map[rune]marks.Score{'v': 7000, 'q': 700}[letter]
				in = append(in, vote.Reading{Page: 1, Target: j, Mark: marks.Mark{Fill: fill, Outline: 9000, Dark: 9000, Spread: 9000}})
			}
			im := []cvr.Image{{Name: fmt.Sprintf("%d.png", i), SHA256: strings.Repeat("0", 64), Side: "front"}}
			if !yield(&cvr.Record{ID: cvr.RecordID(im), Images: im, Sheet: vote.DecideSheet(e, &e.Styles[0], 1, in, vote.DefaultLimits())}, nil) {
				return
			}
		}
	}
}

// What is written of ranked and straight-party contests is valid, and comes back with the same votes and ranks.
func TestRulesComeBackFromOurRecords(t *testing.T) {
	e := ruled()
	var b bytes.Buffer
	require.NoError(t, cvr.WriteNIST(&b, e, cvr.Info{Version: "test"}, ruledRecords(e, ruledSheets)))
	require.NoError(t, cvr.Validate(bytes.NewReader(b.Bytes())))
	path := filepath.Join(t.TempDir(), "cvr.json")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))

	tally := audit.NewTally(e)
	for r, err := range ruledRecords(e, ruledSheets) {
		require.NoError(t, err)
		require.NoError(t, tally.Add("", "", &r.Sheet))
	}
	require.NoError(t, tally.Check())
	ours := map[string]int{}
	for _, r := range tally.Totals().Rows {
		ours[r.Contest+"|"+r.Choice] += r.Clear
	}
	got := tallied(t, cvr.ExportOptions{}, nil, path)
	require.Len(t, got.Contests, 3)
	assert.Empty(t, got.Look, "the records' own sums hold")
	for _, c := range got.Contests {
		for _, ch := range c.Choices {
			name := ch.Choice
			if ch.WriteIn {
				name = "Write-in"
			}
			assert.Equal(t, ours[c.Contest+"|"+name], ch.Votes, "%s %s", c.Contest, name)
		}
		assert.Equal(t, ours[c.Contest+"|"+audit.OverVotes], *c.Overvotes, c.Contest)
		assert.Equal(t, ours[c.Contest+"|"+audit.UnderVotes], *c.Undervotes, c.Contest)
	}
	mayor := got.Contests[2]
	assert.Equal(t, 3, mayor.Ranks)
	assert.Equal(t, "Ann=2 Bob=0 Cid=1 Write-ins=1 | over 2 under 1 of 7 overvoted 2 blank 1", votes(mayor))
	assert.Equal(t, 2, ours["Board|D. One"], "a ticket's vote and one of its own")
	assert.Equal(t, 1, ours["Board|D. Two"])

	out := t.TempDir()
	made, err := cvr.Convert([]string{path}, cvr.ExportOptions{}, cvr.ToRCTab, func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(out, name)) })
	require.NoError(t, err)
	assert.Equal(t, []string{"mayor.csv"}, made.Files)
	table, err := os.ReadFile(filepath.Join(out, "mayor.csv"))
	require.NoError(t, err)
	var rows []string
	for _, r := range strings.Split(strings.TrimSpace(string(table)), "\n") {
		f := strings.Split(r, ",")
		rows = append(rows, strings.Join(f[2:], ","))
	}
	assert.Equal(t, []string{"Ann,Bob,Cid,Write-in", "1,2,3,", ",2,2,", "1,,,", "1,1,,", ",,,1", ",,,", ",,2,3"}, rows)
}

// A question leaves the rank in doubt in the records, and the votes of a ticket open.
func TestQuestionsOfRulesAreInTheRecords(t *testing.T) {
	e := ruled()
	var b bytes.Buffer
	require.NoError(t, cvr.WriteNIST(&b, e, cvr.Info{Version: "test"}, ruledRecords(e, []string{"q. ... q...v.......", "v. ..q ............"})))
	require.NoError(t, cvr.Validate(bytes.NewReader(b.Bytes())))
	path := filepath.Join(t.TempDir(), "cvr.json")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
	x, err := cvr.OpenExport([]string{path}, cvr.ExportOptions{})
	require.NoError(t, err)
	defer x.Close()
	var said []string
	for r, err := range x.Records() {
		require.NoError(t, err)
		for _, c := range r.Contests {
			for _, m := range c.Marks {
				def := x.Roster.Contests[c.Contest]
				said = append(said, fmt.Sprintf("%s %s@%d votes %d doubt %v", def.Title, def.Choices[m.Choice].Name, m.Rank, m.Votes, m.Doubt))
			}
		}
	}
	assert.Equal(t, []string{
		"Straight party Democratic@0 votes 0 doubt true", "Mayor Ann@1 votes 0 doubt true", "Mayor Bob@2 votes 1 doubt false",
		"Straight party Democratic@0 votes 1 doubt false", "Board R. One@0 votes 0 doubt true",
	}, said)
	assert.Equal(t, 2, strings.Count(b.String(), `"IsAllocable":"unknown","IsGenerated":true`)/2, "both of the ticket's candidates, on both sheets")
	assert.True(t, slices.Contains(strings.Split(b.String(), `"`), "rcv"))
	assert.Contains(t, b.String(), `"CVR.PartyContest"`)
}
