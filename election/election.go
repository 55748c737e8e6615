package election

import "encoding/json"

// Format is the version of the definition file this package writes and reads.
const Format = 1

// Election is the whole definition: one JSON file, its shape published in schema.json.
type Election struct {
	Schema       string    `json:"$schema,omitempty"`
	Format       int       `json:"format"`
	Title        string    `json:"title"`
	Date         string    `json:"date,omitempty"` // YYYY-MM-DD
	Jurisdiction string    `json:"jurisdiction,omitempty"`
	Contests     []Contest `json:"contests"`
	Styles       []Style   `json:"styles"`
	// Notes is free: a JSON object for what people or other programs want to keep beside the definition. Nothing reads it.
	Notes json.RawMessage `json:"notes,omitempty"`
}

// Contest is one question put to the voter. VoteFor is how many votes a voter has in it. docs/RULES.md says how each kind is
// counted.
type Contest struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	VoteFor int    `json:"vote_for"`
	// Ranks is how many ranks a voter can give in a ranked contest, whose targets each have a Rank; 0 where it is not ranked.
	Ranks int `json:"ranks,omitempty"`
	// Kind is StraightParty for the contest whose choices are parties, else empty.
	Kind ContestKind `json:"kind,omitempty"`
	// Straight says how a straight-party contest treats contests with marks of their own; empty is IndividualWins.
	Straight StraightRule `json:"straight,omitempty"`
	// Partisan contests are those that a straight-party vote reaches: it goes to the choices of its Party.
	Partisan bool     `json:"partisan,omitempty"`
	Choices  []Choice `json:"choices"`
}

// ContestKind is a kind of contest that is not counted by its own choices alone.
type ContestKind string

// StraightParty is the kind of a contest whose choices are parties: its vote goes to the party's candidates elsewhere.
const StraightParty ContestKind = "straight_party"

// StraightRule says what a straight-party vote does in a partisan contest that has marks of its own.
type StraightRule string

// The rules of straight-party contests.
const (
	// IndividualWins takes a contest with any mark of its own out of the straight-party vote.
	IndividualWins StraightRule = "individual-wins"
	// FillUp gives the party's candidates the votes that the contest's own marks leave, where they are enough for all of them.
	FillUp StraightRule = "fill-up"
)

// Choice is one line that a target stands beside. Two choices with the same non-empty Candidate are one person on two
// party lines (cross-endorsement): marking both is one vote, party unknown, and never an overvote.
type Choice struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Party     string `json:"party,omitempty"`
	Candidate string `json:"candidate,omitempty"`
	WriteIn   bool   `json:"write_in,omitempty"`
}

// Style is one printed ballot: which contests stand on which of its pages.
type Style struct {
	ID       string `json:"id"`
	Precinct string `json:"precinct,omitempty"`
	// VoteFor overrides a contest's votes allowed on this style only, keyed by contest ID.
	VoteFor map[string]int `json:"vote_for,omitempty"`
	Pages   []Page         `json:"pages"`
}

// Page is one printed side. Number counts a style's pages from 1: odd pages are fronts.
type Page struct {
	Number  int     `json:"page"`
	Picture Picture `json:"picture"`
	// Code is what the machine's code printed on the page says, where it has one that can be read; it tells styles apart.
	Code *Code `json:"code,omitempty"`
	// Grid is the page's timing marks, where positions are counted by them.
	Grid    *Grid    `json:"grid,omitempty"`
	Targets []Target `json:"targets"`
}

// Picture is the blank's reference picture. File is relative to the definition file and stays inside its folder.
type Picture struct {
	File   string  `json:"file"`
	SHA256 string  `json:"sha256"`
	DPI    float64 `json:"dpi"`
	Width  int     `json:"width"`  // pixels
	Height int     `json:"height"` // pixels
	// Drawn is true where no blank was at hand and the picture was drawn from the definition: it shows the timing marks and
	// the targets' outlines and none of the other print.
	Drawn bool `json:"drawn,omitempty"`
}

// Code is a code printed on the page for machines, the same on every sheet of the style. Kind "accuvote" is the 32 bits of
// an AccuVote page's bottom row, Value eight hex digits; kind "qr" is a QR code, Value its payload's bytes in hex; kind
// "barcode" is a one-dimensional barcode, Value its symbology's name, a colon and its text, the whole as bytes in hex; kind
// "bits" is marks that are printed or not at the places in Bits, Value those bits in hex, the first place's the highest.
type Code struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
	// Mask is for a code of which a part, as a serial number, differs from sheet to sheet: one digit for each character of a
	// barcode's text or byte of a QR code's payload, 1 where it must be as in Value, 0 where it may be anything. Empty is all 1.
	Mask string `json:"mask,omitempty"`
	Bits *Bits  `json:"bits,omitempty"`
}

// Shape is the printed outline of a target.
type Shape string

// The shapes a target can have.
const (
	Oval  Shape = "oval"
	Box   Shape = "box"
	Arrow Shape = "arrow" // the gap between an arrow's head and its tail, to be closed with a line
)

// Target is the place to fill: its centre and the size of the white inside its printed outline, in inches from the
// top left of the blank's picture.
type Target struct {
	Contest string  `json:"contest"` // Contest.ID
	Choice  string  `json:"choice"`  // Choice.ID
	X       float64 `json:"x"`
	Y       float64 `json:"y"`
	W       float64 `json:"w"`
	H       float64 `json:"h"`
	Shape   Shape   `json:"shape"`
	// Rank is which rank, from 1, the target gives its choice in a ranked contest; 0 in others.
	Rank int `json:"rank,omitempty"`
	// Column and Row are where the target lies on the page's grid, where that is how its place is known; X and Y then follow
	// from them and may be left out of a file.
	Column *float64 `json:"column,omitempty"`
	Row    *float64 `json:"row,omitempty"`
}

// Side is "front" for odd pages and "back" for even ones.
func (p *Page) Side() string {
	if p.Number%2 == 1 {
		return "front"
	}
	return "back"
}

// Sheet is the number, from 1, of the piece of paper the page is printed on.
func (p *Page) Sheet() int { return (p.Number + 1) / 2 }

// Contest finds a contest by ID, or nil.
func (e *Election) Contest(id string) *Contest {
	for i := range e.Contests {
		if e.Contests[i].ID == id {
			return &e.Contests[i]
		}
	}
	return nil
}

// Style finds a style by ID, or nil.
func (e *Election) Style(id string) *Style {
	for i := range e.Styles {
		if e.Styles[i].ID == id {
			return &e.Styles[i]
		}
	}
	return nil
}

// Choice finds a choice by ID, or nil.
func (c *Contest) Choice(id string) *Choice {
	for i := range c.Choices {
		if c.Choices[i].ID == id {
			return &c.Choices[i]
		}
	}
	return nil
}

// Person is who gets the vote when the choice is marked: the candidate where one is named, else the choice itself.
func (c *Choice) Person() string {
	if c.Candidate != "" {
		return c.Candidate
	}
	return c.ID
}

// Page finds a page of the style by number, or nil.
func (s *Style) Page(number int) *Page {
	for i := range s.Pages {
		if s.Pages[i].Number == number {
			return &s.Pages[i]
		}
	}
	return nil
}

// Allowed is how many votes a voter of this style has in the contest.
func (s *Style) Allowed(c *Contest) int {
	if n, ok := s.VoteFor[c.ID]; ok {
		return n
	}
	return c.VoteFor
}
