package review

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
	"recount/cvr"
)

// with sets a field of a form.
func with(fields []string, more ...string) []string {
	return append(append([]string{}, fields...), more...)
}

func TestDecideUndoAndQueue(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	open := func() int {
		n := 0
		for _, g := range s.groups(batch.KindQuestion) {
			n += g.All - g.Done
		}
		return n
	}
	all := open()
	require.Greater(t, all, 3, "the drawn run has questions")
	fields := form(t, b.page("/next/questions"), "decide")
	w := b.post("/decide", with(fields, "answer", "vote", "reason", reasons[0])...)
	require.Equal(t, http.StatusSeeOther, w.Code, w.Body)
	assert.Contains(t, w.Header().Get("Location"), "/next/questions?after=", "it goes on to the next of the queue")
	assert.Equal(t, all-1, open())
	require.Equal(t, http.StatusSeeOther, b.post("/decide", with(form(t, b.page(w.Header().Get("Location")), "decide"), "answer", "none", "typed", "  a smudge  ")...).Code)
	assert.Equal(t, all-2, open())
	w = b.post("/undo")
	require.Equal(t, http.StatusSeeOther, w.Code)
	assert.Equal(t, all-1, open(), "what was taken back is open again")
	assert.Contains(t, b.page(w.Header().Get("Location")), "was taken back", "and the page says so")
	require.Equal(t, http.StatusSeeOther, b.post("/undo").Code)
	assert.Equal(t, all, open())
	assert.Equal(t, http.StatusBadRequest, b.post("/undo").Code, "nothing is left to take back")

	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	require.Len(t, l.Entries, 4)
	e := l.Entries[0]
	assert.Equal(t, "Ann", e.Who)
	assert.Equal(t, reasons[0], e.Reason)
	assert.Equal(t, "questionable", e.Before)
	assert.Equal(t, "vote", e.Answer)
	assert.NotEmpty(t, e.SHA256)
	assert.Equal(t, "a smudge", l.Entries[1].Reason)
	assert.Equal(t, cvr.TakenBack, l.Entries[2].Answer)
	assert.Empty(t, cvr.NewStanding(l).InForce())
}

func TestUndoGivesBackWhatWasSaidBefore(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	w := b.get("/next/questions")
	for _, answer := range []string{"vote", "none"} {
		fields := form(t, b.page(w.Header().Get("Location")), "decide")
		require.Equal(t, http.StatusSeeOther, b.post("/decide", with(fields, "answer", answer)...).Code)
	}
	require.Equal(t, http.StatusSeeOther, b.post("/undo").Code)
	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	in := cvr.NewStanding(l).InForce()
	require.Len(t, in, 1)
	assert.Equal(t, "vote", in[0].Answer)
}

func TestWhatCannotBeDecided(t *testing.T) {
	s := serve(t, options(t))
	b := visit(t, s, "")
	page := b.page("/next/questions")
	fields := form(t, page, "decide")
	assert.Equal(t, http.StatusBadRequest, b.post("/decide", with(fields, "answer", "vote")...).Code, "without a name")
	b.post("/who", "who", "Ann")
	for _, c := range []struct {
		name   string
		fields []string
		want   int
	}{
		{"no answer", with(fields, "answer", "perhaps"), 400},
		{"no target", []string{"page", fields[3], "act", "target", "target", "9999", "answer", "vote"}, 404},
		{"no page", []string{"page", "-5", "act", "target", "target", "1", "answer", "vote"}, 404},
		{"no act", []string{"page", fields[3], "act", "burn"}, 400},
		{"no ballot, of a page that was read", []string{"page", fields[3], "act", "not-ballot"}, 400},
		{"a reason without end", with(fields, "answer", "vote", "typed", strings.Repeat("x", 5000)), 400},
		{"a control character", with(fields, "answer", "vote", "typed", "a\x07b"), 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, b.post("/decide", c.fields...).Code)
			_, n := s.Head()
			assert.Zero(t, n)
		})
	}
	for _, who := range []string{"  ", "\u200b\u2060", "***", "Ann\x07", "Ann\xff", strings.Repeat("n", 101)} {
		assert.Equal(t, 400, b.post("/who", "who", who).Code, who)
	}
	assert.Equal(t, 404, b.post("/burn").Code)
}

func TestTwoBrowsersNeverLoseADecision(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	ann, bob := visit(t, s, "Ann"), visit(t, s, "Bob")
	path := ann.get("/next/questions").Header().Get("Location")
	mine, theirs := form(t, ann.page(path), "decide"), form(t, bob.page(path), "decide")
	require.Equal(t, http.StatusSeeOther, ann.post("/decide", with(mine, "answer", "vote")...).Code)
	w := bob.post("/decide", with(theirs, "answer", "none")...)
	require.Equal(t, http.StatusConflict, w.Code)
	assert.Contains(t, w.Body.String(), "Ann said “vote”")
	again := form(t, w.Body.String(), "decide")
	require.Equal(t, http.StatusSeeOther, bob.post("/decide", with(again, "answer", "none")...).Code, "having seen it, Bob may say otherwise")
	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	require.Len(t, l.Entries, 2)
	assert.Equal(t, "vote", l.Entries[1].Before)

	// Twenty at once on twenty targets: all stand, whatever their order.
	items, err := s.items(batch.KindQuestion, 0, false, batch.After{}, 20)
	require.NoError(t, err)
	require.NotEmpty(t, items)
	var wait sync.WaitGroup
	for n, i := range items {
		fields := []string{"act", "target", "page", fmt.Sprint(i.Page), "target", fmt.Sprint(i.Target + 1), "version", "0", "answer", "vote"}
		for _, b := range []*browser{ann, bob} {
			wait.Add(1)
			go func() { defer wait.Done(); b.post("/decide", with(fields, "typed", fmt.Sprint(n))...) }()
		}
	}
	wait.Wait()
	l, err = cvr.LoadLog(o.Log)
	require.NoError(t, err)
	assert.Len(t, l.Entries, 2+len(items), "of two who decide one target at once, one is told of the conflict")
}

func TestTwoPeopleMustAgree(t *testing.T) {
	o := options(t)
	o.People = 2
	s := serve(t, o)
	ann, bob := visit(t, s, "Ann"), visit(t, s, "Bob")
	path := ann.get("/next/questions").Header().Get("Location")
	page := ann.page(path)
	require.Equal(t, http.StatusSeeOther, ann.post("/decide", with(form(t, page, "decide"), "answer", "vote", "typed", "Ann's own words")...).Code)
	assert.Empty(t, s.standing.InForce(), "one is not enough")
	assert.NotEqual(t, path, ann.get("/next/questions").Header().Get("Location"), "Ann is not asked again")
	assert.Equal(t, path, bob.get("/next/questions").Header().Get("Location"), "Bob is")
	page = bob.page(path)
	assert.NotContains(t, page, "Ann&#39;s own words", "Bob decides without Ann's answer")
	assert.NotContains(t, page, "Ann</b> said")
	assert.NotContains(t, bob.page("/log"), "Ann&#39;s own words")
	assert.Contains(t, page, "hidden until you decide")
	require.Equal(t, http.StatusSeeOther, bob.post("/decide", with(form(t, page, "decide"), "answer", "none")...).Code)
	assert.Empty(t, s.standing.InForce())
	assert.Contains(t, ann.page("/log"), "disputed")
	page = bob.page(path)
	assert.Contains(t, page, "Ann&#39;s own words", "who decided sees what the other said")
	require.Equal(t, http.StatusSeeOther, bob.post("/decide", with(form(t, page, "decide"), "answer", "vote")...).Code)
	require.Len(t, s.standing.InForce(), 1)
	assert.Equal(t, "vote", s.standing.InForce()[0].Answer)
}

func TestBlindHidesEveryAnswer(t *testing.T) {
	o := options(t)
	o.Blind = true
	s := serve(t, o)
	b := visit(t, s, "Ann")
	path := b.get("/next/questions").Header().Get("Location")
	page := b.page(path)
	for _, q := range []batch.Kind{batch.KindOvervote, batch.KindWriteIn} {
		assert.Equal(t, http.StatusNotFound, b.get("/queue/"+string(q)).Code, "a queue whose name is the answer")
	}
	near := b.page("/queue/near")
	assert.NotContains(t, near, ">vote ")
	assert.NotContains(t, near, ">none ")
	assert.NotContains(t, page, "The program says")
	assert.NotContains(t, page, `<span class="tag vote">`)
	assert.NotContains(t, page, `&#34;answer&#34;:&#34;vote&#34;`)
	require.Equal(t, http.StatusSeeOther, b.post("/decide", with(form(t, page, "decide"), "answer", "vote")...).Code)
	assert.Contains(t, b.page(path), "The program says")
}

func TestNotABallot(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	page := b.page("/next/refused")
	assert.Contains(t, page, "nothing on this page is counted")
	require.Equal(t, http.StatusSeeOther, b.post("/decide", with(form(t, page, "decide"), "typed", "a note")...).Code)
	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	require.Len(t, l.Entries, 1)
	assert.Equal(t, cvr.ActNotBallot, l.Entries[0].Act)
}

func TestADecisionOutlivesTheServer(t *testing.T) {
	o := options(t)
	s, err := New(o)
	require.NoError(t, err)
	b := visit(t, s, "Ann")
	path := b.get("/next/questions").Header().Get("Location")
	require.Equal(t, http.StatusSeeOther, b.post("/decide", with(form(t, b.page(path), "decide"), "answer", "vote")...).Code)
	before := s.groups(batch.KindQuestion)
	require.NoError(t, s.Close())
	s = serve(t, o)
	assert.Equal(t, before, s.groups(batch.KindQuestion), "what was done stays done")
	assert.NotEqual(t, path, visit(t, s, "Ann").get("/next/questions").Header().Get("Location"))
	_, err = New(o)
	assert.ErrorContains(t, err, "another review has it open")
}

const childEnv = "RECOUNT_REVIEW_TEST_CHILD"

// child is the server of TestKillLosesNothing, in a process of its own.
func child() {
	parts := strings.Split(os.Getenv(childEnv), "\n")
	run, err := batch.OpenRun(parts[0])
	if err == nil {
		var s *Server
		if s, err = New(Options{Run: run, Log: parts[1], People: 1}); err == nil {
			fmt.Println(s.Address())
			err = s.Serve(context.Background())
		}
	}
	fmt.Println("error:", err)
	os.Exit(1)
}

func TestKillLosesNothing(t *testing.T) {
	dir, log := suite(t), filepath.Join(t.TempDir(), "decisions.jsonl")
	done := 0
	for round := range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+filepath.Join(dir, "run")+"\n"+log)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		require.True(t, lines.Scan())
		address := lines.Text()
		require.True(t, strings.HasPrefix(address, "http://127.0.0.1:"), address)
		c := wire(t, address)
		for range 3 {
			if c.decide() {
				done++
			}
		}
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
		l, err := cvr.LoadLog(log)
		require.NoError(t, err, "round %d", round)
		assert.Len(t, l.Entries, done, "every decision that was answered stands")
	}
	assert.Equal(t, 12, done)
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(log, []byte(strings.Replace(string(text), `"answer":"vote"`, `"answer":"none"`, 1)), 0o644))
	_, err = cvr.LoadLog(log)
	assert.ErrorContains(t, err, "line 2")
	check, err := batch.VerifyRun(context.Background(), filepath.Join(dir, "run"), nil, log)
	require.NoError(t, err)
	require.Len(t, check.Faults, 1, "recount verify-run finds the changed entry")
	assert.Equal(t, "decisions", check.Faults[0].Check)
	assert.Contains(t, check.Faults[0].What, "line 2")
	require.NoError(t, os.WriteFile(log, text, 0o644))
	check, err = batch.VerifyRun(context.Background(), filepath.Join(dir, "run"), nil, log)
	require.NoError(t, err)
	assert.True(t, check.Good(), check.Faults)
	assert.Equal(t, 12, check.Decisions)
}

// Two who must agree may look at the same time: the second is not told what the first said, nor turned away.
func TestTwoPeopleDecideAtTheSameTime(t *testing.T) {
	o := options(t)
	o.People = 2
	s := serve(t, o)
	ann, bob, cid := visit(t, s, "Ann"), visit(t, s, "Bob"), visit(t, s, "Cid")
	path := ann.get("/next/questions").Header().Get("Location")
	forms := [][]string{form(t, ann.page(path), "decide"), form(t, bob.page(path), "decide"), form(t, cid.page(path), "decide")}
	require.Equal(t, http.StatusSeeOther, ann.post("/decide", with(forms[0], "answer", "vote", "typed", "Ann's own words")...).Code)
	require.Equal(t, http.StatusSeeOther, bob.post("/decide", with(forms[1], "answer", "vote")...).Code)
	require.Len(t, s.standing.InForce(), 1)
	w := cid.post("/decide", with(forms[2], "answer", "none")...)
	assert.Equal(t, http.StatusConflict, w.Code, "a third comes too late")
	assert.NotContains(t, w.Body.String(), "said “vote”")
	assert.NotContains(t, w.Body.String(), "Ann&#39;s own words")
	assert.Equal(t, http.StatusConflict, ann.post("/decide", with(forms[0], "answer", "none")...).Code, "what Ann saw is no longer so")
}
