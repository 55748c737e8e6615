package review

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
	"recount/cvr"
	"recount/election"
)

// axe is axe-core, which finds what keeps people with disabilities from using a page.
//
//go:embed testdata/axe-4.11.0.min.js
var axe string

// screen is a real browser without a window.
type screen struct {
	t      *testing.T
	ctx    context.Context
	faults []string // what the browser's console complained of
	out    []string // requests that left this machine
}

// look opens a server's one-time address in Chromium, or skips the test where there is none.
func look(t *testing.T, s *Server, who string, width, height int64) *screen {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil && path == "" {
			path = p
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed: apt-get install chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, stop2 := chromedp.NewContext(alloc)
	t.Cleanup(stop2)
	ctx, stop3 := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(stop3)
	b := &screen{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			b.faults = append(b.faults, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				b.faults = append(b.faults, string(e.Args[0].Value))
			}
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, "http://127.0.0.1:"+s.port+"/") && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") && !strings.HasPrefix(u, "chrome") {
				b.out = append(b.out, u)
			}
		}
	})
	b.run(emulation.SetDeviceMetricsOverride(width, height, 1, false), chromedp.Navigate(s.Address()))
	if who != "" {
		b.run(chromedp.SetValue("#who", who, chromedp.ByQuery), chromedp.Submit("#who", chromedp.ByQuery), chromedp.WaitVisible(".who b", chromedp.ByQuery))
	}
	t.Cleanup(func() {
		assert.Empty(t, b.faults, "the browser complained")
		assert.Empty(t, b.out, "nothing leaves this machine")
	})
	return b
}

func (b *screen) run(actions ...chromedp.Action) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Run(b.ctx, actions...))
}

// open goes to a path of the server.
func (b *screen) open(s *Server, path string) {
	b.t.Helper()
	b.run(chromedp.Navigate("http://127.0.0.1:"+s.port+path), chromedp.WaitReady("#main", chromedp.ByQuery))
}

// press presses keys one after the other, as a person does.
func (b *screen) press(keys string) {
	b.t.Helper()
	b.run(chromedp.KeyEvent(keys))
}

func (b *screen) eval(js string) string {
	b.t.Helper()
	var out string
	b.run(chromedp.Evaluate(js, &out))
	return out
}

// until waits for a page on which the condition holds, through any number of pages.
func (b *screen) until(js string) {
	b.t.Helper()
	for range 200 {
		var ok bool
		if chromedp.Run(b.ctx, chromedp.Evaluate(js, &ok), chromedp.Sleep(50*time.Millisecond)) == nil && ok {
			b.run(chromedp.WaitReady("#main", chromedp.ByQuery), chromedp.Sleep(200*time.Millisecond))
			return
		}
	}
	require.FailNow(b.t, "waited in vain for "+js)
}

// shot keeps a picture of the page where RECOUNT_SHOTS names a folder: for people to look at.
func (b *screen) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("RECOUNT_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	b.run(chromedp.Sleep(700*time.Millisecond), chromedp.FullScreenshot(&png, 100))
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}

// accessible asks axe-core, and fails on what it calls serious or critical.
func (b *screen) accessible(name string) {
	b.t.Helper()
	b.run(chromedp.Evaluate(axe+"; 0", nil))
	var text string
	b.run(chromedp.Evaluate(`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r =>
		JSON.stringify(r.violations.map(v => v.impact + " " + v.id + ": " + v.nodes.map(n => n.target + " " + n.failureSummary).slice(0, 3).join(" | "))))`, &text,
		func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	var found []string
	require.NoError(b.t, json.Unmarshal([]byte(text), &found))
	for _, f := range found {
		if strings.HasPrefix(f, "serious") || strings.HasPrefix(f, "critical") {
			b.t.Errorf("%s: %s", name, f)
		} else {
			b.t.Logf("%s: %s", name, f)
		}
	}
}

// wide checks that nothing is wider than the page.
func (b *screen) fits(name string) {
	b.t.Helper()
	assert.Equal(b.t, "true", b.eval(`String(document.documentElement.scrollWidth <= window.innerWidth)`), "%s: nothing is cut off at the right", name)
}

func TestBrowserDecidesByKeyboardAlone(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := look(t, s, "Ann Lee", 1280, 900)
	b.shot("home")
	b.accessible("home")
	b.fits("home")
	b.open(s, "/queue/questions")
	b.shot("queue")
	b.accessible("queue")
	b.open(s, "/next/questions")
	b.run(chromedp.WaitReady("#viewer .mark.now", chromedp.ByQuery))
	b.shot("page")
	b.accessible("page")
	b.fits("page")
	first := b.eval(`location.search`)
	assert.Equal(t, "true", b.eval(`String(document.querySelector(".crop img").naturalWidth > 0)`), "the crop is there")
	assert.Equal(t, "true", b.eval(`String(document.querySelector("#decide .buttons").getBoundingClientRect().bottom < window.innerHeight)`), "the buttons are seen without scrolling")
	b.press("1")
	assert.Equal(t, "1", b.eval(`String(document.getElementById("reason").selectedIndex)`))
	b.press("v")
	b.until(`location.search !== ` + quoted(first) + ` && !!document.getElementById("decide")`)
	second := b.eval(`location.search`)
	b.press("n")
	b.until(`location.search !== ` + quoted(second) + ` && !!document.getElementById("undo")`)
	b.press("u")
	b.until(`!!document.querySelector("#decide input[name=version]") && document.querySelector("#decide input[name=version]").value === "3"`)
	b.shot("undone")
	b.press("j")
	b.until(`document.readyState === "complete" && !!document.getElementById("keys")`)
	b.run(chromedp.Click("#keys", chromedp.ByQuery))
	b.press("v")
	b.run(chromedp.Sleep(300 * time.Millisecond))
	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	require.Len(t, l.Entries, 3, "with the keys off nothing is decided")
	assert.Equal(t, []string{"vote", "none", cvr.TakenBack}, []string{l.Entries[0].Answer, l.Entries[1].Answer, l.Entries[2].Answer})
	assert.Equal(t, reasons[0], l.Entries[0].Reason)
	b.open(s, "/log")
	b.shot("log")
	b.accessible("log")
}

func TestBrowserShowsEveryPage(t *testing.T) {
	s := serve(t, options(t))
	b := look(t, s, "Ann Lee", 820, 1180) // a tablet
	for name, path := range map[string]string{"tablet-home": "/", "tablet-page": "/next/questions", "refused": "/next/refused", "sheets": "/sheets", "sample": "/sample?seed=20261103&n=5",
		"pairs": "/pairs", "people": "/people", "help": "/help"} {
		b.open(s, path)
		b.shot(name)
		b.accessible(name)
		b.fits(name)
	}
	// 200 percent zoom of 1280 pixels is a page 640 wide.
	b.run(emulation.SetDeviceMetricsOverride(640, 450, 2, false))
	for _, path := range []string{"/", "/next/questions", "/sheets"} {
		b.open(s, path)
		b.shot("zoom" + strings.ReplaceAll(path, "/", "-"))
		b.fits("zoom " + path)
	}
}

func quoted(s string) string {
	data, _ := json.Marshal(s)
	return string(data)
}

func TestBrowserSplitsAWall(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := look(t, s, "Ann Lee", 1280, 900)
	slot := busiest(s, func(l batch.Slot) int { return l.Questionable })
	require.Greater(t, slot.Questionable, 2)
	b.open(s, fmt.Sprintf("/wall/%d", slot.ID))
	b.run(chromedp.Click("details summary", chromedp.ByQuery))
	b.shot("wall")
	b.accessible("wall")
	b.fits("wall")
	b.run(chromedp.Focus(".brick select", chromedp.ByQuery))
	b.run(chromedp.KeyEvent(kb.ArrowRight))
	b.press("s")
	b.shot("wall-split")
	b.run(chromedp.KeyEvent(kb.Enter))
	b.until(`location.search.includes("saved=")`)
	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	require.Len(t, l.Entries, slot.Questionable)
	for i, e := range l.Entries {
		assert.Equal(t, map[bool]string{true: "vote", false: "none"}[i < 2], e.Answer, "entry %d", i)
	}
	b.open(s, fmt.Sprintf("/wall/%d?zone=2", slot.ID))
	b.shot("wall-votes")
}

func TestBrowserChangesAStyle(t *testing.T) {
	s, path := styled(t)
	b := look(t, s, "Ann Lee", 1280, 900)
	b.open(s, "/styles")
	b.accessible("styles")
	b.open(s, "/style/0/1")
	b.until(`document.querySelectorAll("#blank .place").length > 3`)
	n := b.eval(`String(document.querySelectorAll("#blank .place").length)`)
	b.run(chromedp.Evaluate(`document.querySelectorAll("#blank .place")[1].focus(); 0`, nil))
	for range 4 {
		b.run(chromedp.KeyEvent(kb.ArrowRight))
	}
	b.run(chromedp.Click("#t-add", chromedp.ByQuery))
	b.shot("style")
	b.accessible("style")
	b.fits("style")
	b.run(chromedp.Click(`#styleform button[value="write"]`, chromedp.ByQuery))
	b.until(`!!document.querySelector("[role=alert]") && document.querySelectorAll("#blank .place").length > 3`)
	assert.Contains(t, b.eval(`document.querySelector("[role=alert]").innerText`), "already has target", "two targets of one choice")
	b.run(chromedp.Evaluate(`var all = document.querySelectorAll("#blank .place"); all[all.length - 1].focus(); 0`, nil))
	b.run(chromedp.KeyEvent(kb.Delete))
	assert.Equal(t, n, b.eval(`String(document.querySelectorAll("#blank .place").length)`))
	b.run(chromedp.Click(`#styleform button[value="write"]`, chromedp.ByQuery))
	b.until(`!!document.querySelector("[role=status]") || !!document.querySelector("[role=alert]")`)
	assert.Contains(t, b.eval(`document.querySelector("main").innerText`), "Written as")
	old, err := election.Load(path)
	require.NoError(t, err)
	e, err := election.Load(filepath.Join(filepath.Dir(path), "election-changed-1.json"))
	require.NoError(t, err)
	assert.InDelta(t, old.Styles[0].Pages[0].Targets[1].X+0.02, e.Styles[0].Pages[0].Targets[1].X, 1e-3)
	assert.Equal(t, old.Styles[0].Pages[0].Targets[0], e.Styles[0].Pages[0].Targets[0])
}
