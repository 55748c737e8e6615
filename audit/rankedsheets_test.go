package audit_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
	"recount/vote"
)

// rankedExport is a Dominion table of ruled's mayor: twelve cells a row, rank by rank.
func rankedExport(t *testing.T, rows ...string) *cvr.Export {
	t.Helper()
	titles, names, end := "R,5,,,,,,,,,,,,,,,\n,,,,,", ",,,,,", "\nTabulatorNum,BatchId,RecordId,ImprintedId,CountingGroup"+strings.Repeat(",", 12)+"\n"
	for rank := 1; rank <= 3; rank++ {
		for _, n := range []string{"Ann", "Bob", "Cid", "Write-in"} {
			titles += "\"Mayor (Number of positions=1, Number of ranks=3)\","
			names += fmt.Sprintf("%s(%d),", n, rank)
		}
	}
	text := strings.TrimSuffix(titles, ",") + "\n" + strings.TrimSuffix(names, ",") + end
	for i, r := range rows {
		text += fmt.Sprintf("1,1,%d,1-1-%d,Poll,%s\n", i+1, i+1, strings.Join(strings.Split(r, ""), ","))
	}
	x, err := cvr.OpenExport([]string{file(t, "cvr.csv", text)}, cvr.ExportOptions{})
	require.NoError(t, err)
	t.Cleanup(x.Close)
	return x
}

// Ranks are compared as ranks: who stands at each, and not only who is first.
func TestRankedContestsSheetBySheet(t *testing.T) {
	e := ruled()
	for _, tt := range []struct {
		name, ours  string // choice by choice, three ranks each
		row         string // rank by rank, four choices each
		kind        audit.DifferenceKind
		say, theirs string
	}{
		{"the same", "v...v...v...", "100001000010", "", "1 Ann, 2 Bob, 3 Cid", ""},
		{"second and third swapped", "v...v...v...", "100000100100", audit.Real, "1 Ann, 2 Bob, 3 Cid", "1 Ann, 2 Cid, 3 Bob"},
		{"a rank not seen", "v...v...v...", "100000000010", audit.Real, "1 Ann, 2 Bob, 3 Cid", "1 Ann, 3 Cid"},
		{"a rank left open", "v...q...v...", "100001000010", audit.OpenHere, "1 Ann, 2 Bob (questionable), 3 Cid", "1 Ann, 2 Bob, 3 Cid"},
		{"another at the open rank", "v...q...v...", "100000010010", audit.WriteInDiffers, "1 Ann, 2 Bob (questionable), 3 Cid", "1 Ann, 2 write-in, 3 Cid"},
		{"a written name given to a choice", "...v......v.", "010010000000", audit.WriteInDiffers, "1 Bob, 2 write-in", "1 Bob, 2 Ann"},
		{"an overvoted rank in both", ".v..v.......", "000011000000", "", "2 Ann + Bob", ""},
		{"an overvoted rank that the machine leaves out", "v...v..v....", "100000000000", audit.Wording, "1 Ann, 2 Bob + Cid", "1 Ann"},
		{"nothing in both", "............", "000000000000", "", "no vote", ""},
		{"one at every rank", "vvv.........", "100010001000", "", "1 Ann, 2 Ann, 3 Ann", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := next(t, ruledRecords(e, []string{".. ... " + tt.ours}))
			r.Images = []cvr.Image{{Name: "00001_00001_000001.tif", Side: "front"}}
			c, err := audit.CompareSheets(e, given(r), rankedExport(t, tt.row), audit.SheetOptions{Limits: vote.DefaultLimits()})
			require.NoError(t, err)
			require.Equal(t, []int{1, 1}, []int{c.Matched, c.Contests})
			if tt.kind == "" {
				assert.Empty(t, c.Differences)
				return
			}
			require.Len(t, c.Differences, 1)
			d := c.Differences[0]
			assert.Equal(t, []any{tt.kind, tt.say, tt.theirs, audit.Class("-")}, []any{d.Kind, d.Ours, d.Machine, d.Class})
			assert.NotEmpty(t, d.Marks)
		})
	}
}

// The totals beside it are those of the first choices, on both sides.
func TestRankedTotalsAreFirstChoices(t *testing.T) {
	e := ruled()
	r := next(t, ruledRecords(e, []string{".. ... v...v...v..."}))
	r.Images = []cvr.Image{{Name: "00001_00001_000001.tif", Side: "front"}}
	c, err := audit.CompareSheets(e, given(r), rankedExport(t, "100001000010"), audit.SheetOptions{})
	require.NoError(t, err)
	assert.Empty(t, c.Margins)
	for _, l := range c.Totals {
		assert.True(t, l.Agrees, l.Choice)
		if l.Choice == "Ann" {
			assert.Equal(t, []int{1, 1}, []int{l.Machine, l.Clear})
		}
	}
	// A run's own records agree with it in every rank.
	var b bytes.Buffer
	require.NoError(t, cvr.WriteNIST(&b, e, cvr.Info{}, ruledRecords(e, ruledSheets)))
	name := filepath.Join(t.TempDir(), "cvr.json")
	require.NoError(t, os.WriteFile(name, b.Bytes(), 0o644))
	x, err := cvr.OpenExport([]string{name}, cvr.ExportOptions{})
	require.NoError(t, err)
	defer x.Close()
	own, err := audit.CompareSheets(e, ruledRecords(e, ruledSheets), x, audit.SheetOptions{})
	require.NoError(t, err)
	assert.Equal(t, len(ruledSheets), own.Matched)
	assert.Empty(t, own.Differences)
	assert.True(t, slices.ContainsFunc(own.Totals, func(l audit.PartLine) bool { return l.Contest == "Mayor" }))
}

func next(t *testing.T, records func(func(*cvr.Record, error) bool)) *cvr.Record {
	t.Helper()
	for r, err := range records {
		require.NoError(t, err)
		return r
	}
	t.Fatal("no record")
	return nil
}

// given gives records one by one.
func given(records ...*cvr.Record) func(func(*cvr.Record, error) bool) {
	return func(yield func(*cvr.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}
