package batch

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"

	"github.com/disintegration/imaging"

	"recount/audit"
	"recount/scanner"
	"recount/template"
)

// cropper cuts pieces out of a run's scans, where they are still there and are the same.
type cropper struct {
	src   *scanner.Source
	files map[string]*scanner.Input
	pages map[string]pageRow

	name string // of the page held
	gray *image.Gray
	err  error
}

// pageRow is what the ledger knows of a page.
type pageRow struct {
	image, sha256, outcome, reason, quality string
	index, rotation                         int
	input                                   string
}

func newCropper(paths []string, pages map[string]pageRow) (*cropper, error) {
	c := &cropper{files: map[string]*scanner.Input{}, pages: pages}
	if len(paths) == 0 {
		return c, nil
	}
	src, err := scanner.Open(paths, scanner.Limits{})
	if err != nil {
		return nil, fmt.Errorf("open the scans: %w", err)
	}
	c.src = src
	for i := range src.Inputs {
		c.files[src.Inputs[i].Name] = &src.Inputs[i]
	}
	return c, nil
}

func (c *cropper) close() {
	if c.src != nil {
		c.src.Close()
	}
}

// load decodes a page; the one before it is let go.
func (c *cropper) load(name string) error {
	if c.name == name {
		return c.err
	}
	c.name, c.gray, c.err = name, nil, nil
	row, known := c.pages[name]
	in := c.files[row.input]
	switch {
	case c.src == nil:
		c.err = fmt.Errorf("the scans were not given (--images)")
	case !known || in == nil:
		c.err = fmt.Errorf("the scan is not among those given")
	default:
		c.gray, c.err = pageOf(in, row)
	}
	return c.err
}

func pageOf(in *scanner.Input, row pageRow) (*image.Gray, error) {
	data, err := in.Bytes()
	if err != nil {
		return nil, fmt.Errorf("the scan cannot be read: %s", reasonText(err))
	}
	if hashOf(data) != row.sha256 {
		return nil, fmt.Errorf("the scan is not the one that was read: its bytes have changed")
	}
	pages, err := scanner.Decode(in.Name, data, scanner.Limits{})
	if n := max(row.index, 1); n <= len(pages) && pages[n-1].Page != nil {
		return pages[n-1].Page.Gray, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the scan cannot be read: %s", reasonText(err))
	}
	return nil, fmt.Errorf("the scan has no such page")
}

const (
	cropWide = 640 // pixels of a crop at most, shown at two thirds of that for sharp screens and print
	cropTall = 700
)

// answerColours outline a target by its answer.
var answerColours = map[string]color.RGBA{"vote": {31, 95, 168, 255}, "questionable": {224, 138, 0, 255}, "none": {120, 130, 140, 255}}

// cut gives the piece of one image that holds the marks, with paper around them, upright, each mark framed.
func (c *cropper) cut(name string, marks []audit.MarkSeen) (audit.Crop, error) {
	if err := c.load(name); err != nil {
		return audit.Crop{}, err
	}
	box := image.Rectangle{}
	for _, m := range marks {
		box = box.Union(image.Rect(m.X, m.Y, m.X+m.W, m.Y+m.H))
	}
	unit := max(8, min(marks[0].W, marks[0].H))
	around := image.Rect(box.Min.X-13*unit, box.Min.Y-2*unit, box.Max.X+13*unit, box.Max.Y+2*unit)
	if r := c.pages[name].rotation; r == 90 || r == 270 {
		around = image.Rect(box.Min.X-2*unit, box.Min.Y-13*unit, box.Max.X+2*unit, box.Max.Y+13*unit)
	}
	if around = around.Intersect(c.gray.Rect); around.Empty() {
		return audit.Crop{}, fmt.Errorf("the mark lies off the scan")
	}
	piece := image.NewGray(image.Rect(0, 0, around.Dx(), around.Dy()))
	draw.Draw(piece, piece.Rect, c.gray, around.Min, draw.Src)
	up, way, err := template.Upright(piece, c.pages[name].rotation, 0)
	if err != nil {
		return audit.Crop{}, err
	}
	k := min(float64(cropWide)/float64(up.Rect.Dx()), float64(cropTall)/float64(up.Rect.Dy()), 2)
	w, h := max(1, int(float64(up.Rect.Dx())*k)), max(1, int(float64(up.Rect.Dy())*k))
	big := imaging.Resize(up, w, h, imaging.Linear)
	for _, m := range marks {
		x0, y0 := way(float64(m.X-around.Min.X), float64(m.Y-around.Min.Y))
		x1, y1 := way(float64(m.X+m.W-around.Min.X), float64(m.Y+m.H-around.Min.Y))
		r := image.Rect(int(math.Round(x0*k)), int(math.Round(y0*k)), int(math.Round(x1*k)), int(math.Round(y1*k))).Canon()
		frame(big, r.Inset(-4), 2, answerColours[string(m.Answer)])
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, paletted(big)); err != nil {
		return audit.Crop{}, fmt.Errorf("draw %s: %w", name, err)
	}
	return audit.Crop{PNG: b.Bytes(), Caption: name, Width: (2*w + 2) / 3, Height: (2*h + 2) / 3}, nil
}

// cropPalette is sixteen greys and the frames' colours: a crop is a quarter the size of one in full colour.
var cropPalette = func() color.Palette {
	var p color.Palette
	for i := range 16 {
		p = append(p, color.RGBA{uint8(17 * i), uint8(17 * i), uint8(17 * i), 255})
	}
	for _, k := range []string{"vote", "questionable", "none"} {
		p = append(p, answerColours[k])
	}
	return p
}()

func paletted(m *image.NRGBA) *image.Paletted {
	out := image.NewPaletted(m.Rect, cropPalette)
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			c := m.NRGBAAt(x, y)
			if c.R == c.G && c.G == c.B {
				out.SetColorIndex(x, y, uint8((int(c.R)+8)/17))
				continue
			}
			out.Set(x, y, c)
		}
	}
	return out
}
