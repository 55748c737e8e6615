package batch

import (
	"encoding/json"
	"strings"

	"recount/marks"
	"recount/vote"
)

// Page is one page as the ledger has it. Skew is in degrees; Number is the style's page number, 0 where the page was not read.
type Page struct {
	ID, SheetID                                                 int64
	Image, SHA256, Outcome, Reason, Style, Label, Quality, File string
	Index, Number, Rotation                                     int
	Skew                                                        float64
}

const pageColumns = `SELECT p.id, p.sheet, p.image, p.sha256, p.outcome, p.reason, p.style, p.label, p.quality, i.name, p.page, p.number, p.rotation, p.skew
	FROM run.pages p CROSS JOIN run.inputs i ON i.id = p.input WHERE `

// PageByID gives one page.
func (x *Index) PageByID(id int64) (*Page, error) { return onePage(x.pages(`p.id = ?`, id)) }

// PagesByID gives many pages at once, by their numbers.
func (x *Index) PagesByID(ids []int64) (map[int64]*Page, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, x.explain(err)
	}
	all, err := x.pages(`p.id IN (SELECT value FROM json_each(?))`, string(list))
	out := make(map[int64]*Page, len(all))
	for _, p := range all {
		out[p.ID] = p
	}
	return out, err
}

// PageNamed gives the page of an image.
func (x *Index) PageNamed(image string) (*Page, error) { return onePage(x.pages(`p.image = ?`, image)) }

// PagesOf gives a sheet's pages in order.
func (x *Index) PagesOf(sheet int64) ([]*Page, error) {
	return x.pages(`p.sheet = ? ORDER BY p.id`, sheet)
}

func onePage(all []*Page, err error) (*Page, error) {
	if err == nil && len(all) == 0 {
		err = ErrNotThere
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func (x *Index) pages(where string, args ...any) ([]*Page, error) {
	var out []*Page
	err := x.each(pageColumns+where, func(scan func(...any) error) error {
		p, skew := &Page{}, 0
		err := scan(&p.ID, &p.SheetID, &p.Image, &p.SHA256, &p.Outcome, &p.Reason, &p.Style, &p.Label, &p.Quality, &p.File, &p.Index, &p.Number, &p.Rotation, &skew)
		p.Skew = float64(skew) / 1e4
		out = append(out, p)
		return err
	}, args...)
	return out, err
}

// Title is the name of a group for people: of a contest its title.
func (x *Index) Title(g *Group) string {
	if c := x.run.Election.Contest(g.Name); c != nil && (g.Kind == KindOvervote || g.Kind == KindWriteIn) {
		return c.Title
	}
	return strings.ReplaceAll(g.Name, "-", " ")
}

// Mark gives what was measured at a target of a page. Target counts from 0.
func (x *Index) Mark(p *Page, target int) (*marks.Mark, error) {
	var m storedMark
	err := x.one(`SELECT `+markColumns("m.", "")+` FROM run.marks m WHERE m.page = ? AND m.target = ?`, m.targets(), p.ID, target)
	if err != nil {
		return nil, err
	}
	found := m.mark()
	return &found, nil
}

// Answer is what was read at a target of a page. Target counts from 0.
func (x *Index) Answer(p *Page, target int) (vote.Answer, error) {
	var a string
	err := x.one(`SELECT answer FROM run.marks WHERE page = ? AND target = ?`, []any{&a}, p.ID, target)
	return vote.Answer(a), err
}

// one reads the one row of a query.
func (x *Index) one(query string, into []any, args ...any) error {
	found := false
	err := x.each(query, func(scan func(...any) error) error {
		found = true
		return scan(into...)
	}, args...)
	if err == nil && !found {
		return ErrNotThere
	}
	return err
}
