package template

import (
	"image"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPackedPicturesComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	tests := []struct {
		name string
		grey func(x, y int) uint8
	}{
		{"white", func(int, int) uint8 { return 255 }},
		{"two greys", func(x, y int) uint8 { return uint8(255 * (x / 3 % 2)) }},
		{"pairs", func(x, y int) uint8 { return uint8(x / 2) }},
		{"noise", func(int, int) uint8 { return uint8(r.IntN(256)) }},
		{"noise in a frame", func(x, y int) uint8 {
			if x < 40 || y < 3 {
				return 9
			}
			return uint8(r.IntN(256))
		}},
	}
	for _, tt := range tests {
		for _, size := range []image.Point{{1, 1}, {2, 3}, {127, 2}, {128, 1}, {129, 2}, {130, 4}, {131, 1}, {400, 7}} {
			whole := image.NewGray(image.Rect(-2, -3, size.X+5, size.Y+1))
			for i := range whole.Pix {
				whole.Pix[i] = tt.grey(i%whole.Stride, i/whole.Stride)
			}
			g := whole.SubImage(image.Rectangle{Max: size}).(*image.Gray)
			p := pack8(g)
			back := p.unpack()
			assert.LessOrEqual(t, len(p.data), size.X*size.Y, tt.name)
			assert.Equal(t, g.Rect, back.Rect)
			for y := range size.Y {
				assert.Equal(t, g.Pix[y*g.Stride:y*g.Stride+size.X], back.Pix[y*back.Stride:y*back.Stride+size.X], "%s %v row %d", tt.name, size, y)
			}
		}
	}
}

// The store gives every picture whole, however many workers ask and however little it may keep.
func TestPicturesAreKeptWithinTheirRoom(t *testing.T) {
	c := newPictures(250)
	blanks := make([]*blank, 5)
	for i := range blanks {
		g := image.NewGray(image.Rect(0, 0, 10, 10))
		for j := range g.Pix {
			g.Pix[j] = uint8(i)
		}
		blanks[i] = &blank{packed: pack8(g), cache: c}
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 200 {
				n := (i*w + i) % 5
				assert.Equal(t, uint8(n), blanks[n].picture().Pix[99])
			}
		})
	}
	wg.Wait()
	assert.LessOrEqual(t, c.size, c.room)
	assert.Len(t, c.order, len(c.held))
	first := c.get(blanks[0])
	assert.Same(t, first, c.get(blanks[0]), "asked for again it is the same")
	c.get(blanks[1])
	c.get(blanks[2])
	assert.NotContains(t, c.held, blanks[0], "the one asked for longest ago goes first")
	assert.Equal(t, uint8(0), first.Pix[0], "who holds it keeps it")
}
