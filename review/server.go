package review

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"recount/audit"
	"recount/batch"
	"recount/cvr"
)

// Options say what is reviewed and how.
type Options struct {
	Run    *batch.FinishedRun
	Images []string // the run's scans as given to read; none means no pictures
	Log    string   // path of the log of decisions, made where it is missing; the index lies beside it
	// People is how many must say the same before a decision counts, 1 or 2. Blind hides every answer from a person who has not
	// decided yet.
	People int
	Blind  bool
	// Machine is the run beside a machine's records, or nil.
	Machine *audit.SheetComparison
	// Definition is the election's file with its blanks beside it, for looking at styles; empty shows none.
	Definition string
	Program    string // name and version, as it stands in the log
	Port       int    // on the loopback addresses; 0 takes a free one
	Now        func() time.Time
	Progress   func(batch.Progress)
}

// Server shows a run to the people at this computer.
type Server struct {
	*desk
	guard     *guard
	listeners []net.Listener
	http      *http.Server
	pages     *template.Template
	port      string
}

// openPath takes a one-time token for a cookie.
const openPath = "/open"

//go:embed web
var web embed.FS

// New opens the run's index (made first where there is none: a walk through the whole ledger) and log, and listens on the loopback
// addresses. Close it when done.
func New(o Options) (*Server, error) {
	if o.People != 1 && o.People != 2 {
		return nil, fmt.Errorf("review: %d people cannot agree on a decision: say 1 or 2", o.People)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d, err := openDesk(o)
	if err != nil {
		return nil, err
	}
	s := &Server{desk: d}
	if s.pages, err = parsePages(); err != nil {
		d.close()
		return nil, err
	}
	if s.listeners, err = listen(o.Port); err != nil {
		d.close()
		return nil, err
	}
	_, s.port, _ = net.SplitHostPort(s.listeners[0].Addr().String())
	s.guard = newGuard(s.port)
	s.http = &http.Server{Handler: s, DisableGeneralOptionsHandler: true, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
	return s, nil
}

// listen takes a port on the loopback addresses: on IPv4, and on IPv6 where the machine has it and the port is free there too.
func listen(port int) ([]net.Listener, error) {
	first, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("review: listen: %w: give another --port, or none", err)
	}
	out := []net.Listener{first}
	_, taken, _ := net.SplitHostPort(first.Addr().String())
	if second, err := net.Listen("tcp6", net.JoinHostPort("::1", taken)); err == nil {
		out = append(out, second)
	}
	return out, nil
}

// Address is a one-time address: the browser that opens it first may look and decide.
func (s *Server) Address() string {
	return "http://127.0.0.1:" + s.port + openPath + "?token=" + s.guard.invite()
}

// Head is the hash of the log's last entry, and how many entries it has.
func (s *Server) Head() (hash string, entries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Log().Head, len(s.log.Log().Entries)
}

// Serve answers until the context ends.
func (s *Server) Serve(ctx context.Context) error {
	done := make(chan error, len(s.listeners))
	for _, l := range s.listeners {
		go func() { done <- s.http.Serve(l) }()
	}
	select {
	case err := <-done:
		return errors.Join(err, s.Close())
	case <-ctx.Done():
	}
	return s.Close()
}

// Close ends the server. Every decision that was shown as made is on the disk already.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	for _, l := range s.listeners {
		l.Close()
	}
	return errors.Join(err, s.close())
}

// request is one request that was let in.
type request struct {
	*http.Request
	session *session
	who     string
}

// failure is an answer other than a page.
type failure struct {
	code int
	text string
}

func (f *failure) Error() string { return f.text }

func notThere(what string) error {
	return &failure{http.StatusNotFound, "There is no such " + what + "."}
}

func badRequest(format string, args ...any) error {
	return &failure{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// maxForm bounds a post, in bytes. A style's targets are the largest.
const maxForm = 1 << 20

// ServeHTTP lets a request in or refuses it, and answers it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	headers(w)
	if why := s.guard.why(r); why != "" {
		s.refuse(w, http.StatusForbidden, why)
		return
	}
	if r.URL.Path == openPath {
		if r.Method != http.MethodGet { // who asks otherwise shows nobody a page: the address stays good
			s.refuse(w, http.StatusForbidden, "Open this address in a browser.")
			return
		}
		s.open(w, r)
		return
	}
	if name, ok := strings.CutPrefix(r.URL.Path, "/static/"); ok && r.Method != http.MethodPost {
		s.static(w, name)
		return
	}
	session := s.guard.session(r)
	if session == nil {
		s.refuse(w, http.StatusUnauthorized, "Open the address that the program printed. It is good once; another one is made under “People” in a browser that is in.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if r.Method == http.MethodPost {
		if err := r.ParseForm(); err != nil {
			s.refuse(w, http.StatusBadRequest, "The form could not be read.")
			return
		}
		if forged(session, r) {
			s.refuse(w, http.StatusForbidden, "This form is not one of this server's. Load the page again.")
			return
		}
	}
	s.answer(w, &request{r, session, s.guard.named(session)})
}

// open exchanges a one-time token for a cookie.
func (s *Server) open(w http.ResponseWriter, r *http.Request) {
	value, ok := s.guard.enter(r.URL.Query().Get("token"))
	if !ok {
		if s.guard.session(r) != nil { // the same address, opened again by who is in already
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		s.refuse(w, http.StatusForbidden, "This address was used already, or is not one that the program printed. Start the program again for a new one.")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: s.guard.cookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// static gives one of the program's own files. The name is looked up in a list, never opened.
func (s *Server) static(w http.ResponseWriter, name string) {
	types := map[string]string{"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8", "style.js": "text/javascript; charset=utf-8",
		"vendor/openseadragon-5.0.1.min.js": "text/javascript; charset=utf-8"}
	kind, ok := types[name]
	data, err := fs.ReadFile(web, "web/"+name)
	if !ok || err != nil {
		s.refuse(w, http.StatusNotFound, "There is no such file.")
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=3600")
	_, _ = w.Write(data)
}

// refuse answers with a plain page that says why.
func (s *Server) refuse(w http.ResponseWriter, code int, why string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_ = s.pages.ExecuteTemplate(w, "refused", map[string]any{"Why": why, "Code": code})
}

// answer finds the handler of a path. The path's parts are numbers and words of ours: none is ever a file's name.
func (s *Server) answer(w http.ResponseWriter, r *request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var err error
	if r.Method == http.MethodPost {
		err = s.post(w, r, parts)
	} else {
		err = s.get(w, r, parts)
	}
	if err == nil {
		return
	}
	var f *failure
	switch {
	case errors.As(err, &f):
		s.refuse(w, f.code, f.text)
	case errors.Is(err, batch.ErrNotThere):
		s.refuse(w, http.StatusNotFound, "There is no such page, sheet or target in this run.")
	default:
		s.refuse(w, http.StatusInternalServerError, "This did not work: "+err.Error())
	}
}

// number reads a number of a path or query; where it is none, the fallback.
func number(text string, fallback int64) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fallback
	}
	return n
}

// seeOther sends the browser on to a page of ours.
func seeOther(w http.ResponseWriter, r *request, path string, query url.Values) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	http.Redirect(w, r.Request, path, http.StatusSeeOther)
	return nil
}

// header is what the log begins with.
func (o *Options) header() cvr.LogHeader {
	return cvr.LogHeader{Program: o.Program, When: o.Now().UTC().Format(time.RFC3339), Definition: o.Run.Definition, Manifest: o.Run.Manifest, People: o.People, Blind: o.Blind}
}
