package election

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// bdPages makes the pages of one style.
type bdPages struct {
	r     *bdRead
	style Style
	bare  int            // contests without places
	named map[int]string // each page's ballot format
}

// contest places one contest's targets.
func (s *bdPages) contest(c *bdOrdered, f *bdFound, at string) {
	r := s.r
	if f.uncounted.What != "" {
		r.p.add(f.uncounted.Where, f.uncounted.What, f.uncounted.Mend)
		return
	}
	n := 0
	again := map[[2]int]int{} // option and page -> how often it stands there so far
	placed := map[int]bool{}  // options with a place on this style
	lines := 0                // write-in lines without an option's id
	for i := range c.Physical {
		ph, at := &c.Physical[i], fmt.Sprintf("%s/Physical/%d", at, i)
		paper, unit, ok := r.size(ph.BallotFormatID, at)
		if !ok {
			return
		}
		for j := range ph.PhysicalContestOption {
			o, at := &ph.PhysicalContestOption[j], fmt.Sprintf("%s/PhysicalContestOption/%d", at, j)
			k, known := f.byID[o.ContestOptionID]
			if o.ContestOptionID == "" { // a write-in line, the standard says
				k, known = s.writeIn(f, lines)
				lines++
			}
			if !known {
				r.p.add(at+"/ContestOptionId", fmt.Sprintf("contest %q has no option with the id %q", f.contest.Title, o.ContestOptionID), "")
				return
			}
			for m := range o.OptionPosition {
				pos, at := &o.OptionPosition[m], fmt.Sprintf("%s/OptionPosition/%d", at, m)
				page, t, ok := s.target(pos, paper, unit, at)
				if !ok {
					return
				}
				g := s.page(page, ph.BallotFormatID, paper, at)
				if g == nil {
					return
				}
				key := [2]int{k, page}
				t.Contest, t.Choice = f.contest.ID, f.choice(&f.options[k], again[key])
				if again[key]++; again[key] == 2 && !f.options[k].first.WriteIn {
					r.note("style %q: %q is printed in several places on page %d, and the file does not tell whose party's line is which; votes are the person's, their party is left open",
						s.style.ID, f.options[k].first.Name, page)
				}
				if again[key] > 100 {
					r.p.add(at, "one option in more than 100 places on a page", "")
					return
				}
				g.Targets = append(g.Targets, t)
				placed[k] = true
				n++
			}
		}
	}
	if n == 0 {
		s.bare++
		return
	}
	for k := range f.options {
		if !placed[k] && !f.options[k].first.WriteIn {
			r.p.add(at, fmt.Sprintf("contest %q stands on the style, but its option %q has no place on it", f.contest.Title, f.options[k].first.Name), "correct the file: nobody could vote for it")
		}
	}
}

// writeIn finds the option that the n-th write-in line, from 0, stands for: the n-th write-in option, else the last.
func (s *bdPages) writeIn(f *bdFound, n int) (int, bool) {
	last := -1
	for k := range f.options {
		if f.options[k].first.WriteIn {
			if last = k; n == 0 {
				break
			}
			n--
		}
	}
	return last, last >= 0
}

// page finds or makes a page.
func (s *bdPages) page(number int, format string, paper Paper, at string) *Page {
	if s.named == nil {
		s.named = map[int]string{}
	}
	if f, ok := s.named[number]; ok && f != format {
		s.r.p.add(at, fmt.Sprintf("page %d of style %q is laid out in two ballot formats, %q and %q", number, s.style.ID, f, format), "keep one, or make it two styles")
		return nil
	}
	s.named[number] = format
	g := s.style.Page(number)
	if g == nil {
		dpi := s.r.o.DPI
		if dpi == 0 {
			dpi = drawnDPI
		}
		s.style.Pages = append(s.style.Pages, Page{Number: number, Picture: Picture{DPI: dpi, Drawn: true,
			Width: int(math.Round(paper.W * dpi)), Height: int(math.Round(paper.H * dpi))}})
		g = &s.style.Pages[len(s.style.Pages)-1]
	}
	return g
}

// target reads one position: the number of its page, and its place. A position without a size, or outside its paper, is
// not believed: one program writes columns and rows of timing marks where inches belong.
func (s *bdPages) target(pos *bdPlace, paper Paper, unit float64, at string) (int, Target, bool) {
	r := s.r
	bad := func(what, mend string) (int, Target, bool) {
		r.p.add(at, what, mend)
		return 0, Target{}, false
	}
	sheet := max(pos.Sheet, 1)
	if pos.Sheet < 0 || sheet > mostSheets || pos.Side != "front" && pos.Side != "back" {
		return bad(fmt.Sprintf("sheet %d, side %q is no page", pos.Sheet, pos.Side), fmt.Sprintf("sheets count from 1 to %d; sides are front and back", mostSheets))
	}
	page := 2*sheet - 1
	if pos.Side == "back" {
		page++
	}
	if pos.X == nil || pos.Y == nil || pos.W == nil || pos.H == nil {
		return bad("the position has not all of X, Y, W and H", "")
	}
	if pos.Rank > 1 || pos.NumberVotes != nil && *pos.NumberVotes != 1 {
		return bad("the position is not worth one plain vote (Rank, NumberVotes)", "ranked and weighted votes are not counted here")
	}
	if r.o.Grid {
		g, err := r.o.Tracks.Grid(paper)
		if err != nil {
			return bad(err.Error(), "say whose timing marks the ballots have with --marks")
		}
		column, row := *pos.X, *pos.Y
		if !(column >= 0 && column <= float64(len(g.Columns)-1) && row >= 0 && row <= float64(len(g.Rows)-1)) {
			return bad(fmt.Sprintf("column %g, row %g lies outside the timing marks of %g x %g inch paper", column, row, paper.W, paper.H), "where the file names the wrong paper, give the real one with --paper")
		}
		x, y := g.At(column, row)
		size := targetSize[r.o.Tracks]
		return page, Target{X: RoundInches(x), Y: RoundInches(y), W: size.W, H: size.H, Shape: Oval, Column: &column, Row: &row}, true
	}
	x, y, w, h := *pos.X*unit, *pos.Y*unit, *pos.W*unit, *pos.H*unit
	if !(w > 0 && h > 0) {
		return bad(fmt.Sprintf("the position (X %g, Y %g) has no size", *pos.X, *pos.Y),
			"where X and Y are columns and rows of timing marks, say so with --positions grid and --marks")
	}
	if !(x >= -edgeSlack && y >= -edgeSlack && x+w <= paper.W+edgeSlack && y+h <= paper.H+edgeSlack) {
		return bad(fmt.Sprintf("the position (%.3f, %.3f, %.3f x %.3f inches) lies outside its paper of %g x %g inches", x, y, w, h, paper.W, paper.H),
			"correct the ballot format's unit or size; where X and Y are columns and rows of timing marks, say so with --positions grid and --marks")
	}
	t := Target{X: RoundInches(x + w/2), Y: RoundInches(y + h/2), W: w, H: h, Shape: Box}
	if sh := r.shape[pos.IndicatorID]; sh != nil {
		if sh.ShapeType == "ellipse" {
			t.Shape = Oval
		}
		if sh.ID == bdShapes[Arrow] {
			t.Shape = Arrow
		}
		if line := sh.StrokeWidth * unit; line > 0 && line < min(w, h)/2 {
			t.W, t.H = t.W-line, t.H-line
		}
	}
	t.W, t.H = RoundInches(t.W), RoundInches(t.H)
	return page, t, true
}

// finish sorts the pages and gives them their timing marks.
func (s *bdPages) finish() {
	slices.SortFunc(s.style.Pages, func(a, b Page) int { return a.Number - b.Number })
	for i := range s.style.Pages {
		g := &s.style.Pages[i]
		f := s.r.paper[s.named[g.Number]]
		paper := Paper{float64(g.Picture.Width) / g.Picture.DPI, float64(g.Picture.Height) / g.Picture.DPI}
		if s.r.o.Grid {
			g.Grid, _ = s.r.o.Tracks.Grid(paper) // target has been through it
			continue
		}
		var marks []bdPlace
		for _, m := range f.FiducialMark {
			if (m.Sheet == 0 || m.Sheet == g.Sheet()) && m.Side == g.Side() && m.X != nil && m.Y != nil && m.W != nil && m.H != nil {
				marks = append(marks, m)
			}
		}
		if g.Grid = latticeOf(marks, bdUnits[f.MeasurementUnit], paper); g.Grid == nil {
			s.r.note("style %q page %d: the file's fiducial marks are none, or no whole sides of timing marks; the page's picture has only outlines: better give its blank", s.style.ID, g.Number)
		}
	}
}

// latticeOf finds the grid whose marks are exactly those given, or nil.
func latticeOf(marks []bdPlace, unit float64, paper Paper) *Grid {
	if len(marks) < 4 || len(marks) > 2000 {
		return nil
	}
	type point struct{ x, y float64 }
	var at []point
	var xs, ys []float64
	w, h := RoundInches(*marks[0].W*unit), RoundInches(*marks[0].H*unit)
	for _, m := range marks {
		if !nearly(*m.W*unit, w) || !nearly(*m.H*unit, h) || !(w > 0 && h > 0) {
			return nil
		}
		p := point{(*m.X + *m.W/2) * unit, (*m.Y + *m.H/2) * unit}
		if !(p.x > 0 && p.y > 0 && p.x < paper.W && p.y < paper.H) {
			return nil
		}
		at, xs, ys = append(at, p), append(xs, p.x), append(ys, p.y)
	}
	g := &Grid{Columns: apart(xs), Rows: apart(ys), W: w, H: h}
	if len(g.Columns) < 2 || len(g.Rows) < 2 || len(g.Columns) > 1000 || len(g.Rows) > 1000 {
		return nil
	}
	have := map[[2]int]bool{}
	for _, p := range at {
		have[[2]int{index(g.Columns, p.x), index(g.Rows, p.y)}] = true
	}
	c, r := len(g.Columns), len(g.Rows)
	for _, side := range []struct {
		name string
		n    int
		at   func(i int) [2]int
	}{
		{"left", r, func(i int) [2]int { return [2]int{0, i} }}, {"right", r, func(i int) [2]int { return [2]int{c - 1, i} }},
		{"top", c, func(i int) [2]int { return [2]int{i, 0} }}, {"bottom", c, func(i int) [2]int { return [2]int{i, r - 1} }},
	} {
		whole := true
		for i := range side.n {
			whole = whole && have[side.at(i)]
		}
		if whole {
			g.Sides = append(g.Sides, side.name)
		}
	}
	n := 0
	g.marks(func(x, y float64) { n++ })
	if len(g.Sides) == 0 || n != len(have) || n != len(marks) {
		return nil
	}
	return g
}

// apart lists the different values, rising.
func apart(v []float64) []float64 {
	slices.SortFunc(v, cmp.Compare[float64])
	var out []float64
	for _, x := range v {
		if len(out) == 0 || !nearly(x, out[len(out)-1]) {
			out = append(out, RoundInches(x))
		}
	}
	return out
}

// index is the place of a value among them.
func index(v []float64, x float64) int {
	i, _ := slices.BinarySearchFunc(v, x, func(a, b float64) int {
		if nearly(a, b) {
			return 0
		}
		return cmp.Compare(a, b)
	})
	return i
}
