package scanner

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
)

// small lets tests use tiny pictures.
var small = Limits{MinSide: 1}

// drawn is a white page with a few black bars and dots, the same for the same size.
func drawn(w, h int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	r := rand.New(rand.NewSource(int64(w*1000 + h)))
	for n := 0; n < 6; n++ {
		x, y := r.Intn(w), r.Intn(h)
		for dy := 0; dy < 1+r.Intn(5) && y+dy < h; dy++ {
			for dx := 0; dx < 1+r.Intn(w/2+1) && x+dx < w; dx++ {
				g.SetGray(x+dx, y+dy, color.Gray{})
			}
		}
	}
	return g
}

func invertedCopy(g *image.Gray) *image.Gray {
	c := &image.Gray{Pix: bytes.Clone(g.Pix), Stride: g.Stride, Rect: g.Rect}
	invertGray(c)
	return c
}

// packed gives a page's rows of bits, highest first; one says which grey is a 1.
func packed(g *image.Gray, one uint8) []byte {
	var out []byte
	eachRow(g, func(_ int, row []uint8) {
		line := make([]byte, (len(row)+7)/8)
		for x, v := range row {
			if v == one {
				line[x>>3] |= 0x80 >> (x & 7)
			}
		}
		out = append(out, line...)
	})
	return out
}

type ifdTag struct {
	tag, kind uint16
	values    []uint32
}

// tiffPage is a page for makeTIFF; data is its only strip.
type tiffPage struct {
	w, h  int
	data  []byte
	extra []ifdTag
}

// makeTIFF lays out pages one after the other, each strip before its directory. loop makes the last directory point at the first.
func makeTIFF(order binary.AppendByteOrder, loop bool, pages ...tiffPage) []byte {
	out := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		out = []byte("MM\x00*")
	}
	out = order.AppendUint32(out, 0)
	put := func(at int, v uint32) { copy(out[at:], order.AppendUint32(nil, v)) }
	link, first := 4, 0
	for _, p := range pages {
		strip := len(out)
		if out = append(out, p.data...); len(out)%2 == 1 {
			out = append(out, 0)
		}
		tags := map[uint16]ifdTag{
			tagWidth: {tagWidth, 4, []uint32{uint32(p.w)}}, tagHeight: {tagHeight, 4, []uint32{uint32(p.h)}},
			tagBitsPerSample: {tagBitsPerSample, 3, []uint32{1}}, tagCompression: {tagCompression, 3, []uint32{1}},
			tagPhotometric: {tagPhotometric, 3, []uint32{0}}, tagSamples: {tagSamples, 3, []uint32{1}},
			tagStripOffsets:    {tagStripOffsets, 4, []uint32{uint32(strip)}},
			tagStripByteCounts: {tagStripByteCounts, 4, []uint32{uint32(len(p.data))}},
		}
		for _, e := range p.extra {
			tags[e.tag] = e
		}
		var list []ifdTag
		for tag := 0; tag < 1<<16; tag++ {
			if e, ok := tags[uint16(tag)]; ok {
				list = append(list, e)
			}
		}
		var dir []byte
		for _, e := range list {
			var raw []byte
			count := len(e.values)
			for _, v := range e.values {
				switch e.kind {
				case 3:
					raw = order.AppendUint16(raw, uint16(v))
				case 5: // dots in a hundredth
					raw = order.AppendUint32(order.AppendUint32(raw, v), 100)
				default:
					raw = order.AppendUint32(raw, v)
				}
			}
			if len(raw) > 4 {
				at := len(out)
				out = append(out, raw...)
				raw = order.AppendUint32(nil, uint32(at))
			}
			for len(raw) < 4 {
				raw = append(raw, 0)
			}
			dir = order.AppendUint16(dir, e.tag)
			dir = order.AppendUint16(dir, e.kind)
			dir = order.AppendUint32(dir, uint32(count))
			dir = append(dir, raw...)
		}
		at := len(out)
		put(link, uint32(at))
		if first == 0 {
			first = at
		}
		out = order.AppendUint16(out, uint16(len(list)))
		out = append(out, dir...)
		link = len(out)
		out = order.AppendUint32(out, 0)
	}
	if loop {
		put(link, uint32(first))
	}
	return out
}

func bitPage(g *image.Gray, extra ...ifdTag) tiffPage {
	return tiffPage{w: g.Rect.Dx(), h: g.Rect.Dy(), data: packed(g, 0), extra: extra}
}

func makePNG(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

func makeJPEG(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 100}))
	return b.Bytes()
}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

// pdfStream is a picture (or anything else) of a test PDF: the inside of its dictionary and its bytes.
type pdfStream struct {
	dict string
	data []byte
}

// makePDF writes pages of w x h points; each has a drawing and one picture /Im0, where its dictionary is not empty.
func makePDF(w, h int, drawings []string, images []pdfStream) []byte {
	var b bytes.Buffer
	var offsets []int
	obj := func(body string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	stream := func(dict string, data []byte) string {
		return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data)
	}
	b.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	obj("<< /Type /Catalog /Pages 2 0 R >>")
	kids := ""
	for i := range drawings {
		kids += fmt.Sprintf(" %d 0 R", 3+3*i)
	}
	obj(fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] /MediaBox [0 0 %d %d] >>", len(drawings), kids, w, h))
	for i, d := range drawings {
		obj(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /Contents %d 0 R /Resources << /XObject << /Im0 %d 0 R >> >> >>", 4+3*i, 5+3*i))
		obj(stream("", []byte(d)))
		obj(stream("/Type /XObject "+images[i].dict, images[i].data))
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, at)
	return b.Bytes()
}

func imageDict(w, h int, rest string) string {
	return fmt.Sprintf("/Subtype /Image /Width %d /Height %d %s", w, h, rest)
}
