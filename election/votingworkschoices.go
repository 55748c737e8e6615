package election

import (
	"fmt"
	"slices"
	"strconv"
)

// vwPlaced is one of our contests being made of a VotingWorks one, and the options its positions may name.
type vwPlaced struct {
	contest Contest
	ids     slugs
	options map[string]*vwPrinted
	order   []*vwPrinted // as the file lists them
	writeIn bool
	partial bool // not every option need have a place
}

// vwPrinted is one option and the choices that stand for it: one, or one for each party line it is printed on.
type vwPrinted struct {
	id, name string
	parties  []string // ids
	rank     int
	write    bool
	person   string
	choices  map[string]int // what tells them apart -> index in Contest.Choices
}

// contest makes our contests of one of theirs: one, or the two questions of an either/neither contest.
func (b *vwBuild) contest(c *vwContest, at string, ids slugs) []*vwPlaced {
	title := oneLine(c.Title)
	if title == "" {
		title = oneLine(c.Description)
	}
	if title == "" || c.ID == "" {
		b.p.add(at, "the contest has no title or no id", "")
		return nil
	}
	make1 := func(id, title string, votes int, also ...string) *vwPlaced {
		x := &vwPlaced{contest: Contest{ID: ids.keep(id), Title: title, VoteFor: votes}, ids: slugs{}, options: map[string]*vwPrinted{}}
		for _, k := range append([]string{id}, also...) {
			if k == "" {
				continue
			}
			if _, dup := b.find[k]; dup && k != c.ID {
				b.p.add(at, fmt.Sprintf("id %q is also another contest's", k), "")
			}
			b.find[k] = x
		}
		return x
	}
	if _, dup := b.find[c.ID]; dup {
		b.p.add(at+"/id", fmt.Sprintf("contest id %q stands twice", c.ID), "")
		return nil
	}
	option := func(x *vwPlaced, o *vwOption, place, label string) {
		if o == nil {
			o = &vwOption{ID: place, Label: label}
		}
		b.option(x, at, vwPrinted{id: o.ID, name: oneLine(o.Label)})
	}
	switch c.Type {
	case "candidate":
		if c.Seats < 1 || c.Seats > 1000 {
			b.p.add(at+"/seats", fmt.Sprintf("%d votes allowed", c.Seats), "a contest has 1 to 1000")
			return nil
		}
		x := make1(c.ID, title, c.Seats)
		x.writeIn = c.AllowWriteIns
		for i, k := range c.Candidates {
			if k.IsWriteIn { // its places are write-in positions
				continue
			}
			o := vwPrinted{id: k.ID, name: oneLine(k.Name), parties: k.PartyIDs}
			if len(o.parties) == 0 && k.PartyID != "" {
				o.parties = []string{k.PartyID}
			}
			for _, id := range o.parties {
				if b.parties[id] == "" {
					b.p.add(fmt.Sprintf("%s/candidates/%d", at, i), fmt.Sprintf("no party has the id %q", id), "")
				}
			}
			b.option(x, fmt.Sprintf("%s/candidates/%d", at, i), o)
		}
		return []*vwPlaced{x}
	case "yesno":
		x := make1(c.ID, title, 1)
		if len(c.Options) > 0 {
			for i := range c.Options {
				option(x, &c.Options[i], "", "")
			}
		} else {
			option(x, c.YesOption, "yes", "Yes")
			option(x, c.NoOption, "no", "No")
		}
		return []*vwPlaced{x}
	case "ms-either-neither":
		// Two questions in one: whether either measure is wanted, then which. A position may name the contest or its half.
		if c.EitherNeitherContestID == "" || c.PickOneContestID == "" || c.EitherNeitherContestID == c.PickOneContestID {
			b.p.add(at, "an either/neither contest needs an id for each of its two questions", "")
			return nil
		}
		half := func(label, otherwise string) string {
			if label = oneLine(label); label == "" {
				label = otherwise
			}
			return oneLine(title + ": " + label)
		}
		either := make1(c.EitherNeitherContestID, half(c.EitherNeitherLabel, "either or neither"), 1, c.ID)
		option(either, c.EitherOption, "either", "Either")
		option(either, c.NeitherOption, "neither", "Neither")
		pick := make1(c.PickOneContestID, half(c.PickOneLabel, "pick one"), 1)
		option(pick, c.FirstOption, "first", "First")
		option(pick, c.SecondOption, "second", "Second")
		b.second[c.ID] = pick
		return []*vwPlaced{either, pick}
	case "straight-party":
		b.note("contest %q votes for a party's candidates at once; it is counted by itself, and the votes it gives in other contests are not", title)
		x := make1(c.ID, title, 1)
		x.partial = true
		for _, party := range b.v.Parties {
			b.option(x, at, vwPrinted{id: party.ID, name: b.parties[party.ID]})
		}
		return []*vwPlaced{x}
	}
	b.p.add(at+"/type", fmt.Sprintf("contests of the type %q are not known", c.Type), "")
	return nil
}

// option notes an option that positions may name.
func (b *vwBuild) option(x *vwPlaced, at string, o vwPrinted) {
	if o.id == "" || o.name == "" || x.options[o.id] != nil {
		b.p.add(at, "an option has no id or name, or another's id", "")
		return
	}
	if len(x.order) >= 5000 {
		b.p.add(at, "more than 5000 options in one contest", "")
		return
	}
	o.person = o.name
	for _, other := range x.order {
		if other.name == o.name && other.person == o.person { // two people of one name
			o.person = oneLine(o.name + " [" + o.id + "]")
		}
	}
	o.rank, o.choices = len(x.order), map[string]int{}
	p := &o
	x.options[o.id] = p
	x.order = append(x.order, p)
}

// placed finds the contest and option of a position.
func (b *vwBuild) placed(pos vwPosition) (*vwPlaced, *vwPrinted) {
	x := b.find[pos.ContestID]
	if x == nil {
		b.p.add(pos.at+"/contestId", fmt.Sprintf("no contest has the id %q", pos.ContestID), "")
		return nil, nil
	}
	if pos.Type == "write-in" {
		if !x.writeIn {
			b.p.add(pos.at, fmt.Sprintf("contest %q allows no write-ins", x.contest.Title), "")
			return nil, nil
		}
		id := "write-in-" + strconv.Itoa(*pos.WriteInIndex)
		if x.options[id] == nil {
			x.options[id] = &vwPrinted{id: id, name: "Write-in", rank: 10_000 + *pos.WriteInIndex, write: true, choices: map[string]int{}}
		}
		return x, x.options[id]
	}
	if o := x.options[pos.OptionID]; o != nil {
		return x, o
	}
	if second := b.second[pos.ContestID]; second != nil && second.options[pos.OptionID] != nil {
		return second, second.options[pos.OptionID]
	}
	b.p.add(pos.at+"/optionId", fmt.Sprintf("contest %q has no option with the id %q", x.contest.Title, pos.OptionID), "")
	return nil, nil
}

// place gives each position of a style its contest's and choice's id, or nil where something is wrong. A choice has one
// target; an option printed in several places, one for each party that names the candidate, becomes as many choices.
func (b *vwBuild) place(s vwStyle) [][2]string {
	type where struct {
		contest *vwPlaced
		option  *vwPrinted
	}
	at := make([]where, len(s.positions))
	places := map[*vwPrinted][]int{}
	stands := map[*vwPlaced]bool{}
	var contests []*vwPlaced // in the order of their places
	bad := len(b.p.List)
	for i, pos := range s.positions {
		c, o := b.placed(pos)
		if b.p.full() {
			return nil
		}
		if o == nil {
			continue
		}
		at[i] = where{c, o}
		places[o] = append(places[o], i)
		if !stands[c] {
			stands[c] = true
			contests = append(contests, c)
		}
	}
	for _, c := range contests {
		for _, o := range c.order {
			if len(places[o]) == 0 && !c.partial {
				b.p.add(s.at, fmt.Sprintf("contest %q stands on the style, but its option %q has no place on it", c.contest.Title, o.name), "correct the file: nobody could vote for it")
			}
		}
	}
	for i := range at {
		o := at[i].option
		if o == nil {
			continue
		}
		if o.write && len(places[o]) > 1 {
			b.p.add(s.positions[i].at, fmt.Sprintf("write-in %d of contest %q has two places", *s.positions[i].WriteInIndex, at[i].contest.contest.Title), "")
		}
		if len(places[o]) > 1 && !o.write && len(o.parties) == 0 {
			b.p.add(s.positions[i].at, fmt.Sprintf("option %q of contest %q has two places but is not named by several parties", o.name, at[i].contest.contest.Title), "correct the file")
		}
	}
	if len(b.p.List) > bad || b.p.full() {
		return nil
	}
	lines := b.partyLines(s, places)
	out := make([][2]string, len(at))
	for i, w := range at {
		key, party := "", b.partyNames(w.option.parties)
		if list := places[w.option]; len(list) > 1 {
			key, party = strconv.Itoa(slices.Index(list, i)), ""
			if l, ok := lines[i]; ok {
				key, party = "party "+l, b.parties[l]
			}
		}
		out[i] = [2]string{w.contest.contest.ID, w.contest.choice(w.option, key, party)}
	}
	return out
}

func (b *vwBuild) partyNames(ids []string) string {
	s := ""
	for i, id := range ids {
		if i > 0 {
			s += ", "
		}
		s += b.parties[id]
	}
	return oneLine(s)
}

// choice finds or makes the choice of an option and gives its id. Choices of one option are one person.
func (x *vwPlaced) choice(o *vwPrinted, key, party string) string {
	if i, ok := o.choices[key]; ok {
		return x.contest.Choices[i].ID
	}
	ch := Choice{ID: x.ids.keep(choiceID(o.id, len(o.choices))), Name: o.name, Party: party, WriteIn: o.write}
	o.choices[key] = len(x.contest.Choices)
	x.contest.Choices = append(x.contest.Choices, ch)
	if len(o.choices) > 1 {
		for _, i := range o.choices {
			x.contest.Choices[i].Candidate = o.person
		}
	}
	return ch.ID
}

// sort puts a contest's choices into the order of the file's options, write-ins last by number.
func (x *vwPlaced) sort() {
	rank := map[string]int{}
	for _, o := range x.options {
		for _, i := range o.choices {
			rank[x.contest.Choices[i].ID] = o.rank
		}
	}
	slices.SortStableFunc(x.contest.Choices, func(a, b Choice) int { return rank[a.ID] - rank[b.ID] })
	var lines []*Choice
	for i := range x.contest.Choices {
		if ch := &x.contest.Choices[i]; ch.WriteIn {
			lines = append(lines, ch)
		}
	}
	for n, ch := range lines {
		if len(lines) > 1 {
			ch.Name = fmt.Sprintf("Write-in %d", n+1)
		}
	}
}
