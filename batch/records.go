package batch

import (
	"slices"
	"strings"

	"recount/cvr"
	"recount/election"
)

// RecordsFile is a run's cast-vote records, NIST SP 1500-103.
const RecordsFile = "cvr.json"

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
