package review

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
)

// Every reason of a page that docs/OUTPUT.md names has its advice.
func TestEveryRefusalHasAdvice(t *testing.T) {
	text, err := os.ReadFile("../docs/OUTPUT.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(text), "| `truncated` |")
	require.True(t, ok)
	rest, _, ok = strings.Cut("| `truncated` |"+rest, "\n\n")
	require.True(t, ok)
	named := regexp.MustCompile("(?m)^\\| ((?:`[a-z-]+`(?:, )?)+) \\|").FindAllStringSubmatch(rest, -1)
	require.Greater(t, len(named), 15)
	for _, m := range named {
		for _, word := range strings.Split(m[1], ", ") {
			assert.NotEmpty(t, advice[strings.Trim(word, "`")], word)
		}
	}
}

func TestARefusedPageSaysWhatWasTried(t *testing.T) {
	s := serve(t, options(t))
	st := s.election.Styles[1]
	v := s.refusal(&batch.Page{Reason: "weak-fit: it lies askew; tried " + st.ID + " page 1 (fit 0.62), gone page 1 (fit 0.12)"})
	assert.Equal(t, "weak-fit", v.Kind)
	assert.Equal(t, "it lies askew", v.Sentence)
	assert.Contains(t, v.Advice, "by hand")
	require.Len(t, v.Tried, 2)
	assert.Equal(t, 1, v.Tried[0].At)
	assert.Equal(t, "1 "+st.ID, v.Tried[0].Enter)
	assert.Equal(t, []int{62, 45}, []int{v.Tried[0].Fit, v.Tried[0].Needed})
	assert.Equal(t, -1, v.Tried[1].At, "a style that the definition has no more")
	assert.Empty(t, v.Tried[1].Enter)
	page := visit(t, s, "Ann").page("/next/refused")
	assert.Contains(t, page, "is no picture of a kind that is read")
}
