package batch

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"recount/template"
)

// TriedPage is a style's page with which a refused page was compared.
type TriedPage struct {
	Style string
	Page  int
	// Fit is the share of the style's print that was found on the page, in hundredths, and Needed is how much must be.
	Fit, Needed int
}

// Enough says whether so much of the style's print was found that something else must have spoken against it.
func (t TriedPage) Enough() bool { return t.Fit >= t.Needed }

// Why says, for a person, what came of the comparison. rank counts from 0, the best fit first.
func (t TriedPage) Why(rank int) string {
	switch {
	case !t.Enough():
		return "too little of its print was found"
	case rank == 0:
		return "its print fits best, but the page was not believed to be it: see the reason above"
	}
	return "its print fits as well, but another's fits better"
}

// triedPage is one page of a refusal's list, as template.Refusal writes it.
var triedPage = regexp.MustCompile(`^(.+) page ([0-9]{1,4}) \(fit ([01])\.([0-9]{2})\)$`)

// SplitReason parts a page's reason, as the ledger has it, into the sentence for people, the typed word before it and the pages that
// were tried, the best fit first. A reason without a list of them is given whole.
func SplitReason(reason string) (kind, sentence string, tried []TriedPage) {
	sentence = reason
	if head, list, ok := cutLast(reason, "; tried "); ok {
		for _, text := range strings.Split(list, ", ") {
			m := triedPage.FindStringSubmatch(text)
			if m == nil { // a style's name with a comma in it, or other words
				tried = nil
				break
			}
			t := TriedPage{Style: m[1], Needed: int(math.Round(100 * template.LeastFit))}
			t.Page, _ = strconv.Atoi(m[2])
			t.Fit, _ = strconv.Atoi(m[3] + m[4])
			tried = append(tried, t)
		}
		if tried != nil {
			sentence = head
		}
	}
	if k, rest, ok := strings.Cut(sentence, ": "); ok && !strings.ContainsAny(k, " .") {
		kind, sentence = k, rest
	} else if !strings.ContainsAny(sentence, " .") {
		kind = sentence
	}
	return kind, sentence, tried
}

// cutLast cuts around the last of sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
