package scanner

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// segmentAt gives the place of a marker.
func segmentAt(t *testing.T, data []byte, marker byte) int {
	at := bytes.Index(data, []byte{0xff, marker})
	require.GreaterOrEqual(t, at, 0, "marker %#x", marker)
	return at
}

// set is data with bytes of its own from at on.
func set(data []byte, at int, with ...byte) []byte {
	out := bytes.Clone(data)
	copy(out[at:], with)
	return out
}

// cutOut is data without the segment of a marker.
func cutOut(t *testing.T, data []byte, marker byte) []byte {
	at := segmentAt(t, data, marker)
	end := at + 2 + int(data[at+2])<<8 + int(data[at+3])
	return append(bytes.Clone(data[:at]), data[end:]...)
}

func TestJPEGRefusals(t *testing.T) {
	g := drawn(64, 48)
	good := makeJPEG(t, g)
	sof, sos, dht := segmentAt(t, good, 0xc0), segmentAt(t, good, 0xda), segmentAt(t, good, 0xc4)
	var colour bytes.Buffer
	require.NoError(t, jpeg.Encode(&colour, image.NewRGBA(image.Rect(0, 0, 64, 48)), nil))
	rgb := colour.Bytes()
	csos := segmentAt(t, rgb, 0xda)
	rows := []struct {
		name string
		data []byte
		want Reason
		text string
	}{
		{"no Huffman tables", cutOut(t, cutOut(t, good, 0xc4), 0xdb), Corrupt, "a table that the file has not"},
		{"another Huffman table", set(good, dht+4, 0x03), Corrupt, "a table that the file has not"},
		{"no quantization table", cutOut(t, good, 0xdb), Corrupt, "a table that the file has not"},
		{"no frame header", cutOut(t, good, 0xc0), Corrupt, "no proper header"},
		{"two frame headers", append(append(bytes.Clone(good[:sof]), good[sof:sof+13]...), good[sof:]...), Corrupt, "two frame headers"},
		{"arithmetic coding", set(good, sof+1, 0xc9), Unsupported, "arithmetic"},
		{"12 bits", set(good, sof+4, 12), Unsupported, "12 bits"},
		{"a scan of no component", set(good, sos+5, 9), Corrupt, "component 9"},
		{"a component twice", set(rgb, csos+7, 1), Corrupt, "there twice"},
		{"another height", set(good, sof+5, 0, 96), Truncated, ""},
		{"a smaller height", set(good, sof+5, 0, 40), Corrupt, "extraneous"},
		{"no marker where one is due", set(good, sof, 0x12), Corrupt, "no marker"},
		{"bytes between the markers", append(append(bytes.Clone(good[:sof]), 1, 2, 3), good[sof:]...), Corrupt, "no marker"},
		{"a segment of nothing", set(good, sof+2, 0, 1), Corrupt, "segment of 1"},
		{"a second picture's scan", append(bytes.Clone(good[:len(good)-2]), good[sos:]...), Corrupt, ""},
		{"no scan", append(bytes.Clone(good[:sos]), 0xff, 0xd9), Truncated, "before its picture"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := Decode("x.jpg", r.data, small)
			assert.Equal(t, r.want, ReasonOf(err), "%v", err)
			assert.ErrorContains(t, err, r.text)
		})
	}
}

func TestJPEGProgressive(t *testing.T) {
	data, err := os.ReadFile("testdata/progressive.jpg")
	require.NoError(t, err)
	m, err := jpeg.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	want, got := toGray(m).Pix, decodeOne(t, data).Gray.Pix
	for i := range want {
		require.InDelta(t, want[i], got[i], 8, "pixel %d", i) // one step of colour is several of its grey
	}
	// Every scan but the last ends at the next; cut there and ended properly, the file is a picture of poorer quality.
	last := bytes.LastIndex(data, []byte{0xff, 0xda})
	table := bytes.LastIndex(data[:last], []byte{0xff, 0xc4})
	for _, at := range []int{table, segmentAt(t, data, 0xda)} {
		_, err = Decode("x.jpg", append(bytes.Clone(data[:at]), 0xff, 0xd9), small)
		assert.Equal(t, Truncated, ReasonOf(err), "%v", err)
	}
	many := bytes.Clone(data[:len(data)-2])
	for range mostScans {
		many = append(many, data[last:len(data)-2]...)
	}
	_, err = Decode("x.jpg", append(many, 0xff, 0xd9), small)
	assert.Equal(t, TooLarge, ReasonOf(err), "%v", err)
	for cut := range data[:len(data)-2] {
		_, err := Decode("x.jpg", data[:cut], small)
		require.Error(t, err, "cut to %d", cut)
	}
}

// TestJPEGTablesOfAnotherPictureAreNotUsed reads a picture without tables after one with: a decoder that is used again would know them.
func TestJPEGTablesOfAnotherPictureAreNotUsed(t *testing.T) {
	good := makeJPEG(t, drawn(64, 48))
	bare := cutOut(t, cutOut(t, good, 0xc4), 0xdb)
	for range 3 {
		_, err := Decode("x.jpg", good, small)
		require.NoError(t, err)
		_, err = Decode("x.jpg", bare, small)
		require.Error(t, err)
	}
}

// TestJPEGRGB reads the kinds that libjpeg-turbo is not asked for.
func TestJPEGRGB(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 32, 16))
	for i := range 32 * 16 {
		m.SetRGBA(i%32, i/32, color.RGBA{200, 180, 160, 255})
	}
	data := makeJPEG(t, m)
	sof, sos := segmentAt(t, data, 0xc0), segmentAt(t, data, 0xda)
	for i, c := range []byte("RGB") {
		data[sof+10+3*i], data[sos+5+2*i] = c, c
	}
	info, err := readJPEG(data)
	require.NoError(t, err)
	assert.True(t, info.rgb)
	decodeOne(t, data)
}

// TestJPEGDents holds the refusals of damaged scans against those of the standard library's decoder. Neither notices all damage:
// a JPEG has no checksum.
func TestJPEGDents(t *testing.T) {
	g := drawn(400, 600)
	r := rand.New(rand.NewSource(1))
	for i := range g.Pix {
		g.Pix[i] = uint8(int(g.Pix[i])*200/255 + r.Intn(40))
	}
	data := makeJPEG(t, g)
	from := segmentAt(t, data, 0xda) + 20
	std, own, total := 0, 0, 0
	for at := from; at < len(data)-40; at += len(data) / 400 {
		dented := bytes.Clone(data)
		for i := range 8 {
			dented[at+i] ^= 0xa5
		}
		total++
		if _, err := jpeg.Decode(bytes.NewReader(dented)); err != nil {
			std++
		}
		if _, err := Decode("x.jpg", dented, small); err != nil {
			own++
		}
	}
	require.Greater(t, total, 300)
	assert.GreaterOrEqual(t, own, std, "of %d", total)
	t.Logf("%d of %d dents refused, the standard library's decoder refuses %d", own, total, std)
}
