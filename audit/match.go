package audit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xrash/smetrics"

	"recount/election"
	"recount/vote"
)

// partyNames bring a party's full name and its codes together, in the form of plain. A code that is not here stands for
// itself.
var partyNames = map[string]string{
	"democratic": "dem", "democrat": "dem", "d": "dem", "republican": "rep", "r": "rep", "workingfamilies": "wf", "workingfamiliesparty": "wf", "wfp": "wf",
	"independent": "ind", "independentparty": "ind", "libertarian": "lib", "green": "grn", "greenparty": "grn", "democraticparty": "dem", "republicanparty": "rep",
	"unknown": "unk", "u": "unk",
}

func party(s string) string {
	p := plain(s)
	if n, ok := partyNames[p]; ok {
		return n
	}
	return p
}

var unknownParty = party(vote.Unknown)

// contestFor finds the contest a machine's row means: by title, label or id, letter for letter, else with the row's district
// after the name. Two contests that answer alike are none.
func contestFor(e *election.Election, name, district string) *election.Contest {
	names := []string{name}
	if district != "" {
		names = append(names, name+" "+district, name+" District "+district)
	}
	for _, n := range names {
		var found []*election.Contest
		for i := range e.Contests {
			c := &e.Contests[i]
			if sameName(c.Title, n) || c.ID == n || sameName(Label(e, c), n) {
				found = append(found, c)
			}
		}
		if len(found) == 1 {
			return found[0]
		} // of several that are alike only the district can tell
	}
	return nil
}

// hit is what a machine's name stands for in a contest: one line (a choice, or with unknown the person's party-unknown
// line), or with whole all lines of the choice's person.
type hit struct {
	choice         int
	unknown, whole bool
}

// choiceFor finds the line a machine's name and party mean. Names are compared letter for letter; the party narrows several lines
// of one person to one. Nothing is ever matched by being similar.
func choiceFor(c *election.Contest, name, partyName string) (hit, bool) {
	var found []int
	for i := range c.Choices {
		ch := &c.Choices[i]
		if sameName(ch.Name, name) || sameName(bareName(ch), name) || ch.Candidate != "" && ch.Candidate == name {
			found = append(found, i)
		}
	}
	return narrow(c, found, name, party(partyName))
}

// bareName is a choice's name without its own party in brackets at the end.
func bareName(ch *election.Choice) string {
	if s, ok := strings.CutSuffix(ch.Name, "("+ch.Party+")"); ok && ch.Party != "" {
		return strings.TrimSpace(s)
	}
	return ch.Name
}

// narrow picks one line among those whose names fit.
func narrow(c *election.Contest, found []int, name, p string) (hit, bool) {
	people := map[int]bool{}
	var exact, inParty []int
	for _, i := range found {
		people[firstOf(c, i)] = true
		if p != "" && party(c.Choices[i].Party) == p {
			inParty = append(inParty, i)
		}
		if sameName(c.Choices[i].Name, name) && bareName(&c.Choices[i]) != c.Choices[i].Name {
			exact = append(exact, i) // "A. Adams (WF)" names its line without a party column
		}
	}
	switch {
	case len(found) == 0:
		return hit{}, false
	case len(inParty) == 1:
		return hit{choice: inParty[0]}, true
	case len(inParty) > 1 || len(people) > 1:
		return hit{}, false
	case p == "" && len(exact) == 1:
		return hit{choice: exact[0]}, true
	}
	i := firstOf(c, found[0])
	cross := crossEndorsed(c, i)
	switch {
	case p == unknownParty && cross:
		return hit{choice: i, unknown: true}, true
	case p == "" && cross:
		return hit{choice: i, whole: true}, true
	case p == "" || c.Choices[i].Party == "" && !cross:
		return hit{choice: i}, true
	}
	return hit{}, false // another party than the ballot's
}

// nearest gives up to three of the names most like the one that was not found, the likest first.
func nearest(name string, names []string) []string { return nearestShown(name, names, names) }

// nearestShown is nearest, giving for each name how it is shown.
func nearestShown(name string, names, shown []string) []string {
	type near struct {
		name string
		like float64
	}
	var all []near
	want := plain(name)
	if len(want) > 200 {
		want = want[:200]
	}
	for i, n := range names {
		p := plain(n)
		if p == "" || want == "" {
			continue
		}
		// 0.8 lets through a letter or two of a name, and no other name of a usual ballot.
		if like := smetrics.JaroWinkler(want, p[:min(len(p), 200)], 0.7, 4); like >= 0.8 {
			all = append(all, near{shown[i], like})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(b.like, a.like) })
	var out []string
	for _, n := range all {
		if !slices.Contains(out, n.name) && len(out) < 3 {
			out = append(out, n.name)
		}
	}
	return out
}
