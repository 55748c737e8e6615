package proof

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"

	"recount/fixtures"
)

// On a ballot as crowded as a grid of party lines every label has its own place: on no frame, on no other label, inside
// the picture, and whole.
func TestLabelsDoNotCoverEachOther(t *testing.T) {
	m, err := fixtures.New(fixtures.Options{Seed: 5, DPI: 200})
	require.NoError(t, err)
	e := m.Election()
	for _, pg := range e.Styles[0].Pages {
		g := m.Blank(fixtures.District1, pg.Number)
		var labels []Label
		for n, tg := range pg.Targets {
			c := e.Contest(tg.Contest)
			labels = append(labels, Label{tg.X, tg.Y, tg.W, tg.H, fmt.Sprintf("%d %.22s: %.30s", n+1, c.Title, c.Choice(tg.Choice).Name)})
		}
		frames := Frames(labels, 200, 2)
		notes := layOut(g, basicfont.Face7x13, 2, frames, labels)
		require.Len(t, notes, len(labels))
		for i, n := range notes {
			assert.Equal(t, labels[i].Text, strings.Join(n.lines, " "), "the whole text")
			assert.True(t, n.box.In(g.Rect))
			for j := range notes {
				assert.False(t, n.box.Overlaps(frames[j]), "label %d covers target %d", i, j)
				assert.False(t, i != j && n.box.Overlaps(notes[j].box), "labels %d and %d overlap", i, j)
			}
		}
	}
}

// Where there is no room for a name its number is written, wherever the frames leave it.
func TestLabelsWithoutRoom(t *testing.T) {
	g := fixtures.Paper(100, 40)
	at := []Label{{0.25, 0.1, 0.1, 0.1, "17 A name much too long for so small a picture"}}
	notes := layOut(g, basicfont.Face7x13, 2, Frames(at, 200, 2), at)
	require.Len(t, notes, 1)
	assert.Equal(t, []string{"17"}, notes[0].lines)
	assert.True(t, notes[0].box.In(g.Rect))

	g = fixtures.Paper(24, 24)
	at[0].X, at[0].Y = 0.06, 0.06
	img, err := Draw(g, 200, at)
	require.NoError(t, err, "a picture without any room")
	assert.Equal(t, image.Rect(0, 0, 24, 24), img.Rect)
}

func TestBreakLines(t *testing.T) {
	tests := []struct {
		name  string
		text  string
		parts int
		want  []string
	}{
		{"one line", "1 Mayor: Ann Lee", 1, []string{"1 Mayor: Ann Lee"}},
		{"two lines", "1 Mayor: Ann Lee", 2, []string{"1 Mayor:", "Ann Lee"}},
		{"more lines than words", "1 Mayor:", 4, []string{"1", "Mayor:"}},
		{"one word", "17", 3, []string{"17"}},
		{"nothing", "", 2, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, w := breakLines(basicfont.Face7x13, tt.text, tt.parts)
			assert.Equal(t, tt.want, got)
			for _, l := range got {
				assert.LessOrEqual(t, font.MeasureString(basicfont.Face7x13, l).Ceil(), w)
			}
		})
	}
}
