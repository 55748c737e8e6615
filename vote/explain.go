package vote

import (
	"fmt"
	"strings"

	"recount/election"
	"recount/marks"
)

// Explain says in a sentence why a target got its answer: the answer, what was measured, and the limits it was held against.
// For a questionable target it begins with the reason that stands in the outputs.
func Explain(style *election.Style, r *Reading, l Limits) string {
	l = l.For(shapeOf(style, r))
	m := &r.Mark
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", r.Answer)
	if r.Reason != "" {
		fmt.Fprintf(&b, "%s. Measured: ", r.Reason)
	}
	fmt.Fprintf(&b, "%s of the inside is inked (none is below %s, a vote %s and more)", percent(m.Fill), percent(l.NoneFill), percent(l.VoteFill))
	if m.Fill > 0 {
		fmt.Fprintf(&b, ", %s as dark as the print, %s over %s of the target's width", percent(m.Dark), pieces(m), percent(m.Spread))
	}
	fmt.Fprintf(&b, "; %s of the ring around it is inked; %s of the printed outline was found (%s is asked for)",
		percent(m.Around), percent(m.Outline), percent(l.MinOutline))
	if m.Outline < l.MinOutline && r.Answer == Vote {
		fmt.Fprintf(&b, ", but a mark of %s and more hides it", percent(l.OverwhelmFill))
	}
	if m.Overprint > 0 {
		fmt.Fprintf(&b, "; the blank prints over %s of it", percent(m.Overprint))
	}
	if m.Beside > 0 {
		fmt.Fprintf(&b, "; %s of the name's place is inked", percent(m.Beside))
	}
	if m.Damage != "" {
		fmt.Fprintf(&b, "; damage: %s", m.Damage)
	}
	b.WriteString(".")
	return b.String()
}

func pieces(m *marks.Mark) string {
	if m.Pieces == 1 {
		return "in one piece"
	}
	return fmt.Sprintf("in %d pieces", m.Pieces)
}
