package scanner

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// archive lists the entries of a zip. Nothing is ever unpacked to disk.
func (s *Source) archive(g *group, name string, open func() (*os.File, error), lim Limits) error {
	f, err := open()
	if err != nil {
		g.refuse(name, 0, refuse(Unreadable, "%w", err))
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		g.refuse(name, 0, refuse(Unreadable, "%w", err))
		return nil
	}
	entries, err := listZip(f, info.Size(), lim)
	if err != nil {
		f.Close()
		g.refuse(name, info.Size(), err)
		return nil
	}
	s.closers = append(s.closers, f.Close)
	g.entries(name, entries, lim)
	return nil
}

// listZip reads an archive's directory. The count at its end is looked at first: a directory of 10 million entries must not
// be built to learn that there are too many.
func listZip(r io.ReaderAt, size int64, lim Limits) (entries []*zip.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			entries, err = nil, refuse(BadArchive, "the unpacker gave up: %v", p)
		}
	}()
	if size == 0 {
		return nil, refuse(EmptyFile, "an archive of no bytes")
	}
	// 46 bytes is the smallest entry of a directory, which lies inside the file.
	if size/46 > int64(lim.MaxInputs) {
		if n := zipCount(r, size); n > int64(lim.MaxInputs) {
			return nil, refuse(TooLarge, "%d entries, at most %d are allowed", n, lim.MaxInputs)
		}
	}
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, refuse(BadArchive, "%w", err)
	}
	if len(z.File) > lim.MaxInputs {
		return nil, refuse(TooLarge, "%d entries, at most %d are allowed", len(z.File), lim.MaxInputs)
	}
	return z.File, nil
}

// zipCount counts the signatures of directory entries at the end of a large archive, without keeping any. Stored data may
// hold signatures of its own, so the count can only be too high; the directory is at the end, so the last bytes are enough.
func zipCount(r io.ReaderAt, size int64) int64 {
	var eocd [22]byte
	if _, err := r.ReadAt(eocd[:], size-22); err != nil || string(eocd[:4]) != "PK\x05\x06" {
		return 0 // a comment follows; the library finds the end record
	}
	n := int64(eocd[10]) | int64(eocd[11])<<8
	if n != 0xffff {
		return n
	}
	dir := int64(eocd[12]) | int64(eocd[13])<<8 | int64(eocd[14])<<16 | int64(eocd[15])<<24
	return dir / 46 / 2 // names are hardly ever longer than an entry's fixed part; the real count is checked after listing
}

// entries turns an archive's entries into inputs.
func (g *group) entries(archive string, entries []*zip.File, lim Limits) {
	inputs := 0
	for _, f := range entries {
		if why := unsafeName(f.Name); why != "" {
			g.refuse(archive+"/"+quoteName(f.Name), 0, refuse(UnsafeName, "%s: %q", why, f.Name))
			inputs++
			continue
		}
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		name := archive + "/" + path.Clean(legible(f.Name))
		if !g.addEntry(name, f.Name) {
			continue
		}
		inputs++
		in := Input{Name: name, Size: int64(min(f.UncompressedSize64, 1<<62)), open: entryReader(f, lim.MaxEntry)}
		if err := checkEntry(f, lim.MaxEntry); err != nil {
			in.Err = wrap("open", name, 0, err)
		}
		g.inputs = append(g.inputs, in)
	}
	if inputs == 0 {
		g.skipped = append(g.skipped, Aside{archive, "an archive without scans"})
	}
}

// addEntry is add for an entry, whose own name alone decides.
func (g *group) addEntry(name, inner string) bool {
	switch skip, ignore, why := aside(inner); {
	case skip:
		g.skipped = append(g.skipped, Aside{name, why})
	case ignore:
		g.ignored = append(g.ignored, Aside{name, why})
	default:
		return true
	}
	return false
}

// unsafeName says what is wrong with an entry's name, or "".
func unsafeName(name string) string {
	switch {
	case name == "":
		return "no name"
	case strings.ContainsRune(name, 0):
		return "a NUL in the name"
	case strings.Contains(name, `\`):
		return "a backslash in the name"
	case strings.HasPrefix(name, "/"):
		return "an absolute name"
	case len(name) > 1 && name[1] == ':':
		return "a drive in the name"
	}
	for _, part := range strings.Split(name, "/") {
		if part == ".." {
			return `".." in the name`
		}
	}
	if name = strings.TrimSuffix(name, "/"); path.Clean(name) == "." {
		return "no name"
	}
	return ""
}

// quoteName makes an unsafe name harmless and still tells it from others: what is dangerous is written as %XX.
func quoteName(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c < 0x20, c >= 0x7f, c == '\\', c == '/', c == ':', c == '%':
			fmt.Fprintf(&b, "%%%02X", c)
		case c == '.' && i+1 < len(name) && name[i+1] == '.':
			b.WriteString("%2E")
		default:
			b.WriteByte(c)
		}
	}
	if b.Len() == 0 {
		return "%"
	}
	return b.String()
}

// checkEntry refuses what the directory alone shows cannot be read.
func checkEntry(f *zip.File, limit int64) error {
	switch {
	case f.Mode()&fs.ModeSymlink != 0:
		return refuse(UnsafeLink, "a link inside an archive")
	case !f.Mode().IsRegular():
		return refuse(Unsupported, "not a regular file")
	case f.Flags&1 != 0:
		return refuse(Unsupported, "encrypted")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return refuse(Unsupported, "compression method %d", f.Method)
	case f.UncompressedSize64 > uint64(limit):
		return refuse(TooLarge, "%d bytes unpacked, at most %d are allowed", f.UncompressedSize64, limit)
	}
	switch strings.ToLower(path.Ext(f.Name)) {
	case ".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst":
		return refuse(NestedArchive, "%s", path.Base(f.Name))
	}
	return nil
}

// entryReader unpacks an entry, at most limit bytes whatever its header says.
func entryReader(f *zip.File, limit int64) func(string) ([]byte, error) {
	return func(name string) (data []byte, err error) {
		defer func() {
			if p := recover(); p != nil {
				data, err = nil, wrap("read", name, 0, refuse(Corrupt, "the unpacker gave up: %v", p))
			}
		}()
		r, err := f.Open()
		if err != nil {
			return nil, wrap("read", name, 0, zipErr(err))
		}
		defer r.Close()
		data, err = readBounded(r, int64(min(f.UncompressedSize64, 1<<62)), limit)
		switch {
		case errors.Is(err, errTooMuch):
			return nil, wrap("read", name, 0, refuse(TooLarge, "more than %d bytes unpacked", limit))
		case err != nil:
			return nil, wrap("read", name, 0, zipErr(err))
		case bytes.HasPrefix(data, []byte("PK\x03\x04")):
			return nil, wrap("read", name, 0, refuse(NestedArchive, "a zip by its content"))
		}
		return data, nil
	}
}

func zipErr(err error) error {
	switch {
	case errors.Is(err, zip.ErrAlgorithm):
		return refuse(Unsupported, "%w", err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return refuse(Truncated, "%w", err)
	case errors.Is(err, zip.ErrFormat):
		return refuse(Corrupt, "%w", err)
	}
	var sys *fs.PathError
	if errors.As(err, &sys) {
		return refuse(Unreadable, "%w", err)
	}
	return refuse(Corrupt, "%w", err)
}
