package template

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/scanner"
)

// wipe makes a rectangle, in inches at 200 dots an inch, white.
func wipe(g *image.Gray, x0, y0, x1, y1 float64) {
	r := image.Rect(int(x0*200), int(y0*200), int(math.Ceil(x1*200)), int(math.Ceil(y1*200))).Intersect(g.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			g.Pix[g.PixOffset(x, y)] = 255
		}
	}
}

// resized is the picture with each axis scaled by itself, pixels averaged over what they cover.
func resized(g *image.Gray, sx, sy float64) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, int(float64(g.Rect.Dx())*sx), int(float64(g.Rect.Dy())*sy)))
	const fine = 3
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			sum := 0
			for j := range fine {
				for i := range fine {
					u := min(int((float64(x)+(float64(i)+0.5)/fine)/sx), g.Rect.Dx()-1)
					v := min(int((float64(y)+(float64(j)+0.5)/fine)/sy), g.Rect.Dy()-1)
					sum += int(g.Pix[v*g.Stride+u])
				}
			}
			out.Pix[y*out.Stride+x] = uint8(sum / (fine * fine))
		}
	}
	return out
}

// stretched pulls rows about as rollers do: the row at y of the result is that at y + amount * sin of the page.
func stretched(g *image.Gray, amount float64) (*image.Gray, func(y float64) float64) {
	h := float64(g.Rect.Dy())
	from := func(y float64) float64 { return y + amount*math.Sin(2*math.Pi*y/h) }
	out := image.NewGray(g.Rect)
	for y := range g.Rect.Dy() {
		v := min(max(int(math.Round(from(float64(y)))), 0), g.Rect.Dy()-1)
		copy(out.Pix[y*out.Stride:(y+1)*out.Stride], g.Pix[v*g.Stride:(v+1)*g.Stride])
	}
	return out, func(y float64) float64 { // the way back, by halving
		lo, hi := y-2*amount, y+2*amount
		for range 40 {
			if mid := (lo + hi) / 2; from(mid) < y {
				lo = mid
			} else {
				hi = mid
			}
		}
		return (lo + hi) / 2
	}
}

// right asserts that a match is the page and lies on it; a refusal is right where it may be one.
func right(t *testing.T, m *Match, err error, mayRefuse bool, style string, number int, truth func(x, y float64) (float64, float64), within float64) {
	t.Helper()
	if err != nil {
		t.Log(err)
		assert.True(t, mayRefuse, "%v", err)
		return
	}
	assert.Equal(t, style, m.Style.ID)
	assert.Equal(t, number, m.Page.Number)
	assert.Less(t, worstTarget(m, truth), within)
}

func plainly(x, y float64) (float64, float64) { return 200 * x, 200 * y }

func TestGridSurvivesTheScanner(t *testing.T) {
	for fi, f := range []fixtures.Family{fixtures.ESS, fixtures.AccuVote} {
		town := townOf(t, f)
		scan := town.voted("style-001", 1, 11)
		w, h := float64(scan.Rect.Dx()), float64(scan.Rect.Dy())
		for i, c := range []struct {
			name                   string
			skew, scale, sx, sy    float64
			claimX, claimY, within float64
		}{
			{"slanted", 2.5, 1, 1, 1, 200, 200, 1.5},
			{"printed at 89 %", -1, 0.89, 1, 1, 200, 200, 1.5},
			{"printed at 104 %", 0.5, 1, 1.04, 1.04, 200, 200, 1.5},
			{"100 dpi", 0.5, 1, 0.5, 0.5, 100, 100, 1.5},
			{"fine fax", 0.3, 1, 1.02, 0.98, 204, 196, 1.5},
			{"coarse fax", 0.3, 1, 1.02, 0.49, 204, 98, 1.5},
			{"resolution not named", 0.5, 1, 0.75, 0.75, 0, 0, 1.5},
		} {
			if (i+fi)%2 == 1 { // each damage on one of the layouts: these tests must stay quick
				continue
			}
			t.Run(fmt.Sprint(f, " ", c.name), func(t *testing.T) {
				g := resized(fixtures.Warp(c.skew, c.scale, 5, -8)(scan), c.sx, c.sy)
				m, err := town.drawn.Match(&scanner.Page{Name: "drawn", Index: 1, Gray: g, XDPI: c.claimX, YDPI: c.claimY})
				sin, cos := math.Sincos(c.skew * math.Pi / 180)
				right(t, m, err, false, "style-001", 1, func(x, y float64) (float64, float64) {
					u, v := c.scale*(200*x-w/2), c.scale*(200*y-h/2)
					return (cos*u - sin*v + w/2 + 5) * c.sx, (sin*u + cos*v + h/2 - 8) * c.sy
				}, c.within)
			})
		}
		t.Run(fmt.Sprint(f, " stretched by the feed"), func(t *testing.T) {
			g, at := stretched(scan, 14)
			m, err := town.drawn.Match(page(g, 200))
			right(t, m, err, false, "style-001", 1, func(x, y float64) (float64, float64) { return 200 * x, at(200 * y) }, 2.5)
		})
	}
}

// A coarse fax, its pixels twice as tall as wide, is read with a blank too: the marks say where its print lies.
func TestGridHelpsTheBlank(t *testing.T) {
	town := townOf(t, fixtures.ESS)
	full, err := town.full()
	require.NoError(t, err)
	g := resized(town.voted("style-001", 1, 11), 1.02, 0.49)
	m, err := full.Match(&scanner.Page{Name: "drawn", Index: 1, Gray: g, XDPI: 204, YDPI: 98})
	right(t, m, err, false, "style-001", 1, func(x, y float64) (float64, float64) { return 204 * x, 98 * y }, 1.5)
}

// However many marks are gone, the page is read at the same places or refused.
func TestGridWithMarksGone(t *testing.T) {
	for _, f := range []fixtures.Family{fixtures.ESS, fixtures.AccuVote} {
		town := townOf(t, f)
		for _, share := range []float64{0.1, 0.4, 0.8} {
			t.Run(fmt.Sprintf("%s %.0f %% gone", f, 100*share), func(t *testing.T) {
				scan := town.voted("style-001", 1, 5)
				r := rand.New(rand.NewPCG(uint64(100*share), 2))
				for _, m := range town.b.Tracks("style-001", 1) {
					if r.Float64() < share {
						wipe(scan, m.X-0.01, m.Y-0.01, m.X+m.W+0.01, m.Y+m.H+0.01)
					}
				}
				m, err := town.drawn.Match(page(scan, 200))
				right(t, m, err, share > 0.1, "style-001", 1, plainly, 1.5)
			})
		}
	}
}

// A page that lost its first rows, or whose marks were drawn again one place further, is never read one row off.
func TestGridIsNeverOneRowOff(t *testing.T) {
	for _, f := range []fixtures.Family{fixtures.ESS, fixtures.AccuVote} {
		town := townOf(t, f)
		pg := town.b.Election().Style("style-001").Page(1)
		g := pg.Grid
		t.Run(fmt.Sprint(f, " first row cut off"), func(t *testing.T) {
			scan := town.voted("style-001", 1, 5)
			cut := int((g.Rows[0] + g.Rows[1]) / 2 * 200)
			below := fixtures.Clone(scan.SubImage(image.Rect(0, cut, scan.Rect.Dx(), scan.Rect.Dy())).(*image.Gray))
			m, err := town.drawn.Match(page(below, 200))
			right(t, m, err, true, "style-001", 1, func(x, y float64) (float64, float64) { return 200 * x, 200*y - float64(cut) }, 1.5)
		})
		t.Run(fmt.Sprint(f, " first column wiped out"), func(t *testing.T) {
			scan := town.voted("style-001", 1, 5)
			wipe(scan, 0, 0, (g.Columns[0]+g.Columns[1])/2, 30)
			m, err := town.drawn.Match(page(scan, 200))
			right(t, m, err, true, "style-001", 1, plainly, 1.5)
		})
		t.Run(fmt.Sprint(f, " marks one row lower"), func(t *testing.T) {
			scan := town.voted("style-001", 1, 5)
			for _, m := range trackMarks(g) {
				wipe(scan, m.x-0.15, m.y-g.H/2-0.02, m.x+0.15, m.y+g.H/2+0.02)
			}
			d := ink{scan, 200}
			for _, m := range trackMarks(g) {
				d.bar(m.x, m.y+g.Rows[1]-g.Rows[0], g.W, g.H)
			}
			m, err := town.drawn.Match(page(scan, 200))
			right(t, m, err, true, "style-001", 1, plainly, 1.5)
			assert.Error(t, err)
		})
	}
}

// A page that the election does not have is refused, however alike its marks and its columns are.
func TestGridRefusesOthers(t *testing.T) {
	t.Run("a style whose code is not known", func(t *testing.T) {
		town := townOf(t, fixtures.ESS)
		scan := town.voted("style-002", 1, 3)
		var others Set
		others.election = town.drawn.election
		for _, b := range town.drawn.blanks {
			if b.style.ID != "style-002" {
				others.blanks = append(others.blanks, b)
			}
		}
		_, err := others.Match(page(scan, 200))
		require.Error(t, err)
		t.Log(err)
	})
	t.Run("twins whose code is covered", func(t *testing.T) {
		town := townOf(t, fixtures.ESS)
		scan := town.voted("style-003", 1, 3)
		c := town.b.Election().Style("style-003").Page(1).Code
		for _, at := range c.Bits.Places {
			wipe(scan, at.X-0.1, at.Y-0.06, at.X+0.1, at.Y+0.06)
			ink{scan, 200}.bar(at.X, at.Y, 0.02, 0.1)
		}
		_, err := town.drawn.Match(page(scan, 200))
		require.Error(t, err)
		t.Log(err)
	})
	t.Run("another election with the same marks", func(t *testing.T) {
		town := townOf(t, fixtures.AccuVote)
		other, err := newGridTown(fixtures.BallotOptions{Family: fixtures.AccuVote, Seed: 9, DPI: 200, Styles: 1, Pages: 1, Height: 11})
		require.NoError(t, err)
		_, err = town.drawn.Match(page(other.voted("style-001", 1, 3), 200))
		require.Error(t, err)
		t.Log(err)
	})
	t.Run("marks alone", func(t *testing.T) {
		town := townOf(t, fixtures.AccuVote)
		pg := *town.b.Election().Style("style-001").Page(1)
		pg.Targets = nil
		_, err := town.drawn.Match(page(DrawBlank(&pg, 8.5, float64(pg.Picture.Height)/200, 200), 200))
		require.Error(t, err)
		t.Log(err)
	})
}

// The outline's state is told from print, paper and marks.
func TestOutlinesAreSeen(t *testing.T) {
	target := election.Target{X: 2, Y: 1, W: 0.185, H: 0.12, Shape: election.Oval}
	empty := func() *image.Gray { return fixtures.Paper(800, 400) }
	oval := func(g *image.Gray, x, y float64) *image.Gray {
		d := ink{g, 200}
		u := target
		u.X, u.Y = x, y
		d.outline(u)
		return g
	}
	for _, c := range []struct {
		name string
		g    *image.Gray
		want sight
	}{
		{"open", oval(empty(), 2, 1), open},
		{"open, a little off", oval(empty(), 2.02, 0.985), open},
		{"paper", empty(), nothing},
		{"too far off", oval(empty(), 2.1, 1.04), other},
		{"solid black", func() *image.Gray { g := empty(); ink{g, 200}.bar(2, 1, 1, 1); return g }(), other},
		{"a rule", func() *image.Gray { g := empty(); ink{g, 200}.bar(2, 1.06, 2, 0.02); return g }(), other},
		{"filled", func() *image.Gray {
			g := oval(empty(), 2, 1)
			fixtures.Mark(g, fixtures.Oval{X: 400, Y: 200, W: 37, H: 24}, 200, fixtures.Full, rand.New(rand.NewPCG(1, 1)))
			return g
		}(), filled},
	} {
		t.Run(c.name, func(t *testing.T) {
			pl := newScan(page(c.g, 200), 200)
			o := newGridPage(pl).look(affine{A: 200, E: 200}, target)
			assert.Equal(t, c.want, o.sight, "like %.2f", o.like)
		})
	}
}

// Dirt on the glass is named on a page without a blank too.
func TestGridNamesStreaks(t *testing.T) {
	town := townOf(t, fixtures.AccuVote)
	scan := town.voted("style-001", 1, 2)
	m, err := town.drawn.Match(page(scan, 200))
	require.NoError(t, err)
	assert.Empty(t, m.Faults)
	m, err = town.drawn.Match(page(fixtures.Streak(700, 4, 30)(scan), 200))
	require.NoError(t, err)
	require.Len(t, m.Faults, 1)
	assert.Equal(t, Streak, m.Faults[0].Kind)
	assert.InDelta(t, 701, m.Faults[0].X0, 3)
}
