package scanner

import (
	"image"

	"github.com/disintegration/imaging"
)

// Resize is a grey picture in w x h pixels; where one of them is 0 it follows from the other.
func Resize(g image.Image, w, h int, filter imaging.ResampleFilter) *image.Gray {
	src := imaging.Resize(g, w, h, filter)
	out := image.NewGray(src.Rect)
	for i := range out.Pix {
		out.Pix[i] = src.Pix[4*i] // grey in, so all channels are equal
	}
	return out
}
