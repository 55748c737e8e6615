package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConvert(t *testing.T) {
	out := filepath.Join(t.TempDir(), "arlo")
	name := records(t, machineTable)
	code, stdout, errs := recount(t, "convert", "--cvr", name, "--to", "arlo", "--out", out)
	assert.Equal(t, exitDone, code, errs)
	assert.Contains(t, stdout, "2 records written to "+out+" (cvrs.csv, manifest.csv).")
	manifest, err := os.ReadFile(filepath.Join(out, "manifest.csv"))
	require.NoError(t, err)
	assert.Equal(t, "Tabulator,Batch Name,Number of Ballots\n1,1,2\n", string(manifest))

	code, _, errs = recount(t, "convert", "--cvr", name, "--to", "arlo", "--out", out)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "is there already: give --force")
	code, stdout, errs = recount(t, "convert", "--cvr", name, "--to", "arlo", "--out", out, "--force", "--json")
	assert.Equal(t, exitDone, code, errs)
	text := contract(t)
	for _, k := range keysOf(t, []byte(stdout)) {
		assert.Contains(t, text, "`"+k+"`")
	}
	require.True(t, json.Valid([]byte(stdout)))

	left, err := os.ReadDir(out)
	require.NoError(t, err)
	assert.Len(t, left, 2, "nothing half made is left")
}

func TestConvertUsage(t *testing.T) {
	name := records(t, machineTable)
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no form", []string{"convert", "--out", "x", name}, exitUsage, "--to"},
		{"no folder", []string{"convert", "--to", "csv", name}, exitUsage, "--out"},
		{"an unknown form", []string{"convert", "--to", "paper", "--out", "x", name}, exitUsage, `--to "paper"`},
		{"no records", []string{"convert", "--to", "csv", "--out", "x"}, exitUsage, "recount convert needs the records"},
		{"nothing ranked", []string{"convert", "--to", "rctab", "--out", t.TempDir(), name}, exitFailed, "holds no ranked contest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, errs := recount(t, c.args...)
			assert.Equal(t, c.code, code)
			assert.Contains(t, errs, c.want)
		})
	}
}
