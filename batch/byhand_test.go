package batch

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/cvr"
	"recount/vote"
)

// handLog writes a review's log on a run.
func handLog(t *testing.T, run string, entries ...cvr.LogEntry) string {
	t.Helper()
	r, err := OpenRun(run)
	require.NoError(t, err)
	defer r.Close()
	path := filepath.Join(t.TempDir(), "decisions.jsonl")
	w, err := cvr.OpenLog(path, cvr.LogHeader{Definition: r.Definition, Manifest: r.Manifest, People: 1, When: "2026-11-03T20:00:00Z"})
	require.NoError(t, err)
	defer w.Close()
	for _, d := range entries {
		d.When, d.Who, d.Reason = "2026-11-03T21:00:00Z", "Ann", "looked at"
		if d.Answer == "" {
			d.Answer = string(d.Act)
		}
		_, err := w.Append(d)
		require.NoError(t, err)
	}
	return path
}

func TestEnteredByHandAndSameSheet(t *testing.T) {
	o := options(t)
	scans := filepath.Join(t.TempDir(), "scans")
	require.NoError(t, os.CopyFS(scans, os.DirFS(filepath.Join(suite(t), "images"))))
	require.NoError(t, os.WriteFile(filepath.Join(scans, "zz-wet.jpg"), []byte("ruined"), 0o644))
	o.Inputs = []string{scans}
	before, err := Run(context.Background(), o)
	require.NoError(t, err)
	run, err := OpenRun(o.Out)
	require.NoError(t, err)
	defer run.Close()
	e := run.Election
	st := &e.Styles[0]
	page := &st.Pages[0]
	var names []string
	for rec, err := range run.Records() {
		require.NoError(t, err)
		names = append(names, rec.Images[0].Name)
	}
	entered := cvr.LogEntry{Act: cvr.ActPage, Image: "zz-wet.jpg", Sheet: "zz-wet.jpg", Style: st.ID, Page: page.Number, Before: "refused"}
	for _, i := range []int{0, len(page.Targets) - 1} {
		tg := page.Targets[i]
		entered.Marked = append(entered.Marked, cvr.MarkedTarget{Target: i + 1, Contest: tg.Contest, Choice: tg.Choice, Rank: tg.Rank})
	}
	same := cvr.LogEntry{Act: cvr.ActSameSheet, Sheet: names[1], Of: names[0]}
	decide := func(log string) (string, *Summary, error) {
		out := filepath.Join(t.TempDir(), "decided")
		sum, err := Decide(context.Background(), DecideOptions{Run: o.Out, Out: out, Log: log, Program: o.Program, Workers: 2})
		return out, sum, err
	}

	t.Run("entered", func(t *testing.T) {
		log := handLog(t, o.Out, entered)
		out, sum, err := decide(log)
		require.NoError(t, err)
		assert.Equal(t, before.Sheets+1, sum.Sheets)
		assert.Equal(t, before.Outcomes[string(Refused)]-1, sum.Outcomes[string(Refused)])
		assert.NoFileExists(t, filepath.Join(out, preparedFile))
		r, err := OpenRun(out)
		require.NoError(t, err)
		defer r.Close()
		var last *cvr.Record
		for rec, err := range r.Records() {
			require.NoError(t, err)
			if rec.Images[0].Name == "zz-wet.jpg" {
				last = rec
			}
		}
		require.NotNil(t, last)
		votes := 0
		for _, k := range last.Sheet.Readings {
			assert.True(t, k.ByHand)
			if k.Answer == vote.Vote {
				votes++
			}
		}
		assert.Equal(t, 2, votes)
		for _, c := range last.Sheet.Contests {
			if page.Targets[0].Contest == c.Contest {
				assert.Positive(t, c.ByHand)
			}
		}
		check, err := VerifyRun(context.Background(), out, nil)
		require.NoError(t, err)
		assert.Empty(t, check.Faults)
		again, _, err := decide(log)
		require.NoError(t, err)
		sameFiles(t, out, again)
		_, err = Decide(context.Background(), DecideOptions{Run: out, Out: filepath.Join(t.TempDir(), "x"), Log: log, Program: o.Program})
		assert.ErrorContains(t, err, "was not refused")
	})
	t.Run("one sheet twice", func(t *testing.T) {
		out, sum, err := decide(handLog(t, o.Out, same))
		require.NoError(t, err)
		assert.Equal(t, before.Sheets-1, sum.Sheets)
		assert.Positive(t, sum.Outcomes[string(Duplicate)])
		check, err := VerifyRun(context.Background(), out, nil)
		require.NoError(t, err)
		assert.Empty(t, check.Faults)
	})
	for _, c := range []struct {
		name   string
		change func() []cvr.LogEntry
		want   string
	}{
		{"a page that was read", func() []cvr.LogEntry { d := entered; d.Image = names[0]; return []cvr.LogEntry{d} }, "was not refused"},
		{"no such page", func() []cvr.LogEntry { d := entered; d.Image = "nowhere.jpg"; return []cvr.LogEntry{d} }, "has no image"},
		{"no such style", func() []cvr.LogEntry { d := entered; d.Style = "nowhere"; return []cvr.LogEntry{d} }, "has no page"},
		{"a target beyond the last", func() []cvr.LogEntry {
			d := entered
			d.Marked = []cvr.MarkedTarget{{Target: 9999, Contest: "x", Choice: "y"}}
			return []cvr.LogEntry{d}
		}, "one beyond them"},
		{"another choice's target", func() []cvr.LogEntry {
			d := entered
			d.Marked = []cvr.MarkedTarget{{Target: 1, Contest: "x", Choice: "y"}}
			return []cvr.LogEntry{d}
		}, "is not contest"},
		{"two sheets that are each the other", func() []cvr.LogEntry {
			d := same
			d.Sheet, d.Of = same.Of, same.Sheet
			return []cvr.LogEntry{same, d}
		}, "does not count"},
		{"a sheet that is not there", func() []cvr.LogEntry { d := same; d.Of = "nowhere"; return []cvr.LogEntry{d} }, "has no sheets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, _, err := decide(handLog(t, o.Out, c.change()...))
			assert.ErrorContains(t, err, c.want)
			left, _ := filepath.Glob(filepath.Join(out, "*"))
			assert.Empty(t, left, "nothing is left of what was not done")
		})
	}
}

func TestVerifyRunProvesTheLog(t *testing.T) {
	o := options(t)
	_, err := Run(context.Background(), o)
	require.NoError(t, err)
	log := handLog(t, o.Out, cvr.LogEntry{Act: cvr.ActNotBallot, Image: "a.jpg", Before: "refused"}, cvr.LogEntry{Act: cvr.ActNotBallot, Image: "b.jpg", Before: "refused"})
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	beside := filepath.Join(o.Out, DecisionsFile)
	for _, c := range []struct {
		name, text string
		want       string
	}{
		{"as it was written", string(text), ""},
		{"an entry changed", strings.Replace(string(text), "a.jpg", "c.jpg", 1), "line 2: its hash is not that of its bytes"},
		{"an entry taken out", string(text[:strings.Index(string(text), `{"n":1`)]) + string(text[strings.Index(string(text), `{"n":2`):]), "line 2: it does not follow the line before it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(beside, []byte(c.text), 0o644))
			check, err := VerifyRun(context.Background(), o.Out, nil)
			require.NoError(t, err)
			if c.want == "" {
				assert.True(t, check.Good(), check.Faults)
				assert.Equal(t, 2, check.Decisions)
				assert.Len(t, check.Head, 64)
				return
			}
			require.Len(t, check.Faults, 1)
			assert.Equal(t, "decisions", check.Faults[0].Check)
			assert.Contains(t, check.Faults[0].What, c.want)
		})
	}
}
