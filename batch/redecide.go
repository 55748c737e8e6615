package batch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"recount/election"
	"recount/template"
	"recount/vote"
)

// redecision decides a run's sheets again: workers decide, and what changes is written into the new ledger in the run's order.
type redecision struct {
	ledger   *ledger // the new one
	election *election.Election
	limits   vote.Limits
	progress func(Progress)
	copies   map[copied]bool // pages of several counted sheets, byte for byte
	old      *ledger
	// contests says that contests may change where no answer does: another version decided the run, or people decided anew.
	contests bool
	held     []change
	done     int
	total    int
}

// copied is a page by its bytes.
type copied struct {
	sha256 string
	index  int
}

// change is one row's new values.
type change struct {
	query  string
	values []any
}

// heldChanges is how many changed rows share a transaction.
const heldChanges = 20000

func newRedecision(old, l *ledger, e *election.Election, limits vote.Limits, o DecideOptions) (*redecision, error) {
	d := &redecision{ledger: l, election: e, limits: limits, progress: o.Progress, old: old, copies: map[copied]bool{}}
	program, err := old.meta("program")
	if err != nil {
		return nil, err
	}
	d.contests = program != o.Program || o.Log != ""
	if err := old.db.QueryRow(`SELECT count(*) FROM sheets WHERE outcome IN ('counted','questions')`).Scan(&d.total); err != nil {
		return nil, old.explain("read", err)
	}
	rows, err := old.db.Query(`SELECT p.sha256, p.page FROM pages p JOIN sheets s ON s.id = p.sheet WHERE s.outcome IN ('counted','questions')
		GROUP BY p.sha256, p.page HAVING count(*) > 1`)
	if err != nil {
		return nil, old.explain("read", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c copied
		if err := rows.Scan(&c.sha256, &c.index); err != nil {
			return nil, old.explain("read", err)
		}
		d.copies[c] = true
	}
	if err := rows.Err(); err != nil {
		return nil, old.explain("read", err)
	}
	return d, nil
}

// decide decides a sheet again and notes what changes. It is called by many workers at once.
func (d *redecision) decide(s *storedSheet) error {
	r := s.again(d.election, d.limits)
	if r.decided == nil {
		return fmt.Errorf("sheet %s: %s: its stored pages do not make the sheet they did", s.name, r.reason)
	}
	if err := d.noteCopies(s, &r); err != nil {
		return err
	}
	s.decided = *r.decided
	if len(s.decisions) > 0 {
		s.asRead = r.asRead
	}
	s.changes = changesOf(s, &r, d.contests)
	return nil
}

// noteCopies says again what was said when the sheet was read: that a marked page of it is another sheet's scan. What the bytes show is
// looked up; that two files hold the same pixels was seen on the pictures, and stays.
func (d *redecision) noteCopies(s *storedSheet, r *sheetResult) error {
	for i := range r.pages {
		p := &r.pages[i]
		if p.chosen == nil || !d.copies[copied{p.reading.SHA256, p.reading.Index}] || !marked(r.decided, p) {
			continue
		}
		var first string
		err := d.old.db.QueryRow(`SELECT s.name FROM pages p JOIN sheets s ON s.id = p.sheet WHERE p.sha256 = ? AND p.page = ?
			AND s.outcome IN ('counted','questions') AND s.id < ? ORDER BY s.id LIMIT 1`, p.reading.SHA256, p.reading.Index, s.id).Scan(&first)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return d.old.explain("read", err)
		}
		r.sameScan(sameScanText(p.reading.Image, byBytes, first))
		return nil
	}
	if note, _, ok := strings.Cut(s.reason, sameScanEnd); ok && strings.HasPrefix(note, sameScanStart) && strings.Contains(note, byPixels) {
		r.sameScan(note + sameScanEnd)
	}
	return nil
}

// changesOf are the rows of a sheet that differ from those stored.
func changesOf(s *storedSheet, r *sheetResult, all bool) (out []change) {
	put := func(query string, values ...any) { out = append(out, change{query, values}) }
	if string(r.outcome) != s.outcome || r.reason != s.reason {
		put(`UPDATE sheets SET outcome = ?, reason = ? WHERE id = ?`, string(r.outcome), r.reason, s.id)
	}
	byNumber := map[int]*storedPage{}
	for i, p := range r.pages {
		old := &s.pages[i]
		if string(p.outcome) != old.outcome || p.reason != old.reason {
			put(`UPDATE pages SET outcome = ?, reason = ? WHERE id = ?`, string(p.outcome), p.reason, old.id)
		}
		if p.chosen != nil {
			byNumber[p.chosen.Page.Number] = old
		}
	}
	moved := false
	for i := range r.asRead.Readings {
		k := &r.asRead.Readings[i]
		p := byNumber[k.Page]
		if was := p.answers[k.Target]; was.answer != string(k.Answer) || was.reason != k.Reason {
			put(`UPDATE marks SET answer = ?, reason = ? WHERE page = ? AND target = ?`, string(k.Answer), k.Reason, p.id, k.Target)
			moved = true
		}
	}
	if !moved && !all { // a contest follows from its targets' answers
		return out
	}
	for i := range r.decided.Contests {
		c := &r.decided.Contests[i]
		put(`UPDATE contests SET votes = ?, overvotes = ?, undervotes = ?, doubt = ?, write_ins = ?, status = ?,
			straight = ?, reason = ?, ranking = ?, rank_faults = ?, by_hand = ? WHERE sheet = ? AND position = ?`, c.Votes, c.Overvotes, c.Undervotes,
			c.Doubt, c.WriteIns, string(c.Status), c.Straight, c.Reason, rankingText(c), rankFaults(c), c.ByHand, s.id, i)
	}
	return out
}

// take writes a sheet's changes, once there are enough of them.
func (d *redecision) take(ctx context.Context, s *storedSheet) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d.held = append(d.held, s.changes...)
	if d.done++; d.done%1000 == 0 || d.done == d.total {
		d.progress(Progress{Step: "decide", Done: d.done, Total: d.total})
	}
	if len(d.held) < heldChanges {
		return nil
	}
	return d.flush(ctx)
}

// flush writes what is held.
func (d *redecision) flush(ctx context.Context) error {
	if len(d.held) == 0 {
		return nil
	}
	err := d.ledger.inTx(ctx, func(tx *sql.Tx) error {
		ready := map[string]*sql.Stmt{}
		for _, c := range d.held {
			stmt := ready[c.query]
			if stmt == nil {
				var err error
				if stmt, err = tx.Prepare(c.query); err != nil {
					return err
				}
				defer stmt.Close()
				ready[c.query] = stmt
			}
			if _, err := stmt.Exec(c.values...); err != nil {
				return err
			}
		}
		return nil
	})
	d.held = d.held[:0]
	return err
}

// again is the sheet as it was read, to be settled anew.
func (s *storedSheet) again(e *election.Election, limits vote.Limits) sheetResult {
	var pages []pageResult
	for _, p := range s.pages {
		r := pageResult{reading: PageReading{Image: p.image, Index: p.index, SHA256: p.sha256}}
		if !p.read() {
			r.reading.Refused = errors.New(p.reason)
			if strings.HasPrefix(p.reason, string(template.EmptyPage)) {
				r.reading.Refused = &template.Refusal{Reason: template.EmptyPage, Detail: strings.TrimPrefix(p.reason, string(template.EmptyPage)+": ")}
			}
			if p.outcome == string(Duplicate) {
				r.outcome, r.reason, r.reading.Refused = Duplicate, p.reason, nil
			}
			pages = append(pages, r)
			continue
		}
		r.reading.Match = &template.Match{Other: p.other}
		for _, name := range strings.Split(s.label, "|") {
			if st := e.Style(name); st != nil {
				r.reading.Candidates = append(r.reading.Candidates, Candidate{st, st.Page(p.number), p.marks})
			}
		}
		pages = append(pages, r)
	}
	return decideSheet(e, limits, pages, s.rulings...)
}
