package cvr

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"recount/election"
)

// MarkMetric says what the strings of MarkMetricValue are, in their order.
const MarkMetric = "recount 1: fill, outline found, ink around, darkness, spread, overprint; each a fraction of 1 measured against the printed blank"

// Info is what a report says of itself.
type Info struct {
	// GeneratedDate is RFC 3339 with a zone. The schema asks for it; as a result holds no clock, GeneratedDate(e) gives one
	// that is the same in every run. Empty means that.
	GeneratedDate  string
	Version        string // of the program
	MarkMetricType string // empty means MarkMetric
	Notes          string
}

// GeneratedDate is the start of election day, or of 1970 where the definition names no day.
func GeneratedDate(e *election.Election) string {
	if _, err := time.Parse(time.DateOnly, e.Date); err != nil {
		return "1970-01-01T00:00:00Z"
	}
	return e.Date + "T00:00:00Z"
}

// WriteNIST writes a NIST SP 1500-103 version 1.0 report: one CVR a record, in the order given, each with the snapshots
// "original" (every target as measured and decided, before contest rules) and "interpreted" (after them) and, where people
// decided something on the sheet, "modified" (with their answers, annotated with each decision). The last is current. It holds one record in memory at a time. The precincts stand after the records, which name them. An error of
// records ends the writing and comes back wrapped; what was written by then is no whole report.
func WriteNIST(w io.Writer, e *election.Election, info Info, records iter.Seq2[*Record, error]) error {
	n, err := NewNISTReport(w, e, info)
	if err != nil {
		return err
	}
	for r, err := range records {
		if err != nil {
			return fmt.Errorf("write cast-vote records: %w", err)
		}
		n.name(r.Precinct)
		data, err := n.Encode(r)
		if err != nil {
			return err
		}
		if err := n.Put(data); err != nil {
			return err
		}
	}
	return n.Close()
}

// writer writes pieces of JSON and keeps the first error.
type writer struct {
	w   *bufio.Writer
	err error
}

func (w *writer) text(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s)
	}
}

func (w *writer) bytes(data []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(data)
	}
}

// value writes one JSON value on one line, without Go's escapes for HTML.
func (w *writer) value(v any) {
	if w.err != nil {
		return
	}
	data, err := encode(v)
	if err != nil {
		w.err = err
		return
	}
	w.bytes(data)
}

// open writes a value that is an object, without its closing brace.
func (w *writer) open(v any) {
	if w.err != nil {
		return
	}
	data, err := encode(v)
	if err != nil {
		w.err = err
		return
	}
	_, w.err = w.w.Write(bytes.TrimSuffix(data, []byte("}")))
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
