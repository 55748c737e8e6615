package election

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// WriteBallotDefinition gives the definition as a NIST SP 1500-20 Ballot Definition, which is valid against the published
// schema. date is the election's day, YYYY-MM-DD, where the definition has none; program names the program. The same
// definition gives the same bytes: GeneratedDate is the election's day, not a clock.
//
// The standard has no place for reference pictures, printed codes, arrows, notes, pages without targets, and votes allowed
// that differ by style; the last is an error, the others are left out (an arrow becomes a rectangle). Boxes are the white
// inside of the targets.
func (e *Election) WriteBallotDefinition(date, program string) ([]byte, error) {
	if e.Date != "" {
		date = e.Date
	}
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return nil, fmt.Errorf("a Ballot Definition needs the election's day, and the definition has none: give it as YYYY-MM-DD")
	}
	w := &bdWriter{e: e, d: &bdDefinition{
		Class: bdPrefix + "BallotDefinition", Version: "1.0.0", GeneratedDate: date + "T00:00:00Z",
		Issuer: "recount", IssuerAbbreviation: "recount", VendorApplicationID: program, SequenceStart: 1, SequenceEnd: 1,
	}}
	if err := w.write(date); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(w.d); err != nil {
		return nil, fmt.Errorf("write ballot definition: %w", err)
	}
	if err := CheckBallotDefinition("ballot definition", b.Bytes()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// bdWriter builds a Ballot Definition.
type bdWriter struct {
	e *Election
	d *bdDefinition
}

const bdScope = "gp.all"

func (w *bdWriter) write(date string) error {
	scope := bdUnit{Class: bdPrefix + "ReportingUnit", ID: bdScope, Type: "other", OtherType: "jurisdiction"}
	if w.e.Jurisdiction != "" {
		scope.Name = textOne(w.e.Jurisdiction)
	}
	w.d.GpUnit = []bdUnit{scope}
	out := bdElection{Class: bdPrefix + "Election", Name: textOne(w.e.Title), Type: "other", OtherType: "not stated", StartDate: date, EndDate: date, ElectionScopeID: bdScope}
	for _, s := range []Shape{Oval, Box, Arrow} {
		kind := "rectangle"
		if s == Oval {
			kind = "ellipse"
		}
		w.d.Shape = append(w.d.Shape, bdShape{Class: bdPrefix + "Shape", ID: bdShapes[s], ShapeType: kind})
	}
	w.d.Shape = append(w.d.Shape, bdShape{Class: bdPrefix + "Shape", ID: bdShapeBar, ShapeType: "rectangle", FillColor: "000000"})
	parties := map[string]string{}
	for i := range w.e.Contests {
		if c := &w.e.Contests[i]; c.Ranks > 0 || c.Kind != "" {
			return fmt.Errorf("contest %q is ranked or votes for parties, which is not written as a Ballot Definition here: keep the definition in its own format", c.Title)
		}
		w.contest(&w.e.Contests[i], &out, parties)
	}
	units := map[string]string{}
	for i := range w.e.Styles {
		s := &w.e.Styles[i]
		if len(s.VoteFor) > 0 {
			return fmt.Errorf("style %q has votes allowed of its own, and a Ballot Definition has one number a contest: make the contest two, one for each number", s.ID)
		}
		unit := bdScope
		if s.Precinct != "" {
			if units[s.Precinct] == "" {
				units[s.Precinct] = fmt.Sprintf("gp.%d", len(units)+1)
				w.d.GpUnit = append(w.d.GpUnit, bdUnit{Class: bdPrefix + "ReportingUnit", ID: units[s.Precinct], Type: "precinct", Name: textOne(s.Precinct)})
			}
			unit = units[s.Precinct]
		}
		st, err := w.style(s, fmt.Sprintf("bf.%d", i+1))
		if err != nil {
			return err
		}
		st.GpUnitIDs = []string{unit}
		out.BallotStyle = append(out.BallotStyle, st)
	}
	w.d.Election = []bdElection{out}
	return nil
}

// question says whether a contest is plainly a question: one vote, yes or no, nobody's party.
func (c *Contest) question() bool {
	if c.VoteFor != 1 || len(c.Choices) != 2 {
		return false
	}
	for _, ch := range c.Choices {
		if ch.WriteIn || ch.Party != "" || ch.Candidate != "" || !strings.EqualFold(ch.Name, "yes") && !strings.EqualFold(ch.Name, "no") {
			return false
		}
	}
	return true
}

func contestRef(id string) string         { return "ct." + id }
func optionRef(contest, id string) string { return "op." + contest + "." + id }

func keep(other, value string) bdIdentifier {
	return bdIdentifier{Class: bdPrefix + "ExternalIdentifier", Type: "other", OtherType: other, Value: value}
}

func (w *bdWriter) contest(c *Contest, out *bdElection, parties map[string]string) {
	x := bdContest{Class: bdPrefix + "CandidateContest", ID: contestRef(c.ID), Name: c.Title, ElectionDistrictID: bdScope, VotesAllowed: c.VoteFor, VoteVariation: "n-of-m"}
	if c.question() {
		x.Class, x.VotesAllowed = bdPrefix+"BallotMeasureContest", 0
		for _, ch := range c.Choices {
			x.ContestOption = append(x.ContestOption, bdOption{Class: bdPrefix + "BallotMeasureOption", ID: optionRef(c.ID, ch.ID), Selection: textOne(ch.Name)})
		}
		out.Contest = append(out.Contest, x)
		return
	}
	people := map[string]string{} // Choice.Person -> candidate id
	for i := range c.Choices {
		ch := &c.Choices[i]
		o := bdOption{Class: bdPrefix + "CandidateOption", ID: optionRef(c.ID, ch.ID), ExternalIdentifier: []bdIdentifier{keep(bdKeepName, ch.Name)}}
		if ch.Party != "" {
			if parties[ch.Party] == "" {
				parties[ch.Party] = fmt.Sprintf("pa.%d", len(parties)+1)
				w.d.Party = append(w.d.Party, bdParty{Class: bdPrefix + "Party", ID: parties[ch.Party], Name: textOne(ch.Party)})
			}
			o.EndorsementPartyIDs = []string{parties[ch.Party]}
		}
		if ch.WriteIn {
			o.IsWriteIn = true
			x.ContestOption = append(x.ContestOption, o)
			continue
		}
		// A candidate is known by the name that several choices share, one without by the choice alone.
		key := "id " + ch.ID
		if ch.Candidate != "" {
			key = "name " + ch.Candidate
		}
		if people[key] == "" {
			people[key] = fmt.Sprintf("cn.%s.%d", c.ID, len(people)+1)
			k := bdCandidate{Class: bdPrefix + "Candidate", ID: people[key], BallotName: textOne(ch.Name)}
			if ch.Candidate != "" {
				k.ExternalIdentifier = []bdIdentifier{keep(bdKeepCandidate, ch.Candidate)}
			}
			out.Candidate = append(out.Candidate, k)
		}
		o.CandidateIDs = []string{people[key]}
		x.ContestOption = append(x.ContestOption, o)
	}
	out.Contest = append(out.Contest, x)
}

// style writes a style's contests in the order of their first targets, and its paper. Pages of one style that have papers of
// their own get a format each.
func (w *bdWriter) style(s *Style, format string) (bdStyle, error) {
	out := bdStyle{Class: bdPrefix + "BallotStyle", ExternalIdentifier: []bdIdentifier{{Class: bdPrefix + "ExternalIdentifier", Type: "local-level", Value: s.ID}}}
	papers := map[Paper]int{} // index in BallotFormat
	var order []string
	type spot struct {
		format string
		choice string
		at     bdPlace
	}
	spots := map[string][]spot{}
	for i := range s.Pages {
		g := &s.Pages[i]
		paper := Paper{RoundInches(float64(g.Picture.Width) / g.Picture.DPI), RoundInches(float64(g.Picture.Height) / g.Picture.DPI)}
		n, ok := papers[paper]
		if !ok {
			id := format
			if len(papers) > 0 {
				id = fmt.Sprintf("%s.%d", format, len(papers)+1)
			}
			f := bdFormat{Class: bdPrefix + "BallotFormat", ID: id, MeasurementUnit: "in", Orientation: "portrait", ShortEdge: min(paper.W, paper.H), LongEdge: max(paper.W, paper.H),
				SelectionCaptureMethod: "omr", ExternalIdentifier: []bdIdentifier{{Class: bdPrefix + "ExternalIdentifier", Type: "local-level", Value: s.ID}}}
			if paper.W > paper.H {
				f.Orientation = "landscape"
			}
			n = len(w.d.BallotFormat)
			papers[paper] = n
			w.d.BallotFormat = append(w.d.BallotFormat, f)
		}
		f := &w.d.BallotFormat[n]
		if g.Grid != nil {
			g.Grid.marks(func(x, y float64) {
				f.FiducialMark = append(f.FiducialMark, boxAt(bdPlace{Class: bdPrefix + "FiducialMark", ShapeID: bdShapeBar, Sheet: g.Sheet(), Side: g.Side()}, x, y, g.Grid.W, g.Grid.H))
			})
		}
		for _, t := range g.Targets {
			if w.e.Contest(t.Contest) == nil {
				return out, fmt.Errorf("style %q page %d: no contest has the id %q", s.ID, g.Number, t.Contest)
			}
			if _, ok := spots[t.Contest]; !ok {
				order = append(order, t.Contest)
			}
			one := 1
			at := boxAt(bdPlace{Class: bdPrefix + "OptionPosition", IndicatorID: bdShapes[t.Shape], NumberVotes: &one, Sheet: g.Sheet(), Side: g.Side()}, t.X, t.Y, t.W, t.H)
			spots[t.Contest] = append(spots[t.Contest], spot{f.ID, t.Choice, at})
		}
	}
	for _, id := range order {
		c := bdOrdered{Class: bdPrefix + "OrderedContest", ContestID: contestRef(id)}
		for _, sp := range spots[id] {
			ref := optionRef(id, sp.choice)
			if !slices.Contains(c.OrderedContestOptionIDs, ref) {
				c.OrderedContestOptionIDs = append(c.OrderedContestOptionIDs, ref)
			}
			i := slices.IndexFunc(c.Physical, func(p bdPhysical) bool { return p.BallotFormatID == sp.format })
			if i < 0 {
				i = len(c.Physical)
				c.Physical = append(c.Physical, bdPhysical{Class: bdPrefix + "PhysicalContest", BallotFormatID: sp.format})
			}
			c.Physical[i].PhysicalContestOption = append(c.Physical[i].PhysicalContestOption,
				bdPhysicalOption{Class: bdPrefix + "PhysicalContestOption", ContestOptionID: ref, OptionPosition: []bdPlace{sp.at}})
		}
		out.OrderedContent = append(out.OrderedContent, c)
	}
	return out, nil
}

// boxAt gives a box by its middle its top left corner, in millionths of an inch, so that the way back gives the middle.
func boxAt(p bdPlace, x, y, w, h float64) bdPlace {
	micro := func(v float64) float64 { return math.Round(v*1e6) / 1e6 }
	l, t, w, h := micro(x-w/2), micro(y-h/2), micro(w), micro(h)
	p.X, p.Y, p.W, p.H = &l, &t, &w, &h
	return p
}

// marks calls f with the middle of every mark, each once, down the page and from left to right.
func (g *Grid) marks(f func(x, y float64)) {
	on := map[string]bool{}
	for _, s := range g.Sides {
		on[s] = true
	}
	for j, y := range g.Rows {
		for i, x := range g.Columns {
			if on["left"] && i == 0 || on["right"] && i == len(g.Columns)-1 || on["top"] && j == 0 || on["bottom"] && j == len(g.Rows)-1 {
				f(x, y)
			}
		}
	}
}

// nearly says whether two lengths are one: rounding moves a middle by less.
func nearly(a, b float64) bool { return math.Abs(a-b) < 0.0011 }
