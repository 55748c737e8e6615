package cvr_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/cvr"
)

const flatTable = "id,imprinted,tabulator,batch,record,sheet,image,precinct,style,count_group,contest,choice,party,rank,votes,doubt,write_in,overvotes,undervotes,status\n" +
	"u1,I-1,T,B,7,1,x,P,s,Mail,Mayor,A,DEM,,1,no,,0,0,\nu1,I-1,T,B,7,1,x,P,s,Mail,Council,,,,0,no,,,,overvoted\n" +
	"u2,,T,B,8,1,,P,s,,Governor,C,,1,1,no,,,,invalid\nu2,,T,B,8,1,,P,s,,Governor,Write-in,,2,0,yes,Bob,,,invalid\n"

// flat writes records as the flat table.
func flat(t *testing.T, o cvr.ExportOptions, path string) string {
	t.Helper()
	k := kept{}
	_, err := cvr.Convert([]string{path}, o, cvr.ToFlat, k.create)
	require.NoError(t, err)
	return k["records.csv"].String()
}

// What is written of any export is read back: written again it is the same, byte by byte.
func TestFlatIsReadBack(t *testing.T) {
	for name, in := range map[string]map[string]string{
		"NIST": {"r.json": nistReportText}, "Dominion": {"a.csv": dominionTable}, "ES&S": {"a.csv": essTable}, "Clear Ballot": {"a.csv": clearTable},
		"Hart": {"1_a.xml": hartSheet}, "OpenCount": {"a.txt": openCountText}, "itself": {"records.csv": flatTable},
	} {
		t.Run(name, func(t *testing.T) {
			first := flat(t, cvr.ExportOptions{}, put(t, in))
			require.Greater(t, strings.Count(first, "\n"), 1)
			again := flat(t, cvr.ExportOptions{}, filepath.Join(put(t, map[string]string{"records.csv": first}), "records.csv"))
			assert.Equal(t, first, again)
		})
	}
	assert.Equal(t, flatTable, flat(t, cvr.ExportOptions{}, put(t, map[string]string{"records.csv": flatTable})))
}

func TestFlatErrors(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"no contest", ",Mayor,A,", ",,A,", "records.csv: line 2, column 11: the contest has no name"},
		{"no number of votes", "DEM,,1,no", "DEM,,many,no", `column 15: "many" is no number of votes`},
		{"votes below nothing", "DEM,,1,no", "DEM,,-1,no", "no number of votes"},
		{"no rank", "C,,1,1", "C,,first,1", `"first" is no number of rank`},
		{"doubt", "DEM,,1,no", "DEM,,1,perhaps", "neither yes nor no"},
		{"status", "overvoted", "lost", `"lost" is no status`},
		{"a contest twice", "u1,I-1,T,B,7,1,x,P,s,Mail,Council", "u1,I-1,T,B,7,1,x,P,s,Mail,Mayor", "line 3, column 11: contest \"Mayor\" stands twice"},
		{"no name of the record", "u2,,T,B,8,1,,P,s,,Governor,C", ",,T,,8,1,,P,s,,Governor,C", "nothing tells where the record ends"},
		{"two words on one contest", ",Bob,,,invalid", ",Bob,,,", "line 5, column 11: the rows of contest \"Governor\" say different things"},
		{"a column too many", "overvoted\n", "overvoted,x\n", "has 21 fields, the header 20"},
		{"no column of parties", "choice,party", "choice,side", "no column party"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := strings.Replace(flatTable, tt.old, tt.new, 1)
			require.NotEqual(t, flatTable, in)
			_, _, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"records.csv": in}))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func FuzzFlat(f *testing.F) { fuzzReader(f, cvr.FlatCSV, "records.csv", "", [2]string{flatTable}) }
