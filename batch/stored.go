package batch

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"recount/cvr"
	"recount/election"
	"recount/marks"
	"recount/vote"
)

// storedPage is one page of a counted sheet, as the ledger keeps it.
type storedPage struct {
	image, sha256 string
	index, number int
	rotation      int
	// What the ledger holds besides: style is empty for a page that was not read, and other counts its places of other print.
	id                     int64
	style, outcome, reason string
	other                  int
	marks                  []marks.Mark // one a target, in the style page's order
}

// read says whether the page was read and counted.
func (p *storedPage) read() bool { return p.style != "" }

// storedSheet is one counted sheet as the ledger keeps it, decided again from its marks.
type storedSheet struct {
	id              int64
	name, label     string
	outcome, reason string
	pages           []storedPage
	decided         vote.Sheet  // as it counts
	asRead          *vote.Sheet // before people decided anything on it; nil where nobody did
	decisions       []cvr.Decision
	rulings         []vote.Ruling // of decisions, those in force
}

// sheets gives every counted sheet in order, decided from the stored marks with the limits given, and by the run's log: no picture
// is needed. One sheet is held at a time. The ledger's only connection is taken until the loop ends.
func (l *ledger) sheets(e *election.Election, limits vote.Limits) iter.Seq2[*storedSheet, error] {
	return func(yield func(*storedSheet, error) bool) {
		decided, err := l.decisions()
		if err != nil {
			yield(nil, err)
			return
		}
		l.decide(e, limits, decided, "true")(yield)
	}
}

// decide is sheets with the decisions of another log, by page, and only those sheets that a condition on s, the sheet's row, holds
// for.
func (l *ledger) decide(e *election.Election, limits vote.Limits, decided map[int64][]storedDecision, where string, args ...any) iter.Seq2[*storedSheet, error] {
	return func(yield func(*storedSheet, error) bool) {
		rows, err := l.db.QueryContext(context.Background(), `SELECT s.id, s.name, s.style, s.number, s.outcome, s.reason, p.label, p.id, p.image,
			p.page, p.sha256, p.number, p.rotation, p.style, p.outcome, p.reason, p.other, m.target, `+markColumns("m.", "")+`
			FROM sheets s JOIN pages p ON p.sheet = s.id LEFT JOIN marks m ON m.page = p.id
			WHERE s.outcome IN ('counted','questions') AND `+where+` ORDER BY s.id, p.id, m.target`, args...)
		if err != nil {
			yield(nil, l.explain("read", err))
			return
		}
		defer rows.Close()
		g := gather{election: e, limits: limits, decided: decided}
		for rows.Next() {
			done, err := g.row(rows)
			if err != nil {
				yield(nil, l.explain("read", err))
				return
			}
			if done != nil && !yield(done, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, l.explain("read", err))
			return
		}
		last, err := g.finish()
		if err != nil {
			yield(nil, l.explain("read", err))
		} else if last != nil {
			yield(last, nil)
		}
	}
}

// gather puts a sheet together from its rows, one a mark.
type gather struct {
	election *election.Election
	limits   vote.Limits
	decided  map[int64][]storedDecision
	id, page int64
	style    *election.Style
	number   int
	sheet    *storedSheet
	readings []vote.Reading
}

// row takes one row, and gives the sheet before it once that is complete.
func (g *gather) row(rows *sql.Rows) (done *storedSheet, err error) {
	var id, page int64
	var name, style, outcome, reason, label string
	var number int
	var p storedPage
	var target sql.NullInt64
	var m storedMark
	columns := []any{&id, &name, &style, &number, &outcome, &reason, &label, &page, &p.image, &p.index, &p.sha256, &p.number, &p.rotation,
		&p.style, &p.outcome, &p.reason, &p.other, &target}
	if err := rows.Scan(append(columns, m.targets()...)...); err != nil {
		return nil, err
	}
	if g.sheet == nil || id != g.id {
		if done, err = g.finish(); err != nil {
			return nil, err
		}
		g.id, g.page, g.number = id, -1, number
		g.sheet = &storedSheet{id: id, name: name, outcome: outcome, reason: reason}
		if g.style = g.election.Style(style); g.style == nil {
			return nil, fmt.Errorf("sheet %s is of style %q, which the definition lacks", name, style)
		}
	}
	if page != g.page {
		g.page, p.id = page, page
		if p.read() && g.sheet.label == "" {
			g.sheet.label = label
		}
		g.sheet.pages = append(g.sheet.pages, p)
	}
	if !target.Valid {
		return done, nil
	}
	sp := g.style.Page(p.number)
	if sp == nil || target.Int64 < 0 || target.Int64 >= int64(len(sp.Targets)) {
		return nil, fmt.Errorf("sheet %s has a mark at target %d of page %d, which style %s lacks", name, target.Int64, p.number, style)
	}
	t := sp.Targets[target.Int64]
	last := &g.sheet.pages[len(g.sheet.pages)-1]
	if last.marks == nil {
		last.marks = make([]marks.Mark, len(sp.Targets))
	}
	last.marks[target.Int64] = m.mark()
	g.readings = append(g.readings, vote.Reading{Page: p.number, Target: int(target.Int64), Contest: t.Contest, Choice: t.Choice,
		Mark: last.marks[target.Int64]})
	return done, nil
}

// finish decides the sheet held, if any, and then as people did.
func (g *gather) finish() (*storedSheet, error) {
	s := g.sheet
	if s == nil {
		return nil, nil
	}
	s.decided = vote.DecideSheet(g.election, g.style, g.number, g.readings, g.limits)
	g.sheet, g.readings = nil, nil
	for i := range s.pages {
		for _, d := range g.decided[s.pages[i].id] {
			s.decisions = append(s.decisions, d.entry)
		}
		s.rulings = append(s.rulings, rulings(s.pages[i].number, g.decided[s.pages[i].id])...)
	}
	if len(s.decisions) == 0 {
		return s, nil
	}
	slices.SortStableFunc(s.decisions, func(a, b cvr.Decision) int { return a.Line - b.Line })
	read := s.decided
	s.asRead = &read
	var err error
	s.decided, err = read.Rule(g.election, g.style, s.rulings)
	return s, err
}
