package author

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"recount/election"
)

// keptFiles are files that a person may have worked on and that are about to be written anew. Each is copied beside itself first,
// under a name with its hash, so that neither a failure nor a second try can lose it.
type keptFiles []keptFile

type keptFile struct {
	path, copy string
	data       []byte
	new        bool // the copy, which may have been there from another time
}

// keep copies those of the files that are there.
func keep(paths ...string) (keptFiles, error) {
	var all keptFiles
	for _, path := range paths {
		data, err := readBounded(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ext := filepath.Ext(path)
		k := keptFile{path: path, data: data, copy: fmt.Sprintf("%s-%.4x%s", strings.TrimSuffix(path, ext), sha256.Sum256(data), ext)}
		if _, err := os.Lstat(k.copy); err != nil {
			k.new = true
			if err := election.WriteFile(k.copy, data); err != nil {
				return nil, err
			}
		}
		all = append(all, k)
	}
	return all, nil
}

// settle takes away the copies of files that are as they were, and gives a note for each of the others.
func (all keptFiles) settle() []string {
	var notes []string
	for _, k := range all {
		now, err := os.ReadFile(k.path)
		if err == nil && bytes.Equal(now, k.data) {
			if k.new {
				_ = os.Remove(k.copy) // one copy too many does no harm
			}
			continue
		}
		notes = append(notes, fmt.Sprintf("%s was there with other content, which is kept as %s", k.path, filepath.Base(k.copy)))
	}
	return notes
}
