package batch

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
)

// resultFile is a result that is being written: whole or not at all, to a temporary name, synced, renamed. The temporary
// name is always the same, so that what a killed run left of it is written over and not left lying.
type resultFile struct {
	path, tmp string
	f         *os.File
	h         hash.Hash
	b         *bufio.Writer
}

func createResult(path string) (*resultFile, error) {
	r := &resultFile{path: path, tmp: filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".tmp"), h: sha256.New()}
	if err := os.Remove(r.tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	var err error
	if r.f, err = os.OpenFile(r.tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644); err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	r.b = bufio.NewWriterSize(&tee{r.f, r.h}, 1<<16)
	return r, nil
}

// Write adds to the file.
func (r *resultFile) Write(p []byte) (int, error) { return r.b.Write(p) }

// finish gives the file its name, and the SHA-256 of its bytes.
func (r *resultFile) finish() (sum string, err error) {
	defer func() {
		if err != nil {
			r.drop()
			err = fmt.Errorf("write %s: %w", r.path, err)
		}
	}()
	if err := r.b.Flush(); err != nil {
		return "", err
	}
	if err := r.f.Sync(); err != nil {
		return "", err
	}
	if err := r.f.Close(); err != nil {
		return "", err
	}
	if err := os.Rename(r.tmp, r.path); err != nil {
		return "", err
	}
	return hex.EncodeToString(r.h.Sum(nil)), nil
}

// drop takes the file away unfinished.
func (r *resultFile) drop() {
	r.f.Close()
	os.Remove(r.tmp)
}

// writeFile writes a file whole or not at all, and gives its SHA-256.
func writeFile(path string, write func(io.Writer) error) (sum string, err error) {
	r, err := createResult(path)
	if err != nil {
		return "", err
	}
	if err := write(r); err != nil {
		r.drop()
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return r.finish()
}

// tee hashes what it writes.
type tee struct {
	w io.Writer
	h hash.Hash
}

func (t *tee) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	t.h.Write(p[:n])
	return n, err
}
