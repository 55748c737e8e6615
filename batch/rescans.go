package batch

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"recount/audit"
)

// rescansFile lists the sheets that seem to have been scanned twice.
const rescansFile = "rescans.csv"

// rescans writes rescans.csv: one row a pair of sheets, from what the records gave on their way to cvr.json.
func (x *export) rescans(w io.Writer) error {
	x.twice = x.marked.Find()
	x.marked = nil // the bulk of it
	out := csv.NewWriter(w)
	if err := out.Write([]string{"sheet", "other", "marks", "score", "bits", "run", "run_sheets", "what"}); err != nil {
		return err
	}
	for _, p := range x.twice.Pairs {
		run, sheets := "", ""
		if p.Run > 0 {
			run, sheets = strconv.Itoa(p.Run), strconv.Itoa(x.twice.Runs[p.Run-1].Sheets)
		}
		if err := out.Write([]string{p.Sheet, p.Other, strconv.Itoa(p.Marks), decimal(p.Score, 2), strconv.Itoa(p.Bits), run, sheets, whatToDo(x.twice, p)}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// whatToDo says what a person should do about a pair.
func whatToDo(found *audit.Rescanned, p audit.Rescan) string {
	if p.Run == 0 {
		return "compare the handwriting; if it is one sheet, take one of its scans out and read again"
	}
	r := found.Runs[p.Run-1]
	return fmt.Sprintf("%s: compare some; if it is one stack, take one of its scans out and read again", sayRun(r))
}

// sayRun names a doubled run.
func sayRun(r audit.DoubledRun) string {
	order := "in the same order"
	if r.Reversed {
		order = "in reverse order"
	}
	return fmt.Sprintf("the %d sheets from %s to %s came again, %s, from %s to %s", r.Sheets, r.First, r.Last, order, r.OtherFirst, r.OtherLast)
}
