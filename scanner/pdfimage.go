package scanner

import (
	"image"

	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"recount/internal/fax"
)

// pdfPicture is a picture's dictionary, read and checked.
type pdfPicture struct {
	w, h   int
	bits   int
	comps  int // samples a pixel
	table  []uint8
	decode []float64
}

// image decodes a picture's samples as they are.
func (f *pdfFile) image(im placed, lim Limits) (picture, error) {
	d := im.sd.Dict
	for _, key := range []string{"SMask", "Mask"} {
		if o, ok := d.Find(key); ok && f.name(o) != "None" {
			return picture{}, refuse(Unsupported, "a picture with a mask")
		}
	}
	p := &pdfPicture{w: f.integer(d, "Width", 0), h: f.integer(d, "Height", 0), bits: f.integer(d, "BitsPerComponent", 8), comps: 1}
	if err := lim.checkSize(int64(p.w), int64(p.h), 4); err != nil {
		return picture{}, err
	}
	var err error
	o, _ := d.Find("Decode")
	if p.decode, err = f.numbers(o); err != nil {
		return picture{}, err
	}
	last := ""
	if n := len(im.sd.FilterPipeline); n > 0 {
		last = im.sd.FilterPipeline[n-1].Name
	}
	switch {
	case f.boolean(d, "ImageMask"):
		if im.fill < 0 || im.fill > 0.25 {
			return picture{}, refuse(PDFNotScan, "a stencil in a light colour")
		}
		p.bits = 1
	case last != filter.DCT:
		if last == filter.CCITTFax {
			p.bits = 1
		}
		cs, _ := d.Find("ColorSpace")
		if err := f.colours(p, cs, 0); err != nil {
			return picture{}, err
		}
	}
	data, rest, err := f.undo(im.sd, p.most(last))
	switch {
	case err != nil:
		return picture{}, err
	case rest == nil:
		return p.samples(data)
	case rest.Name == filter.DCT:
		return p.jpeg(data, lim)
	}
	return f.faxImage(p, data, rest.DecodeParms)
}

func (f *pdfFile) boolean(d types.Dict, key string) bool {
	o, ok := d.Find(key)
	if !ok {
		return false
	}
	v, err := f.ctx.Dereference(o)
	b, ok := v.(types.Boolean)
	return err == nil && ok && b.Value()
}

// most is the most bytes a picture's samples can have before its last filter: those of its rows, a predictor's byte for each,
// and some for padding. A JPEG or fax picture that is longer than four bytes a pixel is no picture.
func (p *pdfPicture) most(last string) int64 {
	perRow := (int64(p.w)*int64(p.comps)*int64(min(max(p.bits, 1), 16))+7)/8 + 1
	if last == filter.DCT || last == filter.CCITTFax {
		perRow = 4 * int64(p.w)
	}
	return perRow*int64(p.h) + 1<<16
}

// colours reads the colour space: how many samples a pixel has and, of an indexed one, the grey of each index.
func (f *pdfFile) colours(p *pdfPicture, o types.Object, depth int) error {
	o, err := f.ctx.Dereference(o)
	if err != nil || depth > 2 {
		return refuse(Corrupt, "a colour space: %w", orMissing(err))
	}
	if n, ok := o.(types.Name); ok {
		return p.device(n.Value())
	}
	a, ok := o.(types.Array)
	if !ok || len(a) == 0 {
		return refuse(Unsupported, "a picture without a colour space")
	}
	switch kind := f.name(a[0]); {
	case kind == "ICCBased" && len(a) > 1:
		sd, _, err := f.ctx.DereferenceStreamDict(a[1])
		if err != nil || sd == nil {
			return refuse(Corrupt, "a colour profile: %w", orMissing(err))
		}
		switch n := f.integer(sd.Dict, "N", 0); n {
		case 1:
			return p.device("DeviceGray")
		case 3:
			return p.device("DeviceRGB")
		default:
			return refuse(Unsupported, "a colour profile of %d colours", n)
		}
	case kind == "Indexed" && len(a) == 4:
		return f.indexed(p, a, depth)
	default:
		return p.device(kind)
	}
}

func (p *pdfPicture) device(kind string) error {
	switch kind {
	case "DeviceGray", "CalGray", "G":
		p.comps = 1
	case "DeviceRGB", "CalRGB", "RGB":
		p.comps = 3
	default:
		return refuse(Unsupported, "colour space %q", kind)
	}
	return nil
}

// indexed reads a palette into greys.
func (f *pdfFile) indexed(p *pdfPicture, a types.Array, depth int) error {
	base := &pdfPicture{}
	if err := f.colours(base, a[1], depth+1); err != nil {
		return err
	}
	if base.table != nil {
		return refuse(Corrupt, "a palette of a palette")
	}
	high, err := f.ctx.DereferenceNumber(a[2])
	if err != nil || high < 0 || high > 255 {
		return refuse(Corrupt, "a palette of %v colours", high)
	}
	raw, err := f.bytes(a[3])
	if err != nil {
		return err
	}
	n := int(high) + 1
	if len(raw) < n*base.comps {
		return refuse(Truncated, "a palette of %d bytes for %d colours", len(raw), n)
	}
	p.comps, p.table = 1, make([]uint8, n)
	for i := range p.table {
		if v := raw[i*base.comps:]; base.comps == 3 {
			p.table[i] = luma(uint32(v[0]), uint32(v[1]), uint32(v[2]))
		} else {
			p.table[i] = v[0]
		}
	}
	return nil
}

// bytes gives the content of a string or a stream.
func (f *pdfFile) bytes(o types.Object) ([]byte, error) {
	o, err := f.ctx.Dereference(o)
	if err != nil {
		return nil, refuse(Corrupt, "a palette: %w", err)
	}
	switch v := o.(type) {
	case types.StreamDict:
		return f.unpack(&v, 1<<16)
	case types.HexLiteral:
		b, err := v.Bytes()
		if err != nil {
			return nil, refuse(Corrupt, "a palette: %w", err)
		}
		return b, nil
	case types.StringLiteral:
		b, err := types.Unescape(v.Value())
		if err != nil {
			return nil, refuse(Corrupt, "a palette: %w", err)
		}
		return b, nil
	}
	return nil, refuse(Corrupt, "a palette of no known kind")
}

// inverted tells whether the Decode array turns every sample round; other arrays than that and the plain one are refused.
func (p *pdfPicture) inverted(comps int) (bool, error) {
	if p.decode == nil {
		return false, nil
	}
	top := 1.0
	if p.table != nil {
		top = float64(int(1)<<p.bits - 1)
	}
	plain, turned := len(p.decode) == 2*comps, len(p.decode) == 2*comps
	for i, v := range p.decode {
		lo := i%2 == 0
		plain = plain && (lo && v == 0 || !lo && v == top)
		turned = turned && (lo && v == top || !lo && v == 0)
	}
	if !plain && !turned {
		return false, refuse(Unsupported, "Decode %v", p.decode)
	}
	return turned, nil
}

func (p *pdfPicture) jpeg(data []byte, lim Limits) (picture, error) {
	info, err := readJPEG(data)
	if err != nil {
		return picture{}, err
	}
	if info.w != p.w || info.h != p.h {
		return picture{}, refuse(Corrupt, "a JPEG of %d x %d in a picture of %d x %d", info.w, info.h, p.w, p.h)
	}
	comps := info.comps
	if comps == 4 {
		return picture{}, refuse(Unsupported, "a CMYK JPEG in a PDF")
	}
	turned, err := p.inverted(comps)
	if err != nil {
		return picture{}, err
	}
	pic, err := decodeJPEG(data, lim)
	if err != nil {
		return picture{}, err
	}
	if turned {
		invertGray(pic.gray)
	}
	return pic, nil
}

// faxImage decodes CCITT data. K below 0 is Group 4, 0 one-dimensional Group 3, above 0 two-dimensional Group 3.
func (f *pdfFile) faxImage(p *pdfPicture, data []byte, parms types.Dict) (picture, error) {
	k, columns, rows := f.integer(parms, "K", 0), f.integer(parms, "Columns", 1728), f.integer(parms, "Rows", 0)
	if columns != p.w || rows > 0 && rows != p.h {
		return picture{}, refuse(Corrupt, "fax data of %d x %d in a picture of %d x %d", columns, rows, p.w, p.h)
	}
	if (int64(p.w)+8)*8*int64(len(data)) < int64(p.w)*int64(p.h) { // a blank row is one bit
		return picture{}, refuse(Truncated, "%d bytes cannot hold %d x %d pixels", len(data), p.w, p.h)
	}
	turned, err := p.inverted(1)
	if err != nil {
		return picture{}, err
	}
	how := fax.Params{Coding: fax.Group4, Width: p.w, Height: p.h, Align: f.boolean(parms, "EncodedByteAlign")}
	switch {
	case k == 0:
		how.Coding, how.EOL = fax.Group3, f.boolean(parms, "EndOfLine")
	case k > 0:
		how.Coding, how.EOL = fax.Group32D, f.boolean(parms, "EndOfLine")
	}
	ink := takeBits(p.w, p.h)
	if err := decodeFax(ink, 0, data, how); err != nil {
		ink.Release()
		return picture{}, err
	}
	// White runs are samples of 1 where BlackIs1 is false. What a sample means is the colour space's business.
	if f.boolean(parms, "BlackIs1") != turned {
		ink.Invert()
	}
	pic := picture{gray: ink.gray(), ink: ink, bitonal: true, pooled: true}
	if p.table != nil {
		if len(p.table) < 2 {
			return picture{}, refuse(Corrupt, "a palette of one colour")
		}
		for i, v := range pic.gray.Pix {
			pic.gray.Pix[i] = p.table[v>>7]
		}
		pic.ink, pic.bitonal = nil, onlyBlackAndWhite(pic.gray)
		ink.Release()
	}
	return pic, nil
}

// samples reads unpacked samples.
func (p *pdfPicture) samples(data []byte) (picture, error) {
	if p.bits != 1 && p.bits != 2 && p.bits != 4 && p.bits != 8 && p.bits != 16 {
		return picture{}, refuse(Corrupt, "%d bits a sample", p.bits)
	}
	turned, err := p.inverted(p.comps)
	if err != nil {
		return picture{}, err
	}
	stride := (p.w*p.comps*p.bits + 7) / 8
	if len(data) < stride*p.h {
		return picture{}, refuse(Truncated, "%d of %d bytes of pixels", len(data), stride*p.h)
	}
	g := image.NewGray(image.Rect(0, 0, p.w, p.h))
	top := uint32(1)<<min(p.bits, 8) - 1
	bad := false
	eachRow(g, func(y int, row []uint8) {
		line := data[y*stride : (y+1)*stride]
		for x := range row {
			var v [3]uint32
			for s := 0; s < p.comps; s++ {
				v[s] = sample(line, x*p.comps+s, p.bits)
				if turned {
					v[s] = top - v[s]
				}
			}
			switch {
			case p.table != nil:
				if bad = bad || int(v[0]) >= len(p.table); !bad {
					row[x] = p.table[v[0]]
				}
			case p.comps == 3: // below: a colour's grey depends on the paper's
			default:
				row[x] = uint8(v[0] * 255 / top)
			}
		}
	})
	if bad {
		return picture{}, refuse(Corrupt, "a colour beyond the palette's %d", len(p.table))
	}
	if p.table == nil && p.comps == 3 {
		fromRGB(g, func(x, y int) (r, gr, b uint32) {
			var v [3]uint32
			for s := range v {
				if v[s] = sample(data[y*stride:], 3*x+s, p.bits); turned {
					v[s] = top - v[s]
				}
			}
			return v[0] * 255 / top, v[1] * 255 / top, v[2] * 255 / top
		})
	}
	return picture{gray: g, bitonal: p.bits == 1 && p.comps == 1 && onlyBlackAndWhite(g)}, nil
}

// sample gives sample i of a row; of 16 bits the upper 8.
func sample(line []byte, i, bits int) uint32 {
	switch bits {
	case 8:
		return uint32(line[i])
	case 16:
		return uint32(line[2*i])
	}
	at := i * bits
	return uint32(line[at>>3]) >> (8 - bits - at&7) & (1<<bits - 1)
}
