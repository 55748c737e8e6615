package review

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
	"recount/cvr"
	"recount/election"
)

// walk is one person's way through a ground.
type walk struct {
	*screen
	t    *testing.T
	s    *Server
	o    Options
	name string // of the ground, for the pictures
}

func (g *ground) walk(t *testing.T, name string, change func(*Options)) *walk {
	t.Helper()
	o := g.options(t)
	change(&o)
	s := serve(t, o)
	return &walk{look(t, s, "Ann Lee", 1280, 900), t, s, o, name}
}

// entries are the log's so far.
func (w *walk) entries() []cvr.LogEntry {
	w.t.Helper()
	l, err := cvr.LoadLog(w.o.Log)
	require.NoError(w.t, err)
	return l.Entries
}

// logged waits until the log has so many entries and the page that followed is there.
func (w *walk) logged(n int) []cvr.LogEntry {
	w.t.Helper()
	w.until(fmt.Sprintf(`document.readyState === "complete" && document.querySelector("footer p").innerText.startsWith("%d decisions")`, n))
	e := w.entries()
	require.Len(w.t, e, n)
	return e
}

func (w *walk) text() string { return w.eval(`document.querySelector("main").innerText`) }

// page opens a page and looks at it at every width and with axe-core.
func (w *walk) page(name, path string) {
	w.t.Helper()
	w.open(w.s, path)
	w.looked(name)
}

func (w *walk) looked(name string) {
	w.t.Helper()
	w.everyWidth(w.name + "-" + name)
	if w.name == "fixture" { // the pages are the same: only what stands on them differs
		w.accessible(name)
	}
}

// glance is looked where the pages' own tests have not been at the same page with other names.
func (w *walk) glance(name string) {
	w.t.Helper()
	if w.name == "fixture" || os.Getenv("RECOUNT_SHOTS") != "" {
		w.looked(name)
	}
}

// One person does all that the desk is for, with the keyboard where there is a key; what comes out is then counted twice.
func TestBrowserWalksThroughAnElection(t *testing.T) {
	grounds(t, func(t *testing.T, g *ground, name string) {
		w := g.walk(t, name, func(*Options) {})
		w.queues()
		w.sheet()
		w.walls()
		w.refused()
		w.differences()
		w.styles()
		w.paper()
		g.countedTwice(t, w.o)
	})
}

// queues: every queue opens, and sheets are found by each thing asked for.
func (w *walk) queues() {
	w.page("home", "/")
	for _, k := range batch.Kinds() {
		w.open(w.s, "/queue/"+string(k))
		assert.Equal(w.t, kindTitle(k), w.eval(`document.querySelector("h1").innerText`))
		assert.Equal(w.t, min(listed, openOf(w.s, k)), len(strings.Fields(w.eval(`Array.from(document.querySelectorAll("ol.items > li"), () => "x").join(" ")`))), k)
	}
	w.page("queue", "/queue/questions")
	st, c := w.s.election.Styles[0].ID, w.s.election.Contests[0].ID
	for _, q := range []url.Values{{"name": {"zz-a"}}, {"style": {st}}, {"contest": {c}}, {"outcome": {"refused"}}, {"outcome": {"questions"}, "style": {st}}, {"folder": {"."}}} {
		w.open(w.s, "/sheets?"+q.Encode())
		assert.NotEqual(w.t, "0", w.eval(`String(document.querySelectorAll("tbody tr").length)`), q)
	}
	w.page("sheets", "/sheets")
	w.page("sample", "/sample?seed=20261103&n=4")
	assert.Equal(w.t, "4", w.eval(`String(document.querySelectorAll("tbody tr").length)`))
	first := w.text()
	w.open(w.s, "/sample?seed=20261103&n=4")
	assert.Equal(w.t, first, w.text(), "the same seed draws the same sheets")
	w.page("pairs", "/pairs")
}

func openOf(s *Server, k batch.Kind) (n int) {
	for _, g := range s.groups(k) {
		n += g.All - g.Done
	}
	return n
}

// sheet: the picture with its targets outlined, keys to go about, a decision with a reason, and its undoing.
func (w *walk) sheet() {
	w.open(w.s, "/next/questions")
	w.run(chromedp.WaitReady("#viewer .mark.now", chromedp.ByQuery), chromedp.WaitReady("#viewer canvas", chromedp.ByQuery))
	w.looked("sheet")
	assert.Equal(w.t, w.eval(`String(document.querySelectorAll("#viewer .mark").length)`), w.eval(`fetch("/outlines/" + document.getElementById("viewer").dataset.page).then(a => a.json()).then(d => String(d.Marks.length))`), "every target is outlined")
	assert.Contains(w.t, w.text(), "The program says")
	here := w.eval(`location.search`)
	w.press("j")
	w.until(`location.search !== ` + quoted(here) + ` && !!document.querySelector("#viewer .mark.now")`)
	w.press("k")
	w.until(`new URLSearchParams(location.search).get("target") === ` + quoted(w.target(here)) + ` && !!document.querySelector("#viewer .mark.now")`)
	w.press("2")
	w.press("v")
	e := w.logged(1)[0]
	assert.Equal(w.t, []string{"Ann Lee", "vote", "questionable", reasons[1]}, []string{e.Who, e.Answer, e.Before, e.Reason})
	w.press("u")
	assert.Equal(w.t, cvr.TakenBack, w.logged(2)[1].Answer)
	w.press("n")
	w.logged(3)
	w.press("s")
	w.until(`document.readyState === "complete" && !!document.getElementById("decide")`)
	w.run(chromedp.SetValue("#typed", "in my own words", chromedp.ByQuery), chromedp.Click(`#decide button[value="questionable"]`, chromedp.ByQuery))
	e = w.logged(4)[3]
	assert.Equal(w.t, []string{"questionable", "in my own words"}, []string{e.Answer, e.Reason})
}

func (w *walk) target(search string) string {
	q, err := url.ParseQuery(strings.TrimPrefix(search, "?"))
	require.NoError(w.t, err)
	return q.Get("target")
}

// walls: one confirmed as it stands, one split.
func (w *walk) walls() {
	slot := busiest(w.s, func(l batch.Slot) int { return l.Vote })
	n := len(w.entries())
	w.open(w.s, fmt.Sprintf("/wall/%d?zone=2", slot.ID))
	w.run(chromedp.Click("details summary", chromedp.ByQuery))
	w.until(`document.querySelector(".overlay").naturalWidth > 0`)
	w.looked("wall-votes")
	w.run(chromedp.Focus(".brick select", chromedp.ByQuery), chromedp.KeyEvent(kb.Enter))
	all := w.logged(n + slot.Vote)
	for _, e := range all[n:] {
		assert.Equal(w.t, []string{"vote", "vote", slot.Choice}, []string{e.Before, e.Answer, e.Choice})
	}
	n = len(all)
	slot = busiest(w.s, func(l batch.Slot) int { return l.Questionable })
	require.Greater(w.t, slot.Questionable, 1)
	w.open(w.s, fmt.Sprintf("/wall/%d?zone=1", slot.ID))
	w.run(chromedp.Focus(".brick select", chromedp.ByQuery))
	w.press("s")
	w.looked("wall-split")
	w.run(chromedp.KeyEvent(kb.Enter))
	all = w.logged(n + slot.Questionable)
	for i, e := range all[n:] {
		assert.Equal(w.t, map[bool]string{true: "vote", false: "none"}[i == 0], e.Answer, i)
	}
	w.press("u")
	assert.NotEqual(w.t, "none", w.logged(len(all) + 1)[len(all)].Answer, "the last of the wall is taken back")
}

// refused: what was tried, votes entered by hand, and what is no ballot.
func (w *walk) refused() {
	n := len(w.entries())
	w.open(w.s, "/next/refused")
	assert.Contains(w.t, w.text(), "zz-a-slipped.png")
	w.run(chromedp.WaitReady("#viewer canvas", chromedp.ByQuery))
	w.looked("refused")
	assert.NotEqual(w.t, "0", w.eval(`String(document.querySelectorAll(".tried tbody tr").length)`), "what was tried is listed: %s", w.text())
	w.until(`document.getElementById("viewer").dataset.turned === "0"`)
	w.press("t")
	w.run(chromedp.Click("#turn", chromedp.ByQuery))
	w.until(`document.getElementById("viewer").dataset.turned === "180"`)
	w.looked("turned")
	w.press("e")
	w.until(`!!document.getElementById("as")`)
	w.run(chromedp.SetValue("#as", "1 "+w.s.election.Styles[0].ID, chromedp.ByQuery), chromedp.Submit("#as", chromedp.ByQuery))
	w.until(`!!document.getElementById("entry")`)
	w.run(chromedp.Click("#m1", chromedp.ByQuery), chromedp.Click(`label[for="m2"]`, chromedp.ByQuery), chromedp.WaitReady("#viewer canvas", chromedp.ByQuery))
	w.until(`document.getElementById("viewer").dataset.turned === "180"`) // as it was turned before
	w.looked("enter")
	w.run(chromedp.Submit("#entry", chromedp.ByQuery))
	e := w.logged(n + 1)[n]
	require.Equal(w.t, cvr.ActPage, e.Act)
	require.Len(w.t, e.Marked, 2)
	assert.Contains(w.t, w.text(), "zz-b-note.tif", "the next refused page comes by itself")
	w.looked("refused-file")
	w.run(chromedp.SetValue("#typed", "a note", chromedp.ByQuery), chromedp.Submit("#decide", chromedp.ByQuery))
	e = w.logged(n + 2)[n+1]
	assert.Equal(w.t, []string{string(cvr.ActNotBallot), "a note", "zz-b-note.tif"}, []string{string(e.Act), e.Reason, e.Image})
	assert.Contains(w.t, w.text(), "Nothing is left to look at here")
}

// differences: from the list to the sheet, with the machine's reading beside ours.
func (w *walk) differences() {
	w.page("differences", "/differences")
	rows := w.eval(`String(document.querySelectorAll("tbody tr").length)`)
	assert.Equal(w.t, fmt.Sprint(min(listed, len(w.o.Machine.Differences))), rows)
	n := len(w.entries())
	w.open(w.s, "/next/differences")
	w.until(`!!document.querySelector("#viewer .mark.now")`)
	assert.Contains(w.t, w.text(), "The machine's record differs", "the contest that differs is shown")
	w.looked("difference")
	here := w.eval(`location.pathname + location.search`)
	w.press("v")
	w.logged(n + 1)
	assert.NotEqual(w.t, here, w.eval(`location.pathname + location.search`), "the next difference comes by itself")
	w.open(w.s, "/differences")
	assert.Contains(w.t, w.text(), "by you")
}

// styles: a target moved by keys and a new definition written.
func (w *walk) styles() {
	w.page("styles", "/styles")
	w.open(w.s, "/style/0/1")
	w.until(`document.querySelectorAll("#blank .place").length > 3`)
	w.looked("style")
	w.run(chromedp.Evaluate(`document.querySelectorAll("#blank .place")[0].focus(); 0`, nil), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown))
	w.run(chromedp.Click(`#styleform button[value="write"]`, chromedp.ByQuery))
	w.until(`!!document.querySelector("[role=status]") || !!document.querySelector("[role=alert]")`)
	assert.Contains(w.t, w.text(), "Written as")
	e, err := election.Load(filepath.Join(filepath.Dir(w.o.Definition), "election-changed-1.json"))
	require.NoError(w.t, err)
	assert.InDelta(w.t, w.s.election.Styles[0].Pages[0].Targets[0].Y+0.01, e.Styles[0].Pages[0].Targets[0].Y, 1e-3)
}

// paper: a sheet, a queue and the log, printed.
func (w *walk) paper() {
	rows, err := w.s.index.Sheets(batch.SheetQuery{Outcome: string(batch.Questions)}, 0, "", 1)
	require.NoError(w.t, err)
	w.page("print", fmt.Sprintf("/print/%d", rows[0].ID))
	w.until(`Array.from(document.images).every(i => i.complete && i.naturalWidth > 0)`)
	pages, err := w.s.index.PagesOf(rows[0].ID)
	require.NoError(w.t, err)
	w.printed(w.name+"-sheet", 2*len(pages), 4*len(pages))
	w.open(w.s, "/queue/questions?done=1")
	w.printed(w.name+"-queue", 1, 4)
	w.page("log", "/log?all=1")
	assert.Equal(w.t, fmt.Sprint(len(w.entries())), w.eval(`String(document.querySelectorAll("tbody tr").length)`))
	w.printed(w.name+"-log", 1, 8)
}

// countedTwice counts by the log, once on the run that was reviewed and once on the same scans read afresh: the same totals, and not
// those that were read. The record has the snapshot that people modified.
func (g *ground) countedTwice(t *testing.T, o Options) {
	fresh := filepath.Join(t.TempDir(), "fresh")
	require.NoError(t, g.read(fresh))
	var totals [][]byte
	for _, run := range []string{g.run, fresh} {
		out := filepath.Join(t.TempDir(), "decided")
		sum, err := batch.Decide(context.Background(), batch.DecideOptions{Run: run, Out: out, Log: o.Log, Program: "recount test"})
		require.NoError(t, err)
		l, err := cvr.LoadLog(o.Log)
		require.NoError(t, err)
		assert.Equal(t, len(l.Entries), sum.Decisions.Entries)
		data, err := os.ReadFile(filepath.Join(out, "totals.csv"))
		require.NoError(t, err)
		totals = append(totals, data)
		record, err := os.ReadFile(filepath.Join(out, "cvr.json"))
		require.NoError(t, err)
		require.NoError(t, cvr.Validate(bytes.NewReader(record)))
		for _, text := range []string{`"modified"`, "Ann Lee", "in my own words", reasons[1]} {
			if text != reasons[1] { // that decision was taken back
				assert.Contains(t, string(record), text)
			}
		}
		check, err := batch.VerifyRun(context.Background(), out, []string{g.images}, o.Log)
		require.NoError(t, err)
		assert.True(t, check.Good(), check.Faults)
		assert.Equal(t, len(l.Entries), check.Decisions/max(1, check.Decisions/len(l.Entries)))
		assert.Equal(t, l.Head, check.Head)
	}
	assert.Equal(t, string(totals[0]), string(totals[1]), "a run read afresh gives the same totals by the log")
	read, err := os.ReadFile(filepath.Join(g.run, "totals.csv"))
	require.NoError(t, err)
	assert.NotEqual(t, string(read), string(totals[0]))
}

// Two people in two browsers: neither sees what the other said, one word is not enough, two that differ are a dispute, and two alike count.
func TestBrowserTwoPeopleMustAgree(t *testing.T) {
	grounds(t, func(t *testing.T, g *ground, name string) {
		ann := g.walk(t, name, func(o *Options) { o.People = 2 })
		bob := &walk{look(t, ann.s, "Bob Roe", 1280, 900), t, ann.s, ann.o, name}
		ann.open(ann.s, "/next/questions")
		bob.open(bob.s, "/next/questions") // both look at the same mark at the same time
		here := ann.eval(`location.pathname + location.search`)
		require.Equal(t, here, bob.eval(`location.pathname + location.search`))
		ann.press("v")
		ann.logged(1)
		bob.open(bob.s, here)
		assert.NotContains(t, bob.text(), "Ann Lee", "what the first said is hidden")
		assert.Contains(t, bob.text(), "hidden until you decide")
		bob.glance("two-second")
		assert.Empty(t, ann.s.standing.InForce())
		bob.press("n")
		bob.logged(2)
		assert.Empty(t, ann.s.standing.InForce())
		ann.open(ann.s, "/log")
		assert.Contains(t, ann.text(), "disputed")
		ann.glance("two-log")
		bob.open(bob.s, here)
		assert.Contains(t, bob.text(), "Ann Lee")
		bob.press("v")
		bob.logged(3)
		require.Len(t, ann.s.standing.InForce(), 1)
		// On the next mark both press a key on what they saw before the other had said anything.
		ann.open(ann.s, "/next/questions")
		bob.open(bob.s, ann.eval(`location.pathname + location.search`))
		ann.press("n")
		ann.logged(4)
		bob.press("n")
		bob.logged(5)
		require.Len(t, ann.s.standing.InForce(), 2, "neither was turned away")
	})
}

// Blind: no answer is shown before it is given, on a sheet or on a wall, the program's or the machine's.
func TestBrowserBlindReview(t *testing.T) {
	grounds(t, func(t *testing.T, g *ground, name string) {
		w := g.walk(t, name, func(o *Options) { o.Blind = true })
		w.open(w.s, "/")
		w.glance("blind-home")
		w.open(w.s, "/differences")
		assert.NotContains(t, w.eval(`Array.from(document.querySelectorAll("th"), x => x.innerText).join("|")`), "machine")
		w.run(chromedp.Click("tbody a", chromedp.ByQuery))
		w.until(`!!document.querySelector("#viewer .mark.now")`)
		here := w.eval(`location.pathname + location.search`)
		for _, word := range []string{"The program says", "machine's record differs", "machine's record agrees"} {
			assert.NotContains(t, w.text(), word)
		}
		assert.Equal(t, "", w.eval(`Array.from(document.querySelectorAll("#viewer .mark.vote, #viewer .mark.none, #viewer .mark.questionable, .targets .tag.vote"), x => x.title).join()`))
		w.glance("blind")
		targets := strings.Fields(w.eval(`Array.from(document.querySelectorAll("table.targets a"), x => x.pathname + x.search).join(" ")`))
		w.press("v")
		w.logged(1)
		w.open(w.s, here)
		assert.Contains(t, w.text(), "The program says", "after the decision it is shown")
		said := 1
		for _, path := range targets {
			w.open(w.s, path)
			if w.eval(`String(!!document.querySelector(".why"))`) == "true" {
				continue // it was decided
			}
			assert.NotContains(t, w.text(), "The machine's record differs", "it tells of targets that are not decided")
			w.until(`!!document.querySelector("#viewer .mark.now")`)
			w.press("n")
			said++
			w.logged(said)
		}
		w.open(w.s, here)
		assert.Contains(t, w.text(), "The machine's record differs")

		slot := busiest(w.s, func(l batch.Slot) int { return l.Vote })
		w.open(w.s, fmt.Sprintf("/wall/%d", slot.ID))
		w.glance("blind-wall")
		assert.NotContains(t, w.eval(`document.querySelector("form.wall .bricks").innerText`), "%")
		assert.Equal(t, "0 of "+fmt.Sprint(slot.None+slot.Questionable+slot.Vote)+" said", w.eval(`document.getElementById("said").innerText`))
		w.run(chromedp.Focus(".brick select", chromedp.ByQuery))
		w.press("s")
		assert.Equal(t, "0", strings.Fields(w.eval(`document.getElementById("said").innerText`))[0], "what is not sorted is not split")
		w.press("vn")
		w.run(chromedp.KeyEvent(kb.Enter))
		e := w.logged(said + 2)
		assert.Equal(t, []string{"vote", "none"}, []string{e[said].Answer, e[said+1].Answer})
	})
}
