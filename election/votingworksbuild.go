package election

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a VotingWorks file, beyond those of its size: what one of ours may hold.
const (
	mostSheets    = 100
	mostPositions = 600_000
)

// vwBuild makes a definition of a decoded VotingWorks file.
type vwBuild struct {
	v     *vwElection
	p     *Problems
	o     VotingWorksOptions
	notes []string

	paper    Paper
	tracks   Tracks
	grid     *Grid
	parties  map[string]string
	places   map[string]string // names of districts and precincts, as "d" or "p" and the id
	styles   map[string]int    // index in BallotStyles
	taken    map[string]bool   // style names given
	contests []*vwPlaced
	find     map[string]*vwPlaced // by every id a position may name
	second   map[string]*vwPlaced // an either/neither contest's second question, by the contest's id
}

func (b *vwBuild) note(format string, args ...any) {
	if n := plain(fmt.Sprintf(format, args...)); len(b.notes) < maxProblems && !slices.Contains(b.notes, n) {
		b.notes = append(b.notes, n)
	}
}

func (b *vwBuild) build() *Imported {
	e := &Election{Format: Format, Title: oneLine(b.v.Title), Date: day(b.v.Date)}
	if e.Title == "" {
		b.p.add("/title", "the election has no title", "")
	}
	where := []string{}
	for _, s := range []string{b.v.County.Name, b.v.State} {
		if s = oneLine(s); s != "" {
			where = append(where, s)
		}
	}
	e.Jurisdiction = strings.Join(where, ", ")
	b.layout()
	b.names()
	styles := b.positions()
	if b.p.full() || len(b.p.List) > 0 {
		return nil
	}
	for _, s := range styles {
		if b.style(e, s); b.p.full() {
			return nil
		}
	}
	for _, c := range b.contests {
		if len(c.contest.Choices) == 0 {
			b.note("contest %q stands on no ballot style and is left out", c.contest.Title)
			continue
		}
		c.sort()
		e.Contests = append(e.Contests, c.contest)
	}
	if len(e.Styles) == 0 {
		b.p.add("/ballotStyles", "no ballot style says where its targets lie", "export the election with gridLayouts or ballotPositions, or use 'recount template new' with a blank")
	}
	return &Imported{Election: e, Notes: b.notes}
}

// day takes the date of a date or a time; empty where it is none.
func day(s string) string {
	if len(s) > 10 {
		s = s[:10]
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}

// layout settles the paper and the timing marks.
func (b *vwBuild) layout() {
	b.paper, b.tracks = b.o.Paper, b.o.Tracks
	if b.paper == (Paper{}) {
		var err error
		if b.paper, err = ParsePaper(b.v.BallotLayout.PaperSize); err != nil {
			b.p.add("/ballotLayout/paperSize", err.Error(), "give the real paper with --paper")
			return
		}
	} else if said, err := ParsePaper(b.v.BallotLayout.PaperSize); err == nil && said != b.paper {
		b.note("the file says that the paper is %q; %g x %g inches were asked for and taken", b.v.BallotLayout.PaperSize, b.paper.W, b.paper.H)
	}
	if b.tracks == "" {
		switch b.v.BallotLayout.MetadataEncoding {
		case "timing-marks": // the code is in the marks themselves
			b.tracks = AccuVoteTracks
		case "qr-code":
			b.tracks = VotingWorksTracks
		default:
			b.p.add("/ballotLayout/metadataEncoding", fmt.Sprintf("%q does not tell whose timing marks the ballots have", b.v.BallotLayout.MetadataEncoding), "say it with --marks accuvote or --marks votingworks")
			return
		}
	}
	g, err := b.tracks.Grid(b.paper)
	if err != nil {
		b.p.add("/ballotLayout", err.Error(), "")
		return
	}
	b.grid = g
}

// names notes the parties, the ballot styles and the contests.
func (b *vwBuild) names() {
	b.parties, b.places, b.styles, b.taken = map[string]string{}, map[string]string{}, map[string]int{}, map[string]bool{}
	b.find, b.second = map[string]*vwPlaced{}, map[string]*vwPlaced{}
	for _, d := range b.v.Districts {
		b.places["d"+d.ID] = oneLine(d.Name)
	}
	for _, d := range b.v.Precincts {
		b.places["p"+d.ID] = oneLine(d.Name)
	}
	for i, x := range b.v.Parties {
		n := oneLine(x.Name)
		if n == "" {
			n = oneLine(x.FullName)
		}
		if _, dup := b.parties[x.ID]; dup || x.ID == "" || n == "" {
			b.p.add(fmt.Sprintf("/parties/%d", i), "the party has no name, no id, or another's id", "")
		}
		b.parties[x.ID] = n
	}
	for i, s := range b.v.BallotStyles {
		if _, dup := b.styles[s.ID]; dup || s.ID == "" {
			b.p.add(fmt.Sprintf("/ballotStyles/%d/id", i), "the ballot style has no id, or another's", "")
		}
		b.styles[s.ID] = i
	}
	var titles, more []string
	from := len(b.contests)
	ids := slugs{}
	for i := range b.v.Contests {
		for _, c := range b.contest(&b.v.Contests[i], fmt.Sprintf("/contests/%d", i), ids) {
			titles = append(titles, c.contest.Title)
			tell := b.parties[b.v.Contests[i].PartyID]
			if tell == "" {
				tell = b.places["d"+b.v.Contests[i].DistrictID]
			}
			more = append(more, tell)
			b.contests = append(b.contests, c)
		}
	}
	for i, t := range distinct(titles, more) {
		b.contests[from+i].contest.Title = t
	}
}

// vwStyle is one ballot style with its positions.
type vwStyle struct {
	id        string
	precincts []string
	positions []vwPosition
	at        string
}

// positions reads both forms into one.
func (b *vwBuild) positions() []vwStyle {
	var out []vwStyle
	total := 0
	layouts := map[string][]int{}
	for j, g := range b.v.GridLayouts {
		layouts[g.BallotStyleID] = append(layouts[g.BallotStyleID], j)
		if _, ok := b.styles[g.BallotStyleID]; !ok {
			b.p.add(fmt.Sprintf("/gridLayouts/%d/ballotStyleId", j), fmt.Sprintf("no ballot style has the id %q", g.BallotStyleID), "")
		}
	}
	for i, s := range b.v.BallotStyles {
		st := vwStyle{id: s.ID, precincts: s.Precincts, at: fmt.Sprintf("/ballotStyles/%d", i)}
		for n, sheet := range s.BallotPositions {
			for side, contests := range sheet {
				if side > 1 {
					b.p.add(fmt.Sprintf("%s/ballotPositions/%d", st.at, n), "a sheet has more than two sides", "")
					break
				}
				for k, c := range contests {
					for m, o := range c.Options {
						pos := vwPosition{Type: o.Type, SheetNumber: n + 1, Side: []string{"front", "back"}[side], ContestID: c.ContestID,
							OptionID: o.OptionID, WriteInIndex: o.WriteInIndex, partyIDs: o.PartyIDs,
							at: fmt.Sprintf("%s/ballotPositions/%d/%d/%d/options/%d", st.at, n, side, k, m)}
						if o.BubbleCenter != nil {
							pos.Column, pos.Row = o.BubbleCenter.Column, o.BubbleCenter.Row
						}
						st.positions = append(st.positions, pos)
					}
				}
			}
		}
		for n, j := range layouts[s.ID] {
			if n > 0 || len(st.positions) > 0 {
				b.p.add(fmt.Sprintf("/gridLayouts/%d", j), fmt.Sprintf("ballot style %q has its positions given twice", s.ID), "keep one")
				break
			}
			for k, pos := range b.v.GridLayouts[j].GridPositions {
				pos.at = fmt.Sprintf("/gridLayouts/%d/gridPositions/%d", j, k)
				st.positions = append(st.positions, pos)
			}
		}
		if len(st.positions) == 0 {
			b.note("ballot style %q has no positions and is left out", s.ID)
			continue
		}
		if total += len(st.positions); total > mostPositions {
			b.p.add(st.at, fmt.Sprintf("more than %d positions", mostPositions), "split the election")
			return out
		}
		out = append(out, st)
	}
	for i := range out {
		for k := range out[i].positions {
			b.checkPosition(&out[i].positions[k])
			if b.p.full() {
				return out
			}
		}
	}
	return out
}

// checkPosition looks at one position's place.
func (b *vwBuild) checkPosition(pos *vwPosition) {
	switch {
	case pos.Type != "option" && pos.Type != "write-in":
		b.p.add(pos.at+"/type", fmt.Sprintf("%q is neither option nor write-in", pos.Type), "")
	case pos.SheetNumber < 1 || pos.SheetNumber > mostSheets:
		b.p.add(pos.at+"/sheetNumber", fmt.Sprintf("%d is no sheet's number", pos.SheetNumber), fmt.Sprintf("sheets count from 1 to %d", mostSheets))
	case pos.Side != "front" && pos.Side != "back":
		b.p.add(pos.at+"/side", fmt.Sprintf("%q is neither front nor back", pos.Side), "")
	case pos.Column == nil || pos.Row == nil:
		b.p.add(pos.at, "the position has no column and row", "")
	case pos.Type == "write-in" && (pos.WriteInIndex == nil || *pos.WriteInIndex < 0 || *pos.WriteInIndex > 999):
		b.p.add(pos.at+"/writeInIndex", "a write-in needs its number, from 0", "")
	case b.grid != nil && !(*pos.Column >= 0 && *pos.Column <= float64(len(b.grid.Columns)-1) && *pos.Row >= 0 && *pos.Row <= float64(len(b.grid.Rows)-1)):
		b.p.add(pos.at, fmt.Sprintf("column %g, row %g lies outside the timing marks of %g x %g inch paper (columns 0 to %d, rows 0 to %d)",
			*pos.Column, *pos.Row, b.paper.W, b.paper.H, len(b.grid.Columns)-1, len(b.grid.Rows)-1), "where the file names the wrong paper, give the real one with --paper")
	}
}

// style makes one style and its pages.
func (b *vwBuild) style(e *Election, s vwStyle) {
	st := Style{ID: styleName(s.id, b.taken)}
	if len(s.precincts) == 1 { // with several, the style does not tell which
		st.Precinct = b.places["p"+s.precincts[0]]
	}
	choices := b.place(s)
	if choices == nil {
		return
	}
	dpi := b.o.DPI
	if dpi == 0 {
		dpi = drawnDPI
	}
	size := targetSize[b.tracks]
	for i, pos := range s.positions {
		number := 2*pos.SheetNumber - 1
		if pos.Side == "back" {
			number++
		}
		g := st.Page(number)
		if g == nil {
			st.Pages = append(st.Pages, Page{Number: number, Grid: b.grid, Picture: Picture{DPI: dpi,
				Width: int(math.Round(b.paper.W * dpi)), Height: int(math.Round(b.paper.H * dpi)), Drawn: true}})
			g = &st.Pages[len(st.Pages)-1]
		}
		x, y := b.grid.At(*pos.Column, *pos.Row)
		g.Targets = append(g.Targets, Target{Contest: choices[i][0], Choice: choices[i][1], X: RoundInches(x), Y: RoundInches(y), W: size.W, H: size.H,
			Shape: Oval, Column: pos.Column, Row: pos.Row})
	}
	slices.SortFunc(st.Pages, func(a, b Page) int { return a.Number - b.Number })
	if st.Pages[0].Number == 1 && st.Pages[len(st.Pages)-1].Number <= 2 && b.tracks == AccuVoteTracks { // what further sheets print is not known
		st.Pages[0].Code = cardCode(s.id, b.grid)
	}
	for i := 0; i+1 < len(st.Pages) || i == 0; i++ {
		if n := st.Pages[i].Number; n%2 == 1 && st.Page(n+1) == nil {
			b.note("style %q: no target lies on the back of sheet %d; scans of that side will be refused", st.ID, (n+1)/2)
		}
	}
	e.Styles = append(e.Styles, st)
}

// choiceID is what a choice is made of: the option, and its number or party where it is printed more than once.
func choiceID(option string, n int) string {
	if n == 0 {
		return option
	}
	return option + "-" + strconv.Itoa(n+1)
}
