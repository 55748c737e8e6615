package scanner

import (
	"fmt"
	"image"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// noise is a grey picture of every value, as part of a larger one: its bounds start elsewhere and its rows are not joined.
func noise(w, h int) *image.Gray {
	g := image.NewGray(image.Rect(-3, -5, w+10, h+2))
	r := rand.New(rand.NewSource(int64(w*31 + h)))
	for i := range g.Pix {
		g.Pix[i] = uint8(r.Intn(256))
	}
	return g.SubImage(image.Rect(2, 1, 2+w, 1+h)).(*image.Gray)
}

var sizes = [][2]int{{1, 1}, {7, 3}, {63, 2}, {64, 5}, {65, 4}, {130, 9}, {257, 33}}

func TestFromGrayEqualsComparingEveryPixel(t *testing.T) {
	for _, s := range sizes {
		g := noise(s[0], s[1])
		for threshold := 0; threshold < 256; threshold++ {
			b := FromGray(g, uint8(threshold))
			count := 0
			for y := -1; y <= s[1]; y++ {
				for x := -1; x <= s[0]; x++ {
					inside := x >= 0 && y >= 0 && x < s[0] && y < s[1]
					want := inside && int(g.GrayAt(x+2, y+1).Y) < threshold
					if want {
						count++
					}
					require.Equal(t, want, b.At(x, y), "%v threshold %d at %d,%d", s, threshold, x, y)
				}
			}
			require.Equal(t, count, b.Count(), "bits past the width must stay 0")
		}
	}
}

func TestWindowEqualsAt(t *testing.T) {
	for _, s := range sizes {
		b := FromGray(noise(s[0], s[1]), 128)
		for y := -2; y < s[1]+2; y++ {
			for x := -130; x < s[0]+130; x++ {
				want := uint64(0)
				for i := 0; i < 64; i++ {
					if b.At(x+i, y) {
						want |= 1 << i
					}
				}
				require.Equal(t, want, b.Window(x, y), "%v at %d,%d", s, x, y)
			}
		}
	}
}

func TestShrinkInvertAndCountRectEqualNaive(t *testing.T) {
	for _, s := range sizes {
		b := FromGray(noise(s[0], s[1]), 128)
		for _, n := range []int{1, 2, 3, 4, 5, 8, 64, 70, 100} {
			out := b.Shrink(n)
			require.Equal(t, (s[0]+n-1)/n, out.W)
			require.Equal(t, (s[1]+n-1)/n, out.H)
			total := 0
			for y := 0; y < out.H; y++ {
				for x := 0; x < out.W; x++ {
					ink, area := 0, 0
					for yy := y * n; yy < min((y+1)*n, s[1]); yy++ {
						for xx := x * n; xx < min((x+1)*n, s[0]); xx++ {
							area++
							if b.At(xx, yy) {
								ink++
							}
						}
					}
					if 2*ink >= area {
						total++
					}
					require.Equal(t, 2*ink >= area, out.At(x, y), "%v by %d at %d,%d", s, n, x, y)
				}
			}
			require.Equal(t, total, out.Count())
		}
		for _, r := range []image.Rectangle{image.Rect(-5, -5, 500, 500), image.Rect(1, 0, 64, 2), image.Rect(3, 1, 4, 2), image.Rect(60, 0, 129, 3), image.Rect(9, 9, 9, 9)} {
			want := 0
			for y := r.Min.Y; y < r.Max.Y; y++ {
				for x := r.Min.X; x < r.Max.X; x++ {
					if b.At(x, y) {
						want++
					}
				}
			}
			require.Equal(t, want, b.CountRect(r), "%v %v", s, r)
			require.Equal(t, want == 0, b.White(r), "%v %v", s, r)
			one := NewBits(s[0], s[1])
			one.Set(s[0]-1, s[1]-1, true)
			require.Equal(t, !image.Pt(s[0]-1, s[1]-1).In(r), one.White(r), "%v %v", s, r)
		}
		before := b.Count()
		b.Invert()
		require.Equal(t, s[0]*s[1]-before, b.Count())
		b.Invert()
		require.Equal(t, before, b.Count())
	}
}

func TestSetAndRow(t *testing.T) {
	b := NewBits(70, 3)
	for _, p := range [][2]int{{0, 0}, {69, 2}, {64, 1}, {-1, 0}, {70, 0}, {0, 3}, {0, -1}} {
		b.Set(p[0], p[1], true)
	}
	assert.Equal(t, 3, b.Count())
	assert.Equal(t, []uint64{0, 1}, b.Row(1))
	assert.Nil(t, b.Row(3))
	assert.Nil(t, b.Row(-1))
	b.Clear(64, 1)
	b.Clear(70, 1)
	assert.Equal(t, 2, b.Count())
	assert.Equal(t, 0, NewBits(-1, 5).Count())
	assert.Equal(t, uint64(0), NewBits(0, 0).Window(0, 0))
}

func TestThreshold(t *testing.T) {
	fill := func(f func(x, y int) uint8) *image.Gray {
		g := image.NewGray(image.Rect(0, 0, 200, 200))
		for i := range g.Pix {
			g.Pix[i] = f(i%200, i/200)
		}
		return g
	}
	grain := func(x, y int) uint8 { return uint8((x*7 + y*13) % 9) }
	rows := []struct {
		name     string
		g        *image.Gray
		low, top uint8
	}{
		{"bitonal", drawn(200, 200), 128, 128},
		{"grey print", fill(func(x, y int) uint8 {
			if x < 20 {
				return 40 + grain(x, y)
			}
			return 230 + grain(x, y)
		}), 110, 160},
		{"an empty page's grain stays paper", fill(func(x, y int) uint8 { return 225 + grain(x, y) }), 100, 180},
		{"a dark scan", fill(func(x, y int) uint8 {
			if x < 20 {
				return 10
			}
			return 100 + grain(x, y)
		}), 11, 100},
		{"all one grey", fill(func(x, y int) uint8 { return 90 }), 0, 255},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			v := Threshold(r.g)
			assert.GreaterOrEqual(t, v, r.low)
			assert.LessOrEqual(t, v, r.top)
		})
	}
}

func TestQuality(t *testing.T) {
	page := func() *Bits { return NewBits(700, 900) }
	bar := func(b *Bits, r image.Rectangle) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				b.Set(x, y, true)
			}
		}
	}
	blank := page()
	assert.Equal(t, Quality{Blank: true}, blank.Quality())

	framed := page()
	bar(framed, image.Rect(0, 0, 12, 900))
	bar(framed, image.Rect(0, 890, 700, 900))
	bar(framed, image.Rect(697, 0, 700, 900))
	q := framed.Quality()
	assert.Equal(t, Sides{Left: 12, Right: 3, Bottom: 10}, q.Border)
	assert.True(t, q.Blank)
	assert.Zero(t, q.InkShare)

	streaked := page()
	bar(streaked, image.Rect(300, 0, 303, 900))
	bar(streaked, image.Rect(400, 0, 402, 880)) // ends 20 rows early: a line of print
	for y := 0; y < 900; y++ {                  // wanders between two columns
		streaked.Set(500+y/100%2, y, true)
	}
	bar(streaked, image.Rect(100, 100, 200, 200))
	q = streaked.Quality()
	// The column left of a full streak is half of a pair but has no ink of its own.
	assert.Equal(t, []Span{{300, 303}, {500, 501}}, q.Streaks)
	assert.False(t, q.Blank)
	assert.Equal(t, (3*900+2*880+900+100*100)*10000/(700*900), q.InkShare)

	full := page()
	full.Invert()
	assert.NotPanics(t, func() { full.Quality() })
	assert.NotPanics(t, func() { NewBits(0, 0).Quality() })
}

func BenchmarkBits(b *testing.B) {
	g := noise(1704, 2200)
	page := FromGray(g, 60)
	sink := 0
	b.Run("FromGray", func(b *testing.B) {
		b.SetBytes(1704 * 2200)
		for b.Loop() {
			sink += len(FromGray(g, 128).Words)
		}
	})
	for _, n := range []int{2, 4, 8} {
		b.Run(fmt.Sprint("Shrink", n), func(b *testing.B) {
			for b.Loop() {
				sink += page.Shrink(n).W
			}
		})
	}
	b.Run("Count", func(b *testing.B) {
		for b.Loop() {
			sink += page.Count()
		}
	})
	b.Run("Window", func(b *testing.B) {
		for b.Loop() {
			for x := -64; x < 1704; x += 13 {
				sink += int(page.Window(x, 1000) & 1)
			}
		}
	})
	b.Run("Threshold", func(b *testing.B) {
		for b.Loop() {
			sink += int(Threshold(g))
		}
	})
	b.Run("Invert", func(b *testing.B) {
		for b.Loop() {
			page.Invert()
		}
	})
	b.Run("Quality", func(b *testing.B) {
		for b.Loop() {
			sink += page.Quality().InkShare
		}
	})
}

func TestClearRect(t *testing.T) {
	for _, r := range []image.Rectangle{
		image.Rect(0, 0, 64, 1), image.Rect(3, 2, 5, 4), image.Rect(60, 1, 130, 3), image.Rect(-5, -5, 200, 200), image.Rect(64, 0, 128, 4),
		image.Rect(127, 3, 140, 9), image.Rect(7, 2, 7, 3), image.Rect(150, 0, 190, 2),
	} {
		b := NewBits(140, 5)
		for y := range b.H {
			for x := range b.W {
				b.Set(x, y, true)
			}
		}
		b.ClearRect(r)
		for y := range b.H {
			for x := range b.W {
				if in := image.Pt(x, y).In(r); b.At(x, y) == in {
					t.Fatalf("%v: pixel %d,%d is ink: %t", r, x, y, !in)
				}
			}
		}
	}
}
