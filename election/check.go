package election

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"unicode"
)

// edgeSlack is how far, in inches, a target may reach over the picture's edge or another target: half a pixel at 50 dpi, so
// that a rounded coordinate is no error.
const edgeSlack = 0.01

// check adds what the schema cannot see: names that lead nowhere, names given twice, targets that lie wrong.
func (e *Election) check(p *Problems) {
	contests := map[string]int{}
	choices := map[[2]string]bool{}
	for i := range e.Contests {
		c, at := &e.Contests[i], fmt.Sprintf("/contests/%d", i)
		if j, dup := contests[c.ID]; dup {
			p.add(at+"/id", fmt.Sprintf("contest id %q is also that of /contests/%d", c.ID, j), "give each contest its own id")
			continue
		}
		contests[c.ID] = i
		e.checkChoices(c, at, choices, p)
	}
	e.checkRules(p)
	styles := map[string]int{}
	pictures := map[string]Picture{}
	targets := 0
	for i := range e.Styles {
		s, at := &e.Styles[i], fmt.Sprintf("/styles/%d", i)
		if j, dup := styles[s.ID]; dup {
			p.add(at+"/id", fmt.Sprintf("style id %q is also that of /styles/%d", s.ID, j), "give each style its own id")
		}
		styles[s.ID] = i
		for _, id := range slices.Sorted(maps.Keys(s.VoteFor)) {
			if _, ok := contests[id]; !ok {
				p.add(at+"/vote_for", fmt.Sprintf("no contest has the id %q", id), "correct the id or take the line out")
			}
		}
		numbers := map[int]int{}
		count := 0
		for j := range s.Pages {
			g, at := &s.Pages[j], fmt.Sprintf("%s/pages/%d", at, j)
			if k, dup := numbers[g.Number]; dup {
				p.add(at+"/page", fmt.Sprintf("page %d of style %q is also /styles/%d/pages/%d", g.Number, s.ID, i, k), "number each page of a style once")
			}
			numbers[g.Number] = j
			checkPicture(&g.Picture, at+"/picture", pictures, p)
			checkCode(g.Code, at+"/code", p)
			checkGrid(g, at, p)
			checkTargets(g, at, contests, choices, p)
			e.checkRanks(g, at, contests, p)
			count += len(g.Targets)
			if p.full() {
				return
			}
		}
		e.checkSheets(s, at, contests, p)
		e.checkStraight(s, at, contests, p)
		if count == 0 {
			p.add(at, fmt.Sprintf("style %q has no target", s.ID), "add its targets or take the style out")
		}
		targets += count
	}
	if targets == 0 {
		p.add("/styles", "the election has no target", "add at least one style with a target")
	}
}

// checkChoices looks at one contest's choices and notes them as (contest, choice).
func (e *Election) checkChoices(c *Contest, at string, choices map[[2]string]bool, p *Problems) {
	candidates := map[string]bool{} // true for a write-in
	for i := range c.Choices {
		ch, at := &c.Choices[i], fmt.Sprintf("%s/choices/%d", at, i)
		key := [2]string{c.ID, ch.ID}
		if choices[key] {
			p.add(at+"/id", fmt.Sprintf("choice id %q is given twice in contest %q", ch.ID, c.ID), "give each choice its own id")
		}
		choices[key] = true
		if ch.Candidate == "" {
			continue
		}
		if writeIn, seen := candidates[ch.Candidate]; seen && (writeIn || ch.WriteIn) {
			p.add(at+"/candidate", fmt.Sprintf("candidate %q of contest %q is also that of another choice, and one of them is a write-in", ch.Candidate, c.ID),
				"a write-in may be anybody: leave its candidate out")
		}
		candidates[ch.Candidate] = candidates[ch.Candidate] || ch.WriteIn
	}
}

// checkPicture refuses a picture file that could lie outside the definition's folder, and one file described in two ways.
func checkPicture(pic *Picture, at string, seen map[string]Picture, p *Problems) {
	if !CleanFile(pic.File) {
		p.add(at+"/file", fmt.Sprintf("%q is not a clean relative name", pic.File), "name a file inside the definition's folder, with '/', without '..'")
		return
	}
	if other, ok := seen[pic.File]; ok && other != *pic {
		p.add(at, fmt.Sprintf("picture %q is described differently elsewhere in the file", pic.File), "give its hash, dpi and size alike, or use two files")
	}
	seen[pic.File] = *pic
}

// CleanFile says whether name is a relative file name with slashes that stays inside its folder on every system: no "..",
// no drive, no backslash, no control character.
func CleanFile(name string) bool {
	if name == "." || !fs.ValidPath(name) || path.Clean(name) != name || strings.ContainsAny(name, `\:`) {
		return false
	}
	return strings.IndexFunc(name, unicode.IsControl) < 0
}

// checkTargets looks at one page's targets: what they stand for and where they lie.
func checkTargets(g *Page, at string, contests map[string]int, choices map[[2]string]bool, p *Problems) {
	width, height := float64(g.Picture.Width)/g.Picture.DPI, float64(g.Picture.Height)/g.Picture.DPI
	type line struct {
		contest, choice string
		rank            int
	}
	placed := map[line]int{}
	for i, t := range g.Targets {
		at := fmt.Sprintf("%s/targets/%d", at, i)
		key := [2]string{t.Contest, t.Choice}
		_, known := contests[t.Contest]
		switch {
		case !known:
			p.add(at+"/contest", fmt.Sprintf("no contest has the id %q", t.Contest), "correct the id or add the contest")
		case !choices[key]:
			p.add(at+"/choice", fmt.Sprintf("contest %q has no choice with the id %q", t.Contest, t.Choice), "correct the id or add the choice")
		}
		at1 := line{t.Contest, t.Choice, t.Rank}
		if j, dup := placed[at1]; dup && t.Rank > 0 {
			p.add(at, fmt.Sprintf("choice %q of contest %q already has target %d of this page for rank %d", t.Choice, t.Contest, j, t.Rank),
				"give each of a choice's targets a rank of its own")
		} else if dup {
			p.add(at, fmt.Sprintf("choice %q of contest %q already has target %d of this page", t.Choice, t.Contest, j),
				"list a line that is printed twice as two choices; name the same candidate on both if it is one person")
		}
		placed[at1] = i
		if t.X-t.W/2 < -edgeSlack || t.Y-t.H/2 < -edgeSlack || t.X+t.W/2 > width+edgeSlack || t.Y+t.H/2 > height+edgeSlack {
			p.add(at, fmt.Sprintf("the target (centre %.3f, %.3f, size %.3f x %.3f in) reaches outside its picture (%.3f x %.3f in)", t.X, t.Y, t.W, t.H, width, height),
				"coordinates are inches from the picture's top left")
		}
	}
	checkOverlaps(g, at, p)
}

// checkOverlaps finds targets that lie on each other, sweeping down the page so that a full page costs no square.
func checkOverlaps(g *Page, at string, p *Problems) {
	order := make([]int, len(g.Targets))
	tallest := 0.0
	for i := range order {
		order[i] = i
		tallest = max(tallest, g.Targets[i].H)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.Targets[a].Y, g.Targets[b].Y) })
	for n, i := range order {
		a := g.Targets[i]
		for _, j := range order[n+1:] {
			b := g.Targets[j]
			if b.Y-a.Y > tallest {
				break
			}
			if math.Abs(a.X-b.X) < (a.W+b.W)/2-edgeSlack && math.Abs(a.Y-b.Y) < (a.H+b.H)/2-edgeSlack {
				p.add(fmt.Sprintf("%s/targets/%d", at, max(i, j)), fmt.Sprintf("the target lies on target %d of this page", min(i, j)), "move one of them, or take it out")
				if p.full() {
					return
				}
			}
		}
	}
}
