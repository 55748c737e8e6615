package cvr

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The bounds of what is opened.
const (
	maxEntries  = 2_000_000 // files of all folders and archives: Hart writes one a sheet
	maxArchives = 256       // archives open at the same time
	// A stretch of bytes that has to be in memory at once: one record, one row of a table, one manifest.
	maxRecordBytes = 32 << 20
	maxEntryBytes  = 256 << 30 // one file, read as a stream
	// Deflate makes at most 1032 bytes of one. Exports of zeros and commas reach 200.
	maxRatio     = 500
	ratioMatters = 64 << 20 // bytes from which the ratio is looked at
)

// entry is one file of an export, wherever it lies. It can be opened again and again.
type entry struct {
	name   string // as shown to people: archive and path
	base   string // the last part
	folder string // what holds it: manifests belong to the exports of the same folder
	given  bool   // named by the user, not found in a folder or archive
	open   func() (io.ReadCloser, error)
}

// sources gathers the files of an export, and closes the archives.
type sources struct {
	entries []entry
	zips    []*zip.ReadCloser
}

func (s *sources) close() {
	for _, z := range s.zips {
		_ = z.Close()
	}
	s.zips = nil
}

// add gathers one path: a file, a folder with all below it, or an archive.
func (s *sources) add(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return &ReadError{File: name, Detail: "cannot be read (" + reason(err) + ")", Mend: "check the name", Err: err}
	}
	if !info.IsDir() {
		return s.file(name, filepath.ToSlash(name), true)
	}
	return filepath.WalkDir(name, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return &ReadError{File: p, Detail: "cannot be read (" + reason(err) + ")", Mend: "check the folder", Err: err}
		}
		// A symbolic link could lead out of the folder that was given.
		if !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") && p != name {
			if d.IsDir() && p != name && strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		return s.file(p, filepath.ToSlash(p), false)
	})
}

func (s *sources) append(e entry) error {
	if len(s.entries) >= maxEntries {
		return &ReadError{File: e.name, Detail: fmt.Sprintf("more than %d files", maxEntries), Mend: "tally them in parts"}
	}
	s.entries = append(s.entries, e)
	return nil
}

func (s *sources) file(name, shown string, given bool) error {
	e := entry{name: shown, base: path.Base(shown), folder: path.Dir(shown), given: given, open: func() (io.ReadCloser, error) { return os.Open(name) }}
	head, err := peek(&e, 4)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(head, []byte("PK\x03\x04")) && !bytes.HasPrefix(head, []byte("PK\x05\x06")) {
		return s.append(e)
	}
	if len(s.zips) >= maxArchives {
		return &ReadError{File: shown, Detail: fmt.Sprintf("more than %d archives", maxArchives), Mend: "unpack them into one folder"}
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return &ReadError{File: shown, Detail: "is no whole zip archive (" + err.Error() + ")", Mend: "copy or export it again", Err: err}
	}
	if isWorkbook(&z.Reader) {
		_ = z.Close()
		return s.append(e)
	}
	s.zips = append(s.zips, z)
	return s.archive(&z.Reader, shown)
}

// isWorkbook says whether an archive is a spreadsheet.
func isWorkbook(z *zip.Reader) bool {
	return slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == "xl/workbook.xml" })
}

func (s *sources) archive(z *zip.Reader, shown string) error {
	files := slices.Clone(z.File)
	slices.SortStableFunc(files, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	for _, f := range files {
		base := path.Base(f.Name)
		// Names are for people and for order only: nothing is written anywhere.
		if f.FileInfo().IsDir() || strings.HasPrefix(base, ".") || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		name := shown + "/" + f.Name
		err := s.append(entry{name: name, base: base, folder: path.Dir(name), open: func() (io.ReadCloser, error) {
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			return &inflated{ReadCloser: r, packed: int64(f.CompressedSize64)}, nil
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// inflated refuses an archive's file that grows beyond belief.
type inflated struct {
	io.ReadCloser
	packed, out int64
}

var errBomb = errors.New("the archive unpacks to far more than any export")

func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.ReadCloser.Read(p)
	i.out += int64(n)
	if i.out > ratioMatters && i.out/maxRatio > i.packed {
		return 0, errBomb
	}
	return n, err
}

// meter bounds what is read between two resets, so that nothing that has to be held in memory is larger.
type meter struct {
	r           io.Reader
	left, total int64
}

var errLong = fmt.Errorf("one record is larger than %d MiB", maxRecordBytes>>20)

func newMeter(r io.Reader) *meter { return &meter{r: r, left: maxRecordBytes, total: maxEntryBytes} }

func (m *meter) reset() { m.left = maxRecordBytes }

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errLong
	}
	if m.total <= 0 {
		return 0, fmt.Errorf("the file is larger than %d GiB", maxEntryBytes>>30)
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	m.total -= int64(n)
	return n, err
}

// peek gives an entry's first bytes.
func peek(e *entry, n int64) ([]byte, error) {
	r, err := e.open()
	if err != nil {
		return nil, unreadable(e, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, n))
	if err != nil {
		return nil, unreadable(e, err)
	}
	return b, nil
}

func unreadable(e *entry, err error) error {
	return &ReadError{File: e.name, Detail: "cannot be read (" + reason(err) + ")", Mend: "copy or export it again", Err: err}
}

// reason is a system error without the path, which stands before it already.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
