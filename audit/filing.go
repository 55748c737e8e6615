package audit

import (
	"fmt"
	"slices"

	"recount/election"
	"recount/vote"
)

// fileOurs puts our rows in their slots.
func (x *comparer) fileOurs(b *book, rows []TotalRow) error {
	for _, r := range rows {
		if r.Contest == BallotsCast && (r.Choice == Ballots || r.Choice == Sheets) {
			if r.Choice == Ballots {
				if b.cast == nil {
					b.cast = &Count{}
				}
				b.cast.add(r.Clear, r.Questionable)
			}
			continue
		}
		c, s, ok := x.ourSlot(&r)
		if !ok {
			return fmt.Errorf("compare totals: %q, %q (%s) is not in the election %q: give the definition the run was made with", r.Contest, r.Choice, r.Party, x.e.Title)
		}
		get(b.count[c.ID], s).add(r.Clear, r.Questionable)
		if r.Person != nil && s.unknown {
			get(b.count[c.ID], slot{hit: hit{choice: s.choice, whole: true}}).add(r.Person.Clear, r.Person.Questionable)
		}
	}
	return nil
}

func (x *comparer) ourSlot(r *TotalRow) (*election.Contest, slot, bool) {
	var c *election.Contest
	for i := range x.e.Contests {
		if Label(x.e, &x.e.Contests[i]) == r.Contest {
			c = &x.e.Contests[i]
		}
	}
	if c == nil {
		return nil, slot{}, false
	}
	for i := range c.Choices {
		ch := &c.Choices[i]
		if ch.Name != r.Choice {
			continue
		}
		switch {
		case ch.WriteIn:
			return c, slot{special: WriteIns}, true
		case ch.Party == r.Party:
			return c, slot{hit: hit{choice: i}}, true
		case r.Party == vote.Unknown && crossEndorsed(c, i):
			return c, slot{hit: hit{choice: firstOf(c, i), unknown: true}}, true
		}
	}
	switch r.Choice {
	case OverVotes, UnderVotes, Ballots, BallotsOver, BallotsBlank:
		return c, slot{special: r.Choice}, true
	}
	return nil, slot{}, false
}

// fileTheirs puts the machine's rows in their slots, and lists those that have none (once: for all ballots together).
func (x *comparer) fileTheirs(b *book, at portion, rows []MachineRow) {
	type name struct{ contest, choice, party string }
	lost := map[name]int{}
	miss := func(u Unmatched) {
		if !at.whole() {
			return
		}
		k := name{u.Contest, u.Choice, u.Party}
		if at, ok := lost[k]; ok {
			x.out.Unmatched[at].Votes += u.Votes
			return
		}
		lost[k] = len(x.out.Unmatched)
		x.out.Unmatched = append(x.out.Unmatched, u)
	}
	titles := make([]string, len(x.e.Contests))
	for i := range x.e.Contests {
		titles[i] = x.e.Contests[i].Title
	}
	for _, r := range rows {
		if r.Kind == Cast && r.Contest == "" {
			if b.theirs == nil {
				b.theirs = new(int)
			}
			*b.theirs += r.Votes
			continue
		}
		is := [2]string{r.Contest, r.District}
		c, known := x.contests[is]
		if !known {
			c = x.contestOf(&r)
			x.contests[is] = c
		}
		if c == nil {
			x.lose(at, lostName{contest: r.theirLabel()}, lostName{contest: r.theirLabel(), choice: r.Candidate, party: r.Party})
			miss(Unmatched{Side: "machine", Contest: r.Contest, Votes: r.Votes, Line: r.Line, Similar: nearest(r.Contest, titles)})
			continue
		}
		by := slotName{c, r.Kind, r.theirLabel(), r.Candidate, r.Party}
		f, known := x.slots[by]
		if !known {
			f.slot, f.ok = x.theirSlot(c, &r)
			x.slots[by] = f
		}
		if !f.ok && r.Kind == WriteIn && r.Votes == 0 {
			continue // no line for names on the ballot, and no name
		}
		if !f.ok {
			x.lose(at, lostName{r.theirLabel(), r.Candidate, r.Party, c})
			var names, shown []string
			for i := range c.Choices {
				names = append(names, bareName(&c.Choices[i]))
				shown = append(shown, lineName(c.Choices[i].Name, c.Choices[i].Party))
			}
			miss(Unmatched{Side: "machine", Contest: Label(x.e, c), Choice: r.Candidate, Party: r.Party, Votes: r.Votes, Line: r.Line, Similar: nearestShown(r.Candidate, names, shown)})
			continue
		}
		*get(b.machine[c.ID], f.slot) += r.Votes
	}
}

// lose keeps names for which a meaning is to be proposed, once.
func (x *comparer) lose(at portion, names ...lostName) {
	if !at.whole() {
		return
	}
	for _, l := range names {
		if !x.lostOnce[l] {
			x.lostOnce[l] = true
			x.lost = append(x.lost, l)
		}
	}
}

// contestOf is the contest that a person confirmed for a row's, or the one of its very name.
func (x *comparer) contestOf(r *MachineRow) *election.Contest {
	for _, name := range []string{r.theirLabel(), r.Contest} {
		if p := x.o.Names.find(name, "", ""); p != nil {
			for i := range x.e.Contests {
				if Label(x.e, &x.e.Contests[i]) == p.Contest {
					return &x.e.Contests[i]
				}
			}
		}
	}
	return contestFor(x.e, r.Contest, r.District)
}

func (x *comparer) theirSlot(c *election.Contest, r *MachineRow) (slot, bool) {
	switch r.Kind {
	case Over:
		return slot{special: OverVotes}, true
	case Under:
		return slot{special: UnderVotes}, true
	case Cast:
		return slot{special: Ballots}, true
	case WriteIn:
		return slot{special: WriteIns}, slices.ContainsFunc(c.Choices, func(ch election.Choice) bool { return ch.WriteIn })
	}
	h, ok := choiceFor(c, r.Candidate, r.Party)
	for _, name := range []string{r.theirLabel(), r.Contest} {
		if p := x.o.Names.find(name, r.Candidate, r.Party); p != nil {
			if mapped, is := mappedChoice(c, p); is {
				h, ok = mapped, true
				break
			}
		}
	}
	if ok && c.Choices[h.choice].WriteIn {
		return slot{special: WriteIns}, true
	}
	return slot{hit: h}, ok
}
