package batch

import (
	"flag"
	"fmt"
	"image/png"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	accuracyTargets = flag.Int("accuracy.targets", 12_000, "drawn targets that TestAccuracy reads")
	accuracySeed    = flag.Uint64("accuracy.seed", 1, "seed of TestAccuracy's first page; page n has the seed and n")
	accuracyOne     = flag.Int("accuracy.page", -1, "read this one page of TestAccuracy, and say what was found")
	accuracyPicture = flag.String("accuracy.picture", "", "with -accuracy.page: write the page to this PNG file")
	accuracyRow     = flag.String("accuracy.row", "", "draw these pages alone: \"everyday\", or a fault, or one and its strength as in the table")
	accuracyPress   = flag.String("accuracy.layout", "", "read the pages of this layout alone")
	accuracyList    = flag.String("accuracy.list", "", "add every flag, refusal and wrong answer of TestAccuracy to this file, a line each")
	accuracyTable   = flag.Bool("accuracy.table", false, "print TestAccuracy's whole table and its figures")
	accuracyPart    = flag.String("accuracy.part", "", "read one of several parts of TestAccuracy's pages, such as 2/5; their figures add up")
	accuracyLedger  = flag.String("accuracy.ledger", "", "keep the figures of what was read in this file, and go on from those that are in it")
)

// Every target of drawn ballots, marked by drawn hands and damaged in every way, is right, or a person is asked.
func TestAccuracy(t *testing.T) {
	ps := presses(t, *accuracyOne)
	if *accuracyOne >= 0 {
		one(t, ps)
		return
	}
	began := time.Now()
	run, err := newAccuracyRun(pagesFor(ps, *accuracySeed, *accuracyTargets), *accuracyPart, *accuracyLedger)
	require.NoError(t, err)
	require.NoError(t, run.read(ps))
	if *accuracyTable {
		printAccuracy(run.sum.Rows, run.all(), time.Since(began).Seconds())
	}
	for _, w := range run.sum.Wrongs {
		t.Log(w)
	}
	all := run.all()
	assert.Zero(t, all.Wrong, "wrong targets of %d", all.Targets)
	day := run.sum.Rows["everyday"]
	if *accuracyRow == "" && *accuracyPress == "" && *accuracyPart == "" {
		require.NotNil(t, day)
	}
	if day != nil {
		assert.LessOrEqual(t, float64(day.Refused), mostRefused*float64(day.Pages)+1, "refused pages of everyday damage, of %d", day.Pages)
		assert.LessOrEqual(t, float64(day.Flagged), mostFlagged*float64(day.Clear)+3, "flagged targets of everyday damage, of %d", day.Clear)
		assert.Zero(t, day.Inked, "empty targets of everyday damage that measure 2 %% and more")
	}
}

// The gates of everyday damage, with a page and a few targets more in a short run (docs/ACCURACY.md).
const mostRefused, mostFlagged = 0.001, 0.010

// one reads a single page and says everything that was found.
func one(t *testing.T, ps []*press) {
	d, err := drawPage(ps, *accuracySeed, *accuracyOne)
	require.NoError(t, err)
	fmt.Printf("page %d: %s, style %s page %d, %dx%d pixels, %v\n", *accuracyOne, d.press.name, d.style.ID, d.page.Number,
		d.scan.Gray.Rect.Dx(), d.scan.Gray.Rect.Dy(), d.faults)
	if d.file != nil {
		fmt.Printf("  stored in a file of %d bytes\n", len(d.file))
	}
	if *accuracyPicture != "" {
		f, err := os.Create(*accuracyPicture)
		require.NoError(t, err)
		require.NoError(t, png.Encode(f, d.scan.Gray))
		require.NoError(t, f.Close())
	}
	sc := readDrawing(d, func(format string, args ...any) { fmt.Printf("  "+format+"\n", args...) })
	assert.Zero(t, sc.Wrong)
}
