package audit

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"recount/cvr"
)

// MachineOptions say how a machine's figures are read.
type MachineOptions struct {
	// Contest names the contest of a table that holds one and does not say which (Arlo's totals by batch).
	Contest string
}

// OpenMachine reads a machine's figures from files of any kind that ReadMachine or cvr.OpenExport read, all together:
// several tables are added up, cast-vote records are tallied. A zip archive is one of Clarity's with detail.xml, or one of
// records.
func OpenMachine(paths []string, o MachineOptions) (*Machine, error) {
	out := &Machine{Name: strings.Join(paths, ", ")}
	var records []string
	var read []*Machine
	for _, p := range paths {
		m, isTotals, err := openTotals(p, o)
		if err != nil {
			return nil, err
		}
		if !isTotals {
			records = append(records, p)
			continue
		}
		for _, o := range read {
			if slices.Equal(o.Rows, m.Rows) {
				return nil, &ReadError{File: m.Name, Detail: fmt.Sprintf("holds the very numbers of %s, line by line", o.Name), Mend: "give each table once"}
			}
		}
		read = append(read, m)
		out.Rows = append(out.Rows, m.Rows...)
		out.Notes = append(out.Notes, m.Notes...)
	}
	// One file may hold the totals of another's.
	if len(read) > 1 {
		if err := out.dropTotals(); err != nil {
			return nil, err
		}
	}
	if len(records) == 0 {
		return out, nil
	}
	x, err := cvr.OpenExport(records, cvr.ExportOptions{})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	t := NewCVRTally(x.Roster, ByPrecinct)
	for r, err := range x.Records() {
		if err != nil {
			return nil, err
		}
		if err := t.Add(r); err != nil {
			return nil, err
		}
	}
	totals := t.Totals()
	if x.Lost > 0 {
		totals.Look = append(totals.Look, fmt.Sprintf("rows that are no records, or ballots without one, that may hold votes: %d", x.Lost))
	}
	totals.Notes = append(totals.Notes, x.Notes...)
	m := totals.Machine(out.Name)
	out.records = len(out.Rows) == 0
	out.Rows = append(out.Rows, m.Rows...)
	out.Notes = append(out.Notes, m.Notes...)
	return out, nil
}

// openTotals reads one file of totals; false where it holds none but may hold records.
func openTotals(name string, o MachineOptions) (*Machine, bool, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, true, &ReadError{File: name, Detail: "cannot be read (" + err.Error() + ")", Mend: "check the name", Err: err}
	}
	if info.IsDir() {
		return nil, false, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, true, &ReadError{File: name, Detail: "cannot be read (" + err.Error() + ")", Mend: "check the file's rights", Err: err}
	}
	defer f.Close()
	head := make([]byte, 256<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, true, &ReadError{File: name, Detail: "cannot be read (" + err.Error() + ")", Mend: "copy it again", Err: err}
	}
	head = head[:n]
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return openArchive(name, o)
	}
	if cvr.HoldsRecords(name, head) {
		return nil, false, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, true, &ReadError{File: name, Detail: "cannot be read twice", Mend: "copy it to a file", Err: err}
	}
	m, err := readMachine(name, f, o.Contest)
	return m, true, err
}

// openArchive reads the detail.xml of a Clarity archive.
func openArchive(name string, o MachineOptions) (*Machine, bool, error) {
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, false, nil // the reader of records says what is wrong
	}
	defer func() { _ = z.Close() }() // it was only read
	for _, f := range z.File {
		if path.Base(f.Name) != "detail.xml" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, true, &ReadError{File: name, Detail: f.Name + " cannot be read (" + err.Error() + ")", Mend: "download it again", Err: err}
		}
		defer r.Close()
		m, err := readMachine(name+"/"+f.Name, r, o.Contest) // readText bounds what it unpacks
		return m, true, err
	}
	return nil, false, nil
}
