package review

import (
	"net/http"

	"recount/batch"
	"recount/cvr"
	"recount/vote"
)

// pairLine is two sheets that may be one, with their marks side by side.
type pairLine struct {
	batch.RescanPair
	A, B           int64
	MarksA, MarksB []chipAt
	Said           *cvr.Verdict
	Unsaid         bool // what others said of it is hidden from this person
	Version        int
}

// chipAt is where a target's picture is. Target counts from 1.
type chipAt struct {
	Page   int64
	Target int
}

// pictured is how many marks of each sheet of a pair are shown.
const pictured = 6

// pairs lists sheets that may be one.
func (s *Server) pairs(w http.ResponseWriter, r *request) error {
	pairs, looked, err := s.index.Pairs()
	if err != nil {
		return err
	}
	var lines []pairLine
	for _, p := range pairs[:min(len(pairs), listed)] {
		a, errA := s.index.SheetNamed(p.Sheet)
		b, errB := s.index.SheetNamed(p.Other)
		if errA != nil || errB != nil {
			continue
		}
		l := pairLine{RescanPair: p, A: a.ID, B: b.ID}
		if l.MarksA, err = s.marked(a.ID); err != nil {
			return err
		}
		if l.MarksB, err = s.marked(b.ID); err != nil {
			return err
		}
		v := s.verdict(cvr.SheetSubject(b.Name))
		l.Version = v.Version
		if v.Entry != nil {
			l.Said, l.Unsaid = &v, s.unsaid(&v, r.who)
		}
		lines = append(lines, l)
	}
	return s.show(w, r, "pairs", "Scanned twice?", map[string]any{"Lines": lines, "Looked": looked})
}

// marked are a sheet's first targets with a mark.
func (s *Server) marked(sheet int64) ([]chipAt, error) {
	decided, err := s.index.Sheet(sheet)
	if err != nil {
		return nil, err
	}
	pages, err := s.index.PagesOf(sheet)
	if err != nil {
		return nil, err
	}
	var out []chipAt
	for i := range decided.Readings {
		k := &decided.Readings[i]
		for _, p := range pages {
			if p.Number == k.Page && k.Answer != vote.None && len(out) < pictured {
				out = append(out, chipAt{p.ID, k.Target + 1})
			}
		}
	}
	return out, nil
}
