package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/cvr"
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

// A run's records are converted as they are, and what was written adds up to the same.
func TestConvertARunForOthers(t *testing.T) {
	run := ran(t)
	votes := func(path string) (out []int) {
		_, stdout, errs := recount(t, "tally", "--cvr", path, "--json")
		var got struct {
			Contests []struct {
				Contest string
				Choices []struct{ Votes int }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &got), errs)
		sums := map[string]int{} // choices that nobody marked are in no table
		for _, c := range got.Contests {
			for _, ch := range c.Choices {
				sums[c.Contest] += ch.Votes
			}
		}
		for _, k := range slices.Sorted(maps.Keys(sums)) {
			out = append(out, sums[k])
		}
		return out
	}
	want := votes(filepath.Join(run, "cvr.json"))
	require.NotEmpty(t, want)
	for _, to := range []string{"csv", "arlo"} {
		out := filepath.Join(t.TempDir(), to)
		code, stdout, errs := recount(t, "convert", "--run", run, "--to", to, "--out", out)
		require.Equal(t, exitDone, code, errs)
		assert.Contains(t, stdout, "3 records written to "+out)
		assert.Equal(t, want, votes(out), to)
	}
	code, _, _ := recount(t, "convert", "--run", run, "--cvr", "x", "--to", "csv", "--out", t.TempDir())
	assert.Equal(t, exitUsage, code)
	code, _, errs := recount(t, "convert", "--run", t.TempDir(), "--to", "csv", "--out", t.TempDir())
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "holds no finished run")
}

// A run's records, a file each, are valid, add up to the run's totals, and are not written over.
func TestConvertRefusesChangedRecords(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.CopyFS(run, os.DirFS(ran(t))))
	file := filepath.Join(run, "cvr.json")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(read(t, file), `"HasIndication":"no"`, `"HasIndication":"yes"`, 1)), 0o644))
	out := filepath.Join(t.TempDir(), "out")
	code, _, errs := recount(t, "convert", "--run", run, "--to", "csv", "--out", out)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "cvr.json was changed since the run wrote it")
	assert.NoFileExists(t, filepath.Join(out, "records.csv"))
}

func TestConvertARun(t *testing.T) {
	run, out := ran(t), filepath.Join(t.TempDir(), "records")
	code, stdout, errs := recount(t, "convert", "--run", run, "--to", "nist-folder", "--out", out)
	assert.Equal(t, exitDone, code, errs)
	assert.Contains(t, stdout, "3 records written to "+out+", a file each, in 1 folders.")
	files, err := filepath.Glob(filepath.Join(out, "00000", "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, f := range files {
		data, err := os.Open(f)
		require.NoError(t, err)
		require.NoError(t, cvr.Validate(data))
		data.Close()
	}
	tally := func(path string) string {
		_, stdout, errs := recount(t, "tally", "--cvr", path, "--json")
		require.NotEmpty(t, stdout, errs)
		var got struct {
			Contests []struct {
				Contest    string
				Ballots    int
				Overvotes  int
				Undervotes int
				Choices    []struct {
					Choice, Party string
					Votes         int
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &got))
		var lines []string // the contests stand in the order of the files
		for _, c := range got.Contests {
			for _, ch := range c.Choices {
				lines = append(lines, fmt.Sprint(c.Contest, c.Ballots, c.Overvotes, c.Undervotes, ch))
			}
		}
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	assert.Equal(t, tally(filepath.Join(run, "cvr.json")), tally(out))
	code, _, errs = recount(t, "convert", "--run", run, "--to", "nist-folder", "--out", out)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "is there already")
	code, stdout, _ = recount(t, "convert", "--run", run, "--to", "nist-folder", "--out", out, "--force", "--json")
	assert.Equal(t, exitDone, code)
	assert.Contains(t, stdout, `"records": 3`)
	left, err := os.ReadDir(out)
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

func TestConvertUsage(t *testing.T) {
	name := records(t, machineTable)
	fresh := filepath.Join(t.TempDir(), "new")
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
		{"a folder of records", []string{"convert", "--to", "nist-folder", "--out", "x", "--cvr", name}, exitUsage, "--run"},
		{"a folder of both", []string{"convert", "--to", "nist-folder", "--out", "x", "--run", "y", "--cvr", name}, exitUsage, "not records"},
		{"a run and records", []string{"convert", "--to", "csv", "--out", "x", "--run", "y", "--cvr", name}, exitUsage, "--run names the records"},
		{"a run that is none", []string{"convert", "--to", "csv", "--out", "x", "--run", "y"}, exitFailed, "holds no finished run"},
		{"nothing ranked", []string{"convert", "--to", "rctab", "--out", fresh, name}, exitFailed, "holds no ranked contest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, errs := recount(t, c.args...)
			assert.Equal(t, c.code, code)
			assert.Contains(t, errs, c.want)
		})
	}
	assert.NoDirExists(t, fresh, "nothing was written")
}
