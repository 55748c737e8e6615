package batch

import (
	"context"
	"database/sql"
	"slices"

	"recount/vote"
)

// writer puts sheets into the ledger, in order.
type writer struct {
	ledger *ledger
	held   []*sheetCells
	units  int // of held
	group  int // units a transaction
	alike  proof
	alone  bool // the sheets are a shard's: copies are looked for when the shards are joined
}

// groupUnits is how many units share a transaction: with full synchronisation a commit waits for the disk, a few
// milliseconds, which sixteen sheets share.
const groupUnits = 16

// add takes the next unit as it was read.
func (w *writer) add(u unitResult) error {
	rows := make([]*sheetCells, len(u.sheets))
	for i := range u.sheets {
		var err error
		if rows[i], err = rowsOf(u.number, &u.sheets[i]); err != nil {
			return err
		}
	}
	return w.put(rows)
}

// put takes the sheets of the next unit.
func (w *writer) put(rows []*sheetCells) error {
	w.held = append(w.held, rows...)
	if w.units++; w.units < w.group {
		return nil
	}
	return w.flush()
}

// flush commits what is held. It is not stopped by the run's context: what was read is kept.
func (w *writer) flush() error {
	if len(w.held) == 0 {
		return nil
	}
	err := w.ledger.inTx(context.Background(), func(tx *sql.Tx) error {
		for _, s := range w.held {
			if !w.alone {
				if err := spotCopies(tx, s, w.alike); err != nil {
					return err
				}
			}
			if err := putSheet(tx, s); err != nil {
				return err
			}
		}
		return nil
	})
	w.held, w.units = w.held[:0], 0
	return err
}

// putSheet writes one sheet and all of its pages, marks and contests.
func putSheet(tx *sql.Tx, s *sheetCells) error {
	res, err := tx.Exec(`INSERT INTO sheets (unit, name, style, number, outcome, reason) VALUES (?,?,?,?,?,?)`,
		s.Unit, s.Name, s.Style, s.Number, string(s.Outcome), s.Reason)
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	for i := range s.Pages {
		if err := putPage(tx, id, &s.Pages[i]); err != nil {
			return err
		}
	}
	if s.Outcome == Duplicate {
		return nil
	}
	return putContests(tx, id, s.Contests)
}

// putContestRows writes the contests of a sheet as they were decided.
func putContestRows(tx *sql.Tx, sheet int64, contests []vote.Contest) error {
	return putContests(tx, sheet, contestRowsOf(contests))
}

func putContests(tx *sql.Tx, sheet int64, rows []contestCells) error {
	for i, c := range rows {
		if _, err := tx.Exec(`INSERT INTO contests VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, sheet, i, c.Contest, c.Allowed, c.Votes,
			c.Overvotes, c.Undervotes, c.Doubt, c.WriteIns, c.Status, c.Straight, c.Reason, c.Ranking, c.RankFaults, c.ByHand); err != nil {
			return err
		}
	}
	return nil
}

// putPage writes one page, and its marks where it is read and counts.
func putPage(tx *sql.Tx, sheet int64, p *pageCells) error {
	res, err := tx.Exec(`INSERT INTO pages (sheet, input, image, page, sha256, outcome, reason, style, label, number, rotation,
		skew, scale, residual, quality, other, sought, used, misfit, pixels) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, sheet, p.Input, p.Image, p.Index,
		p.SHA256, string(p.Outcome), p.Reason, p.Style, p.Label, p.Number, p.Rotation, p.Skew, p.Scale, p.Residual, p.Quality, p.Other, p.Sought, p.Used, p.Misfit,
		p.Pixels)
	if err != nil {
		return err
	}
	if p.Outcome != Counted && p.Outcome != Questions {
		return nil
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	for i := range p.Marks {
		m := &p.Marks[i]
		values := make([]any, 0, len(m.Values)+6)
		values = append(values, id, m.Target)
		for _, v := range m.Values {
			values = append(values, v)
		}
		if _, err := tx.Exec(`INSERT INTO marks VALUES (?,?,`+markPlaces()+`,?,?)`, append(values, m.trace(), m.Damage, m.Answer, m.Reason)...); err != nil {
			return err
		}
	}
	return nil
}

// trace is never nil: the column holds bytes, if none.
func (m *markCells) trace() []byte {
	if m.Trace == nil {
		return []byte{}
	}
	return m.Trace
}

// tell adds the outcomes of the unit's pages, in the order in which outcomes are printed.
func (u *unitResult) tell(counts *[4]int) {
	for i := range u.sheets {
		for k := range u.sheets[i].pages {
			if n := slices.Index(outcomes, u.sheets[i].pages[k].outcome); n >= 0 {
				counts[n]++
			}
		}
	}
}

// outcomes counts those of the pages in the ledger.
func (l *ledger) outcomes() (counts [4]int, err error) {
	err = l.each(`SELECT outcome, count(*) FROM pages GROUP BY outcome`, func(scan func(...any) error) error {
		var o Outcome
		var n int
		if err := scan(&o, &n); err != nil {
			return err
		}
		if i := slices.Index(outcomes, o); i >= 0 {
			counts[i] += n
		}
		return nil
	})
	return counts, err
}
