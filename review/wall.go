package review

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"recount/audit"
	"recount/batch"
	"recount/cvr"
	"recount/vote"
)

// walled is how many targets a wall shows at a time: five rows of ten on a wide screen.
const walled = 60

// zones are a wall's three parts, and the order in which what is odd comes first: the emptiest votes, the fullest of the others.
var zones = []struct {
	Number int
	Name   string
	Answer vote.Answer
	Up     bool
	Title  string
}{
	{1, "questionable", vote.Questionable, false, "Questionable, the fullest first"},
	{2, "vote", vote.Vote, true, "Votes, the emptiest first"},
	{0, "none", vote.None, false, "None, the fullest first"},
}

// brick is one target of a wall.
type brick struct {
	batch.WallTarget
	Number  int // the target's, from 1
	Image   string
	Answer  vote.Answer // as it stands
	Read    vote.Answer // as it was read
	State   cvr.State
	Hidden  bool
	Said    bool // by this person, or by as many as it needs: it is not filled in as it was read
	Version int
	Percent string
}

// wallView is what a wall's page shows.
type wallView struct {
	Slot           slotLine
	Contest        string
	Zone           int
	ZoneTitle      string
	Zones          []zoneLine
	Bricks         []brick
	After, Next    string
	Default        string
	Clashes, Saved int
	Version        int
	End            bool // the wall before was the last: this is its start again
	Blind          bool // in the order of the run, and nothing is said of what was read
}

type zoneLine struct {
	Number int
	Title  string
	Count  int
}

// slotOf finds a slot by its number.
func (s *Server) slotOf(id int) (slotLine, string, error) {
	for _, lines := range s.slotLines() {
		for _, l := range lines {
			if l.ID == id {
				return l, s.election.Contest(l.Contest).Title, nil
			}
		}
	}
	return slotLine{}, "", notThere("choice")
}

// wall shows all targets of a choice as pictures: sorted by fill in three zones, or in a blind review sheet by sheet.
func (s *Server) wall(w http.ResponseWriter, r *request, id int) error {
	slot, contest, err := s.slotOf(id)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := &wallView{Slot: slot, Contest: contest, Zone: int(number(q.Get("zone"), -1)), After: q.Get("after"), Saved: int(number(q.Get("saved"), 0)), Clashes: int(number(q.Get("clashes"), 0)), Blind: s.o.Blind, End: q.Get("end") == "1"}
	if v.Blind {
		v.Zone = -1
	} else {
		v.zoned(&slot)
	}
	list, next, err := s.walled(id, v.Zone, v.After)
	if err != nil {
		return err
	}
	v.Next = next
	_, v.Version = s.Head()
	var ids []int64
	for _, t := range list {
		ids = append(ids, t.Page)
	}
	pages, err := s.index.PagesByID(ids)
	if err != nil {
		return err
	}
	for _, t := range list {
		v.Bricks = append(v.Bricks, s.brick(t, pages[t.Page], r.who))
	}
	return s.show(w, r, "wall", slot.Name+", all targets", v)
}

// zoned fills in the wall's zones: the one asked for, or else the first that has something.
func (v *wallView) zoned(slot *slotLine) {
	counts := map[int]int{0: slot.None, 1: slot.Questionable, 2: slot.Vote}
	if v.Zone < 0 || v.Zone > 2 {
		for _, z := range zones {
			if counts[z.Number] > 0 && v.Zone == -1 {
				v.Zone = z.Number
			}
		}
	}
	for _, z := range zones {
		v.Zones = append(v.Zones, zoneLine{z.Number, z.Title, counts[z.Number]})
		if z.Number == v.Zone {
			v.ZoneTitle, v.Default = z.Title, string(z.Answer)
		}
	}
	if v.Default == string(vote.Questionable) {
		v.Default = ""
	}
}

// walled gives the targets of one screen of a wall, and where the next begins, or "" where none does.
func (s *Server) walled(id, zone int, after string) (list []batch.WallTarget, next string, err error) {
	if s.o.Blind {
		list, last, more, err := s.index.WallUnsorted(id, number(after, 0), walled)
		if more {
			next = fmt.Sprint(last)
		}
		return list, next, err
	}
	up := false
	for _, z := range zones {
		if z.Number == zone {
			up = z.Up
		}
	}
	if list, err = s.index.Wall(id, zone, up, wallPlace(after), walled+1); err == nil && len(list) > walled {
		list = list[:walled]
		last := list[walled-1]
		next = fmt.Sprintf("%d.%d.%d", last.Fill, last.Page, last.Target)
	}
	return list, next, err
}

// wallPlace reads a place on a wall; nil is its start.
func wallPlace(text string) *batch.WallTarget {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil
	}
	return &batch.WallTarget{Fill: int(number(parts[0], 0)), Page: number(parts[1], 0), Target: int(number(parts[2], 0))}
}

// brick says how one target of a wall stands.
func (s *Server) brick(t batch.WallTarget, p *batch.Page, who string) brick {
	v := s.verdict(cvr.TargetSubject(p.Image, t.Target+1))
	b := brick{WallTarget: t, Number: t.Target + 1, Image: p.Image, State: v.State, Version: v.Version, Answer: zoneAnswer(t.Zone), Read: zoneAnswer(t.Zone), Percent: percent(t.Fill)}
	if v.State == cvr.Decided {
		b.Answer = vote.Answer(v.Entry.Answer)
	}
	b.Said = mine(&v, who) != nil || v.State == cvr.Decided || v.State == cvr.Disputed
	b.Hidden = s.unsaid(&v, who)
	return b
}

func zoneAnswer(zone int) vote.Answer {
	for _, z := range zones {
		if z.Number == zone {
			return z.Answer
		}
	}
	return vote.Questionable
}

// wallReason is logged for a target that was looked at on a wall.
const wallReason = "seen on the wall of its choice"

// postWall logs what was said of a wall's targets. A target of which nothing was said is left as it is.
func (s *Server) postWall(w http.ResponseWriter, r *request) error {
	id := int(number(r.PostFormValue("slot"), -1))
	slot, _, err := s.slotOf(id)
	if err != nil {
		return err
	}
	bricks, answers := r.PostForm["b"], r.PostForm["a"]
	if len(bricks) != len(answers) || len(bricks) > walled {
		return badRequest("The wall's form is not whole.")
	}
	reason, err := typed(r, wallReason)
	if err != nil {
		return err
	}
	var ids []int64
	for _, text := range bricks {
		page, _, _ := strings.Cut(text, ".")
		ids = append(ids, number(page, -1))
	}
	pages, err := s.index.PagesByID(ids)
	if err != nil {
		return err
	}
	var drafts []draft
	for i, text := range bricks {
		if answers[i] == "" {
			continue
		}
		parts := strings.Split(text, ".") // page, target, version
		if len(parts) != 3 {
			return badRequest("The wall's form is not whole.")
		}
		p := pages[ids[i]]
		if p == nil {
			return batch.ErrNotThere
		}
		target := int(number(parts[1], 0))
		e, err := s.wallEntry(p, target, slot, answers[i], r.who)
		if err != nil {
			return err
		}
		e.Reason = reason
		drafts = append(drafts, draft{*e, int(number(parts[2], 0))})
	}
	done, clashes, err := s.decide(drafts)
	if err != nil {
		return err
	}
	q := url.Values{"zone": {r.PostFormValue("zone")}, "saved": {fmt.Sprint(len(done))}}
	after := r.PostFormValue("next")
	if len(clashes) > 0 { // they are looked at again
		q.Set("clashes", fmt.Sprint(len(clashes)))
		after = r.PostFormValue("after")
	}
	if after != "" {
		q.Set("after", after)
	} else if len(clashes) == 0 {
		q.Set("end", "1")
	}
	return seeOther(w, r, fmt.Sprintf("/wall/%d", id), q)
}

// wallEntry is what was said of one target of a wall. The target must be one of the slot's.
func (s *Server) wallEntry(p *batch.Page, target int, slot slotLine, answer, who string) (*cvr.LogEntry, error) {
	style := s.election.Style(p.Style)
	if style == nil || style.Page(p.Number) == nil || target < 1 || target > len(style.Page(p.Number).Targets) {
		return nil, batch.ErrNotThere
	}
	t := style.Page(p.Number).Targets[target-1]
	if t.Contest != slot.Contest || t.Choice != slot.Choice || t.Rank != slot.Rank {
		return nil, badRequest("A target of another choice stands in the wall's form.")
	}
	if a := vote.Answer(answer); a != vote.Vote && a != vote.None && a != vote.Questionable {
		return nil, badRequest("%.20q is no answer.", answer)
	}
	row, err := s.index.SheetByID(p.SheetID)
	if err != nil {
		return nil, err
	}
	before, err := s.standingAnswer(p, target)
	if err != nil {
		return nil, err
	}
	return &cvr.LogEntry{Who: who, Act: cvr.ActTarget, Sheet: row.Name, Image: p.Image, SHA256: p.SHA256, Style: p.Style, Page: p.Number, Target: target,
		Contest: t.Contest, Choice: t.Choice, Rank: t.Rank, Before: string(before), Answer: answer}, nil
}

// standingAnswer is the answer in force for a target: the one decided, else the one read.
func (s *Server) standingAnswer(p *batch.Page, target int) (vote.Answer, error) {
	if v := s.verdict(cvr.TargetSubject(p.Image, target)); v.State == cvr.Decided {
		return vote.Answer(v.Entry.Answer), nil
	}
	return s.index.Answer(p, target-1)
}

// overlay lays the targets of one screen of a wall over each other.
func (s *Server) overlay(w http.ResponseWriter, r *request, id int) error {
	q := r.URL.Query()
	list, _, err := s.walled(id, int(number(q.Get("zone"), -1)), q.Get("after"))
	if err != nil {
		return err
	}
	var o batch.Overlay
	for _, t := range list {
		p, err := s.index.PageByID(t.Page)
		if err != nil {
			return err
		}
		m, err := s.index.Mark(p, t.Target)
		if err != nil {
			return err
		}
		o.Add(s.scans, p, audit.MarkSeen{X: m.X, Y: m.Y, W: m.W, H: m.H})
	}
	if o.Count == 0 {
		return notThere("picture: the scans are not there")
	}
	png, err := o.PNG()
	if err != nil {
		return err
	}
	return writePNG(w, png)
}
