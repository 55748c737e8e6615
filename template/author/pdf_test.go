package author

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"math/cmplx"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/template"
)

// pdfWith is a small PDF: one drawing a page, with Helvetica as F1, entries of every page and entries of the trailer.
func pdfWith(page, trailer string, drawings ...string) []byte {
	var b bytes.Buffer
	var offsets []int
	obj := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), fmt.Sprintf(format, args...))
	}
	b.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	obj("<< /Type /Catalog /Pages 2 0 R >>")
	kids := ""
	for i := range drawings {
		kids += fmt.Sprintf(" %d 0 R", 4+2*i)
	}
	obj("<< /Type /Pages /Count %d /Kids [%s] >>", len(drawings), kids)
	obj("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	for i, d := range drawings {
		obj("<< /Type /Page /Parent 2 0 R /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> %s >>", 5+2*i, page)
		obj("<< /Length %d >>\nstream\n%s\nendstream", len(d), d)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, trailer, at)
	return b.Bytes()
}

const letter = "/MediaBox [0 0 612 792]"

// boxesAt draws boxes of 0.22 x 0.12 inches, their middles given in inches from a letter page's top left.
func boxesAt(ps ...at2) string {
	s := "1 w\n"
	for _, p := range ps {
		s += fmt.Sprintf("%g %g %g %g re S\n", (p.x-0.11)*72, 792-(p.y+0.06)*72, 0.22*72, 0.12*72)
	}
	return s
}

func savePDF(t testing.TB, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "blank.pdf")
	require.NoError(t, os.WriteFile(file, data, 0o644))
	return file
}

// A drawn page becomes a definition: the targets lie where the PDF has them, at the resolution asked for, and the same file
// gives the same bytes.
func TestNewFromABornDigitalPDF(t *testing.T) {
	want := []at2{{1, 2}, {1, 3}, {1, 4}}
	text := "BT /F1 12 Tf 100 640 Td (Ann Alder) Tj ET\n"
	file := savePDF(t, pdfWith(letter, "", boxesAt(at2{2, 2})+text, boxesAt(want...)+text))
	for _, tt := range []struct {
		dpi, want float64
		w, h      int
	}{{0, 200, 1700, 2200}, {300, 300, 2550, 3300}, {150.5, 150.5, 1279, 1656}} {
		t.Run(fmt.Sprintf("dpi %g", tt.dpi), func(t *testing.T) {
			var all [2][]byte
			for i := range all {
				dir := t.TempDir()
				e, err := New(NewOptions{Title: "T", Contests: saveList(t, dir, 3, nil), Out: dir, DPI: tt.dpi, Blanks: []BlankArg{{"style", 1, file + "#2"}}})
				require.NoError(t, err)
				pg := e.Styles[0].Pages[0]
				assert.Equal(t, tt.want, pg.Picture.DPI)
				assert.InDelta(t, tt.w, pg.Picture.Width, 1)
				assert.InDelta(t, tt.h, pg.Picture.Height, 1)
				for k, tg := range pg.Targets {
					assert.InDelta(t, want[k].x, tg.X, 0.006)
					assert.InDelta(t, want[k].y, tg.Y, 0.006)
				}
				all[i], err = os.ReadFile(filepath.Join(dir, "blanks/style-p1.png"))
				require.NoError(t, err)
			}
			assert.Equal(t, all[0], all[1])
		})
	}
}

// What cannot be a ballot is refused by name, with the mend, and costs nothing.
func TestPDFBlankRefusals(t *testing.T) {
	good := pdfWith(letter, "", boxesAt(at2{1, 2}))
	two := pdfWith(letter, "", boxesAt(at2{1, 2}), boxesAt(at2{1, 2}))
	many := make([]string, pdfMaxPages+1)
	secret := "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O (12345678901234567890123456789012) /U (12345678901234567890123456789012) >> /ID [<00> <00>]"
	tests := []struct {
		name string
		data []byte
		page string
		dpi  float64
		says string
	}{
		{"cut short", good[:len(good)/2], "", 0, "truncated"},
		{"no pages", pdfWith(letter, ""), "", 0, "holds no page"},
		{"encrypted", pdfWith(letter, secret, boxesAt()), "", 0, "encrypted (save it as"},
		{"a page of a mile", pdfWith("/MediaBox [0 0 900000 900000]", "", boxesAt()), "", 0, "inches, 1 to 30 are drawn"},
		{"a page of a stamp", pdfWith("/MediaBox [0 0 20 20]", "", boxesAt()), "", 0, "inches, 1 to 30 are drawn"},
		{"a page of no size", pdfWith("/MediaBox [0 0 0 0]", "", boxesAt()), "", 0, "media box"},
		{"a page turned inside out", pdfWith("/MediaBox [9e99 0 -9e99 1]", "", boxesAt()), "", 0, "blank.pdf"},
		{"too many pixels", pdfWith("/MediaBox [0 0 2000 2000]", "", boxesAt()), "", 1200, "smaller --dpi"},
		{"too many pages", pdfWith(letter, "", many...), "#1", 0, "201 pages, 1 to 200 are read"},
		{"which page", two, "", 0, "has 2 pages: say which with #1"},
		{"page 3 of 2", two, "#3", 0, "the file has 2 pages"},
		{"too many bytes", pdfWith(letter, "", boxesAt()+strings.Repeat(" ", pdfMaxFile)), "", 0, "blank.pdf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := openBlank(savePDF(t, tt.data)+tt.page, tt.dpi)
			require.Error(t, err)
			assert.Contains(t, err.Error(), tt.says)
		})
	}
}

// TestDrawPDFKeepsColours draws a red square on the second page.
func TestDrawPDFKeepsColours(t *testing.T) {
	file := filepath.Join(t.TempDir(), "red.pdf")
	require.NoError(t, os.WriteFile(file, pdfWith("/MediaBox [0 0 144 144]", "", "", "1 0 0 rg 36 36 72 72 re f"), 0o644))
	m, err := DrawPDF(file, 2, 100)
	require.NoError(t, err)
	assert.Equal(t, 200, m.Bounds().Dx())
	assert.InDelta(t, 200, m.Bounds().Dy(), 1)
	assert.Equal(t, color.RGBA{255, 0, 0, 255}, m.At(100, 100))
	assert.Equal(t, color.RGBA{255, 255, 255, 255}, m.At(20, 20))
	_, err = DrawPDF(file, 3, 100)
	assert.ErrorContains(t, err, "red.pdf: the file has 2 pages")
	_, err = DrawPDF(file, 1, 90000)
	assert.ErrorContains(t, err, "--dpi")
	_, err = DrawPDF(file+"x", 1, 0)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// The renderer itself, too, refuses what the scanner's reader of PDFs would have stopped before.
func TestRendererRefusesHostileBytes(t *testing.T) {
	good := pdfWith(letter, "", boxesAt(at2{1, 2}))
	for name, data := range map[string][]byte{
		"nothing": {}, "no PDF": []byte("hello"), "no pages": pdfWith(letter, ""), "half": good[:len(good)/3],
		"a size of not a number": pdfWith("/MediaBox [0 0 /x /y]", "", "")[:300],
		"a huge page":            pdfWith("/MediaBox [0 0 200000 200000]", "", boxesAt()),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := renderBlank("hostile.pdf", data, 1, 0)
			require.Error(t, err)
			assert.Contains(t, err.Error(), "hostile.pdf")
		})
	}
	_, err := renderBlank("large.pdf", make([]byte, pdfMaxFile+1), 1, 0)
	assert.ErrorContains(t, err, "save the ballot's pages alone")
}

// A page's words come with their places, however the page is turned and cropped.
func TestPDFTextPlacesWords(t *testing.T) {
	text := "BT /F1 12 Tf 144 648 Td (Ann  Neil) Tj 0 -72 Td (Bo) Tj ET\n"
	tests := []struct {
		name, page string
		x, y       float64 // where the baseline of "Ann" begins, in inches from the top left
		turned     bool
	}{
		{"plain", letter, 2, 2, false},
		{"cropped", letter + " /CropBox [36 36 576 756]", 1.5, 1.5, false},
		{"another origin", "/MediaBox [-72 -72 540 720]", 3, 1, false},
		{"turned", letter + " /Rotate 90", 9, 2, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			words, err := PDFText(savePDF(t, pdfWith(tt.page, "", text)), 1)
			require.NoError(t, err)
			require.Len(t, words, 3)
			at := map[string]Word{} // the renderer reads a turned page in another order
			for _, w := range words {
				at[w.Text] = w
			}
			require.Contains(t, at, "Ann")
			require.Contains(t, at, "Neil")
			require.Contains(t, at, "Bo")
			w := at["Ann"]
			if tt.turned { // read downwards, letters to the right of their baseline
				assert.InDelta(t, tt.x, w.X-w.W/2, 0.02)
				assert.InDelta(t, tt.y, w.Y-w.H/2, 0.02)
				return
			}
			assert.InDelta(t, tt.x, w.X-w.W/2, 0.02)
			assert.InDelta(t, tt.y, w.Y+w.H/2, 0.02)
			assert.InDelta(t, 0.12, w.H, 0.04)
			assert.InDelta(t, w.Y+1, at["Bo"].Y, 0.03)
			assert.Greater(t, at["Neil"].X, w.X)
		})
	}
	_, err := PDFText(filepath.Join(t.TempDir(), "none.pdf"), 1)
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = PDFText(savePDF(t, pdfWith(letter, "", text)), 2)
	assert.ErrorContains(t, err, "has 1 pages")
}

// FuzzPDFBlank: no bytes bring the program down, and what comes back is within bounds.
func FuzzPDFBlank(f *testing.F) {
	f.Add(pdfWith(letter, "", boxesAt(at2{1, 2})+"BT /F1 12 Tf 9 9 Td (a) Tj ET"))
	f.Add(pdfWith("/MediaBox [0 0 2e9 2e9] /Rotate 45", "", "q"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := openPDF("fuzz.pdf", data)
		if err != nil {
			return
		}
		defer d.close()
		if g, err := d.render(1, 20); err == nil {
			assert.LessOrEqual(t, len(g.Pix), pdfMaxInches*pdfMaxInches*20*20+2000)
		}
		_, _ = d.words(1)
	})
}

func corpusDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("RECOUNT_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus of real scans at %s (set RECOUNT_CORPUS)", dir)
	}
	return dir
}

// A real ballot's PDF gives the targets of the scanned blank: but for how the scanner laid the page, to within a pixel.
func TestPDFTemplateEqualsTheScannedBlanks(t *testing.T) {
	set := filepath.Join(corpusDir(t), "simple_durant")
	data, err := os.ReadFile(filepath.Join(set, "ballots.json"))
	require.NoError(t, err)
	var truth struct {
		Templates []struct {
			Contests []struct {
				Title   string
				VoteFor int `json:"vote_for"`
				Choices []string
			}
		}
	}
	require.NoError(t, json.Unmarshal(data, &truth))
	list := "style,page,contest,vote_for,choice,party,candidate\n"
	n := 0
	for _, c := range truth.Templates[0].Contests {
		for _, ch := range c.Choices {
			list += fmt.Sprintf("durant,1,%q,%d,%q,,\n", c.Title, c.VoteFor, ch)
			n++
		}
	}
	require.Equal(t, 9, n)
	dir := t.TempDir()
	contests := filepath.Join(dir, "contests.csv")
	require.NoError(t, os.WriteFile(contests, []byte(list), 0o644))
	var drawn, scanned []complex128 // pixels at 200 dpi
	for i, blank := range []string{"blankpdf/DurantSample.pdf", "blank/blank.tif"} {
		e, err := New(NewOptions{Title: "Durant", Contests: contests, Out: filepath.Join(dir, fmt.Sprint(i)), Blanks: []BlankArg{{"durant", 1, filepath.Join(set, blank)}}})
		require.NoError(t, err)
		targets := e.Styles[0].Pages[0].Targets
		require.Len(t, targets, n)
		for _, tg := range targets {
			if z := complex(tg.X*200, tg.Y*200); i == 0 {
				drawn = append(drawn, z)
			} else {
				scanned = append(scanned, z)
			}
		}
	}
	a, miss := onScan(drawn, scanned)
	t.Logf("scale %.4f, turned %.2f degrees, worst residual %.2f pixels", cmplx.Abs(a), cmplx.Phase(a)*180/math.Pi, miss)
	assert.InDelta(t, 0.96, cmplx.Abs(a), 0.01, "it was printed to fit the page")
	assert.Less(t, miss, 1.0, "pixels at 200 dpi")
}

// onScan fits how the scanner laid the page: turned and stretched by a, shifted by b; miss is what it leaves at worst. The
// targets are all in one column, so a freer mapping has no one answer.
func onScan(from, to []complex128) (a complex128, miss float64) {
	var mf, mt, ft, ff complex128
	for i := range from {
		mf += from[i] / complex(float64(len(from)), 0)
		mt += to[i] / complex(float64(len(to)), 0)
	}
	for i := range from {
		ft += cmplx.Conj(from[i]-mf) * (to[i] - mt)
		ff += cmplx.Conj(from[i]-mf) * (from[i] - mf)
	}
	a = ft / ff
	for i := range from {
		miss = max(miss, cmplx.Abs(a*(from[i]-mf)-(to[i]-mt)))
	}
	return a, miss
}

// A real ballot's ranked grid and its two columns, in red outlines under an overprint: every oval and no more, neither the
// pictures in the instructions nor the crop marks.
func TestFindTargetsOfRealGrids(t *testing.T) {
	dir := filepath.Join(corpusDir(t), "..", "blanks")
	for _, tt := range []struct {
		file  string
		pages []int
	}{
		{"dominion-sf-2019-ranked-BT01.pdf", []int{6 * 7, 3*3 + 4*5 + 3*9}},
		{"dominion-sf-2020-BT07.pdf", []int{7 + 6, 14 + 15, 12, 12, 12, 14}},
	} {
		data, err := os.ReadFile(filepath.Join(dir, tt.file))
		if os.IsNotExist(err) {
			t.Skipf("no blank %s beside the corpus", tt.file)
		}
		require.NoError(t, err)
		d, err := openPDF(tt.file, data)
		require.NoError(t, err)
		defer d.close()
		for i, want := range tt.pages {
			t.Run(fmt.Sprintf("%s page %d", tt.file, i+1), func(t *testing.T) {
				g, err := d.render(i+1, 200)
				require.NoError(t, err)
				got, err := template.FindTargets(g, 200)
				require.NoError(t, err)
				assert.Len(t, got, want)
				for _, f := range got {
					assert.Equal(t, election.Oval, f.Shape)
				}
			})
		}
	}
}
