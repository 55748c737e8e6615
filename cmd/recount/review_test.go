package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
)

func TestReviewUsage(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no run", []string{"review"}, exitUsage, "--run"},
		{"three people", []string{"review", "--run", "x", "--people", "3"}, exitUsage, "say 1 or 2"},
		{"no port", []string{"review", "--run", "x", "--port", "70000"}, exitUsage, "65535"},
		{"an argument", []string{"review", "--run", "x", "y"}, exitUsage, `"y"`},
		{"no such run", []string{"review", "--run", "nowhere"}, exitFailed, "nowhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, stderr := recount(t, c.args...)
			assert.Equal(t, c.code, code)
			assert.Contains(t, stderr, c.want)
		})
	}
}

func TestReviewPrintsItsAddressAndTheLogsHead(t *testing.T) {
	dir := suite(t)
	out := filepath.Join(t.TempDir(), "run")
	_, _, stderr := recount(t, "read", "--election", filepath.Join(dir, "election.json"), "--out", out, filepath.Join(dir, "images"))
	require.FileExists(t, filepath.Join(out, "run.json"), stderr)
	ctx, stop := context.WithTimeout(context.Background(), 4*time.Second)
	defer stop()
	var stdout, errs bytes.Buffer
	code := run(ctx, []string{"recount", "review", "--run", out, "--images", filepath.Join(dir, "images")}, nil, &stdout, &errs)
	assert.Equal(t, exitDone, code, errs.String())
	assert.True(t, strings.HasPrefix(stdout.String(), "http://127.0.0.1:"), stdout.String())
	assert.Contains(t, stdout.String(), "0 decisions; the log's last hash is ")
	assert.FileExists(t, filepath.Join(out, batch.DecisionsFile))
	code, said, stderr := recount(t, "verify-run", out)
	assert.Equal(t, exitDone, code, stderr)
	assert.Contains(t, said, "0 decisions, the last with the hash")
}
