package batch

import (
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"math"
	"strings"

	"github.com/disintegration/imaging"
	"golang.org/x/image/font"

	"recount/template"
)

// Name is the choice as a person tells it from the others of its contest: with its party, where the name does not end in it, for one
// person may stand on several lines, and its rank.
func (t *InspectedTarget) Name() string {
	name := t.Choice
	if t.Party != "" && !strings.HasSuffix(name, "("+t.Party+")") {
		name += " (" + t.Party + ")"
	}
	if t.Rank > 0 {
		name += fmt.Sprintf(", rank %d", t.Rank)
	}
	return name
}

// Find gives the targets that a person names: by their number, counted from 1 as listed, or by a part of "contest: choice",
// whatever the case.
func (in *Inspection) Find(name string) []int {
	var out []int
	want := strings.ToLower(strings.TrimSpace(name))
	for i := range in.Targets {
		t := &in.Targets[i]
		if want == fmt.Sprint(i+1) {
			return []int{i}
		}
		if want != "" && strings.Contains(strings.ToLower(t.Contest+": "+t.Name()), want) {
			out = append(out, i)
		}
	}
	return out
}

const (
	closeWidth   = 900 // pixels of the finished picture
	closeTargets = 20  // as many as a picture shows
)

// WriteCloseup writes a picture of some targets to a PNG file, whole or not at all: each enlarged with the paper around it as it
// was scanned, turned upright, and the sentence why it got its answer.
func (in *Inspection) WriteCloseup(path string, targets []int) error {
	if len(targets) > closeTargets {
		targets = targets[:closeTargets]
	}
	_, err := writeFile(path, func(w io.Writer) error { return in.closeup(w, targets) })
	return err
}

func (in *Inspection) closeup(w io.Writer, targets []int) error {
	if in.gray == nil || in.match == nil {
		return fmt.Errorf("draw %s: no style fits the page, so it has no targets", in.Image)
	}
	text, err := newFace(15)
	if err != nil {
		return err
	}
	defer text.Close()
	page, way, err := template.Upright(in.gray, in.Rotation, in.match.SkewDeg)
	if err != nil {
		return fmt.Errorf("draw %s: %w", in.Image, err)
	}
	var panels []image.Image
	height := 0
	for _, i := range targets {
		p := in.panel(page, way, text, i)
		panels = append(panels, p)
		height += p.Bounds().Dy()
	}
	out := image.NewRGBA(image.Rect(0, 0, closeWidth, height))
	y := 0
	for _, p := range panels {
		draw.Draw(out, image.Rect(0, y, closeWidth, y+p.Bounds().Dy()), p, image.Point{}, draw.Src)
		y += p.Bounds().Dy()
	}
	if err := png.Encode(w, out); err != nil {
		return fmt.Errorf("draw %s: %w", in.Image, err)
	}
	return nil
}

// panel is one target: the crop, its frame, and the sentence below.
func (in *Inspection) panel(page *image.Gray, way func(x, y float64) (float64, float64), text font.Face, i int) image.Image {
	t := &in.Targets[i]
	x0, y0 := way(float64(t.X), float64(t.Y))
	x1, y1 := way(float64(t.X+t.W), float64(t.Y+t.H))
	box := image.Rect(int(math.Round(x0)), int(math.Round(y0)), int(math.Round(x1)), int(math.Round(y1))).Canon()
	side := max(1, max(box.Dx(), box.Dy()))
	around := image.Rect(box.Min.X-6*side, box.Min.Y-side, box.Max.X+6*side, box.Max.Y+side).Intersect(page.Rect)
	if around.Empty() {
		around = page.Rect
	}
	k := float64(closeWidth) / float64(around.Dx())
	big := imaging.Resize(page.SubImage(around), closeWidth, max(1, int(float64(around.Dy())*k)), imaging.NearestNeighbor)
	frame(big, image.Rect(int(float64(box.Min.X-around.Min.X)*k), int(float64(box.Min.Y-around.Min.Y)*k),
		int(float64(box.Max.X-around.Min.X)*k), int(float64(box.Max.Y-around.Min.Y)*k)).Inset(-3), 3, colourOf(t.Answer))
	lines := wrap(text, fmt.Sprintf("%d  %s: %s. %s", i+1, t.Contest, t.Name(), t.Why), closeWidth-20)
	step := lineHeight(text)
	out := image.NewRGBA(image.Rect(0, 0, closeWidth, big.Rect.Dy()+len(lines)*step+step))
	draw.Draw(out, out.Rect, image.NewUniform(stripColour), image.Point{}, draw.Src)
	draw.Draw(out, big.Rect, big, image.Point{}, draw.Src)
	for n, line := range lines {
		write(out, text, 10, big.Rect.Dy()+(n+1)*step, line, whiteColour)
	}
	return out
}

// wrap breaks a text into lines no wider than width pixels.
func wrap(f font.Face, s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		next := strings.TrimSpace(line + " " + word)
		if line != "" && font.MeasureString(f, next).Ceil() > width {
			lines, next = append(lines, line), word
		}
		line = next
	}
	return append(lines, line)
}
