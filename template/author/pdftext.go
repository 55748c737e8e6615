package author

import (
	"fmt"
	"math"
	"os"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/responses"

	"recount/election"
)

// pdfMaxChars bounds a page's text layer; a ballot page in three languages has about ten thousand characters.
const pdfMaxChars = 200_000

// Word is a word printed on a page, from a PDF's text layer or read from the picture. X and Y are its box's middle, W and H
// its size, in inches from the page's top left corner as people see it, like Found's. Confidence is how sure the reader was,
// 0 to 100; a text layer says 100.
type Word struct {
	Text       string
	X, Y, W, H float64
	Confidence int
}

// PDFText gives the words of a PDF page's text layer, line by line as the renderer reads them; a scanned page without one gives
// none. Pages count from 1. The error names the file and what would mend it.
func PDFText(path string, page int) ([]Word, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("blank: %w", err)
	}
	if st.Size() > pdfMaxFile {
		return nil, tooManyBytes(path, st.Size())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("blank: %w", err)
	}
	d, err := openPDF(path, data)
	if err != nil {
		return nil, err
	}
	defer d.close()
	return d.words(page)
}

func (d *pdfDoc) words(n int) (_ []Word, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("blank %s page %d: the reader of its text gave up: %v", d.file, n, r)
		}
	}()
	p, w, h, err := d.page(n)
	if err != nil {
		return nil, err
	}
	if err := d.countChars(p); err != nil {
		return nil, fmt.Errorf("blank %s page %d: %w", d.file, n, err)
	}
	seen, err := d.asSeen(p, w, h)
	if err != nil {
		return nil, fmt.Errorf("blank %s page %d: %w", d.file, n, err)
	}
	text, err := d.inst.GetPageTextStructured(&requests.GetPageTextStructured{Page: p, Mode: requests.GetPageTextStructuredModeChars})
	if err != nil {
		return nil, fmt.Errorf("blank %s page %d: read its text: %w", d.file, n, err)
	}
	return joinWords(text.Chars, seen), nil
}

// countChars refuses a text layer that would cost too much to take out.
func (d *pdfDoc) countChars(p requests.Page) error {
	page, err := d.inst.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: p})
	if err != nil {
		return fmt.Errorf("read its text: %w", err)
	}
	count, err := d.inst.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: page.TextPage})
	if err != nil {
		return fmt.Errorf("read its text: %w", err)
	}
	if count.Count > pdfMaxChars {
		return fmt.Errorf("its text layer has %d characters, at most %d are read", count.Count, pdfMaxChars)
	}
	_, err = d.inst.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: page.TextPage})
	return err
}

// view carries a file's points to inches on the page as people see it: where its origin lies, and where a step of one point
// to the right and up leads.
type view struct{ x, y, xx, xy, yx, yy float64 }

func (m view) at(x, y float64) (float64, float64) {
	return m.x + m.xx*x + m.yx*y, m.y + m.xy*x + m.yy*y
}

// asSeen asks the renderer how the page is seen: cropped, turned, and downwards from the top.
func (d *pdfDoc) asSeen(p requests.Page, w, h float64) (view, error) {
	const fine, far = 10_000, 2000.0 // the renderer answers in whole pixels, so it is asked about very small ones
	var at [3][2]float64
	for i, c := range [3][2]float64{{0, 0}, {far, 0}, {0, far}} {
		a, err := d.inst.FPDF_PageToDevice(&requests.FPDF_PageToDevice{Page: p, SizeX: int(w * fine), SizeY: int(h * fine), PageX: c[0], PageY: c[1]})
		if err != nil {
			return view{}, fmt.Errorf("place its text: %w", err)
		}
		at[i] = [2]float64{float64(a.DeviceX) / fine, float64(a.DeviceY) / fine}
	}
	m := view{x: at[0][0], y: at[0][1], xx: (at[1][0] - at[0][0]) / far, xy: (at[1][1] - at[0][1]) / far, yx: (at[2][0] - at[0][0]) / far, yy: (at[2][1] - at[0][1]) / far}
	if math.Abs(m.xx*m.yy-m.xy*m.yx) < 1e-12 {
		return view{}, fmt.Errorf("place its text: the page is flat")
	}
	return m, nil
}

// joinWords puts characters together: a word ends at white space, at a step to another line and at a gap of half a height.
func joinWords(chars []*responses.GetPageTextStructuredChar, m view) []Word {
	var out []Word
	var text strings.Builder
	var box, last boxIn
	end := func() {
		if text.Len() > 0 {
			out = append(out, Word{Text: text.String(), X: election.RoundInches((box.l + box.r) / 2), Y: election.RoundInches((box.t + box.b) / 2),
				W: election.RoundInches(box.r - box.l), H: election.RoundInches(box.b - box.t), Confidence: 100})
		}
		text.Reset()
	}
	for _, c := range chars {
		s := printable(c.Text)
		b := seenBox(c.PointPosition, m)
		if s == "" || !b.sane() {
			end()
			continue
		}
		if text.Len() > 0 && b.apart(last) {
			end()
		}
		if text.Len() == 0 {
			box = b
		}
		box, last = box.with(b), b
		text.WriteString(s)
	}
	end()
	return out
}

// printable is a character as text, or "" where it is white or none. The renderer writes 2 for a hyphen at a line's end.
func printable(s string) string {
	if s == "\x02" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
}

// boxIn is a box in inches: left, top, right, bottom.
type boxIn struct{ l, t, r, b float64 }

func seenBox(p responses.CharPosition, m view) boxIn {
	x0, y0 := m.at(p.Left, p.Top)
	x1, y1 := m.at(p.Right, p.Bottom)
	return boxIn{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)}
}

// sane leaves out characters that lie nowhere near a page.
func (b boxIn) sane() bool {
	return b.l >= -pdfMaxInches && b.t >= -pdfMaxInches && b.r <= 2*pdfMaxInches && b.b <= 2*pdfMaxInches
}

func (b boxIn) with(o boxIn) boxIn {
	return boxIn{min(b.l, o.l), min(b.t, o.t), max(b.r, o.r), max(b.b, o.b)}
}

// apart says whether two characters that follow each other lie too far apart, across or up and down, to be of one word.
func (b boxIn) apart(o boxIn) bool {
	tall := max(b.b-b.t, o.b-o.t, b.r-b.l, o.r-o.l)
	return math.Max(b.l-o.r, o.l-b.r) > 0.5*tall || math.Max(b.t-o.b, o.t-b.b) > 0.5*tall
}
