package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const votingWorks = `{"title": "Town", "date": "2025-11-04", "ballotLayout": {"paperSize": "letter", "metadataEncoding": "timing-marks"}, "ballotStyles": [{"id": "s"}],
"contests": [{"id": "q", "title": "Question", "type": "yesno", "yesOption": {"id": "y", "label": "Yes"}, "noOption": {"id": "n", "label": "No"}}],
"gridLayouts": [{"ballotStyleId": "s", "gridPositions": [{"type": "option", "sheetNumber": 1, "side": "front", "column": 12, "row": 20, "contestId": "q", "optionId": "n"},
{"type": "option", "sheetNumber": 1, "side": "front", "column": 12, "row": 10, "contestId": "q", "optionId": "y"}]}]}`

func TestTemplateImportAndExport(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "in.json")
	require.NoError(t, os.WriteFile(file, []byte(votingWorks), 0o644))
	out := filepath.Join(dir, "out")
	code, stdout, stderr := recount(t, "template", "import", "--out", out, "--dpi", "100", file)
	require.Equal(t, exitDone, code, stderr)
	assert.Contains(t, stdout, "style s page 1 (front): 2 targets, 850x1100 pixels at 100 dpi")
	assert.Contains(t, stderr, "note: style \"s\": no target lies on the back")
	assert.Contains(t, stderr, "look at the proofs")

	nist := filepath.Join(dir, "bd.json")
	code, stdout, stderr = recount(t, "template", "export", "--to", "nist-1500-20", "--election", filepath.Join(out, "election.json"), "--out", nist)
	require.Equal(t, exitDone, code, stderr)
	assert.Contains(t, stdout, "1 contests, 1 styles")
	code, _, stderr = recount(t, "template", "export", "--to", "nist-1500-20", "--election", filepath.Join(out, "election.json"), "--out", nist)
	assert.Equal(t, exitFailed, code, "it writes over nothing")
	assert.Contains(t, stderr, "bd.json")

	again := filepath.Join(dir, "again")
	code, _, stderr = recount(t, "template", "import", "--from", "nist-1500-20", "--out", again, "--dpi", "100", nist)
	require.Equal(t, exitDone, code, stderr)
	a, err := os.ReadFile(filepath.Join(out, "blanks", "s-p1.png"))
	require.NoError(t, err)
	b, err := os.ReadFile(filepath.Join(again, "blanks", "s-p1.png"))
	require.NoError(t, err)
	assert.Equal(t, a, b, "timing marks and targets came through")
	proof, _, stderr := recount(t, "template", "check", "--election", filepath.Join(again, "election.json"))
	assert.Equal(t, exitDone, proof, stderr)

	code, stdout, stderr = recount(t, "template", "import", "--json", "--out", filepath.Join(dir, "json"), file)
	require.Equal(t, exitDone, code, stderr)
	var j imported
	require.NoError(t, json.Unmarshal([]byte(stdout), &j))
	assert.Equal(t, []importedPage{{Style: "s", Page: 1, Side: "front", Targets: 2, Width: 1700, Height: 2200, DPI: 200, Drawn: true}}, j.Pages)
	assert.Len(t, j.Notes, 1)
	for _, k := range keysOf(t, []byte(stdout)) {
		assert.Contains(t, contract(t), "`"+k+"`", "docs/OUTPUT.md must name it")
	}

	list := filepath.Join(dir, "list.json")
	require.NoError(t, os.WriteFile(list, []byte(`{"@type": "BallotDefinition.BallotDefinition", "Election": [{"Contest": [{"@id": "c", "Name": "Mayor", "VotesAllowed": 1,
		"ContestOption": [{"@id": "w", "IsWriteIn": true}]}], "BallotStyle": [{"OrderedContent": [{"ContestId": "c"}]}]}]}`), 0o644))
	code, stdout, stderr = recount(t, "template", "import", "--out", filepath.Join(dir, "listed"), list)
	require.Equal(t, exitDone, code, stderr)
	assert.Contains(t, stdout, "a contest list only")
	assert.NoFileExists(t, filepath.Join(dir, "listed", "election.json"))
	assert.FileExists(t, filepath.Join(dir, "listed", "contests.csv"))
}

func TestTemplateImportUsage(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"no folder", []string{"import", "x.json"}, exitUsage, "--out"},
		{"no file", []string{"import", "--out", "x"}, exitUsage, "FILE"},
		{"an unknown program", []string{"import", "--out", "x", "--from", "dominion", "x"}, exitUsage, "votingworks, avs and nist-1500-20"},
		{"unknown marks", []string{"import", "--out", "x", "--marks", "hart", "x"}, exitUsage, "--marks"},
		{"grid without marks", []string{"import", "--out", "x", "--positions", "grid", "x"}, exitUsage, "needs --marks"},
		{"unknown positions", []string{"import", "--out", "x", "--positions", "cm", "x"}, exitUsage, "box or grid"},
		{"unknown paper", []string{"import", "--out", "x", "--paper", "a4", "x"}, exitUsage, "--paper"},
		{"no resolution", []string{"import", "--out", "x", "--dpi", "5", "x"}, exitUsage, "--dpi"},
		{"a bad blank", []string{"import", "--out", "x", "x.json", "front.png"}, exitUsage, "STYLE/PAGE=FILE"},
		{"no such file", []string{"import", "--out", "x", "none.json"}, exitFailed, "none.json"},
		{"export to another format", []string{"export", "--to", "pdf", "--election", "e", "--out", "o"}, exitUsage, "nist-1500-20"},
		{"export without a file", []string{"export", "--to", "nist-1500-20", "--out", "o"}, exitUsage, "--election"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, stderr := recount(t, append([]string{"template"}, c.args...)...)
			assert.Equal(t, c.code, code)
			assert.Contains(t, stderr, c.says)
		})
	}
}
