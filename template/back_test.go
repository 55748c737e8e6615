package template

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"recount/election"
	"recount/fixtures"
)

// What the other side prints is looked for mirrored, either way a sheet is turned over; a target there hides everything.
func TestBehind(t *testing.T) {
	const w, h, dpi = 800, 1000, 100.0
	front, back := fixtures.Paper(w, h), fixtures.Paper(w, h)
	fixtures.Bar(back, 500, 180, 700, 420)                                           // 1 to 3 in from the right, 1.8 to 4.2 in down
	fixtures.Bar(back, 300, 480, 420, 486)                                           // a rule
	st := &election.Style{ID: "s", Pages: []election.Page{{Number: 1}, {Number: 2}}} // of one sheet
	st.Pages[1].Targets = []election.Target{{X: 1, Y: 9, W: 0.2, H: 0.1}}
	for i := range st.Pages {
		st.Pages[i].Picture.DPI = dpi
	}
	set := &Set{blanks: []*blank{newBlank(st, &st.Pages[0], front), newBlank(st, &st.Pages[1], back)}}
	for _, tt := range []struct {
		name     string
		x, y     float64
		from, to int
	}{
		{"white", 4, 7, 0, 0},
		{"a block, turned over the long edge", 2, 3, 9900, 10000},
		{"a block, turned over the short edge", 6, 7.5, 9900, 10000},
		{"a rule", 4.4, 4.83, 1, 3500},
		{"a target, turned over the long edge", 7, 9.05, 10000, 10000},
		{"a target, turned over the short edge", 1.1, 1, 10000, 10000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := set.Behind(st, &st.Pages[0], []election.Target{{X: tt.x, Y: tt.y, W: 0.2, H: 0.1}})
			assert.GreaterOrEqual(t, got[0], tt.from)
			assert.LessOrEqual(t, got[0], tt.to)
		})
	}
	one := &election.Style{ID: "one", Pages: []election.Page{{Number: 1}}}
	one.Pages[0].Picture.DPI = dpi
	alone := &Set{blanks: []*blank{newBlank(one, &one.Pages[0], front)}}
	assert.Equal(t, []int{0}, alone.Behind(one, &one.Pages[0], []election.Target{{X: 2, Y: 3, W: 0.2, H: 0.1}}), "no page on the other side")
}
