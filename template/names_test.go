package template

import (
	"image"
	"image/draw"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

// renamed prints the names of a blank in another order: those of each two targets under each other change places, as on another
// precinct's ballot. many bounds how many targets get another name.
func renamed(t *testing.T, b *blank, g *image.Gray, dpi float64, many int) *image.Gray {
	t.Helper()
	out := fixtures.Clone(g)
	ts := b.page.Targets
	box := func(i int) image.Rectangle { // names stand below their ovals, to the left
		x, y := ts[i].X, ts[i].Y
		return image.Rect(int((x-0.70)*dpi), int((y+0.13)*dpi), int((x+0.09)*dpi), int((y+0.60)*dpi))
	}
	n := 0
	for i := 0; i+1 < len(ts) && n < many; i += 2 {
		if math.Abs(ts[i].X-ts[i+1].X) > 0.05 {
			i--
			continue
		}
		p, q := box(i), box(i+1)
		w, h := min(p.Dx(), q.Dx()), min(p.Dy(), q.Dy())
		draw.Draw(out, image.Rectangle{p.Min, p.Min.Add(image.Pt(w, h))}, g, q.Min, draw.Src)
		draw.Draw(out, image.Rectangle{q.Min, q.Min.Add(image.Pt(w, h))}, g, p.Min, draw.Src)
		n += 2
	}
	require.Positive(t, n)
	return out
}

// A page in the frame of a style but with its names in another order is a missing style's: read, each vote would go to another
// person. The style's own page is read whatever scan and hand did to it.
func TestPagesWithOtherNamesAreRefused(t *testing.T) {
	a := drawnTown(t)
	b := a.set.blanks[0]
	mine, _, err := a.m.Draw(a.m.Voters()[0])
	require.NoError(t, err)
	style := a.m.Voters()[0].Style
	for _, o := range a.set.blanks {
		if o.style.ID == style && o.page.Number == 1 {
			b = o
		}
	}
	require.Equal(t, style, b.style.ID)
	scribbled := func(g *image.Gray) *image.Gray {
		g = fixtures.Clone(g)
		for i := range 8 {
			y := float64(500 + 150*i)
			fixtures.Stroke(g, fixtures.Pen{Width: 5}, fixtures.Point{X: 300, Y: y}, fixtures.Point{X: 1300, Y: y + 60}, fixtures.Point{X: 350, Y: y + 30}, fixtures.Point{X: 1250, Y: y + 90})
		}
		return g
	}
	tests := []struct {
		name string
		scan fixtures.Damage
	}{
		{"sound", func(g *image.Gray) *image.Gray { return g }},
		{"soft and noisy", fixtures.Chain(fixtures.Blur(1), fixtures.Noise(12, 3))},
		{"slanted, compressed", fixtures.Chain(fixtures.Warp(0.8, 1, 4, -6), fixtures.JPEG(40))},
		{"scribbled over", scribbled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := a.set.Match(page(tt.scan(mine), 200))
			require.NoError(t, err)
			assert.Equal(t, style, m.Style.ID)
			for _, part := range []struct {
				name string
				many int
			}{{"all", 1000}, {"most", 22}} {
				_, err = a.set.Match(page(tt.scan(renamed(t, b, mine, 200, part.many)), 200))
				require.Error(t, err, part.name)
			}
		})
	}
}

// Lines and grain go, letters stay.
func TestUnrule(t *testing.T) {
	var p patch
	for j := range 64 {
		p.rows[j] |= 1<<5 | 1<<6     // a line down
		p.rows[j] |= 1 << (40 + j%2) // a chain of single pixels
	}
	p.rows[10] |= 0xffffffff << 16 // a line across
	p.rows[11] |= 0xffffffff << 16
	var want patch
	for j := 30; j < 50; j++ {
		want.rows[j] = 0xf << 20 // a letter's stem
	}
	for j := 45; j < 49; j++ {
		want.rows[j] |= 0xfffff << 12 // and its foot, twenty pixels long
	}
	for j := range p.rows {
		p.rows[j] |= want.rows[j]
	}
	p.unrule()
	for j := range p.rows {
		assert.Equal(t, want.rows[j], p.rows[j]&^(3<<40), "row %d", j)
	}
}

func TestUnsolidTakesTimingMarksOnly(t *testing.T) {
	var p, want patch
	for j := 5; j < 18; j++ {
		p.rows[j] |= 0x1fffffff << 3 // a timing mark
	}
	for j := 30; j < 60; j++ {
		want.rows[j] = 0x1ff << 40 // a bold stem, nine pixels wide
	}
	for j := 50; j < 59; j++ {
		want.rows[j] |= 0xfffff << 8 // a bar as high
	}
	for j := range p.rows {
		p.rows[j] |= want.rows[j]
	}
	p.unsolid()
	assert.Equal(t, want.rows, p.rows)
	for j := range p.rows {
		p.rows[j] = ^uint64(0)
	}
	p.unsolid()
	assert.Equal(t, [64]uint64{}, p.rows, "all of it")
}
