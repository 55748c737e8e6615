package scanner

// Limits bound what strangers' files may cost. A zero field means its default.
type Limits struct {
	// MaxPixels is the most pixels a page may have (default 120,000,000: a 22-inch ballot at 600 dpi has 67 million).
	MaxPixels int64
	// MaxSide and MinSide bound both sides of a page in pixels (defaults 40,000 and 64).
	MaxSide, MinSide int
	// MaxFile is the most bytes a file may have (default 512 MiB).
	MaxFile int64
	// MaxDecoded is the most bytes a decoder may need for the pixels of one page (default 512 MiB).
	MaxDecoded int64
	// MaxPages is the most pages a file may have (default 10,000).
	MaxPages int
	// MaxInputs is the most files a source, and entries an archive, may have (default 1,000,000).
	MaxInputs int
	// MaxEntry is the most bytes an archive entry may unpack to (default 256 MiB); it is checked while unpacking.
	MaxEntry int64
}

func (l Limits) filled() Limits {
	set := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	setInt := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&l.MaxPixels, 120_000_000)
	set(&l.MaxFile, 512<<20)
	set(&l.MaxDecoded, 512<<20)
	set(&l.MaxEntry, 256<<20)
	setInt(&l.MaxSide, 40_000)
	setInt(&l.MinSide, 64)
	setInt(&l.MaxPages, 10_000)
	setInt(&l.MaxInputs, 1_000_000)
	return l
}

// checkSize refuses a page of w x h pixels, bytesPerPixel bytes each in the decoder, before anything is allocated for it.
func (l Limits) checkSize(w, h int64, bytesPerPixel int64) error {
	side := int64(l.MaxSide)
	switch {
	case w <= 0 || h <= 0:
		return refuse(Corrupt, "a picture of %d x %d pixels", w, h)
	case w > side || h > side:
		return refuse(TooLarge, "%d x %d pixels, the longest side allowed is %d", w, h, side)
	case w*h > l.MaxPixels:
		return refuse(TooLarge, "%d x %d pixels, at most %d are allowed", w, h, l.MaxPixels)
	case w*h*bytesPerPixel > l.MaxDecoded:
		return refuse(TooLarge, "%d x %d pixels of %d bytes, at most %d bytes are allowed", w, h, bytesPerPixel, l.MaxDecoded)
	case w < int64(l.MinSide) || h < int64(l.MinSide):
		return refuse(TooSmall, "%d x %d pixels, the shortest side allowed is %d", w, h, l.MinSide)
	}
	return nil
}
