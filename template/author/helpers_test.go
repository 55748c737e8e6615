package author

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
)

// town is a drawn election, its definition and blanks in a folder.
type town struct {
	m   *fixtures.Municipal
	e   *election.Election
	dir string
}

var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "recount-author-test-*"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

var ashbury = sync.OnceValues(func() (*town, error) {
	m, err := fixtures.New(fixtures.Options{Seed: 5, DPI: 200})
	if err != nil {
		return nil, err
	}
	return &town{m: m, e: m.Election(), dir: scratch}, fixtures.WriteBlanks(scratch, m.Election(), m.BlankPNG)
})

func drawnTown(t testing.TB) *town {
	t.Helper()
	a, err := ashbury()
	require.NoError(t, err)
	return a
}

// saved is the file that a drawing was written to.
func saved(t testing.TB, d fixtures.Drawing, dir, name string, claim int) string {
	t.Helper()
	path, err := d.Save(dir, name, claim)
	require.NoError(t, err)
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
