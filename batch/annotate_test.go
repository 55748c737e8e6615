package batch

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/template"
	"recount/vote"
)

// sample is a page lying head down, with one target of each answer.
func sample() *Inspection {
	g := image.NewGray(image.Rect(0, 0, 420, 700))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	return &Inspection{Image: "a.png", Page: 1, Pages: 2, Style: "s", Number: 1, Side: "front", Rotation: 180, gray: g,
		match: &template.Match{Anchors: []template.Anchor{{PX: 20, PY: 20, Used: true}, {PX: 400, PY: 20}}}, Anchors: 2, Used: 1,
		Targets: []InspectedTarget{
			{X: 100, Y: 500, W: 30, H: 18, Answer: vote.Vote, fill: 8765},
			{X: 200, Y: 500, W: 30, H: 18, Answer: vote.Questionable, fill: 700},
			{X: 300, Y: 500, W: 30, H: 18, Answer: vote.None},
		}}
}

func TestAnnotateShowsEveryAnswerInItsPlace(t *testing.T) {
	in := sample()
	var b bytes.Buffer
	require.NoError(t, in.Annotate(&b))
	img, err := png.Decode(&b)
	require.NoError(t, err)
	strip := img.Bounds().Dy() - 700
	require.Positive(t, strip)
	near := func(x, y int, want color.RGBA) bool {
		for dy := -24; dy <= 24; dy++ {
			for dx := -24; dx <= 24; dx++ {
				if r, g, b, _ := img.At(x+dx, y+dy).RGBA(); uint8(r>>8) == want.R && uint8(g>>8) == want.G && uint8(b>>8) == want.B {
					return true
				}
			}
		}
		return false
	}
	// Head down: a target centred at 115,509 stands at 304,190 once upright.
	for x, want := range map[int]color.RGBA{304: voteColour, 204: doubtColour, 104: noneColour} {
		assert.True(t, near(x, 190+strip, want), "at %d", x)
		for _, other := range []color.RGBA{voteColour, doubtColour, noneColour} {
			if other != want {
				assert.False(t, near(x, 190+strip, other), "at %d", x)
			}
		}
	}
	assert.True(t, near(399, 679+strip, usedColour))
	assert.True(t, near(19, 679+strip, asideColour))
}

func TestAnnotateSurvivesOddPlaces(t *testing.T) {
	in := sample()
	in.Targets[0].X, in.Targets[0].Y = -5000, 9000
	in.Targets[1].W, in.Targets[1].H = 0, -3
	in.match.Anchors[0].PX = 1e9
	in.Image = "name \x00 with \u6f22\u5b57 and " + string([]byte{0xff})
	assert.NoError(t, in.Annotate(&bytes.Buffer{}))
	in.Refused = "no-style: nothing fits"
	assert.NoError(t, in.Annotate(&bytes.Buffer{}))
	assert.Error(t, (&Inspection{}).Annotate(&bytes.Buffer{}))
	assert.Error(t, in.WriteAnnotated(t.TempDir()), "a folder is no file")
}

func TestInspect(t *testing.T) {
	dir := suite(t)
	in, err := Inspect(filepath.Join(dir, "election.json"), filepath.Join(dir, "images", "sheet-0001-front.jpg"), 1, vote.DefaultLimits())
	require.NoError(t, err)
	assert.Empty(t, in.Refused)
	assert.Equal(t, "front", in.Side)
	assert.Len(t, in.Targets, 31)
	assert.Equal(t, 31, in.Count(vote.Vote)+in.Count(vote.Questionable)+in.Count(vote.None))
	out := filepath.Join(t.TempDir(), "a.png")
	require.NoError(t, in.WriteAnnotated(out))
	f, err := os.Open(out)
	require.NoError(t, err)
	defer f.Close()
	_, err = png.Decode(f)
	assert.NoError(t, err)

	_, err = Inspect(filepath.Join(dir, "election.json"), filepath.Join(dir, "images", "sheet-0001-front.jpg"), 2, vote.DefaultLimits())
	assert.ErrorContains(t, err, "no page 2")
	_, err = Inspect(filepath.Join(dir, "election.json"), filepath.Join(dir, "images"), 1, vote.DefaultLimits())
	assert.ErrorContains(t, err, "name one picture")
	_, err = Inspect(filepath.Join(dir, "election.json"), filepath.Join(dir, "truth.csv"), 1, vote.DefaultLimits())
	assert.ErrorContains(t, err, "not-an-image")
}
