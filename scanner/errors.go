package scanner

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Reason names why an input or a page was refused. The words are stable: they stand in outputs and are counted there.
type Reason string

// The reasons of a refusal.
const (
	Truncated     Reason = "truncated"      // the data ends before the picture does
	Corrupt       Reason = "corrupt"        // the data contradicts itself
	EmptyFile     Reason = "empty-file"     // no bytes at all
	NotAnImage    Reason = "not-an-image"   // no format known here starts like this
	TooLarge      Reason = "too-large"      // more pixels, pages or bytes than the limits allow
	TooSmall      Reason = "too-small"      // fewer pixels than any scan of a ballot has
	Unsupported   Reason = "unsupported"    // a known format in a variety that is not read
	UnsafeName    Reason = "unsafe-name"    // an archive entry whose name leaves the archive
	UnsafeLink    Reason = "unsafe-link"    // a symbolic link out of the folder given, or to a folder
	NestedArchive Reason = "nested-archive" // an archive inside an archive
	BadArchive    Reason = "bad-archive"    // a zip that cannot be opened
	PDFNotScan    Reason = "pdf-not-scan"   // a PDF page that is not one scanned picture
	Unreadable    Reason = "unreadable"     // the system would not give the bytes
	Unreachable   Reason = "unreachable"    // the store they lie in does not answer: it says nothing of the file
)

// Error is a refusal of an input (Page 0) or of one of its pages (counted from 1). Op is what was being done, Name the input.
type Error struct {
	Op     string
	Name   string
	Page   int
	Reason Reason
	Err    error
}

// Error says what was refused, why, and what would mend it.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", e.Op, e.Name)
	if e.Page > 0 {
		fmt.Fprintf(&b, " page %d", e.Page)
	}
	fmt.Fprintf(&b, ": %s", e.Reason)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if m := mends[e.Reason]; m != "" {
		fmt.Fprintf(&b, " (%s)", m)
	}
	return b.String()
}

// Unwrap gives the error underneath.
func (e *Error) Unwrap() error { return e.Err }

var mends = map[Reason]string{
	Truncated:     "copy or scan the file again",
	Corrupt:       "copy or scan the file again",
	EmptyFile:     "copy or scan the file again",
	NotAnImage:    "give TIFF, PNG, JPEG, PBM, PGM or scanned PDF",
	TooLarge:      "scan at 200 to 600 dpi, one page a picture",
	TooSmall:      "scan at 200 dpi or more",
	Unsupported:   "save it as TIFF G4, PNG or JPEG",
	UnsafeName:    "pack the archive again with plain relative names",
	UnsafeLink:    "put the file itself into the folder",
	NestedArchive: "unpack the inner archive first",
	BadArchive:    "copy the archive again or unpack it into a folder",
	PDFNotScan:    "export the scanned pictures instead",
	Unreadable:    "check the file's permissions and the disk",
	Unreachable:   "mend the network or the right to read there, and start again",
}

// ReasonOf gives the reason of the first Error in err's chain, or "" where there is none.
func ReasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

// refusal is an error that knows its reason but not yet the name of the file and the page it happened in.
type refusal struct {
	reason Reason
	err    error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func refuse(reason Reason, format string, args ...any) error {
	return &refusal{reason: reason, err: fmt.Errorf(format, args...)}
}

// wrap turns any error of a decoder into an *Error. An end of data where more was due is a truncation, whatever the decoder
// calls it; everything else without a reason of its own is damage.
func wrap(op, name string, page int, err error) error {
	if err == nil {
		return nil
	}
	var done *Error
	if errors.As(err, &done) {
		return done
	}
	reason := Corrupt
	var r *refusal
	switch {
	case errors.As(err, &r):
		reason = r.reason
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		reason = Truncated
	}
	return &Error{Op: op, Name: name, Page: page, Reason: reason, Err: err}
}
