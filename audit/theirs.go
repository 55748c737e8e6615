package audit

import (
	"fmt"

	"recount/cvr"
)

// theirSheet is a machine's record, small enough that a county's are held at once.
type theirSheet struct {
	id, place, sheet string
	part             CVRPart
	votes            []int32 // contests, see pack
	matched          int     // our sheets that are this record
	covered          []int32 // roster contests that those sheets have
	number           int32   // of the record in its batch, or 0
	twice            bool    // a record of a sheet that stood before
}

// maxTheirs bounds the records that are compared sheet by sheet.
const maxTheirs = 5_000_000

// theirs are a machine's records with the index that finds them.
type theirs struct {
	export *cvr.Export
	sheets []theirSheet
	index  recordIndex
	names  map[string]string // one copy of each word
}

// readTheirs reads all records of an export.
func readTheirs(x *cvr.Export) (*theirs, error) {
	t := &theirs{export: x, index: recordIndex{}, names: map[string]string{}}
	seen := map[string]bool{}
	for r, err := range x.Records() {
		if err != nil {
			return nil, err
		}
		if len(t.sheets) >= maxTheirs {
			return nil, fmt.Errorf("compare records: more than %d: compare them in parts", maxTheirs)
		}
		s := theirSheet{id: r.ID, place: where(r), sheet: t.word(r.Sheet),
			part: CVRPart{t.word(r.Precinct), t.word(r.Tabulator), t.word(r.Batch), t.word(r.CountGroup)}, votes: pack(r.Contests), number: recordNumber(r)}
		if k := r.Key(); k != "" {
			s.twice = seen[k]
			seen[k] = true
		}
		if !s.twice {
			for _, k := range theirKeys(r) {
				t.index.add(k, len(t.sheets))
			}
		}
		t.sheets = append(t.sheets, s)
	}
	return t, nil
}

func (t *theirs) word(s string) string {
	if w, ok := t.names[s]; ok {
		return w
	}
	t.names[s] = s
	return s
}

// The flags of a packed contest.
const (
	flagOver = 1 << iota
	flagInvalid
)

// pack holds contests as numbers: contest, flags, overvotes, undervotes, how many marks, and of each choice, rank and votes
// (-1 for a mark in doubt that got none).
func pack(cs []cvr.MachineContest) []int32 {
	n := 0
	for i := range cs {
		n += 5 + 3*len(cs[i].Marks)
	}
	out := make([]int32, 0, n)
	for i := range cs {
		c := &cs[i]
		flags := int32(0)
		if c.Overvoted {
			flags |= flagOver
		}
		if c.Invalid {
			flags |= flagInvalid
		}
		out = append(out, int32(c.Contest), flags, int32(c.Overvotes), int32(c.Undervotes), int32(len(c.Marks)))
		for _, m := range c.Marks {
			votes := int32(m.Votes)
			if m.Doubt && votes == 0 {
				votes = -1
			}
			out = append(out, int32(m.Choice), int32(m.Rank), votes)
		}
	}
	return out
}

// packed is one contest taken out again.
type packed struct {
	contest, flags, over, under int
	marks                       []int32
}

// each calls f with every contest of the record.
func (s *theirSheet) each(f func(p packed)) {
	for v := s.votes; len(v) >= 5; {
		n := 5 + 3*int(v[4])
		f(packed{int(v[0]), int(v[1]), int(v[2]), int(v[3]), v[5:n]})
		v = v[n:]
	}
}

// theirReading is what a machine says of a contest on one sheet, in our names: votes by the index of the person's first
// choice, and len(choices) for all write-ins together.
type theirReading struct {
	votes       []int
	line        []int // by choice: votes on that very line, where the machine names lines
	lines       bool  // the machine names the lines of a person of several parties
	over, under int   // votes lost and not used; -1 where the export does not say and nothing follows
	overvoted   bool
	statedOver  bool // the export says in a number or word how it stands with overvotes
	invalid     bool
	marked      int // marks shown, counted or not
	strange     int // votes under names that nobody has matched
	doubt       bool
	ranks       [][]int // persons at each rank, from the first; nil where the contest is not ranked on either side
}

// reading gives a packed contest in our names. allowed is how many votes the contest has.
func (n *Names) reading(p packed, allowed int) theirReading {
	c := &n.election.Contests[n.contests[p.contest]]
	r := theirReading{votes: make([]int, len(c.Choices)+1), line: make([]int, len(c.Choices)), lines: true, over: p.over, under: p.under,
		invalid: p.flags&flagInvalid != 0, statedOver: p.over >= 0 || p.flags&flagOver != 0}
	if c.Ranks > 0 && n.roster.Contests[p.contest].Ranks > 1 {
		n.rankedTheirs(p, &r)
		return r
	}
	for m := p.marks; len(m) >= 3; m = m[3:] {
		choice, votes := int(m[0]), int(m[2])
		r.marked++
		if votes < 0 {
			r.doubt = true
		}
		if votes <= 0 || r.invalid {
			continue
		}
		s, ok := n.slots[p.contest][choice], n.known[p.contest][choice]
		switch {
		case !ok:
			r.strange += votes
		case s.special == WriteIns:
			r.votes[len(c.Choices)] += votes
		default:
			who := firstOf(c, s.choice)
			r.votes[who] = max(r.votes[who], votes)
			r.line[s.choice] = max(r.line[s.choice], votes)
			r.lines = r.lines && !s.whole && !s.unknown
		}
	}
	total := r.total()
	r.overvoted = p.flags&flagOver != 0 || p.over > 0 || p.over < 0 && total > allowed
	if r.overvoted && p.over <= 0 {
		// The export shows the marks of an overvote: they are no votes.
		clear(r.votes)
		clear(r.line)
		r.over, r.strange, total = allowed, 0, 0
	}
	r.over = max(r.over, 0)
	if r.under < 0 {
		r.under = max(allowed-total-r.over, 0)
	}
	return r
}

func (r *theirReading) total() int {
	n := r.strange
	for _, v := range r.votes {
		n += v
	}
	return n
}
