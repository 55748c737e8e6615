package template

import (
	"fmt"
	"path/filepath"
	"sort"
	"strconv"

	"recount/election"
)

// Learned is what Learn found and made.
type Learned struct {
	Groups []LearnedGroup `json:"groups"`
	Pages  []LearnedPage  `json:"pages"`
	// Sheets are groups whose pages are the two sides of the same sheets.
	Sheets []LearnedSheet `json:"sheets"`
	// Next is a command to go on with; its style names and paths are for a person to complete.
	Next []string `json:"next"`
}

// LearnedGroup is one style's blank page.
type LearnedGroup struct {
	Group   string  `json:"group"`
	Blank   string  `json:"blank"`   // file in the folder
	Picture string  `json:"picture"` // the blank with its targets numbered
	Pages   int     `json:"pages"`   // that belong to the group
	Used    int     `json:"used"`    // of those, how many the blank was built from
	DPI     float64 `json:"dpi"`
	Width   int     `json:"width"`
	Height  int     `json:"height"`
	// Turned is how far, clockwise, the blank was turned from the way the group's first page was scanned; Top says how that
	// is known: letters, pages (as most were scanned: look at it) or asked.
	Turned int    `json:"turned"`
	Top    string `json:"top"`
	// Fit and Residual are the medians over the pages used: the share of the blank's print found, and how far from where it
	// was expected, in pixels of the scans.
	Fit      float64         `json:"fit"`
	Residual float64         `json:"residual_px"`
	Targets  []LearnedTarget `json:"targets"`
	// Unlike are groups that are laid out alike, and where they differ; Alike are groups whose print differs nowhere.
	Unlike []LearnedDifference `json:"unlike"`
	Alike  []string            `json:"alike"`
	// Sure is true where nothing about the group needs a second look; Doubts says what does.
	Sure   bool     `json:"sure"`
	Doubts []string `json:"doubts"`
	// Notes say what is worth a look all the same.
	Notes []string `json:"notes"`
}

// LearnedTarget is a target of a learned blank, in inches from its top left corner.
type LearnedTarget struct {
	Number int     `json:"number"`
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	W      float64 `json:"w"`
	H      float64 `json:"h"`
	Shape  string  `json:"shape"`
	// Unmarked is how many of the pages used show it without a mark. Where it is 0 the blank's inside is not evidence.
	Unmarked int    `json:"unmarked"`
	Doubt    string `json:"doubt"`
}

// LearnedDifference is a place at which another group of the same layout shows other print, in inches.
type LearnedDifference struct {
	Group string  `json:"group"`
	X     float64 `json:"x"`
	Y     float64 `json:"y"`
}

// LearnedPage is what became of one page.
type LearnedPage struct {
	Page     string  `json:"page"`
	Group    string  `json:"group"` // empty where it is in none
	Used     bool    `json:"used"`
	Rotation int     `json:"rotation"` // degrees clockwise that turn it as the blank lies
	Fit      float64 `json:"fit"`
	Residual float64 `json:"residual_px"`
	Reason   string  `json:"reason"`
}

// LearnedSheet says that pages of two groups are the two sides of Count sheets.
type LearnedSheet struct {
	Front string `json:"front"`
	Back  string `json:"back"`
	Count int    `json:"count"`
}

func groupName(n int) string { return fmt.Sprintf("group-%d", n) }

func tooFew(n, least int) string {
	if n == 1 {
		return fmt.Sprintf("no other page is printed like it; %d are needed", least)
	}
	return fmt.Sprintf("only %d pages are printed like it; %d are needed", n, least)
}

func (t learnTarget) text() string {
	s := strconv.Itoa(t.number)
	switch {
	case t.never:
		s += " never seen unmarked"
	case t.doubt != "":
		s += " doubtful"
	}
	return s
}

// verify reads every page back with the finished blanks, as a count would: each must find its own group.
func (l *learner) verify(groups []*learnGroup) {
	set := &Set{}
	byStyle := map[*election.Style]*learnGroup{}
	for _, g := range groups {
		if g.blank == nil {
			continue
		}
		pg := &election.Page{Number: 1, Picture: election.Picture{DPI: g.dpi}}
		for _, t := range g.targets {
			pg.Targets = append(pg.Targets, election.Target{X: t.X, Y: t.Y, W: t.W, H: t.H, Shape: t.Shape})
		}
		st := &election.Style{ID: g.name}
		byStyle[st] = g
		g.work = newBlank(st, pg, g.blank)
		set.blanks = append(set.blanks, g.work)
	}
	type reading struct {
		fit   *fit
		twins []Twin
		err   *Refusal
	}
	readings := make([]reading, len(l.pages))
	inParallel(l.o.Workers, len(l.pages), func(i int) {
		p := l.pages[i]
		if p.pl == nil || len(set.blanks) == 0 {
			return
		}
		fits := set.fits(p.pl)
		if len(fits) == 0 || fits[0].share < leastFit {
			return
		}
		r := &readings[i]
		r.twins, r.err = set.settle(p.pl, fits)
		r.fit = fits[0]
		if r.err == nil {
			r.err = r.fit.contradicted(r.fit.ask(p.pl))
		}
	}, func(done int) { l.tell("verify", done, len(l.pages)) })
	for i, p := range l.pages {
		r := readings[i]
		if r.fit == nil || r.err != nil {
			if p.group > 0 {
				p.reason = "reading it with the blanks refuses it"
				if r.err != nil {
					p.reason += ": " + r.err.Detail
				}
			}
			continue
		}
		g := byStyle[r.fit.blank.style]
		p.take(r.fit)
		for _, tw := range r.twins {
			if o := byStyle[tw.Style]; !g.isAlike(o) {
				g.alike, o.alike = append(g.alike, o), append(o.alike, g)
			}
		}
		switch {
		case p.group == g.number:
		case p.group > 0 && !g.isAlike(groups[p.group-1]):
			p.reason = "reading it with the blanks gives " + g.name
		case p.group <= 0 && len(r.twins) == 0:
			p.reason += "; it reads as " + g.name
		}
	}
}

func (g *learnGroup) isAlike(o *learnGroup) bool {
	for _, a := range g.alike {
		if a == o {
			return true
		}
	}
	return false
}

// report writes the files and gives the result.
func (l *learner) report(groups []*learnGroup) (*Learned, error) {
	out := &Learned{Groups: []LearnedGroup{}, Pages: []LearnedPage{}, Sheets: []LearnedSheet{}, Next: []string{}}
	for _, p := range l.pages {
		q := LearnedPage{Page: p.name, Reason: p.reason, Used: p.used}
		if p.group > 0 {
			q.Group, q.Rotation, q.Fit, q.Residual = groupName(p.group), p.rotation, election.RoundInches(p.share), election.RoundInches(p.residual)
		}
		out.Pages = append(out.Pages, q)
	}
	sort.SliceStable(out.Pages, func(i, j int) bool { return out.Pages[i].Page < out.Pages[j].Page })
	for _, g := range groups {
		if g.blank == nil {
			continue
		}
		if err := l.save(g); err != nil {
			return nil, err
		}
		out.Groups = append(out.Groups, g.result())
	}
	out.Sheets = l.sheets(out.Pages)
	out.Next = next(out, l.o.Out)
	if err := out.write(l.o.Out); err != nil {
		return nil, err
	}
	if len(out.Groups) == 0 {
		return out, fmt.Errorf("learn: %w: of %d pages no %d are printed alike; give more pages of each style, or a smaller least number (%d at the least); %s says how the pages were sorted",
			ErrTooFewPages, len(l.pages), l.o.Min, leastLearn, filepath.Join(l.o.Out, "groups.csv"))
	}
	return out, nil
}

func (g *learnGroup) result() LearnedGroup {
	r := LearnedGroup{
		Group: g.name, Blank: g.name + ".png", Picture: g.name + "-targets.png", Pages: len(g.pages), DPI: g.dpi,
		Width: g.blank.Rect.Dx(), Height: g.blank.Rect.Dy(), Turned: g.turn, Top: g.top.how,
		Targets: []LearnedTarget{}, Unlike: []LearnedDifference{}, Alike: []string{}, Doubts: []string{}, Notes: []string{},
	}
	doubt := func(format string, args ...any) { r.Doubts = append(r.Doubts, fmt.Sprintf(format, args...)) }
	var fits, residuals []float64
	back := 0
	for _, p := range g.pages {
		if p.used {
			fits, residuals = append(fits, p.share), append(residuals, p.residual)
		}
		if p.reason != "" {
			back++
		}
	}
	sort.Float64s(fits)
	sort.Float64s(residuals)
	r.Used, r.Fit, r.Residual = len(fits), election.RoundInches(fits[len(fits)/2]), election.RoundInches(residuals[len(residuals)/2])
	if back > 0 {
		doubt("%d of its pages do not read back as it: see groups.csv", back)
	}
	if !g.top.sure {
		doubt("which way is up was not told by letters (%d pairs for, %d against): it lies as most pages were scanned", g.top.forIt, g.top.against)
	}
	for _, t := range g.targets {
		r.Targets = append(r.Targets, LearnedTarget{Number: t.number, X: election.RoundInches(t.X), Y: election.RoundInches(t.Y), W: election.RoundInches(t.W), H: election.RoundInches(t.H),
			Shape: string(t.Shape), Unmarked: t.unmarked, Doubt: t.doubt})
		if t.doubt != "" {
			doubt("target %d: %s", t.number, t.doubt)
		}
	}
	if len(g.targets) > 0 && g.targets[0].Shape == election.Arrow {
		doubt("its targets are the gaps of arrows: one that every page used has closed cannot be seen; count them")
	}
	if len(g.targets) == 0 {
		doubt("no target was found on it")
	}
	for _, f := range g.lost {
		doubt("the pages show a target at %.2f, %.2f inches that was not found on the blank", f.X, f.Y)
	}
	const mostNotes = 5
	more := 0
	for _, f := range g.dark {
		if f.inColumn {
			doubt("at %.2f, %.2f inches, in a column of targets, every page shows the same dark shape: a picture of a mark, or a target that everybody filled?", f.X, f.Y)
			continue
		}
		if len(r.Notes) == mostNotes {
			more++
			continue
		}
		r.Notes = append(r.Notes, fmt.Sprintf("at %.2f, %.2f inches every page shows the same dark shape of a target's size: taken for a picture of a mark", f.X, f.Y))
	}
	if more > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("and at %d more places", more))
	}
	for _, u := range g.unlike {
		if u.group.blank != nil {
			x, y := g.onBlank(u.X, u.Y)
			r.Unlike = append(r.Unlike, LearnedDifference{u.group.name, election.RoundInches(x), election.RoundInches(y)})
		}
	}
	for _, a := range g.alike {
		r.Alike = append(r.Alike, a.name)
		doubt("%s prints the same everywhere: one style, or two that this page cannot tell apart", a.name)
	}
	r.Sure = len(r.Doubts) == 0
	return r
}

// sheets counts which groups' pages are the two sides of sheets.
func (l *learner) sheets(pages []LearnedPage) []LearnedSheet {
	out := []LearnedSheet{}
	if l.o.Sheets == nil {
		return out
	}
	group := map[string]string{}
	var names []string
	for _, p := range pages {
		group[p.Page] = p.Group
		names = append(names, p.Page)
	}
	count := map[[2]string]int{}
	var order [][2]string
	for _, s := range l.o.Sheets(names) {
		k := [2]string{group[s[0]], group[s[1]]}
		if k[0] == "" || k[1] == "" {
			continue
		}
		if count[k] == 0 {
			order = append(order, k)
		}
		count[k]++
	}
	sort.Slice(order, func(i, j int) bool {
		if count[order[i]] != count[order[j]] {
			return count[order[i]] > count[order[j]]
		}
		return order[i][0]+" "+order[i][1] < order[j][0]+" "+order[j][1]
	})
	for _, k := range order {
		out = append(out, LearnedSheet{k[0], k[1], count[k]})
	}
	return out
}

// next is the command that goes on from here, its arguments in order.
func next(r *Learned, dir string) []string {
	if len(r.Groups) == 0 {
		return []string{}
	}
	args := []string{"recount", "template", "draft", "--out", "contests.csv"}
	done := map[string]bool{}
	style := 0
	for _, s := range r.Sheets {
		// A sheet is believed where a tenth of its front's pages or two of them say so: names can pair what does not belong together.
		if s.Count < 2 || done[s.Front] || s.Front == s.Back {
			continue
		}
		style++
		done[s.Front], done[s.Back] = true, true
		args = append(args, fmt.Sprintf("style-%d/1=%s", style, filepath.Join(dir, s.Front+".png")), fmt.Sprintf("style-%d/2=%s", style, filepath.Join(dir, s.Back+".png")))
	}
	for _, g := range r.Groups {
		if !done[g.Group] {
			style++
			args = append(args, fmt.Sprintf("style-%d/1=%s", style, filepath.Join(dir, g.Blank)))
		}
	}
	return args
}
