package cvr

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// hartScan is what Hart's scanned-ballot table says of a record.
type hartScan struct {
	workstation, unique, group string
	used                       bool
}

// hartJoin reads the scanned-ballot tables, once.
func (x *Export) hartJoin() error {
	if x.scanned != nil {
		return nil
	}
	x.scanned = map[string]hartScan{}
	for _, e := range x.scans {
		r, err := e.open()
		if err != nil {
			return unreadable(e, err)
		}
		err = x.hartScans(r)
		r.Close()
		if err != nil {
			return place(e, err)
		}
	}
	return nil
}

// hartScans reads one table: a row a page, so that a sheet stands in it twice.
func (x *Export) hartScans(r io.Reader) error {
	t, err := newTable(r, true)
	if err != nil {
		return err
	}
	var cols columns
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if cols == nil {
			if c := columnsOf(row); c.has("cvrid") {
				cols = c
			}
			continue
		}
		id := cols.get(row, "cvrid")
		if id == "" {
			continue
		}
		s := hartScan{strings.Clone(cols.get(row, "workstation")), strings.Clone(cols.get(row, "uniqueidentifier")), strings.Clone(cols.get(row, "votingtype")), false}
		if before, ok := x.scanned[id]; ok && before != s {
			return &ReadError{Line: t.line, Detail: fmt.Sprintf("CvrId %.60q has another identifier than in a row before", id), Mend: "give the table of one election"}
		}
		if len(x.scanned) >= maxJoined {
			return &ReadError{Line: t.line, Detail: fmt.Sprintf("more than %d sheets", maxJoined), Mend: "tally them in parts"}
		}
		x.scanned[strings.Clone(id)] = s
	}
	if cols == nil {
		return &ReadError{Detail: "no row names a column CvrId", Mend: "export the table again"}
	}
	return nil
}
