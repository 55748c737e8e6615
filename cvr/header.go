package cvr

import (
	"fmt"
	"slices"
	"strings"

	"recount/election"
)

// The report's fixed @ids.
const (
	deviceID = "device"
	scopeID  = "scope"
	electID  = "election"
)

// names gives the report's @ids of the election's things. Contest and choice IDs hold no dot, so no two meet.
func contestID(contest string) string           { return "contest." + contest }
func selectionID(contest, choice string) string { return "selection." + contest + "." + choice }
func candidateID(contest, choice string) string { return "candidate." + contest + "." + choice }

// header is the report without its records.
func header(e *election.Election, info Info) nistReport {
	ids := newNames("party.")
	el := nistElection{Type: "CVR.Election", ID: electID, Name: e.Title, ScopeID: scopeID}
	var parties []nistParty
	named, allowed := partyNames(e), allowedOf(e)
	for i := range e.Contests {
		c := &e.Contests[i]
		for j := range c.Choices {
			p := c.Choices[j].Party
			if id, fresh := ids.of(p); p != "" && fresh {
				parties = append(parties, nistParty{Type: "CVR.Party", ID: id, Abbreviation: p, Name: named[p]})
			}
		}
		el.Candidate = append(el.Candidate, candidates(c, ids)...)
		el.Contest = append(el.Contest, contest(c, allowed[c.ID], ids))
	}
	return nistReport{
		Type:                "CVR.CastVoteRecordReport",
		Version:             "1.0.0",
		GeneratedDate:       info.GeneratedDate,
		ReportType:          []string{"originating-device-export"},
		Notes:               info.Notes,
		ReportGeneratingIDs: []string{deviceID},
		ReportingDevice: []nistDevice{{
			Type: "CVR.ReportingDevice", ID: deviceID,
			Application: strings.TrimSpace("recount " + strings.TrimPrefix(info.Version, "recount ")), MarkMetricType: info.MarkMetricType,
		}},
		Party:    parties,
		Election: []nistElection{el},
	}
}

// partyNames are the parties' names as the straight-party contest prints them, where there is one and they are not the same.
func partyNames(e *election.Election) map[string]string {
	out := map[string]string{}
	for i := range e.Contests {
		if c := &e.Contests[i]; c.Kind == election.StraightParty {
			for _, ch := range c.Choices {
				if ch.Name != ch.Party && out[ch.Party] == "" {
					out[ch.Party] = ch.Name
				}
			}
		}
	}
	return out
}

// person is the first choice of the contest that stands for the same person; a write-in may be anybody and stands for
// itself.
func person(c *election.Contest, ch *election.Choice) *election.Choice {
	if ch.Candidate == "" || ch.WriteIn {
		return ch
	}
	i := slices.IndexFunc(c.Choices, func(o election.Choice) bool { return o.Candidate == ch.Candidate && !o.WriteIn })
	return &c.Choices[i]
}

// candidates are the contest's persons, in order of their first lines. A person of one party only carries it.
func candidates(c *election.Contest, parties *names) []nistCandidate {
	if measure(c) || c.Kind == election.StraightParty {
		return nil
	}
	var out []nistCandidate
	at := map[string]int{}
	for i := range c.Choices {
		ch := &c.Choices[i]
		if ch.WriteIn {
			continue
		}
		party := ""
		if ch.Party != "" {
			party, _ = parties.of(ch.Party)
		}
		first := person(c, ch).ID
		if n, ok := at[first]; ok {
			if out[n].PartyID != party {
				out[n].PartyID = ""
			}
			continue
		}
		at[first] = len(out)
		out = append(out, nistCandidate{Type: "CVR.Candidate", ID: candidateID(c.ID, first), Name: ch.Name, PartyID: party})
	}
	return out
}

// allowedOf is how many votes each contest allows, by ID, on the styles that print it; 0 where they differ. A report has one number
// a contest, and one that is not so on some of its sheets would make their votes seem not to add up.
func allowedOf(e *election.Election) map[string]int {
	out, met, contests := map[string]int{}, map[string]bool{}, map[string]*election.Contest{}
	for i := range e.Contests {
		c := &e.Contests[i]
		contests[c.ID], out[c.ID] = c, c.VoteFor
	}
	for i := range e.Styles {
		s := &e.Styles[i]
		for j := range s.Pages {
			for _, t := range s.Pages[j].Targets {
				c := contests[t.Contest]
				if c == nil {
					continue
				}
				n := s.Allowed(c)
				if met[c.ID] && n != out[c.ID] {
					n = 0
				}
				out[c.ID], met[c.ID] = n, true
			}
		}
	}
	return out
}

// contest describes one contest that allows so many votes, or 0 where its styles differ.
func contest(c *election.Contest, allowed int, parties *names) nistContest {
	n := nistContest{Type: "CVR.CandidateContest", ID: contestID(c.ID), Name: c.Title, VotesAllowed: allowed, VoteVariation: "n-of-m"}
	kind := "CVR.CandidateSelection"
	isMeasure := measure(c)
	if isMeasure {
		n.Type, n.VotesAllowed, n.VoteVariation = "CVR.BallotMeasureContest", 0, "plurality"
		kind = "CVR.BallotMeasureSelection"
	}
	straight := c.Kind == election.StraightParty
	switch {
	case straight:
		n.Type, n.VotesAllowed, kind = "CVR.PartyContest", 0, "CVR.PartySelection"
	case c.Ranks > 0:
		n.VoteVariation = "rcv"
	}
	for i := range c.Choices {
		ch := &c.Choices[i]
		if straight {
			party, _ := parties.of(ch.Party)
			n.Selection = append(n.Selection, nistSelection{Type: kind, ID: selectionID(c.ID, ch.ID), PartyIDs: []string{party}})
			continue
		}
		s := nistSelection{Type: kind, ID: selectionID(c.ID, ch.ID), IsWriteIn: ch.WriteIn}
		switch {
		case isMeasure:
			s.Selection = ch.Name
		case !ch.WriteIn:
			s.CandidateIDs = []string{candidateID(c.ID, person(c, ch).ID)}
		}
		if ch.Party != "" {
			// The schema has no party on a selection; without it the lines of a cross-endorsed person look alike.
			s.Code = []nistCode{{Type: "CVR.Code", CodeType: "other", OtherType: "party", Value: ch.Party}}
		}
		n.Selection = append(n.Selection, s)
	}
	return n
}

// answers are the choices of a question put to the voters. The definition does not say which contests are questions; a
// question whose answers are others is written as a candidate contest, which loses nothing but the name of the class.
var answers = []string{"yes", "no", "for", "against", "approve", "reject", "approved", "rejected", "in favor", "opposed", "bonds yes", "bonds no"}

// measure says whether the contest is a question: one vote, and every choice one of its plain answers.
func measure(c *election.Contest) bool {
	for i := range c.Choices {
		ch := &c.Choices[i]
		if ch.WriteIn || ch.Party != "" || !slices.Contains(answers, strings.ToLower(ch.Name)) {
			return false
		}
	}
	return c.VoteFor == 1 && len(c.Choices) == 2 && c.Ranks == 0 && c.Kind == ""
}

// names hands out an @id for each text, readable and unique.
type names struct {
	prefix string
	ids    map[string]string
	used   map[string]bool
}

func newNames(prefix string) *names {
	return &names{prefix: prefix, ids: map[string]string{}, used: map[string]bool{}}
}

// of gives the text's @id, and whether it is new.
func (n *names) of(text string) (id string, fresh bool) {
	if id, ok := n.ids[text]; ok {
		return id, false
	}
	slug := n.prefix + election.Slug(text)
	id = slug
	for i := 2; n.used[id]; i++ {
		id = fmt.Sprintf("%s.%d", slug, i)
	}
	n.ids[text], n.used[id] = id, true
	return id, true
}
