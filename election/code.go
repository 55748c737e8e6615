package election

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// Same says whether two codes are one: of one kind, and saying the same wherever the masks of both ask.
func (c *Code) Same(o *Code) bool {
	if c == nil || o == nil || c.Kind != o.Kind {
		return false
	}
	if c.Value == o.Value || c.Mask == "" && o.Mask == "" {
		return c.Value == o.Value
	}
	a, errA := c.text()
	b, errB := o.text()
	if errA != nil || errB != nil || a.symbology != b.symbology || len(a.text) != len(b.text) {
		return false
	}
	for i := range len(a.text) {
		if counts(c.Mask, i) && counts(o.Mask, i) && a.text[i] != b.text[i] {
			return false
		}
	}
	return true
}

// counts says whether a mask asks for the character at i.
func counts(mask string, i int) bool { return i >= len(mask) || mask[i] != '0' }

// codeText is what a code says, as printed; symbology is empty for all but barcodes.
type codeText struct{ symbology, text string }

func (c *Code) text() (codeText, error) {
	b, err := hex.DecodeString(c.Value)
	if err != nil {
		return codeText{}, fmt.Errorf("%q is not written in hex digits", c.Value)
	}
	if c.Kind != "barcode" {
		return codeText{text: string(b)}, nil
	}
	symbology, text, ok := strings.Cut(string(b), ":")
	if !ok || symbology == "" || text == "" {
		return codeText{}, fmt.Errorf("%q is not a symbology, a colon and a text", b)
	}
	return codeText{symbology, text}, nil
}

// Barcode is a barcode's symbology ("itf", "code128" and so on) and text. ok is false where the code is none.
func (c *Code) Barcode() (symbology, text string, ok bool) {
	if c == nil || c.Kind != "barcode" {
		return "", "", false
	}
	t, err := c.text()
	return t.symbology, t.text, err == nil
}

// BarcodeValue is the Value of a barcode's code.
func BarcodeValue(symbology, text string) string {
	return hex.EncodeToString([]byte(symbology + ":" + text))
}

// checkMask refuses a mask that does not fit the value.
func (c *Code) checkMask(at string, p *Problems) {
	t, err := c.text()
	if c.Kind == "barcode" && err != nil {
		p.add(at+"/value", err.Error(), `a barcode's value is "symbology:text", each byte as two hex digits`)
		return
	}
	switch {
	case c.Mask == "":
	case c.Kind != "barcode" && c.Kind != "qr":
		p.add(at+"/mask", "only a barcode and a QR code have a mask", "take it out")
	case err != nil || len(c.Mask) != len(t.text):
		p.add(at+"/mask", fmt.Sprintf("the mask has %d digits for a text of %d characters", len(c.Mask), len(t.text)), "give one digit for each character")
	case !strings.Contains(c.Mask, "1"):
		p.add(at+"/mask", "the mask asks for no character", "take the code out of the definition, or say which characters count")
	}
}
