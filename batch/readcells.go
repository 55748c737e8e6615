package batch

import (
	"database/sql"
	"fmt"
	"iter"

	"recount/marks"
)

// cells gives every sheet of a ledger as its rows, in order, whatever became of it. So many are held at a time.
func (l *ledger) cells(held int64) iter.Seq2[*sheetCells, error] {
	return func(yield func(*sheetCells, error) bool) {
		var last sql.NullInt64
		if err := l.db.QueryRow(`SELECT max(id) FROM sheets`).Scan(&last); err != nil {
			yield(nil, l.explain("read", err))
			return
		}
		for after := int64(0); after < last.Int64; after += held {
			sheets, err := l.cellsBetween(after, after+held)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, s := range sheets {
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// cellsBetween reads the sheets with IDs over after, up to last.
func (l *ledger) cellsBetween(after, last int64) ([]*sheetCells, error) {
	var out []*sheetCells
	sheets := map[int64]*sheetCells{}
	err := l.each(`SELECT id, unit, name, style, number, outcome, reason FROM sheets WHERE id > ? AND id <= ? ORDER BY id`, func(scan func(...any) error) error {
		var id int64
		s := &sheetCells{}
		if err := scan(&id, &s.Unit, &s.Name, &s.Style, &s.Number, &s.Outcome, &s.Reason); err != nil {
			return err
		}
		out, sheets[id] = append(out, s), s
		return nil
	}, after, last)
	if err != nil {
		return nil, err
	}
	type place struct {
		sheet *sheetCells
		index int
	}
	pages := map[int64]place{}
	err = l.each(`SELECT id, sheet, input, image, page, sha256, outcome, reason, style, label, number, rotation, skew, scale, residual, quality,
		other, sought, used, misfit, pixels FROM pages WHERE sheet > ? AND sheet <= ? ORDER BY id`, func(scan func(...any) error) error {
		var id, sheet int64
		var p pageCells
		if err := scan(&id, &sheet, &p.Input, &p.Image, &p.Index, &p.SHA256, &p.Outcome, &p.Reason, &p.Style, &p.Label, &p.Number, &p.Rotation,
			&p.Skew, &p.Scale, &p.Residual, &p.Quality, &p.Other, &p.Sought, &p.Used, &p.Misfit, &p.Pixels); err != nil {
			return err
		}
		s := sheets[sheet]
		if s == nil {
			return fmt.Errorf("page %s is of no sheet", p.Image)
		}
		pages[id] = place{s, len(s.Pages)}
		s.Pages = append(s.Pages, p)
		return nil
	}, after, last)
	if err != nil {
		return nil, err
	}
	values, trace := make([]int, len(marks.Fields)), sql.RawBytes(nil)
	err = l.each(`SELECT page, target, answer, reason, `+markColumns("", "")+` FROM marks WHERE page IN (SELECT id FROM pages WHERE sheet > ? AND sheet <= ?)
		ORDER BY page, target`, func(scan func(...any) error) error {
		var page int64
		var m markCells
		into := []any{&page, &m.Target, &m.Answer, &m.Reason}
		for i := range values {
			into = append(into, &values[i])
		}
		if err := scan(append(into, &trace, &m.Damage)...); err != nil {
			return err
		}
		at, ok := pages[page]
		if !ok {
			return fmt.Errorf("a mark is of no page")
		}
		m.Values, m.Trace = append([]int(nil), values...), append([]byte(nil), trace...)
		p := &at.sheet.Pages[at.index]
		p.Marks = append(p.Marks, m)
		return nil
	}, after, last)
	if err != nil {
		return nil, err
	}
	err = l.each(`SELECT sheet, contest, allowed, votes, overvotes, undervotes, doubt, write_ins, status, straight, reason, ranking, rank_faults, by_hand
		FROM contests WHERE sheet > ? AND sheet <= ? ORDER BY sheet, position`, func(scan func(...any) error) error {
		var sheet int64
		var c contestCells
		if err := scan(&sheet, &c.Contest, &c.Allowed, &c.Votes, &c.Overvotes, &c.Undervotes, &c.Doubt, &c.WriteIns, &c.Status, &c.Straight, &c.Reason,
			&c.Ranking, &c.RankFaults, &c.ByHand); err != nil {
			return err
		}
		s := sheets[sheet]
		if s == nil {
			return fmt.Errorf("contest %s is of no sheet", c.Contest)
		}
		s.Contests = append(s.Contests, c)
		return nil
	}, after, last)
	return out, err
}
