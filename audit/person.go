package audit

import (
	"recount/election"
	"recount/vote"
)

// samePerson is whether two choices of a contest are lines of one person. A write-in may be anybody, so it is nobody
// else.
func samePerson(c *election.Contest, i, j int) bool {
	a, b := &c.Choices[i], &c.Choices[j]
	return i == j || a.Candidate != "" && a.Candidate == b.Candidate && !a.WriteIn && !b.WriteIn
}

// firstOf is the first line of the person of choice i.
func firstOf(c *election.Contest, i int) int {
	for j := range i {
		if samePerson(c, i, j) {
			return j
		}
	}
	return i
}

// crossEndorsed is whether another choice of the contest is the same person.
func crossEndorsed(c *election.Contest, i int) bool {
	for j := range c.Choices {
		if j != i && samePerson(c, i, j) {
			return true
		}
	}
	return false
}

// indexOf is the place of a choice that the contest is known to have.
func indexOf(c *election.Contest, id string) int {
	for i := range c.Choices {
		if c.Choices[i].ID == id {
			return i
		}
	}
	return 0
}

// personVotes gives what each person has on one sheet, by their first choice. Lines do not tell it by their sum: a person has one
// vote, however many lines it may stand on, and has it for certain where only its line is open.
func personVotes(c *election.Contest, v *vote.Contest) map[int]Count {
	type lines struct{ clear, own, unknown int }
	on := map[int]lines{}
	sure := 0
	for _, l := range v.Lines {
		at := indexOf(c, l.Choice)
		n := on[firstOf(c, at)]
		n.clear += l.Clear
		if l.Party == vote.Unknown && c.Choices[at].Party != vote.Unknown && crossEndorsed(c, at) {
			n.unknown++
		} else {
			n.own++
		}
		on[firstOf(c, at)] = n
		sure += l.Clear
	}
	out := map[int]Count{}
	for who, n := range on {
		// Of a person marked on one line and perhaps on another, the lines are the one and the unknown; in a ranked contest
		// whose vote is certain there is one person. No other vote is certain without a clear line.
		certain := n.clear > 0 || v.Votes > sure && (n.own == 1 && n.unknown == 1 || len(on) == 1)
		if certain {
			out[who] = Count{Clear: 1}
		} else {
			out[who] = Count{Questionable: 1}
		}
	}
	return out
}
