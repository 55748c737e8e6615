package scanner

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// colourPage is a sheet of one colour with black print and, in the middle, a patch of another colour.
func colourPage(sheet, patch color.Color) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, 240, 240))
	draw.Draw(m, m.Rect, image.NewUniform(sheet), image.Point{}, draw.Src)
	for y := 10; y < 230; y += 20 {
		draw.Draw(m, image.Rect(10, y, 60, y+4), image.Black, image.Point{}, draw.Src)
	}
	draw.Draw(m, image.Rect(100, 100, 140, 140), image.NewUniform(patch), image.Point{}, draw.Src)
	return m
}

var sheets = map[string]color.RGBA{
	"white": {255, 255, 255, 255}, "off-white": {248, 245, 238, 255}, "pink": {255, 205, 214, 255}, "yellow": {255, 248, 170, 255},
	"green": {200, 238, 200, 255}, "goldenrod": {255, 215, 100, 255},
}

// Print and ink in a colour are ink on every paper, in every format; the paper is paper.
func TestColoursAreInk(t *testing.T) {
	inks := map[string]color.RGBA{
		"black": {20, 20, 20, 255}, "pencil": {110, 110, 112, 255}, "red": {220, 30, 40, 255}, "green": {30, 150, 60, 255}, "blue": {40, 60, 200, 255},
		"light blue": {110, 165, 250, 255}, "orange": {250, 150, 30, 255}, "yellow": {250, 215, 0, 255},
	}
	for sheet, sc := range sheets {
		for ink, ic := range inks {
			if sheet == "goldenrod" && (ink == "yellow" || ink == "orange") {
				continue // nothing stands out there, for people neither
			}
			t.Run(ink+" on "+sheet, func(t *testing.T) {
				m := colourPage(sc, ic)
				var p, j bytes.Buffer
				require.NoError(t, png.Encode(&p, m))
				require.NoError(t, jpeg.Encode(&j, m, &jpeg.Options{Quality: 75}))
				for format, data := range map[string][]byte{"png": p.Bytes(), "jpeg": j.Bytes(), "ppm": ppm(m)} {
					pages, err := Decode("x", data, Limits{})
					require.NoError(t, err)
					g := pages[0].Page.Gray
					ink, sheet := int(g.GrayAt(120, 120).Y), int(g.GrayAt(200, 200).Y)
					assert.Less(t, 10*ink, 6*sheet, "%s: the ink", format) // luma leaves yellow at 8 on white, and light blue at 6
					assert.InDelta(t, luma(uint32(sc.R), uint32(sc.G), uint32(sc.B)), g.GrayAt(200, 200).Y, 4, "%s: the paper", format)
					assert.GreaterOrEqual(t, g.GrayAt(200, 200).Y, Threshold(g), "%s: the paper", format)
				}
			})
		}
	}
}

// A tint behind a heading, a grey shade and the colours that JPEG leaves on grey print are what they were by luma.
func TestPaleColoursKeepTheirLuma(t *testing.T) {
	for name, c := range map[string]color.RGBA{"shade": {215, 215, 215, 255}, "blue tint": {225, 238, 255, 255}, "warm grey": {190, 184, 176, 255}} {
		t.Run(name, func(t *testing.T) {
			g := Grey(colourPage(color.White, c))
			assert.Equal(t, luma(uint32(c.R), uint32(c.G), uint32(c.B)), g.GrayAt(120, 120).Y)
		})
	}
	m := colourPage(color.White, color.Gray{Y: 120})
	var j bytes.Buffer
	require.NoError(t, jpeg.Encode(&j, m, &jpeg.Options{Quality: 40}))
	back, err := jpeg.Decode(&j)
	require.NoError(t, err)
	ycc := back.(*image.YCbCr)
	g := Grey(back)
	for y := range 240 {
		for x := range 240 {
			require.Equal(t, ycc.Y[ycc.YOffset(x, y)], g.GrayAt(x, y).Y)
		}
	}
}

// Part of a picture gives the same greys as the same pixels alone: bounds need not begin at 0.
func TestColoursOfAPartOfAPicture(t *testing.T) {
	m := colourPage(color.White, color.RGBA{250, 215, 0, 255})
	var j bytes.Buffer
	require.NoError(t, jpeg.Encode(&j, m, &jpeg.Options{Quality: 90}))
	back, err := jpeg.Decode(&j)
	require.NoError(t, err)
	whole := Grey(back)
	part := Grey(back.(*image.YCbCr).SubImage(image.Rect(81, 83, 201, 203)))
	assert.Equal(t, image.Rect(0, 0, 120, 120), part.Rect)
	for y := range 120 {
		for x := range 120 {
			require.InDelta(t, whole.GrayAt(81+x, 83+y).Y, part.GrayAt(x, y).Y, 2)
		}
	}
}

func ppm(m *image.RGBA) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "P6\n%d %d\n255\n", m.Rect.Dx(), m.Rect.Dy())
	for i := 0; i < len(m.Pix); i += 4 {
		b.Write(m.Pix[i : i+3])
	}
	return b.Bytes()
}
