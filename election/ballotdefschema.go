package election

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// The schema is NIST's own, a work of the United States government without copyright there; unchanged.
//
//go:embed nist/NIST_V1_ballot_definition.json
var ballotDefinitionJSON []byte

const ballotDefinitionURL = "https://recount.invalid/schema/nist-1500-20.json"

var ballotDefinitionSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(ballotDefinitionJSON))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(noLoader{})
	if err := c.AddResource(ballotDefinitionURL, doc); err != nil {
		return nil, err
	}
	return c.Compile(ballotDefinitionURL)
})

// CheckBallotDefinition holds a file against the published schema of NIST SP 1500-20; what is wrong comes as a *Problems.
func CheckBallotDefinition(name string, data []byte) error {
	p := &Problems{File: name}
	s, err := ballotDefinitionSchema()
	if err != nil {
		return fmt.Errorf("%s: schema of NIST SP 1500-20: %w", name, err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		p.add("", err.Error(), "")
		return p
	}
	err = s.Validate(doc)
	var v *jsonschema.ValidationError
	if errors.As(err, &v) {
		leaves(v, message.NewPrinter(language.English), p)
		slices.SortStableFunc(p.List, func(a, b Problem) int { return strings.Compare(a.Where+"\x00"+a.What, b.Where+"\x00"+b.What) })
		return p
	}
	return err
}
