package batch

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

	"recount/vote"
)

// writer puts units into the ledger, in order.
type writer struct {
	ledger *ledger
	held   []unitResult
	group  int // units a transaction
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
				if err := putSheet(tx, w.held[i].number, &w.held[i].sheets[k]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	w.held = w.held[:0]
	return err
}

// putSheet writes one sheet and all of its pages, marks and contests, once it is known not to be an earlier sheet again.
func putSheet(tx *sql.Tx, unit int, s *sheetResult) error {
	if err := spotCopies(tx, s); err != nil {
		return err
	}
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
	for i, c := range s.decided.Contests {
		if _, err := tx.Exec(`INSERT INTO contests VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, id, i, c.Contest, c.Allowed, c.Votes,
			c.Overvotes, c.Undervotes, c.Doubt, c.WriteIns, string(c.Status), c.Straight, c.Reason, rankingText(&c), rankFaults(&c)); err != nil {
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
		skew, scale, residual, quality, other, sought, used, misfit) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, sheet, p.input, p.reading.Image, p.reading.Index,
		p.reading.SHA256, string(p.outcome), p.reason, style, p.label, number, rotation, skew, scale, residual, strings.Join(faults, "; "), other, sought, used, misfit)
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

// spotCopies looks for the sheet's pages among those already counted. A sheet all of whose pages read are, byte for byte,
// pages of one earlier sheet is that sheet again, and not counted. Where only a marked page is, the sheet counts, but a
// person must look: no scanner gives the same bytes twice.
func spotCopies(tx *sql.Tx, s *sheetResult) error {
	if s.outcome != Counted && s.outcome != Questions {
		return nil
	}
	var common []string
	var note string
	first := true
	for i := range s.pages {
		p := &s.pages[i]
		if p.chosen == nil {
			continue // nothing of it counts
		}
		found, err := sheetsWith(tx, p)
		if err != nil {
			return err
		}
		if len(found) > 0 && marked(s.decided, p) && note == "" {
			note = fmt.Sprintf("same-scan: %s is byte for byte a page of sheet %s, whose other page differs", p.reading.Image, found[0])
		}
		if first {
			common, first = found, false
			continue
		}
		common = slices.DeleteFunc(common, func(n string) bool { return !slices.Contains(found, n) })
	}
	switch {
	case len(common) > 0:
		s.outcome, s.reason = Duplicate, "duplicate of "+common[0]
		for i := range s.pages {
			if p := &s.pages[i]; p.outcome != Refused {
				p.outcome, p.reason = Duplicate, s.reason
			}
		}
	case note != "":
		s.outcome, s.reason = Questions, strings.TrimSuffix(note+"; "+s.reason, "; ")
		for i := range s.pages {
			if p := &s.pages[i]; p.outcome == Counted || p.outcome == Questions {
				p.outcome, p.reason = Questions, strings.TrimSuffix(note+"; "+p.reason, "; ")
			}
		}
	}
	return nil
}

// sheetsWith names the counted sheets that hold the page, earliest first.
func sheetsWith(tx *sql.Tx, p *pageResult) ([]string, error) {
	rows, err := tx.Query(`SELECT s.name FROM pages p JOIN sheets s ON s.id = p.sheet WHERE p.sha256 = ? AND p.page = ?
		AND s.outcome IN ('counted','questions') ORDER BY s.id`, p.reading.SHA256, p.reading.Index)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// marked says whether any target of the page was marked, clearly or not.
func marked(d *vote.Sheet, p *pageResult) bool {
	if d == nil || p.chosen == nil {
		return false
	}
	for _, r := range d.Readings {
		if r.Page == p.chosen.Page.Number && r.Answer != vote.None {
			return true
		}
	}
	return false
}
