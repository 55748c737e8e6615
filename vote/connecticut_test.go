package vote

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/election"
)

// TestConnecticut is regulation 9-242-2: a machine "shall not record more than one vote of a voter for the same person for an
// office". Malloy stands on three party lines, as on Connecticut's ballots, where returns have a line UNK for votes whose party
// nobody can tell.
func TestConnecticut(t *testing.T) {
	clear := func(choice, party string) []Line { return []Line{{Choice: choice, Party: party, Clear: 1}} }
	for _, row := range []struct {
		name, marks string
		want        Contest
	}{
		{"one line", "v.. . .", Contest{Votes: 1, Status: Voted, Lines: clear("malloy-dem", "DEM")}},
		{"the second line", ".v. . .", Contest{Votes: 1, Status: Voted, Lines: clear("malloy-wf", "WF")}},
		{"the third line", "..v . .", Contest{Votes: 1, Status: Voted, Lines: clear("malloy-ind", "IND")}},
		{"two lines", "vv. . .", Contest{Votes: 1, Status: Voted, Lines: clear("malloy-dem", Unknown)}},
		{"two later lines", ".vv . .", Contest{Votes: 1, Status: Voted, Lines: clear("malloy-dem", Unknown)}},
		{"three lines", "vvv . .", Contest{Votes: 1, Status: Voted, Lines: clear("malloy-dem", Unknown)}},
		{"one line and an opponent", "v.. v .", Contest{Overvotes: 1, Status: Overvote}},
		{"two lines and an opponent", "vv. v .", Contest{Overvotes: 1, Status: Overvote}},
		{"three lines and an opponent", "vvv v .", Contest{Overvotes: 1, Status: Overvote}},
		{"three lines and a write-in", "vvv . v", Contest{Overvotes: 1, Status: Overvote}},
		{"two lines and a questionable third", "vvq . .", Contest{Votes: 1, Status: Voted, Lines: clear("malloy-dem", Unknown)}},
		{"one line and a questionable second", "vq. . .", Contest{Votes: 1, Status: Voted, Reason: "the vote is certain, its party line is not",
			Lines: []Line{{Choice: "malloy-dem", Party: "DEM", Questionable: 1}, {Choice: "malloy-dem", Party: Unknown, Questionable: 1}}}},
		{"an opponent and a questionable line", "q.. v .", Contest{Doubt: 1, Status: Doubtful, Reason: "1 marked and 1 questionable, vote for 1: it may be an overvote",
			Lines: []Line{{Choice: "malloy-dem", Party: "DEM", Questionable: 1}, {Choice: "foley", Party: "REP", Questionable: 1}}}},
		{"the opponent", "... v .", Contest{Votes: 1, Status: Voted, Lines: clear("foley", "REP")}},
		{"nobody", "... . .", Contest{Undervotes: 1, Status: Undervote}},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := ballotOf(election.Contest{ID: "governor", VoteFor: 1, Choices: []election.Choice{
				{ID: "malloy-dem", Party: "DEM", Candidate: "malloy"}, {ID: "malloy-wf", Party: "WF", Candidate: "malloy"}, {ID: "malloy-ind", Party: "IND", Candidate: "malloy"},
				{ID: "foley", Party: "REP"}, {ID: "write-in", WriteIn: true}}})
			row.want.Contest, row.want.Allowed = "governor", 1
			assert.Equal(t, row.want, result(t, DecideSheet(e, &e.Styles[0], 1, read(t, 1, row.marks), DefaultLimits()), "governor"))
		})
	}
}

// ballotOf is a style of one page with one contest.
func ballotOf(c election.Contest) *election.Election {
	e := &election.Election{Contests: []election.Contest{c}, Styles: []election.Style{{ID: "s", Pages: []election.Page{{Number: 1}}}}}
	for _, ch := range c.Choices {
		e.Styles[0].Pages[0].Targets = append(e.Styles[0].Pages[0].Targets, election.Target{Contest: c.ID, Choice: ch.ID})
	}
	return e
}

// TestPlainContests are the kinds of contests that need no rule of their own.
func TestPlainContests(t *testing.T) {
	yesNo := election.Contest{ID: "c", VoteFor: 1, Choices: []election.Choice{{ID: "yes"}, {ID: "no"}}}
	retention := election.Contest{ID: "c", VoteFor: 1, Choices: []election.Choice{{ID: "retain"}, {ID: "remove"}}}
	twice := election.Contest{ID: "c", VoteFor: 2, Choices: []election.Choice{{ID: "a-1", Candidate: "a"}, {ID: "b"}, {ID: "a-2", Candidate: "a"}, {ID: "d"}}}
	written := election.Contest{ID: "c", VoteFor: 2, Choices: []election.Choice{{ID: "a"}, {ID: "w1", WriteIn: true}, {ID: "w2", WriteIn: true}}}
	for _, row := range []struct {
		name    string
		contest election.Contest
		marks   string
		want    Contest
	}{
		{"yes", yesNo, "v.", Contest{Votes: 1, Status: Voted, Lines: []Line{{Choice: "yes", Clear: 1}}}},
		{"yes and no", yesNo, "vv", Contest{Overvotes: 1, Status: Overvote}},
		{"no answer", yesNo, "..", Contest{Undervotes: 1, Status: Undervote}},
		{"retained", retention, "v.", Contest{Votes: 1, Status: Voted, Lines: []Line{{Choice: "retain", Clear: 1}}}},
		{"printed twice, marked twice", twice, "v.v.", Contest{Votes: 1, Undervotes: 1, Status: Undervote, Lines: []Line{{Choice: "a-1", Party: Unknown, Clear: 1}}}},
		{"printed twice, marked twice with another", twice, "vvv.", Contest{Votes: 2, Status: Voted, Lines: []Line{{Choice: "a-1", Party: Unknown, Clear: 1}, {Choice: "b", Clear: 1}}}},
		{"printed twice, and two others", twice, "vvvv", Contest{Overvotes: 2, Status: Overvote}},
		{"two write-ins are two persons", written, ".vv", Contest{Votes: 2, WriteIns: 2, Status: Voted, Lines: []Line{{Choice: "w1", Clear: 1}, {Choice: "w2", Clear: 1}}}},
		{"two write-ins and a candidate", written, "vvv", Contest{Overvotes: 2, Status: Overvote}},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := ballotOf(row.contest)
			row.want.Contest, row.want.Allowed = "c", row.contest.VoteFor
			assert.Equal(t, row.want, result(t, DecideSheet(e, &e.Styles[0], 1, read(t, 1, row.marks), DefaultLimits()), "c"))
		})
	}
}

// A contest continues in the next column, on the back, or both: its targets are one contest's wherever they stand on the sheet.
func TestContestContinues(t *testing.T) {
	c := election.Contest{ID: "c", VoteFor: 2, Choices: []election.Choice{{ID: "a"}, {ID: "b"}, {ID: "d"}, {ID: "e"}}}
	at := func(x float64, choice string) election.Target {
		return election.Target{Contest: "c", Choice: choice, X: x}
	}
	e := &election.Election{Contests: []election.Contest{c}, Styles: []election.Style{
		{ID: "columns", Pages: []election.Page{{Number: 1, Targets: []election.Target{at(1, "a"), at(1, "b"), at(4, "d"), at(4, "e")}}}},
		{ID: "sides", VoteFor: map[string]int{"c": 1}, Pages: []election.Page{{Number: 1, Targets: []election.Target{at(1, "a"), at(4, "b")}}, {Number: 2, Targets: []election.Target{at(1, "d"), at(4, "e")}}}},
	}}
	columns := DecideSheet(e, e.Style("columns"), 1, read(t, 1, "vvv."), DefaultLimits())
	assert.Equal(t, 2, result(t, columns, "c").Overvotes, "the columns are one contest")
	sides := DecideSheet(e, e.Style("sides"), 1, append(read(t, 1, "v."), read(t, 2, ".v")...), DefaultLimits())
	assert.Equal(t, 1, result(t, sides, "c").Overvotes, "the sides are one contest, and this style allows one vote")
	sides = DecideSheet(e, e.Style("sides"), 1, append(read(t, 1, ".."), read(t, 2, ".v")...), DefaultLimits())
	assert.Equal(t, Voted, result(t, sides, "c").Status)
}
