package batch

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/vote"
)

var scratch string

func TestMain(m *testing.M) {
	runAsChild()
	var err error
	if scratch, err = os.MkdirTemp("", "recount-batch-test-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// drawn is a drawn election of eight sheets, sixteen pages, at a resolution that keeps the tests short.
var drawn = sync.OnceValues(func() (string, error) {
	o := fixtures.Options{Seed: 3, DPI: 120, Sheets: 8}
	dir := filepath.Join(scratch, "drawn")
	if err := fixtures.WriteSuite(dir, o); err != nil {
		return "", err
	}
	m, err := fixtures.New(o)
	if err != nil {
		return "", err
	}
	return dir, m.Election().Write(filepath.Join(dir, "election.json"))
})

// suite gives the drawn election's folder, which no test changes.
func suite(t testing.TB) string {
	t.Helper()
	dir, err := drawn()
	require.NoError(t, err)
	return dir
}

// options are those of a run over the suite into a new folder.
func options(t testing.TB) Options {
	dir := suite(t)
	return Options{Election: filepath.Join(dir, "election.json"), Out: filepath.Join(t.TempDir(), "run"),
		Inputs: []string{filepath.Join(dir, "images")}, Workers: 2, Limits: vote.DefaultLimits(), Program: "recount test", group: 2}
}

// sameFiles compares two runs' folders byte by byte.
func sameFiles(t *testing.T, want, got string) {
	t.Helper()
	list := func(dir string) (names []string) {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	require.Equal(t, list(want), list(got))
	for _, name := range list(want) {
		a, err := os.ReadFile(filepath.Join(want, name))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(got, name))
		require.NoError(t, err)
		assert.True(t, string(a) == string(b), "%s differs", name)
	}
}

// every are the indexes of n inputs.
func every(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
