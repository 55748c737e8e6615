package scanner

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// folder lists what lies below a folder. Everything is opened through an os.Root, so that no link leads out of it, not even
// one put there after the listing.
func (s *Source) folder(g *group, abs string, lim Limits) error {
	root, err := os.OpenRoot(abs)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, root.Close)
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == "." {
				return err
			}
			g.refuse(name, 0, refuse(Unreadable, "%w", err))
			return nil
		}
		if len(g.inputs) > lim.MaxInputs {
			return fmt.Errorf("more than %d inputs (read them in parts)", lim.MaxInputs)
		}
		if name == "." {
			return nil
		}
		if d.IsDir() {
			return g.enter(root, name)
		}
		if !g.add(name) {
			return nil
		}
		return s.entry(g, root, name, d, lim)
	})
}

// enter decides on a folder inside a folder.
func (g *group) enter(root *os.Root, name string) error {
	if skip, _, why := aside(name); skip {
		g.skipped = append(g.skipped, Aside{name + "/", why})
		return fs.SkipDir
	}
	f, err := root.Open(name)
	if err != nil {
		return nil // the walk meets the same error and lists it
	}
	defer f.Close()
	if _, err := f.Readdirnames(1); err == io.EOF {
		g.skipped = append(g.skipped, Aside{name + "/", "empty folder"})
	}
	return nil
}

// entry adds a file of a folder.
func (s *Source) entry(g *group, root *os.Root, name string, d fs.DirEntry, lim Limits) error {
	info, err := root.Stat(name) // follows links, but not out of the root
	if d.Type()&fs.ModeSymlink != 0 {
		switch {
		case err != nil:
			g.refuse(name, 0, refuse(UnsafeLink, "%w", err))
			return nil
		case info.IsDir():
			g.refuse(name, 0, refuse(UnsafeLink, "a link to a folder is not followed"))
			return nil
		}
	}
	if err != nil {
		g.refuse(name, 0, refuse(Unreadable, "%w", err))
		return nil
	}
	if !info.Mode().IsRegular() {
		g.refuse(name, 0, refuse(Unreadable, "not a regular file"))
		return nil
	}
	open := func() (*os.File, error) { return root.Open(name) }
	if isZip(name) {
		return s.archive(g, name, open, lim)
	}
	g.inputs = append(g.inputs, Input{Name: name, Size: info.Size(), open: fileReader(open, lim.MaxFile)})
	return nil
}

// fileReader reads a regular file whole, at most limit bytes.
func fileReader(open func() (*os.File, error), limit int64) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		f, err := open()
		if err != nil {
			return nil, wrap("read", name, 0, refuse(Unreadable, "%w", err))
		}
		defer f.Close()
		size := int64(0)
		if info, err := f.Stat(); err == nil {
			size = info.Size()
		}
		data, err := readBounded(f, size, limit)
		if errors.Is(err, errTooMuch) {
			return nil, wrap("read", name, 0, refuse(TooLarge, "more than %d bytes", limit))
		}
		if err != nil {
			return nil, wrap("read", name, 0, refuse(Unreadable, "%w", err))
		}
		return data, nil
	}
}

var errTooMuch = fmt.Errorf("more bytes than allowed")

// readBounded reads r to its end, or gives errTooMuch past limit. The size hint is only trusted for a first megabyte.
func readBounded(r io.Reader, hint, limit int64) ([]byte, error) {
	var buf bytes.Buffer
	if hint > limit {
		return nil, errTooMuch
	}
	buf.Grow(int(min(max(hint, 0), 1<<20)) + bytes.MinRead)
	n, err := buf.ReadFrom(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, errTooMuch
	}
	return buf.Bytes(), nil
}
