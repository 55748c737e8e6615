package batch

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/vote"
)

func TestBatchOfASheet(t *testing.T) {
	whole := map[string]bool{"tray/all.pdf": true}
	for _, row := range []struct {
		name  string
		index int
		want  string
	}{
		{"a.png", 1, ""},
		{"tray 1/a.png", 1, "tray 1"},
		{"county/tray 1/a.png", 1, "county/tray 1"},
		{"trays.zip/1/a.png", 1, "trays.zip/1"},
		{"tray/two.tif#2", 2, "tray"},
		{"tray/all.pdf", 1, "tray/all.pdf"},
		{"tray/all.pdf#17", 17, "tray/all.pdf"},
		{"tray/all.pdf#3", 1, "tray"}, // a file of that name
	} {
		s := &storedSheet{name: row.name, pages: []storedPage{{image: row.name, index: row.index}}}
		assert.Equal(t, row.want, s.batch(whole), row.name)
	}
}

// Near, batches and fill are of the same targets as marks.csv, and run.json says the nearest of each limit.
func TestRunShowsItsValley(t *testing.T) {
	o := options(t)
	sum, err := Run(t.Context(), o)
	require.NoError(t, err)
	rows := func(name string) [][]string {
		f, err := os.Open(filepath.Join(o.Out, name))
		require.NoError(t, err)
		defer f.Close()
		out, err := csv.NewReader(f).ReadAll()
		require.NoError(t, err)
		require.Greater(t, len(out), 1, name)
		return out[1:]
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		return n
	}
	fill := map[string]int{}
	for _, r := range rows("fill.csv") {
		for i, answer := range []string{"vote", "questionable", "none"} {
			fill[answer] += number(r[2+i])
		}
	}
	assert.Equal(t, map[string]int{"vote": sum.Targets.Vote, "questionable": sum.Targets.Questionable, "none": sum.Targets.None}, fill)
	marks := rows("marks.csv")
	assert.Equal(t, len(marks), sum.Targets.Vote+sum.Targets.Questionable+sum.Targets.None)
	b := rows("batches.csv")
	require.Len(t, b, 1, "all scans lie in one folder")
	assert.Equal(t, []string{"", "8", strconv.Itoa(len(marks))}, b[0][:3])

	// The nearest vote over vote_fill, found by hand.
	least := 20000
	for _, r := range marks {
		v, err := strconv.ParseFloat(r[10], 64)
		require.NoError(t, err)
		if f := int(v*10000 + 0.5); f >= int(o.Limits.VoteFill) {
			least = min(least, f)
		}
	}
	var desc struct {
		Near []NearLimit `json:"near_limits"`
	}
	text, err := os.ReadFile(filepath.Join(o.Out, "run.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &desc))
	assert.Equal(t, sum.Near, desc.Near)
	found := false
	for _, n := range desc.Near {
		if n.Limit == "vote_fill" {
			found = true
			require.NotNil(t, n.Above)
			assert.Equal(t, least, *n.Above)
		}
	}
	assert.True(t, found)
}

// Totals are of batches where the scans lie in folders, and a machine's totals by batch are held against them.
func TestTotalsByBatch(t *testing.T) {
	o := options(t)
	dir := t.TempDir()
	scans, err := os.ReadDir(o.Inputs[0])
	require.NoError(t, err)
	sheets := map[string]map[string]bool{}
	for _, f := range scans {
		var n int
		_, err := fmt.Sscanf(f.Name(), "sheet-%d", &n)
		require.NoError(t, err)
		b := fmt.Sprintf("batch-%d", 1+n%2)
		if sheets[b] == nil {
			sheets[b] = map[string]bool{}
			require.NoError(t, os.MkdirAll(filepath.Join(dir, b), 0o755))
		}
		sheets[b][f.Name()[:10]] = true
		require.NoError(t, os.Link(filepath.Join(o.Inputs[0], f.Name()), filepath.Join(dir, b, f.Name())))
	}
	o.Inputs = []string{dir}
	sum, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Zero(t, sum.Outcomes[string(Refused)])
	got, clear := map[string]int{}, map[string]map[string]int{}
	for _, r := range readCSV(t, filepath.Join(o.Out, "totals.csv")) {
		n, err := strconv.Atoi(r["clear"])
		require.NoError(t, err)
		if r["contest"] == audit.BallotsCast && r["choice"] == audit.Ballots {
			got[r["batch"]] += n
		}
		if r["contest"] == "Mayor" && r["party"] != "" && r["party"] != vote.Unknown {
			if clear[r["batch"]] == nil {
				clear[r["batch"]] = map[string]int{}
			}
			clear[r["batch"]][r["choice"]+"/"+r["party"]] += n
		}
	}
	assert.Equal(t, map[string]int{"batch-1": len(sheets["batch-1"]), "batch-2": len(sheets["batch-2"])}, got)

	table := "contest,candidate,party,batch,votes\n"
	for _, b := range []string{"batch-1", "batch-2"} {
		for _, k := range slices.Sorted(maps.Keys(clear[b])) {
			name, party, _ := strings.Cut(k, "/")
			table += fmt.Sprintf("Mayor,%s,%s,%s,%d\n", name, party, b, clear[b][k])
		}
	}
	file := filepath.Join(dir, "machine.csv")
	require.NoError(t, os.WriteFile(file, []byte(table), 0o644))
	run, err := OpenFinished(o.Out)
	require.NoError(t, err)
	machine, err := audit.OpenMachine([]string{file}, audit.MachineOptions{})
	require.NoError(t, err)
	c, err := audit.Compare(run.Election, run.Totals, machine, audit.Options{})
	require.NoError(t, err)
	lines := map[string]int{}
	for _, l := range c.Lines {
		lines[l.Batch]++
		assert.True(t, l.Agrees, "%+v", l)
	}
	assert.Equal(t, lines["batch-1"], lines["batch-2"])
	assert.Positive(t, lines["batch-1"], "%v", c.Notes)
}
