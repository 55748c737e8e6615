package review

import (
	"net/http"

	"recount/cvr"
)

// printed is how many entries one page shows that is made to be printed: some 150 sheets of paper.
const printed = 5000

// showLog lists the decisions, the last first, and what waits for a second person.
func (s *Server) showLog(w http.ResponseWriter, r *request) error {
	s.mu.Lock()
	all := s.standing.Entries()
	open := s.standing.Open()
	s.mu.Unlock()
	most, whole := listed, r.URL.Query().Get("all") == "1"
	if whole {
		most = printed
	}
	before := int(number(r.URL.Query().Get("before"), int64(len(all)+1)))
	before = min(max(before, 1), len(all)+1)
	type logLine struct {
		cvr.LogEntry
		What  string
		Votes []string
	}
	var lines []logLine
	for i := before - 2; i >= 0 && len(lines) < most; i-- {
		e := all[i]
		if s.unspoken(&e, r.who) {
			e.Before, e.Answer, e.Reason, e.Name, e.Marked = "", "(hidden until you decide)", "", "", nil
		}
		l := logLine{LogEntry: e}
		if e.Target > 0 {
			l.What = s.named(e.Contest, e.Choice)
		}
		for _, m := range e.Marked {
			l.Votes = append(l.Votes, s.named(m.Contest, m.Choice))
		}
		lines = append(lines, l)
	}
	next := 0
	if len(lines) == most && before-most > 1 {
		next = before - most
	}
	type openLine struct {
		cvr.Verdict
		Page int64
	}
	var waits []openLine
	for _, v := range open[:min(len(open), 200)] {
		l := openLine{v, -1}
		if p, err := s.index.PageNamed(v.Entry.Image); err == nil {
			l.Page = p.ID
		}
		waits = append(waits, l)
	}
	return s.show(w, r, "log", "The log of decisions", map[string]any{"Lines": lines, "Next": next, "Waits": waits, "Open": len(open), "Whole": whole, "Many": len(all) > listed})
}

// unspoken says whether an entry must not be shown to a person, who has to say by themselves what it is about.
func (s *Server) unspoken(e *cvr.LogEntry, who string) bool {
	if cvr.SamePerson(e.Who, who) || !s.o.Blind && s.o.People != 2 {
		return false
	}
	v := s.verdict(e.Subject())
	return mine(&v, who) == nil // nor what somebody said and took back, who may say it again
}
