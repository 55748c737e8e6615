package review

import (
	"net/http"

	"recount/cvr"
)

// showLog lists the decisions, the last first, and what waits for a second person.
func (s *Server) showLog(w http.ResponseWriter, r *request) error {
	s.mu.Lock()
	all := s.standing.Entries()
	open := s.standing.Open()
	s.mu.Unlock()
	before := int(number(r.URL.Query().Get("before"), int64(len(all)+1)))
	before = min(max(before, 1), len(all)+1)
	type logLine struct {
		cvr.LogEntry
		What  string
		Votes []string
	}
	var lines []logLine
	for i := before - 2; i >= 0 && len(lines) < listed; i-- {
		e := all[i]
		if s.o.People == 2 && !cvr.SamePerson(e.Who, r.who) && s.verdict(e.Subject()).State == cvr.Waiting {
			e.Answer, e.Reason, e.Name, e.Marked = "(hidden until a second person decided)", "", "", nil
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
	if len(lines) == listed && before-listed > 1 {
		next = before - listed
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
	return s.show(w, r, "log", "The log of decisions", map[string]any{"Lines": lines, "Next": next, "Waits": waits, "Open": len(open), "File": s.o.Log})
}
