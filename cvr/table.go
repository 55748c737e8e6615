package cvr

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The bounds of a table.
const (
	maxColumns = 50_000 // a large county's ranked contests have a tenth of it
	maxField   = 64 << 10
)

// table reads the rows of a CSV export as a stream: UTF-8, UTF-16 with its mark, or Windows-1252 where a field is no
// UTF-8; commas, semicolons or tabs.
type table struct {
	meter *meter
	csv   *csv.Reader
	line  int // of the row last read
}

// newTable starts a table. lazy allows quotation marks inside a field that has none around it, as ="1" has: a row
// swallowed by an open quotation mark is then found by its width only.
func newTable(r io.Reader, lazy bool) (*table, error) {
	m := newMeter(transform.NewReader(r, unicode.BOMOverride(transform.Nop)))
	b := bufio.NewReaderSize(m, headBytes)
	head, err := b.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return nil, &ReadError{Detail: "holds zero bytes, so it is no text", Mend: "export the table as CSV"}
	}
	t := &table{meter: m, csv: csv.NewReader(b)}
	t.csv.Comma = delimiter(head)
	t.csv.FieldsPerRecord = -1
	t.csv.ReuseRecord = true
	t.csv.LazyQuotes = lazy
	return t, nil
}

// next gives the next row that is not empty, its fields cleaned. io.EOF ends the table.
func (t *table) next() ([]string, error) {
	for {
		t.meter.reset()
		row, err := t.csv.Read()
		if err != nil {
			return nil, tableError(err)
		}
		t.line, _ = t.csv.FieldPos(0)
		if len(row) > maxColumns {
			return nil, &ReadError{Line: t.line, Detail: fmt.Sprintf("%d columns are more than %d", len(row), maxColumns), Mend: "export fewer contests at a time"}
		}
		empty := true
		for i, f := range row {
			if len(f) > maxField {
				return nil, &ReadError{Line: t.line, Column: i + 1, Detail: fmt.Sprintf("a field of %d bytes", len(f)), Mend: "close the quotation marks before it"}
			}
			if row[i] = cell(f); row[i] != "" {
				empty = false
			}
		}
		if !empty {
			return row, nil
		}
	}
}

func tableError(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return &ReadError{Line: p.Line, Detail: "the quotation marks are not paired (" + p.Err.Error() + ")", Mend: "export the table again, or mend the line", Err: err}
	}
	return err
}

// cell is a field without what spreadsheets put around it: ="11-1-1" is 11-1-1, line breaks are spaces.
func cell(f string) string {
	if !utf8.ValidString(f) {
		if s, err := charmap.Windows1252.NewDecoder().String(f); err == nil {
			f = s
		}
	}
	if in, ok := strings.CutPrefix(f, `="`); ok {
		f = strings.TrimSuffix(in, `"`)
	}
	if !strings.ContainsAny(f, "\r\n\t") {
		return strings.TrimSpace(f)
	}
	return strings.Join(strings.Fields(f), " ")
}

// columns finds columns by their names, in the form of columnName.
type columns map[string]int

func columnsOf(head []string) columns {
	c := columns{}
	for i, h := range head {
		if n := columnName(h); n != "" {
			if _, twice := c[n]; !twice {
				c[n] = i
			}
		}
	}
	return c
}

// get is the first of the named fields that the row has and that is not empty.
func (c columns) get(row []string, names ...string) string {
	for _, n := range names {
		if i, ok := c[n]; ok && i < len(row) && row[i] != "" {
			return row[i]
		}
	}
	return ""
}

func (c columns) has(name string) bool { _, ok := c[name]; return ok }

// need is the error of a table without a column.
func (c columns) need(line int, names ...string) error {
	if slices.ContainsFunc(names, c.has) {
		return nil
	}
	return &ReadError{Line: line, Detail: "no column " + strings.Join(names, " or "), Mend: "export the table with all its columns"}
}

// width checks that a row is as wide as the header: a shorter one was cut or swallowed, a longer one holds a bare comma.
// Empty fields at the end may be missing or too many.
func (t *table) width(row []string, wide int) error {
	for i := wide; i < len(row); i++ {
		if row[i] != "" {
			return &ReadError{Line: t.line, Column: i + 1, Detail: fmt.Sprintf("has %d fields, the header %d", len(row), wide), Mend: "put quotation marks around a field that holds a comma"}
		}
	}
	return nil
}
