package batch

import (
	"fmt"

	"recount/audit"
	"recount/cvr"
	"recount/vote"
)

// pictured is how many pairs of sheets that may be one are shown with their marks.
const pictured = 20

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
	pairs, more := found.Find()
	if more > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%d more pairs of sheets have marks alike.", more))
	}
	want := map[string]*cvr.Record{}
	for i, pair := range pairs {
		p.Accounting = within(p.Accounting, audit.Remark{Name: "one sheet scanned twice?", Text: fmt.Sprintf("%s and %s: %d marks lie alike (%d bits of evidence); both are counted", pair.Sheet, pair.Other, pair.Marks, pair.Bits)})
		if i < pictured {
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
	for _, pair := range pairs[:min(len(pairs), pictured)] {
		p.CasesAll++
		c := audit.Case{Sheet: pair.Sheet + " and " + pair.Other, Contest: "One sheet scanned twice?", Kind: "scanned-twice", Ours: "counted twice, if it is one sheet",
			Detail: fmt.Sprintf("%d marks lie alike in both, %d bits of evidence: compare the handwriting", pair.Marks, pair.Bits)}
		for _, name := range []string{pair.Sheet, pair.Other} {
			if rec := want[name]; rec != nil {
				c.Marks = append(c.Marks, r.firstMarks(rec)...)
			}
		}
		p.Cases = append(p.Cases, c)
	}
	return nil
}

// firstMarks are up to three marked targets of a sheet's first marked page.
func (r *FinishedRun) firstMarks(rec *cvr.Record) (out []audit.MarkSeen) {
	page := 0
	for i := range rec.Sheet.Readings {
		k := &rec.Sheet.Readings[i]
		c := r.Election.Contest(k.Contest)
		if c == nil || k.Answer == vote.None || page != 0 && k.Page != page || len(out) == 3 {
			continue
		}
		page = k.Page
		out = append(out, audit.Seen(rec, c, k))
	}
	return out
}
