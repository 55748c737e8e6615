package batch

import (
	"bytes"
	"encoding/csv"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/scanner"
)

// pictureOf decodes the only page of a file.
func pictureOf(t *testing.T, path string) *image.Gray {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	pages, err := scanner.Decode(filepath.Base(path), data, scanner.Limits{})
	require.NoError(t, err)
	return pages[0].Page.Gray
}

// A JPEG saved again as PNG, and a 1-bit PNG put into a TIFF of both sides: other bytes, the same pixels. Whichever comes first in
// the run's order counts, with any number of workers.
func TestScansSavedAgainAreDuplicates(t *testing.T) {
	o := options(t)
	images := filepath.Join(t.TempDir(), "images")
	require.NoError(t, os.CopyFS(images, os.DirFS(o.Inputs[0])))
	for _, side := range []string{"front", "back"} {
		var b bytes.Buffer
		require.NoError(t, png.Encode(&b, pictureOf(t, filepath.Join(images, "sheet-0001-"+side+".jpg"))))
		require.NoError(t, os.WriteFile(filepath.Join(images, "early-"+side+".png"), b.Bytes(), 0o644)) // before sheet-0001
	}
	var b bytes.Buffer
	front, back := pictureOf(t, filepath.Join(images, "sheet-0002-front.png")), pictureOf(t, filepath.Join(images, "sheet-0002-back.png"))
	require.NoError(t, fixtures.EncodeTIFF(&b, 120, front, back))
	require.NoError(t, os.WriteFile(filepath.Join(images, "z-late.tif"), b.Bytes(), 0o644))
	o.Inputs = []string{images}
	sum, err := Run(t.Context(), o)
	require.NoError(t, err)
	assert.True(t, sum.Adds)
	assert.Equal(t, 4, sum.Outcomes[string(Duplicate)])
	assert.Equal(t, 8, sum.Sheets)
	f, err := os.Open(filepath.Join(o.Out, "sheets.csv"))
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	got := map[string]string{}
	pixels := len(rows[0]) - 1
	require.Equal(t, "pixels", rows[0][pixels])
	for _, r := range rows[1:] {
		assert.Len(t, r[pixels], 16)
		if r[3] == string(Duplicate) {
			got[r[0]] = r[4]
		}
	}
	assert.Equal(t, map[string]string{
		"sheet-0001-front.jpg": "duplicate of early-front.png: the same pixels in other bytes",
		"sheet-0001-back.jpg":  "duplicate of early-front.png: the same pixels in other bytes",
		"z-late.tif":           "duplicate of sheet-0002-front.png: the same pixels in other bytes",
		"z-late.tif#2":         "duplicate of sheet-0002-front.png: the same pixels in other bytes",
	}, got)
	again := o
	again.Workers, again.Out = 4, filepath.Join(t.TempDir(), "run")
	_, err = Run(t.Context(), again)
	require.NoError(t, err)
	sameFiles(t, o.Out, again.Out)
}

func TestPixelsOf(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 6, 4))
	for i := range g.Pix {
		g.Pix[i] = uint8(i)
	}
	wide := image.NewGray(image.Rect(0, 0, 9, 5))
	draw.Draw(wide, g.Rect, g, image.Point{}, draw.Src)
	assert.Equal(t, pixelsOf(g), pixelsOf(wide.SubImage(g.Rect).(*image.Gray)), "rows with a stride")
	turned := &image.Gray{Pix: g.Pix, Stride: 4, Rect: image.Rect(0, 0, 4, 6)}
	assert.NotEqual(t, pixelsOf(g), pixelsOf(turned), "the size counts")
	was := pixelsOf(g)
	g.Pix[23]++
	assert.NotEqual(t, was, pixelsOf(g))
}
