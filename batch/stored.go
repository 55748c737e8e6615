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
	id                            int64
	style, label, outcome, reason string
	other                         int
	marks                         []marks.Mark   // one a target, in the style page's order
	measured                      []int          // the targets that have one
	printed                       *election.Page // the style's page that it is
	answers                       []answer       // as the ledger has them, one a target, where they were asked for
}

// answer is a target's answer with its reason.
type answer struct{ answer, reason string }

// read says whether the page was read and counted.
func (p *storedPage) read() bool { return p.style != "" }

// storedSheet is one counted sheet as the ledger keeps it, decided again from its marks.
type storedSheet struct {
	id              int64
	name, label     string
	outcome, reason string
	style           *election.Style
	number          int
	pages           []storedPage
	decided         vote.Sheet  // as it counts
	asRead          *vote.Sheet // before people decided anything on it; nil where nobody did
	decisions       []cvr.Decision
	rulings         []vote.Ruling // of decisions, those in force
	changes         []change      // where it was decided again
}

// chunkSheets is how many sheets are read from the ledger at a time: 64 of 60 targets are some 4 MB with all that is written of them.
const chunkSheets = 64

// sheets gives every counted sheet in order, decided from the stored marks with the limits given, and by the run's log: no picture
// is needed. One chunk of sheets is held at a time.
func (l *ledger) sheets(e *election.Election, limits vote.Limits) iter.Seq2[*storedSheet, error] {
	return func(yield func(*storedSheet, error) bool) {
		n, err := l.chunks()
		if err != nil {
			yield(nil, err)
			return
		}
		decided, err := l.decisions()
		if err != nil {
			yield(nil, err)
			return
		}
		for k := range n {
			sheets, err := l.chunk(e, k, decided, false)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, s := range sheets {
				if err := s.decide(e, limits); err != nil {
					yield(nil, l.explain("read", err))
					return
				}
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// chunks is how many chunks the ledger has. Sheets are numbered from 1, without gaps.
func (l *ledger) chunks() (int, error) {
	var last sql.NullInt64
	if err := l.db.QueryRow(`SELECT max(id) FROM sheets`).Scan(&last); err != nil {
		return 0, l.explain("read", err)
	}
	return int((last.Int64 + chunkSheets - 1) / chunkSheets), nil
}

// chunk reads the counted sheets of chunk k from 0 on, not decided yet, with what people decided by page; with answers those that the ledger
// holds come too.
func (l *ledger) chunk(e *election.Election, k int, decided map[int64][]storedDecision, answers bool) ([]*storedSheet, error) {
	return l.between(e, int64(k)*chunkSheets, int64(k+1)*chunkSheets, decided, answers)
}

// sheet reads one counted sheet by its ID, decided by its marks alone; nil where there is none.
func (l *ledger) sheet(e *election.Election, limits vote.Limits, id int64) (*storedSheet, error) {
	sheets, err := l.between(e, id-1, id, nil, false)
	if err != nil || len(sheets) == 0 {
		return nil, err
	}
	return sheets[0], sheets[0].decide(e, limits)
}

// between reads the counted sheets with IDs over after, up to last.
func (l *ledger) between(e *election.Election, after, last int64, decided map[int64][]storedDecision, answers bool) ([]*storedSheet, error) {
	c, err := l.db.Conn(context.Background())
	if err != nil {
		return nil, l.explain("read", err)
	}
	defer c.Close()
	g := gather{election: e}
	err = g.readPages(c, after, last)
	if err == nil && len(g.byID) > 0 {
		err = g.readMarks(c, answers)
	}
	if err != nil {
		return nil, l.explain("read", err)
	}
	if decided != nil {
		for _, s := range g.sheets {
			s.byHand(decided)
		}
	}
	return g.sheets, nil
}

// byHand gives the sheet what people decided on it.
func (s *storedSheet) byHand(decided map[int64][]storedDecision) {
	for i := range s.pages {
		for _, d := range decided[s.pages[i].id] {
			s.decisions = append(s.decisions, d.entry)
		}
		s.rulings = append(s.rulings, rulings(s.pages[i].number, decided[s.pages[i].id])...)
	}
	slices.SortStableFunc(s.decisions, func(a, b cvr.Decision) int { return a.Line - b.Line })
}

// gather puts a chunk's sheets together from the ledger's rows.
type gather struct {
	election    *election.Election
	sheets      []*storedSheet
	byID        map[int64]*storedPage
	first, last int64 // page IDs
}

// readPages reads the sheets with their pages.
func (g *gather) readPages(c *sql.Conn, after, last int64) error {
	rows, err := c.QueryContext(context.Background(), `SELECT s.id, s.name, s.style, s.number, s.outcome, s.reason, p.label, p.id, p.image,
		p.page, p.sha256, p.number, p.rotation, p.style, p.outcome, p.reason, p.other
		FROM sheets s JOIN pages p ON p.sheet = s.id WHERE s.id > ? AND s.id <= ? AND s.outcome IN ('counted','questions') ORDER BY s.id, p.id`,
		after, last)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s storedSheet
		var p storedPage
		var style string
		if err := rows.Scan(&s.id, &s.name, &style, &s.number, &s.outcome, &s.reason, &p.label, &p.id, &p.image, &p.index, &p.sha256, &p.number,
			&p.rotation, &p.style, &p.outcome, &p.reason, &p.other); err != nil {
			return err
		}
		if len(g.sheets) == 0 || g.sheets[len(g.sheets)-1].id != s.id {
			if s.style = g.election.Style(style); s.style == nil {
				return fmt.Errorf("sheet %s is of style %q, which the definition lacks", s.name, style)
			}
			g.sheets = append(g.sheets, &s)
		}
		into := g.sheets[len(g.sheets)-1]
		if p.read() && into.label == "" {
			into.label = p.label
		}
		into.pages = append(into.pages, p)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	g.byID = map[int64]*storedPage{}
	for _, s := range g.sheets {
		for i := range s.pages {
			p := &s.pages[i]
			p.printed = s.style.Page(p.number)
			g.byID[p.id] = p
			if g.first == 0 || p.id < g.first {
				g.first = p.id
			}
			g.last = max(g.last, p.id)
		}
	}
	return nil
}

// readMarks reads the marks of the chunk's pages. Every row costs: they are the bulk of a ledger.
func (g *gather) readMarks(c *sql.Conn, answers bool) error {
	more := ""
	if answers {
		more = "answer, reason, "
	}
	rows, err := c.QueryContext(context.Background(), `SELECT page, target, `+more+markColumns("", "")+` FROM marks WHERE page >= ? AND page <= ? ORDER BY page, target`, g.first, g.last)
	if err != nil {
		return err
	}
	defer rows.Close()
	var page, target int64
	var was answer
	var m storedMark
	into := []any{&page, &target}
	if answers {
		into = append(into, &was.answer, &was.reason)
	}
	into = append(into, m.targets()...)
	var at *storedPage
	var atID int64
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if at == nil || atID != page {
			if at = g.byID[page]; at == nil {
				continue // of a sheet that is not counted
			}
			atID = page
			if err := at.makeRoom(answers); err != nil {
				return err
			}
		}
		if target < 0 || target >= int64(len(at.marks)) {
			return fmt.Errorf("%s has a mark at target %d of page %d, which style %s lacks", at.image, target, at.number, at.style)
		}
		at.marks[target] = m.mark()
		at.measured = append(at.measured, int(target))
		if answers {
			at.answers[target] = was
		}
	}
	return rows.Err()
}

// makeRoom readies a page for its marks.
func (p *storedPage) makeRoom(answers bool) error {
	if !p.read() || p.printed == nil {
		return fmt.Errorf("%s has marks on page %d, which its style lacks", p.image, p.number)
	}
	n := len(p.printed.Targets)
	p.marks, p.measured = make([]marks.Mark, n), make([]int, 0, n)
	if answers {
		p.answers = make([]answer, n)
	}
	return nil
}

// decide decides the sheet from its marks, and then as people did.
func (s *storedSheet) decide(e *election.Election, limits vote.Limits) error {
	n := 0
	for i := range s.pages {
		n += len(s.pages[i].measured)
	}
	readings := make([]vote.Reading, 0, n)
	for i := range s.pages {
		p := &s.pages[i]
		for _, k := range p.measured {
			t := p.printed.Targets[k]
			readings = append(readings, vote.Reading{Page: p.number, Target: k, Contest: t.Contest, Choice: t.Choice, Mark: p.marks[k]})
		}
	}
	s.decided = vote.DecideSheet(e, s.style, s.number, readings, limits)
	if len(s.decisions) == 0 {
		return nil
	}
	read := s.decided
	s.asRead = &read
	var err error
	s.decided, err = read.Rule(e, s.style, s.rulings)
	return err
}

// read is the sheet before people decided anything on it.
func (s *storedSheet) read() *vote.Sheet {
	if s.asRead != nil {
		return s.asRead
	}
	return &s.decided
}
