package template

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/scanner"
)

// stack is a folder of scans and the style of each file.
type stack struct {
	dir    string
	styles map[string]string
}

// fronts draws twelve voters' fronts, scanned with mild damage and some upside down. Everybody in district 1 votes for the
// same mayor.
var fronts = sync.OnceValues(func() (stack, error) {
	a, err := ashbury()
	if err != nil {
		return stack{}, err
	}
	s := stack{filepath.Join(scratch, "fronts"), map[string]string{}}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		return s, err
	}
	for i, v := range a.m.Voters()[:12] {
		if v.Style == fixtures.District1 {
			v.Marks = slices.DeleteFunc(slices.Clone(v.Marks), func(h fixtures.Hand) bool { return h.Contest == "mayor" })
			v.Marks = append(v.Marks, fixtures.Hand{Contest: "mayor", Choice: "1A", Kind: fixtures.Full})
		}
		front, _, err := a.m.Draw(v)
		if err != nil {
			return s, err
		}
		k := float64(i)
		damage := []fixtures.Damage{fixtures.Warp(0.8*math.Sin(k), 1+0.008*math.Cos(k), 8*math.Cos(2*k), 8*math.Sin(3*k)),
			fixtures.Specks(15, uint64(i)), fixtures.Noise(3, uint64(i))}
		if i%3 == 1 {
			damage = append(damage, fixtures.Threshold(128))
		}
		if i%5 == 2 {
			damage = append(damage, fixtures.Turn180())
		}
		name := fmt.Sprintf("sheet-%02d.png", i+1)
		s.styles[name] = v.Style
		var buf bytes.Buffer
		if err := fixtures.EncodePNG(&buf, fixtures.Chain(damage...)(front), 200); err != nil {
			return s, err
		}
		if err := os.WriteFile(filepath.Join(s.dir, name), buf.Bytes(), 0o644); err != nil {
			return s, err
		}
	}
	return s, nil
})

// readPNG reads a picture that Learn wrote.
func readPNG(t testing.TB, path string) *scanner.Page {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	p, err := onlyPage(path, data)
	require.NoError(t, err)
	return p
}

// Two styles that differ in one contest and the precinct line, mixed in one folder, are told apart, and each blank is as
// good as the true one: the same targets to a pixel, none of them marked. What everybody marked is named.
func TestLearnNearTwins(t *testing.T) {
	a := drawnTown(t)
	stack, err := fronts()
	require.NoError(t, err)
	out := t.TempDir()
	got, err := Learn(LearnOptions{Scans: []string{stack.dir}, Out: out, Turn: -1})
	require.NoError(t, err)
	require.Len(t, got.Groups, 2)
	styleOf := map[string]string{}
	turned := 0
	for _, p := range got.Pages {
		require.NotEmpty(t, p.Group, "%s: %s", p.Page, p.Reason)
		if styleOf[p.Group] == "" {
			styleOf[p.Group] = stack.styles[p.Page]
		}
		assert.Equal(t, styleOf[p.Group], stack.styles[p.Page], p.Page)
		assert.Contains(t, []int{0, 180}, p.Rotation)
		turned += p.Rotation / 180
	}
	assert.Equal(t, 2, turned, "sheets 3 and 8 went in upside down")
	for _, g := range got.Groups {
		assert.Equal(t, "letters", g.Top)
		require.Len(t, g.Unlike, 1, "the other district is laid out alike")
		assert.Empty(t, g.Alike)
		holdAgainstBlank(t, a, styleOf[g.Group], g, readPNG(t, filepath.Join(out, g.Blank)))
	}
}

// holdAgainstBlank compares a learned front with the style's own.
func holdAgainstBlank(t *testing.T, a *town, style string, g LearnedGroup, learned *scanner.Page) {
	t.Helper()
	assert.InDelta(t, 200, learned.XDPI, 0.1, "the blank says its resolution")
	m, err := a.set.Match(learned)
	require.NoError(t, err)
	require.Equal(t, style, m.Style.ID)
	assert.Zero(t, m.Rotation, "it stands upright")
	assert.InDelta(t, 0, m.SkewDeg, 0.1)
	require.Len(t, g.Targets, len(m.Page.Targets))
	thr := int(scanner.Threshold(learned.Gray))
	for _, want := range m.Page.Targets {
		x, y := m.Map.Pixel(want.X, want.Y)
		best := math.Inf(1)
		var at LearnedTarget
		for _, q := range g.Targets {
			if d := math.Hypot(q.X*g.DPI-x, q.Y*g.DPI-y); d < best {
				best, at = d, q
			}
		}
		assert.LessOrEqual(t, best, 1.0, "%s %s", want.Contest, want.Choice)
		assert.InDelta(t, want.W*g.DPI, at.W*g.DPI, 2)
		assert.InDelta(t, want.H*g.DPI, at.H*g.DPI, 2)
		in := darkInside(learned.Gray, thr, Found{X: x, Y: y, W: at.W * g.DPI, H: at.H * g.DPI, Shape: want.Shape},
			func(x, y float64) (float64, float64) { return x, y })
		assert.Zero(t, in, "%s %s: a mark stayed", want.Contest, want.Choice)
		everybodys := style == fixtures.District1 && want.Contest == "mayor" && want.Choice == "1A"
		assert.Equal(t, everybodys, at.Unmarked == 0, "%s %s", want.Contest, want.Choice)
		assert.Equal(t, everybodys, at.Doubt != "", "%s %s: %s", want.Contest, want.Choice, at.Doubt)
	}
	assert.Equal(t, style != fixtures.District1, g.Sure, "%v", g.Doubts)
}

// The number of workers changes nothing, and with fewer pages than asked for there is a clear error and still a list.
func TestLearnFewPages(t *testing.T) {
	stack, err := fronts()
	require.NoError(t, err)
	var scans []string
	for name, s := range stack.styles {
		if s == fixtures.District1 {
			scans = append(scans, filepath.Join(stack.dir, name))
		}
	}
	sort.Strings(scans)
	scans = scans[:3]
	var first map[string]string
	for _, workers := range []int{1, 3} {
		out := t.TempDir()
		_, err := Learn(LearnOptions{Scans: scans, Out: out, Min: 3, Turn: -1, Workers: workers})
		require.NoError(t, err)
		files := map[string]string{}
		list, err := os.ReadDir(out)
		require.NoError(t, err)
		for _, f := range list {
			data, err := os.ReadFile(filepath.Join(out, f.Name()))
			require.NoError(t, err)
			files[f.Name()] = string(data)
		}
		require.Len(t, files, 4)
		if first == nil {
			first = files
		}
		assert.True(t, maps.Equal(first, files), "%d workers", workers)
	}
	out := t.TempDir()
	got, err := Learn(LearnOptions{Scans: scans[:2], Out: out, Turn: -1})
	require.ErrorIs(t, err, ErrTooFewPages)
	assert.ErrorContains(t, err, "5")
	require.Len(t, got.Pages, 2)
	assert.Contains(t, got.Pages[0].Reason, "only 2 pages")
	table, err := os.ReadFile(filepath.Join(out, "groups.csv"))
	require.NoError(t, err)
	assert.Equal(t, 3, strings.Count(string(table), "\n"))
}

func TestLearnRefusesOptions(t *testing.T) {
	tests := []struct {
		name string
		o    LearnOptions
		want string
	}{
		{"two pages are no vote", LearnOptions{Min: 2}, "fewer than 3"},
		{"more at least than at most", LearnOptions{Min: 9, Max: 8}, "at most 8"},
		{"no quarter turn", LearnOptions{Turn: 45}, "45 degrees"},
		{"too many pages", LearnOptions{Max: 1000}, "at most 300"},
		{"no such folder", LearnOptions{Scans: []string{"nowhere"}, Turn: -1}, "nowhere"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Out = t.TempDir()
			_, err := Learn(tt.o)
			assert.ErrorContains(t, err, tt.want)
		})
	}
	t.Run("nothing that can be read", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "bad.png"), []byte("\x89PNG\r\n\x1a\nnothing"), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "empty.tif"), nil, 0o644))
		_, err := fixtures.Drawing{Gray: fixtures.Paper(1700, 2200), DPI: 200}.Save(dir, "white.png", 200)
		require.NoError(t, err)
		got, err := Learn(LearnOptions{Scans: []string{dir}, Out: t.TempDir(), Turn: -1})
		require.True(t, errors.Is(err, ErrTooFewPages))
		require.Len(t, got.Pages, 3)
		for _, p := range got.Pages {
			assert.NotEmpty(t, p.Reason, p.Page)
		}
	})
}

// On real scans whose marks were drawn in an editor the targets are those of the true blank, also the one that every page
// has marked.
func TestLearnRealScans(t *testing.T) {
	root := os.Getenv("RECOUNT_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "corpus")
	}
	set := filepath.Join(root, "oc-tutorial-hart")
	scans, err := filepath.Glob(filepath.Join(set, "images", "A_*_side0.png"))
	require.NoError(t, err)
	if len(scans) == 0 {
		t.Skip("the corpus is not here: ", set)
	}
	got, err := Learn(LearnOptions{Scans: scans, Out: t.TempDir(), Min: 4, Turn: -1})
	require.NoError(t, err)
	require.Len(t, got.Groups, 1)
	g := got.Groups[0]
	blank := readPNG(t, filepath.Join(set, "blank", "A_side0_derived-blank.png"))
	want, err := FindTargets(blank.Gray, g.DPI)
	require.NoError(t, err)
	require.Len(t, g.Targets, len(want))
	never := 0
	for i, q := range g.Targets { // the pages are one scan, so blank and learned blank lie alike to a fraction of a degree
		assert.InDelta(t, want[i].X*g.DPI, q.X*g.DPI, 2.5, "target %d", q.Number)
		assert.InDelta(t, want[i].Y*g.DPI, q.Y*g.DPI, 2.5, "target %d", q.Number)
		if q.Unmarked == 0 {
			never++
		}
	}
	assert.Equal(t, 1, never)
	assert.False(t, g.Sure)
	assert.Len(t, g.Doubts, 1)
}

// The way up is told by letters whichever way the page lies, and is not guessed without them.
func TestUpOf(t *testing.T) {
	a := drawnTown(t)
	front := a.m.Blank(fixtures.District1, 1)
	for _, deg := range []int{0, 90, 180, 270} {
		pl := newPlane(turn(front, deg), 200)
		got := upOf(pl.bits, pl.dpi)
		assert.True(t, got.sure, "turned by %d", deg)
		assert.Equal(t, (360-deg)%360, got.turn)
	}
	pl := newPlane(fixtures.NewDrawing(8.5, 11, 200).Gray, 200)
	assert.False(t, upOf(pl.bits, pl.dpi).sure)
}

// A piece of print is found again where it is printed, not where the place is empty, shows another, or is scribbled over.
func TestAtomLook(t *testing.T) {
	draw := func(letters ...image.Rectangle) *scanner.Bits {
		b := scanner.NewBits(200, 100)
		for _, r := range letters {
			for y := r.Min.Y; y < r.Max.Y; y++ {
				for x := r.Min.X; x < r.Max.X; x++ {
					b.Set(x, y, true)
				}
			}
		}
		return b
	}
	stem, foot := image.Rect(60, 40, 64, 60), image.Rect(60, 57, 74, 60)
	letter := draw(stem, foot)
	common := scanner.NewBits(200, 100)
	as := atomsOf(letter, common, common)
	require.Len(t, as, 1)
	tests := []struct {
		name string
		page *scanner.Bits
		want presence
	}{
		{"itself", letter, has},
		{"two pixels off", draw(stem.Add(image.Pt(2, -2)), foot.Add(image.Pt(2, -2))), has},
		{"an empty place", draw(), lacks},
		{"another letter", draw(image.Rect(60, 40, 74, 43), image.Rect(70, 40, 74, 60)), hasAnother},
		{"a scribble", draw(image.Rect(55, 36, 80, 64)), unclear},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, as[0].look(tt.page, thicken(tt.page), common))
		})
	}
	zone := draw(image.Rect(58, 38, 61, 41))
	assert.Empty(t, atomsOf(letter, common, zone), "ink that runs into a target's zone is a mark")
	assert.Empty(t, atomsOf(letter, thicken(letter), common), "what all pages have is no atom")
	assert.Empty(t, atomsOf(draw(image.Rect(10, 10, 190, 13)), common, common), "rules are none")
}

// A paper's pixel is the lighter middle one, and a band's rows do not change what is drawn.
func TestEachPoint(t *testing.T) {
	at := func(x, y float64) (float64, float64) { return 2*x - 3*y + 1, x + y }
	for _, rows := range [][2]int{{0, 40}, {16, 33}, {5, 6}} {
		n := 0
		eachPoint(50, rows[0], rows[1], at, func(x, y int, px, py float64) {
			wx, wy := at(float64(x)+0.5, float64(y)+0.5)
			assert.InDelta(t, wx, px, 1e-9)
			assert.InDelta(t, wy, py, 1e-9)
			n++
		})
		assert.Equal(t, 50*(rows[1]-rows[0]), n)
	}
}

func TestTooFew(t *testing.T) {
	assert.Equal(t, "no other page is printed like it; 5 are needed", tooFew(1, 5))
	assert.Equal(t, "only 4 pages are printed like it; 5 are needed", tooFew(4, 5))
}
