package scanner

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func decodeOne(t *testing.T, data []byte) *Page {
	t.Helper()
	pages, err := Decode("x", data, small)
	require.NoError(t, err)
	require.Len(t, pages, 1)
	return pages[0].Page
}

// withPHYs puts a pHYs chunk behind the header of a PNG.
func withPHYs(data []byte, perMetre uint32, unit byte) []byte {
	body := append([]byte("pHYs"), binary.BigEndian.AppendUint32(nil, perMetre)...)
	body = append(binary.BigEndian.AppendUint32(body, perMetre), unit)
	chunk := append([]byte{0, 0, 0, 9}, body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
	return append(append(bytes.Clone(data[:33]), chunk...), data[33:]...)
}

func TestPNGKinds(t *testing.T) {
	g := drawn(67, 40)
	bw := image.NewPaletted(g.Rect, color.Palette{color.White, color.Black})
	rgba := image.NewNRGBA(g.Rect)
	deep := image.NewGray16(g.Rect)
	for y := 0; y < 40; y++ {
		for x := 0; x < 67; x++ {
			v := g.GrayAt(x, y).Y
			if v == 0 {
				bw.SetColorIndex(x, y, 1)
			}
			rgba.SetNRGBA(x, y, color.NRGBA{0, 0, 0, 255 - v}) // paper is open: white must shine through
			deep.SetGray16(x, y, color.Gray16{uint16(v) * 257})
		}
	}
	for _, r := range []struct {
		name    string
		m       image.Image
		bitonal bool
	}{{"grey", g, false}, {"one bit", bw, true}, {"open paper", rgba, false}, {"16 bit", deep, false}} {
		t.Run(r.name, func(t *testing.T) {
			p := decodeOne(t, makePNG(t, r.m))
			assert.Equal(t, g.Pix, p.Gray.Pix)
			assert.Equal(t, r.bitonal, p.Bitonal)
			assert.Zero(t, p.XDPI)
		})
	}
	assert.Equal(t, 200.0, decodeOne(t, withPHYs(makePNG(t, g), 7874, 1)).XDPI)
	assert.Equal(t, 300.0, decodeOne(t, withPHYs(makePNG(t, g), 11811, 1)).YDPI)
	assert.Zero(t, decodeOne(t, withPHYs(makePNG(t, g), 7874, 0)).XDPI, "no unit")
	assert.Zero(t, decodeOne(t, withPHYs(makePNG(t, g), 200, 1)).XDPI, "5 dpi is nonsense")
}

func withJFIF(data []byte, unit byte, density uint16) []byte {
	seg := append([]byte("\xff\xe0\x00\x10JFIF\x00\x01\x02"), unit)
	seg = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(seg, density), density)
	return append(append(bytes.Clone(data[:2]), append(seg, 0, 0)...), data[2:]...)
}

func TestJPEGKinds(t *testing.T) {
	g := drawn(67, 40)
	near := func(a, b []uint8) {
		for i := range a {
			require.InDelta(t, a[i], b[i], 12)
		}
	}
	data := makeJPEG(t, g)
	p := decodeOne(t, data)
	near(g.Pix, p.Gray.Pix)
	assert.False(t, p.Bitonal)
	colour := image.NewRGBA(g.Rect)
	for i, v := range g.Pix {
		copy(colour.Pix[4*i:], []uint8{v, v, v, 255})
	}
	near(g.Pix, decodeOne(t, makeJPEG(t, colour)).Gray.Pix)
	assert.Equal(t, 200.0, decodeOne(t, withJFIF(data, 1, 200)).XDPI)
	assert.InDelta(t, 299.7, decodeOne(t, withJFIF(data, 2, 118)).YDPI, 0.1)
	assert.Zero(t, decodeOne(t, withJFIF(data, 0, 200)).XDPI)
	exif := makeTIFF(binary.BigEndian, false, tiffPage{w: 1, h: 1, data: []byte{0}, extra: []ifdTag{
		{tagXResolution, 5, []uint32{30000}}, {tagYResolution, 5, []uint32{30000}}, short(tagResolutionUnit, 2)}})
	seg := append([]byte("Exif\x00\x00"), exif...)
	seg = append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(seg)+2)), seg...)
	assert.Equal(t, 300.0, decodeOne(t, withJFIF(append(append(bytes.Clone(data[:2]), seg...), data[2:]...), 0, 1)).XDPI)
	near(g.Pix, decodeOne(t, append(data, make([]byte, 300)...)).Gray.Pix)
}

func TestJPEGRowsAreJoined(t *testing.T) {
	for _, size := range [][2]int{{40, 9}, {41, 8}, {41, 9}, {40, 8}} {
		p := decodeOne(t, makeJPEG(t, drawn(size[0], size[1])))
		assert.Equal(t, size[0], p.Gray.Stride)
		assert.Len(t, p.Gray.Pix, size[0]*size[1], "a decoder's padding below the page is cut off")
	}
}

func TestLumaOfColours(t *testing.T) {
	assert.Equal(t, uint8(76), luma(255, 0, 0))
	assert.Equal(t, uint8(150), luma(0, 255, 0))
	assert.Equal(t, uint8(29), luma(0, 0, 255))
	for v := uint32(0); v < 256; v++ {
		require.Equal(t, uint8(v), luma(v, v, v))
	}
}

func plainPNM(g *image.Gray, kind string) []byte {
	out := fmt.Sprintf("%s\n# a comment\n%d %d\n", kind, g.Rect.Dx(), g.Rect.Dy())
	if kind != "P1" {
		out += "255\n"
	}
	for i, v := range g.Pix {
		switch kind {
		case "P1":
			out += fmt.Sprint(1 - v/255)
		case "P2":
			out += fmt.Sprint(v, " ")
		case "P3":
			out += fmt.Sprint(v, " ", v, " ", v, " ")
		}
		if i%20 == 19 {
			out += "\n"
		}
	}
	return []byte(out)
}

func rawPBM(g *image.Gray) []byte {
	return append([]byte(fmt.Sprintf("P4 %d %d\n", g.Rect.Dx(), g.Rect.Dy())), packed(g, 0)...)
}

func rawPGM(g *image.Gray) []byte {
	return append([]byte(fmt.Sprintf("P5 %d %d 255\n", g.Rect.Dx(), g.Rect.Dy())), g.Pix...)
}

func TestPNMKinds(t *testing.T) {
	g := drawn(67, 40)
	deep := []byte("P5 67 40 65535\n")
	for _, v := range g.Pix {
		deep = append(deep, v, v)
	}
	for _, r := range []struct {
		name    string
		data    []byte
		bitonal bool
	}{{"P1", plainPNM(g, "P1"), true}, {"P2", plainPNM(g, "P2"), false}, {"P3", plainPNM(g, "P3"), false}, {"P4", rawPBM(g), true},
		{"P5", rawPGM(g), false}, {"P5 of 16 bits", deep, false}, {"P6", append([]byte("P6 67 40 255\n"), rgbOf(g)...), false}} {
		t.Run(r.name, func(t *testing.T) {
			p := decodeOne(t, r.data)
			assert.Equal(t, g.Pix, p.Gray.Pix)
			assert.Equal(t, r.bitonal, p.Bitonal)
		})
	}
	pages, err := Decode("x.pbm", append(rawPBM(g), rawPGM(g)...), small)
	require.NoError(t, err)
	require.Len(t, pages, 2)
	assert.Equal(t, g.Pix, pages[1].Page.Gray.Pix)
}

func TestRefusalsEachWithItsReason(t *testing.T) {
	g := drawn(167, 140)
	png, jpg, pgm := makePNG(t, g), makeJPEG(t, g), rawPGM(g)
	bomb := bytes.Clone(png)
	binary.BigEndian.PutUint32(bomb[16:], 30000)
	binary.BigEndian.PutUint32(bomb[20:], 30000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	lesser := bytes.Clone(bomb)
	binary.BigEndian.PutUint32(lesser[16:], 10000)
	binary.BigEndian.PutUint32(lesser[20:], 10000)
	binary.BigEndian.PutUint32(lesser[29:], crc32.ChecksumIEEE(lesser[12:29]))
	dent := func(data []byte, at int) []byte {
		out := bytes.Clone(data)
		out[at] ^= 0x55
		return out
	}
	rows := []struct {
		name string
		data []byte
		want Reason
	}{
		{"an empty file", nil, EmptyFile},
		{"a text named .tif", []byte("these are not pixels"), NotAnImage},
		{"one byte", []byte("P"), NotAnImage},
		{"half a JPEG", jpg[:len(jpg)/2], Truncated},
		{"a JPEG without its end", jpg[:len(jpg)-2], Truncated},
		{"a JPEG's first bytes", jpg[:10], Truncated},
		{"half a PNG", png[:len(png)/2], Truncated},
		{"a PNG without its end", png[:len(png)-12], Truncated},
		{"a dented PNG", dent(png, len(png)-30), Corrupt},
		{"a PNG of 30000 x 30000", bomb, TooLarge},
		{"a PNG that cannot hold its pixels", lesser, Truncated},
		{"half a PGM", pgm[:len(pgm)/2], Truncated},
		{"a PGM with a tail", append(bytes.Clone(pgm), "tail"...), Corrupt},
		{"a PGM of letters", []byte("P2 100 x"), Corrupt},
		{"a PGM beyond its white", append([]byte("P5 64 64 7\n"), bytes.Repeat([]byte{9}, 4096)...), Corrupt},
		{"a PBM bomb", []byte("P1 39000 39000 1"), TooLarge},
		{"a PBM within the limits but for its pixels", []byte("P1 10000 10000 1"), Truncated},
		{"a small PNG", makePNG(t, drawn(63, 64)), TooSmall},
		{"PAM", []byte("P7\nWIDTH 4\n"), Unsupported},
		{"a PDF's first bytes", []byte("%PDF-1.4\n"), Truncated},
		{"a PDF of nothing", []byte("%PDF-1.4\n%%EOF\n"), Corrupt},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := Decode("dir/x.tif", r.data, Limits{})
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, r.want, e.Reason, "%v", err)
			assert.Contains(t, err.Error(), "dir/x.tif")
			assert.NotEmpty(t, mends[e.Reason], "every refusal names its mend")
		})
	}
	_, err := Decode("x", pgm, Limits{MaxFile: 100})
	assert.Equal(t, TooLarge, ReasonOf(err))
	_, err = guard(func() (picture, error) { panic("index out of range") })
	assert.Equal(t, Corrupt, ReasonOf(wrap("decode", "x", 1, err)))
	err = guardFile(func() error { panic("index out of range") })
	assert.Equal(t, Corrupt, ReasonOf(wrap("decode", "x", 1, err)))
}

func TestCutsNeverGivePictures(t *testing.T) {
	g := drawn(67, 80)
	for name, data := range map[string][]byte{"png": makePNG(t, g), "jpeg": makeJPEG(t, g), "pgm": rawPGM(g), "pbm": rawPBM(g),
		"pdf": makePDF(72, 144, []string{whole}, []pdfStream{{imageDict(67, 80, "/ColorSpace /DeviceGray /BitsPerComponent 8"), g.Pix}})} {
		for cut := 0; cut < len(data)-8; cut += 1 + len(data)/300 {
			pages, err := Decode("x", data[:cut], small)
			assert.Error(t, err, "%s cut at %d of %d", name, cut, len(data))
			for _, p := range pages {
				assert.Nil(t, p.Page, "%s cut at %d", name, cut)
			}
		}
	}
}
