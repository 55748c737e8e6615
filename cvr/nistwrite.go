package cvr

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"recount/election"
)

// NISTReport writes a NIST SP 1500-103 report record by record, as WriteNIST does, where records are encoded by several workers: Encode may
// be called by many at once, Put takes what it gave in the report's order, and Close ends the report.
type NISTReport struct {
	election *election.Election
	out      *writer
	units    *names
	gp       []nistGpUnit
	puts     int
}

// NewNISTReport begins a report. The error names what the report's own description lacks.
func NewNISTReport(w io.Writer, e *election.Election, info Info) (*NISTReport, error) {
	if info.GeneratedDate == "" {
		info.GeneratedDate = GeneratedDate(e)
	}
	if _, err := time.Parse(time.RFC3339, info.GeneratedDate); err != nil {
		return nil, fmt.Errorf("write cast-vote records: generated date: %w", err)
	}
	if info.MarkMetricType == "" {
		info.MarkMetricType = MarkMetric
	}
	n := &NISTReport{election: e, out: &writer{w: bufio.NewWriterSize(w, 1<<16)}, units: newNames("precinct."),
		gp: []nistGpUnit{{Type: "CVR.GpUnit", ID: scopeID, UnitType: "other", OtherType: "jurisdiction", Name: e.Jurisdiction}}}
	n.out.open(header(e, info))
	n.out.text(",\n\"CVR\":[")
	for i := range e.Styles {
		n.name(e.Styles[i].Precinct)
	}
	return n, nil
}

// name lists a precinct among the report's units.
func (n *NISTReport) name(precinct string) {
	if precinct == "" {
		return
	}
	if id, fresh := n.units.of(precinct); fresh {
		n.gp = append(n.gp, nistGpUnit{Type: "CVR.GpUnit", ID: id, UnitType: "precinct", Name: precinct})
	}
}

// Encode gives one record's JSON. The record's precinct is empty or a style's.
func (n *NISTReport) Encode(r *Record) ([]byte, error) {
	var unknown string
	c, err := sheetCVR(n.election, r, func(precinct string) string {
		id := n.units.ids[precinct]
		if precinct != "" && id == "" {
			unknown = precinct
		}
		return id
	})
	if err == nil && unknown != "" {
		err = fmt.Errorf("precinct %q is no style's", unknown)
	}
	if err != nil {
		return nil, fmt.Errorf("write cast-vote record %s: %w", r.ID, err)
	}
	return encode(c)
}

// Put writes one record's JSON after those before it.
func (n *NISTReport) Put(record []byte) error {
	if n.puts++; n.puts > 1 {
		n.out.text(",")
	}
	n.out.text("\n")
	n.out.bytes(record)
	return n.err()
}

// Close writes the report's end.
func (n *NISTReport) Close() error {
	n.out.text("\n],\n\"GpUnit\":")
	n.out.value(n.gp)
	n.out.text("}\n")
	if n.out.err == nil {
		n.out.err = n.out.w.Flush()
	}
	return n.err()
}

func (n *NISTReport) err() error {
	if n.out.err != nil {
		return fmt.Errorf("write cast-vote records: %w", n.out.err)
	}
	return nil
}
