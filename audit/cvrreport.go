package audit

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteTable writes the totals for people: a block a contest, then what to look at and the notes.
func (o *CVRTotals) WriteTable(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	for i := range o.Contests {
		o.Contests[i].table(t)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write tally: %w", err)
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	for _, n := range o.Look {
		lines[len(lines)-1] += "LOOK: " + Shown(n)
		lines = append(lines, "")
	}
	for _, n := range o.Notes {
		lines[len(lines)-1] += "Note: " + Shown(n)
		lines = append(lines, "")
	}
	if _, err := io.WriteString(w, strings.Join(lines, "\n")); err != nil {
		return fmt.Errorf("write tally: %w", err)
	}
	return nil
}

func (c *CVRContestTotal) table(w io.Writer) {
	head := Shown(c.Contest)
	switch {
	case c.Ranks > 1:
		head += fmt.Sprintf(" (ranked, %d ranks)", c.Ranks)
	case c.VoteFor > 0:
		head += fmt.Sprintf(" (vote for %d)", c.VoteFor)
	}
	for _, p := range []struct{ what, name string }{{"precinct", c.Precinct}, {"tabulator", c.Tabulator}, {"batch", c.Batch}, {"", c.CountGroup}} {
		if p.name != "" {
			head += ", " + strings.TrimSpace(p.what+" "+Shown(p.name))
		}
	}
	fmt.Fprintf(w, "%s\n", head)
	row := func(name, party string, n string, byRank []int) {
		fmt.Fprintf(w, "  %s\t%s\t%9s", Shown(name), Shown(party), n)
		for _, v := range byRank {
			fmt.Fprintf(w, "\t%7d", v)
		}
		fmt.Fprintln(w, "\t")
	}
	if c.Ranks > 1 {
		fmt.Fprintf(w, "  \t\t%9s", "votes")
		for r := range c.Ranks {
			fmt.Fprintf(w, "\t%7s", "rank "+strconv.Itoa(r+1))
		}
		fmt.Fprintln(w, "\t")
	}
	for _, ch := range c.Choices {
		row(ch.Choice, ch.Party, strconv.Itoa(ch.Votes), ch.ByRank)
	}
	number := func(n *int) string {
		if n == nil {
			return "?"
		}
		return strconv.Itoa(*n)
	}
	row(OverVotes, "", number(c.Overvotes), nil)
	row(UnderVotes, "", number(c.Undervotes), nil)
	row(Ballots, "", strconv.Itoa(c.Ballots), nil)
	row(BallotsOver, "", strconv.Itoa(c.BallotsOvervoted), nil)
	row(BallotsBlank, "", strconv.Itoa(c.BallotsBlank), nil)
	if c.BallotsInvalid > 0 {
		row("Ballots Invalid", "", strconv.Itoa(c.BallotsInvalid), nil)
	}
	fmt.Fprintln(w)
}
