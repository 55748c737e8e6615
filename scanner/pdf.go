package scanner

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// pdfFile is an opened PDF. The library parses objects; pages, contents and pictures are read here, since the library mends
// what is broken and a mended ballot is a guess.
type pdfFile struct {
	ctx *model.Context
	lim Limits
}

// pdfPage is a leaf of the page tree with what it inherits.
type pdfPage struct {
	dict      types.Dict
	resources types.Dict
	box       types.Array
}

// encryptKey is the entry that makes a PDF an encrypted one; trailers are never packed.
var encryptKey = regexp.MustCompile(`/Encrypt[\s<0-9]`)

// pdfTail is where the end mark must lie. The PDF reference has it in the last 1024 bytes; writers pad a little more.
const pdfTail = 2048

// pdfConfig bounds the library and keeps it away from a configuration folder on disk. A page of scans has about four
// objects, so half a million is far more than MaxPages need.
func pdfConfig(lim Limits) *model.Configuration {
	limits := model.DefaultResourceLimits()
	limits.MaxStreamBytes = lim.MaxFile
	limits.MaxDecodeBytes = min(limits.MaxDecodeBytes, 32<<20) // object streams only; pictures are unpacked here
	limits.MaxObjectCount = 500_000
	limits.MaxXRefEntries = 500_000
	limits.MaxObjectStreamCount = 100_000
	limits.MaxObjectStreamFirst = 4 << 20
	limits.MaxRecursionDepth = 50
	return &model.Configuration{Reader15: true, ValidationMode: model.ValidationRelaxed, Offline: true, Eol: types.EolLF,
		Limits: limits}
}

// decodePDF takes the one scanned picture out of every page.
func decodePDF(data []byte, lim Limits, give func(decoded)) error {
	if !bytes.Contains(data[max(0, len(data)-pdfTail):], []byte("%%EOF")) {
		return refuse(Truncated, "no %%%%EOF at the end")
	}
	if encryptKey.Match(data) { // the library overlooks one that is no reference, and would hand out noise
		return refuse(Unsupported, "encrypted")
	}
	ctx, err := pdfcpu.Read(bytes.NewReader(data), pdfConfig(lim))
	if err != nil {
		if errors.Is(err, pdfcpu.ErrWrongPassword) || strings.Contains(err.Error(), "encrypt") {
			return refuse(Unsupported, "encrypted: %w", err)
		}
		return refuse(Corrupt, "%w", err)
	}
	if ctx.Encrypt != nil {
		return refuse(Unsupported, "encrypted")
	}
	f := &pdfFile{ctx: ctx, lim: lim}
	leaves, err := f.leaves()
	if err != nil {
		return err
	}
	for _, p := range leaves {
		pic, err := guard(func() (picture, error) { return f.page(p) })
		give(decoded{pic: pic, err: err})
	}
	return nil
}

// leaves walks the page tree. Its own count must agree with what is there: a page that fell out of a damaged tree is a ballot.
func (f *pdfFile) leaves() ([]pdfPage, error) {
	catalog, err := f.ctx.Catalog()
	if err != nil || catalog == nil {
		return nil, refuse(Corrupt, "no catalog: %w", orMissing(err))
	}
	rootObj, _ := catalog.Find("Pages")
	root, err := f.ctx.DereferenceDict(rootObj)
	if err != nil || root == nil {
		return nil, refuse(Corrupt, "no page tree: %w", orMissing(err))
	}
	w := &treeWalk{f: f, seen: map[types.IndirectRef]bool{}}
	if err := w.node(root, pdfPage{}, 0); err != nil {
		return nil, err
	}
	if n := f.integer(root, "Count", -1); n != len(w.pages) {
		return nil, refuse(Corrupt, "the page tree holds %d pages and claims %d", len(w.pages), n)
	}
	return w.pages, nil
}

func orMissing(err error) error {
	if err == nil {
		return errors.New("missing")
	}
	return err
}

type treeWalk struct {
	f     *pdfFile
	seen  map[types.IndirectRef]bool
	pages []pdfPage
	nodes int
}

func (w *treeWalk) node(d types.Dict, p pdfPage, depth int) error {
	if w.nodes++; depth > 40 || w.nodes > 4*w.f.lim.MaxPages {
		return refuse(TooLarge, "a page tree of more than 40 levels or %d nodes", 4*w.f.lim.MaxPages)
	}
	if o, ok := d.Find("Resources"); ok {
		r, err := w.f.ctx.DereferenceDict(o)
		if err != nil {
			return refuse(Corrupt, "resources of page %d: %w", len(w.pages)+1, err)
		}
		p.resources = r
	}
	if o, ok := d.Find("MediaBox"); ok {
		box, err := w.f.ctx.DereferenceArray(o)
		if err != nil {
			return refuse(Corrupt, "media box of page %d: %w", len(w.pages)+1, err)
		}
		p.box = box
	}
	kidsObj, isNode := d.Find("Kids")
	if !isNode {
		if len(w.pages) >= w.f.lim.MaxPages {
			return refuse(TooLarge, "more than %d pages", w.f.lim.MaxPages)
		}
		p.dict = d
		w.pages = append(w.pages, p)
		return nil
	}
	kids, err := w.f.ctx.DereferenceArray(kidsObj)
	if err != nil {
		return refuse(Corrupt, "page tree: %w", err)
	}
	for _, k := range kids {
		if ref, ok := k.(types.IndirectRef); ok {
			if w.seen[ref] {
				return refuse(Corrupt, "the page tree uses object %d twice", ref.ObjectNumber.Value())
			}
			w.seen[ref] = true
		}
		kid, err := w.f.ctx.DereferenceDict(k)
		if err != nil || kid == nil {
			return refuse(Corrupt, "page %d: %w", len(w.pages)+1, orMissing(err))
		}
		if err := w.node(kid, p, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// integer gives a number of a dictionary, or def.
func (f *pdfFile) integer(d types.Dict, key string, def int) int {
	o, ok := d.Find(key)
	if !ok {
		return def
	}
	v, err := f.ctx.DereferenceNumber(o)
	if err != nil || v != v || v > 1<<31 || v < -(1<<31) {
		return def
	}
	return int(v)
}

// numbers gives an array of numbers, or nil where there is none.
func (f *pdfFile) numbers(o types.Object) ([]float64, error) {
	if o == nil {
		return nil, nil
	}
	a, err := f.ctx.DereferenceArray(o)
	if err != nil {
		return nil, refuse(Corrupt, "an array of numbers: %w", err)
	}
	out := make([]float64, len(a))
	for i, v := range a {
		if out[i], err = f.ctx.DereferenceNumber(v); err != nil {
			return nil, refuse(Corrupt, "an array of numbers: %w", err)
		}
	}
	return out, nil
}

// name gives a name's text, or "".
func (f *pdfFile) name(o types.Object) string {
	v, err := f.ctx.Dereference(o)
	if n, ok := v.(types.Name); err == nil && ok {
		return n.Value()
	}
	return ""
}

// boxSize gives the page's width and height in points.
func (f *pdfFile) boxSize(p pdfPage) (w, h float64, err error) {
	box, err := f.numbers(p.box)
	if err != nil || len(box) != 4 {
		return 0, 0, refuse(Corrupt, "a page without a media box")
	}
	w, h = box[2]-box[0], box[3]-box[1]
	if w < 0 {
		w = -w
	}
	if h < 0 {
		h = -h
	}
	if !(w > 0 && h > 0 && w < 1e6 && h < 1e6) {
		return 0, 0, refuse(Corrupt, "a media box of %s x %s points", fmt.Sprint(w), fmt.Sprint(h))
	}
	return w, h, nil
}
