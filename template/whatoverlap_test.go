package template

import (
	"fmt"
	"image"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/marks"
	"recount/scanner"
)

// under lays a part of one picture over another, its top left at (x, y), and gives the picture and where it is covered.
func under(low, top *image.Gray, part image.Rectangle, x, y int) (*image.Gray, image.Rectangle) {
	out := fixtures.Clone(low)
	r := image.Rect(x, y, x+part.Dx(), y+part.Dy()).Intersect(out.Rect)
	draw.Draw(out, r, top, part.Min.Add(r.Min.Sub(image.Pt(x, y))), draw.Src)
	return out, r
}

// silent lists the targets that lie under the upper sheet and that nothing says so of.
func silent(m *Match, g *image.Gray, hidden image.Rectangle) (out []string) {
	ms := marks.Measure(g, marks.Blank{Gray: m.Blank, DPI: m.DPI}, m.Map, m.Page.Targets)
	for i, k := range ms {
		if image.Rect(k.X, k.Y, k.X+k.W, k.Y+k.H).In(hidden) && k.Outline >= 4500 && !m.Covered[i] {
			out = append(out, fmt.Sprintf("target %d at %d,%d: outline %s fill %s", i, k.X, k.Y, k.Outline, k.Fill))
		}
	}
	return out
}

// Two sheets on each other are refused however they lie, whichever of them the scan shows more of.
func TestOverlappingSheetsAreRefused(t *testing.T) {
	a := drawnTown(t)
	low, lowBack := a.sheet(t, 3)
	top, topBack := a.sheet(t, 6)
	tests := []struct {
		name string
		top  *image.Gray
		at   image.Point
	}{
		{"an inch of the lower one's head shows", top, image.Pt(0, 200)},
		{"just one row lower", top, image.Pt(0, 250)},
		{"half of each", top, image.Pt(0, 1000)},
		{"the lower one's right half shows", top, image.Pt(-850, 0)},
		{"a corner", topBack, image.Pt(400, 500)},
		{"its own back, pushed up", lowBack, image.Pt(0, -1000)},
		{"on its head", turn(top, 180), image.Pt(-600, -800)},
		{"across", turn(top, 90), image.Pt(0, 1000)},
		{"slanted", fixtures.Warp(0.7, 1, 0, 0)(topBack), image.Pt(37, 730)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, _ := under(low, tt.top, tt.top.Rect, tt.at.X, tt.at.Y)
			_, err := a.set.Match(page(g, 200))
			require.ErrorContains(t, err, "overlap: the page shows style")
			assert.ErrorContains(t, err, "take them apart and scan each")
		})
	}
}

// A page's own hairlines, too thin in a coarse scan to be asked after, are no second sheet; two sheets are still two there.
func TestCoarseScansOverlapOnlyWhereTheyDo(t *testing.T) {
	a, err := newTown(fixtures.Options{Seed: 7, DPI: 100, Sheets: 26})
	require.NoError(t, err)
	for _, i := range []int{8, 22, 23, 24} { // each was taken for two sheets
		scans, err := a.m.Sheet(i, a.m.Voters()[i])
		require.NoError(t, err)
		pages, err := scanner.Decode(scans[0].Name, scans[0].Bytes, scanner.Limits{})
		require.NoError(t, err)
		_, err = a.set.Match(pages[0].Page)
		assert.NoError(t, err, scans[0].Name)
	}
	low, _ := a.sheet(t, 3)
	top, _ := a.sheet(t, 6)
	for _, y := range []int{100, 125, 500} {
		g, _ := under(low, top, top.Rect, 0, y)
		_, err := a.set.Match(page(g, 100))
		assert.ErrorContains(t, err, "overlap: the page shows style", "pushed down by %d pixels", y)
	}
}

// A slip that lies over a few targets leaves none of them read, even where it shows targets of its own in the same places.
func TestASlipOverTargetsIsNoticed(t *testing.T) {
	a := drawnTown(t)
	low, _ := a.sheet(t, 3)
	top, _ := a.sheet(t, 6)
	white := fixtures.Paper(1700, 2200)
	const row, column = 250, 200 // the drawn town's, in pixels
	cell := image.Rect(225+column, 577, 225+3*column, 577+row)
	tests := []struct {
		name string
		top  *image.Gray
		part image.Rectangle
		at   image.Point
	}{
		{"other names and ovals, each where one was", top, cell, image.Pt(cell.Min.X, cell.Min.Y+row)},
		{"one row of one column", top, image.Rect(425, 577, 625, 827), image.Pt(425, 827)},
		{"a column further", top, cell, image.Pt(cell.Min.X+2*column, cell.Min.Y)},
		{"white", white, cell, image.Pt(625, 827)},
		{"across a row's lines", top, cell, image.Pt(531, 901)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, hidden := under(low, tt.top, tt.part, tt.at.X, tt.at.Y)
			m, err := a.set.Match(page(g, 200))
			if err != nil {
				return // refused is noticed
			}
			under := 0
			for _, tg := range m.Page.Targets {
				x, y := m.Map.Pixel(tg.X, tg.Y)
				if image.Pt(int(x), int(y)).In(hidden) {
					under++
				}
			}
			assert.Positive(t, under)
			assert.Empty(t, silent(m, g, hidden))
		})
	}
	t.Run("nothing lies over a page that people wrote on", func(t *testing.T) {
		g := fixtures.Clone(low)
		for i := range 12 {
			y := float64(480 + 130*i)
			fixtures.Stroke(g, fixtures.Pen{Width: 6}, fixtures.Point{X: 450, Y: y}, fixtures.Point{X: 700, Y: y + 60}, fixtures.Point{X: 720, Y: y}, fixtures.Point{X: 1000, Y: y + 50})
		}
		m, err := a.set.Match(page(fixtures.Chain(fixtures.Noise(10, 2), fixtures.JPEG(50))(g), 200))
		require.NoError(t, err)
		assert.NotContains(t, m.Covered, true)
	})
}
