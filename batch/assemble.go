package batch

import (
	"context"
	"fmt"
	"iter"
	"os"

	"recount/election"
	"recount/scanner"
	"recount/vote"
)

// assembly is a run whose sheets were read elsewhere: by shards, or by workers of a database.
type assembly struct {
	out      string
	force    bool
	id       identity
	election *election.Election
	limits   vote.Limits
	inputs   []input
	units    int
	alike    proof
	progress func(Progress)
	sheets   func(first int) iter.Seq2[*sheetCells, error] // of the units from first on, in their order
}

// assemble puts the sheets into a ledger of its own in the run's order, finds the copies among them, and writes the results. The files are
// those of a run in one go. One that was stopped goes on where it was.
func assemble(ctx context.Context, a assembly) (*Summary, error) {
	if a.out == "" {
		return nil, fmt.Errorf("no folder to write to: give --out")
	}
	if err := os.MkdirAll(a.out, 0o777); err != nil {
		return nil, fmt.Errorf("make the run's folder: %w", err)
	}
	_, all := inputsOf(&scanner.Source{Inputs: make([]scanner.Input, len(a.inputs))})
	l, first, err := openRun(Options{Out: a.out, Force: a.force}, a.id, a.election, a.inputs, all)
	if err != nil {
		return nil, err
	}
	defer l.close()
	w := &writer{ledger: l, group: groupUnits, alike: a.alike}
	if err := putAll(ctx, w, a, first); err != nil {
		return nil, err
	}
	a.progress(Progress{Step: "write", Done: a.units, Total: a.units})
	x := &export{ledger: l, election: a.election, limits: a.limits, id: a.id, dir: a.out}
	sum, err := x.all()
	if err != nil {
		return nil, err
	}
	sum.Aside = []PageOutcome{}
	return sum, l.settle(settledRun)
}

// putAll puts the units from first on into the ledger. A unit's sheets go in together, so that the ledger never ends in half a unit.
func putAll(ctx context.Context, w *writer, a assembly, first int) error {
	var held []*sheetCells
	done := first
	put := func() error {
		if len(held) == 0 {
			return nil
		}
		if err := w.put(held); err != nil {
			return err
		}
		held = nil
		done++
		a.progress(Progress{Step: "join", Done: done, Total: a.units})
		return nil
	}
	a.progress(Progress{Step: "join", Done: done, Total: a.units})
	for s, err := range a.sheets(first) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			if ctx.Err() != nil {
				err = &Stopped{done, a.units, err}
			}
			if flushed := w.flush(); flushed != nil {
				return flushed
			}
			return err
		}
		if len(held) > 0 && held[0].Unit != s.Unit {
			if err := put(); err != nil {
				return err
			}
		}
		held = append(held, s)
	}
	if err := put(); err != nil {
		return err
	}
	return w.flush()
}

// pictures are the scans behind an assembly, opened when they are first needed.
type pictures struct {
	images []string
	inputs []input
	src    *scanner.Source
	reader *reader
}

// alike says whether a page has the pixels of a page of an input, by the pictures.
func (p *pictures) alike(page *pageCells, input, index int) (bool, error) {
	if input < 0 || input >= len(p.inputs) {
		return false, fmt.Errorf("%s is held against input %d, which there is not", page.Image, input)
	}
	if err := p.open(page.Image, p.inputs[input].Name); err != nil {
		return false, err
	}
	a, err := p.reader.picture(page.Input, page.Index)
	if err != nil {
		return false, err
	}
	b, err := p.reader.picture(input, index)
	if err != nil {
		return false, err
	}
	if a == nil {
		return false, p.lacks(page.Input)
	}
	if b == nil {
		return false, p.lacks(input)
	}
	return equalPixels(a, b), nil
}

func (p *pictures) lacks(i int) error {
	return fmt.Errorf("%s is not among the scans given, or not what was read: give the very scans that were read", p.inputs[i].Name)
}

func (p *pictures) open(image, other string) error {
	if p.reader != nil {
		return nil
	}
	if len(p.images) == 0 {
		return &NeedScans{image, other}
	}
	src, err := scanner.Open(p.images, scanner.Limits{})
	if err != nil {
		return err
	}
	p.src = src
	there := map[string]*scanner.Input{}
	for i := range src.Inputs {
		there[src.Inputs[i].Name] = &src.Inputs[i]
	}
	p.reader = &reader{inputs: make([]input, len(p.inputs))}
	for i, in := range p.inputs {
		if found := there[in.Name]; found != nil {
			in.Input = *found
		} else {
			in.Err = &Refusal{Unreadable, "not among the scans given"}
		}
		p.reader.inputs[i] = in
	}
	return nil
}

// close lets go of the scans.
func (p *pictures) close() {
	if p.src != nil {
		p.src.Close()
	}
}
