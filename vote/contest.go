package vote

import (
	"fmt"

	"recount/election"
)

// person is one candidate of a contest, over all the lines that name them, or one choice without a candidate. What is
// known of a line is the strongest of its targets' answers.
type person struct {
	first        election.Choice   // the person's first line in the contest
	clear, doubt []election.Choice // lines marked, and lines that are questionable or unread and not also marked
	writeIn      bool
}

// people gathers a contest's persons in the contest's own order, each with what its lines on this sheet say.
func people(c *election.Contest, spots []spot, answers map[place]Answer) []*person {
	strongest := map[string]Answer{}
	for _, s := range spots {
		a, read := answers[s.at]
		if !read {
			a = Questionable
		}
		if strongest[s.choice] != Vote && (a == Vote || a == Questionable) {
			strongest[s.choice] = a
		}
	}
	var all []*person
	byKey := map[string]*person{}
	for _, ch := range c.Choices {
		key := "candidate " + ch.Candidate
		if ch.Candidate == "" || ch.WriteIn {
			key = "choice " + ch.ID // a write-in may be anybody, so no two of them are one person
		}
		p := byKey[key]
		if p == nil {
			p = &person{first: ch, writeIn: ch.WriteIn}
			byKey[key] = p
			all = append(all, p)
		}
		switch strongest[ch.ID] {
		case Vote:
			p.clear = append(p.clear, ch)
		case Questionable:
			p.doubt = append(p.doubt, ch)
		}
	}
	return all
}

// decideContest applies the contest's rules to the persons marked.
//
// The result is honest about every way the questionable targets can fall: each tally of the contest, once people have
// looked, lies in the intervals given here.
func decideContest(c *election.Contest, style *election.Style, spots []spot, answers map[place]Answer) Contest {
	r := Contest{Contest: c.ID, Allowed: style.Allowed(c)}
	clear, doubt, split := 0, 0, false
	all := people(c, spots, answers)
	for _, p := range all {
		switch {
		case len(p.clear) > 0:
			clear++
			split = split || len(p.clear) == 1 && len(p.doubt) > 0
		case len(p.doubt) > 0:
			doubt++
		}
	}
	missing := unread(spots, answers)
	switch {
	case clear > r.Allowed:
		// No question can undo this: every further mark is one more.
		r.Overvotes, r.Status = r.Allowed, Overvote
		return r
	case clear+doubt > r.Allowed:
		// Any of the marks may be the vote: people who look can take a clear mark for a slip and a questionable one for the
		// mend, so no line is certain and none is ruled out.
		r.Doubt, r.Status = r.Allowed, Doubtful
		r.Reason = fmt.Sprintf("%d marked and %d questionable, vote for %d: it may be an overvote", clear, doubt, r.Allowed)
		for _, p := range all {
			r.Lines = append(r.Lines, p.lines(false)...)
		}
	default:
		r.Votes, r.Doubt = clear, doubt
		r.Undervotes = r.Allowed - clear - doubt
		switch {
		case doubt > 0:
			r.Status = Doubtful
			r.Reason = fmt.Sprintf("%d questionable", doubt)
		case r.Undervotes > 0:
			r.Status = Undervote
		default:
			r.Status = Voted
		}
		for _, p := range all {
			if p.writeIn && len(p.clear) > 0 {
				r.WriteIns++
			}
			r.Lines = append(r.Lines, p.lines(true)...)
		}
	}
	switch {
	case missing != "":
		r.Status, r.Reason = Doubtful, missing
	case r.Reason == "" && split:
		r.Reason = "the vote is certain, its party line is not"
	}
	return r
}

// lines are the tally lines the person's marks give, clear where stands says that the contest's clear marks count and the
// line itself is certain.
func (p *person) lines(stands bool) []Line {
	var out []Line
	add := func(choice, party string, certain bool) {
		l := Line{Choice: choice, Party: party, Questionable: 1}
		if certain {
			l.Clear, l.Questionable = 1, 0
		}
		out = append(out, l)
	}
	switch {
	case len(p.clear) > 1:
		add(p.first.ID, Unknown, stands)
	case len(p.clear) == 1:
		add(p.clear[0].ID, p.clear[0].Party, stands && len(p.doubt) == 0)
		if len(p.doubt) > 0 {
			add(p.first.ID, Unknown, false)
		}
	default:
		for _, ch := range p.doubt {
			add(ch.ID, ch.Party, false)
		}
		if len(p.doubt) > 1 {
			add(p.first.ID, Unknown, false)
		}
	}
	return out
}
