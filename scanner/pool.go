package scanner

import (
	"image"
	"runtime"
	"sync"
)

// Pictures of pages are used again: a page of 200 dpi is five million pixels, and taking and clearing them anew would cost as much
// as decoding. What is taken holds the pixels of some earlier page, so every pixel must be written.
var (
	grays  = shelf[*image.Gray]{each: 1}
	words  = shelf[[]uint64]{each: 8} // a page's ink, and what is made of it on the way to its answers
	planes = shelf[[]byte]{each: 1}   // the Y, Cb and Cr of a JPEG
)

// shelf keeps what was put on it for the next who asks. A sync.Pool would lose it at every collection, of which a page causes one.
// It holds no more than as many as can be at work at once, so it never has more memory than was needed at one time.
type shelf[T any] struct {
	each int // at work at once on one processor
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
	if len(s.kept) < s.each*runtime.GOMAXPROCS(0) {
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
	stride := (w + 63) / 64
	return &Bits{W: w, H: h, Stride: stride, Words: takeWords(stride * h)}
}

// leastShelved is how many words are worth being used again. What is smaller, such as one target's surroundings, must not hold a page's.
const leastShelved = 1 << 12

// takeWords gives n words of any content, of at most four times as many.
func takeWords(n int) []uint64 {
	if n < leastShelved {
		return make([]uint64, n)
	}
	w, ok := words.take()
	if !ok || cap(w) < n || cap(w)/4 > n {
		return make([]uint64, n)
	}
	return w[:n]
}

// takePlanes gives n bytes of any content.
func takePlanes(n int) []byte {
	b, ok := planes.take()
	if !ok || cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

// Release gives the bits' memory back for others'. Whoever looks at them afterwards panics. Bits need not be released: it saves their
// memory from being taken anew for each page.
func (b *Bits) Release() {
	if b == nil || b.Words == nil {
		return
	}
	if cap(b.Words) >= leastShelved {
		words.put(b.Words)
	}
	b.Words = nil
}

// Release gives the page's pixels back for another page's. Nobody may look at them any more, by whatever path they were come by;
// Gray is nil from here on. Pages need not be released: it saves their memory from being taken and cleared anew.
func (p *Page) Release() {
	if p.Gray != nil && p.Gray == p.shows {
		if p.pooled {
			grays.put(p.Gray)
		}
		p.ink.Release()
	}
	p.Gray, p.shows, p.ink = nil, nil, nil
}
