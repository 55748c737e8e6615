package election

import (
	"fmt"
	"maps"
	"slices"
)

// MaxRanks bounds the ranks of a contest: the most that a ballot is known to print is 10 (San Francisco), and 50 columns fit on
// no paper.
const MaxRanks = 50

// checkRules looks at the rules that contests have of their own.
func (e *Election) checkRules(p *Problems) {
	partisan := map[string]bool{}
	straight := 0
	for i := range e.Contests {
		c, at := &e.Contests[i], fmt.Sprintf("/contests/%d", i)
		if c.Partisan {
			for _, ch := range c.Choices {
				partisan[ch.Party] = true
			}
		}
		if c.Ranks > 0 && c.VoteFor != 1 {
			p.add(at+"/vote_for", fmt.Sprintf("contest %q is ranked and vote for %d", c.Title, c.VoteFor), "a ranked contest has one vote, however many it elects: set vote_for to 1")
		}
		if c.Ranks > 0 && (c.Partisan || c.Kind != "") {
			p.add(at, fmt.Sprintf("contest %q is ranked, and a straight-party vote gives no ranks", c.Title), "take out partisan or kind, or ranks")
		}
		if c.Kind == StraightParty {
			straight++
		} else if c.Straight != "" {
			p.add(at+"/straight", fmt.Sprintf("contest %q is no straight-party contest", c.Title), "take straight out, or set kind to straight_party")
		}
	}
	if straight == 0 {
		return
	}
	for i := range e.Contests {
		if c := &e.Contests[i]; c.Kind == StraightParty {
			checkParties(c, fmt.Sprintf("/contests/%d", i), partisan, p)
		}
	}
}

// checkParties looks at a straight-party contest: a party that is written differently elsewhere would give nobody a vote.
func checkParties(c *Contest, at string, partisan map[string]bool, p *Problems) {
	if c.VoteFor != 1 || c.Partisan {
		p.add(at, fmt.Sprintf("straight-party contest %q must be vote for 1, and cannot be partisan itself", c.Title), "set vote_for to 1 and take partisan out")
	}
	seen := map[string]bool{}
	for i, ch := range c.Choices {
		at := fmt.Sprintf("%s/choices/%d/party", at, i)
		switch {
		case ch.Party == "" || ch.WriteIn:
			p.add(at, fmt.Sprintf("choice %q of straight-party contest %q names no party", ch.Name, c.Title), "write the party as it stands on its candidates' lines")
		case seen[ch.Party]:
			p.add(at, fmt.Sprintf("party %q stands twice in straight-party contest %q", ch.Party, c.Title), "give each party one choice")
		case !partisan[ch.Party]:
			p.add(at, fmt.Sprintf("no partisan contest has a choice of party %q", ch.Party), "write the party as on its candidates' lines, and set partisan on the contests that the vote reaches")
		}
		seen[ch.Party] = true
	}
}

// checkRanks looks at one page's targets: those of ranked contests, and no others, have a rank that the contest has.
func (e *Election) checkRanks(g *Page, at string, contests map[string]int, p *Problems) {
	for i, t := range g.Targets {
		n, known := contests[t.Contest]
		if !known {
			continue
		}
		at := fmt.Sprintf("%s/targets/%d/rank", at, i)
		switch c := &e.Contests[n]; {
		case c.Ranks == 0 && t.Rank > 0:
			p.add(at, fmt.Sprintf("the target has rank %d, and contest %q is not ranked", t.Rank, t.Contest), "set the contest's ranks, or take the rank out")
		case c.Ranks > 0 && t.Rank == 0:
			p.add(at, fmt.Sprintf("the target has no rank, and contest %q is ranked", t.Contest), "say which rank it gives its choice")
		case t.Rank > c.Ranks:
			p.add(at, fmt.Sprintf("rank %d is more than the %d of contest %q", t.Rank, c.Ranks, t.Contest), "correct the rank, or the contest's ranks")
		}
	}
}

// checkSheets refuses a contest on two sheets of paper. Ballots are counted sheet by sheet, and nothing tells which sheets are one
// voter's: a mark too many on the second would make votes of an overvote, and each sheet would have the contest's undervotes again.
func (e *Election) checkSheets(s *Style, at string, contests map[string]int, p *Problems) {
	sheet := map[string]int{}
	for i := range s.Pages {
		for _, t := range s.Pages[i].Targets {
			n, known := contests[t.Contest]
			if !known {
				continue
			}
			was, met := sheet[t.Contest]
			if met && was > 0 && was != s.Pages[i].Sheet() {
				p.add(at, fmt.Sprintf("contest %q stands on two sheets of style %q, %d and %d", e.Contests[n].Title, s.ID, was, s.Pages[i].Sheet()),
					"ballots are counted sheet by sheet, so an overvote over both would be counted as votes: make each sheet's part a contest of its own title, and look at both sheets by hand")
				sheet[t.Contest] = 0 // told once
			} else if !met {
				sheet[t.Contest] = s.Pages[i].Sheet()
			}
		}
	}
}

// checkStraight looks at one style's straight-party contest and those it reaches. Ballots are counted sheet by sheet, so all
// of them must stand on one sheet; and which of a party's candidates would get too few votes nobody can say.
func (e *Election) checkStraight(s *Style, at string, contests map[string]int, p *Problems) {
	sheets, printed := map[string]map[int]bool{}, map[string]map[string]bool{}
	for i := range s.Pages {
		for _, t := range s.Pages[i].Targets {
			if sheets[t.Contest] == nil {
				sheets[t.Contest], printed[t.Contest] = map[int]bool{}, map[string]bool{}
			}
			sheets[t.Contest][s.Pages[i].Sheet()] = true
			printed[t.Contest][t.Choice] = true
		}
	}
	var found []*Contest
	for _, id := range slices.Sorted(maps.Keys(sheets)) {
		n, known := contests[id]
		if !known {
			continue
		}
		c := &e.Contests[n]
		if c.Ranks > 0 && s.Allowed(c) != 1 {
			p.add(at+"/vote_for", fmt.Sprintf("contest %q is ranked and vote for %d on style %q", c.Title, s.Allowed(c), s.ID), "a ranked contest has one vote: take the line out")
		}
		if c.Kind == StraightParty {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return
	}
	if len(found) > 1 || s.Allowed(found[0]) != 1 || len(sheets[found[0].ID]) != 1 {
		p.add(at, fmt.Sprintf("style %q has %d straight-party contests, or one on several sheets or with several votes", s.ID, len(found)), "a style has one straight-party contest, on one sheet, vote for 1")
		return
	}
	for _, id := range slices.Sorted(maps.Keys(sheets)) {
		n, known := contests[id]
		if !known || !e.Contests[n].Partisan {
			continue
		}
		c := &e.Contests[n]
		if len(sheets[id]) != 1 || !maps.Equal(sheets[id], sheets[found[0].ID]) {
			p.add(at, fmt.Sprintf("partisan contest %q and straight-party contest %q stand on different sheets of style %q", c.Title, found[0].Title, s.ID),
				"ballots are counted sheet by sheet, so that vote cannot be given: take the kind out, and count the straight-party votes of such ballots by hand")
		}
		for _, party := range found[0].Choices {
			if lines := c.PartyLines(party.Party, printed[id]); len(lines) > s.Allowed(c) {
				p.add(at, fmt.Sprintf("party %q has %d candidates in contest %q, vote for %d on style %q", party.Party, len(lines), c.Title, s.Allowed(c), s.ID),
					"who of them gets a straight-party vote cannot be told: correct the parties, or take partisan out")
			}
		}
	}
}

// PartyLines are the choices that a straight-party vote for the party goes to on a ballot that prints these choices of the contest
// (by ID): one for each person the party names there, on the first of the person's lines of that party. A contest of one title may
// have other candidates on another style, for whom this voter has no vote.
func (c *Contest) PartyLines(party string, printed map[string]bool) []*Choice {
	var out []*Choice
	seen := map[string]bool{}
	for i := range c.Choices {
		ch := &c.Choices[i]
		if party == "" || ch.Party != party || ch.WriteIn || !printed[ch.ID] || ch.Candidate != "" && seen[ch.Candidate] {
			continue
		}
		seen[ch.Candidate] = true
		out = append(out, ch)
	}
	return out
}
