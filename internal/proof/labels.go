package proof

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Label is a place on a blank, its middle and size in inches, and what to write beside it; the text begins with its number.
type Label struct {
	X, Y, W, H float64
	Text       string
}

// The colours of a proof's frames and names, and of the paper behind the names.
var (
	ink  = color.RGBA{R: 0xb0, G: 0x00, B: 0x50, A: 0xff}
	back = color.RGBA{R: 0xff, G: 0xf4, B: 0xd0, A: 0xff}
)

// note is a label's text broken into lines, and the box it is written in.
type note struct {
	box   image.Rectangle
	lines []string
}

// Draw outlines places on a blank and writes their names beside them, where they cover no other place, no other name
// and the least print: whoever compares the two must be able to read both.
func Draw(g *image.Gray, dpi float64, labels []Label) (*image.RGBA, error) {
	img := image.NewRGBA(g.Rect)
	draw.Draw(img, img.Rect, g, g.Rect.Min, draw.Src)
	f, err := opentype.Parse(gomedium.TTF)
	if err != nil {
		return nil, fmt.Errorf("draw proof: %w", err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 6.5, DPI: dpi, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("draw proof: %w", err)
	}
	defer face.Close()
	t := max(2, int(dpi/75))
	frames := Frames(labels, dpi, t)
	m := face.Metrics()
	for i, n := range layOut(g, face, t, frames, labels) {
		outline(img, frames[i], t, ink)
		draw.Draw(img, n.box, image.NewUniform(back), image.Point{}, draw.Src)
		d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: face}
		for k, line := range n.lines {
			d.Dot = fixed.P(n.box.Min.X, n.box.Min.Y+k*m.Height.Ceil()+m.Ascent.Ceil())
			d.DrawString(line)
		}
	}
	return img, nil
}

// Frames are the boxes drawn around the places, t pixels outside the white.
func Frames(labels []Label, dpi float64, t int) []image.Rectangle {
	var out []image.Rectangle
	for _, l := range labels {
		w, h := l.W*dpi/2, l.H*dpi/2
		x, y := l.X*dpi, l.Y*dpi
		out = append(out, image.Rect(int(x-w), int(y-h), int(x+w+0.5), int(y+h+0.5)).Inset(-t))
	}
	return out
}

// layOut finds room for every label: beside, below or above its frame, in one to four lines. A label for which there is
// no room shrinks to its number.
func layOut(g *image.Gray, face font.Face, t int, frames []image.Rectangle, labels []Label) []note {
	var out []note
	for i, l := range labels {
		number, _, _ := strings.Cut(l.Text, " ")
		apart := face.Metrics().Height.Ceil() // a label nearer than a line to another frame looks like that one's
		n, ok := roomFor(g, face, t, apart, frames, i, out, l.Text)
		if !ok {
			n, ok = roomFor(g, face, t, 0, frames, i, out, l.Text)
		}
		if !ok {
			n, ok = roomFor(g, face, t, 0, frames, i, out, number)
		}
		if !ok { // frames that touch all around: the number covers what it must
			r := frames[i]
			n = note{image.Rect(r.Max.X+t, r.Min.Y, r.Max.X+t+font.MeasureString(face, number).Ceil(), r.Min.Y+face.Metrics().Height.Ceil()), []string{number}}
		}
		out = append(out, n)
	}
	return out
}

// roomFor is the place for a text at frame i that covers the least print, of those that cover no frame, come no nearer than
// apart pixels to another, and cover no earlier note.
func roomFor(g *image.Gray, face font.Face, t, apart int, frames []image.Rectangle, i int, notes []note, text string) (note, bool) {
	r := frames[i]
	var best note
	least := -1
	for parts := 1; parts <= 4; parts++ {
		lines, w := breakLines(face, text, parts)
		h := len(lines) * face.Metrics().Height.Ceil()
		mid := (r.Min.Y + r.Max.Y - h) / 2
		for _, at := range []image.Point{
			{r.Max.X + t, mid}, {r.Min.X - t - w, mid},
			{r.Min.X, r.Max.Y + t}, {r.Max.X - w, r.Max.Y + t}, {(r.Min.X + r.Max.X - w) / 2, r.Max.Y + t},
			{r.Min.X, r.Min.Y - t - h}, {r.Max.X - w, r.Min.Y - t - h}, {(r.Min.X + r.Max.X - w) / 2, r.Min.Y - t - h},
		} {
			box := image.Rect(at.X, at.Y, at.X+w, at.Y+h)
			if !box.In(g.Rect) || crosses(box, frames, i, apart, notes) {
				continue
			}
			if n := inkUnder(g, box); least < 0 || n < least {
				best, least = note{box, lines}, n
			}
		}
	}
	return best, least >= 0
}

func crosses(box image.Rectangle, frames []image.Rectangle, own, apart int, notes []note) bool {
	for i, f := range frames {
		if i != own {
			f = f.Inset(-apart)
		}
		if box.Overlaps(f) {
			return true
		}
	}
	for _, n := range notes {
		if box.Overlaps(n.box) {
			return true
		}
	}
	return false
}

// inkUnder counts the dark pixels that a box would cover.
func inkUnder(g *image.Gray, box image.Rectangle) int {
	n := 0
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for _, v := range g.Pix[g.PixOffset(box.Min.X, y) : g.PixOffset(box.Max.X-1, y)+1] {
			if v < 128 {
				n++
			}
		}
	}
	return n
}

// breakLines breaks a text at its spaces into about the given number of lines, and gives the longest one's width.
func breakLines(face font.Face, text string, parts int) ([]string, int) {
	limit := font.MeasureString(face, text).Ceil() / parts
	var lines []string
	width := 0
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		// A line may run over by half a word, so that the last one does not stand alone.
		if last >= 0 && font.MeasureString(face, lines[last]).Ceil()+font.MeasureString(face, " "+word).Ceil()/2 <= limit {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	for _, l := range lines {
		width = max(width, font.MeasureString(face, l).Ceil())
	}
	return lines, width
}

// outline draws a frame t pixels thick just inside r.
func outline(img draw.Image, r image.Rectangle, t int, c color.Color) {
	src := image.NewUniform(c)
	for _, side := range []image.Rectangle{
		{r.Min, image.Pt(r.Max.X, r.Min.Y+t)}, {image.Pt(r.Min.X, r.Max.Y-t), r.Max},
		{r.Min, image.Pt(r.Min.X+t, r.Max.Y)}, {image.Pt(r.Max.X-t, r.Min.Y), r.Max},
	} {
		draw.Draw(img, side, src, image.Point{}, draw.Src)
	}
}
