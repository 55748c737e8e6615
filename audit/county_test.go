package audit_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/vote"
)

// Two thousand sheets beside an export into which faults were planted: each is found and classed, and nothing else is said.
func TestPlantedFaultsAreAllFound(t *testing.T) {
	const n = 2000
	e := town()
	r := rand.New(rand.NewPCG(1, 2))
	columns := []string{"a-dem", "b-rep", "a-wf", "mw", "c", "d", "e", "w1", "w2", "yes", "no"}
	var sheets []*vote.Sheet
	var rows []string
	cells := make([][]byte, n)
	for i := range n {
		marked := []string{[]string{"a-dem", "a-dem", "b-rep", "a-wf"}[r.IntN(4)], "c", []string{"d", "e"}[r.IntN(2)], []string{"yes", "no", "yes"}[r.IntN(3)]}
		if i >= 1000 && i < 1010 { // overvoted on paper, no vote on the record
			marked = []string{"a-dem", "b-rep", "c", "d", "yes"}
		}
		sheets = append(sheets, sheet(e, marked...))
		cells[i] = []byte(strings.Repeat("0", len(columns)))
		for k, c := range columns {
			for _, m := range marked {
				if m == c {
					cells[i][k] = '1'
				}
			}
		}
	}
	for i := range 10 {
		copy(cells[1000+i][:4], "0000")
		b := cells[100+i] // swapped votes on the question
		b[9], b[10] = b[10], b[9]
		if b[9] == b[10] {
			t.Fatal("a question without a vote")
		}
	}
	for i := range n {
		if i >= 500 && i < 510 {
			continue // dropped
		}
		rows = append(rows, row(i+1, string(cells[i])))
		if i >= 700 && i < 710 {
			rows = append(rows, row(i+1, string(cells[i]))) // doubled
		}
	}
	c := compareTown(t, e, audit.SheetOptions{}, rows, sheets...)
	assert.Equal(t, []int{n, n, n - 10}, []int{c.Sheets, c.Records, c.Matched})
	assert.Len(t, c.MissingRecords, 10)
	assert.Len(t, c.Twice, 10)
	assert.Empty(t, c.MissingImages)
	assert.Equal(t, map[audit.DifferenceKind]int{audit.Real: 10, audit.Wording: 10}, c.Kinds)
	require.Len(t, c.Differences, 20)
	for _, d := range c.Differences {
		if d.Kind == audit.Real {
			assert.Equal(t, "Question 1", d.Contest)
			assert.Contains(t, []audit.Class{audit.Over2, audit.Under2}, d.Class)
		} else {
			assert.Equal(t, "Mayor", d.Contest)
		}
	}
	assert.Equal(t, 3*(n-10)-20, c.Agree)
}
