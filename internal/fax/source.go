package fax

import (
	"encoding/binary"
	"math/bits"
)

// source gives the bits of a stream, the first of them highest. Past the end it gives zeros, which no row can be made of; used
// tells that it was asked for them.
type source struct {
	data []byte
	at   int    // the next byte to load; beyond the end it goes on counting
	acc  uint64 // the next bits, from the top
	n    int    // how many of them count as loaded
	lsb  bool   // a byte's lowest bit comes first
}

// fill loads bits until there are more than 56. Bits of acc past n are either 0 or what the next load gives again.
func (s *source) fill() {
	if s.at+8 <= len(s.data) {
		var v uint64
		if s.lsb {
			v = bits.Reverse64(binary.LittleEndian.Uint64(s.data[s.at:]))
		} else {
			v = binary.BigEndian.Uint64(s.data[s.at:])
		}
		s.acc |= v >> uint(s.n)
		s.at += (63 - s.n) >> 3
		s.n |= 56
		return
	}
	for s.n <= 56 {
		if s.at < len(s.data) {
			b := s.data[s.at]
			if s.lsb {
				b = bits.Reverse8(b)
			}
			s.acc |= uint64(b) << uint(56-s.n)
		}
		s.at++
		s.n += 8
	}
}

// skip passes k bits, at most as many as are loaded.
func (s *source) skip(k int) {
	s.acc <<= uint(k)
	s.n -= k
}

// used is how many bits were passed.
func (s *source) used() int { return 8*s.at - s.n }

// left is how many bits of the data are not passed yet; below 0 where more were passed than there are.
func (s *source) left() int { return 8*len(s.data) - s.used() }

// align passes what is left of a byte that was begun.
func (s *source) align() {
	s.fill()
	s.skip(-s.used() & 7)
}

// eolZeros are the zeros of an end-of-line code, which a 1 ends. No other codes in a row have as many.
const eolZeros = 11

// eol passes an end-of-line code and the fill before it, and says whether there was one. Zeros up to the end of the data are none.
func (s *source) eol() bool {
	s.fill()
	if s.acc>>(64-eolZeros) != 0 {
		return false
	}
	was := *s
	for s.left() > 0 {
		s.fill()
		z := min(bits.LeadingZeros64(s.acc), s.n)
		if z < s.n {
			s.skip(z + 1)
			return s.left() >= 0
		}
		s.skip(z)
	}
	*s = was
	return false
}
