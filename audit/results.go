package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// The classes of a NIST SP 1500-100 version 2 report that are read, by the names of their members alone.
type (
	resultReport struct {
		Units     []resultUnit     `json:"GpUnit"`
		Parties   []resultNamed    `json:"Party"`
		Elections []resultElection `json:"Election"`
	}
	resultNamed struct {
		ID           string `json:"@id"`
		Name         words  `json:"Name"`
		Abbreviation words  `json:"Abbreviation"`
		BallotName   words  `json:"BallotName"`
		PartyID      string `json:"PartyId"`
	}
	resultUnit struct {
		resultNamed
		Class     string   `json:"@type"`
		Type      string   `json:"Type"`
		Serial    words    `json:"SerialNumber"`
		Composing []string `json:"ComposingGpUnitIds"`
	}
	resultElection struct {
		Scope      string          `json:"ElectionScopeId"`
		Candidates []resultNamed   `json:"Candidate"`
		Contests   []resultContest `json:"Contest"`
		Counts     []resultCount   `json:"BallotCounts"`
	}
	resultContest struct {
		resultNamed
		Selections []resultSelection `json:"ContestSelection"`
		Counts     []resultCount     `json:"OtherCounts"`
	}
	resultSelection struct {
		ID         string        `json:"@id"`
		Selection  words         `json:"Selection"`
		Candidates []string      `json:"CandidateIds"`
		Parties    []string      `json:"PartyIds"`
		Endorsed   []string      `json:"EndorsementPartyIds"`
		IsWriteIn  bool          `json:"IsWriteIn"`
		Counts     []resultCount `json:"VoteCounts"`
	}
	resultCount struct {
		Unit       string       `json:"GpUnitId"`
		Type       string       `json:"Type"`
		Count      *json.Number `json:"Count"`
		Overvotes  *json.Number `json:"Overvotes"`
		Undervotes *json.Number `json:"Undervotes"`
		WriteIns   *json.Number `json:"WriteIns"`
		Cast       *json.Number `json:"BallotsCast"`
	}
)

// words is a text, or the first of a text in several languages.
type words string

// UnmarshalJSON takes a string, a number, or NIST's InternationalizedText.
func (w *words) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*w = words(strings.TrimSpace(s))
		return nil
	}
	var all struct {
		Text []struct {
			Content string `json:"Content"`
		} `json:"Text"`
	}
	if json.Unmarshal(b, &all) == nil {
		if len(all.Text) > 0 {
			*w = words(strings.TrimSpace(all.Text[0].Content))
		}
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*w = words(n)
	return nil
}

func first(of ...words) string {
	for _, w := range of {
		if w != "" {
			return string(w)
		}
	}
	return ""
}

// readResults reads a NIST SP 1500-100 version 2 election results report. A unit that is composed of others, or a
// jurisdiction beside its precincts, is a total: it is checked against its parts and left out.
func readResults(name, text string) (*Machine, error) {
	var r resultReport
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		line := 0
		var syntax *json.SyntaxError
		var wrong *json.UnmarshalTypeError
		detail := err.Error()
		switch {
		case errors.As(err, &syntax):
			line = 1 + strings.Count(text[:min(int(syntax.Offset), len(text))], "\n")
		case errors.As(err, &wrong):
			line = 1 + strings.Count(text[:min(int(wrong.Offset), len(text))], "\n")
			detail = fmt.Sprintf("%s: a %s stands where a %s is wanted", wrong.Field, wrong.Value, wrong.Type)
		}
		return nil, &ReadError{File: name, Line: line, Detail: detail, Mend: "export the results again", Err: err}
	}
	x := &resultReader{m: &Machine{Name: name}, units: map[string]*resultUnit{}, parents: map[string]string{}, parties: map[string]string{}, candidates: map[string]*resultNamed{}, totals: map[string]int{}}
	for i := range r.Units {
		u := &r.Units[i]
		x.units[u.ID] = u
		for _, part := range u.Composing {
			if _, two := x.parents[part]; !two && part != u.ID {
				x.parents[part] = u.ID
			}
		}
	}
	for _, p := range r.Parties {
		x.parties[p.ID] = first(p.Abbreviation, p.Name)
	}
	if len(r.Elections) == 0 {
		return nil, &ReadError{File: name, Detail: "no Election", Mend: "give an election results report"}
	}
	for i := range r.Elections {
		if err := x.election(i, &r.Elections[i]); err != nil {
			return nil, err
		}
	}
	for _, u := range r.Units {
		if n := x.totals[u.ID]; n > 0 && len(x.m.Notes) < maxNotes {
			x.m.Notes = append(x.m.Notes, fmt.Sprintf("%s: %d numbers of %q are the total of others and are not added again", name, n, first(u.Name, words(u.ID))))
		}
	}
	if len(x.m.Rows) == 0 {
		return nil, &ReadError{File: name, Detail: "no count of votes", Mend: "export the results with their counts"}
	}
	return x.m, nil
}

type resultReader struct {
	m          *Machine
	units      map[string]*resultUnit
	parents    map[string]string
	parties    map[string]string
	candidates map[string]*resultNamed
	scope      string
	totals     map[string]int // numbers left out, by unit
}

func (x *resultReader) fail(path, format string, args ...any) error {
	return &ReadError{File: x.m.Name, Path: path, Detail: fmt.Sprintf(format, args...), Mend: "export the results again, or correct the place"}
}

func (x *resultReader) election(i int, e *resultElection) error {
	at := fmt.Sprintf("Election[%d]", i)
	x.scope = e.Scope
	for j := range e.Candidates {
		x.candidates[e.Candidates[j].ID] = &e.Candidates[j]
	}
	cast := func(c *resultCount) *json.Number { return c.Cast }
	if err := x.numbers(at+".BallotCounts", MachineRow{Kind: Cast}, e.Counts, cast); err != nil {
		return err
	}
	titles := map[string]int{}
	for j := range e.Contests {
		titles[first(e.Contests[j].Name)]++
	}
	for j := range e.Contests {
		c := &e.Contests[j]
		title := first(c.Name, words(c.ID))
		if titles[title] > 1 {
			title += " [" + c.ID + "]"
		}
		if err := x.contest(fmt.Sprintf("%s.Contest[%d]", at, j), title, c); err != nil {
			return err
		}
	}
	return nil
}

func (x *resultReader) contest(at, title string, c *resultContest) error {
	written := false
	for i := range c.Selections {
		s := &c.Selections[i]
		row := MachineRow{Contest: title, Kind: Candidate}
		var names []string
		for _, id := range s.Candidates {
			k := x.candidates[id]
			if k == nil {
				return x.fail(fmt.Sprintf("%s.ContestSelection[%d]", at, i), "candidate %q is not defined", id)
			}
			names = append(names, first(k.BallotName, k.Name, words(k.ID)))
			if len(names) == 1 {
				row.Party = x.parties[k.PartyID]
			}
		}
		if len(s.Endorsed) == 1 {
			row.Party = x.parties[s.Endorsed[0]]
		}
		row.Candidate = first(s.Selection, words(strings.Join(names, " / ")))
		if row.Candidate == "" && len(s.Parties) > 0 {
			row.Candidate = x.parties[s.Parties[0]]
		}
		if s.IsWriteIn {
			row.Kind, row.Candidate, row.Party = WriteIn, "", ""
			written = written || len(s.Counts) > 0
		} else if row.Candidate == "" {
			row.Candidate = s.ID
		}
		if err := x.numbers(fmt.Sprintf("%s.ContestSelection[%d].VoteCounts", at, i), row, s.Counts, func(c *resultCount) *json.Number { return c.Count }); err != nil {
			return err
		}
	}
	for _, other := range []struct {
		kind Kind
		get  func(c *resultCount) *json.Number
	}{
		{Over, func(c *resultCount) *json.Number { return c.Overvotes }},
		{Under, func(c *resultCount) *json.Number { return c.Undervotes }},
		{WriteIn, func(c *resultCount) *json.Number { return c.WriteIns }},
	} {
		if other.kind == WriteIn && written {
			continue // they stand in the selections
		}
		if err := x.numbers(at+".OtherCounts", MachineRow{Contest: title, Kind: other.kind}, c.Counts, other.get); err != nil {
			return err
		}
	}
	return nil
}
