package cvr

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"

	"recount/election"
	"recount/vote"
)

// FolderSheets is how many reports WriteNISTFolder puts into one folder: as many as any system lists quickly.
const FolderSheets = 1000

// plainID is an ID that is safe as a file's name on every system.
var plainID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// WriteNISTFolder writes each record as a report of its own, as WriteNIST would write it alone, with the contests of its sheet and no
// others: "00000/ID.json", a thousand in a folder, in the order given. create opens a file by that name. It holds one record in
// memory at a time, and gives how many it wrote. A record whose ID is no plain file name is an error.
func WriteNISTFolder(e *election.Election, info Info, records iter.Seq2[*Record, error], create func(name string) (io.WriteCloser, error)) (int, error) {
	n := 0
	for r, err := range records {
		if err != nil {
			return n, fmt.Errorf("write cast-vote records: %w", err)
		}
		if len(r.ID) > 64 || !plainID.MatchString(r.ID) {
			return n, fmt.Errorf("write cast-vote record %.80q: its ID is no plain file name", r.ID)
		}
		f, err := create(fmt.Sprintf("%05d/%s.json", n/FolderSheets, r.ID))
		if err != nil {
			return n, fmt.Errorf("write cast-vote record %s: %w", r.ID, err)
		}
		one := func(yield func(*Record, error) bool) { yield(r, nil) }
		if err := errors.Join(WriteNIST(f, sheetElection(e, &r.Sheet), info, one), f.Close()); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// sheetElection is the part of the election that one sheet is about: its contests and its style.
func sheetElection(e *election.Election, s *vote.Sheet) *election.Election {
	out := *e
	out.Contests, out.Styles = nil, nil
	for i := range e.Contests {
		if slices.ContainsFunc(s.Contests, func(v vote.Contest) bool { return v.Contest == e.Contests[i].ID }) {
			out.Contests = append(out.Contests, e.Contests[i])
		}
	}
	if st := e.Style(s.Style); st != nil {
		out.Styles = []election.Style{*st}
	}
	return &out
}
