package batch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/vote"
)

func TestVerifyCounts(t *testing.T) {
	for _, c := range []struct {
		name, truth, read string
		want              Verification
	}{
		{"vote read as vote", "vote", "vote", Verification{Right: 1}},
		{"empty read as none", "none", "none", Verification{Right: 1}},
		{"stray read as none", "stray", "none", Verification{Right: 1}},
		{"vote read as none", "vote", "none", Verification{Wrong: 1}},
		{"empty read as vote", "none", "vote", Verification{Wrong: 1}},
		{"stray read as vote", "stray", "vote", Verification{Wrong: 1}},
		{"erased read as vote", "erased", "vote", Verification{Wrong: 1}},
		{"vote sent to a person", "vote", "questionable", Verification{Flagged: 1}},
		{"empty sent to a person", "none", "questionable", Verification{Flagged: 1}},
		{"marginal read as none", "marginal", "none", Verification{Marginal: 1, MarginalNone: 1}},
		{"marginal read as vote", "marginal", "vote", Verification{Marginal: 1, MarginalVote: 1}},
		{"expected question asked", "questionable", "questionable", Verification{Marginal: 1, MarginalQuestion: 1}},
		{"not read", "vote", "", Verification{Unread: 1}},
		{"marginal not read", "marginal", "", Verification{Marginal: 1, Unread: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v Verification
			v.answer(c.truth, c.read, VerifiedLine{})
			bad := v.Wrong+v.Unread > 0
			assert.Equal(t, !bad, v.Good())
			if bad || v.Flagged > 0 {
				assert.Len(t, v.Listed, 1)
			}
			v.Listed, c.want.Targets = nil, 1
			assert.Equal(t, c.want, v)
		})
	}
}

func TestVerifyComparesNamesakesAsAHeap(t *testing.T) {
	k := keyOf("Mayor", "Ann Lee")
	tr := &truth{images: []string{"a"}, style: map[string]string{"a": "s"},
		targets: map[string][]wanted{"a": {{key: k, marks: []string{"none", "vote"}}}}}
	var v Verification
	v.compare(tr, "a", map[targetKey][]string{k: {"vote", "none"}}, []string{"s"})
	assert.Equal(t, 2, v.Right)
	v = Verification{}
	v.compare(tr, "a", map[targetKey][]string{k: {"none", "none"}}, []string{"t"})
	assert.Equal(t, 1, v.Wrong)
	assert.Equal(t, 1, v.OtherStyle)
	assert.False(t, v.Good())
}

// suiteCopy is the drawn suite in a folder that a test may change.
func suiteCopy(t *testing.T) string {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(suite(t))))
	return dir
}

func TestVerifySuite(t *testing.T) {
	dir := suiteCopy(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "images", "sheet-0001-front.jpg"), []byte("lost"), 0o666))
	v, err := Verify(t.Context(), dir, VerifyOptions{Limits: vote.DefaultLimits(), Workers: 2})
	require.NoError(t, err)
	assert.Equal(t, 16, v.Images)
	assert.Equal(t, 8*35, v.Targets)
	assert.Equal(t, 31, v.Unread, "the lost front")
	assert.Zero(t, v.OtherStyle)
	assert.False(t, v.Good())
}

func TestVerifyAgainstAnEarlierRun(t *testing.T) {
	o := options(t)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	dir := suiteCopy(t)
	require.NoError(t, os.Remove(filepath.Join(dir, "truth.csv")))
	data, err := os.ReadFile(filepath.Join(o.Out, "marks.csv"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "marks.csv"), data, 0o666))
	v, err := Verify(t.Context(), dir, VerifyOptions{Limits: vote.DefaultLimits(), Workers: 2})
	require.NoError(t, err)
	assert.True(t, v.Good())
	assert.Equal(t, v.Targets, v.Right+v.Marginal)
	assert.Zero(t, v.MarginalVote+v.MarginalNone+v.Flagged)
}

func TestTruthErrors(t *testing.T) {
	e, err := election.Load(filepath.Join(suite(t), "election.json"))
	require.NoError(t, err)
	head := "image,template,contest,choice,mark,notes\n"
	for _, c := range []struct{ name, file, text, want string }{
		{"nothing", "", "", "neither"},
		{"an empty file", "truth.csv", "", "header"},
		{"a header without marks", "truth.csv", "image,template\n", `no column "contest"`},
		{"no image", "truth.csv", head, "names no image"},
		{"a template that is no page", "truth.csv", head + "a.jpg,district-9-front,,,,\n", "district-9-front"},
		{"two templates", "truth.csv", head + "a.jpg,district-1-front,,,,\na.jpg,district-1-back,,,,\n", "line 3: image a.jpg has two templates"},
		{"a word that is no mark", "truth.csv", head + "a.jpg,district-1-front,Mayor,Write-in,yes,\n", `"yes"`},
		{"a choice not on the page", "truth.csv", head + "a.jpg,district-1-front,Mayor,Nobody,vote,\n", "Nobody"},
		{"a choice twice", "truth.csv", head + "a.jpg,district-1-front,Mayor,Write-in,vote,\na.jpg,district-1-front,Mayor,Write-in,vote,\n", "fewer targets"},
		{"an expected mark that is none", "marks.csv", "image,style,contest,choice,mark\na,b,c,d,yes\n", `"yes"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if c.file != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, c.file), []byte(c.text), 0o666))
			}
			_, err := readTruth(dir, e)
			require.Error(t, err)
			assert.ErrorContains(t, err, c.want)
		})
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "truth.csv"), []byte("\ufeff"+head+"a.jpg,district-1-front,,,,\n"), 0o666))
	tr, err := readTruth(dir, e)
	require.NoError(t, err)
	assert.Len(t, tr.targets["a.jpg"], 31)
	_, err = tr.files(dir)
	assert.ErrorContains(t, err, "a.jpg")
}

func TestTemplatePage(t *testing.T) {
	e := town()
	for _, c := range []struct {
		name, style string
		page        int
	}{{"a-front", "a", 1}, {"a-back", "a", 2}, {"a-p2", "a", 2}, {"a-side0", "a", 1}, {"a-side1", "a", 2}, {"single", "single", 1}} {
		style, p := templatePage(e, c.name)
		require.NotNil(t, p, c.name)
		assert.Equal(t, c.style, style)
		assert.Equal(t, c.page, p.Number)
	}
	_, p := templatePage(e, "single-back")
	assert.Nil(t, p)
	_, p = templatePage(e, "")
	assert.Nil(t, p)
}

// FuzzTruth checks that no table of a stranger stops the program.
func FuzzTruth(f *testing.F) {
	f.Add("image,template,contest,choice,mark\na.jpg,a-front,Title of m,One,vote\n")
	f.Add("\ufeffimage,style,contest,choice,mark,template\n\"x\ny\",a|b,,,none,a\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"truth.csv", "marks.csv"} {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
			if tr, err := readTruth(dir, town()); err == nil {
				require.NotEmpty(t, tr.images)
			}
		}
	})
}
