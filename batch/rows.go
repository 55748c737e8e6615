package batch

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"recount/election"
	"recount/marks"
)

// markFirst are the measurements that stand before the answer in marks.csv; the others follow it.
var markFirst = []string{"x", "y", "w", "h", "fill", "outline"}

// markFields are the measurements in the order of marks.csv: those before the answer, and those after it.
var markFields = func() (out [2][]marks.Field) {
	for _, f := range marks.Fields {
		after := 0
		if !slices.Contains(markFirst, f.Name) {
			after = 1
		}
		out[after] = append(out[after], f)
	}
	return out
}()

// markHead are the columns of marks.csv.
func markHead() []string {
	head := slices.Concat([]string{"image", "page", "style", "side", "contest", "choice"}, markFirst, []string{"mark", "reason", "party"})
	for _, f := range markFields[1] {
		head = append(head, f.Name)
	}
	return append(head, "damage", "rank", "by_hand")
}

// markRows are a sheet's rows of marks.csv: one a target read.
func (x *export) markRows(s *storedSheet) ([]byte, error) {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	var row []string
	at, read := 0, s.read()
	hand := map[[2]int]string{}
	for _, r := range s.rulings {
		hand[[2]int{r.Page, r.Target}] = string(r.Answer)
	}
	for i := range s.pages {
		p := &s.pages[i]
		for _, k := range p.measured {
			r := &read.Readings[at]
			at++
			if r.Page != p.number || r.Target != k {
				return nil, fmt.Errorf("%s: target %d was not decided in its turn", p.image, k)
			}
			t := p.printed.Targets[k]
			contest, choice := x.names(t)
			row = append(row[:0], p.image, strconv.Itoa(p.index), p.label, p.printed.Side(), contest, choice.Name)
			row = appendFields(row, markFields[0], &r.Mark)
			row = append(row, string(r.Answer), r.Reason, choice.Party)
			row = append(appendFields(row, markFields[1], &r.Mark), r.Mark.Damage, rankOf(t), hand[[2]int{p.number, k}])
			if err := out.Write(row); err != nil {
				return nil, err
			}
		}
	}
	out.Flush()
	return b.Bytes(), out.Error()
}

// appendFields adds a mark's measurements as they are written.
func appendFields(row []string, fields []marks.Field, m *marks.Mark) []string {
	for i := range fields {
		v := *fields[i].At(m)
		if fields[i].Score {
			row = append(row, marks.Score(v).String())
		} else {
			row = append(row, strconv.Itoa(v))
		}
	}
	return row
}

// contestHead are the columns of contests.csv.
var contestHead = []string{"sheet", "style", "contest", "allowed", "votes", "overvotes", "undervotes", "doubt", "write_ins", "status",
	"straight", "reason", "ranking", "rank_faults", "by_hand"}

// contestRows are a sheet's rows of contests.csv: one a contest.
func (x *export) contestRows(s *storedSheet) ([]byte, error) {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	for i := range s.decided.Contests {
		k := &s.decided.Contests[i]
		title, ranking := k.Contest, rankingText(k)
		if c := x.election.Contest(k.Contest); c != nil {
			title, ranking = c.Title, namedRanking(c, ranking)
		}
		row := []string{s.name, s.label, title}
		for _, v := range []int{k.Allowed, k.Votes, k.Overvotes, k.Undervotes, k.Doubt, k.WriteIns} {
			row = append(row, strconv.Itoa(v))
		}
		if err := out.Write(append(row, string(k.Status), strconv.Itoa(k.Straight), k.Reason, ranking, rankFaults(k), strconv.Itoa(k.ByHand))); err != nil {
			return nil, err
		}
	}
	out.Flush()
	return b.Bytes(), out.Error()
}

// table writes a query's rows as CSV under a header. row turns one row into fields.
func (x *export) table(w io.Writer, header []string, query string, row func(scan func(...any) error) ([]string, error)) error {
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	rows, err := x.ledger.db.Query(query)
	if err != nil {
		return x.ledger.explain("read", err)
	}
	defer rows.Close()
	for rows.Next() {
		fields, err := row(rows.Scan)
		if err != nil {
			return x.ledger.explain("read", err)
		}
		if err := out.Write(fields); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return x.ledger.explain("read", err)
	}
	out.Flush()
	return out.Error()
}

// sheets writes sheets.csv: one row an input page, or a file that gave none.
func (x *export) sheets(w io.Writer) error {
	return x.table(w, []string{"image", "page", "sha256", "outcome", "reason", "style", "side", "sheet", "rotation", "skew_deg",
		"scale", "residual_px", "quality", "anchors", "anchors_used", "misfit_px", "pixels"},
		`SELECT p.image, p.page, p.sha256, p.outcome, p.reason, p.style, p.label, p.number, s.name, p.rotation, p.skew, p.scale,
			p.residual, p.quality, p.sought, p.used, p.misfit, p.pixels FROM pages p JOIN sheets s ON s.id = p.sheet ORDER BY p.id`,
		func(scan func(...any) error) ([]string, error) {
			var image, sha, outcome, reason, style, label, sheet, quality, pixels string
			var page, number, rotation, skew, scale, residual, sought, used, misfit int
			if err := scan(&image, &page, &sha, &outcome, &reason, &style, &label, &number, &sheet, &rotation, &skew, &scale,
				&residual, &quality, &sought, &used, &misfit, &pixels); err != nil {
				return nil, err
			}
			side, turn, slant, size, rest := "", "", "", "", ""
			anchors, held, worst := "", "", ""
			if p := x.page(style, number); p != nil {
				side = p.Side()
			}
			if scale != 0 { // a page that was matched
				turn, slant = strconv.Itoa(rotation), decimal(skew, 4)
				size, rest = decimal(scale, 6), decimal(residual, 3)
				anchors, held, worst = strconv.Itoa(sought), strconv.Itoa(used), decimal(misfit, 3)
			}
			return []string{image, strconv.Itoa(page), sha, outcome, reason, label, side, sheet, turn, slant, size, rest, quality, anchors, held, worst, pixels}, nil
		})
}

// page finds a style's page, or nil.
func (x *export) page(style string, number int) *election.Page {
	s := x.election.Style(style)
	if s == nil {
		return nil
	}
	return s.Page(number)
}

// names gives a target's contest title and its choice.
func (x *export) names(t election.Target) (string, election.Choice) {
	c := x.election.Contest(t.Contest)
	if c == nil {
		return t.Contest, election.Choice{Name: t.Choice}
	}
	ch := c.Choice(t.Choice)
	if ch == nil {
		return c.Title, election.Choice{Name: t.Choice}
	}
	return c.Title, *ch
}

// decimal prints v parts of 1/10^digits without passing through a float.
func decimal(v, digits int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	unit := 1
	for range digits {
		unit *= 10
	}
	return fmt.Sprintf("%s%d.%0*d", sign, v/unit, digits, v%unit)
}
