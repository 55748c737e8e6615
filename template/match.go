package template

import (
	"fmt"
	"image"
	"math"
	"slices"
	"sort"

	"recount/election"
	"recount/scanner"
)

// Match says what a page is and where everything printed on it lies.
type Match struct {
	Style *election.Style
	Page  *election.Page
	// Twins are other pages whose print does not differ anywhere from this one's; only the sheet's partner can tell them apart.
	Twins []Twin
	// Rotation is how far the scan must be turned clockwise to stand upright: 0, 90, 180 or 270 degrees.
	Rotation int
	// SkewDeg is the slant that stays after that turn, in degrees: positive where lines of print fall going right.
	SkewDeg float64
	// Scale is the scan's size relative to the blank's, in inches where the scan names a resolution that can be, else in pixels.
	Scale float64
	// ResidualPx is the median distance, in scan pixels (the finer way, where they are not square), of the anchors used from where the mapping puts them; WorstPx the largest.
	ResidualPx, WorstPx float64
	// Sought is how many of the blank's anchors lie on the scan and were looked for; Misfit how far, in scan pixels, the anchors
	// and outlines at the worst place lie off the mapping, whether used or not, their median.
	Sought int
	Misfit float64
	// Loose says of each of the page's targets whether nothing was found near it that holds the mapping, or what was lies off it:
	// its place is known only if its own outline is found there.
	Loose []bool
	// Fit is the share of the blank's anchors found on the scan, each weighted by how alike it is: 0 to 1.
	Fit float64
	// Other is at how many places the scan shows other print than the blank: a corrected line, or a sign of another style.
	Other int
	// Covered says of each of the page's targets whether the print around it is hidden, or other print stands there: a slip or
	// another sheet may lie over it, or correction fluid. It is nil where no blank's print is known.
	Covered []bool
	// Code is the printed code read on the scan and verified, which is then the style's own; nil where none could be read.
	Code *election.Code
	// Faults are what is wrong with the paper or the scan: folds, streaks, missing print.
	Faults []Fault
	// Strays are the page's ink that the blank does not print: what hands, folds and dirt left. One bit stands for StraysScale
	// by StraysScale pixels of the scan in square pixels. Nil where the blank was drawn.
	Strays      *scanner.Bits
	StraysScale int
	// What the names' places are found by: the blank's size in inches and its print.
	width, height, printDPI float64
	print                   *scanner.Bits
	// Anchors are the places of the blank found on the scan.
	Anchors []Anchor
	// Map carries inches on the blank to pixels of the scan as given. It implements marks.Mapping.
	Map *Map
	// Blank is the reference picture matched, at DPI pixels an inch.
	Blank *image.Gray
	DPI   float64
	// Tried are the pages compared, likeliest first.
	Tried []Tried
}

// Twin is another style's page that looks the same.
type Twin struct {
	Style *election.Style
	Page  *election.Page
}

// Tried is a page that a scan was compared with, and how well it fitted (0 to 1).
type Tried struct {
	Style    string  `json:"style"`
	Page     int     `json:"page"`
	Rotation int     `json:"rotation"`
	Fit      float64 `json:"fit"`
}

// Anchor is one place of the blank looked for on the scan.
type Anchor struct {
	X, Y   float64 // inches on the blank
	PX, PY float64 // pixels of the scan, where it was found
	Used   bool    // false where the robust fit set it aside
}

// The limits of a match. They decide only whether a page is read at all, never how a mark is read.
const (
	// emptyInk is the share of ink under which a page is empty: the sparsest printed page of the corpus has 1 %, drawn
	// dust on an empty one under 0.1 %.
	emptyInk = 0.002
	// leastFit is the share of anchors that must be found for a style to be named at all. Pages of the right style have 0.71
	// (stretched feed) to 0.95 on real scans, a ballot of another town with the same frame 0.37.
	leastFit = 0.45
	// leastAnchors is how many must agree before a mapping is believed.
	leastAnchors = 10
	// maxTries bounds how many unlikely guesses are refined for one page. Likely ones, within likely of the best, are all
	// refined, however many near twins an election has: the right one must be among those compared.
	maxTries = 10
	likely   = 0.10
)

// match is Match for a page in square pixels, or nearly.
func (s *Set) match(p *scanner.Page) (*Match, error) {
	claim := scanner.BelievableDPI(p.Gray.Rect.Dx(), p.Gray.Rect.Dy(), p.XDPI)
	pl := newScan(p, claim)
	var m *Match
	defer func() { pl.release(m.strays()) }()
	if pl.ink < emptyInk {
		return nil, &Refusal{Reason: EmptyPage, Detail: fmt.Sprintf("only %.2f %% of the page is dark: nothing printed was found", 100*pl.ink)}
	}
	m, err := s.matchShort(p, pl, claim)
	if m != nil || err != nil {
		return m, err
	}
	fits := s.leaderFits(pl)
	if claim > 0 && (len(fits) == 0 || fits[0].share < leastFit) {
		// Nothing fits at the resolution the file claims: it may be wrong by a factor, so the paper's width is asked instead.
		other := newScan(p, 0)
		if again := s.leaderFits(other); len(again) > 0 && (len(fits) == 0 || again[0].share > fits[0].share) {
			pl, other = other, pl
			fits, claim = again, 0
		}
		other.release(nil)
	}
	m, refusal := s.conclude(p, pl, fits, claim)
	if refusal != nil {
		return nil, refusal
	}
	return m, nil
}

// strays are the match's, which outlive the plane; nil for none.
func (m *Match) strays() *scanner.Bits {
	if m == nil {
		return nil
	}
	return m.Strays
}

// matchShort finds the page's style with the shortlist. It gives neither a match nor a refusal where what the shortlist
// found is not beyond doubt: then every leader must be tried.
func (s *Set) matchShort(p *scanner.Page, pl *plane, claim float64) (*Match, error) {
	if len(s.pilots) == 0 {
		return nil, nil
	}
	fits := best(pl, s.shortlist(pl, newProfiles(pl.bits, pl.dpi)), s.leaders)
	if len(fits) == 0 || fits[0].share < sureShare {
		return nil, nil
	}
	m, err := s.conclude(p, pl, fits, claim)
	if err == nil {
		return m, nil
	}
	if err.Reason == Ambiguous { // no other style can make two that fit alike differ
		return nil, err
	}
	return nil, nil
}

// conclude decides between the fits, best first, and holds the one that is left against the page's print and code.
func (s *Set) conclude(p *scanner.Page, pl *plane, fits []*fit, claim float64) (*Match, *Refusal) {
	if len(fits) > 0 && fits[0].share < leastFit {
		putForward(pl, fits)
	}
	if len(fits) == 0 || fits[0].share < leastFit && !fits[0].borneOut(pl) {
		err := s.what(p.Gray, pl, fits)
		err.Tried = list(fits)
		return nil, err
	}
	decideFamilies(pl, fits)
	tried := list(fits)
	twins, err := s.settle(pl, fits)
	if err != nil {
		if over := s.overlapped(pl, fits[0], fits[0].ask(pl)); over != nil {
			err = over
		}
		err.Tried = tried
		return nil, err
	}
	best := fits[0]
	if err := best.sound(); err != nil {
		err.Tried = tried
		return nil, err
	}
	moved := best.marksMoved(pl)
	c, places := best.hold(pl)
	err = best.contradicted(places)
	if err == nil {
		err = moved
	}
	if over := s.overlapped(pl, best, places); over != nil {
		err = over
	}
	if err != nil {
		err.Tried = tried
		return nil, err
	}
	best, twins, code, err := s.obeyCode(p.Gray, pl, fits, twins)
	if err != nil {
		err.Tried = tried
		return nil, err
	}
	if best.denial != nil && code == nil { // a code that is read and its own is the better witness
		best.denial.Tried = tried
		return nil, best.denial
	}
	if best != fits[0] { // its print was asked already
		c, places = best.hold(pl)
	}
	m := best.match(claim)
	m.Code = code
	m.Loose, m.Misfit = best.loose(best.blank.page.Targets)
	m.Misfit *= best.m.k
	m.Sought = best.seen
	m.Other = best.others(places)
	if !best.blank.page.Picture.Drawn { // a drawn picture shows too little of the print to hold the page against
		m.Covered = best.covered(pl, c)
		if err := best.misnamed(pl); err != nil {
			err.Tried = tried
			return nil, err
		}
		if err := best.foreign(m.Covered, m.Other); err != nil {
			err.Tried = tried
			return nil, err
		}
		m.Faults = best.faults(p.Gray, pl, c)
		m.Strays, m.StraysScale = c.strays, pl.k
		m.width, m.height = best.blank.w, best.blank.h
		m.print, m.printDPI = best.blank.full.bits, best.blank.full.dpi
	} else {
		m.Faults = streaksOf(p)
	}
	m.Twins = twins
	m.Tried = tried
	return m, nil
}

// hold follows the targets' outlines, lays the blank on the page and holds it against the page's print, place by place. What a drawn
// picture shows of the print is too little for that.
func (f *fit) hold(pl *plane) (compared, []asked) {
	if f.blank.page.Picture.Drawn {
		return compared{}, nil
	}
	f.followTargets(pl)
	c := f.compare(pl)
	return c, f.askBy(pl, c)
}

// putForward puts, in the place of each leader that does not fit by itself, the one of its family that the print speaks for:
// up to the rest of kinShare of the leader's anchors may be print that only the leader has.
func putForward(pl *plane, fits []*fit) {
	for i, f := range fits {
		if f.share < leastFit*kinShare || f.blank.family.kin == nil {
			continue
		}
		if won, _, refusal := f.decide(pl); refusal == nil && won.share > f.share {
			won.lead = f
			fits[i] = won
		}
	}
	sort.SliceStable(fits, func(i, j int) bool { return fits[i].share > fits[j].share })
}

// decideFamilies puts, for each leader that may be the page's, the one of its family that the print speaks for in its place.
func decideFamilies(pl *plane, fits []*fit) {
	least := rival * fits[0].share
	for i, f := range fits {
		if f.share < least {
			continue
		}
		won, twins, refusal := f.decide(pl)
		if won != f {
			won.lead = f
		}
		won.twins, won.open = twins, refusal
		fits[i] = won
	}
}

// leaderFits refines the likeliest guesses among all leaders and gives those that hold, best first.
func (s *Set) leaderFits(pl *plane) []*fit {
	guesses := s.guesses(newProfiles(pl.bits, pl.dpi))
	n := 0
	for n < len(guesses) {
		short := guesses[0].score - guesses[n].score
		if short > 0.35 || n >= maxTries && short > likely {
			break
		}
		n++
	}
	out := append(best(pl, guesses[:n], s.lead()), s.gridFits(pl)...)
	if !slices.ContainsFunc(out, func(f *fit) bool { return f.share >= enoughFit }) {
		for _, f := range s.alongMarks(pl) {
			i := slices.IndexFunc(out, func(o *fit) bool { return o.blank == f.blank })
			if i < 0 {
				out = append(out, f)
			} else if f.share > out[i].share {
				out[i] = f
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].share > out[j].share })
	codedFirst(out)
	return out
}

// lead are the blanks laid on a page by themselves: all, where nobody looked for kin among them.
func (s *Set) lead() []*blank {
	if s.leaders != nil {
		return s.leaders
	}
	var out []*blank
	for _, b := range s.blanks {
		if !b.drawn() {
			out = append(out, b)
		}
	}
	return out
}

// fits lays every blank on the page, kin too, and gives those that hold, best first.
func (s *Set) fits(pl *plane) []*fit {
	var out []*fit
	for _, f := range s.leaderFits(pl) {
		out = append(out, f)
		for _, b := range f.blank.family.kin {
			if k := f.carry(pl, b); k != nil {
				out = append(out, k)
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].share > out[j].share })
	codedFirst(out)
	return out
}

// best refines the guesses and gives those that hold, best first, at most one a leader.
func best(pl *plane, guesses []guess, leaders []*blank) []*fit {
	half := pl.bits.Shrink(2)
	defer half.Release()
	byBlank := map[*blank]*fit{}
	for _, g := range guesses {
		if f := g.place(pl, half); f != nil && (byBlank[g.blank] == nil || f.share > byBlank[g.blank].share) {
			byBlank[g.blank] = f
		}
	}
	var out []*fit
	for _, b := range leaders { // in the definition's order, so that equal fits keep it
		if f := byBlank[b]; f != nil {
			out = append(out, f)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].share > out[j].share })
	return out
}

// mostTried is how many of the pages compared are named.
const mostTried = 8

func list(fits []*fit) []Tried {
	var out []Tried
	for _, f := range fits[:min(len(fits), mostTried)] {
		out = append(out, Tried{Style: f.blank.style.ID, Page: f.blank.page.Number, Rotation: f.rotation, Fit: f.share})
	}
	return out
}

// sound says whether the mapping rests on enough anchors to read targets by. What it misses near one target shows there: its
// outline is not found.
func (f *fit) sound() *Refusal {
	f.finish()
	used := 0
	for _, u := range f.used {
		if u {
			used++
		}
	}
	if used < leastAnchors {
		return &Refusal{Reason: WeakFit, Detail: fmt.Sprintf("style %s page %d fits at %d places only", f.blank.style.ID, f.blank.page.Number, used)}
	}
	return f.placed()
}

func (f *fit) match(claim float64) *Match {
	b := f.blank
	m := &Match{
		Style: b.style, Page: b.page, Rotation: f.rotation, Fit: f.share,
		ResidualPx: f.median * f.m.k, WorstPx: f.worst * f.m.k,
		Map: f.m, Blank: b.picture(), DPI: b.dpi,
	}
	m.Anchors = make([]Anchor, len(f.anchors))
	for i, a := range f.anchors {
		m.Anchors[i] = Anchor{X: a.x, Y: a.y, PX: a.px * f.m.k, PY: a.py * f.m.k, Used: f.used[i]}
	}
	base := f.m.base
	angle := math.Atan2(base.D, base.A) * 180 / math.Pi // of the blank's right on the scan
	turned := math.Remainder(angle+float64(f.rotation), 360)
	m.SkewDeg = turned
	perInch := base.scale() * f.m.k
	if claim > 0 {
		m.Scale = perInch / claim
	} else {
		m.Scale = perInch / b.dpi
	}
	return m
}
