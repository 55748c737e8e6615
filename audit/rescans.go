package audit

import (
	"encoding/binary"
	"fmt"
	"slices"

	"recount/cvr"
	"recount/vote"
)

// A sheet that went through the scanner twice gives two files with different bytes and the same handwriting. Nobody makes a mark
// twice: even two neatly filled targets differ in where the pen ran over and where it left white. Each sheet is known by its
// marks' traces. Two sheets with the same targets marked are held against each other by a permutation test: is the mark at each
// target more like the other sheet's mark there than like the other sheet's other marks? Hands, pens and scanners that are alike
// make all marks alike, and say nothing; only one sheet's marks are alike each in its own way. So the two sheets are their own
// yardstick, and what is left to chance is known.
//
// A batch scanned twice is known by more: its sheets follow one another in the same order (or the reverse, where the stack was
// turned), and what is too little for one pair adds up along the row.

// Rescans finds sheets that may be one sheet scanned twice. Add is for one goroutine.
type Rescans struct {
	sheets  []traced
	styles  map[string]int32
	known   [][]int32 // the sheets of each style
	targets map[target]*meanTrace
	all     meanTrace
	cut     int // sheets beyond those that can be held
}

// target is a place of a style.
type target struct{ style, page, number int32 }

// traced is one sheet: about 150 bytes a mark.
type traced struct {
	name    string
	style   int32
	targets []int32 // of the marks, page and number in one, ascending
	traces  string  // one after another
	unsure  []uint8 // marks that another scan may have read otherwise
	whole   bool    // every mark has its trace here
}

// meanTrace is the sum of all traces at a place.
type meanTrace struct {
	n   int64
	sum [traceCells]int64
}

// traceCells is how many cells a mark's trace has, two a byte: those of marks, which a test holds it against.
const traceCells = 256

// The bounds of the search.
const (
	rescanFill   = 300  // ink, in ten-thousandths, from which an empty target may be read as marked by another scan
	rescanSure   = 2000 // fill from which a marked target is so in every scan
	rescanUnsure = 2    // such targets that are left out by turns
	rescanMarks  = 24   // marks of a sheet that are held
	rescanSheets = 500_000
	pageShift    = 16
)

// NewRescans is an empty search.
func NewRescans() *Rescans {
	return &Rescans{styles: map[string]int32{}, targets: map[target]*meanTrace{}}
}

// Add takes the next sheet, in the order of the run.
func (s *Rescans) Add(r *cvr.Record) {
	if len(r.Images) == 0 {
		return
	}
	if len(s.sheets) >= rescanSheets {
		s.cut++
		return
	}
	key := fmt.Sprintf("%s/%d", r.Sheet.Style, r.Sheet.Number)
	style, ok := s.styles[key]
	if !ok {
		style = int32(len(s.styles))
		s.styles[key] = style
		s.known = append(s.known, nil)
	}
	f := traced{name: r.Images[0].Name, style: style, whole: true}
	var traces []byte
	for i := range r.Sheet.Readings {
		k := &r.Sheet.Readings[i]
		m := &k.Mark
		unsure := k.Answer == vote.Questionable || k.Answer == vote.Vote && m.Fill < rescanSure || k.Answer == vote.None && m.Fill >= rescanFill
		if k.Answer == vote.None && !unsure {
			continue
		}
		if len(m.Trace) != traceCells/2 || m.Damage != "" || len(f.targets) == rescanMarks || k.Target >= 1<<pageShift {
			f.whole = f.whole && k.Answer == vote.None
			continue
		}
		if unsure {
			f.unsure = append(f.unsure, uint8(len(f.targets)))
		}
		f.targets = append(f.targets, int32(k.Page)<<pageShift|int32(k.Target))
		traces = append(traces, m.Trace...)
		at := target{style, int32(k.Page), int32(k.Target)}
		if s.targets[at] == nil {
			s.targets[at] = &meanTrace{}
		}
		s.targets[at].add(m.Trace)
		s.all.add(m.Trace)
	}
	f.traces = string(traces)
	s.known[style] = append(s.known[style], int32(len(s.sheets)))
	s.sheets = append(s.sheets, f)
}

// cells are a trace's sixteenths, one a cell.
func cells(trace string, into *[traceCells]int32) {
	for i := range len(trace) {
		into[2*i], into[2*i+1] = int32(trace[i]>>4), int32(trace[i]&15)
	}
}

func (m *meanTrace) add(trace string) {
	var c [traceCells]int32
	cells(trace, &c)
	for i, v := range c {
		m.sum[i] += int64(v)
	}
	m.n++
}

// entry is a sheet with the marks that are compared.
type entry struct {
	sheet int32
	skip  uint32 // a bit for each mark left out
	bits  sketch
}

// bucket are the sheets of one style with the same targets marked.
type bucket struct {
	key     string
	entries []entry
}

// buckets puts each sheet under the targets it has marked, and again without those that another scan may have read otherwise.
func (s *Rescans) buckets() []bucket {
	by := map[string]int{}
	var out []bucket
	var key []byte
	for i := range s.sheets {
		f := &s.sheets[i]
		for turn := range 1 << min(len(f.unsure), rescanUnsure) {
			skip := uint32(0)
			for k, u := range f.unsure {
				if k >= rescanUnsure || turn>>k&1 == 1 {
					skip |= 1 << u
				}
			}
			key = binary.BigEndian.AppendUint32(key[:0], uint32(f.style))
			for k, t := range f.targets {
				if skip>>k&1 == 0 {
					key = binary.BigEndian.AppendUint32(key, uint32(t))
				}
			}
			b, ok := by[string(key)]
			if !ok {
				b = len(out)
				by[string(key)] = b
				out = append(out, bucket{key: string(key)})
			}
			out[b].entries = append(out[b].entries, entry{sheet: int32(i), skip: skip})
		}
	}
	slices.SortFunc(out, func(a, b bucket) int { return int(a.entries[0].sheet) - int(b.entries[0].sheet) })
	return out
}
