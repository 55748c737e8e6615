package batch

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/vote"
)

func TestDecideAgain(t *testing.T) {
	o := options(t)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	before := t.TempDir()
	require.NoError(t, os.CopyFS(before, os.DirFS(o.Out)))
	strict := vote.DefaultLimits()
	strict.VoteFill, strict.OverwhelmFill = 9500, 9900
	again := func(t *testing.T, limits vote.Limits) (string, *Summary) {
		out := filepath.Join(t.TempDir(), "again")
		sum, err := Decide(t.Context(), DecideOptions{Run: o.Out, Out: out, Limits: &limits, Program: o.Program})
		require.NoError(t, err)
		return out, sum
	}

	t.Run("with the same limits gives the same bytes", func(t *testing.T) {
		out, _ := again(t, o.Limits)
		sameFiles(t, o.Out, out)
	})
	t.Run("with other limits gives what a run with them gives", func(t *testing.T) {
		other := options(t)
		other.Limits = strict
		want, err := Run(t.Context(), other)
		require.NoError(t, err)
		out, got := again(t, strict)
		assert.Greater(t, got.Targets.Questionable, 5, "marks that are no votes any more")
		assert.Equal(t, want, got)
		sameFiles(t, other.Out, out)
	})
	t.Run("there and back gives the same bytes", func(t *testing.T) {
		out, _ := again(t, strict)
		back := filepath.Join(t.TempDir(), "back")
		_, err := Decide(t.Context(), DecideOptions{Run: out, Out: back, Limits: &o.Limits, Program: o.Program})
		require.NoError(t, err)
		sameFiles(t, o.Out, back)
	})
	t.Run("no measurement changes", func(t *testing.T) {
		out, _ := again(t, strict)
		assert.Equal(t, measurements(t, o.Out), measurements(t, out))
	})
	sameFiles(t, before, o.Out)
}

// measurements are the rows of a run's marks without their answers.
func measurements(t *testing.T, dir string) [][]string {
	f, err := os.Open(filepath.Join(dir, "marks.csv"))
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	for i, name := range rows[0] {
		if name == "mark" || name == "reason" {
			for _, r := range rows[1:] {
				r[i] = ""
			}
		}
	}
	return rows
}

func TestDecideErrors(t *testing.T) {
	o := options(t)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	unfinished := t.TempDir()
	l, err := openLedger(filepath.Join(unfinished, LedgerFile))
	require.NoError(t, err)
	require.NoError(t, l.start())
	require.NoError(t, l.close())
	plain, bad := vote.DefaultLimits(), vote.DefaultLimits()
	bad.NoneFill = bad.VoteFill
	tests := []struct {
		name string
		o    DecideOptions
		want string
	}{
		{"no run", DecideOptions{Run: t.TempDir(), Out: filepath.Join(t.TempDir(), "x"), Limits: &plain}, "name a folder that recount read made"},
		{"a run that was stopped", DecideOptions{Run: unfinished, Out: filepath.Join(t.TempDir(), "x"), Limits: &plain}, "has not come to its end"},
		{"into itself", DecideOptions{Run: o.Out, Out: o.Out, Limits: &plain}, "lies inside"},
		{"limits that contradict", DecideOptions{Run: o.Out, Out: filepath.Join(t.TempDir(), "x"), Limits: &bad}, "none_fill"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decide(t.Context(), tt.o)
			assert.ErrorContains(t, err, tt.want)
		})
	}
	t.Run("a folder with another run", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "again")
		d := DecideOptions{Run: o.Out, Out: out, Limits: &plain, Program: o.Program}
		_, err := Decide(t.Context(), d)
		require.NoError(t, err)
		_, err = Decide(t.Context(), d)
		assert.ErrorContains(t, err, "--force")
		d.Force = true
		_, err = Decide(t.Context(), d)
		assert.NoError(t, err)
	})
}
