package scanner

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type zipped struct {
	name string
	data []byte
}

func makeZip(t testing.TB, entries ...zipped) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate})
		require.NoError(t, err)
		_, err = w.Write(e.data)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// tree writes files below a new folder; a name that ends in a slash is an empty folder.
func tree(t testing.TB, files map[string][]byte) string {
	dir := t.TempDir()
	for name, data := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if name[len(name)-1] == '/' {
			require.NoError(t, os.MkdirAll(p, 0o755))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o755))
		require.NoError(t, os.WriteFile(p, data, 0o600))
	}
	return dir
}

func open(t *testing.T, lim Limits, paths ...string) *Source {
	t.Helper()
	s, err := Open(paths, lim)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func names(s *Source) []string {
	var out []string
	for _, in := range s.Inputs {
		out = append(out, in.Name)
	}
	return out
}

func asides(list []Aside) []string {
	var out []string
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}

// reasonsOf reads every input and gives the reason it is refused for, or "".
func reasonsOf(s *Source) map[string]Reason {
	out := map[string]Reason{}
	for i := range s.Inputs {
		_, err := s.Inputs[i].Pages(Limits{})
		out[s.Inputs[i].Name] = ReasonOf(err)
	}
	return out
}

// Names that are no UTF-8 are written with a sign in the place of what is none; two that come to one name stay two files.
func TestNamesOfAnyBytes(t *testing.T) {
	page := rawPBM(drawn(80, 80))
	dir := tree(t, map[string][]byte{"bad\xff.pbm": page, "bad\xfe.pbm": page, "note\xc3.txt": {1}, "\xc3/a.pbm": page})
	s := open(t, Limits{}, dir)
	require.Equal(t, []string{"bad\uFFFD.pbm", "bad\uFFFD.pbm~2", "\uFFFD"}, names(s))
	assert.Equal(t, []string{"note\uFFFD.txt"}, asides(s.Ignored))
	assert.ErrorContains(t, s.Inputs[2].Err, "unreadable", "a folder of such a name is not walked, and says so")
	for i := range s.Inputs[:2] {
		data, err := s.Inputs[i].Bytes()
		require.NoError(t, err)
		assert.Equal(t, page, data)
	}
}

func TestFolderIsListedOnceInOrder(t *testing.T) {
	page := rawPBM(drawn(80, 80))
	dir := tree(t, map[string][]byte{"b.tif": page, "a/2.png": page, "a/1.pbm": page, "a.pgm": page, "noext": page, "odd.xyz": page,
		"notes.txt": {1}, "a/list.CSV": {1}, ".DS_Store": {1}, "a/Thumbs.db": {1}, "__MACOSX/x.tif": {1}, ".git/x.tif": {1},
		"Desktop.ini": {1}, "empty/": nil, "zip/batch.ZIP": makeZip(t, zipped{"in/x.tif", page}, zipped{"y.pbm", page},
			zipped{"in/", nil}, zipped{"__MACOSX/._x.tif", page}, zipped{"readme.md", page})})
	s := open(t, Limits{}, dir)
	assert.Equal(t, []string{"a.pgm", "a/1.pbm", "a/2.png", "b.tif", "noext", "odd.xyz", "zip/batch.ZIP/in/x.tif", "zip/batch.ZIP/y.pbm"}, names(s))
	assert.Equal(t, []string{".DS_Store", ".git/", "Desktop.ini", "__MACOSX/", "a/Thumbs.db", "empty/", "zip/batch.ZIP/__MACOSX/._x.tif"}, asides(s.Skipped))
	assert.Equal(t, []string{"a/list.CSV", "notes.txt", "zip/batch.ZIP/readme.md"}, asides(s.Ignored))
	for i := range s.Inputs {
		in := &s.Inputs[i]
		data, err := in.Bytes()
		require.NoError(t, err)
		assert.Equal(t, page, data)
		assert.Equal(t, int64(len(page)), in.Size)
		pages, err := in.Pages(Limits{})
		require.NoError(t, err)
		assert.Equal(t, in.Name, pages[0].Page.Name)
	}
}

func TestNamesOfSeveralPaths(t *testing.T) {
	page := []byte("x")
	dir := tree(t, map[string][]byte{"one/a.tif": page, "two/b.tif": page, "three/a.tif": page, "deep/one/a.tif": page,
		"z.zip": makeZip(t, zipped{"a.tif", page})})
	at := func(p string) string { return filepath.Join(dir, p) }
	rows := []struct {
		name  string
		paths []string
		want  []string
	}{
		{"no collision", []string{at("two"), at("one")}, []string{"a.tif", "b.tif"}},
		{"folders that collide", []string{at("three"), at("one"), at("two")}, []string{"one/a.tif", "three/a.tif", "two/b.tif"}},
		{"files that collide", []string{at("one/a.tif"), at("three/a.tif")}, []string{"one/a.tif", "three/a.tif"}},
		{"folders of one name that collide", []string{at("one"), at("deep/one")}, []string{"one/a.tif", "one/a.tif~2"}},
		{"a zip", []string{at("z.zip"), at("one")}, []string{"a.tif", "z.zip/a.tif"}},
		{"the same twice", []string{at("one"), at("one/../one")}, []string{"a.tif"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) { assert.Equal(t, r.want, names(open(t, Limits{}, r.paths...))) })
	}
	_, err := Open([]string{at("nowhere")}, Limits{})
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = Open([]string{dir}, Limits{MaxInputs: 2})
	assert.ErrorContains(t, err, "more than 2 inputs")
}

func TestLinksDoNotLeaveTheFolder(t *testing.T) {
	page := rawPBM(drawn(80, 80))
	dir := tree(t, map[string][]byte{"in/a.pbm": page, "in/sub/b.pbm": page, "secret.pbm": page})
	in := filepath.Join(dir, "in")
	for name, target := range map[string]string{"good.pbm": "a.pbm", "out.pbm": "../secret.pbm", "abs.pbm": filepath.Join(dir, "secret.pbm"),
		"folder": "sub", "up": "..", "loop.pbm": "loop.pbm", "broken.pbm": "nothing"} {
		if err := os.Symlink(target, filepath.Join(in, name)); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	assert.Equal(t, map[string]Reason{"a.pbm": "", "sub/b.pbm": "", "good.pbm": "", "out.pbm": UnsafeLink, "abs.pbm": UnsafeLink,
		"folder": UnsafeLink, "up": UnsafeLink, "loop.pbm": UnsafeLink, "broken.pbm": UnsafeLink}, reasonsOf(open(t, Limits{}, in)))
}

func TestLinkChangedAfterListingDoesNotLeaveTheFolder(t *testing.T) {
	dir := tree(t, map[string][]byte{"in/a.pbm": []byte("x"), "secret.pbm": []byte("secret")})
	s := open(t, Limits{}, filepath.Join(dir, "in"))
	require.NoError(t, os.Remove(filepath.Join(dir, "in", "a.pbm")))
	if err := os.Symlink("../secret.pbm", filepath.Join(dir, "in", "a.pbm")); err != nil {
		t.Skip("no symbolic links here")
	}
	_, err := s.Inputs[0].Bytes()
	assert.Equal(t, Unreadable, ReasonOf(err), "%v", err)
}

func TestZipEntriesThatAreRefused(t *testing.T) {
	page := rawPBM(drawn(80, 80))
	data := makeZip(t, zipped{"good.pbm", page}, zipped{"../up.pbm", page}, zipped{"a/../../b.pbm", page}, zipped{"/abs.pbm", page},
		zipped{`win\x.pbm`, page}, zipped{"nul\x00.pbm", page}, zipped{"C:x.pbm", page}, zipped{"inner.zip", page},
		zipped{"hidden.pbm", makeZip(t, zipped{"x", page})}, zipped{"big.pbm", make([]byte, 5000)}, zipped{"empty.tif", nil},
		zipped{"text.tif", []byte("no pixels")}, zipped{"good.pbm", page})
	dir := tree(t, map[string][]byte{"a.zip": data})
	s := open(t, Limits{MaxEntry: 4000}, filepath.Join(dir, "a.zip"))
	assert.Equal(t, map[string]Reason{"a.zip/good.pbm": "", "a.zip/good.pbm~2": "", "a.zip/%2E.%2Fup.pbm": UnsafeName,
		"a.zip/a%2F%2E.%2F%2E.%2Fb.pbm": UnsafeName, "a.zip/%2Fabs.pbm": UnsafeName, "a.zip/win%5Cx.pbm": UnsafeName,
		"a.zip/nul%00.pbm": UnsafeName, "a.zip/C%3Ax.pbm": UnsafeName, "a.zip/inner.zip": NestedArchive, "a.zip/hidden.pbm": NestedArchive,
		"a.zip/big.pbm": TooLarge, "a.zip/empty.tif": EmptyFile, "a.zip/text.tif": NotAnImage}, reasonsOf(s))
	for _, in := range s.Inputs {
		var e *Error
		if assert.NotContains(t, in.Name, ".."); in.Err != nil {
			require.ErrorAs(t, in.Err, &e)
			assert.Equal(t, in.Name, e.Name)
		}
	}
}

// dirEntry finds the directory entry of the only file of an archive.
func dirEntry(data []byte) int { return bytes.LastIndex(data, []byte("PK\x01\x02")) }

func TestZipDamage(t *testing.T) {
	page := rawPBM(drawn(80, 80))
	good := makeZip(t, zipped{"a.pbm", page})
	edit := func(f func(d []byte)) []byte {
		d := bytes.Clone(good)
		f(d)
		return d
	}
	lies := makeZip(t, zipped{"a.pbm", make([]byte, 1<<20)})
	binary.LittleEndian.PutUint32(lies[dirEntry(lies)+24:], 100) // claims 100 bytes, unpacks to a million
	rows := []struct {
		name string
		data []byte
		want map[string]Reason
	}{
		{"good", good, map[string]Reason{"x.zip/a.pbm": ""}},
		{"cut in half", good[:len(good)/2], map[string]Reason{"x.zip": BadArchive}},
		{"text", []byte("not a zip"), map[string]Reason{"x.zip": BadArchive}},
		{"empty", nil, map[string]Reason{"x.zip": EmptyFile}},
		{"encrypted", edit(func(d []byte) { d[dirEntry(d)+8] |= 1 }), map[string]Reason{"x.zip/a.pbm": Unsupported}},
		{"another method", edit(func(d []byte) { d[dirEntry(d)+10] = 14 }), map[string]Reason{"x.zip/a.pbm": Unsupported}},
		{"a dented entry", edit(func(d []byte) { d[40] ^= 0xff }), map[string]Reason{"x.zip/a.pbm": Corrupt}},
		{"another checksum", edit(func(d []byte) { d[dirEntry(d)+16] ^= 0xff }), map[string]Reason{"x.zip/a.pbm": Corrupt}},
		{"a size that lies", lies, map[string]Reason{"x.zip/a.pbm": Corrupt}},
		{"entries beyond the limit", makeZip(t, zipped{"1", nil}, zipped{"2", nil}, zipped{"3", nil}, zipped{"4", nil}), map[string]Reason{"x.zip": TooLarge}},
		{"no entry", makeZip(t), map[string]Reason{}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			dir := tree(t, map[string][]byte{"x.zip": r.data})
			assert.Equal(t, r.want, reasonsOf(open(t, Limits{MaxInputs: 3, MaxEntry: 10000}, dir)))
		})
	}
}

func TestUnpackingStopsAtTheLimitWhateverTheHeaderSays(t *testing.T) {
	data, err := readBounded(bytes.NewReader(make([]byte, 100)), 0, 100)
	require.NoError(t, err)
	assert.Len(t, data, 100)
	_, err = readBounded(bytes.NewReader(make([]byte, 101)), 0, 100)
	assert.ErrorIs(t, err, errTooMuch)
	_, err = readBounded(bytes.NewReader(nil), 101, 100)
	assert.ErrorIs(t, err, errTooMuch)
}

func TestFilesTooLargeAreNotRead(t *testing.T) {
	dir := tree(t, map[string][]byte{"a.tif": make([]byte, 2000)})
	s := open(t, Limits{MaxFile: 1000}, dir)
	_, err := s.Inputs[0].Bytes()
	assert.Equal(t, TooLarge, ReasonOf(err))
}
