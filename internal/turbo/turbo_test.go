package turbo

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wavy is a grey picture without hard edges, on which decoders agree within one.
func wavy(w, h int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			g.SetGray(x, y, color.Gray{Y: uint8(128 + 90*math.Sin(float64(x)/7)*math.Cos(float64(y)/9))})
		}
	}
	return g
}

func coded(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}))
	return b.Bytes()
}

func near(t *testing.T, want, got []uint8, by int) {
	require.Len(t, got, len(want))
	for i := range want {
		if d := int(want[i]) - int(got[i]); d > by || d < -by {
			require.Failf(t, "pixels differ", "pixel %d: %d and %d", i, want[i], got[i])
		}
	}
}

func TestGrayEqualsTheStandardLibraryWithinOne(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {8, 8}, {17, 9}, {200, 131}} {
		data := coded(t, wavy(size.X, size.Y))
		m, err := jpeg.Decode(bytes.NewReader(data))
		require.NoError(t, err)
		want := image.NewGray(image.Rectangle{Max: size})
		for y := range size.Y {
			copy(want.Pix[y*want.Stride:][:size.X], m.(*image.Gray).Pix[y*m.(*image.Gray).Stride:])
		}
		hd, err := ReadHeader(data)
		require.NoError(t, err)
		assert.Equal(t, size, image.Point{hd.W, hd.H})
		assert.True(t, hd.Gray && !hd.YCbCr)
		got := image.NewGray(image.Rectangle{Max: size})
		require.NoError(t, Gray(got, data))
		near(t, want.Pix, got.Pix, 1)
	}
}

func TestPlanesEqualTheStandardLibraryWithinTwo(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 75, 41))
	for y := range 41 {
		for x := range 75 {
			m.SetRGBA(x, y, color.RGBA{uint8(100 + x), uint8(200 - y), uint8(90 + x/2 + y), 255})
		}
	}
	data := coded(t, m)
	d, err := jpeg.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	want := d.(*image.YCbCr)
	hd, err := ReadHeader(data)
	require.NoError(t, err)
	require.True(t, hd.YCbCr)
	y, c := hd.PlaneSizes()
	assert.Equal(t, []int{76 * 42, 38 * 21}, []int{y, c})
	got, err := Planes(hd, data, [3][]byte{make([]byte, y), make([]byte, c), make([]byte, c+5)})
	require.NoError(t, err)
	assert.Equal(t, want.SubsampleRatio, got.SubsampleRatio)
	for y := range 41 {
		for x := range 75 {
			a, b := want.YCbCrAt(x, y), got.YCbCrAt(x, y)
			near(t, []uint8{a.Y, a.Cb, a.Cr}, []uint8{b.Y, b.Cb, b.Cr}, 2)
		}
	}
	gray := image.NewGray(image.Rect(0, 0, 75, 41))
	require.NoError(t, Gray(gray, data), "Y alone")
	assert.Equal(t, got.Y[:75], gray.Pix[:75])
}

func TestEveryCutIsAnError(t *testing.T) {
	data := coded(t, wavy(64, 48))
	g := image.NewGray(image.Rect(0, 0, 64, 48))
	for n := range data {
		assert.Error(t, Gray(g, data[:n]), "cut to %d of %d", n, len(data))
	}
	require.NoError(t, Gray(g, append(data, 0, 0, 0)), "what follows the end marker")
}

func TestArgumentsAreChecked(t *testing.T) {
	data := coded(t, wavy(64, 48))
	assert.Error(t, Gray(image.NewGray(image.Rect(0, 0, 64, 47)), data), "another size")
	assert.ErrorContains(t, Gray(&image.Gray{Pix: make([]uint8, 100), Stride: 64, Rect: image.Rect(0, 0, 64, 48)}, data), "100")
	assert.Error(t, Gray(image.NewGray(image.Rect(0, 0, 64, 48)), nil))
	assert.Error(t, Gray(image.NewGray(image.Rect(0, 0, 64, 48)), []byte("no picture")))
	_, err := ReadHeader(nil)
	assert.Error(t, err)
	hd, err := ReadHeader(data)
	require.NoError(t, err)
	_, err = Planes(hd, data, [3][]byte{})
	assert.ErrorContains(t, err, "not a YCbCr picture")
	colour := coded(t, image.NewRGBA(image.Rect(0, 0, 16, 16)))
	hd, err = ReadHeader(colour)
	require.NoError(t, err)
	_, err = Planes(hd, colour, [3][]byte{make([]byte, 256), make([]byte, 64), make([]byte, 63)})
	assert.ErrorContains(t, err, "256 and 64 are needed")
	room := [3][]byte{make([]byte, 256), make([]byte, 64), make([]byte, 64)}
	_, err = Planes(hd, data, room)
	assert.Error(t, err, "another picture's header")
	_, err = Planes(hd, colour[:len(colour)-2], room)
	assert.Error(t, err, "no end marker")
}

func FuzzGray(f *testing.F) {
	f.Add(coded(f, wavy(20, 30)))
	f.Add(coded(f, image.NewRGBA(image.Rect(0, 0, 20, 30))))
	f.Fuzz(func(t *testing.T, data []byte) {
		hd, err := ReadHeader(data)
		if err != nil || hd.W*hd.H > 1<<16 {
			return
		}
		if hd.YCbCr {
			y, c := hd.PlaneSizes()
			_, _ = Planes(hd, data, [3][]byte{make([]byte, y), make([]byte, c), make([]byte, c)})
		}
		a, b := image.NewGray(image.Rect(0, 0, hd.W, hd.H)), image.NewGray(image.Rect(0, 0, hd.W, hd.H))
		for i := range b.Pix {
			b.Pix[i] = 77
		}
		if (Gray(a, data) == nil) != (Gray(b, data) == nil) {
			t.Fatal("read once only")
		} else if Gray(a, data) == nil && !bytes.Equal(a.Pix, b.Pix) {
			t.Fatal("not every pixel is written, or not the same twice")
		}
	})
}
