package election

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// VotingWorksOptions says what a VotingWorks election file may have wrong or leaves out.
type VotingWorksOptions struct {
	Paper  Paper   // the real paper, in inches; zero takes what the file says
	Tracks Tracks  // the timing marks' family; empty takes what the file says
	DPI    float64 // of the pictures to be drawn; 0 is 200
}

// drawnDPI is what pictures are drawn at where nothing else is asked for: most ballots are scanned at it.
const drawnDPI = 200

// The parts of a VotingWorks election file that are read. Both its forms: up to 2025 the targets' places stand in
// gridLayouts, from 2026 in each ballot style's ballotPositions. Places count timing marks from the middle of the top left
// one, columns to the right and rows down; fractions lie between two marks.
type vwElection struct {
	Title  string `json:"title"`
	Date   string `json:"date"`
	State  string `json:"state"`
	County struct {
		Name string `json:"name"`
	} `json:"county"`
	BallotLayout struct {
		PaperSize        string `json:"paperSize"`
		MetadataEncoding string `json:"metadataEncoding"`
	} `json:"ballotLayout"`
	Precincts    []vwNamed `json:"precincts"`
	Districts    []vwNamed `json:"districts"`
	Parties      []vwNamed `json:"parties"`
	BallotStyles []struct {
		ID              string         `json:"id"`
		Precincts       []string       `json:"precincts"`
		BallotPositions [][][]struct { // sheet, then front and back
			ContestID string `json:"contestId"`
			Options   []struct {
				Type         string `json:"type"`
				OptionID     string `json:"optionId"`
				WriteInIndex *int   `json:"writeInIndex"`
				BubbleCenter *struct {
					Row    *float64 `json:"row"`
					Column *float64 `json:"column"`
				} `json:"bubbleCenter"`
				PartyIDs []string `json:"partyIds"`
			} `json:"options"`
		} `json:"ballotPositions"`
	} `json:"ballotStyles"`
	Contests    []vwContest `json:"contests"`
	GridLayouts []struct {
		BallotStyleID string       `json:"ballotStyleId"`
		GridPositions []vwPosition `json:"gridPositions"`
	} `json:"gridLayouts"`
}

type vwNamed struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	FullName string `json:"fullName"`
}

type vwContest struct {
	ID            string `json:"id"`
	DistrictID    string `json:"districtId"`
	Title         string `json:"title"`
	Type          string `json:"type"`
	PartyID       string `json:"partyId"`
	Description   string `json:"description"`
	Seats         int    `json:"seats"`
	AllowWriteIns bool   `json:"allowWriteIns"`
	Candidates    []struct {
		ID        string   `json:"id"`
		Name      string   `json:"name"`
		PartyID   string   `json:"partyId"`
		PartyIDs  []string `json:"partyIds"`
		IsWriteIn bool     `json:"isWriteIn"`
	} `json:"candidates"`
	YesOption              *vwOption  `json:"yesOption"`
	NoOption               *vwOption  `json:"noOption"`
	Options                []vwOption `json:"options"` // of a yes/no contest in the newer form
	EitherNeitherContestID string     `json:"eitherNeitherContestId"`
	PickOneContestID       string     `json:"pickOneContestId"`
	EitherNeitherLabel     string     `json:"eitherNeitherLabel"`
	PickOneLabel           string     `json:"pickOneLabel"`
	EitherOption           *vwOption  `json:"eitherOption"`
	NeitherOption          *vwOption  `json:"neitherOption"`
	FirstOption            *vwOption  `json:"firstOption"`
	SecondOption           *vwOption  `json:"secondOption"`
}

type vwOption struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

type vwPosition struct {
	Type         string   `json:"type"`
	SheetNumber  int      `json:"sheetNumber"`
	Side         string   `json:"side"`
	Column       *float64 `json:"column"`
	Row          *float64 `json:"row"`
	ContestID    string   `json:"contestId"`
	OptionID     string   `json:"optionId"`
	WriteInIndex *int     `json:"writeInIndex"`
	partyIDs     []string
	at           string // where it stands in the file
}

// ReadVotingWorks reads a VotingWorks election file (election.json) that says where the targets lie. Every place is given
// by column and row, and each page carries its timing marks as Grid, whose numbers are those of Tracks.Grid. name is used in
// errors, which are *Problems with JSON pointers.
func ReadVotingWorks(name string, data []byte, o VotingWorksOptions) (*Imported, error) {
	p := &Problems{File: name}
	var v vwElection
	if !decodeForeign(p, data, &v) {
		return nil, p
	}
	b := &vwBuild{v: &v, p: p, o: o}
	out := b.build()
	if err := p.err(); err != nil {
		return nil, err
	}
	if err := out.Election.checkDrawn(name); err != nil {
		return nil, err
	}
	out.Rows = out.Election.Rows()
	return out, nil
}

// checkDrawn checks a definition whose pictures are still to be made, as if they were.
func (e *Election) checkDrawn(name string) error {
	c := *e
	c.Styles = make([]Style, len(e.Styles))
	for i, s := range e.Styles {
		c.Styles[i] = s
		c.Styles[i].Pages = make([]Page, len(s.Pages))
		for j, g := range s.Pages {
			g.Picture.File, g.Picture.SHA256 = fmt.Sprintf("blanks/%d-%d.png", i, j), strings.Repeat("0", 64)
			c.Styles[i].Pages[j] = g
		}
	}
	err := c.Check()
	var p *Problems
	if errors.As(err, &p) {
		p.File = name + ", as a definition"
	}
	return err
}

// decodeForeign decodes another program's JSON into v within the bounds of our own files; fields that v lacks are passed
// over. It gives false, and says why, where that fails.
func decodeForeign(p *Problems, data []byte, v any) bool {
	if len(data) > MaxFile {
		p.add("", fmt.Sprintf("the file is larger than %d MiB", MaxFile>>20), "is it an election definition?")
		return false
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		p.add("", "the file is not UTF-8 text", "save it as UTF-8")
		return false
	}
	if where, err := checkJSON(data); err != nil {
		p.add(where, err.Error(), "")
		return false
	}
	if err := json.Unmarshal(data, v); err != nil {
		var t *json.UnmarshalTypeError
		if errors.As(err, &t) {
			p.add("/"+strings.ReplaceAll(t.Field, ".", "/"), fmt.Sprintf("a %s stands where another kind of value belongs", t.Value), "")
			return false
		}
		p.add("", err.Error(), "")
		return false
	}
	return true
}
