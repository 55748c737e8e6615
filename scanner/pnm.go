package scanner

import (
	"bytes"
	"image"
	"io"
)

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// decodePNM reads PBM, PGM and PPM, plain and raw. The raw kinds may hold several pictures one after the other; each is a page.
func decodePNM(data []byte, lim Limits, give func(decoded)) error {
	rest := data
	for n := 0; ; n++ {
		rest = bytes.TrimLeft(rest, " \t\r\n\x00")
		if len(rest) == 0 {
			return nil
		}
		if n >= lim.MaxPages {
			return refuse(TooLarge, "more than %d pages", lim.MaxPages)
		}
		p := pnm{data: rest, lim: lim}
		pic, err := guard(p.picture)
		give(decoded{pic: pic, err: err})
		if err != nil {
			return nil //nolint:nilerr // it is the page's own error; where the next picture would start is unknown
		}
		rest = rest[p.pos:]
	}
}

type pnm struct {
	data []byte
	pos  int
	lim  Limits
}

// number reads a decimal number after white space and comments.
func (p *pnm) number() (int64, error) {
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		if c == '#' {
			for p.pos < len(p.data) && p.data[p.pos] != '\n' {
				p.pos++
			}
		} else if !isSpace(c) {
			break
		} else {
			p.pos++
		}
	}
	start, v := p.pos, int64(0)
	for p.pos < len(p.data) && p.data[p.pos] >= '0' && p.data[p.pos] <= '9' {
		v = v*10 + int64(p.data[p.pos]-'0')
		if v > 1<<31 {
			return 0, refuse(TooLarge, "a number beyond 2^31")
		}
		p.pos++
	}
	if p.pos == start {
		if p.pos >= len(p.data) {
			return 0, io.ErrUnexpectedEOF
		}
		return 0, refuse(Corrupt, "%q where a number was due", p.data[p.pos])
	}
	return v, nil
}

// bit reads one pixel of a plain PBM, where the digits need no space between them.
func (p *pnm) bit() (int64, error) {
	for p.pos < len(p.data) && isSpace(p.data[p.pos]) {
		p.pos++
	}
	if p.pos >= len(p.data) {
		return 0, io.ErrUnexpectedEOF
	}
	c := p.data[p.pos]
	if c != '0' && c != '1' {
		return 0, refuse(Corrupt, "%q where a pixel was due", c)
	}
	p.pos++
	return int64(c - '0'), nil
}

func (p *pnm) picture() (picture, error) {
	if len(p.data) < 3 || p.data[0] != 'P' || p.data[1] < '1' || p.data[1] > '7' {
		return picture{}, refuse(Corrupt, "%q after the last picture", p.data[:min(len(p.data), 8)])
	}
	kind := p.data[1]
	if kind == '7' {
		return picture{}, refuse(Unsupported, "PAM")
	}
	p.pos = 2
	bitonal, plain, samples := kind == '1' || kind == '4', kind <= '3', int64(1)
	if kind == '3' || kind == '6' {
		samples = 3
	}
	head := []int64{0, 0, 1}
	for i := range head {
		if i == 2 && bitonal {
			break
		}
		var err error
		if head[i], err = p.number(); err != nil {
			return picture{}, err
		}
	}
	w, h, top := head[0], head[1], head[2]
	if top < 1 || top > 65535 {
		return picture{}, refuse(Corrupt, "a highest grey of %d", top)
	}
	if err := p.lim.checkSize(w, h, 1); err != nil {
		return picture{}, err
	}
	if p.pos >= len(p.data) || !isSpace(p.data[p.pos]) {
		return picture{}, io.ErrUnexpectedEOF
	}
	p.pos++ // exactly one white space before raw samples
	width, need := int64(1), w*h*samples
	if top > 255 {
		width = 2
	}
	switch {
	case bitonal && !plain:
		need = (w + 7) / 8 * h
	case !plain:
		need *= width
	}
	if need > int64(len(p.data)-p.pos) {
		return picture{}, refuse(Truncated, "%d of %d bytes of pixels", len(p.data)-p.pos, need)
	}
	g := image.NewGray(image.Rect(0, 0, int(w), int(h)))
	var err error
	switch {
	case plain:
		err = p.plain(g, bitonal, samples, top)
	case bitonal:
		unpackBits(g, p.data[p.pos:], true)
		p.pos += int(need)
	default:
		err = p.raw(g, samples, width, top)
	}
	if err != nil {
		return picture{}, err
	}
	return picture{gray: g, bitonal: bitonal}, nil
}

func (p *pnm) plain(g *image.Gray, bitonal bool, samples, top int64) error {
	next, scale := p.number, top
	if bitonal {
		next, scale = p.bit, 1
	}
	return p.fill(g, next, samples, scale, bitonal)
}

func (p *pnm) raw(g *image.Gray, samples, width, top int64) error {
	if samples == 1 && top == 255 {
		p.pos += copy(g.Pix, p.data[p.pos:])
		return nil
	}
	next := func() (int64, error) { // the size was checked
		v := int64(p.data[p.pos])
		if width == 2 {
			v = v<<8 | int64(p.data[p.pos+1])
		}
		p.pos += int(width)
		return v, nil
	}
	return p.fill(g, next, samples, top, false)
}

func (p *pnm) fill(g *image.Gray, next func() (int64, error), samples, top int64, invert bool) error {
	var rgb [3]uint32
	var colours []uint8 // of all pixels, for what a colour's grey is depends on the paper's
	if samples == 3 {
		colours = make([]uint8, 3*len(g.Pix))
	}
	for i := range g.Pix {
		for s := int64(0); s < samples; s++ {
			v, err := next()
			if err != nil {
				return err
			}
			if v > top {
				return refuse(Corrupt, "grey %d above the highest of %d", v, top)
			}
			rgb[s] = uint32((v*255 + top/2) / top)
		}
		if samples == 3 {
			colours[3*i], colours[3*i+1], colours[3*i+2] = uint8(rgb[0]), uint8(rgb[1]), uint8(rgb[2])
			continue
		}
		v := uint8(rgb[0])
		if invert {
			v = 255 - v
		}
		g.Pix[i] = v
	}
	if samples == 3 {
		fromRGB(g, func(x, y int) (r, gr, b uint32) {
			p := colours[3*(y*g.Rect.Dx()+x):][:3:3]
			return uint32(p[0]), uint32(p[1]), uint32(p[2])
		})
	}
	return nil
}

// unpackBits fills g from rows of packed bits, leftmost pixel in the highest bit, each row on a byte of its own.
// The caller has checked that there are enough.
func unpackBits(g *image.Gray, bits []byte, oneIsBlack bool) {
	flip := byte(0)
	if oneIsBlack {
		flip = 0xff
	}
	stride := (g.Rect.Dx() + 7) / 8
	eachRow(g, func(y int, row []uint8) {
		in := bits[y*stride : (y+1)*stride]
		for x := range row {
			row[x] = -((in[x>>3] ^ flip) >> (7 - x&7) & 1)
		}
	})
}
