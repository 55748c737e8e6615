package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

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
		var part *shardRun
		if l, _, err := openSettled(filepath.Join(dir, LedgerFile)); errors.As(err, &part) {
			return nil, part
		} else if err == nil {
			l.close()
		}
		return nil, fmt.Errorf("%s holds no finished run: let recount read come to its end there first", dir)
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &desc); err != nil {
		return nil, fmt.Errorf("read %s: %w: read the scans again with --force", filepath.Join(dir, runFile), err)
	}
	finished := &Finished{Files: desc.Results}
	file := filepath.Join(dir, "totals.csv")
	if data, err = readResult(file); err != nil {
		return nil, err
	}
	if err := finished.unchanged(file, hashOf(data)); err != nil {
		return nil, err
	}
	if finished.Totals, err = audit.ReadTotals(file, bytes.NewReader(data)); err != nil {
		return nil, err
	}
	l, e, err := openSettled(filepath.Join(dir, LedgerFile))
	if err != nil {
		return nil, err
	}
	if err := l.close(); err != nil {
		return nil, l.explain("close", err)
	}
	finished.Election = e
	return finished, nil
}

// Records is the path of a run's cast-vote records, after checking that they are the bytes the run wrote.
func Records(dir string) (string, error) {
	f, err := OpenFinished(dir)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, RecordsFile)
	hash, err := hashFile(file)
	if err != nil {
		return "", err
	}
	return file, f.unchanged(file, hash)
}

// unchanged holds a result's hash against the one that run.json names.
func (f *Finished) unchanged(file, hash string) error {
	if !slices.Contains(f.Files, FileHash{filepath.Base(file), hash}) {
		return fmt.Errorf("%s was changed since the run wrote it: run recount read again, which writes it anew", file)
	}
	return nil
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
