package scanner

import (
	"image"
	"image/color"
)

// luma is Rec. 601 luma of 8-bit colour in integers; the weights sum to 65536, so white stays 255 and grey stays itself.
func luma(r, g, b uint32) uint8 { return uint8((19595*r + 38470*g + 7471*b + 1<<15) >> 16) }

// overWhite lays a sample with straight alpha on white paper.
func overWhite(v, a uint32) uint32 { return (v*a + 255*(255-a) + 127) / 255 }

// toGray makes grey pixels of whatever a decoder gave, with bounds at 0,0 and rows joined. It may hand back the picture's
// own memory.
func toGray(m image.Image) *image.Gray {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	if g, ok := m.(*image.Gray); ok && b.Min == (image.Point{}) {
		return joined(g)
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	switch src := m.(type) {
	case *image.Gray:
		for y := 0; y < h; y++ {
			copy(out.Pix[y*out.Stride:y*out.Stride+w], src.Pix[y*src.Stride:])
		}
	case *image.Gray16:
		eachRow(out, func(y int, row []uint8) {
			s := src.Pix[y*src.Stride:]
			for x := range row {
				row[x] = s[2*x]
			}
		})
	case *image.RGBA: // the alpha of an *image.RGBA is premultiplied: over white, add what it leaves open
		fromRGB(out, func(x, y int) (r, g, b uint32) {
			p := src.Pix[y*src.Stride+4*x:][:4:4]
			open := 255 - uint32(p[3])
			return min(uint32(p[0])+open, 255), min(uint32(p[1])+open, 255), min(uint32(p[2])+open, 255)
		})
	case *image.NRGBA:
		fromRGB(out, func(x, y int) (r, g, b uint32) {
			p := src.Pix[y*src.Stride+4*x:][:4:4]
			a := uint32(p[3])
			return overWhite(uint32(p[0]), a), overWhite(uint32(p[1]), a), overWhite(uint32(p[2]), a)
		})
	case *image.YCbCr:
		fromYCbCr(out, src)
	case *image.Paletted:
		var table [256][3]uint32
		for i, c := range src.Palette {
			if i < len(table) {
				table[i][0], table[i][1], table[i][2] = rgbOn(c)
			}
		}
		fromRGB(out, func(x, y int) (r, g, b uint32) {
			c := &table[src.Pix[y*src.Stride+x]]
			return c[0], c[1], c[2]
		})
	case *image.CMYK:
		fromRGB(out, func(x, y int) (uint32, uint32, uint32) {
			p := src.Pix[y*src.Stride+4*x:][:4:4]
			r, g, b := color.CMYKToRGB(p[0], p[1], p[2], p[3])
			return uint32(r), uint32(g), uint32(b)
		})
	default:
		fromRGB(out, func(x, y int) (r, g, bl uint32) { return rgbOn(m.At(b.Min.X+x, b.Min.Y+y)) })
	}
	return out
}

// joined moves rows together in place: JPEG decoders pad them to whole blocks.
func joined(g *image.Gray) *image.Gray {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	for y := 1; y < h && g.Stride != w; y++ {
		copy(g.Pix[y*w:(y+1)*w], g.Pix[y*g.Stride:])
	}
	return &image.Gray{Pix: g.Pix[: w*h : w*h], Stride: w, Rect: g.Rect}
}

// rgbOn is a colour laid on white, 8 bits a channel.
func rgbOn(c color.Color) (r, g, b uint32) {
	n := color.NRGBA64Model.Convert(c).(color.NRGBA64)
	a := uint32(n.A >> 8)
	return overWhite(uint32(n.R>>8), a), overWhite(uint32(n.G>>8), a), overWhite(uint32(n.B>>8), a)
}

func eachRow(g *image.Gray, f func(y int, row []uint8)) {
	w := g.Rect.Dx()
	for y := 0; y < g.Rect.Dy(); y++ {
		f(y, g.Pix[y*g.Stride:y*g.Stride+w])
	}
}

// onlyBlackAndWhite tells whether every pixel is 0 or 255: what Page.Bitonal promises.
func onlyBlackAndWhite(g *image.Gray) bool {
	ok := true
	eachRow(g, func(_ int, row []uint8) {
		for _, v := range row {
			if v+1 > 1 { // 255 wraps to 0
				ok = false
			}
		}
	})
	return ok
}

func invertGray(g *image.Gray) {
	for i, v := range g.Pix {
		g.Pix[i] = 255 - v
	}
}
