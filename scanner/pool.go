package scanner

import (
	"image"
	"runtime"
	"sync"
)

// Pictures of pages are used again: a page of 200 dpi is five million pixels, and taking and clearing them anew would cost as much
// as decoding. What is taken holds the pixels of some earlier page, so every pixel must be written.
var (
	grays  shelf[*image.Gray]
	inks   shelf[*Bits]
	planes shelf[[]byte] // the Y, Cb and Cr of a JPEG
)

// shelf keeps what was put on it for the next who asks. A sync.Pool would lose it at every collection, of which a page causes one.
// It holds no more than as many as can be at work at once, so it never has more memory than was needed at one time.
type shelf[T any] struct {
	mu   sync.Mutex
	kept []T
}

func (s *shelf[T]) take() (v T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.kept); n > 0 {
		v, s.kept = s.kept[n-1], s.kept[:n-1]
		return v, true
	}
	return v, false
}

func (s *shelf[T]) put(v T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) < runtime.GOMAXPROCS(0) {
		s.kept = append(s.kept, v)
	}
}

// takeGray gives a picture of w x h pixels with bounds at 0,0 and any content.
func takeGray(w, h int) *image.Gray {
	g, ok := grays.take()
	if !ok || cap(g.Pix) < w*h {
		return image.NewGray(image.Rect(0, 0, w, h))
	}
	g.Pix, g.Stride, g.Rect = g.Pix[:w*h], w, image.Rect(0, 0, w, h)
	return g
}

// takeBits gives bits of w x h pixels and any content, even past the width.
func takeBits(w, h int) *Bits {
	b, ok := inks.take()
	stride := (w + 63) / 64
	if !ok || cap(b.Words) < stride*h {
		return NewBits(w, h)
	}
	b.W, b.H, b.Stride, b.Words = w, h, stride, b.Words[:stride*h]
	return b
}

// takePlanes gives n bytes of any content.
func takePlanes(n int) []byte {
	b, ok := planes.take()
	if !ok || cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

// release gives bits back for another page.
func (b *Bits) release() {
	if b != nil {
		inks.put(b)
	}
}

// Release gives the page's pixels back for another page's. Nobody may look at them any more, by whatever path they were come by;
// Gray is nil from here on. Pages need not be released: it saves their memory from being taken and cleared anew.
func (p *Page) Release() {
	if p.Gray != nil && p.Gray == p.shows {
		if p.pooled {
			grays.put(p.Gray)
		}
		p.ink.release()
	}
	p.Gray, p.shows, p.ink = nil, nil, nil
}
