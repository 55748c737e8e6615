package review

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"recount/batch"
	"recount/election"
)

// The definition is looked at and changed here as a draft in memory. It is written to a new file beside the old one, and only where
// it is valid; the old one is never written over, and the run goes on with the definition that it was read with.

// definition gives the draft, read from the definition's file the first time. Hold mu.
func (s *Server) definition() (*election.Election, error) {
	if s.o.Definition == "" {
		return nil, notThere("definition: none was given (--election)")
	}
	if s.draft == nil {
		e, err := election.Load(s.o.Definition)
		if err != nil {
			return nil, err
		}
		s.draft = e
	}
	return s.draft, nil
}

// styles lists the definition's pages.
func (s *Server) styles(w http.ResponseWriter, r *request) error {
	s.mu.Lock()
	e, err := s.definition()
	wrote := s.wrote
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.show(w, r, "styles", "Styles", map[string]any{"Styles": e.Styles, "Wrote": wrote, "Same": e.Hash() == s.o.Run.Definition})
}

// styleTarget is a target as the page's script has it. Was is its place in the draft, from 0, or -1 where it is new.
type styleTarget struct {
	Was     int     `json:"was"`
	Contest string  `json:"contest"`
	Choice  string  `json:"choice"`
	Rank    int     `json:"rank"`
	X       float64 `json:"x"`
	Y       float64 `json:"y"`
	W       float64 `json:"w"`
	H       float64 `json:"h"`
	Shape   string  `json:"shape"`
}

// style shows one page of a style, its blank, or its targets for the script.
func (s *Server) style(w http.ResponseWriter, r *request, what string, style, page int) error {
	s.mu.Lock()
	e, err := s.definition()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if style < 0 || style >= len(e.Styles) || e.Styles[style].Page(page) == nil {
		return notThere("style's page")
	}
	p := e.Styles[style].Page(page)
	switch what {
	case "blank":
		return s.shared(w, r, p.Picture.SHA256, func() ([]byte, error) { return batch.BlankPNG(s.o.Definition, p.Picture) })
	case "targets":
		var out struct {
			DPI      float64            `json:"dpi"`
			Width    int                `json:"width"`
			Height   int                `json:"height"`
			Targets  []styleTarget      `json:"targets"`
			Contests []election.Contest `json:"contests"`
		}
		out.DPI, out.Width, out.Height, out.Contests = p.Picture.DPI, p.Picture.Width, p.Picture.Height, e.Contests
		for i, t := range p.Targets {
			out.Targets = append(out.Targets, styleTarget{i, t.Contest, t.Choice, t.Rank, t.X, t.Y, t.W, t.H, string(t.Shape)})
		}
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(out)
	}
	return s.showStyle(w, r, http.StatusOK, e, style, page, "", "", "")
}

func (s *Server) showStyle(w http.ResponseWriter, r *request, code int, e *election.Election, style, page int, wrong, done, said string) error {
	st := &e.Styles[style]
	return s.showCode(w, r, code, "style", "Style "+st.ID, map[string]any{"Style": style, "ID": st.ID, "Page": st.Page(page), "Contests": e.Contests, "Wrong": wrong, "Done": done, "Said": said, "Seen": pageHash(st.Page(page))})
}

// maxTargets bounds a page's targets, as they come from a browser.
const maxTargets = 5000

// postStyle takes what a person changed of a page into the draft, and writes the draft where that is asked for.
func (s *Server) postStyle(w http.ResponseWriter, r *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.definition()
	if err != nil {
		return err
	}
	style, page := int(number(r.PostFormValue("style"), -1)), int(number(r.PostFormValue("page"), -1))
	if style < 0 || style >= len(e.Styles) || e.Styles[style].Page(page) == nil {
		return notThere("style's page")
	}
	if r.PostFormValue("seen") != pageHash(e.Styles[style].Page(page)) {
		s.mu.Unlock()
		defer s.mu.Lock()
		return s.showStyle(w, r, http.StatusConflict, e, style, page, "somebody else changed this page since you opened it. Here it is as they left it: make your change again.", "", "")
	}
	next, err := copyElection(e)
	if err != nil {
		return err
	}
	var said []styleTarget
	if err := json.Unmarshal([]byte(r.PostFormValue("targets")), &said); err != nil || len(said) > maxTargets {
		return badRequest("The page's targets could not be read.")
	}
	p := next.Styles[style].Page(page)
	if p.Targets, err = changedTargets(p.Targets, said); err != nil {
		return badRequest("%v.", err)
	}
	if err := addNames(next, r); err != nil {
		return badRequest("%v.", err)
	}
	done := ""
	err = next.Check()
	if err == nil {
		s.draft, e = next, next
		done = "The page is changed in the draft. Nothing is written until you ask for a new file."
		if r.PostFormValue("do") == "write" {
			var name string
			if name, err = writeBeside(s.o.Definition, next); err == nil {
				s.wrote = name
				done = "Written as " + name + ". Look at its proofs (recount template check), and read the scans again with it."
			}
		}
	}
	code, wrong, kept := http.StatusOK, "", ""
	if err != nil {
		code, wrong, kept = http.StatusBadRequest, err.Error(), r.PostFormValue("targets")
	}
	s.mu.Unlock()
	defer s.mu.Lock() // the page's frame asks for the log's head
	return s.showStyle(w, r, code, e, style, page, wrong, done, kept)
}

// pageHash tells whether a page of the draft is still as a person saw it.
func pageHash(p *election.Page) string {
	data, _ := json.Marshal(p.Targets) // numbers and texts always have a form
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}

// copyElection is a copy that shares nothing.
func copyElection(e *election.Election) (*election.Election, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	out := new(election.Election)
	return out, json.Unmarshal(data, out)
}

// changedTargets are a page's targets as a person left them. One that was not moved keeps its place on the page's grid.
func changedTargets(old []election.Target, said []styleTarget) ([]election.Target, error) {
	var out []election.Target
	for i, t := range said {
		for _, v := range []float64{t.X, t.Y, t.W, t.H} {
			if math.IsNaN(v) || v < 0 || v > 100 {
				return nil, fmt.Errorf("target %d lies off the page", i+1)
			}
		}
		n := election.Target{Contest: t.Contest, Choice: t.Choice, Rank: t.Rank, X: election.RoundInches(t.X), Y: election.RoundInches(t.Y), W: election.RoundInches(t.W), H: election.RoundInches(t.H), Shape: election.Shape(t.Shape)}
		if t.Was >= 0 && t.Was < len(old) {
			if o := old[t.Was]; math.Abs(o.X-t.X) < 1e-4 && math.Abs(o.Y-t.Y) < 1e-4 {
				n.X, n.Y, n.Column, n.Row = o.X, o.Y, o.Column, o.Row
			}
		}
		out = append(out, n)
	}
	return out, nil
}

// addNames adds the contest or choice that a person typed, or gives a choice another name.
func addNames(e *election.Election, r *request) error {
	text := func(key string) string { return strings.Join(strings.Fields(r.PostFormValue(key)), " ") }
	if title := text("contest_title"); title != "" {
		n := int(number(text("vote_for"), 1))
		id := fresh(election.Slug(title), func(id string) bool { return e.Contest(id) != nil })
		e.Contests = append(e.Contests, election.Contest{ID: id, Title: title, VoteFor: n, Choices: []election.Choice{{ID: "choice-1", Name: "Choice 1"}}})
	}
	name, contest := text("choice_name"), e.Contest(text("choice_contest"))
	if name == "" {
		return nil
	}
	if contest == nil {
		return errors.New("say which contest the choice belongs to")
	}
	if old := contest.Choice(text("choice_old")); old != nil {
		old.Name, old.Party = name, text("choice_party")
		return nil
	}
	id := fresh(election.Slug(name), func(id string) bool { return contest.Choice(id) != nil })
	contest.Choices = append(contest.Choices, election.Choice{ID: id, Name: name, Party: text("choice_party"), WriteIn: r.PostFormValue("choice_write_in") != ""})
	return nil
}

// fresh is an id that is not taken.
func fresh(id string, taken func(string) bool) string {
	if id == "" {
		id = "x"
	}
	for n, try := 2, id; ; n++ {
		if !taken(try) {
			return try
		}
		try = fmt.Sprintf("%s-%d", id, n)
	}
}

// writeBeside writes a definition under a new name beside the old one, where its blanks are, and gives the name.
func writeBeside(old string, e *election.Election) (string, error) {
	dir, base := filepath.Dir(old), strings.TrimSuffix(filepath.Base(old), filepath.Ext(old))
	if i := strings.LastIndex(base, "-changed-"); i > 0 {
		base = base[:i]
	}
	for n := 1; n < 10_000; n++ {
		path := filepath.Join(dir, fmt.Sprintf("%s-changed-%d.json", base, n))
		// The name is taken first, so that no file that is there can be written over.
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("write the definition: %w", err)
		}
		if err := f.Close(); err != nil {
			return "", fmt.Errorf("write the definition: %w", err)
		}
		if err := e.Write(path); err != nil {
			return "", errors.Join(err, os.Remove(path))
		}
		return path, nil
	}
	return "", errors.New("write the definition: too many changed definitions lie there already: move some away")
}
