package election

import (
	"strconv"
	"strings"
	"unicode"
)

// Imported is what a reader of another program's definition gives.
type Imported struct {
	// Election is the definition, or nil where the file does not say where the targets lie. Pages have a Picture with dpi and
	// size but no file yet: the picture is a blank's, or drawn from the page.
	Election *Election
	// Rows is the contest list that the file carries, in its order, whether or not it says where the targets lie.
	Rows []Row
	// Notes tell a person what the file says that the definition cannot hold, and what was read into it.
	Notes []string
}

// maxLine bounds one line of text, in letters: the schema's bound.
const maxLine = 500

// oneLine makes one line of a printed text: line breaks, control characters and those that do not show become spaces, and
// spaces in a row become one.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, " ")
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.C, r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxLine {
		s = strings.TrimSpace(string(r[:maxLine]))
	}
	return s
}

// longestID is the most runes of another program's ID that is kept.
const longestID = 110

// plainID says whether an ID is of letters, numbers, and, after the first, '_' and '-'. As a regular expression this took four
// megabytes and half of the program's start.
func plainID(id string) bool {
	n := 0
	for i, r := range id {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && (i == 0 || r != '_' && r != '-') {
			return false
		}
		n++
	}
	return n > 0 && n <= longestID
}

// keep hands out an ID: the other program's own where it can be one of ours, so that its records can be held against ours,
// else a slug of it.
func (s slugs) keep(id string) string {
	if plainID(id) && !s[id] {
		s[id] = true
		return id
	}
	return s.next(id)
}

// styleName makes a style's name of another program's: without '/', '\' and '=', which the command line cannot name.
func styleName(s string, taken map[string]bool) string {
	s = oneLine(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\=`, r) {
			return '-'
		}
		return r
	}, s))
	if r := []rune(s); len(r) > 100 {
		s = strings.TrimSpace(string(r[:100]))
	}
	if s == "" {
		s = "style"
	}
	name := s
	for n := 2; taken[name]; n++ {
		name = s + "-" + strconv.Itoa(n)
	}
	taken[name] = true
	return name
}

// distinct gives every contest a title of its own: people and totals know contests by their titles. more is what the file
// has to tell contests of one title apart, a party or a district; it may be empty.
func distinct(titles, more []string) []string {
	count := map[string]int{}
	for _, t := range titles {
		count[strings.ToLower(t)]++
	}
	out := make([]string, len(titles))
	seen := map[string]bool{}
	for i, t := range titles {
		if count[strings.ToLower(t)] > 1 && more[i] != "" {
			t += " (" + more[i] + ")"
		}
		name := t
		for n := 2; seen[strings.ToLower(name)]; n++ {
			name = t + " [" + strconv.Itoa(n) + "]"
		}
		seen[strings.ToLower(name)] = true
		out[i] = name
	}
	return out
}

// Rows is the contest list of a definition: one row a target, in the definition's order, with its place in inches.
func (e *Election) Rows() []Row {
	var out []Row
	for i := range e.Styles {
		s := &e.Styles[i]
		for j := range s.Pages {
			for _, t := range s.Pages[j].Targets {
				c := e.Contest(t.Contest)
				if c == nil || c.Choice(t.Choice) == nil {
					continue
				}
				ch := c.Choice(t.Choice)
				out = append(out, Row{Line: len(out) + 2, Style: s.ID, Page: s.Pages[j].Number, Contest: c.Title, VoteFor: s.Allowed(c),
					Choice: ch.Name, Party: ch.Party, Candidate: ch.Candidate, X: t.X, Y: t.Y, HasXY: true,
					Rank: t.Rank, Kind: c.Kind, Straight: c.Straight, Partisan: c.Partisan})
			}
		}
	}
	return out
}
