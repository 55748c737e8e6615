package batch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/scanner"
	"recount/template"
	"recount/template/author"
	"recount/vote"
)

// ground is a drawn election whose definition was made from its blanks and its contest list, as officials make theirs.
type ground struct {
	b   *fixtures.Ballots
	set *template.Set
	e   *election.Election
}

func newGround(o fixtures.BallotOptions) (*ground, error) {
	b, err := fixtures.NewBallots(o)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(scratch, "ground-*")
	if err != nil {
		return nil, err
	}
	list := filepath.Join(dir, "contests.csv")
	f, err := os.Create(list)
	if err != nil {
		return nil, err
	}
	if err := b.WriteContests(f); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	var blanks []author.BlankArg
	for _, s := range b.Election().Styles {
		for _, p := range s.Pages {
			path := filepath.Join(dir, filepath.Base(p.Picture.File))
			if err := os.WriteFile(path, b.BlankPNG(s.ID, p.Number), 0o644); err != nil {
				return nil, err
			}
			blanks = append(blanks, author.BlankArg{Style: s.ID, Page: p.Number, File: path})
		}
	}
	e, err := author.New(author.NewOptions{Title: "drawn", Contests: list, Out: dir, Blanks: blanks})
	if err != nil {
		return nil, err
	}
	set, err := template.Load(e, dir)
	return &ground{b, set, e}, err
}

// side marks a page by the voter's seed and does the harms.
func (g *ground) side(t testing.TB, style string, page int, seed uint64, kinds []fixtures.Kind, harms ...fixtures.Harm) *fixtures.Side {
	t.Helper()
	p := g.b.Election().Style(style).Page(page)
	s, err := fixtures.MarkPage(g.b.Blank(style, page), p, fixtures.Votes(g.b.Election(), p, seed, kinds),
		fixtures.Marking{Seed: seed, Names: g.b.Names(style, page), Tracks: g.b.Tracks(style, page)})
	require.NoError(t, err)
	s.Other = g.b.Blank(style, page)
	require.NoError(t, s.Suffer(harms...))
	return s
}

// read gives the answer at each target of the side, or why the page was refused. wrong lists the answers that a person
// would deny, and those on a damaged target that should have been questions.
func (g *ground) read(s *fixtures.Side, style string, page int) (refused string, flagged int, wrong []string) {
	r := ReadPage(g.set, &scanner.Page{Name: "drawn", Index: 1, Gray: s.Gray, XDPI: s.XDPI, YDPI: s.YDPI})
	d := decideSheet(g.e, vote.DefaultLimits(), []pageResult{{reading: r}})
	if d.outcome == Refused {
		return d.reason, 0, nil
	}
	if c := d.pages[0].chosen; c.Style.ID != style && !strings.Contains(d.label, style) || c.Page.Number != page {
		return "", 0, []string{fmt.Sprintf("read as %s page %d, is %s page %d", d.label, c.Page.Number, style, page)}
	}
	for _, a := range d.decided.Readings {
		sp := s.Spots[a.Target]
		switch {
		case a.Answer == vote.Vote && (sp.Truth == "none" || sp.Truth == "stray" || sp.Truth == "erased"),
			a.Answer == vote.None && sp.Truth == "vote":
			wrong = append(wrong, fmt.Sprintf("target %d: a %s mark (%s) crossed by %v was read as %s (%s) %+v", a.Target, sp.Kind, sp.Truth, sp.Crossed, a.Answer, a.Reason, a.Mark))
		case a.Answer == vote.Questionable && sp.Truth != "marginal":
			flagged++
		}
	}
	return "", flagged, wrong
}

// TestEveryFamilyIsReadAsMarked reads a page of each layout, scanned as scanners do every day, from a definition made of its blanks.
func TestEveryFamilyIsReadAsMarked(t *testing.T) {
	for _, f := range fixtures.Families {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			g, err := newGround(fixtures.BallotOptions{Family: f, Seed: 6, DPI: 150, Height: 11, Styles: 2})
			require.NoError(t, err)
			s := g.side(t, "style-002", 1, 4, []fixtures.Kind{fixtures.Full, fixtures.Sloppy}, fixtures.Everyday(4)...)
			refused, flagged, wrong := g.read(s, "style-002", 1)
			assert.Empty(t, refused)
			assert.Empty(t, wrong)
			assert.LessOrEqual(t, flagged, 1, "questions")
		})
	}
}

// TestMarksOffTheirRowsAreRefused whites out the timing marks of both sides and draws them one row lower, where all but the first
// still fit, in every layout that has them: the print is found, but whoever went by the marks would read other targets.
func TestMarksOffTheirRowsAreRefused(t *testing.T) {
	for _, c := range []struct {
		name    string
		harms   []fixtures.Harm
		refused bool
	}{
		{"as printed", nil, false},
		{"as printed, cut at the top", []fixtures.Harm{{Kind: fixtures.Crop, Strength: 0.5, Seed: 3}}, false},
		{"some defaced", []fixtures.Harm{{Kind: fixtures.MarksDefaced, Strength: 0.5, Seed: 3}}, false},
		{"a row lower", []fixtures.Harm{{Kind: fixtures.MarksShifted}}, true},
		{"a row lower, turned and askew", []fixtures.Harm{{Kind: fixtures.MarksShifted}, {Kind: fixtures.Skew, Strength: 0.3}, {Kind: fixtures.Turned90}}, true},
	} {
		for _, f := range []fixtures.Family{fixtures.AccuVote, fixtures.ESS} {
			t.Run(fmt.Sprintf("%s, %s", f, c.name), func(t *testing.T) {
				p := newPress(t, "moved-"+string(f), fixtures.BallotOptions{Family: f, Seed: 5, DPI: 150, Styles: 1})
				g := &ground{p.ballots, p.set, p.ballots.Election()}
				refused, _, wrong := g.read(g.side(t, "style-001", 1, 4, []fixtures.Kind{fixtures.Full}, c.harms...), "style-001", 1)
				assert.Empty(t, wrong)
				if c.refused {
					assert.Contains(t, refused, "weak-fit: the print is that of style style-001 page 1, but its timing marks stand a row lower")
				} else {
					assert.Empty(t, refused)
				}
			})
		}
	}
}

// TestUnequalResolutionsAreRead reads pages with fewer pixels an inch one way, as the file says, in layouts with timing marks
// and without.
func TestUnequalResolutionsAreRead(t *testing.T) {
	for _, f := range []fixtures.Family{fixtures.AccuVote, fixtures.Plain} {
		g, err := newGround(fixtures.BallotOptions{Family: f, Seed: 6, DPI: 200, Height: 11, Styles: 2})
		require.NoError(t, err)
		ways := map[bool]int{}
		for seed := uint64(1); ways[true] == 0 || ways[false] == 0; seed++ {
			require.Less(t, seed, uint64(20), "the seed decides which way has fewer")
			s := g.side(t, "style-001", 1, 4, []fixtures.Kind{fixtures.Full, fixtures.Sloppy}, fixtures.Harm{Kind: fixtures.UnevenDPI, Strength: 1, Seed: seed})
			if ways[s.XDPI < s.YDPI]++; ways[s.XDPI < s.YDPI] > 1 {
				continue
			}
			t.Run(fmt.Sprintf("%s %.0f x %.0f", f, s.XDPI, s.YDPI), func(t *testing.T) {
				refused, flagged, wrong := g.read(s, "style-001", 1)
				assert.Empty(t, refused)
				assert.Empty(t, wrong)
				assert.LessOrEqual(t, flagged, 1, "questions")
			})
		}
	}
}
