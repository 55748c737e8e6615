package cvr

import (
	"io"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// manySheets gives the same sheet n times under other names, and calls at while it goes on.
func manySheets(b testing.TB, n int, at func(i int)) iter.Seq2[*Record, error] {
	s := sheet(b, town(), "v....v./.v")
	return func(yield func(*Record, error) bool) {
		for i := range n {
			at(i)
			r := record("sheet", s)
			r.ID = "r" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26)) + string(rune('a'+i/17576))
			if !yield(r, nil) {
				return
			}
		}
	}
}

// heap is what is in use once the garbage is gone.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestWritingTakesConstantMemory(t *testing.T) {
	for _, tt := range []struct {
		name  string
		n     int
		write func(iter.Seq2[*Record, error]) error
	}{
		{"one report", 20_000, func(r iter.Seq2[*Record, error]) error { return WriteNIST(io.Discard, town(), Info{}, r) }},
		{"a report a sheet", 4_000, func(r iter.Seq2[*Record, error]) error {
			_, err := WriteNISTFolder(town(), Info{}, r, func(string) (io.WriteCloser, error) { return nopCloser{io.Discard}, nil })
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var early, late uint64
			require.NoError(t, tt.write(manySheets(t, tt.n, func(i int) {
				switch i {
				case 1000:
					early = heap()
				case tt.n - 1:
					late = heap()
				}
			})))
			assert.Less(t, late, early+1<<20, "nothing is kept of the sheets that were written")
		})
	}
}

// BenchmarkWriteNIST writes 100,000 sheets of ten targets; kept-B is what the heap holds at the end.
func BenchmarkWriteNIST(b *testing.B) {
	for b.Loop() {
		var last uint64
		require.NoError(b, WriteNIST(io.Discard, town(), Info{}, manySheets(b, 100_000, func(i int) {
			if i == 99_999 {
				last = heap()
			}
		})))
		b.ReportMetric(float64(last), "kept-B")
	}
}
