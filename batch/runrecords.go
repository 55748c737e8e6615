package batch

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"path/filepath"

	"recount/cvr"
	"recount/vote"
)

// FinishedRun is a run that came to its end, with its ledger open for reading. Nothing in it changes.
type FinishedRun struct {
	*Finished
	Limits vote.Limits // it was decided with
	// Program, Definition and Manifest are what made the run: the program's name and version, and the hashes in run.json.
	Program, Definition, Manifest string
	Decisions                     *DecisionCount // what people decided by hand; nil where nobody did

	ledger *ledger
}

// OpenRun opens a finished run. Close it when it is done with.
func OpenRun(dir string) (*FinishedRun, error) {
	f, err := OpenFinished(dir)
	if err != nil {
		return nil, err
	}
	l, _, err := openSettled(filepath.Join(dir, LedgerFile))
	if err != nil {
		return nil, err
	}
	r := &FinishedRun{Finished: f, ledger: l}
	id, err := l.identity()
	if err == nil {
		r.Program, r.Definition, r.Manifest = id.Program, id.Definition, id.Manifest
		if err = json.Unmarshal(id.Limits, &r.Limits); err != nil {
			err = fmt.Errorf("read limits of %s: %w", l.path, err)
		}
	}
	if err == nil {
		r.Decisions, err = l.decisionCount()
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return r, nil
}

// Close closes the ledger.
func (r *FinishedRun) Close() error { return r.ledger.close() }

// WriteRecords writes every counted sheet's record as a NIST report of its own, as cvr.json has it (cvr.WriteNISTFolder).
func (r *FinishedRun) WriteRecords(create func(name string) (io.WriteCloser, error)) (int, error) {
	return cvr.WriteNISTFolder(r.Election, cvr.Info{Version: r.Program}, r.records((*storedSheet).record), create)
}

// Records gives every counted sheet's record in the run's order, one at a time, as cvr.json has them, with its precinct.
func (r *FinishedRun) Records() iter.Seq2[*cvr.Record, error] { return r.records(r.record) }

// records gives what record makes of every counted sheet.
func (r *FinishedRun) records(record func(*storedSheet) *cvr.Record) iter.Seq2[*cvr.Record, error] {
	return func(yield func(*cvr.Record, error) bool) {
		for s, err := range r.ledger.sheets(r.Election, r.Limits) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(record(s), nil) {
				return
			}
		}
	}
}

// record is a sheet's record with its precinct.
func (r *FinishedRun) record(s *storedSheet) *cvr.Record {
	rec := s.record()
	rec.Precinct = precinctOf(r.Election, s.label)
	return rec
}
