package batch

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVerifyRun(t *testing.T) {
	o := options(t)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	c, err := VerifyRun(t.Context(), o.Out, o.Inputs)
	require.NoError(t, err)
	assert.Empty(t, c.Faults)
	assert.True(t, c.Good())
	assert.Equal(t, c.Files, c.Scans)
	total := 0
	for _, n := range c.Outcomes {
		total += n
	}
	assert.Equal(t, c.Inputs, total)
	assert.Len(t, c.Results, len(exportNames()))

	file := func(name string, change func(text string) string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			changed := change(string(data))
			require.NotEqual(t, string(data), changed)
			require.NoError(t, os.WriteFile(path, []byte(changed), 0o666))
		}
	}
	ledger := func(statement string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			db, err := sql.Open("sqlite", filepath.Join(dir, LedgerFile))
			require.NoError(t, err)
			defer db.Close()
			_, err = db.Exec(statement)
			require.NoError(t, err)
		}
	}
	vote := func(text string) string { return strings.Replace(text, ",vote,", ",none,", 1) }
	for _, r := range []struct {
		name   string
		tamper func(t *testing.T, dir string)
		check  string
		what   string
	}{
		{"a mark in marks.csv", file("marks.csv", vote), "results", "marks.csv is not what the ledger gives"},
		{"a mark, and the hash that names it", func(t *testing.T, dir string) {
			before, err := hashFile(filepath.Join(dir, "marks.csv"))
			require.NoError(t, err)
			file("marks.csv", vote)(t, dir)
			after, err := hashFile(filepath.Join(dir, "marks.csv"))
			require.NoError(t, err)
			file(runFile, func(text string) string { return strings.Replace(text, before, after, 1) })(t, dir)
		}, "results", "marks.csv is not what the ledger gives"},
		{"a result is gone", func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "totals.csv"))) }, "results", "totals.csv"},
		{"run.json is gone", func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, runFile))) }, "results", runFile},
		{"a mark in the ledger", ledger(`UPDATE marks SET answer = 'none' WHERE (page, target) = (SELECT page, target FROM marks WHERE answer = 'vote' LIMIT 1)`),
			"results", "is not what the ledger gives"},
		{"a page without an outcome", ledger(`DELETE FROM marks WHERE page = 1; DELETE FROM pages WHERE id = 1`), "outcomes", "has no outcome"},
		{"an outcome there is not", ledger(`UPDATE pages SET outcome = 'lost' WHERE id = 2`), "outcomes", `"lost"`},
		{"a page counted twice", ledger(`UPDATE pages SET input = 0 WHERE id = 3`), "outcomes", "has no outcome"},
		{"another hash of an input", ledger(`UPDATE inputs SET sha256 = 'ff' WHERE id = 1`), "manifest", "the list of inputs was changed"},
		{"an input more", ledger(`INSERT INTO inputs VALUES (999, 'extra.tif', 1, 'ff', '')`), "outcomes", "extra.tif has no outcome"},
		{"another definition", ledger(`UPDATE meta SET value = 'ff' WHERE key = 'definition'`), "ledger", "definition"},
		{"a sheet is gone", ledger(`PRAGMA foreign_keys=OFF; DELETE FROM sheets WHERE id = 1`), "ledger", "has no sheets"},
	} {
		t.Run(r.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			require.NoError(t, os.CopyFS(dir, os.DirFS(o.Out)))
			r.tamper(t, dir)
			c, err := VerifyRun(t.Context(), dir, nil)
			require.NoError(t, err)
			require.False(t, c.Good())
			assert.Zero(t, c.Scans)
			found := false
			for _, f := range c.Faults {
				found = found || f.Check == r.check && strings.Contains(f.What, r.what)
			}
			assert.True(t, found, "%+v", c.Faults)
			if r.name == "run.json is gone" {
				assert.Equal(t, 1, c.Faulty, "one fault is told once: %+v", c.Faults)
			}
		})
	}
	t.Run("the scans", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "images")
		require.NoError(t, os.CopyFS(dir, os.DirFS(o.Inputs[0])))
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.NoError(t, os.Remove(filepath.Join(dir, entries[0].Name())))
		require.NoError(t, os.WriteFile(filepath.Join(dir, entries[1].Name()), []byte("another"), 0o666))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "zz.tif"), []byte("another"), 0o666))
		c, err := VerifyRun(t.Context(), o.Out, []string{dir})
		require.NoError(t, err)
		require.Equal(t, 3, c.Faulty, "%+v", c.Faults)
		assert.Contains(t, c.Faults[0].What, "is not among the scans")
		assert.Contains(t, c.Faults[1].What, "is not what it was")
		assert.Contains(t, c.Faults[2].What, "zz.tif was not there")
	})
	t.Run("no run", func(t *testing.T) {
		_, err := VerifyRun(t.Context(), t.TempDir(), nil)
		assert.ErrorContains(t, err, "name a folder that recount read made")
	})
}
