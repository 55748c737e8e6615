package template

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
)

// gridTown is a drawn election with timing marks, read in two ways: with its blanks, and by its definition alone.
type gridTown struct {
	b     *fixtures.Ballots
	full  func() (*Set, error) // made when first asked for
	drawn *Set
}

func newGridTown(o fixtures.BallotOptions) (*gridTown, error) {
	b, err := fixtures.NewBallots(o)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(scratch, "grid-*")
	if err != nil {
		return nil, err
	}
	e := b.Election()
	if err := fixtures.WriteBlanks(dir, e, b.BlankPNG); err != nil {
		return nil, err
	}
	t := &gridTown{b: b}
	t.full = sync.OnceValues(func() (*Set, error) { return Load(e, dir) })
	// The same definition as it would be without a blank: no pictures yet, no places but columns and rows.
	path := filepath.Join(dir, "election.json")
	if err := e.Write(path); err != nil {
		return nil, err
	}
	bare, err := election.Load(path)
	if err != nil {
		return nil, err
	}
	for i := range bare.Styles {
		for j := range bare.Styles[i].Pages {
			p := &bare.Styles[i].Pages[j]
			p.Picture.File, p.Picture.SHA256 = "", ""
			for k := range p.Targets {
				p.Targets[k].X, p.Targets[k].Y = p.Grid.At(*p.Targets[k].Column, *p.Targets[k].Row)
			}
		}
	}
	if err := WriteDrawn(bare, dir); err != nil {
		return nil, err
	}
	if err := bare.Check(); err != nil {
		return nil, err
	}
	t.drawn, err = Load(bare, dir)
	return t, err
}

var gridTowns = map[fixtures.Family]func() (*gridTown, error){
	fixtures.ESS: sync.OnceValues(func() (*gridTown, error) {
		return newGridTown(fixtures.BallotOptions{Family: fixtures.ESS, Seed: 3, DPI: 200, Styles: 3, Height: 11})
	}),
	fixtures.AccuVote: sync.OnceValues(func() (*gridTown, error) {
		return newGridTown(fixtures.BallotOptions{Family: fixtures.AccuVote, Seed: 4, DPI: 200, Styles: 1, Pages: 2, Height: 11})
	}),
}

func townOf(t testing.TB, f fixtures.Family) *gridTown {
	t.Helper()
	town, err := gridTowns[f]()
	require.NoError(t, err)
	return town
}

// voted is a style's page with a quarter of its targets filled.
func (g *gridTown) voted(style string, number int, seed uint64) *image.Gray {
	p := fixtures.Clone(g.b.Blank(style, number))
	r := rand.New(rand.NewPCG(seed, 7))
	dpi := float64(g.b.DPI())
	for _, t := range g.b.Election().Style(style).Page(number).Targets {
		if r.IntN(4) == 0 {
			fixtures.Mark(p, fixtures.Oval{X: t.X * dpi, Y: t.Y * dpi, W: t.W * dpi, H: t.H * dpi}, dpi, fixtures.Full, r)
		}
	}
	return p
}

// worstTarget is how far, in pixels, the match puts a target from where it is.
func worstTarget(m *Match, truth func(x, y float64) (float64, float64)) float64 {
	worst := 0.0
	for _, t := range m.Page.Targets {
		x, y := truth(t.X, t.Y)
		px, py := m.Map.Pixel(t.X, t.Y)
		worst = max(worst, math.Hypot(px-x, py-y))
	}
	return worst
}

// afterTurn is where a point of a picture w x h comes to lie when it is turned clockwise.
func afterTurn(deg int, w, h, x, y float64) (float64, float64) {
	switch deg {
	case 90:
		return h - y, x
	case 180:
		return w - x, h - y
	case 270:
		return y, w - x
	}
	return x, y
}

// Every style of both layouts is found by its definition alone, whichever way up, and its code tells it from its twins.
func TestGridReadsWithoutABlank(t *testing.T) {
	for _, f := range []fixtures.Family{fixtures.ESS, fixtures.AccuVote} {
		town := townOf(t, f)
		for si, s := range town.b.Election().Styles {
			for _, pg := range s.Pages {
				deg := 90 * ((si + pg.Number) % 4)
				t.Run(fmt.Sprintf("%s %s page %d turned %d", f, s.ID, pg.Number, deg), func(t *testing.T) {
					scan := town.voted(s.ID, pg.Number, uint64(si))
					w, h := float64(scan.Rect.Dx()), float64(scan.Rect.Dy())
					sets := map[string]*Set{"drawn": town.drawn}
					if f == fixtures.ESS && si > 0 { // the twins, with their blanks too
						full, err := town.full()
						require.NoError(t, err)
						sets["blank"] = full
					}
					for name, set := range sets {
						m, err := set.Match(page(turn(scan, deg), 200))
						require.NoError(t, err, name)
						assert.Equal(t, s.ID, m.Style.ID, name)
						assert.Equal(t, pg.Number, m.Page.Number, name)
						assert.Equal(t, (360-deg)%360, m.Rotation, name)
						assert.Empty(t, m.Twins, name)
						assert.Less(t, worstTarget(m, func(x, y float64) (float64, float64) { return afterTurn(deg, w, h, 200*x, 200*y) }), 1.5, name)
					}
				})
			}
		}
	}
}
