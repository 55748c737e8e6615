package template

import (
	"image"
	"image/draw"
	"math"
	"math/rand"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

// textPage draws lines of something like print on letter paper at 200 dpi.
func textPage(lines int) *image.Gray {
	g := fixtures.Paper(1700, 2200)
	r := rand.New(rand.NewSource(4))
	for l := range lines {
		for x := 150; x < 1500; {
			for range 3 + r.Intn(6) { // a word of letters, each a stem and an arm
				y := 200 + 45*l
				h := 18 + 6*r.Intn(2)
				draw.Draw(g, image.Rect(x, y+24-h, x+3, y+24), image.Black, image.Point{}, draw.Src)
				arm := y + 6 + r.Intn(16)
				draw.Draw(g, image.Rect(x, arm, x+9, arm+3), image.Black, image.Point{}, draw.Src)
				x += 15
			}
			x += 12
		}
	}
	return g
}

func TestWhatAPageIs(t *testing.T) {
	a := drawnTown(t)
	qr := textPage(25)
	bm, err := qrcode.NewQRCodeWriter().Encode("vote.test/1/2/3/4/5", gozxing.BarcodeFormat_QR_CODE, 240, 240, nil)
	require.NoError(t, err)
	for y := range bm.GetHeight() {
		for x := range bm.GetWidth() {
			if bm.Get(x, y) {
				qr.Pix[(1500+y)*qr.Stride+1200+x] = 0
			}
		}
	}
	bar := textPage(25)
	drawBars(t, bar, "code128", "0102030405", 300, 1600, 3, 90, false)
	front, _ := a.sheet(t, 1)
	whole := fixtures.Clone(front) // the same frame, other names: every line of print is set anew
	for _, r := range []image.Rectangle{image.Rect(60, 130, 1620, 395), image.Rect(230, 690, 1600, 800), image.Rect(230, 940, 1600, 1050), image.Rect(230, 1190, 1600, 1300),
		image.Rect(230, 1440, 1600, 1550), image.Rect(360, 1850, 1360, 1910)} {
		draw.Draw(whole, r, textPage(42), r.Min, draw.Src)
	}
	cloud := image.NewGray(image.Rect(0, 0, 1700, 2200))
	for i := range cloud.Pix {
		x, y := float64(i%1700), float64(i/1700)
		v := 120.0
		for k := 1.0; k < 64; k *= 2 {
			v += 60 / k * math.Sin(k*x/190+3*k) * math.Cos(k*y/230+k)
		}
		cloud.Pix[i] = uint8(min(max(v, 0), 255))
	}
	dithered := fixtures.Clone(cloud)
	r := rand.New(rand.NewSource(8))
	for i, v := range dithered.Pix {
		dithered.Pix[i] = 0
		if int(v) > r.Intn(256) {
			dithered.Pix[i] = 255
		}
	}
	tests := []struct {
		name   string
		page   *image.Gray
		reason Reason
		says   string
	}{
		{"a card with a QR code", qr, SummaryCard, "a code (QR)"},
		{"a card that lies", turn(qr, 90), SummaryCard, "count them by hand"},
		{"a card with a barcode", bar, SummaryCard, "a code (code128 barcode)"},
		{"a letter", textPage(42), NoStyle, "fits no style"},
		{"a photograph", cloud, Photograph, "scan the ballot itself"},
		{"a photograph, dithered", dithered, Photograph, "scan the ballot itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := a.set.Match(page(tt.page, 200))
			var r *Refusal
			require.ErrorAs(t, err, &r)
			assert.Equal(t, tt.reason, r.Reason, err)
			assert.Contains(t, r.Detail, tt.says)
		})
	}
	t.Run("a ballot in the same frame", func(t *testing.T) {
		_, err := a.set.Match(page(whole, 200))
		var r *Refusal
		require.ErrorAs(t, err, &r)
		assert.Contains(t, []Reason{OtherElection, NoStyle}, r.Reason, err)
	})
	t.Run("a blank of the election is none of these", func(t *testing.T) {
		grey, light := tones(a.set.blanks[0].gray)
		assert.Less(t, grey, photoTones)
		assert.Greater(t, light, photoPaper)
		for _, small := range []*image.Gray{image.NewGray(image.Rect(0, 0, 1, 1)), image.NewGray(image.Rect(0, 0, 0, 0))} {
			tones(small)
		}
	})
}
