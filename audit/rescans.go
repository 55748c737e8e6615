package audit

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"recount/cvr"
	"recount/vote"
)

// A sheet that went through the scanner twice gives two files with different bytes and the same handwriting. Two sheets
// marked alike by two people differ in where each mark lies in its target, how far it runs over, how it slants. So each
// sheet is known by the shapes of its marks, and two sheets are candidates where so many of them agree, closer than a
// second scan of one mark does, that chance does not explain it.

// shapes is how many numbers a mark's shape has.
const shapes = 3

// shape is where a mark lies in its target, across and down, and its spread, in ten-thousandths. Fill, darkness and the ink around
// are left out: between a grey scan and one in black and white they differ as much as between two people's marks.
type shape [shapes]int16

// shapeNoise is what two scans of one mark differ by in each number: the middle difference between drawn crosses, strokes and
// ticks and their second scan through another scanner (other noise and slant, grey against black and white).
var shapeNoise = [shapes]float64{150, 130, 450}

// Rescans finds sheets that may be one sheet scanned twice. It is for one goroutine.
type Rescans struct {
	sheets []fingerprint
	by     map[string][]int32 // sheets of one style with the same targets marked
	sample []shape            // of all marks, for how common a shape is
	marks  int
	rare   map[int32][]float64
}

// fingerprint is one sheet: about 12 bytes a mark.
type fingerprint struct {
	name  string
	marks []shape
	sumX  int32 // of the places across: what candidates are sorted by
}

// Rescan is a pair of sheets whose marks are alike.
type Rescan struct {
	Sheet string `json:"sheet"`
	Other string `json:"other"`
	Marks int    `json:"marks"` // marked targets, the same on both
	Bits  int    `json:"bits"`  // of evidence that they are one sheet: the binary logarithm of how much likelier that is than chance
}

const (
	rescanLeast  = 4    // marks a sheet needs to be known by them
	rescanFill   = 1000 // fill from which a target is one of the marked ones
	rescanSample = 1000
	rescanBits   = 7         // beyond what the number of pairs needs: less than one false pair in a hundred runs, were all marks independent
	maxShift     = 500       // of a whole page's marks
	markBits     = 10        // that one mark may give at most: the sample tells no more
	maxRescans   = 1000      // pairs given
	maxSheets    = 2_000_000 // fingerprints held
)

// NewRescans is an empty search.
func NewRescans() *Rescans {
	return &Rescans{by: map[string][]int32{}, rare: map[int32][]float64{}}
}

// Add takes a sheet. Sheets with fewer than four marks are not known by them and are passed over.
func (s *Rescans) Add(r *cvr.Record) {
	if len(r.Images) == 0 || len(s.sheets) >= maxSheets {
		return
	}
	f := fingerprint{name: r.Images[0].Name}
	key := fmt.Appendf(nil, "%s/%d", r.Sheet.Style, r.Sheet.Number)
	for i := range r.Sheet.Readings {
		k := &r.Sheet.Readings[i]
		if k.Answer == vote.None || k.Mark.Fill < rescanFill || k.Mark.Damage != "" {
			continue
		}
		m := &k.Mark
		f.marks = append(f.marks, shape{clip(int(m.OffX)), clip(int(m.OffY)), clip(int(m.Spread))})
		f.sumX += int32(clip(int(m.OffX)))
		key = fmt.Appendf(key, ",%d.%d", k.Page, k.Target)
	}
	if len(f.marks) < rescanLeast {
		return
	}
	for _, m := range f.marks {
		// Every so many marks of the run, spread over it: a sample that depends on nothing else.
		if s.marks++; len(s.sample) < rescanSample {
			s.sample = append(s.sample, m)
		} else if s.marks%97 == 0 {
			s.sample[s.marks/97%rescanSample] = m
		}
	}
	s.by[string(key)] = append(s.by[string(key)], int32(len(s.sheets)))
	s.sheets = append(s.sheets, f)
}

func clip(n int) int16 { return int16(max(min(n, 10000), -10000)) }

// Find gives the pairs, the surest first. more says how many were found beyond those given.
func (s *Rescans) Find() (out []Rescan, more int) {
	keys := make([]string, 0, len(s.by))
	pairs := 0.0
	for k, l := range s.by {
		keys = append(keys, k)
		pairs += float64(len(l)) * float64(len(l)-1) / 2
	}
	slices.Sort(keys)
	want := math.Log2(max(pairs, 1)) + rescanBits
	for _, k := range keys {
		l := slices.Clone(s.by[k])
		slices.SortFunc(l, func(a, b int32) int {
			return cmp.Or(cmp.Compare(s.sheets[a].sumX, s.sheets[b].sumX), cmp.Compare(a, b))
		})
		for i, a := range l {
			// Of n marks the places' errors add up as the root of n.
			reach := int32(8 * shapeNoise[0] * math.Sqrt(float64(len(s.sheets[a].marks))))
			for _, b := range l[i+1:] {
				if s.sheets[b].sumX-s.sheets[a].sumX > reach {
					break
				}
				if r, ok := s.pair(min(a, b), max(a, b), want); ok {
					out = append(out, r)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Rescan) int {
		return cmp.Or(cmp.Compare(b.Bits, a.Bits), cvr.Natural(a.Sheet, b.Sheet), cvr.Natural(a.Other, b.Other))
	})
	if len(out) > maxRescans {
		out, more = out[:maxRescans], len(out)-maxRescans
	}
	return out, more
}

// pair weighs two sheets with the same targets marked: how much likelier their marks are as two scans of one sheet than as two
// of the run's marks that met by chance. Marks that all look alike, neatly filled ones, weigh nothing.
func (s *Rescans) pair(a, b int32, want float64) (Rescan, bool) {
	x, y := s.sheets[a].marks, s.sheets[b].marks
	chance, shift := 1.0, shiftOf(x, y)
	least := -3.5 * float64(len(x)) // what scans of one sheet keep above
	hopeless := math.Exp2(max(least, -1000))
	for i := range x {
		if chance *= likeness(&x[i], &y[i], shift); chance < hopeless {
			return Rescan{}, false
		}
	}
	same := math.Log2(chance)
	if same < least || same+markBits*float64(len(x)) < want {
		return Rescan{}, false
	}
	bits := same
	for _, v := range s.rarity(a) {
		bits += v
	}
	if bits < want {
		return Rescan{}, false
	}
	return Rescan{Sheet: s.sheets[a].name, Other: s.sheets[b].name, Marks: len(x), Bits: int(bits)}, true
}

// shiftOf is by how much all marks of one scan lie off those of the other: the middle difference across and down. A mapping that is a
// third of a pixel off shifts all marks of a page alike. A larger shift is none of the scanner's.
func shiftOf(x, y []shape) (out shape) {
	var room [64]int16
	d := room[:min(len(x), len(room))] // the first marks say it as well as all
	for f := range 2 {
		for i := range d {
			d[i] = x[i][f] - y[i][f]
		}
		slices.Sort(d)
		m := d[len(d)/2]
		out[f] = max(min(m, maxShift), -maxShift)
	}
	return out
}

// likeness is how well two marks fit as scans of one, 1 for the same numbers: Student's distribution with three degrees of
// freedom in each, whose long tails forgive a speck or a ragged edge.
func likeness(a, b *shape, shift shape) float64 {
	k := 1.0
	for i := range a {
		d := float64(a[i]-b[i]-shift[i]) / shapeNoise[i]
		q := 1 + d*d/3
		k *= q * q
	}
	return 1 / k
}

// rarity is, for each of a sheet's marks, how many bits it tells that another mark is like it: the binary logarithm of how little
// the run's marks are.
func (s *Rescans) rarity(a int32) []float64 {
	if r, ok := s.rare[a]; ok {
		return r
	}
	var out []float64
	for i := range s.sheets[a].marks {
		sum := 1.0
		for k := range s.sample {
			sum += likeness(&s.sheets[a].marks[i], &s.sample[k], shape{})
		}
		out = append(out, math.Log2(float64(len(s.sample)+1)/sum))
	}
	s.rare[a] = out
	return out
}
