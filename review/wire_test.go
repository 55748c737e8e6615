package review

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// wired is a browser without a screen that speaks to a server over the network.
type wired struct {
	t    *testing.T
	c    *http.Client
	base string
}

// wire opens a one-time address and types a name.
func wire(t *testing.T, address string) *wired {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	u, err := url.Parse(address)
	require.NoError(t, err)
	w := &wired{t: t, c: &http.Client{Jar: jar}, base: "http://" + u.Host}
	r, err := w.c.Get(address)
	require.NoError(t, err)
	page := read(t, r.Body)
	r.Body.Close()
	require.Equal(t, http.StatusOK, w.post("/who", page, "who", "Ann"))
	return w
}

func (w *wired) post(path, page string, fields ...string) int {
	v := url.Values{"csrf": {csrfField.FindStringSubmatch(page)[1]}}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, w.base+path, strings.NewReader(v.Encode()))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", w.base)
	a, err := w.c.Do(r)
	require.NoError(w.t, err)
	defer a.Body.Close()
	return a.StatusCode
}

// decide says of the next question that it is a vote, and gives whether the server answered that it stands.
func (w *wired) decide() bool {
	r, err := w.c.Get(w.base + "/next/questions")
	require.NoError(w.t, err)
	page := read(w.t, r.Body)
	r.Body.Close()
	if !strings.Contains(page, `id="decide"`) {
		return false
	}
	return w.post("/decide", page, append(form(w.t, page, "decide"), "answer", "vote")...) == http.StatusOK
}
