package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/template/author"
)

// Without Tesseract a definition is made and what was not checked is said; whoever asks for it is told how to install it.
func TestTemplateWithoutTesseract(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("PATH", dir)
	page := fixtures.Paper(850, 1100)
	fixtures.Bar(page, 50, 50, 800, 54)
	for _, y := range []float64{200, 300} {
		fixtures.Ellipse(page, fixtures.Point{X: 100, Y: y}, 20, 13, 2)
	}
	var buf bytes.Buffer
	require.NoError(t, fixtures.EncodePNG(&buf, page, 100))
	require.NoError(t, os.WriteFile("b.png", buf.Bytes(), 0o644))
	require.NoError(t, os.WriteFile("c.csv", []byte("style,page,contest,vote_for,choice\ns,1,Mayor,1,Ann Alder\ns,1,Mayor,1,Bo Birch\n"), 0o644))

	code, _, errs := recount(t, "template", "draft", "--ocr", "--out", "d.csv", "s/1=b.png")
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "apt-get install tesseract-ocr")
	assert.NoFileExists(t, "d.csv")
	args := []string{"template", "new", "--title", "T", "--contests", "c.csv", "--out"}
	code, _, errs = recount(t, append(args, "x", "--ocr", "s/1=b.png")...)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "apt-get install tesseract-ocr")
	assert.NoFileExists(t, filepath.Join("x", "election.json"))

	code, out, errs := recount(t, append(args, "y", "s/1=b.png")...)
	assert.Equal(t, exitDone, code)
	assert.Contains(t, out, "2 targets")
	assert.Contains(t, errs, "style s page 1: 2 rows paired down each column, left column first; no names could be read on the blank")
	assert.Contains(t, errs, "Names on pictures were not read")
	code, out, _ = recount(t, append(args, "z", "--json", "s/1=b.png")...)
	assert.Equal(t, exitDone, code)
	var pairings []author.Pairing
	require.NoError(t, json.Unmarshal([]byte(out), &pairings))
	require.Len(t, pairings, 1)
	assert.Equal(t, 2, pairings[0].Named)
	assert.Empty(t, pairings[0].Words)
}
