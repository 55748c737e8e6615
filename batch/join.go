package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"recount/election"
)

// JoinOptions says which shards are joined, and where the run goes.
type JoinOptions struct {
	Shards []string // the folders that ReadShard wrote, in any order
	Out    string   // the run's folder, made where it is missing
	// Images are the scans that were read. They are looked at only where pages of two shards bear one name of their pixels and are
	// not the same bytes: whether they are one scan is then decided by the pictures.
	Images   []string
	Force    bool   // start over where the folder holds another run
	Program  string // name and version of the program, which must be that of the shards
	Progress func(Progress)
}

// ShardsDiffer says that two shards are not of one election read one way.
type ShardsDiffer struct {
	First, Other string
	Differ       []string
}

// Error names the mend.
func (e *ShardsDiffer) Error() string {
	return fmt.Sprintf("%s and %s are shards of different runs: another %s: read every shard with the same inputs, definition and settings",
		e.First, e.Other, strings.Join(e.Differ, " and another "))
}

// ShardTwice says that one shard was given in two folders.
type ShardTwice struct{ Shard, First, Other string }

// Error names the mend.
func (e *ShardTwice) Error() string {
	return fmt.Sprintf("%s and %s both hold shard %s: give each shard once", e.First, e.Other, e.Shard)
}

// ShardsMissing says which shards of the run were not given.
type ShardsMissing struct{ Missing []string }

// Error names the mend.
func (e *ShardsMissing) Error() string {
	few := e.Missing[:min(len(e.Missing), 10)]
	more := ""
	if n := len(e.Missing) - len(few); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("shard %s%s missing: read them with recount read --shard, and give their folders too", strings.Join(few, ", "), more)
}

// NeedScans says that two pages must be looked at to know whether they are one scan.
type NeedScans struct{ Image, Other string }

// Error names the mend.
func (e *NeedScans) Error() string {
	return fmt.Sprintf("%s and %s may be one scan in other bytes, which only the pictures show: give the scans that were read with --images", e.Image, e.Other)
}

// shardLedger is an opened shard.
type shardLedger struct {
	*ledger
	dir   string
	shard Shard
	id    identity
}

// Join makes one run of its shards: the same files, byte for byte, as if the inputs had been read in one go. What a shard holds is taken
// as it is; only copies of one scan in two shards are looked for. A join that was stopped goes on where it was.
func Join(ctx context.Context, o JoinOptions) (*Summary, error) {
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	shards, err := openShards(o.Shards)
	defer func() {
		for _, s := range shards {
			s.close()
		}
	}()
	if err != nil {
		return nil, err
	}
	id := shards[0].id
	if id.Program != o.Program {
		return nil, fmt.Errorf("the shards were read by %s, and this is %s: join them with the program that read them", id.Program, o.Program)
	}
	text, err := shards[0].meta("election")
	if err != nil {
		return nil, err
	}
	e, err := election.Parse(shards[0].path, []byte(text))
	if err != nil {
		return nil, err
	}
	limits, err := shards[0].limits()
	if err != nil {
		return nil, err
	}
	ins, err := joinedInputs(shards)
	if err != nil {
		return nil, err
	}
	id.Shard, id.Listing, id.Manifest = "", "", manifestHash(ins)
	all := units(namesOf(ins), Pairing(id.Pairing))
	p := &pictures{images: o.Images, inputs: ins}
	defer p.close()
	return assemble(ctx, assembly{out: o.Out, force: o.Force, id: id, election: e, limits: limits, inputs: ins, units: len(all), alike: p.alike, progress: o.Progress,
		sheets: func(first int) iter.Seq2[*sheetCells, error] { return shardSheets(shards, first, len(all)) }})
}

// openShards opens the folders' ledgers and holds them against one another. What it opened it gives even with an error.
func openShards(dirs []string) (out []*shardLedger, err error) {
	if len(dirs) == 0 {
		return nil, errors.New("no shards: name the folders that recount read --shard wrote")
	}
	for _, dir := range dirs {
		s, err := openShard(dir)
		if err != nil {
			return out, err
		}
		out = append(out, s)
	}
	first := out[0]
	held := map[int]string{}
	for _, s := range out {
		if differ := first.differs(s); len(differ) > 0 {
			return out, &ShardsDiffer{first.dir, s.dir, differ}
		}
		if other, twice := held[s.shard.Index]; twice {
			return out, &ShardTwice{s.shard.String(), other, s.dir}
		}
		held[s.shard.Index] = s.dir
	}
	missing := &ShardsMissing{}
	for i := range first.shard.Count {
		if _, there := held[i]; !there {
			missing.Missing = append(missing.Missing, Shard{i, first.shard.Count}.String())
		}
	}
	if len(missing.Missing) > 0 {
		return out, missing
	}
	slices.SortFunc(out, func(a, b *shardLedger) int { return cmp.Compare(a.shard.Index, b.shard.Index) })
	return out, nil
}

// openShard opens one shard that has come to its end.
func openShard(dir string) (*shardLedger, error) {
	l, err := openReadOnly(filepath.Join(dir, LedgerFile))
	if err != nil {
		return nil, err
	}
	s, err := func() (*shardLedger, error) {
		schema, err := l.meta("schema")
		if err != nil {
			return nil, err
		}
		if schema != ledgerSchema {
			return nil, fmt.Errorf("%s was written by another version of the program (ledger version %q, this one has %s): read the shard again", l.path, schema, ledgerSchema)
		}
		id, err := l.identity()
		if err != nil {
			return nil, err
		}
		if id.Shard == "" {
			return nil, fmt.Errorf("%s holds no shard but a whole run: name the folders that recount read --shard wrote", dir)
		}
		which, err := ParseShard(id.Shard)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", l.path, err)
		}
		var settled int
		if err := l.db.QueryRow(`PRAGMA user_version`).Scan(&settled); err != nil {
			return nil, l.explain("read", err)
		}
		if settled != settledShard {
			return nil, fmt.Errorf("shard %s in %s has not come to its end: let recount read --shard %s finish it first", which, dir, which)
		}
		return &shardLedger{l, dir, which, id}, nil
	}()
	if err != nil {
		l.close()
	}
	return s, err
}

// differs says in what two shards are of different runs.
func (s *shardLedger) differs(t *shardLedger) []string {
	var out []string
	other := t.id.pairs()
	for i, p := range s.id.pairs() {
		if p[0] != "manifest" && p[0] != "shard" && p[2] != other[i][2] {
			out = append(out, p[1])
		}
	}
	if s.shard.Count != t.shard.Count {
		out = append(out, "number of shards")
	}
	return out
}

// joinedInputs are the inputs of all shards, each once and none missing.
func joinedInputs(shards []*shardLedger) ([]input, error) {
	n := 0
	for _, s := range shards {
		var own int
		if err := s.db.QueryRow(`SELECT count(*) FROM inputs`).Scan(&own); err != nil {
			return nil, s.explain("read", err)
		}
		n += own
	}
	ins := make([]input, n)
	for _, s := range shards {
		err := s.each(`SELECT id, name, size, sha256, problem FROM inputs ORDER BY id`, func(scan func(...any) error) error {
			var in input
			i := 0
			if err := scan(&i, &in.Name, &in.Size, &in.sha256, &in.problem); err != nil {
				return err
			}
			if i < 0 || i >= n || ins[i].Name != "" {
				return fmt.Errorf("shard %s has %s at a place that is none or another shard's: read it again", s.shard, in.Name)
			}
			ins[i] = in
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return ins, nil
}

// heldSheets is how many sheets all shards together hold in memory: some 50 MB.
const heldSheets = 2048

// shardSheets gives the shards' sheets in the order of their units, from the first unit asked for on. A unit without a sheet is an error.
func shardSheets(shards []*shardLedger, first, last int) iter.Seq2[*sheetCells, error] {
	return func(yield func(*sheetCells, error) bool) {
		type cursor struct {
			next func() (*sheetCells, error, bool)
			head *sheetCells
		}
		at := make([]cursor, len(shards))
		step := func(i int) error {
			s, err, ok := at[i].next()
			if !ok {
				s = nil
			}
			at[i].head = s
			return err
		}
		for i, s := range shards {
			next, stop := iter.Pull2(s.cells(max(1, min(chunkSheets, heldSheets/int64(len(shards))))))
			defer stop()
			at[i].next = next
			if err := step(i); err != nil {
				yield(nil, err)
				return
			}
		}
		for u := range last {
			i := u % len(shards)
			if at[i].head == nil || at[i].head.Unit != u {
				yield(nil, fmt.Errorf("shard %s in %s lacks a sheet that the manifest has: read it again with --force", shards[i].shard, shards[i].dir))
				return
			}
			for at[i].head != nil && at[i].head.Unit == u {
				if u >= first && !yield(at[i].head, nil) {
					return
				}
				if err := step(i); err != nil {
					yield(nil, err)
					return
				}
			}
		}
		for i := range at {
			if at[i].head != nil {
				yield(nil, fmt.Errorf("shard %s in %s has sheets that the manifest lacks: read it again with --force", shards[i].shard, shards[i].dir))
				return
			}
		}
	}
}
