package audit

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"recount/vote"
)

// fillBins are the bins of a histogram of fill: one a hundredth, and the last for what is filled whole.
const fillBins = 101

// FillCount counts targets by how much of them is filled, a bin a hundredth, the last for what is filled whole.
type FillCount struct{ Vote, Questionable, None [fillBins]uint32 }

// of gives the counts of an answer.
func (f *FillCount) of(a vote.Answer) *[fillBins]uint32 {
	switch a {
	case vote.Vote:
		return &f.Vote
	case vote.None:
		return &f.None
	}
	return &f.Questionable
}

// Plus adds another histogram's counts.
func (f *FillCount) Plus(o *FillCount) {
	for i := range fillBins {
		f.Vote[i] += o.Vote[i]
		f.Questionable[i] += o.Questionable[i]
		f.None[i] += o.None[i]
	}
}

// BatchCount is what a batch's targets look like together.
type BatchCount struct {
	Name                   string // empty where the scans lie in no folder
	Sheets                 int
	Votes, Questions, None int // targets by their answer
	Fill                   FillCount
	// Odd says in a sentence each how the batch differs from the others; nothing where it does not, or has too few targets to tell.
	Odd []string

	specks               int // empty targets with some ink
	shade, outline, dark spectrum
}

// add counts a sheet's targets.
func (b *BatchCount) add(s *vote.Sheet) {
	b.Sheets++
	for i := range s.Readings {
		r := &s.Readings[i]
		b.Fill.of(r.Answer)[min(max(int(r.Mark.Fill)/100, 0), fillBins-1)]++
		switch r.Answer {
		case vote.None:
			b.None++
			b.shade.add(int(r.Mark.Shade), shadeFrom, shadeStep, shadeBins)
			b.outline.add(int(r.Mark.Outline), 0, scoreStep, scoreBins)
			if r.Mark.Fill >= speckFill {
				b.specks++
			}
		case vote.Vote:
			b.Votes++
			b.dark.add(int(r.Mark.Dark), 0, scoreStep, scoreBins)
		default:
			b.Questions++
		}
	}
}

// Targets is how many targets were read.
func (b *BatchCount) Targets() int { return b.Votes + b.Questions + b.None }

// speckFill is the ink in an empty target that is counted as a speck.
const speckFill = 20

// The bins of the measurements that batches are compared by.
const (
	shadeFrom, shadeStep, shadeBins = -500, 5, 500
	scoreStep, scoreBins            = 50, 201
)

// spectrum counts measurements in bins, so that a median needs no list of them.
type spectrum []uint32

func (s *spectrum) add(v, from, step, bins int) {
	if *s == nil {
		*s = make(spectrum, bins)
	}
	(*s)[min(max((v-from)/step, 0), bins-1)]++
}

// part is the lower edge of the bin that holds the measurement under which a part of all lie, n of each d; 0 where there is none.
func (s spectrum) part(n, d, from, step int) int {
	all := 0
	for _, c := range s {
		all += int(c)
	}
	sum := 0
	for i, c := range s {
		if sum += int(c); d*sum > n*all {
			return from + i*step
		}
	}
	return 0
}

// fillColumns and batchColumns are the columns of fill.csv and batches.csv.
var (
	fillColumns  = []string{"batch", "from", "vote", "questionable", "none"}
	batchColumns = []string{"batch", "sheets", "targets", "vote", "questionable", "none", "shade", "specks", "outline", "dark", "questions", "odd"}
)

// WriteFill writes the batches' histograms of fill, a row a bin that is not empty.
func WriteFill(w io.Writer, batches []BatchCount) error {
	out := csv.NewWriter(w)
	if err := out.Write(fillColumns); err != nil {
		return fmt.Errorf("write histogram: %w", err)
	}
	for i := range batches {
		f := &batches[i].Fill
		for k := range fillBins {
			if f.Vote[k]+f.Questionable[k]+f.None[k] == 0 {
				continue
			}
			if err := out.Write([]string{batches[i].Name, E4(100 * k), count32(f.Vote[k]), count32(f.Questionable[k]), count32(f.None[k])}); err != nil {
				return fmt.Errorf("write histogram: %w", err)
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write histogram: %w", err)
	}
	return nil
}

func count32(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// WriteBatches writes a row a batch: how many sheets and targets it has, what they look like together, and how it differs.
func WriteBatches(w io.Writer, batches []BatchCount) error {
	out := csv.NewWriter(w)
	if err := out.Write(batchColumns); err != nil {
		return fmt.Errorf("write batches: %w", err)
	}
	for i := range batches {
		b := &batches[i]
		row := []string{b.Name, strconv.Itoa(b.Sheets), strconv.Itoa(b.Targets()), strconv.Itoa(b.Votes), strconv.Itoa(b.Questions), strconv.Itoa(b.None)}
		for k := range traits {
			v := ""
			if traits[k].count(b) > 0 {
				v = E4(traits[k].of(b))
			}
			row = append(row, v)
		}
		if err := out.Write(append(row, b.Why())); err != nil {
			return fmt.Errorf("write batches: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write batches: %w", err)
	}
	return nil
}
