package review

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"recount/batch"
	"recount/cvr"
)

// listed is how many things a list shows at a time.
const listed = 50

// kindTitles are the queues' names for people, and what they hold.
var kindTitles = map[batch.Kind][2]string{
	batch.KindQuestion:  {"Questionable marks", "neither vote nor none: a person must say"},
	batch.KindRefused:   {"Refused pages", "could not be read: enter their votes, or say that they are no ballots"},
	batch.KindOvervote:  {"Overvotes", "more marks than votes: nobody gets one"},
	batch.KindNear:      {"Near a limit", "decided, but not by much"},
	batch.KindWriteIn:   {"Write-ins", "votes for a name written in"},
	batch.KindDuplicate: {"Duplicates", "the same bytes as another scan: not counted again"},
}

func kindTitle(k batch.Kind) string { return kindTitles[k][0] }

// kinds are the queues that are shown. In a blind review none is whose name gives the answer away.
func (s *Server) kinds() []batch.Kind {
	all := batch.Kinds()
	if s.o.Blind {
		all = slices.DeleteFunc(all, func(k batch.Kind) bool { return k == batch.KindOvervote || k == batch.KindWriteIn })
	}
	return all
}

// kindOf finds a queue by its name in an address.
func (s *Server) kindOf(name string) (batch.Kind, error) {
	k := batch.Kind(name)
	if !slices.Contains(s.kinds(), k) {
		return "", notThere("queue")
	}
	return k, nil
}

// queueLine is a queue on the first page.
type queueLine struct {
	Kind      batch.Kind
	Says      string
	Open, All int
	Groups    []groupLine
}

type groupLine struct {
	batch.Group
	Title string
}

func (s *Server) groups(k batch.Kind) []groupLine {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []groupLine
	for _, g := range s.index.Groups(k) {
		if s.ungrouped(k) {
			if len(out) == 0 {
				out = append(out, groupLine{Group: batch.Group{Kind: k}, Title: "all"})
			}
			out[0].All, out[0].Done = out[0].All+g.All, out[0].Done+g.Done
			continue
		}
		out = append(out, groupLine{g, s.index.Title(&g)})
	}
	return out
}

// ungrouped says whether a queue's groups must not be told apart: in a blind review those that say what was read.
func (s *Server) ungrouped(k batch.Kind) bool {
	return s.o.Blind && (k == batch.KindNear || k == batch.KindQuestion)
}

// groupOf is the group of a queue that is asked for, or 0 for all of it.
func (s *Server) groupOf(k batch.Kind, q url.Values) int64 {
	if s.ungrouped(k) {
		return 0
	}
	return number(q.Get("group"), 0)
}

// home is the first page: the queues, and the contests by how much their questions could matter.
func (s *Server) home(w http.ResponseWriter, r *request) error {
	var queues []queueLine
	for _, k := range s.kinds() {
		q := queueLine{Kind: k, Says: kindTitles[k][1], Groups: s.groups(k)}
		for _, g := range q.Groups {
			q.Open, q.All = q.Open+g.All-g.Done, q.All+g.All
		}
		queues = append(queues, q)
	}
	type contestLine struct {
		Title        string
		Open, Margin int
		Could        bool
		Slots        []slotLine
	}
	var contests []contestLine
	slots := s.slotLines()
	for _, c := range s.index.Contests() {
		contests = append(contests, contestLine{s.election.Contest(c.Contest).Title, c.Open, c.Margin, c.Margin >= 0 && c.Open >= c.Margin, slots[c.Contest]})
	}
	counted, err := s.index.Counted()
	if err != nil {
		return err
	}
	pairs, looked, err := s.index.Pairs()
	if err != nil {
		return err
	}
	differences := 0
	if s.o.Machine != nil {
		differences = len(s.o.Machine.Differences)
	}
	return s.show(w, r, "home", "What there is to look at", map[string]any{"Queues": queues, "Contests": contests, "Counted": counted,
		"Pairs": len(pairs), "Looked": looked, "Differences": differences, "Folders": s.index.Folders(), "Styles": s.election.Styles})
}

// slotLine is a choice with its wall.
type slotLine struct {
	batch.Slot
	Name, Party string
}

func (s *Server) slotLines() map[string][]slotLine {
	out := map[string][]slotLine{}
	for _, l := range s.index.Slots() {
		c := s.election.Contest(l.Contest)
		if c == nil || c.Choice(l.Choice) == nil {
			continue
		}
		ch := c.Choice(l.Choice)
		name := ch.Name
		if l.Rank > 0 {
			name = fmt.Sprintf("%s, rank %d", name, l.Rank)
		}
		out[l.Contest] = append(out[l.Contest], slotLine{l, name, ch.Party})
	}
	return out
}

// itemLine is one thing of a queue.
type itemLine struct {
	batch.Item
	Image, Reason, Contest, Choice string
	Target                         int // from 1; 0 for a page
	State                          cvr.State
	Link                           string
}

// queue lists what a queue holds.
func (s *Server) queue(w http.ResponseWriter, r *request, name string) error {
	k, err := s.kindOf(name)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	group, done := s.groupOf(k, q), q.Get("done") == "1"
	items, err := s.items(k, group, done, placeOf(q.Get("after")), listed+1)
	if err != nil {
		return err
	}
	next := ""
	if len(items) > listed {
		items = items[:listed]
		next = (url.Values{"group": {fmt.Sprint(group)}, "done": {q.Get("done")}, "after": {placeText(items[listed-1].After())}}).Encode()
	}
	pages, err := s.index.PagesByID(pageIDs(items))
	if err != nil {
		return err
	}
	lines := make([]itemLine, 0, len(items))
	for _, i := range items {
		lines = append(lines, s.line(k, group, i, pages[i.Page]))
	}
	return s.show(w, r, "queue", kindTitle(k), map[string]any{"Kind": k, "Says": kindTitles[k][1], "Items": lines, "Next": next, "Groups": s.groups(k), "Group": group, "Done": done})
}

func (s *Server) items(k batch.Kind, group int64, done bool, after batch.After, n int) ([]batch.Item, error) {
	return s.index.Items(k, group, done, after, n)
}

func pageIDs(items []batch.Item) []int64 {
	var out []int64
	for _, i := range items {
		out = append(out, i.Page)
	}
	return out
}

// line says an item for people.
func (s *Server) line(k batch.Kind, group int64, i batch.Item, p *batch.Page) itemLine {
	l := itemLine{Item: i, Image: p.Image, Reason: p.Reason, Target: i.Target + 1, Link: itemLink(k, group, i)}
	if i.Target < 0 {
		l.State = s.verdict(cvr.PageSubject(p.Image)).State
		return l
	}
	l.Reason = ""
	l.State = s.verdict(cvr.TargetSubject(p.Image, l.Target)).State
	if st := s.election.Style(p.Style); st != nil && st.Page(p.Number) != nil && i.Target < len(st.Page(p.Number).Targets) {
		t := st.Page(p.Number).Targets[i.Target]
		if c := s.election.Contest(t.Contest); c != nil && c.Choice(t.Choice) != nil {
			l.Contest, l.Choice = c.Title, c.Choice(t.Choice).Name
		}
	}
	return l
}

// itemLink is where an item is looked at, as a part of its queue.
func itemLink(k batch.Kind, group int64, i batch.Item) string {
	q := url.Values{"queue": {string(k)}, "at": {placeText(i.After())}}
	if i.Target >= 0 {
		q.Set("target", fmt.Sprint(i.Target+1))
	}
	if group != 0 {
		q.Set("group", fmt.Sprint(group))
	}
	return fmt.Sprintf("/page/%d?%s", i.Page, q.Encode())
}

// placeText and placeOf carry a place in a list through an address.
func placeText(a batch.After) string { return fmt.Sprintf("%d.%d.%d", a.Weight, a.Page, a.Target) }

func placeOf(text string) batch.After {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return batch.After{}
	}
	return batch.After{Weight: number(parts[0], 0), Page: number(parts[1], 0), Target: int(number(parts[2], 0)), Set: true}
}

// next sends on to the next thing of a queue that this person has not spoken of.
func (s *Server) next(w http.ResponseWriter, r *request, name string) error {
	if name == differenceQueue {
		return s.nextDifference(w, r)
	}
	k, err := s.kindOf(name)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	group, after := s.groupOf(k, q), placeOf(q.Get("after"))
	few := 3 // mostly the first will do
	for {
		items, err := s.items(k, group, false, after, few)
		if err != nil {
			return err
		}
		few = listed
		pages, err := s.index.PagesByID(pageIDs(items))
		if err != nil {
			return err
		}
		for _, i := range items {
			after = i.After()
			if s.spoke(i, pages[i.Page], r.who) {
				continue
			}
			return seeOther(w, r, itemLink(k, group, i), nil)
		}
		if len(items) < 3 {
			break
		}
	}
	return seeOther(w, r, "/queue/"+string(k), url.Values{"end": {"1"}})
}

// spoke says whether the person decided an item already.
func (s *Server) spoke(i batch.Item, p *batch.Page, who string) bool {
	subject := cvr.PageSubject(p.Image)
	if i.Target >= 0 {
		subject = cvr.TargetSubject(p.Image, i.Target+1)
	}
	v := s.verdict(subject)
	return mine(&v, who) != nil
}

// sheets lists any sheets by what is asked for.
func (s *Server) sheets(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	ask := batch.SheetQuery{Name: q.Get("name"), Style: q.Get("style"), Contest: q.Get("contest"), Outcome: q.Get("outcome")}
	switch f := q.Get("folder"); {
	case f == "." && ask.Name == "":
		ask.Top = true
	case f != "" && ask.Name == "":
		ask.Name = strings.TrimSuffix(f, "/") + "/"
	}
	rows, err := s.index.Sheets(ask, number(q.Get("after"), 0), q.Get("behind"), listed+1)
	if err != nil {
		return err
	}
	next := ""
	if len(rows) > listed {
		rows = rows[:listed]
		last := rows[listed-1]
		q.Set("after", fmt.Sprint(last.ID))
		q.Set("behind", last.Name)
		next = q.Encode()
	}
	folders := s.index.Folders()
	if len(folders) > maxFolders {
		folders = nil // a list of thousands helps nobody: the name's beginning finds a folder too
	}
	return s.show(w, r, "sheets", "Sheets", map[string]any{"Rows": s.blinded(rows), "Next": next, "Ask": ask, "Styles": s.election.Styles, "Contests": s.election.Contests,
		"Outcomes": []string{"counted", "questions", "refused", "duplicate"}, "Folders": folders})
}

// blinded takes out of a list of sheets what a blind review does not say.
func (s *Server) blinded(rows []batch.SheetRow) []batch.SheetRow {
	for i := range rows {
		if o := s.outcome(rows[i].Outcome, ""); o != rows[i].Outcome {
			rows[i].Outcome, rows[i].Reason = o, ""
		}
	}
	return rows
}

// maxFolders is how many folders are listed to choose from.
const maxFolders = 500

// maxSample is the largest sample that is drawn.
const maxSample = 5000

// sample draws sheets at random.
func (s *Server) sample(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	seed, n := q.Get("seed"), int(number(q.Get("n"), 20))
	body := map[string]any{"Seed": seed, "N": n}
	if seed != "" {
		if n < 1 || n > maxSample || len(seed) > 200 {
			return badRequest("A sample has 1 to %d sheets, and a seed of at most 200 letters.", maxSample)
		}
		rows, err := s.index.Sample(seed, n)
		if err != nil {
			return err
		}
		body["Rows"] = s.blinded(rows)
	}
	counted, err := s.index.Counted()
	if err != nil {
		return err
	}
	body["Counted"] = counted
	return s.show(w, r, "sample", "A random sample", body)
}

// named is a choice for people.
func (s *Server) named(contest, choice string) string {
	c := s.election.Contest(contest)
	if c == nil || c.Choice(choice) == nil {
		return contest + ": " + choice
	}
	return c.Title + ": " + c.Choice(choice).Name
}
