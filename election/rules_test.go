package election_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
)

const rulesList = `style,page,contest,vote_for,choice,party,candidate,x,y,rank,kind
s,1,Straight,1,Democratic,DEM,,1,1,,straight_party
s,1,Straight,1,Republican,REP,,1,1.5,,straight_party
s,1,Sheriff,1,Dee,DEM,,1,2,,partisan
s,1,Sheriff,1,Ray,REP,,1,2.5,,partisan
s,1,Sheriff,1,Write-in,,,1,3,,partisan
s,1,Mayor,1,Ann,,,1,4,1,
s,1,Mayor,1,Ann,,,2,4,2,
s,1,Mayor,1,Write-in,,,1,4.5,1,
s,1,Mayor,1,Write-in,,,2,4.5,2,
s,1,Mayor,1,Write-in,,,1,5,1,
s,1,Mayor,1,Write-in,,,2,5,2,
`

// ruled makes a whole definition of a list.
func ruled(t *testing.T, list string) *election.Election {
	t.Helper()
	rows, err := election.ReadContests("list.csv", strings.NewReader(list))
	require.NoError(t, err)
	e, err := election.FromRows("Town", rows)
	require.NoError(t, err)
	for i := range e.Styles {
		for j := range e.Styles[i].Pages {
			p := &e.Styles[i].Pages[j]
			p.Picture = election.Picture{File: fmt.Sprintf("p%d-%d.png", i, j), SHA256: strings.Repeat("0", 64), DPI: 100, Width: 850, Height: 1100}
			for k := range p.Targets {
				p.Targets[k].W, p.Targets[k].H, p.Targets[k].Shape = 0.2, 0.1, election.Oval
			}
		}
	}
	return e
}

func parsed(t *testing.T, e *election.Election) error {
	t.Helper()
	data, err := json.Marshal(e)
	require.NoError(t, err)
	_, err = election.Parse("e.json", data)
	return err
}

func TestRulesOfAContestList(t *testing.T) {
	e := ruled(t, rulesList)
	require.NoError(t, parsed(t, e))
	assert.Equal(t, election.StraightParty, e.Contests[0].Kind)
	assert.True(t, e.Contests[1].Partisan)
	m := e.Contests[2]
	assert.Equal(t, 2, m.Ranks)
	assert.Len(t, m.Choices, 3, "a ranked choice is one, whatever its targets; two write-in lines are two")
	ranks := map[string][]int{}
	for _, g := range e.Styles[0].Pages[0].Targets {
		ranks[g.Choice] = append(ranks[g.Choice], g.Rank)
	}
	assert.Equal(t, []int{1, 2}, ranks["ann"])
	assert.Equal(t, []int{1, 2}, ranks[m.Choices[2].ID])

	var out bytes.Buffer
	require.NoError(t, election.WriteContests(&out, e.Rows()))
	assert.Equal(t, rulesList, out.String(), "the list's way back")
	fill := strings.ReplaceAll(rulesList, ",straight_party", ",straight_party fill-up")
	e = ruled(t, fill)
	assert.Equal(t, election.FillUp, e.Contests[0].Straight)
	out.Reset()
	require.NoError(t, election.WriteContests(&out, e.Rows()))
	assert.Equal(t, fill, out.String())
}

func TestContestListRefusesRules(t *testing.T) {
	for _, row := range []struct{ name, from, to, want string }{
		{"a rank of 0", "4,1,\n", "4,0,\n", `rank is "0" and must be a whole number from 1 to 50`},
		{"a rank of words", "4,1,\n", "4,first,\n", `rank is "first"`},
		{"too high a rank", "4,1,\n", "4,51,\n", `rank is "51"`},
		{"a kind nobody knows", ",straight_party\n", ",straight\n", `kind is "straight" and must be empty, partisan`},
		{"a rank without a place", "2,4,2,\n", ",,2,\n", "a row with a rank needs x and y"},
		{"a rank left out", "2,4,2,\n", "2,4,,\n", "has a rank on some rows and none on others"},
		{"a rank twice", "2,4,2,\n", "2,4,1,\n", `"Ann" stands a second time`},
		{"one contest of two kinds", "2.5,,partisan\n", "2.5,,\n", "give all its rows one"},
	} {
		t.Run(row.name, func(t *testing.T) {
			list := strings.Replace(rulesList, row.from, row.to, 1)
			require.NotEqual(t, rulesList, list)
			rows, err := election.ReadContests("list.csv", strings.NewReader(list))
			if err == nil {
				_, err = election.FromRows("Town", rows)
			}
			assert.ErrorContains(t, err, row.want)
		})
	}
}

func TestDefinitionRefusesRules(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(e *election.Election)
		want string
	}{
		{"a ranked contest with two votes", func(e *election.Election) { e.Contests[2].VoteFor = 2 }, "is ranked and vote for 2"},
		{"a style that gives it two", func(e *election.Election) { e.Styles[0].VoteFor = map[string]int{"mayor": 2} }, "is ranked and vote for 2 on style"},
		{"a ranked and partisan contest", func(e *election.Election) { e.Contests[2].Partisan = true }, "a straight-party vote gives no ranks"},
		{"a target without its rank", func(e *election.Election) { e.Styles[0].Pages[0].Targets[5].Rank = 0 }, "has no rank"},
		{"a rank in a plain contest", func(e *election.Election) { e.Styles[0].Pages[0].Targets[2].Rank = 1 }, "is not ranked"},
		{"a rank too many", func(e *election.Election) { e.Styles[0].Pages[0].Targets[5].Rank = 3 }, "rank 3 is more than the 2"},
		{"a rank twice", func(e *election.Election) { e.Styles[0].Pages[0].Targets[6].Rank = 1 }, "already has target 5 of this page for rank 1"},
		{"too many ranks", func(e *election.Election) { e.Contests[2].Ranks = 51 }, "maximum"},
		{"a rule without its kind", func(e *election.Election) { e.Contests[1].Straight = election.FillUp }, "is no straight-party contest"},
		{"a rule nobody knows", func(e *election.Election) { e.Contests[0].Straight = "always" }, "straight"},
		{"a kind nobody knows", func(e *election.Election) { e.Contests[0].Kind = "party" }, "kind"},
		{"a straight-party contest with two votes", func(e *election.Election) { e.Contests[0].VoteFor = 2 }, "must be vote for 1"},
		{"a choice without a party", func(e *election.Election) { e.Contests[0].Choices[0].Party = "" }, "names no party"},
		{"a party twice", func(e *election.Election) { e.Contests[0].Choices[1].Party = "DEM" }, "stands twice"},
		{"a party nobody stands for", func(e *election.Election) { e.Contests[0].Choices[0].Party = "Dem" }, `no partisan contest has a choice of party "Dem"`},
		{"no partisan contest", func(e *election.Election) { e.Contests[1].Partisan = false }, "no partisan contest has a choice"},
		{"more candidates than votes", func(e *election.Election) {
			e.Contests[1].Choices[1].Party = "DEM"
			e.Contests[0].Choices = e.Contests[0].Choices[:1]
		}, `party "DEM" has 2 candidates`},
		{"another sheet", func(e *election.Election) {
			p := e.Styles[0].Pages[0]
			q := p
			q.Number, q.Targets, p.Targets = 3, p.Targets[2:], p.Targets[:2]
			e.Styles[0].Pages = []election.Page{p, q}
		}, "stand on different sheets"},
		{"a contest on two sheets of paper", func(e *election.Election) {
			p := e.Styles[0].Pages[0]
			q := p
			q.Number, q.Targets, p.Targets = 3, p.Targets[8:], p.Targets[:8]
			e.Styles[0].Pages = []election.Page{p, q}
		}, `contest "Mayor" stands on two sheets of style "s", 1 and 2`},
		{"two straight-party contests", func(e *election.Election) {
			e.Contests[1].Kind, e.Contests[1].Partisan = election.StraightParty, false
		}, "has 2 straight-party contests"},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := ruled(t, rulesList)
			row.do(e)
			assert.ErrorContains(t, parsed(t, e), row.want)
		})
	}
}

// A contest goes on on the other side of its sheet.
func TestAContestOnBothSidesOfASheet(t *testing.T) {
	e := ruled(t, rulesList)
	p := e.Styles[0].Pages[0]
	q := p
	q.Number, q.Targets, p.Targets = 2, p.Targets[8:], p.Targets[:8]
	e.Styles[0].Pages = []election.Page{p, q}
	assert.NoError(t, parsed(t, e))
}

// Districts have one contest list, and contests of one title with candidates of their own.
func TestCandidatesOfDistrictsAreCountedApart(t *testing.T) {
	e := ruled(t, rulesList+`north,1,Straight,1,Democratic,DEM,,1,1,,straight_party
north,1,Straight,1,Republican,REP,,1,1.5,,straight_party
north,1,Sheriff,1,Don,DEM,,1,2,,partisan
north,1,Sheriff,1,Ruth,REP,,1,2.5,,partisan
`)
	assert.Len(t, e.Contests[1].Choices, 5)
	assert.NoError(t, parsed(t, e), "one candidate of each party on each ballot")
}

func TestRulesAreNotLostInABallotDefinition(t *testing.T) {
	e := ruled(t, rulesList)
	_, err := e.WriteBallotDefinition("2025-11-04", "recount test")
	assert.ErrorContains(t, err, "ranked or votes for parties")
}

func TestPartyLines(t *testing.T) {
	c := election.Contest{Choices: []election.Choice{{ID: "a1", Party: "A", Candidate: "x"}, {ID: "b", Party: "B"}, {ID: "a2", Party: "A", Candidate: "x"}, {ID: "a3", Party: "A"}, {ID: "w", WriteIn: true}}}
	for _, row := range []struct {
		name, party string
		printed     []string
		want        []string
	}{
		{"a person has one line, however often the party prints them", "A", []string{"a1", "b", "a2", "a3", "w"}, []string{"a1", "a3"}},
		{"a style that prints the person's other line", "A", []string{"b", "a2", "a3"}, []string{"a2", "a3"}},
		{"a style that prints other candidates", "A", []string{"b", "w"}, nil},
		{"no party", "", []string{"a1", "b", "w"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			printed := map[string]bool{}
			for _, id := range row.printed {
				printed[id] = true
			}
			var got []string
			for _, ch := range c.PartyLines(row.party, printed) {
				got = append(got, ch.ID)
			}
			assert.Equal(t, row.want, got)
		})
	}
}
