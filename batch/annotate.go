package batch

import (
	"math"
	"slices"

	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"recount/template"
	"recount/vote"
)

// The colours are told apart by people who do not tell red from green: dark green, amber and grey differ in lightness, and
// every target carries its percentage.
var (
	voteColour  = color.RGBA{0, 128, 56, 255}
	doubtColour = color.RGBA{240, 140, 0, 255}
	noneColour  = color.RGBA{140, 140, 150, 255}
	usedColour  = color.RGBA{30, 90, 220, 255}
	asideColour = color.RGBA{210, 30, 120, 255}
	stripColour = color.RGBA{28, 32, 40, 255}
	whiteColour = color.RGBA{255, 255, 255, 255}
)

func colourOf(a vote.Answer) color.RGBA {
	switch a {
	case vote.Vote:
		return voteColour
	case vote.Questionable:
		return doubtColour
	}
	return noneColour
}

// Annotate writes the page as a PNG for people: turned upright, each target outlined in the colour of its answer with its
// fill in percent, the anchors that placed it, and what was found in a strip on top.
func (in *Inspection) Annotate(w io.Writer) error {
	if in.gray == nil {
		return fmt.Errorf("draw %s: the page has no picture", in.Image)
	}
	skew := 0.0
	if in.match != nil {
		skew = in.match.SkewDeg
	}
	page, way, err := template.Upright(in.gray, in.Rotation, skew)
	if err != nil {
		return fmt.Errorf("draw %s: %w", in.Image, err)
	}
	unit := max(page.Rect.Dx(), page.Rect.Dy()) / 700 // 3 at 200 dpi letter: what is one pixel thick at 70 dpi
	unit = max(unit, 1)
	text, err := newFace(float64(7 * unit))
	if err != nil {
		return err
	}
	defer text.Close()
	strip := 4*lineHeight(text) + lineHeight(text)/2
	place := func(x, y int) image.Point {
		px, py := way(float64(x), float64(y))
		return image.Pt(int(math.Round(px)), int(math.Round(py))+strip)
	}
	out := image.NewRGBA(image.Rect(0, 0, page.Rect.Dx(), page.Rect.Dy()+strip))
	draw.Draw(out, image.Rect(0, strip, out.Rect.Dx(), out.Rect.Dy()), page, image.Point{}, draw.Src)
	draw.Draw(out, image.Rect(0, 0, out.Rect.Dx(), strip), image.NewUniform(stripColour), image.Point{}, draw.Src)
	if in.match != nil {
		for _, a := range in.match.Anchors {
			c := usedColour
			if !a.Used {
				c = asideColour
			}
			at := place(int(a.PX), int(a.PY))
			cross(out, at, 2*unit, unit/3, c)
		}
	}
	gap := 2 * unit // clear of the printed outline, which people want to see
	var taken []image.Rectangle
	for _, t := range in.Targets {
		taken = append(taken, image.Rectangle{place(t.X, t.Y), place(t.X+t.W, t.Y+t.H)}.Canon().Inset(-gap))
	}
	for i := range in.Targets {
		t, box := &in.Targets[i], taken[i]
		thick := unit + unit/2
		if t.Answer == vote.None {
			thick = max(1, unit/2)
		}
		frame(out, box, thick, colourOf(t.Answer))
		taken = append(taken, label(out, text, box.Inset(-thick), percent(t.fill), colourOf(t.Answer), strip, taken))
	}
	in.legend(out, text)
	buf := bufio.NewWriterSize(w, 1<<16)
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(buf, out); err != nil {
		return fmt.Errorf("draw %s: %w", in.Image, err)
	}
	return buf.Flush()
}

// WriteAnnotated writes the picture to a file, whole or not at all.
func (in *Inspection) WriteAnnotated(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("draw %s: %s is a folder: name a .png file", in.Image, filepath.Clean(path))
	}
	_, err := writeFile(path, in.Annotate)
	return err
}

// percent is a score in whole percent, rounded down: 12 % means at least 12.
func percent(score int) string { return fmt.Sprintf("%d%%", score/100) }

func newFace(px float64) (font.Face, error) {
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("load the font: %w", err)
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: px, DPI: 72, Hinting: font.HintingFull})
}

func lineHeight(f font.Face) int { return f.Metrics().Height.Ceil() * 6 / 5 }

// frame draws a rectangle's outline, thick pixels outwards.
func frame(dst draw.Image, r image.Rectangle, thick int, c color.Color) {
	o, src := r.Inset(-thick), image.NewUniform(c)
	for _, side := range []image.Rectangle{
		image.Rect(o.Min.X, o.Min.Y, o.Max.X, r.Min.Y), image.Rect(o.Min.X, r.Max.Y, o.Max.X, o.Max.Y),
		image.Rect(o.Min.X, r.Min.Y, r.Min.X, r.Max.Y), image.Rect(r.Max.X, r.Min.Y, o.Max.X, r.Max.Y),
	} {
		draw.Draw(dst, side, src, image.Point{}, draw.Over)
	}
}

// cross marks a point.
func cross(dst draw.Image, at image.Point, arm, thick int, c color.Color) {
	src := image.NewUniform(c)
	draw.Draw(dst, image.Rect(at.X-arm, at.Y-thick, at.X+arm+1, at.Y+thick+1), src, image.Point{}, draw.Over)
	draw.Draw(dst, image.Rect(at.X-thick, at.Y-arm, at.X+thick+1, at.Y+arm+1), src, image.Point{}, draw.Over)
}

// label writes a few letters on a plate of the colour beside the box: above, to the left, below or to the right, the first
// that covers no other target and no other label. It gives the plate.
func label(dst draw.Image, f font.Face, box image.Rectangle, s string, c color.Color, top int, taken []image.Rectangle) image.Rectangle {
	w, h := font.MeasureString(f, s).Ceil(), f.Metrics().Ascent.Ceil()
	pad := h / 5
	size := image.Pt(w+2*pad, h+pad)
	mid := (box.Min.Y + box.Max.Y - size.Y) / 2
	places := []image.Point{
		{box.Min.X, box.Min.Y - size.Y}, {box.Min.X - size.X, mid}, {box.Min.X, box.Max.Y}, {box.Max.X, mid},
	}
	room := dst.Bounds()
	room.Min.Y = top
	plate := image.Rectangle{places[0], places[0].Add(size)}
	for _, at := range places {
		p := image.Rectangle{at, at.Add(size)}
		if p.In(room) && !slices.ContainsFunc(taken, p.Overlaps) {
			plate = p
			break
		}
	}
	draw.Draw(dst, plate, image.NewUniform(c), image.Point{}, draw.Over)
	write(dst, f, plate.Min.X+pad, plate.Min.Y+h-pad/3, s, whiteColour)
	return plate
}

// write draws text with its baseline at y.
func write(dst draw.Image, f font.Face, x, y int, s string, c color.Color) int {
	d := font.Drawer{Dst: dst, Src: image.NewUniform(c), Face: f, Dot: fixed.P(x, y)}
	d.DrawString(s)
	return d.Dot.X.Ceil()
}

// legend fills the strip on top.
func (in *Inspection) legend(dst draw.Image, f font.Face) {
	line, x0 := lineHeight(f), lineHeight(f)/2
	name := in.Image
	if in.Pages > 1 {
		name = fmt.Sprintf("%s, page %d of %d", in.Image, in.Page, in.Pages)
	}
	write(dst, f, x0, line, name, whiteColour)
	if in.Refused != "" {
		write(dst, f, x0, 2*line, "refused: "+in.Refused, doubtColour)
		return
	}
	write(dst, f, x0, 2*line, fmt.Sprintf("style %s, %s (page %d)   turned %d°, skew %s°, scale %s   residual %s px, worst %s px",
		in.Style, in.Side, in.Number, in.Rotation, in.SkewDeg, in.Scale, in.Residual, in.Worst), whiteColour)
	x := x0
	item := func(c color.Color, s string) {
		box := f.Metrics().Ascent.Ceil()
		draw.Draw(dst, image.Rect(x, 3*line-box, x+box, 3*line), image.NewUniform(c), image.Point{}, draw.Over)
		x = write(dst, f, x+box*3/2, 3*line, s, whiteColour) + box
	}
	item(voteColour, fmt.Sprintf("%d vote", in.Count(vote.Vote)))
	item(doubtColour, fmt.Sprintf("%d questionable", in.Count(vote.Questionable)))
	item(noneColour, fmt.Sprintf("%d none", in.Count(vote.None)))
	item(usedColour, fmt.Sprintf("%d anchors used", in.Used))
	item(asideColour, fmt.Sprintf("%d set aside", in.Anchors-in.Used))
	write(dst, f, x, 3*line, "% = fill", whiteColour)
	var look []string
	for _, c := range in.Contests {
		if c.Status == vote.Overvote || c.Status == vote.Doubtful {
			look = append(look, fmt.Sprintf("%s: %s", c.Status, c.Contest))
		}
	}
	write(dst, f, x0, 4*line, strings.Join(look, "    "), doubtColour)
}
