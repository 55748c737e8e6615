package review

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// get answers a request that changes nothing.
func (s *Server) get(w http.ResponseWriter, r *request, parts []string) error {
	id := int64(-1)
	if len(parts) > 1 {
		id = number(parts[1], -1)
	}
	switch parts[0] {
	case "":
		return s.home(w, r)
	case "queue":
		if len(parts) == 2 {
			return s.queue(w, r, parts[1])
		}
	case "next":
		if len(parts) == 2 {
			return s.next(w, r, parts[1])
		}
	case "page":
		return s.page(w, r, id)
	case "sheet":
		return s.sheet(w, r, id)
	case "crop", "chip", "close", "around", "enlarged":
		if len(parts) == 3 {
			return s.picture(w, r, parts[0], id, int(number(parts[2], -1)))
		}
	case "tile":
		if len(parts) == 5 {
			return s.tile(w, r, id, int(number(parts[2], -1)), int(number(parts[3], -1)), int(number(parts[4], -1)))
		}
	case "outlines":
		return s.outlines(w, r, id)
	case "print":
		return s.printSheet(w, r, id)
	case "whole":
		return s.whole(w, r, id)
	case "enter":
		return s.enter(w, r, id)
	case "styles":
		return s.styles(w, r)
	case "style", "blank", "targets":
		if len(parts) == 3 {
			return s.style(w, r, parts[0], int(id), int(number(parts[2], -1)))
		}
	case "wall":
		return s.wall(w, r, int(id))
	case "overlay":
		return s.overlay(w, r, int(id))
	case "sheets":
		return s.sheets(w, r)
	case "sample":
		return s.sample(w, r)
	case "differences":
		return s.differences(w, r)
	case "pairs":
		return s.pairs(w, r)
	case "log":
		switch {
		case len(parts) == 1:
			return s.showLog(w, r)
		case len(parts) == 2 && parts[1] == "decisions.jsonl":
			return s.download(w, r)
		}
	case "people":
		return s.people(w, r, "")
	case "help":
		return s.show(w, r, "help", "Help", nil)
	}
	return notThere("page")
}

// post answers a request that changes something.
func (s *Server) post(w http.ResponseWriter, r *request, parts []string) error {
	if parts[0] == "who" {
		return s.setName(w, r)
	}
	if strings.TrimSpace(r.who) == "" {
		return badRequest("Type your name under “People” first: every decision carries one.")
	}
	switch parts[0] {
	case "decide":
		return s.postDecision(w, r)
	case "undo":
		return s.postUndo(w, r)
	case "wall":
		return s.postWall(w, r)
	case "enter":
		return s.postEnter(w, r)
	case "same":
		return s.postSame(w, r)
	case "style":
		return s.postStyle(w, r)
	case "invite":
		return s.people(w, r, s.Address())
	}
	return notThere("action")
}

// frame is what every page has.
type frame struct {
	Title, Election string
	Who, CSRF       string
	Path            string
	People          int
	Blind, Machine  bool
	Pictures        bool
	Styles          bool // the definition is there to look at
	Entries         int
	Head            string
	Run             string // the manifest's hash: which run it is
	Open            int    // subjects that wait for a second person or are disputed
	Body            any
}

// show writes one of the pages.
func (s *Server) show(w http.ResponseWriter, r *request, name, title string, body any) error {
	return s.showCode(w, r, http.StatusOK, name, title, body)
}

func (s *Server) showCode(w http.ResponseWriter, r *request, code int, name, title string, body any) error {
	hash, n := s.Head()
	f := frame{Title: title, Election: s.election.Title, Who: s.guard.named(r.session), CSRF: r.session.csrf, Path: r.URL.RequestURI(), People: s.o.People, Blind: s.o.Blind,
		Machine: s.o.Machine != nil, Pictures: len(s.o.Images) > 0, Styles: s.o.Definition != "", Entries: n, Head: hash, Run: s.o.Run.Manifest, Body: body}
	if s.o.People == 2 {
		s.mu.Lock()
		f.Open = len(s.standing.Open())
		s.mu.Unlock()
	}
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, &f); err != nil {
		return fmt.Errorf("write page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes()) // a browser that went away is no error of ours
	return nil
}

// parsePages reads the pages' texts.
func parsePages() (*template.Template, error) {
	return template.New("pages").Funcs(template.FuncMap{
		"short": func(h string) string { return h[:min(12, len(h))] },
		"when":  func(at string) string { return strings.Replace(at, "T", " ", 1) }, // it may be broken there
		"inc":   func(n int) int { return n + 1 },
		"kind":  kindTitle,
	}).ParseFS(web, "web/*.html")
}

// download gives the log as it stands, to who may see all of it.
func (s *Server) download(w http.ResponseWriter, r *request) error {
	s.mu.Lock()
	all := s.standing.Entries()
	s.mu.Unlock()
	for i := range all {
		if s.unspoken(&all[i], r.who) {
			return &failure{http.StatusForbidden, "The log has what others said of things that you have yet to decide yourself. Its file lies where the review was started; copy it from there when the review is over."}
		}
	}
	f, err := os.Open(s.o.Log)
	if err != nil {
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/jsonl; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="decisions.jsonl"`)
	_, _ = io.Copy(w, f)
	return nil
}

// setName takes the name that a person typed.
func (s *Server) setName(w http.ResponseWriter, r *request) error {
	who := strings.Join(strings.Fields(r.PostFormValue("who")), " ")
	if len(who) > 100 || !strings.ContainsFunc(who, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) || strings.ContainsFunc(who, unicode.IsControl) || !utf8.ValidString(who) {
		return badRequest("Type a name of at most 100 letters.")
	}
	s.guard.name(r.session, who)
	return seeOther(w, r, "/", nil)
}

// people shows who sits here, and a one-time address for one more.
func (s *Server) people(w http.ResponseWriter, r *request, address string) error {
	return s.show(w, r, "people", "People", map[string]any{"Address": address})
}
