package audit

import (
	"fmt"
	"slices"
	"strings"

	"recount/election"
	"recount/vote"
)

// contest appends a contest's lines: its choices in the definition's order, write-ins, then the special rows. A contest
// the machine does not name at all is one unmatched name.
func (x *comparer) contest(b *book, at portion, c *election.Contest) {
	ours, theirs := b.count[c.ID], b.machine[c.ID]
	if len(ours) == 0 && len(theirs) == 0 {
		return
	}
	label := Label(x.e, c)
	if at.whole() {
		x.named[c.ID] = len(theirs) > 0
	}
	if at.Batch != "" && !x.named[c.ID] {
		return // totals by batch are often of one contest; that the others are not there was said
	}
	if len(theirs) == 0 {
		u := Unmatched{Side: "ballots", Precinct: at.Precinct, Batch: at.Batch, Contest: label}
		for s, n := range ours {
			if s.special == "" && !s.whole || s.special == WriteIns {
				u.Votes += n.Clear + n.Questionable
			}
		}
		x.out.Unmatched = append(x.out.Unmatched, u)
		return
	}
	for i := range c.Choices {
		if !c.Choices[i].WriteIn && firstOf(c, i) == i {
			x.person(b, at, c, i)
		}
	}
	if slices.ContainsFunc(c.Choices, func(ch election.Choice) bool { return ch.WriteIn }) || theirs[slot{special: WriteIns}] != nil {
		x.pair(at, label, WriteIns, "", *get(ours, slot{special: WriteIns}), theirs[slot{special: WriteIns}])
	}
	over, under := OverVotes, UnderVotes
	if x.o.OverUnder == AsBallots {
		over, under = BallotsOver, BallotsBlank
	}
	for _, s := range []struct{ machine, ours string }{{OverVotes, over}, {UnderVotes, under}, {Ballots, Ballots}} {
		if n := theirs[slot{special: s.machine}]; n != nil {
			x.line(at, label, s.ours, "", *get(ours, slot{special: s.ours}), *n)
		} else if at.whole() && s.machine != Ballots {
			x.out.Notes = append(x.out.Notes, fmt.Sprintf("%s: the machine's totals have no row for %s, which is not compared", label, s.machine))
		}
	}
}

// pair compares one line, or lists it as unmatched where the machine has no row for it and we have votes.
func (x *comparer) pair(at portion, contest, choice, party string, ours Count, machine *int) {
	switch {
	case machine != nil:
		x.line(at, contest, choice, party, ours, *machine)
	case ours.Clear+ours.Questionable > 0:
		x.out.Unmatched = append(x.out.Unmatched, Unmatched{Side: "ballots", Precinct: at.Precinct, Batch: at.Batch, Contest: contest, Choice: choice, Party: party, Votes: ours.Clear + ours.Questionable})
	}
}

// person compares the lines of the person whose first choice is i. They are compared as their sum where the machine
// gives the person without a party, and where we have votes of unknown party for which the machine has no row: it has
// then put them on one of the lines, and which one nobody can tell.
func (x *comparer) person(b *book, at portion, c *election.Contest, i int) {
	ours, theirs := b.count[c.ID], b.machine[c.ID]
	label := Label(x.e, c)
	var lines []int
	for j := range c.Choices {
		if firstOf(c, j) == i {
			lines = append(lines, j)
		}
	}
	if len(lines) == 1 {
		ch := &c.Choices[i]
		n := theirs[slot{hit: hit{choice: i}}]
		if n == nil && at.whole() {
			x.missing(label, ch.Name, ch.Party, *get(ours, slot{hit: hit{choice: i}}))
			return
		}
		x.pair(at, label, ch.Name, ch.Party, *get(ours, slot{hit: hit{choice: i}}), n)
		return
	}
	unknown := slot{hit: hit{choice: i, unknown: true}}
	whole := theirs[slot{hit: hit{choice: i, whole: true}}]
	sum, split := 0, false
	var all Count
	var parties []string
	for _, j := range lines {
		if n := theirs[slot{hit: hit{choice: j}}]; n != nil {
			sum, split = sum+*n, true
		}
		n := get(ours, slot{hit: hit{choice: j}})
		all.add(n.Clear, n.Questionable)
		parties = append(parties, c.Choices[j].Party)
	}
	if n := theirs[unknown]; n != nil {
		sum, split = sum+*n, true
	}
	u := *get(ours, unknown)
	all.add(u.Clear, u.Questionable)
	if n := ours[slot{hit: hit{choice: i, whole: true}}]; n != nil {
		all = *n // less open than the sum of the lines, for a person has one vote on a ballot
	}
	if whole != nil && split && *whole == sum {
		whole = nil // the person's total beside the lines it is the total of
	}
	joined := strings.Join(parties, "+")
	switch {
	case whole != nil:
		x.line(at, label, c.Choices[i].Name, joined, all, *whole+sum)
	case split && theirs[unknown] == nil && u.Clear+u.Questionable > 0:
		if at.whole() {
			x.out.Notes = append(x.out.Notes, fmt.Sprintf("%s: the machine's totals have no %s row for %s, whose lines are compared as their sum", label, vote.Unknown, c.Choices[i].Name))
		}
		x.line(at, label, c.Choices[i].Name, joined, all, sum)
	case !split && at.whole():
		x.missing(label, c.Choices[i].Name, joined, all)
	default:
		for _, j := range lines {
			n := theirs[slot{hit: hit{choice: j}}]
			if n == nil && at.whole() {
				x.missing(label, c.Choices[j].Name, c.Choices[j].Party, *get(ours, slot{hit: hit{choice: j}}))
				continue
			}
			x.pair(at, label, c.Choices[j].Name, c.Choices[j].Party, *get(ours, slot{hit: hit{choice: j}}), n)
		}
		x.pair(at, label, c.Choices[i].Name, vote.Unknown, u, theirs[unknown])
	}
}

// missing lists a choice that the machine's totals do not name in any precinct, votes or not: a name that was left out
// of a return is a fault of the return.
func (x *comparer) missing(contest, choice, party string, ours Count) {
	x.out.Unmatched = append(x.out.Unmatched, Unmatched{Side: "ballots", Contest: contest, Choice: choice, Party: party, Votes: ours.Clear + ours.Questionable})
}
