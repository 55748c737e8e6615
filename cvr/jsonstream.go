package cvr

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// jsonStream walks a JSON file: the members of its objects and the elements of its arrays one at a time, so that a file
// of any size takes the memory of its largest element.
type jsonStream struct {
	entry *entry
	meter *meter
	dec   *json.Decoder
	start int64 // where the value last read begins, or the separator before it
}

func newJSONStream(e *entry, r io.Reader) *jsonStream {
	m := newMeter(transform.NewReader(r, unicode.BOMOverride(transform.Nop)))
	return &jsonStream{entry: e, meter: m, dec: json.NewDecoder(m)}
}

// open takes the opening brace or bracket.
func (s *jsonStream) open(want json.Delim, where string) error {
	s.meter.reset()
	t, err := s.dec.Token()
	if err != nil {
		return s.fail(where, err)
	}
	if t != want {
		what := "an object"
		if want == '[' {
			what = "a list"
		}
		return s.fail(where, fmt.Errorf("%s is wanted here", what))
	}
	return nil
}

// object calls each for every member; each must take the value.
func (s *jsonStream) object(each func(key string) error) error {
	if err := s.open('{', ""); err != nil {
		return err
	}
	for s.dec.More() {
		s.meter.reset()
		t, err := s.dec.Token()
		if err != nil {
			return s.fail("", err)
		}
		key, ok := t.(string)
		if !ok {
			return s.fail("", fmt.Errorf("a name is wanted here"))
		}
		if err := each(key); err != nil {
			return err
		}
	}
	return s.shut("")
}

// array calls each for every element; each must take the value.
func (s *jsonStream) array(where string, each func(where string) error) error {
	if err := s.open('[', where); err != nil {
		return err
	}
	for i := 0; s.dec.More(); i++ {
		if err := each(where + "[" + strconv.Itoa(i) + "]"); err != nil {
			return err
		}
	}
	return s.shut(where)
}

func (s *jsonStream) shut(where string) error {
	s.meter.reset()
	if _, err := s.dec.Token(); err != nil {
		return s.fail(where, err)
	}
	return nil
}

// end checks that nothing stands after the value.
func (s *jsonStream) end() error {
	s.meter.reset()
	if _, err := s.dec.Token(); !errors.Is(err, io.EOF) {
		return s.fail("", errors.New("more stands after the end"))
	}
	return nil
}

// value reads the next value.
func (s *jsonStream) value(where string, into any) error {
	s.meter.reset()
	s.start = s.dec.InputOffset()
	if err := s.dec.Decode(into); err != nil {
		return s.fail(where, err)
	}
	return nil
}

// skip passes over the next value; the elements of a list one at a time.
func (s *jsonStream) skip(where string) error {
	var nothing struct{}
	err := s.value(where, &nothing)
	var re *ReadError
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &re) && errors.As(re.Err, &wrong) {
		return nil // a value, if no object
	}
	return err
}

// fail gives an error its place: the path, and the line and column of the file, which is read again up to there.
func (s *jsonStream) fail(where string, err error) error {
	var re *ReadError
	if errors.As(err, &re) {
		return re
	}
	offset, detail := s.begin(), err.Error()
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &ReadError{File: s.entry.name, Path: where, Detail: "ends in the middle", Mend: "copy or export the file again", Err: io.ErrUnexpectedEOF}
	case errors.As(err, &syntax):
		offset = s.fault(offset, syntax)
		detail = strings.TrimPrefix(detail, "json: ")
	case errors.As(err, &wrong):
		if wrong.Field != "" {
			where += "." + wrong.Field
		}
		detail = fmt.Sprintf("a %s stands where a %s is wanted", wrong.Value, wrong.Type)
	}
	line, column := s.position(offset)
	return &ReadError{File: s.entry.name, Line: line, Column: column, Path: where, Detail: detail, Mend: "export the file again, or mend the place", Err: err}
}

// again reads the file anew from a byte on.
func (s *jsonStream) again(offset int64, read func(*bufio.Reader)) {
	r, err := s.entry.open()
	if err != nil {
		return
	}
	defer r.Close()
	b := bufio.NewReader(newMeter(transform.NewReader(r, unicode.BOMOverride(transform.Nop))))
	for offset > 0 {
		n, err := b.Discard(int(min(offset, maxRecordBytes/2)))
		if offset -= int64(n); err != nil {
			return
		}
	}
	read(b)
}

// begin is where the value last read begins.
func (s *jsonStream) begin() int64 {
	at := s.start
	s.again(at, func(b *bufio.Reader) {
		for {
			c, err := b.ReadByte()
			if err != nil || !strings.ContainsRune(" \t\r\n,:", rune(c)) {
				return
			}
			at++
		}
	})
	return at
}

// fault is the byte at which the value that begins at a byte is no JSON. The decoder's own count leaves out what lies
// between the values, so the value is read alone.
func (s *jsonStream) fault(begin int64, first *json.SyntaxError) int64 {
	at := max(s.dec.InputOffset(), first.Offset)
	s.again(begin, func(b *bufio.Reader) {
		var raw json.RawMessage
		var syntax *json.SyntaxError
		if errors.As(json.NewDecoder(b).Decode(&raw), &syntax) {
			at = begin + max(syntax.Offset-1, 0)
		}
	})
	return at
}

// position is the line and column of a byte, both from 1, or 0 where the file cannot be read again.
func (s *jsonStream) position(offset int64) (line, column int) {
	r, err := s.entry.open()
	if err != nil {
		return 0, 0
	}
	defer r.Close()
	in := transform.NewReader(io.Reader(r), unicode.BOMOverride(transform.Nop))
	buf := make([]byte, 64<<10)
	line, column = 1, 1
	for offset > 0 {
		n, err := in.Read(buf[:min(offset, int64(len(buf)))])
		for _, b := range buf[:n] {
			if column++; b == '\n' {
				line, column = line+1, 1
			}
		}
		if offset -= int64(n); err != nil || n == 0 {
			break
		}
	}
	return line, column
}
