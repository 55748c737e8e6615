package scanner

import "image"

// Page is one side's picture as it was scanned.
type Page struct {
	// Name is the page's name in every output: the input's path relative to the folder or archive given, with slashes;
	// pages after the first of a multi-page file carry "#2", "#3" and so on.
	Name string
	// Index counts the pages of the file from 1.
	Index int
	// SHA256 is the hash of the whole file's bytes, lower-case hex.
	SHA256 string
	// Gray holds 8-bit grey pixels, 0 black and 255 white; bitonal scans hold 0 and 255 only. Bounds start at 0,0.
	Gray *image.Gray
	// Bitonal is true where the scan had one bit a pixel.
	Bitonal bool
	// XDPI and YDPI are the resolution the file claims, or 0 where it claims none or nonsense.
	XDPI, YDPI float64
	ink        *Bits       // the same picture, where it was decoded as bits; never changed
	shows      *image.Gray // the Gray that ink is of: a copy of the page may be given another
	pooled     bool        // shows may be used again
}

// Ink gives the page of a scan with one bit a pixel as bits, where it was decoded as such, or nil. They are the page's own:
// nobody may change them.
func (p *Page) Ink() *Bits {
	if p.Gray != p.shows {
		return nil
	}
	return p.ink
}
