package audit

import (
	"fmt"
	"hash/fnv"

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
	loose      map[int]*fault // records whose overvotes, if there are any, count as votes
	silent     map[int]int    // by contest: records with neither votes nor over- or undervotes
	met        map[int]bool
}

// cvrContest counts one contest in one part, by the rule of plain contests and by that of ranked ones.
type cvrContest struct {
	ballots, invalid int
	plain, ranked    cvrCount
}

// cvrCount is a count by one rule.
type cvrCount struct {
	over, under        int
	overBallots, blank int
	pending            int // overvoted ballots whose lost votes are not stated
	underUnknown       int // ballots whose unused votes are not stated
	overUnknown        int // ballots of several votes, of which nothing says whether they are too many
	lines              map[cvrLine]int
	written            int // write-in votes
}

func (c *cvrCount) add(l cvrLine, votes int) {
	if c.lines == nil {
		c.lines = map[cvrLine]int{}
	}
	c.lines[l] += votes
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
	return &CVRTally{roster: r, by: by, parts: map[CVRPart]map[int]*cvrContest{}, allows: map[int]*span{}, seen: map[uint64]struct{}{}, unbalanced: map[int]*fault{}, loose: map[int]*fault{}, silent: map[int]int{}, met: map[int]bool{}}
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
			c = &cvrContest{}
			p[mc.Contest] = c
		}
		c.ballots++
		t.met[mc.Contest] = true
		def := &t.roster.Contests[mc.Contest]
		switch {
		case mc.Invalid:
			c.invalid++
			continue
		case def.Ranks < 2:
			t.addPlain(&c.plain, def, mc, r)
		}
		// Where the export does not tell, a later record may show that the contest is ranked.
		if def.Ranks > 1 || !def.Settled {
			c.ranked.addRanked(def, mc)
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
