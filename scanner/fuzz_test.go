package scanner

import (
	"bytes"
	"encoding/binary"
	"image"
	"slices"
	"testing"
)

// fuzzLimits keep one page under a megabyte, so that what a fuzzer finds is a fault and not an honest big picture.
var fuzzLimits = Limits{MinSide: 1, MaxPixels: 1 << 18, MaxDecoded: 4 << 20, MaxPages: 50, MaxFile: 1 << 20}

// decodeFuzz decodes bytes that start with what the format is told by, and checks what Decode promises.
func decodeFuzz(f *testing.F, magic ...string) {
	f.Fuzz(func(t *testing.T, data []byte) {
		known := false
		for _, m := range magic {
			known = known || bytes.HasPrefix(data, []byte(m))
		}
		if !known {
			data = append([]byte(magic[0]), data...)
		}
		pages, err := Decode("x", data, fuzzLimits)
		bad := 0
		for i, p := range pages {
			switch {
			case p.Index != i+1 || p.Name == "":
				t.Fatalf("page %d is called %q and %d", i+1, p.Name, p.Index)
			case (p.Page == nil) == (p.Err == nil):
				t.Fatalf("page %d has both or neither of a picture and an error", i+1)
			case p.Err != nil:
				if bad++; ReasonOf(p.Err) == "" {
					t.Fatalf("page %d has no reason: %v", i+1, p.Err)
				}
			default:
				checkPage(t, p.Page)
			}
		}
		if err == nil && (bad > 0 || len(pages) == 0) || err != nil && ReasonOf(err) == "" {
			t.Fatalf("%d pages, %d bad, error %v", len(pages), bad, err)
		}
	})
}

func checkPage(t *testing.T, p *Page) {
	g := p.Gray
	w, h := g.Rect.Dx(), g.Rect.Dy()
	if g.Rect.Min != (image.Point{}) || g.Stride != w || len(g.Pix) != w*h || int64(w*h) > fuzzLimits.MaxPixels {
		t.Fatalf("page of %v, stride %d, %d bytes", g.Rect, g.Stride, len(g.Pix))
	}
	if p.Bitonal && !onlyBlackAndWhite(g) {
		t.Fatal("bitonal with grey in it")
	}
	if b := FromGray(g, 128); p.ink != nil && (p.ink.W != w || p.ink.H != h || !slices.Equal(b.Words, p.ink.Words)) {
		t.Fatal("the bits are another picture than the grey")
	}
	p.Quality()
}

func FuzzDecodeTIFF(f *testing.F) {
	g := drawn(33, 20)
	for _, comp := range []uint32{compNone, compG3, compG4, compLZW, compDeflate, compPackBits} {
		p := bitPage(g, short(tagCompression, comp))
		switch comp {
		case compDeflate:
			p.data = deflated(p.data)
		case compG4:
			p.data = append(bytes.Repeat([]byte{0xff}, 3), g4Blank[2:]...)
		case compPackBits:
			p.data = packBits(p.data, 5)
		}
		f.Add(makeTIFF(binary.LittleEndian, false, p, p))
		f.Add(makeTIFF(binary.BigEndian, true, p))
	}
	f.Add(makeTIFF(binary.BigEndian, false, tiffPage{33, 20, rgbOf(g), []ifdTag{{tagBitsPerSample, 3, []uint32{8, 8, 8}}, short(tagSamples, 3), short(tagPhotometric, 2)}}))
	decodeFuzz(f, "II*\x00", "MM\x00*")
}

func FuzzDecodePNG(f *testing.F) {
	f.Add(makePNG(f, drawn(9, 7)))
	f.Add(withPHYs(makePNG(f, image.NewNRGBA(image.Rect(0, 0, 5, 5))), 7874, 1))
	f.Add(makePNG(f, image.NewGray16(image.Rect(0, 0, 5, 5))))
	decodeFuzz(f, "\x89PNG\r\n\x1a\n")
}

func FuzzDecodeJPEG(f *testing.F) {
	f.Add(makeJPEG(f, drawn(17, 9)))
	f.Add(withJFIF(makeJPEG(f, image.NewRGBA(image.Rect(0, 0, 16, 16))), 1, 200))
	decodeFuzz(f, "\xff\xd8\xff")
}

func FuzzDecodePNM(f *testing.F) {
	g := drawn(9, 7)
	for _, data := range [][]byte{plainPNM(g, "P1"), plainPNM(g, "P2"), plainPNM(g, "P3"), rawPBM(g), rawPGM(g), append(rawPBM(g), rawPGM(g)...)} {
		f.Add(data)
	}
	decodeFuzz(f, "P4 ", "P1", "P2", "P3", "P4", "P5", "P6")
}

func FuzzDecodePDF(f *testing.F) {
	g := drawn(16, 16)
	for _, d := range []struct {
		dict string
		data []byte
	}{
		{"/ColorSpace /DeviceGray /BitsPerComponent 8", g.Pix},
		{"/ColorSpace /DeviceGray /BitsPerComponent 1 /Decode [1 0] /Filter /FlateDecode", deflated(packed(g, 0))},
		{"/ColorSpace [/Indexed /DeviceRGB 1 <ffffff000000>] /BitsPerComponent 1 /Filter [/RunLengthDecode]", []byte{255, 0, 128}},
		{"/ColorSpace /DeviceGray /Filter /DCTDecode", makeJPEG(f, g)},
		{"/ImageMask true /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 16 >>", g4Blank},
	} {
		f.Add(makePDF(72, 144, []string{whole}, []pdfStream{{imageDict(16, 16, d.dict), d.data}}))
	}
	decodeFuzz(f, "%PDF-")
}

// FuzzPDFDrawing reads page drawings alone, which few mutations of a whole PDF reach.
func FuzzPDFDrawing(f *testing.F) {
	g := drawn(16, 16)
	for _, s := range []string{whole, "q 1 0 0 -1 0 144 cm 72 0 0 144 0 0 cm /Im0 Do Q", "BT 3 Tr (a\\)b) Tj [<00> 1] TJ ET", "/Im#30 Do % x\n<< /A (b) >> BDC"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, drawing []byte) {
		data := makePDF(72, 144, []string{string(drawing)}, []pdfStream{{imageDict(16, 16, "/ColorSpace /DeviceGray /BitsPerComponent 8"), g.Pix}})
		pages, _ := Decode("x", data, fuzzLimits)
		for _, p := range pages {
			if p.Err == nil {
				checkPage(t, p.Page)
			}
		}
	})
}

func FuzzZip(f *testing.F) {
	g := rawPBM(drawn(9, 7))
	f.Add(makeZip(f, zipped{"a.pbm", g}, zipped{"../b.pbm", g}, zipped{"d/", nil}))
	f.Add(makeZip(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		lim := Limits{MaxInputs: 100, MaxEntry: 1 << 16}.filled()
		entries, err := listZip(bytes.NewReader(data), int64(len(data)), lim)
		if err != nil {
			return
		}
		var gr group
		gr.entries("x.zip", entries, lim)
		for i := range gr.inputs {
			in := &gr.inputs[i]
			if why := unsafeName(in.Name); why != "" {
				t.Fatalf("%q: %s", in.Name, why)
			}
			if b, err := in.Bytes(); err != nil && ReasonOf(err) == "" || int64(len(b)) > lim.MaxEntry {
				t.Fatalf("%q: %d bytes, %v", in.Name, len(b), err)
			}
		}
	})
}
