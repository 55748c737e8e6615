package audit

import (
	"slices"

	"recount/election"
)

// lostName is a name of the machine's totals that nothing exact and nobody's word gives a meaning. contest is as the machine says
// it, with the district where it needs one; meant is what it is known to be, or nil.
type lostName struct {
	contest, choice, party string
	meant                  *election.Contest
}

// theirLabel names a row's contest as a mapping does.
func (r *MachineRow) theirLabel() string {
	if r.District == "" {
		return r.Contest
	}
	return r.Contest + " " + r.District
}

// propose finds what the names that were not used may mean, for a person to confirm: contests first, then choices, those of a
// contest that is itself a proposal too. Names that a person said no to are left out.
func (x *comparer) propose(lost []lostName) {
	meant := map[string]*election.Contest{} // what lost contests may be, by their label
	taken := func(c *election.Contest) bool {
		for _, known := range x.contests {
			if known == c {
				return true
			}
		}
		return false
	}
	for _, l := range lost {
		if _, seen := meant[l.contest]; seen || l.meant != nil {
			continue
		}
		meant[l.contest] = nil
		var free []int
		var names []string
		for i := range x.e.Contests {
			if c := &x.e.Contests[i]; !taken(c) {
				free, names = append(free, i), append(names, Label(x.e, c))
			}
		}
		at, how := like(l.contest, names, free)
		if at < 0 || x.o.Names.refused(l.contest, "", "") {
			continue
		}
		c := &x.e.Contests[at]
		meant[l.contest] = c
		x.add(Pairing{TheirContest: l.contest, Contest: Label(x.e, c), How: how})
	}
	for _, l := range lost {
		c := l.meant
		if c == nil {
			c = meant[l.contest]
		}
		if c == nil || l.choice == "" || x.o.Names.refused(l.contest, l.choice, l.party) {
			continue
		}
		if l.meant == nil {
			if _, ok := choiceFor(c, l.choice, l.party); ok {
				continue // it has a meaning as soon as its contest has
			}
		}
		var free []int
		var names []string
		for i := range c.Choices {
			if !x.given(c, i) {
				free, names = append(free, i), append(names, bareName(&c.Choices[i]))
			}
		}
		at, how := like(l.choice, names, free)
		if at < 0 {
			continue
		}
		line := c.Choices[at].Party
		if l.party == "" && crossEndorsed(c, at) {
			line = anyLine
		} else if h, ok := narrow(c, linesOf(c, at), c.Choices[at].Name, party(l.party)); ok && !h.whole && !h.unknown {
			line = c.Choices[h.choice].Party
		}
		x.add(Pairing{l.contest, l.choice, l.party, Label(x.e, c), c.Choices[at].Name, line, how})
	}
}

// linesOf are all lines of the person of choice i.
func linesOf(c *election.Contest, i int) (out []int) {
	for j := range c.Choices {
		if samePerson(c, i, j) {
			out = append(out, j)
		}
	}
	return out
}

// given says whether some name of the machine's is known to be choice i.
func (x *comparer) given(c *election.Contest, i int) bool {
	for by, f := range x.slots {
		if by.contest == c && f.ok && f.special == "" && (f.choice == i || (f.whole || f.unknown) && samePerson(c, f.choice, i)) {
			return true
		}
	}
	return false
}

func (x *comparer) add(p Pairing) {
	if !slices.Contains(x.out.Proposals, p) {
		x.out.Proposals = append(x.out.Proposals, p)
	}
}
