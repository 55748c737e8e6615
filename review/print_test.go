package review

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestASheetIsPrintedAsThePersonMaySeeIt(t *testing.T) {
	o := options(t)
	o.Blind = true
	s := serve(t, o)
	b := visit(t, s, "Ann")
	path := b.get("/next/questions").Header().Get("Location")
	page := b.page(path)
	p, err := s.index.PageByID(number(form(t, page, "decide")[3], -1))
	require.NoError(t, err)
	sheet := fmt.Sprintf("/print/%d", p.SheetID)
	before := b.page(sheet)
	assert.NotContains(t, before, "<b>vote</b>")
	assert.NotContains(t, before, "<b>questionable</b>")
	assert.Contains(t, before, p.SHA256)
	blind := b.get(fmt.Sprintf("/whole/%d", p.ID))
	require.Equal(t, http.StatusOK, blind.Code)
	require.Equal(t, http.StatusSeeOther, b.post("/decide", with(form(t, page, "decide"), "answer", "vote", "typed", "a clear <cross>")...).Code)
	after := b.page(sheet)
	assert.Contains(t, after, "Ann: a clear &lt;cross&gt;; read as questionable")
	shown := b.get(fmt.Sprintf("/whole/%d", p.ID))
	assert.NotEqual(t, blind.Body.Bytes(), shown.Body.Bytes(), "the picture has the target outlined as decided")
	assert.Equal(t, "no-store", shown.Header().Get("Cache-Control"), "what is this person's and of now is not kept")
	assert.Equal(t, 404, b.get("/print/99999").Code)
	assert.Equal(t, 404, b.get("/whole/99999").Code)
}

// A picture that is the same for all is kept by the browser and asked about by its tag: of another run it is another.
func TestPicturesAreAskedAboutByTag(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	b.page("/next/questions")
	items, err := s.items("questions", 0, false, placeOf(""), 1)
	require.NoError(t, err)
	path := fmt.Sprintf("/tile/%d/0/0/0", items[0].Page)
	first := b.get(path)
	require.Equal(t, http.StatusOK, first.Code)
	tag := first.Header().Get("ETag")
	require.NotEmpty(t, tag)
	assert.Equal(t, "private, no-cache", first.Header().Get("Cache-Control"))
	again := b.request(http.MethodGet, path, "")
	again.Header.Set("If-None-Match", tag)
	w := b.do(again)
	assert.Equal(t, http.StatusNotModified, w.Code)
	assert.Empty(t, w.Body.Bytes())
	other := *o.Run
	other.Manifest = "another run's"
	o2 := options(t)
	o2.Run = &other
	s2 := serve(t, o2)
	b2 := visit(t, s2, "Ann")
	again = b2.request(http.MethodGet, path, "")
	again.Header.Set("If-None-Match", tag)
	assert.Equal(t, http.StatusOK, b2.do(again).Code)
	assert.Equal(t, 404, b.get(fmt.Sprintf("/tile/%d/9/0/0", items[0].Page)).Code)
}
