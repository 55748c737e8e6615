package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ran reads the drawn suite and gives the run's folder.
func ran(t *testing.T) string {
	t.Helper()
	dir, out := suite(t), filepath.Join(t.TempDir(), "run")
	code, _, errs := recount(t, "read", "--election", filepath.Join(dir, "election.json"), "--out", out, filepath.Join(dir, "images"))
	require.Contains(t, []int{exitDone, exitLook}, code, errs)
	return out
}

// loud writes the first contest's title in capitals.
func loud(records []byte) []byte {
	title := regexp.MustCompile(`"@type":"CVR.CandidateContest","@id":"[^"]*","Name":"[^"]*"`)
	at := title.FindIndex(records)
	from := bytes.LastIndexByte(records[:at[1]-1], '"')
	return slices.Concat(records[:from], bytes.ToUpper(records[from:at[1]]), records[at[1]:])
}

// A run's own records agree with it, but where it left something open.
func TestCompareSheetBySheet(t *testing.T) {
	out := ran(t)
	records := filepath.Join(out, "cvr.json")
	code, text, errs := recount(t, "compare", "--run", out, "--cvr", records, "--by", "precinct")
	require.Contains(t, []int{exitDone, exitLook}, code, errs)
	assert.NotContains(t, text, "real-difference")
	assert.NotContains(t, text, "Names to confirm")
	assert.NotContains(t, text, "without a record")
	assert.Contains(t, text, "sheets have their record among")

	data, err := os.ReadFile(records)
	require.NoError(t, err)
	other := filepath.Join(t.TempDir(), "cvr.json")
	require.NoError(t, os.WriteFile(other, loud(data), 0o644))
	mapping, dir := filepath.Join(t.TempDir(), "names.csv"), filepath.Join(t.TempDir(), "compared")
	code, js, errs := recount(t, "compare", "--run", out, "--cvr", other, "--mapping", mapping, "--out", dir, "--json")
	require.Equal(t, exitLook, code, errs)
	contract := contract(t)
	for _, k := range keysOf(t, []byte(js)) {
		if _, kind := map[string]bool{"o2": true, "o1": true, "0": true, "u1": true, "u2": true}[k]; !kind {
			assert.True(t, strings.Contains(contract, "`"+k+"`"), "docs/OUTPUT.md must name `%s` of compare --cvr --json", k)
		}
	}
	var got struct {
		Proposals []struct{ How string }
	}
	require.NoError(t, json.Unmarshal([]byte(js), &got))
	require.NotEmpty(t, got.Proposals)
	assert.Contains(t, errs, "put yes or no in its last column")
	for _, name := range []string{"audit-return.csv", "differences.csv", "margins.csv", "balance.csv"} {
		table, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		head, _, _ := strings.Cut(string(table), "\n")
		for _, column := range strings.Split(head, ",") {
			assert.True(t, strings.Contains(contract, "`"+column+"`"), "docs/OUTPUT.md must name `%s` of %s", column, name)
		}
	}
	code, _, errs = recount(t, "compare", "--run", out, "--cvr", other, "--out", dir)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "is there already")
	proposal, err := os.ReadFile(mapping)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(mapping, []byte(strings.ReplaceAll(string(proposal), ",normalised,", ",normalised,yes")), 0o644))
	_, text, _ = recount(t, "compare", "--run", out, "--cvr", other, "--mapping", mapping)
	assert.NotContains(t, text, "Names to confirm")
}

// Totals obey the same mapping: a name in other letters is written as a proposal, and compared once a person has said yes.
func TestCompareTotalsByAMapping(t *testing.T) {
	out, dir := ran(t), suite(t)
	rows := strings.SplitAfter(read(t, filepath.Join(dir, "machine.csv")), "\n")
	contest := strings.Split(rows[1], ",")[1]
	loud := filepath.Join(t.TempDir(), "machine.csv")
	require.NoError(t, os.WriteFile(loud, []byte(strings.ReplaceAll(strings.Join(rows, ""), ","+contest+",", ","+strings.ToUpper(contest)+",")), 0o644))
	mapping := filepath.Join(t.TempDir(), "names.csv")
	code, text, errs := recount(t, "compare", "--run", out, "--machine", loud, "--mapping", mapping)
	assert.Equal(t, exitLook, code, errs)
	assert.Contains(t, text, "Names to confirm")
	assert.Contains(t, errs, "put yes or no in its last column")
	proposal := read(t, mapping)
	assert.Contains(t, proposal, strings.ToUpper(contest)+",,,"+contest+",,,normalised,\n")
	for range 2 { // not answered yet: what is proposed next is the same, and no reason to fail
		code, _, errs = recount(t, "compare", "--run", out, "--machine", loud, "--mapping", mapping)
		assert.Equal(t, exitLook, code, errs)
		assert.Contains(t, errs, "names-next.csv proposes")
	}
	next := strings.TrimSuffix(mapping, ".csv") + "-next.csv"
	require.NoError(t, os.WriteFile(next, []byte("answered by hand"), 0o644))
	code, _, errs = recount(t, "compare", "--run", out, "--machine", loud, "--mapping", mapping)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "names-next.csv is there already", "what a person answered is not written over")
	require.NoError(t, os.WriteFile(mapping, []byte(strings.ReplaceAll(proposal, ",normalised,", ",normalised,yes")), 0o644))
	_, text, _ = recount(t, "compare", "--run", out, "--machine", loud, "--mapping", mapping)
	_, want, _ := recount(t, "compare", "--run", out, "--machine", filepath.Join(dir, "machine.csv"))
	assert.Equal(t, want, text)
}

func TestCompareSheetBySheetErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"both", []string{"compare", "--run", "x", "--cvr", "a", "--machine", "b"}, exitUsage, "one after the other"},
		{"limit", []string{"compare", "--run", "x", "--cvr", "a", "--limit", "half"}, exitUsage, "--limit"},
		{"part", []string{"compare", "--run", "x", "--cvr", "a", "--by", "colour"}, exitUsage, "--by"},
		{"no run", []string{"compare", "--run", t.TempDir(), "--cvr", "a"}, exitFailed, "holds no finished run"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, _, errs := recount(t, tt.args...)
			assert.Equal(t, tt.code, code)
			assert.Contains(t, errs, tt.want)
		})
	}
}
