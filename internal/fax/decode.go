package fax

import (
	"errors"
	"fmt"
	"sync"
)

// Errors that a *Error wraps.
var (
	// ErrTruncated says that the data ends before the last row does.
	ErrTruncated = errors.New("the fax data ends too early")
	// ErrCorrupt says that the data contradicts itself.
	ErrCorrupt = errors.New("the fax data is damaged")
)

// Error says where a stream failed. Row counts from 0 within the stream and is Rows, the height, for what follows the last row;
// Bit counts the stream's bits from 0.
type Error struct {
	Row, Rows, Bit int
	What           string
	Err            error // ErrTruncated or ErrCorrupt
}

// Error names the row and what is wrong there.
func (e *Error) Error() string {
	row := fmt.Sprintf("row %d", e.Row+1)
	if e.Row == e.Rows {
		row = fmt.Sprintf("after row %d", e.Rows)
	}
	return fmt.Sprintf("%v: %s, byte %d: %s", e.Err, row, e.Bit/8, e.What)
}

// Unwrap gives the kind of failure.
func (e *Error) Unwrap() error { return e.Err }

// Coding is one of the codings.
type Coding int

// The codings.
const (
	Group3   Coding = iota // one-dimensional rows
	Group32D               // rows of one and two dimensions, told by the bit before each
	Group4                 // two-dimensional rows
)

// Params say how a stream is coded.
type Params struct {
	Coding        Coding
	Width, Height int  // pixels; the stream must hold exactly Height rows
	LSB           bool // the lowest bit of a byte comes first
	Align         bool // every row begins on a byte (before its end-of-line code, where it has one)
	// EOL says that an end-of-line code stands between any two rows of Group 3. Before the first row and after the last it may be
	// missing always.
	EOL bool
}

// MaxWidth is the widest row that is read, in pixels.
const MaxWidth = 1 << 20

// decoder holds what outlives a row. Decoders are used again: the lists of a wide page are large.
type decoder struct {
	src      source
	tab      *runTables
	width    int
	cur, ref []int32 // where colours change in this row and the one above; both end in four times the width
	n        int     // changes of cur
	err      *Error
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// Decode writes the rows of data into dst, stride words a row: one bit a pixel, the leftmost in a word's lowest bit, 1 where the
// coding says black. It sets every bit of each row's first (Width+63)/64 words, those past the width to 0. The error is a
// *Error where the data is at fault; dst is worthless then.
func Decode(dst []uint64, stride int, data []byte, p Params) error {
	words := (p.Width + 63) / 64
	switch {
	case p.Width <= 0 || p.Width > MaxWidth || p.Height <= 0:
		return fmt.Errorf("decode fax: a picture of %d x %d pixels", p.Width, p.Height)
	case p.Coding < Group3 || p.Coding > Group4:
		return fmt.Errorf("decode fax: coding %d is unknown", p.Coding)
	case stride < words || len(dst)/stride < p.Height && len(dst) < stride*(p.Height-1)+words:
		return fmt.Errorf("decode fax: %d words in rows of %d cannot hold %d x %d pixels", len(dst), stride, p.Width, p.Height)
	}
	d := decoders.Get().(*decoder)
	defer func() {
		d.src.data = nil
		decoders.Put(d)
	}()
	d.start(data, p)
	for y := range p.Height {
		if !d.row(y, p) {
			return d.refusal(y, p.Height)
		}
		d.write(dst[y*stride : y*stride+words])
		d.cur, d.ref = d.ref, d.cur
	}
	if !d.end(p) {
		return d.refusal(p.Height, p.Height)
	}
	return nil
}

// longestCode is how near its end data may fail for the end to be the reason.
const longestCode = 13

// refusal is the error found in row y of some.
func (d *decoder) refusal(y, rows int) error {
	e := *d.err
	e.Row, e.Rows, e.Bit = y, rows, d.src.used()
	if errors.Is(e.Err, ErrCorrupt) && d.src.left() < longestCode {
		e.Err = ErrTruncated
	}
	return &e
}

func (d *decoder) start(data []byte, p Params) {
	*d = decoder{src: source{data: data, lsb: p.LSB}, tab: tables(), width: p.Width, cur: d.cur, ref: d.ref}
	// Changes lie strictly to the right of each other, so there are at most Width+1; four widths end them.
	if need := p.Width + 8; cap(d.cur) < need || cap(d.ref) < need {
		d.cur, d.ref = make([]int32, need), make([]int32, need)
	}
	d.cur, d.ref = d.cur[:p.Width+8], d.ref[:p.Width+8]
	d.n = 0
	d.close()
	d.cur, d.ref = d.ref, d.cur // above the first row all is white
}

// fail notes what is wrong and says no.
func (d *decoder) fail(kind error, format string, args ...any) bool {
	d.err = &Error{What: fmt.Sprintf(format, args...), Err: kind}
	return false
}

// close ends the row's list of changes.
func (d *decoder) close() {
	w := int32(d.width)
	end := d.cur[d.n : d.n+4]
	end[0], end[1], end[2], end[3] = w, w, w, w
}

// row reads row y into cur.
func (d *decoder) row(y int, p Params) bool {
	d.n = 0
	if p.Align {
		d.src.align()
	}
	flat := false
	if p.Coding != Group4 {
		seen := d.src.eol()
		if p.EOL && y > 0 && !seen {
			if d.src.left() < eolZeros {
				return d.fail(ErrTruncated, "the rows end")
			}
			return d.fail(ErrCorrupt, "no end-of-line code before the row")
		}
		flat = true
		if p.Coding == Group32D {
			d.src.fill()
			flat = d.src.acc>>63 != 0
			d.src.skip(1)
		}
		d.src.fill()
		if seen && y > 0 && d.src.acc>>(64-eolZeros) == 0 {
			return d.fail(ErrTruncated, "the end of the page is coded here")
		}
	}
	read := d.foldedRow
	if flat {
		read = d.flatRow
	}
	ok := read()
	if ok && d.src.left() < 0 {
		return d.fail(ErrTruncated, "the row is cut")
	}
	d.close()
	return ok
}

// write sets the pixels of cur in a row of words.
func (d *decoder) write(row []uint64) {
	clear(row)
	for i := 0; i < d.n; i += 2 {
		from, to := int(d.cur[i]), int(d.cur[i+1]) // where there is no odd change, the width stands
		if from >= to {
			continue
		}
		first, last := from>>6, (to-1)>>6
		head, tail := ^uint64(0)<<(from&63), ^uint64(0)>>(63-(to-1)&63)
		if first == last {
			row[first] |= head & tail
			continue
		}
		row[first] |= head
		for k := first + 1; k < last; k++ {
			row[k] = ^uint64(0)
		}
		row[last] |= tail
	}
}
