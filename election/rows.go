package election

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// writeIn finds the texts that stand beside a write-in target: "Write-in", "Write in 2", "WRITE-IN: ____", "(Writein)",
// "or write-in". A name that only begins alike ("Write Ingram") is none.
var writeIn = regexp.MustCompile(`(?i)^[\s\W_]*(or\s+)?write[\s\p{Pd}]*ins?(\b|_)`)

// IsWriteIn says whether a choice's printed text is that of a write-in line.
func IsWriteIn(text string) bool { return writeIn.MatchString(text) }

// FromRows builds a definition from a contest list. Rows with the same contest title are one contest, on every style; its
// choices are the rows' by name and party, in order of first appearance. Rows of one contest that name the same candidate
// are one person. Each page gets one Target a row, in row order, with Contest and Choice, and X and Y where the row has
// them; W, H, Shape and the pictures are left for whoever looks at the blanks. All errors are given at once and name lines
// of the list.
func FromRows(title string, rows []Row) (*Election, error) {
	title = strings.Join(strings.Fields(title), " ")
	if title == "" {
		return nil, errors.New("the election has no title; give it one")
	}
	if len(rows) == 0 {
		return nil, errors.New("the contest list has no row; add one row a target")
	}
	b := &builder{
		e:        &Election{Format: Format, Title: title},
		contests: map[string]*contestRows{},
		styles:   map[string]int{},
		ids:      slugs{},
		lines:    map[rowKey]int{},
		allowed:  map[[2]string]Row{},
	}
	for _, r := range rows {
		b.add(r)
	}
	if len(b.bad) > 0 {
		return nil, errors.Join(b.bad...)
	}
	return b.e, nil
}

// builder holds what FromRows has met so far.
type builder struct {
	e        *Election
	contests map[string]*contestRows // by title
	styles   map[string]int          // index by name
	ids      slugs
	lines    map[rowKey]int    // line where each target first stood
	allowed  map[[2]string]Row // the row that first said vote_for, by style and title
	bad      []error
}

// contestRows is one contest being built.
type contestRows struct {
	index   int // in Election.Contests
	ids     slugs
	choices map[choiceKey]int // index in Contest.Choices
	first   Row               // the first row that names it
	printed map[rowKey]int    // how many write-in lines of one text a style has so far
}

// choiceKey tells choices of a contest apart. n counts write-in lines of the same text on one style, from 0.
type choiceKey struct {
	name, party string
	n           int
}

// rowKey tells targets apart. page is 0 where it does not matter.
type rowKey struct {
	style, contest, choice, party string
	page, rank                    int
}

func (b *builder) fault(line int, format string, args ...any) {
	if len(b.bad) < maxListBad {
		b.bad = append(b.bad, fmt.Errorf("contest list, line %d: %s", line, fmt.Sprintf(format, args...)))
	}
}

func (b *builder) add(r Row) {
	s := b.style(r)
	c := b.contest(r, s)
	key := rowKey{r.Style, r.Contest, r.Choice, r.Party, r.Page, r.Rank}
	first, again := b.lines[key]
	if !again {
		b.lines[key] = r.Line
	}
	n := 0
	if IsWriteIn(r.Choice) {
		key.page = 0
		n = c.printed[key]
		c.printed[key]++
	} else if again {
		b.fault(r.Line, "%q stands a second time under %q on page %d of style %q (first on line %d); take one row out, or give the lines different party names and the same candidate if they are one person",
			r.Choice, r.Contest, r.Page, r.Style, first)
		return
	}
	choice := b.choice(c, r, n)
	page := s.Page(r.Page)
	if page == nil {
		s.Pages = append(s.Pages, Page{Number: r.Page})
		page = &s.Pages[len(s.Pages)-1]
	}
	t := Target{Contest: b.e.Contests[c.index].ID, Choice: choice, Rank: r.Rank}
	if r.HasXY {
		t.X, t.Y = r.X, r.Y
	}
	page.Targets = append(page.Targets, t)
}

// style finds or makes the row's style. Its ID is the list's own name, which STYLE/PAGE=BLANK uses.
func (b *builder) style(r Row) *Style {
	i, ok := b.styles[r.Style]
	if !ok {
		i = len(b.e.Styles)
		b.styles[r.Style] = i
		b.e.Styles = append(b.e.Styles, Style{ID: r.Style})
	}
	return &b.e.Styles[i]
}

// contest finds or makes the row's contest and settles its votes allowed on this style.
func (b *builder) contest(r Row, s *Style) *contestRows {
	c, ok := b.contests[r.Contest]
	if !ok {
		c = &contestRows{index: len(b.e.Contests), ids: slugs{}, choices: map[choiceKey]int{}, printed: map[rowKey]int{}}
		b.contests[r.Contest] = c
		c.first = r
		b.e.Contests = append(b.e.Contests, Contest{ID: b.ids.next(r.Contest), Title: r.Contest, VoteFor: r.VoteFor, Kind: r.Kind, Straight: r.Straight, Partisan: r.Partisan})
	}
	contest := &b.e.Contests[c.index]
	contest.Ranks = max(contest.Ranks, r.Rank)
	if (r.Rank > 0) != (c.first.Rank > 0) {
		b.fault(r.Line, "contest %q has a rank on some rows and none on others (line %d); give every row of a ranked contest its rank", r.Contest, c.first.Line)
	}
	if r.KindText() != c.first.KindText() {
		b.fault(r.Line, "contest %q is of kind %q here and %q on line %d; give all its rows one", r.Contest, r.KindText(), c.first.KindText(), c.first.Line)
	}
	said, ok := b.allowed[[2]string{r.Style, r.Contest}]
	switch {
	case !ok:
		b.allowed[[2]string{r.Style, r.Contest}] = r
		if r.VoteFor != contest.VoteFor {
			if s.VoteFor == nil {
				s.VoteFor = map[string]int{}
			}
			s.VoteFor[contest.ID] = r.VoteFor
		}
	case said.VoteFor != r.VoteFor:
		b.fault(r.Line, "contest %q on style %q is vote for %d here and vote for %d on line %d; give it one number, or two contests two titles",
			r.Contest, r.Style, r.VoteFor, said.VoteFor, said.Line)
	}
	return c
}

// choice finds or makes the row's choice and gives its ID.
func (b *builder) choice(c *contestRows, r Row, n int) string {
	contest := &b.e.Contests[c.index]
	key := choiceKey{r.Choice, r.Party, n}
	i, ok := c.choices[key]
	if !ok {
		c.choices[key] = len(contest.Choices)
		ch := Choice{
			ID:        c.ids.next(strings.TrimSpace(r.Choice + " " + r.Party)),
			Name:      r.Choice,
			Party:     r.Party,
			Candidate: r.Candidate,
			WriteIn:   IsWriteIn(r.Choice),
		}
		if other := contest.candidate(r.Candidate); other != nil && (ch.WriteIn || other.WriteIn) {
			b.fault(r.Line, "candidate %q of contest %q stands on two lines, one of them a write-in; a write-in may be anybody, so leave its candidate empty", r.Candidate, r.Contest)
		}
		contest.Choices = append(contest.Choices, ch)
		return ch.ID
	}
	ch := &contest.Choices[i]
	if ch.Candidate == "" {
		ch.Candidate = r.Candidate
	} else if r.Candidate != "" && r.Candidate != ch.Candidate {
		b.fault(r.Line, "%q under %q is candidate %q here and %q before; give one line one candidate", r.Choice, r.Contest, r.Candidate, ch.Candidate)
	}
	return ch.ID
}

// candidate finds the first choice that names the candidate, or nil; the empty candidate is nobody.
func (c *Contest) candidate(name string) *Choice {
	for i := range c.Choices {
		if name != "" && c.Choices[i].Candidate == name {
			return &c.Choices[i]
		}
	}
	return nil
}
