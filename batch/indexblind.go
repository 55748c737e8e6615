package batch

import (
	"encoding/json"
	"slices"
)

// WallUnsorted gives a slot's targets sheet by sheet in the order of the run, whatever was read: for people who must not know. It looks
// at n sheets at most that have the slot's contest, those behind one; next is the last of them, and more says whether others follow.
func (x *Index) WallUnsorted(slot int, afterSheet int64, n int) (list []WallTarget, next int64, more bool, err error) {
	if slot < 1 || slot > len(x.slots) {
		return nil, 0, false, ErrNotThere
	}
	var sheets []int64
	for _, style := range x.stylesOf(SheetQuery{Contest: x.slots[slot-1].Contest}) {
		for _, outcome := range []Outcome{Counted, Questions} {
			if err := x.each(`SELECT sheet FROM main.sheets WHERE style = ? AND outcome = ? AND sheet > ? ORDER BY sheet LIMIT ?`, func(scan func(...any) error) error {
				var id int64
				err := scan(&id)
				sheets = append(sheets, id)
				return err
			}, style, string(outcome), afterSheet, n+1); err != nil {
				return nil, 0, false, err
			}
		}
	}
	slices.Sort(sheets)
	if more = len(sheets) > n; more {
		sheets = sheets[:n]
	}
	if len(sheets) == 0 {
		return nil, afterSheet, false, nil
	}
	ids, err := json.Marshal(sheets)
	if err != nil {
		return nil, 0, false, x.explain(err)
	}
	err = x.each(`SELECT CASE m.answer WHEN 'vote' THEN 2 WHEN 'none' THEN 0 ELSE 1 END, m.fill, p.id, m.target
		FROM json_each(?) s CROSS JOIN run.pages p ON p.sheet = s.value
		CROSS JOIN places pl ON pl.style = p.style AND pl.number = p.number AND pl.slot = ?
		CROSS JOIN run.marks m ON m.page = p.id AND m.target = pl.target ORDER BY p.sheet, p.id, m.target`, func(scan func(...any) error) error {
		var w WallTarget
		err := scan(&w.Zone, &w.Fill, &w.Page, &w.Target)
		list = append(list, w)
		return err
	}, string(ids), slot)
	return list, sheets[len(sheets)-1], more, err
}
