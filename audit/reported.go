package audit

import (
	"slices"

	"recount/election"
)

// Finding says which of three sources differ on a line: the machine's own figures (its tape or export), the figures that
// were reported (typed), and the ballots.
type Finding string

// The findings. A line on which all agree has none.
const (
	// Typing: the machine's figure agrees with the ballots, the reported one is not the machine's.
	Typing Finding = "reported differs from machine"
	// Counting: the reported figure is the machine's, and does not agree with the ballots.
	Counting Finding = "machine differs from ballots"
	// OnlyMachine: the reported figure agrees with the ballots, the machine's does not.
	OnlyMachine Finding = "machine differs from reported and ballots"
	// All: no two of the three agree.
	All Finding = "all three differ"
	// NotReported: the machine and the ballots have a figure, the report has none.
	NotReported Finding = "not reported"
	// OnlyReported: the report has a figure that the machine does not give, and it does not agree with the ballots.
	OnlyReported Finding = "reported differs from ballots"
)

// CompareThree sets the machine's figures and the reported ones beside ours, so that a typing error shows as one. A line's
// machine is the tape's; Reported is beside it. Names that the report alone has are unmatched on the side "reported".
func CompareThree(e *election.Election, ours *Totals, machine, reported *Machine, o Options) (*Comparison, error) {
	out, err := Compare(e, ours, machine, o)
	if err != nil {
		return nil, err
	}
	typed, err := Compare(e, ours, reported, o)
	if err != nil {
		return nil, err
	}
	out.Reported = typed.Machine
	type key struct {
		at                     portion
		contest, choice, party string
	}
	at := map[key]*Line{}
	for i := range typed.Lines {
		l := &typed.Lines[i]
		at[key{l.portion(), l.Contest, l.Choice, l.Party}] = l
	}
	for i := range out.Lines {
		l := &out.Lines[i]
		k := key{l.portion(), l.Contest, l.Choice, l.Party}
		t := at[k]
		if t == nil {
			l.Finding = NotReported
			if !l.Agrees {
				l.Finding = Counting
			}
			continue
		}
		delete(at, k)
		n := t.Machine
		l.ReportedVotes = &n
		same := n == l.Machine
		switch {
		case same && !l.Agrees:
			l.Finding = Counting
		case !same && l.Agrees:
			l.Finding = Typing
		case !same && t.Agrees:
			l.Finding = OnlyMachine
		case !same:
			l.Finding = All
		}
	}
	for _, t := range typed.Lines {
		if at[key{t.portion(), t.Contest, t.Choice, t.Party}] == nil {
			continue
		}
		n := t.Machine
		t.ReportedVotes, t.Machine, t.NoMachine = &n, 0, true
		if !t.Agrees {
			t.Finding = OnlyReported
		}
		out.Lines = append(out.Lines, t)
	}
	for _, u := range typed.Unmatched {
		if u.Side == "machine" {
			u.Side = "reported"
			out.Unmatched = append(out.Unmatched, u)
		}
	}
	for _, p := range typed.Proposals {
		if !slices.Contains(out.Proposals, p) {
			out.Proposals = append(out.Proposals, p)
		}
	}
	out.Notes = append(out.Notes, typed.Notes...)
	return out, nil
}
