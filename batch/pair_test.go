package batch

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnits(t *testing.T) {
	var run []string
	for i := range 26 {
		run = append(run, "VBM_Image-"+string(rune('a'+i)))
	}
	for _, c := range []struct {
		name  string
		how   Pairing
		files []string
		want  []unit
	}{
		{"front and back, back sorts first", PairAuto, []string{"7-back.jpg", "7-front.jpg", "8-back.jpg"}, []unit{{1, 0}, {2}}},
		{"token inside the name", PairAuto, []string{"scan-marked-back-300dpi.jpeg", "scan-marked-front-300dpi.jpeg"}, []unit{{1, 0}}},
		{"tokens must be delimited", PairAuto, []string{"backyard.jpg", "frontyard.jpg"}, []unit{{0}, {1}}},
		{"any case", PairAuto, []string{"A_FRONT.TIF", "a_Back.tif"}, []unit{{0, 1}}},
		{"the last token counts", PairAuto, []string{"back-office-back.png", "back-office-front.png"}, []unit{{1, 0}}},
		{"whole name", PairAuto, []string{"back.png", "front.png"}, []unit{{1, 0}}},
		{"folders are apart", PairAuto, []string{"a/front.png", "b/back.png"}, []unit{{0}, {1}}},
		{"two kinds of file", PairAuto, []string{"x-back.jpg", "x-front.tif"}, []unit{{1, 0}}},
		{"one kind of file goes first", PairAuto, []string{"x-back.jpg", "x-back.tif", "x-front.jpg", "x-front.tif"}, []unit{{2, 0}, {3, 1}}},
		{"two kinds of file, one side twice", PairAuto, []string{"x-back.jpg", "x-back.tif", "x-front.png"}, []unit{{0}, {1}, {2}}},
		{"bare numbers of two kinds are apart", PairAuto, []string{"01-1.tif", "01-2.png"}, []unit{{0}, {1}}},
		{"pages", PairAuto, []string{"x-p1.jpg", "x-p2.jpg", "x-p3.jpg", "x-p4.jpg", "x-p5.jpg"}, []unit{{0, 1}, {2, 3}, {4}}},
		{"page spelled out", PairAuto, []string{"x_page1.png", "x_page2.png", "y page-1.png"}, []unit{{0, 1}, {2}}},
		{"side 0 and 1", PairAuto, []string{"A_00_side0.png", "A_00_side1.png", "A_01_side0.png"}, []unit{{0, 1}, {2}}},
		{"side 1 and 2", PairAuto, []string{"A-side-1.png", "A-side-2.png"}, []unit{{0, 1}}},
		{"three sides pair the first two", PairAuto, []string{"A-side0.png", "A-side1.png", "A-side2.png"}, []unit{{0, 1}, {2}}},
		{"bare numbers", PairAuto, []string{"01-1.tif", "01-2.tif", "02_1.tif", "02_2.tif"}, []unit{{0, 1}, {2, 3}}},
		{"a run of bare numbers is no pair", PairAuto, []string{"Image-0.png", "Image-1.png", "Image-2.png"}, []unit{{0}, {1}, {2}}},
		{"two of a counter are no pair", PairAuto, []string{"scan_0001.tif", "scan_0002.tif"}, []unit{{0}, {1}}},
		{"number without a delimiter", PairAuto, []string{"01.tif", "02.tif"}, []unit{{0}, {1}}},
		{"one front, two backs", PairAuto, []string{"a-BACK.tif", "a-back.tif", "a-front.tif"}, []unit{{0}, {1}, {2}}},
		{"none", PairNone, []string{"a-back.tif", "a-front.tif"}, []unit{{0}, {1}}},
		{"alternate in natural order", PairAlternate, []string{"s1.tif", "s10.tif", "s2.tif", "s9.tif"}, []unit{{0, 2}, {3, 1}}},
		{"alternate keeps folders apart", PairAlternate, []string{"a/1.tif", "a/2.tif", "a/3.tif", "b/1.tif", "b/2.tif"}, []unit{{0, 1}, {2}, {3, 4}}},
		{"no files", PairAuto, nil, []unit{}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, units(c.files, c.how)) })
	}
	assert.Len(t, units(run, PairAuto), 26)
}

func TestParsePairing(t *testing.T) {
	p, err := ParsePairing("")
	require.NoError(t, err)
	assert.Equal(t, PairAuto, p)
	_, err = ParsePairing("zip")
	assert.ErrorContains(t, err, "auto, alternate or none")
}

func TestNaturalIsAnOrder(t *testing.T) {
	names := []string{"s10", "s9", "s09", "s", "s1a", "s1", "t", "", "10", "2", "s1b2", "s1b10"}
	slices.SortFunc(names, natural)
	assert.Equal(t, []string{"", "2", "10", "s", "s1", "s1a", "s1b2", "s1b10", "s9", "s09", "s10", "t"}, names)
}

// FuzzUnits checks that whatever the names, each file is in exactly one unit.
func FuzzUnits(f *testing.F) {
	f.Add("a-front.tif", "a-back.tif", "p2", "side1", uint8(0))
	f.Add("page99999999999", "x-1", "x-2", "x-3", uint8(1))
	f.Fuzz(func(t *testing.T, a, b, c, d string, how uint8) {
		names := []string{a, b, c, d}
		seen := map[int]int{}
		for _, u := range units(names, []Pairing{PairAuto, PairAlternate, PairNone}[how%3]) {
			require.LessOrEqual(t, len(u), 2)
			for _, i := range u {
				seen[i]++
			}
		}
		require.Equal(t, map[int]int{0: 1, 1: 1, 2: 1, 3: 1}, seen)
	})
}

func TestSheets(t *testing.T) {
	tests := []struct {
		name  string
		pages []string
		how   Pairing
		want  [][2]string
	}{
		{"pages of one file", []string{"a.tif", "a.tif#2", "a.tif#3", "a.tif#4"}, PairAuto, [][2]string{{"a.tif", "a.tif#2"}, {"a.tif#3", "a.tif#4"}}},
		{"in natural order", []string{"a.tif#10", "a.tif#9", "a.tif"}, PairNone, [][2]string{{"a.tif", "a.tif#9"}}},
		{"files by name", []string{"x-back.png", "x-front.png", "y.png"}, PairAuto, [][2]string{{"x-front.png", "x-back.png"}}},
		{"files in turn", []string{"1.png", "2.png", "3.png"}, PairAlternate, [][2]string{{"1.png", "2.png"}}},
		{"a name with a sign", []string{"a#b.png"}, PairAlternate, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, Sheets(tt.pages, tt.how))
		})
	}
}
