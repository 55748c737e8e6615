package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"recount/scanner"
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

	Log *slog.Logger // hears of a database that does not answer; nil: nothing is logged

	group int           // sheets a transaction, or a job; 0 means groupUnits or jobUnits
	grace time.Duration // of a station
}

// Progress is how far a run has come.
type Progress struct {
	Step        string // "list" while the inputs are hashed, "read" while they are read, "write" while results are written
	Done, Total int    // files while listing, sheets while reading
	// Outcomes are those of the inputs read so far, in the order counted, questions, refused, duplicate, where they are known; copies among
	// them are found at the end. Workers are the processes at work on a database.
	Outcomes [4]int
	Workers  int
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
	return run(ctx, o, nil)
}

// run makes a whole run, or a shard of it.
func run(ctx context.Context, o Options, only *Shard) (sum *Summary, err error) {
	p, err := prepare(&o)
	if err != nil {
		return nil, err
	}
	defer p.src.Close()
	if err := p.list(ctx, o, only); err != nil {
		return nil, err
	}
	mine := p.mine(only)
	idn, err := identify(o, p.election, p.pairing, p.read(only))
	if err != nil {
		return nil, err
	}
	if only != nil {
		idn.Shard, idn.Listing = only.String(), p.listing
	}
	l, next, err := openRun(o, idn, p.election, p.inputs, p.own(only))
	if err != nil {
		return nil, err
	}
	defer l.close()
	r := &reader{election: p.election, set: p.set, limits: o.Limits, inputs: p.inputs}
	w := &writer{ledger: l, group: cmp.Or(o.group, groupUnits), alike: r.alikeStored, alone: only != nil}
	first, _ := slices.BinarySearch(mine, next)
	now := Progress{Step: "read", Done: first, Total: len(mine)}
	if now.Outcomes, err = l.outcomes(); err != nil {
		return nil, err
	}
	o.Progress(now)
	err = pool(ctx, o.Workers, first, len(mine), func(n int) unitResult { return r.readUnit(mine[n], p.units[mine[n]]) },
		func(u unitResult) error {
			if u.err != nil {
				return u.err
			}
			if err := w.add(u); err != nil {
				return err
			}
			now.Done++
			u.tell(&now.Outcomes)
			o.Progress(now)
			return nil
		})
	if flushed := w.flush(); flushed != nil {
		return nil, flushed
	}
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			err = &Stopped{now.Done, len(mine), err}
		}
		return nil, err
	}
	x := &export{ledger: l, election: p.election, limits: o.Limits, id: idn, dir: o.Out}
	if only != nil {
		sum, err = x.count()
	} else {
		now.Step = "write"
		o.Progress(now)
		sum, err = x.all()
	}
	if err != nil {
		return nil, err
	}
	sum.Aside = []PageOutcome{}
	for _, a := range append(p.src.Ignored, p.src.Skipped...) {
		sum.Aside = append(sum.Aside, PageOutcome{a.Name, a.Why})
	}
	if only != nil {
		return sum, l.settle(settledShard)
	}
	return sum, l.settle(settledRun)
}

// checkFolder makes the run's folder, and refuses one that lies inside what is read: a run would read its own results.
func checkFolder(o Options) error {
	if o.Out == "" {
		return errors.New("no folder to write to: give --out")
	}
	out, err := futurePath(o.Out)
	if err != nil {
		return fmt.Errorf("find the run's folder: %w", err)
	}
	for _, in := range o.Inputs {
		if scanner.Remote(in) {
			continue
		}
		local, err := scanner.LocalPath(in)
		if err != nil {
			return err
		}
		path, err := realPath(local)
		if err != nil {
			return fmt.Errorf("find %s: %w", in, err)
		}
		if rel, err := filepath.Rel(path, out); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return fmt.Errorf("the folder to write to, %s, lies inside the scans %s: give an --out beside them", o.Out, in)
		}
	}
	if err := os.MkdirAll(o.Out, 0o777); err != nil {
		return fmt.Errorf("make the run's folder: %w", err)
	}
	return nil
}

// futurePath is the real path of a folder that may still have to be made.
func futurePath(path string) (string, error) {
	real, err := realPath(path)
	if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(path) == path {
		return real, err
	}
	parent, err := futurePath(filepath.Dir(path))
	return filepath.Join(parent, filepath.Base(path)), err
}

func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}
