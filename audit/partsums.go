package audit

import (
	"cmp"
	"slices"

	"recount/cvr"
	"recount/election"
	"recount/vote"
)

// PartLine is one number of a part beside ours, in the columns of an audit return: machine, undisputed (clear),
// questionable, total, difference. The part is empty for all ballots together.
type PartLine struct {
	Part CVRPart `json:"part"`
	Line
}

// partSum adds up one part.
type partSum struct {
	contests []contestSum
}

// contestSum is one contest of a part: votes by person, all write-ins last.
type contestSum struct {
	machine, low, high       []int
	over, under              int
	ourOver, ourUnder        Count
	theirBallots, ourBallots int
	strange                  int
}

func (s *sheetComparer) part(k CVRPart) *partSum {
	p := s.sums[k]
	if p == nil {
		p = &partSum{contests: make([]contestSum, len(s.e.Contests))}
		for i := range p.contests {
			n := len(s.e.Contests[i].Choices) + 1
			p.contests[i] = contestSum{machine: make([]int, n), low: make([]int, n), high: make([]int, n)}
		}
		s.sums[k] = p
	}
	return p
}

// parts are the sums a sheet of this part is counted in: all together, and its part in each of the ways asked for.
func (s *sheetComparer) parts(of CVRPart) []*partSum {
	out := []*partSum{s.part(CVRPart{})}
	for _, by := range s.o.By {
		k := CVRPart{}
		switch by {
		case ByPrecinct:
			k.Precinct = of.Precinct
		case ByTabulator:
			k.Tabulator = of.Tabulator
		case ByBatch:
			k.Tabulator, k.Batch = of.Tabulator, of.Batch
		case ByCountGroup:
			k.CountGroup = of.CountGroup
		}
		if k != (CVRPart{}) && (len(s.sums) < maxParts || s.sums[k] != nil) {
			out = append(out, s.part(k))
		}
	}
	return out
}

// addTheirs counts all the machine's records, those of a sheet twice as often as they stand.
func (s *sheetComparer) addTheirs() {
	s.part(CVRPart{})
	for i := range s.theirs.sheets {
		t := &s.theirs.sheets[i]
		sums := s.parts(t.part)
		t.each(func(p packed) {
			k := s.names.contests[p.contest]
			if k < 0 {
				return
			}
			allowed := s.e.Contests[k].VoteFor
			if n := s.names.roster.Contests[p.contest].VoteFor; n > 0 {
				allowed = n
			}
			r := s.names.reading(p, allowed)
			for _, sum := range sums {
				c := &sum.contests[k]
				c.theirBallots++
				c.over += r.over
				c.under += r.under
				c.strange += r.strange
				for j, n := range r.votes {
					c.machine[j] += n
				}
			}
		})
	}
}

// addOurs counts one of our sheets in the part of its record.
func (s *sheetComparer) addOurs(of CVRPart, r *cvr.Record) {
	sums := s.parts(of)
	for i := range r.Sheet.Contests {
		v := &r.Sheet.Contests[i]
		k, ok := s.at[v.Contest]
		if !ok {
			continue
		}
		o := readingOf(&s.e.Contests[k], v)
		for _, sum := range sums {
			c := &sum.contests[k]
			c.ourBallots++
			for j := range o.low {
				c.low[j] += o.low[j]
				c.high[j] += o.high[j]
			}
			c.ourOver.add(v.Overvotes, 0)
			c.ourUnder.add(v.Undervotes, 0)
			if v.Status == vote.Doubtful {
				c.ourUnder.add(0, v.Doubt)
			}
			if o.mayLose {
				c.ourOver.add(0, v.Allowed)
			}
		}
	}
}

// closeTotals gives the lines: all ballots together, then part by part.
func (s *sheetComparer) closeTotals() []PartLine {
	keys := make([]CVRPart, 0, len(s.sums))
	for k := range s.sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b CVRPart) int {
		return cmp.Or(cvr.Natural(a.Precinct, b.Precinct), cvr.Natural(a.Tabulator, b.Tabulator), cvr.Natural(a.Batch, b.Batch), cvr.Natural(a.CountGroup, b.CountGroup))
	})
	out := []PartLine{}
	for _, k := range keys {
		for i := range s.e.Contests {
			c, sum := &s.e.Contests[i], &s.sums[k].contests[i]
			if sum.theirBallots+sum.ourBallots == 0 || !s.named(i) {
				continue
			}
			out = append(out, s.contestLines(k, c, sum)...)
		}
	}
	return out
}

func (s *sheetComparer) contestLines(k CVRPart, c *election.Contest, sum *contestSum) (out []PartLine) {
	line := func(choice, party string, machine, low, high int) {
		l := Line{Precinct: k.Precinct, Contest: Label(s.e, c), Choice: choice, Party: party, Machine: machine, Clear: low, Questionable: high - low, Total: high,
			Difference: machine - high, Agrees: machine >= low && machine <= high}
		l.OverLimit = s.o.Limit.exceeded(&l)
		l.Precinct = "" // the part has it
		out = append(out, PartLine{k, l})
	}
	written := false
	for i := range c.Choices {
		if c.Choices[i].WriteIn {
			written = true
			continue
		}
		if firstOf(c, i) == i {
			var parties []string
			for j := range c.Choices {
				if samePerson(c, i, j) && c.Choices[j].Party != "" {
					parties = append(parties, c.Choices[j].Party)
				}
			}
			line(c.Choices[i].Name, joinPlus(parties), sum.machine[i], sum.low[i], sum.high[i])
		}
	}
	if w := len(c.Choices); written || sum.machine[w] > 0 {
		line(WriteIns, "", sum.machine[w], sum.low[w], sum.high[w])
	}
	if sum.strange > 0 {
		line("(unmatched names)", "", sum.strange, 0, 0)
	}
	line(OverVotes, "", sum.over, sum.ourOver.Clear, sum.ourOver.Clear+sum.ourOver.Questionable)
	line(UnderVotes, "", sum.under, sum.ourUnder.Clear, sum.ourUnder.Clear+sum.ourUnder.Questionable)
	line(Ballots, "", sum.theirBallots, sum.ourBallots, sum.ourBallots)
	return out
}
