package audit

import (
	"fmt"
	"slices"
	"strings"

	"recount/election"
	"recount/vote"
)

// place is a person (or len(choices), the write-ins) at a rank; rank is 0 where the contest is not ranked.
type place struct{ rank, person int }

// rankedTheirs gives what a machine's record of a ranked contest shows at each rank, and the first choice as the contest's vote, by
// the rule that vote has for ballots.
func (n *Names) rankedTheirs(p packed, r *theirReading) {
	c := &n.election.Contests[n.contests[p.contest]]
	r.ranks = make([][]int, c.Ranks)
	for m := p.marks; len(m) >= 3; m = m[3:] {
		choice, rank, votes := int(m[0]), max(int(m[1]), 1), int(m[2])
		r.marked++
		r.doubt = r.doubt || votes < 0
		if votes <= 0 || r.invalid {
			continue
		}
		s, ok := n.slots[p.contest][choice], n.known[p.contest][choice]
		if !ok {
			r.strange++
			continue
		}
		who := len(c.Choices)
		if s.special != WriteIns {
			who = firstOf(c, s.choice)
		}
		for len(r.ranks) < rank && rank <= maxRanks {
			r.ranks = append(r.ranks, nil)
		}
		if rank <= len(r.ranks) && !slices.Contains(r.ranks[rank-1], who) {
			r.ranks[rank-1] = append(r.ranks[rank-1], who)
		}
	}
	r.lines = false
	r.overvoted = p.flags&flagOver != 0 || p.over > 0
	r.over, r.under = 0, 1
	for i, who := range r.ranks {
		slices.Sort(who)
		if len(who) == 0 || r.under == 0 {
			continue
		}
		r.under = 0
		if r.overvoted = r.overvoted || len(who) > 1; !r.overvoted {
			r.votes[r.ranks[i][0]] = 1
		}
	}
	if r.overvoted {
		r.over, r.under = 1, 0
	}
}

// maxRanks bounds the ranks of a contest that a record may show.
const maxRanks = 1000

// rankOf gives the persons that we see at a rank: those that are, and those that may be as well.
func rankOf(c *election.Contest, v *vote.Contest, rank int) (low, high []int) {
	for _, r := range v.Ranking {
		if r.Rank != rank {
			continue
		}
		add := func(to []int, ids []string) []int {
			for _, id := range ids {
				at := indexOf(c, id)
				who := firstOf(c, at)
				if c.Choices[at].WriteIn {
					who = len(c.Choices)
				}
				if !slices.Contains(to, who) {
					to = append(to, who)
				}
			}
			slices.Sort(to)
			return to
		}
		low = add(nil, r.Marked)
		high = add(slices.Clone(low), r.Doubt)
	}
	return low, high
}

// compareRanked is compareContest for a ranked contest: rank by rank, the persons that stand there.
func compareRanked(c *election.Contest, v *vote.Contest, t *theirReading) (kind DifferenceKind, who []place) {
	if t.strange > 0 {
		return UnmatchedName, nil
	}
	open, wording, writes, real, began := false, false, false, false, false
	for rank := 1; rank <= max(c.Ranks, len(t.ranks)); rank++ {
		low, high := rankOf(c, v, rank)
		var theirs []int
		if rank <= len(t.ranks) {
			theirs = t.ranks[rank-1]
		}
		// Some machines write the word alone for an overvote at the first rank with a mark.
		word := t.overvoted && len(theirs) == 0 && !began
		began = began || len(high) > 0
		if word && len(high) > 1 {
			open = open || len(low) < 2
			continue
		}
		var off []int
		for i := range len(c.Choices) + 1 {
			if has := slices.Contains(theirs, i); has && !slices.Contains(high, i) || !has && slices.Contains(low, i) {
				off = append(off, i)
			}
		}
		switch {
		case len(off) == 0:
			open = open || len(high) > len(low)
			continue
		case len(low) > 1 && len(theirs) == 0:
			wording = true // nobody has this rank in either
		case len(off) == 1 && off[0] == len(c.Choices), len(off) == 2 && len(theirs) == 1 && len(low) == 1 && low[0] == len(c.Choices):
			writes = true
		default:
			real = true
		}
		for _, i := range off {
			who = append(who, place{rank, i})
		}
	}
	switch {
	case real:
		return Real, who
	case writes:
		return WriteInDiffers, who
	case wording:
		return Wording, who
	case open:
		return OpenHere, nil
	}
	return "", nil
}

// sayRanks writes ranks for a person: "1 Ann, 2 Bob + write-in".
func sayRanks(c *election.Contest, ranks int, at func(rank int) (low, high []int)) string {
	var out []string
	for rank := 1; rank <= ranks; rank++ {
		low, high := at(rank)
		var here []string
		for _, i := range high {
			name := "write-in"
			if i < len(c.Choices) {
				name = c.Choices[i].Name
			}
			if !slices.Contains(low, i) {
				name += " (questionable)"
			}
			here = append(here, name)
		}
		if len(here) > 0 {
			out = append(out, fmt.Sprintf("%d %s", rank, strings.Join(here, " + ")))
		}
	}
	if len(out) == 0 {
		return "no vote"
	}
	return strings.Join(out, ", ")
}
