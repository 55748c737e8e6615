package batch

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/scanner"
	"recount/template"
)

// press is one drawn election with its blanks prepared for matching.
type press struct {
	name     string
	ballots  *fixtures.Ballots
	election *election.Election
	set      *template.Set
}

// presses are the elections of the accuracy run: every family, letter paper to the longest, few columns and as many as it has room
// for, 200 and 300 dots an inch.
// A page's election alone is drawn where only names that page; -1 stands for all.
func presses(t *testing.T, only int) []*press {
	var all []fixtures.BallotOptions
	for _, f := range fixtures.Families {
		most := map[fixtures.Family]int{fixtures.QR: 5, fixtures.Arrows: 4}[f]
		if most == 0 {
			most = 7
		}
		all = append(all, fixtures.BallotOptions{Family: f, Seed: 11, DPI: 200, Styles: 2},
			fixtures.BallotOptions{Family: f, Seed: 12, DPI: 200, Height: 14, Columns: 4, Styles: 3, Pages: 2},
			fixtures.BallotOptions{Family: f, Seed: 13, DPI: 300, Height: 11, Styles: 2},
			fixtures.BallotOptions{Family: f, Seed: 14, DPI: 200, Height: 14, Columns: most, Styles: 2},
			fixtures.BallotOptions{Family: f, Seed: 15, DPI: 200, Height: 19, Columns: most, Styles: 2})
	}
	out, errs := make([]*press, len(all)), make([]error, len(all))
	var wg sync.WaitGroup
	busy := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, o := range all {
		if only >= 0 && only%len(all) != i {
			continue
		}
		wg.Go(func() {
			busy <- struct{}{}
			out[i], errs[i] = drawPress(fmt.Sprintf("%s/%d", o.Family, i%5), o)
			<-busy
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	return out
}

// drawPress draws an election's blanks and prepares them with all that is known of them: grids and codes too.
func drawPress(name string, o fixtures.BallotOptions) (*press, error) {
	b, err := fixtures.NewBallots(o)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(scratch, "press-"+strings.ReplaceAll(name, "/", "-"))
	e := b.Election()
	if err := fixtures.WriteBlanks(dir, e, b.BlankPNG); err != nil {
		return nil, err
	}
	set, err := template.Load(e, dir)
	return &press{name, b, e, set}, err
}

func newPress(t *testing.T, name string, o fixtures.BallotOptions) *press {
	p, err := drawPress(name, o)
	require.NoError(t, err)
	return p
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
	file   []byte // the page as it was stored, nil where it was not
	scan   *scanner.Page
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

// drawPage draws page n: a third of the pages with everyday damage alone, the others with one fault more, in turn. Of every eight
// pages one is stored in a file as a scanner would, and read from that.
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
	if mix>>50%8 != 0 {
		d.scan = &scanner.Page{Name: "drawn", Index: 1, XDPI: side.XDPI, YDPI: side.YDPI}
		err = side.Suffer(d.faults...)
		d.scan.Gray, d.scan.XDPI, d.scan.YDPI = side.Gray, side.XDPI, side.YDPI
		d.scan.Bitonal = slices.ContainsFunc(d.faults, func(h fixtures.Harm) bool {
			return h.Kind == fixtures.CutLight || h.Kind == fixtures.CutDark || h.Kind == fixtures.Dither
		})
		return d, err
	}
	name, data, err := side.File("drawn", d.faults)
	if err != nil {
		return nil, err
	}
	d.file = data
	pages, err := scanner.Decode(name, data, scanner.Limits{})
	if err != nil {
		return nil, err
	}
	d.scan = pages[0].Page
	return d, nil
}

// faultOf is what happens to page n besides everyday damage, and how strongly; "" for every third page. Pages that follow each
// other have different faults, and every election has each fault at each strength in time.
func faultOf(ps []*press, n int) (fixtures.Fault, float64) {
	turn, press := n/len(ps), n%len(ps)
	part := (turn + press) % 3
	if part == 0 {
		return "", 0
	}
	k := turn/3*2 + part - 1
	of := len(fixtures.Faults)
	at := k + 13*press
	return fixtures.Faults[at%of], strengths[(at/of+at%of+press)%len(strengths)]
}

// rowOf is the row of the table that page n counts in.
func rowOf(ps []*press, n int) string {
	fault, s := faultOf(ps, n)
	if fault == "" {
		return "everyday"
	}
	return fmt.Sprintf("%s %.2f", fault, s)
}
