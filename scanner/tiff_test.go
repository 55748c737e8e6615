package scanner

import (
	"bytes"
	"encoding/binary"
	"image"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func short(tag uint16, v uint32) ifdTag { return ifdTag{tag, 3, []uint32{v}} }

func reversed(data []byte) []byte {
	out := bytes.Clone(data)
	for i, b := range out {
		out[i] = bits.Reverse8(b)
	}
	return out
}

// packBits is the worst but valid PackBits: runs of literals, each row by itself.
func packBits(data []byte, stride int) []byte {
	var out []byte
	for ; len(data) > 0; data = data[stride:] {
		out = append(append(out, byte(stride-1)), data[:stride]...)
	}
	return out
}

func TestTIFFKinds(t *testing.T) {
	g := drawn(67, 40)
	stride := (67 + 7) / 8
	dpi := []ifdTag{{tagXResolution, 5, []uint32{20000}}, {tagYResolution, 5, []uint32{10000}}, short(tagResolutionUnit, 2)}
	page := func(data []byte, extra ...ifdTag) []byte {
		return makeTIFF(binary.BigEndian, false, tiffPage{67, 40, data, append(extra, dpi...)})
	}
	rows := []struct {
		name    string
		data    []byte
		bitonal bool
	}{
		{"white is zero", page(packed(g, 0), short(tagPhotometric, 0)), true},
		{"black is zero", page(packed(g, 255), short(tagPhotometric, 1)), true},
		{"fill order 2", page(reversed(packed(g, 0)), short(tagFillOrder, 2)), true},
		{"packbits", page(packBits(packed(g, 0), stride), short(tagCompression, compPackBits)), true},
		{"deflate", page(deflated(packed(g, 0)), short(tagCompression, compDeflate)), true},
		{"grey", page(g.Pix, short(tagBitsPerSample, 8), short(tagPhotometric, 1)), false},
		{"grey, white is zero", page(invertedCopy(g).Pix, short(tagBitsPerSample, 8)), false},
		{"rgb", page(rgbOf(g), ifdTag{tagBitsPerSample, 3, []uint32{8, 8, 8}}, short(tagSamples, 3), short(tagPhotometric, 2)), false},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			pages, err := Decode("x.tif", r.data, small)
			require.NoError(t, err)
			require.Len(t, pages, 1)
			p := pages[0].Page
			assert.Equal(t, g.Pix, p.Gray.Pix)
			assert.Equal(t, r.bitonal, p.Bitonal)
			assert.Equal(t, []float64{200, 100}, []float64{p.XDPI, p.YDPI})
			assert.Len(t, p.SHA256, 64)
		})
	}
}

func TestTIFFEveryPage(t *testing.T) {
	a, b, c := drawn(67, 40), drawn(40, 70), drawn(33, 33)
	cm := []ifdTag{{tagXResolution, 5, []uint32{7874}}, {tagYResolution, 5, []uint32{7874}}, short(tagResolutionUnit, 3)}
	data := makeTIFF(binary.LittleEndian, false, bitPage(a), bitPage(b, cm...), bitPage(c, ifdTag{tagXResolution, 5, []uint32{20000}}, short(tagResolutionUnit, 1)))
	pages, err := Decode("x.tif", data, small)
	require.NoError(t, err)
	require.Len(t, pages, 3)
	for i, want := range []*image.Gray{a, b, c} {
		assert.Equal(t, want.Pix, pages[i].Page.Gray.Pix)
		assert.Equal(t, i+1, pages[i].Page.Index)
	}
	assert.Equal(t, []string{"x.tif", "x.tif#2", "x.tif#3"}, []string{pages[0].Name, pages[1].Page.Name, pages[2].Name})
	assert.InDelta(t, 200, pages[1].Page.XDPI, 0.01)
	assert.Zero(t, pages[2].Page.XDPI, "unit 1 is no absolute unit")
}

func TestEachGivesPagesBeforeTheNextIsDecoded(t *testing.T) {
	a, b := drawn(67, 40), drawn(67, 40)
	invertGray(b)
	data := makeTIFF(binary.LittleEndian, true, bitPage(a), bitPage(b))
	var names []string
	err := Each("x.tif", data, small, func(r PageResult) {
		names = append(names, r.Name)
		assert.Equal(t, []*image.Gray{a, b}[r.Index-1].Pix, r.Page.Gray.Pix)
		r.Page.Release()
		assert.Nil(t, r.Page.Gray)
	})
	assert.ErrorContains(t, err, "loops after page 2", "after the pages before it")
	assert.Equal(t, []string{"x.tif", "x.tif#2"}, names)
	assert.PanicsWithValue(t, "the taker's", func() { _ = Each("x.tif", data, small, func(PageResult) { panic("the taker's") }) })
}

// TestReleasedMemoryIsUsedAgain decodes a page of bits many times over: nothing the size of a page is taken for each.
func TestReleasedMemoryIsUsedAgain(t *testing.T) {
	white := makeTIFF(binary.LittleEndian, false, tiffPage{1700, 2200, bytes.Repeat([]byte{0xff}, 275), []ifdTag{short(tagCompression, compG4)}})
	grey := makeJPEG(t, image.NewGray(image.Rect(0, 0, 1700, 2200)))
	for name, data := range map[string][]byte{"g4": white, "jpeg": grey} {
		one := func() {
			require.NoError(t, Each("x", data, Limits{}, func(r PageResult) { r.Page.Release() }))
		}
		one()
		n := allocated(func() {
			for range 10 {
				one()
			}
		})
		assert.Less(t, n, uint64(1700*2200/8), "%s: ten pages took as much as one page's bits", name)
	}
}

func TestTIFFChainLoops(t *testing.T) {
	g := drawn(67, 40)
	pages, err := Decode("x.tif", makeTIFF(binary.LittleEndian, true, bitPage(g), bitPage(g)), small)
	assert.Equal(t, Corrupt, ReasonOf(err))
	assert.ErrorContains(t, err, "loops after page 2")
	assert.Len(t, pages, 2)
	_, err = Decode("x.tif", makeTIFF(binary.LittleEndian, false, bitPage(g), bitPage(g)), Limits{MinSide: 1, MaxPages: 1})
	assert.Equal(t, TooLarge, ReasonOf(err))
}

func TestTIFFRefusals(t *testing.T) {
	g := drawn(67, 40)
	one := func(p tiffPage) []byte { return makeTIFF(binary.LittleEndian, false, p) }
	bit := packed(g, 0)
	good := one(bitPage(g))
	rows := []struct {
		name string
		data []byte
		want Reason
	}{
		{"cut in the directory", good[:len(good)-7], Truncated},
		{"cut in the strip", good[:100], Truncated},
		{"header only", good[:8], Truncated},
		{"half a header", good[:5], Truncated},
		{"a strip too short", one(tiffPage{67, 40, bit[:200], nil}), Truncated},
		{"a strip beyond the file", one(tiffPage{67, 40, bit, []ifdTag{{tagStripByteCounts, 4, []uint32{1 << 20}}}}), Truncated},
		{"no strip", one(tiffPage{67, 40, bit, []ifdTag{{tagStripOffsets, 2, []uint32{0}}}}), Truncated},
		{"half of deflate", one(tiffPage{67, 40, deflated(bit)[:20], []ifdTag{short(tagCompression, compDeflate)}}), Truncated},
		{"half of packbits", one(tiffPage{67, 40, packBits(bit, 9)[:300], []ifdTag{short(tagCompression, compPackBits)}}), Corrupt},
		{"a bomb", one(tiffPage{39000, 39000, bit, []ifdTag{short(tagCompression, compDeflate)}}), TooLarge},
		{"a wide bomb", one(tiffPage{1 << 30, 64, bit, nil}), TooLarge},
		{"a bomb within the limits", one(tiffPage{10000, 10000, bit, []ifdTag{short(tagCompression, compDeflate)}}), Truncated},
		{"no size", one(tiffPage{0, 0, bit, nil}), Corrupt},
		{"too small", one(tiffPage{9, 4, bit, nil}), TooSmall},
		{"JPEG in TIFF", one(tiffPage{67, 40, bit, []ifdTag{short(tagCompression, 7)}}), Unsupported},
		{"noise as 2-D group 3", one(tiffPage{67, 40, bit, []ifdTag{short(tagCompression, compG3), {tagT4Options, 4, []uint32{1}}}}), Corrupt},
		{"huffman", one(tiffPage{67, 40, bit, []ifdTag{short(tagCompression, compHuffman)}}), Unsupported},
		{"a thumbnail", one(bitPage(g, ifdTag{tagSubfile, 4, []uint32{1}})), Unsupported},
		{"big tiff", []byte("II+\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"), Unsupported},
		{"noise as group 4", one(tiffPage{67, 40, noise(500, 1).Pix, []ifdTag{short(tagCompression, compG4)}}), Corrupt},
	}
	lim := Limits{MinSide: 16}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			pages, err := Decode("x.tif", r.data, lim)
			assert.Equal(t, r.want, ReasonOf(err), "%v", err)
			for _, p := range pages {
				assert.Nil(t, p.Page)
				assert.Error(t, p.Err)
			}
		})
	}
}

func TestTIFFBadPageAmongGood(t *testing.T) {
	g := drawn(67, 40)
	bad := bitPage(g)
	bad.data = bad.data[:50]
	pages, err := Decode("x.tif", makeTIFF(binary.LittleEndian, false, bitPage(g), bad, bitPage(g)), small)
	require.Len(t, pages, 3)
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, Error{Op: "decode", Name: "x.tif", Page: 2, Reason: Truncated, Err: e.Err}, *e)
	assert.NotNil(t, pages[2].Page)
	assert.Equal(t, "x.tif#2", pages[1].Name)
}

// TestTIFFFaxByLibtiff has libtiff pack a page in every fax variety, with both meanings of a bit, and expects the page back;
// then it cuts and dents the file and expects a refusal or the same picture, never another.
func TestTIFFFaxByLibtiff(t *testing.T) {
	if _, err := exec.LookPath("tiffcp"); err != nil {
		t.Skip("no tiffcp")
	}
	g := drawn(200, 300)
	dir := t.TempDir()
	for _, photo := range []uint32{0, 1} {
		in := filepath.Join(dir, "in.tif")
		bit := packed(g, uint8(255*photo))
		require.NoError(t, os.WriteFile(in, makeTIFF(binary.LittleEndian, false, tiffPage{200, 300, bit, []ifdTag{short(tagPhotometric, photo)}}), 0o600))
		for _, args := range [][]string{{"-c", "g4"}, {"-c", "g3:1d"}, {"-c", "g4", "-f", "lsb2msb"},
			{"-c", "g3:1d", "-f", "lsb2msb"}, {"-c", "g4", "-r", "7"}, {"-c", "g3:1d", "-r", "7"}, {"-c", "lzw"}, {"-c", "zip"},
			{"-c", "g3:2d"}, {"-c", "g3:2d:fill"}, {"-c", "g3:1d:fill"}, {"-c", "g3:2d", "-r", "9", "-f", "lsb2msb"},
			{"-c", "packbits", "-f", "lsb2msb"}} {
			out := filepath.Join(dir, "out.tif")
			require.NoError(t, exec.Command("tiffcp", append(args, in, out)...).Run())
			data, err := os.ReadFile(out)
			require.NoError(t, err)
			pages, err := Decode("x.tif", data, small)
			require.NoError(t, err, "%v photometric %d", args, photo)
			assert.True(t, bytes.Equal(g.Pix, pages[0].Page.Gray.Pix), "%v photometric %d", args, photo)
			for cut := 0; cut < len(data); cut += 11 {
				_, err := Decode("x.tif", data[:cut], small)
				assert.Error(t, err, "%v cut at %d of %d", args, cut, len(data))
			}
		}
	}
}

func TestFaxStripsAreRefusedByName(t *testing.T) {
	// A white row of 64 pixels is the codes 11011 (64) and 00110101 (0) after an end-of-line: 25 bits, and 7 of fill before.
	row := []byte{0, 0x01, 0xd9, 0xa8}
	page := func(comp uint32, data []byte, extra ...ifdTag) []byte {
		return makeTIFF(binary.LittleEndian, false, tiffPage{64, 16, data, append(extra, short(tagCompression, comp))})
	}
	white := bytes.Repeat([]byte{255}, 64*16)
	for name, data := range map[string][]byte{
		"g4": page(compG4, g4Blank), "g3": page(compG3, bytes.Repeat(row, 16)),
		"g3, fill said":        page(compG3, bytes.Repeat(row, 16), ifdTag{tagT4Options, 4, []uint32{4}}),
		"g3, lowest bit first": page(compG3, reversed(bytes.Repeat(row, 16)), short(tagFillOrder, 2)),
	} {
		pages, err := Decode("x.tif", data, small)
		require.NoError(t, err, name)
		assert.Equal(t, white, pages[0].Page.Gray.Pix, name)
		require.NotNil(t, pages[0].Page.Ink(), name)
		assert.Zero(t, pages[0].Page.Ink().Count(), name)
	}
	for _, r := range []struct {
		name string
		data []byte
		want Reason
		text string
	}{
		{"g4 cut", page(compG4, []byte{0xff, 0x80}), Truncated, "row 10,"},
		{"g3 cut", page(compG3, bytes.Repeat(row, 15)), Truncated, "row 16,"},
		{"g3 as two-dimensional", page(compG3, bytes.Repeat(row, 16), ifdTag{tagT4Options, 4, []uint32{1}}), Corrupt, "row 1,"},
		{"bytes left over", page(compG4, append([]byte{0xff, 0xff}, bytes.Repeat([]byte{0x5a}, 50)...)), Corrupt, "after row 16,"},
		{"uncompressed mode", page(compG4, append([]byte{0xff, 3, 0xff}, bytes.Repeat([]byte{0x5a}, 50)...)), Corrupt, "row 9,"},
		{"in the second strip", makeTIFF(binary.LittleEndian, false, tiffPage{64, 16, append([]byte{0xff, 0x80}, row...), []ifdTag{short(tagCompression, compG4),
			short(tagRowsPerStrip, 9), {tagStripOffsets, 4, []uint32{8, 10}}, {tagStripByteCounts, 4, []uint32{2, 4}}}}), Truncated, "strip 2 of 2"},
	} {
		_, err := Decode("x.tif", r.data, small)
		assert.Equal(t, r.want, ReasonOf(err), "%s: %v", r.name, err)
		assert.ErrorContains(t, err, r.text, r.name)
	}
}
