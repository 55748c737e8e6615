package template

import (
	"encoding/binary"
	"math"
	"math/bits"

	"recount/scanner"
)

// maxSkewDeg is the largest slant looked for. Feeders reach two or three degrees, hands on a flatbed more.
const maxSkewDeg = 8.0

// strips are ink counts along one axis: strip s holds, for each line across, how many of its 64 pixels are ink.
type strips struct {
	n     int // strips
	apart int // pixels from one to the next
	size  int // lines a strip
	cnt   []uint8
}

// rowStrips counts each row's ink in columns 64 wide.
func rowStrips(b *scanner.Bits) strips {
	n := b.W / 64
	s := strips{n: n, apart: 64, size: b.H, cnt: make([]uint8, n*b.H)}
	for y := 0; y < b.H; y++ {
		row := b.Row(y)
		for i := 0; i < n; i++ {
			s.cnt[i*b.H+y] = uint8(bits.OnesCount64(row[i]))
		}
	}
	return s
}

// columnStrips counts each column's ink in bands 64 rows high.
func columnStrips(b *scanner.Bits) strips {
	n := b.H / 64
	s := strips{n: n, apart: 64, size: b.W, cnt: make([]uint8, n*b.W)}
	for i := 0; i < n; i++ {
		out := s.cnt[i*b.W : (i+1)*b.W]
		for y := i * 64; y < (i+1)*64; y++ {
			for wi, word := range b.Row(y) {
				for word != 0 {
					x := wi*64 + bits.TrailingZeros64(word)
					word &= word - 1
					if x < b.W {
						out[x]++
					}
				}
			}
		}
	}
	return s
}

// project adds the strips up along lines of the given slope (lines across per pixel along) through the page's middle.
func (s strips) project(slope float64, out []int32) []int32 {
	if cap(out) < s.size {
		out = make([]int32, s.size)
	}
	out = out[:s.size]
	clear(out)
	mid := float64(s.n) / 2
	for i := 0; i < s.n; i++ {
		shift := int(math.Round((float64(i) + 0.5 - mid) * float64(s.apart) * slope))
		col := s.cnt[i*s.size : (i+1)*s.size]
		from, to := max(0, -shift), min(s.size, s.size-shift)
		for y := from; y < to; y++ {
			out[y] += int32(col[y+shift])
		}
	}
	return out
}

// skew finds the page's slant in radians: the angle by which its lines of print fall, going right. Rows and columns of
// print both vote, so it serves a page lying on its side as well.
func skew(rows, cols strips) float64 {
	best := sharpest(rows.halved(), cols.halved(), 2, 0, maxSkewDeg, 0.2)
	best = sharpest(rows, cols, 1, best, 0.2, 0.04)
	return best * math.Pi / 180
}

// sharpest tries the slants around mid, in degrees, and gives the one at which print is sharpest; of equals the middle one,
// then the first. size is how many pixels a line of the strips stands for.
func sharpest(rows, cols strips, size, mid, reach, step float64) float64 {
	most := math.Tan((math.Abs(mid)+reach+step)*math.Pi/180) / size
	r, c := rows.lanes(most), cols.lanes(most)
	score := func(deg float64) float64 {
		slope := math.Tan(deg*math.Pi/180) / size
		return float64(r.sharpness(slope) + c.sharpness(-slope))
	}
	best, bestScore := mid, score(mid)
	for d := mid - reach; d <= mid+reach+1e-9; d += step {
		if s := score(d); s > bestScore {
			best, bestScore = d, s
		}
	}
	return best
}

// lanes are strips' counts two bytes each, with room for shifts to both sides, so that four lines are added at a time.
type lanes struct {
	strips
	pad int    // lines without ink before the first, and after the last
	row int    // bytes a strip
	cnt []byte // little endian
	sum []byte // scratch
}

// lanes prepares the strips to be projected along slopes up to most. Where a sum could be too large for two bytes, of pages
// wider than any scanner's, the counts are cut down.
func (s strips) lanes(most float64) lanes {
	l := lanes{strips: s, pad: int(math.Ceil(float64(s.n*s.apart)/2*most)) + 8}
	l.row = 2 * (s.size + 2*l.pad)
	l.cnt, l.sum = make([]byte, s.n*l.row), make([]byte, 2*s.size+16)
	limit := min(math.MaxUint8, math.MaxUint16/max(s.n, 1))
	for i := range s.n {
		to := l.cnt[i*l.row+2*l.pad:]
		for y, c := range s.cnt[i*s.size : (i+1)*s.size] {
			to[2*y] = byte(min(int(c), limit))
		}
	}
	return l
}

// sharpness is how abruptly the projection along a slope changes: highest where lines of print fall together.
func (l lanes) sharpness(slope float64) int64 {
	clear(l.sum)
	mid := float64(l.n) / 2
	for i := range l.n {
		shift := int(math.Round((float64(i) + 0.5 - mid) * float64(l.apart) * slope))
		from := i*l.row + 2*(l.pad+shift)
		col := l.cnt[from : from+2*l.size]
		out := l.sum[:len(col)]
		for len(col) >= 16 && len(out) >= 16 {
			a, b := binary.LittleEndian.Uint64(out), binary.LittleEndian.Uint64(out[8:])
			binary.LittleEndian.PutUint64(out, a+binary.LittleEndian.Uint64(col))
			binary.LittleEndian.PutUint64(out[8:], b+binary.LittleEndian.Uint64(col[8:]))
			col, out = col[16:], out[16:]
		}
		for j := 0; j+1 < len(col); j += 2 {
			binary.LittleEndian.PutUint16(out[j:], binary.LittleEndian.Uint16(out[j:])+binary.LittleEndian.Uint16(col[j:]))
		}
	}
	var sum, a, b int64 // a and b are the two lines before
	for i, p := 0, l.sum; i < l.size; i++ {
		c := int64(binary.LittleEndian.Uint16(p[2*i:]))
		if i >= 2 {
			sum += (c - a) * (c - a)
		}
		a, b = b, c
	}
	return sum
}

// halved joins every two lines into one and leaves every other strip out: enough to find a slant to within a fifth of a degree.
func (s strips) halved() strips {
	h := strips{n: (s.n + 1) / 2, apart: 2 * s.apart, size: s.size / 2}
	h.cnt = make([]uint8, h.n*h.size)
	for i := range h.n {
		from, to := s.cnt[2*i*s.size:(2*i+1)*s.size], h.cnt[i*h.size:(i+1)*h.size]
		for y := range to {
			to[y] = from[2*y] + from[2*y+1]
		}
	}
	return h
}
