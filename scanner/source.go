package scanner

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// Source is the inputs found under the paths given. Close it when no input will be read any more.
type Source struct {
	// Inputs are the files that must each end in an outcome, sorted by Name, all names different.
	Inputs []Input
	// Skipped are droppings of operating systems, hidden files and empty folders; Ignored are texts and tables beside the
	// scans. Neither is an outcome; both are sorted by Name.
	Skipped, Ignored []Aside
	closers          []func() error
}

// Aside is a file that is no input, and why.
type Aside struct{ Name, Why string }

// Input is one file to be read. Its methods may be called by many workers at once, until the Source is closed.
type Input struct {
	// Name is the file's name in every output, with slashes: relative to the folder or archive given.
	Name string
	// Size is the bytes it claims to have.
	Size int64
	// Err is an *Error where the input is refused before it is read, else nil.
	Err  error
	open func(name string) ([]byte, error)
}

// Bytes reads the whole input, within the limits the source was opened with. The error is always an *Error.
func (in *Input) Bytes() ([]byte, error) {
	if in.Err != nil {
		return nil, in.Err
	}
	return in.open(in.Name)
}

// Pages reads and decodes the input; see Decode.
func (in *Input) Pages(lim Limits) ([]PageResult, error) {
	data, err := in.Bytes()
	if err != nil {
		return nil, err
	}
	return Decode(in.Name, data, lim)
}

// Close releases the folders and archives the inputs are read from.
func (s *Source) Close() error {
	var first error
	for _, c := range s.closers {
		if err := c(); err != nil && first == nil {
			first = err
		}
	}
	s.closers = nil
	return first
}

// group is what was found under one path given.
type group struct {
	prefix           string // put before the names when those of two groups would collide
	inputs           []Input
	skipped, ignored []Aside
}

// Open lists the files, folders (with what is below them) and zip archives at paths, archives inside folders included. The
// order is that of the names, whatever order the paths or the disk have. Names are relative to the folder given; those of an
// archive start with the archive's name, a single file's is its base name. Where names of two paths would collide, all of
// them are put below their path's base name. What cannot be read is an input with its Err set; only a path that does not
// exist, or too many inputs, is an error of Open. A path may be an address: file:///FOLDER, or s3://BUCKET/PREFIX and
// gs://BUCKET/PREFIX, whose objects below the prefix are named relative to it; there archives are not opened, and a store that
// does not answer is an error of Open, or an input's with the reason Unreachable.
func Open(paths []string, lim Limits) (*Source, error) {
	lim = lim.filled()
	s := &Source{}
	var groups []*group
	given := map[string]bool{}
	for _, p := range paths {
		if Remote(p) {
			if given[p] {
				s.Skipped = append(s.Skipped, Aside{path.Base(p), "given twice"})
				continue
			}
			given[p] = true
			g, err := s.bucket(p, lim)
			if err != nil {
				s.Close()
				return nil, fmt.Errorf("open scans: %w", err)
			}
			groups = append(groups, g)
			continue
		}
		local, err := LocalPath(p)
		if err != nil {
			s.Close()
			return nil, err
		}
		abs, err := filepath.Abs(local)
		if err != nil {
			return nil, fmt.Errorf("open scans %s: %w", p, err)
		}
		if given[abs] {
			s.Skipped = append(s.Skipped, Aside{filepath.Base(abs), "given twice"})
			continue
		}
		given[abs] = true
		info, err := os.Stat(abs)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("open scans: %w (give a file, a folder or a zip that exists)", err)
		}
		g := &group{prefix: filepath.Base(abs)}
		if info.IsDir() {
			err = s.folder(g, abs, lim)
		} else {
			g.prefix = filepath.Base(filepath.Dir(abs))
			err = s.file(g, abs, info, lim)
		}
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("open scans %s: %w", p, err)
		}
		groups = append(groups, g)
	}
	s.gather(groups)
	if len(s.Inputs) > lim.MaxInputs {
		s.Close()
		return nil, fmt.Errorf("open scans: %d inputs, at most %d are allowed (read them in parts)", len(s.Inputs), lim.MaxInputs)
	}
	return s, nil
}

// legible is a name as it stands in outputs, all of which are UTF-8; a disk takes any bytes for a name.
func legible(name string) string { return strings.ToValidUTF8(name, "\uFFFD") }

// gather joins the groups: prefixes where needed, sorted, every name made unique.
func (s *Source) gather(groups []*group) {
	owner, collide := map[string]int{}, false
	for i, g := range groups {
		for _, in := range g.inputs {
			if o, ok := owner[in.Name]; ok && o != i {
				collide = true
			}
			owner[in.Name] = i
		}
	}
	for _, g := range groups {
		prefix := ""
		if collide {
			prefix = g.prefix + "/"
		}
		for _, in := range g.inputs {
			in.Name = legible(prefix + in.Name)
			s.Inputs = append(s.Inputs, in)
		}
		for _, a := range g.skipped {
			s.Skipped = append(s.Skipped, Aside{legible(prefix + a.Name), a.Why})
		}
		for _, a := range g.ignored {
			s.Ignored = append(s.Ignored, Aside{legible(prefix + a.Name), a.Why})
		}
	}
	sort.SliceStable(s.Inputs, func(i, j int) bool { return s.Inputs[i].Name < s.Inputs[j].Name })
	taken := make(map[string]bool, len(s.Inputs))
	for _, in := range s.Inputs {
		taken[in.Name] = true
	}
	for i := range s.Inputs {
		if i == 0 || s.Inputs[i].Name != s.Inputs[i-1].Name {
			continue
		}
		base := s.Inputs[i].Name
		for j := i; j < len(s.Inputs) && s.Inputs[j].Name == base; j++ {
			for n := 2; ; n++ {
				if name := fmt.Sprintf("%s~%d", base, n); !taken[name] {
					s.Inputs[j].Name = name
					taken[name] = true
					break
				}
			}
		}
	}
	sort.SliceStable(s.Inputs, func(i, j int) bool { return s.Inputs[i].Name < s.Inputs[j].Name })
	for i := range s.Inputs { // errors made before the name was final
		var e *Error
		if errors.As(s.Inputs[i].Err, &e) {
			e.Name = s.Inputs[i].Name
		}
	}
	for _, list := range [][]Aside{s.Skipped, s.Ignored} {
		sort.Slice(list, func(i, j int) bool {
			if list[i].Name != list[j].Name {
				return list[i].Name < list[j].Name
			}
			return list[i].Why < list[j].Why
		})
	}
}

// aside sorts out names that are no scan: skip is true for droppings, ignore for texts. why is for people.
func aside(name string) (skip, ignore bool, why string) {
	for _, part := range strings.Split(name, "/") {
		switch {
		case part == "__MACOSX":
			return true, false, "made by macOS"
		case strings.HasPrefix(part, ".") && part != "." && part != "..":
			return true, false, "hidden"
		}
	}
	switch base := path.Base(name); strings.ToLower(base) {
	case "thumbs.db", "desktop.ini", "ehthumbs.db":
		return true, false, "made by Windows"
	}
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".md", ".html", ".htm", ".log", ".sha256", ".sha512", ".md5",
		".yaml", ".yml", ".ini", ".xlsx", ".xls", ".docx", ".doc", ".db", ".sqlite":
		return false, true, "not a picture (" + ext + ")"
	}
	return false, false, ""
}

// isZip tells by the name whether a file is to be opened as an archive.
func isZip(name string) bool { return strings.EqualFold(path.Ext(name), ".zip") }

// add sorts a name into the group: true where the file is an input.
func (g *group) add(name string) bool { return g.addEntry(name, name) }

func (g *group) refuse(name string, size int64, err error) {
	g.inputs = append(g.inputs, Input{Name: name, Size: size, Err: wrap("open", name, 0, err)})
}

// file adds a single file given by its path. A file somebody named is an input whatever it is called.
func (s *Source) file(g *group, abs string, info fs.FileInfo, lim Limits) error {
	name := filepath.Base(abs)
	if !info.Mode().IsRegular() {
		g.refuse(name, 0, refuse(Unreadable, "not a regular file"))
		return nil
	}
	open := func() (*os.File, error) { return os.Open(abs) }
	if isZip(name) {
		return s.archive(g, name, open, lim)
	}
	g.inputs = append(g.inputs, Input{Name: name, Size: info.Size(), open: fileReader(open, lim.MaxFile)})
	return nil
}
