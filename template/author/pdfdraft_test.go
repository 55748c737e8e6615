package author

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
)

// textAt writes lines of 10 points, their baselines' beginnings given in inches from a letter page's top left.
func textAt(lines map[at2]string) string {
	s := ""
	for p, l := range lines {
		s += fmt.Sprintf("BT /F1 10 Tf %g %g Td (%s) Tj ET\n", p.x*72, 792-p.y*72, l)
	}
	return s
}

// A draft has a row a target with the names beside and the headings above; completed, it makes a definition.
func TestDraftProposesNames(t *testing.T) {
	tests := []struct {
		name string
		at   float64 // where names begin; the targets are at 1 and 5 inches
	}{{"names on the right", 0.3}, {"names on the left", -0.95}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := map[at2]string{}
			for _, c := range []struct {
				x     float64
				lines map[float64]string
			}{
				{1, map[float64]string{1: "Mayor", 1.4: "Vote for one", 2.05: "Ann Alder", 2.2: "Blue", 3.05: "Bo Birch____"}},
				{5, map[float64]string{1.4: "Clerk", 2.05: "Cy Cedar", 2.75: "Auditor", 3.05: "Di Dogwood"}},
			} {
				for y, l := range c.lines {
					text[at2{c.x + tt.at, y}] = l
				}
			}
			targets := []at2{{1, 2}, {1, 3}, {1, 3.5}, {5, 2}, {5, 3}}
			out := filepath.Join(t.TempDir(), "draft.csv")
			n, err := Draft(out, 0, []BlankArg{{"style", 1, savePDF(t, pdfWith(letter, "", boxesAt(targets...)+textAt(text)))}})
			require.NoError(t, err)
			assert.Equal(t, 5, n)
			f, err := os.Open(out)
			require.NoError(t, err)
			defer f.Close()
			rows, err := csv.NewReader(f).ReadAll()
			require.NoError(t, err)
			require.Len(t, rows, 6)
			assert.Equal(t, draftHeader, rows[0])
			want := [][2]string{{"Mayor", "Ann Alder"}, {"Mayor", "Bo Birch"}, {"Mayor", ""}, {"Clerk", "Cy Cedar"}, {"Auditor", "Di Dogwood"}}
			for i, w := range want {
				r := rows[i+1]
				assert.Equal(t, w[0], r[2], "contest of row %d", i)
				assert.Equal(t, w[1], r[4], "choice of row %d", i)
				assert.Empty(t, r[3], "how many to vote for is a person's to say")
			}
			_, err = Draft(out, 0, []BlankArg{{"style", 1, "x"}})
			assert.ErrorContains(t, err, "is there already")
			_, err = f.Seek(0, 0)
			require.NoError(t, err)
			_, err = election.ReadContests(out, f)
			assert.Error(t, err, "a draft that nobody completed is no contest list")
		})
	}
}

// A scanned blank has no text: the draft has the places only.
func TestDraftOfAScan(t *testing.T) {
	dir := t.TempDir()
	d := fixtures.NewDrawing(8.5, 11, 100)
	d.Oval(1, 2)
	out := filepath.Join(dir, "draft.csv")
	n, err := Draft(out, 0, []BlankArg{{"style", 1, saved(t, d, dir, "b.png", 100)}})
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	data, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^style,1,,,,,,(1|0\.99\d*|1\.00\d*),(2|1\.99\d*|2\.00\d*),$`, string(data))
}

// The names of a real ballot come from its PDF's text; lines to write a name on have none.
func TestDraftOfARealPDF(t *testing.T) {
	file := filepath.Join(corpusDir(t), "simple_durant", "blankpdf", "DurantSample.pdf")
	out := filepath.Join(t.TempDir(), "draft.csv")
	n, err := Draft(out, 0, []BlankArg{{"durant", 1, file}})
	require.NoError(t, err)
	assert.Equal(t, 9, n)
	f, err := os.Open(out)
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	var names []string
	for _, r := range rows[1:] {
		names = append(names, r[4])
	}
	assert.Equal(t, []string{"Ron Alpen", "Russ Paustian", "Barbara Reasner", "Richard Stoltenberg", "", "", "", "Michelle Garvin", ""}, names)
}
