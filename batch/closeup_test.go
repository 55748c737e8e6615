package batch

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/template"
)

func TestFindTargets(t *testing.T) {
	in := &Inspection{Targets: []InspectedTarget{
		{Contest: "Mayor", Choice: "Ann 2 Brown"}, {Contest: "Mayor", Choice: "Write-in"}, {Contest: "Clerk", Choice: "Write-in"},
		{Contest: "Clerk", Choice: "Cy", Party: "DEM"}, {Contest: "Clerk", Choice: "Cy", Party: "WF"}, {Contest: "Clerk", Choice: "Di (REP)", Party: "REP", Rank: 2}}}
	tests := []struct {
		name string
		want []int
	}{
		{"2", []int{1}},
		{"mayor", []int{0, 1}},
		{"Clerk: write-in", []int{2}},
		{"write-in", []int{1, 2}},
		{"brown", []int{0}},
		{"clerk: cy (wf)", []int{4}},
		{"di (rep), rank 2", []int{5}},
		{"7", nil},
		{"", nil},
		{"nobody", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, in.Find(tt.name)) })
	}
}

func TestCloseup(t *testing.T) {
	in := sample()
	in.Targets[1].Contest, in.Targets[1].Choice, in.Targets[1].Why = "Mayor", "Ann Brown", "questionable: small mark"
	var b bytes.Buffer
	require.NoError(t, in.closeup(&b, []int{0, 1, 2}))
	img, err := png.Decode(&b)
	require.NoError(t, err)
	assert.Equal(t, closeWidth, img.Bounds().Dx())
	colours := map[[3]uint32]bool{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, bl, _ := img.At(x, y).RGBA()
			colours[[3]uint32{r >> 8, g >> 8, bl >> 8}] = true
		}
	}
	for _, c := range []struct{ r, g, b uint8 }{{voteColour.R, voteColour.G, voteColour.B}, {doubtColour.R, doubtColour.G, doubtColour.B}, {noneColour.R, noneColour.G, noneColour.B}} {
		assert.True(t, colours[[3]uint32{uint32(c.r), uint32(c.g), uint32(c.b)}], "each answer's frame")
	}
	t.Run("a page that was refused", func(t *testing.T) {
		assert.ErrorContains(t, (&Inspection{Image: "x.png", Refused: string(template.NoStyle)}).closeup(&bytes.Buffer{}, []int{0}), "no style fits")
	})
	t.Run("a file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "c.png")
		require.NoError(t, in.WriteCloseup(path, []int{1}))
		_, err := os.Stat(path)
		assert.NoError(t, err)
	})
}
