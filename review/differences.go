package review

import (
	"fmt"
	"net/http"
	"net/url"

	"recount/audit"
	"recount/cvr"
	"recount/vote"
)

// differenceQueue is the queue of what the machine's records give otherwise, in addresses and forms.
const differenceQueue = "differences"

// differenceLine is one difference of the list.
type differenceLine struct {
	*audit.SheetDifference
	Link   string // where it is looked at; empty where the run has no such target
	Spoken bool   // the person decided one of its targets
}

// differences lists what the machine's records give otherwise.
func (s *Server) differences(w http.ResponseWriter, r *request) error {
	if s.o.Machine == nil {
		return notThere("comparison: no machine's records were given (--cvr)")
	}
	list := s.byKind
	from := min(max(0, int(number(r.URL.Query().Get("from"), 0))), len(list))
	var lines []differenceLine
	for i := from; i < min(from+listed, len(list)); i++ {
		link, spoken := s.difference(i, r.who)
		lines = append(lines, differenceLine{list[i], link, spoken})
	}
	next := 0
	if from+listed < len(list) {
		next = from + listed
	}
	return s.show(w, r, "differences", "Differences with the machine", map[string]any{"Lines": lines, "All": len(list), "Next": next, "Machine": s.o.Machine, "End": r.URL.Query().Get("end") == "1"})
}

// difference gives where a difference is looked at, and whether the person decided one of its targets.
func (s *Server) difference(at int, who string) (link string, spoken bool) {
	s.mu.Lock()
	p := s.places[at]
	s.mu.Unlock()
	if p == nil {
		p = s.differencePlace(at)
		s.mu.Lock()
		s.places[at] = p
		s.mu.Unlock()
	}
	for _, subject := range p.subjects {
		v := s.verdict(subject)
		spoken = spoken || mine(&v, who) != nil
	}
	return p.link, spoken
}

// differencePlace is where a difference is looked at, and the targets it is about. It is found once.
type differencePlace struct {
	link     string
	subjects []string
}

// differencePlace finds the target of the difference's contest that is in question, else the first one marked, else the first.
func (s *Server) differencePlace(at int) *differencePlace {
	out, d := &differencePlace{}, s.byKind[at]
	row, err := s.index.SheetNamed(d.Sheet)
	if err != nil {
		return out
	}
	sheet, err := s.index.Sheet(row.ID)
	if err != nil {
		return out
	}
	pages, err := s.index.PagesOf(row.ID)
	if err != nil {
		return out
	}
	rank := map[vote.Answer]int{vote.Questionable: 3, vote.Vote: 2, vote.None: 1}
	best := 0
	for i := range sheet.Readings {
		k := &sheet.Readings[i]
		c := s.election.Contest(k.Contest)
		if c == nil || audit.Label(s.election, c) != d.Contest {
			continue
		}
		for _, p := range pages {
			if p.Number != k.Page {
				continue
			}
			out.subjects = append(out.subjects, cvr.TargetSubject(p.Image, k.Target+1))
			is := rank[k.Answer]
			if s.o.Blind {
				is = 1 // the first, whatever was read
			}
			if is > best {
				best = is
				q := url.Values{"target": {fmt.Sprint(k.Target + 1)}, "queue": {differenceQueue}, "at": {fmt.Sprint(at + 1)}}
				out.link = fmt.Sprintf("/page/%d?%s", p.ID, q.Encode())
			}
		}
	}
	return out
}

// nextDifference sends on to the next difference of which the person has not decided any target.
func (s *Server) nextDifference(w http.ResponseWriter, r *request) error {
	if s.o.Machine == nil {
		return notThere("comparison: no machine's records were given (--cvr)")
	}
	for i := max(0, int(number(r.URL.Query().Get("after"), 0))); i < len(s.byKind); i++ {
		if link, spoken := s.difference(i, r.who); link != "" && !spoken {
			return seeOther(w, r, link, nil)
		}
	}
	return seeOther(w, r, "/differences", url.Values{"end": {"1"}})
}
