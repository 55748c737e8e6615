package election

import (
	"fmt"
	"strings"
	"unicode"
)

// maxProblems bounds how many problems one file reports: more are of no use to a person, and a hostile file could hold millions.
const maxProblems = 100

// Problem is one thing that is wrong with a definition.
type Problem struct {
	Where string // the path inside the file, as a JSON pointer: /styles/0/pages/1/targets/3
	What  string // what is wrong
	Mend  string // what to do about it
}

// String is the problem on one line.
func (p Problem) String() string {
	s := p.What
	if p.Where != "" {
		s = p.Where + ": " + s
	}
	if p.Mend != "" {
		s += " (" + p.Mend + ")"
	}
	return s
}

// Problems is the error of a definition that cannot be used: everything found wrong with it, at most 100 entries.
type Problems struct {
	File string
	List []Problem
	More bool // true where the list was cut
}

// Error names the file and every problem, one a line.
func (p *Problems) Error() string {
	var b strings.Builder
	name := p.File
	if name == "" {
		name = "election definition"
	}
	if len(p.List) == 1 && !p.More {
		return name + ": " + p.List[0].String()
	}
	fmt.Fprintf(&b, "%s: %d problems", name, len(p.List))
	if p.More {
		b.WriteString(" and more")
	}
	for _, q := range p.List {
		b.WriteString("\n  " + q.String())
	}
	return b.String()
}

// add notes a problem at the place that format and args spell.
func (p *Problems) add(where, what, mend string) {
	if len(p.List) >= maxProblems {
		p.More = true
		return
	}
	p.List = append(p.List, Problem{Where: plain(where), What: plain(what), Mend: mend})
}

// plain makes text out of a file fit for a person's terminal: no control characters, and not longer than a few lines.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.C, r) {
			return '\uFFFD'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 400 {
		return string(r[:400]) + "..."
	}
	return s
}

// full is true when looking further is of no use.
func (p *Problems) full() bool { return p.More }

// err is nil where nothing is wrong.
func (p *Problems) err() error {
	if len(p.List) == 0 {
		return nil
	}
	return p
}
