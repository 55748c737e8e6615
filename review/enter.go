package review

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"recount/batch"
	"recount/cvr"
	"recount/election"
)

// enterView is the form in which a refused page's votes are entered.
type enterView struct {
	*pageView
	Choices  []stylePage // every page of every style, to choose from
	Chosen   *stylePage
	Contests []enterContest
	Said     map[int]bool // targets that this person marked before
}

type stylePage struct {
	Style, Precinct string
	Number          int
	Value           string // of the list's option
}

// enterContest is one contest of the page, as on paper.
type enterContest struct {
	Title   string
	Allowed int
	Lines   []enterLine
}

type enterLine struct {
	Number int // the target's, from 1
	Name   string
	Party  string
	Rank   int
}

// stylePages are all pages with targets.
func (s *Server) stylePages() []stylePage {
	var out []stylePage
	for _, st := range s.election.Styles {
		for _, p := range st.Pages {
			if len(p.Targets) > 0 {
				out = append(out, stylePage{st.ID, st.Precinct, p.Number, fmt.Sprintf("%d %s", p.Number, st.ID)})
			}
		}
	}
	return out
}

// pageOf finds a style's page by what the list's option says: the page's number, a space, and the style.
func (s *Server) pageOf(value string) (*election.Style, *election.Page) {
	n, id, _ := strings.Cut(value, " ")
	st := s.election.Style(id)
	if st == nil {
		return nil, nil
	}
	return st, st.Page(int(number(n, 0)))
}

// enter shows the form for one page.
func (s *Server) enter(w http.ResponseWriter, r *request, id int64) error {
	v, err := s.view(r, id, 0)
	if err != nil {
		return err
	}
	if !v.Refused {
		return badRequest("This page was read: decide its targets one by one.")
	}
	q := r.URL.Query()
	v.Queue, v.Group, v.At = q.Get("queue"), q.Get("group"), q.Get("at")
	return s.showEnter(w, r, http.StatusOK, v, q.Get("as"))
}

func (s *Server) showEnter(w http.ResponseWriter, r *request, code int, v *pageView, as string) error {
	e := &enterView{pageView: v, Choices: s.stylePages(), Said: map[int]bool{}}
	if as == "" && v.Mine != nil && v.Mine.Act == cvr.ActPage {
		as = fmt.Sprintf("%d %s", v.Mine.Page, v.Mine.Style)
	}
	if st, p := s.pageOf(as); p != nil {
		e.Chosen = &stylePage{st.ID, st.Precinct, p.Number, as}
		e.Contests = s.enterContests(st, p)
		if v.Mine != nil && v.Mine.Style == st.ID && v.Mine.Page == p.Number {
			for _, m := range v.Mine.Marked {
				e.Said[m.Target] = true
			}
		}
	}
	return s.showCode(w, r, code, "enter", "Enter by hand: "+v.Page.Image, e)
}

// enterContests lists a page's targets contest by contest, in the order of the page.
func (s *Server) enterContests(st *election.Style, p *election.Page) []enterContest {
	var out []enterContest
	at := map[string]int{}
	for i, t := range p.Targets {
		c := s.election.Contest(t.Contest)
		if c == nil || c.Choice(t.Choice) == nil {
			continue
		}
		k, ok := at[c.ID]
		if !ok {
			k = len(out)
			at[c.ID] = k
			out = append(out, enterContest{Title: c.Title, Allowed: st.Allowed(c)})
		}
		ch := c.Choice(t.Choice)
		out[k].Lines = append(out[k].Lines, enterLine{i + 1, ch.Name, ch.Party, t.Rank})
	}
	return out
}

// postEnter logs a refused page's votes.
func (s *Server) postEnter(w http.ResponseWriter, r *request) error {
	p, err := s.index.PageByID(number(r.PostFormValue("page"), -1))
	if err != nil {
		return err
	}
	if p.Outcome != string(batch.Refused) {
		return badRequest("This page was read: decide its targets one by one.")
	}
	st, sp := s.pageOf(r.PostFormValue("as"))
	if sp == nil || len(sp.Targets) == 0 {
		return badRequest("Say which style's page it is.")
	}
	row, err := s.index.SheetByID(p.SheetID)
	if err != nil {
		return err
	}
	if err := s.fitsSheet(p, st, sp, row); err != nil {
		return err
	}
	e := cvr.LogEntry{Who: r.who, Act: cvr.ActPage, Answer: string(cvr.ActPage), Before: string(batch.Refused), Sheet: row.Name, Image: p.Image, SHA256: p.SHA256,
		Style: st.ID, Page: sp.Number}
	if e.Reason, err = typed(r, "entered from the picture or the paper"); err != nil {
		return err
	}
	for _, text := range r.PostForm["m"] {
		n := int(number(text, 0))
		if n < 1 || n > len(sp.Targets) {
			return badRequest("The page has no target %.10s.", text)
		}
		t := sp.Targets[n-1]
		e.Marked = append(e.Marked, cvr.MarkedTarget{Target: n, Contest: t.Contest, Choice: t.Choice, Rank: t.Rank})
	}
	slices.SortFunc(e.Marked, func(a, b cvr.MarkedTarget) int { return a.Target - b.Target })
	e.Marked = slices.CompactFunc(e.Marked, func(a, b cvr.MarkedTarget) bool { return a.Target == b.Target })
	_, clashes, err := s.decide([]draft{{e, int(number(r.PostFormValue("version"), 0))}})
	if err != nil {
		return err
	}
	if len(clashes) > 0 {
		v, err := s.view(r, p.ID, 0)
		if err != nil {
			return err
		}
		v.Conflict, v.Queue, v.Group, v.At = &clashes[0], r.PostFormValue("queue"), r.PostFormValue("group"), r.PostFormValue("at")
		return s.showEnter(w, r, http.StatusConflict, v, r.PostFormValue("as"))
	}
	if k := r.PostFormValue("queue"); k != "" {
		return seeOther(w, r, "/next/"+url.PathEscape(k), url.Values{"group": {r.PostFormValue("group")}, "after": {r.PostFormValue("at")}})
	}
	return seeOther(w, r, fmt.Sprintf("/page/%d", p.ID), nil)
}

// fitsSheet says why a page cannot be that of a style: its sheet's other page, read or entered, is of another sheet or the same side.
func (s *Server) fitsSheet(p *batch.Page, st *election.Style, sp *election.Page, row batch.SheetRow) error {
	pages, err := s.index.PagesOf(row.ID)
	if err != nil {
		return err
	}
	for _, other := range pages {
		if other.ID == p.ID {
			continue
		}
		style, n := other.Style, other.Number
		if v := s.verdict(cvr.PageSubject(other.Image)); v.Entry != nil && v.Entry.Act == cvr.ActPage {
			style, n = v.Entry.Style, v.Entry.Page
		}
		if style == "" || n == 0 {
			continue
		}
		if style != st.ID || (n+1)/2 != sp.Sheet() || n == sp.Number {
			return badRequest("The sheet's other page, %s, is page %d of style %s: this one must be its other side.", other.Image, n, style)
		}
	}
	return nil
}

// postSame logs that a sheet is another scan of one that is counted.
func (s *Server) postSame(w http.ResponseWriter, r *request) error {
	row, err := s.index.SheetByID(number(r.PostFormValue("sheet"), -1))
	if err != nil {
		return err
	}
	of, err := s.index.SheetByID(number(r.PostFormValue("of"), -1))
	if err != nil {
		return err
	}
	if !counts(row) || !counts(of) || row.ID == of.ID {
		return badRequest("Of two sheets that are one, both are counted.")
	}
	if v := s.verdict(cvr.SheetSubject(of.Name)); v.Entry != nil {
		return badRequest("%s is itself called another scan of %s.", of.Name, v.Entry.Of)
	}
	e := cvr.LogEntry{Who: r.who, Act: cvr.ActSameSheet, Answer: string(cvr.ActSameSheet), Before: row.Outcome, Sheet: row.Name, Of: of.Name}
	if e.Reason, err = typed(r, "the handwriting is the same in every mark"); err != nil {
		return err
	}
	_, clashes, err := s.decide([]draft{{e, int(number(r.PostFormValue("version"), 0))}})
	if err != nil {
		return err
	}
	if len(clashes) > 0 {
		return &failure{http.StatusConflict, "Somebody else decided this while you looked. Look at the pair again."}
	}
	return seeOther(w, r, "/pairs", nil)
}

func counts(row batch.SheetRow) bool {
	return row.Outcome == string(batch.Counted) || row.Outcome == string(batch.Questions)
}
