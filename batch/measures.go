package batch

import (
	"database/sql"
	"fmt"
	"strings"

	"recount/marks"
)

// markColumns are the ledger's columns of a mark's measurements, each behind prefix, with what follows the numbers in suffix.
func markColumns(prefix, suffix string) string {
	var b strings.Builder
	for _, f := range marks.Fields {
		fmt.Fprintf(&b, "%s%s%s, ", prefix, f.Name, suffix)
	}
	kind := ""
	if suffix != "" {
		kind = " BLOB NOT NULL"
	}
	return b.String() + prefix + "trace" + kind + ", " + prefix + "damage"
}

// markPlaces are the question marks for one mark's measurements in an INSERT.
func markPlaces() string { return strings.Repeat("?,", len(marks.Fields)) + "?,?" }

// markValues are a mark's measurements in the order of markColumns.
func markValues(m *marks.Mark) []any {
	out := make([]any, 0, len(marks.Fields)+2)
	for _, f := range marks.Fields {
		out = append(out, *f.At(m))
	}
	return append(out, []byte(m.Trace), m.Damage)
}

// storedMark reads a mark's measurements back, row after row. The numbers pass as the driver gives them: turning each into a
// type of its own on the way costs more than reading it.
type storedMark struct {
	numbers []any
	trace   sql.RawBytes
	damage  string
}

// targets are what each row of markColumns is scanned into.
func (s *storedMark) targets() []any {
	s.numbers = make([]any, len(marks.Fields))
	var out []any
	for i := range s.numbers {
		out = append(out, &s.numbers[i])
	}
	return append(out, &s.trace, &s.damage)
}

// mark is the row scanned last.
func (s *storedMark) mark() marks.Mark {
	m := marks.Mark{Damage: s.damage, Trace: string(s.trace)}
	for i := range marks.Fields {
		if v, ok := s.numbers[i].(int64); ok {
			*marks.Fields[i].At(&m) = int(v)
		}
	}
	return m
}
