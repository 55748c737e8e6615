package vote

import (
	"fmt"
	"math/bits"

	"recount/marks"
)

// Decide gives one target's answer and, for a person, the reason; the reason is empty for a plain vote and a plain none.
//
// It never says none of a target whose outline was not found, for the ink may lie where nobody looked, and never vote of
// one that a streak or fold crosses; of one that something may lie over it says neither. A mark just under a limit and one
// just over it are never vote and none: the questionable band lies between.
func Decide(m marks.Mark, l Limits) (Answer, string) {
	found := m.Outline >= l.MinOutline
	arms := bits.OnesCount(uint(m.Arms))
	empty := m.Fill < l.NoneFill
	damaged := m.Damage != "" && m.Damage != marks.Number // what stands beside a target is asked about where the choice is known
	pale := m.Shade >= l.PaleShade && m.Around < l.PaleAround && arms == 0 && m.Back < l.PaleBack
	switch {
	case m.Damage == marks.Covered: // whatever is found there may be another sheet's
		return Questionable, "covered: the print beside the target is hidden, or is not this style's"
	case m.Damage == marks.Unread:
		return Questionable, "not read: the page was refused, and entered by hand"
	case m.Damage == marks.Unheld: // a neighbour's ink may lie here
		return Questionable, fmt.Sprintf("position: nothing printed near the target was found where it should be, and only %s of its outline", percent(m.Outline))
	case m.Overprint > l.MaxOverprint:
		return Questionable, fmt.Sprintf("overprinted: the blank prints over %s of the target, so ink cannot be told from print", percent(m.Overprint))
	case damaged && found && empty && m.Around < l.AroundQuestion && m.Shade < l.ShadeQuestion:
		return None, ""
	case damaged:
		return Questionable, fmt.Sprintf("damage: %s, which runs through the target and on; %s of it is dark", m.Damage, percent(m.Fill))
	case m.Fill >= l.VoteFill && m.Around >= l.BlotAround, m.Fill >= blotFill && m.Around >= l.BlotWhole:
		return Questionable, fmt.Sprintf("blot: %s of the target and %s of the ring around it are dark", percent(m.Fill), percent(m.Around))
	case m.Fill >= l.VoteFill && (arms >= 3 || arms == 2 && m.Fill >= l.CrossFill && m.Around >= l.CrossTwo):
		return Questionable, fmt.Sprintf("crossed out?: %s filled, and strokes reach well beyond it on %d sides", percent(m.Fill), arms)
	case m.Fill >= l.VoteFill && m.Fill < l.CrossFill && arms >= 2 && m.Around >= l.RunsAround:
		return Questionable, fmt.Sprintf("ink runs on: %s of the target and %s of the ring around it are dark, as where a number is printed over it", percent(m.Fill), percent(m.Around))
	case m.Fill >= l.VoteFill && m.Fill < l.OverwhelmFill && m.Arms&marks.ArmsLeft != 0 && m.Arms&marks.ArmsRight != 0:
		return Questionable, fmt.Sprintf("ink runs on: %s filled by ink that goes on to both sides, as a number printed over it does", percent(m.Fill))
	case !found && m.Fill >= l.OverwhelmFill:
		return Vote, ""
	case !found:
		return Questionable, fmt.Sprintf("outline not found: %s of it, %s is asked for", percent(m.Outline), percent(l.MinOutline))
	case m.Fill >= l.VoteFill && m.Fill < l.CrossFill && m.Outline < l.ThinOutline:
		return Questionable, fmt.Sprintf("outline not found: %s of it, %s is asked for around a mark that hides so little (%s filled)", percent(m.Outline), percent(l.ThinOutline), percent(m.Fill))
	case empty && m.Around >= l.AroundQuestion:
		return Questionable, fmt.Sprintf("mark outside: the target is empty, %s of the ring around it is marked", percent(m.Around))
	case pale && m.Fill >= l.NoneFill && (m.Fill < l.VoteFill || m.Dark < l.DarkMin):
		return Vote, "" // as pale as what shines through, but filled, and within its outline
	case empty && m.Shade >= l.ShadeQuestion:
		return Questionable, fmt.Sprintf("faint mark: no ink, but the inside is %s darker than the paper around it", percent(m.Shade))
	case empty:
		return None, ""
	case m.Fill < l.VoteFill:
		return Questionable, fmt.Sprintf("small mark: %s filled, between none (%s) and vote (%s)", percent(m.Fill), percent(l.NoneFill), percent(l.VoteFill))
	case m.Dark < l.DarkMin:
		return Questionable, fmt.Sprintf("faint mark: %s filled, but only %s as dark as the print", percent(m.Fill), percent(m.Dark))
	case m.Largest > 0 && int(m.Largest)*10000 < int(m.Fill)*int(l.GrainLargest):
		return Questionable, fmt.Sprintf("faint mark: %s filled, but by grains and no stroke (the largest: %s)", percent(m.Fill), percent(m.Largest))
	case m.Fill < l.CrossFill && (m.Pieces >= brokenPieces && arms >= 1 || m.Pieces > crossPieces && m.Around >= l.CrossTwo) && int(m.Largest)*10000 < int(m.Fill)*int(l.BrokenLargest):
		return Questionable, fmt.Sprintf("ink in pieces: %s filled by %d pieces, the largest %s, which go on beyond it, as a number printed over it does", percent(m.Fill), m.Pieces, percent(m.Largest))
	case arms >= 1 && int(m.Fill)*10000 < int(l.HandLine)*int(m.Spread):
		return Questionable, fmt.Sprintf("thin line: %s filled by a line over %s of its width which goes on beyond, thinner than a pen's, as a hair is", percent(m.Fill), percent(m.Spread))
	case m.Spread < l.SpreadMin:
		return Questionable, fmt.Sprintf("dot: the mark reaches over %s of the target's width", percent(m.Spread))
	}
	return Vote, ""
}

// blotFill is the fill of a target that has no white left, but for what rounding leaves.
const blotFill = 9950

// brokenPieces is in how many pieces ink lies that is no one stroke, nor two that cross out of reach of each other; crossPieces are the four
// legs of a cross whose middle is lost.
const brokenPieces, crossPieces = 3, 4

// percent writes a score as people read it, from integers alone.
func percent(s marks.Score) string {
	sign := ""
	if s < 0 {
		sign, s = "-", -s
	}
	return fmt.Sprintf("%s%d.%d %%", sign, int(s)/100, int(s)/10%10)
}
