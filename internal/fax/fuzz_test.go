package fax

import (
	"slices"
	"testing"
)

// FuzzDecode holds every stream against golang.org/x/image/ccitt: where both read it the pixels are the same, and what that
// refuses is refused here, but for the known leniences named below.
func FuzzDecode(f *testing.F) {
	for i, v := range varieties(67, 20) {
		f.Add(encode(drawn(67, 20, int64(i)), v), uint16(67), uint8(20), uint8(v.Coding), v.LSB, v.Align, v.EOL)
	}
	f.Add([]byte{0, 0x10, 0x01}, uint16(64), uint8(1), uint8(Group4), false, false, false)
	f.Fuzz(func(t *testing.T, data []byte, width uint16, height, coding uint8, lsb, align, eol bool) {
		p := Params{Coding: Coding(coding % 3), Width: int(width)%5000 + 1, Height: int(height)%64 + 1, LSB: lsb, Align: align, EOL: eol}
		got, err := decode(data, p)
		again, errAgain := decode(data, p)
		if (err == nil) != (errAgain == nil) || err == nil && !slices.Equal(got, again) {
			t.Fatal("not the same twice")
		}
		if err == nil {
			last := ^uint64(0) >> (63 - (p.Width-1)&63)
			stride := (p.Width + 63) / 64
			for i := stride - 1; i < len(got); i += stride {
				if got[i]&^last != 0 {
					t.Fatal("ink past the width")
				}
			}
		}
		if p.Coding != Group4 {
			return // it wants end-of-line codes where they may be missing, and knows no fill and no two dimensions
		}
		want, oracleErr := oracle(data, p)
		switch {
		case err == nil && oracleErr == nil && !slices.Equal(got, want):
			t.Fatalf("%+v: other pixels", p)
		case err == nil && oracleErr != nil:
			t.Fatalf("%+v: read, where the oracle says %v", p, oracleErr)
		}
	})
}

// FuzzGroup3 is FuzzDecode for rows of runs alone, with the end-of-line codes that the oracle insists on.
func FuzzGroup3(f *testing.F) {
	v := variety{Params: Params{Coding: Group3, Width: 67, Height: 12, EOL: true}, lines: true, ended: true}
	for i := range 4 {
		f.Add(encode(drawn(67, 12, int64(i)), v))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := v.Params
		want, oracleErr := oracle(data, p)
		got, err := decode(data, p)
		if err == nil && oracleErr == nil && !slices.Equal(got, want) {
			t.Fatal("other pixels")
		}
	})
}
