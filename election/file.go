package election

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// MaxFile is the largest definition file read, in bytes. The largest real definition seen, 191 styles, would be 8 MB.
const MaxFile = 64 << 20

// maxDepth is how deep a definition may nest; the format itself needs nine levels, the rest is for notes.
const maxDepth = 64

// maxValues is how many JSON values a definition may hold: 600,000 targets of eight. A file of nothing but zeros would
// otherwise take thirty times its size in memory.
const maxValues = 5_000_000

// Load reads and checks a definition file. A file that is wrong gives a *Problems.
func Load(path string) (*Election, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open election definition: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read election definition %s: %w", path, err)
	}
	return Parse(path, data)
}

// Parse checks the bytes of a definition file and decodes them; name is used in errors only. Everything wrong is reported
// at once, as a *Problems.
func Parse(name string, data []byte) (*Election, error) {
	p := &Problems{File: name}
	if len(data) > MaxFile {
		p.add("", fmt.Sprintf("the file is larger than %d MiB", MaxFile>>20), "is it an election definition?")
		return nil, p
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		p.add("", "the file is not UTF-8 text", "save it as UTF-8")
		return nil, p
	}
	if where, err := checkJSON(data); err != nil {
		p.add(where, err.Error(), "")
		return nil, p
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		p.add("", err.Error(), "")
		return nil, p
	}
	if err := checkSchema(doc, p); err != nil {
		return nil, fmt.Errorf("%s: check against the schema: %w", name, err)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	e := new(Election)
	if err := json.Unmarshal(data, e); err != nil {
		p.add("", err.Error(), "")
		return nil, p
	}
	e.resolve()
	e.check(p)
	if err := p.err(); err != nil {
		return nil, err
	}
	return e, nil
}

// Check reports everything that is wrong with a definition made in memory, as Parse does for a file.
func (e *Election) Check() error {
	data, err := e.bytes()
	if err != nil {
		return err
	}
	_, err = Parse("election definition", data)
	return err
}

// Write checks the definition and writes it: to a temporary file beside path, synced, then renamed over it. The same
// definition gives the same bytes.
func (e *Election) Write(path string) error {
	data, err := e.bytes()
	if err != nil {
		return fmt.Errorf("write election definition %s: %w", path, err)
	}
	if _, err := Parse(path, data); err != nil {
		return fmt.Errorf("write election definition: %w", err)
	}
	if err := WriteFile(path, data); err != nil {
		return fmt.Errorf("write election definition: %w", err)
	}
	return nil
}

// Hash is the SHA-256 of the definition's canonical bytes, those that Write writes, in lower-case hex. It does not depend
// on how the file was indented.
func (e *Election) Hash() string {
	data, err := e.bytes()
	if err != nil {
		// Only notes that are no JSON can do this; Parse lets none through. Name the definition by what can be written.
		c := *e
		c.Notes = nil
		if data, err = c.bytes(); err != nil {
			return ""
		}
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// bytes are the definition's canonical bytes.
func (e *Election) bytes() ([]byte, error) {
	c := *e
	if c.Format == 0 {
		c.Format = Format
	}
	// A page without targets is written [], which the schema asks for, and not null.
	c.Styles = slices.Clone(c.Styles)
	for i := range c.Styles {
		s := &c.Styles[i]
		s.Pages = slices.Clone(s.Pages)
		for j := range s.Pages {
			if s.Pages[j].Targets == nil {
				s.Pages[j].Targets = []Target{}
			}
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(&c); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// checkJSON refuses what a JSON reader would pass over in silence: a key given twice in one object (the last would win),
// text after the end, and nesting without bound. It gives the place as a JSON pointer.
func checkJSON(data []byte) (where string, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	w := walker{d: d}
	if err := w.value(); err != nil {
		return pointer(w.path), place(data, d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", place(data, d.InputOffset(), errors.New("text after the end of the definition"))
	}
	return "", nil
}

// walker reads a JSON text without building it. path is where it stands; after an error it is where that was.
type walker struct {
	d      *json.Decoder
	path   []string
	values int
}

// value reads one value and everything in it.
func (w *walker) value() error {
	d := w.d
	if len(w.path) > maxDepth {
		return fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	if w.values++; w.values > maxValues {
		return fmt.Errorf("more than %d values; split the election", maxValues)
	}
	t, err := d.Token()
	if err != nil {
		return err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for i := 0; d.More(); i++ {
		key := strconv.Itoa(i)
		if delim == '{' {
			k, err := d.Token()
			if err != nil {
				return err
			}
			key, _ = k.(string) // a JSON object's keys are strings; the decoder refuses others
		}
		w.path = append(w.path, key)
		if delim == '{' {
			if seen[key] {
				return errors.New("given twice; keep one")
			}
			seen[key] = true
		}
		if err := w.value(); err != nil {
			return err
		}
		w.path = w.path[:len(w.path)-1]
	}
	_, err = d.Token()
	return err
}

// place adds line and column to an error of the JSON reader.
func place(data []byte, offset int64, err error) error {
	if errors.Is(err, io.EOF) {
		err = errors.New("the file ends too early")
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	head := string(data[:min(max(offset, 0), int64(len(data)))])
	line := 1 + strings.Count(head, "\n")
	column := len(head) - strings.LastIndexByte(head, '\n')
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}
