package template

import (
	"crypto/sha256"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"recount/election"
	"recount/fixtures"
)

func TestAccuVoteBits(t *testing.T) {
	tests := []struct {
		name string
		code uint32
		says string // empty where it is no code
	}{
		{"a front read by eye off a real scan: New Hampshire 2022", 0x800180e2, "card 3 precinct 56 sequence 0"},
		{"its back", 0x7bc62cec, "back of 2022-07-12 type G"},
		{"a drawn front", fixtures.FrontCode(12, 5), "card 5 precinct 12 sequence 0"},
		{"a drawn back", fixtures.BackCode(4, 11, 25, 'A'), "back of 2025-11-04 type A"},
		{"the largest precinct and card", fixtures.FrontCode(0x1FFF, 0x1FFF), "card 8191 precinct 8191 sequence 0"},
		{"sequence 1 is bit 28, not the card's", 1<<31 | 1<<28 | 2, "card 0 precinct 0 sequence 1"},
		{"sequence 5 is bits 28 and 30", 1<<31 | 5<<28 | 3, "card 0 precinct 0 sequence 5"},
		{"the card's highest bit is 27", 1<<31 | 1<<27 | 2, "card 4096 precinct 0 sequence 0"},
		{"a front that lost a mark", fixtures.FrontCode(12, 5) &^ (1 << 4), ""},
		{"a front with a mark too many", fixtures.FrontCode(12, 5) | 1<<20, ""},
		{"a front without its start", fixtures.FrontCode(12, 5) &^ (1 << 31), ""},
		{"a back whose end is damaged", fixtures.BackCode(4, 11, 25, 'A') &^ (1 << 24), ""},
		{"no mark", 0, ""},
		{"the track of a layout without code: all marks", 0xFFFFFFFF, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, ok := decodeAccuVote(tt.code)
			require.Equal(t, tt.says != "", ok)
			if ok {
				assert.Equal(t, tt.says, a.String())
			}
		})
	}
}

// A code is a front's or a back's, never both, and one wrong bit never makes one code of another side's or the same side's
// front.
func TestAccuVoteChecksHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Uint32().Draw(t, "code")
		front := v>>31 == 1 && uint32(bits.OnesCount32(v>>2)%4) == v&3
		back := v>>21&0x7FF == 0b01111011110
		a, ok := decodeAccuVote(v)
		assert.Equal(t, front != back, ok)
		assert.False(t, front && back, "ambiguous")
		assert.Equal(t, back, a.back)

		code := fixtures.FrontCode(rapid.Uint32().Draw(t, "precinct"), rapid.Uint32().Draw(t, "card"))
		_, ok = decodeAccuVote(code)
		assert.True(t, ok)
		_, ok = decodeAccuVote(code ^ 1<<rapid.IntRange(0, 31).Draw(t, "bit"))
		assert.False(t, ok, "%08x", code)
	})
}

// coded is the drawn town with the codes of its blanks in its definition, as New would make it.
func coded(t *testing.T, o fixtures.Options) *town {
	t.Helper()
	a, err := newTown(o)
	require.NoError(t, err)
	for _, b := range a.set.blanks {
		b.page.Code = findCode(b.gray, b.dpi)
	}
	a.set, err = Load(a.e, a.dir)
	require.NoError(t, err)
	return a
}

// only is the town's set without all styles but one.
func (a *town) only(t *testing.T, keep string) *Set {
	t.Helper()
	e := *a.e
	e.Styles = slices.DeleteFunc(slices.Clone(e.Styles), func(s election.Style) bool { return s.ID != keep })
	s, err := Load(&e, a.dir)
	require.NoError(t, err)
	return s
}

func TestDrawnCodesAreReadHoweverThePageLies(t *testing.T) {
	for _, o := range []fixtures.Options{{Seed: 5}, {Seed: 6, Legal: true, DPI: 300}, {Seed: 8, DPI: 150}} {
		a := coded(t, o)
		for _, b := range a.set.blanks {
			require.NotNil(t, b.page.Code, "%s page %d", b.style.ID, b.page.Number)
			assert.Equal(t, "accuvote", b.page.Code.Kind)
		}
		dpi := a.set.blanks[0].dpi
		front, back := a.sheet(t, 3)
		style := a.m.Voters()[3].Style
		tests := []struct {
			name string
			page *image.Gray
			side int
		}{
			{"as drawn", front, 1},
			{"back", back, 2},
			{"on its head", turn(front, 180), 1},
			{"turned", turn(front, 90), 1},
			{"slanted", fixtures.Warp(2, 0.93, 4, -7)(front), 1},
			{"slanted the other way, on its head", turn(fixtures.Warp(-2, 0.93, 4, -7)(front), 180), 1},
			{"printed small", fixtures.Warp(0.3, 0.9, 0, 0)(front), 1},
			{"soft and noisy", fixtures.Chain(fixtures.Blur(1), fixtures.Noise(12, 7), fixtures.JPEG(50))(front), 1},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				m, err := a.set.Match(page(tt.page, dpi))
				require.NoError(t, err)
				require.NotNil(t, m.Code)
				assert.Equal(t, *a.e.Style(style).Page(tt.side).Code, *m.Code)
			})
		}
	}
}

// repaint writes another value into a page's row of code, on a picture that lies as its blank.
func repaint(g *image.Gray, b *blank, code uint32) *image.Gray {
	out := fixtures.Clone(g)
	for bit := range 32 {
		tt := float64(32-bit) / (rowPlaces - 1)
		x, y := b.codeAt.x0+tt*(b.codeAt.x1-b.codeAt.x0), b.codeAt.y0+tt*(b.codeAt.y1-b.codeAt.y0)
		w, h, c := b.codeAt.w/2, b.codeAt.h/2, image.Black
		if code>>bit&1 == 0 {
			w, h, c = w+0.02, h+0.02, image.White
		}
		draw.Draw(out, image.Rect(int((x-w)*b.dpi+.5), int((y-h)*b.dpi+.5), int((x+w)*b.dpi+.5), int((y+h)*b.dpi+.5)), c, image.Point{}, draw.Src)
	}
	return out
}

func TestWhatACodeMayDo(t *testing.T) {
	a := coded(t, fixtures.Options{Seed: 5, DPI: 200})
	front, _ := a.sheet(t, 3)
	style := a.m.Voters()[3].Style
	var own, other *blank
	for _, b := range a.set.blanks {
		if b.page.Number == 1 && b.style.ID == style {
			own = b
		} else if b.page.Number == 1 {
			other = b
		}
	}
	own1, err := strconv.ParseUint(own.page.Code.Value, 16, 32)
	require.NoError(t, err)
	other1, err := strconv.ParseUint(other.page.Code.Value, 16, 32)
	require.NoError(t, err)
	mine, theirs := uint32(own1), uint32(other1)
	require.NotEqual(t, mine, theirs)
	scribbled := fixtures.Clone(front)
	y := own.codeAt.y0 * 200
	fixtures.Stroke(scribbled, fixtures.Pen{Width: 30}, fixtures.Point{X: 300, Y: y - 6}, fixtures.Point{X: 1400, Y: y + 6})
	tests := []struct {
		name    string
		page    *image.Gray
		refusal string // a part of it
		read    bool   // the code was
	}{
		{"its own code", repaint(front, own, mine), "", true},
		{"a code of no style", repaint(front, own, fixtures.FrontCode(70, 5)), "wrong-code: the printed code says card 5 precinct 70 sequence 0; style " + style + " page 1 is card 1", false},
		{"the other style's code under this style's print", repaint(front, own, theirs), "wrong-code", false},
		{"a mark added by hand", repaint(front, own, mine|1<<20), "", false},
		{"a mark never printed", repaint(front, own, mine&^(1<<31)), "1 mark of that code is not printed", false},
		{"crossed out", scribbled, "", false},
		{"cut off", image.NewGray(image.Rect(0, 0, 1, 1)), "", false},
	}
	tests[len(tests)-1].page = front.SubImage(image.Rect(0, 0, front.Rect.Dx(), int(y)-20)).(*image.Gray)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := a.set.Match(page(tt.page, 200))
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

// nearTwins is an election of two styles whose fronts are one picture but for the code in the bottom row.
func nearTwins(t *testing.T) (a *town, first, second *blank) {
	t.Helper()
	a = coded(t, fixtures.Options{Seed: 5, DPI: 200})
	first = a.set.blanks[0]
	require.Equal(t, 1, first.page.Number)
	twin := *first.style
	twin.ID = "twin"
	twin.Pages = []election.Page{*first.page}
	g := repaint(first.gray, first, fixtures.FrontCode(9, 4))
	pic, err := os.Create(filepath.Join(a.dir, "twin.png"))
	require.NoError(t, err)
	require.NoError(t, png.Encode(pic, g))
	require.NoError(t, pic.Close())
	data, err := os.ReadFile(pic.Name())
	require.NoError(t, err)
	twin.Pages[0].Picture.File, twin.Pages[0].Picture.SHA256 = "twin.png", fmt.Sprintf("%x", sha256.Sum256(data))
	twin.Pages[0].Code = findCode(g, 200)
	require.NotNil(t, twin.Pages[0].Code)
	a.e.Styles = append(slices.Clone(a.e.Styles), twin)
	a.set, err = Load(a.e, a.dir)
	require.NoError(t, err)
	require.Equal(t, "twin", a.set.blanks[len(a.set.blanks)-1].style.ID)
	return a, a.set.blanks[0], a.set.blanks[len(a.set.blanks)-1]
}

func TestNearTwinsAreToldApartByTheirCode(t *testing.T) {
	a, first, second := nearTwins(t)
	for _, b := range []*blank{first, second} {
		m, err := a.set.Match(page(b.gray, 200))
		require.NoError(t, err)
		assert.Equal(t, b.style.ID, m.Style.ID)
		assert.Empty(t, m.Twins)
	}
	_, err := a.only(t, first.style.ID).Match(page(second.gray, 200))
	require.ErrorContains(t, err, "wrong-code: the printed code says card 4 precinct 9")
	_, err = a.only(t, "twin").Match(page(first.gray, 200))
	require.ErrorContains(t, err, "wrong-code")

	pl := newPlane(first.gray, 200)
	fits := map[*blank]*fit{}
	for _, f := range a.set.fits(pl) {
		fits[f.blank] = f
	}
	require.NotNil(t, fits[first])
	require.NotNil(t, fits[second])

	// A page taken for its twin is given to the style whose code it carries.
	best, twins, code, refusal := a.set.obeyCode(first.gray, pl, []*fit{fits[second], fits[first]}, nil)
	require.Nil(t, refusal)
	assert.Same(t, first, best.blank)
	assert.Empty(t, twins)
	assert.Equal(t, first.page.Code, code)

	// The code rules out twins that have another, and keeps those that have the same or none.
	none := &election.Page{Number: 1}
	best, twins, _, refusal = a.set.obeyCode(first.gray, pl, []*fit{fits[first], fits[second]},
		[]Twin{{second.style, second.page}, {first.style, none}, {first.style, first.page}})
	require.Nil(t, refusal)
	assert.Same(t, first, best.blank)
	assert.Equal(t, []Twin{{first.style, none}, {first.style, first.page}}, twins)
}

func TestLoadRefusesACodeThatThePictureDoesNotShow(t *testing.T) {
	a := coded(t, fixtures.Options{Seed: 5, DPI: 150})
	pg := a.set.blanks[0].page
	shown := *pg.Code
	tests := []struct {
		name  string
		code  election.Code
		error string
	}{
		{"another code", election.Code{Kind: "accuvote", Value: "800180e2"}, "the printed code is card 3 precinct 56 sequence 0, picture"},
		{"another kind", election.Code{Kind: "qr", Value: "abcd"}, "none is found on picture"},
		{"an unknown kind", election.Code{Kind: "runes", Value: "abcd"}, `codes of the kind "runes" are not read here`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pg.Code = &tt.code
			_, err := Load(a.e, a.dir)
			require.ErrorContains(t, err, tt.error)
			assert.ErrorContains(t, err, "take the page's code out of the definition")
		})
	}
	pg.Code = &shown
	_, err := Load(a.e, a.dir)
	require.NoError(t, err)
}

func TestQRCode(t *testing.T) {
	const text = "https://ballot.example/?pr=23&bs=12&p=1-5"
	hints := map[gozxing.EncodeHintType]any{}
	bm, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 120, 120, hints)
	require.NoError(t, err)
	blank := fixtures.Paper(1275, 1650) // letter at 150 dpi
	for y := range bm.GetHeight() {
		for x := range bm.GetWidth() {
			if bm.Get(x, y) {
				blank.Pix[(1480+y)*blank.Stride+1100+x] = 20
			}
		}
	}
	c := findCode(blank, 150)
	require.NotNil(t, c)
	assert.Equal(t, election.Code{Kind: "qr", Value: fmt.Sprintf("%x", text)}, *c)
	assert.Equal(t, strconv.Quote(text), qrCode{}.say(c.Value))
	_, at, ok := qrCode{}.find(blank, 150)
	require.True(t, ok)

	value, ok := qrCode{}.read(turn(blank, 180), func(x, y float64) (float64, float64) { return 1275 - 150*x, 1650 - 150*y }, at)
	require.True(t, ok)
	assert.Equal(t, c.Value, value)

	struck := fixtures.Clone(blank)
	draw.Draw(struck, image.Rect(1100, 1520, 1220, 1570), image.Black, image.Point{}, draw.Src)
	_, ok = qrCode{}.read(struck, atDPI(150), at)
	assert.False(t, ok)
	// A page of nothing but finder patterns is given up in good time.
	eyes := fixtures.Paper(1800, 1800)
	for y := range 1800 {
		for x := range 1800 {
			i, j := x/2%9, y/2%9
			ring := max(max(3-i, i-3), max(3-j, j-3))
			if ring == 3 || ring <= 1 {
				eyes.Pix[y*eyes.Stride+x] = 0
			}
		}
	}
	start := time.Now()
	_, _, ok = qrCode{}.find(eyes, 200)
	assert.False(t, ok)
	assert.Less(t, time.Since(start), 10*time.Second)
	for name, wild := range map[string]func(x, y float64) (float64, float64){
		"off the page": func(x, y float64) (float64, float64) { return -1e5, 1e5 },
		"infinite":     func(x, y float64) (float64, float64) { return math.Inf(1), math.NaN() },
	} {
		_, ok = qrCode{}.read(blank, wild, at)
		assert.False(t, ok, name)
		_, ok = rowCode{}.read(blank, wild, codePlace{x0: 0.1, y0: 10, x1: 8, y1: 10, w: 0.19, h: 0.06})
		assert.False(t, ok, name)
	}
}

// FuzzReadCodes reads what any page shows, at any place: it may find nothing, but what it finds passes its check.
func FuzzReadCodes(f *testing.F) {
	f.Add(uint16(340), uint16(440), 200.0, 0.1, 0.3, 1.4, []byte{0, 255, 90, 3})
	f.Add(uint16(21), uint16(21), 30.0, -5.0, 1e9, math.NaN(), []byte{})
	f.Add(uint16(1700), uint16(60), 200.0, 0.125, 0.1, 8.375, []byte("\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, w, h uint16, dpi, x0, y, x1 float64, ink []byte) {
		g := image.NewGray(image.Rect(0, 0, int(w%1800)+1, int(h%600)+1))
		for i := range g.Pix {
			if g.Pix[i] = 255; len(ink) > 0 {
				g.Pix[i] = ink[i%len(ink)]
			}
		}
		if !(dpi >= 30 && dpi <= 2400) {
			dpi = 200
		}
		for _, r := range codeReaders {
			for _, at := range []codePlace{{x0: x0, y0: y, x1: x1, y1: y, w: 0.19, h: 0.06}, {x0: x0, y0: y, x1: x1, y1: y + 1}} {
				if v, ok := r.read(g, atDPI(dpi), at); ok {
					assert.NotEmpty(t, r.say(v))
				}
			}
			if v, at, ok := r.find(g, dpi); ok {
				again, ok := r.read(g, atDPI(dpi), at)
				assert.True(t, ok && again == v || r.kind() == "qr")
			}
		}
		(rowCode{}).plain(g, dpi)
	})
}

func BenchmarkReadRow(b *testing.B) {
	a := drawnTown(b)
	bl := a.set.blanks[0]
	_, at, ok := rowCode{}.find(bl.gray, bl.dpi)
	require.True(b, ok)
	for b.Loop() {
		if _, ok := (rowCode{}).read(bl.gray, atDPI(bl.dpi), at); !ok {
			b.Fatal("not read")
		}
	}
}
