package audit_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/election"
	"recount/marks"
	"recount/vote"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test -update to make it")
	assert.Equal(t, string(want), string(got))
}

// town is a small election: a mayor with one person on two lines, a board of two with two write-in lines, and a
// question on the back.
func town() *election.Election {
	e := &election.Election{Format: election.Format, Title: "Town", Contests: []election.Contest{
		{ID: "mayor", Title: "Mayor", VoteFor: 1, Choices: []election.Choice{
			{ID: "a-dem", Name: "A. Adams", Party: "DEM", Candidate: "adams"},
			{ID: "b-rep", Name: "B. Ñandú-Brown", Party: "REP"},
			{ID: "a-wf", Name: "A. Adams (WF)", Party: "WF", Candidate: "adams"},
			{ID: "mw", Name: "Write-in", WriteIn: true},
		}},
		{ID: "board", Title: "Board of Selectmen", VoteFor: 2, Choices: []election.Choice{
			{ID: "c", Name: "C. Clark", Party: "DEM"}, {ID: "d", Name: "D. Dunn", Party: "REP"}, {ID: "e", Name: "E. Evans", Party: "REP"},
			{ID: "w1", Name: "Write-in 1", WriteIn: true}, {ID: "w2", Name: "Write-in 2", WriteIn: true},
		}},
		{ID: "q", Title: "Question 1", VoteFor: 1, Choices: []election.Choice{{ID: "yes", Name: "Yes"}, {ID: "no", Name: "No"}}},
	}}
	s := election.Style{ID: "s", Precinct: "District 1"}
	for n, contests := range [][]string{{"mayor", "board"}, {"q"}} {
		p := election.Page{Number: n + 1}
		for _, id := range contests {
			for _, ch := range e.Contest(id).Choices {
				p.Targets = append(p.Targets, election.Target{Contest: id, Choice: ch.ID, Shape: election.Oval})
			}
		}
		s.Pages = append(s.Pages, p)
	}
	e.Styles = []election.Style{s}
	return e
}

// sheet decides a sheet of style s on which the choices named are marked; "?x" is a questionable mark.
func sheet(e *election.Election, marked ...string) *vote.Sheet {
	st := e.Style("s")
	var readings []vote.Reading
	for _, p := range st.Pages {
		for i, t := range p.Targets {
			m := marks.Mark{Outline: 10000, Dark: 9000}
			for _, name := range marked {
				switch name {
				case t.Choice:
					m.Fill, m.Spread = 8000, 9000
				case "?" + t.Choice:
					m.Fill, m.Spread = 600, 3000
				}
			}
			readings = append(readings, vote.Reading{Page: p.Number, Target: i, Mark: m})
		}
	}
	s := vote.DecideSheet(e, st, 1, readings, vote.DefaultLimits())
	return &s
}

// counted is a tally with one of everything, in two precincts.
func counted(t *testing.T, e *election.Election) *audit.Tally {
	t.Helper()
	tally := audit.NewTally(e)
	for _, s := range []struct {
		precinct string
		marked   []string
	}{
		{"District 1", []string{"a-dem", "c", "d", "yes"}},
		{"District 1", []string{"a-wf", "c", "no"}},
		{"District 1", []string{"a-dem", "a-wf", "w1", "w2", "yes"}}, // one person twice; two write-ins
		{"District 1", []string{"a-dem", "b-rep", "c", "d", "e", "yes", "no"}},
		{"District 2", []string{"b-rep", "e", "?d", "yes"}},
		{"District 2", []string{"b-rep", "?a-wf", "d", "e", "?c", "?no"}}, // may be overvotes
		{"District 2", []string{"a-dem", "?a-wf"}},                        // the line is in doubt, the person is not
		{"District 2", nil},
	} {
		require.NoError(t, tally.Add(s.precinct, "", sheet(e, s.marked...)))
	}
	require.NoError(t, tally.Check())
	return tally
}

func TestTallyGolden(t *testing.T) {
	var buf bytes.Buffer
	require.NoError(t, counted(t, town()).WriteCSV(&buf))
	golden(t, "totals.csv", buf.Bytes())
	assert.True(t, strings.HasPrefix(buf.String(), "contest,choice,party,clear,questionable,precinct,batch,by_hand,person_clear,person_questionable\n"))
	for _, row := range []string{
		"Mayor,A. Adams,DEM,1,0,District 1,",
		"Mayor,A. Adams,UNK,1,0,District 1,",
		"Mayor,A. Adams,UNK,0,1,District 2,",
		"Mayor,Over Votes,,1,0,District 1,",
		"Mayor,Over Votes,,0,1,District 2,",
		"Board of Selectmen,Over Votes,,2,0,District 1,",
		"Board of Selectmen,Over Votes,,0,2,District 2,",
		"Board of Selectmen,Ballots Blank,,2,1,District 2,",
		"Ballots Cast,Ballots,,4,0,District 2,",
	} {
		assert.Contains(t, buf.String(), "\n"+row+",0,")
	}
}

func TestTallySameWhateverTheOrder(t *testing.T) {
	e := town()
	a, b := audit.NewTally(e), audit.NewTally(e)
	one, two := sheet(e, "a-dem", "c"), sheet(e, "b-rep", "?d")
	require.NoError(t, a.Add("P", "1", one))
	require.NoError(t, a.Add("O", "2", two))
	require.NoError(t, b.Add("O", "2", two))
	require.NoError(t, b.Add("P", "1", one))
	assert.Equal(t, a.Totals(), b.Totals())
	assert.Equal(t, "O", a.Totals().Rows[0].Precinct)
}

func TestTallyCheckFindsABrokenSum(t *testing.T) {
	e := town()
	for name, breakIt := range map[string]func(*vote.Contest){
		"a vote too many":  func(c *vote.Contest) { c.Votes++ },
		"a vote too few":   func(c *vote.Contest) { c.Votes-- },
		"a line too many":  func(c *vote.Contest) { c.Lines = append(c.Lines, vote.Line{Choice: "b-rep", Party: "REP", Clear: 1}) },
		"a lost undervote": func(c *vote.Contest) { c.Undervotes-- },
	} {
		t.Run(name, func(t *testing.T) {
			s := sheet(e, "a-dem")
			breakIt(&s.Contests[0])
			tally := audit.NewTally(e)
			require.NoError(t, tally.Add("", "", s))
			assert.ErrorContains(t, tally.Check(), `contest "Mayor"`)
		})
	}
}

func TestTallyAddErrors(t *testing.T) {
	e := town()
	for name, tc := range map[string]struct {
		spoil func(*vote.Sheet)
		want  string
	}{
		"unknown style":   {func(s *vote.Sheet) { s.Style = "x" }, `no style "x"`},
		"unknown contest": {func(s *vote.Sheet) { s.Contests[2].Contest = "x" }, `no contest "x"`},
		"unknown choice":  {func(s *vote.Sheet) { s.Contests[0].Lines[0].Choice = "x" }, `no choice "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			s := sheet(e, "a-dem")
			tc.spoil(s)
			tally := audit.NewTally(e)
			require.ErrorContains(t, tally.Add("", "", s), tc.want)
			assert.Empty(t, tally.Totals().Rows, "nothing of a refused sheet is counted")
		})
	}
	assert.ErrorContains(t, audit.NewTally(e).Add(strings.Repeat("x", 5000), "", sheet(e)), "longer than")
}

func TestLabelTellsContestsOfOneTitleApart(t *testing.T) {
	e := town()
	e.Contests[2].Title = "Mayor"
	assert.Equal(t, "Mayor [mayor]", audit.Label(e, &e.Contests[0]))
	assert.Equal(t, "Board of Selectmen", audit.Label(e, &e.Contests[1]))
}
