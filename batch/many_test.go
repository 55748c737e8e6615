package batch

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/scanner"
	"recount/vote"
)

var (
	manyCount = flag.Int("many.sheets", 2000, "sheets that BenchmarkDecide decides again")
	manyRun   = flag.String("many.run", "", "keep BenchmarkDecide's run in this folder, and use it again where it is there")
)

// manySheets makes a finished run of n sheets in dir through the store's own calls: the sheets of the drawn suite over and over, each copy
// under names and hashes of its own, 500 to a folder, with traces of its own: copies of one handwriting are for other tests. change, where it is not nil, may alter a copy before it is put; without results there is the ledger alone.
func manySheets(t testing.TB, n int, dir string, results bool, change func(i int, s *sheetResult)) Options {
	t.Helper()
	o := options(t)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	from, e, err := openSettled(filepath.Join(o.Out, LedgerFile))
	require.NoError(t, err)
	defer from.close()
	var kinds []*storedSheet
	for s, err := range from.sheets(e, o.Limits) {
		require.NoError(t, err)
		kinds = append(kinds, s)
	}
	require.NotEmpty(t, kinds)
	var ins []input
	for i := range n {
		for p := range kinds[i%len(kinds)].pages {
			name := fmt.Sprintf("batch-%03d/sheet-%06d-%d.png", i/500, i, p)
			sum := sha256.Sum256([]byte(name))
			ins = append(ins, input{Input: scanner.Input{Name: name, Size: 1}, sha256: hex.EncodeToString(sum[:])})
		}
	}
	require.NoError(t, os.MkdirAll(dir, 0o777))
	id, err := identify(o, e, PairAuto, ins)
	require.NoError(t, err)
	l, err := openLedger(filepath.Join(dir, LedgerFile))
	require.NoError(t, err)
	require.NoError(t, l.begin(id, e, ins, every(len(ins))))
	w := &writer{ledger: l, group: 1000}
	noise := rand.New(rand.NewPCG(1, 2))
	at := 0
	for i := range n {
		again := kinds[i%len(kinds)].again(e, o.Limits)
		for p := range again.pages {
			r := &again.pages[p]
			r.input, r.reading.Image, r.reading.SHA256, r.reading.Pixels = at, ins[at].Name, ins[at].sha256, ins[at].sha256[:16]
			at++
			for k := range r.reading.Candidates {
				c := &r.reading.Candidates[k]
				c.Marks = slices.Clone(c.Marks)
				for m := range c.Marks {
					trace := []byte(c.Marks[m].Trace)
					for b := range trace {
						trace[b] = byte(noise.Uint32())
					}
					c.Marks[m].Trace = string(trace)
				}
			}
		}
		if change != nil {
			change(i, &again)
		}
		require.NoError(t, w.add(unitResult{number: i, sheets: []sheetResult{again}}))
	}
	require.NoError(t, w.flush())
	if results {
		x := &export{ledger: l, election: e, limits: o.Limits, id: id, dir: dir}
		_, err = x.all()
		require.NoError(t, err)
	}
	require.NoError(t, l.settle(settledRun))
	o.Out = dir
	return o
}

// strictLimits make questions of many votes.
func strictLimits() vote.Limits {
	l := vote.DefaultLimits()
	l.VoteFill, l.OverwhelmFill = 9500, 9900
	return l
}

// storedMeasurements hashes every measurement in a ledger, row by row.
func storedMeasurements(t *testing.T, dir string) (rows int, sum string) {
	l, _, err := openSettled(filepath.Join(dir, LedgerFile))
	require.NoError(t, err)
	defer l.close()
	r, err := l.db.Query(`SELECT page, target, ` + markColumns("", "") + ` FROM marks ORDER BY page, target`)
	require.NoError(t, err)
	defer r.Close()
	columns, err := r.Columns()
	require.NoError(t, err)
	h := sha256.New()
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for r.Next() {
		require.NoError(t, r.Scan(into...))
		fmt.Fprintln(h, values...)
		rows++
	}
	require.NoError(t, r.Err())
	return rows, hex.EncodeToString(h.Sum(nil))
}

// Deciding a run of several chunks again gives the same bytes with one worker and with four, and changes no measurement.
func TestDecideManySheets(t *testing.T) {
	run := filepath.Join(t.TempDir(), "many")
	o := manySheets(t, 300, run, true, nil)
	strict := strictLimits()
	var outs []string
	for _, workers := range []int{1, 4} {
		out := filepath.Join(t.TempDir(), fmt.Sprint(workers))
		sum, err := Decide(t.Context(), DecideOptions{Run: run, Out: out, Limits: &strict, Workers: workers, Program: o.Program})
		require.NoError(t, err)
		assert.Greater(t, sum.Targets.Questionable, 200)
		outs = append(outs, out)
	}
	sameFiles(t, outs[0], outs[1])
	rows, before := storedMeasurements(t, run)
	assert.Equal(t, 300*35, rows)
	rows, after := storedMeasurements(t, outs[0])
	assert.Equal(t, 300*35, rows)
	assert.Equal(t, before, after)
	back := filepath.Join(t.TempDir(), "back")
	_, err := Decide(t.Context(), DecideOptions{Run: outs[1], Out: back, Limits: &o.Limits, Program: o.Program})
	require.NoError(t, err)
	sameFiles(t, run, back)
}

// A sheet that holds another's page, byte for byte, stays in question when it is decided again.
func TestDecideKeepsCopiesInQuestion(t *testing.T) {
	run := filepath.Join(t.TempDir(), "many")
	o := manySheets(t, 3, run, true, func(i int, s *sheetResult) {
		if i == 2 {
			sum := sha256.Sum256([]byte("batch-000/sheet-000000-0.png"))
			s.pages[0].reading.SHA256 = hex.EncodeToString(sum[:])
		}
	})
	sheets := func(dir string) (out []string) {
		f, err := os.Open(filepath.Join(dir, "sheets.csv"))
		require.NoError(t, err)
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
		require.NoError(t, err)
		for _, r := range rows {
			if strings.Contains(r[4], "same-scan") {
				out = append(out, r[0]+" "+r[3]+" "+r[4])
			}
		}
		return out
	}
	want := sheets(run)
	require.Len(t, want, 2, "both pages of the sheet")
	out := filepath.Join(t.TempDir(), "again")
	_, err := Decide(t.Context(), DecideOptions{Run: run, Out: out, Limits: &o.Limits, Program: o.Program})
	require.NoError(t, err)
	assert.Equal(t, want, sheets(out))
	sameFiles(t, run, out)
}

// BenchmarkDecide decides a finished run again, with every file written: go test ./batch -run '^$' -bench Decide -many.sheets 100000
func BenchmarkDecide(b *testing.B) {
	dir := *manyRun
	if dir == "" {
		dir = filepath.Join(b.TempDir(), "many")
	}
	if _, err := os.Stat(filepath.Join(dir, LedgerFile)); err != nil {
		manySheets(b, *manyCount, dir, false, nil)
	}
	for _, row := range []struct {
		name   string
		limits vote.Limits
	}{{"same limits", vote.DefaultLimits()}, {"other limits", strictLimits()}} {
		b.Run(row.name, func(b *testing.B) {
			out := filepath.Join(b.TempDir(), "again")
			targets := 0
			began, cpu, runs := time.Now(), processorTime(), 0
			for b.Loop() {
				sum, err := Decide(b.Context(), DecideOptions{Run: dir, Out: out, Limits: &row.limits, Force: true, Program: "recount test"})
				require.NoError(b, err)
				runs++
				targets += sum.Targets.Vote + sum.Targets.Questionable + sum.Targets.None
			}
			b.ReportMetric(float64(targets)/time.Since(began).Seconds(), "targets/s")
			b.ReportMetric(float64(processorTime()-cpu)/1e9/float64(runs), "cpu-s/run")
		})
	}
}
