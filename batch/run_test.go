package batch

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/cvr"
)

func TestRunGivesTheSameBytes(t *testing.T) {
	first := options(t)
	first.Workers = 1
	sum, err := Run(t.Context(), first)
	require.NoError(t, err)
	assert.True(t, sum.Adds)
	assert.Equal(t, 8, sum.Sheets)
	assert.Equal(t, 16, sum.Inputs)
	files, err := os.ReadDir(first.Out)
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	assert.Equal(t, []string{"batches.csv", "contests.csv", "cvr.json", "fill.csv", "fill.svg", "marks.csv", "near.csv", "recount.db", "rescans.csv", "run.json", "sheets.csv", "totals.csv"}, names)

	t.Run("with four workers", func(t *testing.T) {
		o := options(t)
		o.Workers = 4
		_, err := Run(t.Context(), o)
		require.NoError(t, err)
		sameFiles(t, first.Out, o.Out)
	})
	t.Run("again into the same folder", func(t *testing.T) {
		before := t.TempDir()
		require.NoError(t, os.CopyFS(before, os.DirFS(first.Out)))
		again, err := Run(t.Context(), first)
		require.NoError(t, err)
		assert.Equal(t, sum, again)
		sameFiles(t, before, first.Out)
	})
	t.Run("stopped and gone on with", func(t *testing.T) {
		o := options(t)
		ctx, cancel := context.WithCancel(t.Context())
		o.Progress = func(p Progress) {
			if p.Step == "read" && p.Done == 3 {
				cancel()
			}
		}
		_, err := Run(ctx, o)
		var stopped *Stopped
		require.ErrorAs(t, err, &stopped)
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorContains(t, err, "the same command goes on")
		assert.GreaterOrEqual(t, stopped.Done, 3)
		require.Less(t, stopped.Done, 8, "the run came to its end before it was stopped")
		begun := -1
		o.Progress = func(p Progress) {
			if p.Step == "read" && begun < 0 {
				begun = p.Done
			}
		}
		_, err = Run(t.Context(), o)
		require.NoError(t, err)
		assert.Equal(t, stopped.Done, begun, "sheets read before the stop were read again")
		sameFiles(t, first.Out, o.Out)
	})
	t.Run("killed and gone on with", func(t *testing.T) {
		o := options(t)
		dead := filepath.Join(t.TempDir(), "dead")
		o.Progress = func(p Progress) {
			if p.Step == "read" && p.Done == 5 {
				// What lies on the disk in the middle of a run is what a killed run leaves.
				require.NoError(t, os.CopyFS(dead, os.DirFS(o.Out)))
			}
		}
		_, err := Run(t.Context(), o)
		require.NoError(t, err)
		o.Out, o.Progress = dead, nil
		_, err = Run(t.Context(), o)
		require.NoError(t, err)
		sameFiles(t, first.Out, dead)
	})
}

func TestRunDescription(t *testing.T) {
	o := options(t)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(o.Out, "run.json"))
	require.NoError(t, err)
	assert.NotContains(t, string(data), filepath.Dir(o.Out), "a path of the machine stands in the result")
	var desc struct {
		Outcomes map[string]int `json:"outcomes"`
		Inputs   int            `json:"inputs"`
		Results  []FileHash     `json:"results"`
	}
	require.NoError(t, json.Unmarshal(data, &desc))
	sum := 0
	for _, n := range desc.Outcomes {
		sum += n
	}
	assert.Equal(t, desc.Inputs, sum)
	require.Len(t, desc.Results, 10)
	records, err := os.Open(filepath.Join(o.Out, "cvr.json"))
	require.NoError(t, err)
	defer records.Close()
	assert.NoError(t, cvr.Validate(records), "against the published schema, references too")
	for _, f := range desc.Results {
		b, err := os.ReadFile(filepath.Join(o.Out, f.File))
		require.NoError(t, err)
		assert.Equal(t, hashOf(b), f.SHA256, f.File)
	}
}

func TestRunRefusesAnotherRunsFolder(t *testing.T) {
	o := options(t)
	o.Inputs = []string{filepath.Join(suite(t), "images", "sheet-0001-front.jpg")}
	_, err := Run(t.Context(), o)
	require.NoError(t, err)

	other := o
	other.Limits.VoteFill++
	other.Program = "recount other"
	_, err = Run(t.Context(), other)
	var differs *OtherRun
	require.ErrorAs(t, err, &differs)
	assert.Equal(t, []string{"program version", "set of limits"}, differs.Differ)
	assert.ErrorContains(t, err, "--force")

	other.Force = true
	_, err = Run(t.Context(), other)
	require.NoError(t, err)
	_, err = Run(t.Context(), o)
	assert.ErrorAs(t, err, &differs, "the forced run took the folder over")
}

func TestRunErrors(t *testing.T) {
	picture := filepath.Join(suite(t), "images", "sheet-0001-front.jpg")
	for _, c := range []struct {
		name   string
		change func(t *testing.T, o *Options)
		want   string
	}{
		{"no definition", func(t *testing.T, o *Options) { o.Election = filepath.Join(t.TempDir(), "none.json") }, "none.json"},
		{"no such scans", func(t *testing.T, o *Options) { o.Inputs = []string{filepath.Join(t.TempDir(), "none")} }, "none"},
		{"an empty folder", func(t *testing.T, o *Options) { o.Inputs = []string{t.TempDir()} }, "no scans"},
		{"no folder to write", func(t *testing.T, o *Options) { o.Out = "" }, "--out"},
		{"a folder inside the scans", func(t *testing.T, o *Options) {
			o.Inputs = []string{t.TempDir()}
			o.Out = filepath.Join(o.Inputs[0], "runs", "run")
		}, "lies inside"},
		{"a folder that a link leads into the scans", func(t *testing.T, o *Options) {
			o.Inputs = []string{t.TempDir()}
			link := filepath.Join(t.TempDir(), "link")
			require.NoError(t, os.Symlink(o.Inputs[0], link))
			o.Out = filepath.Join(link, "run")
		}, "lies inside"},
		{"bad limits", func(t *testing.T, o *Options) { o.Limits.NoneFill = -1 }, ""},
		{"bad pairing", func(t *testing.T, o *Options) { o.Pair = "zip" }, "alternate"},
		{"results without a ledger", func(t *testing.T, o *Options) {
			require.NoError(t, os.MkdirAll(o.Out, 0o777))
			require.NoError(t, os.WriteFile(filepath.Join(o.Out, "marks.csv"), nil, 0o666))
		}, "--force"},
		{"a ledger that is none", func(t *testing.T, o *Options) {
			require.NoError(t, os.MkdirAll(o.Out, 0o777))
			require.NoError(t, os.WriteFile(filepath.Join(o.Out, LedgerFile), []byte("this is no database, whatever its name says"), 0o666))
		}, "--force"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t)
			o.Inputs = []string{picture}
			c.change(t, &o)
			_, err := Run(t.Context(), o)
			require.Error(t, err)
			assert.ErrorContains(t, err, c.want)
			_, err = Run(t.Context(), o)
			assert.ErrorContains(t, err, c.want, "asked again it is refused again")
			left, _ := os.ReadDir(o.Inputs[0])
			assert.Empty(t, left, "nothing is written among the scans")
		})
	}
}

func TestTwoRunsDoNotShareAFolder(t *testing.T) {
	o := options(t)
	o.Inputs = []string{filepath.Join(suite(t), "images", "sheet-0001-front.jpg"), filepath.Join(suite(t), "images", "sheet-0001-back.jpg")}
	var second error
	tried := false
	o.Progress = func(p Progress) {
		if p.Step == "read" && !tried {
			tried = true
			inner := o
			inner.Progress, inner.Force = nil, true
			_, second = Run(t.Context(), inner)
		}
	}
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	assert.True(t, errors.Is(second, errBusy), "got %v", second)
}
