package batch

import (
	"fmt"
	"image"
	"path/filepath"

	"recount/election"
	"recount/scanner"
	"recount/template"
	"recount/vote"
)

// Inspection is one page looked at closely.
type Inspection struct {
	Image  string `json:"image"`
	Page   int    `json:"page"`
	Pages  int    `json:"pages_in_file"`
	SHA256 string `json:"sha256"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	// Refused is why the page could not be read, or empty; what follows is empty then.
	Refused  string            `json:"refused,omitempty"`
	Style    string            `json:"style,omitempty"`
	Number   int               `json:"style_page,omitempty"`
	Side     string            `json:"side,omitempty"`
	Twins    []string          `json:"twins,omitempty"` // other styles whose page looks the same
	Code     string            `json:"code,omitempty"`  // the printed code, as read on the scan
	Rotation int               `json:"rotation"`
	SkewDeg  string            `json:"skew_deg,omitempty"`
	Scale    string            `json:"scale,omitempty"`
	Residual string            `json:"residual_px,omitempty"`
	Worst    string            `json:"worst_px,omitempty"`
	Anchors  int               `json:"anchors"`
	Used     int               `json:"anchors_used"`
	Tried    []template.Tried  `json:"tried,omitempty"`
	Targets  []InspectedTarget `json:"targets,omitempty"`
	// Contests are those that stand on the page; one with targets on the sheet's other page too stays doubtful here.
	Contests []InspectedContest `json:"contests,omitempty"`

	gray  *image.Gray
	match *template.Match
}

// InspectedTarget is one target with its measurements and answer. X, Y, W and H are pixels of the scan as given.
type InspectedTarget struct {
	Contest   string      `json:"contest"`
	Choice    string      `json:"choice"`
	Party     string      `json:"party,omitempty"`
	X         int         `json:"x"`
	Y         int         `json:"y"`
	W         int         `json:"w"`
	H         int         `json:"h"`
	Fill      string      `json:"fill"`
	Outline   string      `json:"outline"`
	Around    string      `json:"around"`
	Dark      string      `json:"dark"`
	Spread    string      `json:"spread"`
	Overprint string      `json:"overprint"`
	Pieces    int         `json:"pieces"`
	Largest   string      `json:"largest"`
	Angle     int         `json:"angle"`
	Damage    string      `json:"damage,omitempty"`
	Rank      int         `json:"rank,omitempty"`
	Answer    vote.Answer `json:"mark"`
	Reason    string      `json:"reason,omitempty"`
	// Why is the sentence that says why the target got its answer, with what was measured and the limits.
	Why string `json:"why"`

	fill int
}

// InspectedContest is what became of a contest on the page.
type InspectedContest struct {
	Contest    string      `json:"contest"`
	Allowed    int         `json:"allowed"`
	Votes      int         `json:"votes"`
	Overvotes  int         `json:"overvotes"`
	Undervotes int         `json:"undervotes"`
	Doubt      int         `json:"doubt"`
	Status     vote.Status `json:"status"`
	Straight   int         `json:"straight,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	Ranking    string      `json:"ranking,omitempty"`
	RankFaults string      `json:"rank_faults,omitempty"`
}

// Inspect reads one page of a file on its own, with everything that led to its answers. A file that cannot be decoded is
// an error; a page that fits no style is not.
func Inspect(definition, file string, page int, limits vote.Limits) (*Inspection, error) {
	e, err := election.Load(definition)
	if err != nil {
		return nil, err
	}
	src, err := scanner.Open([]string{file}, scanner.Limits{})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	if len(src.Inputs) != 1 {
		return nil, fmt.Errorf("inspect %s: it holds %d files: name one picture", file, len(src.Inputs))
	}
	pages, err := src.Inputs[0].Pages(scanner.Limits{})
	if err != nil && wholeFile(err) {
		return nil, err
	}
	if page < 1 || page > len(pages) {
		return nil, fmt.Errorf("inspect %s: it has no page %d, its pages are 1 to %d", file, page, len(pages))
	}
	p := pages[page-1].Page
	if p == nil {
		return nil, pages[page-1].Err
	}
	set, err := template.Load(e, filepath.Dir(definition))
	if err != nil {
		return nil, err
	}
	in := &Inspection{Image: p.Name, Page: p.Index, Pages: len(pages), SHA256: p.SHA256, gray: p.Gray,
		Width: p.Gray.Rect.Dx(), Height: p.Gray.Rect.Dy()}
	r := ReadPage(set, p)
	if r.Refused != nil {
		in.Refused = reasonText(r.Refused)
		return in, nil
	}
	in.describe(e, &r, limits)
	return in, nil
}

// describe fills in what was found. Without its partner a page with twins is taken as the first of them.
func (in *Inspection) describe(e *election.Election, r *PageReading, limits vote.Limits) {
	m, c := r.Match, &r.Candidates[0]
	in.match = m
	in.Style, in.Number, in.Side = c.Style.ID, c.Page.Number, c.Page.Side()
	for _, t := range r.Candidates[1:] {
		in.Twins = append(in.Twins, fmt.Sprintf("%s page %d", t.Style.ID, t.Page.Number))
	}
	in.Code = template.SayCode(m.Code)
	in.Rotation = m.Rotation
	in.SkewDeg, in.Scale = decimal(int(parts(m.SkewDeg, 1e4)), 4), decimal(int(parts(m.Scale, 1e6)), 6)
	in.Residual, in.Worst = decimal(int(parts(m.ResidualPx, 1e3)), 3), decimal(int(parts(m.WorstPx, 1e3)), 3)
	in.Anchors, in.Tried = len(m.Anchors), m.Tried
	for _, a := range m.Anchors {
		if a.Used {
			in.Used++
		}
	}
	d := vote.DecideSheet(e, c.Style, c.Page.Sheet(), readingsOf(c), limits)
	x := export{election: e}
	for i, read := range d.Readings {
		k := read.Mark
		contest, choice := x.names(c.Page.Targets[i])
		in.Targets = append(in.Targets, InspectedTarget{Contest: contest, Choice: choice.Name, Party: choice.Party, X: k.X, Y: k.Y,
			W: k.W, H: k.H, Fill: k.Fill.String(), Outline: k.Outline.String(), Around: k.Around.String(), Dark: k.Dark.String(),
			Spread: k.Spread.String(), Overprint: k.Overprint.String(), Pieces: k.Pieces, Largest: k.Largest.String(), Angle: k.Angle, Damage: k.Damage, Rank: read.Rank, Answer: read.Answer, Reason: read.Reason,
			Why: vote.Explain(c.Style, &d.Readings[i], limits), fill: int(k.Fill)})
	}
	for _, g := range d.Contests {
		title, ranking := g.Contest, rankingText(&g)
		if c := e.Contest(g.Contest); c != nil {
			title, ranking = c.Title, namedRanking(c, ranking)
		}
		in.Contests = append(in.Contests, InspectedContest{title, g.Allowed, g.Votes, g.Overvotes, g.Undervotes, g.Doubt, g.Status, g.Straight,
			g.Reason, ranking, rankFaults(&g)})
	}
}

// Count is how many targets got the answer.
func (in *Inspection) Count(a vote.Answer) (n int) {
	for i := range in.Targets {
		if in.Targets[i].Answer == a {
			n++
		}
	}
	return n
}
