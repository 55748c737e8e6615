package author

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"recount/election"
)

// Bounds of what Tesseract's table may hold. The fullest page seen, three languages in small print, has 2,100 words.
const (
	ocrMaxWords = 50_000
	ocrMaxText  = 200 // bytes of one word
)

// ocrColumns are the columns of Tesseract's TSV that are read; it has had them since 3.05.
var ocrColumns = []string{"level", "left", "top", "width", "height", "conf", "text"}

// parseOCR reads the table that Tesseract prints for its tsv output, places in pixels at dpi. Rows of level 5 are words;
// conf is 0 to 100. Words without a printable letter are left out.
func parseOCR(data []byte, dpi float64) ([]Word, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("its table is not UTF-8 text")
	}
	line, rest, _ := bytes.Cut(data, []byte("\n"))
	at := map[string]int{}
	for i, name := range strings.Split(strings.TrimRight(string(line), "\r"), "\t") {
		at[name] = i
	}
	for _, c := range ocrColumns {
		if _, ok := at[c]; !ok {
			return nil, fmt.Errorf("its table has no column %q: version 4 or later is needed", c)
		}
	}
	var out []Word
	for n := 2; len(rest) > 0; n++ {
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		row := strings.TrimRight(string(line), "\r")
		if row == "" {
			continue
		}
		f := strings.Split(row, "\t")
		if len(f) != len(at) {
			return nil, fmt.Errorf("line %d of its table has %d fields, not %d", n, len(f), len(at))
		}
		if f[at["level"]] != "5" {
			continue
		}
		var v [5]float64
		for i, c := range ocrColumns[1:6] {
			x, err := strconv.ParseFloat(f[at[c]], 64)
			if err != nil || math.IsNaN(x) || math.Abs(x) > 1e6 {
				return nil, fmt.Errorf("line %d of its table: %s is %q", n, c, f[at[c]])
			}
			v[i] = x
		}
		text := printable(f[at["text"]])
		if text == "" || v[2] <= 0 || v[3] <= 0 {
			continue
		}
		if len(text) > ocrMaxText || len(out) >= ocrMaxWords {
			return nil, fmt.Errorf("its table holds a word of %d bytes or more than %d words: that is no ballot page", len(text), ocrMaxWords)
		}
		out = append(out, Word{Text: text, X: election.RoundInches((v[0] + v[2]/2) / dpi), Y: election.RoundInches((v[1] + v[3]/2) / dpi),
			W: election.RoundInches(v[2] / dpi), H: election.RoundInches(v[3] / dpi), Confidence: int(math.Round(min(max(v[4], 0), 100)))})
	}
	return out, nil
}
