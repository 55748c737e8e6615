package vote

import (
	"fmt"
	"slices"

	"recount/election"
	"recount/marks"
)

// A voter has one hand. A mark that is plain on one sheet is a slip on another, and only the sheet's other marks show
// which. So each sheet is looked at once more after its targets were decided one by one. What is found makes a target
// questionable and never more: a strong single mark is not overruled, and no mark is taken for a vote because the others are.

// handAcross is the extent, as a part of the target's width, of a line right across it.
const handAcross = 8500

// handVotes is how many votes a sheet must have before it shows a hand.
const handVotes = 3

// readHand looks at the sheet's answers together.
func readHand(e *election.Election, style *election.Style, readings []Reading, l Limits) {
	var votes []*Reading
	for i := range readings {
		if r := &readings[i]; r.Answer == Vote {
			votes = append(votes, r)
		}
	}
	if len(votes) >= handVotes {
		fill := medianOf(votes, func(m *marks.Mark) marks.Score { return m.Fill })
		dark := medianOf(votes, func(m *marks.Mark) marks.Score { return m.Dark })
		odd := 0
		for _, r := range votes {
			if r.Mark.Fill < l.HandUnlike {
				odd++
			}
		}
		for _, r := range votes {
			// Two small strokes on a sheet of full marks are a hand that ticks as well; one may be a slip, but not a pen's line right
			// across the target, and a dot is one always.
			slip := odd == 1 && (r.Mark.Spread < handAcross || r.Mark.Fill < l.HandLine) || r.Mark.Spread < l.HandDot
			switch {
			case fill >= l.HandFill && r.Mark.Fill < l.HandUnlike && slip:
				r.question(fmt.Sprintf("unlike the voter's other marks: %s filled, where half of them have %s and more", percent(r.Mark.Fill), percent(fill)))
			case int(r.Mark.Dark)*10000 < int(dark)*int(l.HandDark):
				r.question(fmt.Sprintf("erased or lighter than the voter's other marks: %s as dark as the print, where half of them have %s and more", percent(r.Mark.Dark), percent(dark)))
			}
		}
	}
	for _, c := range contestsOf(e, readings) {
		c.crossedOut(style, l)
		c.besides(style, l)
	}
}

// question makes a reading questionable.
func (r *Reading) question(reason string) { r.Answer, r.Reason = Questionable, reason }

// medianOf is the middle of the votes' scores, the upper one of two.
func medianOf(rs []*Reading, of func(*marks.Mark) marks.Score) marks.Score {
	var v []marks.Score
	for _, r := range rs {
		v = append(v, of(&r.Mark))
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// marked is one contest's readings on the sheet.
type marked struct {
	contest  *election.Contest
	readings []*Reading
}

// contestsOf gathers readings by contest, in the order in which the contests first appear.
func contestsOf(e *election.Election, readings []Reading) []*marked {
	var out []*marked
	at := map[string]*marked{}
	for i := range readings {
		r := &readings[i]
		m := at[r.Contest]
		if m == nil {
			c := e.Contest(r.Contest)
			if c == nil {
				continue
			}
			m = &marked{contest: c}
			at[r.Contest] = m
			out = append(out, m)
		}
		m.readings = append(m.readings, r)
	}
	return out
}

// persons counts the persons with a vote.
func (m *marked) persons() int {
	seen := map[string]bool{}
	for _, r := range m.readings {
		if r.Answer == Vote {
			key := "choice " + r.Choice
			if c := m.contest.Choice(r.Choice); c != nil && !c.WriteIn && c.Candidate != "" {
				key = "candidate " + c.Candidate // whose name may be another choice's ID
			}
			seen[key] = true
		}
	}
	return len(seen)
}

// crossedOver begins the reason of a mark that may be struck out.
const crossedOver = "crossed out?: ink over"

// crossedOut asks about marks that may have been struck out where others were chosen: in a contest with more marks than votes,
// those whose ink runs over their outline.
func (m *marked) crossedOut(style *election.Style, l Limits) {
	if m.persons() <= style.Allowed(m.contest) {
		return
	}
	for _, r := range m.readings {
		switch {
		case r.Answer != Vote:
		case r.Mark.Dark < l.DarkMin:
			r.question(fmt.Sprintf("erased or lighter?: only %s as dark as the print, in a contest with more marks than votes", percent(r.Mark.Dark)))
		case r.Mark.Around >= l.CrossAround:
			r.question(fmt.Sprintf(crossedOver+" %s of the ring around it, in a contest with more marks than votes", percent(r.Mark.Around)))
		}
	}
}

// besides asks about what is written in names' places: a name written in without its target filled, a name circled or crossed out
// in a contest that has votes left, and strokes through a target and a name alike.
func (m *marked) besides(style *election.Style, l Limits) {
	room := m.persons() < style.Allowed(m.contest)
	for _, r := range m.readings {
		c := m.contest.Choice(r.Choice)
		// A name written in stands beside its target too, but a number over both is as much ink in the name's place: where the target's own
		// is one stroke that ends at the outline, it is a name.
		whole := int(r.Mark.Largest)*10000 >= int(r.Mark.Fill)*int(l.BrokenLargest) && r.Mark.Arms == 0 && r.Mark.Around < l.CrossTwo
		written := c != nil && c.WriteIn && r.Mark.Beside >= l.BesideQuestion && whole
		if r.Answer == Vote && r.Mark.Damage == marks.Number && r.Mark.Fill < l.OverwhelmFill && !written {
			r.question(fmt.Sprintf("ink runs on: %s filled, and print that the blank does not have stands on the paper beside it, as of a number printed over both", percent(r.Mark.Fill)))
			continue
		}
		if r.Mark.Beside < l.BesideQuestion {
			continue
		}
		switch {
		case r.Answer == Vote && r.Mark.Fill < l.OverwhelmFill && (c == nil || !c.WriteIn):
			r.question(fmt.Sprintf("ink runs on: %s filled, and %s of the name's place is inked, as a number printed over both does", percent(r.Mark.Fill), percent(r.Mark.Beside)))
		case r.Answer != None:
		case c != nil && c.WriteIn:
			r.question(fmt.Sprintf("write-in: the target is empty, and %s of the place for the name is written on", percent(r.Mark.Beside)))
		case room:
			r.question(fmt.Sprintf("mark beside: the target is empty, %s of the name's place is inked, and the contest has a vote left", percent(r.Mark.Beside)))
		}
	}
}
