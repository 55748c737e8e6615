package audit_test

import (
	"flag"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"recount/audit"
	"recount/cvr"
	"recount/fixtures"
	"recount/marks"
	"recount/vote"
)

var (
	rescanCounty = flag.Int("rescan.county", 6000, "sheets of TestRescansOfACounty, made of drawn marks")
	rescanWays   = flag.Int("rescan.ways", 60, "ways of voting that half of them share; the others vote as they like")
)

// shuffledSheets makes sheets of marks that were drawn and scanned: each from one of a few hundred cards, its marks shuffled among the
// targets and a little of every cell moved, so that no two sheets' marks are the same and all are such as scanners see. Four of
// five people fill neatly.
func shuffledSheets(t *testing.T, sheets, ways int) []*cvr.Record {
	c := newCard(150)
	var pool [][]string
	for i := range uint64(160) {
		kind := []fixtures.Kind{fixtures.Full, fixtures.Full, fixtures.Full, fixtures.Full, fixtures.Cross}[i%5]
		r := c.scan(t, "", voter{seed: 50 + i, hand: i % 40, votes: first(14), kind: kind}, 1000+i)
		var traces []string
		for _, k := range r.Sheet.Readings {
			if k.Mark.Trace != "" {
				traces = append(traces, k.Mark.Trace)
			}
		}
		if len(traces) > 5 {
			pool = append(pool, traces)
		}
	}
	out := make([]*cvr.Record, sheets)
	for i := range out {
		seed := uint64(i)*0x9E3779B97F4A7C15 + 1
		next := func(n int) int {
			seed = seed*6364136223846793005 + 1442695040888963407
			return int(seed>>33) % n
		}
		own := pool[next(len(pool))]
		way := uint64(1_000_000 + i)
		if next(2) == 0 {
			way = uint64(next(ways))
		}
		r := &cvr.Record{Images: []cvr.Image{{Name: fmt.Sprintf("a%06d", i)}}, Sheet: vote.Sheet{Style: fmt.Sprint("s", way%4), Number: 1}}
		for _, k := range ballotOf(way) {
			cells := []byte(own[next(len(own))])
			for n := range cells { // a third of the inked cells become lighter or darker by up to four sixteenths
				for _, shift := range []int{0, 4} {
					if v := int(cells[n]>>shift) & 15; v > 0 && next(3) == 0 {
						v = min(max(v+next(9)-4, 0), 15)
						cells[n] = cells[n]&^(15<<shift) | byte(v<<shift)
					}
				}
			}
			r.Sheet.Readings = append(r.Sheet.Readings, vote.Reading{Page: 1, Target: k, Answer: vote.Vote, Mark: marks.Mark{Fill: 8000, Trace: string(cells)}})
		}
		out[i] = r
	}
	return out
}

// again is a sheet's second scan: every inked cell a little lighter or darker.
func again(r *cvr.Record, name string) *cvr.Record {
	out := &cvr.Record{Images: []cvr.Image{{Name: name}}, Sheet: r.Sheet}
	out.Sheet.Readings = append([]vote.Reading{}, r.Sheet.Readings...)
	for i := range out.Sheet.Readings {
		cells := []byte(out.Sheet.Readings[i].Mark.Trace)
		for n := range cells {
			if v := cells[n] & 15; v > 0 && (n+i)%3 == 0 {
				cells[n] = cells[n]&^15 | min(v+1, 15)
			}
		}
		out.Sheet.Readings[i].Mark.Trace = string(cells)
	}
	return out
}

// A county in which one batch of fifty went through twice.
func TestRescansOfACounty(t *testing.T) {
	sheets := shuffledSheets(t, *rescanCounty, *rescanWays)
	s := audit.NewRescans()
	for _, r := range sheets {
		s.Add(r)
	}
	for i := range 50 {
		s.Add(again(sheets[1000+i], fmt.Sprintf("b%06d", 1000+i)))
	}
	start := time.Now()
	f := s.Find()
	took := time.Since(start)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	right, wrong := found(f.Pairs)
	t.Logf("%d sheets, %d ways: %v, %d MB held, %d MB from the system; %d right, %d wrong, runs %+v %v", *rescanCounty, *rescanWays, took, m.HeapAlloc>>20, m.Sys>>20, right, wrong, f.Runs, f.Notes)
	assert.Equal(t, 50, right)
	assert.Zero(t, wrong)
	assert.Len(t, f.Runs, 1)
	runtime.KeepAlive(s)
}
