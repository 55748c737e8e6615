package template

import (
	"image"
	"sync"
)

// The pictures of an election's blanks are asked for one at a time, where the marks of a page are measured. Those of a town
// are kept as they are; those of a county would fill the machine's memory, so they are kept packed, and only the last ones
// asked for are kept unpacked.

// keptPictures is how many bytes of pictures are kept as they are: 70 letter pages at 200 dots an inch.
const keptPictures = 256 << 20

// packed is a grey picture as runs: a control byte n below 128 is followed by n+1 pixels, one from 128 on by the one pixel
// that stands n-126 times. A picture that grows by that is kept plain.
type packed struct {
	rect  image.Rectangle
	data  []byte
	plain bool
}

func pack8(g *image.Gray) packed {
	w, h := g.Rect.Dx(), g.Rect.Dy()
	p := packed{rect: g.Rect}
	for y := range h {
		row := g.Pix[y*g.Stride : y*g.Stride+w]
		for i := 0; i < w; {
			run := 1
			for i+run < w && run < 129 && row[i+run] == row[i] {
				run++
			}
			if run > 2 {
				p.data = append(p.data, byte(run+126), row[i])
				i += run
				continue
			}
			from := i
			for i < w && i-from < 128 && (i+2 >= w || row[i] != row[i+1] || row[i] != row[i+2]) {
				i++
			}
			p.data = append(p.data, byte(i-from-1))
			p.data = append(p.data, row[from:i]...)
		}
	}
	if len(p.data) >= w*h {
		p.plain, p.data = true, p.data[:0]
		for y := range h {
			p.data = append(p.data, g.Pix[y*g.Stride:y*g.Stride+w]...)
		}
	}
	p.data = append(make([]byte, 0, len(p.data)), p.data...)
	return p
}

// unpack makes the picture again.
func (p packed) unpack() *image.Gray {
	g := image.NewGray(p.rect)
	if p.plain {
		copy(g.Pix, p.data)
		return g
	}
	out := g.Pix
	for d := p.data; len(d) > 0; {
		if n := int(d[0]); n < 128 {
			out = out[copy(out, d[1:n+2]):]
			d = d[n+2:]
		} else {
			n -= 126
			for i := range out[:n] {
				out[i] = d[1]
			}
			out, d = out[n:], d[2:]
		}
	}
	return g
}

// pictures holds the pictures asked for last. It is safe for many workers; what it holds never changes a result.
type pictures struct {
	mu    sync.Mutex
	room  int64
	held  map[*blank]*image.Gray
	order []*blank // longest unasked first
	size  int64
}

func newPictures(room int64) *pictures {
	return &pictures{room: room, held: map[*blank]*image.Gray{}}
}

func (c *pictures) get(b *blank) *image.Gray {
	c.mu.Lock()
	g := c.held[b]
	if g != nil {
		c.touch(b)
	}
	c.mu.Unlock()
	if g != nil {
		return g
	}
	g = b.packed.unpack() // outside the lock: two workers may both do it, and get the same
	c.mu.Lock()
	defer c.mu.Unlock()
	if had := c.held[b]; had != nil {
		return had
	}
	c.held[b] = g
	c.order = append(c.order, b)
	c.size += int64(len(g.Pix))
	for c.size > c.room && len(c.order) > 1 {
		old := c.order[0]
		c.order = c.order[1:]
		c.size -= int64(len(c.held[old].Pix))
		delete(c.held, old)
	}
	return g
}

// touch makes b the one asked for last.
func (c *pictures) touch(b *blank) {
	for i, o := range c.order {
		if o == b {
			copy(c.order[i:], c.order[i+1:])
			c.order[len(c.order)-1] = b
			return
		}
	}
}
