package template

import (
	"encoding/json"
	"fmt"
	"image"
	"image/draw"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"recount/election"
	"recount/fixtures"
)

// trackBits are three layouts as the field has them: wide boxes down the left side, a row of dashes, two columns of blocks.
func trackBits(kind string) *election.Bits {
	b := &election.Bits{Parity: "even"}
	switch kind {
	case "left track":
		b.W, b.H = 0.3, 0.1
		for i := range 16 {
			b.Places = append(b.Places, election.Place{X: 0.9, Y: 2 + float64(i)*0.25})
		}
	case "row":
		b.W, b.H = 3.0/16, 1.0/16
		for i := range 24 {
			b.Places = append(b.Places, election.Place{X: 1 + float64(i)*0.25, Y: 9.9})
		}
	case "blocks":
		b.W, b.H = 0.12, 0.25
		for i := range 12 {
			b.Places = append(b.Places, election.Place{X: 0.8 + float64(i%2)*0.3, Y: 3 + float64(i/2)*0.4})
		}
	}
	b.Ones, b.Zeros = []int{0}, []int{len(b.Places) - 1}
	return b
}

func drawMarks(g *image.Gray, dpi float64, b *election.Bits, on []bool) {
	for i, p := range b.Places {
		if on[i] {
			r := image.Rect(int((p.X-b.W/2)*dpi), int((p.Y-b.H/2)*dpi), int((p.X+b.W/2)*dpi), int((p.Y+b.H/2)*dpi))
			draw.Draw(g, r, image.Black, image.Point{}, draw.Src)
		}
	}
}

// evenMarks are the marks of a number: the first on, the last off, the one before that making the count even.
func evenMarks(b *election.Bits, v uint) []bool {
	on := make([]bool, len(b.Places))
	on[0] = true
	ones := 1
	for i := 1; i < len(on)-2; i++ {
		if on[i] = v>>(i-1)&1 == 1; on[i] {
			ones++
		}
	}
	on[len(on)-2] = ones%2 == 1
	return on
}

func TestMarksAreReadThroughTheMapping(t *testing.T) {
	for _, kind := range []string{"left track", "row", "blocks"} {
		rapid.Check(t, func(t *rapid.T) {
			b := trackBits(kind)
			on := evenMarks(b, uint(rapid.Uint32().Draw(t, "value")))
			dpi := rapid.SampledFrom([]float64{100, 200}).Draw(t, "dpi")
			g := fixtures.Paper(int(8.5*dpi), int(11*dpi))
			drawMarks(g, dpi, b, on)
			miss := rapid.Float64Range(-0.02, 0.02)
			mx, my := miss.Draw(t, "mx"), miss.Draw(t, "my")
			v, ok := markCode{b}.read(g, func(x, y float64) (float64, float64) { return (x + mx) * dpi, (y + my) * dpi }, codePlace{})
			require.True(t, ok)
			assert.Equal(t, b.Format(on), v)
			assert.Equal(t, v, strings.ToLower(v))
		})
	}
}

func TestDamagedMarks(t *testing.T) {
	b := trackBits("row")
	on := evenMarks(b, 0x2A5)
	whole := fixtures.Paper(1700, 2200)
	drawMarks(whole, 200, b, on)
	blot := func(r image.Rectangle, grey uint8) *image.Gray {
		g := fixtures.Clone(whole)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				g.Pix[y*g.Stride+x] = grey
			}
		}
		return g
	}
	px := func(i int) int { return int(b.Places[i].X * 200) }
	odd := fixtures.Paper(1700, 2200)
	flipped := append([]bool(nil), on...)
	flipped[5] = !flipped[5]
	drawMarks(odd, 200, b, flipped)
	tests := []struct {
		name string
		page *image.Gray
		want string
	}{
		{"whole", whole, b.Format(on)},
		{"one mark too many or too few", odd, ""},
		{"half a mark", blot(image.Rect(px(0), 1960, px(0)+30, 2000), 255), ""},
		{"a mark in a place that is always white", blot(image.Rect(px(23)-18, 1974, px(23)+18, 1986), 0), ""},
		{"a border over the whole row", blot(image.Rect(0, 1900, 1700, 2100), 0), ""},
		{"a page of black", fixtures.Clone(image.NewGray(image.Rect(0, 0, 1700, 2200))), ""},
		{"white", fixtures.Paper(1700, 2200), ""},
		{"cut off above the row", whole.SubImage(image.Rect(0, 0, 1700, 1900)).(*image.Gray), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, ok := markCode{b}.read(tt.page, atDPI(200), codePlace{})
			assert.Equal(t, tt.want != "", ok)
			assert.Equal(t, tt.want, v)
		})
	}
	_, ok := markCode{b}.read(whole, func(x, y float64) (float64, float64) { return math.NaN(), math.Inf(-1) }, codePlace{})
	assert.False(t, ok)
	_, ok = markCode{}.read(whole, atDPI(200), codePlace{})
	assert.False(t, ok)
}

// Marks described in a file are taken from each blank; they name the style, and refuse a page that lacks some.
func TestMarksNameTheStyle(t *testing.T) {
	a := drawnTown(t)
	b := trackBits("row")
	for i := range b.Places { // clear of the town's own row
		b.Places[i].Y = 9.85
	}
	of := func(style, page int) []bool { return evenMarks(b, uint(style)<<4|uint(page)) }
	mark := func(g *image.Gray, style string, page int) { drawMarks(g, 200, b, of(a.number(style), page)) }
	text, err := json.Marshal(CodeRequest{Kind: "bits", Bits: b})
	require.NoError(t, err)
	r, err := ParseCodeRequest(text)
	require.NoError(t, err)
	e, set, err := painted(t, a, r, mark)
	require.NoError(t, err)

	style := a.m.Voters()[3].Style
	n := a.number(style)
	assert.Equal(t, b.Format(of(n, 1)), e.Style(style).Page(1).Code.Value)
	voted := func(on []bool) *image.Gray {
		front, _ := a.sheet(t, 3)
		g := fixtures.Clone(front)
		drawMarks(g, 200, b, on)
		return fixtures.Warp(-0.5, 1.01, -3, 5)(g)
	}
	lacking := append([]bool(nil), of(n, 1)...)
	lacking[0] = false
	hand := append([]bool(nil), of(n, 1)...)
	hand[20] = true // a mark added by hand: parity fails, no mark lacks
	tests := []struct {
		name, refusal string
		on            []bool
		read          bool
	}{
		{"its own", "", of(n, 1), true},
		{"the other style's under this print", "wrong-code", of(3-n, 1), false},
		{"another sheet's", "wrong-code: the printed code says marks 1", of(7, 1), false},
		{"one lacks", "1 mark of that code is not printed", lacking, false},
		{"one added by hand", "", hand, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := set.Match(page(voted(tt.on), 200))
			if tt.refusal != "" {
				require.ErrorContains(t, err, tt.refusal)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, style, m.Style.ID)
			assert.Equal(t, tt.read, m.Code != nil)
		})
	}

	wrong := *b
	wrong.Parity = "odd"
	_, _, err = painted(t, a, CodeRequest{Kind: "bits", Bits: &wrong}, mark)
	require.ErrorContains(t, err, "does not pass the code's own checks")
	half := *b
	half.H = 0.2
	_, _, err = painted(t, a, CodeRequest{Kind: "bits", Bits: &half}, mark)
	require.ErrorContains(t, err, "% dark, neither a mark nor white")
}

func TestParseCodeRequest(t *testing.T) {
	const bits = `"bits": {"places": [{"x": 1, "y": 1}, {"x": 2, "y": 1}], "w": 0.2, "h": 0.1`
	tests := []struct{ name, text, want string }{
		{"none", `{"kind": "none"}`, ""},
		{"a barcode", `{"kind": "barcode", "symbology": "itf", "mask": "1100", "pages": [1], "near": {"x": 1, "y": 2}}`, ""},
		{"marks", `{"kind": "bits", ` + bits + `, "ones": [0], "parity": "odd"}}`, ""},
		{"empty", ``, "not what is expected"},
		{"unknown key", `{"kind": "qr", "colour": 1}`, "not what is expected"},
		{"two", `{"kind": "qr"} {"kind": "qr"}`, "something follows"},
		{"unknown kind", `{"kind": "runes"}`, `kind "runes" is not known`},
		{"page 0", `{"kind": "qr", "pages": [0]}`, "page 0"},
		{"symbology unknown", `{"kind": "barcode", "symbology": "ean"}`, `"ean" is not read here`},
		{"symbology of marks", `{"kind": "qr", "symbology": "itf"}`, "only a barcode"},
		{"mask of a row", `{"kind": "accuvote", "mask": "11"}`, "have a mask"},
		{"mask of letters", `{"kind": "qr", "mask": "1x"}`, "write 1 for each"},
		{"marks without places", `{"kind": "bits"}`, "needs bits"},
		{"places of a barcode", `{"kind": "barcode", ` + bits + `}}`, "needs bits"},
		{"one place", `{"kind": "bits", "bits": {"places": [{"x": 1, "y": 1}], "w": 1, "h": 1}}`, "give 2 to 512"},
		{"no size", `{"kind": "bits", "bits": {"places": [{"x": 1, "y": 1}, {"x": 2, "y": 1}]}}`, "give w and h"},
		{"far away", `{"kind": "bits", "bits": {"places": [{"x": 1, "y": -1}, {"x": 2, "y": 1}], "w": 1, "h": 1}}`, "inches from the blank's top left"},
		{"a one that is no place", `{"kind": "bits", ` + bits + `, "ones": [2]}}`, "no place 2"},
		{"parity", `{"kind": "bits", ` + bits + `, "parity": "both"}}`, "even or odd"},
		{"long", strings.Repeat(" ", mostRequest+1), "longer than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseCodeRequest([]byte(tt.text))
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
	_, err := ReadCodeRequest(t.TempDir() + "/none.json")
	require.Error(t, err)
}

// FuzzCodeRequest takes what any description asks for off a page: nothing makes it fail.
func FuzzCodeRequest(f *testing.F) {
	f.Add([]byte(`{"kind": "bits", "bits": {"places": [{"x": 1, "y": 0.5}, {"x": 1, "y": 0.7}], "w": 0.2, "h": 0.1}}`))
	f.Add([]byte(`{"kind": "barcode", "symbology": "itf", "near": {"x": 1e9, "y": -1e300}}`))
	g := fixtures.NewDrawing(4, 3, 100)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseCodeRequest(data)
		if err != nil {
			return
		}
		if c, err := r.take(g.Gray, 100); err == nil && c != nil {
			assert.NotEmpty(t, SayCode(c), fmt.Sprint(c))
		}
	})
}
