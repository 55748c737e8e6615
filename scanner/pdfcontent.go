package scanner

import (
	"bytes"
	"math"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// pdfContent follows a page's drawing far enough to find its pictures and to notice everything else that leaves ink.
type pdfContent struct {
	f      *pdfFile
	images []placed
	steps  int
}

type pdfState struct {
	m      matrix
	fill   float64
	hidden bool // text is set in render mode 3: the invisible text of a searchable scan
}

func newState() pdfState { return pdfState{m: matrix{a: 1, d: 1}} }

const (
	maxSteps   = 2_000_000 // operators and operands of a page
	maxNesting = 10        // forms in forms
	maxStates  = 256       // saved states; the PDF reference allows 28
	maxImages  = 1000
)

// run interprets one content stream.
func (c *pdfContent) run(src []byte, res types.Dict, st pdfState, depth int) error {
	if depth > maxNesting {
		return refuse(PDFNotScan, "forms nested more than %d deep", maxNesting)
	}
	s := &scanTokens{src: src}
	var saved []pdfState
	var args []string
	for {
		tok, ok := s.next()
		if !ok {
			return nil
		}
		if c.steps++; c.steps > maxSteps {
			return refuse(PDFNotScan, "too much drawing for a scan")
		}
		if tok.operand {
			if len(args) < 64 {
				args = append(args, tok.text)
			}
			continue
		}
		switch tok.text {
		case "q":
			if len(saved) >= maxStates {
				return refuse(Corrupt, "more than %d saved states", maxStates)
			}
			saved = append(saved, st)
		case "Q":
			if n := len(saved); n > 0 {
				st, saved = saved[n-1], saved[:n-1]
			}
		case "cm":
			v, ok := floats(args, 6)
			if !ok {
				return refuse(Corrupt, "a matrix of %q", args)
			}
			st.m = st.m.before(matrix{v[0], v[1], v[2], v[3], v[4], v[5]})
		case "Do":
			if len(args) == 0 {
				return refuse(Corrupt, "a picture without a name")
			}
			if err := c.object(args[len(args)-1], res, st, depth); err != nil {
				return err
			}
		case "g", "rg", "k":
			st.fill = grayOfPaint(args)
		case "cs":
			st.fill = 0
		case "sc", "scn":
			st.fill = grayOfPaint(args)
		case "Tr":
			v, ok := floats(args, 1)
			st.hidden = ok && v[0] == 3
		case "Tj", "TJ", "'", "\"":
			if !st.hidden {
				return refuse(PDFNotScan, "text on the page")
			}
		case "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh":
			return refuse(PDFNotScan, "drawing on the page")
		case "BI":
			return refuse(PDFNotScan, "a picture inside the page's drawing")
		}
		args = args[:0]
	}
}

// object draws a picture or a form of the resources.
func (c *pdfContent) object(name string, res types.Dict, st pdfState, depth int) error {
	o, _ := res.Find("XObject")
	objects, err := c.f.ctx.DereferenceDict(o)
	if err != nil || objects == nil {
		return refuse(Corrupt, "picture %s: %w", name, orMissing(err))
	}
	o, _ = objects.Find(name)
	sd, _, err := c.f.ctx.DereferenceStreamDict(o)
	if err != nil || sd == nil {
		return refuse(Corrupt, "picture %s: %w", name, orMissing(err))
	}
	sub, _ := sd.Find("Subtype")
	switch c.f.name(sub) {
	case "Image":
		if len(c.images) >= maxImages {
			return refuse(PDFNotScan, "more than %d pictures", maxImages)
		}
		c.images = append(c.images, placed{sd: sd, m: st.m, fill: st.fill})
		return nil
	case "Form":
		o, _ := sd.Find("Matrix")
		v, err := c.f.numbers(o)
		if err != nil {
			return err
		}
		if len(v) == 6 {
			st.m = st.m.before(matrix{v[0], v[1], v[2], v[3], v[4], v[5]})
		}
		if o, ok := sd.Find("Resources"); ok {
			if res, err = c.f.ctx.DereferenceDict(o); err != nil {
				return refuse(Corrupt, "form %s: %w", name, err)
			}
		}
		body, err := c.f.unpack(sd, maxContent)
		if err != nil {
			return err
		}
		return c.run(body, res, st, depth+1)
	}
	return refuse(PDFNotScan, "object %s is no picture", name)
}

// grayOfPaint gives the grey of 1, 3 or 4 numbers, or -1.
func grayOfPaint(args []string) float64 {
	switch v, ok := floats(args, len(args)); {
	case !ok:
	case len(v) == 1:
		return v[0]
	case len(v) == 3:
		return 0.299*v[0] + 0.587*v[1] + 0.114*v[2]
	case len(v) == 4:
		return (1 - v[3]) * (1 - (0.299*v[0] + 0.587*v[1] + 0.114*v[2]))
	}
	return -1
}

// floats reads the last n operands as numbers.
func floats(args []string, n int) ([]float64, bool) {
	if len(args) < n {
		return nil, false
	}
	out := make([]float64, n)
	for i, a := range args[len(args)-n:] {
		v, err := strconv.ParseFloat(a, 64)
		if err != nil || math.IsNaN(v) || math.Abs(v) > 1e7 {
			return nil, false
		}
		out[i] = v
	}
	return out, true
}

// scanTokens cuts a content stream into operands and operators. Arrays, dictionaries and strings become one operand of no use.
type scanTokens struct {
	src []byte
	pos int
}

type token struct {
	text    string
	operand bool
}

func (s *scanTokens) next() (token, bool) {
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		switch {
		case c == 0 || isSpace(c), c == ']', c == '[', c == '{', c == '}', c == '>', c == ')':
			s.pos++
		case c == '%':
			if i := bytes.IndexAny(s.src[s.pos:], "\r\n"); i >= 0 {
				s.pos += i
			} else {
				s.pos = len(s.src)
			}
		case c == '(':
			s.skipString()
			return token{"()", true}, true
		case c == '<':
			if s.pos+1 < len(s.src) && s.src[s.pos+1] == '<' {
				s.pos += 2
				continue
			}
			if i := bytes.IndexByte(s.src[s.pos:], '>'); i >= 0 {
				s.pos += i + 1
			} else {
				s.pos = len(s.src)
			}
			return token{"<>", true}, true
		case c == '/':
			s.pos++
			return token{unescape(s.word()), true}, true
		default:
			w := s.word()
			return token{w, c == '+' || c == '-' || c == '.' || c >= '0' && c <= '9'}, true
		}
	}
	return token{}, false
}

// word reads up to the next delimiter; at a delimiter it is empty.
func (s *scanTokens) word() string {
	start := s.pos
	for s.pos < len(s.src) {
		if c := s.src[s.pos]; c == 0 || isSpace(c) || bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 {
			break
		}
		s.pos++
	}
	return string(s.src[start:s.pos])
}

func (s *scanTokens) skipString() {
	for depth := 0; s.pos < len(s.src); {
		c := s.src[s.pos]
		s.pos++
		switch c {
		case '\\':
			s.pos++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return
			}
		}
	}
}

// unescape reads the #XX of a name.
func unescape(name string) string {
	if !bytes.Contains([]byte(name), []byte("#")) {
		return name
	}
	var out []byte
	for i := 0; i < len(name); i++ {
		if name[i] == '#' && i+2 < len(name) {
			if v, err := strconv.ParseUint(name[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, name[i])
	}
	return string(out)
}
