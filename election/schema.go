package election

import (
	"bytes"
	_ "embed"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed schema.json
var schemaJSON []byte

// schemaURL is the schema's own name. The host cannot exist, so nothing is ever fetched from it.
const schemaURL = "https://recount.invalid/schema/election-1.json"

// Schema is the published JSON Schema (2020-12) of the definition file.
func Schema() []byte { return slices.Clone(schemaJSON) }

// compiled is the schema ready for use; it is the same for every file.
var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(noLoader{})
	if err := c.AddResource(schemaURL, doc); err != nil {
		return nil, err
	}
	return c.Compile(schemaURL)
})

// noLoader refuses to fetch: the schema is whole.
type noLoader struct{}

// Load always fails.
func (noLoader) Load(url string) (any, error) { return nil, errors.New("the schema names " + url) }

// checkSchema adds what the schema finds wrong with a decoded document.
func checkSchema(doc any, p *Problems) error {
	s, err := compiled()
	if err != nil {
		return err
	}
	err = s.Validate(doc)
	var v *jsonschema.ValidationError
	if errors.As(err, &v) {
		leaves(v, message.NewPrinter(language.English), p)
		// The library walks objects in map order; people and tests want one order.
		slices.SortStableFunc(p.List, func(a, b Problem) int {
			return strings.Compare(a.Where+"\x00"+a.What, b.Where+"\x00"+b.What)
		})
		return nil
	}
	return err
}

// leaves adds the innermost causes: the outer ones only say that something inside is wrong.
func leaves(v *jsonschema.ValidationError, printer *message.Printer, p *Problems) {
	if len(v.Causes) == 0 {
		if k, ok := v.ErrorKind.(*kind.AdditionalProperties); ok {
			slices.Sort(k.Properties) // they come in map order
		}
		p.add(pointer(v.InstanceLocation), v.ErrorKind.LocalizedString(printer), "")
		return
	}
	for _, c := range v.Causes {
		leaves(c, printer, p)
	}
}

// pointer writes a path inside a JSON document the way RFC 6901 does; the whole document is "/".
func pointer(path []string) string {
	if len(path) == 0 {
		return "/"
	}
	var b strings.Builder
	for _, s := range path {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1"))
	}
	return b.String()
}
