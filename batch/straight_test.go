package batch

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/cvr"
	"recount/election"
	"recount/fixtures"
	"recount/template"
	"recount/template/author"
	"recount/vote"
)

// A straight-party vote is read, given to the party's candidates, and told from marks in every output, also when the run is
// decided again.
func TestStraightPartyRun(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "in.json")
	require.NoError(t, os.WriteFile(file, []byte(gridFile("timing-marks")), 0o644))
	def := filepath.Join(dir, "def")
	in, err := author.Import(author.ImportOptions{File: file, Out: def})
	require.NoError(t, err)
	e := in.Election
	e.Contests = []election.Contest{
		{ID: "ticket", Title: "Straight party", VoteFor: 1, Kind: election.StraightParty, Choices: []election.Choice{
			{ID: "dem", Name: "Democratic", Party: "DEM"}, {ID: "rep", Name: "Republican", Party: "REP"}}},
		{ID: "board", Title: "Board", VoteFor: 2, Partisan: true, Choices: []election.Choice{
			{ID: "d1", Name: "D. One", Party: "DEM"}, {ID: "d2", Name: "D. Two", Party: "DEM"}, {ID: "r1", Name: "R. One", Party: "REP"}, {ID: "w", Name: "Write-in", WriteIn: true}}},
	}
	page := &e.Styles[0].Pages[0]
	require.Len(t, page.Targets, 6)
	for i := range page.Targets {
		c := &e.Contests[min(i/2, 1)]
		page.Targets[i].Contest, page.Targets[i].Choice = c.ID, c.Choices[i-2*min(i/2, 1)].ID
	}
	definition := filepath.Join(def, author.DefinitionFile)
	require.NoError(t, e.Write(definition))
	blank := template.DrawBlank(page, 8.5, 11, 200)
	scans := filepath.Join(dir, "scans")
	require.NoError(t, os.MkdirAll(scans, 0o755))
	for name, kinds := range map[string][]fixtures.Kind{
		"a.png": {fixtures.Cross, "", "", "", "", ""},           // a ticket
		"b.png": {fixtures.Full, "", "", "", fixtures.Full, ""}, // a ticket, and a mark of its own
	} {
		side, err := fixtures.MarkPage(blank, page, kinds, fixtures.Marking{Seed: 7})
		require.NoError(t, err)
		f, err := os.Create(filepath.Join(scans, name))
		require.NoError(t, err)
		require.NoError(t, fixtures.EncodePNG(f, side.Gray, 200))
		require.NoError(t, f.Close())
	}
	out := filepath.Join(dir, "run")
	_, err = Run(context.Background(), Options{Election: definition, Out: out, Inputs: []string{scans}, Workers: 2, Limits: vote.DefaultLimits(), Program: "recount test"})
	require.NoError(t, err)
	var got [][]string
	for _, r := range readCSV(t, filepath.Join(out, "contests.csv")) {
		got = append(got, []string{r["sheet"], r["contest"], r["votes"], r["undervotes"], r["straight"], r["status"], r["ranking"], r["reason"]})
	}
	assert.Equal(t, [][]string{
		{"a.png", "Straight party", "1", "0", "0", "voted", "", ""}, {"a.png", "Board", "2", "0", "2", "voted", "", ""},
		{"b.png", "Straight party", "1", "0", "0", "voted", "", ""}, {"b.png", "Board", "1", "1", "0", "undervote", "", ""},
	}, got)
	clear := map[string]string{}
	for _, r := range readCSV(t, filepath.Join(out, "totals.csv")) {
		clear[r["contest"]+" "+r["choice"]] = r["clear"]
	}
	assert.Equal(t, []string{"2", "1", "1", "1", "1"}, []string{clear["Straight party Democratic"], clear["Board D. One"], clear["Board D. Two"], clear["Board R. One"], clear["Board Under Votes"]})
	records, err := os.ReadFile(filepath.Join(out, "cvr.json"))
	require.NoError(t, err)
	assert.Equal(t, 2, bytes.Count(records, []byte(`"IsGenerated":true`)))
	require.NoError(t, cvr.Validate(bytes.NewReader(records)))

	// A person says that the ticket is none: what it gave the board's candidates is gone by hand, and the other sheet's stays.
	hand := filepath.Join(dir, "hand")
	log := logFile(t, cvr.Decision{Image: "a.png", Contest: "ticket", Choice: "dem", Answer: "none", Before: "vote", Reason: "crossed out", Who: "Reader One", When: "2026-11-04T20:15:00-05:00"})
	_, err = Decide(context.Background(), DecideOptions{Run: out, Out: hand, Log: log, Program: "recount test"})
	require.NoError(t, err)
	got = nil
	for _, r := range readCSV(t, filepath.Join(hand, "contests.csv")) {
		got = append(got, []string{r["sheet"], r["contest"], r["votes"], r["straight"], r["by_hand"]})
	}
	assert.Equal(t, [][]string{{"a.png", "Straight party", "0", "0", "1"}, {"a.png", "Board", "0", "0", "1"}, {"b.png", "Straight party", "1", "0", "0"}, {"b.png", "Board", "1", "0", "0"}}, got)
	byHand := map[string]string{}
	for _, r := range readCSV(t, filepath.Join(hand, "totals.csv")) {
		byHand[r["contest"]+" "+r["choice"]] = r["clear"] + " " + r["by_hand"]
	}
	assert.Equal(t, []string{"3 2", "2 1", "1 0"}, []string{byHand["Board Under Votes"], byHand["Board Ballots"], byHand["Board R. One"]})

	again, plain := filepath.Join(dir, "again"), vote.DefaultLimits()
	_, err = Decide(context.Background(), DecideOptions{Run: out, Out: again, Limits: &plain, Program: "recount test"})
	require.NoError(t, err)
	sameFiles(t, out, again)
	high := vote.DefaultLimits()
	high.VoteFill, high.OverwhelmFill = 9000, 9000
	other := filepath.Join(dir, "other")
	_, err = Decide(context.Background(), DecideOptions{Run: out, Out: other, Limits: &high, Program: "recount test"})
	require.NoError(t, err)
	r := readCSV(t, filepath.Join(other, "contests.csv"))[1]
	assert.Equal(t, "the straight-party vote is questionable", r["reason"], "what was decided again is written")
	assert.Equal(t, []string{"0", "2", "2"}, []string{r["votes"], r["doubt"], r["straight"]})
}
