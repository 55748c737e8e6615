package cvr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text is a string, number or boolean taken as text; null is empty.
type text string

// UnmarshalJSON takes any plain value.
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) > 1 && b[0] == '"' && bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b):
		*t = text(bytes.TrimSpace(b[1 : len(b)-1])) // as nearly all are
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(strings.TrimSpace(s))
	case string(b) == "null":
		*t = ""
	case len(b) > 0 && (b[0] == '{' || b[0] == '['):
		return wrongType(b, "plain value")
	default:
		*t = text(b)
	}
	return nil
}

// number is a whole number, also in quotation marks or with .0; set says that there is one.
type number struct {
	n   int
	set bool
}

// UnmarshalJSON takes a number or a string that holds one.
func (n *number) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && len(b) < 10 {
		if v := smallest(b); v >= 0 {
			*n = number{v, true}
			return nil
		}
	}
	var t text
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	s := string(t)
	if s == "" {
		return nil
	}
	if whole, zeros, ok := strings.Cut(s, "."); ok && strings.Trim(zeros, "0") == "" {
		s = whole
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < 0 || v > 1_000_000_000 {
		return wrongType(b, "whole number")
	}
	*n = number{v, true}
	return nil
}

// smallest reads plain digits, or gives -1.
func smallest(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// many is a list, or one value alone where a list is wanted.
type many[T any] []T

// UnmarshalJSON takes a list or a single value.
func (m *many[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]T)(m))
	}
	if string(b) == "null" {
		return nil
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*m = many[T]{one}
	return nil
}

// misfit is a value of the wrong type.
type misfit struct{ got, want string }

func (m misfit) Error() string {
	return fmt.Sprintf("%s stands where a %s is wanted", m.got, m.want)
}

func wrongType(b []byte, want string) error {
	s := string(b)
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return misfit{strings.ToValidUTF8(s, "?"), want}
}
