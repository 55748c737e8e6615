package audit_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
	"recount/election"
	"recount/marks"
	"recount/vote"
)

// measured is a sheet of style s whose targets measure what mark says.
func measured(e *election.Election, name string, mark func(i int) marks.Mark) *cvr.Record {
	st := e.Style("s")
	var readings []vote.Reading
	for _, p := range st.Pages {
		for i := range p.Targets {
			readings = append(readings, vote.Reading{Page: p.Number, Target: i, Mark: mark(len(readings))})
		}
	}
	return &cvr.Record{Images: []cvr.Image{{Name: name, Side: "front"}, {Name: name + "#2", Page: 2, Side: "back"}},
		Sheet: vote.DecideSheet(e, st, 1, readings, vote.DefaultLimits())}
}

func TestNearestTargets(t *testing.T) {
	e := town()
	c := audit.NewCensus(e, vote.DefaultLimits())
	// Fills of 200 + 2n: 40 under none's limit, none just at it, and the same fill twice for each.
	for n := range 90 {
		c.Add("b", measured(e, fmt.Sprintf("%03d.png", n), func(i int) marks.Mark {
			m := marks.Mark{Outline: 10000, Dark: 9000, Spread: 9000}
			if i < 2 {
				m.Fill = marks.Score(201 + 2*n)
			}
			return m
		}))
	}
	var none *audit.NearLimit
	near := c.Near()
	for i := range near {
		if near[i].Limit == "none_fill" {
			none = &near[i]
		}
		assert.LessOrEqual(t, len(near[i].Below), 20)
		assert.LessOrEqual(t, len(near[i].Above), 20)
	}
	require.NotNil(t, none)
	assert.Equal(t, 180, none.Held, "targets without ink lie near no limit of fill")
	require.Len(t, none.Below, 20)
	require.Len(t, none.Above, 20)
	for i := range 20 {
		assert.Equal(t, 299-i/2*2, none.Below[i].Measured)
		assert.Equal(t, 301+i/2*2, none.Above[i].Measured)
		assert.Equal(t, vote.None, none.Below[i].Answer)
		assert.Equal(t, vote.Questionable, none.Above[i].Answer)
	}
	first := none.Below[0]
	assert.Equal(t, []any{"b", "049.png", 1, "s", "front", "Mayor", "A. Adams (DEM)"},
		[]any{first.Batch, first.Image, first.Page, first.Style, first.Side, first.Contest, first.Choice}, "of two at one distance the earlier is first")

	var b bytes.Buffer
	require.NoError(t, audit.WriteNear(&b, near))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"none_fill", "0.0300", "fill", "180", "-1", "0.0299", "-0.0001", "b", "049.png", "1", "s", "front", "Mayor", "A. Adams (DEM)", "none", ""}, rows[1])
}

// batch adds sheets to a census: a voter fills a tenth of the targets, in a hand of his own, and the scanner adds its own.
func batch(c *audit.Census, e *election.Election, name string, sheets int, scanner func(r *rand.Rand, m *marks.Mark)) {
	r := rand.New(rand.NewPCG(uint64(len(name)), uint64(name[len(name)-1])))
	for n := range sheets {
		hand, pen := 2000+r.IntN(7000), 8000+r.IntN(1500)
		c.Add(name, measured(e, fmt.Sprintf("%s/%d.png", name, n), func(i int) marks.Mark {
			m := marks.Mark{Outline: marks.Score(9300 + r.IntN(500)), Shade: marks.Score(r.IntN(60) - 30)}
			if r.IntN(4) == 0 {
				m.Fill, m.Dark, m.Spread = marks.Score(hand+r.IntN(500)), marks.Score(pen+r.IntN(300)), 9000
			}
			if scanner != nil {
				scanner(r, &m)
			}
			return m
		}))
	}
}

// A scanner that changes every target a little is named, whatever it changes; batches of different voters are not.
func TestOddBatches(t *testing.T) {
	for _, row := range []struct {
		name    string
		sheets  int // of the odd batch
		scanner func(r *rand.Rand, m *marks.Mark)
		want    string
	}{
		{"all alike", 90, nil, ""},
		{"grey glass", 90, func(_ *rand.Rand, m *marks.Mark) { m.Shade += 200 }, "empty targets' darkness"},
		{"dust", 90, func(r *rand.Rand, m *marks.Mark) {
			if m.Fill == 0 && r.IntN(8) == 0 {
				m.Fill = 60
			}
		}, "specks"},
		{"out of focus", 90, func(_ *rand.Rand, m *marks.Mark) { m.Outline -= 1500 }, "outlines"},
		{"gone light", 90, func(_ *rand.Rand, m *marks.Mark) { m.Dark = m.Dark * 2 / 3 }, "darkness of votes' ink"},
		{"much in question", 90, func(r *rand.Rand, m *marks.Mark) {
			if r.IntN(15) == 0 {
				m.Fill = 700
			}
		}, "questionable"},
		{"too few sheets to tell", 19, func(_ *rand.Rand, m *marks.Mark) { m.Shade += 200 }, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := town()
			c := audit.NewCensus(e, vote.DefaultLimits())
			for _, name := range []string{"a", "b", "c", "e"} {
				batch(c, e, name, 90, nil)
			}
			batch(c, e, "d", row.sheets, row.scanner)
			for _, b := range c.Batches() {
				if b.Name != "d" || row.want == "" {
					assert.Empty(t, b.Odd, b.Name)
					continue
				}
				assert.Contains(t, b.Why(), row.want)
			}
		})
	}
	t.Run("of two batches each is unlike the other", func(t *testing.T) {
		e := town()
		c := audit.NewCensus(e, vote.DefaultLimits())
		batch(c, e, "a", 90, nil)
		batch(c, e, "b", 90, func(_ *rand.Rand, m *marks.Mark) { m.Shade += 200 })
		for _, b := range c.Batches() {
			assert.NotEmpty(t, b.Odd, b.Name)
		}
	})
}

// The histogram has every target once, and its chart is the same bytes whatever the order of the batches.
func TestFillCounts(t *testing.T) {
	e := town()
	draw := func(names ...string) (*audit.Census, []byte) {
		c := audit.NewCensus(e, vote.DefaultLimits())
		for _, n := range names {
			batch(c, e, n, 20, nil)
		}
		chart, err := audit.FillChart(c.Batches(), vote.DefaultLimits())
		require.NoError(t, err)
		return c, chart
	}
	evil := "<script>\x01\xff&\"" + strings.Repeat("ü", 400) + "z"
	c, chart := draw("x", "y", evil)
	_, again := draw(evil, "y", "x")
	assert.True(t, bytes.Equal(chart, again))
	assert.NotContains(t, string(chart), "<script")
	for _, word := range []string{"none 3.00 %", "vote 12.00 %", "All targets of 60 sheets", "x: 20 sheets", "targets (logarithmic)", "part of the target that new ink covers"} {
		assert.Contains(t, string(chart), word)
	}
	d := xml.NewDecoder(bytes.NewReader(chart))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
	}
	var b bytes.Buffer
	require.NoError(t, audit.WriteFill(&b, c.Batches()))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	sum := 0
	for _, r := range rows[1:] {
		for _, v := range r[2:] {
			var n int
			_, err := fmt.Sscan(v, &n)
			require.NoError(t, err)
			sum += n
		}
	}
	assert.Equal(t, 60*11, sum)

	empty, err := audit.FillChart(nil, vote.DefaultLimits())
	require.NoError(t, err)
	assert.Contains(t, string(empty), "All targets of 0 sheets")
}

// A run of very many folders is counted in bounded memory, and no sheet is lost.
func TestMoreBatchesThanAreToldApart(t *testing.T) {
	e := town()
	c := audit.NewCensus(e, vote.DefaultLimits())
	r := measured(e, "x.png", func(int) marks.Mark { return marks.Mark{Outline: 10000} })
	for n := range 5000 {
		c.Add(fmt.Sprint(n), r)
	}
	batches, sheets := c.Batches(), 0
	for i := range batches {
		sheets += batches[i].Sheets
	}
	assert.Equal(t, 5000, sheets)
	assert.Equal(t, 4097, len(batches))
}
