package template

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

// Print that is missing where the paper is torn off or cut is no witness for the twin that never had it: what is left to see
// decides, and where nothing is left the page is refused.
func TestTornPrintIsNoWitness(t *testing.T) {
	b, err := fixtures.NewBallots(fixtures.BallotOptions{Family: fixtures.Arrows, Seed: 11, DPI: 200, Styles: 2})
	require.NoError(t, err)
	e := b.Election()
	dir := t.TempDir()
	require.NoError(t, fixtures.WriteBlanks(dir, e, b.BlankPNG))
	set, err := Load(e, dir)
	require.NoError(t, err)
	for _, st := range e.Styles {
		t.Run(st.ID+", the corner with its blocks torn off", func(t *testing.T) {
			scan := fixtures.Clone(b.Blank(st.ID, 1))
			for y := range 500 {
				clear255(scan.Pix[y*scan.Stride : y*scan.Stride+max(0, 250-y/2)])
			}
			m, err := set.Match(page(scan, 200))
			if err != nil {
				assert.ErrorContains(t, err, string(Ambiguous))
				return
			}
			assert.Equal(t, st.ID, m.Style.ID)
		})
		t.Run(st.ID+", the precinct line gone as well", func(t *testing.T) {
			scan := fixtures.Clone(b.Blank(st.ID, 1))
			for y := range 500 {
				clear255(scan.Pix[y*scan.Stride : (y+1)*scan.Stride])
			}
			m, err := set.Match(page(scan, 200))
			if err == nil {
				assert.Equal(t, st.ID, m.Style.ID, "read although nothing tells it from its twin")
				assert.NotEmpty(t, m.Twins)
				return
			}
			assert.ErrorContains(t, err, string(Ambiguous))
		})
	}
}
