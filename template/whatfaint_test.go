package template

import (
	"image"
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/scanner"
)

// A rule that the scan left grey is there; one that is white, or that other ink lies beside, is gone.
func TestGoneAsksTheGrey(t *testing.T) {
	rule := image.Rect(20, 40, 100, 41)
	for _, c := range []struct {
		name string
		grey uint8 // of the rule
		down int   // how far it lies from its place
		ink  image.Rectangle
		gone bool
	}{
		{"faint", 190, 0, image.Rectangle{}, false},
		{"faint and moved by a pixel", 190, 1, image.Rectangle{}, false},
		{"as light as paper", 240, 0, image.Rectangle{}, true},
		{"white", 255, 0, image.Rectangle{}, true},
		{"white with ink two pixels off", 240, 0, image.Rect(20, 43, 100, 50), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := image.NewGray(image.Rect(0, 0, 128, 96))
			for i := range g.Pix {
				g.Pix[i] = 240
			}
			fill := func(r image.Rectangle, v uint8) {
				for y := r.Min.Y; y < r.Max.Y; y++ {
					for x := r.Min.X; x < r.Max.X; x++ {
						g.Pix[y*g.Stride+x] = v
					}
				}
			}
			fill(image.Rect(10, 70, 120, 80), 20) // print that is there
			fill(c.ink, 20)
			fill(rule.Add(image.Pt(0, c.down)), c.grey)
			pl := &plane{bits: scanner.FromGray(g, 128), k: 1, dpi: 170, page: &scanner.Page{Gray: g}}
			print := scanner.NewBits(128, 96)
			for x := rule.Min.X; x < rule.Max.X; x++ {
				print.Set(x, rule.Min.Y, true)
			}
			got := compared{print: print, lost: print.Clone()}.gone(pl).Count()
			if c.gone {
				assert.Equal(t, rule.Dx(), got)
			} else {
				assert.Zero(t, got)
			}
		})
	}
}

// Of a bitonal scan hairlines and rules are not asked, letters and bars are.
func TestFrailPrint(t *testing.T) {
	for _, c := range []struct {
		name  string
		r     image.Rectangle
		frail bool
	}{
		{"hairline", image.Rect(10, 10, 110, 11), true},
		{"rule of two pixels", image.Rect(10, 10, 110, 12), true},
		{"rule down", image.Rect(62, 10, 64, 90), true},
		{"stroke of a letter", image.Rect(62, 10, 64, 30), false},
		{"bar", image.Rect(10, 10, 110, 13), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := scanner.NewBits(130, 100)
			for y := c.r.Min.Y; y < c.r.Max.Y; y++ {
				for x := c.r.Min.X; x < c.r.Max.X; x++ {
					b.Set(x, y, true)
				}
			}
			n := 0
			if c.frail {
				n = b.Count()
			}
			assert.Equal(t, n, frail(b).Count())
		})
	}
}
