package vote

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/marks"
)

// handTown is a style of three contests of three choices each, vote for one, with a write-in last in each.
func handTown() (*election.Election, *election.Style) {
	e := &election.Election{Title: "T"}
	st := election.Style{ID: "s", Pages: []election.Page{{Number: 1}, {Number: 2}}}
	for _, c := range []string{"a", "b", "c", "d"} {
		e.Contests = append(e.Contests, election.Contest{ID: c, Title: c, VoteFor: 1, Choices: []election.Choice{
			{ID: "1", Name: "One"}, {ID: "2", Name: "Two"}, {ID: "w", Name: "Write-in", WriteIn: true}}})
		for _, ch := range []string{"1", "2", "w"} {
			st.Pages[0].Targets = append(st.Pages[0].Targets, election.Target{Contest: c, Choice: ch})
		}
	}
	e.Styles = []election.Style{st}
	return e, &e.Styles[0]
}

// What one mark means is asked of the sheet's other marks, in the direction of a question only.
func TestHand(t *testing.T) {
	full := marks.Mark{Outline: 9000, Fill: 9000, Dark: 9000, Spread: 10000, Around: 300}
	tick := marks.Mark{Outline: 9000, Fill: 2000, Dark: 9000, Spread: 9000}
	dot := marks.Mark{Outline: 9000, Fill: 1500, Dark: 9000, Spread: 3000}
	with := func(m marks.Mark, change func(*marks.Mark)) marks.Mark {
		change(&m)
		return m
	}
	type at map[int]marks.Mark // targets 0-2 are contest a's, 3-5 b's, and so on; the last of each the write-in
	tests := []struct {
		name  string
		marks at
		want  map[int]string // target to the start of its reason; others are votes or none
		votes int
	}{
		{"full marks", at{0: full, 3: full, 6: full, 9: full}, nil, 4},
		{"ticks by one hand are votes", at{0: tick, 3: tick, 6: tick, 9: tick}, nil, 4},
		{"a small tick among full marks", at{0: full, 3: full, 6: full, 9: with(tick, func(m *marks.Mark) { m.Fill = 1600 })}, map[int]string{9: "unlike the voter's other marks"}, 3},
		{"a short line among full marks", at{0: full, 3: full, 6: full, 9: with(tick, func(m *marks.Mark) { m.Spread = 6000 })}, map[int]string{9: "unlike the voter's other marks"}, 3},
		{"a line right across among full marks", at{0: full, 3: full, 6: full, 9: tick}, nil, 4},
		{"one full mark among ticks stays a vote", at{0: tick, 3: tick, 6: tick, 9: full}, nil, 4},
		{"two ticks among full marks are a hand that ticks as well", at{0: full, 3: full, 4: tick, 6: full, 7: tick}, nil, 5},
		{"two dots among full marks", at{0: full, 3: full, 6: dot, 9: dot, 1: full, 4: full}, map[int]string{6: "unlike", 9: "unlike"}, 4},
		{"two marks show no hand", at{0: full, 9: tick}, nil, 2},
		{"one pale mark", at{0: full, 3: full, 6: full, 9: with(full, func(m *marks.Mark) { m.Dark = 5000 })}, map[int]string{9: "erased or lighter"}, 3},
		{"a pale hand", at{0: with(full, func(m *marks.Mark) { m.Dark = 5000 }), 3: with(full, func(m *marks.Mark) { m.Dark = 5200 }), 6: with(full, func(m *marks.Mark) { m.Dark = 4900 })}, nil, 3},
		{"crossed out and chosen anew", at{0: with(full, func(m *marks.Mark) { m.Around = 1000 }), 1: with(full, func(m *marks.Mark) { m.Around = 100 })}, map[int]string{0: "crossed out?"}, 1},
		{"a wide hand that chose once", at{0: with(full, func(m *marks.Mark) { m.Around = 2500 })}, nil, 1},
		{"a plain overvote", at{0: with(full, func(m *marks.Mark) { m.Around = 400 }), 1: with(full, func(m *marks.Mark) { m.Around = 300 })}, nil, 2},
		{"overvote by one wide hand", at{0: with(full, func(m *marks.Mark) { m.Around = 2000 }), 1: with(full, func(m *marks.Mark) { m.Around = 2500 })}, map[int]string{0: "crossed out?", 1: "crossed out?"}, 0},
		{"a name written in and no target filled", at{2: {Outline: 9000, Beside: 200}}, map[int]string{2: "write-in"}, 0},
		{"a name written in beside a vote", at{0: full, 2: {Outline: 9000, Beside: 200}}, map[int]string{2: "write-in"}, 1},
		{"a name written in and its target filled", at{2: with(full, func(m *marks.Mark) { m.Beside = 200 })}, nil, 1},
		{"a name circled", at{1: {Outline: 9000, Beside: 200}}, map[int]string{1: "mark beside"}, 0},
		{"a number printed over a target and its name", at{1: with(tick, func(m *marks.Mark) { m.Beside = 200 })}, map[int]string{1: "ink runs on"}, 0},
		{"a number that ends in a target", at{1: with(tick, func(m *marks.Mark) { m.Damage = marks.Number })}, map[int]string{1: "ink runs on"}, 0},
		{"a filled target, and something beside it", at{1: with(full, func(m *marks.Mark) { m.Damage = marks.Number })}, nil, 1},
		{"a write-in ticked, and its name written beside", at{2: with(tick, func(m *marks.Mark) { m.Damage, m.Beside, m.Largest = marks.Number, 200, m.Fill })}, nil, 1},
		{"a write-in with digits over it and its name's place", at{2: with(tick, func(m *marks.Mark) { m.Damage, m.Beside, m.Largest = marks.Number, 200, m.Fill/2 })}, map[int]string{2: "ink runs on"}, 0},
		{"a write-in with one digit that goes on over its name's place", at{2: with(tick, func(m *marks.Mark) { m.Damage, m.Beside, m.Largest, m.Arms = marks.Number, 200, m.Fill, 0b00010000 })}, map[int]string{2: "ink runs on"}, 0},
		{"a write-in with a number over it", at{2: with(tick, func(m *marks.Mark) { m.Damage = marks.Number })}, map[int]string{2: "ink runs on"}, 0},
		{"a number beside an empty target", at{1: {Outline: 9000, Damage: marks.Number}}, nil, 0},
		{"a filled target and its name circled", at{1: with(full, func(m *marks.Mark) { m.Beside = 200 })}, nil, 1},
		{"erased and chosen anew", at{0: with(full, func(m *marks.Mark) { m.Dark = 3600; m.Shade = 2600; m.Around = 0 }), 1: full}, map[int]string{0: "erased or lighter"}, 1},
		{"a note beside another choice", at{0: full, 1: {Outline: 9000, Beside: 200}}, nil, 1},
		{"specks beside", at{1: {Outline: 9000, Beside: 99}}, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, st := handTown()
			var rs []Reading
			for i := range st.Pages[0].Targets {
				m, ok := tt.marks[i]
				if !ok {
					m = marks.Mark{Outline: 9000}
				}
				rs = append(rs, Reading{Page: 1, Target: i, Mark: m})
			}
			s := DecideSheet(e, st, 1, rs, DefaultLimits())
			votes := 0
			for i, r := range s.Readings {
				want, asked := tt.want[i]
				if asked {
					assert.Equal(t, Questionable, r.Answer, "target %d", i)
					assert.Contains(t, r.Reason, want)
					continue
				}
				assert.NotEqual(t, Questionable, r.Answer, "target %d: %s", i, r.Reason)
				if r.Answer == Vote {
					votes++
				}
			}
			assert.Equal(t, tt.votes, votes)
			for _, c := range s.Contests {
				require.Equal(t, c.Allowed, c.Votes+c.Overvotes+c.Undervotes+c.Doubt, "the sum rule")
			}
		})
	}
}

// A candidate's name may be the ID of another choice: they are two persons, and one of their two marks may be struck out.
func TestHandKnowsPersonsFromChoices(t *testing.T) {
	e, st := handTown()
	e.Contests[0].Choices[1].Candidate = "1"
	struck := marks.Mark{Outline: 9000, Fill: 9000, Dark: 9000, Spread: 10000, Around: 1000}
	s := DecideSheet(e, st, 1, []Reading{{Page: 1, Target: 0, Mark: struck}, {Page: 1, Target: 1, Mark: struck}}, DefaultLimits())
	assert.Equal(t, []Answer{Questionable, Questionable}, []Answer{s.Readings[0].Answer, s.Readings[1].Answer})
}

// A line that does not reach over an arrow's gap is for a person to judge; an oval has no gap.
func TestArrowsGap(t *testing.T) {
	for _, tt := range []struct {
		name   string
		shape  election.Shape
		fill   marks.Score
		spread marks.Score
		shade  marks.Score
		arms   int
		want   Answer
	}{
		{"closed", election.Arrow, 3900, 9900, 3500, 0, Vote},
		{"closed, a speck above", election.Arrow, 3900, 9900, 3500, 0b0010, Vote},
		{"closed by a number that goes on above", election.Arrow, 3900, 9900, 3500, 0b0110, Questionable},
		{"half closed", election.Arrow, 3900, 6000, 3500, 0, Questionable},
		{"half an oval", election.Oval, 3900, 6000, 3500, 0, Vote},
		{"closed by a thin line", election.Arrow, 900, 9900, 800, 0, Vote},
		{"a thin line that goes on above", election.Arrow, 900, 9900, 800, 0b0010, Questionable},
		{"a thin line that ends before", election.Arrow, 900, 9000, 800, 0, Questionable},
		{"a thin line in an oval", election.Oval, 900, 9900, 800, 0, Questionable},
		{"a hair", election.Arrow, 500, 9900, 450, 0, Questionable},
		{"a dotted trace of pencil", election.Arrow, 200, 9900, 200, 0, Questionable},
		{"a trace in an oval", election.Oval, 200, 9900, 200, 0, None},
		{"pencil that leaves no ink", election.Arrow, 0, 0, 250, 0, Questionable},
		{"a speck", election.Arrow, 100, 500, 90, 0, None},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, st := handTown()
			st.Pages[0].Targets[0].Shape = tt.shape
			s := DecideSheet(e, st, 1, []Reading{{Page: 1, Target: 0, Mark: marks.Mark{Outline: 9000, Fill: tt.fill, Dark: 9000, Spread: tt.spread, Shade: tt.shade, Arms: tt.arms}}}, DefaultLimits())
			assert.Equal(t, tt.want, s.Readings[0].Answer, s.Readings[0].Reason)
		})
	}
}
