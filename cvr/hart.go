package cvr

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// hartCVR is Hart Verity's record of one sheet. Only what is marked is listed.
type hartCVR struct {
	XMLName       xml.Name
	Contests      []hartContest `xml:"Contests>Contest"`
	BatchNumber   string        `xml:"BatchNumber"`
	BatchSequence string        `xml:"BatchSequence"`
	SheetNumber   string        `xml:"SheetNumber"`
	GUID          string        `xml:"CvrGuid"`
	Precinct      struct {
		Name string `xml:"Name"`
	} `xml:"PrecinctSplit"`
	Party struct {
		Name string `xml:"Name"`
	} `xml:"Party"`
}

type hartContest struct {
	Name       string       `xml:"Name"`
	ID         string       `xml:"Id"`
	Options    []hartOption `xml:"Options>Option"`
	Undervotes string       `xml:"Undervotes"`
	Overvoted  *string      `xml:"Overvoted"`
	Invalid    *string      `xml:"InvalidVote"`
}

type hartOption struct {
	Name string `xml:"Name"`
	ID   string `xml:"Id"`
	// Value is 1, or for a ranked contest a digit for each rank: 0100 is the second.
	Value   string `xml:"Value"`
	WriteIn *struct {
		Text string `xml:"Text"`
	} `xml:"WriteInData"`
}

// says tells whether an element that says yes by standing there does so.
func says(s *string) bool {
	if s == nil {
		return false
	}
	v := strings.ToLower(strings.TrimSpace(*s))
	return v != "false" && v != "0"
}

// charset decodes what an XML file says it is coded in. UTF-16 was decoded by its mark before.
func charset(label string, r io.Reader) (io.Reader, error) {
	switch label = strings.ToLower(label); label {
	case "utf-16", "utf-16le", "utf-16be", "us-ascii":
		return r, nil
	case "iso-8859-1", "windows-1252":
		return charmap.Windows1252.NewDecoder().Reader(r), nil
	}
	return nil, fmt.Errorf("is coded as %.40q, which is not read", label)
}

// readHart reads one sheet's XML.
func (x *Export) readHart(e *entry, r io.Reader, each func(*MachineRecord) error) error {
	d := xml.NewDecoder(newMeter(transform.NewReader(r, unicode.BOMOverride(transform.Nop))))
	d.CharsetReader = charset
	var c hartCVR
	fail := func(err error) error {
		line, column := d.InputPos()
		re := &ReadError{Line: line, Column: column, Detail: err.Error(), Mend: "copy or export the file again", Err: err}
		var s *xml.SyntaxError
		switch {
		case errors.As(err, &s):
			re.Line, re.Detail = s.Line, s.Msg
		case errors.Is(err, io.EOF):
			re.Line, re.Column, re.Detail = 0, 0, "holds no XML"
		}
		return re
	}
	if err := d.Decode(&c); err != nil {
		return fail(err)
	}
	if c.XMLName.Local != "Cvr" {
		return &ReadError{Detail: fmt.Sprintf("is a <%.40s>, not a <Cvr>", c.XMLName.Local), Mend: "give Hart's cast-vote records"}
	}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fail(err)
		}
		if _, ok := t.(xml.StartElement); ok {
			return fail(errors.New("another element after the record"))
		}
	}
	rec := &MachineRecord{
		ID: strings.TrimSpace(c.GUID), Batch: strings.TrimSpace(c.BatchNumber), Record: strings.TrimSpace(c.BatchSequence),
		Sheet: strings.TrimSpace(c.SheetNumber), Precinct: strings.TrimSpace(c.Precinct.Name),
	}
	if rec.ID == "" {
		rec.ID = strings.TrimSuffix(e.base, path.Ext(e.base))
	}
	if err := x.hartJoin(); err != nil {
		return err
	}
	if scan, ok := x.scanned[rec.ID]; ok {
		rec.Tabulator, rec.Imprinted, rec.CountGroup = scan.workstation, scan.unique, scan.group
		scan.used = true
		x.scanned[rec.ID] = scan
	}
	for i := range c.Contests {
		mc, err := x.hartContest(&c.Contests[i])
		if err != nil {
			return &ReadError{Path: fmt.Sprintf("Contests/Contest[%d]", i+1), Detail: err.Error(), Mend: "export the file again", Err: err}
		}
		rec.Contests = append(rec.Contests, mc)
	}
	return each(rec)
}

func (x *Export) hartContest(h *hartContest) (MachineContest, error) {
	mc := MachineContest{Overvoted: says(h.Overvoted), Invalid: says(h.Invalid)}
	if mc.Overvoted {
		mc.Overvotes = Unstated // how many votes are lost
	}
	title := strings.Join(strings.Fields(h.Name), " ")
	if title == "" {
		title = h.ID
	}
	if title == "" {
		return mc, errors.New("the contest has no name")
	}
	var err error
	if mc.Contest, err = x.Roster.contest(h.ID, title); err != nil {
		return mc, err
	}
	x.Roster.Contests[mc.Contest].Partyless = true
	if u := strings.TrimSpace(h.Undervotes); u != "" {
		if mc.Undervotes = small(u); u != "0" && mc.Undervotes == 0 {
			return mc, fmt.Errorf("%.40q is no number of undervotes", u)
		}
	}
	if mc.Overvoted || strings.TrimSpace(h.Undervotes) == "" && len(h.Options) == 0 {
		mc.Undervotes = Unstated // nothing is marked, and it does not say how much was not used
	}
	for _, o := range h.Options {
		v := strings.TrimSpace(o.Value)
		if v == "" || strings.Trim(v, "01") != "" || len(v) > 1000 {
			return mc, fmt.Errorf("option %.60q has the value %.40q, which is no row of 0 and 1", o.Name, v)
		}
		ch := RosterChoice{ID: o.ID, Name: strings.Join(strings.Fields(o.Name), " ")}
		written := ""
		if o.WriteIn != nil {
			// The lines of a contest for writing on are one choice.
			ch, written = RosterChoice{Name: WriteInName, WriteIn: true}, strings.TrimSpace(o.WriteIn.Text)
		}
		if ch.Name == "" {
			ch.Name = o.ID
		}
		if ch.Name == "" {
			return mc, errors.New("an option has neither name nor id")
		}
		choice, err := x.Roster.choice(mc.Contest, ch)
		if err != nil {
			return mc, err
		}
		if len(v) == 1 {
			if v == "1" {
				mc.Marks = append(mc.Marks, MachineMark{Choice: choice, Votes: 1, WriteIn: written})
			}
			continue
		}
		x.Roster.voteFor(mc.Contest, 1, len(v))
		for rank := range len(v) {
			if v[rank] == '1' {
				mc.Marks = append(mc.Marks, MachineMark{Choice: choice, Rank: rank + 1, Votes: 1, WriteIn: written})
			}
		}
	}
	// What stands under a ranked contest are ranks that were not used.
	if x.Roster.Contests[mc.Contest].Ranks > 1 {
		mc.Undervotes = Unstated
	}
	return mc, nil
}
