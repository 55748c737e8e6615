package audit_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/vote"
)

// Where each sheet lies in a folder of its own the totals are those of all sheets together.
func TestTooManyBatchesAreCountedTogether(t *testing.T) {
	e := town()
	style := &e.Styles[0]
	var in []vote.Reading
	for i, g := range style.Pages[0].Targets {
		r := vote.Reading{Page: 1, Target: i}
		r.Mark.Outline = 9000
		if g.Choice == "c" || g.Choice == "a-wf" {
			r.Mark.Fill, r.Mark.Dark, r.Mark.Spread = 8000, 9000, 9000
		}
		in = append(in, r)
	}
	sheet := vote.DecideSheet(e, style, 1, in, vote.DefaultLimits())
	count := func(sheets int, batch func(i int) string) (*audit.Tally, []byte) {
		tally := audit.NewTally(e)
		for i := range sheets {
			s := sheet
			s.Contests = append([]vote.Contest{}, sheet.Contests...)
			s.Contests[0].ByHand = i % 2
			require.NoError(t, tally.Add([]string{"North", "South"}[i%2], batch(i), &s))
		}
		require.NoError(t, tally.Check())
		var b bytes.Buffer
		require.NoError(t, tally.WriteCSV(&b))
		return tally, b.Bytes()
	}
	own := func(i int) string { return fmt.Sprint("sheet ", i) }
	_, want := count(5000, func(int) string { return "" })
	_, got := count(5000, own)
	assert.Equal(t, string(want), string(got))

	few, _ := count(4000, own)
	batches := map[string]bool{}
	for _, r := range few.Totals().Rows {
		batches[r.Batch] = true
	}
	assert.Len(t, batches, 4000)
}
