package election

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Paper is a ballot's size in inches.
type Paper struct{ W, H float64 }

var paperNames = map[string]Paper{
	"letter": {8.5, 11}, "legal": {8.5, 14},
	// VotingWorks' names for longer ballots, the older ones without the width.
	"custom17": {8.5, 17}, "custom18": {8.5, 18}, "custom19": {8.5, 19}, "custom20": {8.5, 20}, "custom21": {8.5, 21}, "custom22": {8.5, 22},
}

var paperSize = regexp.MustCompile(`^(?:custom-)?([0-9]{1,2}(?:\.[0-9]{1,3})?)[xX]([0-9]{1,2}(?:\.[0-9]{1,3})?)$`)

// ParsePaper reads a paper size: letter, legal, or width and height in inches as 8.5x17.
func ParsePaper(s string) (Paper, error) {
	s = strings.TrimSpace(s)
	if p, ok := paperNames[strings.ToLower(s)]; ok {
		return p, nil
	}
	if m := paperSize.FindStringSubmatch(strings.ToLower(s)); m != nil {
		w, _ := strconv.ParseFloat(m[1], 64) // the expression lets nothing else through
		h, _ := strconv.ParseFloat(m[2], 64)
		if w >= 3 && w <= 30 && h >= 3 && h <= 40 {
			return Paper{w, h}, nil
		}
	}
	return Paper{}, fmt.Errorf("paper %q is not known: say letter, legal, or inches as 8.5x17", clip(oneLine(s)))
}

// Tracks is a family of timing marks whose places follow from the paper's size.
type Tracks string

// The families known. Every number of theirs stands in Grid below and becomes a field of the definition.
const (
	// AccuVoteTracks are New Hampshire's AccuVote ballots (and Connecticut's, of the same make): marks every quarter inch both
	// ways, in the middle of the paper; the lowest row is a code.
	AccuVoteTracks Tracks = "accuvote"
	// VotingWorksTracks are the ballots that VotingWorks itself lays out: as many marks, spread between fixed margins.
	VotingWorksTracks Tracks = "votingworks"
)

// Size of a target's white inside, in inches. AccuVote: measured on the blanks of two New Hampshire ballots, every oval of
// which has 37 x 24 pixels at 200 an inch. VotingWorks: its published bubble of 0.20 x 0.13 without a line of one 96th
// of an inch; no real one was at hand to measure.
var targetSize = map[Tracks]Paper{AccuVoteTracks: {0.185, 0.12}, VotingWorksTracks: {0.18, 0.11}}

// Grid gives the lattice of a page's timing marks: four columns an inch of the paper's width, and four rows an inch of its
// height less three.
//
// AccuVote: pitch 0.25 inch both ways, in the middle of the paper, marks 3/16 x 1/16 inch. Measured on the blanks of two
// New Hampshire ballots: the first mark's middle is 0.1225, 0.4975 inch from the corner of a letter page, where the middle
// of the paper asks for 0.125, 0.5, and the pitch is 50 pixels at 200 an inch. The top, left and right sides have all
// their marks; the bottom is the code.
//
// VotingWorks: margins of 5 mm at the sides and 1/6 inch above and below, measured to the marks' outer edges, the same
// marks on all four sides; published by its maker.
func (t Tracks) Grid(p Paper) (*Grid, error) {
	columns, rows := int(math.Round(4*p.W)), int(math.Round(4*p.H))-3
	if columns < 3 || rows < 3 || columns > 200 || rows > 400 {
		return nil, fmt.Errorf("paper of %g x %g inches has no room for timing marks", p.W, p.H)
	}
	g := &Grid{W: 3.0 / 16, H: 1.0 / 16, Sides: []string{"left", "right", "top"}}
	var left, top, dx, dy float64
	switch t {
	case AccuVoteTracks:
		dx, dy = 0.25, 0.25
		left, top = (p.W-dx*float64(columns-1))/2, (p.H-dy*float64(rows-1))/2
	case VotingWorksTracks:
		g.Sides = append(g.Sides, "bottom")
		left, top = 5/25.4+g.W/2, 1.0/6+g.H/2
		dx, dy = (p.W-2*left)/float64(columns-1), (p.H-2*top)/float64(rows-1)
	default:
		return nil, fmt.Errorf("timing marks %q are not known: say accuvote or votingworks", clip(oneLine(string(t))))
	}
	for i := range columns {
		g.Columns = append(g.Columns, RoundInches(left+dx*float64(i)))
	}
	for i := range rows {
		g.Rows = append(g.Rows, RoundInches(top+dy*float64(i)))
	}
	return g, nil
}
