package scanner

import (
	"image"
	"sync"
)

// Pictures of pages are used again: a page of 200 dpi is five million pixels, and clearing and collecting them would cost as much
// as decoding. What is taken holds the pixels of some earlier page, so every pixel must be written.
var (
	grays sync.Pool // of *image.Gray
	inks  sync.Pool // of *Bits
)

// takeGray gives a picture of w x h pixels with bounds at 0,0 and any content.
func takeGray(w, h int) *image.Gray {
	g, _ := grays.Get().(*image.Gray)
	if g == nil || cap(g.Pix) < w*h {
		return image.NewGray(image.Rect(0, 0, w, h))
	}
	g.Pix, g.Stride, g.Rect = g.Pix[:w*h], w, image.Rect(0, 0, w, h)
	return g
}

// takeBits gives bits of w x h pixels and any content, even past the width.
func takeBits(w, h int) *Bits {
	b, _ := inks.Get().(*Bits)
	stride := (w + 63) / 64
	if b == nil || cap(b.Words) < stride*h {
		return NewBits(w, h)
	}
	b.W, b.H, b.Stride, b.Words = w, h, stride, b.Words[:stride*h]
	return b
}

// release gives bits back for another page.
func (b *Bits) release() {
	if b != nil {
		inks.Put(b)
	}
}

// Release gives the page's pixels back for another page's. Nobody may look at them any more, by whatever path they were come by;
// Gray is nil from here on. Pages need not be released: it saves their memory from being taken and cleared anew.
func (p *Page) Release() {
	if p.Gray != nil && p.Gray == p.shows {
		if p.pooled {
			grays.Put(p.Gray)
		}
		p.ink.release()
	}
	p.Gray, p.shows, p.ink = nil, nil, nil
}
