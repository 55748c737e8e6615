package batch

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"testing"

	"github.com/disintegration/imaging"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/scanner"
	"recount/vote"
)

// A ballot of two sheets: each piece of paper is a sheet of its own, and two sides that are not one sheet's are refused with
// both readings, whether the sheet's number or the style differs.
func TestSheetsOfTwoSheetBallots(t *testing.T) {
	g, err := newGround(fixtures.BallotOptions{Family: fixtures.AccuVote, Seed: 31, DPI: 150, Styles: 3, Pages: 4})
	require.NoError(t, err)
	dir := t.TempDir()
	save := func(name, style string, page int) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), g.b.BlankPNG(style, page), 0o666))
	}
	a, b := g.e.Styles[0].ID, g.e.Styles[2].ID
	save("1-front.png", a, 1)
	save("1-back.png", a, 2)
	save("2-front.png", a, 3)
	save("2-back.png", a, 4)
	save("3-front.png", a, 1) // the back of the other sheet
	save("3-back.png", a, 4)
	save("4-front.png", a, 1) // the back of the other style
	save("4-back.png", b, 2)
	src, err := scanner.Open([]string{dir}, scanner.Limits{})
	require.NoError(t, err)
	defer src.Close()
	pages := map[string]PageReading{}
	for i := range src.Inputs {
		ps, err := src.Inputs[i].Pages(scanner.Limits{})
		require.NoError(t, err)
		pages[src.Inputs[i].Name] = ReadPage(g.set, ps[0].Page)
	}
	for _, tt := range []struct {
		name    string
		outcome Outcome
		sheet   int
		says    []string
	}{
		{"1", Counted, 1, nil},
		{"2", Counted, 2, nil},
		{"3", Refused, 0, []string{string(SheetMismatch), a + " page 1", a + " page 4"}},
		{"4", Refused, 0, []string{string(SheetMismatch), a + " page 1", b + " page 2"}},
	} {
		t.Run("sheet "+tt.name, func(t *testing.T) {
			s := decideSheet(g.e, vote.DefaultLimits(), []pageResult{{reading: pages[tt.name+"-front.png"]}, {reading: pages[tt.name+"-back.png"]}})
			assert.Equal(t, tt.outcome, s.outcome, s.reason)
			if tt.sheet > 0 {
				assert.Equal(t, tt.sheet, s.decided.Number)
			}
			for _, text := range tt.says {
				assert.Contains(t, s.reason, text)
			}
		})
	}
}

// A style printed on paper of another size is the same style: as it is on longer paper, shrunk to fit a shorter or narrower one,
// or with its margins cut off.
func TestStyleOnPaperOfAnotherSize(t *testing.T) {
	g, err := newGround(fixtures.BallotOptions{Family: fixtures.QR, Seed: 32, DPI: 200, Height: 11, Styles: 2})
	require.NoError(t, err)
	st := &g.e.Styles[0]
	kinds := make([]fixtures.Kind, len(st.Pages[0].Targets))
	for i := 0; i < len(kinds); i += 5 {
		kinds[i] = fixtures.Full
	}
	side, err := fixtures.MarkPage(g.b.Blank(st.ID, 1), &g.b.Election().Styles[0].Pages[0], kinds, fixtures.Marking{Seed: 5})
	require.NoError(t, err)
	on := func(w, h, scale, left, top float64) *image.Gray { // inches of the paper, and where the page lies on it
		out := fixtures.Paper(int(w*200), int(h*200))
		page := imaging.Resize(side.Gray, int(scale*float64(side.Gray.Rect.Dx())), 0, imaging.CatmullRom)
		for y := range page.Rect.Dy() {
			for x := range page.Rect.Dx() {
				if p := image.Pt(x+int(left*200), y+int(top*200)); p.In(out.Rect) {
					out.Pix[p.Y*out.Stride+p.X] = page.Pix[page.PixOffset(x, y)]
				}
			}
		}
		return out
	}
	for _, tt := range []struct {
		name string
		scan *image.Gray
	}{
		{"on legal paper", on(8.5, 14, 1, 0, 0)},
		{"on legal paper, in the middle", on(8.5, 14, 1, 0, 1.5)},
		{"on A4, shrunk to fit", on(8.27, 11.69, 0.972, 0, 0.2)},
		{"on smaller paper, shrunk by a seventh", on(7.4, 9.5, 0.857, 0, 0)},
		{"with the margins cut off", on(8.2, 10.7, 1, -0.15, -0.15)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := ReadPage(g.set, &scanner.Page{Name: "p.png", Index: 1, Gray: tt.scan, XDPI: 200, YDPI: 200})
			require.NoError(t, r.Refused)
			require.Equal(t, st.ID, r.Candidates[0].Style.ID)
			s := vote.DecideSheet(g.e, st, 1, readingsOf(&r.Candidates[0]), vote.DefaultLimits())
			asked := 0 // print that is resized grows or thins, and a person may be asked about one place
			for i, k := range s.Readings {
				want := vote.None
				if kinds[i] == fixtures.Full {
					want = vote.Vote
				}
				if k.Answer == vote.Questionable && want == vote.None {
					asked++
					continue
				}
				assert.Equal(t, want, k.Answer, fmt.Sprintf("target %d: %s", i, k.Reason))
			}
			assert.LessOrEqual(t, asked, 1)
		})
	}
}
