package batch

import (
	"encoding/csv"
	"flag"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/scanner"
	"recount/template"
	"recount/template/author"
)

var (
	blanksVoters = flag.Int("blanks.voters", 1, "voters of each page of a real blank and film in TestRealBlanksInColour")
	blanksKeep   = flag.String("blanks.keep", "", "write what TestRealBlanksInColour found wrong, and one page of each film, to this folder")
	blanksTable  = flag.Bool("blanks.table", false, "print TestRealBlanksInColour's table")
)

// realBlanks are blanks of real elections, in colours, with the pages that the short test takes; all are taken where more voters
// than one are asked for. They are not part of this repository.
var realBlanks = []struct {
	name, files string // of a PDF, or a pattern of pictures with the page's number
	dpi         float64
	pages       int
	few         []int // none: the set is left out of the short test
}{
	{"Dominion, red ovals, two columns (2020)", "dominion-sf-2020-BT07.pdf", 200, 6, []int{1, 2}},
	{"Dominion, red ovals, ranked grids (2019)", "dominion-sf-2019-ranked-BT01.pdf", 200, 4, []int{2}},
	{"arrows (November 2018)", "arrows-sf-2018-11-BT01.pdf", 200, 7, []int{1}},
	{"arrows (June 2018, type 10)", "sf2018-7834--bt10-p%d.png", 150, 8, nil},
	{"arrows (June 2018, type 14)", "sf2018-9237--BT_14_C-%d.png", 150, 5, nil},
}

// blanksDir is where the real blanks are; the test is skipped where they are not.
func blanksDir(t *testing.T) string {
	dir := os.Getenv("RECOUNT_BLANKS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "blanks")
	}
	if _, err := os.Stat(filepath.Join(dir, "dominion-sf-2020-BT07.pdf")); err != nil {
		t.Skipf("no blanks at %s: name their folder in RECOUNT_BLANKS", dir)
	}
	return dir
}

// realPress is a definition that the program made of real blanks itself, and their pages in colour.
type realPress struct {
	e    *election.Election
	set  *template.Set
	page map[int]image.Image
}

// newRealPress drafts a contest list from the blanks, names what is on it by numbers, and makes a definition with it.
func newRealPress(t *testing.T, dir, files string, dpi float64, pages []int) *realPress {
	p := &realPress{page: map[int]image.Image{}}
	var args []author.BlankArg
	for i, n := range pages {
		path := filepath.Join(dir, files)
		arg := author.BlankArg{Style: "real", Page: i + 1, File: fmt.Sprintf("%s#%d", path, n)}
		var err error
		if strings.Contains(files, "%d") {
			path = fmt.Sprintf(path, n)
			arg.File = path
			var f *os.File
			f, err = os.Open(path)
			require.NoError(t, err)
			p.page[i+1], err = png.Decode(f)
			f.Close()
		} else {
			p.page[i+1], err = author.DrawPDF(path, n, dpi)
		}
		require.NoError(t, err)
		args = append(args, arg)
	}
	work, err := os.MkdirTemp(scratch, "real-*")
	require.NoError(t, err)
	draft, list := filepath.Join(work, "draft.csv"), filepath.Join(work, "contests.csv")
	_, err = author.Draft(draft, dpi, args)
	require.NoError(t, err)
	f, err := os.Open(draft)
	require.NoError(t, err)
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	out := [][]string{{"style", "page", "contest", "vote_for", "choice", "x", "y"}}
	contest, choice := 0, 0
	var last [3]string
	lastY := 0.0
	for _, r := range rows[1:] {
		y, err := strconv.ParseFloat(r[8], 64)
		require.NoError(t, err)
		key := [3]string{r[1], r[2], r[7][:3]}
		if key != last || math.Abs(y-lastY) > 1.2 {
			contest, choice = contest+1, 0
		}
		last, lastY, choice = key, y, choice+1
		out = append(out, []string{"real", r[1], fmt.Sprintf("Contest %d", contest), "1", fmt.Sprintf("Choice %d", choice), r[7], r[8]})
	}
	f, err = os.Create(list)
	require.NoError(t, err)
	require.NoError(t, csv.NewWriter(f).WriteAll(out))
	require.NoError(t, f.Close())
	p.e, err = author.New(author.NewOptions{Title: files, Contests: list, Out: filepath.Join(work, "definition"), Blanks: args, DPI: dpi})
	require.NoError(t, err)
	p.set, err = template.Load(p.e, filepath.Join(work, "definition"))
	require.NoError(t, err)
	return p
}

// Real ballots with red ovals, ranked grids and arrows, marked by drawn hands, taken in colour, grey and one bit, with the red print
// and without it, are read with a definition made of the blank: nothing is wrong. Where the red is gone the ovals are, too, and a
// page may be refused or asked about.
func TestRealBlanksInColour(t *testing.T) {
	dir := blanksDir(t)
	for b, blank := range realBlanks {
		t.Run(blank.name, func(t *testing.T) {
			pages := blank.few
			if *blanksVoters > 1 {
				pages = nil
				for n := range blank.pages {
					pages = append(pages, n+1)
				}
			}
			if len(pages) == 0 {
				t.Skip("left out of the short test: ask for it with -blanks.voters 3")
			}
			p := newRealPress(t, dir, blank.files, blank.dpi, pages)
			for _, film := range fixtures.Films {
				for _, drop := range []bool{false, true} {
					var sum score
					for i := range pages {
						for v := range *blanksVoters {
							seed := uint64(b*1000000 + i*10000 + v*10)
							sc := p.read(t, i+1, film, drop, seed, filepath.Join(*blanksKeep, fmt.Sprintf("%d-p%d-%s-%v-%d", b, pages[i], film, drop, v)))
							sum.add(&sc)
						}
					}
					red := map[bool]string{false: "kept", true: "dropped"}[drop]
					assert.Zero(t, sum.Wrong, "%s, red %s: wrong of %d targets", film, red, sum.Targets)
					if !drop {
						assert.Zero(t, sum.Refused, "%s, red %s: refused of %d pages", film, red, sum.Pages)
					}
					if *blanksTable {
						fmt.Printf("| %s | %s | %s | %d | %d | %d | %d | %d | %s |\n", blank.name, film, red, sum.Pages, sum.Refused, sum.Targets, sum.Flagged, sum.Wrong, sum.most())
					}
				}
			}
		})
	}
}

// read marks, damages, stores and reads one page.
func (p *realPress) read(t *testing.T, page int, film fixtures.Film, drop bool, seed uint64, keep string) score {
	style := &p.e.Styles[0]
	pg := style.Page(page)
	kinds := fixtures.Votes(p.e, pg, seed, nil)
	c, err := fixtures.MarkColour(p.page[page], nil, pg, kinds, fixtures.Marking{Seed: seed})
	require.NoError(t, err)
	name, data, side, err := c.File("scan", film, drop, fixtures.Everyday(seed))
	require.NoError(t, err)
	pages, err := scanner.Decode(name, data, scanner.Limits{})
	require.NoError(t, err)
	d := &drawing{press: &press{set: p.set, election: p.e}, style: style, page: pg, side: side, scan: pages[0].Page}
	bad := false
	sc := readDrawing(d, func(format string, args ...any) {
		if s := fmt.Sprintf(format, args...); strings.HasPrefix(s, "WRONG") || *blanksKeep != "" && strings.HasPrefix(s, "refused") {
			t.Logf("%s: %s", filepath.Base(keep), s)
			bad = true
		}
	})
	if *blanksKeep != "" && (bad || seed%10000 == 0) {
		require.NoError(t, os.WriteFile(keep+filepath.Ext(name), data, 0o666))
	}
	return sc
}
