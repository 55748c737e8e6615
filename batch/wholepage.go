package batch

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"github.com/disintegration/imaging"

	"recount/audit"
	"recount/vote"
)

// wholeWide is how wide a whole page is drawn at most, in pixels: 230 to the inch on letter paper, as fine as office printers show.
const wholeWide = 2000

// Whole draws the upright page to be printed on paper: every target outlined by its answer (votes thick, questions with a double
// line, so that they are told apart without colours), votes and questions with their numbers. numbers counts targets from 1.
func (s *Scans) Whole(p *Page, marks []audit.MarkSeen, numbers []int) ([]byte, error) {
	if len(marks) != len(numbers) {
		return nil, fmt.Errorf("draw %s: %d targets have %d numbers", p.Image, len(marks), len(numbers))
	}
	h, err := s.page(p)
	if err != nil {
		return nil, err
	}
	level := 0
	for level+1 < len(h.levels) && h.levels[level].Rect.Dx() > wholeWide {
		level++
	}
	k := float64(h.levels[level].Rect.Dx()) / float64(h.levels[0].Rect.Dx())
	out := imaging.Clone(h.levels[level])
	unit := max(1, out.Rect.Dx()/600)
	text, err := newFace(float64(11 * unit))
	if err != nil {
		return nil, err
	}
	defer text.Close()
	boxes := make([]image.Rectangle, len(marks))
	for i, m := range marks {
		x0, y0 := h.way(float64(m.X), float64(m.Y))
		x1, y1 := h.way(float64(m.X+m.W), float64(m.Y+m.H))
		boxes[i] = image.Rect(int(x0*k), int(y0*k), int(x1*k+1), int(y1*k+1)).Canon().Inset(-unit)
	}
	taken := append([]image.Rectangle{}, boxes...)
	for i, m := range marks {
		c := answerColours[string(m.Answer)]
		switch m.Answer {
		case vote.Vote:
			frame(out, boxes[i], unit+1, c)
		case vote.Questionable:
			frame(out, boxes[i], unit, c)
			frame(out, boxes[i].Inset(-2*unit), unit, c)
		default:
			frame(out, boxes[i], 1, c)
			continue
		}
		taken = append(taken, label(out, text, boxes[i].Inset(-3*unit), fmt.Sprint(numbers[i]), c, 0, taken))
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, paletted(out)); err != nil {
		return nil, fmt.Errorf("draw %s: %w", p.Image, err)
	}
	return b.Bytes(), nil
}
