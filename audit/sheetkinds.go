package audit

import (
	"fmt"
	"strings"

	"recount/election"
	"recount/vote"
)

// DifferenceKind says in what way a contest on a sheet differs from the machine's record of it.
type DifferenceKind string

// The kinds.
const (
	// OpenHere: a questionable target decides, and the machine's answer is one of those possible.
	OpenHere DifferenceKind = "questionable"
	// Marginal: the two differ about marks near a limit only.
	Marginal DifferenceKind = "marginal-mark"
	// Wording: both give nobody a vote; one calls it an overvote, the other does not.
	Wording DifferenceKind = "overvote-wording"
	// WriteInDiffers: the two differ in write-ins only, or one has a write-in where the other has a name.
	WriteInDiffers DifferenceKind = "write-in"
	// PartyLine: the same person, on another party's line.
	PartyLine DifferenceKind = "party-line"
	// MissingContest: the contest stands on the sheet and not on the record, or the other way round.
	MissingContest DifferenceKind = "missing-contest"
	// UnmatchedName: the machine has votes under a name that nobody has matched with one of ours.
	UnmatchedName DifferenceKind = "unmatched-name"
	// Real: votes differ, and none of the above explains it.
	Real DifferenceKind = "real-difference"
)

// DifferenceKinds lists them all, as they are counted and printed.
func DifferenceKinds() []DifferenceKind {
	return []DifferenceKind{Real, Marginal, Wording, WriteInDiffers, PartyLine, MissingContest, UnmatchedName, OpenHere}
}

// ourReading is a contest on one of our sheets as intervals: votes by person, as in theirReading.
type ourReading struct {
	low, high []int
	line      []int // by choice: clear votes on that very line
	lost      bool  // a clear overvote
	mayLose   bool  // it may be an overvote
	unsure    bool  // the party line of some vote is not certain
}

func readingOf(c *election.Contest, v *vote.Contest) ourReading {
	r := ourReading{low: make([]int, len(c.Choices)+1), high: make([]int, len(c.Choices)+1), line: make([]int, len(c.Choices))}
	r.lost = v.Status == vote.Overvote
	doubtful, persons := 0, personVotes(c, v)
	for _, l := range v.Lines {
		at := indexOf(c, l.Choice)
		who := firstOf(c, at)
		if c.Choices[at].WriteIn {
			r.low[len(c.Choices)] += l.Clear
			r.high[len(c.Choices)] += l.Clear + l.Questionable
			continue
		}
		r.unsure = r.unsure || l.Questionable > 0 || l.Party == vote.Unknown
		r.low[who] = persons[who].Clear
		r.high[who] = 1
		if l.Clear > 0 && l.Party != vote.Unknown {
			r.line[at] += l.Clear
		}
	}
	for i := range r.high {
		doubtful += r.high[i]
	}
	r.mayLose = v.Status == vote.Doubtful && doubtful > v.Allowed
	return r
}

// holds says whether the machine's reading is one of those that ours leaves possible.
func (o *ourReading) holds(t *theirReading) bool {
	if t.overvoted {
		return o.lost || o.mayLose
	}
	if o.lost {
		return false
	}
	for i := range o.low {
		if t.votes[i] < o.low[i] || t.votes[i] > o.high[i] {
			return false
		}
	}
	return true
}

// open says whether a questionable target decides something.
func (o *ourReading) open() bool {
	for i := range o.low {
		if o.low[i] != o.high[i] {
			return true
		}
	}
	return false
}

// compareContest says how the machine's reading of a contest differs from ours; "" where it does not. who are the persons
// (and len(choices), the write-ins) they differ about.
func compareContest(c *election.Contest, v *vote.Contest, t *theirReading) (kind DifferenceKind, who []place) {
	o := readingOf(c, v)
	if t.strange > 0 {
		return UnmatchedName, nil
	}
	if o.holds(t) {
		if o.open() {
			return OpenHere, nil
		}
		if t.lines && !o.unsure && !t.overvoted {
			for i := range t.line {
				if t.line[i] != o.line[i] && !c.Choices[i].WriteIn {
					return PartyLine, []place{{0, firstOf(c, i)}}
				}
			}
		}
		return "", nil
	}
	write := len(c.Choices)
	gave, kept := 0, 0
	for i := range o.low {
		gave += t.votes[i]
		kept += o.low[i]
		if t.votes[i] < o.low[i] || t.votes[i] > o.high[i] {
			who = append(who, place{0, i})
		}
	}
	switch {
	case o.lost && !t.overvoted && gave == 0:
		return Wording, nil
	case o.lost != t.overvoted:
		return Real, who
	}
	// A write-in beside a name: the machine's people gave the written name to a choice, or did not see it.
	short, more := 0, 0
	for _, w := range who {
		if i := w.person; i == write {
			short, more = max(o.low[i]-t.votes[i], 0), max(t.votes[i]-o.high[i], 0)
		}
	}
	switch {
	case len(who) == 1 && who[0].person == write:
		return WriteInDiffers, who
	case len(who) == 2 && short == 1 && gave == kept && o.high[who[0].person] == 0 && t.votes[who[0].person] == 1:
		return WriteInDiffers, who // a written name that the machine's people gave to a choice
	case more > 0 && len(who) == 1:
		return WriteInDiffers, who
	}
	return Real, who
}

// sayTheirs is the machine's reading for a person.
func sayTheirs(c *election.Contest, t *theirReading) string {
	var parts []string
	switch {
	case t.invalid:
		return "not counted"
	case t.ranks != nil && t.marked > 0:
		said := sayRanks(c, len(t.ranks), func(rank int) ([]int, []int) { return t.ranks[rank-1], t.ranks[rank-1] })
		if t.strange > 0 {
			said += fmt.Sprintf(", %d under an unmatched name", t.strange)
		}
		return said
	case t.overvoted:
		return "overvote"
	}
	for i := range c.Choices {
		switch n := t.votes[i]; {
		case n > 1:
			parts = append(parts, fmt.Sprintf("%s (%d)", c.Choices[i].Name, n))
		case n == 1:
			parts = append(parts, personName(c, i, t.line))
		}
	}
	if n := t.votes[len(c.Choices)]; n == 1 {
		parts = append(parts, "write-in")
	} else if n > 1 {
		parts = append(parts, fmt.Sprintf("%d write-ins", n))
	}
	if t.strange > 0 {
		parts = append(parts, fmt.Sprintf("%d under an unmatched name", t.strange))
	}
	if len(parts) == 0 {
		return "no vote"
	}
	return strings.Join(parts, ", ")
}

// personName is a person's name, with the party of the one line that has the vote where there are several.
func personName(c *election.Contest, i int, line []int) string {
	name := c.Choices[i].Name
	if !crossEndorsed(c, i) {
		return name
	}
	for j := range c.Choices {
		if samePerson(c, i, j) && line[j] > 0 {
			return lineName(c.Choices[j].Name, c.Choices[j].Party)
		}
	}
	return name
}

// SayContest is our reading of a contest on a sheet, for a person.
func SayContest(c *election.Contest, v *vote.Contest) string {
	if len(v.Ranking) > 0 {
		return sayRanks(c, c.Ranks, func(rank int) ([]int, []int) { return rankOf(c, v, rank) })
	}
	if v.Status == vote.Overvote {
		return "overvote"
	}
	o := readingOf(c, v)
	var parts []string
	for i := range c.Choices {
		switch {
		case o.low[i] > 0:
			parts = append(parts, personName(c, i, o.line))
		case o.high[i] > 0:
			parts = append(parts, c.Choices[i].Name+" (questionable)")
		}
	}
	w := len(c.Choices)
	if o.low[w] == 1 {
		parts = append(parts, "write-in")
	} else if o.low[w] > 1 {
		parts = append(parts, fmt.Sprintf("%d write-ins", o.low[w]))
	}
	if n := o.high[w] - o.low[w]; n > 0 {
		parts = append(parts, "write-in (questionable)")
	}
	if o.mayLose {
		parts = append(parts, "perhaps an overvote")
	}
	if len(parts) == 0 {
		return "no vote"
	}
	return strings.Join(parts, ", ")
}
