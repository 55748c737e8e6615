package election

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A page's printed code is optional, kept as it is, and refused where its kind cannot have such a value.
func TestPageCode(t *testing.T) {
	for _, row := range []struct{ name, code, want string }{
		{"none", ``, ""},
		{"accuvote", `"code": {"kind": "accuvote", "value": "800180e2"}, `, ""},
		{"qr", `"code": {"kind": "qr", "value": "56500140"}, `, ""},
		{"kind unknown", `"code": {"kind": "runes", "value": "56500140"}, `, "/styles/0/pages/0/code/kind"},
		{"no value", `"code": {"kind": "qr"}, `, "/styles/0/pages/0/code"},
		{"capital letters", `"code": {"kind": "qr", "value": "AB"}, `, "/styles/0/pages/0/code/value"},
		{"half a byte", `"code": {"kind": "qr", "value": "abc"}, `, "/styles/0/pages/0/code/value"},
		{"too long", `"code": {"kind": "qr", "value": "` + strings.Repeat("ab", 5000) + `"}, `, "/styles/0/pages/0/code/value"},
		{"not 32 bits", `"code": {"kind": "accuvote", "value": "8001"}, `, `/styles/0/pages/0/code/value: "8001" is not 32 bits`},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := strings.Replace(goodText(), `"page": 1, `, `"page": 1, `+row.code, 1)
			e, err := Parse("election.json", []byte(text))
			if row.want != "" {
				require.ErrorContains(t, err, row.want)
				return
			}
			require.NoError(t, err)
			data, err := e.bytes()
			require.NoError(t, err)
			assert.Equal(t, row.code != "", strings.Contains(string(data), `"code"`))
			again, err := Parse("election.json", data)
			require.NoError(t, err)
			assert.Equal(t, e.Styles, again.Styles)
		})
	}
}
