package election

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestProblemsInOneOrder holds what the fuzzer found: fields the schema does not know were told in map order.
func TestProblemsInOneOrder(t *testing.T) {
	for range 20 {
		_, err := Parse("f", []byte(`{"b":1,"a":1,"d\u001b[2J":1,"c":1}`))
		assert.ErrorContains(t, err, `additional properties 'a', 'b', 'c', 'd\x1b[2J' not allowed`)
	}
	_, err := Parse("f", []byte(`{"a\u001b[2J":{"b":1,"b":1}}`))
	assert.ErrorContains(t, err, "f: /a\uFFFD[2J/b: line 1", "a file's bytes do not steer the terminal")
}
