package template

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
)

// drawBars draws a barcode of the given module, in pixels, and height with its top left at (x, y), standing where down is true.
func drawBars(t testing.TB, g *image.Gray, symbology, text string, x, y, module, high int, down bool) {
	t.Helper()
	w, format := map[string]gozxing.Writer{
		"code128": oned.NewCode128Writer(), "code93": oned.NewCode93Writer(), "itf": oned.NewITFWriter(),
		"code39": oned.NewCode39Writer(), "codabar": oned.NewCodaBarWriter(),
	}[symbology], map[string]gozxing.BarcodeFormat{
		"code128": gozxing.BarcodeFormat_CODE_128, "code93": gozxing.BarcodeFormat_CODE_93, "itf": gozxing.BarcodeFormat_ITF,
		"code39": gozxing.BarcodeFormat_CODE_39, "codabar": gozxing.BarcodeFormat_CODABAR,
	}[symbology]
	hints := map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: 0}
	bm, err := w.Encode(text, format, 1, 1, hints)
	require.NoError(t, err)
	for i := range bm.GetWidth() {
		if !bm.Get(i, 0) {
			continue
		}
		r := image.Rect(x+i*module, y, x+(i+1)*module, y+high)
		if down {
			r = image.Rect(x, y+i*module, x+high, y+(i+1)*module)
		}
		draw.Draw(g, r, image.NewUniform(image.Black), image.Point{}, draw.Src)
	}
}

func TestBarcodesOfABlank(t *testing.T) {
	tests := []struct {
		name, symbology, text, read string
		down                        bool
		module                      int
		turn                        int
		damage                      fixtures.Damage
	}{
		{"itf lying", "itf", "11010440100042", "", false, 3, 0, nil},
		{"itf standing, read upwards", "itf", "3393031192", "", true, 3, 180, nil},
		{"itf of narrow bars, noisy, compressed", "itf", "11010440100042", "", true, 2, 0, fixtures.Chain(fixtures.Noise(10, 3), fixtures.JPEG(60))},
		{"itf, soft and noisy", "itf", "11010440100042", "", true, 3, 0, fixtures.Chain(fixtures.Blur(1), fixtures.Noise(10, 3))},
		{"code 128", "code128", "P12-BS3-pg1", "", false, 2, 0, nil},
		{"code 128 on its head", "code128", "P12-BS3-pg1", "", false, 2, 180, nil},
		{"code 39", "code39", "STYLE17", "", false, 2, 0, nil},
		{"code 93", "code93", "STYLE17", "", true, 2, 0, nil},
		{"codabar", "codabar", "A1234567B", "1234567", false, 3, 0, nil},
		{"a slanted one", "itf", "11010440100042", "", true, 3, 0, fixtures.Warp(0.6, 1, 0, 0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := fixtures.NewDrawing(8.5, 11, 200)
			drawBars(t, d.Gray, tt.symbology, tt.text, 300, 600, tt.module, 60, tt.down)
			g := turn(d.Gray, tt.turn)
			if tt.damage != nil {
				g = tt.damage(g)
			}
			all := barcodes(g, 200)
			require.Len(t, all, 1, sayBars(all))
			want := tt.text
			if tt.read != "" {
				want = tt.read
			}
			assert.Equal(t, tt.symbology, all[0].symbology)
			assert.Equal(t, want, all[0].text)
			assert.Equal(t, tt.down, all[0].at.down)

			own := &election.Code{Kind: "barcode", Value: election.BarcodeValue(tt.symbology, want)}
			v, at, ok := barCode{own}.find(g, 200)
			require.True(t, ok)
			assert.Equal(t, own.Value, v)
			v, ok = barCode{own}.read(g, atDPI(200), at)
			require.True(t, ok)
			assert.Equal(t, own.Value, v)
			assert.Equal(t, fmt.Sprintf("barcode %s %q", tt.symbology, want), SayCode(own))
		})
	}
	t.Run("none on a page of print", func(t *testing.T) {
		front, back := drawnTown(t).sheet(t, 3)
		assert.Empty(t, barcodes(front, 200))
		assert.Empty(t, barcodes(back, 200))
		assert.Empty(t, barcodes(front, math.NaN()))
	})
}

// Damage makes a barcode unreadable; it never makes it another.
func TestDamagedBarcode(t *testing.T) {
	d := fixtures.NewDrawing(8.5, 11, 200)
	drawBars(t, d.Gray, "itf", "11010440100042", 300, 600, 3, 60, false)
	own := &election.Code{Kind: "barcode", Value: election.BarcodeValue("itf", "11010440100042")}
	r := barCode{own}
	_, at, ok := r.find(d.Gray, 200)
	require.True(t, ok)
	other := fixtures.NewDrawing(8.5, 11, 200)
	drawBars(t, other.Gray, "itf", "11010440200049", 300, 600, 3, 60, false)
	half := fixtures.Clone(d.Gray) // its lower half is another's
	draw.Draw(half, image.Rect(280, 630, 800, 670), other.Gray, image.Pt(280, 630), draw.Src)
	struck := fixtures.Clone(d.Gray)
	fixtures.Stroke(struck, fixtures.Pen{Width: 5}, fixtures.Point{X: 290, Y: 605}, fixtures.Point{X: 800, Y: 655})
	spotted := fixtures.Clone(d.Gray)
	draw.Draw(spotted, image.Rect(400, 600, 420, 660), image.Black, image.Point{}, draw.Src)
	corner := fixtures.Clone(d.Gray)
	draw.Draw(corner, image.Rect(700, 600, 900, 625), image.White, image.Point{}, draw.Src)
	tests := []struct {
		name  string
		page  *image.Gray
		pixel func(x, y float64) (float64, float64)
		want  string
	}{
		{"whole", d.Gray, atDPI(200), own.Value},
		{"another", other.Gray, atDPI(200), election.BarcodeValue("itf", "11010440200049")},
		{"half of it another's", half, atDPI(200), ""},
		{"a piece painted over", spotted, atDPI(200), ""},
		{"a corner torn off", corner, atDPI(200), own.Value},
		{"gone", fixtures.Paper(1700, 2200), atDPI(200), ""},
		{"off the scan", d.Gray, atDPI(2000), ""},
		{"nowhere", d.Gray, func(x, y float64) (float64, float64) { return math.NaN(), math.Inf(1) }, ""},
		{"all on one point", d.Gray, func(x, y float64) (float64, float64) { return 300, 600 }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, ok := r.read(tt.page, tt.pixel, at)
			assert.Equal(t, tt.want != "", ok)
			assert.Equal(t, tt.want, v)
		})
	}
	if v, ok := r.read(struck, atDPI(200), at); ok {
		assert.Equal(t, own.Value, v)
	}
	_, ok = barCode{}.read(d.Gray, atDPI(200), at)
	assert.False(t, ok)
}

// painted loads the drawn town with more print on its pages, and the codes asked for taken from them. It is the town's
// definition where that succeeds.
func painted(t *testing.T, a *town, asked CodeRequest, paint func(g *image.Gray, style string, page int)) (*election.Election, *Set, error) {
	t.Helper()
	path, dir := filepath.Join(t.TempDir(), "election.json"), t.TempDir()
	require.NoError(t, a.e.Write(path))
	e, err := election.Load(path)
	require.NoError(t, err)
	for i := range e.Styles {
		st := &e.Styles[i]
		for j := range st.Pages {
			pg := &st.Pages[j]
			g := a.m.Blank(st.ID, pg.Number)
			paint(g, st.ID, pg.Number)
			var buf bytes.Buffer
			require.NoError(t, png.Encode(&buf, g))
			sum := sha256.Sum256(buf.Bytes())
			pg.Picture.SHA256 = hex.EncodeToString(sum[:])
			file := filepath.Join(dir, filepath.FromSlash(pg.Picture.File))
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, buf.Bytes(), 0o644))
			if err := LearnCode(dir, pg, asked); err != nil {
				return nil, nil, err
			}
		}
	}
	set, err := Load(e, dir)
	return e, set, err
}

// number is a style's place in the drawn election, as a digit.
func (a *town) number(style string) int {
	for i := range a.e.Styles {
		if a.e.Styles[i].ID == style {
			return i + 1
		}
	}
	return 0
}

// A barcode asked for tells styles apart, but for the characters that are the sheet's own.
func TestBarcodeWithASerialNumber(t *testing.T) {
	a := drawnTown(t)
	style := a.m.Voters()[3].Style
	code := func(style, page, serial int) string { return fmt.Sprintf("1%d%d%05d", style, page, serial) }
	ask := func(text string) (*Set, error) {
		r, err := ParseCodeRequest([]byte(text))
		require.NoError(t, err)
		_, set, err := painted(t, a, r, func(g *image.Gray, style string, page int) {
			drawBars(t, g, "itf", code(a.number(style), page, 12345), 300, 1960, 3, 50, false)
			drawBars(t, g, "itf", "99887766", 900, 1960, 3, 50, false)
		})
		return set, err
	}
	_, err := ask(`{"kind": "barcode"}`)
	require.ErrorContains(t, err, "2 of the page's barcodes are what the description asks for")
	assert.ErrorContains(t, err, `itf "99887766"`)
	_, err = ask(`{"kind": "barcode", "symbology": "code39"}`)
	require.ErrorContains(t, err, "0 of the page's barcodes")
	masked, err := ask(`{"kind": "barcode", "mask": "11100000", "near": {"x": 2, "y": 9.9}}`)
	require.NoError(t, err)
	own := masked.election.Style(style).Page(1).Code
	require.Equal(t, &election.Code{Kind: "barcode", Value: election.BarcodeValue("itf", code(a.number(style), 1, 12345)), Mask: "11100000"}, own)
	whole, err := ask(`{"kind": "barcode", "near": {"x": 2, "y": 9.9}}`)
	require.NoError(t, err)

	voted := func(n, serial int) *image.Gray {
		front, _ := a.sheet(t, 3)
		g := fixtures.Clone(front)
		drawBars(t, g, "itf", code(n, 1, serial), 300, 1960, 3, 50, false)
		drawBars(t, g, "itf", "99887766", 900, 1960, 3, 50, false)
		return fixtures.Warp(0.4, 0.98, 3, -4)(g)
	}
	tests := []struct {
		name    string
		set     *Set
		page    *image.Gray
		refusal string
		read    bool
	}{
		{"the same serial", whole, voted(a.number(style), 12345), "", true},
		{"another serial, and the whole code counts", whole, voted(a.number(style), 55555), "wrong-code: the printed code says itf", false},
		{"another serial", masked, voted(a.number(style), 55555), "", true},
		{"another style's code under this print", masked, voted(3-a.number(style), 55555), "wrong-code", false},
		{"a code of no style", masked, voted(8, 12345), "wrong-code", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := tt.set.Match(page(tt.page, 200))
			if tt.refusal != "" {
				require.ErrorContains(t, err, tt.refusal)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, style, m.Style.ID)
			assert.Equal(t, tt.read, m.Code != nil)
		})
	}
}

// FuzzReadBars reads any line of bars: it may find nothing, but nothing makes it fail.
func FuzzReadBars(f *testing.F) {
	f.Add([]byte{9, 1, 1, 1, 1, 3, 1, 1, 3, 1}, uint8(3))
	f.Add([]byte{}, uint8(0))
	f.Add([]byte("\x10\x02\x01\x01\x02\x02\x02\x01\x01\x02\x03\x02\x01\x02\x01\x04\x01\x01\x02\x03\x03\x01\x01\x01\x02\x10"), uint8(2))
	f.Fuzz(func(t *testing.T, runs []byte, module uint8) {
		var line []bool
		for i, n := range runs {
			for range int(n%32) * int(module%6) {
				if line = append(line, i%2 == 1); len(line) > 40000 {
					return
				}
			}
		}
		for _, b := range readBars(line, symbologies) {
			assert.NotEmpty(t, b.text)
		}
	})
}
