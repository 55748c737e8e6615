package fax

import (
	"math/bits"
	"math/rand"
	"strings"
)

// writer codes rows for the tests, the first bit highest.
type writer struct {
	data []byte
	n    int
}

func (w *writer) put(code string) {
	for _, c := range code {
		if w.n&7 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.n>>3] |= byte(c-'0') << (7 - w.n&7)
		w.n++
	}
}

func (w *writer) align() {
	for w.n&7 != 0 {
		w.put("0")
	}
}

const eolCode = "000000000001"

var (
	whiteList, blackList, longList = strings.Fields(whiteCodes), strings.Fields(blackCodes), strings.Fields(longCodes)
	verticals                      = map[int]string{-3: "0000010", -2: "000010", -1: "010", 0: "1", 1: "011", 2: "000011", 3: "0000011"}
)

func (w *writer) run(black bool, n int) {
	list := whiteList
	if black {
		list = blackList
	}
	for ; n >= 2560; n -= 2560 {
		w.put(longList[12])
	}
	if n >= 1792 {
		w.put(longList[(n-1792)/64])
		n %= 64
	}
	if n >= 64 {
		w.put(list[63+n/64])
	}
	w.put(list[n%64])
}

// next gives the first pixel from x on that is not of a colour, or the width.
func next(row []bool, x int, colour bool) int {
	for x < len(row) && row[x] == colour {
		x++
	}
	return x
}

func (w *writer) flat(row []bool) {
	for x, black := 0, false; x < len(row); black = !black {
		to := next(row, x, black)
		w.run(black, to-x)
		x = to
	}
}

func (w *writer) folded(row, above []bool) {
	width := len(row)
	for a0, black := -1, false; a0 < width; {
		at := max(a0, 0)
		a1 := next(row, at, black)
		b1 := at // the first change above, right of a0, to the other colour
		if a0 >= 0 {
			b1 = next(above, b1, !black)
		}
		b1 = next(above, b1, black)
		b2 := next(above, b1, !black)
		switch d := a1 - b1; {
		case b2 < a1:
			w.put("0001")
			a0 = b2
		case d >= -3 && d <= 3:
			w.put(verticals[d])
			a0, black = a1, !black
		default:
			a2 := next(row, a1, !black)
			w.put("001")
			w.run(black, a1-at)
			w.run(!black, a2-a1)
			a0 = a2
		}
	}
}

// variety is a way of writing a stream; the zero value of what follows Params leaves out all that may be left out.
type variety struct {
	Params
	lines  bool // an end-of-line code before every row
	filled bool // end-of-line codes end on a byte
	ended  bool // the end of the page is coded
}

// encode writes a picture in a variety.
func encode(picture [][]bool, v variety) []byte {
	w := &writer{}
	above := make([]bool, v.Width)
	eol := func() {
		for v.filled && (w.n+12)&7 != 0 {
			w.put("0")
		}
		w.put(eolCode)
	}
	for y, row := range picture {
		if v.Align {
			w.align()
		}
		if v.lines {
			eol()
		}
		flat := v.Coding == Group3
		if v.Coding == Group32D {
			flat = y%4 == 0
			w.put(map[bool]string{true: "1", false: "0"}[flat])
		}
		if flat {
			w.flat(row)
		} else {
			w.folded(row, above)
		}
		above = row
	}
	if v.ended {
		if v.Align {
			w.align()
		}
		for range map[Coding]int{Group3: 6, Group32D: 6, Group4: 2}[v.Coding] {
			eol()
			if v.Coding == Group32D {
				w.put("1")
			}
		}
	}
	if v.LSB {
		for i, b := range w.data {
			w.data[i] = bits.Reverse8(b)
		}
	}
	return w.data
}

// drawn makes a picture of runs that often resemble the row above; the same for the same seed.
func drawn(w, h int, seed int64) [][]bool {
	r := rand.New(rand.NewSource(seed))
	picture := make([][]bool, h)
	for y := range picture {
		row := make([]bool, w)
		switch k := r.Intn(6); {
		case y > 0 && k < 3: // the row above, moved a little
			copy(row[r.Intn(3)%w:], picture[y-1])
		case k == 3: // white
		default:
			longest := 1 + r.Intn(1+min(w, 1<<r.Intn(13)))
			for x, black := 0, r.Intn(2) == 0; x < w; black = !black {
				for n := 1 + r.Intn(longest); n > 0 && x < w; n, x = n-1, x+1 {
					row[x] = black
				}
			}
		}
		picture[y] = row
	}
	return picture
}

// words packs a picture as Decode does.
func words(picture [][]bool) []uint64 {
	stride := (len(picture[0]) + 63) / 64
	out := make([]uint64, stride*len(picture))
	for y, row := range picture {
		for x, black := range row {
			if black {
				out[y*stride+x>>6] |= 1 << (x & 63)
			}
		}
	}
	return out
}
