package cvr

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// decisionColumns are a log's columns where it is a table; they may stand in any order, and those that a decision need not have
// may be missing.
var decisionColumns = []string{"image", "sha256", "contest", "choice", "party", "rank", "answer", "before", "reason", "who", "when"}

var decisionNeeds = []string{"image", "contest", "choice", "answer", "reason", "who"}

// ReadDecisions reads a log of decisions: a JSON object a line, as WriteDecision writes them, or a CSV with a header of the same
// names. Nothing is passed over: an entry that cannot be read is an error, which is a *ReadError with its line, for a decision that
// is lost is a vote that is lost. A last line without its end is one that was being written: an error too.
func ReadDecisions(name string, r io.Reader) ([]Decision, error) {
	b := bufio.NewReaderSize(r, maxDecisionLine)
	bom, _ := b.Peek(3)
	if bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3)
	}
	first, err := b.Peek(1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &ReadError{File: name, Detail: "cannot be read (" + err.Error() + ")", Mend: "copy it to this computer first", Err: err}
	}
	if len(first) == 0 {
		return nil, nil // a log without an entry yet
	}
	if first[0] == '{' {
		return readDecisionLines(name, b)
	}
	return readDecisionTable(name, b)
}

func readDecisionLines(name string, b *bufio.Reader) ([]Decision, error) {
	var out []Decision
	for n := 1; ; n++ {
		line, err := b.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF) && len(line) == 0:
			return out, nil
		case errors.Is(err, io.EOF):
			return nil, &ReadError{File: name, Line: n, Detail: "the entry's line does not end", Mend: "if it is whole, put a line break after it; if it was cut off, decide it again"}
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, &ReadError{File: name, Line: n, Detail: fmt.Sprintf("is longer than %d bytes", maxDecisionLine), Mend: "give one entry a line"}
		case err != nil:
			return nil, &ReadError{File: name, Line: n, Detail: "cannot be read (" + err.Error() + ")", Mend: "copy it to this computer first", Err: err}
		}
		if len(out) >= maxDecisions {
			return nil, tooManyDecisions(name, n)
		}
		d, err := parseDecision(line)
		if err != nil {
			return nil, &ReadError{File: name, Line: n, Detail: err.Error(), Mend: "write the entry as docs/OUTPUT.md says", Err: err}
		}
		d.Line = n
		out = append(out, d)
	}
}

func tooManyDecisions(name string, line int) error {
	return &ReadError{File: name, Line: line, Detail: fmt.Sprintf("more than %d entries", maxDecisions), Mend: "decide a run of this size in parts"}
}

func readDecisionTable(name string, r io.Reader) ([]Decision, error) {
	fail := func(err error) error {
		var re *ReadError
		if errors.As(err, &re) {
			re.File = name
			return re
		}
		return &ReadError{File: name, Detail: err.Error(), Mend: "give a table or JSON lines as docs/OUTPUT.md says", Err: err}
	}
	t, err := newTable(r, false)
	if err != nil {
		return nil, fail(err)
	}
	head, err := t.next()
	if err != nil {
		return nil, fail(err)
	}
	at := map[string]int{}
	for i, h := range head {
		h = strings.ToLower(h)
		_, twice := at[h]
		if !slices.Contains(decisionColumns, h) || twice {
			return nil, &ReadError{File: name, Line: t.line, Column: i + 1, Detail: fmt.Sprintf("column %.40q is none of a log's, or stands twice", h), Mend: "the columns are " + strings.Join(decisionColumns, ",")}
		}
		at[h] = i
	}
	for _, h := range decisionNeeds {
		if _, ok := at[h]; !ok {
			return nil, &ReadError{File: name, Line: t.line, Detail: fmt.Sprintf("column %q is missing", h), Mend: "the columns are " + strings.Join(decisionColumns, ",")}
		}
	}
	wide := len(head)
	var out []Decision
	for {
		f, err := t.next()
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fail(err)
		case len(f) != wide:
			return nil, &ReadError{File: name, Line: t.line, Detail: fmt.Sprintf("has %d fields, the header %d", len(f), wide), Mend: "put quotation marks around a field that holds a comma"}
		case len(out) >= maxDecisions:
			return nil, tooManyDecisions(name, t.line)
		}
		get := func(column string) string {
			if i, ok := at[column]; ok {
				return f[i]
			}
			return ""
		}
		d := Decision{Image: get("image"), SHA256: get("sha256"), Contest: get("contest"), Choice: get("choice"), Party: get("party"), Answer: get("answer"), Before: get("before"),
			Reason: get("reason"), Who: get("who"), When: get("when"), Line: t.line}
		if n := get("rank"); n != "" {
			if d.Rank, err = strconv.Atoi(n); err != nil {
				err = fmt.Errorf("rank %.40q is none", n)
			}
		}
		if err == nil {
			err = d.Check()
		}
		if err != nil {
			return nil, &ReadError{File: name, Line: t.line, Detail: err.Error(), Mend: "write the entry as docs/OUTPUT.md says", Err: err}
		}
		out = append(out, d)
	}
}
