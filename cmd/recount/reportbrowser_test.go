package main

import (
	"context"
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
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The report is opened from the disk at an office screen's width and a phone's: nothing leaves the machine, nothing is missing or cut
// off, and a choice called <script> is a name. RECOUNT_SHOTS names a folder for its pictures.
func TestReportInABrowser(t *testing.T) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil && path == "" {
			path = p
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed: apt-get install chromium")
	}
	dir, out := suite(t), ran(t)
	html := filepath.Join(t.TempDir(), "report.html")
	records := filepath.Join(t.TempDir(), "cvr.json")
	require.NoError(t, os.WriteFile(records, []byte(strings.Replace(read(t, filepath.Join(out, "cvr.json")), `"TotalNumberVotes":1`, `"TotalNumberVotes":0`, 1)), 0o644))
	const hostile = `<script src="https://example.com/x.js">alert(1)</script><img src="https://example.com/x.png">`
	totals := filepath.Join(t.TempDir(), "machine.csv")
	table := read(t, filepath.Join(dir, "machine-altered.csv"))
	head, _, _ := strings.Cut(table, "\n")
	row := make([]string, strings.Count(head, ",")+1)
	for i, h := range strings.Split(strings.TrimSpace(head), ",") {
		switch h {
		case "contest":
			row[i] = "Mayor"
		case "candidate", "choice":
			row[i] = `"` + strings.ReplaceAll(hostile, `"`, `""`) + `"`
		case "votes":
			row[i] = "7"
		case "precinct":
			row[i] = "District 1"
		}
	}
	require.NoError(t, os.WriteFile(totals, []byte(strings.TrimSpace(table)+"\n"+strings.Join(row, ",")+"\n"), 0o644))
	code, _, errs := recount(t, "report", "--run", out, "--totals", totals, "--cvr", records, "--images", filepath.Join(dir, "images"), "--out", html)
	require.Equal(t, exitLook, code, errs)

	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	defer stop()
	ctx, stop := chromedp.NewContext(alloc)
	defer stop()
	ctx, stop = context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	var asked, faults []string
	chromedp.ListenTarget(ctx, func(ev any) {
		switch e := ev.(type) {
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; u != "file://"+html && !strings.HasPrefix(u, "data:") {
				asked = append(asked, u)
			}
		case *runtime.EventExceptionThrown:
			faults = append(faults, e.ExceptionDetails.Error())
		}
	})
	for _, w := range []struct {
		name          string
		width, height int64
	}{{"report-1280", 1280, 900}, {"report-390", 390, 844}} {
		var wide, broken, scripts, shown int
		var text string
		require.NoError(t, chromedp.Run(ctx, network.Enable(), emulation.SetDeviceMetricsOverride(w.width, w.height, 1, w.width < 500), chromedp.Navigate("file://"+html),
			chromedp.WaitReady("body", chromedp.ByQuery),
			chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide),
			chromedp.Evaluate(`[...document.images].filter(i => !i.complete || i.naturalWidth === 0).length`, &broken),
			chromedp.Evaluate(`document.images.length`, &shown),
			chromedp.Evaluate(`document.querySelectorAll("script, link[href], iframe, object").length`, &scripts),
			chromedp.Text("body", &text, chromedp.ByQuery)))
		assert.LessOrEqual(t, wide, int(w.width), "%s: the page is wider than the screen", w.name)
		assert.Zero(t, broken, "pictures that do not show")
		assert.Positive(t, shown)
		assert.Zero(t, scripts)
		assert.Contains(t, text, hostile, "shown as text")
		if shots := os.Getenv("RECOUNT_SHOTS"); shots != "" {
			var png []byte
			require.NoError(t, chromedp.Run(ctx, chromedp.FullScreenshot(&png, 100)))
			require.NoError(t, os.WriteFile(filepath.Join(shots, w.name+".png"), png, 0o644))
		}
	}
	assert.Empty(t, asked, "nothing leaves this machine")
	assert.Empty(t, faults)
}
