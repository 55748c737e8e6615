package vote

import (
	"math/bits"
	"strings"

	"recount/election"
	"recount/marks"
)

// Gauge is one limit with the measurement that is held against it.
type Gauge struct {
	Limit   string // the limit's name among Limits
	Measure string // the measurement's name in marks.csv, and what was made of it
	Value   func(*Limits) marks.Score
	of      func(*seen) (marks.Score, bool)
}

// seen is a target in the light of its sheet: what the limits are asked about.
type seen struct {
	m      *marks.Mark
	l      *Limits
	arrow  bool
	thin   bool // inked less than vote_fill
	vote   bool // a vote by itself, before the sheet's other marks were looked at
	struck bool // in a contest with more marks than votes
	// fill and dark are the medians of the sheet's marks where it has enough of them to show a hand; else 0.
	fill, dark marks.Score
}

func (s *seen) empty() bool { return s.m.Fill < s.l.NoneFill }
func (s *seen) inked() bool { return s.m.Fill >= s.l.VoteFill }
func (s *seen) found() bool { return s.m.Outline >= s.l.MinOutline }
func (s *seen) arms() int   { return bits.OnesCount(uint(s.m.Arms)) }
func (s *seen) across() bool {
	return s.m.Arms&marks.ArmsLeft != 0 && s.m.Arms&marks.ArmsRight != 0
}
func (s *seen) pale() bool {
	return !s.empty() && (!s.inked() || s.m.Dark < s.l.DarkMin)
}
func (s *seen) full() bool { return s.vote && s.fill >= s.l.HandFill }

// Gauges are the limits that a target can lie near, in the order in which they are printed, each with the measurement held against it
// and the targets whose answer hangs on it: of an empty target nobody asks how dark its ink is.
var Gauges = []Gauge{
	{"none_fill", "fill", func(l *Limits) marks.Score { return l.NoneFill }, func(s *seen) (marks.Score, bool) { return s.m.Fill, !s.arrow }},
	{"vote_fill", "fill", func(l *Limits) marks.Score { return l.VoteFill }, func(s *seen) (marks.Score, bool) { return s.m.Fill, !s.arrow }},
	{"min_outline", "outline", func(l *Limits) marks.Score { return l.MinOutline }, func(s *seen) (marks.Score, bool) { return s.m.Outline, s.m.Fill < s.l.OverwhelmFill }},
	{"overwhelm_fill", "fill", func(l *Limits) marks.Score { return l.OverwhelmFill }, func(s *seen) (marks.Score, bool) { return s.m.Fill, s.inked() && (!s.found() || s.across()) }},
	{"around_question", "around", func(l *Limits) marks.Score { return l.AroundQuestion }, func(s *seen) (marks.Score, bool) { return s.m.Around, s.empty() }},
	{"dark_min", "dark", func(l *Limits) marks.Score { return l.DarkMin }, func(s *seen) (marks.Score, bool) { return s.m.Dark, s.inked() }},
	{"grain_largest", "largest, as a part of fill", func(l *Limits) marks.Score { return l.GrainLargest }, func(s *seen) (marks.Score, bool) {
		return s.m.Largest * 10000 / max(1, s.m.Fill), s.inked() && s.m.Largest > 0
	}},
	{"broken_largest", "largest, as a part of fill", func(l *Limits) marks.Score { return l.BrokenLargest }, func(s *seen) (marks.Score, bool) {
		return s.m.Largest * 10000 / max(1, s.m.Fill), s.inked() && !s.arrow && s.m.Fill < s.l.CrossFill && (s.m.Pieces >= brokenPieces && s.arms() >= 1 || s.m.Pieces > crossPieces && s.m.Around >= s.l.CrossTwo)
	}},
	{"thin_outline", "outline", func(l *Limits) marks.Score { return l.ThinOutline }, func(s *seen) (marks.Score, bool) {
		return s.m.Outline, s.inked() && s.m.Fill < s.l.CrossFill
	}},
	{"spread_min", "spread", func(l *Limits) marks.Score { return l.SpreadMin }, func(s *seen) (marks.Score, bool) { return s.m.Spread, s.inked() && s.l.SpreadMin > 0 }},
	{"arrow_spread", "spread", func(l *Limits) marks.Score { return l.ArrowSpread }, func(s *seen) (marks.Score, bool) { return s.m.Spread, s.inked() && s.arrow && !s.thin }},
	{"arrow_none", "fill", func(l *Limits) marks.Score { return l.ArrowNone }, func(s *seen) (marks.Score, bool) { return s.m.Fill, s.arrow }},
	{"arrow_vote", "fill", func(l *Limits) marks.Score { return l.ArrowVote }, func(s *seen) (marks.Score, bool) { return s.m.Fill, s.arrow }},
	{"arrow_shade", "shade", func(l *Limits) marks.Score { return l.ArrowShade }, func(s *seen) (marks.Score, bool) { return s.m.Shade, s.arrow && s.empty() }},
	{"arrow_joined", "spread", func(l *Limits) marks.Score { return l.ArrowJoined }, func(s *seen) (marks.Score, bool) {
		return s.m.Spread, s.arrow && s.inked() && s.thin
	}},
	{"arrow_dark", "dark", func(l *Limits) marks.Score { return l.ArrowDark }, func(s *seen) (marks.Score, bool) {
		return s.m.Dark, s.arrow && s.inked() && s.thin
	}},
	{"max_overprint", "overprint", func(l *Limits) marks.Score { return l.MaxOverprint }, func(s *seen) (marks.Score, bool) { return s.m.Overprint, true }},
	{"hand_fill", "fill, median of the sheet's votes", func(l *Limits) marks.Score { return l.HandFill }, func(s *seen) (marks.Score, bool) {
		return s.fill, s.vote && s.m.Fill < s.l.HandUnlike
	}},
	{"hand_unlike", "fill", func(l *Limits) marks.Score { return l.HandUnlike }, func(s *seen) (marks.Score, bool) { return s.m.Fill, s.full() }},
	{"hand_dot", "spread", func(l *Limits) marks.Score { return l.HandDot }, func(s *seen) (marks.Score, bool) { return s.m.Spread, s.full() && s.m.Fill < s.l.HandUnlike }},
	{"hand_line", "fill", func(l *Limits) marks.Score { return l.HandLine }, func(s *seen) (marks.Score, bool) {
		return s.m.Fill, s.m.Spread >= handAcross && (s.full() || s.inked() && !s.arrow && s.arms() >= 1)
	}},
	{"hand_dark", "dark, as a part of the median of the sheet's votes", func(l *Limits) marks.Score { return l.HandDark }, func(s *seen) (marks.Score, bool) {
		if s.dark <= 0 {
			return 0, false
		}
		return s.m.Dark * 10000 / s.dark, s.vote
	}},
	{"cross_around", "around", func(l *Limits) marks.Score { return l.CrossAround }, func(s *seen) (marks.Score, bool) { return s.m.Around, s.vote && s.struck }},
	{"cross_fill", "fill", func(l *Limits) marks.Score { return l.CrossFill }, func(s *seen) (marks.Score, bool) {
		return s.m.Fill, s.inked() && s.arms() == 2 && s.m.Around >= s.l.CrossTwo
	}},
	{"runs_around", "around", func(l *Limits) marks.Score { return l.RunsAround }, func(s *seen) (marks.Score, bool) {
		return s.m.Around, s.inked() && s.arms() >= 2 && s.m.Fill < s.l.CrossFill
	}},
	{"cross_two", "around", func(l *Limits) marks.Score { return l.CrossTwo }, func(s *seen) (marks.Score, bool) {
		return s.m.Around, s.arms() == 2 && s.m.Fill >= s.l.CrossFill
	}},
	{"beside_question", "beside", func(l *Limits) marks.Score { return l.BesideQuestion }, func(s *seen) (marks.Score, bool) { return s.m.Beside, s.empty() }},
	{"shade_question", "shade", func(l *Limits) marks.Score { return l.ShadeQuestion }, func(s *seen) (marks.Score, bool) { return s.m.Shade, s.empty() && !s.arrow }},
	{"pale_shade", "shade", func(l *Limits) marks.Score { return l.PaleShade }, func(s *seen) (marks.Score, bool) { return s.m.Shade, s.pale() }},
	{"pale_around", "around", func(l *Limits) marks.Score { return l.PaleAround }, func(s *seen) (marks.Score, bool) {
		return s.m.Around, s.pale() && s.m.Shade >= s.l.PaleShade
	}},
	{"pale_back", "back", func(l *Limits) marks.Score { return l.PaleBack }, func(s *seen) (marks.Score, bool) {
		return s.m.Back, s.pale() && s.m.Shade >= s.l.PaleShade
	}},
	{"blot_around", "around", func(l *Limits) marks.Score { return l.BlotAround }, func(s *seen) (marks.Score, bool) {
		return s.m.Around, s.inked() && s.m.Fill < blotFill
	}},
	{"blot_whole", "around", func(l *Limits) marks.Score { return l.BlotWhole }, func(s *seen) (marks.Score, bool) { return s.m.Around, s.m.Fill >= blotFill }},
}

// Gauge holds every target of a decided sheet against the limits that its answer hangs on: f hears of each with the gauge's
// place in Gauges, the reading's in the sheet and what was measured, in ten-thousandths. A target whose measurement is 0 lies near no limit.
func (s *Sheet) Gauge(style *election.Style, l Limits, f func(gauge, reading, measured int)) {
	crossed := map[string]bool{}
	for i := range s.Contests {
		if s.Contests[i].Status == Overvote {
			crossed[s.Contests[i].Contest] = true
		}
	}
	var votes []*Reading
	plain := make([]bool, len(s.Readings))
	for i := range s.Readings {
		r := &s.Readings[i]
		shape := shapeOf(style, r)
		if of := l.For(shape); r.Mark.Fill >= of.VoteFill {
			if a, _ := Decide(r.Mark, of); a == Vote && (shape != election.Arrow || r.Mark.Spread >= l.gap(r.Mark.Fill)) {
				plain[i] = true
				votes = append(votes, r)
			}
		}
		if strings.HasPrefix(r.Reason, crossedOver) {
			crossed[r.Contest] = true
		}
	}
	var at seen
	arrow := l.For(election.Arrow)
	if len(votes) >= handVotes {
		at.fill = medianOf(votes, func(m *marks.Mark) marks.Score { return m.Fill })
		at.dark = medianOf(votes, func(m *marks.Mark) marks.Score { return m.Dark })
	}
	for i := range s.Readings {
		r := &s.Readings[i]
		shape := shapeOf(style, r)
		of := &l
		if shape == election.Arrow {
			of = &arrow
		}
		at.l, at.m, at.vote, at.struck, at.arrow, at.thin = of, &r.Mark, plain[i], crossed[r.Contest], shape == election.Arrow, r.Mark.Fill < l.VoteFill
		for g := range Gauges {
			if v, ok := Gauges[g].of(&at); ok && v > 0 {
				f(g, i, int(v))
			}
		}
	}
}

// shapeOf is the shape of a reading's target; an oval where the style has no such target.
func shapeOf(style *election.Style, r *Reading) election.Shape {
	if style == nil {
		return election.Oval
	}
	if p := style.Page(r.Page); p != nil && r.Target >= 0 && r.Target < len(p.Targets) {
		return p.Targets[r.Target].Shape
	}
	return election.Oval
}
