package review

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
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

// chromium starts one browser for all tests of the package; each person gets a profile of their own in it.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil && path == "" {
			path = p
		}
	}
	if path == "" {
		return nil, exec.ErrNotFound
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("host-resolver-rules", "MAP evil.example 127.0.0.1")) // a name that was pointed at this machine
	alloc, _ := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, _ := chromedp.NewContext(alloc)
	quit = func() { _ = chromedp.Cancel(ctx) }
	return ctx, chromedp.Run(ctx)
})

// quit ends the browser, where one was started.
var quit = func() {}

// look opens a server's one-time address in Chromium, or skips the test where there is none.
func look(t *testing.T, s *Server, who string, width, height int64) *screen {
	t.Helper()
	root, err := chromium()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("no Chromium is installed: apt-get install chromium")
	}
	require.NoError(t, err)
	var tab target.ID
	require.NoError(t, chromedp.Run(root, chromedp.ActionFunc(func(ctx context.Context) error {
		own := cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser)
		profile, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(own)
		if err == nil {
			tab, err = target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(own)
		}
		return err
	})))
	ctx, stop := chromedp.NewContext(root, chromedp.WithTargetID(tab))
	t.Cleanup(stop)
	ctx, stop2 := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(stop2)
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

// eval gives a text that a script works out, at once or by a promise.
func (b *screen) eval(js string) string {
	b.t.Helper()
	var out string
	b.run(chromedp.Evaluate(js, &out, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return out
}

// until waits for a page on which the condition holds, through any number of pages.
func (b *screen) until(js string) {
	b.t.Helper()
	for range 400 {
		var ok bool
		if chromedp.Run(b.ctx, chromedp.Evaluate(js, &ok), chromedp.Sleep(25*time.Millisecond)) == nil && ok {
			b.run(chromedp.WaitReady("#main", chromedp.ByQuery), chromedp.Sleep(100*time.Millisecond))
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

// The widths at which every page is looked at: an office screen, a tablet upright, and the first at 200 percent zoom, which is a page
// half as wide with two dots for one.
var widths = []struct {
	name          string
	width, height int64
	scale         float64
}{{"1280", 1280, 900, 1}, {"820", 820, 1180, 1}, {"zoom", 640, 450, 2}}

// everyWidth checks that a page is whole at every width, and keeps pictures of it where RECOUNT_SHOTS asks for them.
func (b *screen) everyWidth(name string) {
	b.t.Helper()
	for i := range widths {
		w := widths[len(widths)-1-i] // the screen's own last: the test goes on with it
		b.run(emulation.SetDeviceMetricsOverride(w.width, w.height, w.scale, false))
		b.fits(name + " at " + w.name)
		b.shot(name + "-" + w.name)
	}
}

// printed prints the page as the browser does, checks how many sheets of paper it takes, and keeps the PDF where RECOUNT_SHOTS names
// a folder.
func (b *screen) printed(name string, least, most int) {
	b.t.Helper()
	var pdf []byte
	b.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		pdf, _, err = page.PrintToPDF().WithPreferCSSPageSize(true).WithPrintBackground(false).WithPaperWidth(8.5).WithPaperHeight(11).Do(ctx)
		return err
	}))
	n := len(onePaper.FindAll(pdf, -1))
	assert.True(b.t, n >= least && n <= most, "%s takes %d sheets of paper, %d to %d would do", name, n, least, most)
	if dir := os.Getenv("RECOUNT_SHOTS"); dir != "" {
		require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o644))
	}
}

var onePaper = regexp.MustCompile(`/Type\s*/Page\b`)

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

// fits checks that nothing is wider than the page, once its script has laid it out for a new width.
func (b *screen) fits(name string) {
	b.t.Helper()
	fits := ""
	for range 40 {
		if fits = b.eval(`String(document.documentElement.scrollWidth <= window.innerWidth)`); fits == "true" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	assert.Equal(b.t, "true", fits, "%s: nothing is cut off at the right", name)
}

// What the walk through an election has not: the buttons are seen without scrolling, and the keys can be turned off.
func TestBrowserKeys(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := look(t, s, "Ann Lee", 1280, 900)
	b.open(s, "/next/questions")
	b.run(chromedp.WaitReady("#viewer .mark.now", chromedp.ByQuery))
	first := b.eval(`location.search`)
	b.until(`document.querySelector(".crop img").naturalWidth > 0`)
	assert.Equal(t, "true", b.eval(`String(document.querySelector("#decide .buttons").getBoundingClientRect().bottom < window.innerHeight)`), "the buttons are seen without scrolling")
	b.press("1")
	assert.Equal(t, "1", b.eval(`String(document.getElementById("reason").selectedIndex)`))
	b.press("v")
	b.until(`location.search !== ` + quoted(first) + ` && !!document.getElementById("decide")`)
	b.run(chromedp.Click("#keys", chromedp.ByQuery))
	b.press("v")
	b.run(chromedp.Sleep(300 * time.Millisecond))
	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	require.Len(t, l.Entries, 1, "with the keys off nothing is decided")
	assert.Equal(t, reasons[0], l.Entries[0].Reason)
}

// A tired hand: a key held down on one page says nothing on the next, and two clicks on a button are one.
func TestBrowserTakesAHeldKeyOnce(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := look(t, s, "Ann Lee", 1280, 900)
	entries := func() int { _, n := s.Head(); return n }
	held := func(key string) {
		b.run(chromedp.ActionFunc(func(ctx context.Context) error {
			down := input.DispatchKeyEvent(input.KeyRawDown).WithKey(key).WithCode("Key" + strings.ToUpper(key)).WithWindowsVirtualKeyCode(int64(strings.ToUpper(key)[0]))
			return errors.Join(down.Do(ctx), input.DispatchKeyEvent(input.KeyChar).WithText(key).Do(ctx))
		}))
		for range 8 { // as the keyboard repeats it
			b.run(chromedp.Sleep(60*time.Millisecond), chromedp.ActionFunc(func(ctx context.Context) error {
				return input.DispatchKeyEvent(input.KeyRawDown).WithKey(key).WithCode("Key" + strings.ToUpper(key)).WithWindowsVirtualKeyCode(int64(strings.ToUpper(key)[0])).WithAutoRepeat(true).Do(ctx)
			}))
		}
		b.run(chromedp.ActionFunc(func(ctx context.Context) error { return input.DispatchKeyEvent(input.KeyUp).WithKey(key).Do(ctx) }), chromedp.Sleep(200*time.Millisecond))
	}
	b.open(s, "/next/questions")
	held("v")
	assert.Equal(t, 1, entries())
	b.press("v")
	b.until(`document.querySelector("footer p").innerText.startsWith("2 decisions")`)
	held("u")
	assert.Equal(t, 3, entries(), "one decision is taken back")
	b.press("v")
	b.until(`document.querySelector("footer p").innerText.startsWith("4 decisions")`)
	b.run(chromedp.Evaluate(`var u = document.querySelector("#undo button"); u.click(); u.click(); 0`, nil), chromedp.Sleep(500*time.Millisecond))
	assert.Equal(t, 5, entries(), "two clicks are one")
}

// What is typed as the reason for a wall is a text, whatever keys are in it.
func TestBrowserTypesAWallsReason(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := look(t, s, "Ann Lee", 1280, 900)
	b.open(s, "/next/questions")
	b.press("v")
	b.until(`document.querySelector("footer p").innerText.startsWith("1 decisions")`)
	slot := busiest(s, func(l batch.Slot) int { return l.Vote })
	b.open(s, fmt.Sprintf("/wall/%d?zone=2", slot.ID))
	b.run(chromedp.Focus("#typed", chromedp.ByQuery))
	b.press("unquiet vans" + kb.ArrowLeft + kb.ArrowRight + "!")
	assert.Equal(t, "unquiet vans!", b.eval(`document.getElementById("typed").value`))
	_, n := s.Head()
	require.Equal(t, 1, n, "nothing was taken back")
	b.press(kb.Enter)
	b.until(`document.querySelector("footer p").innerText.startsWith("` + fmt.Sprint(slot.Vote+1) + ` decisions")`)
	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	assert.Equal(t, "unquiet vans!", l.Entries[1].Reason)
}

func TestBrowserShowsWhatElseThereIs(t *testing.T) {
	s := serve(t, options(t))
	b := look(t, s, "Ann Lee", 1280, 900)
	for name, path := range map[string]string{"people": "/people", "help": "/help"} {
		b.open(s, path)
		b.everyWidth(name)
		b.accessible(name)
	}
}

func quoted(s string) string {
	data, _ := json.Marshal(s)
	return string(data)
}

func TestBrowserChangesAStyle(t *testing.T) {
	s, path := styled(t)
	b := look(t, s, "Ann Lee", 1280, 900)
	b.open(s, "/style/0/1")
	b.until(`document.querySelectorAll("#blank .place").length > 3`)
	n := b.eval(`String(document.querySelectorAll("#blank .place").length)`)
	b.run(chromedp.Evaluate(`document.querySelectorAll("#blank .place")[1].focus(); 0`, nil))
	for range 4 {
		b.run(chromedp.KeyEvent(kb.ArrowRight))
	}
	b.run(chromedp.Click("#t-add", chromedp.ByQuery))
	b.accessible("style")
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
