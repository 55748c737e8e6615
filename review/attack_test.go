package review

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
)

// A real browser of a person who is in opens another site's page, which does what it can: frame the desk, send its forms, load its
// pictures and scripts, and reach it by a name pointed at this machine. Nothing of it comes through.
func TestBrowserAnotherSiteGetsNothing(t *testing.T) {
	s := serve(t, options(t))
	b := look(t, s, "Ann Lee", 1280, 900)
	items, err := s.items(batch.KindQuestion, 0, false, batch.After{}, 1)
	require.NoError(t, err)
	desk := "http://127.0.0.1:" + s.port
	var mu sync.Mutex
	var said []string
	heard := func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := said
		said = nil
		return out
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/said" {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, r.URL.Query().Get("what"))
			return
		}
		fmt.Fprintf(w, `<!DOCTYPE html><title>another site</title><main id="main"></main>
<iframe id="frame" src="%[1]s/"></iframe>
<iframe name="sink"></iframe><form id="f" target="sink" method="post" action="%[1]s/decide"><input name="act" value="target"><input name="page" value="%[2]d"><input name="target" value="%[3]d"><input name="version" value="0"><input name="answer" value="vote"></form>
<form id="u" target="sink" method="post" enctype="text/plain" action="%[1]s/undo"></form>
<script>
function say(what) { navigator.sendBeacon("/said?what=" + what); }
say("here");
document.getElementById("f").submit();
setTimeout(function () { document.getElementById("u").submit(); }, 100);
var i = new Image(); i.onload = function () { say("picture"); }; i.src = "%[1]s/tile/%[2]d/0/0/0";
var c = document.createElement("script"); c.onload = function () { say("script"); }; c.src = "%[1]s/static/desk.js"; document.body.appendChild(c);
fetch("%[1]s/log/decisions.jsonl", {credentials: "include"}).then(function (a) { return a.text(); }).then(function () { say("log"); }, function () {});
fetch("%[1]s/decide", {method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams({act: "target", page: "%[2]d", target: "%[3]d", version: "0", answer: "vote"})});
setTimeout(function () { document.title = "done"; }, 700);
</script>`, desk, items[0].Page, items[0].Target+1)
	}))
	defer other.Close()
	at, err := url.Parse(other.URL)
	require.NoError(t, err)
	for name, site := range map[string]string{"another port of this machine": other.URL, "another name": "http://evil.example:" + at.Port()} {
		b.run(chromedp.Navigate(site))
		b.until(`document.title === "done"`)
		assert.Equal(t, []string{"here"}, heard(), "%s: nothing but that the page was there", name)
		assert.Equal(t, "no", b.eval(`(function () { try { return document.getElementById("frame").contentDocument.body.innerText ? "read" : "no"; } catch (e) { return "no"; } })()`), name)
	}
	_, n := s.Head()
	assert.Zero(t, n, "no post came through")
	b.run(chromedp.Navigate("http://evil.example:"+s.port+"/"), chromedp.Sleep(100*time.Millisecond))
	assert.Contains(t, b.eval(`document.body.innerText`), "to no other name")
	b.open(s, "/")
	assert.Contains(t, b.eval(`document.body.innerText`), "Ann Lee", "the person is in all the same")
	b.out, b.faults = nil, nil // what the other site asked for
}

// Names that are written as markup, of a person, a scan or a reason, are shown as they are written and do nothing.
func TestBrowserRunsNoName(t *testing.T) {
	s := serve(t, options(t))
	b := look(t, s, `<img src=x onerror="document.title='owned'">`, 1280, 900)
	for _, path := range []string{"/", "/queue/refused", "/next/refused", "/sheets?outcome=refused", "/sheets?name=%3Cscript%3Edocument.title%3D%27owned%27%3C%2Fscript%3E", "/sample?seed=%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&n=3"} {
		b.open(s, path)
		assert.Equal(t, "0", b.eval(`String(document.querySelectorAll('img[src="x"]').length)`), path)
		assert.False(t, strings.Contains(b.eval(`document.title`), "owned"), path)
	}
	b.open(s, "/next/refused")
	b.run(chromedp.SetValue("#typed", `</td><script>document.title = "owned"</script>`, chromedp.ByQuery), chromedp.Submit("#decide", chromedp.ByQuery))
	b.until(`document.querySelector("footer p").innerText.startsWith("1 decisions")`)
	b.open(s, "/log")
	assert.Contains(t, b.eval(`document.querySelector("main").innerText`), `</td><script>`)
	assert.False(t, strings.Contains(b.eval(`document.title`), "owned"))
}
