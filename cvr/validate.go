package cvr

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed schema/NIST_V0_cast_vote_records.json
var nistSchema []byte

// Bounds of a report being validated.
const (
	maxReport = 64 << 30 // bytes of the whole
	maxFaults = 100      // problems told of one report
)

// schemas are the published schema's two classes that Validate checks against, and what its refTypes say.
type schemas struct {
	report, record *jsonschema.Schema
	refs           map[string]map[string][]string // class -> property -> classes it may point to
}

const schemaURL = "https://recount.invalid/schema/nist-1500-103.json"

var compiled = sync.OnceValues(func() (*schemas, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(nistSchema))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(noLoader{})
	if err := c.AddResource(schemaURL, doc); err != nil {
		return nil, err
	}
	s := &schemas{}
	if s.report, err = c.Compile(schemaURL); err != nil {
		return nil, err
	}
	if s.record, err = c.Compile(schemaURL + "#/definitions/CVR.CVR"); err != nil {
		return nil, err
	}
	s.refs, err = refTypes(nistSchema)
	return s, err
})

// noLoader refuses to fetch: the schema is whole.
type noLoader struct{}

// Load always fails.
func (noLoader) Load(url string) (any, error) { return nil, errors.New("the schema names " + url) }

// Invalid is the error of a report that is not valid: every fault found, at most 100, each with the path inside the report.
type Invalid struct {
	Faults []string
	More   bool // true where the list was cut
}

// Error gives every fault, one a line.
func (v *Invalid) Error() string {
	s := fmt.Sprintf("not a valid NIST SP 1500-103 report, %d faults", len(v.Faults))
	if v.More {
		s += " and more"
	}
	return s + ":\n  " + strings.Join(v.Faults, "\n  ")
}

// Validate checks a report against the published NIST SP 1500-103 version 1.0 schema and then what the schema cannot
// check: that every @id stands once and every reference leads to a thing of the right class, a snapshot of the same CVR,
// a selection of the same contest. It reads the report as a stream, one CVR at a time; memory grows only with the number
// of @ids. A report that is not valid gives an *Invalid.
func Validate(r io.Reader) error {
	s, err := compiled()
	if err != nil {
		return fmt.Errorf("compile the NIST schema: %w", err)
	}
	v := &validation{schemas: s, refs: newReferences(s.refs), bad: &Invalid{}, printer: message.NewPrinter(language.English)}
	v.refs.fault = v.fault
	d := json.NewDecoder(io.LimitReader(r, maxReport))
	d.UseNumber()
	if err := v.read(d); err != nil {
		v.fault("", fmt.Sprintf("%v (at byte %d)", err, d.InputOffset()))
	} else {
		v.refs.resolve()
	}
	if len(v.bad.Faults) == 0 {
		return nil
	}
	return v.bad
}

// validation is one report being checked.
type validation struct {
	*schemas
	refs    *references
	bad     *Invalid
	printer *message.Printer
}

func (v *validation) fault(where, what string) {
	if len(v.bad.Faults) >= maxFaults {
		v.bad.More = true
		return
	}
	if where != "" {
		what = where + ": " + what
	}
	v.bad.Faults = append(v.bad.Faults, plain(what))
}

// plain makes text out of a report fit for a person's terminal: no control characters, and not longer than a few lines.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.C, r) {
			return '\uFFFD'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 400 {
		return string(r[:400]) + "..."
	}
	return s
}

// read walks the report's top level, and checks CVRs as they come and the rest at the end.
func (v *validation) read(d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return ended(err)
	}
	if t != json.Delim('{') {
		return errors.New("a report is one JSON object")
	}
	top := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return ended(err)
		}
		key, _ := t.(string) // the decoder gives strings only for an object's keys
		if _, twice := top[key]; twice {
			return fmt.Errorf("%q stands twice in the report", key)
		}
		top[key] = []any{}
		if key != "CVR" {
			var value any
			if err := d.Decode(&value); err != nil {
				return ended(err)
			}
			top[key] = value
			continue
		}
		if err := v.records(d); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return ended(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the end of the report")
	}
	v.against(v.report, top, "")
	v.refs.walk(top, "", "")
	return nil
}

// records checks the CVR array, one record at a time.
func (v *validation) records(d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return ended(err)
	}
	if t != json.Delim('[') {
		return errors.New("/CVR must be an array")
	}
	for i := 0; d.More(); i++ {
		var value any
		if err := d.Decode(&value); err != nil {
			return ended(err)
		}
		at := fmt.Sprintf("/CVR/%d", i)
		v.against(v.record, value, at)
		v.refs.record(value, at)
		if v.bad.More {
			return nil // enough is known; the rest of the file is of no use
		}
	}
	_, err = d.Token()
	return ended(err)
}

// ended says a cut file in words.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the report ends too early")
	}
	return err
}

// against checks a value against one class of the schema.
func (v *validation) against(s *jsonschema.Schema, value any, at string) {
	var bad *jsonschema.ValidationError
	if err := s.Validate(value); errors.As(err, &bad) {
		var found []string
		for _, leaf := range leaves(bad) {
			found = append(found, at+pointer(leaf.InstanceLocation)+": "+leaf.ErrorKind.LocalizedString(v.printer))
		}
		slices.Sort(found) // the library walks objects in map order
		for _, f := range slices.Compact(found) {
			v.fault("", f)
		}
	} else if err != nil {
		v.fault(at, err.Error())
	}
}

// leaves are the innermost causes of a validation error. Of a choice between classes only the class that the value says
// it is counts: that it is none of the others is no news.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		if k, ok := e.ErrorKind.(*kind.AdditionalProperties); ok {
			slices.Sort(k.Properties) // they come in map order
		}
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	_, choice := e.ErrorKind.(*kind.OneOf)
	for _, c := range e.Causes {
		under := leaves(c)
		if choice && !slices.ContainsFunc(under, func(l *jsonschema.ValidationError) bool { return aboutType(l, e) }) {
			return under
		}
		all = append(all, under...)
	}
	if choice {
		return slices.DeleteFunc(all, func(l *jsonschema.ValidationError) bool { return !aboutType(l, e) })
	}
	return all
}

// aboutType says whether the leaf is the @type of the value that e is about.
func aboutType(leaf, e *jsonschema.ValidationError) bool {
	n := len(e.InstanceLocation)
	return len(leaf.InstanceLocation) == n+1 && leaf.InstanceLocation[n] == "@type"
}

// pointer writes a path inside the report as RFC 6901 does.
func pointer(path []string) string {
	var b strings.Builder
	for _, s := range path {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1"))
	}
	return b.String()
}
