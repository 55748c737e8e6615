package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/template"
)

// Voted pages give a blank that template draft takes at once, and everything written is in the contract.
func TestLearn(t *testing.T) {
	text, dir := contract(t), suite(t)
	out := filepath.Join(t.TempDir(), "learned")
	args := []string{"template", "learn", "--json", "--min", "3", "--out", out}
	backs, err := filepath.Glob(filepath.Join(dir, "images", "*-back.*")) // both districts have the same
	require.NoError(t, err)
	require.Len(t, backs, 3)
	args = append(args, backs...)
	code, stdout, stderr := recount(t, args...)
	require.Equal(t, exitLook, code, stderr)
	for _, k := range keysOf(t, []byte(stdout)) {
		assert.Contains(t, text, "`"+k+"`", "docs/OUTPUT.md must name it")
	}
	var got template.Learned
	require.NoError(t, json.Unmarshal([]byte(stdout), &got))
	require.Len(t, got.Groups, 1)
	for _, name := range []string{"groups.csv", "targets.csv"} {
		f, err := os.Open(filepath.Join(out, name))
		require.NoError(t, err)
		head, err := csv.NewReader(f).Read()
		f.Close()
		require.NoError(t, err)
		assert.Contains(t, text, "### "+name+"\n")
		for _, k := range head {
			assert.Contains(t, text, "`"+k+"`", "docs/OUTPUT.md must name it")
		}
	}
	// All three voters filled the answer "No" of the second question: it is named, and not taken for a target unasked.
	require.Len(t, got.Groups[0].Targets, 3)
	require.Len(t, got.Groups[0].Doubts, 1)
	assert.Contains(t, got.Groups[0].Doubts[0], "everybody filled")
	list := filepath.Join(out, "contests.csv")
	require.Equal(t, []string{"recount", "template", "draft", "--out"}, got.Next[:4])
	code, stdout, stderr = recount(t, append([]string{"template", "draft", "--out", list}, got.Next[5:]...)...)
	require.Equal(t, exitDone, code, stderr)
	assert.Contains(t, stdout, "3 targets")
}

func TestLearnUsage(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"nowhere to write", []string{"scans"}, "--out"},
		{"nothing to learn from", []string{"--out", "x"}, "needs scans"},
		{"two pages", []string{"--out", "x", "--min", "2", "scans"}, "--min 2"},
		{"more at least than at most", []string{"--out", "x", "--min", "9", "--max", "8", "scans"}, "--max 8"},
		{"no quarter turn", []string{"--out", "x", "--turn", "45", "scans"}, "--turn 45"},
		{"no resolution", []string{"--out", "x", "--dpi", "3", "scans"}, "--dpi 3"},
		{"no place", []string{"--out", "x", "--ignore", "1,2,3", "scans"}, "--ignore"},
		{"a place that is no number", []string{"--out", "x", "--ignore", "1,2,3,NaN", "scans"}, "--ignore"},
		{"no pairing", []string{"--out", "x", "--pair", "twins", "scans"}, "--pair"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, _, stderr := recount(t, append([]string{"template", "learn"}, tt.args...)...)
			assert.Equal(t, exitUsage, code)
			assert.Contains(t, stderr, tt.want)
		})
	}
}

// The printed text says what to look at and ends with commands that a shell takes.
func TestPrintLearned(t *testing.T) {
	got := &template.Learned{
		Groups: []template.LearnedGroup{{Group: "group-1", Pages: 6, Used: 6, Top: "letters", Doubts: []string{"target 2: never seen unmarked"},
			Targets: []template.LearnedTarget{{Number: 1, Unmarked: 4}, {Number: 2}}}},
		Pages: []template.LearnedPage{{Page: "a.png", Reason: "no other page is printed like it"}},
		Next:  []string{"recount", "template", "draft", "--out", "contests.csv", "style-1/1=my blanks/group-1.png"},
	}
	var b strings.Builder
	require.NoError(t, printLearned(&b, got, "my blanks"))
	for _, want := range []string{"1 pages: 1 groups, 1 pages in none", "group-1: target 2: never seen unmarked", "a.png: no other page",
		"draft --out contests.csv 'style-1/1=my blanks/group-1.png'"} {
		assert.Contains(t, b.String(), want)
	}
}
