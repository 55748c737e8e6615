package audit

import (
	"fmt"
	"hash/fnv"
	"slices"

	"recount/cvr"
)

// Part is a way in which a machine's records can be tallied apart.
type Part string

// The parts.
const (
	ByPrecinct   Part = "precinct"
	ByTabulator  Part = "tabulator"
	ByBatch      Part = "batch"
	ByCountGroup Part = "count-group"
)

// Parts lists them all.
func Parts() []Part { return []Part{ByPrecinct, ByTabulator, ByBatch, ByCountGroup} }

// CVRPart names one part of a machine's records; what they are not tallied by is empty.
type CVRPart struct {
	Precinct   string `json:"precinct,omitempty"`
	Tabulator  string `json:"tabulator,omitempty"`
	Batch      string `json:"batch,omitempty"`
	CountGroup string `json:"count_group,omitempty"`
}

// The bounds of what a tally keeps.
const (
	maxParts  = 100_000
	maxSeen   = 50_000_000 // sheets known again, at some 20 bytes each
	maxPlaces = 5          // places named for each kind of fault
)

// CVRTally adds up a machine's cast-vote records. It is for one goroutine.
type CVRTally struct {
	roster *cvr.Roster
	by     []Part
	parts  map[CVRPart]map[int]*cvrContest
	allows map[int]*span // by contest: what it allows, as its records show, where the export does not say

	records    int
	seen       map[uint64]struct{}
	twice      int
	twiceAt    []string
	unbalanced map[int]*fault
	silent     map[int]int // by contest: records with neither votes nor over- or undervotes
}

// cvrContest counts one contest in one part.
type cvrContest struct {
	ballots, over, under        int
	overBallots, blank, invalid int
	pending                     int // overvoted ballots whose lost votes are not stated
	underUnknown                int // ballots whose unused votes are not stated
	lines                       map[cvrLine]int
	written                     int         // write-in votes
	rankLost                    map[int]int // ranks with more than one choice
}

// cvrLine is a choice at a rank (0 where the contest is not ranked), or the party-unknown line of a person.
type cvrLine struct {
	choice, rank int
	unknown      bool
}

type span struct{ least, most int }

type fault struct {
	n  int
	at []string
}

// NewCVRTally is an empty tally of records that name the roster's contests, taken apart by the parts given.
func NewCVRTally(r *cvr.Roster, by ...Part) *CVRTally {
	return &CVRTally{roster: r, by: by, parts: map[CVRPart]map[int]*cvrContest{}, allows: map[int]*span{}, seen: map[uint64]struct{}{}, unbalanced: map[int]*fault{}, silent: map[int]int{}}
}

// Add counts one record. It counts what the export says it counts: votes that the machine gave, and its own numbers of
// over- and undervotes where it states them. Where an export shows marks only, the rule is applied here: more persons
// marked than the contest allows is an overvote and gives nobody a vote; one person marked on several party lines has one
// vote, party unknown.
func (t *CVRTally) Add(r *cvr.MachineRecord) error {
	var k CVRPart
	for _, by := range t.by {
		switch by {
		case ByPrecinct:
			k.Precinct = r.Precinct
		case ByTabulator:
			k.Tabulator = r.Tabulator
		case ByBatch:
			k.Batch = r.Batch
		case ByCountGroup:
			k.CountGroup = r.CountGroup
		}
	}
	p := t.parts[k]
	if p == nil {
		if len(t.parts) >= maxParts {
			return fmt.Errorf("tally %s: more than %d parts: tally by fewer things at a time", r.File, maxParts)
		}
		p = map[int]*cvrContest{}
		t.parts[k] = p
	}
	t.records++
	t.known(r)
	for i := range r.Contests {
		mc := &r.Contests[i]
		c := p[mc.Contest]
		if c == nil {
			c = &cvrContest{lines: map[cvrLine]int{}, rankLost: map[int]int{}}
			p[mc.Contest] = c
		}
		c.ballots++
		switch def := &t.roster.Contests[mc.Contest]; {
		case mc.Invalid:
			c.invalid++
		case def.Ranks > 1:
			c.addRanked(def, mc)
		default:
			t.addPlain(c, def, mc, r)
		}
	}
	return nil
}

// known finds a sheet that was counted before.
func (t *CVRTally) known(r *cvr.MachineRecord) {
	key := r.Key()
	if key == "" {
		return
	}
	h := fnv.New64a()
	h.Write([]byte(key))
	if _, ok := t.seen[h.Sum64()]; ok {
		t.twice++
		if len(t.twiceAt) < maxPlaces {
			t.twiceAt = append(t.twiceAt, where(r))
		}
		return
	}
	if len(t.seen) < maxSeen {
		t.seen[h.Sum64()] = struct{}{}
	}
}

// where names a record for a person.
func where(r *cvr.MachineRecord) string {
	s := r.File
	switch {
	case r.Line > 0:
		s += fmt.Sprintf(" line %d", r.Line)
	case r.Path != "":
		s += " " + r.Path
	}
	if r.Tabulator != "" && r.Batch != "" && r.Record != "" {
		return s + fmt.Sprintf(" (tabulator %s, batch %s, record %s)", r.Tabulator, r.Batch, r.Record)
	}
	return s + " (" + r.ID + ")"
}

// person is the first choice of the contest that stands for the same person as choice i: one name on the lines of
// several parties.
func person(c *cvr.RosterContest, i int) int {
	ch := &c.Choices[i]
	if ch.WriteIn || ch.Party == "" {
		return i
	}
	for j := range i {
		if o := &c.Choices[j]; o.Name == ch.Name && o.Party != "" && o.Party != ch.Party && !o.WriteIn {
			return j
		}
	}
	return i
}

// addPlain counts a contest that is not ranked.
func (t *CVRTally) addPlain(c *cvrContest, def *cvr.RosterContest, mc *cvr.MachineContest, r *cvr.MachineRecord) {
	type vote struct{ choice, votes, lines int }
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
		who := person(def, m.Choice)
		known := false
		for i := range people {
			if v := &people[i]; person(def, v.choice) == who {
				known = true
				v.lines++
				total += max(m.Votes-v.votes, 0)
				v.votes = max(v.votes, m.Votes)
			}
		}
		if !known {
			people = append(people, vote{m.Choice, m.Votes, 1})
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
		if v.lines > 1 {
			c.lines[cvrLine{person(def, v.choice), 0, true}] += v.votes
			continue
		}
		c.lines[cvrLine{choice: v.choice}] += v.votes
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

func (t *CVRTally) fault(contest int, r *cvr.MachineRecord) {
	f := t.unbalanced[contest]
	if f == nil {
		f = &fault{}
		t.unbalanced[contest] = f
	}
	if f.n++; len(f.at) < maxPlaces {
		f.at = append(f.at, where(r))
	}
}

// addRanked counts a ranked contest by its ranks. The first rank is the vote: more than one choice in it is an overvote,
// none is an undervote.
func (c *cvrContest) addRanked(def *cvr.RosterContest, mc *cvr.MachineContest) {
	ranks := map[int][]int{} // choices marked
	for _, m := range mc.Marks {
		if m.Votes == 0 {
			continue
		}
		rank := max(m.Rank, 1)
		who := person(def, m.Choice)
		if !slices.Contains(ranks[rank], who) {
			ranks[rank] = append(ranks[rank], who)
		}
	}
	over := mc.Overvoted || mc.Overvotes > 0 || len(ranks[1]) > 1
	for rank, who := range ranks {
		switch {
		case len(who) > 1:
			c.rankLost[rank]++
		case rank == 1 && over:
		case def.Choices[who[0]].WriteIn:
			c.lines[cvrLine{choice: -1, rank: rank}]++
			if rank == 1 {
				c.written++
			}
		default:
			c.lines[cvrLine{choice: who[0], rank: rank}]++
		}
	}
	switch {
	case over:
		c.over++
		c.overBallots++
	case len(ranks[1]) == 0:
		c.under++
		if len(ranks) == 0 {
			c.blank++
		}
	}
}
