package batch

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Item is one thing to look at. Target counts from 0 and is -1 for a whole page. Weight orders items: less matters more.
type Item struct {
	Group        int64
	Weight, Page int64
	Target       int
	Done         bool
}

// After is where a page of a list ends: the next begins behind it. The zero value begins at the start.
type After struct {
	Weight, Page int64
	Target       int
	Set          bool
}

// After is the place behind the item.
func (i Item) After() After { return After{i.Weight, i.Page, i.Target, true} }

// Groups are the groups of a kind, those with most to do first.
func (x *Index) Groups(k Kind) []Group {
	var out []Group
	for _, g := range x.groups {
		if g.Kind == k {
			out = append(out, *g)
		}
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.All-b.Done, a.All-a.Done), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// Items are the next items of a kind that are done or not, at most n of them; group 0 is all groups.
func (x *Index) Items(k Kind, group int64, done bool, after After, n int) ([]Item, error) {
	if !after.Set {
		after = After{Weight: -1, Page: -1, Target: -2}
	}
	query, args := `SELECT grp, weight, page, target FROM items WHERE kind = ? AND done = ?`, []any{kindNumber(k), done}
	if group != 0 {
		query, args = `SELECT grp, weight, page, target FROM items WHERE kind = ? AND grp = ? AND done = ?`, []any{kindNumber(k), group, done}
	}
	var out []Item
	err := x.each(query+` AND (weight, page, target) > (?, ?, ?) ORDER BY weight, page, target LIMIT ?`, func(scan func(...any) error) error {
		i := Item{Done: done}
		err := scan(&i.Group, &i.Weight, &i.Page, &i.Target)
		out = append(out, i)
		return err
	}, append(args, after.Weight, after.Page, after.Target, n)...)
	return out, err
}

// SetDone marks everything there is to look at about a target (or, with -1, a page) as done, or not. It is a convenience of the
// index: what people decided stands in their log.
func (x *Index) SetDone(page int64, target int, done bool) error {
	changed := map[int64]int{}
	if err := x.each(`SELECT grp FROM items WHERE page = ? AND target = ? AND done <> ?`, func(scan func(...any) error) error {
		var g int64
		err := scan(&g)
		changed[g]++
		return err
	}, page, target, done); err != nil || len(changed) == 0 {
		return err
	}
	if _, err := x.db.Exec(`UPDATE items SET done = ? WHERE page = ? AND target = ?`, done, page, target); err != nil {
		return x.explain(err)
	}
	for g, n := range changed {
		if done {
			x.groups[g].Done += n
		} else {
			x.groups[g].Done -= n
		}
	}
	return nil
}

// Reset marks nothing as done.
func (x *Index) Reset() error {
	if _, err := x.db.Exec(`UPDATE items SET done = 0 WHERE done = 1`); err != nil {
		return x.explain(err)
	}
	for _, g := range x.groups {
		g.Done = 0
	}
	return nil
}

// WallTarget is one target of a wall. Zone is 0 for none, 1 for questionable and 2 for a vote, as read; Fill is in
// ten-thousandths; Target counts from 0.
type WallTarget struct {
	Zone, Fill int
	Page       int64
	Target     int
}

// Wall gives a slot's targets of one zone, at most n of them behind a place, nil for the first: from the fullest down, or from the
// emptiest up.
func (x *Index) Wall(slot, zone int, up bool, after *WallTarget, n int) ([]WallTarget, error) {
	query := `SELECT zone, fill, page, target FROM wall WHERE slot = ? AND zone = ? AND (fill, page, target) < (?, ?, ?) ORDER BY fill DESC, page DESC, target DESC LIMIT ?`
	first := WallTarget{Fill: 1 << 30}
	if up {
		query = `SELECT zone, fill, page, target FROM wall WHERE slot = ? AND zone = ? AND (fill, page, target) > (?, ?, ?) ORDER BY fill, page, target LIMIT ?`
		first = WallTarget{Fill: -1}
	}
	if after == nil {
		after = &first
	}
	var out []WallTarget
	err := x.each(query, func(scan func(...any) error) error {
		var w WallTarget
		err := scan(&w.Zone, &w.Fill, &w.Page, &w.Target)
		out = append(out, w)
		return err
	}, slot, zone, after.Fill, after.Page, after.Target, n)
	return out, err
}

// SheetQuery asks for sheets. Empty fields ask for nothing.
type SheetQuery struct {
	Name    string // the start of the sheet's name; a folder's ends with a slash
	Top     bool   // in no folder
	Style   string
	Contest string // ID
	Outcome string
}

// SheetRow is a sheet in a list.
type SheetRow struct {
	ID                           int64
	Name, Style, Outcome, Reason string
}

// Sheets gives the next sheets behind one (its ID and name; 0 and "" for the first), at most n.
func (x *Index) Sheets(q SheetQuery, afterID int64, afterName string, n int) ([]SheetRow, error) {
	if q.Name != "" || q.Top {
		return x.sheetsNamed(q, afterName, n)
	}
	if q.Style == "" && q.Contest == "" {
		if q.Outcome == "" {
			return x.sheetRows(`SELECT id, name, style, outcome, reason FROM run.sheets WHERE id > ? ORDER BY id LIMIT ?`, afterID-boolInt(afterName == ""), n)
		}
		return x.sheetRows(`SELECT s.id, s.name, s.style, s.outcome, s.reason FROM outcomes o CROSS JOIN run.sheets s ON s.id = o.sheet
			WHERE o.outcome = ? AND o.sheet > ? ORDER BY o.sheet LIMIT ?`, q.Outcome, afterID-boolInt(afterName == ""), n)
	}
	outcomes := []string{q.Outcome}
	if q.Outcome == "" {
		outcomes = []string{string(Counted), string(Questions), string(Refused), string(Duplicate)}
	}
	var all []SheetRow
	for _, style := range x.stylesOf(q) {
		for _, o := range outcomes {
			rows, err := x.sheetRows(`SELECT s.id, s.name, s.style, s.outcome, s.reason FROM main.sheets i CROSS JOIN run.sheets s ON s.id = i.sheet
				WHERE i.style = ? AND i.outcome = ? AND i.sheet > ? ORDER BY i.sheet LIMIT ?`, style, o, afterID-boolInt(afterName == ""), n)
			if err != nil {
				return nil, err
			}
			all = append(all, rows...)
		}
	}
	slices.SortFunc(all, func(a, b SheetRow) int { return cmp.Compare(a.ID, b.ID) })
	return all[:min(n, len(all))], nil
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// stylesOf are the styles that a question asks for.
func (x *Index) stylesOf(q SheetQuery) []string {
	var out []string
	for _, s := range x.run.Election.Styles {
		if q.Style != "" && s.ID != q.Style {
			continue
		}
		has := q.Contest == ""
		for _, p := range s.Pages {
			for _, t := range p.Targets {
				has = has || t.Contest == q.Contest
			}
		}
		if has {
			out = append(out, s.ID)
		}
	}
	return out
}

// namedScan is how many sheets of a name's start are looked at for one page of a list, where more than the name is asked for.
const namedScan = 5000

// topStep is how many sheets are asked for at a time where those in no folder are sought, and topFolders how many folders are passed over:
// where there are more, a list of them helps nobody.
const topStep, topFolders = 4, 1000

// sheetsNamed walks along the names, and passes over what else was not asked for.
func (x *Index) sheetsNamed(q SheetQuery, after string, n int) ([]SheetRow, error) {
	styles := x.stylesOf(q)
	var out []SheetRow
	few := n
	if q.Top { // mostly the first lies in a folder, and the others with it
		few = topStep
	}
	for seen, folders := 0, 0; len(out) < n && seen < namedScan && folders < topFolders; {
		rows, err := x.sheetRows(`SELECT id, name, style, outcome, reason FROM run.sheets WHERE name > ? AND name >= ? AND name < ? ORDER BY name LIMIT ?`,
			after, q.Name, q.Name+"\U0010ffff", few)
		if err != nil {
			return nil, err
		}
		last := len(rows) < few
		for _, r := range rows {
			after = r.Name
			seen++
			if folder, _, in := strings.Cut(r.Name, "/"); q.Top && in { // over all of that folder at once
				after, last = folder+"/\U0010ffff", false
				folders++
				break
			}
			if (q.Outcome == "" || r.Outcome == q.Outcome) && (q.Style == "" && q.Contest == "" || slices.Contains(styles, r.Style)) && len(out) < n {
				out = append(out, r)
			}
		}
		if last {
			break
		}
	}
	return out, nil
}

func (x *Index) sheetRows(query string, args ...any) ([]SheetRow, error) {
	var out []SheetRow
	err := x.each(query, func(scan func(...any) error) error {
		var r SheetRow
		err := scan(&r.ID, &r.Name, &r.Style, &r.Outcome, &r.Reason)
		out = append(out, r)
		return err
	}, args...)
	return out, err
}

// SheetByID gives one row.
func (x *Index) SheetByID(id int64) (SheetRow, error) {
	rows, err := x.sheetRows(`SELECT id, name, style, outcome, reason FROM run.sheets WHERE id = ?`, id)
	if err == nil && len(rows) == 0 {
		err = ErrNotThere
	}
	if err != nil {
		return SheetRow{}, err
	}
	return rows[0], nil
}

// ErrNotThere says that the run has no such page, sheet or target.
var ErrNotThere = errors.New("the run has no such page, sheet or target")

// Counted is how many sheets were counted.
func (x *Index) Counted() (n int, err error) {
	if err := x.db.QueryRow(`SELECT coalesce(max(n), 0) FROM counted`).Scan(&n); err != nil {
		return 0, x.explain(err)
	}
	return n, nil
}

// Sample draws n counted sheets at random, none twice: the i-th number drawn is SHA-256 of "SEED,i" as a number, modulo the number
// of counted sheets, plus one, with numbers drawn before passed over; the sheets are numbered in the order of the run. Anybody can
// draw the same sample by hand.
func (x *Index) Sample(seed string, n int) ([]SheetRow, error) {
	all, err := x.Counted()
	if err != nil {
		return nil, err
	}
	n = min(n, all)
	seen := map[uint64]bool{}
	var out []SheetRow
	for i := 1; len(out) < n; i++ {
		sum := sha256.Sum256([]byte(fmt.Sprintf("%s,%d", seed, i)))
		at := modulo(sum[:], uint64(all)) + 1
		if seen[at] {
			continue
		}
		seen[at] = true
		rows, err := x.sheetRows(`SELECT s.id, s.name, s.style, s.outcome, s.reason FROM counted c CROSS JOIN run.sheets s ON s.id = c.sheet WHERE c.n = ?`, at)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// modulo is a big-endian number modulo m, which is below 2^32.
func modulo(number []byte, m uint64) uint64 {
	var r uint64
	for ; len(number) > 0; number = number[4:] {
		r = (r<<32 | uint64(binary.BigEndian.Uint32(number))) % m
	}
	return r
}

// Pairs are the sheets that may be one, and whether they were looked for at all.
func (x *Index) Pairs() (out []RescanPair, looked bool, err error) {
	var no string
	if err := x.db.QueryRow(`SELECT value FROM main.meta WHERE key = 'pairs'`).Scan(&no); err == nil {
		return nil, false, nil
	} else if !errors.Is(err, sql.ErrNoRows) {
		return nil, false, x.explain(err)
	}
	err = x.each(`SELECT sheet, other, marks, bits FROM pairs ORDER BY id LIMIT 1000`, func(scan func(...any) error) error {
		var p RescanPair
		err := scan(&p.Sheet, &p.Other, &p.Marks, &p.Bits)
		out = append(out, p)
		return err
	})
	return out, true, err
}

// SheetNamed finds a sheet by its whole name.
func (x *Index) SheetNamed(name string) (SheetRow, error) {
	rows, err := x.sheetRows(`SELECT id, name, style, outcome, reason FROM run.sheets WHERE name = ?`, name)
	if err == nil && len(rows) == 0 {
		err = ErrNotThere
	}
	if err != nil {
		return SheetRow{}, err
	}
	return rows[0], nil
}
