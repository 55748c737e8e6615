package scanner

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// unpack undoes all filters of a stream that is no picture; limit bounds the result.
func (f *pdfFile) unpack(sd *types.StreamDict, limit int64) ([]byte, error) {
	data, rest, err := f.undo(sd, limit)
	if err != nil {
		return nil, err
	}
	if rest != nil {
		return nil, refuse(Corrupt, "drawing packed with %s", rest.Name)
	}
	return data, nil
}

// undo undoes filters up to the first that only makes sense for pictures, and gives that one, or nil where all are undone.
func (f *pdfFile) undo(sd *types.StreamDict, limit int64) ([]byte, *types.PDFFilter, error) {
	data := sd.Raw
	if len(sd.FilterPipeline) > 8 {
		return nil, nil, refuse(Corrupt, "%d filters", len(sd.FilterPipeline))
	}
	for i := range sd.FilterPipeline {
		p := &sd.FilterPipeline[i]
		var err error
		switch p.Name {
		case filter.Flate:
			if data, err = inflate(data, limit); err == nil {
				data, err = f.predict(data, p.DecodeParms)
			}
		case filter.LZW, filter.RunLength, filter.ASCII85, filter.ASCIIHex:
			data, err = f.plainFilter(data, p, limit)
		case filter.DCT, filter.CCITTFax:
			if i != len(sd.FilterPipeline)-1 {
				return nil, nil, refuse(Corrupt, "a filter after %s", p.Name)
			}
			return data, p, nil
		default:
			return nil, nil, refuse(Unsupported, "packed with %s", p.Name)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return data, nil, nil
}

// inflate is strict: a stream that ends early or whose checksum is wrong is an error. The library would take what there is.
func inflate(data []byte, limit int64) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := readBounded(z, 0, limit)
	if errors.Is(err, errTooMuch) {
		return nil, refuse(TooLarge, "more than %d bytes unpacked", limit)
	}
	return out, err
}

// plainFilter undoes the filters that pdfcpu undoes strictly enough; a picture's size is checked against what comes out.
func (f *pdfFile) plainFilter(data []byte, p *types.PDFFilter, limit int64) ([]byte, error) {
	parms := map[string]int{}
	if p.Name == filter.LZW {
		parms["EarlyChange"] = f.integer(p.DecodeParms, "EarlyChange", 1)
	}
	fl, err := filter.NewFilter(p.Name, parms, limit)
	if err != nil {
		return nil, refuse(Unsupported, "%w", err)
	}
	r, err := fl.Decode(bytes.NewReader(data))
	if errors.Is(err, filter.ErrDecodeLimitExceeded) {
		return nil, refuse(TooLarge, "more than %d bytes unpacked", limit)
	}
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(r, limit))
	if err != nil || p.Name != filter.LZW {
		return out, err
	}
	return f.predict(out, p.DecodeParms)
}

// predict undoes the TIFF (2) and PNG (10 to 15) predictors.
func (f *pdfFile) predict(data []byte, parms types.Dict) ([]byte, error) {
	kind := f.integer(parms, "Predictor", 1)
	if kind <= 1 {
		return data, nil
	}
	colors, bits, columns := f.integer(parms, "Colors", 1), f.integer(parms, "BitsPerComponent", 8), f.integer(parms, "Columns", 1)
	if colors < 1 || colors > 32 || columns < 1 || columns > 1<<20 || bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16 {
		return nil, refuse(Corrupt, "a predictor of %d columns, %d colours, %d bits", columns, colors, bits)
	}
	pixel, row := max(1, colors*bits/8), (colors*bits*columns+7)/8
	switch {
	case kind == 2 && bits == 8:
		for at := 0; at < len(data); at += row {
			line := data[at:min(at+row, len(data))]
			for i := pixel; i < len(line); i++ {
				line[i] += line[i-pixel]
			}
		}
		return data, nil
	case kind >= 10 && kind <= 15:
		return pngRows(data, row, pixel)
	}
	return nil, refuse(Unsupported, "predictor %d of %d bits", kind, bits)
}

// pngRows undoes PNG filters in place; each row starts with the number of its filter.
func pngRows(data []byte, row, pixel int) ([]byte, error) {
	if len(data)%(row+1) != 0 {
		return nil, refuse(Truncated, "%d bytes are no whole rows of %d", len(data), row+1)
	}
	out := data[:0]
	prev := make([]byte, row)
	for at := 0; at < len(data); at += row + 1 {
		kind, line := data[at], data[at+1:at+1+row]
		for i := range line {
			var left, corner byte
			if i >= pixel {
				left, corner = line[i-pixel], prev[i-pixel]
			}
			switch kind {
			case 0:
			case 1:
				line[i] += left
			case 2:
				line[i] += prev[i]
			case 3:
				line[i] += byte((int(left) + int(prev[i])) / 2)
			case 4:
				line[i] += paeth(left, prev[i], corner)
			default:
				return nil, refuse(Corrupt, "PNG filter %d", kind)
			}
		}
		copy(prev, line)
		out = append(out, line...)
	}
	return out, nil
}

// paeth is the PNG predictor of that name.
func paeth(a, b, c byte) byte {
	abs := func(v int) int { return max(v, -v) }
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}
