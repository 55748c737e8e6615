package audit_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
	"recount/marks"
	"recount/vote"
)

// hands gives a sheet of n marks whose places in their targets are the hand's own; jitter is what a scanner adds.
func hands(name string, targets int, hand, jitter *rand.Rand, wide float64) *cvr.Record {
	s := vote.Sheet{Style: "s", Number: 1}
	for i := range targets {
		m := marks.Mark{Fill: 4000, Spread: marks.Score(8000 + hand.NormFloat64()*500), OffX: marks.Score(hand.NormFloat64() * wide), OffY: marks.Score(hand.NormFloat64() * wide)}
		m.OffX += marks.Score(jitter.NormFloat64() * 100)
		m.OffY += marks.Score(jitter.NormFloat64() * 100)
		s.Readings = append(s.Readings, vote.Reading{Page: 1, Target: i, Mark: m, Answer: vote.Vote})
	}
	return &cvr.Record{Images: []cvr.Image{{Name: name}}, Sheet: s}
}

func rng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 3)) }

func TestRescansAreFoundByTheirMarks(t *testing.T) {
	s := audit.NewRescans()
	for i := range 2000 {
		s.Add(hands(fmt.Sprintf("a%04d", i), 12, rng(uint64(i)), rng(uint64(i)+1<<32), 800))
	}
	for i := range 20 {
		s.Add(hands(fmt.Sprintf("b%04d", i), 12, rng(uint64(i)), rng(uint64(i)+1<<33), 800))
	}
	pairs, more := s.Find()
	assert.Zero(t, more)
	assert.GreaterOrEqual(t, len(pairs), 19)
	for _, p := range pairs {
		assert.Equal(t, p.Sheet[1:], p.Other[1:], "two people's sheets")
	}
	again := audit.NewRescans()
	for i := range 2000 {
		again.Add(hands(fmt.Sprintf("a%04d", i), 12, rng(uint64(i)), rng(uint64(i)+1<<32), 0))
	}
	pairs, _ = again.Find()
	assert.Empty(t, pairs, "marks that are all alike say nothing")
}

func TestRescansNeedFourMarks(t *testing.T) {
	s := audit.NewRescans()
	for range 2 {
		s.Add(hands("a", 3, rng(1), rng(2), 3000))
	}
	s.Add(&cvr.Record{})
	pairs, _ := s.Find()
	assert.Empty(t, pairs)
}

// Ten thousand sheets, 250 of each way of voting.
func TestRescansOfACounty(t *testing.T) {
	s := audit.NewRescans()
	for i := range 10_000 {
		s.Add(hands(fmt.Sprint(i), 8+i%40, rng(uint64(i)), rng(uint64(i)+1<<32), 800))
	}
	start := time.Now()
	pairs, _ := s.Find()
	require.Less(t, time.Since(start), 30*time.Second)
	assert.Empty(t, pairs)
	t.Log(time.Since(start))
}
