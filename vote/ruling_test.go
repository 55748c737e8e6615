package vote

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
