package audit

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
)

// WriteCSV writes the comparison: contest,choice,party,machine,clear,questionable,total,difference,agrees,precinct,reported,finding,batch.
// agrees is yes or no; an unmatched name is a row with agrees "unmatched" and only its own side's number.
func (c *Comparison) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"contest", "choice", "party", "machine", "clear", "questionable", "total", "difference", "agrees", "precinct", "reported", "finding", "batch"}}
	for _, l := range c.Lines {
		agrees := "yes"
		if !l.Agrees {
			agrees = "no"
		}
		rows = append(rows, []string{l.Contest, l.Choice, l.Party, l.machine(), strconv.Itoa(l.Clear), strconv.Itoa(l.Questionable),
			strconv.Itoa(l.Total), strconv.Itoa(l.Difference), agrees, l.Precinct, l.reported(""), string(l.Finding), l.Batch})
	}
	for _, u := range c.Unmatched {
		machine, total, reported := strconv.Itoa(u.Votes), "", ""
		switch u.Side {
		case "ballots":
			machine, total = total, machine
		case "reported":
			machine, reported = reported, machine
		}
		rows = append(rows, []string{u.Contest, u.Choice, u.Party, machine, "", "", total, "", "unmatched", u.Precinct, reported, "", u.Batch})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	return nil
}

// machine is the machine's figure, empty where it has none.
func (l *Line) machine() string {
	if l.NoMachine {
		return ""
	}
	return strconv.Itoa(l.Machine)
}

// reported is the reported figure, or what stands for none.
func (l *Line) reported(none string) string {
	if l.ReportedVotes == nil {
		return none
	}
	return strconv.Itoa(*l.ReportedVotes)
}

// WriteJSON writes the comparison with its number of disagreements.
func (c *Comparison) WriteJSON(w io.Writer) error {
	b, err := json.MarshalIndent(struct {
		*Comparison
		Disagreements int `json:"disagreements"`
	}{c, c.Disagreements()}, "", "  ")
	if err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	if _, err := w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	return nil
}

// Shown makes a name of a stranger's file safe for a terminal: what does not print becomes a question mark.
func Shown(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

// signed is a difference with its sign.
func signed(n int) string {
	if n > 0 {
		return "+" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// WriteTable writes the comparison for people: a row a line, DISAGREES at the end of those that do, then the unmatched
// names with what to look at, the notes, and a closing sentence.
func (c *Comparison) WriteTable(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	var scope portion
	head := func(title string) {
		fmt.Fprintf(t, "%s\n", title)
		typed := ""
		if c.Reported != "" {
			typed = fmt.Sprintf("\t%9s", "reported")
		}
		fmt.Fprintf(t, "contest\tchoice\tparty\t%9s%s\t%7s\t%12s\t%7s\t%10s\t\n", "machine", typed, "clear", "questionable", "total", "difference")
	}
	for i, l := range c.Lines {
		if i == 0 || l.portion() != scope {
			scope = l.portion()
			title := "All ballots"
			if !scope.whole() {
				title = "\n" + Shown(scope.String())
			}
			head(title)
		}
		word := ""
		if !l.Agrees {
			word = "DISAGREES"
		}
		machine := fmt.Sprintf("%9s", l.machine())
		if c.Reported != "" {
			machine += fmt.Sprintf("\t%9s", l.reported("-"))
			if l.Finding != "" {
				word = strings.ToUpper(string(l.Finding))
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%7d\t%12d\t%7d\t%10s\t%s\n", Shown(l.Contest), Shown(l.Choice), Shown(l.Party), machine, l.Clear, l.Questionable, l.Total, signed(l.Difference), word)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	trimLines(&b)
	if len(c.Unmatched) > 0 {
		b.WriteString("\nUNMATCHED NAMES\n")
		for _, u := range c.Unmatched {
			b.WriteString("  " + u.text() + "\n")
		}
	}
	if len(c.Proposals) > 0 {
		b.WriteString("\nNames to confirm (not used until a person does, with --mapping)\n")
		for _, p := range c.Proposals {
			b.WriteString("  " + Shown(p.text()) + "\n")
		}
	}
	if len(c.Notes) > 0 {
		b.WriteString("\nNotes\n")
		for _, n := range c.Notes {
			b.WriteString("  " + Shown(n) + "\n")
		}
	}
	b.WriteString("\n" + c.Summary() + "\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	return nil
}

// text says what is unmatched, for a person.
func (u *Unmatched) text() string {
	var parts []string
	for _, s := range []string{portion{u.Precinct, u.Batch}.String(), u.Contest, lineName(u.Choice, u.Party)} {
		if s != "" {
			parts = append(parts, Shown(s))
		}
	}
	where := "only in the machine's totals"
	switch u.Side {
	case "ballots":
		where = "only on the ballots"
	case "reported":
		where = "only in the report"
	}
	s := fmt.Sprintf("%s: %s", strings.Join(parts, ", "), where)
	if u.Line > 0 {
		s += fmt.Sprintf(" (line %d)", u.Line)
	}
	if u.Contest != "" {
		s += fmt.Sprintf(", %d votes", u.Votes)
	}
	if len(u.Similar) > 0 {
		s += "; is it " + Shown(strings.Join(u.Similar, ", or ")) + "?"
	}
	return s
}

// named is how many disagreeing lines the closing sentence names.
const named = 4

// Summary is the closing sentence: how many lines disagree, and which.
func (c *Comparison) Summary() string {
	var which []string
	n := 0
	for _, l := range c.Lines {
		if l.Agrees && l.Finding == "" {
			continue
		}
		n++
		if n > named {
			continue
		}
		ours := strconv.Itoa(l.Clear)
		if l.Questionable > 0 {
			ours = fmt.Sprintf("%d to %d", l.Clear, l.Total)
		}
		s := fmt.Sprintf("%s, %s: machine %d, ballots %s", Shown(l.Contest), Shown(lineName(l.Choice, l.Party)), l.Machine, ours)
		if c.Reported != "" {
			machine := l.machine()
			if l.NoMachine {
				machine = "-"
			}
			s = fmt.Sprintf("%s, %s: %s (machine %s, reported %s, ballots %s)", Shown(l.Contest), Shown(lineName(l.Choice, l.Party)), l.Finding, machine, l.reported("-"), ours)
		}
		if at := l.portion(); !at.whole() {
			s = Shown(at.String()) + ", " + s
		}
		which = append(which, s)
	}
	if n > named {
		which = append(which, fmt.Sprintf("and %d more", n-named))
	}
	s := fmt.Sprintf("%d of %d lines disagree", n, len(c.Lines))
	if n == 0 {
		s = fmt.Sprintf("All %d lines agree", len(c.Lines))
	}
	if len(c.Lines) == 0 {
		s = "Nothing was compared"
	}
	if len(which) > 0 {
		s += ": " + strings.Join(which, "; ")
	}
	s += "."
	switch len(c.Unmatched) {
	case 0:
	case 1:
		s += " 1 name stands on one side only."
	default:
		s += fmt.Sprintf(" %d names stand on one side only.", len(c.Unmatched))
	}
	return s
}

// trimLines takes the spaces from the ends of the lines, which a table's last column leaves.
func trimLines(b *strings.Builder) {
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	b.Reset()
	b.WriteString(strings.Join(lines, "\n"))
}
