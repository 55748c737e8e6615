package marks

import (
	"image"

	"recount/election"
)

// Blank is a style page's reference picture.
type Blank struct {
	Gray *image.Gray
	DPI  float64
}

// Measure measures every target of a page. The scan's bounds start at 0,0; m carries the blank's inches to its pixels.
// It gives one Mark a target, in the same order.
func Measure(scan *image.Gray, blank Blank, m Mapping, targets []election.Target) []Mark {
	return make([]Mark, len(targets))
}
