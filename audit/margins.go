package audit

import (
	"slices"

	"recount/election"
	"recount/vote"
)

// Class is how a sheet's difference bears on a contest's outcome, as in a ballot comparison: o2 and o1 overstate a
// winner's lead in the machine's records by two votes or one, u1 and u2 understate it, 0 leaves every lead as it is.
type Class string

// The classes, and "-" where a contest has no two persons to lead one another.
const (
	Over2   Class = "o2"
	Over1   Class = "o1"
	Neutral Class = "0"
	Under1  Class = "u1"
	Under2  Class = "u2"
)

var classAt = map[int]Class{2: Over2, 1: Over1, 0: Neutral, -1: Under1, -2: Under2}

// ContestMargin is the smallest lead of a winner over a loser by the machine's records, and what the differences do to it.
// It is what an image re-tabulation shows: no human reading of sampled paper stands behind it, so it is no risk limit.
type ContestMargin struct {
	Contest string `json:"contest"`
	Winner  string `json:"winner"`
	Loser   string `json:"loser"`
	Ballots int    `json:"ballots"` // records with the contest
	Margin  int    `json:"margin"`  // votes, by the machine's records
	// Low and High bound the same lead by our sheets; questionable targets make them differ.
	Low  int `json:"margin_low"`
	High int `json:"margin_high"`
	// AssorterMargin is Margin / Ballots, in ten-thousandths: twice the assorter's mean less one.
	AssorterMargin int `json:"assorter_margin_e4"`
	// Share is how far the machine's margin lies from [Low, High], in ten-thousandths of Margin.
	Share   int           `json:"difference_of_margin_e4"`
	Classes map[Class]int `json:"classes"` // compared sheets
	Open    int           `json:"open"`    // of them, sheets on which a questionable target may change the class
}

// margin gathers one contest.
type margin struct {
	winners, losers []int
	classes         map[Class]int
	open            int
}

// newMargins finds each contest's winners by the machine's votes: as many persons as there are seats, the first of equals
// in the order of the ballot.
func newMargins(e *election.Election, all *partSum) []*margin {
	out := make([]*margin, len(e.Contests))
	for i := range e.Contests {
		c := &e.Contests[i]
		m := &margin{classes: map[Class]int{}}
		out[i] = m
		var people []int
		for k := range c.Choices {
			if firstOf(c, k) == k && !c.Choices[k].WriteIn {
				people = append(people, k)
			}
		}
		if c.Ranks > 0 {
			continue // first choices do not say who wins
		}
		if all == nil || len(people) < 2 || all.contests[i].theirBallots == 0 {
			continue
		}
		votes := all.contests[i].machine
		slices.SortStableFunc(people, func(a, b int) int { return votes[b] - votes[a] })
		n := min(max(c.VoteFor, 1), len(people)-1)
		m.winners, m.losers = people[:n], people[n:]
	}
	return out
}

// add counts a sheet and gives its class: the largest overstatement over all pairs of winner and loser. t is nil where the
// record does not have the contest. Where ours is left open, the reading nearest the machine's is taken and the sheet
// counted as open.
func (m *margin) add(c *election.Contest, v *vote.Contest, t *theirReading) Class {
	if len(m.winners) == 0 {
		return "-"
	}
	o := readingOf(c, v)
	if t != nil && t.strange > 0 { // nobody has said yet whose votes these are
		m.open++
		return "-"
	}
	lead := func(i int) int { // machine less ours
		n := 0
		if t != nil {
			n = t.votes[i]
		}
		return n - min(max(n, o.low[i]), o.high[i])
	}
	worst := -2
	for _, w := range m.winners {
		for _, l := range m.losers {
			worst = max(worst, min(max(lead(w)-lead(l), -2), 2))
		}
	}
	class := classAt[worst]
	m.classes[class]++
	if o.open() {
		m.open++
	}
	return class
}

func (s *sheetComparer) closeMargins() []ContestMargin {
	out := []ContestMargin{}
	all := s.sums[CVRPart{}]
	for i, m := range s.margins {
		if len(m.winners) == 0 {
			continue
		}
		c, sum := &s.e.Contests[i], &all.contests[i]
		w, l := m.winners[len(m.winners)-1], m.losers[0]
		cm := ContestMargin{Contest: Label(s.e, c), Winner: c.Choices[w].Name, Loser: c.Choices[l].Name, Ballots: sum.theirBallots, Margin: sum.machine[w] - sum.machine[l],
			Low: sum.low[w] - sum.high[l], High: sum.high[w] - sum.low[l], Classes: m.classes, Open: m.open}
		if cm.Ballots > 0 {
			cm.AssorterMargin = cm.Margin * 10000 / cm.Ballots
		}
		off := max(cm.Low-cm.Margin, cm.Margin-cm.High, 0)
		if cm.Margin > 0 {
			cm.Share = off * 10000 / cm.Margin
		}
		out = append(out, cm)
	}
	return out
}

// Count is how many compared sheets are of a class.
func (m ContestMargin) Count(class string) int { return m.Classes[Class(class)] }
