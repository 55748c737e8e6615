package vote

import (
	"fmt"
	"slices"

	"recount/election"
	"recount/marks"
)

// straightParty gives the vote of the sheet's straight-party contest to the party's candidates in the partisan contests, by the
// contest's rule. A contest whose own marks are open, or a straight-party vote that is, leaves what hangs on it in doubt.
func straightParty(e *election.Election, s *Sheet, places printed, answers map[place]Answer) {
	var straight *election.Contest
	for _, id := range places.contests {
		if c := e.Contest(id); c != nil && c.Kind == election.StraightParty {
			straight = c
			break // a style has no more than one
		}
	}
	if straight == nil {
		return
	}
	parties, certain := chosenParties(straight, s, printedOf(places.of[straight.ID]))
	if len(parties) == 0 {
		return
	}
	for i := range s.Contests {
		r := &s.Contests[i]
		if c := e.Contest(r.Contest); c.Partisan && c.Ranks == 0 && c.Kind == "" {
			t := ticket{contest: c, result: r, parties: parties, certain: certain, fill: straight.Straight == election.FillUp,
				printed: printedOf(places.of[c.ID]), people: people(c, places.of[c.ID], answers), missing: unread(places.of[c.ID], answers) != ""}
			t.apply()
		}
	}
}

// printedOf are the choices that a contest's targets on the sheet stand for, read or not.
func printedOf(spots []spot) map[string]bool {
	out := map[string]bool{}
	for _, s := range spots {
		out[s.choice] = true
	}
	return out
}

// chosenParties are the parties that the straight-party vote may be for, and whether it is for the one named. A contest that was
// not read may be for any that the ballot prints.
func chosenParties(c *election.Contest, s *Sheet, printed map[string]bool) (parties []string, certain bool) {
	i := slices.IndexFunc(s.Contests, func(r Contest) bool { return r.Contest == c.ID })
	if i < 0 {
		for _, ch := range c.Choices {
			if printed[ch.ID] {
				parties = append(parties, ch.Party)
			}
		}
		return parties, false
	}
	r := &s.Contests[i]
	for _, l := range r.Lines {
		if ch := c.Choice(l.Choice); ch != nil && ch.Party != "" && !slices.Contains(parties, ch.Party) {
			parties = append(parties, ch.Party)
		}
	}
	return parties, r.Status == Voted && r.Votes == 1 && len(parties) == 1
}

// ticket is a straight-party vote on its way to one contest.
type ticket struct {
	contest       *election.Contest
	result        *Contest
	parties       []string
	certain, fill bool
	printed       map[string]bool // the contest's choices that the sheet prints
	people        []*person       // of the contest, with what its own marks say
	missing       bool            // some of the contest's targets were not read
}

// apply gives the contest what the straight-party vote gives it.
func (t *ticket) apply() {
	r := t.result
	clear, doubt := 0, 0
	for _, p := range t.people {
		switch {
		case len(p.clear) > 0:
			clear++
		case len(p.doubt) > 0:
			doubt++
		}
	}
	switch {
	case r.Overvotes > 0, clear > 0 && !t.fill:
		return // the contest's own marks stand, or lose it, by themselves
	case doubt == 0 && !t.missing && t.certain:
		t.give(clear)
	default:
		t.doubt(clear)
	}
}

// lines are the choices that the party's vote goes to where room votes are left. Where the party has more candidates than that,
// who of them gets one cannot be told, and none does.
func (t *ticket) lines(party string, room int) []*election.Choice {
	var out []*election.Choice
	for _, ch := range t.contest.PartyLines(party, t.printed) {
		if p := t.person(ch); p == nil || len(p.clear) == 0 {
			out = append(out, ch)
		}
	}
	if len(out) > room {
		return nil
	}
	return out
}

// person is whose line the choice is.
func (t *ticket) person(ch *election.Choice) *person {
	for _, p := range t.people {
		if p.first.ID == ch.ID || ch.Candidate != "" && p.first.Candidate == ch.Candidate && !p.writeIn {
			return p
		}
	}
	return nil
}

// give gives a certain vote to a contest whose own marks are clear.
func (t *ticket) give(clear int) {
	r := t.result
	add := t.lines(t.parties[0], r.Allowed-clear)
	for _, ch := range add {
		r.Lines = append(r.Lines, Line{Choice: ch.ID, Party: ch.Party, Clear: 1, Straight: true})
	}
	r.Votes += len(add)
	r.Straight = len(add)
	r.Undervotes -= len(add)
	r.Status = Undervote
	if r.Undervotes == 0 {
		r.Status = Voted
	}
}

// doubt leaves open what the straight-party vote may give: it hangs on the vote itself, or on the contest's own questions.
func (t *ticket) doubt(clear int) {
	r := t.result
	most, fresh := 0, 0 // votes that it may give, and of those the ones no questionable mark may give as well
	for _, party := range t.parties {
		add := t.lines(party, r.Allowed-clear)
		most = max(most, len(add))
		n := 0
		for _, ch := range add {
			if p := t.person(ch); p == nil || len(p.doubt) == 0 {
				n++
			}
		}
		fresh = max(fresh, n)
		for _, ch := range add {
			if !slices.ContainsFunc(r.Lines, func(l Line) bool { return l.Choice == ch.ID && l.Party == ch.Party }) {
				r.Lines = append(r.Lines, Line{Choice: ch.ID, Party: ch.Party, Questionable: 1, Straight: true})
			}
		}
	}
	if most == 0 {
		return
	}
	// The contest's own questions and the straight-party vote may both give votes where the rule fills up, else one of them.
	own := r.Doubt
	r.Doubt = max(own, most)
	if t.fill {
		r.Doubt = max(own+fresh, most)
	}
	r.Doubt = min(r.Doubt, r.Allowed-r.Votes)
	r.Straight = r.Doubt - own
	r.Undervotes = r.Allowed - r.Votes - r.Doubt
	r.Status = Doubtful
	why := "the straight-party vote is questionable"
	if t.certain {
		why = "its own marks decide whether the straight-party vote counts here"
	}
	if r.Reason != "" {
		why = r.Reason + "; " + why
	}
	r.Reason = why
}

// nameless notes write-ins whose target is filled and beside which no name was found. They are votes as they were marked; whether one counts
// without a name is for people to say.
func nameless(e *election.Election, style *election.Style, readings []Reading, l Limits) {
	written := map[[2]string]marks.Score{} // the most ink in the place of a choice's name, over its targets
	for i := range readings {
		r := &readings[i]
		k := [2]string{r.Contest, r.Choice}
		written[k] = max(written[k], r.Mark.Beside)
	}
	for i := range readings {
		r := &readings[i]
		if r.Answer != Vote || r.Reason != "" || written[[2]string{r.Contest, r.Choice}] >= l.BesideQuestion {
			continue
		}
		p := style.Page(r.Page)
		if c := e.Contest(r.Contest); c == nil || p == nil || p.Picture.Drawn { // what a drawn picture's page prints is not known
			continue
		} else if ch := c.Choice(r.Choice); ch != nil && ch.WriteIn {
			r.Reason = fmt.Sprintf("write-in, no name found: the target is filled, and %s of the place for the name is written on", percent(r.Mark.Beside))
		}
	}
}
