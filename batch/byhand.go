package batch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"recount/cvr"
	"recount/election"
	"recount/marks"
	"recount/vote"
)

// What people decide of whole pages and sheets changes which pages a run counts, and so it is done before any sheet is decided
// again: on a copy of the ledger, which then stands for the run as it was read. Of a page entered by hand the copy has marks that
// nobody measured, and the log has an answer for each.

// byHand are the entries of a log about whole pages and sheets.
type byHand struct {
	entered, same []cvr.LogEntry
}

// preparedFile is the copy's name in the folder of the new results, while they are made.
const preparedFile = ".by-hand.db"

// prepare gives the run's ledger with the entries done, in a file of its own in dir. Close and remove it when it is done with.
func (l *decisionLog) prepare(old *ledger, e *election.Election, limits vote.Limits, dir string) (*ledger, error) {
	id, err := old.identity()
	if err == nil {
		err = l.about(id)
	}
	if err != nil {
		return nil, fmt.Errorf("read decisions %s: %w", l.file, err)
	}
	path := filepath.Join(dir, preparedFile)
	if err := removeLedger(path); err != nil {
		return nil, err
	}
	if err := copyFile(path, old.path); err != nil {
		return nil, err
	}
	err = func() error {
		p, err := openLedger(path)
		if err != nil {
			return err
		}
		defer p.close()
		if err := p.inTx(context.Background(), func(tx *sql.Tx) error { return l.putWhole(tx, e) }); err != nil {
			return err
		}
		return l.putContests(p, e, limits)
	}()
	if err != nil {
		return nil, errors.Join(err, removeLedger(path))
	}
	p, _, err := openSettled(path)
	return p, err
}

// putWhole does every entry, and takes from the log what it says of targets that do not count any more.
func (l *decisionLog) putWhole(tx *sql.Tx, e *election.Election) error {
	for i := range l.hand.entered {
		if err := l.putEntered(tx, e, &l.hand.entered[i]); err != nil {
			return err
		}
	}
	gone := map[string]bool{}
	for i := range l.hand.same {
		if err := l.putSame(tx, &l.hand.same[i], gone); err != nil {
			return err
		}
	}
	for i := len(l.targets) - 1; i >= 0; i-- {
		if gone[l.targets[i].Image] {
			l.targets, l.at = slices.Delete(l.targets, i, i+1), slices.Delete(l.at, i, i+1)
		}
	}
	return nil
}

// putEntered makes a refused page one that counts, with an answer by hand for each of its targets.
func (l *decisionLog) putEntered(tx *sql.Tx, e *election.Election, d *cvr.LogEntry) error {
	fail := func(what, mend string) error { return l.fail(d.N+1, what, mend) }
	var page, sheet int64
	var sha, outcome, style string
	var number int
	err := tx.QueryRow(`SELECT p.id, p.sheet, p.sha256, p.outcome, s.style, s.number FROM pages p JOIN sheets s ON s.id = p.sheet WHERE p.image = ?`, d.Image).
		Scan(&page, &sheet, &sha, &outcome, &style, &number)
	st := e.Style(d.Style)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fail(fmt.Sprintf("the run has no image %q", d.Image), "give the log of this run")
	case err != nil:
		return err
	case d.SHA256 != "" && d.SHA256 != sha:
		return fail(fmt.Sprintf("image %q is another file than the one that was looked at", d.Image), "give the log of this run, or look at the image again")
	case outcome != string(Refused):
		return fail(fmt.Sprintf("image %q was not refused (%s), and is entered by hand", d.Image, outcome), "decide the run as it was read, or take the entry back in the review")
	case st == nil || st.Page(d.Page) == nil || len(st.Page(d.Page).Targets) == 0:
		return fail(fmt.Sprintf("style %q has no page %d with targets", d.Style, d.Page), "give the log of this run")
	case style != "" && (style != d.Style || number != st.Page(d.Page).Sheet()):
		return fail(fmt.Sprintf("image %q is entered as style %s, and its sheet is sheet %d of style %s", d.Image, d.Style, number, style), "take the entry back in the review, and enter the page as the sheet's other side")
	}
	var twice int
	if err := tx.QueryRow(`SELECT count(*) FROM pages WHERE sheet = ? AND number = ? AND style <> ''`, sheet, d.Page).Scan(&twice); err != nil {
		return err
	}
	if twice > 0 {
		return fail(fmt.Sprintf("page %d of its sheet stands for image %q and for another", d.Page, d.Image), "take the entry back in the review")
	}
	if _, err := tx.Exec(`UPDATE pages SET style = ?, label = ?, number = ?, outcome = ?, reason = '' WHERE id = ?`, d.Style, d.Style, d.Page, string(Counted), page); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE sheets SET style = ?, number = ?, outcome = ? WHERE id = ?`, d.Style, st.Page(d.Page).Sheet(), string(Counted), sheet); err != nil {
		return err
	}
	return l.answer(tx, st.Page(d.Page), page, d)
}

// answer gives every target of an entered page a mark that nobody measured, and the answer that was entered.
func (l *decisionLog) answer(tx *sql.Tx, p *election.Page, page int64, d *cvr.LogEntry) error {
	marked := map[int]cvr.MarkedTarget{}
	for _, m := range d.Marked {
		marked[m.Target] = m
	}
	put, err := tx.Prepare(`INSERT INTO marks VALUES (?,?,` + markPlaces() + `,?,?)`)
	if err != nil {
		return err
	}
	defer put.Close()
	for i, t := range p.Targets {
		one := *d
		one.Act, one.Target, one.Contest, one.Choice, one.Rank, one.Answer, one.Before, one.Marked = cvr.ActTarget, i+1, t.Contest, t.Choice, t.Rank, string(vote.None), "", nil
		if m, ok := marked[i+1]; ok {
			if m.Contest != t.Contest || m.Choice != t.Choice || m.Rank != t.Rank {
				return l.fail(d.N+1, fmt.Sprintf("target %d of style %s page %d is not contest %q, choice %q", i+1, d.Style, d.Page, m.Contest, m.Choice), "give the log of this run")
			}
			one.Answer = string(vote.Vote)
			delete(marked, i+1)
		}
		l.targets, l.at = append(l.targets, one.Decision()), append(l.at, i)
		m := marks.Mark{Damage: marks.Unread}
		if _, err := put.Exec(append(append([]any{page, i}, markValues(&m)...), string(vote.Questionable), "")...); err != nil {
			return err
		}
	}
	if len(marked) > 0 {
		return l.fail(d.N+1, fmt.Sprintf("style %s page %d has %d targets, and one beyond them is marked", d.Style, d.Page, len(p.Targets)), "give the log of this run")
	}
	return nil
}

// putSame takes a sheet that is another scan of a counted one out of the count.
func (l *decisionLog) putSame(tx *sql.Tx, d *cvr.LogEntry, gone map[string]bool) error {
	var id int64
	var outcome, of string
	err := tx.QueryRow(`SELECT a.id, a.outcome, b.outcome FROM sheets a, sheets b WHERE a.name = ? AND b.name = ?`, d.Sheet, d.Of).Scan(&id, &outcome, &of)
	if errors.Is(err, sql.ErrNoRows) {
		return l.fail(d.N+1, fmt.Sprintf("the run has no sheets %q and %q", d.Sheet, d.Of), "give the log of this run")
	}
	if err != nil {
		return err
	}
	for name, o := range map[string]string{d.Sheet: outcome, d.Of: of} {
		if o != string(Counted) && o != string(Questions) {
			return l.fail(d.N+1, fmt.Sprintf("sheet %q does not count (%s), and is one of two that are called one", name, o), "decide the run as it was read, or take the entry back in the review")
		}
	}
	rows, err := tx.Query(`SELECT image FROM pages WHERE sheet = ?`, id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var image string
		if err := rows.Scan(&image); err != nil {
			return err
		}
		gone[image] = true
	}
	if err := rows.Err(); err != nil {
		return err
	}
	reason := "duplicate of " + d.Of + ", by hand: " + strings.TrimSpace(d.Reason)
	for _, s := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM marks WHERE page IN (SELECT id FROM pages WHERE sheet = ?)`, []any{id}},
		{`DELETE FROM contests WHERE sheet = ?`, []any{id}},
		{`UPDATE pages SET outcome = ?, reason = ? WHERE sheet = ? AND outcome <> ?`, []any{string(Duplicate), reason, id, string(Refused)}},
		{`UPDATE sheets SET outcome = ?, reason = ? WHERE id = ?`, []any{string(Duplicate), reason, id}},
	} {
		if _, err := tx.Exec(s.query, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// putContests lays out the contests of the sheets with pages entered by hand: what becomes of them is written when the run is decided.
func (l *decisionLog) putContests(p *ledger, e *election.Election, limits vote.Limits) error {
	sheets := map[int64]bool{}
	for _, d := range l.hand.entered {
		var id int64
		if err := p.db.QueryRow(`SELECT sheet FROM pages WHERE image = ?`, d.Image).Scan(&id); err != nil {
			return p.explain("read", err)
		}
		if sheets[id] {
			continue
		}
		sheets[id] = true
		s, err := p.sheet(e, limits, id)
		if err != nil {
			return err
		}
		if s == nil {
			continue // it is called another scan of a counted sheet
		}
		err = p.inTx(context.Background(), func(tx *sql.Tx) error {
			if _, err := tx.Exec(`DELETE FROM contests WHERE sheet = ?`, id); err != nil {
				return err
			}
			return putContestRows(tx, id, s.decided.Contests)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dropPrepared removes the copy.
func dropPrepared(p *ledger) error {
	return errors.Join(p.close(), removeLedger(p.path), removeIfThere(p.path))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
