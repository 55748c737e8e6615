package template

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
)

// What is nearly a target's size but stands alone is none; an odd target among its siblings is one.
func TestFindTargetsLeavesOutStrays(t *testing.T) {
	cols := []at2{{1, 1.5}, {1, 2}, {1, 2.5}, {3, 1.5}, {3, 2}}
	circle := func(x, y float64) func(d drawing) {
		return func(d drawing) { // a printer's crop mark
			fixtures.Ellipse(d.Gray, fixtures.Point{X: x * d.dpi, Y: y * d.dpi}, 0.17*d.dpi, 0.12*d.dpi, 0.01*d.dpi)
			d.bar(x-0.14, y-0.003, x-0.07, y+0.003)
			d.bar(x+0.07, y-0.003, x+0.14, y+0.003)
		}
	}
	tests := []struct {
		name string
		draw func(d drawing)
		want int
	}{
		{"a crop mark in the margin", circle(5.6, 3.6), 5},
		{"a crop mark's size in a column", circle(3, 2.5), 6},
		{"a lone target of its siblings' size", func(d drawing) { d.oval(5, 3.2) }, 6},
		{"a target with a number printed in it", func(d drawing) {
			d.oval(3, 2.5)
			d.bar(2.97, 2.47, 2.98, 2.53)
			d.bar(3.01, 2.47, 3.02, 2.53)
		}, 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := drawPage(6, 4, 200)
			for _, c := range cols {
				d.oval(c.x, c.y)
			}
			tt.draw(d)
			got, err := FindTargets(d.Gray, 200)
			require.NoError(t, err)
			assert.Len(t, got, tt.want)
		})
	}
}

// The three corners of a QR code are white within black like square boxes, around a block.
func TestFindTargetsTakesNoCodeForBoxes(t *testing.T) {
	const module = 0.03
	square := func(d drawing, x, y float64) {
		fixtures.Box(d.Gray, x*d.dpi, y*d.dpi, (x+7*module)*d.dpi, (y+7*module)*d.dpi, module*d.dpi)
	}
	d := drawPage(6, 4, 200)
	square(d, 1, 1.5)
	square(d, 1, 2)
	for _, c := range []at2{{4, 2}, {4.6, 2}, {4, 2.6}} {
		square(d, c.x, c.y)
		d.bar(c.x+2*module, c.y+2*module, c.x+5*module, c.y+5*module)
	}
	got, err := FindTargets(d.Gray, 200)
	require.NoError(t, err)
	assert.Len(t, got, 2)
}

// A real ballot's ranked grid and its two columns, in red outlines under an overprint: every oval and no more, neither the
// pictures in the instructions nor the crop marks.
func TestFindTargetsOfRealGrids(t *testing.T) {
	dir := filepath.Join(corpusDir(t), "..", "blanks")
	for _, tt := range []struct {
		file  string
		pages []int
	}{
		{"dominion-sf-2019-ranked-BT01.pdf", []int{6 * 7, 3*3 + 4*5 + 3*9}},
		{"dominion-sf-2020-BT07.pdf", []int{7 + 6, 14 + 15, 12, 12, 12, 14}},
	} {
		data, err := os.ReadFile(filepath.Join(dir, tt.file))
		if os.IsNotExist(err) {
			t.Skipf("no blank %s beside the corpus", tt.file)
		}
		require.NoError(t, err)
		d, err := openPDF(tt.file, data)
		require.NoError(t, err)
		defer d.close()
		for i, want := range tt.pages {
			t.Run(fmt.Sprintf("%s page %d", tt.file, i+1), func(t *testing.T) {
				g, err := d.render(i+1, 200)
				require.NoError(t, err)
				got, err := FindTargets(g, 200)
				require.NoError(t, err)
				assert.Len(t, got, want)
				for _, f := range got {
					assert.Equal(t, election.Oval, f.Shape)
				}
			})
		}
	}
}
