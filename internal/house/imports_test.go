package house

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// room is one package of ours and the packages of ours that it may import.
type room struct {
	name string
	may  []string
}

// rooms is the table of ARCHITECTURE.md. A room imports only rooms above it.
var rooms = []room{
	{"election", nil},
	{"internal/cv", nil},
	{"internal/fax", nil},
	{"internal/turbo", nil},
	{"internal/bucket", nil},
	{"scanner", []string{"internal/bucket", "internal/cv", "internal/fax", "internal/turbo"}},
	{"internal/proof", []string{"election"}},
	{"template", []string{"election", "scanner", "internal/cv", "internal/proof"}},
	{"template/author", []string{"election", "scanner", "template", "internal/proof"}},
	{"marks", []string{"election"}},
	{"vote", []string{"election", "marks"}},
	{"cvr", []string{"election", "vote"}},
	{"audit", []string{"election", "vote", "cvr"}},
	{"batch", []string{"election", "scanner", "template", "marks", "vote", "cvr", "audit"}},
	{"review", []string{"election", "vote", "cvr", "audit", "batch"}},
	{"fixtures", []string{"election"}},
	{"cmd/recount", []string{"election", "scanner", "template", "template/author", "marks", "vote", "cvr", "audit", "batch", "review", "fixtures"}},
	{"internal/house", nil},
}

// testsAlsoMay are the rooms that a room's tests use as a witness, though its code may not.
var testsAlsoMay = map[string][]string{
	"template":        {"marks"}, // a mapping is right where the printed outlines are found
	"template/author": {"marks"},
	"batch":           {"template/author"}, // makes the elections that are read; reading itself must not see it
	"review":          {"template/author"},
}

const (
	module   = "recount"
	opencv   = "gocv.io/x/gocv"
	drawn    = "fixtures"
	demoFile = "cmd/recount/demo.go" // the one file that is no test and may draw ballots
	cvRoom   = "internal/cv"

	turboRoom = "internal/turbo" // the door to libjpeg-turbo, in C
)

// source is one Go file: its path from the repository's root, with slashes, and what it imports.
type source struct {
	path    string
	imports []string
}

// allowed says whether a room's code may import another room. Its tests may also import what those rooms are made of, for
// they build what the room is given.
func allowed(from, to string, test bool) bool {
	i := slices.IndexFunc(rooms, func(r room) bool { return r.name == from })
	if i < 0 {
		return false
	}
	if slices.Contains(rooms[i].may, to) || test && slices.Contains(testsAlsoMay[from], to) {
		return true
	}
	return test && slices.ContainsFunc(rooms[i].may, func(mid string) bool { return allowed(mid, to, true) })
}

// faults lists the imports that are not in the table.
func faults(files []source) []string {
	var out []string
	for _, f := range files {
		from, test := path.Dir(f.path), strings.HasSuffix(f.path, "_test.go")
		if !slices.ContainsFunc(rooms, func(r room) bool { return r.name == from }) {
			out = append(out, fmt.Sprintf("%s: %s is no room of the table", f.path, from))
			continue
		}
		for _, im := range f.imports {
			if im == opencv || strings.HasPrefix(im, opencv+"/") || im == "C" && from != turboRoom {
				if from != cvRoom {
					out = append(out, fmt.Sprintf("%s imports %s, which is for %s alone", f.path, im, cvRoom))
				}
				continue
			}
			if im == "C" {
				continue
			}
			to, ours := strings.CutPrefix(im, module+"/")
			switch {
			case !ours, to == from && test: // a test from outside its package
			case to == drawn && !test && f.path != demoFile:
				out = append(out, fmt.Sprintf("%s imports %s, which is for tests and %s", f.path, to, demoFile))
			case to == drawn: // a test of any room may draw ballots
			case !allowed(from, to, test):
				out = append(out, fmt.Sprintf("%s imports %s, which %s may not", f.path, to, from))
			}
		}
	}
	slices.Sort(out)
	return out
}

// sources reads every Go file below root, whatever its build tags.
func sources(root string) ([]source, error) {
	var out []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin" || name == "demo") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(rel)}
		for _, im := range f.Imports {
			name, err := strconv.Unquote(im.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, name)
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	_, err := os.Stat(filepath.Join(root, "go.mod"))
	require.NoError(t, err, "the module's root")
	files, err := sources(root)
	require.NoError(t, err)
	// The walk found the house, and not an empty one.
	door := slices.ContainsFunc(files, func(f source) bool { return path.Dir(f.path) == cvRoom && slices.Contains(f.imports, opencv) })
	assert.True(t, door, "%s imports %s", cvRoom, opencv)
	for _, r := range rooms {
		built := slices.ContainsFunc(files, func(f source) bool { return path.Dir(f.path) == r.name })
		assert.True(t, built, "room %s has files", r.name)
	}
	for _, fault := range faults(files) {
		t.Error(fault)
	}
}

func TestTableHasNoCircle(t *testing.T) {
	above := map[string]bool{}
	for _, r := range rooms {
		for _, m := range r.may {
			assert.True(t, above[m], "%s may import %s, which must stand above it", r.name, m)
		}
		above[r.name] = true
	}
	for _, pure := range []string{"election", "marks", "vote", "cvr", "audit"} {
		assert.False(t, allowed(pure, cvRoom, true), "%s must build without C", pure)
		assert.False(t, allowed(pure, "scanner", true), "%s must build without C", pure)
	}
	for _, blind := range []string{"scanner", "template", "marks", "vote", "cvr"} {
		assert.False(t, allowed(blind, "audit", true), "%s must not see a machine's answer", blind)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name string
		file source
		want string // part of the one fault; empty for none
	}{
		{"an arrow of the table", source{"vote/a.go", []string{"fmt", "recount/election", "recount/marks"}}, ""},
		{"an arrow backwards", source{"election/a.go", []string{"recount/vote"}}, "election/a.go imports vote, which election may not"},
		{"an arrow past a room", source{"vote/a.go", []string{"recount/scanner"}}, "vote may not"},
		{"the machine's answer seen by a reader", source{"marks/a.go", []string{"recount/audit"}}, "marks may not"},
		{"a room beneath another", source{"audit/a.go", []string{"recount/marks"}}, "audit may not"},
		{"a test may use what its rooms are made of", source{"audit/a_test.go", []string{"recount/marks", "recount/audit"}}, ""},
		{"a test's witness", source{"template/a_test.go", []string{"recount/marks"}}, ""},
		{"a test's witness in the code", source{"template/a.go", []string{"recount/marks"}}, "template may not"},
		{"a test may not use any room", source{"election/a_test.go", []string{"recount/vote"}}, "election may not"},
		{"a test draws ballots", source{"marks/a_test.go", []string{"recount/fixtures"}}, ""},
		{"a program draws ballots", source{"batch/a.go", []string{"recount/fixtures"}}, "for tests and cmd/recount/demo.go"},
		{"a command draws ballots", source{"cmd/recount/read.go", []string{"recount/fixtures"}}, "for tests and cmd/recount/demo.go"},
		{"the demo draws ballots", source{"cmd/recount/demo.go", []string{"recount/fixtures"}}, ""},
		{"OpenCV behind its door", source{"internal/cv/a.go", []string{"gocv.io/x/gocv"}}, ""},
		{"OpenCV elsewhere", source{"template/a.go", []string{"gocv.io/x/gocv"}}, "for internal/cv alone"},
		{"a part of OpenCV elsewhere, in a test", source{"template/a_test.go", []string{"gocv.io/x/gocv/contrib"}}, "for internal/cv alone"},
		{"libjpeg-turbo behind its door", source{"internal/turbo/a.go", []string{"C"}}, ""},
		{"OpenCV behind another door", source{"internal/turbo/a.go", []string{"gocv.io/x/gocv"}}, "for internal/cv alone"},
		{"C elsewhere", source{"scanner/a.go", []string{"C"}}, "for internal/cv alone"},
		{"the door from a room that may not", source{"batch/a.go", []string{"recount/internal/cv"}}, "batch may not"},
		{"a room nobody planned", source{"util/a.go", nil}, "no room of the table"},
		{"a room within a room", source{"scanner/tiff/a.go", nil}, "no room of the table"},
		{"a file outside every room", source{"main.go", nil}, "no room of the table"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := faults([]source{c.file})
			if c.want == "" {
				assert.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			assert.Contains(t, got[0], c.want)
		})
	}
}

func TestSources(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	}
	write("vote/a.go", "//go:build never\n\npackage vote\n\nimport (\n\t_ \"recount/batch\"\n\t. `recount/cvr`\n)\n")
	write("vote/testdata/b.go", "not Go at all")
	write(".git/c.go", "not Go at all")
	write("vote/notes.txt", "import \"recount/audit\"")
	files, err := sources(root)
	require.NoError(t, err)
	assert.Equal(t, []source{{"vote/a.go", []string{"recount/batch", "recount/cvr"}}}, files)
	assert.Len(t, faults(files), 2)

	write("vote/d.go", "import")
	_, err = sources(root)
	assert.ErrorContains(t, err, "d.go")
}
