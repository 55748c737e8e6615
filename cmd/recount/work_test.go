package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
)

func TestDatabaseUsage(t *testing.T) {
	dir := suite(t)
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"work without a database", []string{"work"}, "--db"},
		{"status without a database", []string{"status"}, "--db"},
		{"status of something", []string{"status", "--db", "postgres:///x", "run"}, "takes no argument"},
		{"too many workers", []string{"work", "--db", "postgres:///x", "--workers", "2000"}, "1 to 1024"},
		{"both ways at once", []string{"read", "--db", "postgres:///x", "--shard", "0/2", "--election", filepath.Join(dir, "election.json"), "--out", t.TempDir(), dir}, "say one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, stderr := recount(t, c.args...)
			assert.Equal(t, exitUsage, code)
			assert.Contains(t, stderr, c.want)
		})
	}
	code, _, stderr := recount(t, "status", "--db", "postgres:///x?host="+t.TempDir())
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "is the server up")
}

func TestStatusIsPrinted(t *testing.T) {
	s := &batch.DatabaseStatus{Election: "Town", Units: 100, Done: 40, Files: 200, Outcomes: map[string]int{"counted": 70, "refused": 10}, Rate: 2, Remaining: 30,
		Workers: []batch.WorkerStatus{{ID: "desk-1", Done: 12}}, Jobs: map[string]int{"running": 1, "available": 2}}
	var b strings.Builder
	require.NoError(t, printStatus(&b, s))
	for _, want := range []string{"Town: 40 of 100 sheets read (200 files)", "70 counted", "2.0 sheets a second, about 30s left", "1 at work\n  desk-1: 12 sheets", "jobs available: 2\n  jobs running: 1"} {
		assert.Contains(t, b.String(), want)
	}
	text, err := json.Marshal(s)
	require.NoError(t, err)
	for _, k := range []string{"election", "program", "files", "units", "units_done", "outcomes", "units_a_second", "remaining_seconds", "workers", "id", "jobs"} {
		assert.Contains(t, string(text), `"`+k+`":`)
		assert.Contains(t, contract(t), "`"+k+"`")
	}
}
