package review

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/batch"
)

// differing is a comparison with a machine that differs on one sheet, in the contest of its first question.
func differing(t *testing.T, o *Options) (path string) {
	t.Helper()
	s, err := New(*o)
	require.NoError(t, err)
	defer s.Close()
	items, err := s.items(batch.KindQuestion, 0, false, batch.After{}, 1)
	require.NoError(t, err)
	p, err := s.index.PageByID(items[0].Page)
	require.NoError(t, err)
	row, err := s.index.SheetByID(p.SheetID)
	require.NoError(t, err)
	c := s.election.Contest(s.election.Style(p.Style).Page(p.Number).Targets[items[0].Target].Contest)
	o.Machine = &audit.SheetComparison{Sheets: 16, Records: 15, Matched: 15, Differences: []audit.SheetDifference{{Sheet: row.Name, Record: "1-2-3", Contest: audit.Label(s.election, c),
		Kind: "real-difference", Ours: "what the sheet says", Machine: "<b>what the machine says</b>"}}}
	return fmt.Sprintf("/page/%d?target=%d", p.ID, items[0].Target+1)
}

func TestTheMachinesReadingBesideOurs(t *testing.T) {
	o := options(t)
	path := differing(t, &o)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	assert.Contains(t, b.page("/differences"), "&lt;b&gt;what the machine says")
	page := b.page(path)
	assert.Contains(t, page, "what the sheet says")
	assert.Contains(t, page, "&lt;b&gt;what the machine says")
	first := b.get("/next/differences").Header().Get("Location")
	require.Contains(t, first, "queue=differences")
	page = b.page(first)
	assert.Contains(t, page, "what the sheet says")
	require.Equal(t, http.StatusSeeOther, b.post("/decide", append(form(t, page, "decide"), "answer", "none")...).Code)
	assert.Equal(t, "/differences?end=1", b.get("/next/differences").Header().Get("Location"), "what this person decided is passed over")
	assert.Contains(t, b.page("/differences?end=1"), "by you")
	assert.Equal(t, 200, b.get("/differences?from=99999999").Code)
	assert.Equal(t, 404, visit(t, serve(t, options(t)), "Bob").get("/next/differences").Code)
}

func TestBlindHidesTheMachineUntilDecided(t *testing.T) {
	o := options(t)
	o.Blind = true
	path := differing(t, &o)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	assert.NotContains(t, b.page("/differences"), "what the machine says")
	page := b.page(path)
	assert.NotContains(t, page, "what the machine says")
	assert.Contains(t, page, "hidden until you decide")
	require.Equal(t, http.StatusSeeOther, b.post("/decide", append(form(t, page, "decide"), "answer", "none")...).Code)
	page = b.page(path)
	assert.NotContains(t, page, "what the machine says", "the contest's other targets are not decided")
	for _, m := range regexp.MustCompile(`<a href="\?target=([0-9]+)">`).FindAllStringSubmatch(page, -1) {
		at := strings.Split(path, "?")[0] + "?target=" + m[1]
		require.Equal(t, http.StatusSeeOther, b.post("/decide", append(form(t, b.page(at), "decide"), "answer", "none")...).Code)
	}
	assert.Contains(t, b.page(path), "what the machine says")
}

// With two people the second is not led by the machine either, once the first has spoken.
func TestTheSecondPersonDoesNotSeeTheMachine(t *testing.T) {
	o := options(t)
	o.People = 2
	path := differing(t, &o)
	s := serve(t, o)
	ann, bob := visit(t, s, "Ann"), visit(t, s, "Bob")
	page := ann.page(path)
	assert.Contains(t, page, "what the machine says")
	require.Equal(t, http.StatusSeeOther, ann.post("/decide", append(form(t, page, "decide"), "answer", "none")...).Code)
	assert.NotContains(t, bob.page(path), "what the machine says")
}
