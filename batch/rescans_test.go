package batch

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/vote"
)

// scannedAgain draws sheets of people who all vote alike, each with a hand of their own, and the first of them once more through
// another scanner (other slant, noise and dust; and grey for black and white, or the other way round). It gives the finished run.
func scannedAgain(t *testing.T, kind fixtures.Kind, dpi, sheets, again int) (run *FinishedRun, images string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "suite")
	o := fixtures.Options{Seed: 7, Sheets: 2, DPI: dpi}
	require.NoError(t, fixtures.WriteSuite(dir, o))
	m, err := fixtures.New(o)
	require.NoError(t, err)
	require.NoError(t, m.Election().Write(filepath.Join(dir, "election.json")))
	images = filepath.Join(dir, "again")
	require.NoError(t, os.MkdirAll(images, 0o755))
	write := func(prefix string, i int, v fixtures.Voter) {
		scans, err := m.Sheet(i, v)
		require.NoError(t, err)
		for _, s := range scans {
			require.NoError(t, os.WriteFile(filepath.Join(images, prefix+s.Name), s.Bytes, 0o644))
		}
	}
	for i := range sheets {
		v := m.Voters()[0]
		v.Seed = uint64(100 + i)
		v.Marks = append([]fixtures.Hand{}, v.Marks...)
		for k := range v.Marks {
			v.Marks[k].Kind = kind
		}
		write("a-", i, v)
		if i < again {
			write("b-", i+1003, v)
		}
	}
	out := filepath.Join(t.TempDir(), "run")
	_, err = Run(context.Background(), Options{Election: filepath.Join(dir, "election.json"), Out: out, Inputs: []string{images}, Workers: 2, Limits: vote.DefaultLimits(), Program: "test"})
	require.NoError(t, err)
	run, err = OpenRun(out)
	require.NoError(t, err)
	t.Cleanup(func() { run.Close() })
	return run, images
}

// Of sheets by people who all vote alike, those that went through again are listed as a row and pictured, and no others.
func TestSheetsScannedTwiceAreFound(t *testing.T) {
	run, images := scannedAgain(t, fixtures.Cross, 120, 8, 5)
	file, err := os.Open(filepath.Join(filepath.Dir(run.ledger.path), rescansFile))
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 6)
	for _, r := range rows[1:] {
		assert.True(t, twin(r[0], r[1]), "%v are two people's", r)
		assert.Equal(t, []string{"1", "5"}, r[5:7])
		assert.Equal(t, "the 5 sheets from a-sheet-0001-front.jpg to a-sheet-0005-front.jpg came again, in the same order, from b-sheet-1004-front.png to b-sheet-1008-front.pbm: "+
			"compare some; if it is one stack, take one of its scans out and read again", r[7])
	}
	page, err := run.Report(ReportOptions{Images: []string{images}})
	require.NoError(t, err)
	cases := 0
	for _, c := range page.Cases {
		if c.Kind == "scanned-twice" {
			cases++
			require.Len(t, c.Crops, 2, "both sheets: %s", c.NoCrop)
			assert.Len(t, c.Marks, stripMarks)
		}
	}
	assert.Equal(t, picturedOfRun, cases)
	if dir := os.Getenv("RESCAN_REPORT"); dir != "" {
		f, err := os.Create(filepath.Join(dir, "report.html"))
		require.NoError(t, err)
		require.NoError(t, page.WriteHTML(f))
		require.NoError(t, f.Close())
	}
}

// twin says whether two names are the two scans of one drawn sheet.
func twin(a, b string) bool {
	var x, y int
	if a[0] == 'b' {
		a, b = b, a
	}
	fmt.Sscanf(a, "a-sheet-%d", &x)
	fmt.Sscanf(b, "b-sheet-%d", &y)
	return a[0] == 'a' && b[0] == 'b' && y == x+1003
}
