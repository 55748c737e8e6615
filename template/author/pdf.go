package author

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"recount/scanner"
)

// What a born-digital blank may cost. Ballots are at most 24 inches long, and a file of all styles has some hundred pages.
const (
	pdfDPI       = 200 // what blanks are drawn at where nothing else is asked: that of most ballot scanners
	pdfMaxFile   = 64 << 20
	pdfMaxPages  = 200
	pdfMaxInches = 30
	pdfMaxPixels = 120_000_000 // as scanner.Limits
	pdfMaxMemory = 16384       // of 64 KiB each: 1 GiB for the renderer and all that it unpacks
	pdfTimeout   = 2 * time.Minute
	pdfPoints    = 72.0 // an inch
)

// pdfCompiled keeps the compiled renderer while the program runs: making it costs 3 seconds, opening it again 20 ms.
var pdfCompiled = sync.OnceValue(wazero.NewCompilationCache)

// pdfDoc is a PDF opened in a renderer of its own, which sees no file, no clock and no chance: the same bytes give the same
// pixels on every machine.
type pdfDoc struct {
	file   string
	cancel context.CancelFunc
	pool   pdfium.Pool
	inst   pdfium.Pdfium
	ref    references.FPDF_DOCUMENT
	pages  int
}

// zeros is randomness that is always the same.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// openPDF starts the renderer and opens the file's bytes in it. The caller closes the document.
func openPDF(file string, data []byte) (_ *pdfDoc, err error) {
	if len(data) > pdfMaxFile {
		return nil, tooManyBytes(file, int64(len(data)))
	}
	ctx, cancel := context.WithTimeout(context.Background(), pdfTimeout)
	d := &pdfDoc{file: file, cancel: cancel}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("blank %s: the PDF renderer gave up: %v (export it again, or scan a printed one)", file, r)
		}
		if err != nil {
			d.close()
		}
	}()
	d.pool, err = webassembly.Init(webassembly.Config{
		Context: ctx, MaxTotal: 1, FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard, RandomSource: zeros{},
		RuntimeConfig: wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
			WithCompilationCache(pdfCompiled()).WithCloseOnContextDone(true).WithMemoryLimitPages(pdfMaxMemory),
	})
	if err != nil {
		return nil, fmt.Errorf("start the PDF renderer: %w", err)
	}
	if d.inst, err = d.pool.GetInstanceWithContext(ctx); err != nil {
		return nil, fmt.Errorf("start the PDF renderer: %w", err)
	}
	doc, err := d.inst.OpenDocument(&requests.OpenDocument{File: &data})
	if err != nil {
		if errors.Is(err, pdferrors.ErrPassword) || errors.Is(err, pdferrors.ErrSecurity) {
			return nil, fmt.Errorf("blank %s is encrypted: save it without a password, or scan a printed one", file)
		}
		return nil, fmt.Errorf("blank %s cannot be opened as PDF: %w (export it again, or scan a printed one)", file, err)
	}
	d.ref = doc.Document
	count, err := d.inst.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
	if err != nil {
		return nil, fmt.Errorf("blank %s: count its pages: %w", file, err)
	}
	if d.pages = count.PageCount; d.pages < 1 || d.pages > pdfMaxPages {
		return nil, fmt.Errorf("blank %s has %d pages, 1 to %d are read of a PDF: save the ballot's pages alone", file, d.pages, pdfMaxPages)
	}
	return d, nil
}

func tooManyBytes(file string, n int64) error {
	return fmt.Errorf("blank %s has %d bytes, at most %d are read of a PDF: save the ballot's pages alone", file, n, pdfMaxFile)
}

func (d *pdfDoc) close() {
	d.cancel() // first: what hangs inside must end before it can be closed
	if d.inst != nil {
		_ = d.inst.Close() // nothing was written; there is nothing to lose
	}
	if d.pool != nil {
		_ = d.pool.Close()
	}
}

// page names a page for the renderer and gives its size in inches, turned and cropped as people see it. Pages count from 1.
func (d *pdfDoc) page(n int) (p requests.Page, w, h float64, err error) {
	if n < 1 || n > d.pages {
		return p, 0, 0, fmt.Errorf("blank %s: the file has %d pages", d.file, d.pages)
	}
	p = requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: n - 1}}
	size, err := d.inst.GetPageSize(&requests.GetPageSize{Page: p})
	if err != nil {
		return p, 0, 0, fmt.Errorf("blank %s page %d: %w", d.file, n, err)
	}
	w, h = size.Width/pdfPoints, size.Height/pdfPoints
	if !(w >= 1 && h >= 1 && w <= pdfMaxInches && h <= pdfMaxInches) {
		return p, 0, 0, fmt.Errorf("blank %s page %d measures %.3g x %.3g inches, 1 to %d are drawn: export it at the ballot's size", d.file, n, w, h, pdfMaxInches)
	}
	return p, w, h, nil
}

// render draws a page as dark print on white paper at dpi pixels an inch both ways. It is drawn in colour, for a scan's colours are
// made grey alike.
func (d *pdfDoc) render(n int, dpi float64) (*image.Gray, error) {
	m, err := d.colours(n, dpi)
	if err != nil {
		return nil, err
	}
	return scanner.Grey(m), nil
}

// colours draws a page as it is printed.
func (d *pdfDoc) colours(n int, dpi float64) (*image.RGBA, error) {
	p, w, h, err := d.page(n)
	if err != nil {
		return nil, err
	}
	if px := w * dpi * h * dpi; px > pdfMaxPixels {
		return nil, fmt.Errorf("blank %s page %d would have %.0f pixels at %g dpi, at most %d are drawn: give a smaller --dpi", d.file, n, px, dpi, pdfMaxPixels)
	}
	res, err := d.inst.RenderPageInPixels(&requests.RenderPageInPixels{Page: p, Width: pixels(w, dpi), Height: pixels(h, dpi) + 1})
	if err != nil {
		return nil, fmt.Errorf("blank %s page %d: draw it: %w", d.file, n, err)
	}
	defer res.Cleanup()
	m, ok := res.Result.RenderedImage.(*image.RGBA)
	if !ok {
		return nil, fmt.Errorf("blank %s page %d: it was drawn as %T, not in colour", d.file, n, res.Result.RenderedImage)
	}
	return &image.RGBA{Pix: slices.Clone(m.Pix), Stride: m.Stride, Rect: m.Rect}, nil // the renderer's memory goes when it closes
}

// pixels is a length in whole pixels. Page sizes are in hundredths of a point: what is a hair over a pixel is none.
func pixels(inches, dpi float64) int { return int(inches*dpi + 0.5) }
