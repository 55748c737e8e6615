package cvr

import (
	"fmt"
	"strings"
)

// ReadError says what is wrong with a machine's export, where, and how to mend it. Line counts lines and Column counts
// fields of a table (bytes of the line in JSON and XML), both from 1 and 0 where they are not known; Path is the place inside
// JSON, as "CVR[3].CVRSnapshot[0]".
type ReadError struct {
	File         string
	Line, Column int
	Path         string
	Detail, Mend string
	Err          error
}

// Error gives the place, the fault and the mend.
func (e *ReadError) Error() string {
	var place []string
	if e.Line > 0 {
		place = append(place, fmt.Sprintf("line %d", e.Line))
	}
	if e.Column > 0 {
		place = append(place, fmt.Sprintf("column %d", e.Column))
	}
	if e.Path != "" {
		place = append(place, e.Path)
	}
	s := e.File
	if len(place) > 0 {
		s += ": " + strings.Join(place, ", ")
	}
	s += ": " + e.Detail
	if e.Mend != "" {
		s += ": " + e.Mend
	}
	return s
}

// Unwrap gives the reader's own error, or nil.
func (e *ReadError) Unwrap() error { return e.Err }
