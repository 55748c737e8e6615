package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"recount/election"
	"recount/scanner"
	"recount/template"
)

// prepared is a run before its first page is read: what is to be read, and by what.
type prepared struct {
	election *election.Election
	set      *template.Set
	src      *scanner.Source
	pairing  Pairing
	inputs   []input // of the whole election, hashed where they are this run's own
	units    []unit  // of the whole election
	listing  string  // a hash of every input's name and size as listed
}

// prepare checks the options, fills in what they leave open, and lists the inputs. The caller closes the source.
func prepare(o *Options) (*prepared, error) {
	o.Workers = workersOf(o.Workers)
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
	if err := checkFolder(*o); err != nil {
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
	if len(src.Inputs) == 0 {
		src.Close()
		return nil, fmt.Errorf("no scans in %s: name a folder, file or zip archive that holds some", strings.Join(o.Inputs, ", "))
	}
	return &prepared{election: e, set: set, src: src, pairing: pairing}, nil
}

// list groups the inputs into units and hashes those that are read here.
func (p *prepared) list(ctx context.Context, o Options, only *Shard) error {
	p.listing = listingHash(p.src)
	p.inputs, _ = inputsOf(p.src)
	p.units = units(namesOf(p.inputs), p.pairing)
	if err := hashInputs(ctx, p.inputs, p.own(only), o.Workers, func(done, total int) { o.Progress(Progress{Step: "list", Done: done, Total: total}) }); err != nil {
		if ctx.Err() != nil {
			return &Stopped{Err: err}
		}
		return err
	}
	return nil
}

// mine are the numbers of the units read here, in order.
func (p *prepared) mine(only *Shard) []int {
	out := make([]int, 0, len(p.units))
	for n := range p.units {
		if only == nil || only.has(n) {
			out = append(out, n)
		}
	}
	return out
}

// own are the indexes of the inputs read here, in the manifest's order.
func (p *prepared) own(only *Shard) []int {
	in := make([]bool, len(p.inputs))
	for _, n := range p.mine(only) {
		for _, i := range p.units[n] {
			in[i] = true
		}
	}
	var out []int
	for i, yes := range in {
		if yes {
			out = append(out, i)
		}
	}
	return out
}

// read are the inputs read here.
func (p *prepared) read(only *Shard) []input {
	if only == nil {
		return p.inputs
	}
	var out []input
	for _, i := range p.own(only) {
		out = append(out, p.inputs[i])
	}
	return out
}

// listingHash names what was listed: shards of one election must have been cut from the same list.
func listingHash(src *scanner.Source) string {
	h := sha256.New()
	for i := range src.Inputs {
		fmt.Fprintf(h, "%q %d\n", src.Inputs[i].Name, src.Inputs[i].Size)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// workersOf is a number of workers, one a processor where none is said.
func workersOf(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
