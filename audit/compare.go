package audit

import (
	"fmt"
	"slices"
	"strings"

	"recount/election"
)

// OverUnderAs says what a machine's over- and undervote rows count.
type OverUnderAs string

// The ways machines count them.
const (
	// AsVotes counts votes: an overvote in a vote-for-3 loses three, one open seat of three is one undervote.
	AsVotes OverUnderAs = "votes"
	// AsBallots counts ballots: overvoted ones, and as undervoted those without any mark in the contest.
	AsBallots OverUnderAs = "ballots"
)

// Options set how a comparison is made. The zero value counts over- and undervotes as votes and has no limit.
type Options struct {
	OverUnder OverUnderAs
	Limit     Limit    // a discrepancy above it is named
	Names     *Mapping // names that a person confirmed; may be nil
}

// WriteIns is the choice's name on the line that holds all of a contest's write-in votes.
const WriteIns = "Write-ins"

// Line is one number of the machine beside ours. Precinct and Batch are empty for all ballots together; one of them is not
// where the line is of a precinct or a batch. The true count of the paper lies in [Clear, Clear+Questionable].
type Line struct {
	Precinct     string `json:"precinct,omitempty"`
	Batch        string `json:"batch,omitempty"`
	Contest      string `json:"contest"`
	Choice       string `json:"choice"`
	Party        string `json:"party,omitempty"` // "DEM+WF" where a person's lines are compared as their sum
	Machine      int    `json:"machine"`
	Clear        int    `json:"clear"`
	Questionable int    `json:"questionable"`
	Total        int    `json:"total"`      // Clear + Questionable
	Difference   int    `json:"difference"` // Machine - Total
	Agrees       bool   `json:"agrees"`     // Machine lies in [Clear, Total]
	// OverLimit says that the machine's figure lies further from [Clear, Total] than the comparison's limit allows.
	OverLimit bool `json:"over_limit,omitempty"`

	// Of a comparison of three sources.
	ReportedVotes *int    `json:"reported,omitempty"`   // as typed into the report; nil where it has none
	NoMachine     bool    `json:"no_machine,omitempty"` // the report alone has a figure; Difference and Agrees are its own
	Finding       Finding `json:"finding,omitempty"`
}

// Unmatched is a name that stands on one side only. It counts as a disagreement; nothing is matched by likeness, in case or
// otherwise, until a person says so.
type Unmatched struct {
	Side     string   `json:"side"` // "machine", "reported" or "ballots": where the name stands
	Precinct string   `json:"precinct,omitempty"`
	Batch    string   `json:"batch,omitempty"`
	Contest  string   `json:"contest"`
	Choice   string   `json:"choice,omitempty"`
	Party    string   `json:"party,omitempty"`
	Votes    int      `json:"votes"`             // under that name: the machine's, or our clear and questionable together
	Line     int      `json:"line,omitempty"`    // of the machine's file, the first
	Similar  []string `json:"similar,omitempty"` // names of the other side to look at
}

// Comparison is a machine's totals beside ours.
type Comparison struct {
	Machine   string      `json:"machine"`            // the file's name
	Reported  string      `json:"reported,omitempty"` // the file's name, of a comparison of three sources
	OverUnder OverUnderAs `json:"over_under_as"`
	Lines     []Line      `json:"lines"`
	Unmatched []Unmatched `json:"unmatched"`
	// Proposals are what unmatched names of the machine's may mean: not used until a person confirms them (Options.Names).
	Proposals []Pairing `json:"proposals"`
	Notes     []string  `json:"notes"`
}

// Disagreements is how many lines disagree and names are unmatched.
func (c *Comparison) Disagreements() int {
	n := len(c.Unmatched)
	for _, l := range c.Lines {
		if !l.Agrees || l.Finding != "" {
			n++
		}
	}
	return n
}

// Compare sets the machine's totals beside ours: for all ballots together, and by precinct and by batch where both
// sides name more than one. It fails where the totals are of another election than e.
func Compare(e *election.Election, ours *Totals, m *Machine, o Options) (*Comparison, error) {
	if o.OverUnder == "" {
		o.OverUnder = AsVotes
	}
	if o.OverUnder != AsVotes && o.OverUnder != AsBallots {
		return nil, fmt.Errorf("compare totals: over- and undervotes are counted as %q or %q, not %q", AsVotes, AsBallots, o.OverUnder)
	}
	if err := o.Names.check(e); err != nil {
		return nil, err
	}
	out := &Comparison{Machine: m.Name, OverUnder: o.OverUnder, Lines: []Line{}, Unmatched: []Unmatched{}, Proposals: []Pairing{}, Notes: append([]string{}, m.Notes...)}
	x := comparer{e: e, o: o, out: out, contests: map[[2]string]*election.Contest{}, slots: map[slotName]found{}, lostOnce: map[lostName]bool{}, named: map[string]bool{}}
	if err := x.scope(portion{}, ours.Rows, m.Rows); err != nil {
		return nil, err
	}
	x.propose(x.lost)
	us := grouped(ours.Rows, func(r *TotalRow) string { return plain(r.Precinct) })
	them := grouped(m.Rows, func(r *MachineRow) string { return plain(r.Precinct) })
	for _, p := range x.precincts(ours, m) {
		if err := x.scope(portion{Precinct: p}, us[plain(p)], them[plain(p)]); err != nil {
			return nil, err
		}
	}
	if err := x.byBatch(ours, m); err != nil {
		return nil, err
	}
	return out, nil
}

type comparer struct {
	e   *election.Election
	o   Options
	out *Comparison

	contests map[[2]string]*election.Contest // what a machine's contest and district stand for
	slots    map[slotName]found              // what a machine's name stands for
	lost     []lostName
	lostOnce map[lostName]bool
	named    map[string]bool // contests, by id, that the machine names at all
}

// slotName is how a machine names a number of a contest.
type slotName struct {
	contest                 *election.Contest
	kind                    Kind
	label, candidate, party string // as the machine writes them
}

type found struct {
	slot
	ok bool
}

// precincts are our names of the precincts that both sides have, in our order, or none where either side has no split.
// Names of one side only are unmatched.
func (x *comparer) precincts(ours *Totals, m *Machine) []string {
	us := names(ours.Rows, func(r *TotalRow) string { return r.Precinct })
	them := names(m.Rows, func(r *MachineRow) string { return r.Precinct })
	if len(us) == 0 || len(them) == 0 || len(us) == 1 && len(them) == 1 {
		return nil
	}
	in := func(all []string, p string) bool {
		return slices.ContainsFunc(all, func(q string) bool { return plain(q) == plain(p) })
	}
	if m.records && !allIn(them, us) {
		x.out.Notes = append(x.out.Notes, "the records' precincts have other names than ours ("+nameSome(them, us)+"): compared for all ballots together")
		return nil
	}
	var both []string
	for _, p := range us {
		if in(them, p) {
			both = append(both, p)
			for _, q := range them {
				if plain(q) == plain(p) && !sameName(p, q) {
					x.out.Notes = append(x.out.Notes, fmt.Sprintf("precinct %q of the machine's is taken for %q, which differs in case, spaces or signs only", q, p))
				}
			}
		} else {
			x.out.Unmatched = append(x.out.Unmatched, Unmatched{Side: "ballots", Precinct: p, Similar: nearest(p, them)})
		}
	}
	for _, p := range them {
		if !in(us, p) {
			x.out.Unmatched = append(x.out.Unmatched, Unmatched{Side: "machine", Precinct: p, Similar: nearest(p, us)})
		}
	}
	return both
}

// allIn says whether every name is in the list, in plain form.
func allIn(names, list []string) bool { return nameSome(names, list) == "" }

// nameSome names up to three of the names that are not in the list.
func nameSome(names, list []string) string {
	var out []string
	for _, n := range names {
		if !slices.ContainsFunc(list, func(l string) bool { return plain(l) == plain(n) }) && len(out) < 3 {
			out = append(out, n)
		}
	}
	return strings.Join(out, ", ")
}

// slot is one comparable number of a contest.
type slot struct {
	hit
	special string // OverVotes, UnderVotes, Ballots or WriteIns; "" for a line of a choice
}

type book struct {
	count   map[string]map[slot]*Count // ours, by contest id
	machine map[string]map[slot]*int
	cast    *Count // ballots in all
	theirs  *int
}

func get[K comparable, V any](m map[K]*V, k K) *V {
	if m[k] == nil {
		m[k] = new(V)
	}
	return m[k]
}

// scope compares one selection of rows and appends its lines.
func (x *comparer) scope(at portion, rows []TotalRow, theirs []MachineRow) error {
	b := &book{count: map[string]map[slot]*Count{}, machine: map[string]map[slot]*int{}}
	for i := range x.e.Contests {
		b.count[x.e.Contests[i].ID] = map[slot]*Count{}
		b.machine[x.e.Contests[i].ID] = map[slot]*int{}
	}
	if err := x.fileOurs(b, rows); err != nil {
		return err
	}
	x.fileTheirs(b, at, theirs)
	for i := range x.e.Contests {
		x.contest(b, at, &x.e.Contests[i])
	}
	if b.cast != nil && b.theirs != nil {
		x.line(at, BallotsCast, Ballots, "", *b.cast, *b.theirs)
	}
	return nil
}

// lineName is a choice with its party for people to read.
func lineName(name, party string) string {
	if party == "" || strings.HasSuffix(name, "("+party+")") {
		return name
	}
	return name + " (" + party + ")"
}

func (x *comparer) line(at portion, contest, choice, party string, ours Count, machine int) {
	total := ours.Clear + ours.Questionable
	l := Line{Precinct: at.Precinct, Batch: at.Batch, Contest: contest, Choice: choice, Party: party, Machine: machine,
		Clear: ours.Clear, Questionable: ours.Questionable, Total: total, Difference: machine - total,
		Agrees: machine >= ours.Clear && machine <= total}
	l.OverLimit = x.o.Limit.exceeded(&l)
	x.out.Lines = append(x.out.Lines, l)
}
