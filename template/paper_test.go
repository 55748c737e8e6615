package template

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

func TestLikelyDPIs(t *testing.T) {
	tests := []struct {
		name string
		w, h int
		want []float64
	}{
		{"letter at 200", 1700, 2200, []float64{200}},
		{"letter on its side", 2200, 1700, []float64{200}},
		{"legal at 300, or a long sheet at 240", 2550, 4200, []float64{300, 240}},
		{"A4 at 200", 1654, 2338, []float64{200}},
		{"scanned a little larger", 1728, 2250, []float64{200}},
		{"square", 1000, 1000, nil},
		{"nothing", 0, 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, likelyDPIs(tt.w, tt.h)) })
	}
}

// A file is written whole or not at all, and nothing is left beside it.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	require.NoError(t, writeFile(path, []byte("one")))
	require.NoError(t, writeFile(path, []byte("two")))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "two", string(data))

	require.NoError(t, os.MkdirAll(filepath.Join(dir, "taken", "inside"), 0o755))
	err = writeFile(filepath.Join(dir, "taken"), []byte("x"))
	assert.ErrorContains(t, err, "taken")
	err = writeFile(filepath.Join(dir, "none", "a.txt"), []byte("x"))
	assert.ErrorContains(t, err, filepath.Join("none", "a.txt"))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range left {
		assert.False(t, strings.HasPrefix(f.Name(), ".recount-"), f.Name())
	}
	assert.Len(t, left, 2)

	t.Run("unwritable folder", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root writes everywhere")
		}
		locked := t.TempDir()
		require.NoError(t, os.Chmod(locked, 0o555))
		require.Error(t, writeFile(filepath.Join(locked, "a.txt"), []byte("x")))
		left, err := os.ReadDir(locked)
		require.NoError(t, err)
		assert.Empty(t, left)
	})
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
