package cvr

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// essBallot is what ES&S's Ballots table says of a record.
type essBallot struct {
	batch, group, style, tabulator, record, imprinted string
	used                                              bool
}

// isBallots says whether a header is that of ES&S's Ballots table.
func isBallots(c columns) bool {
	return c.has("castvoterecord") && (c.has("tabulatorcvr") || c.has("ballotstatus"))
}

// maxJoined bounds the ballots that are kept in memory to be joined.
const maxJoined = 5_000_000

// essJoin reads the Ballots tables, once.
func (x *Export) essJoin() error {
	if x.joined != nil {
		return nil
	}
	x.joined = map[string]essBallot{}
	for _, e := range x.ballots {
		r, err := e.open()
		if err != nil {
			return unreadable(e, err)
		}
		err = x.essBallots(e, r)
		r.Close()
		if err != nil {
			return place(e, err)
		}
	}
	return nil
}

func (x *Export) essBallots(e *entry, r io.Reader) error {
	t, err := newTable(r, false)
	if err != nil {
		return err
	}
	var cols columns
	words := map[string]string{} // one copy of each batch, group and tabulator
	word := func(s string) string {
		if w, ok := words[s]; ok {
			return w
		}
		s = strings.Clone(s)
		words[s] = s
		return s
	}
	count, stated := 0, -1
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if cols == nil {
			if c := columnsOf(row); c.has("castvoterecord") {
				cols = c
			}
			continue
		}
		id := cols.get(row, "castvoterecord")
		if n, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(id), " ", ""), "total:"); ok {
			if v, err := strconv.Atoi(n); err == nil {
				stated = v
			}
			continue
		}
		if id == "" {
			continue
		}
		if _, twice := x.joined[id]; twice {
			return &ReadError{Line: t.line, Column: 1, Detail: fmt.Sprintf("Cast Vote Record %.40q is listed twice", id), Mend: "give the Ballots tables of one election, each once"}
		}
		if len(x.joined) >= maxJoined {
			return &ReadError{Line: t.line, Detail: fmt.Sprintf("more than %d ballots", maxJoined), Mend: "tally them in parts"}
		}
		b := essBallot{batch: word(cols.get(row, "batch")), group: word(cols.get(row, "reportinggroup")), style: word(cols.get(row, "ballotstyle"))}
		// Ten digits are the tabulator's four and the ballot's six; sixteen are printed on the paper.
		switch c := cols.get(row, "tabulatorcvr"); {
		case len(c) == 10 && digits(c) == 10:
			b.tabulator, b.record = word(c[:4]), strings.Clone(c[4:])
		default:
			b.imprinted = strings.Clone(c)
		}
		if n := cols.get(row, "auditnumber"); n != "" {
			b.imprinted = strings.Clone(n)
		}
		x.joined[strings.Clone(id)] = b
		count++
	}
	if cols == nil {
		return &ReadError{Detail: "no row begins with Cast Vote Record", Mend: "export the Ballots table again"}
	}
	if stated >= 0 && stated != count {
		x.note("%s: the table says it holds %d ballots and lists %d", e.name, stated, count)
	}
	return nil
}
