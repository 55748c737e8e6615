package batch

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"recount/election"
	"recount/scanner"
	"recount/template"
)

// ErrNoRun says that the database holds no run.
var ErrNoRun = errors.New("the database holds no run: begin one with recount read --db")

// ReadDatabase reads the inputs into a database with every process that works on it (Work), this one too unless workers is 0, and then
// makes the run's folder from it: the files of a run on one machine, byte for byte. The same call goes on where one was stopped. The
// address is a PostgreSQL URL.
func ReadDatabase(ctx context.Context, address string, o Options) (*Summary, error) {
	workers := o.Workers
	p, err := prepare(&o)
	if err != nil {
		return nil, err
	}
	defer p.src.Close()
	if workers < 0 {
		workers = o.Workers
	}
	d, err := openDatabase(ctx, address, 2*workers+6, o.Log)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if err := p.list(ctx, o, nil); err != nil {
		return nil, err
	}
	id, err := identify(o, p.election, p.pairing, p.inputs)
	if err != nil {
		return nil, err
	}
	sources, err := addresses(o.Inputs)
	if err != nil {
		return nil, err
	}
	group := o.group
	if group == 0 {
		group = jobUnits
	}
	err = d.begin(ctx, beginning{id: id, election: p.election, dir: filepath.Dir(o.Election), sources: sources, inputs: p.inputs, units: len(p.units), group: group}, o.Force)
	if err != nil {
		return nil, err
	}
	name, err := newStationID()
	if err != nil {
		return nil, err
	}
	r := &reader{election: p.election, set: p.set, limits: o.Limits, inputs: p.inputs}
	s := &station{db: d, id: name, reader: r, units: p.units, workers: workers, progress: o.Progress, grace: o.grace}
	if err := s.run(ctx); err != nil {
		return nil, err
	}
	sum, err := d.assemble(ctx, id, p.election, o, p.inputs, len(p.units), r.alikeStored)
	if err != nil {
		return nil, err
	}
	for _, a := range append(p.src.Ignored, p.src.Skipped...) {
		sum.Aside = append(sum.Aside, PageOutcome{a.Name, a.Why})
	}
	return sum, nil
}

// WorkOptions says on which database a process works, and how.
type WorkOptions struct {
	Database string
	Inputs   []string // where the scans lie on this machine; empty: where the run was begun with
	Workers  int      // sheets read at the same time; 0 means one a processor
	Stay     bool     // wait for more when all is read
	// Missing refuses the files of the manifest that are not at their place here. Without it that is an error: more often than not it is the
	// place that is wrong.
	Missing  bool
	Program  string
	Log      *slog.Logger // nil: nothing is logged
	Progress func(Progress)

	grace time.Duration
}

// Work reads sheets of the database's run until all are read, beside any number of other processes.
func Work(ctx context.Context, o WorkOptions) error {
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	d, err := openDatabase(ctx, o.Database, 2*workersOf(o.Workers)+6, o.Log)
	if err != nil {
		return err
	}
	defer d.close()
	if there, err := d.begun(ctx); err != nil {
		return err
	} else if !there {
		return ErrNoRun
	}
	id, err := d.identity(ctx)
	if err != nil {
		return err
	}
	if id.Program != o.Program {
		return fmt.Errorf("the run was begun by %s, and this is %s: work with the program that began it", id.Program, o.Program)
	}
	dir, err := os.MkdirTemp("", "recount-work-*")
	if err != nil {
		return fmt.Errorf("make a folder for the definition: %w", err)
	}
	defer os.RemoveAll(dir)
	e, err := d.definition(ctx, dir)
	if err != nil {
		return err
	}
	set, err := template.Load(e, dir)
	if err != nil {
		return err
	}
	limits, err := id.limits()
	if err != nil {
		return err
	}
	ins, err := d.inputs(ctx)
	if err != nil {
		return err
	}
	src, err := d.source(ctx, o, ins)
	if err != nil {
		return err
	}
	defer src.Close()
	name, err := newStationID()
	if err != nil {
		return err
	}
	s := &station{db: d, id: name, reader: &reader{election: e, set: set, limits: limits, inputs: ins}, units: units(namesOf(ins), Pairing(id.Pairing)),
		workers: workersOf(o.Workers), progress: o.Progress, stay: o.Stay, grace: o.grace}
	return s.run(ctx)
}

// source opens the scans on this machine and puts them behind the manifest's lines.
func (d *database) source(ctx context.Context, o WorkOptions, ins []input) (*scanner.Source, error) {
	paths := o.Inputs
	if len(paths) == 0 {
		rows, err := d.pool.Query(ctx, `SELECT address FROM recount.sources ORDER BY n`)
		if err != nil {
			return nil, dbError("read", err)
		}
		for rows.Next() {
			var a []byte
			if err := rows.Scan(&a); err != nil {
				rows.Close()
				return nil, dbError("read", err)
			}
			paths = append(paths, string(a))
		}
		if err := rows.Err(); err != nil {
			return nil, dbError("read", err)
		}
	}
	src, err := scanner.Open(paths, scanner.Limits{})
	if err != nil {
		return nil, err
	}
	if lacking, first := attach(ins, src); lacking > 0 && !o.Missing {
		src.Close()
		return nil, fmt.Errorf("%d of the run's %d files are not at %s on this machine, %s first: say where they are, or have them refused with --missing",
			lacking, len(ins), strings.Join(paths, ", "), first)
	}
	return src, nil
}

// attach puts a source's files behind the lines of a manifest, and counts the lines that have none.
func attach(ins []input, src *scanner.Source) (lacking int, first string) {
	there := make(map[string]*scanner.Input, len(src.Inputs))
	for i := range src.Inputs {
		there[src.Inputs[i].Name] = &src.Inputs[i]
	}
	for i := range ins {
		if found := there[ins[i].Name]; found != nil {
			ins[i].Input = *found
			continue
		}
		ins[i].Err = &Refusal{Unreadable, "no such file or directory"}
		if lacking++; lacking == 1 {
			first = ins[i].Name
		}
	}
	return lacking, first
}

// assemble makes the run's folder from the database.
func (d *database) assemble(ctx context.Context, id identity, e *election.Election, o Options, ins []input, units int, alike proof) (*Summary, error) {
	return assemble(ctx, assembly{out: o.Out, force: o.Force, id: id, election: e, limits: o.Limits, inputs: ins, units: units, alike: alike, progress: o.Progress,
		sheets: func(first int) iter.Seq2[*sheetCells, error] { return d.sheets(ctx, first, units) }})
}

// fetched is how many units are fetched at a time.
const fetched = 64

// sheets gives the sheets of every unit from first on, in order. A unit without a result is an error.
func (d *database) sheets(ctx context.Context, first, last int) iter.Seq2[*sheetCells, error] {
	return func(yield func(*sheetCells, error) bool) {
		for at := first; at < last; {
			rows, err := d.pool.Query(ctx, `SELECT unit, body FROM recount.results WHERE unit >= $1 ORDER BY unit LIMIT $2`, at, fetched)
			if err != nil {
				yield(nil, dbError("read", err))
				return
			}
			bodies := map[int][]byte{}
			for rows.Next() {
				var unit int
				var body []byte
				if err := rows.Scan(&unit, &body); err != nil {
					rows.Close()
					yield(nil, dbError("read", err))
					return
				}
				bodies[unit] = body
			}
			if err := rows.Err(); err != nil {
				yield(nil, dbError("read", err))
				return
			}
			for range min(fetched, last-at) {
				body, ok := bodies[at]
				if !ok {
					yield(nil, fmt.Errorf("unit %d of the run has no result in the database: read on with recount read --db", at))
					return
				}
				sheets, err := unpackCells(at, body)
				if err != nil {
					yield(nil, err)
					return
				}
				for _, s := range sheets {
					if !yield(s, nil) {
						return
					}
				}
				at++
			}
		}
	}
}
