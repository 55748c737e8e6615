package batch

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/scanner"
	"recount/template"
	"recount/vote"
)

func TestPool(t *testing.T) {
	t.Run("writes in order within its window", func(t *testing.T) {
		const workers, last = 3, 200
		var started, written atomic.Int64
		var got []int
		err := pool(t.Context(), workers, 5, last, func(n int) unitResult {
			ahead := started.Add(1) - written.Load()
			assert.LessOrEqual(t, ahead, int64(4*workers), "too many results wait")
			if n%7 == 0 {
				time.Sleep(time.Millisecond)
			}
			return unitResult{number: n}
		}, func(u unitResult) error {
			got = append(got, u.number)
			written.Add(1)
			return nil
		})
		require.NoError(t, err)
		require.Len(t, got, last-5)
		for i, n := range got {
			require.Equal(t, i+5, n)
		}
	})
	t.Run("stops at an error", func(t *testing.T) {
		full := errors.New("disk full")
		writes := 0
		err := pool(t.Context(), 2, 0, 1000, func(n int) unitResult { return unitResult{number: n} }, func(u unitResult) error {
			writes++
			if u.number == 10 {
				return full
			}
			return nil
		})
		assert.ErrorIs(t, err, full)
		assert.Equal(t, 11, writes)
	})
	t.Run("stops when told, without a gap", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		next := 0
		err := pool(ctx, 2, 0, 1000, func(n int) unitResult { return unitResult{number: n} }, func(u unitResult) error {
			assert.Equal(t, next, u.number)
			if next++; next == 20 {
				cancel()
			}
			return nil
		})
		assert.ErrorIs(t, err, context.Canceled)
		assert.Less(t, next, 1000)
	})
	t.Run("with nothing to do", func(t *testing.T) {
		assert.NoError(t, pool[unitResult](t.Context(), 2, 7, 7, nil, nil))
	})
}

// oneReader reads the suite's first sheet.
func oneReader(t *testing.T) *reader {
	dir := suite(t)
	e, err := election.Load(filepath.Join(dir, "election.json"))
	require.NoError(t, err)
	set, err := template.Load(e, dir)
	require.NoError(t, err)
	src, err := scanner.Open([]string{filepath.Join(dir, "images", "sheet-0001-front.jpg"),
		filepath.Join(dir, "images", "sheet-0001-back.jpg")}, scanner.Limits{})
	require.NoError(t, err)
	t.Cleanup(func() { src.Close() })
	ins, all := inputsOf(src)
	require.NoError(t, hashInputs(t.Context(), ins, all, 1, func(int, int) {}))
	return &reader{election: e, set: set, limits: vote.DefaultLimits(), inputs: ins}
}

func TestReadUnit(t *testing.T) {
	t.Run("a sheet", func(t *testing.T) {
		u := oneReader(t).readUnit(4, unit{1, 0})
		assert.Equal(t, 4, u.number)
		require.Len(t, u.sheets, 1)
		require.NotNil(t, u.sheets[0].decided)
		assert.Equal(t, "sheet-0001-front.jpg", u.sheets[0].name())
		assert.Len(t, u.sheets[0].decided.Readings, 35)
	})
	t.Run("a file that changed", func(t *testing.T) {
		r := oneReader(t)
		r.inputs[1].sha256 = hashOf([]byte("another"))
		s := r.readUnit(0, unit{1, 0}).sheets[0]
		assert.Equal(t, Refused, s.pages[0].outcome)
		assert.Contains(t, s.pages[0].reason, "changed: ")
		assert.NotEqual(t, Refused, s.pages[1].outcome, "its partner is read alone")
	})
	t.Run("a panic", func(t *testing.T) {
		r := oneReader(t)
		r.set = nil
		u := r.readUnit(0, unit{1, 0})
		require.Len(t, u.sheets, 1)
		assert.Equal(t, Refused, u.sheets[0].outcome)
		for _, p := range u.sheets[0].pages {
			assert.Equal(t, Refused, p.outcome)
			assert.Contains(t, p.reason, "internal: ")
			assert.NotContains(t, p.reason, "0x", "an address makes results differ")
		}
	})
	t.Run("the same bytes twice", func(t *testing.T) {
		s := oneReader(t).readUnit(0, unit{0, 0}).sheets[0]
		assert.Equal(t, Duplicate, s.pages[1].outcome)
		assert.NotEqual(t, Refused, s.outcome)
		assert.Len(t, s.decided.Readings, len(s.pages[0].chosen.Marks))
	})
}

// TestReadingsKeepNothingOfAReleasedPage reads pages whose memory is used again at once, and pages that are kept: the readings,
// compared when all is read, are the same.
func TestReadingsKeepNothingOfAReleasedPage(t *testing.T) {
	r := oneReader(t)
	var kept, released []PageReading
	for i := range r.inputs {
		data, err := r.inputs[i].Bytes()
		require.NoError(t, err)
		pages, err := scanner.Decode(r.inputs[i].Name, data, scanner.Limits{})
		require.NoError(t, err)
		for _, p := range pages {
			kept = append(kept, ReadPage(r.set, p.Page))
		}
		require.NoError(t, scanner.Each(r.inputs[i].Name, data, scanner.Limits{}, func(p scanner.PageResult) {
			released = append(released, ReadPage(r.set, p.Page))
			for k := range p.Page.Gray.Pix {
				p.Page.Gray.Pix[k] = 0x5a
			}
			if ink := p.Page.Ink(); ink != nil {
				ink.Invert()
			}
			p.Page.Release()
			assert.Nil(t, p.Page.Gray)
		}))
	}
	require.NotEmpty(t, kept)
	for i := range kept {
		require.NotNil(t, kept[i].Match, kept[i].Image)
		assert.True(t, reflect.DeepEqual(kept[i], released[i]), kept[i].Image)
	}
}
