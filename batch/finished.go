package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"recount/audit"
	"recount/election"
)

// Finished is a run that came to its end, as far as a comparison needs it.
type Finished struct {
	Election *election.Election // the definition it was read with, kept in the ledger
	Totals   *audit.Totals
	Files    []FileHash // the run's results, as run.json names them
}

// maxResult bounds the results read back into memory: totals of a whole state take a tenth of it.
const maxResult = 256 << 20

// OpenFinished reads back a run's totals, after checking that they are the bytes the run wrote.
func OpenFinished(dir string) (*Finished, error) {
	var desc struct {
		Results []FileHash `json:"results"`
	}
	data, err := readResult(filepath.Join(dir, runFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no finished run: let recount read come to its end there first", dir)
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &desc); err != nil {
		return nil, fmt.Errorf("read %s: %w: read the scans again with --force", filepath.Join(dir, runFile), err)
	}
	want := ""
	for _, f := range desc.Results {
		if f.File == "totals.csv" {
			want = f.SHA256
		}
	}
	file := filepath.Join(dir, "totals.csv")
	if data, err = readResult(file); err != nil {
		return nil, err
	}
	if hashOf(data) != want {
		return nil, fmt.Errorf("%s was changed since the run wrote it: run recount read again, which writes it anew", file)
	}
	t, err := audit.ReadTotals(file, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	l, e, err := openSettled(filepath.Join(dir, LedgerFile))
	if err != nil {
		return nil, err
	}
	if err := l.close(); err != nil {
		return nil, l.explain("close", err)
	}
	return &Finished{e, t, desc.Results}, nil
}

// readResult reads one of a run's files.
func readResult(path string) ([]byte, error) {
	data, err := readBounded(path, maxResult)
	if err != nil {
		return nil, fmt.Errorf("read the run: %w", err)
	}
	return data, nil
}

// readBounded reads a file of at most so many bytes.
func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes: no run writes that", path, most)
	}
	return data, nil
}
