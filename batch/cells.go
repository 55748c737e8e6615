package batch

import (
	"fmt"
	"math"
	"strings"

	"recount/marks"
	"recount/vote"
)

// sheetCells is one sheet as its rows stand in the ledger, whoever read it: this process, another shard or another machine. It says
// nothing yet of other sheets; whether it is one of them again is found when it is put among them (spotCopies).
type sheetCells struct {
	Unit     int
	Name     string
	Style    string
	Number   int
	Outcome  Outcome
	Reason   string
	Pages    []pageCells
	Contests []contestCells
}

// pageCells is one row of pages, with its marks.
type pageCells struct {
	Input    int
	Image    string
	Index    int
	SHA256   string
	Outcome  Outcome
	Reason   string
	Style    string // empty for a page that was not read
	Label    string
	Number   int
	Rotation int64
	Skew     int64
	Scale    int64
	Residual int64
	Quality  string
	Other    int64
	Sought   int64
	Used     int64
	Misfit   int64
	Pixels   string
	Marks    []markCells
}

// markCells is one row of marks. Values are the measurements in the order of marks.Fields.
type markCells struct {
	Target int
	Values []int
	Trace  []byte
	Damage string
	Answer string
	Reason string
}

// contestCells is one row of contests; its place in the sheet's list is its position.
type contestCells struct {
	Contest    string
	Allowed    int
	Votes      int
	Overvotes  int
	Undervotes int
	Doubt      int
	WriteIns   int
	Status     string
	Straight   int
	Reason     string
	Ranking    string
	RankFaults string
	ByHand     int
}

// rowsOf are a sheet's rows.
func rowsOf(unit int, s *sheetResult) (*sheetCells, error) {
	out := &sheetCells{Unit: unit, Name: s.name(), Outcome: s.outcome, Reason: s.reason, Pages: make([]pageCells, 0, len(s.pages))}
	answers := map[[2]int]*vote.Reading{}
	if s.decided != nil {
		out.Style, out.Number = s.decided.Style, s.decided.Number
		out.Contests = contestRowsOf(s.decided.Contests)
		for i := range s.decided.Readings {
			r := &s.decided.Readings[i]
			answers[[2]int{r.Page, r.Target}] = r
		}
	}
	for i := range s.pages {
		p := &s.pages[i]
		row := p.row()
		if p.chosen != nil && (p.outcome == Counted || p.outcome == Questions) {
			var err error
			if row.Marks, err = p.markRows(answers); err != nil {
				return nil, err
			}
		}
		out.Pages = append(out.Pages, row)
	}
	return out, nil
}

// row is the page without its marks.
func (p *pageResult) row() pageCells {
	r := pageCells{Input: p.input, Image: p.reading.Image, Index: p.reading.Index, SHA256: p.reading.SHA256, Outcome: p.outcome, Reason: p.reason,
		Label: p.label, Pixels: p.reading.Pixels}
	if p.chosen != nil {
		r.Style, r.Number = p.chosen.Style.ID, p.chosen.Page.Number
	}
	m := p.reading.Match
	if m == nil {
		return r
	}
	r.Rotation, r.Skew, r.Other = int64(m.Rotation), parts(m.SkewDeg, 1e4), int64(m.Other)
	r.Scale, r.Residual = parts(m.Scale, 1e6), parts(m.ResidualPx, 1e3)
	r.Sought, r.Misfit = int64(m.Sought), parts(m.Misfit, 1e3)
	for _, a := range m.Anchors {
		if a.Used {
			r.Used++
		}
	}
	var faults []string
	for _, f := range m.Faults {
		faults = append(faults, f.String())
	}
	r.Quality = strings.Join(faults, "; ")
	return r
}

// markRows are the rows of the page's marks, with their answers by page and target.
func (p *pageResult) markRows(answers map[[2]int]*vote.Reading) ([]markCells, error) {
	out := make([]markCells, len(p.chosen.Marks))
	values := make([]int, len(out)*len(marks.Fields))
	for i := range out {
		m := &p.chosen.Marks[i]
		r := answers[[2]int{p.chosen.Page.Number, i}]
		if r == nil {
			return nil, fmt.Errorf("%s: target %d was measured and not decided", p.reading.Image, i)
		}
		v := values[i*len(marks.Fields) : (i+1)*len(marks.Fields) : (i+1)*len(marks.Fields)]
		for k, f := range marks.Fields {
			v[k] = *f.At(m)
		}
		out[i] = markCells{Target: i, Values: v, Trace: []byte(m.Trace), Damage: m.Damage, Answer: string(r.Answer), Reason: r.Reason}
	}
	return out, nil
}

// contestRowsOf are the rows of a sheet's contests.
func contestRowsOf(contests []vote.Contest) []contestCells {
	out := make([]contestCells, len(contests))
	for i := range contests {
		c := &contests[i]
		out[i] = contestCells{Contest: c.Contest, Allowed: c.Allowed, Votes: c.Votes, Overvotes: c.Overvotes, Undervotes: c.Undervotes, Doubt: c.Doubt,
			WriteIns: c.WriteIns, Status: string(c.Status), Straight: c.Straight, Reason: c.Reason, Ranking: rankingText(c), RankFaults: rankFaults(c),
			ByHand: c.ByHand}
	}
	return out
}

// marked says whether any target of the page was marked, clearly or not.
func (p *pageCells) marked() bool {
	for i := range p.Marks {
		if p.Marks[i].Answer != string(vote.None) {
			return true
		}
	}
	return false
}

// parts is v in whole parts of 1/unit, 0 where it is no number.
func parts(v, unit float64) int64 {
	f := math.Round(v * unit)
	if math.IsNaN(f) || math.Abs(f) > 1e15 {
		return 0
	}
	return int64(f)
}
