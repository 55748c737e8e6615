package template

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

// drawing is a page being drawn for a test; all lengths are inches.
type drawing struct {
	*image.Gray
	dpi float64
}

// The drawn ovals: 0.20 x 0.13 outside, their line 1.5 points, as fixtures prints them.
const (
	ovalW, ovalH = 0.20, 0.13
	ovalLine     = 1.5 / 72
)

func drawPage(w, h, dpi float64) drawing {
	d := drawing{fixtures.Paper(int(math.Round(w*dpi)), int(math.Round(h*dpi))), dpi}
	d.bar(0.3, 0.3, w-0.3, 0.32) // a rule and some lines of print, so that the page has a darkest grey
	for i := 0; i < 30; i++ {
		x := 0.4 + float64(i)*(w-0.8)/30
		d.bar(x, 0.45, x+0.06, 0.455+0.01*float64(i%3))
		d.bar(x, 0.45, x+0.015, 0.54)
	}
	d.bar(0.1, 0.1, 0.3, 0.2)
	return d
}

func (d drawing) bar(x0, y0, x1, y1 float64) {
	fixtures.Bar(d.Gray, x0*d.dpi, y0*d.dpi, x1*d.dpi, y1*d.dpi)
}

func (d drawing) oval(x, y float64) {
	fixtures.Ellipse(d.Gray, fixtures.Point{X: x * d.dpi, Y: y * d.dpi}, ovalW*d.dpi, ovalH*d.dpi, ovalLine*d.dpi)
}

// ring draws an oval's outline with a pen instead of the printer's line: w and h are of the line's middle.
func (d drawing) ring(x, y, w, h float64, pen fixtures.Pen) {
	var pts []fixtures.Point
	for i := 0; i <= 48; i++ {
		s, c := math.Sincos(float64(i) / 48 * 2 * math.Pi)
		pts = append(pts, fixtures.Point{X: (x + c*w/2) * d.dpi, Y: (y + s*h/2) * d.dpi})
	}
	fixtures.Stroke(d.Gray, pen, pts...)
}

// wipe makes a rectangle of pixels white.
func (d drawing) wipe(x0, y0, x1, y1 int) {
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			d.Pix[d.PixOffset(x, y)] = 255
		}
	}
}

// save writes the drawing as a PNG that claims claim dots an inch, or no resolution where claim is 0.
func (d drawing) save(t testing.TB, dir, name string, claim int) string {
	t.Helper()
	var buf bytes.Buffer
	if claim == 0 {
		require.NoError(t, png.Encode(&buf, d.Gray))
	} else {
		require.NoError(t, fixtures.EncodePNG(&buf, d.Gray, claim))
	}
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, buf.Bytes(), 0o644))
	return path
}

// at2 is a listed place.
type at2 struct{ x, y float64 }

// saveList writes a contest list of one style's first page: one contest with the choices A, B, C ... With places, each row
// carries its x and y.
func saveList(t testing.TB, dir string, n int, places []at2) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("style,page,contest,vote_for,choice,party,candidate")
	if places != nil {
		b.WriteString(",x,y")
	}
	for i := range n {
		fmt.Fprintf(&b, "\nstyle,1,Mayor,1,Choice %c,,", 'A'+i)
		if places != nil {
			fmt.Fprintf(&b, ",%.4f,%.4f", places[i].x, places[i].y)
		}
	}
	b.WriteString("\n")
	path := filepath.Join(dir, "contests.csv")
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	return path
}

// decodePNG reads a picture back.
func decodePNG(t testing.TB, path string) image.Image {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	img, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	return img
}
