package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadInShardsAndJoin(t *testing.T) {
	dir, tmp := suite(t), t.TempDir()
	read := func(out string, more ...string) (int, string, string) {
		args := append([]string{"read", "--election", filepath.Join(dir, "election.json"), "--out", filepath.Join(tmp, out)}, more...)
		return recount(t, append(args, filepath.Join(dir, "images"))...)
	}
	whole, _, stderr := read("whole")
	require.Contains(t, []int{exitDone, exitLook}, whole, stderr)
	for i := range 2 {
		code, stdout, stderr := read(fmt.Sprintf("part-%d", i), "--shard", fmt.Sprintf("%d/2", i))
		require.Equal(t, exitDone, code, stderr)
		assert.Contains(t, stdout, "join all 2 with recount join")
	}
	code, _, stderr := recount(t, "join", "--out", filepath.Join(tmp, "run"), filepath.Join(tmp, "part-1"))
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "shard 0/2 missing")
	code, _, stderr = recount(t, "compare", "--run", filepath.Join(tmp, "part-0"), "--totals", filepath.Join(dir, "machine.csv"))
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "part-0/recount.db is shard 0/2 of a run: make the run of all its shards with recount join")
	code, stdout, stderr := recount(t, "join", "--out", filepath.Join(tmp, "run"), filepath.Join(tmp, "part-1"), filepath.Join(tmp, "part-0"))
	assert.Equal(t, whole, code, stderr)
	assert.Contains(t, stdout, "6 inputs")
	for _, name := range []string{"recount.db", "run.json", "cvr.json"} {
		a, err := os.ReadFile(filepath.Join(tmp, "whole", name))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(tmp, "run", name))
		require.NoError(t, err)
		assert.True(t, string(a) == string(b), name)
	}
	_, stdout, _ = recount(t, "verify-run", "--images", t.TempDir(), filepath.Join(tmp, "run"))
	assert.Contains(t, stdout, "; 0 scans hashed again: ", "they were given, and none was there")
}

func TestShardUsage(t *testing.T) {
	dir := suite(t)
	code, _, stderr := recount(t, "read", "--shard", "2/2", "--election", filepath.Join(dir, "election.json"), "--out", t.TempDir(), filepath.Join(dir, "images"))
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "0/2 to 1/2")
	code, _, stderr = recount(t, "join", "--out", t.TempDir())
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "folders of the shards")
	code, _, _ = recount(t, "join", t.TempDir())
	assert.Equal(t, exitUsage, code)
}
