package scanner

import (
	"bytes"
	"encoding/binary"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestWorkersShareReleasedMemory decodes pages of several kinds and sizes in several workers, which take each other's memory, and
// compares every one with its first decoding. Run it with -race.
func TestWorkersShareReleasedMemory(t *testing.T) {
	fax := func(w, h int) []byte {
		g := drawn(w, h)
		return makeTIFF(binary.LittleEndian, false, bitPage(g), tiffPage{w, h, append(bytes.Repeat([]byte{0xff}, (h+7)/8), 0, 0x10, 0x01), []ifdTag{short(tagCompression, compG4)}})
	}
	files := [][]byte{fax(640, 480), fax(99, 801), makeJPEG(t, drawn(300, 200)), makeJPEG(t, drawn(640, 480)), makePNG(t, drawn(77, 60))}
	var want [][]byte
	for _, data := range files {
		var pixels []byte
		for _, p := range decodeAll(t, data) {
			pixels = append(pixels, p.Gray.Pix...)
		}
		want = append(want, pixels)
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 40 {
				n := (i + worker) % len(files)
				var pixels []byte
				err := Each("x", files[n], small, func(r PageResult) {
					pixels = append(pixels, r.Page.Gray.Pix...)
					r.Page.Release()
				})
				assert.NoError(t, err)
				assert.True(t, bytes.Equal(want[n], pixels), "file %d", n)
			}
		})
	}
	wg.Wait()
}

func decodeAll(t *testing.T, data []byte) (out []*Page) {
	pages, err := Decode("x", data, small)
	assert.NoError(t, err)
	for _, p := range pages {
		out = append(out, p.Page)
	}
	return out
}
