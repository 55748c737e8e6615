package batch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/fixtures"
	"recount/vote"
)

// scannedAgain draws sheets of people who all vote alike, each with a hand of their own, and the first of them once more through
// another scanner (other slant, noise and dust; and grey for black and white, or the other way round). It gives the finished run.
func scannedAgain(t *testing.T, kind fixtures.Kind, dpi, sheets, again int) *FinishedRun {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "suite")
	o := fixtures.Options{Seed: 7, Sheets: 2, DPI: dpi}
	require.NoError(t, fixtures.WriteSuite(dir, o))
	m, err := fixtures.New(o)
	require.NoError(t, err)
	require.NoError(t, m.Election().Write(filepath.Join(dir, "election.json")))
	images := filepath.Join(dir, "again")
	require.NoError(t, os.MkdirAll(images, 0o755))
	write := func(prefix string, i int, v fixtures.Voter) {
		scans, err := m.Sheet(i, v)
		require.NoError(t, err)
		for _, s := range scans {
			require.NoError(t, os.WriteFile(filepath.Join(images, prefix+s.Name), s.Bytes, 0o644))
		}
	}
	for i := range sheets {
		v := m.Voters()[0]
		v.Seed = uint64(100 + i)
		v.Marks = append([]fixtures.Hand{}, v.Marks...)
		for k := range v.Marks {
			v.Marks[k].Kind = kind
		}
		write("a-", i, v)
		if i < again {
			write("b-", i+1003, v)
		}
	}
	out := filepath.Join(t.TempDir(), "run")
	_, err = Run(context.Background(), Options{Election: filepath.Join(dir, "election.json"), Out: out, Inputs: []string{images}, Workers: 2, Limits: vote.DefaultLimits(), Program: "test"})
	require.NoError(t, err)
	run, err := OpenRun(out)
	require.NoError(t, err)
	t.Cleanup(func() { run.Close() })
	return run
}

// Of sheets by people who all vote alike, those that were scanned twice are found and no others, where the marks are strokes; neatly
// filled targets look all the same, and nothing is said of them.
func TestSheetsScannedTwiceAreFound(t *testing.T) {
	for _, tt := range []struct {
		kind  fixtures.Kind
		found int // of six, at least: the ballots have eight marks, at 150 dpi
	}{{fixtures.Cross, 2}, {fixtures.Full, 0}} {
		run := scannedAgain(t, tt.kind, 150, 12, 6)
		s := audit.NewRescans()
		for r, err := range run.Records() {
			require.NoError(t, err)
			s.Add(r)
		}
		pairs, _ := s.Find()
		for _, p := range pairs {
			assert.True(t, twin(p.Sheet, p.Other), "%s: %s and %s are two people's", tt.kind, p.Sheet, p.Other)
		}
		t.Logf("%s: %d of 6 found: %v", tt.kind, len(pairs), pairs)
		assert.GreaterOrEqual(t, len(pairs), tt.found, tt.kind)
	}
}

// twin says whether two names are the two scans of one drawn sheet.
func twin(a, b string) bool {
	var x, y int
	if a[0] == 'b' {
		a, b = b, a
	}
	fmt.Sscanf(a, "a-sheet-%d", &x)
	fmt.Sscanf(b, "b-sheet-%d", &y)
	return a[0] == 'a' && b[0] == 'b' && y == x+1003
}
