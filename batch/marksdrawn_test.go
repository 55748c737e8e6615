package batch

import (
	"cmp"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/scanner"
	"recount/vote"
)

var (
	drawnMarks        = flag.Int("marks.targets", 3_000, "drawn targets that TestDrawnMarks reads, in whole rounds of kinds")
	drawnMarksSeconds = flag.Int("marks.seconds", 0, "stop TestDrawnMarks after so many seconds, at the end of a round; 0: never")
	drawnMarksSeed    = flag.Uint64("marks.seed", 1, "seed of TestDrawnMarks")
	drawnMarksTable   = flag.Bool("marks.table", false, "print TestDrawnMarks's tables, as docs/MARKS.md has them, and its figures")
)

// markRows are the rows of the table of marks: what a hand leaves, in the order of the table, and then what lies on empty targets without
// a hand.
var markRows = []string{"full", "sloppy", "felt", "half", "x", "tick", "line", "slash", "light", "dot", "circle", "outside", "stray", "name-circled",
	"erased", "crossed-out", "fold", "streak", "dust", "bleed-through"}

// lyingOn are the faults behind the last rows, with the strength they have where they are what is looked at.
var lyingOn = map[string][]fixtures.Harm{
	"fold":          {{Kind: fixtures.FoldDark, Strength: 0.5}, {Kind: fixtures.FoldLight, Strength: 0.5}},
	"streak":        {{Kind: fixtures.StreakGrey, Strength: 0.5}, {Kind: fixtures.StreakBlack, Strength: 0.5}},
	"dust":          {{Kind: fixtures.Dust, Strength: 0.5}},
	"bleed-through": {{Kind: fixtures.Bleed, Strength: 0.5}},
}

// What must never be, whatever the damage: a plain mark that is none, and a vote where no voter made one.
var (
	neverNone = []string{"full", "half", "x", "tick", "slash"}
	neverVote = []string{"nothing", "dot", "fold", "streak", "dust", "bleed-through"}
)

// marksPresses are four layouts at two resolutions, on pages dense with targets: one style each, for here it is the marks that are hard.
func marksPresses(t *testing.T) []*press {
	var out []*press
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, f := range []fixtures.Family{fixtures.AccuVote, fixtures.ESS, fixtures.Barcode, fixtures.Plain} {
		for _, dpi := range []int{200, 300} {
			wg.Go(func() {
				p, err := drawPress(fmt.Sprintf("%s, %d dpi", f, dpi), fixtures.BallotOptions{Family: f, Seed: 31, DPI: dpi, Height: 14, Columns: 6, Styles: 1})
				if assert.NoError(t, err) {
					mu.Lock()
					out = append(out, p)
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	slices.SortFunc(out, func(a, b *press) int { return cmp.Compare(a.name, b.name) })
	require.Len(t, out, 8)
	return out
}

// drawnSheet is one drawn page of the marks run: a voter of one hand, who votes with one kind of mark, or fills targets and leaves the
// odd mark beside.
type drawnSheet struct {
	press *press
	film  string // grey or bitonal
	row   string // what is looked at
	side  *fixtures.Side
	scan  *scanner.Page
}

// drawSheet draws page n. Pages that follow each other look at different rows, and every row comes on every press and film in time.
func drawSheet(ps []*press, seed uint64, n int) (*drawnSheet, error) {
	row, turn := n%len(markRows), n/len(markRows)
	combo := (turn + 5*row) % (2 * len(ps))
	d := &drawnSheet{press: ps[combo/2], film: []string{"grey", "bitonal"}[combo%2], row: markRows[row]}
	mix := seed*0x9e3779b97f4a7c15 + uint64(n)*0xd1b54a32d192ed03
	mix ^= mix >> 29
	style := &d.press.election.Styles[0]
	page := &style.Pages[0]
	kind := fixtures.Kind(d.row)
	isHand := slices.Contains(fixtures.Kinds, kind)
	voting := fixtures.Full
	if isHand && kind.Truth() == "vote" {
		voting = kind
	}
	kinds := fixtures.Votes(d.press.election, page, mix, []fixtures.Kind{voting})
	if isHand && kind != voting { // beside the votes, in every second contest, on a target left empty
		placed := map[string]bool{}
		for i := range page.Targets {
			k := (i + int(mix>>7%1024)) % len(page.Targets) // begun anywhere, so that not always the first of a contest has it
			if t := page.Targets[k]; kinds[k] == fixtures.NoMark && !placed[t.Contest] && (uint64(len(t.Contest))+mix+uint64(len(placed)))%2 == 0 {
				kinds[k], placed[t.Contest] = kind, true
			} else if kinds[k] == fixtures.NoMark {
				placed[t.Contest] = true
			}
		}
	}
	side, err := fixtures.MarkPage(d.press.ballots.Blank(style.ID, page.Number), page, kinds, fixtures.Marking{Seed: mix,
		Names: d.press.ballots.Names(style.ID, page.Number), Tracks: d.press.ballots.Tracks(style.ID, page.Number)})
	if err != nil {
		return nil, err
	}
	d.side = side
	side.Other = d.press.ballots.Blank(style.ID, page.Number) // its own front, for want of a back with more print
	harms := filmed(mix, d.film)
	for i, h := range lyingOn[d.row] {
		if len(lyingOn[d.row]) > 1 && turn%len(lyingOn[d.row]) != i {
			continue
		}
		h.Seed = mix>>3 + uint64(i)
		harms = append(harms, h)
	}
	if err := side.Suffer(harms...); err != nil {
		return nil, err
	}
	d.scan = &scanner.Page{Name: "drawn", Index: 1, Gray: side.Gray, XDPI: side.XDPI, YDPI: side.YDPI, Bitonal: d.film == "bitonal"}
	return d, nil
}

// filmed is everyday damage, stored in grey or in one bit.
func filmed(mix uint64, film string) []fixtures.Harm {
	harms := slices.DeleteFunc(fixtures.Everyday(mix), func(h fixtures.Harm) bool {
		return h.Kind == fixtures.CutLight || h.Kind == fixtures.CutDark || h.Kind == fixtures.Coded
	})
	strength := float64(mix>>20%1024) / 1023
	switch {
	case film == "grey":
		return append(harms, fixtures.Harm{Kind: fixtures.Coded, Strength: 0.08 + 0.32*strength, Seed: mix >> 9})
	case mix>>40%2 == 0:
		return append(harms, fixtures.Harm{Kind: fixtures.CutLight, Strength: 0.1 * strength, Seed: mix >> 9})
	}
	return append(harms, fixtures.Harm{Kind: fixtures.CutDark, Strength: 0.4 * strength, Seed: mix >> 9})
}

// rowOfSpot is the row of the table that a target counts in.
func (d *drawnSheet) rowOfSpot(s *fixtures.Spot) string {
	if s.Kind.TruthOn(s.Shape) == "vote" && s.Truth == "marginal" { // under a hole, or of ink that this scan leaves white
		return "hardly shown"
	}
	if s.Kind != fixtures.NoMark {
		return string(s.Kind)
	}
	for _, h := range lyingOn[d.row] {
		if slices.Contains(s.Crossed, string(h.Kind)) {
			return d.row
		}
	}
	// What lies over the whole page lies on every target.
	if d.row == "dust" || d.row == "bleed-through" {
		return d.row
	}
	if len(s.Crossed) > 0 {
		return "crossed"
	}
	return "nothing"
}

// answers counts targets by answer, and those that are wrong.
type answers struct{ Vote, Questionable, None, Wrong int }

func (a *answers) add(o *answers) {
	a.Vote, a.Questionable, a.None, a.Wrong = a.Vote+o.Vote, a.Questionable+o.Questionable, a.None+o.None, a.Wrong+o.Wrong
}

func (a *answers) all() int { return a.Vote + a.Questionable + a.None }

// marksTally is what a marks run found.
type marksTally struct {
	rows           map[[2]string]*answers // by row and film
	places         map[[2]string]*answers // by press and film
	pages, refused int
	wrongs         []string
}

func (m *marksTally) at(of map[[2]string]*answers, a, b string) *answers {
	if of[[2]string{a, b}] == nil {
		of[[2]string{a, b}] = &answers{}
	}
	return of[[2]string{a, b}]
}

// read reads a drawn sheet and counts its targets.
func (m *marksTally) read(d *drawnSheet, n int) {
	m.pages++
	r := ReadPage(d.press.set, d.scan)
	if r.Refused != nil {
		m.refused++
		return
	}
	c := &r.Candidates[0]
	sheet := vote.DecideSheet(d.press.election, c.Style, c.Page.Sheet(), readingsOf(c), vote.DefaultLimits())
	for i := range sheet.Readings {
		k, spot := &sheet.Readings[i], &d.side.Spots[i]
		var one answers
		switch k.Answer {
		case vote.Vote:
			one.Vote = 1
		case vote.None:
			one.None = 1
		default:
			one.Questionable = 1
		}
		row := d.rowOfSpot(spot)
		if spot.Truth == "vote" && k.Answer == vote.None || k.Answer == vote.Vote && spot.Truth != "vote" && spot.Truth != "marginal" ||
			k.Answer == vote.Vote && slices.Contains(neverVote, row) || k.Answer == vote.None && slices.Contains(neverNone, row) {
			one.Wrong = 1
			m.wrongs = append(m.wrongs, fmt.Sprintf("page %d, %s, %s, target %d: %s (%s, crossed by %v) is %s: %s", n, d.press.name, d.film, i, row, spot.Truth, spot.Crossed,
				k.Answer, vote.Explain(&d.press.election.Styles[0], k, vote.DefaultLimits())))
		}
		m.at(m.rows, row, d.film).add(&one)
		m.at(m.places, d.press.name, d.film).add(&one)
	}
}

// Every kind of mark, by one hand a sheet, on four layouts, at two resolutions, in grey and in one bit: plain marks are never none, and what no
// voter made is never a vote.
func TestDrawnMarks(t *testing.T) {
	ps := marksPresses(t)
	began := time.Now()
	sum := &marksTally{rows: map[[2]string]*answers{}, places: map[[2]string]*answers{}}
	targets := 0
	for round := 0; targets < *drawnMarks && (*drawnMarksSeconds == 0 || time.Since(began).Seconds() < float64(*drawnMarksSeconds)); round++ {
		parts := make([]*marksTally, len(markRows))
		var wg sync.WaitGroup
		busy := make(chan struct{}, runtime.GOMAXPROCS(0))
		for i := range parts {
			wg.Go(func() {
				busy <- struct{}{}
				defer func() { <-busy }()
				n := round*len(markRows) + i
				parts[i] = &marksTally{rows: map[[2]string]*answers{}, places: map[[2]string]*answers{}}
				if d, err := drawSheet(ps, *drawnMarksSeed, n); assert.NoError(t, err) {
					parts[i].read(d, n)
				}
			})
		}
		wg.Wait()
		for _, p := range parts {
			for k, a := range p.rows {
				sum.at(sum.rows, k[0], k[1]).add(a)
				targets += a.all()
			}
			for k, a := range p.places {
				sum.at(sum.places, k[0], k[1]).add(a)
			}
			sum.pages, sum.refused = sum.pages+p.pages, sum.refused+p.refused
			sum.wrongs = append(sum.wrongs, p.wrongs...)
		}
	}
	if *drawnMarksTable {
		sum.print(targets, time.Since(began).Seconds())
	}
	for _, w := range sum.wrongs[:min(len(sum.wrongs), 50)] {
		t.Log(w)
	}
	assert.Empty(t, sum.wrongs)
	for _, row := range markRows {
		seen := 0
		for _, film := range []string{"grey", "bitonal"} {
			seen += sum.at(sum.rows, row, film).all()
		}
		assert.Positive(t, seen, "targets with %s", row)
	}
	assert.LessOrEqual(t, float64(sum.refused), mostRefused*float64(sum.pages)+1, "refused pages, of %d", sum.pages)
}

// print prints the tables in Markdown, and the figures.
func (m *marksTally) print(targets int, seconds float64) {
	var all answers
	cells := func(of map[[2]string]*answers, name string) string {
		var b strings.Builder
		wrong := 0
		for _, film := range []string{"grey", "bitonal"} {
			a := m.at(of, name, film)
			wrong += a.Wrong
			fmt.Fprintf(&b, " %d | %d | %d |", a.Vote, a.Questionable, a.None)
		}
		return fmt.Sprintf("|%s %d |", b.String(), wrong)
	}
	head := "| %s | grey: vote | questionable | none | bitonal: vote | questionable | none | wrong |\n|---|---|---|---|---|---|---|---|\n"
	fmt.Printf(head, "mark")
	for _, row := range slices.Concat(markRows, []string{"hardly shown", "crossed", "nothing"}) {
		fmt.Printf("| %s %s\n", row, cells(m.rows, row))
	}
	fmt.Println()
	fmt.Printf(head, "layout")
	var names []string
	for k, a := range m.places {
		all.add(a)
		if !slices.Contains(names, k[0]) {
			names = append(names, k[0])
		}
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Printf("| %s %s\n", n, cells(m.places, n))
	}
	fmt.Printf("\nfigure targets %d\nfigure wrong %d\nfigure pages %d\nfigure refused-pages %d\nfigure seconds %.0f\n", targets, all.Wrong, m.pages, m.refused, seconds)
}
