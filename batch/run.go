package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"recount/election"
	"recount/scanner"
	"recount/template"
	"recount/vote"
)

// GCPercent is by how much of what a run holds its garbage may grow before it is collected (debug.SetGCPercent); a program that reads
// pages sets it. At Go's own 100 a worker takes a third more memory, and no page less time.
const GCPercent = 50

// Options says what a run reads and where it writes.
type Options struct {
	Election string   // path of the definition file; its pictures lie beside it
	Out      string   // the run's folder, made where it is missing
	Inputs   []string // folders, files and archives of scans
	Workers  int      // sheets read at the same time; 0 means one a processor
	Pair     Pairing  // how single-page files become sheets
	Limits   vote.Limits
	Force    bool   // start over where the folder holds another run
	Program  string // name and version of the program, as it stands in the outputs
	// Progress, where it is set, hears of every step, from one goroutine at a time.
	Progress func(Progress)

	group int // sheets a transaction; 0 means groupUnits
}

// Progress is how far a run has come.
type Progress struct {
	Step        string // "list" while the inputs are hashed, "read" while they are read, "write" while results are written
	Done, Total int    // files while listing, sheets while reading
}

// OtherRun says that the folder holds a run of something else, and what differs.
type OtherRun struct {
	Dir    string
	Differ []string
}

// Error names the mend.
func (e *OtherRun) Error() string {
	return fmt.Sprintf("%s holds a run with another %s: give another --out, or start over there with --force",
		e.Dir, strings.Join(e.Differ, " and another "))
}

// Stopped says that a run was stopped before its end. What was read is kept in the ledger.
type Stopped struct {
	Done, Total int // sheets, or files that make one
	Err         error
}

// Error names the mend.
func (e *Stopped) Error() string {
	return fmt.Sprintf("stopped after %d of %d sheets: the same command goes on from there", e.Done, e.Total)
}

// Unwrap gives the context's error.
func (e *Stopped) Unwrap() error { return e.Err }

// Run reads every input into the run's folder, or goes on with a run that was stopped there, and writes the results. A
// bad file is an outcome, not an error. The same inputs give the same files whatever the number of workers and however
// often the run was stopped.
func Run(ctx context.Context, o Options) (*Summary, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	pairing, err := ParsePairing(string(o.Pair))
	if err != nil {
		return nil, err
	}
	if err := o.Limits.Validate(); err != nil {
		return nil, err
	}
	e, err := election.Load(o.Election)
	if err != nil {
		return nil, err
	}
	if err := checkFolder(o); err != nil {
		return nil, err
	}
	set, err := template.Load(e, filepath.Dir(o.Election))
	if err != nil {
		return nil, err
	}
	src, err := scanner.Open(o.Inputs, scanner.Limits{})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	if len(src.Inputs) == 0 {
		return nil, fmt.Errorf("no scans in %s: name a folder, file or zip archive that holds some", strings.Join(o.Inputs, ", "))
	}
	ins, err := hashInputs(ctx, src, o.Workers, func(done, total int) { o.Progress(Progress{"list", done, total}) })
	if err != nil {
		return nil, &Stopped{Err: err}
	}
	names := make([]string, len(ins))
	for i := range ins {
		names[i] = ins[i].Name
	}
	all := units(names, pairing)
	idn, err := identify(o, e, pairing, ins)
	if err != nil {
		return nil, err
	}
	l, first, err := openRun(o, idn, e, ins)
	if err != nil {
		return nil, err
	}
	defer l.close()
	r := &reader{election: e, set: set, limits: o.Limits, inputs: ins}
	w := &writer{ledger: l, group: cmp.Or(o.group, groupUnits), alike: r.alikeStored}
	done := first
	o.Progress(Progress{"read", done, len(all)})
	err = pool(ctx, o.Workers, first, len(all), func(n int) unitResult { return r.readUnit(n, all[n]) },
		func(u unitResult) error {
			if err := w.add(u); err != nil {
				return err
			}
			done++
			o.Progress(Progress{"read", done, len(all)})
			return nil
		})
	if flushed := w.flush(); flushed != nil {
		return nil, flushed
	}
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			err = &Stopped{done, len(all), err}
		}
		return nil, err
	}
	o.Progress(Progress{"write", len(all), len(all)})
	x := &export{ledger: l, election: e, limits: o.Limits, id: idn, dir: o.Out}
	sum, err := x.all()
	if err != nil {
		return nil, err
	}
	sum.Aside = []PageOutcome{}
	for _, a := range append(src.Ignored, src.Skipped...) {
		sum.Aside = append(sum.Aside, PageOutcome{a.Name, a.Why})
	}
	return sum, l.settle()
}

// checkFolder makes the run's folder, and refuses one that lies inside what is read: a run would read its own results.
func checkFolder(o Options) error {
	if o.Out == "" {
		return errors.New("no folder to write to: give --out")
	}
	if err := os.MkdirAll(o.Out, 0o777); err != nil {
		return fmt.Errorf("make the run's folder: %w", err)
	}
	out, err := realPath(o.Out)
	if err != nil {
		return fmt.Errorf("find the run's folder: %w", err)
	}
	for _, in := range o.Inputs {
		path, err := realPath(in)
		if err != nil {
			return fmt.Errorf("find %s: %w", in, err)
		}
		if rel, err := filepath.Rel(path, out); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return fmt.Errorf("the folder to write to, %s, lies inside the scans %s: give an --out beside them", o.Out, in)
		}
	}
	return nil
}

func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}
