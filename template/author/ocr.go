package author

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/disintegration/imaging"

	"recount/internal/proof"
	"recount/scanner"
	"recount/template"
)

// What reading one page's words may cost. A ballot page of 8.5 x 14 inches takes 2 to 4 seconds and gives 100 KB.
const (
	ocrTimeout  = 3 * time.Minute
	ocrMaxOut   = 16 << 20
	ocrDPI      = 300 // what Tesseract's papers ask for; finer gains nothing, coarser loses small print
	ocrMaxSide  = 32000
	ocrMaxLangs = 60
)

// ErrNoOCR is given where Tesseract is not installed. Its text says how to install it.
var ErrNoOCR = errors.New("the program tesseract was not found; install it (Debian, Ubuntu: apt-get install tesseract-ocr; " +
	"macOS: brew install tesseract; Windows: the installer that tesseract-ocr.github.io names) or go on without reading names from pictures")

// OCR reads the words on pictures of blanks with the program Tesseract. It is used while a definition is made, never while
// votes are read.
type OCR struct {
	path    string
	langs   string
	Version string // as the program names itself, for example "5.3.0"
}

var ocrLangs = regexp.MustCompile(`^[A-Za-z0-9_]+(\+[A-Za-z0-9_]+)*$`)

// FindOCR looks for Tesseract on the path of programs and asks its version. langs are the languages to read, as Tesseract
// names them, joined by + ("eng", "eng+spa"); "" is English. Without the program the error is ErrNoOCR.
func FindOCR(langs string) (*OCR, error) {
	if langs == "" {
		langs = "eng"
	}
	if len(langs) > ocrMaxLangs || !ocrLangs.MatchString(langs) {
		return nil, fmt.Errorf("languages %q: name them as Tesseract does, for example eng or eng+spa (tesseract --list-langs)", langs)
	}
	path, err := exec.LookPath("tesseract")
	if err != nil {
		return nil, ErrNoOCR
	}
	o := &OCR{path: path, langs: langs}
	out, err := o.run("", 20*time.Second, "--version")
	if err != nil {
		return nil, fmt.Errorf("ask tesseract its version: %w", err)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if _, v, ok := strings.Cut(first, "tesseract "); ok {
		o.Version = printable(strings.TrimPrefix(v, "v"))
	}
	if len(o.Version) == 0 || len(o.Version) > 40 {
		return nil, fmt.Errorf("%s gave no version that Tesseract gives: is it another program?", path)
	}
	return o, nil
}

// Words reads the words of a page at dpi pixels an inch. The places in hide, the page's targets, are painted white first:
// an oval beside a name is otherwise read as a letter of it. The program sees a picture written for it in a folder of its
// own, which is removed.
func (o *OCR) Words(g *image.Gray, dpi float64, hide []template.Found) ([]Word, error) {
	scale := ocrDPI / dpi
	w, h := int(float64(g.Rect.Dx())*scale), int(float64(g.Rect.Dy())*scale)
	if w < 1 || h < 1 || w > ocrMaxSide || h > ocrMaxSide || w > pdfMaxPixels/h {
		return nil, fmt.Errorf("read words: %d x %d pixels at %g dpi are no ballot page", g.Rect.Dx(), g.Rect.Dy(), dpi)
	}
	page := image.NewGray(image.Rect(0, 0, g.Rect.Dx(), g.Rect.Dy()))
	for y := range g.Rect.Dy() {
		copy(page.Pix[y*page.Stride:(y+1)*page.Stride], g.Pix[y*g.Stride:y*g.Stride+g.Rect.Dx()])
	}
	for _, r := range proof.Frames(labelsAt(hide), dpi, outlineWidth(page, dpi, hide)+2) {
		r = r.Intersect(page.Rect)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				page.Pix[page.PixOffset(x, y)] = 255
			}
		}
	}
	dir, err := os.MkdirTemp("", "recount-ocr-")
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	defer os.RemoveAll(dir)
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&buf, scanner.Resize(page, w, h, imaging.Linear)); err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "page.png"), buf.Bytes(), 0o600); err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	// 11 is sparse text in no order: a ballot is no book, and lines are joined here for every source of words alike.
	out, err := o.run(dir, ocrTimeout, "page.png", "stdout", "--dpi", strconv.Itoa(ocrDPI), "--psm", "11", "-l", o.langs, "tsv")
	if err != nil {
		return nil, fmt.Errorf("read words with tesseract: %w", err)
	}
	words, err := parseOCR(out, ocrDPI)
	if err != nil {
		return nil, fmt.Errorf("read words with tesseract: %w", err)
	}
	return words, nil
}

// outlineWidth is how thick the outlines of targets are printed, in pixels: the middle of what is measured left of each.
func outlineWidth(g *image.Gray, dpi float64, targets []template.Found) int {
	thr := scanner.Threshold(g)
	most := int(0.08 * dpi)
	var widths []int
	for _, t := range targets {
		x, y, n := int((t.X-t.W/2)*dpi)+1, int(t.Y*dpi), 0
		for k := 0; k < most+4 && n < most; k++ { // the white's edge is known to a pixel or two
			if p := image.Pt(x-k, y); !p.In(g.Rect) || g.GrayAt(p.X, p.Y).Y >= thr {
				if n > 0 || k > 3 {
					break
				}
				continue
			}
			n++
		}
		widths = append(widths, n)
	}
	if len(widths) == 0 {
		return 0
	}
	sort.Ints(widths)
	return widths[len(widths)/2]
}

func labelsAt(fs []template.Found) []proof.Label {
	out := make([]proof.Label, len(fs))
	for i, f := range fs {
		out[i] = f.Label("")
	}
	return out
}

// run runs the program in dir for at most limit and gives what it printed, at most ocrMaxOut bytes.
func (o *OCR) run(dir string, limit time.Duration, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, o.path, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "OMP_THREAD_LIMIT=1", "LC_ALL=C") // one page, one core: the same words, and faster on a busy machine
	cmd.WaitDelay = 5 * time.Second
	out, errs := &capped{left: ocrMaxOut}, &capped{left: 4096}
	cmd.Stdout, cmd.Stderr = out, errs
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("it did not end within %v", limit)
	case out.over:
		return nil, fmt.Errorf("it printed more than %d bytes", ocrMaxOut)
	case err != nil:
		said, _, _ := strings.Cut(strings.TrimSpace(errs.kept.String()), "\n")
		return nil, fmt.Errorf("%w: %s (tesseract --list-langs lists the languages it has)", err, strings.ToValidUTF8(said, "?"))
	}
	return out.kept.Bytes(), nil
}

// capped keeps the first bytes written and says whether there were more.
type capped struct {
	kept bytes.Buffer // not embedded: its ReadFrom would take all
	left int
	over bool
}

// Write takes everything and keeps what there is room for, so that the program that writes ends by itself.
func (c *capped) Write(p []byte) (int, error) {
	n := len(p)
	if n > c.left {
		p, c.over = p[:c.left], true
	}
	c.left -= len(p)
	c.kept.Write(p)
	return n, nil
}
