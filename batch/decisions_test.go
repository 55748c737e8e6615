package batch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/cvr"
)

// votedRow gives the first row with a mark in a contest that allows one vote and has no question.
func votedRow(t *testing.T, run string) map[string]string {
	t.Helper()
	for _, r := range readCSV(t, filepath.Join(run, "marks.csv")) {
		if r["mark"] != "vote" {
			continue
		}
		for _, c := range readCSV(t, filepath.Join(run, "contests.csv")) {
			if c["contest"] == r["contest"] && c["allowed"] == "1" && c["status"] == "voted" && strings.HasPrefix(r["image"], strings.SplitN(c["sheet"], "-front", 2)[0]) {
				return r
			}
		}
	}
	t.Fatal("no plain vote among the drawn sheets")
	return nil
}

// entry is a decision on a row of marks.csv.
func entry(r map[string]string, answer, reason string) cvr.Decision {
	return cvr.Decision{Image: r["image"], Contest: r["contest"], Choice: r["choice"], Party: r["party"], Answer: answer, Before: r["mark"], Reason: reason, Who: "Reader One", When: "2026-11-04T20:15:00-05:00"}
}

func logFile(t *testing.T, ds ...cvr.Decision) string {
	t.Helper()
	var b bytes.Buffer
	for i := range ds {
		require.NoError(t, cvr.WriteDecision(&b, &ds[i]))
	}
	name := filepath.Join(t.TempDir(), "log.jsonl")
	require.NoError(t, os.WriteFile(name, b.Bytes(), 0o644))
	return name
}

// What people decide changes the totals and contests, is told apart in every result, and is the same on a fresh run.
func TestDecideByHand(t *testing.T) {
	o := options(t)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	row := votedRow(t, o.Out)
	log := logFile(t, entry(row, "questionable", "is it struck out?"), entry(row, "none", "struck out"))
	decide := func(run, log string) (string, *Summary) {
		out := filepath.Join(t.TempDir(), "decided")
		sum, err := Decide(t.Context(), DecideOptions{Run: run, Out: out, Log: log, Program: o.Program})
		require.NoError(t, err)
		return out, sum
	}
	out, sum := decide(o.Out, log)
	require.NotNil(t, sum.Decisions)
	assert.Equal(t, []int{2, 1, 1}, []int{sum.Decisions.Entries, sum.Decisions.Targets, sum.Decisions.Sheets})

	find := func(dir, file string, want map[string]string) map[string]string {
		for _, r := range readCSV(t, filepath.Join(dir, file)) {
			all := true
			for k, v := range want {
				all = all && r[k] == v
			}
			if all {
				return r
			}
		}
		t.Fatalf("%s has no row %v", file, want)
		return nil
	}
	target := map[string]string{"image": row["image"], "contest": row["contest"], "choice": row["choice"], "party": row["party"]}
	after := find(out, "marks.csv", target)
	assert.Equal(t, []string{"vote", "none"}, []string{after["mark"], after["by_hand"]}, "the reading stays beside the decision")
	page := find(out, "sheets.csv", map[string]string{"image": row["image"]})
	assert.Contains(t, page["reason"], "by-hand: 1 target")
	contest := find(out, "contests.csv", map[string]string{"sheet": page["sheet"], "contest": row["contest"]})
	assert.Equal(t, []string{"0", "1", "undervote", "1"}, []string{contest["votes"], contest["undervotes"], contest["status"], contest["by_hand"]})
	sums := func(dir, choice, party, column string) (n int) {
		for _, r := range readCSV(t, filepath.Join(dir, "totals.csv")) {
			if r["contest"] == row["contest"] && r["choice"] == choice && r["party"] == party {
				var v int
				_, err := fmt.Sscan(r[column], &v)
				require.NoError(t, err)
				n += v
			}
		}
		return n
	}
	assert.Equal(t, sums(o.Out, row["choice"], row["party"], "clear")-1, sums(out, row["choice"], row["party"], "clear"))
	assert.Equal(t, sums(o.Out, "Under Votes", "", "clear")+1, sums(out, "Under Votes", "", "clear"))
	assert.Equal(t, 1, sums(out, "Under Votes", "", "by_hand"))
	assert.Equal(t, 1, sums(out, "Ballots", "", "by_hand"))
	assert.Equal(t, 0, sums(o.Out, "Ballots", "", "by_hand"))

	data, err := os.ReadFile(filepath.Join(out, "cvr.json"))
	require.NoError(t, err)
	require.NoError(t, cvr.Validate(bytes.NewReader(data)))
	assert.Equal(t, 1, bytes.Count(data, []byte(`"Type":"modified"`)))
	assert.Contains(t, string(data), `"AdjudicatorName":["Reader One"]`)
	assert.Contains(t, string(data), `vote to none: struck out"],"TimeStamp":"2026-11-04T20:15:00-05:00"`)
	var desc struct{ Decisions *DecisionCount }
	text, err := os.ReadFile(filepath.Join(out, "run.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &desc))
	assert.Equal(t, sum.Decisions, desc.Decisions)

	t.Run("on a fresh run gives the same", func(t *testing.T) {
		fresh := options(t)
		_, err := Run(t.Context(), fresh)
		require.NoError(t, err)
		again, _ := decide(fresh.Out, log)
		sameFiles(t, out, again)
	})
	t.Run("stays when the run is decided again", func(t *testing.T) {
		again, _ := decide(out, "")
		sameFiles(t, out, again)
	})
	t.Run("taken back leaves the totals as read", func(t *testing.T) {
		back, sum := decide(out, logFile(t, entry(row, "none", "struck out"), entry(row, cvr.TakenBack, "it was not")))
		assert.Equal(t, 0, sum.Decisions.Targets)
		for _, name := range []string{"totals.csv", "contests.csv", "marks.csv", "sheets.csv"} {
			want, err := os.ReadFile(filepath.Join(o.Out, name))
			require.NoError(t, err)
			got, err := os.ReadFile(filepath.Join(back, name))
			require.NoError(t, err)
			assert.True(t, bytes.Equal(want, got), name)
		}
	})
	t.Run("a log without entries gives the run again, but for the log's hash", func(t *testing.T) {
		none := logFile(t)
		require.NoError(t, os.WriteFile(none, []byte("image,contest,choice,answer,reason,who\n"), 0o644))
		again, sum := decide(out, none)
		assert.Equal(t, 0, sum.Decisions.Entries)
		want, err := os.ReadFile(filepath.Join(o.Out, "cvr.json"))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(again, "cvr.json"))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want, got))
	})
	t.Run("a run that goes on is not taken for another", func(t *testing.T) {
		other := o
		other.Out = out
		_, err := Run(t.Context(), other)
		assert.ErrorContains(t, err, "another log of decisions")
	})
	t.Run("comparisons and the report follow it", func(t *testing.T) {
		run, err := OpenRun(out)
		require.NoError(t, err)
		defer run.Close()
		hands := 0
		for r, err := range run.Records() {
			require.NoError(t, err)
			for i := range r.Sheet.Contests {
				hands += r.Sheet.Contests[i].ByHand
			}
			assert.Equal(t, r.AsRead != nil, len(r.Decisions) > 0)
		}
		assert.Equal(t, 1, hands)
		p, err := run.Report(ReportOptions{})
		require.NoError(t, err)
		assert.Contains(t, fmt.Sprint(p.Facts), "1 target on 1 sheet, from a log of 2 entries")
	})
}

func TestDecideByHandErrors(t *testing.T) {
	o := options(t)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	row := votedRow(t, o.Out)
	with := func(change func(d *cvr.Decision)) string {
		d := entry(row, "none", "struck out")
		change(&d)
		return logFile(t, entry(row, "vote", "plain"), d)
	}
	for _, tt := range []struct{ name, log, want string }{
		{"no file", filepath.Join(t.TempDir(), "none"), "read decisions"},
		{"another run's image", with(func(d *cvr.Decision) { d.Image = "elsewhere.png" }), `line 2: the run has no image "elsewhere.png"`},
		{"another picture", with(func(d *cvr.Decision) { d.SHA256 = strings.Repeat("0", 64) }), "line 2: image"},
		{"another contest", with(func(d *cvr.Decision) { d.Contest = "Dogcatcher" }), `no target of contest "Dogcatcher"`},
		{"another party", with(func(d *cvr.Decision) { d.Party = "XYZ" }), `party "XYZ"`},
		{"a rank", with(func(d *cvr.Decision) { d.Rank = 2 }), "rank 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "x")
			_, err := Decide(t.Context(), DecideOptions{Run: o.Out, Out: out, Log: tt.log, Program: o.Program})
			assert.ErrorContains(t, err, tt.want)
			_, err = os.Stat(filepath.Join(out, LedgerFile))
			assert.ErrorIs(t, err, os.ErrNotExist, "half a run is none")
		})
	}
}

// The log of a review desk counts as the plain list does, where its chain holds and it is about the run.
func TestDecideByAReviewsLog(t *testing.T) {
	o := options(t)
	empty := filepath.Join(t.TempDir(), "no-ballot.png")
	require.NoError(t, os.WriteFile(empty, []byte("no picture"), 0o644))
	o.Inputs = append(o.Inputs, empty)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	run, err := OpenRun(o.Out)
	require.NoError(t, err)
	defer run.Close()
	row := votedRow(t, o.Out)
	label := strings.Split(row["style"], "|")[0]
	style := run.Election.Style(label)
	require.NotNil(t, style)
	var d cvr.LogEntry
	for _, p := range style.Pages {
		if p.Side() != row["side"] {
			continue
		}
		plain := entry(row, "none", "x")
		at, err := plain.Target(run.Election, &p)
		require.NoError(t, err)
		d = cvr.LogEntry{When: "2026-11-04T20:15:00Z", Who: "A", Act: cvr.ActTarget, Image: row["image"], Style: label, Page: p.Number, Target: at + 1,
			Contest: p.Targets[at].Contest, Choice: p.Targets[at].Choice, Before: "vote", Answer: "none"}
	}
	agreed := d
	agreed.Who = "B"
	alone := d
	for _, r := range readCSV(t, filepath.Join(o.Out, "marks.csv")) {
		if r["image"] == row["image"] && r["contest"] != row["contest"] {
			plain := entry(r, "none", "x")
			at, err := plain.Target(run.Election, style.Page(d.Page))
			require.NoError(t, err)
			alone.Target, alone.Contest, alone.Choice = at+1, style.Page(d.Page).Targets[at].Contest, style.Page(d.Page).Targets[at].Choice
		}
	}
	none := cvr.LogEntry{When: d.When, Who: "A", Act: cvr.ActNotBallot, Image: "no-ballot.png", Answer: string(cvr.ActNotBallot)}
	other := none
	other.Who = "B"
	header := cvr.LogHeader{When: d.When, Definition: run.Definition, Manifest: run.Manifest, People: 2}
	chain := func(h cvr.LogHeader, ds ...cvr.LogEntry) string {
		name := filepath.Join(t.TempDir(), "decisions.jsonl")
		w, err := cvr.OpenLog(name, h)
		require.NoError(t, err)
		_, err = w.Append(ds...)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return name
	}
	log := chain(header, d, agreed, alone, none, other)
	out := filepath.Join(t.TempDir(), "decided")
	sum, err := Decide(t.Context(), DecideOptions{Run: o.Out, Out: out, Log: log, Program: o.Program})
	require.NoError(t, err)
	assert.Equal(t, []int{5, 1, 1, 1}, []int{sum.Decisions.Entries, sum.Decisions.Targets, sum.Decisions.Sheets, sum.Decisions.Waiting})
	assert.Equal(t, "1 target on 1 sheet, from a log of 5 entries; 1 waits for a second person or is disputed", sum.Decisions.String())
	data, err := os.ReadFile(filepath.Join(out, "cvr.json"))
	require.NoError(t, err)
	require.NoError(t, cvr.Validate(bytes.NewReader(data)))
	assert.Equal(t, 2, bytes.Count(data, []byte("AdjudicatorName")), "the words of both people")
	for _, r := range readCSV(t, filepath.Join(out, "sheets.csv")) {
		if r["image"] == "no-ballot.png" {
			assert.Contains(t, r["reason"], "by-hand: no ballot; ")
		}
	}
	for _, tt := range []struct {
		name, run, log string
		decided, found bool
	}{
		{"by this log", out, log, true, true},
		{"by this log, which was added to since", out, chain(header, d, agreed, alone, none, other, alone), true, true},
		{"by another log", out, chain(header, d, agreed, none, other, alone), true, false},
		{"by the log without its end", out, chain(header, d, agreed, alone, none), true, false},
		{"as read", o.Out, log, false, false},
	} {
		check, err := VerifyRun(t.Context(), tt.run, nil, tt.log)
		require.NoError(t, err)
		assert.True(t, check.Good(), "%s: %v", tt.name, check.Faults)
		assert.Equal(t, tt.decided, check.DecidedBy != "", tt.name)
		assert.Equal(t, tt.found, check.Found, tt.name)
	}
	back := filepath.Join(t.TempDir(), "back")
	_, err = Decide(t.Context(), DecideOptions{Run: out, Out: back, Log: chain(header, alone), Program: o.Program})
	require.NoError(t, err)
	for _, name := range []string{"totals.csv", "sheets.csv", "marks.csv"} {
		want, err := os.ReadFile(filepath.Join(o.Out, name))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(back, name))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want, got), name)
	}

	header.People = 1
	strange, elsewhere, same, unknown := header, d, d, none
	strange.Manifest = strings.Repeat("0", 64)
	elsewhere.Choice = "nobody"
	same.Act, same.Answer, same.Sheet, same.Of = cvr.ActSameSheet, string(cvr.ActSameSheet), "a", "b"
	unknown.Image = row["image"]
	changed := filepath.Join(t.TempDir(), "changed.jsonl")
	require.NoError(t, os.WriteFile(changed, bytes.Replace(mustRead(t, log), []byte(`"answer":"none"`), []byte(`"answer":"vote"`), 1), 0o644))
	torn := filepath.Join(t.TempDir(), "torn.jsonl")
	require.NoError(t, os.WriteFile(torn, append(mustRead(t, log), `{"n":6`...), 0o644))
	for _, tt := range []struct{ name, log, want string }{
		{"of other scans", chain(strange, d), "made on other scans"},
		{"another choice", chain(header, elsewhere), `is not contest`},
		{"sheets the run has not", chain(header, same), `the run has no sheets "a" and "b"`},
		{"no refused page", chain(header, unknown), "the run refused no image"},
		{"changed", changed, "it was changed after it was written"},
		{"torn", torn, "never finished"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decide(t.Context(), DecideOptions{Run: o.Out, Out: filepath.Join(t.TempDir(), "x"), Log: tt.log, Program: o.Program})
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return data
}
