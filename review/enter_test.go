package review

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
	"recount/cvr"
)

func TestEnterByHand(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	items, err := s.items(batch.KindRefused, 0, false, batch.After{}, 2)
	require.NoError(t, err)
	id := items[0].Page
	st := s.election.Styles[0]
	as := fmt.Sprintf("%d %s", st.Pages[0].Number, st.ID)
	page := b.page(fmt.Sprintf("/enter/%d?as=%s", id, url.QueryEscape(as)))
	for _, text := range []string{"vote for", `id="m1"`} {
		assert.Contains(t, page, text)
	}
	fields := form(t, page, "entry")
	for _, c := range []struct {
		name   string
		fields []string
	}{
		{"no style", []string{"page", fmt.Sprint(id), "as", "1 nowhere"}},
		{"no such target", append(fields, "m", "999")},
		{"target zero", append(fields, "m", "0")},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, 400, b.post("/enter", c.fields...).Code) })
	}
	require.Equal(t, http.StatusSeeOther, b.post("/enter", with(fields, "m", "3", "m", "1", "m", "3")...).Code)
	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	require.Len(t, l.Entries, 1)
	e := l.Entries[0]
	assert.Equal(t, cvr.ActPage, e.Act)
	assert.Equal(t, st.ID, e.Style)
	require.Len(t, e.Marked, 2)
	assert.Equal(t, cvr.MarkedTarget{Target: 1, Contest: st.Pages[0].Targets[0].Contest, Choice: st.Pages[0].Targets[0].Choice}, e.Marked[0])
	assert.Equal(t, http.StatusConflict, b.post("/enter", fields...).Code, "the form was of before")
	assert.Contains(t, b.page(fmt.Sprintf("/enter/%d", id)), `value="3" checked`, "what was entered is shown again")
	for _, g := range s.groups(batch.KindRefused) {
		assert.Equal(t, 1, g.Done)
	}
	require.Equal(t, http.StatusSeeOther, b.post("/undo").Code)
	assert.Empty(t, s.standing.InForce())
	read, err := s.items(batch.KindQuestion, 0, false, batch.After{}, 1)
	require.NoError(t, err)
	assert.Equal(t, 400, b.get(fmt.Sprintf("/enter/%d", read[0].Page)).Code, "a page that was read is not entered")
}

func TestSameSheet(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	rows, err := s.index.Sheets(batch.SheetQuery{Outcome: "counted"}, 0, "", 3)
	require.NoError(t, err)
	require.Len(t, rows, 3)
	id := func(n int) string { return fmt.Sprint(rows[n].ID) }
	assert.Equal(t, 400, b.post("/same", "sheet", id(0), "of", id(0)).Code)
	assert.Equal(t, 404, b.post("/same", "sheet", "99999", "of", id(0)).Code)
	require.Equal(t, http.StatusSeeOther, b.post("/same", "sheet", id(1), "of", id(0)).Code)
	assert.Equal(t, http.StatusConflict, b.post("/same", "sheet", id(1), "of", id(2)).Code)
	assert.Equal(t, 400, b.post("/same", "sheet", id(0), "of", id(1)).Code, "not in a circle")
	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	require.Len(t, l.Entries, 1)
	assert.Equal(t, rows[0].Name, l.Entries[0].Of)
}
