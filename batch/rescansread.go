package batch

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
)

// RescanPair is two sheets that may be one, scanned twice. Bits is the evidence.
type RescanPair struct {
	Sheet, Other string
	Marks, Bits  int
}

// Rescans reads the pairs of rescans.csv, after checking that they are the bytes the run wrote. A run of a program that did not look
// for them has no such file: looked is false then.
func (r *FinishedRun) Rescans() (pairs []RescanPair, looked bool, err error) {
	i := slices.IndexFunc(r.Files, func(f FileHash) bool { return f.File == rescansFile })
	if i < 0 {
		return nil, false, nil
	}
	file := filepath.Join(filepath.Dir(r.ledger.path), rescansFile)
	data, err := readResult(file)
	if err != nil {
		return nil, false, err
	}
	if hashOf(data) != r.Files[i].SHA256 {
		return nil, false, fmt.Errorf("%s was changed since the run wrote it: run recount read again, which writes it anew", file)
	}
	if pairs, err = parseRescans(data); err != nil {
		return nil, false, fmt.Errorf("read %s: %w", file, err)
	}
	return pairs, true, nil
}

// parseRescans reads the file's text. Columns are only ever added, so they are found by name.
func parseRescans(data []byte) ([]RescanPair, error) {
	in := csv.NewReader(bytes.NewReader(data))
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("it has no header: %w", err)
	}
	var at [4]int
	for k, name := range []string{"sheet", "other", "marks", "bits"} {
		if at[k] = slices.Index(head, name); at[k] < 0 {
			return nil, fmt.Errorf("it has no column %s", name)
		}
	}
	rows, err := in.ReadAll()
	if err != nil {
		return nil, err
	}
	var out []RescanPair
	for n, row := range rows {
		p := RescanPair{Sheet: row[at[0]], Other: row[at[1]]}
		var errMarks, errBits error
		p.Marks, errMarks = strconv.Atoi(row[at[2]])
		p.Bits, errBits = strconv.Atoi(row[at[3]])
		if errMarks != nil || errBits != nil || p.Sheet == "" || p.Other == "" {
			return nil, fmt.Errorf("row %d: it names two sheets and counts their marks and bits: %q", n+2, row)
		}
		out = append(out, p)
	}
	return out, nil
}
