package batch

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sheetRows reads sheets.csv into outcome and reason by image.
func sheetRows(t *testing.T, dir string) map[string][2]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "sheets.csv"))
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"image", "page", "sha256", "outcome", "reason", "style", "side", "sheet", "rotation", "skew_deg", "scale", "residual_px", "quality", "anchors", "anchors_used", "misfit_px", "pixels"}, rows[0])
	out := map[string][2]string{}
	for _, r := range rows[1:] {
		require.NotContains(t, out, r[0], "an input has two outcomes")
		out[r[0]] = [2]string{r[3], r[4]}
	}
	return out
}

// bomb is a PNG that says it is 30000 by 30000 pixels.
func bomb() []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		binary.Write(&b, binary.BigEndian, uint32(len(data)))
		body := append([]byte(kind), data...)
		b.Write(body)
		binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	chunk("IHDR", []byte{0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30, 8, 0, 0, 0, 0})
	chunk("IDAT", []byte{0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01})
	chunk("IEND", nil)
	return b.Bytes()
}

// stripes is a picture that is no ballot.
func stripes(t *testing.T) []byte {
	g := image.NewGray(image.Rect(0, 0, 900, 1200))
	for y := range 1200 {
		for x := range 900 {
			if (x*x/400+y*3)/50%2 == 0 {
				g.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, g))
	return b.Bytes()
}

// dentedG4 is a 120 x 90 pixel CCITT G4 TIFF in whose data eight bytes are changed.
const dentedG4 = "SUkqAEgAAAD/ycDwyv9sniWlpaWlpf/////5rBo//nJ///////////////////////+P/8f/////////////x/x///wAQAQADgAAAQMAAQAAAHgAAAABAQMA" +
	"AQAAAFoAAAACAQMAAQAAAAEAAAADAQMAAQAAAAQAAAAGAQMAAQAAAAAAAAARAQQAAQAAAAgAAAASAQMAAQAAAAEAAAAVAQMAAQAAAAEAAAAWAQMAAQAAAFoA" +
	"AAAXAQQAAQAAAD8AAAAaAQUAAQAAAPYAAAAbAQUAAQAAAP4AAAAcAQMAAQAAAAEAAAAoAQMAAQAAAAIAAAAAAAAAyAAAAAEAAADIAAAAAQAAAA=="

func TestHostileFolder(t *testing.T) {
	images := filepath.Join(suite(t), "images")
	good := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(images, name))
		require.NoError(t, err)
		return b
	}
	jpeg := good("sheet-0001-front.jpg")
	var escape bytes.Buffer
	z := zip.NewWriter(&escape)
	for name, data := range map[string][]byte{"../escape.jpg": jpeg} {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = w.Write(data)
		require.NoError(t, err)
	}
	w, err := z.Create("inside.jpg")
	require.NoError(t, err)
	_, err = w.Write(good("sheet-0005-front.jpg"))
	require.NoError(t, err)
	require.NoError(t, z.Close())

	g4, err := base64.StdEncoding.DecodeString(dentedG4)
	require.NoError(t, err)
	scans := t.TempDir()
	for name, data := range map[string][]byte{
		"1-front.jpg": jpeg, "1-back.jpg": good("sheet-0001-back.jpg"),
		"2-front.jpg": good("sheet-0003-front.jpg"), "2-back.jpg": good("sheet-0003-back.jpg")[:4000],
		"bomb.png": bomb(), "empty.jpg": {}, "dented.tif": g4, "text.tif": []byte("these are words, not pixels\n"),
		"notes.txt": []byte("box 4"), "stripes.png": stripes(t), "zip.zip": escape.Bytes(),
		"copy-front.jpg": jpeg, "copy-back.jpg": good("sheet-0001-back.jpg"),
		"mixed-front.jpg": jpeg, "mixed-back.jpg": good("sheet-0005-front.jpg"),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(scans, name), data, 0o666))
	}
	o := options(t)
	o.Inputs = []string{scans}
	sum, err := Run(t.Context(), o)
	require.NoError(t, err)
	assert.False(t, sum.Clean())
	rows := sheetRows(t, o.Out)
	assert.Len(t, rows, sum.Inputs)
	assert.Equal(t, []PageOutcome{{"notes.txt", "not a picture (.txt)"}}, sum.Aside)
	for image, want := range map[string][2]string{
		"2-back.jpg": {"refused", "truncated"}, "bomb.png": {"refused", "too-large"}, "empty.jpg": {"refused", "empty-file"},
		"dented.tif": {"refused", "corrupt"}, "text.tif": {"refused", "not-an-image"}, "stripes.png": {"refused", "no-style"},
		"copy-front.jpg": {"duplicate", "duplicate of 1-front.jpg"}, "copy-back.jpg": {"duplicate", "duplicate of 1-front.jpg"},
		"mixed-front.jpg": {"refused", "sheet-mismatch"}, "mixed-back.jpg": {"refused", "sheet-mismatch"},
	} {
		assert.Equal(t, want[0], rows[image][0], image)
		assert.True(t, strings.HasPrefix(rows[image][1], want[1]), "%s: %s", image, rows[image][1])
	}
	for _, image := range []string{"1-front.jpg", "1-back.jpg", "2-front.jpg", "zip.zip/inside.jpg"} {
		assert.Contains(t, []string{"counted", "questions"}, rows[image][0], "%s: %s", image, rows[image][1])
	}
	unsafe := 0
	for image, r := range rows {
		if strings.HasPrefix(r[1], "unsafe-name") {
			unsafe++
			assert.Equal(t, "refused", r[0], image)
		}
	}
	assert.Equal(t, 1, unsafe, "the archive's escaping name is one refusal")
	_, err = os.Stat(filepath.Join(filepath.Dir(scans), "escape.jpg"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
