package review

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAddressIsGoodOnce(t *testing.T) {
	s := serve(t, options(t))
	address, err := url.Parse(s.Address())
	require.NoError(t, err)
	b := &browser{t: t, s: s}
	assert.Equal(t, http.StatusUnauthorized, b.get("/").Code, "without an address nothing is shown")
	assert.Equal(t, http.StatusForbidden, b.get("/open?token="+strings.Repeat("0", 64)).Code)
	assert.Equal(t, http.StatusForbidden, b.get("/open").Code)
	w := b.get(address.RequestURI())
	require.Equal(t, http.StatusSeeOther, w.Code)
	assert.Equal(t, "/", w.Header().Get("Location"))
	cookie := w.Header().Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Strict", "Path=/", "recount_review_" + s.port} {
		assert.Contains(t, cookie, part)
	}
	assert.Equal(t, http.StatusForbidden, b.get(address.RequestURI()).Code, "the second time it is no good")
	b.cookie = strings.Split(cookie, ";")[0]
	assert.Equal(t, http.StatusOK, b.get("/").Code)
	b.cookie = "recount_review_" + s.port + "=" + strings.Repeat("0", 64)
	assert.Equal(t, http.StatusUnauthorized, b.get("/").Code)
}

// What looks at the address without opening it, as programs that preview links do, does not use it up.
func TestOnlyOpeningUsesTheAddress(t *testing.T) {
	s := serve(t, options(t))
	b := &browser{t: t, s: s}
	address := strings.TrimPrefix(s.Address(), "http://127.0.0.1:"+s.port)
	for _, method := range []string{http.MethodHead, http.MethodPost, http.MethodOptions} {
		w := b.do(b.request(method, address, ""))
		assert.Equal(t, http.StatusForbidden, w.Code, method)
		assert.Empty(t, w.Header().Get("Set-Cookie"), method)
	}
	assert.Equal(t, http.StatusSeeOther, b.get(address).Code)
	assert.Equal(t, http.StatusForbidden, b.get(address).Code)
}

func TestAttacksAreRefused(t *testing.T) {
	s := serve(t, options(t))
	b := visit(t, s, "Ann")
	secret := "/etc/passwd"
	_, err := os.Stat(secret)
	require.NoError(t, err)
	entries := func() int { _, n := s.Head(); return n }
	page := b.page("/next/questions")
	fields := append(form(t, page, "decide"), "answer", "vote")
	good := func() *http.Request {
		v := url.Values{"csrf": {b.csrf}}
		for i := 0; i+1 < len(fields); i += 2 {
			v.Add(fields[i], fields[i+1])
		}
		return b.request(http.MethodPost, "/decide", v.Encode())
	}
	for _, c := range []struct {
		name   string
		change func(r *http.Request)
		want   int
	}{
		{"a post from another site", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 403},
		{"a post from another port of this machine", func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:1") }, 403},
		{"a post from a page without origin", func(r *http.Request) { r.Header.Set("Origin", "null") }, 403},
		{"a post that does not say where from", func(r *http.Request) { r.Header.Del("Origin"); r.Header.Del("Sec-Fetch-Site") }, 403},
		{"a post that the browser calls cross-site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{"a post that the browser calls same-site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, 403},
		{"a name that was pointed here (DNS rebinding)", func(r *http.Request) {
			r.Host = "evil.example:" + s.port
			r.Header.Set("Origin", "http://evil.example:"+s.port)
		}, 403},
		{"another port's name", func(r *http.Request) { r.Host = "127.0.0.1:1"; r.Header.Set("Origin", "http://127.0.0.1:1") }, 403},
		{"from another machine", func(r *http.Request) { r.RemoteAddr = "192.0.2.7:5000" }, 403},
		{"without the cookie", func(r *http.Request) { r.Header.Del("Cookie") }, 401},
		{"another method", func(r *http.Request) { r.Method = http.MethodPut }, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := good()
			c.change(r)
			w := b.do(r)
			assert.Equal(t, c.want, w.Code, w.Body)
			assert.Zero(t, entries(), "nothing was logged")
			assert.Contains(t, w.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'")
		})
	}
	t.Run("a wrong form token", func(t *testing.T) {
		kept := b.csrf
		b.csrf = strings.Repeat("0", 64)
		assert.Equal(t, 403, b.post("/decide", fields...).Code)
		b.csrf = ""
		assert.Equal(t, 403, b.post("/decide", fields...).Code)
		b.csrf = kept
		assert.Zero(t, entries())
	})
	t.Run("another browser's form token", func(t *testing.T) {
		other := visit(t, s, "Bob")
		kept := b.csrf
		b.csrf = other.csrf
		assert.Equal(t, 403, b.post("/decide", fields...).Code)
		b.csrf = kept
	})
	t.Run("a form too large", func(t *testing.T) {
		assert.Equal(t, 400, b.post("/decide", "typed", strings.Repeat("x", maxForm)).Code)
	})
	t.Run("another origin's frame or picture", func(t *testing.T) {
		for _, dest := range []string{"iframe", "image", "script"} {
			r := b.request(http.MethodGet, "/", "")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Dest", dest)
			assert.Equal(t, 403, b.do(r).Code, dest)
		}
		w := b.get("/")
		assert.Equal(t, "DENY", w.Header().Get("X-Frame-Options"))
		assert.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'self'; script-src 'self'; style-src 'self'")
		assert.NotContains(t, w.Header().Get("Content-Security-Policy"), "unsafe")
	})
	t.Run("paths that lead out", func(t *testing.T) {
		for _, p := range []string{"/static/../../../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd", "/static/frame.html", "/static/../frame.html",
			"/page/..%2f..%2fetc%2fpasswd", "/crop/1/..%2f..", "/tile/1/0/0/..%2f..%2fetc%2fpasswd", "/log/../../etc/passwd", "/queue/..", "/page/-1", "/page/99999999999999999999", "/tile/1/-1/0/0", "/tile/1/0/70000/0"} {
			w := b.get(p)
			assert.Equal(t, http.StatusNotFound, w.Code, p)
			assert.NotContains(t, w.Body.String(), "root:", p)
		}
		assert.Equal(t, 200, b.get("/static/desk.css").Code)
	})
	assert.Zero(t, entries())
	assert.Equal(t, http.StatusSeeOther, b.do(good()).Code, "the same post from our own page is taken")
	assert.Equal(t, 1, entries())
}

func TestNamesAreText(t *testing.T) {
	s := serve(t, options(t))
	b := visit(t, s, `<script>alert("who")</script>`)
	for _, path := range []string{"/", "/queue/refused", "/next/refused", "/sheets?name=%3Cscript%3Ealert(2)%3C/script%3E", "/sheets?outcome=refused", "/sample?seed=%3Cscript%3E&n=3", "/log", "/people"} {
		body := b.page(path)
		assert.NotContains(t, body, "<script>alert", path)
		assert.NotContains(t, body, "<img src=x", path)
	}
	assert.Contains(t, b.page("/queue/refused"), "zz-&lt;img src=x onerror=alert(1)&gt;.jpg")
	require.Equal(t, http.StatusSeeOther, b.post("/decide", append(form(t, b.page("/next/refused"), "decide"), "typed", "</td><script>alert(3)</script>")...).Code)
	assert.NotContains(t, b.page("/log"), "<script>alert")
}

func TestOnlyLoopbackListens(t *testing.T) {
	s := serve(t, options(t))
	for _, l := range s.listeners {
		assert.True(t, l.Addr().(*net.TCPAddr).IP.IsLoopback(), l.Addr())
	}
	w, err := http.Get("http://127.0.0.1:" + s.port + "/")
	require.NoError(t, err)
	defer w.Body.Close()
	assert.Equal(t, http.StatusUnauthorized, w.StatusCode)
	r, err := http.NewRequest(http.MethodOptions, "http://127.0.0.1:"+s.port+"/", nil)
	require.NoError(t, err)
	r.URL.Opaque = "*" // which Go answers by itself where it is let
	all, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer all.Body.Close()
	assert.Equal(t, http.StatusForbidden, all.StatusCode)
	_, err = New(func() Options { o := options(t); o.Port = int(number(s.port, 0)); return o }())
	assert.ErrorContains(t, err, "--port")
}
