package author

import (
	"encoding/csv"
	"errors"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

const ocrHead = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"

func TestParseOCR(t *testing.T) {
	tests := []struct {
		name, table string
		want        []Word
		says        string
	}{
		{"a word", ocrHead + "1\t1\t0\t0\t0\t0\t0\t0\t1700\t2200\t-1\t\n5\t1\t1\t1\t1\t1\t300\t600\t60\t30\t95.6\tAnn\n", []Word{{"Ann", 1.1, 2.05, 0.2, 0.1, 96}}, ""},
		{"lines ended as on Windows", strings.ReplaceAll(ocrHead+"5\t1\t1\t1\t1\t1\t300\t600\t60\t30\t95\tAnn\n", "\n", "\r\n"), []Word{{"Ann", 1.1, 2.05, 0.2, 0.1, 95}}, ""},
		{"nothing printable", ocrHead + "5\t1\t1\t1\t1\t1\t300\t600\t60\t30\t95\t \x07\n", nil, ""},
		{"no words", ocrHead, nil, ""},
		{"confidence beyond its range", ocrHead + "5\t1\t1\t1\t1\t1\t300\t600\t60\t30\t1e3\tAnn\n", []Word{{"Ann", 1.1, 2.05, 0.2, 0.1, 100}}, ""},
		{"nothing", "", nil, `no column "level"`},
		{"no table", "Error opening data file\n", nil, "no column"},
		{"fields missing", ocrHead + "5\t1\t1\n", nil, "line 2 of its table has 3 fields, not 12"},
		{"a place of no number", ocrHead + "5\t1\t1\t1\t1\t1\tNaN\t600\t60\t30\t95\tAnn\n", nil, `left is "NaN"`},
		{"a place off every page", ocrHead + "5\t1\t1\t1\t1\t1\t1e9\t600\t60\t30\t95\tAnn\n", nil, `left is "1e9"`},
		{"a word of a page's length", ocrHead + "5\t1\t1\t1\t1\t1\t3\t6\t60\t30\t95\t" + strings.Repeat("a", 201) + "\n", nil, "201 bytes"},
		{"too many words", ocrHead + strings.Repeat("5\t1\t1\t1\t1\t1\t3\t6\t60\t30\t95\ta\n", ocrMaxWords+1), nil, "50000 words"},
		{"no UTF-8", ocrHead + "5\t1\t1\t1\t1\t1\t3\t6\t60\t30\t95\t\xff\n", nil, "not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseOCR([]byte(tt.table), 300)
			if tt.says != "" {
				assert.ErrorContains(t, err, tt.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

// FuzzParseOCR: no table brings the program down, and words are within bounds.
func FuzzParseOCR(f *testing.F) {
	f.Add([]byte(ocrHead + "5\t1\t1\t1\t1\t1\t300\t600\t60\t30\t95.6\tAnn\n"))
	f.Add([]byte("level\tlevel\ttext\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		words, _ := parseOCR(data, 300)
		for _, w := range words {
			assert.NotEmpty(t, w.Text)
			assert.LessOrEqual(t, w.Confidence, 100)
			assert.GreaterOrEqual(t, w.Confidence, 0)
		}
	})
}

func TestFindOCRSaysWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := FindOCR("")
	require.ErrorIs(t, err, ErrNoOCR)
	assert.ErrorContains(t, err, "apt-get install tesseract-ocr")
	for _, langs := range []string{"../eng", "eng spa", "-l", strings.Repeat("a", 99)} {
		_, err := FindOCR(langs)
		assert.ErrorContains(t, err, "name them as Tesseract does")
	}
}

// A program that misbehaves under Tesseract's name is stopped, and what it prints is bounded.
func TestOCRIsBounded(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script for a program")
	}
	dir := t.TempDir()
	tests := []struct {
		name, script string
		limit        time.Duration
		says         string
	}{
		{"never ends", "exec sleep 60", 100 * time.Millisecond, "did not end within"},
		{"prints without end", "head -c 20000000 /dev/zero", 20 * time.Second, "printed more than"},
		{"fails", "echo Failed loading language >&2; exit 1", 20 * time.Second, "Failed loading language"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(dir, "program")
			require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+tt.script+"\n"), 0o755))
			_, err := (&OCR{path: path, langs: "eng"}).run(dir, tt.limit)
			assert.ErrorContains(t, err, tt.says)
		})
	}
	_, err := (&OCR{path: "none", langs: "eng"}).Words(image.NewGray(image.Rect(0, 0, 9, 9)), 1e-9, nil)
	assert.ErrorContains(t, err, "no ballot page")
}

// A scanned blank's names are read, put into a draft with how sure they are, and refuse a list in another order.
func TestOCRReadsNamesOfAScan(t *testing.T) {
	o, err := FindOCR("eng")
	if errors.Is(err, ErrNoOCR) {
		t.Skip("no Tesseract is installed")
	}
	require.NoError(t, err)
	dir := t.TempDir()
	d := fixtures.NewDrawing(6, 6.5, 200)
	d.Write(1, 1.2, 14, "Town Clerk")
	for i, name := range []string{"Ann Alder", "Robert Birch", "Carla Cedar"} {
		d.Oval(1, 1.6+0.5*float64(i))
		d.Write(1.16, 1.65+0.5*float64(i), 12, name) // so near that the oval is read as a letter, were it not painted out
	}
	blank := saved(t, d, dir, "b.png", 200)
	out := filepath.Join(dir, "draft.csv")
	n, err := DraftPages(DraftOptions{Out: out, Blanks: []BlankArg{{"style", 1, blank}}, OCR: o})
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	f, err := os.Open(out)
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	for i, name := range []string{"Ann Alder", "Robert Birch", "Carla Cedar"} {
		assert.Equal(t, name, rows[i+1][4])
		assert.Equal(t, "Town Clerk", rows[i+1][2])
		assert.Regexp(t, `^([5-9]\d|100)$`, rows[i+1][9])
	}
	list := filepath.Join(dir, "contests.csv")
	require.NoError(t, os.WriteFile(list, []byte("style,page,contest,vote_for,choice\nstyle,1,Town Clerk,1,Robert Birch\nstyle,1,Town Clerk,1,Ann Alder\nstyle,1,Town Clerk,1,Carla Cedar\n"), 0o644))
	opts := NewOptions{Title: "T", Contests: list, Out: filepath.Join(dir, "out"), Blanks: []BlankArg{{"style", 1, blank}}, OCR: o}
	_, err = Make(opts)
	var names *NamesError
	require.ErrorAs(t, err, &names)
	assert.Len(t, names.Pairings[0].Against, 2)
	opts.OCR = nil // without words nothing is known, and that is said
	made, err := Make(opts)
	require.NoError(t, err)
	assert.Empty(t, made.Pairings[0].Words)
	assert.Contains(t, made.Pairings[0].String(), "no names could be read")
}
