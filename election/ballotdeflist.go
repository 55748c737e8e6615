package election

import (
	"fmt"
	"strings"
)

// count counts the file's positions.
func (r *bdRead) count(content []bdOrdered) {
	for _, c := range content {
		for _, ph := range c.Physical {
			for _, o := range ph.PhysicalContestOption {
				r.placed += len(o.OptionPosition)
			}
		}
		r.count(c.OrderedContent)
	}
}

// styleOf is a style's name and precinct.
func (r *bdRead) styleOf(s *bdStyle, taken map[string]bool) (name, precinct string) {
	for _, x := range s.ExternalIdentifier {
		if name = oneLine(x.Value); name != "" {
			break
		}
	}
	var units []string
	for _, id := range s.GpUnitIDs {
		if id != r.el.ElectionScopeID && r.units[id] != "" {
			units = append(units, r.units[id])
		}
	}
	if name == "" {
		name = strings.Join(units, ", ")
	}
	if len(units) == 1 { // with several, the style does not tell which
		precinct = units[0]
	}
	return styleName(name, taken), precinct
}

// list makes the contest list of a file without places.
func (r *bdRead) list() {
	taken := map[string]bool{}
	short := func(s string) string { // the list's fields are bounded in bytes
		for len(s) > maxListField {
			s = strings.TrimSpace(string([]rune(s)[:len([]rune(s))-1]))
		}
		return s
	}
	for i := range r.el.BallotStyle {
		s := &r.el.BallotStyle[i]
		name, _ := r.styleOf(s, taken)
		r.each(s.OrderedContent, fmt.Sprintf("/Election/0/BallotStyle/%d", i), func(c *bdOrdered, f *bdFound, at string) {
			if f.uncounted.What != "" {
				r.note("%s; it is left out", f.uncounted.What)
				return
			}
			for _, k := range r.ordered(c, f, at) {
				if len(r.out.Rows) >= MaxListRows {
					r.p.add(at, fmt.Sprintf("more than %d lines on all styles", MaxListRows), "split the election")
					return
				}
				ch := f.options[k].first
				r.out.Rows = append(r.out.Rows, Row{Line: len(r.out.Rows) + 2, Style: name, Page: 1, Contest: short(f.contest.Title), VoteFor: f.contest.VoteFor,
					Choice: short(ch.Name), Party: short(ch.Party), Candidate: short(ch.Candidate)})
			}
		})
	}
	if len(r.out.Rows) == 0 {
		r.p.add("/Election/0/BallotStyle", "no ballot style lists a contest", "")
		return
	}
	r.note("the file does not say where targets lie: this is its contest list only. Correct the pages (all are 1 here) and the number of write-in lines, then use 'recount template new' with blanks")
}

// ordered gives the options of a contest in the order of the style.
func (r *bdRead) ordered(c *bdOrdered, f *bdFound, at string) []int {
	var out []int
	for i, id := range c.OrderedContestOptionIDs {
		k, ok := f.byID[id]
		if !ok {
			r.p.add(fmt.Sprintf("%s/OrderedContestOptionIds/%d", at, i), fmt.Sprintf("contest %q has no option with the id %q", f.contest.Title, id), "")
			return nil
		}
		out = append(out, k)
	}
	if len(out) == 0 {
		for k := range f.options {
			out = append(out, k)
		}
	}
	return out
}

// each calls do for every contest of a style, in the style's order.
func (r *bdRead) each(content []bdOrdered, at string, do func(*bdOrdered, *bdFound, string)) {
	for i := range content {
		c, at := &content[i], fmt.Sprintf("%s/OrderedContent/%d", at, i)
		if r.p.full() {
			return
		}
		if c.ContestID == "" {
			r.each(c.OrderedContent, at, do)
			continue
		}
		if f := r.contests[c.ContestID]; f != nil {
			do(c, f, at)
		} else {
			r.p.add(at+"/ContestId", fmt.Sprintf("no contest has the id %q", c.ContestID), "")
		}
	}
}
