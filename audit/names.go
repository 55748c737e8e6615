package audit

import (
	"slices"
	"strings"
	"unicode"

	"recount/cvr"
	"recount/election"
)

// How says how a name of another system was found to mean one of ours.
type How string

// The ways names are matched. Only Exact and Confirmed are ever used; the others are proposals for a person.
const (
	Exact      How = "exact"
	Confirmed  How = "confirmed"  // by a person, in the mapping
	Normalised How = "normalised" // the same but for case, spaces, punctuation, diacritics and the order of words
	Close      How = "close"      // alike, no more
)

// Pairing is one name of the machine's beside one of ours: a contest, or with TheirChoice a choice of it.
type Pairing struct {
	TheirContest string `json:"their_contest"`
	TheirChoice  string `json:"their_choice,omitempty"`
	TheirParty   string `json:"their_party,omitempty"`
	Contest      string `json:"our_contest"`
	Choice       string `json:"our_choice,omitempty"`
	Party        string `json:"our_party,omitempty"`
	How          How    `json:"how"`
}

// Names says what the names in a machine's records mean in our election.
type Names struct {
	// Proposals are matches that no person has confirmed; they are not used. Unmatched are names for which there is none,
	// of either side.
	Proposals []Pairing
	Unmatched []Unmatched

	election *election.Election
	roster   *cvr.Roster
	mapping  *Mapping
	contests []int    // by roster contest: index of our contest, or -1
	slots    [][]slot // by roster contest and choice
	known    [][]bool
}

// MatchNames finds what a roster's names mean. A name is used where it is the same, letter for letter, or where the
// mapping (which may be nil) has it confirmed. All else is proposed, or listed.
func MatchNames(e *election.Election, r *cvr.Roster, m *Mapping) *Names {
	n := &Names{Proposals: []Pairing{}, Unmatched: []Unmatched{}, election: e, roster: r, mapping: m, contests: make([]int, len(r.Contests)), slots: make([][]slot, len(r.Contests)), known: make([][]bool, len(r.Contests))}
	taken := make([]bool, len(e.Contests))
	for i := range r.Contests {
		n.contests[i] = n.exactContest(i)
		if at := n.contests[i]; at >= 0 {
			taken[at] = true
		}
	}
	proposed := make([]bool, len(e.Contests))
	for i := range r.Contests {
		n.slots[i], n.known[i] = make([]slot, len(r.Contests[i].Choices)), make([]bool, len(r.Contests[i].Choices))
		at := n.contests[i]
		if at < 0 {
			var how How
			if at, how = n.likeContest(i, taken); at < 0 {
				var titles []string
				for k := range e.Contests {
					titles = append(titles, Label(e, &e.Contests[k]))
				}
				n.Unmatched = append(n.Unmatched, Unmatched{Side: "machine", Contest: r.Label(i), Similar: nearest(r.Contests[i].Title, titles)})
				continue
			}
			proposed[at] = true
			if !m.refused(r.Label(i), "", "") {
				n.Proposals = append(n.Proposals, Pairing{TheirContest: r.Label(i), Contest: Label(e, &e.Contests[at]), How: how})
			}
		}
		n.choices(i, &e.Contests[at])
	}
	for i := range e.Contests {
		if !taken[i] && !proposed[i] {
			n.Unmatched = append(n.Unmatched, Unmatched{Side: "ballots", Contest: Label(e, &e.Contests[i])})
		}
	}
	return n
}

// exactContest is the one contest of ours with the roster contest's very name, or the one a person confirmed; else -1.
func (n *Names) exactContest(i int) int {
	c := &n.roster.Contests[i]
	if p := n.mapping.find(n.roster.Label(i), "", ""); p != nil {
		for k := range n.election.Contests {
			if Label(n.election, &n.election.Contests[k]) == p.Contest {
				return k
			}
		}
	}
	found := -1
	for k := range n.election.Contests {
		o := &n.election.Contests[k]
		// Contests of one title are told apart by our own IDs, as our records have them.
		if sameName(Label(n.election, o), c.Title) || sameName(o.Title, c.Title) && (Label(n.election, o) == o.Title || c.ID == "contest."+o.ID) {
			if found >= 0 {
				return -1 // two contests of one title: only a person can say
			}
			found = k
		}
	}
	if found >= 0 && c.VoteFor != n.election.Contests[found].VoteFor && n.otherVoteFor(i) {
		return -1 // ours is another contest of that title
	}
	return found
}

// otherVoteFor says whether another contest of the roster has the same title and allows another number of votes.
func (n *Names) otherVoteFor(i int) bool {
	c := &n.roster.Contests[i]
	return slices.ContainsFunc(n.roster.Contests, func(o cvr.RosterContest) bool {
		return sameName(o.Title, c.Title) && o.VoteFor > 0 && c.VoteFor > 0 && o.VoteFor != c.VoteFor
	})
}

// likeContest is the contest of ours that a roster contest probably means.
func (n *Names) likeContest(i int, taken []bool) (int, How) {
	title := n.roster.Contests[i].Title
	var free []int
	var names []string
	for k := range n.election.Contests {
		if !taken[k] {
			free = append(free, k)
			names = append(names, n.election.Contests[k].Title)
		}
	}
	return like(title, names, free)
}

// like gives the place of the one name that is the same in normal form, or the likest.
func like(name string, names []string, at []int) (int, How) {
	var same []int
	for i, o := range names {
		if plain(o) != "" && (plain(o) == plain(name) || anyOrder(o) == anyOrder(name)) {
			same = append(same, at[i])
		}
	}
	if len(same) == 1 {
		return same[0], Normalised
	}
	if near := nearest(name, names); len(same) == 0 && len(near) > 0 {
		return at[slices.Index(names, near[0])], Close
	}
	return -1, ""
}

// anyOrder is a name in normal form whatever the order of its words: "ADAMS, Ada" is "Ada Adams".
func anyOrder(s string) string {
	f := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;-/", r) })
	for i := range f {
		f[i] = plain(f[i])
	}
	slices.Sort(f)
	return strings.Join(f, "")
}

// choices finds what the choices of roster contest i mean in our contest c.
func (n *Names) choices(i int, c *election.Contest) {
	theirs := &n.roster.Contests[i]
	label := n.roster.Label(i)
	hasWriteIn := slices.ContainsFunc(c.Choices, func(ch election.Choice) bool { return ch.WriteIn })
	taken := make([]bool, len(c.Choices))
	for k := range theirs.Choices {
		ch := &theirs.Choices[k]
		h, ok := exactChoice(c, ch.Name, ch.Party)
		if p := n.mapping.find(label, ch.Name, ch.Party); p != nil {
			if mapped, is := mappedChoice(c, p); is {
				h, ok = mapped, true
			}
		}
		switch {
		case ok && c.Choices[h.choice].WriteIn, !ok && ch.WriteIn && hasWriteIn:
			n.slots[i][k], n.known[i][k] = slot{special: WriteIns}, true
		case ok:
			n.slots[i][k], n.known[i][k] = slot{hit: h}, true
			for j := range c.Choices {
				taken[j] = taken[j] || j == h.choice || (h.whole || h.unknown) && samePerson(c, j, h.choice)
			}
		}
	}
	for k := range theirs.Choices {
		if n.known[i][k] {
			continue
		}
		ch := &theirs.Choices[k]
		var free []int
		var names, shown []string
		for j := range c.Choices {
			shown = append(shown, lineName(c.Choices[j].Name, c.Choices[j].Party))
			if !taken[j] {
				free, names = append(free, j), append(names, bareName(&c.Choices[j]))
			}
		}
		at, how := like(ch.Name, names, free)
		if at < 0 || n.mapping.refused(label, ch.Name, ch.Party) {
			n.Unmatched = append(n.Unmatched, Unmatched{Side: "machine", Contest: label, Choice: ch.Name, Party: ch.Party, Similar: nearest(ch.Name, shown)})
			continue
		}
		line := c.Choices[at].Party
		if ch.Party == "" && crossEndorsed(c, at) {
			line = anyLine
		}
		n.Proposals = append(n.Proposals, Pairing{label, ch.Name, ch.Party, Label(n.election, c), c.Choices[at].Name, line, how})
	}
}

// anyLine stands in a mapping for all party lines of a person, where the machine does not name parties.
const anyLine = "*"

// mappedChoice is the line, or the person, that a confirmed pairing names.
func mappedChoice(c *election.Contest, p *Pairing) (hit, bool) {
	for i := range c.Choices {
		ch := &c.Choices[i]
		if ch.Name == p.Choice && (p.Party == anyLine || ch.Party == p.Party) {
			return hit{choice: i, whole: p.Party == anyLine}, true
		}
		if ch.WriteIn && p.Choice == WriteIns { // the name of their line in our totals
			return hit{choice: i}, true
		}
	}
	return hit{}, false
}

// exactChoice finds the line that a name and party mean, letter for letter.
func exactChoice(c *election.Contest, name, partyName string) (hit, bool) {
	var found []int
	for i := range c.Choices {
		ch := &c.Choices[i]
		if sameName(ch.Name, name) || sameName(bareName(ch), name) || sameName(lineName(ch.Name, ch.Party), name) {
			found = append(found, i)
		}
	}
	if len(found) == 1 && !crossEndorsed(c, found[0]) {
		// The party's name need not be ours where there is nobody else of that name.
		return hit{choice: found[0]}, true
	}
	return narrow(c, found, name, party(partyName))
}
