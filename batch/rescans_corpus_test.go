package batch

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/scanner"
	"recount/vote"
)

// Real sheets of eight people, four to eight marks each, and what another scanner might have made of them: slanted, every other one
// upside down, softer, noisier, and a JPEG of quality 60. In another order they are found one by one.
func TestRealSheetsScannedAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 16 real scans")
	}
	set := corpusSet(t, "vw-28lb-paper")
	src, err := scanner.Open([]string{filepath.Join(set, "images")}, scanner.Limits{})
	require.NoError(t, err)
	defer src.Close()
	images := t.TempDir()
	const sheets = 8
	for i := range sheets {
		data, err := src.Inputs[i].Bytes()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(images, fmt.Sprintf("a%d%s", i, filepath.Ext(src.Inputs[i].Name))), data, 0o644))
		pages, err := scanner.Decode(src.Inputs[i].Name, data, scanner.Limits{})
		require.NoError(t, err)
		g := fixtures.Chain(fixtures.Warp(0.3+0.1*float64(i%5), 1, 3.3, -4.7), fixtures.Blur(1), fixtures.Noise(5, uint64(i)))(pages[0].Page.Gray)
		if i%2 == 0 {
			g = fixtures.Turn180()(g)
		}
		var b bytes.Buffer
		require.NoError(t, fixtures.EncodeJPEG(&b, g, int(pages[0].Page.XDPI), 60))
		require.NoError(t, os.WriteFile(filepath.Join(images, fmt.Sprintf("b%d-of-a%d.jpg", (3*i+1)%sheets, i)), b.Bytes(), 0o644))
	}
	out := filepath.Join(t.TempDir(), "run")
	sum, err := Run(t.Context(), Options{Election: defineSet(t, set, true), Out: out, Inputs: []string{images}, Workers: 2, Limits: vote.DefaultLimits(), Program: "recount test"})
	require.NoError(t, err)
	require.Equal(t, 2*sheets, sum.Sheets)
	f, err := os.Open(filepath.Join(out, rescansFile))
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	for _, r := range rows[1:] {
		assert.Contains(t, r[1], "-of-"+r[0][:2]+".", "two people's sheets")
		t.Log(r[:7])
	}
	assert.GreaterOrEqual(t, len(rows)-1, 4)
	assert.Equal(t, len(rows)-1, sum.ScannedTwice)
}
