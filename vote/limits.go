package vote

import (
	"errors"
	"fmt"

	"recount/election"
	"recount/marks"
)

// Limits are the numbers that turn measurements into answers, all in ten-thousandths (marks.Score). They stand in every
// output of a run, and a finished run can be decided again with others.
type Limits struct {
	// VoteFill is the fill from which a target is a vote. 0.12: the default of a published interpreter of hand-marked ballots
	// (hmpb-interpreter); checks (20 %), crosses (25 %) and lines (18 %) on AccuVote ballots lie above it (vxsuite issue 1895).
	VoteFill marks.Score `json:"vote_fill"`
	// NoneFill is the fill below which a target is none. 0.03: blank targets score 0.00 on real scans, specks up to 0.032; a 1 mm line along the target, which VVSG 2.0 1.1.6-H asks for, covers 0.3 and more.
	NoneFill marks.Score `json:"none_fill"`
	// MinOutline is how much of the printed outline must be found before a target is read where the mapping put it. 0.45: a
	// target off its place found 0.27 of its outline, sound ones 0.69 and more (real scans, docs/THRESHOLDS.md).
	MinOutline marks.Score `json:"min_outline"`
	// OverwhelmFill is the fill that is a vote although the outline was not found: a mark this big hides the outline.
	// 0.60: more than half filled (50 % and more in vxsuite issue 1895), with some to spare.
	OverwhelmFill marks.Score `json:"overwhelm_fill"`
	// AroundQuestion is the new ink just outside a target that makes an empty target questionable: a circle round it, or a
	// mark beside it. 0.25: a circle drawn round an oval crosses the whole ring (estimate, to be measured on the corpus).
	AroundQuestion marks.Score `json:"around_question"`
	// DarkMin is the darkness below which ink is too faint to be a vote unseen: a show-through, an erasure, a light pencil.
	// 0.37: the palest marks on real scans have 0.54, ink of the other side that shows through (drawn) up to 0.35.
	DarkMin marks.Score `json:"dark_min"`
	// GrainLargest is the part of a target's ink that its largest piece must hold to be a vote unseen. 0.25: of 614 votes on real
	// scans each has a piece with 0.36 and more; pencil that a dithering scanner turned to dots, rubbed out or not, has 0.09.
	GrainLargest marks.Score `json:"grain_largest"`
	// BrokenLargest is the part of its ink that a mark's largest piece must hold where the ink lies in three pieces and more, fills less
	// than CrossFill, and reaches well beyond the outline somewhere, or lies in five and more and reaches into CrossTwo of the ring: a number printed over a target, or the dots of a streak, have no stroke that is most
	// of them, and do not end at the outline. 0.60: drawn numbers over empty targets had up to 0.49, the dots of a grey streak in one bit 0.54; of 614
	// votes on real scans one is in such pieces (0.51), within its outline.
	BrokenLargest marks.Score `json:"broken_largest"`
	// ThinOutline stands in the place of MinOutline for marks that fill less than CrossFill: they hide little of an outline, and where a
	// tenth of it is not found the ink may be the outline itself, off its place, or the edge of a hole. 0.90: of 614 votes on real
	// scans filled less than 0.40 each has its whole outline; drawn holes over empty targets left up to 0.71, outlines off their place 0.77,
	// and what is missing of one fills at most 0.6 of its part, so that a tenth stays below VoteFill.
	ThinOutline marks.Score `json:"thin_outline"`
	// SpreadMin is the extent, as a part of the target's width, below which ink is a dot and no vote unseen. 0 is off: until
	// it is measured on the corpus, VoteFill alone keeps dots out.
	SpreadMin marks.Score `json:"spread_min"`
	// ArrowSpread is the part of an arrow's gap that a line must reach over to be a vote unseen. 0.80: of 88 real lines none reaches
	// over less than 0.98; a half line is for a person to judge.
	ArrowSpread marks.Score `json:"arrow_spread"`
	// ArrowNone, ArrowVote and ArrowShade stand in the place of NoneFill, VoteFill and ShadeQuestion for the gap of an arrow, which
	// people close with a line: 0.015, 0.07 and 0.015. Of 654 empty gaps on real scans none has more ink than 0.0033 or is darker than
	// the paper by more than 0.0041; the palest drawn pencil leaves 0.023; of 88 real lines the thinnest has 0.0997. A line thinner than
	// VoteFill is a vote only where it reaches over ArrowJoined, 0.95, of the gap.
	ArrowNone   marks.Score `json:"arrow_none"`
	ArrowVote   marks.Score `json:"arrow_vote"`
	ArrowShade  marks.Score `json:"arrow_shade"`
	ArrowJoined marks.Score `json:"arrow_joined"`
	// ArrowDark is how dark such a thin line must be, and nothing may stand above or below it: 0.70. A hair of 0.007 in is softened to 0.42 to
	// 0.68 (drawn); of 88 real lines the two that are as thin have 0.79 and more.
	ArrowDark marks.Score `json:"arrow_dark"`
	// MaxOverprint is how much of a target the blank may print over for it to be read at all. 0.50: under an overprint (SAMPLE in
	// large letters, as on real blanks) the part still white no longer stands for the whole.
	MaxOverprint marks.Score `json:"max_overprint"`
	// HandFill and HandUnlike read one mark by the voter's others: where half of a sheet's votes are filled to HandFill and more,
	// a single one filled less than HandUnlike is asked about. 0.60 and 0.30: full marks have 0.60 and more on real scans,
	// crosses and ticks 0.16 to 0.30. HandDot is the extent, as a part of the target's width, below which every such mark is:
	// a pen at rest. 0.40: crosses and ticks reach over 0.48 and more.
	HandFill   marks.Score `json:"hand_fill"`
	HandUnlike marks.Score `json:"hand_unlike"`
	HandDot    marks.Score `json:"hand_dot"`
	// HandLine is the fill from which a mark right across a target is a pen's line, and no slip or hair. 0.18: lines of 0.014 in, a fine
	// ball-point's, cover 0.20 of drawn targets and hairs of 0.007 in up to 0.14. Of 614 votes on real scans none that fills less goes on
	// beyond the outline, where one over a part of the width may fill that part of it.
	HandLine marks.Score `json:"hand_line"`
	// HandDark is the part of the sheet's usual darkness below which a mark is asked about: erased, or another pen. 0.60: one
	// pen's marks differ by a fifth on grey scans.
	HandDark marks.Score `json:"hand_dark"`
	// CrossAround is the ink around a target from which, in a contest with more marks than votes, it may be crossed out. 0.05:
	// thin strokes over a drawn oval leave 0.05 to 0.16 in the ring around it, nine of ten full marks on real scans less.
	CrossAround marks.Score `json:"cross_around"`
	// CrossFill is the fill from which a target whose mark has strokes well beyond its outline on several sides may be filled and
	// then crossed out. 0.40: an X that is the vote itself fills less. It holds for strokes on two sides with CrossTwo
	// of ink around, 0.03; strokes on three sides are asked about whatever the fill. Of 520 votes on real scans none has either.
	CrossFill marks.Score `json:"cross_fill"`
	CrossTwo  marks.Score `json:"cross_two"`
	// RunsAround is the ink around a target filled less than CrossFill, with strokes on two sides, from which a number may be printed over
	// it. 0.10: of 614 votes on real scans none has 0.08 with it; a drawn number that runs on under a name has 0.13.
	RunsAround marks.Score `json:"runs_around"`
	// BesideQuestion is the ink in a name's place that is asked about. 0.010: on real scans clean places have up to 0.009
	// (specks, print that moved), names written in 0.015 and more.
	BesideQuestion marks.Score `json:"beside_question"`
	// ShadeQuestion is the shade of an inside without a mark that is asked about: pencil too light to count as ink. 0.05: empty
	// targets of real scans have up to 0.027, the lightest drawn pencil 0.08 and more.
	ShadeQuestion marks.Score `json:"shade_question"`
	// PaleShade is the shade of the whole inside from which a mark paler than DarkMin is a vote all the same: it is filled. 0.23:
	// what an eraser leaves has up to 0.193 (drawn), ink of the other side that shows through covers the paper around the
	// target as well, and is taken off; the lightest filled targets (drawn) have 0.25 and more. It holds only where the ring around the target has
	// less than PaleAround of ink, 0.03, and no strokes go out from it, and where the other side prints on less than PaleBack of the
	// paper behind, 0.35, and has no target there: letters cover up to 0.30.
	PaleShade  marks.Score `json:"pale_shade"`
	PaleAround marks.Score `json:"pale_around"`
	PaleBack   marks.Score `json:"pale_back"`
	// BlotAround is the ink around a filled target from which it may be no mark but a hole, a stain or a blot that covers the
	// target and the paper round it. 0.26: of 610 votes on real scans one has 0.254 and the next 0.18, of 4,266 drawn ones the widest
	// 0.223; drawn holes have 0.275 and more.
	BlotAround marks.Score `json:"blot_around"`
	// BlotWhole stands in its place for targets without any white left inside. 0.20: a black hole over the middle of a drawn box leaves
	// 0.22 and more; of 614 votes on real scans 16 leave no white, and reach into 0.036 at most.
	BlotWhole marks.Score `json:"blot_whole"`
}

// DefaultLimits are the limits used where the user names none.
func DefaultLimits() Limits {
	return Limits{
		VoteFill:       1200,
		NoneFill:       300,
		MinOutline:     4500,
		OverwhelmFill:  6000,
		AroundQuestion: 2500,
		DarkMin:        3700,
		GrainLargest:   2500,
		BrokenLargest:  6000,
		ThinOutline:    9000,
		SpreadMin:      0,
		ArrowSpread:    8000,
		ArrowNone:      150,
		ArrowVote:      700,
		ArrowShade:     150,
		ArrowJoined:    9500,
		ArrowDark:      7000,
		MaxOverprint:   5000,
		HandFill:       6000,
		HandUnlike:     3000,
		HandDot:        4000,
		HandLine:       1800,
		HandDark:       6000,
		CrossAround:    500,
		CrossFill:      4000,
		CrossTwo:       300,
		RunsAround:     1000,
		BesideQuestion: 100,
		ShadeQuestion:  500,
		PaleShade:      2300,
		PaleAround:     300,
		PaleBack:       3500,
		BlotAround:     2600,
		BlotWhole:      2000,
	}
}

// For gives the limits as they hold for targets of a shape: an arrow's gap has its own for fill and shade, and is closed by a line that a
// scanner of one bit breaks.
func (l Limits) For(shape election.Shape) Limits {
	if shape == election.Arrow {
		l.NoneFill, l.VoteFill, l.ShadeQuestion = l.ArrowNone, l.ArrowVote, l.ArrowShade
		l.BrokenLargest, l.HandLine = 0, 0
	}
	return l
}

// Validate says everything that is wrong with the limits, or nil.
func (l Limits) Validate() error {
	var errs []error
	for _, f := range []struct {
		name       string
		value, min marks.Score
	}{
		{"vote_fill", l.VoteFill, 1},
		{"none_fill", l.NoneFill, 1},
		{"min_outline", l.MinOutline, 1},
		{"overwhelm_fill", l.OverwhelmFill, 1},
		{"around_question", l.AroundQuestion, 1},
		{"dark_min", l.DarkMin, 0},
		{"grain_largest", l.GrainLargest, 0},
		{"broken_largest", l.BrokenLargest, 0},
		{"thin_outline", l.ThinOutline, 0},
		{"spread_min", l.SpreadMin, 0},
		{"arrow_spread", l.ArrowSpread, 0},
		{"arrow_none", l.ArrowNone, 1},
		{"arrow_vote", l.ArrowVote, 1},
		{"arrow_shade", l.ArrowShade, 1},
		{"arrow_joined", l.ArrowJoined, 0},
		{"arrow_dark", l.ArrowDark, 0},
		{"max_overprint", l.MaxOverprint, 1},
		{"hand_fill", l.HandFill, 1},
		{"hand_unlike", l.HandUnlike, 0},
		{"hand_dot", l.HandDot, 0},
		{"hand_line", l.HandLine, 0},
		{"hand_dark", l.HandDark, 0},
		{"cross_around", l.CrossAround, 1},
		{"cross_fill", l.CrossFill, 1},
		{"cross_two", l.CrossTwo, 0},
		{"runs_around", l.RunsAround, 1},
		{"beside_question", l.BesideQuestion, 1},
		{"shade_question", l.ShadeQuestion, 1},
		{"pale_shade", l.PaleShade, 1},
		{"pale_around", l.PaleAround, 1},
		{"pale_back", l.PaleBack, 1},
		{"blot_around", l.BlotAround, 1},
		{"blot_whole", l.BlotWhole, 1},
	} {
		if f.value < f.min || f.value > 10000 {
			errs = append(errs, fmt.Errorf("limit %s is %d and must lie from %d to 10000 (ten-thousandths)", f.name, int(f.value), int(f.min)))
		}
	}
	if l.NoneFill >= l.VoteFill {
		errs = append(errs, fmt.Errorf("limit none_fill (%v) must be less than vote_fill (%v): what lies between is questionable", l.NoneFill, l.VoteFill))
	}
	if l.ArrowNone >= l.ArrowVote {
		errs = append(errs, fmt.Errorf("limit arrow_none (%v) must be less than arrow_vote (%v): what lies between is questionable", l.ArrowNone, l.ArrowVote))
	}
	if l.ArrowVote > l.VoteFill {
		errs = append(errs, fmt.Errorf("limit arrow_vote (%v) must not be more than vote_fill (%v): it is for lines thinner than that", l.ArrowVote, l.VoteFill))
	}
	if l.OverwhelmFill < l.VoteFill {
		errs = append(errs, fmt.Errorf("limit overwhelm_fill (%v) must not be less than vote_fill (%v)", l.OverwhelmFill, l.VoteFill))
	}
	return errors.Join(errs...)
}
