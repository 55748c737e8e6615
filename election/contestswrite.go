package election

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// WriteContests writes rows as a contest list that ReadContests reads. The columns x and y, rank and kind are there where any
// row has them.
func WriteContests(w io.Writer, rows []Row) error {
	xy, rank, kind := false, false, false
	for _, r := range rows {
		xy, rank, kind = xy || r.HasXY, rank || r.Rank > 0, kind || r.KindText() != ""
	}
	head := slices.Clone(listColumns[:7])
	if xy {
		head = append(head, "x", "y")
	}
	if rank {
		head = append(head, "rank")
	}
	if kind {
		head = append(head, "kind")
	}
	c := csv.NewWriter(w)
	if err := c.Write(head); err != nil {
		return fmt.Errorf("write contest list: %w", err)
	}
	inches := func(v float64) string { return strconv.FormatFloat(RoundInches(v), 'f', -1, 64) }
	for _, r := range rows {
		rec := []string{r.Style, strconv.Itoa(r.Page), r.Contest, strconv.Itoa(r.VoteFor), r.Choice, r.Party, r.Candidate}
		switch {
		case r.HasXY:
			rec = append(rec, inches(r.X), inches(r.Y))
		case xy:
			rec = append(rec, "", "")
		}
		if rank {
			text := ""
			if r.Rank > 0 {
				text = strconv.Itoa(r.Rank)
			}
			rec = append(rec, text)
		}
		if kind {
			rec = append(rec, r.KindText())
		}
		if err := c.Write(rec); err != nil {
			return fmt.Errorf("write contest list: %w", err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write contest list: %w", err)
	}
	return nil
}
