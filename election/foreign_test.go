package election

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPlainIDIsTheExpressionItStandsFor(t *testing.T) {
	want := regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}_-]{0,109}$`)
	for _, id := range []string{"", "a", "7", "_a", "-a", "a_b-c", "a b", "a.b", "a\n", "é", "ß-Ⅷ", "a\xff", "\xff", "a\ufffd", "日本-1", "½",
		strings.Repeat("é", 110), strings.Repeat("é", 111), "a" + strings.Repeat("_", 109), "a" + strings.Repeat("-", 110)} {
		assert.Equal(t, want.MatchString(id), plainID(id), "%q", id)
	}
}
