package review

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
)

// styled is a server over a copy of the drawn definition.
func styled(t *testing.T) (*Server, string) {
	t.Helper()
	o := options(t)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "blank"), os.DirFS(filepath.Join(suite(t), "blank"))))
	data, err := os.ReadFile(o.Definition)
	require.NoError(t, err)
	o.Definition = filepath.Join(dir, "election.json")
	require.NoError(t, os.WriteFile(o.Definition, data, 0o644))
	return serve(t, o), o.Definition
}

// targetsOf are a page's targets as the script has them.
func targetsOf(t *testing.T, b *browser) []styleTarget {
	t.Helper()
	var out struct{ Targets []styleTarget }
	require.NoError(t, json.Unmarshal(b.get("/targets/0/1").Body.Bytes(), &out))
	return out.Targets
}

// seenOf is the page's state as its form carries it.
func seenOf(t *testing.T, b *browser) string {
	t.Helper()
	fields := form(t, b.page("/style/0/1"), "styleform")
	at := slices.Index(fields, "seen")
	require.GreaterOrEqual(t, at, 0)
	return fields[at+1]
}

// Two who change one page at the same time: the second is told, and nothing of the first is lost.
func TestTwoPeopleChangeAStyle(t *testing.T) {
	s, _ := styled(t)
	ann, bob := visit(t, s, "Ann"), visit(t, s, "Bob")
	post := func(b *browser, seen string, ts []styleTarget) *httptest.ResponseRecorder {
		text, err := json.Marshal(ts)
		require.NoError(t, err)
		return b.post("/style", "style", "0", "page", "1", "do", "draft", "seen", seen, "targets", string(text))
	}
	seenByAnn, hers, seenByBob, his := seenOf(t, ann), targetsOf(t, ann), seenOf(t, bob), targetsOf(t, bob)
	hers[0].X += 0.25
	his = his[1:]
	require.Equal(t, 200, post(ann, seenByAnn, hers).Code)
	w := post(bob, seenByBob, his)
	require.Equal(t, http.StatusConflict, w.Code)
	assert.Contains(t, w.Body.String(), "somebody else changed this page")
	assert.InDelta(t, hers[0].X, targetsOf(t, bob)[0].X, 1e-3, "what Ann did stands")
	require.Equal(t, 200, post(bob, seenOf(t, bob), targetsOf(t, bob)[1:]).Code)
}

func TestStyleIsChangedAndWrittenAnew(t *testing.T) {
	s, path := styled(t)
	b := visit(t, s, "Ann")
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	b.page("/styles")
	b.page("/style/0/1")
	assert.Equal(t, 200, b.get("/blank/0/1").Code)
	ts := targetsOf(t, b)
	require.NotEmpty(t, ts)
	n := len(ts)
	ts[0].X += 0.25
	last := ts[n-1]
	ts = ts[:n-1]
	post := func(do string, fields ...string) int {
		text, err := json.Marshal(ts)
		require.NoError(t, err)
		return b.post("/style", append([]string{"style", "0", "page", "1", "do", do, "seen", seenOf(t, b), "targets", string(text)}, fields...)...).Code
	}
	require.Equal(t, 200, post("draft"))
	ts = targetsOf(t, b)
	require.Len(t, ts, n-1)
	require.Equal(t, 200, post("draft", "contest_title", "Dog <Catcher>", "vote_for", "2"))
	require.Equal(t, 200, post("draft", "choice_contest", "dog-catcher", "choice_old", "choice-1", "choice_name", "Ann Bark", "choice_party", "DEM"))
	last.Was, last.Contest, last.Choice = -1, "dog-catcher", "choice-1"
	ts = append(targetsOf(t, b), last)
	require.Equal(t, 200, post("write"))
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after), "the old definition is as it was")
	e, err := election.Load(filepath.Join(filepath.Dir(path), "election-changed-1.json"))
	require.NoError(t, err)
	require.Len(t, e.Styles[0].Pages[0].Targets, n)
	old, err := election.Load(path)
	require.NoError(t, err)
	assert.InDelta(t, old.Styles[0].Pages[0].Targets[0].X+0.25, e.Styles[0].Pages[0].Targets[0].X, 1e-3)
	c := e.Contest("dog-catcher")
	require.NotNil(t, c)
	assert.Equal(t, "Ann Bark", c.Choices[0].Name)
	assert.Equal(t, 2, c.VoteFor)
	ts = targetsOf(t, b)
	require.Equal(t, 200, post("write"))
	assert.FileExists(t, filepath.Join(filepath.Dir(path), "election-changed-2.json"), "nothing is written over")
}

func TestStyleRefuses(t *testing.T) {
	s, path := styled(t)
	b := visit(t, s, "Ann")
	good := targetsOf(t, b)
	with := func(change func(*styleTarget)) string {
		ts := append([]styleTarget{}, good...)
		change(&ts[0])
		text, err := json.Marshal(ts)
		require.NoError(t, err)
		return string(text)
	}
	for _, c := range []struct {
		name, targets string
		style         string
		want          int
	}{
		{"no contest", with(func(t *styleTarget) { t.Contest = "nowhere" }), "0", 400},
		{"no choice", with(func(t *styleTarget) { t.Choice = "nobody" }), "0", 400},
		{"no shape", with(func(t *styleTarget) { t.Shape = "star" }), "0", 400},
		{"off the page", with(func(t *styleTarget) { t.X = 99 }), "0", 400},
		{"far off the page", with(func(t *styleTarget) { t.X = 1e9 }), "0", 400},
		{"no size", with(func(t *styleTarget) { t.W = 0 }), "0", 400},
		{"no targets at all", "nonsense", "0", 400},
		{"no style", "[]", "99", 404},
		{"a path for a style", "[]", "../../etc", 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, b.post("/style", "style", c.style, "page", "1", "do", "write", "seen", seenOf(t, b), "targets", c.targets).Code)
			files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*-changed-*"))
			require.NoError(t, err)
			assert.Empty(t, files, "nothing was written")
			assert.Equal(t, good, targetsOf(t, b), "nor is the draft changed")
		})
	}
	for _, p := range []string{"/style/0/99", "/style/-1/1", "/blank/99/1", "/targets/x/1"} {
		assert.Equal(t, http.StatusNotFound, b.get(p).Code, p)
	}
	o := options(t)
	o.Definition = ""
	assert.Equal(t, http.StatusNotFound, visit(t, serve(t, o), "Ann").get("/styles").Code)
}
