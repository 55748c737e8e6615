package batch

import (
	"errors"
	"io/fs"

	"recount/scanner"
)

// reasonText is why a file or page was refused, typed reason first, without the names and paths that stand in other
// columns or differ from machine to machine.
func reasonText(err error) string {
	var s *scanner.Error
	if errors.As(err, &s) {
		text := string(s.Reason)
		if s.Err != nil {
			text += ": " + pathless(s.Err)
		}
		return text
	}
	return pathless(err)
}

// pathless is an error's text without the path of this machine.
func pathless(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// wholeFile says whether an error is the file's: how many pages it has is not certain then, so none is read. An error of
// one page leaves the others in their places.
func wholeFile(err error) bool {
	var s *scanner.Error
	return !errors.As(err, &s) || s.Page == 0
}
