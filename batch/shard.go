package batch

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Shard is one part of an election's inputs, cut so that many machines read one part each and know nothing of one another. Every
// sheet's files stay together: units are dealt out one by one, in the manifest's order.
type Shard struct {
	Index int // from 0, as Kubernetes counts the pods of an Indexed Job
	Count int
}

// maxShards bounds what a shard's name may say.
const maxShards = 100_000

// ParseShard reads "i/N", i counted from 0.
func ParseShard(s string) (Shard, error) {
	a, b, ok := strings.Cut(s, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	if !ok || err1 != nil || err2 != nil || n < 1 || n > maxShards {
		return Shard{}, fmt.Errorf("shard %q: say i/N with N from 1 to %d, as 0/4 to 3/4 for four", s, maxShards)
	}
	if i < 0 || i >= n {
		return Shard{}, fmt.Errorf("shard %q: shards are counted from 0: 0/%d to %d/%d", s, n, n-1, n)
	}
	return Shard{i, n}, nil
}

// String is what ParseShard reads.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }

// has says whether the shard reads a unit.
func (s Shard) has(unit int) bool { return unit%s.Count == s.Index }

// ReadShard reads one shard of the inputs into the run's folder, or goes on with it where it was stopped. Every shard must be given the
// same inputs, definition and settings. It leaves the ledger alone: Join makes the run of all shards, and finds the copies among them.
// The summary counts the shard's own inputs.
func ReadShard(ctx context.Context, o Options, s Shard) (*Summary, error) {
	if _, err := ParseShard(s.String()); err != nil {
		return nil, err
	}
	return run(ctx, o, &s)
}

// count is a shard's summary: the outcomes of its inputs before copies are looked for, and nothing written.
func (x *export) count() (*Summary, error) {
	s := &Summary{}
	return s, s.counted(x)
}
