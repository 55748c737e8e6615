package vote

import (
	"fmt"

	"recount/election"
)

// decideRanked applies the rules of a ranked contest. Its vote is the voter's first choice: ranks without a mark are passed over,
// the first rank with one person marked is the vote, and one with several is an overvote, whatever stands in later ranks.
//
// Each way in which the questionable targets can fall is walked at once: the lines are all those that may get the vote.
func decideRanked(c *election.Contest, spots []spot, answers map[place]Answer) Contest {
	r := Contest{Contest: c.ID, Allowed: 1, Ranking: ranking(c, spots, answers)}
	var reached []*person                   // that the vote may go to
	over, under, open := false, true, false // it may be an overvote, or no vote; a question came before
	for n := 1; n <= c.Ranks && under; n++ {
		clear, doubt := 0, 0
		all := people(c, ofRank(spots, n), answers)
		for _, p := range all {
			switch {
			case len(p.clear) > 0:
				clear++
			case len(p.doubt) > 0:
				doubt++
			default:
				continue
			}
			reached = append(reached, p)
		}
		if clear > 1 && !open {
			r.Overvotes, r.Status = 1, Overvote // no question at this rank or a later one can undo this
			return r
		}
		open = open || doubt > 0
		over = over || clear+doubt > 1
		under = clear == 0 // with a clear mark the walk ends here
	}
	missing := unread(spots, answers)
	lines := merge(reached, !over && !under && len(reached) == 1)
	switch {
	case len(reached) == 0:
		r.Undervotes, r.Status = 1, Undervote
	case !over && !under && onePerson(reached):
		// One person, at one rank or at several: whatever the questions are, this is who gets the vote.
		p := reached[0]
		r.Votes, r.Status, r.Lines = 1, Voted, lines
		if p.writeIn {
			r.WriteIns = 1
		}
		if len(lines) == 1 {
			r.Lines[0].Clear, r.Lines[0].Questionable = 1, 0
		} else {
			r.Reason = "the vote is certain, its party line is not"
		}
	default:
		r.Doubt, r.Status, r.Lines = 1, Doubtful, lines
		r.Reason = "a questionable target decides the first choice"
		if over {
			r.Reason += ", and it may be an overvote"
		}
	}
	if missing != "" {
		r.Status, r.Reason = Doubtful, missing
	}
	return r
}

// onePerson says whether all of them are one person, met at several ranks.
func onePerson(reached []*person) bool {
	for _, p := range reached {
		if p.first.ID != reached[0].first.ID {
			return false
		}
	}
	return true
}

// merge gathers the persons' tally lines, each once. certain says that their marks stand.
func merge(reached []*person, certain bool) []Line {
	var out []Line
	at := map[[2]string]bool{}
	for _, p := range reached {
		for _, l := range p.lines(certain) {
			if k := [2]string{l.Choice, l.Party}; !at[k] {
				at[k] = true
				out = append(out, l)
			}
		}
	}
	return out
}

// ofRank are a contest's targets of one rank.
func ofRank(spots []spot, rank int) []spot {
	var out []spot
	for _, s := range spots {
		if s.rank == rank {
			out = append(out, s)
		}
	}
	return out
}

// ranking says what stands at each rank.
func ranking(c *election.Contest, spots []spot, answers map[place]Answer) []Rank {
	var out []Rank
	earlier := map[string]bool{} // persons, by their first choice
	for n := 1; n <= c.Ranks; n++ {
		r := Rank{Rank: n}
		persons := 0
		var here []string
		for _, p := range people(c, ofRank(spots, n), answers) {
			for _, ch := range p.clear {
				r.Marked = append(r.Marked, ch.ID)
				if earlier[p.first.ID] {
					r.Repeated = append(r.Repeated, ch.ID)
				}
			}
			for _, ch := range p.doubt {
				r.Doubt = append(r.Doubt, ch.ID)
			}
			if len(p.clear) > 0 {
				persons++
				here = append(here, p.first.ID)
			}
		}
		for _, id := range here {
			earlier[id] = true
		}
		r.Overvoted = persons > 1
		out = append(out, r)
	}
	return out
}

// Skipped are the ranks without any mark that stand before a rank with one.
func (c *Contest) Skipped() []int {
	last := 0
	for _, r := range c.Ranking {
		if len(r.Marked)+len(r.Doubt) > 0 {
			last = r.Rank
		}
	}
	var out []int
	for _, r := range c.Ranking {
		if r.Rank < last && len(r.Marked)+len(r.Doubt) == 0 {
			out = append(out, r.Rank)
		}
	}
	return out
}

// readHands looks at a sheet's answers together. A ranked contest has a vote at each rank, so its marks are looked at rank by
// rank; the voter's hand is the whole sheet's.
func readHands(e *election.Election, style *election.Style, readings []Reading, l Limits) {
	names := make([]string, len(readings))
	ranked := false
	for i := range readings {
		r := &readings[i]
		names[i] = r.Contest
		if c := e.Contest(r.Contest); c != nil && c.Ranks > 0 {
			r.Contest, ranked = "", true // so that readHand looks at the hand alone
		}
	}
	readHand(e, style, readings, l)
	for i := range readings {
		readings[i].Contest = names[i]
	}
	if !ranked {
		return
	}
	for _, m := range contestsOf(e, readings) {
		if m.contest.Ranks == 0 {
			continue
		}
		for n := 1; n <= m.contest.Ranks; n++ {
			row := &marked{contest: m.contest}
			for _, r := range m.readings {
				if r.Rank == n {
					row.readings = append(row.readings, r)
				}
			}
			row.crossedOut(style, l)
		}
		m.unranked(l)
	}
}

// unranked asks about what is written beside choices that have no rank: a name written in, and a name circled in a contest
// without any mark.
func (m *marked) unranked(l Limits) {
	any, has := false, map[string]bool{}
	for _, r := range m.readings {
		if r.Answer != None {
			any, has[r.Choice] = true, true
		}
	}
	for _, r := range m.readings {
		if has[r.Choice] || r.Mark.Beside < l.BesideQuestion {
			continue
		}
		c := m.contest.Choice(r.Choice)
		switch {
		case c != nil && c.WriteIn:
			r.question(fmt.Sprintf("write-in: no rank is marked, and %s of the place for the name is written on", percent(r.Mark.Beside)))
		case !any:
			r.question(fmt.Sprintf("mark beside: no rank is marked, and %s of the name's place is inked", percent(r.Mark.Beside)))
		}
	}
}
