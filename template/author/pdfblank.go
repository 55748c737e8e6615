package author

import (
	"fmt"
	"image"
	"os"
	"strconv"
	"strings"

	"recount/scanner"
)

// blankPage takes FILE#N apart; without #N it is the first page.
func blankPage(file string) (path string, page int) {
	if i := strings.LastIndex(file, "#"); i > 0 {
		if n, err := strconv.Atoi(file[i+1:]); err == nil {
			return file[:i], n
		}
	}
	return file, 1
}

// renderBlank draws a page of a born-digital PDF at dpi pixels an inch (0: 200), for use as a blank. It starts the
// renderer, which takes 3 seconds the first time.
func renderBlank(file string, data []byte, page int, dpi float64) (_ *scanner.Page, err error) {
	if dpi == 0 {
		dpi = pdfDPI
	}
	d, err := openPDF(file, data)
	if err != nil {
		return nil, err
	}
	defer d.close()
	g, err := d.render(page, dpi)
	if err != nil {
		return nil, err
	}
	return &scanner.Page{Name: file, Index: page, Gray: g, XDPI: dpi, YDPI: dpi}, nil
}

// DrawPDF draws a page of a born-digital PDF in colour, as it is printed, at dpi pixels an inch (0: 200): the pixels of which
// renderBlank makes grey. Pages count from 1. It is for proving a definition with the blank's own colours. The error names the file.
func DrawPDF(file string, page int, dpi float64) (image.Image, error) {
	if dpi == 0 {
		dpi = pdfDPI
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("draw blank: %w", err)
	}
	if info.Size() > pdfMaxFile {
		return nil, tooManyBytes(file, info.Size())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("draw blank: %w", err)
	}
	d, err := openPDF(file, data)
	if err != nil {
		return nil, err
	}
	defer d.close()
	return d.colours(page, dpi)
}
