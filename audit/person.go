package audit

import "recount/election"

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
