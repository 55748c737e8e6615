package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"slices"

	"recount/election"
)

// CodeRequest says which printed code New shall take from the blanks. Rows of AccuVote marks and QR codes are found
// unasked; barcodes, of which some are serial numbers, and marks at given places are not.
type CodeRequest struct {
	// Kind is "barcode", "bits", "qr", "accuvote" or "none": no code, where the one that is found differs from sheet to sheet.
	Kind string `json:"kind"`
	// Pages are the styles' page numbers that have the code; empty is all.
	Pages []int `json:"pages,omitempty"`
	// Symbology is a barcode's: "itf", "code39", "code93", "code128" or "codabar"; empty is any.
	Symbology string `json:"symbology,omitempty"`
	// Near is a point in inches on the blank: of several barcodes the one whose middle is nearest.
	Near *election.Place `json:"near,omitempty"`
	// Mask is as in election.Code; a barcode asked for has as many characters.
	Mask string `json:"mask,omitempty"`
	// Bits are the places and checks of a code of marks.
	Bits *election.Bits `json:"bits,omitempty"`
}

// mostRequest bounds a code's description, in bytes: 512 places need a tenth.
const mostRequest = 1 << 18

// ReadCodeRequest reads a code's description, one JSON object as CodeRequest, from a file.
func ReadCodeRequest(file string) (CodeRequest, error) {
	f, err := os.Open(file)
	if err != nil {
		return CodeRequest{}, fmt.Errorf("code: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostRequest+1))
	if err != nil {
		return CodeRequest{}, fmt.Errorf("code: %w", err)
	}
	r, err := ParseCodeRequest(data)
	if err != nil {
		return CodeRequest{}, fmt.Errorf("code %s: %w", file, err)
	}
	return r, nil
}

// ParseCodeRequest reads a code's description from JSON and checks it.
func ParseCodeRequest(data []byte) (CodeRequest, error) {
	var r CodeRequest
	if len(data) > mostRequest {
		return r, fmt.Errorf("the description is longer than %d bytes", mostRequest)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return CodeRequest{}, fmt.Errorf("the description is not what is expected: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return CodeRequest{}, fmt.Errorf("something follows the description; give one object a file")
	}
	return r, r.check()
}

func (r *CodeRequest) check() error {
	if !slices.Contains([]string{"barcode", "bits", "qr", "accuvote", "none"}, r.Kind) {
		return fmt.Errorf("kind %q is not known: say barcode, bits, qr, accuvote or none", r.Kind)
	}
	for _, p := range r.Pages {
		if p < 1 || p > 99 {
			return fmt.Errorf("page %d: pages of a style count from 1 to 99", p)
		}
	}
	if r.Kind != "barcode" && (r.Symbology != "" || r.Near != nil) {
		return fmt.Errorf("only a barcode has symbology and near")
	}
	if r.Kind != "barcode" && r.Kind != "qr" && r.Mask != "" {
		return fmt.Errorf("only a barcode and a QR code have a mask")
	}
	for _, c := range r.Mask {
		if c != '0' && c != '1' {
			return fmt.Errorf("mask %q: write 1 for each character that counts and 0 for each that does not", shorten(r.Mask))
		}
	}
	if r.Symbology != "" && !slices.ContainsFunc(symbologies, func(s symbology) bool { return s.name == r.Symbology }) {
		return fmt.Errorf("symbology %q is not read here: say code128, code93, itf, code39 or codabar", r.Symbology)
	}
	if (r.Kind == "bits") != (r.Bits != nil) {
		return fmt.Errorf("kind bits, and no other, needs bits: the places where the marks stand")
	}
	if r.Bits != nil {
		return checkPlaces(r.Bits)
	}
	return nil
}

// checkPlaces refuses places that no page has; what remains is checked with the definition.
func checkPlaces(b *election.Bits) error {
	if len(b.Places) < 2 || len(b.Places) > 512 {
		return fmt.Errorf("bits has %d places: give 2 to 512", len(b.Places))
	}
	for i, p := range b.Places {
		if !(p.X >= 0 && p.Y >= 0 && p.X <= 100 && p.Y <= 100) {
			return fmt.Errorf("place %d of bits lies at (%g, %g): give inches from the blank's top left", i, p.X, p.Y)
		}
	}
	if !(b.W > 0.01 && b.H > 0.01 && b.W <= 10 && b.H <= 10) {
		return fmt.Errorf("a mark of %g x %g inches is none: give w and h", b.W, b.H)
	}
	for _, i := range slices.Concat(b.Ones, b.Zeros) {
		if i < 0 || i >= len(b.Places) {
			return fmt.Errorf("there is no place %d: they count from 0 to %d", i, len(b.Places)-1)
		}
	}
	if b.Parity != "" && b.Parity != "even" && b.Parity != "odd" {
		return fmt.Errorf("parity %q: say even or odd, or leave it out", b.Parity)
	}
	return nil
}

// take reads the code asked for off a blank.
func (r *CodeRequest) take(g *image.Gray, dpi float64) (*election.Code, error) {
	switch r.Kind {
	case "none":
		return nil, nil
	case "bits":
		m := markCode{r.Bits}
		v, _, ok := m.find(g, dpi)
		if !ok {
			return nil, fmt.Errorf("the code's marks cannot be read: %s; correct the description, or scan the blank again", m.sayPlaces(g, dpi))
		}
		return &election.Code{Kind: r.Kind, Value: v, Bits: r.Bits}, nil
	case "barcode":
		return r.takeBars(g, dpi)
	}
	v, _, ok := readerOf(&election.Code{Kind: r.Kind}).find(g, dpi)
	if !ok {
		return nil, fmt.Errorf("no code of the kind %s is found; take the description out, or scan the blank again", r.Kind)
	}
	if r.Mask != "" && 2*len(r.Mask) != len(v) {
		return nil, fmt.Errorf("the mask has %d digits, the code's payload %d bytes", len(r.Mask), len(v)/2)
	}
	return &election.Code{Kind: r.Kind, Value: v, Mask: r.Mask}, nil
}

// takeBars picks the barcode asked for among those of the blank. It never guesses between two.
func (r *CodeRequest) takeBars(g *image.Gray, dpi float64) (*election.Code, error) {
	all := barcodes(g, dpi)
	var fit []bars
	for _, b := range all {
		if (r.Symbology == "" || b.symbology == r.Symbology) && (r.Mask == "" || len(b.text) == len(r.Mask)) {
			fit = append(fit, b)
		}
	}
	if r.Near != nil && len(fit) > 1 {
		far := func(b bars) float64 { return math.Hypot((b.at.x0+b.at.x1)/2-r.Near.X, (b.at.y0+b.at.y1)/2-r.Near.Y) }
		fit = []bars{slices.MinFunc(fit, func(a, b bars) int {
			if far(a) < far(b) {
				return -1
			}
			return 1
		})}
	}
	if len(fit) != 1 {
		return nil, fmt.Errorf("%d of the page's barcodes are what the description asks for (the page has %s); add symbology, mask or near, or scan the blank again",
			len(fit), sayBars(all))
	}
	return &election.Code{Kind: r.Kind, Value: election.BarcodeValue(fit[0].symbology, fit[0].text), Mask: r.Mask}, nil
}
