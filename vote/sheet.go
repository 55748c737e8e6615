package vote

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"recount/election"
	"recount/marks"
)

// DecideSheet decides one sheet of a style: every reading's answer, with Decide and then in the light of the sheet's
// other marks, and every contest that stands on the
// sheet. The readings are those of the sheet's pages that were scanned, in any order; they are copied, and come back in
// the order given. A contest of which some target was not read is doubtful (unless it is overvoted already); pages not
// read at all are named in Missing. A reading that is no target of the sheet is questionable and counts nowhere.
func DecideSheet(e *election.Election, style *election.Style, sheet int, readings []Reading, l Limits) Sheet {
	s := Sheet{Style: style.ID, Number: sheet, Readings: slices.Clone(readings)}
	places := layout(style, sheet)
	answers := map[place]Answer{}
	pages := map[int]bool{}
	var known []int // readings that are targets of the sheet
	for i := range s.Readings {
		r := &s.Readings[i]
		t, ok := places.targets[place{r.Page, r.Target}]
		if !ok {
			r.Answer, r.Reason = Questionable, fmt.Sprintf("style %s has no target %d on page %d of sheet %d", style.ID, r.Target, r.Page, sheet)
			continue
		}
		r.Answer, r.Reason = Decide(r.Mark, l.For(t.Shape))
		if t.Shape == election.Arrow && r.Answer == Vote && r.Mark.Spread < l.gap(r.Mark.Fill) {
			r.question(fmt.Sprintf("gap not closed: the line reaches over %s of the arrow's gap", percent(r.Mark.Spread)))
		}
		thin := t.Shape == election.Arrow && r.Answer == Vote && r.Mark.Fill < l.VoteFill
		if thin && (r.Mark.Dark < l.ArrowDark || r.Mark.Arms != 0) {
			r.question(fmt.Sprintf("thin line: %s of the arrow's gap filled, %s as dark as the print, as a hair is", percent(r.Mark.Fill), percent(r.Mark.Dark)))
		}
		// A line that closes a gap has nothing above or below it: of 573 drawn ones none has ink in a quarter there.
		if n := bits.OnesCount(uint(r.Mark.Arms)); t.Shape == election.Arrow && r.Answer == Vote && n >= 2 {
			r.question(fmt.Sprintf("ink runs on: the arrow's gap is closed, but %d of the four places above and below it are inked too", n))
		}
		r.Contest, r.Choice, r.Rank = t.Contest, t.Choice, t.Rank
		pages[r.Page] = true
		known = append(known, i)
	}
	readHands(e, style, s.Readings, l)
	for _, i := range known {
		r := &s.Readings[i]
		at := place{r.Page, r.Target}
		if old, twice := answers[at]; twice && old != r.Answer {
			r.Answer, r.Reason = Questionable, "the target was read twice with two answers"
		}
		answers[at] = r.Answer
	}
	nameless(e, style, s.Readings, l)
	for _, n := range places.pages {
		if !pages[n] {
			s.Missing = append(s.Missing, n)
		}
	}
	s.count(e, style, places, answers)
	return s
}

// gap is the part of an arrow's gap that a line of such a fill must reach over.
func (l Limits) gap(fill marks.Score) marks.Score {
	if fill < l.VoteFill {
		return max(l.ArrowSpread, l.ArrowJoined)
	}
	return l.ArrowSpread
}

// count applies the rules of every contest on the sheet to its targets' answers.
func (s *Sheet) count(e *election.Election, style *election.Style, places printed, answers map[place]Answer) {
	pages := map[int]bool{}
	for at := range answers {
		pages[at.page] = true
	}
	for _, id := range places.contests {
		c := e.Contest(id)
		if c == nil || !places.touches(id, pages) {
			continue
		}
		if c.Ranks > 0 {
			s.Contests = append(s.Contests, decideRanked(c, places.of[id], answers))
			continue
		}
		s.Contests = append(s.Contests, decideContest(c, style, places.of[id], answers))
	}
	straightParty(e, s, places, answers)
}

// place is one target of a style: page number and index in the page's Targets.
type place struct{ page, target int }

// printed is what stands on one sheet of a style.
type printed struct {
	targets  map[place]election.Target
	pages    []int    // those with targets, in order of their number
	contests []string // IDs, in order of first appearance
	of       map[string][]spot
}

// spot is one target of a contest.
type spot struct {
	at     place
	choice string
	rank   int
}

// layout gathers a sheet's targets, contest by contest.
func layout(style *election.Style, sheet int) printed {
	p := printed{targets: map[place]election.Target{}, of: map[string][]spot{}}
	var pages []*election.Page
	for i := range style.Pages {
		if g := &style.Pages[i]; g.Sheet() == sheet && len(g.Targets) > 0 {
			pages = append(pages, g)
		}
	}
	slices.SortStableFunc(pages, func(a, b *election.Page) int { return a.Number - b.Number })
	for _, g := range pages {
		p.pages = append(p.pages, g.Number)
		for i, t := range g.Targets {
			at := place{g.Number, i}
			p.targets[at] = t
			if _, ok := p.of[t.Contest]; !ok {
				p.contests = append(p.contests, t.Contest)
			}
			p.of[t.Contest] = append(p.of[t.Contest], spot{at, t.Choice, t.Rank})
		}
	}
	return p
}

// touches says whether any target of the contest stands on a page that was read.
func (p printed) touches(contest string, pages map[int]bool) bool {
	return slices.ContainsFunc(p.of[contest], func(s spot) bool { return pages[s.at.page] })
}

// unread names the pages of spots that have no answer: "page 2 was not read".
func unread(spots []spot, answers map[place]Answer) string {
	var pages []string
	for _, s := range spots {
		if _, ok := answers[s.at]; !ok {
			if n := fmt.Sprint(s.at.page); !slices.Contains(pages, n) {
				pages = append(pages, n)
			}
		}
	}
	switch len(pages) {
	case 0:
		return ""
	case 1:
		return "page " + pages[0] + " of the contest was not read"
	}
	return "pages " + strings.Join(pages, ", ") + " of the contest were not read"
}
