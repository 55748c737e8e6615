package scanner

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
)

// PageResult is one page of a file: a Page, or the *Error that says why it has none. Name and Index are as in Page and are
// always set, so that every page a file owns up to can be accounted for.
type PageResult struct {
	Name  string
	Index int
	Page  *Page
	Err   error
}

// picture is a decoded page before it knows the file it came from.
type picture struct {
	gray       *image.Gray
	ink        *Bits // the same picture, where it was decoded as bits
	pooled     bool  // gray was taken with takeGray
	bitonal    bool
	xdpi, ydpi float64
}

// decoded is a picture or the reason why there is none.
type decoded struct {
	pic picture
	err error
}

// Decode turns a file's bytes into its pages. The format is told by content, never by the name. The error is nil only when
// every page is good; otherwise it is an *Error, of the file (Page 0) or of its first bad page, and the results still list
// every page known, good ones with their picture. A file whose pages cannot even be counted gives an error of the file.
func Decode(name string, data []byte, lim Limits) ([]PageResult, error) {
	var results []PageResult
	err := Each(name, data, lim, func(r PageResult) { results = append(results, r) })
	return results, err
}

// Each is Decode for a file of many pages: it gives them one at a time, so that each can be released before the next is decoded.
// An error of the file comes after the pages before it.
func Each(name string, data []byte, lim Limits, give func(PageResult)) error {
	lim = lim.filled()
	if len(data) == 0 {
		return &Error{Op: "decode", Name: name, Reason: EmptyFile}
	}
	if int64(len(data)) > lim.MaxFile {
		return wrap("decode", name, 0, refuse(TooLarge, "%d bytes, at most %d are allowed", len(data), lim.MaxFile))
	}
	format := sniff(data)
	if format == nil {
		return wrap("decode", name, 0, refuse(NotAnImage, "it starts with %q", data[:min(len(data), 8)]))
	}
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	n := 0
	var first error
	var ours any // a panic of the taker's is no damage of the file
	fileErr := guardFile(func() error {
		return format(data, lim, func(d decoded) {
			n++
			r := PageResult{Name: PageName(name, n), Index: n}
			if d.err != nil {
				r.Err = wrap("decode", name, n, d.err)
				if first == nil {
					first = r.Err
				}
			} else {
				r.Page = &Page{Name: r.Name, Index: n, SHA256: hash, Gray: d.pic.gray, Bitonal: d.pic.bitonal,
					ink: d.pic.ink, shows: d.pic.gray, pooled: d.pic.pooled,
					XDPI: saneDPI(d.pic.xdpi), YDPI: saneDPI(d.pic.ydpi)}
			}
			defer func() {
				if ours = recover(); ours != nil {
					panic(ours)
				}
			}()
			give(r)
		})
	})
	switch {
	case ours != nil:
		panic(ours)
	case fileErr != nil:
		return wrap("decode", name, 0, fileErr)
	case n == 0:
		return wrap("decode", name, 0, refuse(Corrupt, "it holds no page"))
	}
	return first
}

// PageName is the name of a file's page in every output: the file's name, with "#2", "#3" and so on after the first page.
func PageName(file string, index int) string {
	if index <= 1 {
		return file
	}
	return fmt.Sprintf("%s#%d", file, index)
}

// fileDecoder gives a file's pages in turn.
type fileDecoder func(data []byte, lim Limits, give func(decoded)) error

// sniff tells the format by the first bytes, or gives nil.
func sniff(data []byte) fileDecoder {
	switch {
	case bytes.HasPrefix(data, []byte("II*\x00")), bytes.HasPrefix(data, []byte("MM\x00*")):
		return decodeTIFF
	case bytes.HasPrefix(data, []byte("II+\x00")), bytes.HasPrefix(data, []byte("MM\x00+")):
		return func([]byte, Limits, func(decoded)) error { return refuse(Unsupported, "BigTIFF") }
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return single(decodePNG)
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return single(decodeJPEG)
	case len(data) > 2 && data[0] == 'P' && data[1] >= '1' && data[1] <= '7' && isSpace(data[2]):
		return decodePNM
	case bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")):
		return decodePDF
	}
	return nil
}

// single makes a decoder of a one-page format one of a file.
func single(decode func([]byte, Limits) (picture, error)) fileDecoder {
	return func(data []byte, lim Limits, give func(decoded)) error {
		pic, err := guard(func() (picture, error) { return decode(data, lim) })
		give(decoded{pic: pic, err: err})
		return nil
	}
}

// guard runs a page's decoder; a panic inside a library is damage in the file that set it off, not the end of the run.
func guard(f func() (picture, error)) (pic picture, err error) {
	defer func() {
		if r := recover(); r != nil {
			pic, err = picture{}, refuse(Corrupt, "the decoder gave up: %v", r)
		}
	}()
	return f()
}

func guardFile(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = refuse(Corrupt, "the decoder gave up: %v", r)
		}
	}()
	return f()
}

// saneDPI drops resolutions no scanner of paper has. Fax is 98 dpi at the lowest, flatbeds stop at 1200.
func saneDPI(v float64) float64 {
	if v >= 50 && v <= 1300 {
		return v
	}
	return 0
}
