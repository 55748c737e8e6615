package audit

import (
	"slices"

	"recount/cvr"
)

// addPlain counts a contest that is not ranked.
func (t *CVRTally) addPlain(c *cvrCount, def *cvr.RosterContest, mc *cvr.MachineContest, r *cvr.MachineRecord) {
	type vote struct {
		choice, votes int
		several       bool // marked on more than one of the person's lines
	}
	var people []vote
	total, written := 0, 0
	for _, m := range mc.Marks {
		if m.Votes == 0 {
			continue
		}
		if def.Choices[m.Choice].WriteIn {
			written += m.Votes
			total += m.Votes
			continue
		}
		who := def.Person(m.Choice)
		known := false
		for i := range people {
			if v := &people[i]; def.Person(v.choice) == who {
				known = true
				v.several = v.several || v.choice != m.Choice
				total += max(m.Votes-v.votes, 0)
				v.votes = max(v.votes, m.Votes)
			}
		}
		if !known {
			people = append(people, vote{m.Choice, m.Votes, false})
			total += m.Votes
		}
	}
	over, lost := mc.Overvotes, mc.Overvoted || mc.Overvotes > 0 || mc.Overvotes < 0 && def.VoteFor > 0 && total > def.VoteFor
	if lost && mc.Overvotes < 0 {
		people, written, total = nil, 0, 0
		if over = def.VoteFor; over == 0 {
			c.pending++
		}
	}
	if over < 0 && total > 1 && def.VoteFor == 0 {
		t.unruled(mc.Contest, r)
		c.overUnknown++
	}
	over = max(over, 0)
	under := mc.Undervotes
	switch {
	case lost && under < 0:
		under = 0
	case under < 0 && def.VoteFor > 0:
		under = max(def.VoteFor-total-over, 0)
	case under < 0:
		under = 0
		c.underUnknown++
	}
	c.over += over
	c.under += under
	c.written += written
	if lost {
		c.overBallots++
	} else if total == 0 {
		c.blank++
	}
	for _, v := range people {
		if v.several {
			c.add(cvrLine{def.Person(v.choice), 0, true}, v.votes)
			continue
		}
		c.add(cvrLine{choice: v.choice}, v.votes)
	}
	switch {
	case def.VoteFor > 0 && total+over+under == 0:
		// So an open primary lists the contests of the parties that the voter did not choose.
		t.silent[mc.Contest]++
	case def.VoteFor > 0 && total+over+under != def.VoteFor:
		t.fault(mc.Contest, r)
	case def.VoteFor == 0 && !lost && mc.Undervotes >= 0:
		n := total + under
		if s := t.allows[mc.Contest]; s == nil {
			t.allows[mc.Contest] = &span{n, n}
		} else {
			s.least, s.most = min(s.least, n), max(s.most, n)
		}
	}
}

func (t *CVRTally) fault(contest int, r *cvr.MachineRecord) { note(t.unbalanced, contest, r) }

// unruled notes a record with several votes in a contest of which nothing says how many it allows: an overvote counts as votes.
func (t *CVRTally) unruled(contest int, r *cvr.MachineRecord) { note(t.loose, contest, r) }

func note(faults map[int]*fault, contest int, r *cvr.MachineRecord) {
	f := faults[contest]
	if f == nil {
		f = &fault{}
		faults[contest] = f
	}
	if f.n++; len(f.at) < maxPlaces {
		f.at = append(f.at, where(r))
	}
}

// addRanked counts a ranked contest by its ranks. The vote is the first choice, by the rule that vote has for ballots: ranks
// without a mark are passed over, and more than one choice at the first rank with a mark is an overvote. It stands as rank 0
// beside the ranks themselves.
func (c *cvrCount) addRanked(def *cvr.RosterContest, mc *cvr.MachineContest) {
	type mark struct {
		choice int // the person's line that is marked
		whole  bool
	}
	ranks := map[int][]mark{} // persons marked; whole where more than one of their lines is
	first := 0
	for _, m := range mc.Marks {
		if m.Votes == 0 {
			continue
		}
		rank := max(m.Rank, 1)
		if first == 0 || rank < first {
			first = rank
		}
		who := def.Person(m.Choice)
		at := slices.IndexFunc(ranks[rank], func(k mark) bool { return def.Person(k.choice) == who })
		if at < 0 {
			ranks[rank] = append(ranks[rank], mark{choice: m.Choice})
		} else if k := &ranks[rank][at]; k.choice != m.Choice {
			k.whole = true
		}
	}
	over := mc.Overvoted || mc.Overvotes > 0 || len(ranks[first]) > 1
	for rank, who := range ranks {
		if len(who) > 1 || rank == first && over {
			continue
		}
		line := cvrLine{choice: who[0].choice, rank: rank}
		switch {
		case def.Choices[line.choice].WriteIn:
			line.choice = -1
		case who[0].whole:
			line.choice, line.unknown = def.Person(line.choice), true
		}
		c.add(line, 1)
		if rank == first {
			line.rank = 0
			c.add(line, 1)
			if line.choice < 0 {
				c.written++
			}
		}
	}
	switch {
	case over:
		c.over++
		c.overBallots++
	case first == 0:
		c.under++
		c.blank++
	}
}
