package batch

import (
	"io"
	"iter"
	"slices"
	"strings"

	"recount/audit"
	"recount/cvr"
	"recount/election"
)

// records writes cvr.json: one cast-vote record a counted sheet, decided again from the ledger. It keeps the marks' traces on the
// way, for rescans.csv.
func (x *export) records(w io.Writer) error {
	x.marked = audit.NewRescans()
	return cvr.WriteNIST(w, x.election, cvr.Info{Version: x.id.Program}, func(yield func(*cvr.Record, error) bool) {
		for rec, err := range x.each() {
			if err == nil {
				x.marked.Add(rec)
			}
			if !yield(rec, err) {
				return
			}
		}
	})
}

// each gives the run's records in order, one at a time.
func (x *export) each() iter.Seq2[*cvr.Record, error] {
	return func(yield func(*cvr.Record, error) bool) {
		for s, err := range x.ledger.sheets(x.election, x.limits) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(s.record(), nil) {
				return
			}
		}
	}
}

// record is the sheet as a cast-vote record.
func (s *storedSheet) record() *cvr.Record {
	r := &cvr.Record{Sheet: s.decided, AsRead: s.asRead, Decisions: s.decisions, Images: make([]cvr.Image, 0, len(s.pages))}
	for _, p := range s.pages {
		if !p.read() {
			continue
		}
		page := election.Page{Number: p.number}
		r.Images = append(r.Images, cvr.Image{Name: p.image, Page: max(p.index, 1), SHA256: p.sha256, Side: page.Side()})
	}
	r.ID = cvr.RecordID(r.Images)
	return r
}

// totals writes totals.csv, and proves the sum rule on the way.
func (x *export) totals(w io.Writer) error {
	t := audit.NewTally(x.election)
	for s, err := range x.ledger.sheets(x.election, x.limits) {
		if err != nil {
			return err
		}
		if err := t.Add(precinctOf(x.election, s.label), "", &s.decided); err != nil {
			return err
		}
	}
	if err := t.Check(); err != nil {
		return err
	}
	return t.WriteCSV(w)
}

// precinctOf is the precinct of a style, or of twins that nothing told apart: all of theirs, joined.
func precinctOf(e *election.Election, label string) string {
	var names []string
	for _, id := range strings.Split(label, "|") {
		if s := e.Style(id); s != nil && !slices.Contains(names, s.Precinct) {
			names = append(names, s.Precinct)
		}
	}
	return strings.Join(names, "|")
}
