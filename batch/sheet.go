package batch

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"recount/election"
	"recount/template"
	"recount/vote"
)

// Outcome is what became of an input.
type Outcome string

// The outcomes. Every page, or file that gave no page, has exactly one.
const (
	Counted   Outcome = "counted"
	Questions Outcome = "questions" // counted, and a person must look
	Refused   Outcome = "refused"
	Duplicate Outcome = "duplicate"
)

// outcomes in the order they are printed.
var outcomes = []Outcome{Counted, Questions, Refused, Duplicate}

// sheetResult is one piece of paper with all that was found on it.
type sheetResult struct {
	outcome Outcome
	reason  string
	label   string // style ids: one, or twins joined by "|"
	decided *vote.Sheet
	asRead  *vote.Sheet // before people's rulings
	pages   []pageResult
	unknown error // a store did not answer: nothing is known of the sheet
}

// pageResult is one input page of a sheet.
type pageResult struct {
	input   int // index in the manifest
	reading PageReading
	outcome Outcome
	reason  string
	chosen  *Candidate
	label   string
}

// name is the sheet's id in every output: its first page's name.
func (s *sheetResult) name() string { return s.pages[0].reading.Image }

// decideSheet turns the pages of one piece of paper, one or two, into a sheet: which style it is, what its marks say and
// what becomes of each page. A page that was refused leaves its partner to be read alone. hand are people's rulings on the sheet.
func decideSheet(e *election.Election, limits vote.Limits, pages []pageResult, hand ...vote.Ruling) sheetResult {
	s := sheetResult{pages: pages}
	var read []*pageResult
	for i := range s.pages {
		p := &s.pages[i]
		if p.reading.Refused != nil {
			p.outcome, p.reason = Refused, reasonText(p.reading.Refused)
		} else if p.outcome == "" {
			read = append(read, p)
		}
	}
	if len(read) == 0 {
		s.outcome, s.reason = Refused, s.pages[0].reason
		return s
	}
	err := choose(e, read)
	for _, p := range s.pages {
		if otherCode(p.reading.Refused) {
			err = &Refusal{SheetMismatch, fmt.Sprintf("the other side, %s, prints another style's code", p.reading.Image)}
		}
	}
	if err != nil {
		s.outcome, s.reason = Refused, err.Error()
		for _, p := range read {
			p.outcome, p.reason = Refused, err.Error()
		}
		return s
	}
	style, number := read[0].chosen.Style, read[0].chosen.Page.Sheet()
	s.label = read[0].label
	var readings []vote.Reading
	for _, p := range read {
		readings = append(readings, readingsOf(p.chosen)...)
	}
	d := vote.DecideSheet(e, style, number, readings, limits)
	s.decided, s.asRead = &d, &d
	if len(hand) > 0 {
		ruled, err := d.Rule(e, style, hand)
		if err != nil {
			s.decided, s.reason = nil, err.Error() // the sheet does not show what was ruled on
			return s
		}
		s.decided = &ruled
	}
	s.settle(read, style)
	return s
}

// settle gives the sheet and its read pages their outcome.
func (s *sheetResult) settle(read []*pageResult, style *election.Style) {
	s.outcome = Counted
	doubtful := map[int]int{}
	hands := map[int]int{}
	for _, r := range s.decided.Readings {
		if r.ByHand {
			hands[r.Page]++
		}
		if r.Answer == vote.Questionable {
			s.outcome = Questions
			doubtful[r.Page]++
		}
	}
	var contests []string
	for _, c := range s.decided.Contests {
		if c.Status == vote.Doubtful {
			s.outcome = Questions
			contests = append(contests, c.Contest)
		}
	}
	if s.outcome == Questions {
		s.reason = questionText(len(contests), total(doubtful))
	}
	open := s.outcome == Questions // targets or contests are
	if n := total(hands); n > 0 {
		s.reason = strings.TrimPrefix(s.reason+"; "+handText(n), "; ")
	}
	var suspects []string
	for _, p := range read {
		if text := p.otherPrint(); text != "" {
			s.outcome = Questions
			suspects = append(suspects, p.reading.Image+": "+text)
		}
	}
	if s.reason == "" {
		s.reason = strings.Join(suspects, "; ")
	}
	for _, p := range read {
		p.outcome = s.outcome
		var reasons []string
		if text := p.otherPrint(); text != "" {
			reasons = append(reasons, text)
		}
		if len(s.decided.Missing) > 0 {
			why := "is not among the inputs"
			if len(s.pages) > 1 {
				why = "was refused"
			}
			reasons = append(reasons, fmt.Sprintf("%s page %d of the sheet %s", aloneReason, s.decided.Missing[0], why))
		}
		switch n := doubtful[p.chosen.Page.Number]; {
		case open && n > 0:
			reasons = append(reasons, questionText(0, n))
		case open:
			reasons = append(reasons, "questionable: on the sheet's other page, or in a contest left open")
		}
		if n := hands[p.chosen.Page.Number]; n > 0 {
			reasons = append(reasons, handText(n))
		}
		p.reason = strings.Join(reasons, "; ")
	}
	// The back of a ballot printed on one side only is empty, and that is as it should be.
	other := read[0].chosen.Page.Number + 1
	if other%2 == 1 {
		other -= 2
	}
	if len(read) == 1 && style.Page(other) == nil {
		for i := range s.pages {
			if p := &s.pages[i]; p.outcome == Refused && emptyPage(p.reading.Refused) {
				p.outcome, p.reason = s.outcome, "empty-page: style "+style.ID+" prints nothing on this side"
			}
		}
	}
}

// suspectPlaces is how many places with other print than the blank a person is told of. Right pages of real scans have none
// to two (dust, an overprint's screen) unless a line was changed or the margin stretched; near twins have two to six.
const suspectPlaces = 3

// otherPrint says that the page shows other print than the style it was read as, or is empty.
func (p *pageResult) otherPrint() string {
	if m := p.reading.Match; m != nil && m.Other >= suspectPlaces {
		return fmt.Sprintf("other-print: at %d places the page shows other print than style %s", m.Other, p.label)
	}
	return ""
}

// aloneReason begins the reason of a page whose partner was not given or not read.
const aloneReason = "alone:"

// questionText says how much there is to look at.
func questionText(contests, targets int) string {
	var parts []string
	add := func(n int, what string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+what)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n, what))
		}
	}
	add(targets, "target")
	add(contests, "contest")
	return "questionable: " + strings.Join(parts, ", ")
}

// handText says how many targets people decided.
func handText(n int) string {
	if n == 1 {
		return "by-hand: 1 target"
	}
	return fmt.Sprintf("by-hand: %d targets", n)
}

func total(m map[int]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// readingsOf makes vote's readings of one page's marks.
func readingsOf(c *Candidate) []vote.Reading {
	out := make([]vote.Reading, len(c.Marks))
	for i, m := range c.Marks {
		t := c.Page.Targets[i]
		out[i] = vote.Reading{Page: c.Page.Number, Target: i, Contest: t.Contest, Choice: t.Choice, Mark: m}
	}
	return out
}

// reading is one way of taking a sheet's pages: a candidate for each.
type reading []*Candidate

// choose settles which style page each page of the sheet is. Twins are told apart by the partner; where nothing tells
// them apart they must mean the same.
func choose(e *election.Election, read []*pageResult) error {
	var ways []reading
	first := read[0].reading.Candidates
	for i := range first {
		if len(read) == 1 {
			ways = append(ways, reading{&first[i]})
			continue
		}
		second := read[1].reading.Candidates
		for j := range second {
			a, b := &first[i], &second[j]
			if a.Style.ID == b.Style.ID && a.Page.Sheet() == b.Page.Sheet() && a.Page.Number != b.Page.Number {
				ways = append(ways, reading{a, b})
			}
		}
	}
	if len(ways) == 0 {
		return &Refusal{SheetMismatch, fmt.Sprintf("%s is %s and %s is %s: not the two sides of one sheet",
			read[0].reading.Image, read[0].reading.what(), read[1].reading.Image, read[1].reading.what())}
	}
	labels := []string{ways[0][0].Style.ID}
	for _, w := range ways[1:] {
		if !sameMeaning(e, ways[0], w) {
			return &Refusal{Ambiguous, fmt.Sprintf("%s may be %s, which print alike but mean different contests or choices",
				read[0].reading.Image, describe(first))}
		}
		labels = append(labels, w[0].Style.ID)
	}
	for i, p := range read {
		p.chosen, p.label = ways[0][i], strings.Join(labels, "|")
	}
	return nil
}

// what says which style's page and which of its sheets the page is, and what its printed code says.
func (r *PageReading) what() string {
	text := describe(r.Candidates)
	if sheets := sheetsOf(r.Candidates); sheets != "" {
		text += ", sheet " + sheets
	}
	if r.Match != nil && r.Match.Code != nil {
		text += ", printed code " + template.SayCode(r.Match.Code)
	}
	return text
}

// sheetsOf names the sheets of their styles that the candidates are, each once.
func sheetsOf(cs []Candidate) string {
	var names []string
	for _, c := range cs {
		if n := strconv.Itoa(c.Page.Sheet()); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return strings.Join(names, " or ")
}

// describe names the style pages a page may be.
func describe(cs []Candidate) string {
	var names []string
	for _, c := range cs {
		names = append(names, fmt.Sprintf("%s page %d", c.Style.ID, c.Page.Number))
	}
	return strings.Join(names, " or ")
}

// samePlaceIn is how far apart, in inches, the same target of two styles may have been found on their blanks: two pixels
// at 100 dpi, well under half of any target's height.
const samePlaceIn = 0.02

// sameMeaning says whether two ways of taking a sheet give the same contests, choices and votes allowed at the same
// places, so that it does not matter which is true. What the sheet's other side holds matters where that was not read: a contest that goes on there
// is open, and so is every contest that a straight-party vote there would reach.
func sameMeaning(e *election.Election, a, b reading) bool {
	for i := range a {
		ta, tb := a[i].Page.Targets, b[i].Page.Targets
		if len(ta) != len(tb) || a[i].Page.Number != b[i].Page.Number {
			return false
		}
		for k := range ta {
			if ta[k].Contest != tb[k].Contest || ta[k].Choice != tb[k].Choice || ta[k].Rank != tb[k].Rank || ta[k].Shape != tb[k].Shape ||
				math.Abs(ta[k].X-tb[k].X) > samePlaceIn || math.Abs(ta[k].Y-tb[k].Y) > samePlaceIn {
				return false
			}
			if elsewhere(a, ta[k].Contest) != elsewhere(b, ta[k].Contest) {
				return false
			}
			na, oka := a[i].Style.VoteFor[ta[k].Contest]
			nb, okb := b[i].Style.VoteFor[ta[k].Contest]
			if na != nb || oka != okb {
				return false
			}
		}
	}
	for _, c := range e.Contests {
		if c.Kind == election.StraightParty && elsewhere(a, c.ID) != elsewhere(b, c.ID) {
			return false
		}
	}
	return true
}

// elsewhere says whether a contest has targets on a page of the sheet that was not read.
func elsewhere(r reading, contest string) bool {
	for i := range r[0].Style.Pages {
		p := &r[0].Style.Pages[i]
		if p.Sheet() != r[0].Page.Sheet() || slices.ContainsFunc(r, func(c *Candidate) bool { return c.Page.Number == p.Number }) {
			continue
		}
		if slices.ContainsFunc(p.Targets, func(t election.Target) bool { return t.Contest == contest }) {
			return true
		}
	}
	return false
}
