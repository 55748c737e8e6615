package fax

// run reads a run's length, of any number of codes; -1 where there is none, or one longer than limit.
func (d *decoder) run(black bool, limit int) int {
	total := 0
	for {
		if d.src.n < blackLook {
			d.src.fill()
		}
		var e uint16
		if black {
			e = d.tab.black[d.src.acc>>(64-blackLook)]
		} else {
			e = d.tab.white[d.src.acc>>(64-whiteLook)]
		}
		if e == 0 {
			d.fail(ErrCorrupt, "no code of a run")
			return -1
		}
		d.src.skip(int(e & 15))
		n := int(e >> 4)
		if total += n; total > limit {
			d.fail(ErrCorrupt, "a run of %d pixels where %d are left", total, limit)
			return -1
		}
		if n < 64 {
			return total
		}
	}
}

// change notes that the colour changes at pixel x. Two changes at one place are none.
func (d *decoder) change(x int) {
	if d.n > 0 && int(d.cur[d.n-1]) == x {
		d.n--
		return
	}
	d.cur[d.n] = int32(x)
	d.n++
}

// flatRow reads a one-dimensional row: runs of white and black in turn, white first, up to the width.
func (d *decoder) flatRow() bool {
	for x, black := 0, false; x < d.width; black = !black {
		n := d.run(black, d.width-x)
		if n < 0 {
			return false
		}
		x += n
		d.change(x)
	}
	return true
}

// foldedRow reads a two-dimensional row: each change of colour is told by where one lies in the row above (b1, and b2 after
// it), by two runs, or by passing one above. a0 is how far the row is known; before its first pixel it is -1.
func (d *decoder) foldedRow() bool {
	ref, cur := d.ref, d.cur
	width := d.width
	a0, b, n := -1, 0, 0 // b is the place in ref of b1: the first change beyond a0 to the other colour than the pen's
	for a0 < width {
		if d.src.n < 7 {
			d.src.fill()
		}
		m := modes[d.src.acc>>57]
		d.src.skip(int(m & 7))
		switch m >> 3 {
		case modePass:
			a0 = int(ref[b+1])
			b += 2
			if a0 >= width { // the row ends in the pen's colour
				d.n = n
				d.change(width)
				return true
			}
		case modeH:
			d.n = n
			black := n&1 != 0
			at := max(a0, 0)
			for range 2 {
				k := d.run(black, width-at)
				if k < 0 {
					return false
				}
				at += k
				d.change(at)
				black = !black
			}
			a0, n = at, d.n
		case modeBad:
			if d.src.left() >= 24 && d.src.eol() {
				return d.fail(ErrTruncated, "the end of the page is coded here")
			}
			return d.fail(ErrCorrupt, "no code of a mode")
		case modeExt:
			// Uncompressed mode, the one extension there is, is written by nobody: damage is likelier.
			return d.fail(ErrCorrupt, "uncompressed mode, or damage")
		default:
			a1 := int(ref[b]) + int(m>>3) - modeV0
			if a1 < max(a0, 0) || a1 > width {
				return d.fail(ErrCorrupt, "a change at pixel %d of %d, after one at %d", a1, width, a0)
			}
			if n > 0 && int(cur[n-1]) == a1 {
				n--
			} else {
				cur[n] = int32(a1)
				n++
			}
			a0 = a1
			if b > 0 { // a shift to the left may uncover a change before b1
				b--
			} else {
				b++
			}
		}
		for int(ref[b]) <= a0 && a0 < width {
			b += 2
		}
	}
	d.n = n
	return true
}

// end looks at what follows the last row. Damage often still decodes into as many rows of nonsense as were asked for, and
// then stops in the middle of its bytes. Two end-of-line codes in a row end a page, whatever follows them; without them only
// fill may follow, or so few bytes as pad a stream to a whole word.
func (d *decoder) end(p Params) bool {
	const padding = 4
	if p.Align {
		d.src.align()
	}
	twice := 0
	for twice < 2 && d.src.eol() {
		twice++
		if p.Coding == Group32D {
			d.src.fill()
			d.src.skip(1)
		}
	}
	if twice == 2 {
		return true
	}
	if p.Coding == Group4 && twice == 1 {
		return d.fail(ErrCorrupt, "half an end code after the last row")
	}
	rest := d.src.data[min((d.src.used()+7)/8, len(d.src.data)):]
	for len(rest) > 0 && (rest[0] == 0 || rest[0] == 0xff) {
		rest = rest[1:]
	}
	for len(rest) > 0 && (rest[len(rest)-1] == 0 || rest[len(rest)-1] == 0xff) {
		rest = rest[:len(rest)-1]
	}
	if len(rest) > padding {
		return d.fail(ErrCorrupt, "the rows ended at byte %d of %d", (d.src.used()+7)/8, len(d.src.data))
	}
	return true
}
