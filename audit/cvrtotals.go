package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"recount/cvr"
	"recount/vote"
)

// CVRTotals are a machine's records added up.
type CVRTotals struct {
	Records int `json:"records"`
	// Duplicates counts records of a sheet that was counted before. They are in the totals.
	Duplicates int               `json:"duplicates"`
	Contests   []CVRContestTotal `json:"contests"`
	// Look is what people must look at, Notes what they may want to know.
	Look  []string `json:"look"`
	Notes []string `json:"notes"`
}

// CVRContestTotal is one contest in one part. Where the export keeps the rule, votes + Overvotes + Undervotes is Ballots - BallotsInvalid times VoteFor; of
// a ranked contest the votes are the first choices, ranks without a mark passed over, one a ballot.
type CVRContestTotal struct {
	CVRPart
	Contest          string           `json:"contest"`
	VoteFor          int              `json:"vote_for"` // 0 where neither the export nor its records say
	Ranks            int              `json:"ranks,omitempty"`
	Ballots          int              `json:"ballots"` // records with the contest on them
	Choices          []CVRChoiceTotal `json:"choices"`
	Overvotes        *int             `json:"overvotes"` // votes lost; null where it cannot be known
	Undervotes       *int             `json:"undervotes"`
	BallotsOvervoted int              `json:"ballots_overvoted"`
	BallotsBlank     int              `json:"ballots_blank"`
	BallotsInvalid   int              `json:"ballots_invalid,omitempty"` // on which the machine counted nothing
}

// CVRChoiceTotal is one choice of a contest. All write-ins are one.
type CVRChoiceTotal struct {
	Choice  string `json:"choice"`
	Party   string `json:"party,omitempty"` // UNK for one person marked on several lines
	WriteIn bool   `json:"write_in,omitempty"`
	Votes   int    `json:"votes"`
	ByRank  []int  `json:"by_rank,omitempty"` // from the first rank
}

// Totals gives the contests part by part, in the order in which the export names them.
func (t *CVRTally) Totals() *CVRTotals {
	out := &CVRTotals{Records: t.records, Duplicates: t.twice, Contests: []CVRContestTotal{}, Look: []string{}, Notes: []string{}}
	keys := make([]CVRPart, 0, len(t.parts))
	for k := range t.parts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b CVRPart) int {
		return cmp.Or(cvr.Natural(a.Precinct, b.Precinct), cvr.Natural(a.Tabulator, b.Tabulator), cvr.Natural(a.Batch, b.Batch), cmp.Compare(a.CountGroup, b.CountGroup))
	})
	for _, k := range keys {
		for i := range t.roster.Contests {
			if c := t.parts[k][i]; c != nil {
				out.Contests = append(out.Contests, t.total(k, i, c))
			}
		}
	}
	if t.twice > 0 {
		out.Look = append(out.Look, fmt.Sprintf("records of a sheet that was counted before: %d (%s); they are in the totals", t.twice, some(t.twiceAt, t.twice)))
	}
	for i := range t.roster.Contests {
		if f := t.unbalanced[i]; f != nil && t.roster.Contests[i].Ranks < 2 {
			out.Look = append(out.Look, fmt.Sprintf("%s: on %d records the votes, overvotes and undervotes do not add up to the %d votes allowed (%s)",
				t.roster.Label(i), f.n, t.roster.Contests[i].VoteFor, some(f.at, f.n)))
		}
	}
	for i := range t.roster.Contests {
		def := &t.roster.Contests[i]
		if f := t.loose[i]; f != nil && def.Ranks < 2 && def.VoteFor == 0 {
			out.Look = append(out.Look, fmt.Sprintf("%s: the export does not say how many votes it allows, and %d records have more than one, which are all counted (%s)",
				t.roster.Label(i), f.n, some(f.at, f.n)))
		}
		if s := t.allows[i]; s != nil && s.least != s.most && def.Ranks < 2 && def.VoteFor == 0 {
			out.Notes = append(out.Notes, fmt.Sprintf("%s: votes and undervotes are %d on one record and %d on another, so that nothing says how many votes it allows",
				t.roster.Label(i), s.least, s.most))
		}
	}
	if t.records == 0 {
		out.Look = append(out.Look, "there is no record")
	}
	var absent []string
	for i := range t.roster.Contests {
		if !t.met[i] {
			absent = append(absent, t.roster.Label(i))
		}
	}
	if n := len(absent); n > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("contests that stand on no record: %d (%s)", n, some(absent[:min(n, maxPlaces)], n)))
	}
	contests, records := 0, 0
	for i, n := range t.silent {
		if t.roster.Contests[i].Ranks < 2 {
			contests, records = contests+1, records+n
		}
	}
	if contests > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("the export states neither votes nor over- or undervotes for a contest of a record %d times, in %d contests: they are no undervotes here", records, contests))
	}
	return out
}

func some(places []string, n int) string {
	s := strings.Join(places, "; ")
	if n > len(places) {
		s += "; ..."
	}
	return s
}

func (t *CVRTally) total(k CVRPart, i int, all *cvrContest) CVRContestTotal {
	def := &t.roster.Contests[i]
	out := CVRContestTotal{CVRPart: k, Contest: t.roster.Label(i), VoteFor: def.VoteFor, Ballots: all.ballots, Choices: []CVRChoiceTotal{}, BallotsInvalid: all.invalid}
	ranked, c := def.Ranks > 1, all.plain
	if ranked {
		out.Ranks, c = def.Ranks, all.ranked
	}
	out.BallotsOvervoted, out.BallotsBlank = c.overBallots, c.blank
	over, under := c.over, c.under
	if s := t.allows[i]; def.VoteFor == 0 && !ranked && s != nil && s.least == s.most {
		out.VoteFor = s.least
		over += c.pending * s.least
		c.pending = 0
	}
	if c.pending == 0 && (c.overUnknown == 0 || def.VoteFor > 0) {
		out.Overvotes = &over
	}
	if c.underUnknown == 0 {
		out.Undervotes = &under
	}
	line := func(choice int, unknown bool) (votes int, byRank []int) {
		if !ranked {
			return c.lines[cvrLine{choice, 0, unknown}], nil
		}
		byRank = make([]int, def.Ranks)
		for r := range byRank {
			byRank[r] = c.lines[cvrLine{choice, r + 1, unknown}]
		}
		return c.lines[cvrLine{choice, 0, unknown}], byRank
	}
	written := false
	for j := range def.Choices {
		ch := &def.Choices[j]
		if ch.WriteIn {
			written = true
			continue
		}
		votes, byRank := line(j, false)
		out.Choices = append(out.Choices, CVRChoiceTotal{Choice: ch.Name, Party: ch.Party, Votes: votes, ByRank: byRank})
	}
	for j := range def.Choices {
		if votes, byRank := line(j, true); votes > 0 || slices.Max(append(byRank, 0)) > 0 {
			out.Choices = append(out.Choices, CVRChoiceTotal{Choice: def.Choices[j].Name, Party: vote.Unknown, Votes: votes, ByRank: byRank})
		}
	}
	if written {
		_, byRank := line(-1, false)
		out.Choices = append(out.Choices, CVRChoiceTotal{Choice: WriteIns, WriteIn: true, Votes: c.written, ByRank: byRank})
	}
	return out
}

// Keep leaves only the contests whose names hold one of the texts, whatever their case and punctuation. It says which
// texts no contest holds.
func (o *CVRTotals) Keep(texts []string) (unmatched []string) {
	if len(texts) == 0 {
		return nil
	}
	used := map[string]bool{}
	o.Contests = slices.DeleteFunc(o.Contests, func(c CVRContestTotal) bool {
		keep := false
		for _, s := range texts {
			if strings.Contains(plain(c.Contest), plain(s)) {
				keep, used[s] = true, true
			}
		}
		return !keep
	})
	for _, s := range texts {
		if !used[s] {
			unmatched = append(unmatched, s)
		}
	}
	return unmatched
}

// Machine gives the totals as a machine's, to be compared.
func (o *CVRTotals) Machine(name string) *Machine {
	m := &Machine{Name: name}
	for _, c := range o.Contests {
		row := MachineRow{Precinct: c.Precinct, Tabulator: c.Tabulator, Batch: c.Batch, CountGroup: c.CountGroup, Contest: c.Contest}
		add := func(kind Kind, candidate, party string, votes int) {
			r := row
			r.Kind, r.Candidate, r.Party, r.Votes = kind, candidate, party, votes
			m.Rows = append(m.Rows, r)
		}
		for _, ch := range c.Choices {
			if ch.WriteIn {
				add(WriteIn, "", "", ch.Votes)
				continue
			}
			add(Candidate, ch.Choice, ch.Party, ch.Votes)
		}
		if c.Overvotes != nil {
			add(Over, "", "", *c.Overvotes)
		}
		if c.Undervotes != nil {
			add(Under, "", "", *c.Undervotes)
		}
		add(Cast, "", "", c.Ballots)
	}
	m.Notes = append(m.Notes, o.Look...)
	m.Notes = append(m.Notes, o.Notes...)
	return m
}
