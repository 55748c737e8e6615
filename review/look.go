package review

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"net/http"
	"net/url"
	"strings"

	"recount/audit"
	"recount/batch"
	"recount/cvr"
	"recount/election"
	"recount/vote"
)

// reasons are what a decision is given for, to be taken from a list.
var reasons = []string{"filled or crossed as asked", "marked another way, the intent is clear", "stray mark, pen rest or smudge", "erased or crossed out",
	"dust, fold or damage, no mark", "a name is written in", "nobody can tell"}

// plainReason is logged where no reason was chosen.
const plainReason = "as the picture shows"

// pageView is what the page of one page shows.
type pageView struct {
	Page     *batch.Page
	Outcome  string // with its reason
	Sheet    batch.SheetRow
	Pages    []*batch.Page
	Targets  []seen
	Current  *seen
	Contest  []*seen       // the current target's contest on this page
	Result   *vote.Contest // what becomes of it as decided so far
	Machine  []audit.SheetDifference
	Agrees   bool // the machine's record was compared and this contest does not differ
	Unseen   bool // the machine's answer is hidden until this person decided all of the contest
	Refused  bool
	Verdict  cvr.Verdict // of the page, where it was refused
	Refusal  *refusalView
	Mine     *cvr.LogEntry
	Unsaid   bool   // this person must not see what others said of the page
	NoImage  string // why there is no picture at all
	Queue    string
	Group    string
	At       string
	Reasons  []string
	Conflict *conflict
	Back     bool // the person took back what they said here
	Styles   []election.Style
	Version  int // of the log: pictures of another version are other pictures
}

// outline is one target on the upright picture.
type outline struct {
	N      int    `json:"n"`
	X      int    `json:"x"`
	Y      int    `json:"y"`
	W      int    `json:"w"`
	H      int    `json:"h"`
	Answer string `json:"answer"`
	Label  string `json:"label"`
	Now    bool   `json:"now"`
}

// page shows one page of a sheet.
func (s *Server) page(w http.ResponseWriter, r *request, id int64) error {
	v, err := s.view(r, id, int(number(r.URL.Query().Get("target"), 0)))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v.Queue, v.Group, v.At, v.Back = q.Get("queue"), q.Get("group"), q.Get("at"), q.Get("back") == "1"
	return s.show(w, r, "page", v.Page.Image, v)
}

// sheet sends on to a sheet's first page.
func (s *Server) sheet(w http.ResponseWriter, r *request, id int64) error {
	pages, err := s.index.PagesOf(id)
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		return batch.ErrNotThere
	}
	return seeOther(w, r, fmt.Sprintf("/page/%d", pages[0].ID), nil)
}

// view gathers what the page of one page shows. target counts from 1; 0 takes the first that is in question.
func (s *Server) view(r *request, id int64, target int) (*pageView, error) {
	p, err := s.index.PageByID(id)
	if err != nil {
		return nil, err
	}
	v := &pageView{Page: p, Outcome: s.outcome(p.Outcome, p.Reason), Refused: p.Outcome == string(batch.Refused), Reasons: reasons, Styles: s.election.Styles}
	_, v.Version = s.Head()
	if v.Sheet, err = s.index.SheetByID(p.SheetID); err != nil {
		return nil, err
	}
	if v.Pages, err = s.index.PagesOf(p.SheetID); err != nil {
		return nil, err
	}
	if len(s.o.Images) == 0 {
		v.NoImage = "the scans were not given (--images)"
	}
	if v.Refused {
		v.Refusal = s.refusal(p)
		v.Verdict = s.verdict(cvr.PageSubject(p.Image))
		v.Mine, v.Unsaid = mine(&v.Verdict, r.who), s.unsaid(&v.Verdict, r.who)
	}
	if p.Number == 0 || p.Style == "" {
		return v, nil
	}
	decided, err := s.index.Sheet(p.SheetID)
	if errors.Is(err, batch.ErrNotThere) {
		return v, nil // a duplicate: read, and not counted
	}
	if err != nil {
		return nil, err
	}
	v.Targets = s.look(p, decided, r.who)
	v.choose(target, s.o.Blind)
	if v.Current != nil {
		s.contest(v, decided)
	}
	return v, nil
}

// outcome says a page's or sheet's outcome with its reason. In a blind review it does not say that something is in question.
func (s *Server) outcome(outcome, reason string) string {
	switch {
	case s.o.Blind && outcome == string(batch.Questions):
		return string(batch.Counted)
	case outcome == string(batch.Refused) || reason == "":
		return outcome // of a refused page the reason is told at length
	}
	return outcome + ": " + reason
}

// choose takes the current target: the one asked for, else the first in question; in a blind review, which says nothing of what is in
// question, the first that the person has not decided.
func (v *pageView) choose(target int, blind bool) {
	for i := range v.Targets {
		t := &v.Targets[i]
		if t.Number == target {
			v.Current = t
		}
	}
	for i := range v.Targets {
		if t := &v.Targets[i]; v.Current == nil && (blind && t.Hidden || !blind && t.Reading.Answer == vote.Questionable && t.Verdict.State != cvr.Decided) {
			v.Current = t
		}
	}
	if v.Current == nil && len(v.Targets) > 0 {
		v.Current = &v.Targets[0]
	}
}

// contest fills in the current target's contest: its other targets, its result as decided so far, the machine's record.
func (s *Server) contest(v *pageView, decided *vote.Sheet) {
	c := v.Current.Contest
	for i := range v.Targets {
		if v.Targets[i].Contest.ID == c.ID {
			v.Contest = append(v.Contest, &v.Targets[i])
		}
	}
	if ruled, err := s.ruled(v.Pages, decided); err == nil {
		for i := range ruled.Contests {
			if ruled.Contests[i].Contest == c.ID {
				v.Result = &ruled.Contests[i]
			}
		}
	}
	hidden := false
	for _, t := range v.Contest {
		hidden = hidden || t.Hidden
	}
	if hidden {
		v.Result = nil
	}
	if s.o.Machine == nil {
		return
	}
	v.Unseen = hidden // it tells of all of the contest
	if v.Unseen {
		return
	}
	label := audit.Label(s.election, c)
	for _, i := range s.machine[v.Sheet.Name] {
		if d := s.o.Machine.Differences[i]; d.Contest == label {
			v.Machine = append(v.Machine, d)
		}
	}
	v.Agrees = len(v.Machine) == 0 && !s.alone[v.Sheet.Name]
}

// ruled is a sheet with what was decided of its targets in place of what was read.
func (s *Server) ruled(pages []*batch.Page, decided *vote.Sheet) (vote.Sheet, error) {
	var rulings []vote.Ruling
	for i := range decided.Readings {
		k := &decided.Readings[i]
		for _, p := range pages {
			if p.Number != k.Page {
				continue
			}
			if d := s.verdict(cvr.TargetSubject(p.Image, k.Target+1)); d.State == cvr.Decided {
				rulings = append(rulings, vote.Ruling{Page: k.Page, Target: k.Target, Answer: vote.Answer(d.Entry.Answer), Reason: d.Entry.Reason})
			}
		}
	}
	style := s.election.Style(decided.Style)
	if style == nil {
		return vote.Sheet{}, fmt.Errorf("the definition has no style %s", decided.Style)
	}
	return decided.Rule(s.election, style, rulings)
}

// outlines gives, for the page's script, the picture's size and where its targets lie on it. It is asked for by itself: the picture
// has to be decoded for it, and the page does not wait for that.
func (s *Server) outlines(w http.ResponseWriter, r *request, id int64) error {
	v, err := s.view(r, id, int(number(r.URL.Query().Get("target"), 0)))
	if err != nil {
		return err
	}
	var out struct {
		batch.PictureSize
		Error string
		Marks []outline
	}
	if out.PictureSize, err = s.scans.Size(v.Page); err != nil {
		out.Error = "There is no picture: " + err.Error() + "."
	}
	for i := range v.Targets {
		if out.Error != "" {
			break
		}
		t := &v.Targets[i]
		m := t.Reading.Mark
		box, err := s.scans.Place(v.Page, image.Rect(m.X, m.Y, m.X+m.W, m.Y+m.H))
		if err != nil {
			return err
		}
		o := outline{N: t.Number, X: box.Min.X, Y: box.Min.Y, W: box.Dx(), H: box.Dy(), Answer: string(t.Answer), Now: t == v.Current}
		if t.Hidden {
			o.Answer = "hidden"
		}
		o.Label = fmt.Sprintf("%s: %s, %s", t.Contest.Title, t.Choice.Name, o.Answer)
		out.Marks = append(out.Marks, o)
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(out)
}

// postDecision logs one decision and goes on.
func (s *Server) postDecision(w http.ResponseWriter, r *request) error {
	p, err := s.index.PageByID(number(r.PostFormValue("page"), -1))
	if err != nil {
		return err
	}
	listed := strings.TrimSpace(r.PostFormValue("reason"))
	if listed == "" || listed == undone {
		listed = plainReason
	}
	reason, err := typed(r, listed)
	if err != nil {
		return err
	}
	e := cvr.LogEntry{Who: r.who, Image: p.Image, SHA256: p.SHA256, Reason: reason}
	row, err := s.index.SheetByID(p.SheetID)
	if err != nil {
		return err
	}
	e.Sheet = row.Name
	target := int(number(r.PostFormValue("target"), 0))
	switch act := cvr.LogAct(r.PostFormValue("act")); act {
	case cvr.ActNotBallot:
		if p.Outcome != string(batch.Refused) {
			return badRequest("This page was read: decide its targets.")
		}
		e.Act, e.Answer, e.Before = act, string(act), string(batch.Refused)
		target = 0
	case cvr.ActTarget, "":
		t, err := s.target(p, target, r.who)
		if err != nil {
			return err
		}
		t.fill(&e, p)
		e.Answer, e.Name = r.PostFormValue("answer"), strings.Join(strings.Fields(r.PostFormValue("name")), " ")
	default:
		return badRequest("There is no such kind of decision.")
	}
	e.N, e.When = 0, "2000-01-01T00:00:00Z"
	if err := e.Check(); err != nil {
		return badRequest("This cannot be logged: %v.", err)
	}
	_, clashes, err := s.decide([]draft{{e, int(number(r.PostFormValue("version"), 0))}})
	if err != nil {
		return err
	}
	if len(clashes) > 0 {
		v, err := s.view(r, p.ID, target)
		if err != nil {
			return err
		}
		v.Conflict, v.Queue, v.Group, v.At = &clashes[0], r.PostFormValue("queue"), r.PostFormValue("group"), r.PostFormValue("at")
		return s.showCode(w, r, http.StatusConflict, "page", p.Image, v)
	}
	if k := r.PostFormValue("queue"); k != "" {
		return seeOther(w, r, "/next/"+url.PathEscape(k), url.Values{"group": {r.PostFormValue("group")}, "after": {r.PostFormValue("at")}})
	}
	if target == 0 {
		return seeOther(w, r, fmt.Sprintf("/page/%d", p.ID), nil)
	}
	return seeOther(w, r, fmt.Sprintf("/page/%d", p.ID), url.Values{"target": {fmt.Sprint(target)}})
}

// typed is the reason in a person's own words, or the fallback where they typed none.
func typed(r *request, fallback string) (string, error) {
	switch reason := strings.Join(strings.Fields(r.PostFormValue("typed")), " "); reason {
	case "":
		return fallback, nil
	case undone:
		return "", badRequest("“%s” is what the log says of a decision that was taken back: give the reason in other words.", undone)
	default:
		return reason, nil
	}
}

// target finds a target of a page as a person sees it. It counts from 1.
func (s *Server) target(p *batch.Page, target int, who string) (*seen, error) {
	decided, err := s.index.Sheet(p.SheetID)
	if err != nil {
		return nil, err
	}
	for _, t := range s.look(p, decided, who) {
		if t.Number == target {
			return &t, nil
		}
	}
	return nil, batch.ErrNotThere
}

// fill names the target in an entry.
func (t *seen) fill(e *cvr.LogEntry, p *batch.Page) {
	e.Act, e.Style, e.Page, e.Target = cvr.ActTarget, p.Style, p.Number, t.Number
	e.Contest, e.Choice, e.Rank, e.Before = t.Contest.ID, t.Choice.ID, t.Reading.Rank, string(t.Answer)
}

// postUndo takes back this person's last decision and shows what it was about.
func (s *Server) postUndo(w http.ResponseWriter, r *request) error {
	e, err := s.undo(r.who)
	var c *conflict
	if errors.As(err, &c) {
		who := "Somebody else"
		if c.Entry != nil && !cvr.SamePerson(c.Entry.Who, r.who) {
			who = c.Entry.Who
		}
		return &failure{http.StatusConflict, "Your last decision was on " + c.Subject + ". " + who + " decided it since, and what they said stands: nothing was taken back. Look at it again, and decide it anew if you say otherwise."}
	}
	if err != nil {
		return err
	}
	if e == nil {
		return badRequest("There is nothing of yours to take back.")
	}
	p, err := s.index.PageNamed(e.Image)
	if err != nil {
		return seeOther(w, r, "/log", nil)
	}
	q := url.Values{"back": {"1"}}
	if e.Target > 0 {
		q.Set("target", fmt.Sprint(e.Target))
	}
	if k := r.PostFormValue("queue"); k != "" {
		q.Set("queue", k)
		q.Set("group", r.PostFormValue("group"))
		q.Set("at", r.PostFormValue("at"))
	}
	return seeOther(w, r, fmt.Sprintf("/page/%d", p.ID), q)
}
