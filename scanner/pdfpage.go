package scanner

import (
	"image"
	"math"
	"sort"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// pdfCover is the least part of the page its picture must cover: a logo on a page of text is no scan.
const pdfCover = 0.5

// page finds the page's picture and decodes it.
func (f *pdfFile) page(p pdfPage) (picture, error) {
	w, h, err := f.boxSize(p)
	if err != nil {
		return picture{}, err
	}
	c := &pdfContent{f: f}
	content, err := f.contents(p.dict)
	if err != nil {
		return picture{}, err
	}
	if err := c.run(content, p.resources, newState(), 0); err != nil {
		return picture{}, err
	}
	if len(c.images) == 0 {
		return picture{}, refuse(PDFNotScan, "no picture on the page")
	}
	area := 0.0
	for _, im := range c.images {
		area += math.Abs(im.m.det())
	}
	if area < pdfCover*w*h {
		return picture{}, refuse(PDFNotScan, "pictures cover %d %% of the page", int(100*area/(w*h)))
	}
	if len(c.images) == 1 {
		return f.single(c.images[0], f.integer(p.dict, "UserUnit", 1))
	}
	return f.strips(c.images, f.integer(p.dict, "UserUnit", 1))
}

// contents joins the page's content streams.
func (f *pdfFile) contents(d types.Dict) ([]byte, error) {
	o, ok := d.Find("Contents")
	if !ok {
		return nil, refuse(PDFNotScan, "an empty page")
	}
	o, err := f.ctx.Dereference(o)
	if err != nil {
		return nil, refuse(Corrupt, "page contents: %w", err)
	}
	parts, ok := o.(types.Array)
	if !ok {
		parts = types.Array{o}
	}
	var out []byte
	for _, part := range parts {
		sd, _, err := f.ctx.DereferenceStreamDict(part)
		if err != nil || sd == nil {
			return nil, refuse(Corrupt, "page contents: %w", orMissing(err))
		}
		b, err := f.unpack(sd, maxContent)
		if err != nil {
			return nil, err
		}
		if out = append(append(out, b...), '\n'); len(out) > maxContent {
			return nil, refuse(PDFNotScan, "more than %d bytes of drawing", maxContent)
		}
	}
	return out, nil
}

// maxContent bounds the drawing of a page; that of a scan has some hundred bytes, a searchable one some ten thousand.
const maxContent = 4 << 20

// single decodes a page's only picture; how large it is drawn says its resolution.
func (f *pdfFile) single(im placed, unit int) (picture, error) {
	pic, err := f.image(im, f.lim)
	if err != nil {
		return picture{}, err
	}
	pic.xdpi, pic.ydpi = im.dpi(pic.gray.Rect.Dx(), pic.gray.Rect.Dy(), unit)
	if im.m.det() < 0 { // drawn as in a mirror: show the handedness that people see
		mirror(pic.gray)
		pic.ink.Release()
		pic.ink = nil
	}
	return pic, nil
}

// strips joins pictures of the same width that lie one right below the other, as some scanners cut a page.
func (f *pdfFile) strips(images []placed, unit int) (picture, error) {
	sort.SliceStable(images, func(i, j int) bool { return images[i].m.f > images[j].m.f })
	first := images[0].m
	for i, im := range images {
		m := im.m
		upright := m.a > 0 && m.d > 0 && m.b == 0 && m.c == 0
		if !upright || math.Abs(m.a-first.a) > 0.5 || math.Abs(m.e-first.e) > 0.5 ||
			i > 0 && math.Abs(images[i-1].m.f-(m.f+m.d)) > 0.5 {
			return picture{}, refuse(PDFNotScan, "%d pictures that are not strips of one", len(images))
		}
	}
	lim := f.lim
	lim.MinSide = 1
	var whole picture
	height, points, width := 0, 0.0, 0
	var rows []byte
	for i, im := range images {
		sw, sh := int64(f.integer(im.sd.Dict, "Width", 0)), int64(f.integer(im.sd.Dict, "Height", 0))
		if err := lim.checkSize(sw, sh+int64(height), 1); err != nil {
			return picture{}, err
		}
		pic, err := f.image(im, lim)
		if err != nil {
			return picture{}, err
		}
		if i > 0 && pic.gray.Rect.Dx() != width {
			return picture{}, refuse(PDFNotScan, "strips of %d and %d pixels", width, pic.gray.Rect.Dx())
		}
		whole.bitonal = pic.bitonal && (i == 0 || whole.bitonal)
		width = pic.gray.Rect.Dx()
		height += pic.gray.Rect.Dy()
		points += im.m.d
		rows = append(rows, pic.gray.Pix...)
	}
	if err := f.lim.checkSize(int64(width), int64(height), 1); err != nil {
		return picture{}, err
	}
	whole.gray = &image.Gray{Pix: rows, Stride: width, Rect: image.Rect(0, 0, width, height)}
	all := placed{m: matrix{a: first.a, d: points}}
	whole.xdpi, whole.ydpi = all.dpi(width, height, unit)
	return whole, nil
}

// mirror turns a picture upside down without turning it round, in place.
func mirror(g *image.Gray) {
	h := g.Rect.Dy()
	tmp := make([]uint8, g.Stride)
	for y := 0; y < h/2; y++ {
		top, bottom := g.Pix[y*g.Stride:(y+1)*g.Stride], g.Pix[(h-1-y)*g.Stride:(h-y)*g.Stride]
		copy(tmp, top)
		copy(top, bottom)
		copy(bottom, tmp)
	}
}

// matrix is a PDF transformation: x' = a*x + c*y + e, y' = b*x + d*y + f.
type matrix struct{ a, b, c, d, e, f float64 }

// before gives the matrix that does n first and m then.
func (m matrix) before(n matrix) matrix {
	return matrix{n.a*m.a + n.b*m.c, n.a*m.b + n.b*m.d, n.c*m.a + n.d*m.c, n.c*m.b + n.d*m.d,
		n.e*m.a + n.f*m.c + m.e, n.e*m.b + n.f*m.d + m.f}
}

func (m matrix) det() float64 { return m.a*m.d - m.b*m.c }

// placed is a picture as a page draws it: the matrix carries the unit square to points.
type placed struct {
	sd   *types.StreamDict
	m    matrix
	fill float64 // grey of the paint, for stencils: 0 black to 1 white, below 0 unknown
}

// dpi gives the resolution from the size drawn; 72 points are an inch.
func (p placed) dpi(w, h, unit int) (x, y float64) {
	per := 72 / float64(max(unit, 1))
	across, down := math.Hypot(p.m.a, p.m.b), math.Hypot(p.m.c, p.m.d)
	return roundDPI(float64(w) / across * per), roundDPI(float64(h) / down * per)
}

// roundDPI gives a whole number where the value is as near to one as sizes in hundredths of a point allow.
func roundDPI(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	if r := math.Round(v); math.Abs(v-r) < 0.05 {
		return r
	}
	return v
}
