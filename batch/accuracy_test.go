package batch

import (
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/scanner"
	"recount/template"
	"recount/vote"
)

var (
	accuracyTargets = flag.Int("accuracy.targets", 12_000, "drawn targets that TestAccuracy reads")
	accuracySeed    = flag.Uint64("accuracy.seed", 1, "seed of TestAccuracy's first page; page n has the seed and n")
	accuracyOne     = flag.Int("accuracy.page", -1, "read this one page of TestAccuracy, and say what was found")
	accuracyPicture = flag.String("accuracy.picture", "", "with -accuracy.page: write the page to this PNG file")
	accuracyRow     = flag.String("accuracy.row", "", "draw these pages alone: \"everyday\", or a fault and its strength as in the table")
	accuracyTable   = flag.Bool("accuracy.table", false, "print TestAccuracy's whole table and its figures")
)

// press is one drawn election with its blanks prepared for matching.
type press struct {
	name    string
	ballots *fixtures.Ballots
	set     *template.Set
}

// presses are the elections of the accuracy run: every family, letter and longer paper, few columns and many, 200 and 300
// dots an inch.
func presses(t *testing.T) []*press {
	var out []*press
	for _, f := range fixtures.Families {
		for k, o := range []fixtures.BallotOptions{
			{Family: f, Seed: 11, DPI: 200, Styles: 2},
			{Family: f, Seed: 12, DPI: 200, Height: 14, Columns: 4, Styles: 3, Pages: 2},
			{Family: f, Seed: 13, DPI: 300, Styles: 2},
		} {
			out = append(out, newPress(t, fmt.Sprintf("%s/%d", f, k), o))
		}
	}
	return out
}

// newPress draws an election's blanks and prepares them with all that is known of them: grids and codes too.
func newPress(t *testing.T, name string, o fixtures.BallotOptions) *press {
	b, err := fixtures.NewBallots(o)
	require.NoError(t, err)
	dir := filepath.Join(scratch, "press-"+strings.ReplaceAll(name, "/", "-"))
	e := b.Election()
	for s := range e.Styles {
		for p := range e.Styles[s].Pages {
			pg := &e.Styles[s].Pages[p]
			path := filepath.Join(dir, filepath.FromSlash(pg.Picture.File))
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
			require.NoError(t, os.WriteFile(path, b.BlankPNG(e.Styles[s].ID, pg.Number), 0o666))
		}
	}
	set, err := template.Load(e, dir)
	require.NoError(t, err)
	return &press{name, b, set}
}

// strengths of the damage in the table: a quarter, a half, three quarters, as bad as it gets.
var strengths = []float64{0.25, 0.5, 0.75, 1}

// drawing is one page of the accuracy run: all of it follows from its number and the seed.
type drawing struct {
	press  *press
	style  *election.Style
	page   *election.Page
	side   *fixtures.Side
	row    string // of the table: "everyday", or a fault and its strength
	faults []fixtures.Harm
}

// plan says which style's page is drawn as page n.
func plan(ps []*press, seed uint64, n int) (d *drawing, mix uint64) {
	mix = seed*0x9e3779b97f4a7c15 + uint64(n)*0xd1b54a32d192ed03
	mix ^= mix >> 29
	d = &drawing{press: ps[n%len(ps)]}
	e := d.press.ballots.Election()
	d.style = &e.Styles[int(mix>>8%(1<<20))%len(e.Styles)]
	d.page = &d.style.Pages[int(mix>>32%(1<<20))%len(d.style.Pages)]
	return d, mix
}

// pagesFor is how many pages, in whole rounds of the presses, have so many targets.
func pagesFor(ps []*press, seed uint64, targets int) (pages int) {
	for targets > 0 {
		for range ps {
			d, _ := plan(ps, seed, pages)
			targets -= len(d.page.Targets)
			pages++
		}
	}
	return pages
}

// drawPage draws page n: a third of the pages with everyday damage alone, the others with one fault more, in turn.
func drawPage(ps []*press, seed uint64, n int) (*drawing, error) {
	d, mix := plan(ps, seed, n)
	p := d.press
	kinds := fixtures.Votes(p.ballots.Election(), d.page, mix, nil)
	side, err := fixtures.MarkPage(p.ballots.Blank(d.style.ID, d.page.Number), d.page, kinds, fixtures.Marking{Seed: mix,
		Names: p.ballots.Names(d.style.ID, d.page.Number), Tracks: p.ballots.Tracks(d.style.ID, d.page.Number)})
	if err != nil {
		return nil, err
	}
	d.side = side
	if d.page.Number%2 == 1 && d.style.Page(d.page.Number+1) != nil {
		side.Other = p.ballots.Blank(d.style.ID, d.page.Number+1)
	}
	d.row = rowOf(ps, n)
	d.faults = fixtures.Everyday(mix)
	if fault, s := faultOf(ps, n); fault != "" {
		d.faults = append(d.faults, fixtures.Harm{Kind: fault, Strength: s, Seed: mix >> 3})
	}
	return d, side.Suffer(d.faults...)
}

// faultOf is what happens to page n besides everyday damage, and how strongly; "" for every third page.
func faultOf(ps []*press, n int) (fixtures.Fault, float64) {
	turn := n / len(ps)
	if turn%3 == 0 {
		return "", 0
	}
	k := turn/3*2 + turn%3 - 1
	return fixtures.Faults[k%len(fixtures.Faults)], strengths[(k+k/len(fixtures.Faults))%len(strengths)]
}

// rowOf is the row of the table that page n counts in.
func rowOf(ps []*press, n int) string {
	fault, s := faultOf(ps, n)
	if fault == "" {
		return "everyday"
	}
	return fmt.Sprintf("%s %.2f", fault, s)
}

// score is one row of the table.
type score struct {
	pages, refused, targets, wrong, flagged, clear int
	reasons                                        map[string]int
}

func (s *score) add(o *score) {
	s.pages, s.refused, s.targets, s.wrong = s.pages+o.pages, s.refused+o.refused, s.targets+o.targets, s.wrong+o.wrong
	s.flagged, s.clear = s.flagged+o.flagged, s.clear+o.clear
	for r, n := range o.reasons {
		if s.reasons == nil {
			s.reasons = map[string]int{}
		}
		s.reasons[r] += n
	}
}

// readDrawing reads the page and holds every answer against the truth. said hears of each that is not as it should be.
func readDrawing(d *drawing, said func(string, ...any)) score {
	sc := score{pages: 1, reasons: map[string]int{}}
	pg := &scanner.Page{Name: "drawn.png", Index: 1, Gray: d.side.Gray, XDPI: d.side.XDPI, YDPI: d.side.YDPI}
	r := ReadPage(d.press.set, pg)
	if r.Refused != nil {
		sc.refused++
		reason, _, _ := strings.Cut(reasonText(r.Refused), ":")
		sc.reasons[reason]++
		said("refused: %v", r.Refused)
		return sc
	}
	var c *Candidate
	for i := range r.Candidates {
		if r.Candidates[i].Style.ID == d.style.ID && r.Candidates[i].Page.Number == d.page.Number {
			c = &r.Candidates[i]
		}
	}
	if c == nil {
		sc.targets, sc.wrong = len(d.page.Targets), len(d.page.Targets)
		said("WRONG: style %s page %d was read as %s page %d", d.style.ID, d.page.Number, r.Candidates[0].Style.ID, r.Candidates[0].Page.Number)
		return sc
	}
	sheet := vote.DecideSheet(d.press.ballots.Election(), c.Style, c.Page.Sheet(), readingsOf(c), vote.DefaultLimits())
	for i, k := range sheet.Readings {
		spot := d.side.Spots[i]
		sc.targets++
		if spot.Truth != "marginal" {
			sc.clear++
		}
		bad := spot.Truth == "vote" && k.Answer == vote.None || k.Answer == vote.Vote && spot.Truth != "vote" && spot.Truth != "marginal"
		switch {
		case bad:
			sc.wrong++
			sc.reasons[fmt.Sprintf("wrong: %s is %s", spot.Kind, k.Answer)]++
			said("WRONG: target %d at %.0f,%.0f is %q (%s, crossed by %v), read as %s: fill %v outline %v around %v dark %v spread %v arms %08b damage %q",
				i, spot.X, spot.Y, spot.Kind, spot.Truth, spot.Crossed, k.Answer, k.Mark.Fill, k.Mark.Outline, k.Mark.Around, k.Mark.Dark, k.Mark.Spread, k.Mark.Arms, k.Mark.Damage)
		case k.Answer == vote.Questionable && (spot.Truth == "vote" || spot.Truth == "none"):
			sc.flagged++
			reason, _, _ := strings.Cut(k.Reason, ":")
			sc.reasons[fmt.Sprintf("%s %s: %s", spot.Truth, spot.Kind, reason)]++
			said("flagged: target %d at %.0f,%.0f is %q, crossed by %v: %s", i, spot.X, spot.Y, spot.Kind, spot.Crossed, k.Reason)
		}
	}
	return sc
}

// Every target of drawn ballots, marked by drawn hands and damaged in every way, is right, or a person is asked.
func TestAccuracy(t *testing.T) {
	ps := presses(t)
	if *accuracyOne >= 0 {
		one(t, ps)
		return
	}
	began := time.Now()
	var mu sync.Mutex
	table := map[string]*score{}
	next, pages := 0, pagesFor(ps, *accuracySeed, *accuracyTargets)
	var wrongs []string
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				mu.Lock()
				n := next
				next++
				mu.Unlock()
				if n >= pages {
					return
				}
				if *accuracyRow != "" && rowOf(ps, n) != *accuracyRow {
					continue
				}
				d, err := drawPage(ps, *accuracySeed, n)
				if err != nil {
					t.Errorf("page %d: %v", n, err)
					return
				}
				var lines []string
				sc := readDrawing(d, func(format string, args ...any) {
					if s := fmt.Sprintf(format, args...); strings.HasPrefix(s, "WRONG") || *accuracyRow != "" {
						lines = append(lines, s)
					}
				})
				mu.Lock()
				if table[d.row] == nil {
					table[d.row] = &score{}
				}
				table[d.row].add(&sc)
				if len(lines) > 0 && len(wrongs) < 200 {
					wrongs = append(wrongs, fmt.Sprintf("page %d (%s, %v), drawn again by: make accuracy-page SEED=%d PAGE=%d\n   %s", n, d.press.name, d.faults,
						*accuracySeed, n, strings.Join(lines[:min(3, len(lines))], "\n   ")))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	seconds := time.Since(began).Seconds()
	var all score
	for _, sc := range table {
		all.add(sc)
	}
	if *accuracyTable {
		printAccuracy(table, &all, seconds)
	}
	sort.Strings(wrongs)
	for _, w := range wrongs {
		t.Log(w)
	}
	assert.Zero(t, all.wrong, "wrong targets of %d", all.targets)
	day := table["everyday"]
	if *accuracyRow == "" {
		require.NotNil(t, day)
	}
	if *accuracyRow == "" || *accuracyRow == "everyday" {
		assert.LessOrEqual(t, float64(day.refused), mostRefused*float64(day.pages)+1, "refused pages of everyday damage, of %d", day.pages)
		assert.LessOrEqual(t, float64(day.flagged), mostFlagged*float64(day.clear)+3, "flagged targets of everyday damage, of %d", day.clear)
	}
}

// The gates of everyday damage, a page and a few targets more in a short run. The aim is 0.001 and 0.005: near twins that differ in a
// digit are still refused where the scan is soft, and light pencil is asked about (docs/ACCURACY.md).
const mostRefused, mostFlagged = 0.025, 0.022

// printAccuracy prints the table, one row a damage and strength, and the figures.
func printAccuracy(table map[string]*score, all *score, seconds float64) {
	var rows []string
	for r := range table {
		rows = append(rows, r)
	}
	sort.Strings(rows)
	if i := slices.Index(rows, "everyday"); i >= 0 {
		rows = slices.Concat([]string{"everyday"}, rows[:i], rows[i+1:])
	}
	fmt.Printf("%-24s %8s %8s %9s %8s %6s  %s\n", "damage, strength", "pages", "refused", "targets", "flagged", "wrong", "most often")
	for _, r := range append(rows, "all") {
		sc := table[r]
		if r == "all" {
			sc = all
		}
		fmt.Printf("%-24s %8d %8d %9d %8d %6d  %s\n", r, sc.pages, sc.refused, sc.targets, sc.flagged, sc.wrong, sc.most())
	}
	day := table["everyday"]
	if day == nil {
		day = &score{}
	}
	fmt.Printf("figure targets %d\nfigure wrong %d\nfigure flagged %d\nfigure refused-pages %d\n", all.targets, all.wrong, all.flagged, all.refused)
	fmt.Printf("figure everyday-targets %d\nfigure everyday-flagged %d\nfigure everyday-pages %d\nfigure everyday-refused-pages %d\nfigure seconds %.0f\n",
		day.targets, day.flagged, day.pages, day.refused, seconds)
}

// most names the commonest reasons.
func (s *score) most() string {
	var names []string
	for r := range s.reasons {
		names = append(names, r)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := s.reasons[names[i]], s.reasons[names[j]]
		return a > b || a == b && names[i] < names[j]
	})
	for i, r := range names {
		names[i] = fmt.Sprintf("%s %d", r, s.reasons[r])
	}
	return strings.Join(names[:min(3, len(names))], ", ")
}

// one reads a single page and says everything that was found.
func one(t *testing.T, ps []*press) {
	d, err := drawPage(ps, *accuracySeed, *accuracyOne)
	require.NoError(t, err)
	fmt.Printf("page %d: %s, style %s page %d, %dx%d pixels, %v\n", *accuracyOne, d.press.name, d.style.ID, d.page.Number,
		d.side.Gray.Rect.Dx(), d.side.Gray.Rect.Dy(), d.faults)
	if *accuracyPicture != "" {
		f, err := os.Create(*accuracyPicture)
		require.NoError(t, err)
		require.NoError(t, png.Encode(f, d.side.Gray))
		require.NoError(t, f.Close())
	}
	sc := readDrawing(d, func(format string, args ...any) { fmt.Printf("  "+format+"\n", args...) })
	assert.Zero(t, sc.wrong)
}
