package audit

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"recount/election"
	"recount/vote"
)

// The names of the rows that stand beside a contest's choices in totals.csv, and of the last group.
const (
	OverVotes    = "Over Votes"        // votes lost to overvotes
	UnderVotes   = "Under Votes"       // votes allowed and not used
	Ballots      = "Ballots"           // ballots with the contest on them
	BallotsOver  = "Ballots Overvoted" // ballots whose contest was overvoted, as some machines count overvotes
	BallotsBlank = "Ballots Blank"     // ballots without a mark in the contest, as some machines count undervotes
	BallotsCast  = "Ballots Cast"      // the group of the ballots in all
	Sheets       = "Sheets"            // in that group: pieces of paper, where a ballot has more than one
)

// maxPartName bounds a precinct's or batch's name, in bytes.
const maxPartName = 4096

// Key is one disjoint part of the tally.
type Key struct{ Precinct, Batch string }

// Count is an interval: the true number lies in [Clear, Clear+Questionable].
type Count struct{ Clear, Questionable int }

func (c *Count) add(clear, questionable int) {
	c.Clear += clear
	c.Questionable += questionable
}

// Tally adds up decided sheets by precinct and batch. It is for one goroutine.
type Tally struct {
	election *election.Election
	parts    map[Key]*part
	merged   bool // the batches were too many, and are counted together
}

type part struct {
	ballots, sheets         int
	handBallots, handSheets int // of them, those on which a person decided something
	contests                map[string]*contestTally
	byHand                  map[string]*contestTally // the same of sheets on which a person decided a target of the contest
}

// lineKey is a choice's own line, or the party-unknown line of the person whose first line it is.
type lineKey struct {
	choice  string
	unknown bool
}

type contestTally struct {
	ballots                    int
	allowed                    int // the sum over the ballots, from the definition
	votes, over, under, doubt  int
	lines                      map[lineKey]*Count
	persons                    map[int]*Count // of several lines, by their first choice: votes on all of them
	overs, unders, lost, blank Count
}

// NewTally is an empty tally of the election.
func NewTally(e *election.Election) *Tally { return &Tally{election: e, parts: map[Key]*part{}} }

// Add counts one sheet in the part named by precinct and batch (either may be empty). Where that would make more than 4096 parts,
// batches are not told apart at all, and the totals are by precinct: a part of a batch's votes would be worse than none. A sheet that names a style,
// contest or choice the election lacks is not counted at all, and the error says which.
func (t *Tally) Add(precinct, batch string, s *vote.Sheet) error {
	style := t.election.Style(s.Style)
	if style == nil {
		return fmt.Errorf("tally sheet: the election has no style %q: read the scans again with this election's definition", s.Style)
	}
	if len(precinct) > maxPartName || len(batch) > maxPartName {
		return fmt.Errorf("tally sheet of style %s: the precinct's or batch's name is longer than %d bytes", s.Style, maxPartName)
	}
	for i := range s.Contests {
		c := t.election.Contest(s.Contests[i].Contest)
		if c == nil {
			return fmt.Errorf("tally sheet of style %s: the election has no contest %q", s.Style, s.Contests[i].Contest)
		}
		for _, l := range s.Contests[i].Lines {
			if c.Choice(l.Choice) == nil {
				return fmt.Errorf("tally sheet of style %s: contest %q has no choice %q", s.Style, c.ID, l.Choice)
			}
		}
	}
	key := t.part(precinct, batch)
	p := t.parts[key]
	if p == nil {
		p = &part{contests: map[string]*contestTally{}, byHand: map[string]*contestTally{}}
		t.parts[key] = p
	}
	p.sheets++
	if s.Number <= 1 {
		p.ballots++
	}
	hand := false
	for i := range s.Contests {
		vc := &s.Contests[i]
		c := t.election.Contest(vc.Contest)
		tallyOf(p.contests, vc.Contest).add(c, style.Allowed(c), vc)
		if vc.ByHand > 0 {
			tallyOf(p.byHand, vc.Contest).add(c, style.Allowed(c), vc)
			hand = true
		}
	}
	if hand {
		p.handSheets++
		if s.Number <= 1 {
			p.handBallots++
		}
	}
	return nil
}

// tallyOf gives a contest's tally, a new one where there is none.
func tallyOf(m map[string]*contestTally, contest string) *contestTally {
	if m[contest] == nil {
		m[contest] = &contestTally{lines: map[lineKey]*Count{}, persons: map[int]*Count{}}
	}
	return m[contest]
}

func (ct *contestTally) add(c *election.Contest, allowed int, vc *vote.Contest) {
	ct.ballots++
	ct.allowed += allowed
	ct.votes += vc.Votes
	ct.over += vc.Overvotes
	ct.under += vc.Undervotes
	ct.doubt += vc.Doubt
	for _, l := range vc.Lines {
		ch := c.Choice(l.Choice)
		k := lineKey{l.Choice, l.Party == vote.Unknown && ch.Party != vote.Unknown && ch.Candidate != ""}
		if ct.lines[k] == nil {
			ct.lines[k] = &Count{}
		}
		ct.lines[k].add(l.Clear, l.Questionable)
	}
	if slices.ContainsFunc(vc.Lines, func(l vote.Line) bool { return c.Choice(l.Choice).Candidate != "" }) {
		for who, n := range personVotes(c, vc) {
			if crossEndorsed(c, who) {
				get(ct.persons, who).add(n.Clear, n.Questionable)
			}
		}
	}
	over, under := outlook(c, vc)
	ct.overs.add(vc.Overvotes, over)
	ct.unders.add(vc.Undervotes, under)
	switch {
	case vc.Overvotes > 0:
		ct.lost.add(1, 0)
	case over > 0:
		ct.lost.add(0, 1)
	}
	switch {
	case vc.Votes > 0 || vc.Overvotes > 0:
	case vc.Doubt > 0:
		ct.blank.add(0, 1)
	default:
		ct.blank.add(1, 0)
	}
}

// outlook is how many more votes the questionable targets of a contest may yet lose: to an overvote, which takes all the
// votes allowed and needs more persons on the lines than that, and to undervotes.
func outlook(c *election.Contest, vc *vote.Contest) (over, under int) {
	named := map[int]bool{}
	for _, l := range vc.Lines {
		named[firstOf(c, indexOf(c, l.Choice))] = true
	}
	if len(named) > vc.Allowed {
		over = vc.Doubt
	}
	return over, vc.Doubt
}

// keys are the parts in order: by precinct, then batch.
func (t *Tally) keys() []Key {
	keys := make([]Key, 0, len(t.parts))
	for k := range t.parts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Precinct, b.Precinct), cmp.Compare(a.Batch, b.Batch))
	})
	return keys
}

// Check proves the sum rule for every contest of every part: ballots x allowed = votes + undervotes + overvotes +
// doubt, and no more clear votes on the lines than votes. The error names each contest that breaks it.
func (t *Tally) Check() error {
	var errs []error
	for _, k := range t.keys() {
		for i := range t.election.Contests {
			c := &t.election.Contests[i]
			ct := t.parts[k].contests[c.ID]
			if ct == nil {
				continue
			}
			where := fmt.Sprintf("contest %q, precinct %q, batch %q", c.Title, k.Precinct, k.Batch)
			if sum := ct.votes + ct.under + ct.over + ct.doubt; sum != ct.allowed {
				errs = append(errs, fmt.Errorf("%s: %d ballots allow %d votes, but votes %d + undervotes %d + overvotes %d + doubt %d = %d",
					where, ct.ballots, ct.allowed, ct.votes, ct.under, ct.over, ct.doubt, sum))
			}
			lines := 0
			for _, l := range ct.lines {
				lines += l.Clear
			}
			if lines > ct.votes {
				errs = append(errs, fmt.Errorf("%s: the lines add up to %d clear votes, the contest to %d", where, lines, ct.votes))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("the tally's sum rule is broken: %w", err)
	}
	return nil
}
