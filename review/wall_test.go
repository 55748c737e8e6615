package review

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/batch"
	"recount/cvr"
)

var brickField = regexp.MustCompile(`name="b" value="([0-9.]+)"`)

// busiest is the slot with most targets of a zone.
func busiest(s *Server, count func(batch.Slot) int) batch.Slot {
	var best batch.Slot
	for _, l := range s.index.Slots() {
		if count(l) > count(best) {
			best = l
		}
	}
	return best
}

func TestWallIsSortedAndWhole(t *testing.T) {
	s := serve(t, options(t))
	for _, slot := range s.index.Slots() {
		for zone, want := range []int{slot.None, slot.Questionable, slot.Vote} {
			for _, up := range []bool{false, true} {
				seen, last := map[string]bool{}, -1
				var after *batch.WallTarget
				for {
					list, err := s.index.Wall(slot.ID, zone, up, after, 3)
					require.NoError(t, err)
					for _, w := range list {
						if last >= 0 {
							assert.True(t, up == (w.Fill >= last) || w.Fill == last, "sorted by fill")
						}
						last = w.Fill
						seen[fmt.Sprint(w.Page, w.Target)] = true
					}
					if len(list) < 3 {
						break
					}
					after = &list[2]
				}
				assert.Len(t, seen, want)
			}
		}
	}
}

func TestAWallIsSaidAtOnce(t *testing.T) {
	o := options(t)
	s := serve(t, o)
	b := visit(t, s, "Ann")
	slot := busiest(s, func(l batch.Slot) int { return l.Questionable })
	require.Greater(t, slot.Questionable, 1)
	page := b.page(fmt.Sprintf("/wall/%d?zone=1", slot.ID))
	fields := []string{"slot", fmt.Sprint(slot.ID), "zone", "1"}
	bricks := brickField.FindAllStringSubmatch(page, -1)
	require.Len(t, bricks, slot.Questionable)
	for i, m := range bricks {
		answer := "vote"
		if i > 0 {
			answer = "none"
		}
		fields = append(fields, "b", m[1], "a", answer)
	}
	w := b.post("/wall", fields...)
	require.Equal(t, http.StatusSeeOther, w.Code, w.Body)
	to, err := url.Parse(w.Header().Get("Location"))
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprint(slot.Questionable), to.Query().Get("saved"))
	l, err := cvr.LoadLog(o.Log)
	require.NoError(t, err)
	require.Len(t, l.Entries, slot.Questionable)
	assert.Equal(t, "vote", l.Entries[0].Answer)
	assert.Equal(t, "questionable", l.Entries[0].Before)
	assert.Equal(t, wallReason, l.Entries[0].Reason)

	w = b.post("/wall", fields...)
	require.Equal(t, http.StatusSeeOther, w.Code)
	to, err = url.Parse(w.Header().Get("Location"))
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprint(slot.Questionable), to.Query().Get("clashes"), "said on what was seen before: nothing is logged")
	_, n := s.Head()
	assert.Equal(t, slot.Questionable, n)
}

func TestWallRefuses(t *testing.T) {
	s := serve(t, options(t))
	b := visit(t, s, "Ann")
	slot := busiest(s, func(l batch.Slot) int { return l.Vote })
	list, err := s.index.Wall(slot.ID, 2, true, nil, 1)
	require.NoError(t, err)
	brick := fmt.Sprintf("%d.%d.0", list[0].Page, list[0].Target+1)
	other := fmt.Sprint(slot.ID%len(s.index.Slots()) + 1)
	for _, c := range []struct {
		name   string
		fields []string
		want   int
	}{
		{"no slot", []string{"slot", "9999", "b", brick, "a", "vote"}, 404},
		{"another choice's target", []string{"slot", other, "b", brick, "a", "vote"}, 400},
		{"no answer", []string{"slot", fmt.Sprint(slot.ID), "b", brick, "a", "perhaps"}, 400},
		{"half a form", []string{"slot", fmt.Sprint(slot.ID), "b", brick}, 400},
		{"no target", []string{"slot", fmt.Sprint(slot.ID), "b", "1.999.0", "a", "vote"}, 404},
		{"no brick", []string{"slot", fmt.Sprint(slot.ID), "b", "x", "a", "vote"}, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, b.post("/wall", c.fields...).Code)
			_, n := s.Head()
			assert.Zero(t, n)
		})
	}
	assert.Equal(t, 404, b.get("/wall/0").Code)
	assert.Equal(t, 200, b.get(fmt.Sprintf("/overlay/%d?zone=2", slot.ID)).Code)
	assert.Equal(t, 404, b.get("/overlay/99999?zone=2").Code)
}

var nextField = regexp.MustCompile(`name="next" value="([0-9.]*)"`)

// In a blind review a wall has every target of its choice, in the order of the run, and says nothing of what was read.
func TestABlindWallSaysNothing(t *testing.T) {
	o := options(t)
	o.Blind = true
	s := serve(t, o)
	b := visit(t, s, "Ann")
	for _, slot := range s.index.Slots() {
		var all []batch.WallTarget
		after, more := int64(0), true
		for more {
			list, next, m, err := s.index.WallUnsorted(slot.ID, after, 3)
			require.NoError(t, err)
			require.Greater(t, next, after)
			all, after, more = append(all, list...), next, m
		}
		assert.Len(t, all, slot.None+slot.Questionable+slot.Vote)
		for i := 1; i < len(all); i++ {
			assert.Less(t, all[i-1].Page, all[i].Page)
		}
	}
	slot := busiest(s, func(l batch.Slot) int { return l.Questionable })
	path := fmt.Sprintf("/wall/%d", slot.ID)
	page := b.page(path)
	_, wall, ok := strings.Cut(page, `class="wall"`)
	require.True(t, ok)
	assert.NotContains(t, wall, "% ")
	assert.NotContains(t, wall, " selected")
	assert.NotContains(t, page, "fullest")
	assert.Contains(t, wall, `data-up="no"`)
	assert.True(t, page == b.page(path+"?zone=2"), "nor does asking for a zone tell")
	bricks := brickField.FindAllStringSubmatch(page, -1)
	require.Len(t, bricks, slot.None+slot.Questionable+slot.Vote)
	require.Equal(t, http.StatusSeeOther, b.post("/wall", "slot", fmt.Sprint(slot.ID), "b", bricks[0][1], "a", "none", "b", bricks[1][1], "a", "").Code)
	_, n := s.Head()
	assert.Equal(t, 1, n)
	page = b.page(path)
	assert.Equal(t, 1, strings.Count(page, ` %<span class="hide"> filled`), "what was said is shown with what was read, and nothing else")
}
