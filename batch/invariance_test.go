package batch

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/scanner"
	"recount/vote"
)

// answersOf reads the sides of one sheet, in the order given, and gives each target's answer by page and number.
func (g *ground) answersOf(t *testing.T, sides ...*fixtures.Side) map[[2]int]vote.Answer {
	t.Helper()
	var pages []pageResult
	for _, s := range sides {
		r := ReadPage(g.set, &scanner.Page{Name: "drawn", Index: 1, Gray: s.Gray, XDPI: s.XDPI, YDPI: s.YDPI})
		require.NoError(t, r.Refused)
		pages = append(pages, pageResult{reading: r})
	}
	d := decideSheet(g.e, vote.DefaultLimits(), pages)
	require.NotEqual(t, Refused, d.outcome, d.reason)
	out := map[[2]int]vote.Answer{}
	for _, r := range d.decided.Readings {
		out[[2]int{r.Page, r.Target}] = r.Answer
	}
	return out
}

// TestAnswersSurviveTheScanner scans one marked sheet in several ways: none of them turns a vote into none or none into a
// vote (VVSG 2.0, 1.1.6-K). The order in which its sides are given changes nothing at all.
func TestAnswersSurviveTheScanner(t *testing.T) {
	g, err := newGround(fixtures.BallotOptions{Family: fixtures.Plain, Seed: 8, DPI: 200, Height: 11, Styles: 1, Pages: 2})
	require.NoError(t, err)
	kinds := []fixtures.Kind{fixtures.Full, fixtures.Cross, fixtures.Tick, fixtures.Slash, fixtures.Dot, fixtures.Light, fixtures.Half}
	scan := func(page int, harms ...fixtures.Harm) *fixtures.Side {
		return g.side(t, "style-001", page, 3, kinds, harms...)
	}
	front, back := scan(1), scan(2)
	want := g.answersOf(t, front, back)
	seen := map[vote.Answer]int{}
	for _, a := range want {
		seen[a]++
	}
	require.NotZero(t, seen[vote.Vote], "the sheet has votes")
	require.NotZero(t, seen[vote.None], "and targets without")
	assert.Equal(t, want, g.answersOf(t, back, front), "back first")
	for _, c := range []struct {
		name  string
		harms []fixtures.Harm
	}{
		{"turned by a quarter", []fixtures.Harm{{Kind: fixtures.Turned90}}},
		{"upside down", []fixtures.Harm{{Kind: fixtures.Turned180}}},
		{"turned the other way", []fixtures.Harm{{Kind: fixtures.Turned270}}},
		{"at 300 an inch", []fixtures.Harm{{Kind: fixtures.HighDPI, Strength: 0.25}}},
		{"at 150 an inch", []fixtures.Harm{{Kind: fixtures.LowDPI, Strength: 0.5}}},
		{"JPEG", []fixtures.Harm{{Kind: fixtures.Coded, Strength: 0.5}}},
		{"askew", []fixtures.Harm{{Kind: fixtures.Skew, Strength: 0.2, Seed: 5}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for k, a := range g.answersOf(t, scan(1, c.harms...), scan(2, c.harms...)) {
				flipped := a == vote.Vote && want[k] == vote.None || a == vote.None && want[k] == vote.Vote
				assert.False(t, flipped, "page %d target %d is %s, was %s", k[0], k[1], a, want[k])
			}
		})
	}
}

// TestEqualMarksGetEqualAnswers stamps one mark into every target of a page (VVSG 2.0, 1.1.6-J): each gets the same answer.
func TestEqualMarksGetEqualAnswers(t *testing.T) {
	for _, f := range []fixtures.Family{fixtures.AccuVote, fixtures.Barcode} {
		g, err := newGround(fixtures.BallotOptions{Family: f, Seed: 8, DPI: 200, Height: 11, Styles: 1})
		require.NoError(t, err)
		page := g.b.Election().Style("style-001").Page(1)
		for _, c := range []struct {
			name string
			w, h float64 // of the stamp, as parts of the target's inside
			want vote.Answer
		}{
			{"nothing", 0, 0, vote.None},
			{"small", 0.2, 0.25, vote.Questionable},
			{"filled", 0.8, 0.8, vote.Vote},
		} {
			t.Run(string(f)+" "+c.name, func(t *testing.T) {
				s, err := fixtures.MarkPage(g.b.Blank("style-001", 1), page, make([]fixtures.Kind, len(page.Targets)), fixtures.Marking{Seed: 3})
				require.NoError(t, err)
				for _, p := range page.Targets {
					if x, y, w, h := math.Round(p.X*200), math.Round(p.Y*200), math.Round(c.w*p.W*100), math.Round(c.h*p.H*100); c.w > 0 {
						fixtures.Bar(s.Gray, x-w, y-h, x+w, y+h)
					}
				}
				for k, a := range g.answersOf(t, s) {
					assert.Equal(t, c.want, a, "target %d", k[1])
				}
			})
		}
	}
}
