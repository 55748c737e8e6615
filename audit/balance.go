package audit

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"recount/cvr"
)

// BatchBalance sets a batch's sheets beside the machine's records of it.
type BatchBalance struct {
	Tabulator string `json:"tabulator"`
	Batch     string `json:"batch"`
	Records   int    `json:"records"` // the machine's, each sheet once
	Sheets    int    `json:"sheets"`  // ours that are one of these records
	Missing   int    `json:"missing"` // records without a sheet of ours
	Twice     int    `json:"twice"`   // records given twice
	// Numbers are what is missing in the machine's own numbering of the batch's records: "17", "20 to 23".
	Numbers []string `json:"numbers"`
}

// Balanced says whether the batch has as many sheets as records, each once, and no number is missing.
func (b *BatchBalance) Balanced() bool {
	return b.Records == b.Sheets && b.Missing == 0 && b.Twice == 0 && len(b.Numbers) == 0
}

// maxNumbers is how many gaps are given of one batch.
const maxNumbers = 100

// countBatches counts the machine's records batch by batch, in natural order. Records that name neither a tabulator nor a batch
// make none.
func (t *theirs) countBatches() []BatchBalance {
	at := map[[2]string]int{}
	out := []BatchBalance{}
	var numbers [][]int
	for i := range t.sheets {
		s := &t.sheets[i]
		key := [2]string{s.part.Tabulator, s.part.Batch}
		if key == [2]string{} {
			continue
		}
		k, ok := at[key]
		if !ok {
			k = len(out)
			at[key] = k
			out = append(out, BatchBalance{Tabulator: key[0], Batch: key[1], Numbers: []string{}})
			numbers = append(numbers, nil)
		}
		b := &out[k]
		if s.twice {
			b.Twice++
			continue
		}
		b.Records++
		b.Sheets += s.matched
		if s.matched == 0 {
			b.Missing++
		}
		if s.number > 0 {
			numbers[k] = append(numbers[k], int(s.number))
		}
	}
	for k := range out {
		// A row only where every record has its number: what is not numbered is not missing.
		if len(numbers[k]) < out[k].Records {
			continue
		}
		for _, g := range gapsOf("", numbers[k]) {
			if len(out[k].Numbers) == maxNumbers {
				break
			}
			text := strconv.Itoa(g.First)
			if g.Last > g.First {
				text += " to " + strconv.Itoa(g.Last)
			}
			out[k].Numbers = append(out[k].Numbers, text)
		}
	}
	slices.SortFunc(out, func(a, b BatchBalance) int {
		return cmp.Or(cvr.Natural(a.Tabulator, b.Tabulator), cvr.Natural(a.Batch, b.Batch), cmp.Compare(a.Tabulator, b.Tabulator), cmp.Compare(a.Batch, b.Batch))
	})
	return out
}

// recordNumber is the number of a record within its batch, or 0 where it has none: its own, or the last of what is printed on the
// paper.
func recordNumber(r *cvr.MachineRecord) int32 {
	for _, text := range []string{r.Record, r.Imprinted} {
		from := len(text)
		for from > 0 && text[from-1] >= '0' && text[from-1] <= '9' {
			from--
		}
		if n, err := strconv.ParseInt(text[from:], 10, 32); err == nil && n < maxNumber {
			return int32(n)
		}
	}
	return 0
}

// Unbalanced are the batches whose counts do not agree.
func (s *SheetComparison) Unbalanced() (out []*BatchBalance) {
	for i := range s.Balance {
		if !s.Balance[i].Balanced() {
			out = append(out, &s.Balance[i])
		}
	}
	return out
}

// String names the batch and what is wrong with it.
func (b *BatchBalance) String() string {
	var where []string
	if b.Tabulator != "" {
		where = append(where, "tabulator "+b.Tabulator)
	}
	if b.Batch != "" {
		where = append(where, "batch "+b.Batch)
	}
	out := fmt.Sprintf("%s: %d records, %d sheets", strings.Join(where, ", "), b.Records, b.Sheets)
	if b.Missing > 0 {
		out += fmt.Sprintf("; %d records without a sheet", b.Missing)
	}
	if b.Twice > 0 {
		out += fmt.Sprintf("; %d records given twice", b.Twice)
	}
	if len(b.Numbers) > 0 {
		out += "; no record numbered " + strings.Join(b.Numbers[:min(len(b.Numbers), 10)], ", ")
		if n := len(b.Numbers) - 10; n > 0 {
			out += fmt.Sprintf(" and %d more gaps", n)
		}
	}
	return out
}

// WriteBalance writes tabulator,batch,records,sheets,missing,twice,numbers,balanced: a row a batch of the machine's records.
func (s *SheetComparison) WriteBalance(w io.Writer) error {
	rows := [][]string{{"tabulator", "batch", "records", "sheets", "missing", "twice", "numbers", "balanced"}}
	for i := range s.Balance {
		b := &s.Balance[i]
		rows = append(rows, []string{b.Tabulator, b.Batch, strconv.Itoa(b.Records), strconv.Itoa(b.Sheets), strconv.Itoa(b.Missing), strconv.Itoa(b.Twice),
			strings.Join(b.Numbers, "; "), yes(b.Balanced())})
	}
	return writeRows(w, rows)
}
