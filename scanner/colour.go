package scanner

import "image"

// Coloured print and ink are made as dark as the colour in them: an oval's outline in yellow or orange and a mark in light
// blue ink are nearly as light as paper to the eye's luma, and would be lost. What is as colourless as the paper keeps its
// luma exactly, so that a page of black print, pencil and black ink reads as it always did.
const (
	// colourFloor is how far apart a pixel's channels must lie, of 255 and against the paper's, to count as coloured. JPEG at
	// quality 40 leaves up to 36 on grey print; a tint behind a heading has 10 to 35.
	colourFloor = 40
	// colourGain is how much a pixel darkens for each step beyond the floor, down to its darkest channel.
	colourGain = 2
	// chromaQuiet is a distance in Cb or Cr that no pixel needs a closer look within: 40 between channels is 13 at least.
	chromaQuiet = 12
	// paperSamples is about how many pixels each way are looked at to know the paper's colour.
	paperSamples = 160
)

// paper is the colour of the sheet a page is printed on, and that colour's luma.
type paper struct{ r, g, b, y uint32 }

var whitePaper = paper{255, 255, 255, 255}

// paperOf finds the commonest light colour of a page; white where a page has next to none. rgb gives a pixel's channels.
func paperOf(w, h int, rgb func(x, y int) (r, g, b uint32)) paper {
	step := max(1, max(w, h)/paperSamples)
	var count [4096]int
	var sum [4096]paper
	light, all := 0, 0
	for y := step / 2; y < h; y += step {
		for x := step / 2; x < w; x += step {
			r, g, b := rgb(x, y)
			all++
			if luma(r, g, b) < 128 {
				continue
			}
			light++
			k := r>>4<<8 | g>>4<<4 | b>>4
			count[k]++
			s := &sum[k]
			s.r, s.g, s.b = s.r+r, s.g+g, s.b+b
		}
	}
	if light*20 < all || light == 0 {
		return whitePaper
	}
	best := 0
	for k, n := range count {
		if n > count[best] {
			best = k
		}
	}
	n := uint32(count[best])
	p := paper{r: max(sum[best].r/n, 64), g: max(sum[best].g/n, 64), b: max(sum[best].b/n, 64)}
	p.y = uint32(luma(p.r, p.g, p.b))
	return p
}

// grey is a pixel's grey: its luma y, or darker where it has a colour that the paper has not.
func (p paper) grey(y uint8, r, g, b uint32) uint8 {
	r, g, b = min(r*255/p.r, 255), min(g*255/p.g, 255), min(b*255/p.b, 255)
	lo, hi := min(r, g, b), max(r, g, b)
	if hi-lo <= colourFloor {
		return y
	}
	darkest, drop := lo*p.y/255, colourGain*(hi-lo-colourFloor)
	if drop >= uint32(y) {
		drop = uint32(y)
	}
	return uint8(min(uint32(y), max(darkest, uint32(y)-drop)))
}

// near says whether a pixel differs from the paper in lightness only, nearly.
func (p paper) near(r, g, b uint32) bool {
	dr, dg, db := int(r)-int(p.r), int(g)-int(p.g), int(b)-int(p.b)
	return max(dr, dg, db)-min(dr, dg, db) <= chromaQuiet
}

// fromRGB makes grey pixels of a picture whose channels at reads, with white where it is open.
func fromRGB(out *image.Gray, at func(x, y int) (r, g, b uint32)) {
	p := paperOf(out.Rect.Dx(), out.Rect.Dy(), at)
	eachRow(out, func(y int, row []uint8) {
		for x := range row {
			r, g, b := at(x, y)
			row[x] = luma(r, g, b)
			if !p.near(r, g, b) {
				row[x] = p.grey(row[x], r, g, b)
			}
		}
	})
}

// fromYCbCr makes grey pixels of a JPEG's: Y of JFIF is Rec. 601 luma already, and only coloured pixels are looked at closer.
func fromYCbCr(out *image.Gray, src *image.YCbCr) {
	b := src.Rect
	rgb := func(x, y int) (uint32, uint32, uint32) {
		c := src.COffset(b.Min.X+x, b.Min.Y+y)
		return jfifRGB(src.Y[src.YOffset(b.Min.X+x, b.Min.Y+y)], src.Cb[c], src.Cr[c])
	}
	p := paperOf(out.Rect.Dx(), out.Rect.Dy(), rgb)
	pcb, pcr := chromaOf(p)
	w, last, quiet := out.Rect.Dx(), -1, false
	eachRow(out, func(y int, row []uint8) {
		at := src.YOffset(b.Min.X, b.Min.Y+y)
		copy(row, src.Y[at:at+w])
		from, to := src.COffset(b.Min.X, b.Min.Y+y), src.COffset(b.Max.X-1, b.Min.Y+y)+1
		if from != last { // rows of 4:2:0 share their colours
			last, quiet = from, within(src.Cb[from:to], pcb) && within(src.Cr[from:to], pcr)
		}
		if quiet {
			return
		}
		for x := range row {
			c := src.COffset(b.Min.X+x, b.Min.Y+y)
			if near8(src.Cb[c], pcb) && near8(src.Cr[c], pcr) {
				continue
			}
			r, g, bl := jfifRGB(row[x], src.Cb[c], src.Cr[c])
			row[x] = p.grey(row[x], r, g, bl)
		}
	})
}

func near8(v uint8, of int) bool { d := int(v) - of; return d <= chromaQuiet && d >= -chromaQuiet }

// within says whether every value lies near one.
func within(vs []uint8, of int) bool {
	lo, hi := uint8(255), uint8(0)
	for _, v := range vs {
		lo, hi = min(lo, v), max(hi, v)
	}
	return near8(lo, of) && near8(hi, of)
}

// jfifRGB is JFIF's colour as RGB, in integers.
func jfifRGB(y, cb, cr uint8) (r, g, b uint32) {
	yy, u, v := int(y)<<16+1<<15, int(cb)-128, int(cr)-128
	clip := func(x int) uint32 { return uint32(min(max(x>>16, 0), 255)) }
	return clip(yy + 91881*v), clip(yy - 22554*u - 46802*v), clip(yy + 116130*u)
}

// chromaOf is a colour's Cb and Cr.
func chromaOf(p paper) (cb, cr int) {
	r, g, b := int(p.r), int(p.g), int(p.b)
	return (-11059*r-21709*g+32768*b)>>16 + 128, (32768*r-27439*g-5329*b)>>16 + 128
}

// Grey makes grey pixels of a picture as Decode does of a scan: 0 black, 255 white, colours as dark as the colour in them, what
// is see-through laid on white. Bounds start at 0,0. It may hand back the picture's own memory.
func Grey(m image.Image) *image.Gray { return toGray(m) }
