package audit_test

import (
	"bytes"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"recount/audit"
	"recount/cvr"
	"recount/election"
	"recount/marks"
	"recount/vote"
)

// everyRule is an election with a contest of every kind: straight party with a cross-endorsed candidate and one that only the second
// style prints, a board whose votes allowed differ by style, a ranked council with a person on two lines, write-ins, a question.
func everyRule(rule election.StraightRule) *election.Election {
	e := &election.Election{Format: election.Format, Title: "Town", Contests: []election.Contest{
		{ID: "straight", Title: "Straight", VoteFor: 1, Kind: election.StraightParty, Straight: rule, Choices: []election.Choice{
			{ID: "dem", Name: "Democratic", Party: "DEM"}, {ID: "rep", Name: "Republican", Party: "REP"}, {ID: "wf", Name: "Working", Party: "WF"}}},
		{ID: "mayor", Title: "Mayor", VoteFor: 1, Partisan: true, Choices: []election.Choice{
			{ID: "a-dem", Name: "A. Adams", Party: "DEM", Candidate: "adams"}, {ID: "b", Name: "B. Brown", Party: "REP"},
			{ID: "a-wf", Name: "A. Adams", Party: "WF", Candidate: "adams"}, {ID: "mw", Name: "Write-in", WriteIn: true}}},
		{ID: "board", Title: "Board", VoteFor: 2, Partisan: true, Choices: []election.Choice{
			{ID: "c", Name: "C. Clark", Party: "DEM"}, {ID: "d", Name: "D. Dunn", Party: "REP"}, {ID: "e", Name: "E. Evans", Party: "REP"},
			{ID: "w1", Name: "Write-in 1", WriteIn: true}, {ID: "w2", Name: "Write-in 2", WriteIn: true}, {ID: "f", Name: "F. Fox", Party: "WF"}}},
		{ID: "council", Title: "Council", VoteFor: 1, Ranks: 3, Choices: []election.Choice{
			{ID: "g-dem", Name: "G. Gray", Party: "DEM", Candidate: "gray"}, {ID: "h", Name: "H. Hill", Party: "REP"},
			{ID: "g-wf", Name: "G. Gray", Party: "WF", Candidate: "gray"}, {ID: "cw", Name: "Write-in", WriteIn: true}}},
		{ID: "q", Title: "Question 1", VoteFor: 1, Choices: []election.Choice{{ID: "yes", Name: "Yes"}, {ID: "no", Name: "No"}}},
	}}
	for n, id := range []string{"north", "south"} {
		s := election.Style{ID: id, Precinct: id, Pages: []election.Page{{Number: 1}, {Number: 2}}}
		if n == 1 {
			s.VoteFor = map[string]int{"board": 3}
		}
		for i := range e.Contests {
			c := &e.Contests[i]
			for j, ch := range c.Choices {
				p := &s.Pages[0]
				if c.ID == "q" || c.ID == "board" && j > 2 { // the board goes on on the back
					p = &s.Pages[1]
				}
				if n == 0 && ch.ID == "f" {
					continue
				}
				for rank := min(1, c.Ranks); rank <= c.Ranks; rank++ {
					p.Targets = append(p.Targets, election.Target{Contest: c.ID, Choice: ch.ID, Rank: rank})
				}
			}
		}
		e.Styles = append(e.Styles, s)
	}
	return e
}

// What we write of our sheets, read as a machine's records and added up by the rules of tally, is what our totals say.
func TestOurRecordsAddUpToOurTotals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cvr.json")
	rapid.Check(t, func(t *rapid.T) {
		e := everyRule(rapid.SampledFrom([]election.StraightRule{"", election.FillUp}).Draw(t, "rule"))
		tally := audit.NewTally(e)
		var records []*cvr.Record
		for n := range rapid.IntRange(1, 4).Draw(t, "sheets") {
			st := &e.Styles[rapid.IntRange(0, 1).Draw(t, "style")]
			var in []vote.Reading
			for _, p := range st.Pages {
				for i := range p.Targets {
					m := marks.Mark{Outline: 9000}
					if rapid.IntRange(0, 3).Draw(t, "mark") == 0 {
						m = marks.Mark{Fill: 7000, Outline: 9000, Dark: 9000, Spread: 9000}
					}
					in = append(in, vote.Reading{Page: p.Number, Target: i, Mark: m})
				}
			}
			s := vote.DecideSheet(e, st, 1, in, vote.DefaultLimits())
			require.NoError(t, tally.Add(st.Precinct, "", &s))
			records = append(records, &cvr.Record{ID: fmt.Sprint(n), Sheet: s})
		}
		require.NoError(t, tally.Check())

		var b bytes.Buffer
		require.NoError(t, cvr.WriteNIST(&b, e, cvr.Info{}, each(records)))
		require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
		x, err := cvr.OpenExport([]string{path}, cvr.ExportOptions{})
		require.NoError(t, err)
		defer x.Close()
		theirs := audit.NewCVRTally(x.Roster)
		for r, err := range x.Records() {
			require.NoError(t, err)
			require.NoError(t, theirs.Add(r))
		}
		totals := theirs.Totals()
		assert.Empty(t, totals.Look)
		c, err := audit.Compare(e, tally.Totals(), totals.Machine("our own"), audit.Options{})
		require.NoError(t, err)
		assert.Zero(t, c.Disagreements(), "%+v %+v", c.Lines, c.Unmatched)
	})
}

func each(records []*cvr.Record) iter.Seq2[*cvr.Record, error] {
	return func(yield func(*cvr.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}
