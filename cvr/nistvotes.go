package cvr

import (
	"fmt"
	"slices"
	"strings"
)

// snapshotNIST is the snapshot that was asked for.
func (x *Export) snapshotNIST(c *inCVR) (*inSnapshot, error) {
	want := x.options.Snapshot
	byType := want != "" && want != "current"
	at := slices.IndexFunc(c.Snapshots, func(s inSnapshot) bool {
		if byType {
			return string(s.Type) == want
		}
		return s.ID == c.Current
	})
	switch {
	case at >= 0:
		return &c.Snapshots[at], nil
	case byType:
		return nil, fmt.Errorf("there is no snapshot of type %s", want)
	case len(c.Snapshots) == 1:
		return &c.Snapshots[0], nil
	case len(c.Snapshots) == 0:
		return nil, fmt.Errorf("there is no CVRSnapshot")
	}
	return nil, fmt.Errorf("CurrentSnapshotId %q is none of its %d snapshots", c.Current, len(c.Snapshots))
}

// votesNIST is one contest of a snapshot.
func (x *Export) votesNIST(p *inReportParts, c *inCVRContest) (MachineContest, error) {
	def := p.contests[string(c.Contest)]
	if def == nil {
		return MachineContest{}, fmt.Errorf("ContestId %q is no contest of the report", c.Contest)
	}
	out := MachineContest{Contest: def.at, Overvotes: Unstated, Undervotes: Unstated, Overvoted: slices.Contains(c.Status, "overvoted")}
	if c.Overvotes.set {
		out.Overvotes = c.Overvotes.n
	}
	if c.Undervotes.set {
		out.Undervotes = c.Undervotes.n
	}
	// A report need not say that a contest is ranked: a second rank does.
	for i := range c.Selections {
		for _, pos := range c.Selections[i].Positions {
			if r := max(pos.Rank.n, c.Selections[i].Rank.n); r > 1 && r <= maxRank && !x.Roster.Contests[def.at].Settled {
				x.Roster.voteFor(def.at, 0, r)
			}
		}
	}
	ranked := x.Roster.Contests[def.at].Ranks > 1
	indicated := 0 // positions
	for i := range c.Selections {
		s := &c.Selections[i]
		choice, err := x.choiceNIST(def, s)
		if err != nil {
			return out, fmt.Errorf("CVRContestSelection[%d]: %w", i, err)
		}
		if choice < 0 {
			continue
		}
		whole := MachineMark{Choice: choice}
		seen := false
		for j, pos := range s.Positions {
			has, allocable := answer(pos.HasIndication), answer(pos.IsAllocable)
			if has == "" && !s.Total.set || !known(has) || !known(allocable) {
				return out, fmt.Errorf("CVRContestSelection[%d].SelectionPosition[%d]: HasIndication %q and IsAllocable %q: each is yes, no or unknown", i, j, pos.HasIndication, pos.IsAllocable)
			}
			if has == "yes" {
				indicated++
			}
			m := MachineMark{Choice: choice, Doubt: has == "unknown"}
			if pos.WriteIn != nil {
				m.WriteIn = string(pos.WriteIn.Text)
			}
			if has == "no" {
				continue
			}
			if has == "yes" && allocable != "no" {
				m.Votes = 1
				if pos.NumberVotes.set {
					m.Votes = pos.NumberVotes.n
				}
			}
			if m.Rank = pos.Rank.n; m.Rank == 0 {
				m.Rank = s.Rank.n
			}
			if ranked {
				if m.Rank = max(m.Rank, 1); m.Rank > maxRank {
					return out, fmt.Errorf("CVRContestSelection[%d]: rank %d is more than %d", i, m.Rank, maxRank)
				}
				if s.Total.set && s.Total.n == 0 {
					m.Votes = 0
				}
				out.Marks = append(out.Marks, m)
				continue
			}
			seen = true
			whole.Votes += m.Votes
			whole.Doubt = whole.Doubt || m.Doubt
			if whole.WriteIn == "" {
				whole.WriteIn = m.WriteIn
			}
		}
		// What the selection got in all rules over its positions, and may come from a rule without any mark.
		if !ranked && s.Total.set {
			whole.Votes = s.Total.n
			whole.Doubt = whole.Doubt && whole.Votes == 0
		}
		if !ranked && (seen || whole.Votes > 0) {
			out.Marks = append(out.Marks, whole)
		}
	}
	// An overvote may be told by its marks alone: more than are allowed, and none that may be counted.
	counted := func(m MachineMark) bool { return m.Votes > 0 }
	if allowed := x.Roster.Contests[def.at].VoteFor; !ranked && out.Overvotes < 0 && out.Undervotes < 0 && allowed > 0 && indicated > allowed && !slices.ContainsFunc(out.Marks, counted) {
		out.Overvoted = true
	}
	return out, nil
}

// answer is yes, no or unknown however it is written.
func answer(t text) string {
	switch s := strings.ToLower(string(t)); s {
	case "true":
		return "yes"
	case "false":
		return "no"
	default:
		return s
	}
}

func known(answer string) bool {
	return answer == "" || answer == "yes" || answer == "no" || answer == "unknown"
}

// choiceNIST finds the choice of a selection; a write-in that nobody has resolved names none. -1 is a line that is not
// marked.
func (x *Export) choiceNIST(def *inContest, s *inCVRChoice) (int, error) {
	if n, ok := def.choices[string(s.Selection)]; ok {
		return n, nil
	}
	marked := s.Total.n > 0 || slices.ContainsFunc(s.Positions, func(p inPosition) bool { return answer(p.HasIndication) != "no" })
	written := slices.ContainsFunc(s.Positions, func(p inPosition) bool { return p.WriteIn != nil })
	switch {
	case !marked:
		return -1, nil
	case s.Selection == "", written:
		return x.Roster.choice(def.at, RosterChoice{Name: WriteInName, WriteIn: true})
	}
	return 0, fmt.Errorf("ContestSelectionId %q is no choice of contest %q", s.Selection, def.ID)
}
