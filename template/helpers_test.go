package template

import (
	"image"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/scanner"
)

// town is a drawn election, its definition and blanks in a folder, prepared for matching.
type town struct {
	m   *fixtures.Municipal
	e   *election.Election
	dir string
	set *Set
}

var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "recount-template-test-*"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

func newTown(o fixtures.Options) (*town, error) {
	m, err := fixtures.New(o)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(scratch, "town-*")
	if err != nil {
		return nil, err
	}
	e := m.Election()
	if err := fixtures.WriteBlanks(dir, e, m.BlankPNG); err != nil {
		return nil, err
	}
	set, err := Load(e, dir)
	return &town{m: m, e: e, dir: dir, set: set}, err
}

var ashbury = sync.OnceValues(func() (*town, error) { return newTown(fixtures.Options{Seed: 5, DPI: 200}) })

func drawnTown(t testing.TB) *town {
	t.Helper()
	a, err := ashbury()
	require.NoError(t, err)
	return a
}

// sheet is a drawn voter's front and back.
func (a *town) sheet(t testing.TB, voter int) (front, back *image.Gray) {
	t.Helper()
	front, back, err := a.m.Draw(a.m.Voters()[voter])
	require.NoError(t, err)
	return front, back
}

func page(g *image.Gray, dpi float64) *scanner.Page {
	return &scanner.Page{Name: "drawn", Index: 1, Gray: g, XDPI: dpi, YDPI: dpi}
}

// turn turns a picture clockwise by 0, 90, 180 or 270 degrees.
func turn(g *image.Gray, deg int) *image.Gray {
	for ; deg > 0; deg -= 90 {
		w, h := g.Rect.Dx(), g.Rect.Dy()
		out := image.NewGray(image.Rect(0, 0, h, w))
		for y := 0; y < h; y++ {
			for x := 0; x < w; x++ {
				out.Pix[x*out.Stride+h-1-y] = g.Pix[y*g.Stride+x]
			}
		}
		g = out
	}
	return g
}

// at2 is a place on a drawn page, in inches.
type at2 struct{ x, y float64 }
