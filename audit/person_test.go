package audit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/audit"
	"recount/election"
	"recount/marks"
	"recount/vote"
)

// A person has one vote, and has it for certain where only its line is open.
func TestPersonVotes(t *testing.T) {
	lines := []election.Choice{{ID: "a-dem", Party: "DEM", Candidate: "adams"}, {ID: "b", Party: "REP"}, {ID: "a-wf", Party: "WF", Candidate: "adams"}, {ID: "c", Party: "REP"}}
	sure, open := audit.Count{Clear: 1}, audit.Count{Questionable: 1}
	for _, row := range []struct {
		name           string
		voteFor, ranks int
		marks          string // v, q or . for each choice, rank by rank
		want           map[int]audit.Count
	}{
		{"one line", 1, 0, "v...", map[int]audit.Count{0: sure}},
		{"both lines", 1, 0, "v.v.", map[int]audit.Count{0: sure}},
		{"the line is open", 1, 0, "v.q.", map[int]audit.Count{0: sure}},
		{"both lines open", 1, 0, "q.q.", map[int]audit.Count{0: open}},
		{"the line is open, beside another's vote", 2, 0, "vvq.", map[int]audit.Count{0: sure, 1: sure}},
		{"the line is open, beside another's question", 2, 0, "vqq.", map[int]audit.Count{0: sure, 1: open}},
		{"both lines open, beside another's vote", 2, 0, "qvq.", map[int]audit.Count{0: open, 1: sure}},
		{"the line is open, and it may be an overvote", 1, 0, "vqq.", map[int]audit.Count{0: open, 1: open}},
		{"an overvote", 1, 0, "vv..", map[int]audit.Count{}},
		{"ranked, one line first and the other perhaps before it", 1, 2, "q.....v.", map[int]audit.Count{0: sure}},
		{"ranked, another perhaps before", 1, 2, ".q..v...", map[int]audit.Count{0: open, 1: open}},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := election.Contest{ID: "m", VoteFor: row.voteFor, Ranks: row.ranks, Choices: lines}
			e := &election.Election{Contests: []election.Contest{c}, Styles: []election.Style{{ID: "s", Pages: []election.Page{{Number: 1}}}}}
			var in []vote.Reading
			p := &e.Styles[0].Pages[0]
			for i, letter := range row.marks {
				fill := map[rune]marks.Score{'v': 7000, 'q': 600}[letter]
				in = append(in, vote.Reading{Page: 1, Target: i, Mark: marks.Mark{Fill: fill, Outline: 9000, Dark: 9000, Spread: 9000}})
				p.Targets = append(p.Targets, election.Target{Contest: "m", Choice: lines[i%len(lines)].ID, Rank: min(row.ranks, 1+i/len(lines))})
			}
			s := vote.DecideSheet(e, &e.Styles[0], 1, in, vote.DefaultLimits())
			assert.Equal(t, row.want, audit.PersonVotes(&c, &s.Contests[0]))
		})
	}
}
