package election

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A file is written whole or not at all, and nothing is left beside it.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	require.NoError(t, WriteFile(path, []byte("one")))
	require.NoError(t, WriteFile(path, []byte("two")))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "two", string(data))

	require.NoError(t, os.MkdirAll(filepath.Join(dir, "taken", "inside"), 0o755))
	err = WriteFile(filepath.Join(dir, "taken"), []byte("x"))
	assert.ErrorContains(t, err, "taken")
	err = WriteFile(filepath.Join(dir, "none", "a.txt"), []byte("x"))
	assert.ErrorContains(t, err, filepath.Join("none", "a.txt"))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range left {
		assert.False(t, strings.HasPrefix(f.Name(), ".recount-"), f.Name())
	}
	assert.Len(t, left, 2)

	t.Run("unwritable folder", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root writes everywhere")
		}
		locked := t.TempDir()
		require.NoError(t, os.Chmod(locked, 0o555))
		require.Error(t, WriteFile(filepath.Join(locked, "a.txt"), []byte("x")))
		left, err := os.ReadDir(locked)
		require.NoError(t, err)
		assert.Empty(t, left)
	})
}
