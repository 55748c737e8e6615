package batch

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/scanner"
	"recount/template"
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
	var blanks []template.BlankArg
	for _, s := range b.Election().Styles {
		for _, p := range s.Pages {
			path := filepath.Join(dir, filepath.Base(p.Picture.File))
			if err := os.WriteFile(path, b.BlankPNG(s.ID, p.Number), 0o644); err != nil {
				return nil, err
			}
			blanks = append(blanks, template.BlankArg{Style: s.ID, Page: p.Number, File: path})
		}
	}
	e, err := template.New(template.NewOptions{Title: "drawn", Contests: list, Out: dir, Blanks: blanks})
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

var (
	prove     = flag.Int("prove", 0, "how many pages of each kind of damage and layout TestProvingGround reads")
	proveOnly = flag.String("prove-only", "", "the one kind of damage that TestProvingGround reads, everyday among them")
)

// TestEveryFamilyIsReadAsMarked reads an everyday page of each layout, from a definition made of its blanks.
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
			assert.LessOrEqual(t, flagged, 1)
		})
	}
}

// tally is what became of the pages of one kind.
type tally struct{ pages, targets, refused, flagged, wrong int }

// TestProvingGround reads drawn pages of every layout through every damage at three strengths; without -prove it does
// nothing. It prints a line a kind of damage, and for each wrong answer the seed that draws it again.
func TestProvingGround(t *testing.T) {
	if *prove == 0 {
		t.Skip("no -prove N")
	}
	var mu sync.Mutex
	rows := map[string]*tally{}
	t.Run("pages", func(t *testing.T) {
		for i, f := range fixtures.Families {
			t.Run(string(f), func(t *testing.T) {
				t.Parallel()
				g, err := newGround(fixtures.BallotOptions{Family: f, Seed: uint64(i), DPI: 150, Height: 11, Styles: 2})
				require.NoError(t, err)
				for _, k := range append([]fixtures.Fault{"everyday"}, fixtures.Faults...) {
					if *proveOnly != "" && string(k) != *proveOnly {
						continue
					}
					for _, strength := range []float64{0.2, 0.5, 1} {
						for n := range *prove {
							seed := uint64(n)*1000 + uint64(100*strength)
							harms := []fixtures.Harm{{Kind: k, Strength: strength, Seed: seed}}
							if k == "everyday" {
								harms = fixtures.Everyday(seed)
							}
							s := g.side(t, "style-001", 1, seed, nil, harms...)
							refused, flagged, wrong := g.read(s, "style-001", 1)
							mu.Lock()
							for _, name := range []string{fmt.Sprintf("%s %.1f", k, strength), "layout " + string(f)} {
								r := rows[name]
								if r == nil {
									r = &tally{}
									rows[name] = r
								}
								r.pages++
								r.targets += len(s.Spots)
								r.flagged += flagged
								r.wrong += len(wrong)
								if refused != "" {
									r.refused++
								}
							}
							if strings.Contains(refused, "internal") {
								wrong = append(wrong, refused)
							}
							for _, w := range wrong {
								t.Errorf("%s %s %.1f seed %d: %s", f, k, strength, seed, w)
							}
							mu.Unlock()
						}
					}
				}
			})
		}
	})
	var names []string
	for n := range rows {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		r := rows[n]
		fmt.Printf("%-24s pages %4d targets %6d refused %4d flagged %5d wrong %4d\n", n, r.pages, r.targets, r.refused, r.flagged, r.wrong)
	}
}
