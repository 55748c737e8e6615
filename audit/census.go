package audit

import (
	"cmp"
	"slices"

	"recount/cvr"
	"recount/election"
	"recount/vote"
)

// maxBatches bounds the batches told apart: 5 KB each. The sheets of those after them are counted together, as MoreBatches.
const maxBatches = 4096

// MoreBatches is the name under which the sheets of batches beyond the first 4096 are counted.
const MoreBatches = "(more batches)"

// Census looks at a run's targets as a whole, sheet by sheet in the run's order: which lie near a limit, how full they are, batch by
// batch, and which batches are unlike the others. It holds a bounded number of targets and counts, whatever the run's size.
// It is for one goroutine.
type Census struct {
	election *election.Election
	limits   vote.Limits
	near     nearLists
	batches  map[string]*BatchCount
}

// NewCensus begins a census of sheets that were decided with the limits.
func NewCensus(e *election.Election, l vote.Limits) *Census {
	return &Census{election: e, limits: l, near: newNearLists(), batches: map[string]*BatchCount{}}
}

// Add counts one sheet of a batch, as it was read: what people decided of it says nothing of the limits.
func (c *Census) Add(batch string, r *cvr.Record) {
	read := &r.Sheet
	if r.AsRead != nil {
		read = r.AsRead
	}
	c.near.add(c.election, &c.limits, batch, r, read)
	b := c.batches[batch]
	if b == nil && len(c.batches) >= maxBatches {
		batch = MoreBatches
		b = c.batches[batch]
	}
	if b == nil {
		b = &BatchCount{Name: batch}
		c.batches[batch] = b
	}
	b.add(read)
}

// Near gives what lies near the limits.
func (c *Census) Near() []NearLimit { return c.near.limits(&c.limits) }

// Batches gives the batches by name, each with how it differs from the others.
func (c *Census) Batches() []BatchCount {
	out := make([]BatchCount, 0, len(c.batches))
	for _, b := range c.batches {
		out = append(out, *b)
	}
	slices.SortFunc(out, func(a, b BatchCount) int { return cmp.Compare(a.Name, b.Name) })
	findOdd(out)
	return out
}

// Limits are those that the sheets were decided with.
func (c *Census) Limits() vote.Limits { return c.limits }
