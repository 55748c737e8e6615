package scanner

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/tiff"
)

// corpus gives the place of the real scans, or skips.
func corpus(t testing.TB) string {
	dir := os.Getenv("RECOUNT_CORPUS")
	if dir == "" {
		dir = "../../shared/corpus"
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus of real scans at %s (set RECOUNT_CORPUS)", dir)
	}
	return dir
}

func TestCorpusTIFFsEqualTheirUncompressedCopies(t *testing.T) {
	dir := corpus(t)
	if _, err := exec.LookPath("tiffcp"); err != nil {
		t.Skip("no tiffcp")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "images", "*.tif"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	variants := map[string][]string{"none": {"-c", "none"}, "g4": {"-c", "g4", "-r", "300"}, "lzw": {"-c", "lzw"},
		"g3": {"-c", "g3:1d"}, "msb": {"-c", "g4", "-f", "msb2lsb"}, "packbits": {"-c", "packbits", "-B"}}
	for i, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		want, err := Decode("a.tif", data, Limits{})
		require.NoError(t, err, f)
		for v, args := range variants {
			if v != "none" && i%10 != 0 {
				continue
			}
			out := filepath.Join(t.TempDir(), "b.tif")
			require.NoError(t, exec.Command("tiffcp", append(args, f, out)...).Run())
			copied, err := os.ReadFile(out)
			require.NoError(t, err)
			got, err := Decode("b.tif", copied, Limits{})
			require.NoError(t, err, "%s %s", v, f)
			require.Len(t, got, len(want))
			for p := range want {
				assert.Equal(t, want[p].Page.Gray.Rect, got[p].Page.Gray.Rect)
				assert.True(t, string(want[p].Page.Gray.Pix) == string(got[p].Page.Gray.Pix), "%s of %s differs", v, f)
				assert.True(t, got[p].Page.Bitonal)
				assert.Equal(t, 200.0, got[p].Page.XDPI)
			}
		}
	}
}

// TestCorpusTIFFsEqualAnotherDecoder holds our fax decoder against that of golang.org/x/image on every real scan.
func TestCorpusTIFFsEqualAnotherDecoder(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus(t), "*", "images", "*.tif"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	faxes := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		got, err := Decode("a.tif", data, Limits{})
		require.NoError(t, err, f)
		want, err := tiff.Decode(bytes.NewReader(data))
		require.NoError(t, err, f)
		assert.True(t, bytes.Equal(toGray(want).Pix, got[0].Page.Gray.Pix), "%s differs", f)
		if ink := got[0].Page.Ink(); ink != nil {
			faxes++
			assert.True(t, slices.Equal(FromGray(got[0].Page.Gray, 128).Words, ink.Words), "%s: bits and grey differ", f)
		}
		got[0].Page.Release()
	}
	assert.Greater(t, faxes, 40)
}

func TestCorpusOpensAndDecodes(t *testing.T) {
	src, err := Open([]string{corpus(t)}, Limits{})
	require.NoError(t, err)
	defer src.Close()
	good := 0
	for i := range src.Inputs {
		in := &src.Inputs[i]
		if strings.Contains(in.Name, "/definition/") {
			continue
		}
		pages, err := in.Pages(Limits{})
		if strings.HasSuffix(in.Name, ".pdf") { // blanks drawn by a printer's program, not scans
			for _, p := range pages {
				assert.Equal(t, PDFNotScan, ReasonOf(p.Err), "%s: %v", p.Name, p.Err)
			}
			assert.Contains(t, []Reason{PDFNotScan, Unsupported}, ReasonOf(err), "%s: %v", in.Name, err) // some are encrypted
			continue
		}
		if !assert.NoError(t, err, in.Name) {
			continue
		}
		good += len(pages)
		q := pages[0].Page.Quality()
		for _, st := range q.Streaks {
			t.Logf("%s: streak %v", in.Name, st)
		}
		assert.False(t, q.Blank, in.Name)
	}
	assert.GreaterOrEqual(t, good, 142)
}
