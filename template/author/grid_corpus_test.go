package author

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/marks"
	"recount/scanner"
	"recount/template"
)

// Real scans are read by another program's definition alone: stretched by the feed, printed at 89 and 93 % of their size, of
// 200 and 300 dots an inch. Their empty ovals are found empty, and as many are filled as the hand-made truth says.
func TestGridOnRealScans(t *testing.T) {
	corpus := corpusDir(t)
	for _, c := range []struct {
		set, image string
		page       int
	}{
		{"nh-testballot", "scan-marked-front.jpeg", 1},
		{"nh-testballot", "scan-marked-stretch-front.jpeg", 1},
		{"nh-testballot", "864a2854-ee26-4223-8097-9633b7bed096-back.jpg", 2},
		{"nh-hudson", "scan-marked-front-300dpi.jpeg", 1},
	} {
		t.Run(c.image, func(t *testing.T) {
			dir := t.TempDir()
			r, err := Import(ImportOptions{File: filepath.Join(corpus, c.set, "definition", "election.json"), Out: dir})
			require.NoError(t, err)
			set, err := template.Load(r.Election, dir)
			require.NoError(t, err)
			path := filepath.Join(corpus, c.set, "images", c.image)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			pages, err := scanner.Decode(c.image, data, scanner.Limits{})
			require.NoError(t, err)
			m, err := set.Match(pages[0].Page)
			require.NoError(t, err)
			assert.Equal(t, c.page, m.Page.Number)
			assert.Less(t, m.ResidualPx, 1.0)
			voted := 0
			for i, k := range marks.Measure(pages[0].Page.Gray, marks.Blank{Gray: m.Blank, DPI: m.DPI}, m.Map, m.Page.Targets) {
				assert.Greater(t, int(k.Outline), 7500, "target %d", i)
				if k.Fill > 2000 {
					voted++
				} else {
					assert.Less(t, int(k.Fill), 200, "target %d is empty", i)
				}
			}
			f, err := os.Open(filepath.Join(corpus, c.set, "truth.csv"))
			require.NoError(t, err)
			defer f.Close()
			rows, err := csv.NewReader(f).ReadAll()
			require.NoError(t, err)
			truth := 0
			for _, row := range rows {
				if row[0] == c.image && row[4] == "vote" {
					truth++
				}
			}
			assert.Equal(t, truth, voted)
		})
	}
}
