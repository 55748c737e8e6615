package audit_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
)

// formats is the folder of the sample files, or the test is passed over.
func formats(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("RECOUNT_FORMATS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "formats")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no sample files: set RECOUNT_FORMATS to their folder")
	}
	return dir
}

// tallied reads and adds up an export.
func tallied(t *testing.T, o cvr.ExportOptions, by []audit.Part, paths ...string) *audit.CVRTotals {
	t.Helper()
	x, err := cvr.OpenExport(paths, o)
	require.NoError(t, err)
	defer x.Close()
	tally := audit.NewCVRTally(x.Roster, by...)
	for r, err := range x.Records() {
		require.NoError(t, err)
		require.NoError(t, tally.Add(r))
	}
	return tally.Totals()
}

// samples are the real and the published exports, with their records and contests. Their totals stand in
// testdata/tallies, written by expected.py there, which shares no code with this program.
var samples = []struct {
	name, path        string
	records, contests int
}{
	{"dominion-denver", "vendor/dominion-csv/CVR_Export_20170804111144.csv", 10, 52},
	{"dominion-arapahoe", "vendor/dominion-csv/dominion-2017-CVR_Export_20170310104116.csv", 165, 80},
	{"arlo-comparison", "vendor/dominion-csv/arlo-ballot-comparison.csv", 15, 2},
	{"arlo-kendall-park", "vendor/arlo/Kendall Park - cvrs.csv", 500, 3},
	{"dominion-alaska", "vendor/dominion-alaska-2024-json", 197, 29},
	{"clearballot-kansas", "vendor/clearballot/clear_ballot_kansas_primary.cvr.csv", 50, 1},
	{"ess-simple", "vendor/ess/simple_ess_cvr.xlsx", 10, 1},
	{"hart", "vendor/hart", 18, 10},
	{"nist-gen-01", "nist-elections/gen-01/cvr-gen-01.json", 40, 19},
	{"nist-gen-02", "nist-elections/gen-02/cvr-gen-02.json", 63, 15},
	{"nist-prim-01", "nist-elections/prim-01/cvr-prim-01.json", 40, 30},
}

func TestTalliesOfTheSamples(t *testing.T) {
	dir := formats(t)
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			got := tallied(t, cvr.ExportOptions{}, nil, filepath.Join(dir, filepath.FromSlash(s.path)))
			assert.Equal(t, s.records, got.Records)
			assert.Len(t, got.Contests, s.contests)
			assert.Empty(t, got.Look)
			have := map[string]int{}
			for _, c := range got.Contests {
				for _, ch := range c.Choices {
					have[c.Contest+"|"+ch.Choice+"|"+ch.Party] += ch.Votes
				}
				if s.name == "hart" {
					continue // the export does not say how many votes a contest allows
				}
				require.NotNil(t, c.Overvotes, c.Contest)
				require.NotNil(t, c.Undervotes, c.Contest)
				have[c.Contest+"|Over Votes|"] = *c.Overvotes
				have[c.Contest+"|Under Votes|"] = *c.Undervotes
			}
			for k, n := range have {
				if n == 0 {
					delete(have, k)
				}
			}
			f, err := os.Open(filepath.Join("testdata", "tallies", s.name+".csv"))
			require.NoError(t, err)
			defer f.Close()
			rows, err := csv.NewReader(f).ReadAll()
			require.NoError(t, err)
			want := map[string]int{}
			for _, r := range rows[1:] {
				n, err := strconv.Atoi(r[3])
				require.NoError(t, err)
				want[fmt.Sprintf("%s|%s|%s", r[0], r[1], r[2])] = n
			}
			assert.Equal(t, want, have)
		})
	}
}

// What is written for Arlo, read again, has the same votes. A contest whose choices have one name and party is told apart by
// its columns there, and Hart's write-ins of one contest are one, so sums by name are compared for the others.
func TestSamplesForArloKeepTheirVotes(t *testing.T) {
	dir := formats(t)
	for _, s := range samples {
		if s.name == "hart" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			path := filepath.Join(dir, filepath.FromSlash(s.path))
			out := t.TempDir()
			_, err := cvr.Convert([]string{path}, cvr.ExportOptions{}, cvr.ToArlo, func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(out, name)) })
			require.NoError(t, err)
			sums := func(o *audit.CVRTotals) map[string]int {
				out := map[string]int{}
				for _, c := range o.Contests {
					for _, ch := range c.Choices {
						if ch.Votes > 0 {
							out[c.Contest+"|"+ch.Choice+"|"+ch.Party] += ch.Votes
						}
					}
				}
				return out
			}
			want := tallied(t, cvr.ExportOptions{}, nil, path)
			got := tallied(t, cvr.ExportOptions{}, nil, filepath.Join(out, "cvrs.csv"))
			assert.Equal(t, want.Records, got.Records)
			assert.Equal(t, sums(want), sums(got))
		})
	}
}
