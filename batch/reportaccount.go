package batch

import (
	"fmt"

	"recount/audit"
	"recount/cvr"
	"recount/vote"
)

// pictured is how many pairs of sheets that may be one are shown with their marks, and how many of one doubled run.
const pictured, picturedOfRun = 20, 3

// account says what of the inputs is to be looked into: numbers missing in a row of names, and sheets that may have been scanned
// twice, the surest of them with the marks of both.
func (r *FinishedRun) account(p *audit.Page, pages []pageRow, found *audit.Rescans) error {
	names := make([]string, len(pages))
	for i := range pages {
		names[i] = pages[i].image
	}
	gaps, more := audit.Gaps(names)
	for _, g := range gaps {
		p.Accounting = within(p.Accounting, audit.Remark{Name: "missing number", Text: g.String()})
	}
	if more > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%d more gaps in numbered names were found.", more))
	}
	return r.twice(p, found.Find())
}

// scannedTwice is the kind of a case that shows two sheets.
const scannedTwice = "scanned-twice"

// twice lists the sheets that seem to have been scanned twice, and pictures the surest: of a doubled run its first pairs.
func (r *FinishedRun) twice(p *audit.Page, found *audit.Rescanned) error {
	p.Notes = append(p.Notes, found.Notes...)
	for _, run := range found.Runs {
		p.Accounting = within(p.Accounting, audit.Remark{Name: "sheets scanned twice in a row", Text: fmt.Sprintf("%s (%d bits of evidence); all are counted", sayRun(run), run.Bits)})
	}
	want := map[string]*cvr.Record{}
	shown := map[int]int{}
	var pairs []audit.Rescan
	for _, pair := range found.Pairs {
		if pair.Run == 0 {
			p.Accounting = within(p.Accounting, audit.Remark{Name: "one sheet scanned twice?", Text: fmt.Sprintf("%s and %s: %d marks, %d bits of evidence; both are counted", pair.Sheet, pair.Other, pair.Marks, pair.Bits)})
		}
		if len(pairs) < pictured && (pair.Run == 0 || pair.Marks > 0 && shown[pair.Run] < picturedOfRun) {
			shown[pair.Run]++
			pairs = append(pairs, pair)
			want[pair.Sheet], want[pair.Other] = nil, nil
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	for rec, err := range r.Records() {
		if err != nil {
			return err
		}
		if _, ok := want[rec.Images[0].Name]; ok {
			want[rec.Images[0].Name] = rec
		}
	}
	for _, pair := range pairs {
		a, b := want[pair.Sheet], want[pair.Other]
		if a == nil || b == nil {
			continue
		}
		p.CasesAll++
		c := audit.Case{Sheet: pair.Sheet + " and " + pair.Other, Contest: "One sheet scanned twice?", Kind: scannedTwice, Ours: "counted twice, if it is one sheet", Detail: whatToDo(found, pair)}
		c.Marks = append(r.seen(a, b), r.seen(b, a)...)
		p.Cases = append(p.Cases, c)
	}
	return nil
}

// seen are the first marks of a sheet at targets of one page that are marked on the other sheet too, on the page with most of them.
func (r *FinishedRun) seen(rec, other *cvr.Record) (out []audit.MarkSeen) {
	type place struct{ page, target int }
	both := map[place]bool{}
	for i := range other.Sheet.Readings {
		k := &other.Sheet.Readings[i]
		both[place{k.Page, k.Target}] = k.Answer != vote.None
	}
	pages := map[int][]audit.MarkSeen{}
	best := 0
	for i := range rec.Sheet.Readings {
		k := &rec.Sheet.Readings[i]
		c := r.Election.Contest(k.Contest)
		if k.Answer == vote.None || !both[place{k.Page, k.Target}] || c == nil {
			continue
		}
		if len(pages[k.Page]) < stripMarks {
			pages[k.Page] = append(pages[k.Page], audit.Seen(rec, c, k))
		}
		if n, m := len(pages[k.Page]), len(pages[best]); n > m || n == m && k.Page < best {
			best = k.Page
		}
	}
	return pages[best]
}
