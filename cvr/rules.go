package cvr

import "recount/vote"

// original is the contest as its targets were read, before any rule.
func (g *contestGroup) original() nistCVRContest {
	c := nistCVRContest{Type: "CVR.CVRContest", ContestID: contestID(g.contest.ID), Selections: len(g.options), Selection: []nistCVRSelection{}}
	for i := range g.options {
		o := &g.options[i]
		s := g.selection(o)
		for n, r := range o.readings {
			s.Position = append(s.Position, nistPosition{
				Type: "CVR.SelectionPosition", HasIndication: indication(r.Answer), MarkMetricValue: metrics(r), Rank: r.Rank, NumberVotes: 1, Position: n + 1,
			})
		}
		if o.answer() == vote.Questionable {
			s.Status = []string{needsAdjudication}
		}
		c.Selection = append(c.Selection, s)
	}
	return c
}

// selection starts a choice's entry.
func (g *contestGroup) selection(o *option) nistCVRSelection {
	return nistCVRSelection{Type: "CVR.CVRContestSelection", SelectionID: selectionID(g.contest.ID, o.choice.ID), OptionPosition: o.position}
}

// interpreted is the contest after the rules. On a contest without questions Overvotes + Undervotes + the selections'
// TotalNumberVotes is the number of votes allowed; votes that hang on a question have no TotalNumberVotes yet.
func (g *contestGroup) interpreted() nistCVRContest {
	r := g.result
	c := nistCVRContest{
		Type: "CVR.CVRContest", ContestID: contestID(g.contest.ID), Selections: len(g.options),
		Overvotes: &r.Overvotes, Undervotes: &r.Undervotes, WriteIns: &r.WriteIns, Selection: []nistCVRSelection{},
	}
	switch {
	case r.Status == vote.Overvote:
		c.Status = []string{"overvoted", "invalidated-rules"}
	case r.Undervotes > 0:
		c.Status = []string{"undervoted"}
		if r.Votes == 0 && r.Doubt == 0 && r.Status != vote.Doubtful {
			c.Status = append(c.Status, "not-indicated")
		}
	}
	if r.Status == vote.Doubtful {
		c.Status = append(c.Status, "other")
		c.OtherStatus = needsAdjudication
		if r.Reason != "" {
			c.OtherStatus += ": " + r.Reason
		}
	}
	if g.contest.Ranks > 0 {
		c.Selection = g.ranked()
		return c
	}
	// The vote of a person marked on several lines goes to the first line marked, as the schema has no line for "party
	// unknown"; the selection says so.
	given := map[string]bool{}
	lines := map[string]int{}
	for i := range g.options {
		if g.options[i].answer() == vote.Vote {
			lines[person(g.contest, g.options[i].choice).ID]++
		}
	}
	for i := range g.options {
		o := &g.options[i]
		who := person(g.contest, o.choice).ID
		if s, ok := g.straight(o); ok {
			c.Selection = append(c.Selection, s)
			continue
		}
		c.Selection = append(c.Selection, g.ruled(o, given[who], lines[who] > 1))
		given[who] = given[who] || o.answer() == vote.Vote
	}
	return c
}

// ruled is one choice after the rules. given says that the person already has the vote on an earlier line, several that
// more than one of the person's lines are marked.
func (g *contestGroup) ruled(o *option, given, several bool) nistCVRSelection {
	s := g.selection(o)
	zero, one := 0, 1
	var allocable string
	switch answer := o.answer(); {
	case answer == vote.None:
		s.TotalNumberVotes, allocable = &zero, "no"
	case answer == vote.Questionable && g.result.Status != vote.Overvote:
		s.Status, allocable = []string{needsAdjudication}, "unknown"
	case g.result.Status == vote.Overvote:
		s.TotalNumberVotes, s.Status, allocable = &zero, []string{"invalidated-rules"}, "no"
	case g.result.Votes == 0:
		// A clear mark whose vote does not stand yet: a questionable one may make the contest an overvote.
		s.Status, allocable = []string{needsAdjudication}, "unknown"
	case given:
		s.TotalNumberVotes, s.Status, allocable = &zero, []string{"other"}, "no"
		s.OtherStatus = "the candidate's vote stands on another line"
	case several:
		s.TotalNumberVotes, s.Status, allocable = &one, []string{"other"}, "yes"
		s.OtherStatus = "one vote for a candidate marked on several lines: party unknown"
	case o.choice.WriteIn:
		s.TotalNumberVotes, s.Status, allocable = &one, []string{needsAdjudication}, "unknown"
	default:
		s.TotalNumberVotes, allocable = &one, "yes"
	}
	counted := false
	for n, r := range o.readings {
		p := nistPosition{
			Type: "CVR.SelectionPosition", HasIndication: indication(r.Answer), IsAllocable: allocable,
			MarkMetricValue: metrics(r), NumberVotes: 1, Position: n + 1,
		}
		switch {
		case r.Answer == vote.None, counted && r.Answer == vote.Vote:
			p.IsAllocable = "no" // the choice's second target adds no vote
		case r.Answer == vote.Questionable && g.result.Status != vote.Overvote:
			p.IsAllocable = "unknown"
		}
		counted = counted || r.Answer == vote.Vote
		if r.Answer == vote.Vote && g.result.Status == vote.Overvote {
			p.Status = []string{"invalidated-rules"}
		}
		if r.ByHand {
			p.Status = append(p.Status, adjudicated)
		}
		if r.Reason != "" {
			p.Status = append(p.Status, "other")
			p.OtherStatus = r.Reason
		}
		s.Position = append(s.Position, p)
	}
	return s
}
