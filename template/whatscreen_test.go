package template

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/scanner"
)

// A field of dots is a screen, at every pitch a press has and wherever it lies; letters, rules and a few specks are not.
func TestScreened(t *testing.T) {
	const w, h = 150, 120
	rect := func(b *scanner.Bits, r image.Rectangle) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				b.Set(x, y, true)
			}
		}
	}
	dots := func(pitch, size int) func(*scanner.Bits) {
		return func(b *scanner.Bits) {
			for y := 10; y < 90; y += pitch {
				for x := 12 + y%(2*pitch); x < 132; x += pitch {
					rect(b, image.Rect(x, y, x+size, y+size))
				}
			}
		}
	}
	for _, tt := range []struct {
		name string
		draw func(*scanner.Bits)
		want float64 // part of the ink
	}{
		{"dots of one pixel", dots(3, 1), 0.95},
		{"dots of two pixels", dots(4, 2), 1},
		{"coarse dots", dots(6, 2), 0.9},
		{"specks", dots(14, 2), 0},
		{"letters", func(b *scanner.Bits) {
			for x := 10; x < 130; x += 9 {
				rect(b, image.Rect(x, 20, x+2, 32))
				rect(b, image.Rect(x, 30, x+6, 32))
				for k := range 10 { // a slanting stroke
					rect(b, image.Rect(x+k/2, 40+k, x+k/2+2, 41+k))
				}
			}
		}, 0},
		{"hairlines", func(b *scanner.Bits) { rect(b, image.Rect(5, 50, 145, 51)); rect(b, image.Rect(70, 5, 71, 115)) }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := scanner.NewBits(w, h)
			tt.draw(b)
			assert.InDelta(t, tt.want*float64(b.Count()), screened(b).Count(), 0.05*float64(b.Count())) // at a corner of the field fewer dots are near
		})
	}
}
