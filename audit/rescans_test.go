package audit_test

import (
	"flag"
	"fmt"
	"image"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
	"recount/election"
	"recount/fixtures"
	"recount/marks"
	"recount/vote"
)

var (
	rescanSheets = flag.Int("rescan.sheets", 240, "drawn sheets among which TestNoTwoPeopleAreOne looks for rescans")
	rescanRecall = flag.Bool("rescan.recall", false, "print how many second scans TestRescanRecall finds")
)

// card is a small ballot: ovals in three columns, nothing else, which is drawn and read in a millisecond or two.
type card struct {
	page  election.Page
	blank *image.Gray
	dpi   float64
}

const cardOvals = 30

func newCard(dpi int) *card {
	c := &card{dpi: float64(dpi), page: election.Page{Number: 1}}
	c.page.Picture.DPI = float64(dpi)
	c.blank = fixtures.Paper(3*dpi, 4*dpi)
	for i := range cardOvals {
		x, y := 0.6+0.9*float64(i%3), 0.4+0.35*float64(i/3)
		fixtures.Ellipse(c.blank, fixtures.Point{X: x * c.dpi, Y: y * c.dpi}, 0.2*c.dpi, 0.13*c.dpi, 0.014*c.dpi)
		c.page.Targets = append(c.page.Targets, election.Target{Contest: "c", Choice: fmt.Sprint(i), X: x, Y: y, W: 0.172, H: 0.102, Shape: election.Oval})
	}
	return c
}

// affine carries inches of the blank to pixels of the scan.
type affine [6]float64

func (a affine) Pixel(x, y float64) (float64, float64) {
	return float64(a[0]*x) + float64(a[1]*y) + a[2], float64(a[3]*x) + float64(a[4]*y) + a[5]
}

// placed fits the mapping to where three of the targets lie now.
func (c *card) placed(s *fixtures.Side) affine {
	t := c.page.Targets
	const p, q, r = 0, 2, cardOvals - 3
	var out affine
	for k, v := range [2][3]float64{{s.Spots[p].X, s.Spots[q].X, s.Spots[r].X}, {s.Spots[p].Y, s.Spots[q].Y, s.Spots[r].Y}} {
		a := (v[1] - v[0]) / (t[q].X - t[p].X)
		b := (v[2] - v[0]) / (t[r].Y - t[p].Y)
		out[3*k], out[3*k+1], out[3*k+2] = a, b, v[0]-float64(a*t[p].X)-float64(b*t[p].Y)
	}
	return out
}

// voter is a sheet of paper: who marked it and how.
type voter struct {
	seed  uint64
	hand  uint64 // of the habit: voters share it
	votes []int
	kind  fixtures.Kind
}

// scan gives the record of one scan of a voter's sheet.
func (c *card) scan(t testing.TB, name string, v voter, scan uint64, extra ...fixtures.Harm) *cvr.Record {
	kinds := make([]fixtures.Kind, cardOvals)
	for _, k := range v.votes {
		kinds[k] = v.kind
	}
	hand := fixtures.NewHabit(v.hand)
	s, err := fixtures.MarkPage(c.blank, &c.page, kinds, fixtures.Marking{Seed: v.seed, Hand: &hand})
	require.NoError(t, err)
	require.NoError(t, s.Suffer(append(fixtures.Everyday(scan), extra...)...))
	ms := marks.Measure(s.Gray, marks.Blank{Gray: c.blank, DPI: c.dpi}, c.placed(s), c.page.Targets)
	r := &cvr.Record{Images: []cvr.Image{{Name: name}}, Sheet: vote.Sheet{Style: "s", Number: 1}}
	for i, m := range ms {
		k := vote.Reading{Page: 1, Target: i, Contest: "c", Choice: fmt.Sprint(i), Mark: m, Answer: vote.None}
		if kinds[i] != fixtures.NoMark {
			k.Answer = vote.Vote
		}
		r.Sheet.Readings = append(r.Sheet.Readings, k)
	}
	return r
}

func TestTracesAreThoseOfMarks(t *testing.T) {
	assert.Equal(t, audit.TraceCells, marks.TraceWide*marks.TraceHigh)
	assert.Equal(t, audit.TraceCells/2, marks.TraceBytes)
}

// first are the first n of the targets, spread over the card.
func first(n int) (out []int) {
	for i := range n {
		out = append(out, i*7%cardOvals)
	}
	return out
}

// found counts the pairs whose names end alike, and the others.
func found(pairs []audit.Rescan) (right, wrong int) {
	for _, p := range pairs {
		if p.Sheet[1:] == p.Other[1:] {
			right++
		} else {
			wrong++
		}
	}
	return right, wrong
}

// scannedAgain gives people who all vote alike, with one of nine pens each, and all of their sheets a second time in another order.
func (c *card) scannedAgain(t testing.TB, kind fixtures.Kind, marks, people int) *audit.Rescans {
	s := audit.NewRescans()
	voterOf := func(i uint64) voter { return voter{50 + i, i % 9, first(marks), kind} }
	for i := range uint64(people) {
		s.Add(c.scan(t, fmt.Sprintf("a%03d", i), voterOf(i), 1000+i))
	}
	for i := range uint64(people) {
		k := i * 7 % uint64(people)
		s.Add(c.scan(t, fmt.Sprintf("b%03d", k), voterOf(k), 5000+k))
	}
	return s
}

// Wide strokes and crosses tell sheets apart, neat ovals by their edges, few marks hardly ever.
func TestRescansByMarks(t *testing.T) {
	c := newCard(150)
	const people = 30
	for _, tt := range []struct {
		kind  fixtures.Kind
		marks int
		least int // found of the thirty
	}{
		{fixtures.Cross, 3, 0}, {fixtures.Cross, 9, 28}, {fixtures.Tick, 12, 25}, {fixtures.Sloppy, 6, 10}, {fixtures.Sloppy, 12, 29}, {fixtures.Full, 12, 25},
	} {
		t.Run(fmt.Sprintf("%d of %s", tt.marks, tt.kind), func(t *testing.T) {
			t.Parallel()
			f := c.scannedAgain(t, tt.kind, tt.marks, people).Find()
			right, wrong := found(f.Pairs)
			t.Logf("%d of %d", right, people)
			assert.GreaterOrEqual(t, right, tt.least)
			assert.Zero(t, wrong, "two people's sheets: %v", f.Pairs)
			assert.Empty(t, f.Runs)
		})
	}
}

// The table of docs/OUTPUT.md: of a hundred sheets scanned again, how many are found among these alone, and by their evidence in larger
// runs. go test ./audit -run TestRescanRecall -v -args -rescan.recall
func TestRescanRecall(t *testing.T) {
	if !*rescanRecall {
		t.Skip("takes minutes: -args -rescan.recall")
	}
	for _, dpi := range []int{120, 150, 200} {
		c := newCard(dpi)
		for _, kind := range []fixtures.Kind{fixtures.Full, fixtures.Felt, fixtures.Sloppy, fixtures.Cross, fixtures.Tick, fixtures.Line, fixtures.Light} {
			row := fmt.Sprintf("| %s, %d dots an inch |", kind, dpi)
			for _, marks := range []int{4, 6, 8, 12, 18} {
				f := c.scannedAgain(t, kind, marks, 100).Find()
				right, wrong := found(f.Pairs)
				assert.Zero(t, wrong, "%v", f.Pairs)
				many, most := 0, 0
				for _, p := range f.Pairs {
					if p.Bits >= 30 {
						many++
					}
					if p.Bits >= 44 {
						most++
					}
				}
				row += fmt.Sprintf(" %d, %d, %d |", right, many, most)
			}
			fmt.Println(row)
		}
	}
}

// ballotOf are a voter's own, of ten contests with three choices.
func ballotOf(seed uint64) (out []int) {
	for i := range 10 {
		seed = seed*6364136223846793005 + 1442695040888963407
		if k := int(seed>>40) % 7; k < 6 {
			out = append(out, 3*i+min(k, 3)%3)
		}
	}
	return out
}

// A batch of 25 sheets among 300 went through the scanner twice, all neatly filled: the row is found, in order or turned over, and
// nothing else is reported. One sheet of the second pass was not read, and another was read otherwise.
func TestADoubledBatchIsFound(t *testing.T) {
	c := newCard(120)
	var all []*cvr.Record
	for i := range uint64(300) {
		all = append(all, c.scan(t, fmt.Sprintf("a%03d", i), voter{50 + i, i % 9, ballotOf(50 + i), fixtures.Full}, 1000+i))
	}
	for _, reversed := range []bool{false, true} {
		s := audit.NewRescans()
		for _, r := range all {
			s.Add(r)
		}
		for i := range uint64(25) {
			k := 100 + i
			if reversed {
				k = 124 - i
			}
			s.Add(c.scan(t, fmt.Sprintf("b%03d", k), voter{50 + k, k % 9, ballotOf(50 + k), fixtures.Full}, 5000+k))
		}
		for i := range uint64(30) {
			s.Add(c.scan(t, fmt.Sprintf("c%03d", i), voter{950 + i, i % 9, ballotOf(950 + i), fixtures.Full}, 9000+i))
		}
		f := s.Find()
		require.Len(t, f.Runs, 1, "reversed %v", reversed)
		r := f.Runs[0]
		t.Logf("%+v", r)
		assert.Equal(t, audit.DoubledRun{First: "a100", Last: "a124", OtherFirst: "b100", OtherLast: "b124", Reversed: reversed, Sheets: 25, Bits: r.Bits}, r)
		right, wrong := found(f.Pairs)
		assert.Equal(t, 25, right)
		assert.Zero(t, wrong, "%v", f.Pairs)
	}
}

// Sheets of many people with the same pens who vote alike: no two are taken for one.
func TestNoTwoPeopleAreOne(t *testing.T) {
	c := newCard(120)
	s := audit.NewRescans()
	kinds := []fixtures.Kind{fixtures.Full, fixtures.Cross, fixtures.Full, fixtures.Tick, fixtures.Full, fixtures.Line}
	for i := range uint64(*rescanSheets) {
		v := voter{seed: 50 + i, hand: i % 5, votes: first(12), kind: kinds[i/5%uint64(len(kinds))]}
		s.Add(c.scan(t, fmt.Sprintf("a%05d", i), v, 1000+i))
	}
	start := time.Now()
	f := s.Find()
	t.Log(len(f.Pairs), "pairs,", time.Since(start))
	assert.Empty(t, f.Pairs)
	assert.Empty(t, f.Runs)
	assert.Empty(t, f.Notes)
}
