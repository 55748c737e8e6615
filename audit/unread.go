package audit

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
)

// unread are the columns of a table that are not read. Votes may stand in one of them under a name that is not known.
type unread []unreadColumn

type unreadColumn struct {
	at            int
	name          string
	filled, other bool // whether any field holds something, and whether one holds no count
}

// unreadOf are the columns of a header that are none of cols.
func unreadOf(head []string, cols []column) unread {
	known := map[int]bool{}
	for _, c := range cols {
		known[c.at] = true
	}
	var out unread
	for i, h := range head {
		if !known[i] {
			out = append(out, unreadColumn{at: i, name: strings.TrimSpace(h)})
		}
	}
	return out
}

// look sees what a row holds in the columns.
func (u unread) look(row []string) {
	for i := range u {
		c := &u[i]
		if s := trimmed(row[c.at]); s != "" && s != "-" {
			_, number := count(s)
			c.filled, c.other = true, c.other || !number
		}
	}
}

// numbered are names of columns whose numbers are no votes.
var numbered = regexp.MustCompile(`(?i)\b(ids?|no|codes?|fips|num|numbers?|nr|seq|order|rank|year|line|row|pct|percent|share|turnout|registered|voters|seats?|allowed|votes?[ _-]?for|ballots?)\b|_(id|code|no)$|id$`)

// say notes the columns that were not read. Where the votes are split over columns and no column holds their sum, a column of counts
// under an unknown name is an error: its votes would be missing.
func (u unread) say(m *Machine, checked bool) error {
	var names []string
	for _, c := range u {
		if !c.filled {
			continue
		}
		name := c.name
		if name == "" {
			name = fmt.Sprintf("number %d, without a name", c.at+1)
		}
		if !checked && !c.other && !numbered.MatchString(strings.ReplaceAll(name, "_", " ")) {
			return &ReadError{File: m.Name, Line: 1, Column: c.at + 1, Detail: fmt.Sprintf("column %.80q holds counts and has a name that is not known: its votes would be missing", name),
				Mend: "name it as a count group (absentee, early, mail, provisional, unknown), add a column votes with the sum, or take it out"}
		}
		names = append(names, name)
	}
	if len(names) > 0 {
		m.Notes = append(m.Notes, fmt.Sprintf("%s: columns that are not read: %.400s", m.Name, strings.Join(names, ", ")))
	}
	return nil
}

// repeats finds rows that stand twice in a table, in every field.
type repeats struct {
	lines    map[uint64]int // of each row's first
	n        int
	at, like int // the first that was found
}

// look sees the row that was read last. Rows without votes may stand as often as they like.
func (x *repeats) look(f []string, line int, m *Machine) {
	votes := 0
	for i := len(m.Rows) - 1; i >= 0 && m.Rows[i].Line == line; i-- {
		votes += m.Rows[i].Votes
	}
	if votes == 0 {
		return
	}
	h := fnv.New64a()
	for _, s := range f {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	first, again := x.lines[h.Sum64()]
	if !again {
		if x.lines == nil {
			x.lines = map[uint64]int{}
		}
		x.lines[h.Sum64()] = line
		return
	}
	if x.n++; x.n == 1 {
		x.at, x.like = line, first
	}
}

func (x *repeats) say(m *Machine) {
	if x.n > 0 {
		m.Notes = append(m.Notes, fmt.Sprintf("%s: rows that are the same as a row before in every field: %d (line %d as line %d); they are added like all others", m.Name, x.n, x.at, x.like))
	}
}
