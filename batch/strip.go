package batch

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"github.com/disintegration/imaging"

	"recount/audit"
	"recount/template"
)

// The strip of a sheet's marks, for comparing two hands: so many marks, each in a box of so many pixels.
const (
	stripMarks            = 6
	stripWide, stripTall  = 196, 160
	stripGap              = 4
	stripReachX, stripTop = 0.75, 1.25 // paper around a mark, as parts of its target's width and height
)

// strip gives marks of one image beside one another, each enlarged and upright with the paper around it, and unframed: a frame
// would hide where the pen ran over.
func (c *cropper) strip(name string, marks []audit.MarkSeen) (audit.Crop, error) {
	if err := c.load(name); err != nil {
		return audit.Crop{}, err
	}
	marks = marks[:min(len(marks), stripMarks)]
	out := imaging.New(len(marks)*(stripWide+stripGap)-stripGap, stripTall, color.White)
	for i, m := range marks {
		dx, dy := int(stripReachX*float64(m.W)), int(stripTop*float64(m.H))
		if r := c.pages[name].rotation; r == 90 || r == 270 {
			dx, dy = int(stripTop*float64(m.W)), int(stripReachX*float64(m.H))
		}
		around := image.Rect(m.X-dx, m.Y-dy, m.X+m.W+dx, m.Y+m.H+dy).Intersect(c.gray.Rect)
		if around.Empty() {
			return audit.Crop{}, fmt.Errorf("the mark lies off the scan")
		}
		piece := image.NewGray(image.Rect(0, 0, around.Dx(), around.Dy()))
		draw.Draw(piece, piece.Rect, c.gray, around.Min, draw.Src)
		up, _, err := template.Upright(piece, c.pages[name].rotation, 0)
		if err != nil {
			return audit.Crop{}, err
		}
		k := min(float64(stripWide)/float64(up.Rect.Dx()), float64(stripTall)/float64(up.Rect.Dy()))
		big := imaging.Resize(up, max(1, int(float64(up.Rect.Dx())*k)), max(1, int(float64(up.Rect.Dy())*k)), imaging.CatmullRom)
		at := image.Pt(i*(stripWide+stripGap)+(stripWide-big.Rect.Dx())/2, (stripTall-big.Rect.Dy())/2)
		draw.Draw(out, big.Rect.Add(at), big, image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, paletted(out)); err != nil {
		return audit.Crop{}, fmt.Errorf("draw %s: %w", name, err)
	}
	return audit.Crop{PNG: b.Bytes(), Caption: name, Width: (2*out.Rect.Dx() + 2) / 3, Height: (2*stripTall + 2) / 3}, nil
}
