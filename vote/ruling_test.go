package vote

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
)

// A person's answers count like any others, and what they were given for is left as it was read.
func TestRule(t *testing.T) {
	e := town()
	st := &e.Styles[0]
	read := DecideSheet(e, st, 1, append(read(t, 1, "vq... vvvq.. .."), read(t, 2, "v vv")...), DefaultLimits())
	status := func(s *Sheet) (out []Status) {
		for i := range s.Contests {
			c := &s.Contests[i]
			out = append(out, c.Status)
			assert.Equal(t, c.Allowed, c.Votes+c.Overvotes+c.Undervotes+c.Doubt, c.Contest)
		}
		return out
	}
	require.Equal(t, []Status{Doubtful, Doubtful, Voted, Overvote}, status(&read))
	for _, tt := range []struct {
		name    string
		rulings []Ruling
		want    []Status
		hands   []int
	}{
		{"nothing", nil, []Status{Doubtful, Doubtful, Voted, Overvote}, []int{0, 0, 0, 0}},
		{"a smudge", []Ruling{{Page: 1, Target: 1, Answer: None, Reason: "a smudge"}}, []Status{Voted, Doubtful, Voted, Overvote}, []int{1, 0, 0, 0}},
		{"an overvote after all", []Ruling{{Page: 1, Target: 1, Answer: Vote}, {Page: 1, Target: 8, Answer: Vote}}, []Status{Overvote, Overvote, Voted, Overvote}, []int{1, 1, 0, 0}},
		{"a vote struck out", []Ruling{{Page: 2, Target: 1, Answer: None}, {Page: 2, Target: 2, Answer: Questionable}}, []Status{Doubtful, Doubtful, Voted, Doubtful}, []int{0, 0, 0, 2}},
		{"the later stands", []Ruling{{Page: 1, Target: 1, Answer: Vote}, {Page: 1, Target: 1, Answer: None}}, []Status{Voted, Doubtful, Voted, Overvote}, []int{1, 0, 0, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read.Rule(e, st, tt.rulings)
			require.NoError(t, err)
			assert.Equal(t, tt.want, status(&got))
			for i := range got.Contests {
				assert.Equal(t, tt.hands[i], got.Contests[i].ByHand, got.Contests[i].Contest)
			}
		})
	}
	got, err := read.Rule(e, st, []Ruling{{Page: 1, Target: 1, Answer: None, Reason: "a smudge"}})
	require.NoError(t, err)
	assert.Equal(t, "by hand: a smudge", got.Readings[1].Reason)
	assert.True(t, got.Readings[1].ByHand)
	assert.Equal(t, Questionable, read.Readings[1].Answer, "what was read is as it was")
	again, err := read.Rule(e, st, nil)
	require.NoError(t, err)
	assert.Equal(t, read, again)
}

// What a person decides of the straight-party contest is a decision in every contest that its vote reaches.
func TestRuleReachesThroughTheStraightVote(t *testing.T) {
	const wins, fill = election.IndividualWins, election.FillUp
	for _, tt := range []struct {
		name    string
		rule    election.StraightRule
		marks   string // straight: dem rep wf; sheriff: d r d-wf w; board: d1 d2 r1 r2 r3 w1; judge: j1 j2
		rulings []Ruling
		hands   []int  // straight, sheriff, board, judge
		board   string // votes+undervotes+doubt, of them straight
	}{
		{"nothing decided", wins, "v.. .... ...... ..", nil, []int{0, 0, 0, 0}, "2+1+0 2"},
		{"a question made a vote", wins, "q.. .... ...... ..", []Ruling{{Target: 0, Answer: Vote}}, []int{1, 1, 1, 0}, "2+1+0 2"},
		{"a question taken for nothing", wins, "q.. .... ...... ..", []Ruling{{Target: 0, Answer: None}}, []int{1, 1, 1, 0}, "0+3+0 0"},
		{"a question left open", wins, "q.. .... ...... ..", []Ruling{{Target: 0, Answer: Questionable}}, []int{1, 1, 1, 0}, "0+1+2 2"},
		{"a vote found that was not read", wins, "... .... ...... ..", []Ruling{{Target: 1, Answer: Vote}}, []int{1, 1, 1, 0}, "3+0+0 3"},
		{"a vote taken away", wins, "v.. .... ...... ..", []Ruling{{Target: 0, Answer: None}}, []int{1, 1, 1, 0}, "0+3+0 0"},
		{"an overvote cleared, two targets", wins, "vv. .... ...... ..", []Ruling{{Target: 0, Answer: None}, {Target: 1, Answer: Vote}}, []int{2, 2, 2, 0}, "3+0+0 3"},
		{"own marks that the straight vote does not reach", wins, "q.. .v.. ..v... ..", []Ruling{{Target: 0, Answer: Vote}}, []int{1, 0, 0, 0}, "1+2+0 0"},
		{"fill-up reaches the contest with room", fill, "q.. .v.. ..v... ..", []Ruling{{Target: 0, Answer: Vote}}, []int{1, 0, 1, 0}, "3+0+0 2"},
		{"a party with no candidate there", wins, "... .... ...... ..", []Ruling{{Target: 2, Answer: Vote}}, []int{1, 1, 0, 0}, "0+3+0 0"},
		{"a target of the contest itself", wins, "v.. .... ..q... ..", []Ruling{{Target: 9, Answer: None}}, []int{0, 0, 1, 0}, "2+1+0 2"},
		{"both", wins, "q.. .... ..q... ..", []Ruling{{Target: 0, Answer: Vote}, {Target: 9, Answer: None}}, []int{1, 1, 2, 0}, "2+1+0 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := county(tt.rule)
			st := &e.Styles[0]
			sheet := DecideSheet(e, st, 1, read(t, 1, tt.marks), DefaultLimits())
			for i := range tt.rulings {
				tt.rulings[i].Page = 1
			}
			got, err := sheet.Rule(e, st, tt.rulings)
			require.NoError(t, err)
			var hands []int
			for i := range got.Contests {
				hands = append(hands, got.Contests[i].ByHand)
			}
			assert.Equal(t, tt.hands, hands)
			b := result(t, got, "board")
			assert.Equal(t, tt.board, fmt.Sprintf("%d+%d+%d %d", b.Votes, b.Undervotes, b.Doubt, b.Straight))
		})
	}
}

func TestRuleErrors(t *testing.T) {
	e := town()
	st := &e.Styles[0]
	front := DecideSheet(e, st, 1, read(t, 1, "vq... vvvq.. .."), DefaultLimits())
	other := *st
	other.ID = "d2"
	_, err := front.Rule(e, &other, nil)
	assert.ErrorContains(t, err, "style d2 was given")
	for _, tt := range []struct {
		name string
		r    Ruling
		want string
	}{
		{"no answer", Ruling{Page: 1, Answer: "yes"}, `"yes" is no answer`},
		{"no such target", Ruling{Page: 1, Target: 99, Answer: Vote}, "no target 99 on page 1"},
		{"another sheet's page", Ruling{Page: 3, Answer: Vote}, "no target 0 on page 3"},
		{"page not read", Ruling{Page: 2, Answer: Vote}, "page 2 was not read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := front.Rule(e, st, []Ruling{tt.r})
			assert.ErrorContains(t, err, tt.want)
		})
	}
}
