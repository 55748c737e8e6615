package batch

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"recount/audit"
	"recount/cvr"
	"recount/election"
	"recount/vote"
)

// ReportOptions say what a report of a finished run shows.
type ReportOptions struct {
	Images     []string               // the run's scans, for crops; none means no crops
	Comparison *audit.Comparison      // with a machine's totals, or nil
	Records    *audit.SheetComparison // with a machine's records, or nil
	Crops      int                    // at most so many; 0 means DefaultCrops
}

// DefaultCrops bounds a report's pictures: some 10 KB each.
const DefaultCrops = 300

// The bounds of a report's lists.
const (
	reportCases = 1000
	reportLines = 500
)

// Report gathers what the report of a finished run shows.
func (r *FinishedRun) Report(o ReportOptions) (*audit.Page, error) {
	if o.Crops == 0 {
		o.Crops = DefaultCrops
	}
	p := &audit.Page{Title: r.Election.Title, Jurisdiction: r.Election.Jurisdiction, Date: r.Election.Date, Program: r.Program, Totals: r.Totals, Comparison: o.Comparison, Records: o.Records}
	pages, err := r.pages()
	if err != nil {
		return nil, err
	}
	r.outcomes(p, pages)
	if err := r.facts(p); err != nil {
		return nil, err
	}
	found := audit.NewRescans()
	if err := r.cases(p, o.Records, found); err != nil {
		return nil, err
	}
	if err := r.account(p, pages, found); err != nil {
		return nil, err
	}
	byName := make(map[string]pageRow, len(pages))
	for _, row := range pages {
		byName[row.image] = row
	}
	c, err := newCropper(o.Images, byName)
	if err != nil {
		return nil, err
	}
	defer c.close()
	addCrops(p, c, o.Crops)
	for i := range p.Cases {
		if k := &p.Cases[i]; k.Kind == scannedTwice { // both sheets have the same targets marked: they are named once
			k.Marks = k.Marks[:len(k.Marks)/2]
		}
	}
	if o.Images == nil {
		p.Notes = append(p.Notes, "The scans were not given (--images), so the marks in question are not pictured.")
	}
	return p, nil
}

// pages reads every page's row, in the order of the run.
func (r *FinishedRun) pages() ([]pageRow, error) {
	rows, err := r.ledger.db.Query(`SELECT p.image, p.page, p.sha256, p.outcome, p.reason, p.rotation, p.quality, i.name FROM pages p JOIN inputs i ON i.id = p.input ORDER BY p.id`)
	if err != nil {
		return nil, r.ledger.explain("read", err)
	}
	defer rows.Close()
	var out []pageRow
	for rows.Next() {
		var p pageRow
		if err := rows.Scan(&p.image, &p.index, &p.sha256, &p.outcome, &p.reason, &p.rotation, &p.quality, &p.input); err != nil {
			return nil, r.ledger.explain("read", err)
		}
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, r.ledger.explain("read", err)
	}
	return out, nil
}

// outcomes lists what became of the pages, and the faults that were seen.
func (r *FinishedRun) outcomes(p *audit.Page, pages []pageRow) {
	n, faults := map[Outcome]int{}, map[string]int{}
	for _, row := range pages {
		n[Outcome(row.outcome)]++
		line := audit.Remark{Name: row.image, Text: row.reason}
		switch Outcome(row.outcome) {
		case Refused:
			p.RefusedAll++
			p.Refused = within(p.Refused, line)
		case Duplicate:
			p.DuplicatesAll++
			p.Duplicates = within(p.Duplicates, line)
		}
		seen := map[string]bool{}
		for _, f := range strings.Split(row.quality, "; ") {
			kind, _, _ := strings.Cut(strings.TrimSpace(f), " ")
			if kind = strings.TrimRight(kind, ":,"); kind != "" && !seen[kind] {
				seen[kind] = true
				faults[kind]++
			}
		}
	}
	for _, o := range outcomes {
		p.Outcomes = append(p.Outcomes, audit.Fact{Name: string(o), Value: fmt.Sprint(n[o])})
	}
	p.Outcomes = append(p.Outcomes, audit.Fact{Name: "all", Value: fmt.Sprint(len(pages))})
	for k, v := range faults {
		p.Faults = append(p.Faults, audit.Fact{Name: k, Value: fmt.Sprint(v)})
	}
	slices.SortFunc(p.Faults, func(a, b audit.Fact) int { return cmp.Compare(a.Name, b.Name) })
}

func within(list []audit.Remark, r audit.Remark) []audit.Remark {
	if len(list) >= reportLines {
		return list
	}
	return append(list, r)
}

// facts are what made the run.
func (r *FinishedRun) facts(p *audit.Page) error {
	limits, err := json.Marshal(r.Limits)
	if err != nil {
		return fmt.Errorf("write limits: %w", err)
	}
	p.Facts = []audit.Fact{{Name: "program", Value: r.Program}, {Name: "definition, SHA-256", Value: r.Definition}, {Name: "list of inputs, SHA-256", Value: r.Manifest},
		{Name: "limits, ten-thousandths", Value: strings.Trim(strings.NewReplacer(`"`, "", ",", ", ", ":", " ").Replace(string(limits)), "{}")}}
	if d := r.Decisions; d != nil {
		p.Facts = append(p.Facts, audit.Fact{Name: "decided by hand", Value: d.String()},
			audit.Fact{Name: "log of decisions, SHA-256", Value: d.SHA256})
	}
	for _, f := range r.Files {
		p.Facts = append(p.Facts, audit.Fact{Name: f.File + ", SHA-256", Value: f.SHA256})
	}
	return nil
}

// cases walks the sheets once: differences with the machine's records first, then what is questionable without one, and what all targets
// together look like.
func (r *FinishedRun) cases(p *audit.Page, records *audit.SheetComparison, found *audit.Rescans) error {
	census := audit.NewCensus(r.Election, r.Limits)
	whole, err := r.ledger.wholeFiles()
	if err != nil {
		return err
	}
	type at struct{ sheet, contest string }
	known := map[at]bool{}
	if records != nil {
		// What differs stands before what is open here.
		for _, d := range records.ByKind() {
			known[at{d.Sheet, d.Contest}] = true
			p.CasesAll++
			if len(p.Cases) < reportCases {
				name := d.Sheet
				if name == "" {
					name = d.Record
				}
				p.Cases = append(p.Cases, audit.Case{Sheet: name, Contest: d.Contest, Kind: string(d.Kind), Class: string(d.Class), Ours: d.Ours, Machine: d.Machine, Detail: d.Detail, Marks: d.Marks})
			}
		}
		p.CasesAll += records.Cut
	}
	for s, err := range r.ledger.sheets(r.Election, r.Limits) {
		if err != nil {
			return err
		}
		rec := r.record(s)
		p.Sheets++
		census.Add(s.batch(whole), rec)
		found.Add(rec)
		for i := range rec.Sheet.Contests {
			c := r.Election.Contest(rec.Sheet.Contests[i].Contest)
			if c == nil {
				continue
			}
			marks := questioned(rec, c)
			label := audit.Label(r.Election, c)
			if len(marks) == 0 || known[at{rec.Images[0].Name, label}] {
				continue
			}
			if p.CasesAll++; len(p.Cases) < reportCases {
				p.Cases = append(p.Cases, audit.Case{Sheet: rec.Images[0].Name, Contest: label, Kind: string(audit.OpenHere), Ours: audit.SayContest(c, &rec.Sheet.Contests[i]),
					Detail: rec.Sheet.Contests[i].Reason, Marks: marks})
			}
		}
	}
	p.Near, p.Batches = census.Near(), census.Batches()
	p.Chart, err = audit.FillChart(p.Batches, r.Limits)
	return err
}

// questioned are a contest's votes and questionable targets, where it has any of the latter.
func questioned(rec *cvr.Record, c *election.Contest) []audit.MarkSeen {
	var out []audit.MarkSeen
	asked := false
	for i := range rec.Sheet.Readings {
		k := &rec.Sheet.Readings[i]
		if k.Contest != c.ID || k.Answer == vote.None {
			continue
		}
		asked = asked || k.Answer == vote.Questionable
		out = append(out, audit.Seen(rec, c, k))
	}
	if !asked {
		return nil
	}
	return out
}

// addCrops pictures the cases' marks, image by image, up to a number.
func addCrops(p *audit.Page, c *cropper, most int) {
	type want struct {
		at    int
		image string
		marks []audit.MarkSeen
	}
	var wants []want
	left := 0
	for i := range p.Cases {
		byImage := map[string]int{}
		for _, m := range p.Cases[i].Marks {
			k, ok := byImage[m.Image]
			if !ok {
				if len(wants) >= most {
					left++
					p.Cases[i].NoCrop = fmt.Sprintf("the report shows %d", most)
					break
				}
				k = len(wants)
				byImage[m.Image] = k
				wants = append(wants, want{at: i, image: m.Image})
			}
			wants[k].marks = append(wants[k].marks, m)
		}
	}
	// A scan is decoded once, whatever the order of the cases.
	slices.SortStableFunc(wants, func(a, b want) int { return cmp.Compare(a.image, b.image) })
	for _, w := range wants {
		cut := c.cut
		if p.Cases[w.at].Kind == scannedTwice {
			cut = c.strip
		}
		crop, err := cut(w.image, w.marks)
		if err != nil {
			p.Cases[w.at].NoCrop = err.Error()
			continue
		}
		p.Cases[w.at].Crops = append(p.Cases[w.at].Crops, crop)
	}
	if left > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("Pictures are cut at %d; %d more contests have none here: --crops shows more.", most, left))
	}
}
