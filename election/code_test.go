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
		{"barcode", `"code": {"kind": "barcode", "value": "6974663a3432", "mask": "10"}, `, ""},
		{"barcode without symbology", `"code": {"kind": "barcode", "value": "3432"}, `, "is not a symbology, a colon and a text"},
		{"mask too short", `"code": {"kind": "qr", "value": "56500140", "mask": "111"}, `, "/styles/0/pages/0/code/mask: the mask has 3 digits for a text of 4 characters"},
		{"mask of nothing", `"code": {"kind": "qr", "value": "56500140", "mask": "0000"}, `, "asks for no character"},
		{"mask of a row", `"code": {"kind": "accuvote", "value": "800180e2", "mask": "1111"}, `, "only a barcode and a QR code have a mask"},
		{"mask of letters", `"code": {"kind": "qr", "value": "5650", "mask": "1x"}, `, "/styles/0/pages/0/code/mask"},
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

func TestSameCode(t *testing.T) {
	bar := func(text, mask string) *Code {
		return &Code{Kind: "barcode", Value: BarcodeValue("itf", text), Mask: mask}
	}
	for _, row := range []struct {
		name string
		a, b *Code
		want bool
	}{
		{"none", nil, nil, false},
		{"one", bar("123456", ""), nil, false},
		{"equal", bar("123456", ""), bar("123456", ""), true},
		{"unlike", bar("123456", ""), bar("123457", ""), false},
		{"unlike where the mask asks", bar("123456", "001111"), bar("123457", ""), false},
		{"unlike where it does not", bar("123456", "111110"), bar("123457", ""), true},
		{"unlike where the other does not", bar("123456", ""), bar("123457", "111110"), true},
		{"unlike where one of two masks does not", bar("123456", "111111"), bar("123457", "111110"), true},
		{"longer", bar("123456", "111110"), bar("12345678", ""), false},
		{"another symbology", bar("123456", "111110"), &Code{Kind: "barcode", Value: BarcodeValue("code39", "123456")}, false},
		{"another kind", bar("123456", ""), &Code{Kind: "qr", Value: BarcodeValue("itf", "123456")}, false},
		{"payloads with a mask", &Code{Kind: "qr", Value: "ab01", Mask: "10"}, &Code{Kind: "qr", Value: "ab02"}, true},
		{"no text at all", &Code{Kind: "barcode", Value: "zz", Mask: "1"}, bar("123456", ""), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.want, row.a.Same(row.b))
			assert.Equal(t, row.want, row.b.Same(row.a))
		})
	}
	symbology, text, ok := bar("0042", "").Barcode()
	assert.True(t, ok)
	assert.Equal(t, [2]string{"itf", "0042"}, [2]string{symbology, text})
	_, _, ok = (*Code)(nil).Barcode()
	assert.False(t, ok)
}
