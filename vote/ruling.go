package vote

import (
	"fmt"
	"slices"

	"recount/election"
)

// Ruling is a person's answer for one target of a sheet, in place of the one read. Answer may be Questionable: who looked could
// not say either.
type Ruling struct {
	Page   int // the style's page number
	Target int // index into that page's Targets
	Answer Answer
	Reason string // as the person gave it
}

// ByHand begins the reason of a reading that a person decided.
const ByHand = "by hand: "

// Rule gives the sheet with people's answers in place of those read, and its contests counted anew. Of two rulings on one target
// the later one stands. s stays as it is. A ruling on a target that the sheet does not show is an error: a person has looked at
// another picture.
func (s *Sheet) Rule(e *election.Election, style *election.Style, rulings []Ruling) (Sheet, error) {
	out := Sheet{Style: s.Style, Number: s.Number, Readings: slices.Clone(s.Readings), Missing: slices.Clone(s.Missing)}
	if style.ID != s.Style {
		return out, fmt.Errorf("rule on a sheet of style %s: style %s was given", s.Style, style.ID)
	}
	places := layout(style, s.Number)
	for _, r := range rulings {
		if r.Answer != Vote && r.Answer != None && r.Answer != Questionable {
			return out, fmt.Errorf("rule on a sheet of style %s: %q is no answer", s.Style, r.Answer)
		}
		if _, ok := places.targets[place{r.Page, r.Target}]; !ok {
			return out, fmt.Errorf("rule on a sheet of style %s: it has no target %d on page %d", s.Style, r.Target, r.Page)
		}
		found := false
		for i := range out.Readings {
			if k := &out.Readings[i]; k.Page == r.Page && k.Target == r.Target {
				k.Answer, k.Reason, k.ByHand, found = r.Answer, ByHand+r.Reason, true, true
			}
		}
		if !found {
			return out, fmt.Errorf("rule on a sheet of style %s: page %d was not read, so nobody can have seen its target %d", s.Style, r.Page, r.Target)
		}
	}
	answers, hands := map[place]Answer{}, map[place]bool{}
	for i := range out.Readings {
		k := &out.Readings[i]
		at := place{k.Page, k.Target}
		if _, ok := places.targets[at]; ok {
			answers[at] = k.Answer
			hands[at] = hands[at] || k.ByHand
		}
	}
	out.count(e, style, places, answers)
	for i := range out.Contests {
		c := &out.Contests[i]
		for _, spot := range places.of[c.Contest] {
			if hands[spot.at] {
				c.ByHand++
			}
		}
	}
	out.handsOnTicket(e, s)
	return out, nil
}

// handsOnTicket counts the straight-party contest's targets that a person decided in the contests that its vote reaches too: as it
// stands now, or as it did before (s) and does not any more.
func (s *Sheet) handsOnTicket(e *election.Election, before *Sheet) {
	ticket := 0
	for i := range s.Contests {
		if c := e.Contest(s.Contests[i].Contest); c != nil && c.Kind == election.StraightParty {
			ticket = s.Contests[i].ByHand
		}
	}
	if ticket == 0 {
		return
	}
	reached := map[string]bool{}
	for _, contests := range [][]Contest{before.Contests, s.Contests} {
		for i := range contests {
			c := &contests[i]
			if c.Straight != 0 || slices.ContainsFunc(c.Lines, func(l Line) bool { return l.Straight }) {
				reached[c.Contest] = true
			}
		}
	}
	for i := range s.Contests {
		if c := &s.Contests[i]; reached[c.Contest] {
			c.ByHand += ticket
		}
	}
}
