package batch

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
