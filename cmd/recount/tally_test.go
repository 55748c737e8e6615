package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// machineTable is a small Dominion export; its last row is no record.
const machineTable = "Town,5.2,,,,,\n,,,,,Mayor (Vote For=1),Mayor (Vote For=1)\n,,,,,Ada Adams,Bo Brown\nTabulatorNum,BatchId,RecordId,ImprintedId,PrecinctPortion,DEM,REP\n" +
	"1,1,1,1-1-1,P1,1,0\n1,1,2,1-1-2,P2,1,1\n"

func records(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "cvr.csv")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	return name
}

func TestTally(t *testing.T) {
	code, out, errs := recount(t, "tally", "--cvr", records(t, machineTable))
	assert.Equal(t, exitDone, code, errs)
	assert.Contains(t, out, "Mayor (vote for 1)\n  Ada Adams          DEM          1\n")
	assert.Contains(t, out, "2 records in 1 files (dominion-csv), 1 contests.\n")

	code, out, _ = recount(t, "tally", "--by", "precinct", records(t, machineTable))
	assert.Equal(t, exitDone, code)
	assert.Contains(t, out, "Mayor (vote for 1), precinct P2\n")

	code, out, _ = recount(t, "tally", "--cvr", records(t, machineTable+"Redacted,,,,,40,2\n"))
	assert.Equal(t, exitLook, code, "votes may be missing")
	assert.Contains(t, out, "LOOK: rows that are no records, or ballots without one, that may hold votes: 1")
}

func TestTallyOfManyFilesListsTheirFolder(t *testing.T) {
	dir := t.TempDir()
	for i := range maxListed + 1 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.xml", i)), []byte("<Cvr><Contests/></Cvr>"), 0o644))
	}
	code, out, errs := recount(t, "tally", "--json", dir)
	assert.Equal(t, exitDone, code, errs)
	var got tallyResult
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	assert.Equal(t, []tallyFile{{filepath.ToSlash(dir), "hart", maxListed + 1}}, got.Files)
	_, out, _ = recount(t, "tally", dir)
	assert.Contains(t, out, "101 records in 101 files (hart), 0 contests.")
}

func TestTallyJSONNamesItsKeysInTheContract(t *testing.T) {
	text := contract(t)
	ranked := "T,5\n,,,,\"M (Number of positions=1, Number of ranks=2)\"\n,,,,A(1)\nTabulatorNum,BatchId,RecordId,ImprintedId,CountingGroup\n1,1,1,,1\n"
	for _, args := range [][]string{
		{"tally", "--json", "--by", "precinct", "--by", "tabulator", "--by", "batch", "--by", "count-group", records(t, machineTable)},
		{"tally", "--json", records(t, ranked)},
	} {
		_, out, errs := recount(t, args...)
		require.NotEmpty(t, out, errs)
		require.True(t, json.Valid([]byte(out)))
		for _, k := range keysOf(t, []byte(out)) {
			assert.Contains(t, text, "`"+k+"`")
		}
	}
}

func TestTallyUsage(t *testing.T) {
	name := records(t, machineTable)
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no file", []string{"tally"}, exitUsage, "needs the records"},
		{"an unknown kind", []string{"tally", "--format", "punched", name}, exitUsage, `--format "punched"`},
		{"an unknown snapshot", []string{"tally", "--snapshot", "last", name}, exitUsage, `--snapshot "last"`},
		{"an unknown part", []string{"tally", "--by", "town", name}, exitUsage, `--by "town"`},
		{"no such contest", []string{"tally", "--contests", "Clerk", name}, exitFailed, `--contests "Clerk"`},
		{"no such file", []string{"tally", name + "x"}, exitFailed, "cannot be read (no such file or directory)"},
		{"the wrong kind", []string{"tally", "--format", "clearballot", name}, exitFailed, "no column boxid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := recount(t, c.args...)
			assert.Equal(t, c.code, code)
			assert.Empty(t, out)
			assert.Contains(t, errs, c.want)
		})
	}
}
