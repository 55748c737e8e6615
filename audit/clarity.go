package audit

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The elements of Clarity's detail.xml that are read.
type (
	clarityContest struct {
		Text    string          `xml:"text,attr"`
		Types   []clarityVotes  `xml:"VoteType"`
		Choices []clarityChoice `xml:"Choice"`
	}
	clarityChoice struct {
		Text  string         `xml:"text,attr"`
		Party string         `xml:"party,attr"`
		Total string         `xml:"totalVotes,attr"`
		Types []clarityVotes `xml:"VoteType"`
	}
	clarityVotes struct {
		Name      string        `xml:"name,attr"`
		Votes     string        `xml:"votes,attr"`
		Precincts []clarityPart `xml:"Precinct"`
		Counties  []clarityPart `xml:"County"`
	}
	clarityPart struct {
		Name  string `xml:"name,attr"`
		Votes string `xml:"votes,attr"`
		Cast  string `xml:"ballotsCast,attr"`
	}
	clarityTurnout struct {
		Cast      string        `xml:"ballotsCast,attr"`
		Precincts []clarityPart `xml:"Precincts>Precinct"`
		Counties  []clarityPart `xml:"Counties>County"`
	}
)

type clarityReader struct {
	m    *Machine
	line int
}

func (x *clarityReader) fail(format string, args ...any) error {
	return &ReadError{File: x.m.Name, Line: x.line, Detail: fmt.Sprintf(format, args...), Mend: "download the report again, or correct the place"}
}

// readClarity reads a Clarity report (detail.xml), contest by contest. Each total in it is checked against its parts and
// not added again.
func readClarity(name, text string) (*Machine, error) {
	d := xml.NewDecoder(strings.NewReader(text))
	// The text is UTF-8 by now, whatever the file says it was coded in.
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	x := &clarityReader{m: &Machine{Name: name}}
	bad := func(err error) error {
		line, _ := d.InputPos()
		var s *xml.SyntaxError
		detail := err.Error()
		if errors.As(err, &s) {
			line, detail = s.Line, s.Msg
		}
		return &ReadError{File: name, Line: line, Detail: "is no whole XML (" + detail + ")", Mend: "download the report again", Err: err}
	}
	depth := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, bad(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			x.line, _ = d.InputPos()
			switch {
			case depth == 0 && t.Name.Local != "ElectionResult":
				return nil, x.fail("is a <%.40s>, not an <ElectionResult>", t.Name.Local)
			case depth == 1 && t.Name.Local == "VoterTurnout":
				var v clarityTurnout
				if err := d.DecodeElement(&v, &t); err != nil {
					return nil, bad(err)
				}
				if err := x.turnout(&v); err != nil {
					return nil, err
				}
			case depth == 1 && t.Name.Local == "Contest":
				var c clarityContest
				if err := d.DecodeElement(&c, &t); err != nil {
					return nil, bad(err)
				}
				if err := x.contest(&c); err != nil {
					return nil, err
				}
			default:
				depth++
			}
		}
		if len(x.m.Rows) > maxRows {
			return nil, x.fail("more than %d numbers", maxRows)
		}
	}
	if len(x.m.Rows) == 0 {
		return nil, &ReadError{File: name, Detail: "no contest", Mend: "download the detailed report"}
	}
	return x.m, nil
}

func (x *clarityReader) turnout(v *clarityTurnout) error {
	if v.Cast == "" {
		return nil
	}
	all := clarityVotes{Name: "ballots cast", Votes: v.Cast}
	for _, p := range v.Precincts {
		all.Precincts = append(all.Precincts, clarityPart{Name: p.Name, Votes: p.Cast})
	}
	for _, p := range v.Counties {
		all.Counties = append(all.Counties, clarityPart{Name: p.Name, Votes: p.Cast})
	}
	_, err := x.votes(MachineRow{Kind: Cast}, &all)
	return err
}

func (x *clarityReader) contest(c *clarityContest) error {
	title := strings.TrimSpace(c.Text)
	if title == "" {
		return x.fail("a contest has no text")
	}
	for i := range c.Types {
		kind, ok := rowKinds[plain(c.Types[i].Name)]
		if !ok {
			if len(x.m.Notes) < maxNotes {
				x.m.Notes = append(x.m.Notes, fmt.Sprintf("%s: %q of %q is not compared", x.m.Name, c.Types[i].Name, title))
			}
			continue
		}
		if _, err := x.votes(MachineRow{Kind: kind, Contest: title}, &c.Types[i]); err != nil {
			return err
		}
	}
	for i := range c.Choices {
		ch := &c.Choices[i]
		row := MachineRow{Contest: title, Candidate: strings.TrimSpace(ch.Text), Party: strings.TrimSpace(ch.Party)}
		if row.Candidate == "" {
			return x.fail("a choice of %q has no text", title)
		}
		if !row.classify() {
			continue
		}
		sum := 0
		for j := range ch.Types {
			r := row
			r.CountGroup = ch.Types[j].Name
			n, err := x.votes(r, &ch.Types[j])
			if err != nil {
				return err
			}
			sum += n
		}
		total, ok := count(ch.Total)
		switch {
		case ch.Total != "" && !ok:
			return x.fail("%.40q is no count of votes", ch.Total)
		case len(ch.Types) == 0 && !ok:
			return x.fail("no votes for %q in %q", ch.Text, title)
		case len(ch.Types) == 0:
			row.Votes, row.Line = total, x.line
			x.m.Rows = append(x.m.Rows, row)
		case ok && total != sum:
			return x.fail("%q in %q has %d votes in all, but its parts add up to %d", ch.Text, title, total, sum)
		}
	}
	return nil
}

// votes adds the rows of one kind of vote and gives their sum.
func (x *clarityReader) votes(row MachineRow, v *clarityVotes) (int, error) {
	row.Line = x.line
	total, ok := count(v.Votes)
	if v.Votes != "" && !ok {
		return 0, x.fail("%.40q is no count of votes", v.Votes)
	}
	parts := v.Precincts
	if len(parts) == 0 {
		parts = v.Counties
	}
	if len(parts) == 0 {
		if !ok {
			return 0, x.fail("%q has no votes", v.Name)
		}
		row.Votes = total
		x.m.Rows = append(x.m.Rows, row)
		return total, nil
	}
	sum := 0
	for _, p := range parts {
		n, good := count(p.Votes)
		if !good {
			return 0, x.fail("%.40q is no count of votes (%s)", p.Votes, p.Name)
		}
		r := row
		if r.Votes = n; len(v.Precincts) > 0 {
			r.Precinct = strings.TrimSpace(p.Name)
		} else {
			r.County = strings.TrimSpace(p.Name)
		}
		x.m.Rows = append(x.m.Rows, r)
		sum += n
	}
	if ok && total != sum {
		return 0, x.fail("%q of %q is %d, but its parts add up to %d", v.Name, row.Contest, total, sum)
	}
	return sum, nil
}
