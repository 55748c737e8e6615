package audit_test

import (
	"bytes"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
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

// Whatever becomes of the questions and the pages not read, the plain count lies in the totals' intervals, line by line and person by
// person.
func TestTotalsHoldEveryTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := everyRule(rapid.SampledFrom([]election.StraightRule{"", election.FillUp}).Draw(t, "rule"))
		read, truth := audit.NewTally(e), audit.NewTally(e)
		for range rapid.IntRange(1, 3).Draw(t, "sheets") {
			st := &e.Styles[rapid.IntRange(0, 1).Draw(t, "style")]
			missing := rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "missing page")
			var seen, known []vote.Reading
			for _, p := range st.Pages {
				for i := range p.Targets {
					fill := rapid.SampledFrom([]marks.Score{0, 0, 0, 0, 600, 7000}).Draw(t, "fill")
					r := vote.Reading{Page: p.Number, Target: i, Mark: marks.Mark{Fill: fill, Outline: 9000, Dark: 9000, Spread: 9000}}
					if p.Number != missing {
						seen = append(seen, r)
					}
					if fill == 600 {
						r.Mark.Fill = rapid.SampledFrom([]marks.Score{0, 7000}).Draw(t, "truth")
					}
					known = append(known, r)
				}
			}
			for _, x := range []struct {
				tally *audit.Tally
				in    []vote.Reading
			}{{read, seen}, {truth, known}} {
				s := vote.DecideSheet(e, st, 1, x.in, vote.DefaultLimits())
				if missing > 0 { // contests that stand only on the page not read are in no totals
					s.Contests = slices.DeleteFunc(s.Contests, func(c vote.Contest) bool {
						return !slices.ContainsFunc(st.Page(3-missing).Targets, func(g election.Target) bool { return g.Contest == c.Contest })
					})
				}
				require.NoError(t, x.tally.Add(st.Precinct, "", &s))
				require.NoError(t, x.tally.Check())
			}
		}
		rows := read.Totals().Rows
		for i, want := range truth.Totals().Rows {
			got := rows[i]
			require.Equal(t, []string{want.Precinct, want.Contest, want.Choice, want.Party}, []string{got.Precinct, got.Contest, got.Choice, got.Party})
			assert.Zero(t, want.Questionable, "%+v", want)
			assert.True(t, got.Clear <= want.Clear && want.Clear <= got.Clear+got.Questionable, "%+v outside %+v", want, got)
			if want.Person != nil {
				assert.Zero(t, want.Person.Questionable, "%+v", want.Person)
				assert.True(t, got.Person.Clear <= want.Person.Clear && want.Person.Clear <= got.Person.Clear+got.Person.Questionable, "%+v outside %+v", want.Person, got.Person)
			}
		}
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
