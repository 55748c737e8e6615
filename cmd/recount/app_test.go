package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "recount-cmd-test-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// recount runs one command line in process.
func recount(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), append([]string{"recount"}, args...), strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// drawn is a drawn election of three sheets with its definition.
var drawn = sync.OnceValues(func() (string, error) {
	o := fixtures.Options{Seed: 5, DPI: 120, Sheets: 3}
	dir := filepath.Join(scratch, "drawn")
	if err := fixtures.WriteSuite(dir, o); err != nil {
		return "", err
	}
	m, err := fixtures.New(o)
	if err != nil {
		return "", err
	}
	return dir, m.Election().Write(filepath.Join(dir, "election.json"))
})

func suite(t *testing.T) string {
	t.Helper()
	dir, err := drawn()
	require.NoError(t, err)
	return dir
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown command", []string{"count"}, `no command "count"`},
		{"unknown flag", []string{"read", "--fast", "scans"}, "fast"},
		{"unknown flag after arguments", []string{"read", "scans", "--fast"}, "fast"},
		{"read without election", []string{"read", "--out", "x", "scans"}, "--election"},
		{"read without out", []string{"read", "--election", "e.json", "scans"}, "--out"},
		{"read without scans", []string{"read", "--election", "e.json", "--out", "x"}, "scans to read"},
		{"workers below 0", []string{"read", "--election", "e.json", "--out", "x", "--workers", "-2", "s"}, "--workers"},
		{"workers that are no number", []string{"read", "--workers", "many", "s"}, "many"},
		{"pairing that is none", []string{"read", "--election", "e.json", "--out", "x", "--pair", "zip", "s"}, "alternate"},
		{"a flag without its value", []string{"read", "scans", "--out"}, "--out wants a value"},
		{"compare without run", []string{"compare", "--totals", "m.csv"}, "--run"},
		{"compare without totals", []string{"compare", "--run", "x"}, "--machine (or --totals)"},
		{"compare with an argument", []string{"compare", "--run", "x", "--totals", "m.csv", "n.csv"}, "n.csv"},
		{"compare of something else", []string{"compare", "--run", "x", "--totals", "m", "--over-under", "sheets"}, "votes or ballots"},
		{"inspect without a picture", []string{"inspect", "--election", "e.json"}, "one picture"},
		{"inspect two", []string{"inspect", "--election", "e.json", "a", "b"}, "2 are named"},
		{"parts of totals", []string{"compare", "--run", "x", "--machine", "m.csv", "--by", "batch"}, "--by is for records (--cvr)"},
		{"sheets of totals", []string{"compare", "--run", "x", "--machine", "m.csv", "--sheets", "s.csv"}, "--sheets is for records (--cvr)"},
		{"inspect into a jpeg", []string{"inspect", "--election", "e.json", "--out", "x.jpg", "a"}, ".png"},
		{"verify nothing", []string{"verify"}, "folder of a suite"},
		{"verify two with one election", []string{"verify", "--election", "e.json", "a", "b"}, "one suite"},
		{"template alone", []string{"template"}, "new, draft, learn, check, import or export"},
		{"template of another kind", []string{"template", "old"}, `"old"`},
		{"template new without blanks", []string{"template", "new", "--title", "T", "--contests", "c.csv", "--out", "x"}, "STYLE/PAGE=BLANK"},
		{"template new without contests", []string{"template", "new", "--title", "T", "--out", "x", "s/1=b.tif"}, "--contests"},
		{"template new with a bad blank", []string{"template", "new", "--title", "T", "--contests", "c.csv", "--out", "x", "front.tif"}, "STYLE/PAGE=FILE"},
		{"template new at no resolution", []string{"template", "new", "--title", "T", "--contests", "c", "--out", "x", "--dpi", "5", "s/1=b"}, "--dpi"},
		{"template new with and without Tesseract", []string{"template", "new", "--title", "T", "--contests", "c", "--out", "x", "--ocr", "--no-ocr", "s/1=b"}, "say one of them"},
		{"template check without election", []string{"template", "check"}, "--election"},
		{"demo without out", []string{"demo-election"}, "--out"},
		{"demo of no sheets", []string{"demo-election", "--out", "x", "--sheets", "0"}, "--sheets"},
		{"fixtures without a layout", []string{"fixtures", "--out", "x"}, "--layout"},
		{"fixtures of both", []string{"fixtures", "--out", "x", "--layout", "ess", "--election", "e.json"}, "say one of them"},
		{"fixtures of no layout", []string{"fixtures", "--out", "x", "--layout", "oblong"}, "accuvote, ess, barcode"},
		{"fixtures with other marks", []string{"fixtures", "--out", "x", "--layout", "ess", "--marks", "full,blob"}, "--marks blob"},
		{"fixtures with other damage", []string{"fixtures", "--out", "x", "--layout", "ess", "--damage", "fire=1"}, "--damage fire=1"},
		{"fixtures too damaged", []string{"fixtures", "--out", "x", "--layout", "ess", "--damage", "skew=2"}, "--damage skew=2"},
		{"fixtures of no sheets", []string{"fixtures", "--out", "x", "--layout", "ess", "--sheets", "0"}, "--sheets"},
		{"version with an argument", []string{"version", "2"}, `"2"`},
		{"help on an unknown command", []string{"help", "count"}, "count"},
		{"an empty name", []string{"read", "--election", "e.json", "--out", "x", ""}, "an argument of recount read is empty"},
		{"an empty value", []string{"decide", "--run", "r", "--out", "x", "--log", ""}, "--log has an empty value"},
		{"an empty value behind =", []string{"read", "--election", "e.json", "--limits=", "--out", "x", "s"}, "--limits= has an empty value"},
		{"verify-run of no run", []string{"verify-run"}, "the folder of one run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, out, errs := recount(t, c.args...)
			assert.Equal(t, exitUsage, code)
			assert.Contains(t, errs, c.want)
			assert.Contains(t, errs, "recount help")
			assert.Empty(t, out)
			left, err := os.ReadDir(".")
			require.NoError(t, err)
			assert.Empty(t, left, "a refused command line wrote something")
		})
	}
}

func TestFailures(t *testing.T) {
	dir := suite(t)
	bad := filepath.Join(t.TempDir(), "limits.json")
	require.NoError(t, os.WriteFile(bad, []byte(`{"vote_fil": 1}`), 0o666))
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no definition", []string{"read", "--election", "none.json", "--out", "x", dir}, "none.json"},
		{"no scans", []string{"read", "--election", filepath.Join(dir, "election.json"), "--out", "x", "none"}, "none"},
		{"limits with a misspelt name", []string{"limits", "--limits", bad}, "vote_fil"},
		{"no limits", []string{"limits", "--limits", "none.json"}, "none.json"},
		{"no run", []string{"compare", "--run", ".", "--totals", filepath.Join(dir, "machine.csv")}, "no finished run"},
		{"a folder called help", []string{"verify-run", "help"}, "stat help"},
		{"a folder called h", []string{"read", "--election", filepath.Join(dir, "election.json"), "--out", "x", "h"}, "find h"},
		{"a suite that is none", []string{"verify", "."}, "election.json"},
		{"no contest list", []string{"template", "new", "--title", "T", "--contests", "none.csv", "--out", "x", "s/1=b.tif"}, "none.csv"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, _, errs := recount(t, c.args...)
			assert.Equal(t, exitFailed, code)
			assert.Contains(t, errs, c.want)
		})
	}
}

func TestPlainCommands(t *testing.T) {
	_, flag, _ := recount(t, "--version")
	code, out, _ := recount(t, "version")
	assert.Equal(t, out, flag)
	assert.Equal(t, exitDone, code)
	assert.Equal(t, program+"\n", out)

	code, out, _ = recount(t, "help")
	assert.Equal(t, exitDone, code)
	for _, name := range []string{"read", "compare", "inspect", "verify", "template", "limits"} {
		assert.Contains(t, out, name)
	}

	code, limits, _ := recount(t, "limits")
	assert.Equal(t, exitDone, code)
	file := filepath.Join(t.TempDir(), "limits.json")
	require.NoError(t, os.WriteFile(file, []byte(limits), 0o666))
	code, out, _ = recount(t, "limits", "--limits", file)
	assert.Equal(t, exitDone, code)
	assert.Equal(t, limits, out, "limits read back what they print")
}

func TestReadAndCompare(t *testing.T) {
	dir := suite(t)
	work := t.TempDir()
	out := filepath.Join(work, "run")
	// Flags stand after the arguments here, as people type them.
	code, stdout, stderr := recount(t, "read", filepath.Join(dir, "images"), "--election", filepath.Join(dir, "election.json"), "--out", out, "--json")
	require.Contains(t, []int{exitDone, exitLook}, code, stderr)
	var sum struct {
		Inputs   int            `json:"inputs"`
		Outcomes map[string]int `json:"outcomes"`
		Adds     bool           `json:"outcomes_add_up"`
		Refused  []any          `json:"refused"`
		Results  []struct{ File, SHA256 string }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &sum))
	assert.Equal(t, 6, sum.Inputs)
	assert.True(t, sum.Adds)
	assert.Zero(t, sum.Outcomes["refused"])
	assert.NotNil(t, sum.Refused, "an empty list is a list")
	assert.Len(t, sum.Results, 10)
	assert.Equal(t, code == exitDone, sum.Outcomes["counted"] == 6)
	assert.Contains(t, stderr, "reading: 3 of 3 sheets", "progress is for stderr")

	code, _, stderr = recount(t, "read", "--election", filepath.Join(dir, "election.json"), "--out", out, "--pair", "none", filepath.Join(dir, "images"))
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "--force")

	code, stdout, stderr = recount(t, "compare", "--run", out, "--totals", filepath.Join(dir, "machine.csv"))
	assert.Equal(t, exitDone, code, stdout+stderr)

	// A number nobody could have reached disagrees whatever is questionable.
	data, err := os.ReadFile(filepath.Join(dir, "machine.csv"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	for i := range lines[1:] {
		if strings.Contains(lines[i+1], "Question") || strings.Contains(lines[i+1], "Mayor") {
			lines[i+1] = lines[i+1][:strings.LastIndex(lines[i+1], ",")] + ",999"
			break
		}
	}
	machine := filepath.Join(work, "machine.csv")
	require.NoError(t, os.WriteFile(machine, []byte(strings.Join(lines, "\n")), 0o666))
	code, stdout, stderr = recount(t, "compare", "--totals", machine, "--run", out, "--json")
	assert.Equal(t, exitLook, code, stderr)
	assert.Contains(t, stdout, "999")
	assert.True(t, json.Valid([]byte(stdout)))

	// The tape agrees with the ballots and the report does not: somebody mistyped.
	code, stdout, stderr = recount(t, "compare", "--run", out, "--machine", filepath.Join(dir, "machine.csv"), "--reported", machine)
	assert.Equal(t, exitLook, code, stderr)
	assert.Contains(t, stdout, "REPORTED DIFFERS FROM MACHINE")
	assert.Contains(t, stdout, "reported 999")

	// Our own records are a machine's export like any other.
	code, stdout, stderr = recount(t, "tally", "--json", "--cvr", filepath.Join(out, "cvr.json"))
	assert.Equal(t, exitDone, code, stdout+stderr)
	code, stdout, stderr = recount(t, "compare", "--run", out, "--machine", filepath.Join(out, "cvr.json"))
	assert.Equal(t, exitDone, code, stdout+stderr)

	totals := filepath.Join(out, "totals.csv")
	data, err = os.ReadFile(totals)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(totals, append(data, '\n'), 0o666))
	code, _, stderr = recount(t, "compare", "--run", out, "--totals", machine)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "was changed since")
}

func TestReadTellsWhatItRefused(t *testing.T) {
	dir, scans := suite(t), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(scans, "words.tif"), []byte("no picture at all"), 0o666))
	code, stdout, _ := recount(t, "read", "--election", filepath.Join(dir, "election.json"), "--out", filepath.Join(t.TempDir(), "run"), scans)
	assert.Equal(t, exitLook, code)
	assert.Contains(t, stdout, "words.tif: not-an-image")
	assert.Contains(t, stdout, "1 refused")
}

func TestStoppedRead(t *testing.T) {
	dir := suite(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	code := run(ctx, []string{"recount", "read", "--election", filepath.Join(dir, "election.json"), "--out", filepath.Join(t.TempDir(), "run"),
		filepath.Join(dir, "images")}, strings.NewReader(""), &out, &errs)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs.String(), "stopped")
}

func TestInspectCommand(t *testing.T) {
	dir := suite(t)
	picture := filepath.Join(t.TempDir(), "a.png")
	code, stdout, stderr := recount(t, "inspect", "--election", filepath.Join(dir, "election.json"), "--out", picture, "--json",
		filepath.Join(dir, "images", "sheet-0001-front.jpg"))
	require.Contains(t, []int{exitDone, exitLook}, code, stderr)
	var in struct {
		Style   string           `json:"style"`
		Targets []map[string]any `json:"targets"`
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &in))
	assert.True(t, strings.HasPrefix(in.Style, "district-"))
	assert.Len(t, in.Targets, 31)
	assert.FileExists(t, picture)

	code, stdout, _ = recount(t, "inspect", "--election", filepath.Join(dir, "election.json"), filepath.Join(dir, "images", "sheet-0001-front.jpg"))
	require.Contains(t, []int{exitDone, exitLook}, code)
	assert.Contains(t, stdout, "anchors used")

	scan := filepath.Join(t.TempDir(), "scan.png")
	require.NoError(t, os.WriteFile(scan, []byte(read(t, picture)), 0o666))
	code, _, stderr = recount(t, "inspect", "--election", filepath.Join(dir, "election.json"), "--out", scan, scan)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "scan.png is there already")
	assert.Equal(t, read(t, picture), read(t, scan), "a scan is never written over")
}

// What a stranger called a scan must not reach the terminal as orders to it, nor as lines that the program seems to say.
func TestNamesOfStrangers(t *testing.T) {
	definition := filepath.Join(suite(t), "election.json")
	dir := t.TempDir()
	name := "a\x1b[2K\rb\n0 refused\u202e.png"
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o666))
	run := filepath.Join(t.TempDir(), "run")
	for _, args := range [][]string{
		{"read", "--election", definition, "--out", run, dir},
		{"verify-run", "--images", suite(t), run},
	} {
		_, out, _ := recount(t, args...)
		assert.Contains(t, out, "a?[2K?b?0 refused?.png", args[0])
		assert.NotRegexp(t, "(?m)^0 refused|[\x1b\r\u202e]", out, args[0])
	}
	_, _, errs := recount(t, "inspect", "--election", definition, filepath.Join(dir, name))
	assert.Contains(t, errs, "a?[2K?b")
	assert.NotRegexp(t, "[\x1b\r\u202e]", errs)
}

func TestVerifyCommand(t *testing.T) {
	code, stdout, stderr := recount(t, "verify", "--json", suite(t))
	require.Contains(t, []int{exitDone, exitFailed}, code, stderr)
	var all []struct{ Targets, Right, Wrong, Flagged, Unread, Marginal int }
	require.NoError(t, json.Unmarshal([]byte(stdout), &all))
	require.Len(t, all, 1)
	v := all[0]
	assert.Equal(t, 3*35, v.Targets)
	assert.Equal(t, v.Targets, v.Right+v.Wrong+v.Flagged+v.Unread+v.Marginal)
	assert.Equal(t, code == exitDone, v.Wrong+v.Unread == 0)
}

func TestTemplateCommands(t *testing.T) {
	dir, out := suite(t), t.TempDir()
	args := []string{"template", "new", "--title", "Drawn", "--contests", filepath.Join(dir, "contests.csv"), "--out", out}
	for _, style := range []string{"district-1", "district-2"} {
		args = append(args, style+"/1="+filepath.Join(dir, "blank", style+"-front.png"), style+"/2="+filepath.Join(dir, "blank", style+"-back.png"))
	}
	code, stdout, stderr := recount(t, args...)
	require.Equal(t, exitDone, code, stderr)
	assert.Contains(t, stdout, "style district-2 page 1 (front): 31 targets")
	code, stdout, stderr = recount(t, "template", "check", "--election", filepath.Join(out, "election.json"), "--out", filepath.Join(out, "proof"))
	require.Equal(t, exitDone, code, stderr)
	assert.Contains(t, stdout, "proof")
	assert.Contains(t, stdout, "style district-2 page 1: printed code accuvote card")
	assert.Contains(t, stdout, "  contest Board of Selectmen: vote for 3, 13 choices\n")
	many := filepath.Join(out, "many.json")
	require.NoError(t, os.WriteFile(many, []byte(strings.Replace(read(t, filepath.Join(out, "election.json")), `"vote_for": 1`, `"vote_for": 11`, 1)), 0o666))
	_, more, _ := recount(t, "template", "check", "--election", many, "--out", filepath.Join(out, "proof"))
	assert.Contains(t, more, "vote for 11, 5 choices: MORE VOTES THAN CHOICES")
	proofs, err := os.ReadDir(filepath.Join(out, "proof"))
	require.NoError(t, err)
	assert.Len(t, proofs, 4)
	draft := filepath.Join(out, "draft.csv")
	code, stdout, stderr = recount(t, "template", "draft", "--out", draft, args[len(args)-1])
	require.Equal(t, exitDone, code, stderr)
	assert.Contains(t, stdout, "complete and check every row")
	assert.FileExists(t, draft)
	code, _, stderr = recount(t, "template", "draft", "--out", draft, args[len(args)-1])
	assert.NotEqual(t, exitDone, code)
	assert.Contains(t, stderr, "is there already")
}

func TestDemoElection(t *testing.T) {
	out := filepath.Join(t.TempDir(), "demo")
	code, _, stderr := recount(t, "demo-election", "--out", out, "--sheets", "1")
	require.Equal(t, exitDone, code, stderr)
	assert.FileExists(t, filepath.Join(out, "truth.csv"))
	code, _, _ = recount(t, "demo-election", "--out", out)
	assert.Equal(t, exitFailed, code, "it writes over nothing")
}

func TestFlagsFirst(t *testing.T) {
	app := newApp(nil, nil, nil)
	for _, c := range []struct{ name, in, want string }{
		{"flags after", "r read a b --out x --json", "r read --out x --json -- a b"},
		{"flags between", "r read a --out=x b", "r read --out=x -- a b"},
		{"a subcommand of two words", "r template new s/1=b --title T", "r template new --title T -- s/1=b"},
		{"nothing after the dashes is a flag", "r read --json -- --out", "r read --json -- --out"},
		{"a lone dash is an argument", "r read -", "r read -- -"},
		{"no command", "r --help", "r --help"},
		{"no arguments", "r version", "r version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := flagsFirst(app, strings.Fields(c.in))
			require.NoError(t, err)
			assert.Equal(t, c.want, strings.Join(got, " "))
		})
	}
}

func TestFixtures(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "suite")
	code, out, errs := recount(t, "fixtures", "--out", dir, "--layout", "plain", "--sheets", "2", "--dpi", "100", "--marks", "full,x", "--damage", "skew=0.2,dust=0.1")
	require.Equal(t, exitDone, code, errs)
	assert.Contains(t, out, "2 sheets")
	assert.FileExists(t, filepath.Join(dir, "truth.csv"))
	assert.FileExists(t, filepath.Join(dir, "images", "sheet-0002-p1.png"))
	code, _, errs = recount(t, "fixtures", "--out", dir, "--layout", "plain", "--columns", "9")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "9 columns")
}
