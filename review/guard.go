package review

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// secret is 32 random bytes as hex.
func secret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails: the program would have been stopped
	return hex.EncodeToString(b)
}

// session is one browser that came with a one-time address.
type session struct {
	csrf string
	who  string // as typed; empty until then
}

// guard lets through who may: a request to this server by its own name, from a browser that was given an address of it, and no
// post that another site sent.
type guard struct {
	hosts  map[string]bool // as a browser on this machine names the server
	cookie string          // its name: cookies of other ports of the machine come along too

	mu       sync.Mutex
	tokens   map[[32]byte]bool     // hashes of one-time tokens that were not used yet
	sessions map[[32]byte]*session // by the cookie's hash
}

// maxSessions bounds how many browsers and unused addresses there are.
const maxSessions = 200

func newGuard(port string) *guard {
	g := &guard{hosts: map[string]bool{}, cookie: "recount_review_" + port, tokens: map[[32]byte]bool{}, sessions: map[[32]byte]*session{}}
	for _, h := range []string{"127.0.0.1", "localhost", "::1"} {
		g.hosts[net.JoinHostPort(h, port)] = true
	}
	return g
}

// invite makes a one-time token, or "" where too many wait to be used.
func (g *guard) invite() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.tokens) >= maxSessions {
		return ""
	}
	t := secret()
	g.tokens[sha256.Sum256([]byte(t))] = true
	return t
}

// enter takes a one-time token and gives the cookie's value for it. A token is good once.
func (g *guard) enter(token string) (value string, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := sha256.Sum256([]byte(token)) // a map's search takes as long for a hash nearly right
	if !g.tokens[key] || len(g.sessions) >= maxSessions {
		return "", false
	}
	delete(g.tokens, key)
	value = secret()
	g.sessions[sha256.Sum256([]byte(value))] = &session{csrf: secret()}
	return value, true
}

// session is that of the request's cookie, or nil.
func (g *guard) session(r *http.Request) *session {
	c, err := r.Cookie(g.cookie)
	if err != nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sessions[sha256.Sum256([]byte(c.Value))]
}

// name sets who sits at a browser, and named gives it.
func (g *guard) name(s *session, who string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s.who = who
}

func (g *guard) named(s *session) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return s.who
}

// policy is what a page of the server may load: nothing but the server's own. Styles are set by OpenSeadragon through the object
// model, which the policy does not concern.
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// headers stand on every answer, refusals too.
func headers(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	// With no-referrer a browser would send our own forms with the origin "null".
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// why says why a request is refused before anybody looks who sent it, or "".
func (g *guard) why(r *http.Request) string {
	if !loopback(r.RemoteAddr) {
		return "This page is only for people at this computer."
	}
	// A name that some other site had pointed at this machine would make the browser take us for that site.
	if !g.hosts[strings.ToLower(r.Host)] {
		return "This server answers to the address that was printed, and to no other name."
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		// Another site's page may link to the printed address, but must not load pictures or frames of it.
		if s := r.Header.Get("Sec-Fetch-Site"); s == "cross-site" || s == "same-site" {
			if r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" || r.URL.Path != openPath {
				return "Another site's page asked for this."
			}
		}
	case http.MethodPost:
		if s := r.Header.Get("Sec-Fetch-Site"); s != "" && s != "same-origin" {
			return "Another site's page sent this."
		}
		o, err := url.Parse(r.Header.Get("Origin"))
		if err != nil || o.Scheme != "http" || !strings.EqualFold(o.Host, r.Host) {
			return "Another site's page sent this, or a program that does not say where it comes from."
		}
	default:
		return "The server is asked with GET and POST only."
	}
	return ""
}

// forged says whether a post lacks its session's token.
func forged(s *session, r *http.Request) bool {
	return subtle.ConstantTimeCompare([]byte(s.csrf), []byte(r.PostFormValue("csrf"))) != 1
}

// loopback says whether an address is of this machine.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
