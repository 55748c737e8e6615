package cvr

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
)

// The bounds of a spreadsheet. ES&S splits its exports at 99,999 rows, whose largest files are a tenth of it.
const (
	maxWorkbook = 512 << 20 // the file
	maxUnzipped = 4 << 30   // all its parts, and at most so many times the file:
	bookRatio   = 100       // 11 for 99,999 ballots of 60 contests
	bookFree    = 64 << 20  // from which the ratio is looked at
	// Sheets larger than this lie in temporary files while they are read.
	sheetInMemory = 32 << 20
	maxPictures   = 1_000_000
)

// workbook is a spreadsheet's sheets that have ES&S's header, one after the other, each read as a stream.
type workbook struct {
	file     *excelize.File
	sheets   []string // of records
	ballots  []string // sheets that are Ballots tables
	open     int      // how many of sheets were opened
	rows     *excelize.Rows
	line     int
	pictures map[[2]int]bool // by line and column, from 1 and 0
}

// essRows opens a table or a spreadsheet.
func (x *Export) essRows(e *entry, r io.Reader) (rows, func(), error) {
	b := bufio.NewReader(r)
	head, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	if !bytes.Equal(head, []byte("PK\x03\x04")) {
		t, err := newTable(b, false)
		return t, func() {}, err
	}
	size, err := sizeOf(e)
	if err != nil {
		return nil, nil, err
	}
	w, err := openWorkbook(b, size)
	if err != nil {
		return nil, nil, err
	}
	return w, w.close, nil
}

// sizeOf reads a file through for its size, which an archive's directory may misstate.
func sizeOf(e *entry) (int64, error) {
	r, err := e.open()
	if err != nil {
		return 0, unreadable(e, err)
	}
	defer r.Close()
	n, err := io.Copy(io.Discard, io.LimitReader(r, maxWorkbook+1))
	if err != nil {
		return 0, unreadable(e, err)
	}
	if n > maxWorkbook {
		return 0, &ReadError{Detail: fmt.Sprintf("is larger than %d MiB", maxWorkbook>>20), Mend: "save it as CSV"}
	}
	return n, nil
}

func badWorkbook(err error) error {
	return &ReadError{Detail: "is no spreadsheet that can be read (" + err.Error() + ")", Mend: "save it again, or as CSV", Err: err}
}

// caught turns a panic of the library over a hostile file into an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = badWorkbook(fmt.Errorf("%v", p))
	}
}

func openWorkbook(r io.Reader, size int64) (w *workbook, err error) {
	defer caught(&err)
	unzipped := min(max(bookFree, bookRatio*size), maxUnzipped)
	f, err := excelize.OpenReader(r, excelize.Options{UnzipSizeLimit: unzipped, UnzipXMLSizeLimit: sheetInMemory, RawCellValue: true})
	if err != nil {
		return nil, badWorkbook(err)
	}
	w = &workbook{file: f}
	for _, name := range f.GetSheetList() {
		head, err := w.header(name)
		if err != nil {
			w.close()
			return nil, err
		}
		switch {
		case isBallots(head):
			w.ballots = append(w.ballots, name)
		case head != nil:
			w.sheets = append(w.sheets, name)
		}
	}
	if len(w.sheets)+len(w.ballots) == 0 {
		w.close()
		return nil, &ReadError{Detail: "no sheet has a row that begins with Cast Vote Record", Mend: "give an ES&S CVR export"}
	}
	return w, nil
}

// header finds the columns that a sheet names in its first rows; nil where it is no table of ES&S's.
func (w *workbook) header(sheet string) (columns, error) {
	if err := w.start(sheet); err != nil {
		return nil, err
	}
	for range 20 {
		row, err := w.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if c := columnsOf(row); c.has("castvoterecord") {
			return c, nil
		}
	}
	return nil, nil
}

// start opens a sheet at its top.
func (w *workbook) start(sheet string) (err error) {
	if w.rows != nil {
		_ = w.rows.Close()
	}
	if w.rows, err = w.file.Rows(sheet); err != nil {
		return badWorkbook(err)
	}
	w.line = 0
	return nil
}

// sheet opens the next sheet of records; false where there is none.
func (w *workbook) sheet() (bool, error) {
	if w.open == len(w.sheets) {
		return false, nil
	}
	name := w.sheets[w.open]
	w.open++
	i, err := w.file.GetSheetIndex(name)
	if err != nil {
		return false, badWorkbook(err)
	}
	w.findPictures(i)
	return true, w.start(name)
}

func (w *workbook) close() {
	if w.rows != nil {
		_ = w.rows.Close()
	}
	_ = w.file.Close()
}

func (w *workbook) at() int { return w.line }

// wide is any width: a spreadsheet's cells have no commas to be mistaken for more.
func (w *workbook) wide(int) int { return maxColumns }

func (w *workbook) picture(column int) bool { return w.pictures[[2]int{w.line, column}] }

func (w *workbook) next() (row []string, err error) {
	defer caught(&err)
	for w.rows.Next() {
		w.line++
		if row, err = w.rows.Columns(); err != nil {
			return nil, badWorkbook(err)
		}
		if len(row) > maxColumns {
			return nil, &ReadError{Line: w.line, Detail: fmt.Sprintf("%d columns are more than %d", len(row), maxColumns), Mend: "export fewer contests at a time"}
		}
		for i := range row {
			row[i] = cell(row[i])
		}
		if strings.Join(row, "") != "" {
			return row, nil
		}
	}
	if err := w.rows.Error(); err != nil {
		return nil, badWorkbook(err)
	}
	return nil, io.EOF
}

// relations are the parts that a part points to.
type relations struct {
	List []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

// part gives a part's bytes, or nil.
func (w *workbook) part(name string) []byte {
	if v, ok := w.file.Pkg.Load(name); ok {
		if b, ok := v.([]byte); ok {
			return b
		}
	}
	return nil
}

// target resolves what a part points to.
func target(from, to string) string {
	if strings.HasPrefix(to, "/") {
		return strings.TrimPrefix(path.Clean(to), "/")
	}
	return path.Join(path.Dir(from), to)
}

func (w *workbook) relations(name string) relations {
	var r relations
	_ = xml.Unmarshal(w.part(path.Dir(name)+"/_rels/"+path.Base(name)+".rels"), &r)
	return r
}

// findPictures notes the cells that pictures are anchored to: ES&S puts a write-in's picture where its name would be.
func (w *workbook) findPictures(sheet int) {
	w.pictures = map[[2]int]bool{}
	if w.file.WorkBook == nil || sheet >= len(w.file.WorkBook.Sheets.Sheet) {
		return
	}
	const book = "xl/workbook.xml"
	id := w.file.WorkBook.Sheets.Sheet[sheet].ID
	for _, r := range w.relations(book).List {
		if r.ID != id {
			continue
		}
		at := target(book, r.Target)
		for _, d := range w.relations(at).List {
			if strings.HasSuffix(d.Type, "/drawing") {
				w.anchors(w.part(target(at, d.Target)))
			}
		}
	}
}

func (w *workbook) anchors(drawing []byte) {
	d := xml.NewDecoder(bytes.NewReader(drawing))
	for len(w.pictures) < maxPictures {
		t, err := d.Token()
		if err != nil {
			return
		}
		start, ok := t.(xml.StartElement)
		if !ok || start.Name.Local != "from" {
			continue
		}
		var from struct {
			Column int `xml:"col"`
			Row    int `xml:"row"`
		}
		if d.DecodeElement(&from, &start) == nil {
			w.pictures[[2]int{from.Row + 1, from.Column}] = true
		}
	}
}
