package cvr

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A folder's reports are each valid by themselves, and together hold what the one report does.
func TestWriteNISTFolder(t *testing.T) {
	e := town()
	records := func() iter.Seq2[*Record, error] {
		return func(yield func(*Record, error) bool) {
			for i := range FolderSheets + 2 {
				if !yield(record(fmt.Sprintf("batch 7/%04d", i), sheet(t, e, []string{"v....v./v.", "vq..vvq/qq", ".v....."}[i%3])), nil) {
					return
				}
			}
		}
	}
	dir := t.TempDir()
	n, err := WriteNISTFolder(e, Info{Version: "0.1.0"}, records(), func(name string) (io.WriteCloser, error) {
		path := filepath.Join(dir, "all", filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	})
	require.NoError(t, err)
	assert.Equal(t, FolderSheets+2, n)
	for folder, want := range map[string]int{"00000": FolderSheets, "00001": 2} {
		files, err := os.ReadDir(filepath.Join(dir, "all", folder))
		require.NoError(t, err)
		require.Len(t, files, want)
		for _, f := range files[:min(5, want)] {
			data, err := os.ReadFile(filepath.Join(dir, "all", folder, f.Name()))
			require.NoError(t, err)
			require.NoError(t, Validate(bytes.NewReader(data)))
		}
	}
	var b bytes.Buffer
	require.NoError(t, WriteNIST(&b, e, Info{Version: "0.1.0"}, records()))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cvr.json"), b.Bytes(), 0o644))
	sums := func(path string) map[string]int {
		x, err := OpenExport([]string{path}, ExportOptions{})
		require.NoError(t, err)
		defer x.Close()
		out := map[string]int{}
		for r, err := range x.Records() {
			require.NoError(t, err)
			out["records"]++
			for _, c := range r.Contests {
				def := x.Roster.Contests[c.Contest]
				out[def.Title+" over"] += c.Overvotes
				out[def.Title+" under"] += c.Undervotes
				for _, m := range c.Marks {
					out[fmt.Sprint(def.Title, " ", def.Choices[m.Choice].Name, " ", def.Choices[m.Choice].Party)] += m.Votes
				}
			}
		}
		return out
	}
	assert.Equal(t, sums(filepath.Join(dir, "cvr.json")), sums(filepath.Join(dir, "all")))
	// The back of every third sheet was not read: its contest is in no such report.
	front := sheet(t, e, "v....v.")
	var one bytes.Buffer
	_, err = WriteNISTFolder(e, Info{}, stream(record("a", front)), func(string) (io.WriteCloser, error) { return nopCloser{&one}, nil })
	require.NoError(t, err)
	assert.NotContains(t, one.String(), "Question 1")
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func TestWriteNISTFolderErrors(t *testing.T) {
	e := town()
	good := record("a", sheet(t, e, "v....v./v."))
	for _, id := range []string{"", "../a", "a/b", "a.b", ".a", "CON:", "a\x00", strings.Repeat("a", 65)} {
		bad := *good
		bad.ID = id
		_, err := WriteNISTFolder(e, Info{}, stream(&bad), func(string) (io.WriteCloser, error) { t.Fatal("a file was opened"); return nil, nil })
		assert.ErrorContains(t, err, "no plain file name", id)
	}
	full := errors.New("no room")
	_, err := WriteNISTFolder(e, Info{}, stream(good), func(string) (io.WriteCloser, error) { return nil, full })
	assert.ErrorIs(t, err, full)
	_, err = WriteNISTFolder(e, Info{}, stream(good), func(string) (io.WriteCloser, error) { return nopCloser{fullDisk{}}, nil })
	assert.ErrorIs(t, err, errFull)
	_, err = WriteNISTFolder(e, Info{}, func(yield func(*Record, error) bool) { yield(nil, full) }, nil)
	assert.ErrorIs(t, err, full)
}
