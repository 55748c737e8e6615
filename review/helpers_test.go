package review

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"recount/batch"
	"recount/fixtures"
	"recount/vote"
)

var scratch string

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	var err error
	if scratch, err = os.MkdirTemp("", "recount-review-test-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	quit()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// drawn is a run over sixteen drawn sheets with every kind of mark, some of them in question, and two files that are no ballots.
var drawn = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(scratch, "drawn")
	if err := fixtures.WriteGround(dir, fixtures.GroundOptions{Sheets: 16, Kinds: fixtures.Kinds, Harms: []fixtures.Harm{}, Ballots: fixtures.BallotOptions{Family: "plain", Seed: 7, DPI: 120, Columns: 2}}); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "images", "zz-note.jpg"), []byte("<script>alert(1)</script>"), 0o644); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "images", "zz-<img src=x onerror=alert(1)>.jpg"), []byte("nothing"), 0o644); err != nil {
		return "", err
	}
	_, err := batch.Run(context.Background(), batch.Options{Election: filepath.Join(dir, "election.json"), Out: filepath.Join(dir, "run"),
		Inputs: []string{filepath.Join(dir, "images")}, Workers: 2, Limits: vote.DefaultLimits(), Program: "recount test"})
	return dir, err
})

// suite gives the drawn run's folder, which no test changes.
func suite(t *testing.T) string {
	t.Helper()
	dir, err := drawn()
	require.NoError(t, err)
	return dir
}

// options are those of a server over the suite with a log of its own.
func options(t *testing.T) Options {
	t.Helper()
	dir := suite(t)
	run, err := batch.OpenRun(filepath.Join(dir, "run"))
	require.NoError(t, err)
	t.Cleanup(func() { run.Close() })
	return Options{Run: run, Images: []string{filepath.Join(dir, "images")}, Log: filepath.Join(t.TempDir(), "decisions.jsonl"), People: 1,
		Definition: filepath.Join(dir, "election.json"), Program: "recount test"}
}

// serve starts a server.
func serve(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := New(o)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return s
}

// browser is a person's browser without a screen: it keeps the cookie and sends what browsers send.
type browser struct {
	t      *testing.T
	s      *Server
	cookie string
	csrf   string
}

// visit opens a server's one-time address and types a name.
func visit(t *testing.T, s *Server, who string) *browser {
	t.Helper()
	b := &browser{t: t, s: s}
	w := b.get(strings.TrimPrefix(s.Address(), "http://127.0.0.1:"+s.port))
	require.Equal(t, http.StatusSeeOther, w.Code)
	b.cookie = strings.Split(w.Header().Get("Set-Cookie"), ";")[0]
	b.page("/people")
	if who != "" {
		require.Equal(t, http.StatusSeeOther, b.post("/who", "who", who).Code)
	}
	return b
}

// request is one as a browser sends it from the server's own page.
func (b *browser) request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, "http://127.0.0.1:"+b.s.port+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:50000"
	if b.cookie != "" {
		r.Header.Set("Cookie", b.cookie)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://127.0.0.1:"+b.s.port)
	}
	return r
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.s.ServeHTTP(w, r)
	return w
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	return b.do(b.request(http.MethodGet, path, ""))
}

var csrfField = regexp.MustCompile(`name="csrf" value="([0-9a-f]{64})"`)

// page gets a page that must be there, following where it sends on, and keeps its form token.
func (b *browser) page(path string) string {
	b.t.Helper()
	for range 5 {
		w := b.get(path)
		if w.Code == http.StatusSeeOther {
			path = w.Header().Get("Location")
			continue
		}
		require.Equal(b.t, http.StatusOK, w.Code, "%s: %s", path, w.Body)
		if m := csrfField.FindStringSubmatch(w.Body.String()); m != nil {
			b.csrf = m[1]
		}
		return w.Body.String()
	}
	b.t.Fatalf("%s leads round in a circle", path)
	return ""
}

// post sends a form's fields, given as names and values.
func (b *browser) post(path string, fields ...string) *httptest.ResponseRecorder {
	v := url.Values{"csrf": {b.csrf}}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	return b.do(b.request(http.MethodPost, path, v.Encode()))
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// form gives the hidden fields of the form of that id on a page.
func form(t *testing.T, page, id string) []string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `id="`+id+`"`)
	require.True(t, ok, "the page has no form %s: %s", id, page)
	rest, _, _ = strings.Cut(rest, "</form>")
	var out []string
	for _, m := range hiddenField.FindAllStringSubmatch(rest, -1) {
		if m[1] != "csrf" {
			out = append(out, m[1], html.UnescapeString(m[2]))
		}
	}
	return out
}

// read gives all of a reader.
func read(t *testing.T, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(data)
}
