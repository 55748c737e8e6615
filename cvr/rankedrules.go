package cvr

import (
	"fmt"
	"slices"
	"strings"

	"recount/vote"
)

// ranked are a ranked contest's choices after the rules. Every rank that a voter marked stays allocable: rounds are counted from
// these records by who counts rounds, and what a rank with several choices means there is that count's rule. TotalNumberVotes is
// given for the first choice alone, so that the contest's own sum holds.
func (g *contestGroup) ranked() []nistCVRSelection {
	first := ""
	for _, l := range g.result.Lines {
		if l.Clear == 1 && g.result.Votes == 1 {
			first = l.Choice
		}
	}
	overvoted, repeated := map[int]bool{}, map[string][]int{}
	for _, r := range g.result.Ranking {
		overvoted[r.Rank] = r.Overvoted
		for _, id := range r.Repeated {
			repeated[id] = append(repeated[id], r.Rank)
		}
	}
	zero, one := 0, 1
	var out []nistCVRSelection
	for i := range g.options {
		o := &g.options[i]
		s := g.selection(o)
		switch {
		case o.answer() == vote.None:
			s.TotalNumberVotes = &zero
		case o.choice.ID == first:
			s.TotalNumberVotes = &one
		}
		if o.answer() == vote.Questionable || o.choice.WriteIn && o.answer() == vote.Vote {
			s.Status = []string{needsAdjudication}
		}
		for n, r := range o.readings {
			p := nistPosition{
				Type: "CVR.SelectionPosition", HasIndication: indication(r.Answer), IsAllocable: allocable(r.Answer),
				MarkMetricValue: metrics(r), Rank: r.Rank, NumberVotes: 1, Position: n + 1,
			}
			var say []string
			if r.Answer == vote.Vote {
				if s.Rank == 0 {
					s.Rank = r.Rank // the highest that the voter gave
				}
				if overvoted[r.Rank] {
					say = append(say, fmt.Sprintf("rank %d has more than one choice", r.Rank))
				}
				if slices.Contains(repeated[o.choice.ID], r.Rank) {
					say = append(say, "the choice has a rank before this")
				}
			}
			if r.Reason != "" {
				say = append(say, r.Reason)
			}
			if len(say) > 0 {
				p.Status, p.OtherStatus = []string{"other"}, strings.Join(say, "; ")
			}
			if r.ByHand {
				p.Status = append([]string{adjudicated}, p.Status...)
			}
			s.Position = append(s.Position, p)
		}
		out = append(out, s)
	}
	return out
}

// allocable is whether a mark of a ranked contest goes on to be counted.
func allocable(a vote.Answer) string {
	switch a {
	case vote.Vote:
		return "yes"
	case vote.None:
		return "no"
	}
	return "unknown"
}

// straight is a choice that a straight-party vote reaches and no mark of its own does. ok says whether it is one.
func (g *contestGroup) straight(o *option) (s nistCVRSelection, ok bool) {
	i := slices.IndexFunc(g.result.Lines, func(l vote.Line) bool { return l.Straight && l.Choice == o.choice.ID })
	if i < 0 || o.answer() != vote.None {
		return s, false
	}
	s = g.selection(o)
	s.Status = []string{"generated-rules"}
	can := "yes"
	if g.result.Lines[i].Clear == 1 {
		one := 1
		s.TotalNumberVotes = &one
	} else {
		s.Status = append(s.Status, needsAdjudication)
		can = "unknown"
	}
	for n, r := range o.readings {
		p := nistPosition{
			Type: "CVR.SelectionPosition", HasIndication: indication(r.Answer), IsAllocable: can, IsGenerated: true,
			MarkMetricValue: metrics(r), NumberVotes: 1, Position: n + 1, Status: []string{"generated-rules"},
		}
		if n > 0 {
			p.IsAllocable, p.IsGenerated, p.Status = "no", false, nil
		}
		if r.ByHand {
			p.Status = append(p.Status, adjudicated)
		}
		s.Position = append(s.Position, p)
	}
	return s, true
}
