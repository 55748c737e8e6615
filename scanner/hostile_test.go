package scanner

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allocated gives the bytes f takes from the heap, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestBombsAreRefusedBeforeMemoryIsTaken(t *testing.T) {
	sized := func(w, h uint32) []byte {
		data := makePNG(t, drawn(100, 100))
		binary.BigEndian.PutUint32(data[16:], w)
		binary.BigEndian.PutUint32(data[20:], h)
		binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
		return data
	}
	jpg := makeJPEG(t, drawn(100, 100))
	at := bytes.Index(jpg, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint32(jpg[at+5:], 10900<<16|10900) // within the limits, beyond what the bytes can hold
	fax := tiffPage{39000, 3000, g4Blank, []ifdTag{short(tagCompression, compG4)}}
	inner := pdfStream{imageDict(10900, 10900, "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode"), deflated(make([]byte, 1<<20))}
	rows := map[string][]byte{
		"a PNG of 30000 x 30000":  sized(30000, 30000),
		"a PNG within the limits": sized(10900, 10900),
		"a JPEG":                  jpg,
		"a TIFF of G4":            makeTIFF(binary.LittleEndian, false, fax),
		"a plain PGM":             []byte("P2 10900 10900 255 1 2 3"),
		"a raw PBM":               []byte("P4 10900 10900 xx"),
		"a PDF":                   makePDF(72, 144, []string{whole}, []pdfStream{inner}),
	}
	for name, data := range rows {
		t.Run(name, func(t *testing.T) {
			var err error
			n := allocated(func() { _, err = Decode("x", data, Limits{}) })
			assert.Contains(t, []Reason{TooLarge, Truncated}, ReasonOf(err), "%v", err)
			assert.Less(t, n, uint64(16<<20))
		})
	}
}

// TestDentedG4 inverts a byte at many places of a G4 page. The code has no checksum, so a dent that happens to spell other
// valid codes stays unseen; but hardly any byte of noise does, and none may panic.
func TestDentedG4(t *testing.T) {
	if _, err := exec.LookPath("tiffcp"); err != nil {
		t.Skip("no tiffcp")
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.tif"), filepath.Join(dir, "out.tif")
	g := drawn(400, 600)
	for i := range g.Pix { // something to say in every row
		if i%37 == i/400%31 {
			g.Pix[i] = 0
		}
	}
	require.NoError(t, os.WriteFile(in, makeTIFF(binary.LittleEndian, false, bitPage(g)), 0o600))
	require.NoError(t, exec.Command("tiffcp", "-c", "g4", "-r", "600", in, out).Run())
	data, err := os.ReadFile(out)
	require.NoError(t, err)
	refused, total := 0, 0
	for at := 16; at < len(data)-400; at += 7 {
		dented := bytes.Clone(data)
		for i := 0; i < 8; i++ {
			dented[at+i] ^= 0xa5
		}
		total++
		if _, err := Decode("x.tif", dented, small); ReasonOf(err) == Corrupt || ReasonOf(err) == Truncated {
			refused++
		}
	}
	require.Greater(t, total, 100)
	assert.GreaterOrEqual(t, refused*100, total*95, "%d of %d refused", refused, total)
}

func TestPDFByLibtiffGivesTheSamePicture(t *testing.T) {
	if _, err := exec.LookPath("tiff2pdf"); err != nil {
		t.Skip("no tiff2pdf")
	}
	dir := t.TempDir()
	g, h := drawn(200, 300), drawn(300, 200)
	tif, g4, pdf := filepath.Join(dir, "a.tif"), filepath.Join(dir, "g4.tif"), filepath.Join(dir, "a.pdf")
	dpi := []ifdTag{{tagXResolution, 5, []uint32{20000}}, {tagYResolution, 5, []uint32{20000}}, short(tagResolutionUnit, 2)}
	for _, photo := range []uint32{0, 1} {
		page := func(w, h int, bit []byte) tiffPage {
			return tiffPage{w, h, bit, append([]ifdTag{short(tagPhotometric, photo)}, dpi...)}
		}
		require.NoError(t, os.WriteFile(tif, makeTIFF(binary.LittleEndian, false, page(200, 300, packed(g, uint8(255*photo))), page(300, 200, packed(h, uint8(255*photo)))), 0o600))
		for _, c := range []string{"g4", "none"} {
			require.NoError(t, exec.Command("tiffcp", "-c", c, "-r", "300", tif, g4).Run())
			require.NoError(t, exec.Command("tiff2pdf", "-o", pdf, g4).Run())
			data, err := os.ReadFile(pdf)
			require.NoError(t, err)
			pages, err := Decode("a.pdf", data, small)
			require.NoError(t, err, "%s photometric %d", c, photo)
			require.Len(t, pages, 2)
			assert.True(t, bytes.Equal(g.Pix, pages[0].Page.Gray.Pix), "%s photometric %d", c, photo)
			assert.True(t, bytes.Equal(h.Pix, pages[1].Page.Gray.Pix), "%s photometric %d", c, photo)
			assert.InDelta(t, 200, pages[0].Page.XDPI, 0.5)
			assert.True(t, pages[0].Page.Bitonal)
		}
	}
}

// TestPDFStrips puts one page together from three pictures, given in the wrong order; a gap or another width is no page.
func TestPDFStrips(t *testing.T) {
	g := drawn(64, 120)
	strip := func(y0, y1 int) pdfStream {
		return pdfStream{imageDict(64, y1-y0, "/ColorSpace /DeviceGray /BitsPerComponent 8"), g.Pix[y0*64 : y1*64]}
	}
	// The builder gives each page one picture; the first page's drawing borrows those of the other two by their numbers.
	build := func(drawing string, third pdfStream) []byte {
		data := makePDF(64, 120, []string{drawing, whole, whole}, []pdfStream{strip(0, 40), strip(40, 80), third})
		return bytes.Replace(data, []byte("<< /Im0 5 0 R >>"), []byte("<< /Im0 5 0 R /Im1 8 0 R /Im2 11 0 R >>"), 1)
	}
	place := func(y int, name string) string { return fmt.Sprintf("q 64 0 0 40 0 %d cm /%s Do Q ", y, name) }
	good := place(0, "Im2") + place(80, "Im0") + place(40, "Im1")
	pages, _ := Decode("a.pdf", build(good, strip(80, 120)), Limits{MinSide: 50})
	require.NotEmpty(t, pages)
	require.NoError(t, pages[0].Err)
	assert.Equal(t, g.Pix, pages[0].Page.Gray.Pix)
	assert.Equal(t, 72.0, pages[0].Page.YDPI)
	for name, drawing := range map[string]string{"a gap": strings.Replace(good, " 40 cm", " 38 cm", 1), "a shift": strings.Replace(good, "0 80 cm", "3 80 cm", 1)} {
		pages, _ = Decode("a.pdf", build(drawing, strip(80, 120)), small)
		assert.Equal(t, PDFNotScan, ReasonOf(pages[0].Err), name)
	}
	narrow := pdfStream{imageDict(32, 40, "/ColorSpace /DeviceGray /BitsPerComponent 8"), g.Pix[:32*40]}
	pages, _ = Decode("a.pdf", build(good, narrow), small)
	assert.Equal(t, PDFNotScan, ReasonOf(pages[0].Err), "another width")
}

func TestPDFFormsAreFollowedButNotForEver(t *testing.T) {
	g := drawn(64, 128)
	im := pdfStream{imageDict(64, 128, "/ColorSpace /DeviceGray /BitsPerComponent 8"), g.Pix}
	form := pdfStream{"/Subtype /Form /Matrix [0.5 0 0 1 0 0] /Resources << /XObject << /Im0 5 0 R >> >>", []byte("q 144 0 0 144 0 0 cm /Im0 Do Q")}
	pages, err := Decode("a.pdf", makePDF(72, 144, []string{whole, "/Im0 Do"}, []pdfStream{im, form}), small)
	require.NoError(t, err)
	assert.Equal(t, g.Pix, pages[1].Page.Gray.Pix)
	assert.Equal(t, 64.0, pages[1].Page.XDPI)
	endless := pdfStream{"/Subtype /Form /Resources << /XObject << /Im0 8 0 R >> >>", []byte("/Im0 Do /Im0 Do")}
	_, err = Decode("a.pdf", makePDF(72, 144, []string{whole, "/Im0 Do"}, []pdfStream{im, endless}), small)
	assert.Equal(t, PDFNotScan, ReasonOf(err), "%v", err)
}
