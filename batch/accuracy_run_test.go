package batch

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
)

// pieceOf is how many pages are read before their figures are put down. It is the same for every run, so that runs of any length and
// in any number of parts read the same pieces.
const pieceOf = 150

// piece is what was found in some pages that follow each other. It is a line of the ledger.
type piece struct {
	Program string            `json:"program"` // the hash of the program that read them: figures of two are not added
	Seed    uint64            `json:"seed"`
	First   int               `json:"first"`
	Pages   int               `json:"pages"`
	Rows    map[string]*score `json:"rows"`
	Wrongs  []string          `json:"wrongs,omitempty"`
}

// accuracyRun is a run over many pages, or a part of one.
type accuracyRun struct {
	pages    int
	part, of int
	row      string
	layout   string
	seed     uint64
	program  string
	ledger   string
	done     map[int]*piece // by first page
	sum      piece
	fresh    int // pages read in this run, not in an earlier one
	began    time.Time
	progress io.Writer
	perPiece int
}

// newAccuracyRun takes a part such as "2/5", or "" for all, and a file of pieces, or "" for none.
func newAccuracyRun(pages int, part, ledger string) (*accuracyRun, error) {
	r := &accuracyRun{pages: pages, part: 1, of: 1, row: *accuracyRow, layout: *accuracyPress, seed: *accuracySeed, ledger: ledger, done: map[int]*piece{}, sum: piece{Rows: map[string]*score{}},
		began: time.Now(), progress: io.Discard, perPiece: pieceOf}
	if *accuracyTable {
		r.progress = os.Stderr
	}
	if part != "" {
		if n, err := fmt.Sscanf(part+" ", "%d/%d ", &r.part, &r.of); n != 2 || err != nil || r.part < 1 || r.part > r.of {
			return nil, fmt.Errorf("part %q: write 2/5 for the second of five", part)
		}
	}
	if ledger == "" {
		return r, nil
	}
	if r.row != "" || r.layout != "" {
		return nil, fmt.Errorf("a ledger holds whole runs: leave out the row %q and the layout %q", r.row, r.layout)
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(exe)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(data)
	r.program = hex.EncodeToString(hash[:8])
	return r, r.load()
}

// load takes the pieces of this program and seed from the ledger. A last line that was cut short is read again.
func (r *accuracyRun) load() error {
	data, err := os.ReadFile(r.ledger)
	if os.IsNotExist(err) {
		return nil
	} else if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var p piece
		if json.Unmarshal(lines.Bytes(), &p) == nil && p.Program == r.program && p.Seed == r.seed && r.done[p.First] == nil && r.pagesAt(p.First) == p.Pages {
			r.done[p.First] = &p
			r.add(&p)
		}
	}
	return lines.Err()
}

// pagesAt is how many pages the piece from first on has in this run.
func (r *accuracyRun) pagesAt(first int) int { return min(r.perPiece, r.pages-first) }

func (r *accuracyRun) add(p *piece) {
	for name, s := range p.Rows {
		if r.sum.Rows[name] == nil {
			r.sum.Rows[name] = &score{}
		}
		r.sum.Rows[name].add(s)
	}
	r.sum.Pages += p.Pages
	if len(r.sum.Wrongs) < 200 {
		r.sum.Wrongs = append(r.sum.Wrongs, p.Wrongs...)
	}
}

// all is the sum of all rows.
func (r *accuracyRun) all() *score {
	var all score
	for _, s := range r.sum.Rows {
		all.add(s)
	}
	return &all
}

// read goes through the pieces of this part that are not in the ledger yet.
func (r *accuracyRun) read(ps []*press) error {
	for first := 0; first < r.pages; first += r.perPiece {
		if r.done[first] != nil || first/r.perPiece%r.of != r.part-1 {
			continue
		}
		p, err := r.piece(ps, first)
		if err != nil {
			return err
		}
		r.add(p)
		r.fresh += p.Pages
		r.say()
		if r.ledger == "" {
			continue
		}
		line, err := json.Marshal(p)
		if err != nil {
			return err
		}
		f, err := os.OpenFile(r.ledger, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			return err
		}
		// One write a line, begun on a line of its own, so that parts may share a ledger and one cut short spoils nothing.
		if _, err := f.Write(append(append([]byte{'\n'}, line...), '\n')); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// wanted says whether page n is of the row and the layout asked for.
func (r *accuracyRun) wanted(ps []*press, n int) bool {
	row := rowOf(ps, n)
	kind, _, _ := strings.Cut(row, " ")
	layout, _, _ := strings.Cut(ps[n%len(ps)].name, "/")
	return (r.row == "" || r.row == row || r.row == kind) && (r.layout == "" || r.layout == layout)
}

// say tells how far the run has come.
func (r *accuracyRun) say() {
	all, took := r.all(), time.Since(r.began).Seconds()
	left := (r.pages - r.sum.Pages) / r.of
	fmt.Fprintf(r.progress, "%d of %d pages, %d targets, %d wrong, %d flagged, %d pages refused; %.1f pages a second, %.0f minutes to go\n", r.sum.Pages, r.pages, all.Targets,
		all.Wrong, all.Flagged, all.Refused, float64(r.fresh)/took, float64(left)*took/float64(r.fresh)/60)
}

// piece reads the pages from first on, as many at a time as there are processors.
func (r *accuracyRun) piece(ps []*press, first int) (*piece, error) {
	p := &piece{Program: r.program, Seed: r.seed, First: first, Pages: r.pagesAt(first), Rows: map[string]*score{}}
	var mu sync.Mutex
	var failed error
	next := first
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				mu.Lock()
				n := next
				next++
				stop := failed != nil || n >= first+p.Pages
				mu.Unlock()
				if stop {
					return
				}
				if !r.wanted(ps, n) {
					continue
				}
				d, err := drawPage(ps, r.seed, n)
				var lines, every []string
				var sc score
				if err == nil {
					sc = readDrawing(d, func(format string, args ...any) {
						s := fmt.Sprintf(format, args...)
						every = append(every, fmt.Sprintf("page %d\t%s\t%s\t%s\t%v\n", n, d.press.name, d.row, s, d.faults))
						if strings.HasPrefix(s, "WRONG") || r.row != "" {
							lines = append(lines, s)
						}
					})
				}
				mu.Lock()
				if err != nil {
					failed = fmt.Errorf("page %d: %w", n, err)
				} else {
					if p.Rows[d.row] == nil {
						p.Rows[d.row] = &score{}
					}
					p.Rows[d.row].add(&sc)
				}
				if failed == nil {
					failed = addToList(every)
				}
				if len(lines) > 0 {
					p.Wrongs = append(p.Wrongs, fmt.Sprintf("page %d (%s, %v), drawn again by: make accuracy-page SEED=%d PAGE=%d\n   %s", n, d.press.name, d.faults,
						r.seed, n, strings.Join(lines[:min(3, len(lines))], "\n   ")))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	sort.Strings(p.Wrongs)
	p.Wrongs = p.Wrongs[:min(len(p.Wrongs), 50)]
	return p, failed
}

// addToList adds the lines to the list that was asked for.
func addToList(lines []string) error {
	if *accuracyList == "" || len(lines) == 0 {
		return nil
	}
	f, err := os.OpenFile(*accuracyList, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(strings.Join(lines, "")); err != nil {
		return err
	}
	return f.Close()
}

// Parts of a run, and a run that was stopped and went on, add up to the run in one go.
func TestAccuracyPartsAddUp(t *testing.T) {
	ps := []*press{newPress(t, "parts", fixtures.BallotOptions{Family: fixtures.Plain, Seed: 5, DPI: 100, Styles: 1, Height: 11})}
	read := func(part, ledger string, pages int) *accuracyRun {
		r, err := newAccuracyRun(pages, part, ledger)
		require.NoError(t, err)
		r.perPiece, r.row, r.layout = 2, "", ""
		if ledger != "" {
			r.done, r.sum = map[int]*piece{}, piece{Rows: map[string]*score{}}
			require.NoError(t, r.load())
		}
		require.NoError(t, r.read(ps))
		return r
	}
	whole := read("", "", 6)
	require.Equal(t, 6, whole.all().Pages)
	ledger := filepath.Join(t.TempDir(), "ledger")
	read("2/2", ledger, 6)
	data, err := os.ReadFile(ledger)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(ledger, append(data, `{"program":"`...), 0o666)) // killed while it wrote
	rest := read("", ledger, 6)
	assert.Equal(t, 4, rest.fresh)
	assert.Equal(t, whole.sum.Rows, rest.sum.Rows)
	assert.Zero(t, read("", ledger, 6).fresh)
	_, err = newAccuracyRun(6, "3/2", "")
	assert.ErrorContains(t, err, "2/5")
}
