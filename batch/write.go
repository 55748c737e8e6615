package batch

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"

	"recount/vote"
)

// writer puts units into the ledger, in order.
type writer struct {
	ledger *ledger
	held   []unitResult
	group  int // units a transaction
	alike  func(p *pageResult, input, page int) bool
}

// groupUnits is how many units share a transaction: with full synchronisation a commit waits for the disk, a few
// milliseconds, which sixteen sheets share.
const groupUnits = 16

// add takes the next unit.
func (w *writer) add(u unitResult) error {
	w.held = append(w.held, u)
	if len(w.held) < w.group {
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
		for i := range w.held {
			for k := range w.held[i].sheets {
				s := &w.held[i].sheets[k]
				if err := spotCopies(tx, s, w.alike); err != nil {
					return err
				}
				if err := putSheet(tx, w.held[i].number, s); err != nil {
					return err
				}
			}
		}
		return nil
	})
	w.held = w.held[:0]
	return err
}

// putSheet writes one sheet and all of its pages, marks and contests.
func putSheet(tx *sql.Tx, unit int, s *sheetResult) error {
	style, number := "", 0
	if s.decided != nil {
		style, number = s.decided.Style, s.decided.Number
	}
	res, err := tx.Exec(`INSERT INTO sheets (unit, name, style, number, outcome, reason) VALUES (?,?,?,?,?,?)`,
		unit, s.name(), style, number, string(s.outcome), s.reason)
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	answers := map[[2]int]*vote.Reading{}
	if s.decided != nil {
		for i := range s.decided.Readings {
			r := &s.decided.Readings[i]
			answers[[2]int{r.Page, r.Target}] = r
		}
	}
	for i := range s.pages {
		if err := putPage(tx, id, &s.pages[i], answers); err != nil {
			return err
		}
	}
	if s.decided == nil || s.outcome == Duplicate {
		return nil
	}
	return putContestRows(tx, id, s.decided.Contests)
}

// putContestRows writes a sheet's contests.
func putContestRows(tx *sql.Tx, sheet int64, contests []vote.Contest) error {
	for i, c := range contests {
		if _, err := tx.Exec(`INSERT INTO contests VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, sheet, i, c.Contest, c.Allowed, c.Votes,
			c.Overvotes, c.Undervotes, c.Doubt, c.WriteIns, string(c.Status), c.Straight, c.Reason, rankingText(&c), rankFaults(&c), c.ByHand); err != nil {
			return err
		}
	}
	return nil
}

// putPage writes one page, and its marks where it is read and counts.
func putPage(tx *sql.Tx, sheet int64, p *pageResult, answers map[[2]int]*vote.Reading) error {
	style, number := "", 0
	if p.chosen != nil {
		style, number = p.chosen.Style.ID, p.chosen.Page.Number
	}
	var rotation, skew, scale, residual, other, sought, used, misfit int64
	var faults []string
	if m := p.reading.Match; m != nil {
		rotation, skew, other = int64(m.Rotation), parts(m.SkewDeg, 1e4), int64(m.Other)
		scale, residual = parts(m.Scale, 1e6), parts(m.ResidualPx, 1e3)
		sought, misfit = int64(m.Sought), parts(m.Misfit, 1e3)
		for _, a := range m.Anchors {
			if a.Used {
				used++
			}
		}
		for _, f := range m.Faults {
			faults = append(faults, f.String())
		}
	}
	res, err := tx.Exec(`INSERT INTO pages (sheet, input, image, page, sha256, outcome, reason, style, label, number, rotation,
		skew, scale, residual, quality, other, sought, used, misfit, pixels) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, sheet, p.input, p.reading.Image, p.reading.Index,
		p.reading.SHA256, string(p.outcome), p.reason, style, p.label, number, rotation, skew, scale, residual, strings.Join(faults, "; "), other, sought, used, misfit,
		p.reading.Pixels)
	if err != nil {
		return err
	}
	if p.chosen == nil || (p.outcome != Counted && p.outcome != Questions) {
		return nil
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	for i, m := range p.chosen.Marks {
		r := answers[[2]int{number, i}]
		if r == nil {
			return fmt.Errorf("%s: target %d was measured and not decided", p.reading.Image, i)
		}
		values := append([]any{id, i}, markValues(&m)...)
		if _, err := tx.Exec(`INSERT INTO marks VALUES (?,?,`+markPlaces()+`,?,?)`, append(values, string(r.Answer), r.Reason)...); err != nil {
			return err
		}
	}
	return nil
}

// parts is v in whole parts of 1/unit, 0 where it is no number.
func parts(v, unit float64) int64 {
	f := math.Round(v * unit)
	if math.IsNaN(f) || math.Abs(f) > 1e15 {
		return 0
	}
	return int64(f)
}
