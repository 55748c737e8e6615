package batch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

// The review's pairs are those that the run wrote down, found once.
func TestTheIndexHasThePairsOfTheFile(t *testing.T) {
	run, _ := scannedAgain(t, fixtures.Cross, 120, 8, 5)
	want, looked, err := run.Rescans()
	require.NoError(t, err)
	require.True(t, looked)
	require.Len(t, want, 5)
	x, err := run.OpenIndex(filepath.Join(t.TempDir(), "x.db"), nil)
	require.NoError(t, err)
	got, looked, err := x.Pairs()
	require.NoError(t, x.Close())
	require.NoError(t, err)
	assert.True(t, looked)
	assert.Equal(t, want, got)

	file := filepath.Join(filepath.Dir(run.ledger.path), rescansFile)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(data, '\n'), 0o666))
	_, err = run.OpenIndex(filepath.Join(t.TempDir(), "y.db"), nil)
	assert.ErrorContains(t, err, "was changed since the run wrote it")
	require.NoError(t, os.Remove(file))
	_, _, err = run.Rescans()
	assert.ErrorContains(t, err, "read the run")
	run.Files = nil // as an older program left it
	_, looked, err = run.Rescans()
	require.NoError(t, err)
	assert.False(t, looked)
}

func TestParseRescansErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "no header"},
		{"another file", "image,page\na,1\n", "no column sheet"},
		{"a short row", "sheet,other,marks,bits\na,b,3\n", "wrong number of fields"},
		{"no number", "sheet,other,marks,bits\na,b,3,many\n", "row 2"},
		{"no sheet", "sheet,other,marks,bits\na,,3,4\n", "row 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseRescans([]byte(c.text))
			assert.ErrorContains(t, err, c.want)
		})
	}
	pairs, err := parseRescans([]byte("sheet,other,marks,new,bits\na,b,3,x,4\n"))
	require.NoError(t, err)
	assert.Equal(t, []RescanPair{{"a", "b", 3, 4}}, pairs)
}

func FuzzParseRescans(f *testing.F) {
	f.Add([]byte("sheet,other,marks,score,bits,run,run_sheets,what\na,b,3,1.5,4,,,look\n"))
	f.Add([]byte("sheet,other,marks,bits\n\"a\nb\",c,1,-2\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		pairs, err := parseRescans(data)
		if err != nil {
			assert.Empty(t, pairs)
		}
		for _, p := range pairs {
			assert.NotEmpty(t, p.Sheet)
			assert.NotEmpty(t, p.Other)
		}
	})
}
