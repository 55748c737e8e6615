package review

import (
	"net/http"

	"recount/cvr"
)

// printView is a sheet to be printed: each of its pages with its picture, its targets and what was decided.
type printView struct {
	Sheet string
	Pages []*printPage
}

type printPage struct {
	*pageView
	Contests []printContest
}

// printContest is a contest's targets on the page, in its order.
type printContest struct {
	Title   string
	Targets []*seen
}

// printSheet shows a sheet as it is to be printed: all of it, as this person may see it.
func (s *Server) printSheet(w http.ResponseWriter, r *request, id int64) error {
	row, err := s.index.SheetByID(id)
	if err != nil {
		return err
	}
	pages, err := s.index.PagesOf(id)
	if err != nil {
		return err
	}
	out := &printView{Sheet: row.Name}
	for _, p := range pages {
		v, err := s.view(r, p.ID, 0)
		if err != nil {
			return err
		}
		page := &printPage{pageView: v}
		for i := range v.Targets {
			t := &v.Targets[i]
			n := len(page.Contests)
			if n == 0 || page.Contests[n-1].Title != t.Contest.Title {
				page.Contests = append(page.Contests, printContest{Title: t.Contest.Title})
				n++
			}
			page.Contests[n-1].Targets = append(page.Contests[n-1].Targets, t)
		}
		out.Pages = append(out.Pages, page)
	}
	return s.show(w, r, "print", "Sheet "+row.Name, out)
}

// Said is what the person may see of what was decided about a target: the entry in force, or nil.
func (t *seen) Said() *cvr.LogEntry {
	if t.Hidden || t.Verdict.State != cvr.Decided {
		return nil
	}
	return t.Verdict.Entry
}
