package template

import (
	"fmt"
	"strings"
)

// Reason is why a page was refused.
type Reason string

// The reasons of a refusal.
const (
	EmptyPage     Reason = "empty-page"     // nothing printed was found
	NoStyle       Reason = "no-style"       // no style of the election fits
	OtherElection Reason = "other-election" // a ballot, but its print is none of the styles'
	SummaryCard   Reason = "summary-card"   // a ballot-marking device's card: text and a code, no targets
	Photograph    Reason = "photograph"     // grey tones all over, not paper with print
	Overlap       Reason = "overlap"        // two sheets lie on each other
	Ambiguous     Reason = "ambiguous"      // two styles fit alike
	WrongCode     Reason = "wrong-code"     // the code printed on the page is another style's
	WeakFit       Reason = "weak-fit"       // a style fits, but its position is not certain enough to read
)

// LeastFit is the share of a style's anchors that must be found on a page for the style to be named at all.
const LeastFit = leastFit

// Refusal is a page that was not matched. Tried are the pages that came nearest.
type Refusal struct {
	Reason Reason
	Detail string
	Tried  []Tried
}

// Error says why, for a person.
func (r *Refusal) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", r.Reason, r.Detail)
	for i, t := range r.Tried {
		if i == 0 {
			b.WriteString("; tried ")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s page %d (fit %.2f)", t.Style, t.Page, t.Fit)
	}
	return b.String()
}
