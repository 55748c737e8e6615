package vote

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/marks"
)

// town has a mayor with A. Adams on three party lines, a council for three, a contest on both pages and one that stands
// on the back only.
func town() *election.Election {
	e := &election.Election{
		Contests: []election.Contest{
			{ID: "mayor", VoteFor: 1, Choices: []election.Choice{
				{ID: "adams-dem", Party: "DEM", Candidate: "adams"},
				{ID: "baker", Party: "REP", Candidate: "baker"},
				{ID: "adams-wf", Party: "WF", Candidate: "adams"},
				{ID: "adams-ind", Party: "IND", Candidate: "adams"},
				{ID: "write-in", WriteIn: true},
			}},
			{ID: "council", VoteFor: 3, Choices: []election.Choice{
				{ID: "c1"}, {ID: "c2"}, {ID: "c3"}, {ID: "c4"}, {ID: "w1", WriteIn: true}, {ID: "w2", WriteIn: true},
			}},
			{ID: "split", VoteFor: 1, Choices: []election.Choice{{ID: "s1"}, {ID: "s2"}, {ID: "s3"}}},
			{ID: "question", VoteFor: 1, Choices: []election.Choice{{ID: "yes"}, {ID: "no"}}},
		},
		Styles: []election.Style{{ID: "d1", Pages: []election.Page{{Number: 1}, {Number: 2}, {Number: 3}}}},
	}
	place := func(page int, contest string, choices ...int) {
		c := e.Contest(contest)
		for _, i := range choices {
			p := e.Styles[0].Page(page)
			p.Targets = append(p.Targets, election.Target{Contest: contest, Choice: c.Choices[i].ID})
		}
	}
	place(1, "mayor", 0, 1, 2, 3, 4)
	place(1, "council", 0, 1, 2, 3, 4, 5)
	place(1, "split", 0, 1)
	place(2, "split", 2)
	place(2, "question", 0, 1)
	place(3, "council", 0, 1) // the second sheet has a contest of its own result
	return e
}

// read makes the readings of a page from one letter a target: v vote, q questionable, . none; spaces are for the eye.
func read(t testing.TB, page int, text string) []Reading {
	t.Helper()
	var out []Reading
	for i, letter := range strings.ReplaceAll(text, " ", "") {
		fill, ok := map[rune]marks.Score{'v': 6000, 'q': 700, '.': 0}[letter]
		require.True(t, ok)
		out = append(out, Reading{Page: page, Target: i, Mark: marks.Mark{Fill: fill, Outline: 9000, Dark: 9000, Spread: 9000}})
	}
	return out
}

// result finds one contest of a sheet.
func result(t testing.TB, s Sheet, contest string) Contest {
	t.Helper()
	for _, c := range s.Contests {
		if c.Contest == contest {
			return c
		}
	}
	require.Fail(t, "contest not decided", contest)
	return Contest{}
}

func TestDecideSheet(t *testing.T) {
	clear := func(choice, party string) Line { return Line{Choice: choice, Party: party, Clear: 1} }
	asked := func(choice, party string) Line { return Line{Choice: choice, Party: party, Questionable: 1} }
	for _, row := range []struct {
		name, contest, marks string // marks of the contest's targets on page 1
		want                 Contest
	}{
		{"vote for 1, one", "mayor", ".v...", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("baker", "REP")}}},
		{"vote for 1, none", "mayor", ".....", Contest{Undervotes: 1, Status: Undervote}},
		{"vote for 1, two", "mayor", "vv...", Contest{Overvotes: 1, Status: Overvote}},
		{"vote for 1, one and a question", "mayor", "vq...", Contest{Doubt: 1, Status: Doubtful,
			Reason: "1 marked and 1 questionable, vote for 1: it may be an overvote", Lines: []Line{asked("adams-dem", "DEM"), asked("baker", "REP")}}},
		{"vote for 1, a question", "mayor", ".q...", Contest{Doubt: 1, Status: Doubtful, Reason: "1 questionable", Lines: []Line{asked("baker", "REP")}}},
		{"vote for 1, two and a question", "mayor", "vv..q", Contest{Overvotes: 1, Status: Overvote}},
		{"cross-endorsed, one line", "mayor", "..v..", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("adams-wf", "WF")}}},
		{"cross-endorsed, two lines", "mayor", "..vv.", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("adams-dem", Unknown)}}},
		{"cross-endorsed, three lines", "mayor", "v.vv.", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("adams-dem", Unknown)}}},
		{"cross-endorsed, two lines and an opponent", "mayor", "vvv..", Contest{Overvotes: 1, Status: Overvote}},
		{"cross-endorsed, a line and a question", "mayor", "..vq.", Contest{Votes: 1, Status: Voted, Reason: "the vote is certain, its party line is not",
			Lines: []Line{asked("adams-wf", "WF"), asked("adams-dem", Unknown)}}},
		{"cross-endorsed, two lines and a question", "mayor", "v.vq.", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("adams-dem", Unknown)}}},
		{"cross-endorsed, two questions", "mayor", "q..q.", Contest{Doubt: 1, Status: Doubtful, Reason: "1 questionable",
			Lines: []Line{asked("adams-dem", "DEM"), asked("adams-ind", "IND"), asked("adams-dem", Unknown)}}},
		{"cross-endorsed, two lines and a questionable opponent", "mayor", "vqv..", Contest{Doubt: 1, Status: Doubtful,
			Reason: "1 marked and 1 questionable, vote for 1: it may be an overvote", Lines: []Line{asked("adams-dem", Unknown), asked("baker", "REP")}}},
		{"write-in", "mayor", "....v", Contest{Votes: 1, WriteIns: 1, Status: Voted, Lines: []Line{clear("write-in", "")}}},
		{"write-in and a candidate", "mayor", "v...v", Contest{Overvotes: 1, Status: Overvote}},
		{"vote for 3, three", "council", "vvv...", Contest{Votes: 3, Status: Voted, Lines: []Line{clear("c1", ""), clear("c2", ""), clear("c3", "")}}},
		{"vote for 3, one", "council", "...v..", Contest{Votes: 1, Undervotes: 2, Status: Undervote, Lines: []Line{clear("c4", "")}}},
		{"vote for 3, four", "council", "vvvv..", Contest{Overvotes: 3, Status: Overvote}},
		{"vote for 3, one and a question", "council", "v.q...", Contest{Votes: 1, Doubt: 1, Undervotes: 1, Status: Doubtful, Reason: "1 questionable",
			Lines: []Line{clear("c1", ""), asked("c3", "")}}},
		{"vote for 3, three and a question", "council", "vvvq..", Contest{Doubt: 3, Status: Doubtful, Reason: "3 marked and 1 questionable, vote for 3: it may be an overvote",
			Lines: []Line{asked("c1", ""), asked("c2", ""), asked("c3", ""), asked("c4", "")}}},
		{"vote for 3, two write-ins", "council", "v...vv", Contest{Votes: 3, WriteIns: 2, Status: Voted, Lines: []Line{clear("c1", ""), clear("w1", ""), clear("w2", "")}}},
		{"vote for 3, a questionable write-in", "council", "v...vq", Contest{Votes: 2, WriteIns: 1, Doubt: 1, Status: Doubtful, Reason: "1 questionable",
			Lines: []Line{clear("c1", ""), clear("w1", ""), asked("w2", "")}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := town()
			text := map[string]string{"mayor": row.marks + "......" + "..", "council": "....." + row.marks + ".."}[row.contest]
			s := DecideSheet(e, &e.Styles[0], 1, append(read(t, 1, text), read(t, 2, "...")...), DefaultLimits())
			row.want.Contest, row.want.Allowed = row.contest, e.Contest(row.contest).VoteFor
			assert.Equal(t, row.want, result(t, s, row.contest))
			assert.Empty(t, s.Missing)
			assert.Len(t, s.Contests, 4)
		})
	}
}

func TestDecideSheetVoteForOfStyle(t *testing.T) {
	e := town()
	e.Styles[0].VoteFor = map[string]int{"council": 1}
	s := DecideSheet(e, &e.Styles[0], 1, read(t, 1, "..... vv.... .."), DefaultLimits())
	assert.Equal(t, Contest{Contest: "council", Allowed: 1, Overvotes: 1, Status: Overvote}, result(t, s, "council"))
}

func TestDecideSheetOverTwoPages(t *testing.T) {
	e := town()
	style := &e.Styles[0]
	both := DecideSheet(e, style, 1, append(read(t, 2, "v.."), read(t, 1, "..... ...... v.")...), DefaultLimits())
	assert.Equal(t, Contest{Contest: "split", Allowed: 1, Overvotes: 1, Status: Overvote}, result(t, both, "split"), "one contest over two pages")
	assert.Equal(t, 2, both.Readings[0].Page, "readings come back in the order given")
	assert.Equal(t, "split", both.Readings[0].Contest)

	front := DecideSheet(e, style, 1, read(t, 1, "v.... v..... v."), DefaultLimits())
	assert.Equal(t, []int{2}, front.Missing)
	assert.Equal(t, Voted, result(t, front, "mayor").Status)
	assert.Equal(t, Contest{Contest: "split", Allowed: 1, Doubt: 1, Status: Doubtful, Reason: "page 2 of the contest was not read",
		Lines: []Line{{Choice: "s1", Questionable: 1}, {Choice: "s3", Questionable: 1}}}, result(t, front, "split"))
	assert.Len(t, front.Contests, 3, "a contest of the missing page alone has no result")
	assert.Equal(t, 1, front.Questions())

	over := DecideSheet(e, style, 1, read(t, 1, "..... ...... vv"), DefaultLimits())
	assert.Equal(t, Overvote, result(t, over, "split").Status, "what the missing page holds cannot undo an overvote")

	back := DecideSheet(e, style, 1, read(t, 2, ".v."), DefaultLimits())
	assert.Equal(t, []int{1}, back.Missing)
	assert.Equal(t, Contest{Contest: "question", Allowed: 1, Votes: 1, Status: Voted, Lines: []Line{{Choice: "yes", Clear: 1}}}, result(t, back, "question"))
	assert.Equal(t, Doubtful, result(t, back, "split").Status)

	second := DecideSheet(e, style, 2, read(t, 3, "v."), DefaultLimits())
	assert.Equal(t, 2, second.Number)
	assert.Equal(t, 1, result(t, second, "council").Votes)
	assert.Len(t, second.Contests, 1)
}

func TestDecideSheetStrangeReadings(t *testing.T) {
	e := town()
	style := &e.Styles[0]
	in := append(read(t, 1, ".v... ...... .."), read(t, 2, "...")...)
	in = append(in, Reading{Page: 7, Target: 0}, Reading{Page: 1, Target: -1}, Reading{Page: 3, Target: 0}, Reading{Page: 1, Target: 1, Mark: marks.Mark{Outline: 9000}})
	before := append([]Reading(nil), in...)
	s := DecideSheet(e, style, 1, in, DefaultLimits())
	assert.Equal(t, before, in, "the caller's readings are not changed")
	n := len(in)
	assert.Equal(t, "style d1 has no target 0 on page 7 of sheet 1", s.Readings[n-4].Reason)
	assert.Equal(t, "style d1 has no target -1 on page 1 of sheet 1", s.Readings[n-3].Reason)
	assert.Equal(t, Questionable, s.Readings[n-2].Answer, "page 3 is another sheet's")
	assert.Equal(t, "the target was read twice with two answers", s.Readings[n-1].Reason)
	assert.Equal(t, Contest{Contest: "mayor", Allowed: 1, Doubt: 1, Status: Doubtful, Reason: "1 questionable",
		Lines: []Line{{Choice: "baker", Party: "REP", Questionable: 1}}}, result(t, s, "mayor"))

	empty := DecideSheet(e, style, 1, nil, DefaultLimits())
	assert.Empty(t, empty.Contests)
	assert.Equal(t, []int{1, 2}, empty.Missing)
}
