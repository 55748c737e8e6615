package vote

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/marks"
)

// Every limit has one gauge, under its own name and with its own value.
func TestEveryLimitHasAGauge(t *testing.T) {
	l := Limits{}
	text, err := json.Marshal(l)
	require.NoError(t, err)
	var names map[string]int
	require.NoError(t, json.Unmarshal(text, &names))
	for i, g := range Gauges {
		_, ok := names[g.Limit]
		require.True(t, ok, "%s is no limit, or has two gauges", g.Limit)
		delete(names, g.Limit)
		var one Limits
		require.NoError(t, json.Unmarshal([]byte(`{"`+g.Limit+`": 77}`), &one))
		assert.Equal(t, marks.Score(77), g.Value(&one), "gauge %d, %s", i, g.Limit)
		assert.NotEmpty(t, g.Measure)
	}
	assert.Empty(t, names, "limits without a gauge")
}

// What a gauge measures decides: on one side of its limit the target has another answer, or another reason, than on the other.
func TestGaugesMeasureWhatDecides(t *testing.T) {
	const full = marks.Score(8000)
	l := DefaultLimits()
	l.SpreadMin = 2000
	e, style := handTown()
	arrow := *style
	arrow.Pages = []election.Page{style.Pages[0]}
	arrow.Pages[0].Targets = append([]election.Target{}, style.Pages[0].Targets...)
	arrow.Pages[0].Targets[0].Shape = election.Arrow
	type set func(m *marks.Mark, v marks.Score)
	fill := func(m *marks.Mark, v marks.Score) { m.Fill = v }
	rest := func(fill marks.Score, more ...int) func(int, *marks.Mark) { // the sheet's other marks: so many full ones after the first target
		return func(i int, m *marks.Mark) {
			if i > 0 && i <= len(more) {
				m.Fill = fill
			}
		}
	}
	for _, row := range []struct {
		limit string
		style *election.Style
		base  marks.Mark
		set   set
		rest  func(int, *marks.Mark)
	}{
		{"none_fill", style, marks.Mark{}, fill, nil},
		{"vote_fill", style, marks.Mark{}, fill, nil},
		{"min_outline", style, marks.Mark{Fill: 100}, func(m *marks.Mark, v marks.Score) { m.Outline = v }, nil},
		{"overwhelm_fill", style, marks.Mark{Outline: 1}, fill, nil},
		{"around_question", style, marks.Mark{}, func(m *marks.Mark, v marks.Score) { m.Around = v }, nil},
		{"dark_min", style, marks.Mark{Fill: full}, func(m *marks.Mark, v marks.Score) { m.Dark = v }, nil},
		{"grain_largest", style, marks.Mark{Fill: full}, func(m *marks.Mark, v marks.Score) { m.Fill, m.Largest = 10000, v }, nil},
		{"thin_outline", style, marks.Mark{Fill: 2000}, func(m *marks.Mark, v marks.Score) { m.Outline = v }, nil},
		{"spread_min", style, marks.Mark{Fill: full}, func(m *marks.Mark, v marks.Score) { m.Spread = v }, nil},
		{"arrow_spread", &arrow, marks.Mark{Fill: full}, func(m *marks.Mark, v marks.Score) { m.Spread = v }, nil},
		{"arrow_none", &arrow, marks.Mark{}, fill, nil},
		{"arrow_vote", &arrow, marks.Mark{Outline: 9000, Dark: 9000}, func(m *marks.Mark, v marks.Score) { m.Fill, m.Spread = v, 9900 }, nil},
		{"arrow_shade", &arrow, marks.Mark{}, func(m *marks.Mark, v marks.Score) { m.Shade = v }, nil},
		{"arrow_joined", &arrow, marks.Mark{Fill: 900}, func(m *marks.Mark, v marks.Score) { m.Spread = v }, nil},
		{"arrow_dark", &arrow, marks.Mark{Fill: 900}, func(m *marks.Mark, v marks.Score) { m.Dark, m.Spread = v, 9900 }, nil},
		{"max_overprint", style, marks.Mark{Fill: full}, func(m *marks.Mark, v marks.Score) { m.Overprint = v + 1 }, nil},
		{"hand_unlike", style, marks.Mark{}, func(m *marks.Mark, v marks.Score) { m.Fill, m.Spread = v, 6000 }, rest(full, 1, 2, 3)},
		{"hand_line", style, marks.Mark{}, fill, rest(full, 1, 2, 3)},
		{"hand_dark", style, marks.Mark{Fill: full}, func(m *marks.Mark, v marks.Score) { m.Dark = v }, func(i int, m *marks.Mark) {
			if i > 0 && i <= 3 {
				m.Fill, m.Dark = full, 10000
			}
		}},
		{"cross_fill", style, marks.Mark{Arms: 0b00100100, Around: 400}, fill, nil},
		{"cross_two", style, marks.Mark{Arms: 0b00100100, Fill: full}, func(m *marks.Mark, v marks.Score) { m.Around = v }, nil},
		{"runs_around", style, marks.Mark{Arms: 0b00100100, Fill: 2500}, func(m *marks.Mark, v marks.Score) { m.Around = v }, nil},
		{"shade_question", style, marks.Mark{}, func(m *marks.Mark, v marks.Score) { m.Shade = v }, nil},
		{"beside_question", style, marks.Mark{}, func(m *marks.Mark, v marks.Score) { m.Beside = v }, nil},
		{"pale_shade", style, marks.Mark{Fill: full}, func(m *marks.Mark, v marks.Score) { m.Dark, m.Shade = 3300, v }, nil},
		{"pale_around", style, marks.Mark{Fill: full, Shade: 2500}, func(m *marks.Mark, v marks.Score) { m.Dark, m.Around = 3300, v }, nil},
		{"pale_back", style, marks.Mark{Fill: full, Shade: 2500}, func(m *marks.Mark, v marks.Score) { m.Dark, m.Back = 3300, v }, nil},
		{"blot_whole", style, marks.Mark{Fill: 10000}, func(m *marks.Mark, v marks.Score) { m.Around = v }, nil},
		{"blot_around", style, marks.Mark{Fill: full}, func(m *marks.Mark, v marks.Score) { m.Around = v }, nil},
	} {
		t.Run(row.limit, func(t *testing.T) {
			gauge := -1
			for i := range Gauges {
				if Gauges[i].Limit == row.limit {
					gauge = i
				}
			}
			require.GreaterOrEqual(t, gauge, 0)
			limit := Gauges[gauge].Value(&l)
			var answers [2]string
			for side, v := range []marks.Score{limit - 1, limit} {
				var rs []Reading
				for i := range row.style.Pages[0].Targets {
					m := marks.Mark{Outline: 9000, Dark: 9000, Spread: 9000}
					if i == 0 {
						m = row.base
						if m.Outline == 0 {
							m.Outline = 9000
						}
						m.Dark, m.Spread = 9000, 9000
						row.set(&m, v)
					} else if row.rest != nil {
						row.rest(i, &m)
					}
					rs = append(rs, Reading{Page: 1, Target: i, Mark: m})
				}
				s := DecideSheet(e, row.style, 1, rs, l)
				answers[side] = string(s.Readings[0].Answer) + " " + s.Readings[0].Reason
				seen := false
				s.Gauge(row.style, l, func(g, reading, measured int) {
					if g == gauge && reading == 0 {
						seen = true
						want := v
						if row.limit == "max_overprint" {
							want++
						}
						assert.Equal(t, int(want), measured)
					}
				})
				assert.True(t, seen, "the target is held against the limit")
			}
			assert.NotEqual(t, answers[0], answers[1])
		})
	}
}
