package batch

import (
	"bytes"
	"cmp"
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
	scans *Scans
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
	scans, err := OpenScans(paths)
	if err != nil {
		return nil, err
	}
	return &cropper{scans: scans, pages: pages}, nil
}

func (c *cropper) close() { c.scans.Close() }

// load decodes a page; the one before it is let go.
func (c *cropper) load(name string) error {
	if c.name == name {
		return c.err
	}
	c.name, c.gray, c.err = name, nil, nil
	row, known := c.pages[name]
	if !known {
		row = pageRow{}
	}
	c.gray, c.err = c.scans.decode(row)
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

// cropView is how much a crop shows. beside and above are how much paper is shown around the marks, in parts of a target's
// smaller side; wide and tall bound the crop in pixels; frames says whether the marks are framed, and now, where it is not 0, which
// of them, counted from 1, has a second frame.
type cropView struct {
	beside, above, wide, tall int
	frames                    bool
	now                       int
	zoom                      float64 // how much it is enlarged at most; 0 means twice
}

// reportView's crops are shown at two thirds of their pixels, for sharp screens and print.
var reportView = cropView{beside: 13, above: 2, wide: 640, tall: 700, frames: true}

// answerColours outline a target by its answer.
var answerColours = map[string]color.RGBA{"vote": {31, 95, 168, 255}, "questionable": {224, 138, 0, 255}, "none": {120, 130, 140, 255}, "now": {180, 0, 158, 255}}

// cut gives the piece of one image that holds the marks, with paper around them, upright, each mark framed.
func (c *cropper) cut(name string, marks []audit.MarkSeen) (audit.Crop, error) {
	if err := c.load(name); err != nil {
		return audit.Crop{}, err
	}
	return cut(c.gray, c.pages[name].rotation, name, marks, reportView)
}

// cut gives the piece of a scan that holds the marks, upright, each mark framed in its answer's colour.
func cut(gray *image.Gray, rotation int, name string, marks []audit.MarkSeen, v cropView) (audit.Crop, error) {
	if len(marks) == 0 {
		return audit.Crop{}, fmt.Errorf("no mark is to be shown")
	}
	box := image.Rectangle{}
	for _, m := range marks {
		box = box.Union(image.Rect(m.X, m.Y, m.X+m.W, m.Y+m.H))
	}
	unit := max(8, min(marks[0].W, marks[0].H))
	around := image.Rect(box.Min.X-v.beside*unit, box.Min.Y-v.above*unit, box.Max.X+v.beside*unit, box.Max.Y+v.above*unit)
	if rotation == 90 || rotation == 270 {
		around = image.Rect(box.Min.X-v.above*unit, box.Min.Y-v.beside*unit, box.Max.X+v.above*unit, box.Max.Y+v.beside*unit)
	}
	if around = around.Intersect(gray.Rect); around.Empty() {
		return audit.Crop{}, fmt.Errorf("the mark lies off the scan")
	}
	piece := image.NewGray(image.Rect(0, 0, around.Dx(), around.Dy()))
	draw.Draw(piece, piece.Rect, gray, around.Min, draw.Src)
	up, way, err := template.Upright(piece, rotation, 0)
	if err != nil {
		return audit.Crop{}, err
	}
	k := min(float64(v.wide)/float64(up.Rect.Dx()), float64(v.tall)/float64(up.Rect.Dy()), cmp.Or(v.zoom, 2))
	w, h := max(1, int(float64(up.Rect.Dx())*k)), max(1, int(float64(up.Rect.Dy())*k))
	big := imaging.Resize(up, w, h, imaging.Linear)
	for i, m := range marks {
		if !v.frames {
			break
		}
		x0, y0 := way(float64(m.X-around.Min.X), float64(m.Y-around.Min.Y))
		x1, y1 := way(float64(m.X+m.W-around.Min.X), float64(m.Y+m.H-around.Min.Y))
		r := image.Rect(int(math.Round(x0*k)), int(math.Round(y0*k)), int(math.Round(x1*k)), int(math.Round(y1*k))).Canon()
		frame(big, r.Inset(-4), 2, answerColours[string(m.Answer)])
		if i+1 == v.now {
			frame(big, r.Inset(-9), 4, answerColours["now"])
		}
	}
	var b bytes.Buffer
	level := png.BestCompression
	if v != reportView {
		level = png.BestSpeed // it is looked at once, not kept
	}
	if err := (&png.Encoder{CompressionLevel: level}).Encode(&b, paletted(big)); err != nil {
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
	for _, k := range []string{"vote", "questionable", "none", "now"} {
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
