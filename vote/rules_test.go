package vote

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"recount/election"
	"recount/marks"
)

// anyContest draws a style with one contest over two pages of a sheet.
func anyContest(t *rapid.T) (*election.Election, *election.Style) {
	c := election.Contest{ID: "c", VoteFor: rapid.IntRange(1, 4).Draw(t, "vote for")}
	style := election.Style{ID: "s", Pages: []election.Page{{Number: 1}, {Number: 2}}}
	for i := range rapid.IntRange(1, 7).Draw(t, "choices") {
		ch := election.Choice{ID: fmt.Sprint("ch", i), Party: rapid.SampledFrom([]string{"", "DEM", "REP"}).Draw(t, "party")}
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			ch.WriteIn = true
		case 1, 2:
			ch.Candidate = rapid.SampledFrom([]string{"adams", "baker"}).Draw(t, "candidate")
		}
		c.Choices = append(c.Choices, ch)
		p := &style.Pages[rapid.IntRange(0, 1).Draw(t, "page")]
		p.Targets = append(p.Targets, election.Target{Contest: "c", Choice: ch.ID})
	}
	e := &election.Election{Contests: []election.Contest{c}, Styles: []election.Style{style}}
	return e, &e.Styles[0]
}

// anyReadings draws readings of the style; a page is left out now and then.
func anyReadings(t *rapid.T, style *election.Style) []Reading {
	var out []Reading
	for i := range style.Pages {
		if rapid.IntRange(0, 9).Draw(t, "left out") == 0 {
			continue
		}
		for j := range style.Pages[i].Targets {
			fill := rapid.SampledFrom([]marks.Score{0, 0, 700, 6000}).Draw(t, "fill")
			out = append(out, Reading{Page: i + 1, Target: j, Mark: marks.Mark{Fill: fill, Outline: 9000, Dark: 9000, Spread: 9000}})
		}
	}
	return out
}

// truth counts a contest by the plain rule, once every target is a vote or none: the tally line of each vote, or an overvote.
func truth(c *election.Contest, marked map[string]bool) (lines map[Line]bool, overvote bool) {
	lines = map[Line]bool{}
	done := map[string]bool{}
	persons := 0
	for i, ch := range c.Choices {
		if !marked[ch.ID] || done[ch.ID] {
			continue
		}
		persons++
		line := Line{Choice: ch.ID, Party: ch.Party}
		if ch.Candidate != "" && !ch.WriteIn {
			first := ""
			for j, o := range c.Choices {
				if o.Candidate != ch.Candidate || o.WriteIn {
					continue
				}
				if first == "" {
					first = o.ID
				}
				done[o.ID] = true
				if j > i && marked[o.ID] {
					line.Party = Unknown
				}
			}
			if line.Party == Unknown {
				line.Choice = first
			}
		}
		lines[line] = true
	}
	if persons > c.VoteFor {
		return nil, true
	}
	return lines, false
}

// TestIntervalsHoldEveryTruth draws a contest and its marks, lets every questionable or unread target fall either way, and
// checks that the plain count always lies in the intervals that DecideSheet gave.
func TestIntervalsHoldEveryTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, style := anyContest(t)
		c := &e.Contests[0]
		s := DecideSheet(e, style, 1, anyReadings(t, style), DefaultLimits())
		if len(s.Contests) == 0 {
			return // nothing of the contest was read
		}
		r := s.Contests[0]
		assert.Equal(t, r.Allowed, r.Votes+r.Overvotes+r.Undervotes+r.Doubt, "sum rule: %+v", r)
		given := map[Line]Line{}
		for _, l := range r.Lines {
			key := Line{Choice: l.Choice, Party: l.Party}
			assert.NotContains(t, given, key, "a line stands once")
			assert.Equal(t, 1, l.Clear+l.Questionable)
			given[key] = l
		}

		known := map[string]Answer{}
		for _, reading := range s.Readings {
			known[reading.Choice] = reading.Answer
		}
		var open []string
		for _, ch := range c.Choices {
			if a, ok := known[ch.ID]; !ok || a == Questionable {
				open = append(open, ch.ID)
			}
		}
		votes, overs, tight := map[int]bool{}, map[bool]bool{}, map[Line]map[bool]bool{}
		for world := range 1 << len(open) {
			marked := map[string]bool{}
			for id, a := range known {
				marked[id] = a == Vote
			}
			for i, id := range open {
				marked[id] = world>>i&1 == 1
			}
			lines, over := truth(c, marked)
			overs[over] = true
			votes[len(lines)] = true
			if over {
				assert.True(t, r.Overvotes+r.Doubt >= r.Allowed, "an overvote outside %+v", r)
			} else {
				assert.GreaterOrEqual(t, len(lines), r.Votes)
				assert.LessOrEqual(t, len(lines), r.Votes+r.Doubt)
				assert.Zero(t, r.Overvotes)
			}
			for l := range lines {
				assert.Contains(t, given, l, "a vote outside the intervals of %+v", r)
			}
			for key, l := range given {
				assert.True(t, l.Clear == 0 || lines[key], "%+v is clear and not certain", key)
				if tight[key] == nil {
					tight[key] = map[bool]bool{}
				}
				tight[key][lines[key]] = true
			}
		}
		// The intervals are no wider than they must be, either.
		if len(s.Missing) == 0 {
			assert.Equal(t, r.Status == Doubtful, len(votes) > 1 || len(overs) > 1, "doubtful exactly where a question decides: %+v", r)
			for key, l := range given {
				if overs[true] {
					continue // people who look may take the questionable mark for the vote and the clear one for a slip
				}
				assert.Equal(t, l.Questionable == 1, len(tight[key]) == 2, "%+v of %+v", key, r)
			}
		}
	})
}
