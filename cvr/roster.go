package cvr

import (
	"fmt"
	"regexp"
)

// The bounds of what an export may name: a state's ballots have a hundredth of it.
const (
	maxContests = 20_000
	maxChoices  = 200_000 // in all
	maxName     = 4096    // bytes of a name
	maxRank     = 1000
)

// Roster is what a machine's exports name: contests and their choices, in the order in which they were first met. It
// grows while records are read.
type Roster struct {
	Contests []RosterContest

	at      map[string]int
	choices int
}

// RosterContest is a contest as the export names it.
type RosterContest struct {
	ID, Title string
	VoteFor   int // 0 where the export does not say
	Ranks     int // more than 1 for a ranked contest
	// Settled says that the export tells ranked contests from others: one that is not ranked yet never will be.
	Settled bool
	// Partyless says that the export names no parties at all: choices of one name are one person's lines.
	Partyless bool
	Choices   []RosterChoice

	at map[string]int
}

// RosterChoice is a choice as the export names it.
type RosterChoice struct {
	ID, Name, Party string
	WriteIn         bool
}

// WriteInName is the name of a write-in choice that the export leaves unnamed.
const WriteInName = "Write-in"

var writeIn = regexp.MustCompile(`(?i)^\W*write[\s-]?ins?\b`)

// Label is the contest's title, with its ID or number where another contest has the same title.
func (r *Roster) Label(contest int) string {
	c := &r.Contests[contest]
	for i := range r.Contests {
		if i != contest && r.Contests[i].Title == c.Title {
			if c.ID != "" {
				return c.Title + " [" + c.ID + "]"
			}
			if o := r.Contests[i].VoteFor; c.VoteFor > 0 && o > 0 && o != c.VoteFor {
				return c.Title + " [" + votesID(c.VoteFor) + "]"
			}
			return fmt.Sprintf("%s [%d]", c.Title, contest+1)
		}
	}
	return c.Title
}

// full is the error of a roster that would outgrow its bounds.
type full struct{ what string }

func (f full) Error() string { return f.what }

// contest finds or adds a contest. Contests are told apart by id and title.
func (r *Roster) contest(id, title string) (int, error) {
	k := id + "\x00" + title
	if i, ok := r.at[k]; ok {
		return i, nil
	}
	switch {
	case len(r.Contests) >= maxContests:
		return 0, full{fmt.Sprintf("more than %d contests", maxContests)}
	case len(id) > maxName || len(title) > maxName:
		return 0, full{fmt.Sprintf("a contest's name of more than %d bytes", maxName)}
	}
	if r.at == nil {
		r.at = map[string]int{}
	}
	r.Contests = append(r.Contests, RosterContest{ID: id, Title: title, at: map[string]int{}})
	r.at[k] = len(r.Contests) - 1
	return len(r.Contests) - 1, nil
}

// contestFor finds or adds a contest of an export that names its contests by title alone and says how many votes each allows
// (0 where it does not): two of one title that allow different numbers are two contests.
func (r *Roster) contestFor(title string, allowed int) (int, error) {
	i, ok := r.at["\x00"+title]
	if ok && allowed > 0 && r.Contests[i].VoteFor > 0 && r.Contests[i].VoteFor != allowed {
		return r.contest(votesID(allowed), title)
	}
	return r.contest("", title)
}

// votesID tells contests of one title apart.
func votesID(allowed int) string { return fmt.Sprintf("vote for %d", allowed) }

// choice finds or adds a choice of a contest. Choices are told apart by id, name and party. A name that begins with
// "write-in" is a write-in.
func (r *Roster) choice(contest int, ch RosterChoice) (int, error) {
	c := &r.Contests[contest]
	k := ch.ID + "\x00" + ch.Name + "\x00" + ch.Party
	if i, ok := c.at[k]; ok {
		return i, nil
	}
	switch {
	case r.choices >= maxChoices:
		return 0, full{fmt.Sprintf("more than %d different choices", maxChoices)}
	case len(ch.ID) > maxName || len(ch.Name) > maxName || len(ch.Party) > maxName:
		return 0, full{fmt.Sprintf("a choice's name of more than %d bytes", maxName)}
	}
	ch.WriteIn = ch.WriteIn || writeIn.MatchString(ch.Name)
	r.choices++
	c.Choices = append(c.Choices, ch)
	c.at[k] = len(c.Choices) - 1
	return len(c.Choices) - 1, nil
}

// voteFor sets how many votes a contest allows and how many ranks it has, where the export says so.
func (r *Roster) voteFor(contest, n, ranks int) {
	c := &r.Contests[contest]
	if n > 0 {
		c.VoteFor = n
	}
	c.Ranks = max(c.Ranks, min(ranks, maxRank))
}

// settle notes that the contest is ranked now or never.
func (r *Roster) settle(contest int) { r.Contests[contest].Settled = true }

// Person is the first choice of the contest that stands for the same person as choice i: one name on the lines of
// several parties.
func (c *RosterContest) Person(i int) int {
	ch := &c.Choices[i]
	if ch.WriteIn || ch.Party == "" && !c.Partyless {
		return i
	}
	for j := range i {
		if o := &c.Choices[j]; o.Name == ch.Name && !o.WriteIn && (c.Partyless || o.Party != "" && o.Party != ch.Party) {
			return j
		}
	}
	return i
}
