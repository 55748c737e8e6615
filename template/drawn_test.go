package template

import (
	"image"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/marks"
)

// smallGrid is a page of 4 x 3 inches with marks on the given sides and three targets, one of each shape.
func smallGrid(sides ...string) *election.Page {
	col, row := 1.5, 2.0
	return &election.Page{
		Number:  1,
		Picture: election.Picture{Width: 800, Height: 600, DPI: 200},
		Grid:    &election.Grid{Columns: []float64{0.5, 1, 1.5, 3.5}, Rows: []float64{0.25, 1, 1.5, 2.75}, W: 0.19, H: 0.0625, Sides: sides},
		Targets: []election.Target{
			{Contest: "mayor", Choice: "a", W: 0.185, H: 0.12, Shape: election.Oval, Column: &col, Row: &row},
			{Contest: "mayor", Choice: "b", X: 2, Y: 1.5, W: 0.15, H: 0.1, Shape: election.Box},
			{Contest: "mayor", Choice: "c", X: 2.8, Y: 1.5, W: 0.3, H: 0.06, Shape: election.Arrow},
		},
	}
}

func TestDrawBlankPrintsTheSidesThatAreThere(t *testing.T) {
	for _, c := range []struct {
		name  string
		sides []string
		marks int
	}{
		{"left", []string{"left"}, 4},
		{"left and right", []string{"right", "left"}, 8},
		{"all, corners once", []string{"left", "right", "top", "bottom"}, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := smallGrid(c.sides...)
			assert.Len(t, trackMarks(p.Grid), c.marks)
			g := DrawBlank(p, 4, 3, 200)
			assert.Equal(t, image.Rect(0, 0, 800, 600), g.Rect)
			for _, m := range trackMarks(p.Grid) {
				assert.Zero(t, g.GrayAt(int(m.x*200), int(m.y*200)).Y, "mark at %v, %v", m.x, m.y)
			}
			dark := g.GrayAt(700, 200).Y == 0 // column 3, row 1: a mark of the right side
			assert.Equal(t, len(c.sides) > 1, dark)
		})
	}
	assert.True(t, DrawBlank(smallGrid("left"), 1e9, 1e9, 200).Rect.Empty())
	assert.True(t, DrawBlank(smallGrid("left"), -1, 3, 200).Rect.Empty())
}

// A drawn picture is a blank like any other: its own outlines are found on it, and it holds no mark.
func TestDrawnTargetsMeasureAsBlank(t *testing.T) {
	for _, dpi := range []float64{100, 150, 200, 300} {
		p := smallGrid("left", "right")
		g := DrawBlank(p, 4, 3, dpi)
		for i := range p.Targets {
			p.Targets[i].X, p.Targets[i].Y = placeOf(p, p.Targets[i])
		}
		for i, m := range marks.Measure(g, marks.Blank{Gray: g, DPI: dpi}, atScale(dpi), p.Targets) {
			assert.Less(t, int(m.Fill), 100, "dpi %v target %d", dpi, i)
			assert.Greater(t, int(m.Outline), 9500, "dpi %v target %d", dpi, i)
		}
	}
}

type atScale float64

func (k atScale) Pixel(x, y float64) (float64, float64) { return x * float64(k), y * float64(k) }

func TestWriteDrawnFillsWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	page := func() election.Page { return *smallGrid("left", "right") }
	e := &election.Election{Styles: []election.Style{
		{ID: "Ward 1", Pages: []election.Page{page()}}, {ID: "ward-1", Pages: []election.Page{page()}},
	}}
	kept := page()
	kept.Number, kept.Picture = 2, election.Picture{File: "given.png", SHA256: "ab", DPI: 200, Width: 1, Height: 1}
	e.Styles[0].Pages = append(e.Styles[0].Pages, kept)
	require.NoError(t, WriteDrawn(e, dir))
	a, b := e.Styles[0].Pages[0].Picture, e.Styles[1].Pages[0].Picture
	assert.NotEqual(t, a.File, b.File, "two styles of one slug have two files")
	assert.Equal(t, a.SHA256, b.SHA256, "the same page is the same bytes")
	assert.True(t, a.Drawn)
	assert.Equal(t, kept.Picture, e.Styles[0].Pages[1].Picture)
	g, err := Picture(dir, a)
	require.NoError(t, err)
	assert.Equal(t, DrawBlank(smallGrid("left", "right"), 4, 3, 200), g)
	left, err := filepath.Glob(filepath.Join(dir, "blanks", ".recount-*"))
	require.NoError(t, err)
	assert.Empty(t, left, "no temporary file stays")
}

func TestWriteDrawnRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*election.Picture)
		says   string
	}{
		{"no size", func(p *election.Picture) { p.Width = 0 }, "width, height and dpi"},
		{"no resolution", func(p *election.Picture) { p.DPI = 0 }, "width, height and dpi"},
		{"too large", func(p *election.Picture) { p.Width, p.Height = 40000, 40000 }, "width, height and dpi"},
		{"outside the folder", func(p *election.Picture) { p.File = "../x.png" }, "clean relative name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := *smallGrid("left")
			c.change(&p.Picture)
			dir := t.TempDir()
			err := WriteDrawn(&election.Election{Styles: []election.Style{{ID: "s", Pages: []election.Page{p}}}}, dir)
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.says)
			assert.Contains(t, err.Error(), "style s page 1")
			left, _ := os.ReadDir(dir)
			assert.Empty(t, left)
		})
	}
}
