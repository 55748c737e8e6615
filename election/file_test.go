package election

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// good is a whole small definition as people would write it.
const good = `{
  "format": 1, "title": "Town <election>", "date": "2025-11-04",
  "contests": [
    {"id": "mayor", "title": "Mayor", "vote_for": 1, "choices": [
      {"id": "adams-dem", "name": "A. Adams", "party": "DEM", "candidate": "adams"},
      {"id": "adams-wf", "name": "A. Adams", "party": "WF", "candidate": "adams"},
      {"id": "write-in", "name": "Write-in", "write_in": true}]},
    {"id": "q1", "title": "Question 1", "vote_for": 1, "choices": [{"id": "yes", "name": "Yes"}, {"id": "no", "name": "No"}]}],
  "styles": [
    {"id": "District 1", "vote_for": {"q1": 2}, "pages": [
      {"page": 1, "picture": {"file": "pictures/d1-1.png", "sha256": "HASH", "dpi": 200, "width": 1700, "height": 2200}, "targets": [
        {"contest": "mayor", "choice": "adams-dem", "x": 1, "y": 1, "w": 0.25, "h": 0.125, "shape": "oval"},
        {"contest": "mayor", "choice": "adams-wf", "x": 2, "y": 1, "w": 0.25, "h": 0.125, "shape": "oval"}]},
      {"page": 2, "picture": {"file": "pictures/d1-2.png", "sha256": "HASH", "dpi": 200, "width": 1700, "height": 2200}, "targets": []}]}],
  "notes": {"made by": ["hand", 12345678901234567890]}
}`

func goodText() string { return strings.ReplaceAll(good, "HASH", strings.Repeat("0a", 32)) }

func TestParseWriteLoad(t *testing.T) {
	e, err := Parse("election.json", []byte(goodText()))
	require.NoError(t, err)
	assert.Equal(t, 2, e.Styles[0].Allowed(e.Contest("q1")))
	assert.Equal(t, 0.125, e.Styles[0].Page(1).Targets[0].H)
	assert.Equal(t, "back", e.Styles[0].Page(2).Side())

	path := filepath.Join(t.TempDir(), "election.json")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.NoError(t, e.Write(path))
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	again, err := Load(path)
	require.NoError(t, err)
	assert.Equal(t, e.Hash(), again.Hash())
	require.NoError(t, again.Write(path))
	second, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(first), string(second))
	assert.Contains(t, string(first), "Town <election>")
	assert.Contains(t, string(first), "12345678901234567890", "notes are kept as they are")
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1, "no temporary file stays")

	again.Contests[0].VoteFor = 2
	assert.NotEqual(t, e.Hash(), again.Hash())
	assert.Len(t, e.Hash(), 64)
}

func TestWriteErrors(t *testing.T) {
	e, err := Parse("election.json", []byte(goodText()))
	require.NoError(t, err)
	dir := t.TempDir()
	assert.ErrorContains(t, e.Write(filepath.Join(dir, "none", "election.json")), "write election definition")
	e.Contests[0].VoteFor = 0
	path := filepath.Join(dir, "election.json")
	assert.ErrorContains(t, e.Write(path), "/contests/0/vote_for")
	assert.NoFileExists(t, path, "what cannot be read is not written")
	e.Contests[0].VoteFor = 1
	e.Notes = json.RawMessage("{")
	assert.Error(t, e.Write(path))
	assert.Len(t, e.Hash(), 64)
	_, err = Load(path)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// TestParseErrors changes one thing of a good definition a row.
func TestParseErrors(t *testing.T) {
	for _, row := range []struct{ name, old, new, want string }{
		{"format of tomorrow", `"format": 1`, `"format": 2`, "/format: value must be 1"},
		{"field of its own", `"format": 1`, `"format": 1, "colour": "red"`, "additional properties 'colour' not allowed"},
		{"field in other letters", `"title": "Town <election>"`, `"Title": "T"`, "additional properties 'Title' not allowed"},
		{"date no date", "2025-11-04", "2025-13-04", "/date"},
		{"vote for none", `"vote_for": 1, "choices": [{"id": "yes"`, `"vote_for": 0, "choices": [{"id": "yes"`, "/contests/1/vote_for"},
		{"ID with a slash", `"id": "q1"`, `"id": "q/1"`, "/contests/1/id"},
		{"line break in a title", `"Question 1"`, `"Question\n1"`, "/contests/1/title"},
		{"contest twice", `"id": "q1"`, `"id": "mayor"`, `/contests/1/id: contest id "mayor" is also that of /contests/0 (give each contest its own id)`},
		{"choice twice", `"id": "no"`, `"id": "yes"`, `/contests/1/choices/1/id: choice id "yes" is given twice in contest "q1"`},
		{"write-in of a candidate", `"write_in": true`, `"write_in": true, "candidate": "adams"`, "/contests/0/choices/2/candidate"},
		{"vote_for of no contest", `{"q1": 2}`, `{"q2": 2}`, `/styles/0/vote_for: no contest has the id "q2"`},
		{"target of no contest", `"contest": "mayor", "choice": "adams-wf"`, `"contest": "major", "choice": "adams-wf"`, `/styles/0/pages/0/targets/1/contest: no contest has the id "major"`},
		{"target of no choice", `"choice": "adams-wf"`, `"choice": "adams"`, `/styles/0/pages/0/targets/1/choice: contest "mayor" has no choice with the id "adams"`},
		{"choice placed twice", `"choice": "adams-wf"`, `"choice": "adams-dem"`, "/styles/0/pages/0/targets/1: choice \"adams-dem\" of contest \"mayor\" already has target 0"},
		{"outside the picture", `"x": 2,`, `"x": 8.45,`, "/styles/0/pages/0/targets/1: the target (centre 8.450, 1.000, size 0.250 x 0.125 in) reaches outside its picture (8.500 x 11.000 in)"},
		{"on another target", `"x": 2,`, `"x": 1.2,`, "/styles/0/pages/0/targets/1: the target lies on target 0"},
		{"no size", `"x": 2, "y": 1, "w": 0.25`, `"x": 2, "y": 1, "w": 0`, "/styles/0/pages/0/targets/1/w"},
		{"infinite", `"x": 2,`, `"x": 1e999,`, "/styles/0/pages/0/targets/1/x"},
		{"shape unknown", `"y": 1, "w": 0.25, "h": 0.125, "shape": "oval"}]`, `"y": 1, "w": 0.25, "h": 0.125, "shape": "star"}]`, "/styles/0/pages/0/targets/1/shape"},
		{"page twice", `"page": 2`, `"page": 1`, `/styles/0/pages/1/page: page 1 of style "District 1" is also /styles/0/pages/0`},
		{"picture outside", "pictures/d1-2.png", "../d1-2.png", "/styles/0/pages/1/picture/file"},
		{"picture absolute", "pictures/d1-2.png", "/etc/passwd", "/styles/0/pages/1/picture/file"},
		{"picture of two hashes", `d1-2.png", "sha256": "0a`, `d1-1.png", "sha256": "0b`, "/styles/0/pages/1/picture: picture \"pictures/d1-1.png\" is described differently"},
		{"hash no hash", `"sha256": "0a`, `"sha256": "xx`, "/styles/0/pages/0/picture/sha256"},
		{"key twice", `"id": "q1"`, `"id": "q0", "id": "q1"`, "/contests/1/id: line 8, column"},
		{"text after the end", `12345678901234567890]}
}`, `1]}
} {}`, "text after the end"},
		{"cut", `12345678901234567890]}
}`, ``, "ends too early"},
		{"notes no object", `"notes": {"made by": ["hand", 12345678901234567890]}`, `"notes": 3`, "/notes"},
		{"notes too deep", `12345678901234567890`, strings.Repeat("[", 100) + strings.Repeat("]", 100), "nested deeper than 64"},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Contains(t, goodText(), row.old)
			_, err := Parse("election.json", []byte(strings.Replace(goodText(), row.old, row.new, 1)))
			var p *Problems
			require.ErrorAs(t, err, &p)
			assert.ErrorContains(t, err, row.want)
			assert.True(t, strings.HasPrefix(err.Error(), "election.json: "), err)
			assert.LessOrEqual(t, len(p.List), 2, "one change must not drown its cause:\n%v", err)
		})
	}
}

func TestParseTellsAllAtOnce(t *testing.T) {
	text := strings.Replace(goodText(), `"choice": "adams-wf"`, `"choice": "adams"`, 1)
	text = strings.Replace(text, `"page": 2`, `"page": 1`, 1)
	_, err := Parse("election.json", []byte(text))
	assert.ErrorContains(t, err, "election.json: 2 problems\n")

	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, `{"contest": "none", "choice": "c%d", "x": 1, "y": 1, "w": 0.25, "h": 0.125, "shape": "oval"},`, i)
	}
	_, err = Parse("election.json", []byte(strings.Replace(goodText(), `"targets": []`, `"targets": [`+strings.TrimSuffix(b.String(), ",")+"]", 1)))
	var p *Problems
	require.ErrorAs(t, err, &p)
	assert.Len(t, p.List, maxProblems)
	assert.ErrorContains(t, err, "100 problems and more")
}

func TestParseOtherBytes(t *testing.T) {
	for name, data := range map[string]string{
		"empty": "", "null": "null", "an array": "[]", "a number": "1", "an empty object": "{}", "Latin-1": "{\"title\":\"\xe9\"}", "text": "style,page\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("election.json", []byte(data))
			var p *Problems
			assert.ErrorAs(t, err, &p)
		})
	}
	_, err := Parse("election.json", []byte("\ufeff"+goodText()))
	assert.NoError(t, err, "a byte order mark is no error")
	_, err = Parse("election.json", []byte(`{"notes":{"a":[`+strings.Repeat("0,", maxValues)+`0]}}`))
	assert.ErrorContains(t, err, "more than 5000000 values")
	_, err = Parse("election.json", make([]byte, MaxFile+1))
	assert.ErrorContains(t, err, "larger than 64 MiB")
}

func TestCleanFile(t *testing.T) {
	for name, want := range map[string]bool{
		"a.png": true, "pictures/a b.png": true, "..a/b": true,
		"": false, ".": false, "..": false, "../a": false, "a/../b": false, "a//b": false, "./a": false, "/a": false, "a/": false,
		`a\b`: false, "C:a": false, "a\nb": false, "a\x00": false, "\xff": false,
	} {
		assert.Equal(t, want, CleanFile(name), "%q", name)
	}
}

func TestSchemaIsACopy(t *testing.T) {
	Schema()[0] = 'x'
	assert.True(t, json.Valid(Schema()))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(goodText()))
	f.Add([]byte(`{"format":1,"notes":{"a":[[]],"a":1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := Parse("f", data)
		if err != nil {
			_, again := Parse("f", data)
			if again == nil || again.Error() != err.Error() {
				t.Fatalf("the same file gives other problems: %v, then %v", err, again)
			}
			return
		}
		text, err := e.bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse("f", text)
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if again.Hash() != e.Hash() {
			t.Fatal("the hash changed")
		}
	})
}
