package template

import (
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/marks"
)

// The same sheet, turned, slanted, shrunk, damaged or scanned at another resolution, is found to be the same page with
// every target in its place.
func TestMatchFindsThePageHoweverItLies(t *testing.T) {
	a := drawnTown(t)
	front, back := a.sheet(t, 3)
	style := a.m.Voters()[3].Style
	tests := []struct {
		name     string
		page     *image.Gray
		number   int
		dpi      float64
		rotation int
		skew     float64
		scale    float64
	}{
		{"as drawn", front, 1, 200, 0, 0, 1},
		{"resolution not named", front, 1, 0, 0, 0, 1},
		{"resolution named wrongly", front, 1, 96, 0, 0, 1},
		{"on its head", turn(front, 180), 1, 200, 180, 0, 1},
		{"turned clockwise", turn(front, 90), 1, 200, 270, 0, 1},
		{"turned anticlockwise", turn(front, 270), 1, 200, 90, 0, 1},
		{"back", back, 2, 200, 0, 0, 1},
		{"back on its head", turn(back, 180), 2, 200, 180, 0, 1},
		{"slanted", fixtures.Warp(1.5, 1, 4, -7)(front), 1, 200, 0, 1.5, 1},
		{"slanted the other way", fixtures.Warp(-3, 1, 0, 0)(front), 1, 200, 0, -3, 1},
		{"printed small", fixtures.Warp(0, 0.93, 0, 0)(front), 1, 200, 0, 0, 0.93},
		{"printed large", fixtures.Warp(0.4, 1.02, 9, 3)(front), 1, 200, 0, 0.4, 1.02},
		{"noisy and soft", fixtures.Chain(fixtures.Blur(1), fixtures.Noise(12, 7), fixtures.JPEG(40))(front), 1, 200, 0, 0, 1},
		{"bitonal with dust", fixtures.Chain(fixtures.Threshold(150), fixtures.Specks(400, 3))(front), 1, 200, 0, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := a.set.Match(page(tt.page, tt.dpi))
			require.NoError(t, err)
			assert.Equal(t, tt.number, m.Page.Number)
			if tt.number == 1 {
				assert.Equal(t, style, m.Style.ID)
			}
			assert.Equal(t, tt.rotation, m.Rotation)
			assert.InDelta(t, tt.skew, m.SkewDeg, 0.05)
			assert.InDelta(t, tt.scale, m.Scale, 0.003)
			assert.Less(t, m.ResidualPx, 0.6)
			for i, mk := range marks.Measure(tt.page, marks.Blank{Gray: m.Blank, DPI: m.DPI}, m.Map, m.Page.Targets) {
				assert.Greater(t, mk.Outline, marks.Score(7000), "target %d", i)
				assert.LessOrEqual(t, math.Hypot(float64(mk.DX), float64(mk.DY)), 200.0, "target %d was found %d,%d hundredths of a pixel off", i, mk.DX, mk.DY)
			}
		})
	}
}

// Stretch that varies down the page, as rollers make it, is followed by the local correction.
func TestMatchFollowsStretch(t *testing.T) {
	a := drawnTown(t)
	front, _ := a.sheet(t, 2)
	bent := image.NewGray(front.Rect)
	h := float64(front.Rect.Dy())
	for y := 0; y < front.Rect.Dy(); y++ {
		src := int(float64(y) + 8*math.Sin(2*math.Pi*float64(y)/h)) // 8 pixels each way
		src = min(max(src, 0), front.Rect.Dy()-1)
		copy(bent.Pix[y*bent.Stride:(y+1)*bent.Stride], front.Pix[src*front.Stride:(src+1)*front.Stride])
	}
	m, err := a.set.Match(page(bent, 200))
	require.NoError(t, err)
	for _, tg := range m.Page.Targets {
		_, py := m.Map.Pixel(tg.X, tg.Y)
		want := tg.Y * 200
		for range 20 { // the row y of the bent page shows row y + 8 sin(..) of the drawn one
			want = tg.Y*200 - 8*math.Sin(2*math.Pi*want/h)
		}
		assert.InDelta(t, want, py, 1.5)
	}
}

func TestMatchRefusesWithItsReason(t *testing.T) {
	a := drawnTown(t)
	front, _ := a.sheet(t, 1)
	empty := fixtures.Paper(1700, 2200)
	dusty := fixtures.Specks(150, 9)(fixtures.Paper(1700, 2200))
	other, err := newTown(fixtures.Options{Seed: 77, DPI: 200, Legal: true})
	require.NoError(t, err)
	foreign, _ := other.sheet(t, 0)
	photo := image.NewGray(image.Rect(0, 0, 1700, 2200))
	for i := range photo.Pix {
		x, y := float64(i%1700), float64(i/1700)
		photo.Pix[i] = uint8(128 + 60*math.Sin(x/97)*math.Cos(y/131) + 40*math.Sin((x+y)/23))
	}
	black := image.NewGray(image.Rect(0, 0, 1700, 2200))
	tests := []struct {
		name   string
		page   *image.Gray
		reason Reason
	}{
		{"nothing on it", empty, EmptyPage},
		{"only dust", dusty, EmptyPage},
		{"only black", black, NoStyle},
		{"a ballot of another town on other paper", foreign, OtherElection},
		{"a photograph", photo, Photograph},
		{"the upper quarter only", front.SubImage(image.Rect(0, 0, 1700, 300)).(*image.Gray), NoStyle},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := a.set.Match(page(tt.page, 200))
			var r *Refusal
			require.ErrorAs(t, err, &r)
			assert.Equal(t, tt.reason, r.Reason, err)
		})
	}
}

// Two styles that differ in a line of print are told apart by that line; where it is gone, nobody guesses.
func TestMatchTellsNearTwinsApart(t *testing.T) {
	a := drawnTown(t)
	seen := map[string]bool{}
	for i, v := range a.m.Voters()[:8] {
		front, _ := a.sheet(t, i)
		m, err := a.set.Match(page(front, 200))
		require.NoError(t, err)
		assert.Equal(t, v.Style, m.Style.ID)
		assert.Empty(t, m.Twins)
		seen[m.Style.ID] = true
	}
	assert.Len(t, seen, 2, "both styles were tried")
}

func TestMatchSaysWhichPagesLookTheSame(t *testing.T) {
	a := drawnTown(t)
	_, back := a.sheet(t, 0)
	m, err := a.set.Match(page(back, 200))
	require.NoError(t, err)
	require.Len(t, m.Twins, 1, "the backs of both styles are printed alike")
	assert.NotEqual(t, m.Style.ID, m.Twins[0].Style.ID)
	assert.Equal(t, 2, m.Twins[0].Page.Number)
}

func TestMatchIsAmbiguousWhereTheDifferenceIsGone(t *testing.T) {
	a := drawnTown(t)
	one, two := a.m.Blank(fixtures.District1, 1), a.m.Blank(fixtures.District2, 1)
	mixed := fixtures.Clone(one)
	// Every second band of 40 rows is from the other style: what differs speaks for each in equal parts.
	for y := 0; y < mixed.Rect.Dy(); y++ {
		if y/12%2 == 1 {
			copy(mixed.Pix[y*mixed.Stride:(y+1)*mixed.Stride], two.Pix[y*two.Stride:(y+1)*two.Stride])
		}
	}
	_, err := a.set.Match(page(mixed, 200))
	var r *Refusal
	require.ErrorAs(t, err, &r)
	assert.Equal(t, Ambiguous, r.Reason, err)
}

func TestLoadErrors(t *testing.T) {
	a := drawnTown(t)
	copyOf := func() *election.Election {
		e, err := election.Parse("copy", mustJSON(t, a.e))
		require.NoError(t, err)
		return e
	}
	tests := []struct {
		name   string
		change func(e *election.Election)
		says   string
	}{
		{"picture changed", func(e *election.Election) { e.Styles[0].Pages[0].Picture.SHA256 = "00" }, "is not the one"},
		{"picture missing", func(e *election.Election) { e.Styles[0].Pages[0].Picture.File = "blanks/none.png" }, "none.png"},
		{"picture outside", func(e *election.Election) { e.Styles[0].Pages[0].Picture.File = "../x.png" }, "outside"},
		{"other size", func(e *election.Election) { e.Styles[0].Pages[0].Picture.Width++ }, "pixels"},
		{"no style", func(e *election.Election) { e.Styles = nil }, "no style"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := copyOf()
			tt.change(e)
			_, err := Load(e, a.dir)
			require.Error(t, err)
			assert.Contains(t, err.Error(), tt.says)
		})
	}
}

func mustJSON(t *testing.T, e *election.Election) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "election.json")
	require.NoError(t, e.Write(path))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func TestRefusalNamesWhatWasTried(t *testing.T) {
	var err error = &Refusal{Reason: NoStyle, Detail: "no style fits", Tried: []Tried{{Style: "a", Page: 1, Fit: 0.25}, {Style: "b", Page: 2, Fit: 0.1}}}
	assert.Equal(t, "no-style: no style fits; tried a page 1 (fit 0.25), b page 2 (fit 0.10)", err.Error())
	var r *Refusal
	assert.True(t, errors.As(err, &r))
}

func BenchmarkMatch(b *testing.B) {
	a := drawnTown(b)
	front, _ := a.sheet(b, 0)
	p := page(front, 200)
	for b.Loop() {
		if _, err := a.set.Match(p); err != nil {
			b.Fatal(err)
		}
	}
}
