package election

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const gridFile = `{"format": 1, "title": "T",
 "contests": [{"id": "c", "title": "C", "vote_for": 1, "choices": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]}],
 "styles": [{"id": "s", "pages": [{"page": 1,
  "picture": {"file": "s.png", "sha256": "0000000000000000000000000000000000000000000000000000000000000000", "dpi": 100, "width": 850, "height": 1100},
  "code": {"kind": "bits", "value": "05", "bits": {"places": [{"x": 0.3, "y": 3}, {"x": 0.3, "y": 4}, {"x": 0.3, "y": 5}], "w": 0.1, "h": 0.1, "ones": [0], "parity": "even"}},
  "grid": {"columns": [0.25, 1, 2, 4], "rows": [0.5, 1, 1.5], "w": 0.2, "h": 0.1, "sides": ["left", "top"]},
  "targets": [
   {"contest": "c", "choice": "a", "column": 1.5, "row": 1, "w": 0.2, "h": 0.1, "shape": "oval"},
   {"contest": "c", "choice": "b", "x": 4.01, "y": 1.5, "column": 3, "row": 2, "w": 0.2, "h": 0.1, "shape": "oval"}]}]}]}`

func TestGridPlacesTargets(t *testing.T) {
	e, err := Parse("grid.json", []byte(gridFile))
	require.NoError(t, err)
	g := e.Styles[0].Pages[0].Targets
	assert.Equal(t, [2]float64{1.5, 1}, [2]float64{g[0].X, g[0].Y}, "between two columns")
	assert.Equal(t, [2]float64{4.01, 1.5}, [2]float64{g[1].X, g[1].Y}, "as written")
}

func TestGridErrors(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"falling columns":       {`[0.25, 1, 2, 4]`, `[0.25, 2, 1, 4]`, "does not rise"},
		"outside the picture":   {`[0.5, 1, 1.5]`, `[0.5, 1, 15]`, "outside the picture"},
		"place against column":  {`"x": 4.01`, `"x": 4.5`, "are not at column 3, row 2"},
		"a column without row":  {`"x": 4.01, "y": 1.5, "column": 3, "row": 2`, `"x": 4.01, "y": 1.5, "column": 3`, "only one of column and row"},
		"no place at all":       {`"column": 1.5, "row": 1,`, ``, "missing"},
		"no grid":               {`"grid": {"columns": [0.25, 1, 2, 4], "rows": [0.5, 1, 1.5], "w": 0.2, "h": 0.1, "sides": ["left", "top"]},`, ``, "no grid"},
		"code fails its parity": {`"value": "05"`, `"value": "04"`, "own checks"},
		"code lacks its one":    {`"value": "05"`, `"value": "03"`, "own checks"},
		"too many bits":         {`"value": "05"`, `"value": "85"`, "more than 3 bits"},
		"bits without kind":     {`"kind": "bits"`, `"kind": "qr"`, "kind bits"},
		"no such place":         {`"ones": [0]`, `"ones": [3]`, "no place 3"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(gridFile, c.old, c.new, 1)
			require.NotEqual(t, gridFile, text)
			_, err := Parse("grid.json", []byte(text))
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestBitsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		on := rapid.SliceOfN(rapid.Bool(), 2, 200).Draw(t, "on")
		b := &Bits{Places: make([]Place, len(on))}
		back, err := b.Parse(b.Format(on))
		require.NoError(t, err)
		assert.Equal(t, on, back)
	})
}
