package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReport(t *testing.T) {
	dir, out := suite(t), ran(t)
	page := filepath.Join(t.TempDir(), "report.html")
	records := strings.Replace(read(t, filepath.Join(out, "cvr.json")), `"TotalNumberVotes":1`, `"TotalNumberVotes":0`, 1)
	other := filepath.Join(t.TempDir(), "cvr.json")
	require.NoError(t, os.WriteFile(other, []byte(records), 0o644))
	args := []string{"report", "--run", out, "--totals", filepath.Join(dir, "machine-altered.csv"), "--cvr", other, "--out", page}
	code, text, errs := recount(t, append(args, "--images", filepath.Join(dir, "images"))...)
	assert.Equal(t, exitLook, code, errs)
	assert.Equal(t, page+"\n", text)
	html := read(t, page)
	assert.True(t, strings.Contains(html, "data:image/png;base64,"), "the mark that the machine did not count is pictured")
	assert.True(t, strings.Contains(html, `class="over"`), "the altered number is named")
	assert.True(t, strings.Contains(read(t, strings.TrimSuffix(page, "html")+"csv"), "machine,undisputed,questionable,total,difference"))
	assert.False(t, strings.Contains(html, out), "no place on this machine stands in it, but those of files that were given")

	code, _, errs = recount(t, args...)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "is there already")

	half := filepath.Join(t.TempDir(), "half.html")
	require.NoError(t, os.WriteFile(strings.TrimSuffix(half, "html")+"csv", nil, 0o644))
	code, _, errs = recount(t, "report", "--run", out, "--totals", filepath.Join(dir, "machine.csv"), "--out", half)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "half.csv is there already")
	assert.NoFileExists(t, half, "the page is not written without its return")

	bare := filepath.Join(t.TempDir(), "bare.html")
	code, _, errs = recount(t, "report", "--run", out, "--out", bare)
	assert.Equal(t, exitDone, code, errs)
	assert.True(t, strings.Contains(read(t, bare), "The scans were not given"))
	assert.False(t, strings.Contains(read(t, bare), "data:image/png"))

	wrong := filepath.Join(t.TempDir(), "images")
	require.NoError(t, os.MkdirAll(wrong, 0o755))
	files, err := os.ReadDir(filepath.Join(dir, "images"))
	require.NoError(t, err)
	for _, f := range files {
		require.NoError(t, os.WriteFile(filepath.Join(wrong, f.Name()), []byte("another file"), 0o644))
	}
	changed := filepath.Join(t.TempDir(), "changed.html")
	code, _, errs = recount(t, "report", "--run", out, "--cvr", other, "--out", changed, "--images", wrong)
	assert.Equal(t, exitLook, code, errs)
	assert.True(t, strings.Contains(read(t, changed), "its bytes have changed"))
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(data)
}

func TestReportUsage(t *testing.T) {
	for _, args := range [][]string{{"report"}, {"report", "--run", "x"}, {"report", "--run", "x", "--out", "y", "--crops", "0"}, {"report", "--run", "x", "--out", "y", "--over-under", "z"},
		{"report", "--run", "x", "--out", "y", "--limit", "z"}, {"report", "--run", "x", "--out", "y", "stray"}, {"report", "--run", "x", "--out", "y.csv"}} {
		code, _, _ := recount(t, args...)
		assert.Equal(t, exitUsage, code, args)
	}
}
