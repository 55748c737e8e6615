package cvr

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

type (
	dominionSession struct {
		Tabulator text             `json:"TabulatorId"`
		Batch     text             `json:"BatchId"`
		Record    text             `json:"RecordId"`
		Group     number           `json:"CountingGroupId"`
		ImageMask text             `json:"ImageMask"`
		Unique    text             `json:"UniqueVotingIdentifier"`
		Original  *dominionVersion `json:"Original"`
		Modified  *dominionVersion `json:"Modified"`
	}
	dominionVersion struct {
		Precinct  number            `json:"PrecinctPortionId"`
		Style     number            `json:"BallotTypeId"`
		IsCurrent *bool             `json:"IsCurrent"`
		Cards     []dominionCard    `json:"Cards"`
		Contests  []dominionContest `json:"Contests"` // of versions up to 5.2, which have no cards
	}
	dominionCard struct {
		Contests []dominionContest `json:"Contests"`
	}
	dominionContest struct {
		ID         number         `json:"Id"`
		Overvotes  number         `json:"Overvotes"`
		Undervotes number         `json:"Undervotes"`
		Outstack   []number       `json:"OutstackConditionIds"`
		Marks      []dominionMark `json:"Marks"`
	}
	dominionMark struct {
		Candidate text   `json:"CandidateId"`
		Party     number `json:"PartyId"`
		Rank      number `json:"Rank"`
		Ambiguous bool   `json:"IsAmbiguous"`
		IsVote    *bool  `json:"IsVote"`
	}
)

// readDominionJSON reads the sessions of one CvrExport file. A session's cards are records of their own.
func (x *Export) readDominionJSON(e *entry, r io.Reader, each func(*MachineRecord) error) error {
	names, err := x.dominionNames(e)
	if err != nil {
		return err
	}
	s := newJSONStream(e, r)
	found := false
	err = s.object(func(key string) error {
		if key != "Sessions" {
			return s.skip(key)
		}
		found = true
		return s.array(key, func(where string) error {
			var session dominionSession
			if err := s.value(where, &session); err != nil {
				return err
			}
			records, err := x.dominionSession(names, &session, where)
			if err != nil {
				return s.fail(where, err)
			}
			for i := range records {
				if err := each(&records[i]); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if !found {
		return s.fail("", errors.New("there are no Sessions"))
	}
	return s.end()
}

// version is the state of a session that was asked for: the one that counts is the modified one where the original is
// not current.
func (x *Export) dominionVersion(s *dominionSession) (*dominionVersion, error) {
	if s.Original == nil {
		return nil, errors.New("there is no Original")
	}
	switch x.options.Snapshot {
	case "original":
		return s.Original, nil
	case "modified", "interpreted":
		if s.Modified == nil {
			return nil, fmt.Errorf("there is no %s version", x.options.Snapshot)
		}
		return s.Modified, nil
	}
	if s.Modified != nil && (s.Original.IsCurrent != nil && !*s.Original.IsCurrent || s.Modified.IsCurrent != nil && *s.Modified.IsCurrent) {
		return s.Modified, nil
	}
	if s.Original.IsCurrent != nil && !*s.Original.IsCurrent {
		return nil, errors.New("the Original is not current, and there is no Modified")
	}
	return s.Original, nil
}

func (x *Export) dominionSession(n *dominionNames, s *dominionSession, where string) ([]MachineRecord, error) {
	v, err := x.dominionVersion(s)
	if err != nil {
		return nil, err
	}
	rec := MachineRecord{
		ID: string(s.Unique), Tabulator: string(s.Tabulator), Batch: string(s.Batch), Record: string(s.Record), Path: where,
		CountGroup: named(n.groups, s.Group), Precinct: named(n.precincts, v.Precinct), Style: named(n.styles, v.Style),
	}
	if s.ImageMask != "" {
		rec.Image = imageName(string(s.ImageMask))
		// Where the record's number is hidden, the image's name may still end in it: 92200_00113_000063.
		if last := rec.Image[strings.LastIndexByte(rec.Image, '_')+1:]; (rec.Record == "" || strings.EqualFold(rec.Record, "X")) && digits(last) == len(last) && last != "" {
			rec.Record = strings.TrimLeft(last, "0")
		}
	}
	if strings.EqualFold(rec.Record, "X") {
		rec.Record = ""
	}
	if rec.Tabulator != "" && rec.Batch != "" && rec.Record != "" {
		rec.Imprinted = rec.Tabulator + "-" + rec.Batch + "-" + rec.Record
	}
	cards := v.Cards
	if len(cards) == 0 {
		cards = []dominionCard{{Contests: v.Contests}}
	}
	out := make([]MachineRecord, 0, len(cards))
	for i := range cards {
		r := rec
		if len(cards) > 1 {
			r.Sheet = strconv.Itoa(i + 1)
		}
		for j := range cards[i].Contests {
			mc, err := x.dominionContest(n, &cards[i].Contests[j])
			if err != nil {
				return nil, fmt.Errorf("card %d, Contests[%d]: %w", i, j, err)
			}
			r.Contests = append(r.Contests, mc)
		}
		out = append(out, r)
	}
	return out, nil
}

func (x *Export) dominionContest(n *dominionNames, c *dominionContest) (MachineContest, error) {
	out := MachineContest{Overvotes: Unstated, Undervotes: Unstated}
	if !c.ID.set {
		return out, errors.New("the contest has no Id")
	}
	def, known := n.contests[c.ID.n]
	if !known && n.loaded {
		return out, fmt.Errorf("contest %d is not in ContestManifest.json", c.ID.n)
	}
	var err error
	if out.Contest, err = x.dominionEntry(n, c.ID.n, def); err != nil {
		return out, err
	}
	if c.Overvotes.set {
		out.Overvoted = c.Overvotes.n > 0
	}
	if c.Undervotes.set {
		out.Undervotes = c.Undervotes.n
	}
	for _, o := range c.Outstack {
		out.Overvoted = out.Overvoted || o.set && o.n == n.overvoted
		out.Invalid = out.Invalid || o.set && o.n == n.invalid
	}
	ranked := x.Roster.Contests[out.Contest].Ranks > 1
	for i := range c.Marks {
		m := &c.Marks[i]
		mark := MachineMark{Doubt: m.Ambiguous, Votes: 1}
		if ranked {
			mark.Rank = max(m.Rank.n, 1)
		}
		if m.IsVote == nil && m.Ambiguous || m.IsVote != nil && !*m.IsVote {
			mark.Votes = 0
		}
		ch := RosterChoice{ID: string(m.Candidate), Name: "candidate " + string(m.Candidate)}
		id, notNumber := strconv.Atoi(ch.ID)
		if item, ok := n.candidates[id]; ok && notNumber == nil {
			if item.Contest.set && item.Contest.n != c.ID.n {
				return out, fmt.Errorf("candidate %d is marked in contest %d, and CandidateManifest.json has it in contest %d", id, c.ID.n, item.Contest.n)
			}
			ch = n.choice(item, m.Party)
		} else if n.loaded {
			return out, fmt.Errorf("candidate %q is not in CandidateManifest.json", m.Candidate)
		}
		if mark.Choice, err = x.Roster.choice(out.Contest, ch); err != nil {
			return out, err
		}
		out.Marks = append(out.Marks, mark)
	}
	return out, nil
}

func named(names map[int]string, id number) string {
	switch name, ok := names[id.n]; {
	case !id.set:
		return ""
	case ok:
		return name
	}
	return strconv.Itoa(id.n)
}
