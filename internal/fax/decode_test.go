package fax

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/ccitt"
)

// varieties are all ways in which the tests write a picture of w x h pixels.
func varieties(w, h int) (out []variety) {
	for _, lsb := range []bool{false, true} {
		for _, ended := range []bool{false, true} {
			for _, align := range []bool{false, true} {
				out = append(out, variety{Params: Params{Coding: Group4, Width: w, Height: h, LSB: lsb, Align: align}, ended: ended})
				for _, coding := range []Coding{Group3, Group32D} {
					p := Params{Coding: coding, Width: w, Height: h, LSB: lsb, Align: align}
					out = append(out, variety{Params: p, ended: ended})
					p.EOL = true
					out = append(out, variety{Params: p, lines: true, ended: ended},
						variety{Params: p, lines: true, filled: true, ended: ended})
				}
			}
		}
	}
	return out
}

func decode(data []byte, p Params) ([]uint64, error) {
	stride := (p.Width + 63) / 64
	dst := bytes.Repeat([]byte{0xa5}, 8) // what was there before must not show
	out := make([]uint64, stride*p.Height)
	for i := range out {
		out[i] = uint64(dst[0]) * 0x0101010101010101
	}
	err := Decode(out, stride, data, p)
	return out, err
}

func TestEveryVarietyComesBack(t *testing.T) {
	for _, size := range []struct{ w, h int }{{1, 1}, {1, 9}, {3, 40}, {63, 5}, {64, 64}, {65, 33}, {1728, 30}, {5200, 12}} {
		for _, v := range varieties(size.w, size.h) {
			for seed := range int64(3) {
				picture := drawn(size.w, size.h, seed)
				got, err := decode(encode(picture, v), v.Params)
				require.NoError(t, err, "%+v", v)
				require.Equal(t, words(picture), got, "%+v", v)
			}
		}
	}
}

// oracle decodes with golang.org/x/image/ccitt, which shares no code with this package.
func oracle(data []byte, p Params) ([]uint64, error) {
	sub, order := ccitt.Group4, ccitt.MSB
	if p.Coding == Group3 {
		sub = ccitt.Group3
	}
	if p.LSB {
		order = ccitt.LSB
	}
	g := image.NewGray(image.Rect(0, 0, p.Width, p.Height))
	if err := ccitt.DecodeIntoGray(g, bytes.NewReader(data), order, sub, &ccitt.Options{Align: p.Align}); err != nil {
		return nil, err
	}
	picture := make([][]bool, p.Height)
	for y := range picture {
		picture[y] = make([]bool, p.Width)
		for x := range picture[y] {
			picture[y][x] = g.Pix[y*g.Stride+x] == 0
		}
	}
	return words(picture), nil
}

func TestOracleReadsWhatTheTestsWrite(t *testing.T) {
	for _, v := range varieties(300, 40) {
		if v.Coding == Group32D || v.Coding == Group3 && (!v.lines || v.filled || v.Align || !v.ended) {
			continue // it knows no such thing
		}
		picture := drawn(300, 40, 7)
		want, err := oracle(encode(picture, v), v.Params)
		require.NoError(t, err, "%+v", v)
		require.Equal(t, words(picture), want, "%+v", v)
	}
}

func TestEveryCutIsTruncated(t *testing.T) {
	for _, v := range varieties(100, 30) {
		picture := drawn(100, 30, 1)
		for x := range picture[29] { // a last row that cannot be missed
			picture[29][x] = x%7 < 3
		}
		v.ended = false
		data := encode(picture, v)
		for cut := range len(data) - 1 {
			_, err := decode(data[:cut], v.Params)
			var e *Error
			require.ErrorAs(t, err, &e, "%+v cut to %d of %d", v, cut, len(data))
			require.ErrorIs(t, err, ErrTruncated, "%+v cut to %d of %d", v, cut, len(data))
			require.Less(t, e.Row, 30)
		}
	}
}

func TestFaultsNameTheRow(t *testing.T) {
	p := Params{Coding: Group4, Width: 64, Height: 16}
	flat := Params{Coding: Group3, Width: 64, Height: 16, EOL: true}
	white := "11011" + "00110101" // 64 and 0
	stream := func(codes ...string) []byte {
		w := &writer{}
		w.put(strings.Join(codes, ""))
		return w.data
	}
	blank, line := strings.Repeat("1", 16), strings.Repeat(eolCode+white, 16)
	junk := strings.Repeat("01011010", 40)
	rows := []struct {
		name string
		data []byte
		p    Params
		kind error
		row  int
		what string
	}{
		{"no data", nil, p, ErrTruncated, 0, "mode"},
		{"the end is coded early", stream("111", eolCode, eolCode, junk), p, ErrTruncated, 3, "end of the page"},
		{"no such mode", stream("11", "00000000"+"1", junk), p, ErrCorrupt, 2, "no code of a mode"},
		{"no such run", stream("1", "001", "000000001", junk), p, ErrCorrupt, 1, "no code of a run"},
		{"a run too long", stream("1", "001", "10010", "00110101", junk), p, ErrCorrupt, 1, "128 pixels where 64"},
		{"runs without end", stream("1", "001", strings.Repeat("000000011111", 40), junk), p, ErrCorrupt, 1, "2560 pixels"},
		{"a change before the last", stream("001", "00111", "11", "1", "011", "000010", junk), p, ErrCorrupt, 1, "pixel 10 of 64, after one at 11"},
		{"a change beyond the row", stream("011", junk), p, ErrCorrupt, 0, "pixel 65 of 64"},
		{"uncompressed mode", stream("1", "0000001111", junk), p, ErrCorrupt, 1, "uncompressed"},
		{"bytes left over", stream(blank, junk), p, ErrCorrupt, 16, "ended at byte 2 of 42"},
		{"half an end", stream(blank, eolCode, junk), p, ErrCorrupt, 16, "half an end"},
		{"a row too many", stream(line, eolCode, white, strings.Repeat(eolCode+white, 3)), flat, ErrCorrupt, 16, "ended at byte"},
		{"a row too short", stream(eolCode, white, eolCode, "1000", eolCode, junk), flat, ErrCorrupt, 1, "no code of a run"},
		{"no line code between rows", stream(eolCode, white, white, junk), flat, ErrCorrupt, 1, "no end-of-line"},
		{"the page ends early", stream(eolCode, white, strings.Repeat(eolCode, 6), junk), flat, ErrTruncated, 1, "end of the page"},
		{"two dimensions, ends early", stream(eolCode+"1", white, strings.Repeat(eolCode+"1", 6), junk),
			Params{Coding: Group32D, Width: 64, Height: 16, EOL: true}, ErrTruncated, 1, "end of the page"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := decode(r.data, r.p)
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.ErrorIs(t, err, r.kind)
			assert.Equal(t, r.row, e.Row, "%v", err)
			assert.Contains(t, err.Error(), r.what)
			if r.row < 16 {
				assert.Contains(t, err.Error(), fmt.Sprintf(": row %d,", r.row+1))
			} else {
				assert.Contains(t, err.Error(), ": after row 16,")
			}
		})
	}
}

func TestWhatMayFollowTheLastRow(t *testing.T) {
	p := Params{Coding: Group4, Width: 64, Height: 16}
	for name, tail := range map[string][]byte{"nothing": nil, "zeros": make([]byte, 99), "ones": bytes.Repeat([]byte{0xff}, 99),
		"a word of anything": {1, 2, 3, 4}, "an end code and anything": append([]byte{0, 0x10, 0x01}, bytes.Repeat([]byte{0x5a}, 99)...),
		"fill before an end code": append([]byte{0, 0, 0, 1, 0, 0x10}, bytes.Repeat([]byte{0x5a}, 99)...)} {
		_, err := decode(append([]byte{0xff, 0xff}, tail...), p)
		assert.NoError(t, err, name)
	}
}

func TestDecodeChecksItsArguments(t *testing.T) {
	blank := []byte{0xff, 0xff}
	for name, err := range map[string]error{
		"no width":       Decode(make([]uint64, 16), 1, blank, Params{Coding: Group4, Height: 16}),
		"too wide":       Decode(make([]uint64, 16), 1, blank, Params{Coding: Group4, Width: MaxWidth + 1, Height: 16}),
		"no height":      Decode(make([]uint64, 16), 1, blank, Params{Coding: Group4, Width: 64}),
		"too few words":  Decode(make([]uint64, 15), 1, blank, Params{Coding: Group4, Width: 64, Height: 16}),
		"rows too short": Decode(make([]uint64, 64), 1, blank, Params{Coding: Group4, Width: 65, Height: 16}),
		"what coding":    Decode(make([]uint64, 16), 1, blank, Params{Coding: 3, Width: 64, Height: 16}),
	} {
		assert.Error(t, err, name)
	}
	wide := make([]uint64, 3*15+1)
	for i := range wide {
		wide[i] = 7
	}
	require.NoError(t, Decode(wide, 3, blank, Params{Coding: Group4, Width: 64, Height: 16}))
	assert.Equal(t, []uint64{0, 7, 7, 0}, wide[:4], "words past the row are left alone")
}

func TestDecodeTakesNoMemoryAPage(t *testing.T) {
	v := variety{Params: Params{Coding: Group4, Width: 1728, Height: 200}, ended: true}
	data, dst := encode(drawn(1728, 200, 3), v), make([]uint64, 27*200)
	n := testing.AllocsPerRun(20, func() { require.NoError(t, Decode(dst, 27, data, v.Params)) })
	assert.Less(t, n, 2.0)
}

func BenchmarkDecode(b *testing.B) {
	for name, coding := range map[string]Coding{"G4": Group4, "G3": Group3, "G32D": Group32D} {
		v := variety{Params: Params{Coding: coding, Width: 1700, Height: 2200}, ended: true}
		data, dst := encode(drawn(1700, 2200, 3), v), make([]uint64, 27*2200)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Decode(dst, 27, data, v.Params); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
