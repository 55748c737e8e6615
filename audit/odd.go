package audit

import (
	"fmt"
	"slices"
	"strings"
)

// A scanner that went dark, dirty or out of focus changes all targets of its batches a little, long before it changes an answer. So each
// batch is held against the others: by medians, which a few odd marks do not move, and against how far the others lie apart themselves.

// trait is one thing that batches are compared by, in ten-thousandths.
type trait struct {
	what  string
	of    func(*BatchCount) int
	count func(*BatchCount) int // targets it was taken from
	least int                   // targets that it takes to tell
	apart int                   // batches of one scanner are never so far apart, whatever the voters do
}

// traits have their limits, apart and least, from docs/THRESHOLDS.md.
var traits = []trait{
	{"empty targets' darkness over the paper around them", func(b *BatchCount) int { return b.shade.part(1, 2, shadeFrom, shadeStep) }, (*BatchCount).empty, 200, 50},
	{"share of empty targets with specks in them", func(b *BatchCount) int { return share(b.specks, b.None) }, (*BatchCount).empty, 200, 200},
	{"part of empty targets' outlines that was found, of the worst tenth", func(b *BatchCount) int { return b.outline.part(1, 10, 0, scoreStep) }, (*BatchCount).empty, 200, 500},
	{"darkness of votes' ink", func(b *BatchCount) int { return b.dark.part(1, 2, 0, scoreStep) }, (*BatchCount).voted, 200, 1500},
	{"share of targets that are questionable", func(b *BatchCount) int { return share(b.Questions, b.Targets()) }, (*BatchCount).Targets, 300, 200},
}

// leastSheets is how many sheets a batch must have to be compared: fewer are a few voters' hands.
const leastSheets = 20

func (b *BatchCount) empty() int { return b.None }
func (b *BatchCount) voted() int { return b.Votes }

func share(n, of int) int {
	if of == 0 {
		return 0
	}
	return 10000 * n / of
}

// Why says how the batch differs from the others, or nothing.
func (b *BatchCount) Why() string { return strings.Join(b.Odd, "; ") }

// findOdd names what each batch differs in. A batch differs where its figure lies further from the middle of the others' than the
// trait's limit and four times the distance in which half of the others lie from their middle.
func findOdd(batches []BatchCount) {
	for _, t := range traits {
		var figures []int
		var of []int
		for i := range batches {
			if b := &batches[i]; b.Sheets >= leastSheets && t.count(b) >= t.least {
				figures = append(figures, t.of(b))
				of = append(of, i)
			}
		}
		if len(figures) < 2 {
			continue
		}
		sorted := slices.Sorted(slices.Values(figures))
		for k, v := range figures {
			others := without(sorted, v)
			middle := others[len(others)/2]
			far := v - middle
			if max(far, -far) > t.apart+4*spreadOf(others, middle) {
				b := &batches[of[k]]
				b.Odd = append(b.Odd, fmt.Sprintf("%s: %s, in the other batches %s", t.what, signed4(v), signed4(middle)))
			}
		}
	}
}

// without gives the sorted values but for one of those that equal v.
func without(sorted []int, v int) []int {
	at, _ := slices.BinarySearch(sorted, v)
	return slices.Concat(sorted[:at], sorted[at+1:])
}

// spreadOf is the middle of the sorted values' distances from their middle, the upper of two.
func spreadOf(sorted []int, middle int) int {
	low, high := len(sorted)/2-1, len(sorted)/2
	far := 0
	for range len(sorted)/2 + 1 {
		switch {
		case low >= 0 && (high == len(sorted) || middle-sorted[low] < sorted[high]-middle):
			far = middle - sorted[low]
			low--
		default:
			far = sorted[high] - middle
			high++
		}
	}
	return far
}

// signed4 writes ten-thousandths as a percentage.
func signed4(n int) string {
	if n < 0 {
		return "-" + percent4(-n)
	}
	return percent4(n)
}
