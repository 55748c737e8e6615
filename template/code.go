package template

import (
	"fmt"
	"image"
	"slices"

	"recount/election"
)

// Styles can differ in nothing but a line of print and the code a machine reads. Where that line's style is missing from
// the election, its twin fits as well as a page can; the code printed on the sheet then is the only witness. A code says
// what it says only when its own checksum or structure holds, and only together with the picture: it never makes a page
// another's against its print.

// codeReader reads one family of printed codes.
type codeReader interface {
	// kind is the family's name in the definition.
	kind() string
	// find looks for the code on an upright blank and says where it stands.
	find(g *image.Gray, dpi float64) (value string, at codePlace, ok bool)
	// read reads the code of a scan where pixel, the mapping of inches on the blank, puts the blank's place. ok is false
	// where the code is damaged, covered or does not pass its own check.
	read(g *image.Gray, pixel func(x, y float64) (float64, float64), at codePlace) (value string, ok bool)
	// say writes a value for people.
	say(value string) string
}

// markedCode is a code of single marks. Ink can be added by a hand, but where all else is crisp, a mark that is not there
// was never printed.
type markedCode interface {
	missing(g *image.Gray, pixel func(x, y float64) (float64, float64), at codePlace, value string) int
}

// codePlace is where a blank's code stands, in inches: for a row of marks the middles of its first and last mark and
// the size of one; for a code with an area two opposite corners. down is a barcode that is read along the page, back one
// that is read from its far end.
type codePlace struct {
	x0, y0, x1, y1, w, h float64
	down, back           bool
}

// codeReaders are tried on a blank in this order. The others must be asked for.
var codeReaders = []codeReader{rowCode{}, qrCode{}}

// readerOf is what reads codes of the definition's kind; nil where nothing here does.
func readerOf(c *election.Code) codeReader {
	switch c.Kind {
	case (barCode{}).kind():
		return barCode{c}
	case (markCode{}).kind():
		return markCode{c.Bits}
	}
	for _, r := range codeReaders {
		if r.kind() == c.Kind {
			return r
		}
	}
	return nil
}

// SayCode writes for people what a definition's or a match's code says, with its kind: "accuvote card 3 precinct 56 sequence 0".
// It is empty where there is none.
func SayCode(c *election.Code) string {
	if c == nil {
		return ""
	}
	r := readerOf(c)
	if r == nil {
		return c.Kind + " " + shorten(c.Value)
	}
	return c.Kind + " " + r.say(c.Value)
}

// findCode reads the code printed on a blank; nil where it has none that is known here.
func findCode(g *image.Gray, dpi float64) *election.Code {
	for _, r := range codeReaders {
		if v, _, ok := r.find(g, dpi); ok {
			return &election.Code{Kind: r.kind(), Value: v}
		}
	}
	return nil
}

// LearnCode notes in the definition the code that the page's reference picture shows: the one asked for, else what is found. It
// is read from the picture as saved, since that is where Load will look for it.
func LearnCode(dir string, pg *election.Page, asked ...CodeRequest) error {
	g, err := Picture(dir, pg.Picture)
	if err != nil {
		return err
	}
	for i := range asked {
		if r := &asked[i]; len(r.Pages) == 0 || slices.Contains(r.Pages, pg.Number) {
			pg.Code, err = r.take(g, pg.Picture.DPI)
			return err
		}
	}
	pg.Code = findCode(g, pg.Picture.DPI)
	return nil
}

// placeCode finds where the blank shows the code its definition names.
func (b *blank) placeCode() error {
	c := b.page.Code
	if b.drawn() && (c == nil || c.Kind != "bits") {
		b.placeDrawnCode()
		return nil
	}
	if c == nil {
		if at, ok := (rowCode{}).plain(b.gray, b.dpi); ok {
			b.codeReader, b.codeAt = rowCode{}, at
		}
		return nil
	}
	r := readerOf(c)
	if r == nil {
		return fmt.Errorf("codes of the kind %q are not read here; take the page's code out of the definition", c.Kind)
	}
	value, at, ok := r.find(b.gray, b.dpi)
	if !ok {
		return fmt.Errorf("the definition says that the printed code is %s, but none is found on picture %s: make the template again, or take the page's code out of the definition",
			SayCode(c), b.page.Picture.File)
	}
	if value != c.Value {
		return fmt.Errorf("the definition says that the printed code is %s, picture %s shows %s: make the template again, or take the page's code out of the definition",
			r.say(c.Value), b.page.Picture.File, r.say(value))
	}
	b.codeReader, b.codeAt = r, at
	return nil
}

// readCode reads the scan's code where the fit puts that of its blank; nil where the blank has none or the scan's does not
// pass its own check.
func (f *fit) readCode(g *image.Gray) *election.Code {
	r := f.blank.codeReader
	if r == nil {
		return nil
	}
	v, ok := r.read(g, f.m.Pixel, f.blank.codeAt)
	if !ok {
		return nil
	}
	return &election.Code{Kind: r.kind(), Value: v}
}

// obeyCode holds the page found by its print against the code on the scan. A code that is not readable changes nothing,
// unless marks of the style's code are plainly not there; one that is the style's own rules out twins with another. One that
// is not the style's gives the page to the style that has it, if that fits and the print does not deny it, and otherwise
// refuses the page.
func (s *Set) obeyCode(g *image.Gray, pl *plane, fits []*fit, twins []Twin) (*fit, []Twin, *election.Code, *Refusal) {
	best := fits[0]
	name := fmt.Sprintf("style %s page %d", best.blank.style.ID, best.blank.page.Number)
	own := best.blank.page.Code
	code := best.readCode(g)
	if code == nil {
		if r, ok := best.blank.codeReader.(markedCode); ok && own != nil {
			if n := r.missing(g, best.m.Pixel, best.blank.codeAt, own.Value); n > 0 {
				are := "mark of that code is"
				if n > 1 {
					are = "marks of that code are"
				}
				return nil, nil, nil, &Refusal{Reason: WrongCode, Detail: fmt.Sprintf(
					"%s is %s, but %d %s not printed on the page", name, best.blank.codeReader.say(own.Value), n, are)}
			}
		}
		return best, twins, nil, nil
	}
	if code.Same(own) {
		var left []Twin
		for _, t := range twins {
			if c := t.Page.Code; c == nil || c.Kind != code.Kind || c.Same(code) {
				left = append(left, t)
			}
		}
		return best, left, code, nil
	}
	wrong := &Refusal{Reason: WrongCode, Detail: fmt.Sprintf("the printed code says %s; %s ", best.blank.codeReader.say(code.Value), name)}
	if own != nil {
		wrong.Detail += "is " + best.blank.codeReader.say(own.Value)
	} else {
		wrong.Detail += "has no such code on its blank"
	}
	named := s.named(pl, fits, code)
	if len(named) == 0 {
		return nil, nil, nil, wrong
	}
	twins, err := s.settle(pl, named)
	if err != nil {
		return nil, nil, nil, err
	}
	other := named[0]
	if other.share < leastFit || other.sound() != nil {
		return nil, nil, nil, wrong
	}
	if other.contradicted(other.ask(pl)) != nil {
		return nil, nil, nil, wrong
	}
	// The code itself is part of the print asked here: where that is all that differs, it speaks for the other page.
	forBest, forOther := weighFits(pl, best, other)
	if n := forBest + forOther; n >= leastPrint && forOther < decisive*n {
		wrong.Detail += fmt.Sprintf("; that is style %s page %d, but other print on the page denies it", other.blank.style.ID, other.blank.page.Number)
		return nil, nil, nil, wrong
	}
	// Read again where the page taken has its own code: both must say the same.
	if again := other.readCode(g); !again.Same(code) {
		return nil, nil, nil, wrong
	}
	return other, twins, code, nil
}
