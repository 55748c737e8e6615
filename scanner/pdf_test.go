package scanner

import (
	"bytes"
	"fmt"
	"image"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const whole = "q 72 0 0 144 0 0 cm /Im0 Do Q"

// g4Bars is 16 rows of G4 for a page 64 wide: all white, or by hand. A blank row is the single bit 1.
var g4Blank = []byte{0xff, 0xff, 0x00, 0x10, 0x01}

func rgbOf(g *image.Gray) []byte {
	var out []byte
	for _, v := range g.Pix {
		out = append(out, v, v, v)
	}
	return out
}

// upPredicted is rows of 8-bit samples with the PNG filter "up" before each.
func upPredicted(g *image.Gray) []byte {
	var out []byte
	prev := make([]byte, g.Rect.Dx())
	eachRow(g, func(_ int, row []uint8) {
		out = append(out, 2)
		for i, v := range row {
			out = append(out, v-prev[i])
		}
		copy(prev, row)
	})
	return out
}

func TestPDFPicturesComeOutAsTheyAre(t *testing.T) {
	w, h := 67, 130
	g := drawn(w, h)
	rows := []struct {
		name, dict string
		data       []byte
		want       *image.Gray
		bitonal    bool
	}{
		{"flate 1 bit", "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /FlateDecode", deflated(packed(g, 255)), g, true},
		{"1 bit decoded the other way", "/ColorSpace /DeviceGray /BitsPerComponent 1 /Decode [1 0] /Filter /FlateDecode", deflated(packed(g, 0)), g, true},
		{"stencil", "/ImageMask true /BitsPerComponent 1 /Filter /FlateDecode", deflated(packed(g, 255)), g, true},
		{"stencil decoded the other way", "/ImageMask true /Decode [1 0] /Filter /FlateDecode", deflated(packed(g, 0)), g, true},
		{"plain 8 bit", "/ColorSpace /DeviceGray /BitsPerComponent 8", g.Pix, g, false},
		{"rgb", "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode", deflated(rgbOf(g)), g, false},
		{"predictor", fmt.Sprintf("/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns %d >>", w),
			deflated(upPredicted(g)), g, false},
		{"indexed", "/ColorSpace [/Indexed /DeviceRGB 1 <ffffff000000>] /BitsPerComponent 1 /Filter /FlateDecode", deflated(packed(g, 0)), g, true},
		{"jpeg", "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", makeJPEG(t, g), decodedJPEG(t, g), false},
		{"jpeg inside flate", "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter [/FlateDecode /DCTDecode]", deflated(makeJPEG(t, g)), decodedJPEG(t, g), false},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			data := makePDF(72, 144, []string{whole}, []pdfStream{{imageDict(w, h, r.dict), r.data}})
			pages, err := Decode("a.pdf", data, small)
			require.NoError(t, err)
			require.Len(t, pages, 1)
			assert.True(t, bytes.Equal(r.want.Pix, pages[0].Page.Gray.Pix))
			assert.Equal(t, r.bitonal, pages[0].Page.Bitonal)
			assert.Equal(t, 67.0, pages[0].Page.XDPI)
			assert.Equal(t, 65.0, pages[0].Page.YDPI)
		})
	}
}

func decodedJPEG(t *testing.T, g *image.Gray) *image.Gray {
	pages, err := Decode("a.jpg", makeJPEG(t, g), small)
	require.NoError(t, err)
	return pages[0].Page.Gray
}

func TestPDFFaxHeedsBlackIs1(t *testing.T) {
	for _, r := range []struct {
		parms string
		want  uint8
	}{{"", 255}, {"/BlackIs1 true", 0}} {
		dict := imageDict(64, 16, "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 64 /Rows 16 "+r.parms+" >>")
		pages, err := Decode("a.pdf", makePDF(72, 144, []string{whole}, []pdfStream{{dict, g4Blank}}), small)
		require.NoError(t, err)
		assert.Equal(t, r.want, pages[0].Page.Gray.Pix[500])
	}
}

func TestPDFEveryPageAndFormsAndSearchableText(t *testing.T) {
	g := drawn(64, 128)
	im := pdfStream{imageDict(64, 128, "/ColorSpace /DeviceGray /BitsPerComponent 8"), g.Pix}
	mirrored := pdfStream{im.dict, g.Pix}
	data := makePDF(72, 144, []string{whole,
		"BT 3 Tr /F1 9 Tf (found by search) Tj ET " + whole,
		"q 1 0 0 -1 0 144 cm 72 0 0 144 0 0 cm /Im0 Do Q"}, []pdfStream{im, im, mirrored})
	pages, err := Decode("a.pdf", data, small)
	require.NoError(t, err)
	require.Len(t, pages, 3)
	assert.Equal(t, "a.pdf#3", pages[2].Page.Name)
	assert.Equal(t, g.Pix, pages[1].Page.Gray.Pix)
	upside := &image.Gray{Pix: bytes.Clone(g.Pix), Stride: 64, Rect: g.Rect}
	mirror(upside)
	assert.Equal(t, upside.Pix, pages[2].Page.Gray.Pix)
}

func TestPDFRefusals(t *testing.T) {
	g := drawn(64, 128)
	dict := imageDict(64, 128, "/ColorSpace /DeviceGray /BitsPerComponent 8")
	good := pdfStream{dict, g.Pix}
	zipped := deflated(g.Pix)
	rows := []struct {
		name, drawing string
		im            pdfStream
		want          Reason
	}{
		{"text", "BT /F1 9 Tf (Vote for one) Tj ET " + whole, good, PDFNotScan},
		{"a line", "0 0 m 10 10 l S " + whole, good, PDFNotScan},
		{"no picture", "q Q", good, PDFNotScan},
		{"a logo", "q 10 0 0 10 0 0 cm /Im0 Do Q", good, PDFNotScan},
		{"the same picture twice", whole + " " + whole, good, PDFNotScan},
		{"an inline picture", "BI /W 1 /H 1 ID x EI", good, PDFNotScan},
		{"a missing picture", "q 72 0 0 144 0 0 cm /Im9 Do Q", good, Corrupt},
		{"jbig2", whole, pdfStream{dict + " /Filter /JBIG2Decode", g.Pix}, Unsupported},
		{"jpeg 2000", whole, pdfStream{dict + " /Filter /JPXDecode", g.Pix}, Unsupported},
		{"too few samples", whole, pdfStream{dict, g.Pix[:100]}, Truncated},
		{"half of deflate", whole, pdfStream{dict + " /Filter /FlateDecode", zipped[:len(zipped)/2]}, Truncated},
		{"half a jpeg", whole, pdfStream{dict + " /Filter /DCTDecode", makeJPEG(t, g)[:700]}, Truncated},
		{"a soft mask", whole, pdfStream{dict + " /SMask 5 0 R", g.Pix}, Unsupported},
		{"a bomb", whole, pdfStream{imageDict(39000, 39000, "/ColorSpace /DeviceGray /BitsPerComponent 8"), g.Pix}, TooLarge},
		{"not 2-D fax", whole, pdfStream{dict + " /Filter /CCITTFaxDecode /DecodeParms << /K 4 /Columns 64 >>", g.Pix}, Corrupt},
		{"fax cut short", whole, pdfStream{imageDict(64, 128, "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 64 >>"),
			[]byte{0xff, 0xff}}, Truncated},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			pages, err := Decode("a.pdf", makePDF(72, 144, []string{whole, r.drawing}, []pdfStream{good, r.im}), small)
			require.Error(t, err)
			assert.Equal(t, r.want, ReasonOf(err), "%v", err)
			require.Len(t, pages, 2)
			assert.NotNil(t, pages[0].Page, "the good page is still given")
			assert.Equal(t, r.want, ReasonOf(pages[1].Err))
		})
	}
}

func TestPDFDamagedFile(t *testing.T) {
	g := drawn(64, 128)
	im := pdfStream{imageDict(64, 128, "/ColorSpace /DeviceGray /BitsPerComponent 8"), g.Pix}
	data := makePDF(72, 144, []string{whole, whole}, []pdfStream{im, im})
	_, err := Decode("a.pdf", data[:len(data)/2], small)
	assert.Equal(t, Truncated, ReasonOf(err), "%v", err)
	_, err = Decode("a.pdf", bytes.Replace(data, []byte("/Count 2"), []byte("/Count 3"), 1), small)
	assert.Equal(t, Corrupt, ReasonOf(err), "%v", err)
	_, err = Decode("a.pdf", bytes.Replace(data, []byte("[ 3 0 R 6 0 R]"), []byte("[ 3 0 R 3 0 R]"), 1), small)
	assert.Equal(t, Corrupt, ReasonOf(err), "%v", err)
	_, err = Decode("a.pdf", bytes.Replace(data, []byte("/Root 1 0 R >>"), []byte("/Root 1 0 R /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O (12345678901234567890123456789012) /U (12345678901234567890123456789012) >> /ID [<00> <00>] >>"), 1), small)
	assert.Equal(t, Unsupported, ReasonOf(err), "%v", err)
}
