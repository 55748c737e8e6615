package author

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"image"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/scanner"
	"recount/template"
)

// townArgs are the drawn town's blanks as New takes them, and its contest list, with or without the targets' places.
func townArgs(t *testing.T, a *town, places bool) NewOptions {
	t.Helper()
	dir := t.TempDir()
	o := NewOptions{Title: "Town", Contests: filepath.Join(dir, "contests.csv"), Out: filepath.Join(dir, "out")}
	var buf bytes.Buffer
	require.NoError(t, a.m.WriteContests(&buf))
	rows, err := csv.NewReader(&buf).ReadAll()
	require.NoError(t, err)
	if !places {
		for i := range rows {
			rows[i] = rows[i][:7]
		}
	}
	buf.Reset()
	require.NoError(t, csv.NewWriter(&buf).WriteAll(rows))
	require.NoError(t, os.WriteFile(o.Contests, buf.Bytes(), 0o644))
	for _, st := range a.e.Styles {
		for _, pg := range st.Pages {
			file := filepath.Join(a.dir, filepath.FromSlash(pg.Picture.File))
			o.Blanks = append(o.Blanks, BlankArg{Style: st.ID, Page: pg.Number, File: file})
		}
	}
	return o
}

// New finds the targets that the town was drawn with, by their listed places and by reading order alike, and what it
// writes can be loaded.
func TestNewFindsTheTownsTargets(t *testing.T) {
	a := drawnTown(t)
	for _, places := range []bool{true, false} {
		name := "in reading order"
		if places {
			name = "by place"
		}
		t.Run(name, func(t *testing.T) {
			o := townArgs(t, a, places)
			e, err := New(o)
			require.NoError(t, err)
			require.Len(t, e.Styles, len(a.e.Styles))
			for i, st := range a.e.Styles {
				require.Len(t, e.Styles[i].Pages, len(st.Pages))
				for j, pg := range st.Pages {
					got := e.Styles[i].Pages[j]
					require.Len(t, got.Targets, len(pg.Targets))
					assert.Equal(t, 200.0, got.Picture.DPI)
					for k, want := range pg.Targets {
						g := got.Targets[k]
						const px = 1.5 / 200
						assert.InDelta(t, want.X, g.X, px, "%s page %d target %d", st.ID, pg.Number, k)
						assert.InDelta(t, want.Y, g.Y, px, "%s page %d target %d", st.ID, pg.Number, k)
						assert.InDelta(t, want.W, g.W, 2*px)
						assert.InDelta(t, want.H, g.H, 2*px)
						assert.Equal(t, election.Oval, g.Shape)
						assert.Equal(t, a.e.Contest(want.Contest).Title, e.Contest(g.Contest).Title)
						assert.Equal(t, a.e.Contest(want.Contest).Choice(want.Choice).Name, e.Contest(g.Contest).Choice(g.Choice).Name)
					}
				}
			}
			back, err := election.Load(filepath.Join(o.Out, DefinitionFile))
			require.NoError(t, err)
			assert.Equal(t, e.Hash(), back.Hash())
			_, err = template.Load(back, o.Out)
			require.NoError(t, err)
		})
	}
}

// The same blanks and list give the same files, byte for byte.
func TestNewGivesTheSameBytes(t *testing.T) {
	dir := t.TempDir()
	d := fixtures.NewDrawing(8.5, 11, 100)
	d.Oval(1, 2)
	d.Oval(1, 3)
	blank := saved(t, d, dir, "b.png", 100)
	var all [2][]byte
	for i := range all {
		o := NewOptions{Title: "T", Contests: saveList(t, dir, 2, nil), Out: t.TempDir(), Blanks: []BlankArg{{"style", 1, blank}}}
		_, err := New(o)
		require.NoError(t, err)
		for _, f := range []string{DefinitionFile, "blanks/style-p1.png"} {
			data, err := os.ReadFile(filepath.Join(o.Out, f))
			require.NoError(t, err)
			all[i] = append(all[i], data...)
		}
	}
	assert.Equal(t, all[0], all[1])
}

// A list without places is read down each column, columns left to right, though the columns are a little slanted.
func TestNewReadsDownTheColumns(t *testing.T) {
	dir := t.TempDir()
	d := fixtures.NewDrawing(8.5, 11, 100)
	want := []at2{{1, 2}, {1.02, 3}, {1.04, 4.5}, {5, 1.9}, {5.02, 2.9}, {5.04, 4.4}}
	for _, p := range []int{3, 0, 4, 1, 5, 2} {
		d.Oval(want[p].x, want[p].y)
	}
	e, err := New(NewOptions{Title: "T", Contests: saveList(t, dir, 6, nil), Out: dir, Blanks: []BlankArg{{"style", 1, saved(t, d, dir, "b.png", 100)}}})
	require.NoError(t, err)
	for i, tg := range e.Styles[0].Pages[0].Targets {
		assert.InDelta(t, want[i].x, tg.X, 0.015, "target %d", i)
		assert.InDelta(t, want[i].y, tg.Y, 0.015, "target %d", i)
		assert.Equal(t, "Choice "+string(rune('A'+i)), e.Contest(tg.Contest).Choice(tg.Choice).Name)
	}
}

// Where list and blank differ nothing is guessed: the error has both counts, and a picture and a table of what was found.
func TestMismatch(t *testing.T) {
	three := []at2{{1, 2}, {1, 3}, {1, 4}}
	tests := []struct {
		name          string
		ovals         []at2
		listed        int
		places        []at2
		found, tabled int
		says          string
	}{
		{"one row too many", three, 4, nil, 3, 3, "has 4 targets, 3 were found"},
		{"one row too few", three, 2, nil, 3, 3, "has 2 targets, 3 were found"},
		{"a blank with none", nil, 2, nil, 0, 0, "has 2 targets, 0 were found"},
		{"a place where none is printed", three, 3, []at2{{1, 2}, {1, 3}, {3, 4}}, 2, 3, "near the listed places"},
		{"a place listed twice", three, 3, []at2{{1, 2}, {1, 3}, {1.02, 3}}, 2, 3, "near the listed places"},
		{"places on a blank with none", nil, 3, three, 0, 0, "0 were found on the blank near the listed places"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			d := fixtures.NewDrawing(8.5, 11, 100)
			for _, p := range tt.ovals {
				d.Oval(p.x, p.y)
			}
			blank := saved(t, d, dir, "b.png", 100)
			_, err := New(NewOptions{Title: "T", Contests: saveList(t, dir, tt.listed, tt.places), Out: dir, Blanks: []BlankArg{{"style", 1, blank}}})
			var mm *MismatchError
			require.ErrorAs(t, err, &mm)
			assert.Equal(t, tt.listed, mm.Listed)
			assert.Equal(t, tt.found, mm.Found)
			assert.Equal(t, BlankArg{"style", 1, blank}, mm.Blank)
			for _, s := range []string{blank, "style style page 1", tt.says, mm.Picture, mm.Places} {
				assert.Contains(t, err.Error(), s)
			}
			assert.Equal(t, d.Rect, decodePNG(t, mm.Picture).Bounds())
			f, err := os.Open(mm.Places)
			require.NoError(t, err)
			defer f.Close()
			rows, err := csv.NewReader(f).ReadAll()
			require.NoError(t, err)
			assert.Equal(t, []string{"number", "x", "y", "w", "h", "shape"}, rows[0])
			assert.Len(t, rows, 1+tt.tabled)
			assert.NoFileExists(t, filepath.Join(dir, DefinitionFile))
		})
	}
}

// The resolution comes from the file where it can be, else from the paper's size, else from the listed places.
func TestResolutionOfABlank(t *testing.T) {
	places := []at2{{1, 2}, {1, 3}, {4, 2.5}, {5.5, 7}}
	tests := []struct {
		name      string
		w, h, dpi float64
		claim     int
		override  float64
		places    bool
		want      float64
	}{
		{"named", 8.5, 11, 100, 100, 0, false, 100},
		{"not named, letter paper", 8.5, 11, 100, 0, 0, false, 100},
		{"not named, letter paper at 200", 8.5, 11, 200, 0, 0, false, 200},
		{"named as 96 by an editor", 8.5, 11, 200, 96, 0, false, 200},
		{"named as 72 by an editor, with places", 8.5, 11, 200, 72, 0, true, 200},
		{"given by the user", 6.4, 9, 150, 72, 150, false, 150},
		{"looks like another paper, the places tell", 7, 9, 150, 0, 0, true, 150},
		{"like no paper, the places tell", 6.4, 8, 150, 0, 0, true, 150},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			d := fixtures.NewDrawing(tt.w, tt.h, tt.dpi)
			for _, p := range places {
				d.Oval(p.x, p.y)
			}
			var listed []at2
			if tt.places {
				listed = places
			}
			e, err := New(NewOptions{Title: "T", Contests: saveList(t, dir, 4, listed), Out: dir, DPI: tt.override,
				Blanks: []BlankArg{{"style", 1, saved(t, d, dir, "b.png", tt.claim)}}})
			require.NoError(t, err)
			pg := e.Styles[0].Pages[0]
			assert.Equal(t, tt.want, pg.Picture.DPI)
			assert.InDelta(t, 3, pg.Targets[1].Y, 0.015)
		})
	}
}

func TestNewErrorsNameTheMend(t *testing.T) {
	dir := t.TempDir()
	d := fixtures.NewDrawing(8.5, 11, 100)
	d.Oval(1, 2)
	d.Oval(1, 3)
	good := saved(t, d, dir, "good.png", 100)
	odd := fixtures.NewDrawing(6.4, 8, 150)
	noSize := saved(t, odd, dir, "nosize.png", 0)
	var tiff bytes.Buffer
	require.NoError(t, fixtures.EncodeTIFF(&tiff, 100, d.Gray, d.Gray))
	two := filepath.Join(dir, "two.tif")
	require.NoError(t, os.WriteFile(two, tiff.Bytes(), 0o644))
	data, err := os.ReadFile(good)
	require.NoError(t, err)
	cut := filepath.Join(dir, "cut.png")
	require.NoError(t, os.WriteFile(cut, data[:len(data)/2], 0o644))
	list := saveList(t, dir, 2, nil)
	bad := filepath.Join(dir, "bad.csv")
	require.NoError(t, os.WriteFile(bad, []byte("style,page\n"), 0o644))

	tests := []struct {
		name   string
		list   string
		blanks []BlankArg
		says   []string
	}{
		{"no list", filepath.Join(dir, "none.csv"), nil, []string{"contest list", "none.csv"}},
		{"a list without its columns", bad, nil, []string{"bad.csv"}},
		{"unknown style", list, []BlankArg{{"stile", 1, good}}, []string{`no style "stile"`, "it has style"}},
		{"page given twice", list, []BlankArg{{"style", 1, good}, {"style", 1, good}}, []string{"style style page 1 was given twice"}},
		{"style without a blank", list, nil, []string{"has no blank", "add style/1=FILE"}},
		{"only a page without contests", list, []BlankArg{{"style", 2, good}}, []string{"page 1", "add style/1=FILE"}},
		{"many pages, none said", list, []BlankArg{{"style", 1, two}}, []string{"two.tif has 2 pages", "#1, #2"}},
		{"a page beyond the file's", list, []BlankArg{{"style", 1, two + "#3"}}, []string{"two.tif#3", "has 2 pages"}},
		{"page 0", list, []BlankArg{{"style", 1, two + "#0"}}, []string{"two.tif#0", "has 2 pages"}},
		{"missing file", list, []BlankArg{{"style", 1, filepath.Join(dir, "none.png")}}, []string{"none.png", "no such file"}},
		{"file cut in half", list, []BlankArg{{"style", 1, cut}}, []string{"blank ", "cut.png"}},
		{"no picture at all", list, []BlankArg{{"style", 1, list}}, []string{"blank ", "contests.csv"}},
		{"no resolution", list, []BlankArg{{"style", 1, noSize}}, []string{"nosize.png", "960 x 1200", "add --dpi N"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := t.TempDir()
			_, err := New(NewOptions{Title: "T", Contests: tt.list, Out: out, Blanks: tt.blanks})
			require.Error(t, err)
			for _, s := range tt.says {
				assert.Contains(t, err.Error(), s)
			}
			assert.NoFileExists(t, filepath.Join(out, DefinitionFile))
		})
	}
	t.Run("the folder is a file", func(t *testing.T) {
		_, err := New(NewOptions{Title: "T", Contests: list, Out: good, Blanks: []BlankArg{{"style", 1, good}}})
		assert.ErrorContains(t, err, "make folder")
	})
}

// Each page of a multi-page file can be a blank, and a page without contests is a page of the style.
func TestNewFromOneFile(t *testing.T) {
	dir := t.TempDir()
	d, back := fixtures.NewDrawing(8.5, 11, 100), fixtures.NewDrawing(8.5, 11, 100)
	d.Oval(1, 2)
	d.Oval(1, 3)
	var tiff bytes.Buffer
	require.NoError(t, fixtures.EncodeTIFF(&tiff, 100, back.Gray, d.Gray))
	file := filepath.Join(dir, "two.tif")
	require.NoError(t, os.WriteFile(file, tiff.Bytes(), 0o644))
	e, err := New(NewOptions{Title: "T", Contests: saveList(t, dir, 2, nil), Out: dir, Blanks: []BlankArg{{"style", 2, file + "#1"}, {"style", 1, file + "#2"}}})
	require.NoError(t, err)
	require.Len(t, e.Styles[0].Pages, 2)
	assert.Equal(t, 1, e.Styles[0].Pages[0].Number)
	assert.Len(t, e.Styles[0].Pages[0].Targets, 2)
	assert.Empty(t, e.Styles[0].Pages[1].Targets)
	_, paletted := decodePNG(t, filepath.Join(dir, e.Styles[0].Pages[0].Picture.File)).(*image.Paletted)
	assert.True(t, paletted, "a bitonal blank is kept as one bit a pixel")
}

// A page of a file can be a blank though another page of it is damaged; the damaged one is refused by name.
func TestNewFromAFileWithABadPage(t *testing.T) {
	dir := t.TempDir()
	d := fixtures.NewDrawing(8.5, 11, 100)
	d.Oval(1, 2)
	d.Oval(1, 3)
	var tiff bytes.Buffer
	require.NoError(t, fixtures.EncodeTIFF(&tiff, 100, d.Gray, d.Gray))
	data := tiff.Bytes()
	pages, err := scanner.Decode("two.tif", data, scanner.Limits{})
	require.NoError(t, err)
	require.Len(t, pages, 2)
	// The second directory's width becomes 0.
	first := binary.LittleEndian.Uint32(data[4:])
	entries := uint32(binary.LittleEndian.Uint16(data[first:]))
	second := binary.LittleEndian.Uint32(data[first+2+12*entries:])
	for e := second + 2; ; e += 12 {
		if binary.LittleEndian.Uint16(data[e:]) == 256 {
			binary.LittleEndian.PutUint32(data[e+8:], 0)
			break
		}
	}
	file := filepath.Join(dir, "two.tif")
	require.NoError(t, os.WriteFile(file, data, 0o644))
	o := NewOptions{Title: "T", Contests: saveList(t, dir, 2, nil), Out: dir}
	o.Blanks = []BlankArg{{"style", 1, file + "#1"}}
	_, err = New(o)
	require.NoError(t, err)
	o.Blanks = []BlankArg{{"style", 1, file + "#2"}}
	_, err = New(o)
	assert.ErrorContains(t, err, "two.tif#2")
}

func TestParseBlankArg(t *testing.T) {
	tests := []struct {
		in   string
		want BlankArg
		says string
	}{
		{"district-1/1=front.tif", BlankArg{"district-1", 1, "front.tif"}, ""},
		{"a/b/12=x y.png#2", BlankArg{"a/b", 12, "x y.png#2"}, ""},
		{"s/1=a=b.png", BlankArg{"s", 1, "a=b.png"}, ""},
		{"s/99=/abs/p.png", BlankArg{"s", 99, "/abs/p.png"}, ""},
		{"", BlankArg{}, "STYLE/PAGE=FILE"},
		{"front.tif", BlankArg{}, "STYLE/PAGE=FILE"},
		{"s/1", BlankArg{}, "STYLE/PAGE=FILE"},
		{"s/1=", BlankArg{}, "STYLE/PAGE=FILE"},
		{"/1=x.png", BlankArg{}, "STYLE/PAGE=FILE"},
		{"s=x.png", BlankArg{}, "STYLE/PAGE=FILE"},
		{"s/=x.png", BlankArg{}, "not a page number"},
		{"s/front=x.png", BlankArg{}, `"front" is not a page number`},
		{"s/0=x.png", BlankArg{}, "count from 1"},
		{"s/-1=x.png", BlankArg{}, "not a page number"},
		{"s/100=x.png", BlankArg{}, "not a page number"},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := ParseBlankArg(tt.in)
			if tt.says != "" {
				assert.ErrorContains(t, err, tt.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

// A definition that was worked on by hand is not lost when it is made again; one that comes out the same leaves no copy.
func TestNewKeepsTheOldDefinition(t *testing.T) {
	dir := t.TempDir()
	d := fixtures.NewDrawing(8.5, 11, 100)
	d.Oval(1, 2)
	d.Oval(1, 3)
	o := NewOptions{Title: "T", Contests: saveList(t, dir, 2, nil), Out: filepath.Join(dir, "out"), Blanks: []BlankArg{{"style", 1, saved(t, d, dir, "b.png", 100)}}}
	files := func() []string {
		names, err := filepath.Glob(filepath.Join(o.Out, "*.json"))
		require.NoError(t, err)
		return names
	}
	for _, again := range []string{"first", "the same"} {
		made, err := Make(o)
		require.NoError(t, err, again)
		assert.Empty(t, made.Notes, again)
		assert.Len(t, files(), 1, again)
	}
	byHand := bytes.Replace(readAll(t, files()[0]), []byte("Choice A"), []byte("Choice Å"), 1)
	require.NoError(t, os.WriteFile(files()[0], byHand, 0o644))
	made, err := Make(o)
	require.NoError(t, err)
	require.Len(t, made.Notes, 1)
	names := files()
	require.Len(t, names, 2)
	assert.Contains(t, made.Notes[0], "is kept as "+filepath.Base(names[0]))
	assert.Equal(t, byHand, readAll(t, names[0]))
	assert.Contains(t, string(readAll(t, names[1])), "Choice A")
}

func readAll(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return data
}
