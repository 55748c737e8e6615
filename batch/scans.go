package batch

import (
	"bytes"
	"container/list"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"path/filepath"
	"sync"

	"github.com/disintegration/imaging"

	"recount/audit"
	"recount/election"
	"recount/scanner"
	"recount/template"
	"recount/vote"
)

// Scans are a run's pictures, where they are still there and are the same. They may be used by many at once.
type Scans struct {
	src   *scanner.Source
	files map[string]*scanner.Input

	mu    sync.Mutex
	kept  map[int64]*list.Element // of heldPage, the last used first
	order *list.List
	bytes int
	slots chan struct{} // as many pages as are decoded at the same time

	drawn *pictureCache
}

// scansKept bounds the pages held in memory, in bytes: thirty of 200 dpi letter paper.
const scansKept = 128 << 20

// drawnKept bounds the drawn tiles and targets held in memory, in bytes: some thousand, all of the last forty pages or so.
const drawnKept = 32 << 20

// scansAtOnce is how many pages are decoded at the same time.
const scansAtOnce = 2

// OpenScans opens the scans as they were given to read. No path means no pictures.
func OpenScans(paths []string) (*Scans, error) {
	s := &Scans{files: map[string]*scanner.Input{}, kept: map[int64]*list.Element{}, order: list.New(), slots: make(chan struct{}, scansAtOnce),
		drawn: newPictureCache(drawnKept)}
	if len(paths) == 0 {
		return s, nil
	}
	src, err := scanner.Open(paths, scanner.Limits{})
	if err != nil {
		return nil, fmt.Errorf("open the scans: %w", err)
	}
	s.src = src
	for i := range src.Inputs {
		s.files[src.Inputs[i].Name] = &src.Inputs[i]
	}
	return s, nil
}

// Close closes the scans.
func (s *Scans) Close() {
	if s.src != nil {
		s.src.Close()
	}
}

// decode gives a page's pixels as scanned.
func (s *Scans) decode(row pageRow) (*image.Gray, error) {
	in := s.files[row.input]
	switch {
	case s.src == nil:
		return nil, errors.New("the scans were not given (--images)")
	case in == nil:
		return nil, errors.New("the scan is not among those given")
	}
	return pageOf(in, row)
}

// heldPage is a page in memory, or why it cannot be. ready is closed when it is known which.
type heldPage struct {
	id     int64
	ready  chan struct{}
	gray   *image.Gray   // as scanned
	levels []*image.Gray // upright and straight, whole and then half as large each time
	way    func(x, y float64) (float64, float64)
	err    error
	cost   int
}

// page gives a page, decoded once for all who ask at the same time.
func (s *Scans) page(p *Page) (*heldPage, error) {
	s.mu.Lock()
	if el := s.kept[p.ID]; el != nil {
		s.order.MoveToFront(el)
		s.mu.Unlock()
		h := el.Value.(*heldPage)
		<-h.ready
		return h, h.err
	}
	h := &heldPage{id: p.ID, ready: make(chan struct{})}
	s.kept[p.ID] = s.order.PushFront(h)
	s.mu.Unlock()

	s.slots <- struct{}{}
	h.load(s, p)
	<-s.slots
	close(h.ready)

	s.mu.Lock()
	defer s.mu.Unlock()
	el := s.kept[p.ID]
	if h.err != nil { // the next who asks tries again: a disk may come back
		s.order.Remove(el)
		delete(s.kept, p.ID)
		return h, h.err
	}
	h.cost = h.size()
	s.bytes += h.cost
	for last := s.order.Back(); last != nil && s.bytes > scansKept && last != el; {
		old, before := last.Value.(*heldPage), last.Prev()
		if old.cost > 0 {
			s.bytes -= old.cost
			s.order.Remove(last)
			delete(s.kept, old.id)
		}
		last = before
	}
	return h, nil
}

func (h *heldPage) load(s *Scans, p *Page) {
	if h.gray, h.err = s.decode(pageRow{image: p.Image, sha256: p.SHA256, index: p.Index, rotation: p.Rotation, input: p.File}); h.err != nil {
		return
	}
	up, way, err := template.Upright(h.gray, p.Rotation, p.Skew)
	if err != nil {
		h.err = err
		return
	}
	h.levels, h.way = []*image.Gray{up}, way
	for g := up; max(g.Rect.Dx(), g.Rect.Dy()) > tileSide; {
		g = half(g)
		h.levels = append(h.levels, g)
	}
}

// size is what the page takes, in bytes.
func (h *heldPage) size() int {
	n := len(h.gray.Pix)
	for _, g := range h.levels {
		n += len(g.Pix)
	}
	return n
}

// half is a picture half as large, each pixel the mean of four.
func half(g *image.Gray) *image.Gray {
	w, h := max(1, (g.Rect.Dx()+1)/2), max(1, (g.Rect.Dy()+1)/2)
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sum, n := 0, 0
			for dy := range 2 {
				for dx := range 2 {
					if sx, sy := 2*x+dx, 2*y+dy; sx < g.Rect.Dx() && sy < g.Rect.Dy() {
						sum += int(g.Pix[g.PixOffset(g.Rect.Min.X+sx, g.Rect.Min.Y+sy)])
						n++
					}
				}
			}
			out.Pix[y*out.Stride+x] = uint8(sum / n)
		}
	}
	return out
}

// tileSide is the side of a tile of the zoomed picture, in pixels.
const tileSide = 512

// PictureSize is the size of an upright page in pixels, how many times it is halved until it fits on one tile, and the side of a tile.
type PictureSize struct{ Width, Height, Levels, Tile int }

// Size gives the size of a page turned upright.
func (s *Scans) Size(p *Page) (PictureSize, error) {
	h, err := s.page(p)
	if err != nil {
		return PictureSize{}, err
	}
	b := h.levels[0].Rect
	return PictureSize{b.Dx(), b.Dy(), len(h.levels), tileSide}, nil
}

// Tile draws one tile of the upright page as a PNG: level 0 is the whole picture on one tile, the last is at full size.
func (s *Scans) Tile(p *Page, level, x, y int) ([]byte, error) {
	return s.drawn.draw(pictureKey{"tile", p.ID, level, x, y, 0}, func() ([]byte, error) { return s.tile(p, level, x, y) })
}

func (s *Scans) tile(p *Page, level, x, y int) ([]byte, error) {
	h, err := s.page(p)
	if err != nil {
		return nil, err
	}
	if level < 0 || level >= len(h.levels) || x < 0 || y < 0 || x > 1<<16 || y > 1<<16 {
		return nil, ErrNotThere
	}
	g := h.levels[len(h.levels)-1-level]
	r := image.Rect(x*tileSide, y*tileSide, (x+1)*tileSide, (y+1)*tileSide).Intersect(g.Rect)
	if r.Empty() {
		return nil, ErrNotThere
	}
	return encodeFast(g.SubImage(r), p.Image)
}

func encodeFast(m image.Image, name string) ([]byte, error) {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m); err != nil {
		return nil, fmt.Errorf("draw %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// Place carries a box of the scan as given to the upright page, in pixels of its full size.
func (s *Scans) Place(p *Page, box image.Rectangle) (image.Rectangle, error) {
	h, err := s.page(p)
	if err != nil {
		return image.Rectangle{}, err
	}
	x0, y0 := h.way(float64(box.Min.X), float64(box.Min.Y))
	x1, y1 := h.way(float64(box.Max.X), float64(box.Max.Y))
	return image.Rect(int(math.Round(x0)), int(math.Round(y0)), int(math.Round(x1)), int(math.Round(y1))).Canon(), nil
}

// Crop is the piece of a page that holds the marks, as large as reads well, each mark framed; the one at now, counted from 0, has a
// second frame.
func (s *Scans) Crop(p *Page, marks []audit.MarkSeen, now int) ([]byte, error) {
	return s.crop(p, marks, cropView{beside: 27, above: 2, wide: 1300, tall: 1400, frames: true, now: now + 1})
}

// Enlarged is one target as large as a hand.
func (s *Scans) Enlarged(p *Page, mark audit.MarkSeen) ([]byte, error) {
	return s.one("enlarged", p, mark, cropView{beside: 2, above: 1, wide: 440, tall: 320, zoom: 8})
}

// Chip is one target with little around it, for a wall of many.
func (s *Scans) Chip(p *Page, mark audit.MarkSeen) ([]byte, error) {
	return s.one("chip", p, mark, cropView{beside: 3, above: 1, wide: 220, tall: 140})
}

// Closely is one target with hardly anything around it, for a wall on which all are much alike.
func (s *Scans) Closely(p *Page, mark audit.MarkSeen) ([]byte, error) {
	return s.one("close", p, mark, cropView{beside: 2, above: 1, wide: 320, tall: 200, zoom: 4})
}

// Around is one target with the print beside it, for a wall of questions: what is asked about often lies there.
func (s *Scans) Around(p *Page, mark audit.MarkSeen) ([]byte, error) {
	return s.one("around", p, mark, cropView{beside: 7, above: 2, wide: 520, tall: 260, zoom: 4})
}

// one draws one target, which is the same for all who ask.
func (s *Scans) one(kind string, p *Page, m audit.MarkSeen, v cropView) ([]byte, error) {
	return s.drawn.draw(pictureKey{kind, p.ID, m.X, m.Y, m.W, m.H}, func() ([]byte, error) { return s.crop(p, []audit.MarkSeen{m}, v) })
}

func (s *Scans) crop(p *Page, marks []audit.MarkSeen, v cropView) ([]byte, error) {
	h, err := s.page(p)
	if err != nil {
		return nil, err
	}
	c, err := cut(h.gray, p.Rotation, p.Image, marks, v)
	return c.PNG, err
}

// Overlay lays targets over one another: in the darkest every pixel is as dark as in the darkest of them, so that one odd mark
// among a thousand blanks shows; in the lightest as light as in the lightest, so that one gap among a thousand fills does.
type Overlay struct {
	Darkest, Lightest *image.Gray
	Count, Failed     int
}

// overlayWide and overlayTall are an overlay's size in pixels; half of each way is the target.
const (
	overlayWide = 240
	overlayTall = 160
)

// Add lays one more target over the others.
func (o *Overlay) Add(s *Scans, p *Page, m audit.MarkSeen) {
	h, err := s.page(p)
	if err != nil {
		o.Failed++
		return
	}
	x0, y0 := h.way(float64(m.X), float64(m.Y))
	x1, y1 := h.way(float64(m.X+m.W), float64(m.Y+m.H))
	box := image.Rect(int(math.Round(x0)), int(math.Round(y0)), int(math.Round(x1)), int(math.Round(y1))).Canon()
	box = image.Rect(box.Min.X-box.Dx()/2, box.Min.Y-box.Dy()/2, box.Max.X+box.Dx()/2, box.Max.Y+box.Dy()/2).Intersect(h.levels[0].Rect)
	if box.Empty() {
		o.Failed++
		return
	}
	one := imaging.Resize(h.levels[0].SubImage(box), overlayWide, overlayTall, imaging.Linear)
	if o.Darkest == nil {
		o.Darkest, o.Lightest = image.NewGray(image.Rect(0, 0, overlayWide, overlayTall)), image.NewGray(image.Rect(0, 0, overlayWide, overlayTall))
		for i := range o.Darkest.Pix {
			o.Darkest.Pix[i] = 255
		}
	}
	for i := range o.Darkest.Pix {
		v := one.Pix[4*i]
		o.Darkest.Pix[i], o.Lightest.Pix[i] = min(o.Darkest.Pix[i], v), max(o.Lightest.Pix[i], v)
	}
	o.Count++
}

// PNG draws the two side by side, the darkest first.
func (o *Overlay) PNG() ([]byte, error) {
	out := image.NewGray(image.Rect(0, 0, 2*overlayWide+8, overlayTall))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	if o.Darkest != nil {
		for y := range overlayTall {
			copy(out.Pix[y*out.Stride:], o.Darkest.Pix[y*overlayWide:(y+1)*overlayWide])
			copy(out.Pix[y*out.Stride+overlayWide+8:], o.Lightest.Pix[y*overlayWide:(y+1)*overlayWide])
		}
	}
	return encodeFast(out, "the overlay")
}

// Sheet gives a counted sheet, decided again from its measurements as it was read: without what people decided.
func (x *Index) Sheet(id int64) (*vote.Sheet, error) {
	s, err := x.run.ledger.sheet(x.run.Election, x.run.Limits, id)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, ErrNotThere
	}
	return &s.decided, nil
}

// BlankPNG is a style page's reference picture as a PNG. definition is the path of the election's file, beside which it lies.
func BlankPNG(definition string, p election.Picture) ([]byte, error) {
	g, err := template.Picture(filepath.Dir(definition), p)
	if err != nil {
		return nil, err
	}
	return encodeFast(g, p.File)
}
