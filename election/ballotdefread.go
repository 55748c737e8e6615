package election

import (
	"fmt"
	"slices"
	"strings"
)

// BallotDefinitionOptions says what a NIST Ballot Definition may have wrong or leaves out.
type BallotDefinitionOptions struct {
	Paper Paper // the real paper, in inches; zero takes what the file says
	// Grid takes X and Y for column and row of timing marks of the family Tracks, as one program writes them. Without it
	// such numbers are an error.
	Grid   bool
	Tracks Tracks
	DPI    float64 // of the pictures to be drawn; 0 is 200
}

// bdRead reads a decoded Ballot Definition.
type bdRead struct {
	d     *bdDefinition
	el    *bdElection
	p     *Problems
	o     BallotDefinitionOptions
	out   Imported
	units map[string]string // names
	party map[string]string
	shape map[string]*bdShape
	paper map[string]*bdFormat
	who   map[string]*bdCandidate

	contests map[string]*bdFound
	order    []*bdFound
	placed   int // positions in the file
}

// bdFound is one of our contests being made of one of theirs.
type bdFound struct {
	contest Contest
	ids     slugs
	options []bdChoices
	byID    map[string]int
	// uncounted says why the contest's votes cannot be counted here; empty where they can.
	uncounted Problem
}

// bdChoices is one option and the choices that stand for it: one, or one for each place it is printed in on one page.
type bdChoices struct {
	id      string
	first   Choice
	choices []int // in Contest.Choices
}

// ReadBallotDefinition reads a NIST SP 1500-20 Ballot Definition in JSON. Where it does not say where the targets lie, only
// the contest list is given. Sizes of outlines with a StrokeWidth are taken without it: the size wanted is that of the
// white. name is used in errors, which are *Problems with JSON pointers. The file need not be valid in all its parts: other
// programs add fields.
func ReadBallotDefinition(name string, data []byte, o BallotDefinitionOptions) (*Imported, error) {
	p := &Problems{File: name}
	var d bdDefinition
	if !decodeForeign(p, data, &d) {
		return nil, p
	}
	if len(d.Election) != 1 {
		p.add("/Election", fmt.Sprintf("the file has %d elections", len(d.Election)), "one is read: split the file")
		return nil, p
	}
	r := &bdRead{d: &d, el: &d.Election[0], p: p, o: o}
	r.tables()
	r.readContests()
	if err := p.err(); err != nil {
		return nil, err
	}
	for i := range r.el.BallotStyle {
		r.count(r.el.BallotStyle[i].OrderedContent)
	}
	if r.placed == 0 {
		r.list()
		return &r.out, p.err()
	}
	e := r.definition()
	if err := p.err(); err != nil {
		return nil, err
	}
	if err := e.checkDrawn(name); err != nil {
		return nil, err
	}
	r.out.Election, r.out.Rows = e, e.Rows()
	return &r.out, nil
}

func (r *bdRead) note(format string, args ...any) {
	if n := plain(fmt.Sprintf(format, args...)); len(r.out.Notes) < maxProblems && !slices.Contains(r.out.Notes, n) {
		r.out.Notes = append(r.out.Notes, n)
	}
}

// tables notes everything that others name by id.
func (r *bdRead) tables() {
	r.units, r.party, r.who = map[string]string{}, map[string]string{}, map[string]*bdCandidate{}
	r.shape, r.paper = map[string]*bdShape{}, map[string]*bdFormat{}
	seen := map[string]bool{}
	id := func(at, id string) bool {
		if id == "" || seen[id] {
			r.p.add(at, fmt.Sprintf("the id %q is empty or given twice", id), "")
			return false
		}
		seen[id] = true
		return true
	}
	for i := range r.d.GpUnit {
		if u := &r.d.GpUnit[i]; id(fmt.Sprintf("/GpUnit/%d", i), u.ID) {
			r.units[u.ID] = u.Name.first()
		}
	}
	for i := range r.d.Party {
		if x := &r.d.Party[i]; id(fmt.Sprintf("/Party/%d", i), x.ID) {
			r.party[x.ID] = x.Name.first()
		}
	}
	for i := range r.d.Shape {
		if x := &r.d.Shape[i]; id(fmt.Sprintf("/Shape/%d", i), x.ID) {
			r.shape[x.ID] = x
		}
	}
	for i := range r.d.BallotFormat {
		if x := &r.d.BallotFormat[i]; id(fmt.Sprintf("/BallotFormat/%d", i), x.ID) {
			r.paper[x.ID] = x
		}
	}
	for i := range r.el.Candidate {
		if x := &r.el.Candidate[i]; id(fmt.Sprintf("/Election/0/Candidate/%d", i), x.ID) {
			r.who[x.ID] = x
		}
	}
}

// readContests makes our contests.
func (r *bdRead) readContests() {
	r.contests = map[string]*bdFound{}
	ids := slugs{}
	var titles, more []string
	for i := range r.el.Contest {
		x, at := &r.el.Contest[i], fmt.Sprintf("/Election/0/Contest/%d", i)
		title := oneLine(x.Name)
		if title == "" || x.ID == "" || r.contests[x.ID] != nil {
			r.p.add(at, "the contest has no name, no id, or another's id", "")
			continue
		}
		f := &bdFound{contest: Contest{ID: ids.keep(strings.TrimPrefix(x.ID, "ct.")), Title: title, VoteFor: 1}, ids: slugs{}, byID: map[string]int{}}
		if strings.HasSuffix(x.Class, ".CandidateContest") || x.VotesAllowed != 0 {
			f.contest.VoteFor = x.VotesAllowed
			if x.VotesAllowed < 1 || x.VotesAllowed > 1000 {
				r.p.add(at+"/VotesAllowed", fmt.Sprintf("%d votes allowed", x.VotesAllowed), "a contest has 1 to 1000")
			}
		}
		switch x.VoteVariation {
		case "borda", "cumulative", "proportional", "range", "rcv":
			f.uncounted = Problem{Where: at + "/VoteVariation", What: fmt.Sprintf("contest %q is of the kind %q, which is not counted here", title, x.VoteVariation),
				Mend: "take the contest out, and count it otherwise"}
		}
		if strings.HasSuffix(x.Class, ".StraightPartyContest") {
			r.note("contest %q votes for a party's candidates at once; it is counted by itself, and the votes it gives in other contests are not", title)
		}
		for j := range x.ContestOption {
			r.option(f, x, &x.ContestOption[j], fmt.Sprintf("%s/ContestOption/%d", at, j))
			if r.p.full() {
				return
			}
		}
		f.samePeople()
		r.contests[x.ID] = f
		r.order = append(r.order, f)
		titles, more = append(titles, title), append(more, r.partyNames(x.PrimaryPartyIDs))
	}
	for i, t := range distinct(titles, more) {
		r.order[i].contest.Title = t
	}
}

func (r *bdRead) partyNames(ids []string) string {
	var names []string
	for _, id := range ids {
		if n := r.party[id]; n != "" {
			names = append(names, n)
		}
	}
	return oneLine(strings.Join(names, ", "))
}

// option notes one option of a contest.
func (r *bdRead) option(f *bdFound, x *bdContest, o *bdOption, at string) {
	if _, dup := f.byID[o.ID]; dup || o.ID == "" {
		r.p.add(at, "the option has no id, or another's", "")
		return
	}
	if len(f.options) >= 5000 {
		r.p.add(at, "more than 5000 options in one contest", "")
		return
	}
	id := strings.TrimPrefix(o.ID, "op."+strings.TrimPrefix(x.ID, "ct.")+".")
	ch := Choice{ID: id, Party: r.partyNames(o.EndorsementPartyIDs), WriteIn: o.IsWriteIn}
	switch {
	case o.IsWriteIn:
		ch.Name = "Write-in"
	case len(o.CandidateIDs) > 0:
		var names []string
		for _, id := range o.CandidateIDs {
			k := r.who[id]
			if k == nil {
				r.p.add(at+"/CandidateIds", fmt.Sprintf("no candidate has the id %q", id), "")
				return
			}
			names = append(names, k.BallotName.first())
			if ch.Party == "" {
				ch.Party = r.party[k.PartyID]
			}
			if c := kept(k.ExternalIdentifier, bdKeepCandidate); c != "" {
				ch.Candidate = c
			}
		}
		ch.Name = oneLine(strings.Join(names, " and "))
	case o.Selection != nil:
		ch.Name = o.Selection.first()
	case len(o.PartyIDs) > 0:
		ch.Name = r.partyNames(o.PartyIDs)
	}
	if n := kept(o.ExternalIdentifier, bdKeepName); n != "" {
		ch.Name = n
	}
	if ch.Name == "" {
		ch.Name = oneLine(id)
		r.note("%s: the option has no name (no candidate, selection or party); its id %q stands for one", at, id)
	}
	if ch.Name == "" {
		r.p.add(at, "the option has neither name nor id", "")
		return
	}
	if ch.Candidate == "" && len(o.CandidateIDs) > 0 {
		ch.Candidate = "\x00" + strings.Join(o.CandidateIDs, " ") // settled by samePeople
	}
	f.byID[o.ID] = len(f.options)
	f.options = append(f.options, bdChoices{id: o.ID, first: ch})
}

// samePeople names the person of options that stand for the same candidates; an option alone needs no name.
func (f *bdFound) samePeople() {
	lines, taken := map[string]int{}, map[string]bool{}
	for _, o := range f.options {
		lines[o.first.Candidate]++
	}
	people := map[string]string{}
	for i := range f.options {
		ch := &f.options[i].first
		key, unnamed := strings.CutPrefix(ch.Candidate, "\x00")
		switch {
		case !unnamed:
			continue
		case lines[ch.Candidate] < 2:
			ch.Candidate = ""
			continue
		}
		if people[key] == "" {
			people[key] = ch.Name
			if taken[ch.Name] {
				people[key] = oneLine(ch.Name + " [" + key + "]")
			}
			taken[ch.Name] = true
		}
		ch.Candidate = people[key]
	}
}

// choice gives the id of an option's n-th choice on a page, from 0, making it where it is new.
func (f *bdFound) choice(o *bdChoices, n int) string {
	for len(o.choices) <= n {
		ch := o.first
		k := len(o.choices)
		ch.ID = f.ids.keep(choiceID(o.first.ID, k))
		if k > 0 {
			ch.Party = ""
			if !ch.WriteIn {
				if ch.Candidate == "" {
					ch.Candidate = ch.Name
				}
				first := &f.contest.Choices[o.choices[0]]
				first.Party, first.Candidate = "", ch.Candidate
			}
		}
		o.choices = append(o.choices, len(f.contest.Choices))
		f.contest.Choices = append(f.contest.Choices, ch)
	}
	return f.contest.Choices[o.choices[n]].ID
}

var bdUnits = map[string]float64{"in": 1, "mm": 1 / 25.4, "pc": 1.0 / 6, "pt": 1.0 / 72}

// size is a format's paper as it is held, and its unit in inches.
func (r *bdRead) size(id, at string) (Paper, float64, bool) {
	f := r.paper[id]
	if f == nil {
		r.p.add(at+"/BallotFormatId", fmt.Sprintf("no ballot format has the id %q", id), "")
		return Paper{}, 0, false
	}
	unit := bdUnits[f.MeasurementUnit]
	p := Paper{f.ShortEdge * unit, f.LongEdge * unit}
	if f.Orientation == "landscape" {
		p.W, p.H = p.H, p.W
	}
	if r.o.Paper != (Paper{}) {
		p = r.o.Paper
	}
	if unit == 0 || !(p.W >= 1 && p.W <= 40 && p.H >= 1 && p.H <= 40) {
		r.p.add(at+"/BallotFormatId", fmt.Sprintf("ballot format %q has no paper that makes sense (%g x %g %s)", id, f.ShortEdge, f.LongEdge, f.MeasurementUnit), "give the real one with --paper")
		return Paper{}, 0, false
	}
	return p, unit, true
}

// definition makes a definition of a file with places.
func (r *bdRead) definition() *Election {
	e := &Election{Format: Format, Title: r.el.Name.first(), Date: day(r.el.StartDate), Jurisdiction: r.units[r.el.ElectionScopeID]}
	if e.Title == "" {
		r.p.add("/Election/0/Name", "the election has no name", "")
	}
	if r.placed > mostPositions {
		r.p.add("/Election/0/BallotStyle", fmt.Sprintf("more than %d positions", mostPositions), "split the election")
		return e
	}
	taken := map[string]bool{}
	for i := range r.el.BallotStyle {
		s, at := &r.el.BallotStyle[i], fmt.Sprintf("/Election/0/BallotStyle/%d", i)
		st := bdPages{r: r}
		st.style.ID, st.style.Precinct = r.styleOf(s, taken)
		r.each(s.OrderedContent, at, st.contest)
		if r.p.full() {
			return e
		}
		if st.bare > 0 {
			r.p.add(at, fmt.Sprintf("%d of the style's contests have no places, though others have", st.bare), "correct the file, or make the definition with 'recount template new'")
			continue
		}
		if len(st.style.Pages) == 0 {
			r.note("ballot style %q has no places and is left out", st.style.ID)
			continue
		}
		st.finish()
		e.Styles = append(e.Styles, st.style)
	}
	for _, f := range r.order {
		if len(f.contest.Choices) == 0 {
			r.note("contest %q stands on no ballot style and is left out", f.contest.Title)
			continue
		}
		f.sort()
		e.Contests = append(e.Contests, f.contest)
	}
	if len(e.Styles) == 0 && len(r.p.List) == 0 {
		r.p.add("/Election/0/BallotStyle", "no style has a place", "")
	}
	return e
}

// sort puts the choices into the order of the options.
func (f *bdFound) sort() {
	rank := make([]int, len(f.contest.Choices))
	for i, o := range f.options {
		for _, c := range o.choices {
			rank[c] = i
		}
	}
	byID := map[string]int{}
	for i, ch := range f.contest.Choices {
		byID[ch.ID] = rank[i]
	}
	slices.SortStableFunc(f.contest.Choices, func(a, b Choice) int { return byID[a.ID] - byID[b.ID] })
	for i := range f.contest.Choices {
		if ch := &f.contest.Choices[i]; ch.WriteIn && ch.Name == "Write-in" {
			n := 0
			for _, other := range f.contest.Choices[:i] {
				if other.WriteIn {
					n++
				}
			}
			if n > 0 {
				ch.Name = fmt.Sprintf("Write-in %d", n+1)
			}
		}
	}
}
