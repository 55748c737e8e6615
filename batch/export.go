package batch

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"path/filepath"
	"runtime"

	"recount/audit"
	"recount/cvr"
	"recount/election"
	"recount/vote"
)

// runFile is the run's own description, written last: where it is, the others are whole.
const runFile = "run.json"

// export writes a run's results from its ledger. Nothing is kept in memory but a few chunks of sheets and the sums.
type export struct {
	ledger   *ledger
	election *election.Election
	limits   vote.Limits
	id       identity
	dir      string
	workers  int // 0: one a processor
	// Where a run is decided again, from is the old ledger with the sheets; again decides one, in a worker, and took hears of each in the run's order.
	from    *ledger
	again   func(*storedSheet) error
	took    func(*storedSheet) error
	answers bool         // the sheets that took hears of come with the ledger's own answers
	end     func() error // after the last sheet

	marked *audit.Rescans   // the sheets' marks, from the pass until rescans.csv is written
	twice  *audit.Rescanned // the sheets scanned twice
}

// exportNames are the result files in the order in which run.json names them, run.json apart.
func exportNames() []string {
	return []string{"marks.csv", "sheets.csv", "contests.csv", "totals.csv", RecordsFile, rescansFile, "near.csv", "batches.csv", "fill.csv", "fill.svg"}
}

// passFiles are those that are written sheet by sheet, in one pass over the ledger.
var passFiles = []string{"marks.csv", "contests.csv", RecordsFile}

// all writes every file and gives the run's summary.
func (x *export) all() (*Summary, error) {
	p, err := x.pass()
	if err != nil {
		return nil, err
	}
	sum, err := x.summarize(p.census)
	if err != nil {
		return nil, err
	}
	batches, near := p.census.Batches(), p.census.Near()
	writers := map[string]func(io.Writer) error{
		"sheets.csv": x.sheets, "totals.csv": p.tally.WriteCSV, rescansFile: x.rescans,
		"near.csv":    func(w io.Writer) error { return audit.WriteNear(w, near) },
		"batches.csv": func(w io.Writer) error { return audit.WriteBatches(w, batches) },
		"fill.csv":    func(w io.Writer) error { return audit.WriteFill(w, batches) },
		"fill.svg": func(w io.Writer) error {
			chart, err := audit.FillChart(batches, x.limits)
			if err != nil {
				return err
			}
			_, err = w.Write(chart)
			return err
		},
	}
	for _, name := range exportNames() {
		h := p.hashes[name]
		if h == "" {
			if h, err = writeFile(filepath.Join(x.dir, name), writers[name]); err != nil {
				return nil, err
			}
		}
		sum.Files = append(sum.Files, FileHash{name, h})
	}
	sum.ScannedTwice, sum.DoubledRuns = len(x.twice.Pairs), append([]audit.DoubledRun{}, x.twice.Runs...)
	_, err = writeFile(filepath.Join(x.dir, runFile), func(w io.Writer) error { return x.description(w, sum) })
	return sum, err
}

// passed is what one pass over the sheets gave.
type passed struct {
	tally  *audit.Tally
	census *audit.Census
	hashes map[string]string // of the files written
}

// printedSheet is one sheet as it stands in the results.
type printedSheet struct {
	sheet                   *storedSheet
	batch                   string
	marks, contests, record []byte
	cvr                     *cvr.Record
}

// printedChunk is what a worker made of a chunk.
type printedChunk struct {
	sheets []printedSheet
	err    error
}

// pass goes over the counted sheets once: workers read, decide and print them, and what they printed is written and summed in the run's order.
func (x *export) pass() (p *passed, err error) {
	p = &passed{tally: audit.NewTally(x.election), census: audit.NewCensus(x.election, x.limits), hashes: map[string]string{}}
	x.marked = audit.NewRescans()
	files := map[string]*resultFile{}
	defer func() {
		for _, f := range files {
			if err != nil {
				f.drop()
			}
		}
	}()
	for _, name := range passFiles {
		if files[name], err = createResult(filepath.Join(x.dir, name)); err != nil {
			delete(files, name)
			return nil, err
		}
	}
	if err := writeRow(files["marks.csv"], markHead()); err != nil {
		return nil, err
	}
	if err := writeRow(files["contests.csv"], contestHead); err != nil {
		return nil, err
	}
	report, err := cvr.NewNISTReport(files[RecordsFile], x.election, cvr.Info{Version: x.id.Program})
	if err != nil {
		return nil, err
	}
	from := cmp.Or(x.from, x.ledger)
	chunks, err := from.chunks()
	if err != nil {
		return nil, err
	}
	whole, err := from.wholeFiles()
	if err != nil {
		return nil, err
	}
	decided, err := x.ledger.decisions()
	if err != nil {
		return nil, err
	}
	print := func(k int) (out printedChunk) {
		defer func() {
			if p := recover(); p != nil { // a ledger may hold anything
				out.err = internal(p)
			}
		}()
		sheets, err := from.chunk(x.election, k, decided, x.again != nil || x.answers)
		if err != nil {
			return printedChunk{err: err}
		}
		for _, s := range sheets {
			one, err := x.print(s, report, whole)
			if err != nil {
				return printedChunk{err: err}
			}
			out.sheets = append(out.sheets, one)
		}
		return out
	}
	write := func(c printedChunk) error {
		if c.err != nil {
			return c.err
		}
		for i := range c.sheets {
			if err := x.take(&c.sheets[i], p, files, report); err != nil {
				return err
			}
		}
		return nil
	}
	if err := pool(context.Background(), cmp.Or(x.workers, runtime.GOMAXPROCS(0)), 0, chunks, print, write); err != nil {
		return nil, err
	}
	if x.end != nil {
		if err := x.end(); err != nil {
			return nil, err
		}
	}
	if err := report.Close(); err != nil {
		return nil, err
	}
	if err := p.tally.Check(); err != nil {
		return nil, err
	}
	for _, name := range passFiles {
		h, err := files[name].finish()
		delete(files, name)
		if err != nil {
			return nil, err
		}
		p.hashes[name] = h
	}
	return p, nil
}

// print decides a sheet and prints its rows and its record.
func (x *export) print(s *storedSheet, report *cvr.NISTReport, whole map[string]bool) (out printedSheet, err error) {
	if x.again != nil {
		if err := x.again(s); err != nil {
			return out, err
		}
	} else if err := s.decide(x.election, x.limits); err != nil {
		return out, err
	}
	out = printedSheet{sheet: s, batch: s.batch(whole), cvr: s.record()}
	if out.marks, err = x.markRows(s); err != nil {
		return out, err
	}
	if out.contests, err = x.contestRows(s); err != nil {
		return out, err
	}
	out.record, err = report.Encode(out.cvr)
	return out, err
}

// take writes and sums one sheet.
func (x *export) take(s *printedSheet, p *passed, files map[string]*resultFile, report *cvr.NISTReport) error {
	if _, err := files["marks.csv"].Write(s.marks); err != nil {
		return err
	}
	if _, err := files["contests.csv"].Write(s.contests); err != nil {
		return err
	}
	if err := report.Put(s.record); err != nil {
		return err
	}
	if err := p.tally.Add(precinctOf(x.election, s.sheet.label), s.batch, &s.sheet.decided); err != nil {
		return err
	}
	p.census.Add(s.batch, s.cvr)
	x.marked.Add(s.cvr)
	if x.took != nil {
		return x.took(s.sheet)
	}
	return nil
}

func writeRow(w io.Writer, row []string) error {
	out := csv.NewWriter(w)
	if err := out.Write(row); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}
