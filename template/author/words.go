package author

import (
	"bytes"
	"fmt"
	"image"
	"os"

	"recount/template"
)

// textLayer names the words that stand in a PDF as text.
const textLayer = "the PDF's text"

// source is one way to know the words of a blank: what it is called, and how to get them.
type source struct {
	name  string
	words func() ([]Word, error)
}

// sourcesOf are the ways to know a blank's words, best first: the PDF's text where it has one, then the picture read by o,
// where o is not nil. targets are the places found on the picture.
func sourcesOf(file string, g *image.Gray, dpi float64, targets []template.Found, o *OCR) []source {
	out := []source{{textLayer, func() ([]Word, error) { return blankWords(file) }}}
	if o != nil {
		out = append(out, source{"Tesseract " + o.Version, func() ([]Word, error) {
			words, err := o.Words(g, dpi, targets)
			if err != nil {
				return nil, fmt.Errorf("blank %s: %w", file, err)
			}
			return words, nil
		}})
	}
	return out
}

// blankWords are the words of a blank where it is a PDF, else none.
func blankWords(file string) ([]Word, error) {
	path, page := blankPage(file)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("blank: %w", err)
	}
	defer f.Close()
	head := make([]byte, 1024)
	n, _ := f.Read(head) // what cannot be read is no PDF, and the picture was read before
	if !bytes.Contains(head[:n], []byte("%PDF-")) {
		return nil, nil
	}
	return PDFText(path, page)
}
