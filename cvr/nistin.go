package cvr

import (
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
)

// readNIST reads a report twice: for what it defines, which may stand after the records, and for the records.
func (x *Export) readNIST(e *entry, r io.Reader, each func(*MachineRecord) error) error {
	p := &inReportParts{contests: map[string]*inContest{}, parties: map[string]string{}, precincts: map[string]string{}, devices: map[string]string{}}
	s := newJSONStream(e, r)
	if err := x.defineNIST(s, p); err != nil {
		return err
	}
	again, err := e.open()
	if err != nil {
		return unreadable(e, err)
	}
	defer again.Close()
	s = newJSONStream(e, again)
	return s.object(func(key string) error {
		if key != "CVR" {
			return s.skip(key)
		}
		return s.array(key, func(where string) error {
			var c inCVR
			if err := s.value(where, &c); err != nil {
				return err
			}
			rec, err := x.recordNIST(p, &c, where)
			if err != nil {
				return s.fail(where, err)
			}
			return each(rec)
		})
	})
}

// defineNIST reads all but the records.
func (x *Export) defineNIST(s *jsonStream, p *inReportParts) error {
	candidates := map[string]inNamed{}
	var elections []inElection
	records := false
	err := s.object(func(key string) error {
		var named many[inNamed]
		var into map[string]string
		switch key {
		case "CVR":
			records = true
			return s.array(key, s.skip)
		case "Election":
			var some many[inElection]
			if err := s.value(key, &some); err != nil {
				return err
			}
			elections = append(elections, some...)
			return nil
		case "Party":
			into = p.parties
		case "GpUnit":
			into = p.precincts
		case "ReportingDevice":
			into = p.devices
		default:
			return s.skip(key)
		}
		if err := s.value(key, &named); err != nil {
			return err
		}
		for _, n := range named {
			name := n.Name
			for _, other := range []text{n.Abbreviation, n.Serial, n.ID} {
				if name == "" {
					name = other
				}
			}
			into[string(n.ID)] = string(name)
		}
		return nil
	})
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return err
	}
	for i := range elections {
		for _, c := range elections[i].Candidate {
			candidates[string(c.ID)] = c
		}
	}
	for i := range elections {
		for j := range elections[i].Contest {
			if err := x.contestNIST(&elections[i].Contest[j], p, candidates); err != nil {
				return s.fail(fmt.Sprintf("Election[%d].Contest[%d]", i, j), err)
			}
		}
	}
	switch {
	case !records && len(elections) == 0:
		return s.fail("", fmt.Errorf("there is neither an Election nor a CVR"))
	case records && len(p.contests) == 0:
		return s.fail("Election", fmt.Errorf("no contest is defined"))
	}
	return nil
}

// contestNIST enters a contest and its selections.
func (x *Export) contestNIST(c *inContest, p *inReportParts, candidates map[string]inNamed) error {
	title := string(c.Name)
	if title == "" {
		title = string(c.ID)
	}
	var err error
	if c.at, err = x.Roster.contest(string(c.ID), title); err != nil {
		return err
	}
	// Questions, retentions and straight parties allow one vote; the schema does not let them say so.
	if !c.VotesAllowed.set && !strings.HasSuffix(string(c.Type), "CandidateContest") && c.Type != "" && !strings.HasSuffix(string(c.Type), ".Contest") {
		c.VotesAllowed.n = 1
	}
	x.Roster.voteFor(c.at, c.VotesAllowed.n, 0)
	switch c.Variation {
	case "rcv":
		x.Roster.voteFor(c.at, c.VotesAllowed.n, 2)
	case "n-of-m", "plurality", "majority", "super-majority", "approval", "cumulative":
		x.Roster.settle(c.at)
	}
	c.choices = map[string]int{}
	for _, s := range c.Selection {
		ch := RosterChoice{ID: string(s.ID), WriteIn: s.IsWriteIn, Name: string(s.Selection)}
		var names []string
		for _, id := range s.Candidates {
			n := candidates[string(id)]
			names = append(names, string(n.Name))
			if len(names) == 1 {
				ch.Party = p.parties[string(n.PartyID)]
			}
		}
		if ch.Name == "" {
			ch.Name = strings.Join(slices.DeleteFunc(names, func(n string) bool { return n == "" }), " / ")
		}
		for _, id := range s.Parties {
			if ch.Name == "" {
				ch.Name = p.parties[string(id)]
			}
		}
		for _, code := range s.Code {
			if code.OtherType == "party" {
				ch.Party = string(code.Value)
			}
		}
		switch {
		case ch.WriteIn && ch.Name == "":
			ch.Name = WriteInName
		case ch.Name == "":
			ch.Name = ch.ID
		}
		n, err := x.Roster.choice(c.at, ch)
		if err != nil {
			return err
		}
		c.choices[string(s.ID)] = n
	}
	p.contests[string(c.ID)] = c
	return nil
}

// recordNIST is one CVR in the snapshot that was asked for.
func (x *Export) recordNIST(p *inReportParts, c *inCVR, where string) (*MachineRecord, error) {
	rec := &MachineRecord{
		ID: string(c.UniqueID), Imprinted: string(c.AuditID), Tabulator: string(c.Device), Batch: string(c.Batch), Record: string(c.Sequence),
		Sheet: string(c.Sheet), Style: string(c.Style), Precinct: string(c.StyleUnit), Path: where,
	}
	if rec.ID == "" {
		rec.ID = string(c.PrintedID)
	}
	if rec.ID == "" {
		rec.ID = rec.Imprinted
	}
	if n := p.precincts[rec.Precinct]; n != "" {
		rec.Precinct = n
	}
	if n := p.devices[rec.Tabulator]; n != "" {
		rec.Tabulator = n
	}
	for _, im := range c.Images {
		name := im.Location
		if name == "" && im.Image != nil {
			name = im.Image.FileName
		}
		if name != "" && rec.Image == "" {
			rec.Image = imageName(string(name))
		}
	}
	s, err := x.snapshotNIST(c)
	if err != nil {
		return nil, err
	}
	for i := range s.Contests {
		mc, err := x.votesNIST(p, &s.Contests[i])
		if err != nil {
			return nil, fmt.Errorf("CVRContest[%d]: %w", i, err)
		}
		rec.Contests = append(rec.Contests, mc)
	}
	return rec, nil
}

// imageName is a picture's name without its folder and ending, whichever slashes it has.
func imageName(s string) string {
	if uri, ok := strings.CutPrefix(s, "file:"); ok {
		if plain, err := url.PathUnescape(uri); err == nil {
			uri = plain
		}
		s = uri
	}
	s = strings.ReplaceAll(s, `\`, "/")
	s = strings.TrimRight(path.Base(s), "*.")
	if ext := path.Ext(s); len(ext) > 1 && len(ext) <= 5 {
		s = strings.TrimSuffix(s, ext)
	}
	return s
}
