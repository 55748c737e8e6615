package author

import (
	"image"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/scanner"
)

func TestSquarePixels(t *testing.T) {
	tests := []struct {
		name       string
		w, h       int
		xdpi, ydpi float64
		override   float64
		wantH      int
		wantDPI    float64
		says       string
	}{
		{"square", 1700, 2200, 200, 200, 0, 2200, 200, ""},
		{"nearly square", 1700, 2200, 200, 200.5, 0, 2200, 200, ""},
		{"a fine fax", 1734, 2156, 204, 196, 0, 2244, 204, ""},
		{"a coarse fax", 1734, 1078, 204, 98, 0, 2244, 204, ""},
		{"given by the user", 1700, 2200, 96, 96, 150, 2200, 150, ""},
		{"not named", 1700, 2200, 0, 0, 0, 2200, 0, ""},
		{"only across", 1700, 2200, 200, 0, 0, 2200, 0, ""},
		{"an editor's 72", 1700, 2200, 72, 72, 0, 2200, 0, ""},
		{"nonsense", 1700, 2200, 200, 50, 0, 0, 0, "add --dpi N"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &scanner.Page{Gray: fixtures.Paper(tt.w, tt.h), XDPI: tt.xdpi, YDPI: tt.ydpi}
			g, dpi, err := squarePixels(p, BlankArg{File: "fax.tif"}, tt.override)
			if tt.says != "" {
				require.ErrorContains(t, err, tt.says)
				assert.ErrorContains(t, err, "fax.tif")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, image.Rect(0, 0, tt.w, tt.wantH), g.Rect)
			assert.Equal(t, tt.wantDPI, dpi)
		})
	}
}

func TestProof(t *testing.T) {
	a := drawnTown(t)
	out := t.TempDir()
	files, err := Proof(a.e, a.dir, out)
	require.NoError(t, err)
	require.Len(t, files, 4)
	for i, f := range files {
		img := decodePNG(t, f)
		pg := a.e.Styles[i/2].Pages[i%2]
		assert.Equal(t, image.Rect(0, 0, pg.Picture.Width, pg.Picture.Height), img.Bounds())
		for _, tg := range pg.Targets { // left of each target its frame is drawn
			coloured := false
			for x := int((tg.X - tg.W/2 - 0.03) * 200); x < int(tg.X*200); x++ {
				r, g, _, _ := img.At(x, int(tg.Y*200)).RGBA()
				coloured = coloured || r > g+0x2000
			}
			assert.True(t, coloured, "%s target at %g, %g", f, tg.X, tg.Y)
		}
	}
	_, err = Proof(a.e, t.TempDir(), out)
	assert.ErrorContains(t, err, "style "+a.e.Styles[0].ID)
	_, err = Proof(a.e, a.dir, filepath.Join(out, "none"))
	assert.Error(t, err)
}

func TestTargetName(t *testing.T) {
	e := &election.Election{Contests: []election.Contest{{ID: "m", Title: "Mayor of the Town of Ashbury and its Villages", Choices: []election.Choice{
		{ID: "a", Name: "Ann Lee", Party: "DEM"}, {ID: "b", Name: "Ann Lee (WF)", Party: "WF"}, {ID: "w", Name: "Write-in"},
	}}}}
	tests := []struct{ name, contest, choice, want string }{
		{"with its party", "m", "a", "Mayor of the Town of …: Ann Lee (DEM)"},
		{"whose name holds the party", "m", "b", "Mayor of the Town of …: Ann Lee (WF)"},
		{"without a party", "m", "w", "Mayor of the Town of …: Write-in"},
		{"unknown choice", "m", "x", "Mayor of the Town of …: x"},
		{"unknown contest", "y", "x", "y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, targetName(e, election.Target{Contest: tt.contest, Choice: tt.choice}))
		})
	}
}
