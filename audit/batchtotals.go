package audit

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// batchName finds the contest in the name that such a file is downloaded under: "Town - Mayor - candidate totals by
// batch.csv".
var batchName = regexp.MustCompile(`(?i)^(?:.* - )?(.+) - (?:candidate )?totals by batch`)

// isBatchTotals says whether a table's header is that of Arlo's batch totals: the batch's name, and a column a candidate.
func isBatchTotals(head []string) bool {
	if len(head) < 2 || aliases[plain(head[0])] != fBatch {
		return false
	}
	for _, h := range head[1:] {
		if w := aliases[plain(h)]; w == fContest || w == fCandidate || w == fVotes {
			return false
		}
	}
	return true
}

// readBatchTotals reads Arlo's batch totals: one contest, a row a batch, a column a candidate.
func readBatchTotals(name, text, contest string) (*Machine, error) {
	if contest == "" {
		base := name[strings.LastIndexAny(name, `/\`)+1:]
		if m := batchName.FindStringSubmatch(base); m != nil {
			contest = m[1]
		}
	}
	if contest == "" {
		return nil, &ReadError{File: name, Line: 1, Detail: "holds totals by batch and does not say of which contest", Mend: "name the contest with --contest"}
	}
	c := csv.NewReader(strings.NewReader(text))
	c.FieldsPerRecord = -1
	c.Comma = separator(text)
	head, err := c.Read()
	if err != nil {
		return nil, parseError(name, err)
	}
	if len(head) > maxColumns {
		return nil, &ReadError{File: name, Line: 1, Detail: fmt.Sprintf("%d columns are more than %d", len(head), maxColumns), Mend: "give the totals of one contest"}
	}
	for len(head) > 1 && strings.TrimSpace(head[len(head)-1]) == "" {
		head = head[:len(head)-1] // as spreadsheets leave them; what stands below is an error
	}
	seen := map[string]bool{}
	for i, h := range head[1:] {
		switch h = strings.TrimSpace(h); {
		case h == "":
			return nil, &ReadError{File: name, Line: 1, Column: i + 2, Detail: "the column has no candidate", Mend: "name it, or take it out"}
		case seen[h]:
			return nil, &ReadError{File: name, Line: 1, Column: i + 2, Detail: fmt.Sprintf("%.80q stands twice", h), Mend: "keep one column a candidate"}
		}
		seen[h] = true
	}
	m := &Machine{Name: name}
	batches := map[string]bool{}
	for {
		f, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, parseError(name, err)
		}
		if strings.TrimSpace(strings.Join(f, "")) == "" {
			continue
		}
		line, _ := c.FieldPos(0)
		for len(f) > len(head) && strings.TrimSpace(f[len(f)-1]) == "" {
			f = f[:len(f)-1]
		}
		if len(f) != len(head) {
			return nil, &ReadError{File: name, Line: line, Detail: fmt.Sprintf("has %d fields, the header %d", len(f), len(head)), Mend: "keep every column"}
		}
		batch := strings.TrimSpace(f[0])
		switch {
		case batch == "":
			return nil, &ReadError{File: name, Line: line, Column: 1, Detail: "the batch has no name", Mend: "name it"}
		case batches[batch]:
			return nil, &ReadError{File: name, Line: line, Column: 1, Detail: fmt.Sprintf("batch %.80q stands twice", batch), Mend: "keep one row a batch"}
		}
		batches[batch] = true
		for i := 1; i < len(f); i++ {
			n, ok := count(trimmed(f[i]))
			if !ok {
				return nil, &ReadError{File: name, Line: line, Column: i + 1, Detail: fmt.Sprintf("%.40q is no count of votes", f[i]), Mend: "write a whole number"}
			}
			row := MachineRow{Contest: contest, Candidate: strings.TrimSpace(head[i]), Batch: batch, Votes: n, Line: line}
			if row.classify() {
				m.Rows = append(m.Rows, row)
			}
		}
		if len(m.Rows) > maxRows {
			return nil, &ReadError{File: name, Line: line, Detail: fmt.Sprintf("more than %d numbers", maxRows), Mend: "split the table"}
		}
	}
	if err := m.dropTotals(); err != nil {
		return nil, err
	}
	if len(m.Rows) == 0 {
		return nil, &ReadError{File: name, Detail: "no row of votes", Mend: "export the table with its rows"}
	}
	return m, nil
}
