package audit

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// listed is how many lines of each list the text shows; the tables and JSON have them all.
const listed = 50

// WriteTable writes the comparison for people: totals and classes by contest, each difference, what is missing, and a closing
// sentence.
func (s *SheetComparison) WriteTable(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	part := "-"
	for i := range s.Totals {
		l := &s.Totals[i]
		if name := l.Part.text("All ballots"); name != part {
			part = name
			fmt.Fprintf(t, "%s\ncontest\tchoice\tparty\t%9s\t%10s\t%12s\t%7s\t%10s\t\n", Shown(name), "machine", "undisputed", "questionable", "total", "difference")
		}
		word := ""
		switch {
		case l.OverLimit:
			word = "OVER " + s.Limit.String()
		case !l.Agrees:
			word = "DIFFERS"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%9d\t%10d\t%12d\t%7d\t%10s\t%s\n", Shown(l.Contest), Shown(l.Choice), Shown(l.Party), l.Machine, l.Clear, l.Questionable, l.Total, signed(l.Difference), word)
	}
	if len(s.Margins) > 0 {
		fmt.Fprintf(t, "\nMargins by the machine's records, and what the differences do to them (image re-tabulation)\n")
		fmt.Fprintf(t, "contest\tleast lead\t%7s\t%13s\t%8s\t%8s\to2\to1\t0\tu1\tu2\topen\t\n", "margin", "by the sheets", "assorter", "off by")
		for i := range s.Margins {
			m := &s.Margins[i]
			fmt.Fprintf(t, "%s\t%s over %s\t%7d\t%13s\t%8s\t%8s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", Shown(m.Contest), Shown(m.Winner), Shown(m.Loser), m.Margin, span2(m.Low, m.High), E4(m.AssorterMargin),
				percent4(m.Share), m.Classes[Over2], m.Classes[Over1], m.Classes[Neutral], m.Classes[Under1], m.Classes[Under2], m.Open)
		}
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	trimLines(&b)
	sorted := s.ByKind()
	list(&b, "Differences", len(sorted), func(i int) string { return sorted[i].text() })
	list(&b, "Sheets without a record", len(s.MissingRecords), func(i int) string { return s.MissingRecords[i].text() })
	list(&b, "Records without a sheet", len(s.MissingImages), func(i int) string { return s.MissingImages[i].text() })
	list(&b, "Records given twice", len(s.Twice), func(i int) string { return s.Twice[i].text() })
	unbalanced := s.Unbalanced()
	list(&b, "Batches whose counts do not agree", len(unbalanced), func(i int) string { return unbalanced[i].String() })
	list(&b, "Names to confirm (not used until a person does, with --mapping)", len(s.Proposals), func(i int) string { return s.Proposals[i].text() })
	list(&b, "Unmatched names", len(s.Unmatched), func(i int) string { return s.Unmatched[i].named() })
	list(&b, "Notes", len(s.Notes), func(i int) string { return s.Notes[i] })
	b.WriteString("\n" + s.Summary() + "\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	return nil
}

func list(b *strings.Builder, title string, n int, at func(int) string) {
	if n == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s (%d)\n", title, n)
	for i := range min(n, listed) {
		b.WriteString("  " + Shown(at(i)) + "\n")
	}
	if n > listed {
		fmt.Fprintf(b, "  and %d more: --out and --json have them all\n", n-listed)
	}
}

// Summary is the closing sentence.
func (s *SheetComparison) Summary() string {
	out := fmt.Sprintf("%d of %d sheets have their record among %d; of %d contests on them %d agree", s.Matched, s.Sheets, s.Records, s.Contests, s.Agree)
	for _, k := range DifferenceKinds() {
		if n := s.Kinds[k]; n > 0 {
			out += fmt.Sprintf(", %d %s", n, k)
		}
	}
	for _, l := range []struct {
		what string
		n    int
	}{{"records without a sheet", len(s.MissingImages)}, {"records given twice", len(s.Twice)}, {"names to confirm", len(s.Proposals)}} {
		if l.n > 0 {
			out += fmt.Sprintf("; %s: %d", l.what, l.n)
		}
	}
	over := 0
	for i := range s.Totals {
		if s.Totals[i].OverLimit {
			over++
		}
	}
	switch {
	case over == 1:
		out += fmt.Sprintf("; 1 total is off by more than %s", s.Limit)
	case over > 1:
		out += fmt.Sprintf("; %d totals are off by more than %s", over, s.Limit)
	}
	return out + "."
}

// ByKind gives the differences in the order of DifferenceKinds, and within a kind as they were found.
func (s *SheetComparison) ByKind() []*SheetDifference {
	var out []*SheetDifference
	for _, k := range DifferenceKinds() {
		for i := range s.Differences {
			if s.Differences[i].Kind == k {
				out = append(out, &s.Differences[i])
			}
		}
	}
	return out
}

// text names the part, or says what stands for none.
func (p CVRPart) text(none string) string {
	var out []string
	for _, x := range []struct{ what, name string }{{"precinct", p.Precinct}, {"tabulator", p.Tabulator}, {"batch", p.Batch}, {"count group", p.CountGroup}} {
		if x.name != "" {
			out = append(out, x.what+" "+x.name)
		}
	}
	if len(out) == 0 {
		return none
	}
	return strings.Join(out, ", ")
}

func (d *SheetDifference) text() string {
	who := d.Sheet
	if who == "" {
		who = d.Record
	}
	s := fmt.Sprintf("%s, %s: %s (%s): machine %s; sheet %s", who, d.Contest, d.Kind, d.Class, d.Machine, d.Ours)
	if d.Sheet != "" {
		s += " [" + d.Record + "]"
	}
	return s
}

func (u *Unpaired) text() string { return u.Name + ": " + u.Why }

func (p *Pairing) text() string {
	if p.TheirChoice == "" {
		return fmt.Sprintf("%q is contest %q? (%s)", p.TheirContest, p.Contest, p.How)
	}
	return fmt.Sprintf("%s: %q is %q? (%s)", p.TheirContest, lineName(p.TheirChoice, p.TheirParty), lineName(p.Choice, p.Party), p.How)
}

// named says on which side a name stands alone.
func (u *Unmatched) named() string {
	s := u.Contest
	if u.Choice != "" {
		s += ", " + lineName(u.Choice, u.Party)
	}
	if u.Side == "ballots" {
		return s + ": only on the ballots"
	}
	s += ": only in the machine's records"
	if len(u.Similar) > 0 {
		s += "; is it " + strings.Join(u.Similar, ", or ") + "?"
	}
	return s
}

// E4 writes ten-thousandths as a fraction with four decimals.
func E4(n int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%04d", sign, n/10000, n%10000)
}

// percent4 writes ten-thousandths as a percentage.
func percent4(n int) string { return fmt.Sprintf("%d.%02d %%", n/100, n%100) }

// span2 writes an interval, or the one number it is.
func span2(low, high int) string {
	if low == high {
		return strconv.Itoa(low)
	}
	return fmt.Sprintf("%d to %d", low, high)
}

// WriteJSON writes the whole comparison.
func (s *SheetComparison) WriteJSON(w io.Writer) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	if _, err := w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	return nil
}

var returnHead = []string{"precinct", "tabulator", "batch", "count_group", "contest", "choice", "party", "machine", "undisputed", "questionable", "total", "difference", "agrees", "over_limit"}

// WriteReturn writes the totals as an audit return:
// precinct,tabulator,batch,count_group,contest,choice,party,machine,undisputed,questionable,total,difference,agrees,over_limit.
func (s *SheetComparison) WriteReturn(w io.Writer) error {
	rows := [][]string{returnHead}
	for i := range s.Totals {
		l := &s.Totals[i]
		rows = append(rows, append([]string{l.Part.Precinct, l.Part.Tabulator, l.Part.Batch, l.Part.CountGroup}, l.returned()...))
	}
	return writeRows(w, rows)
}

// returned are a line's fields in an audit return.
func (l *Line) returned() []string {
	return []string{l.Contest, l.Choice, l.Party, l.machine(), strconv.Itoa(l.Clear), strconv.Itoa(l.Questionable), strconv.Itoa(l.Total), strconv.Itoa(l.Difference), yes(l.Agrees), yes(l.OverLimit)}
}

// WriteDifferences writes a row a difference, missing sheet or record:
// sheet,record,contest,kind,class,machine,ours,detail,precinct,tabulator,batch,count_group,marks.
func (s *SheetComparison) WriteDifferences(w io.Writer) error {
	rows := [][]string{{"sheet", "record", "contest", "kind", "class", "machine", "ours", "detail", "precinct", "tabulator", "batch", "count_group", "marks"}}
	for i := range s.Differences {
		d := &s.Differences[i]
		var marks []string
		for _, m := range d.Marks {
			marks = append(marks, fmt.Sprintf("%s: %s, fill %s", m.Choice, m.Answer, m.Fill))
		}
		rows = append(rows, []string{d.Sheet, d.Record, d.Contest, string(d.Kind), string(d.Class), d.Machine, d.Ours, d.Detail, d.Precinct, d.Tabulator, d.Batch, d.CountGroup, strings.Join(marks, "; ")})
	}
	for _, l := range []struct {
		kind string
		list []Unpaired
		ours bool
	}{{"missing-cvr", s.MissingRecords, true}, {"missing-image", s.MissingImages, false}, {"record-twice", s.Twice, false}} {
		for _, u := range l.list {
			row := []string{"", u.Name, "", l.kind, "", "", "", u.Why, u.Precinct, u.Tabulator, u.Batch, u.CountGroup, ""}
			if l.ours {
				row[0], row[1] = u.Name, ""
			}
			rows = append(rows, row)
		}
	}
	return writeRows(w, rows)
}

// WriteMargins writes contest,winner,loser,ballots,margin,margin_low,margin_high,assorter_margin,difference_of_margin,o2,o1,0,u1,u2,open.
func (s *SheetComparison) WriteMargins(w io.Writer) error {
	rows := [][]string{{"contest", "winner", "loser", "ballots", "margin", "margin_low", "margin_high", "assorter_margin", "difference_of_margin", "o2", "o1", "0", "u1", "u2", "open"}}
	for i := range s.Margins {
		m := &s.Margins[i]
		row := []string{m.Contest, m.Winner, m.Loser, strconv.Itoa(m.Ballots), strconv.Itoa(m.Margin), strconv.Itoa(m.Low), strconv.Itoa(m.High), E4(m.AssorterMargin), E4(m.Share)}
		for _, k := range []Class{Over2, Over1, Neutral, Under1, Under2} {
			row = append(row, strconv.Itoa(m.Classes[k]))
		}
		rows = append(rows, append(row, strconv.Itoa(m.Open)))
	}
	return writeRows(w, rows)
}

func writeRows(w io.Writer, rows [][]string) error {
	if err := csv.NewWriter(w).WriteAll(rows); err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	return nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
