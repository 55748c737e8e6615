package template

import (
	"image"
	"math"
	"slices"

	"recount/election"
	"recount/scanner"
)

const (
	// unmarkedInk is the share of a target's inside that may be dark on a page that shows it without a mark: dust and the
	// outline's edge. Clean targets of real scans have under 0.02.
	unmarkedInk = 0.04
	// patchRim is how far, in inches, round a target the blank is made from the pages that show it unmarked.
	patchRim = 0.07
)

// inkAt measures how much of each target's inside is dark on each page used: [page][target], 0 to 1.
func (l *learner) inkAt(g *learnGroup, fr frame, used []*learnPage) ([][]float64, error) {
	slot := map[*learnPage]int{}
	for i, p := range used {
		slot[p] = i
	}
	ink := make([][]float64, len(used))
	err := l.each("measure", used, func(p *learnPage, gray *image.Gray) {
		thr := int(scanner.Threshold(gray))
		at := fr.onPage(p)
		row := make([]float64, len(g.targets))
		for k, t := range g.targets {
			row[k] = darkInside(gray, thr, t.Found, at)
		}
		ink[slot[p]] = row
	})
	return ink, err
}

// darkInside is the part of a target's inside that is dark: halfway from the paper around to ink, so that light pencil shows.
func darkInside(g *image.Gray, thr int, t Found, at func(x, y float64) (float64, float64)) float64 {
	a, b := t.W/2-max(2, t.W/10), t.H/2-max(2, t.H/10)
	n, dark := 0, 0
	for v := -b; v <= b; v++ {
		for u := -a; u <= a; u++ {
			if t.Shape != election.Box && u*u/(a*a)+v*v/(b*b) > 1 {
				continue
			}
			x, y := at(t.X+u, t.Y+v)
			n++
			if int(between(g, x, y)) < thr {
				dark++
			}
		}
	}
	return float64(dark) / float64(max(n, 1))
}

// patches are the places that are not made from all pages.
type patches struct {
	all  []int
	list []patchFrom
}

type patchFrom struct {
	box    image.Rectangle
	pages  []int
	target Found
}

// onOutline says whether a pixel lies on a target's printed outline, where every page's ink is as good as an unmarked one's.
func onOutline(t Found, line float64, x, y int) bool {
	u, v := math.Abs(float64(x)+0.5-t.X), math.Abs(float64(y)+0.5-t.Y)
	within := func(a, b float64) bool {
		if t.Shape == election.Box {
			return u <= a && v <= b
		}
		return u*u/(a*a)+v*v/(b*b) <= 1
	}
	return within(t.W/2+line, t.H/2+line) && !within(t.W/2, t.H/2)
}

func (g *learnGroup) patches(used []*learnPage, ink [][]float64) patches {
	var out patches
	for i := range used {
		out.all = append(out.all, i)
	}
	rim := patchRim * g.dpi
	for k := range g.targets {
		t := &g.targets[k]
		q := patchFrom{target: t.Found, box: image.Rect(int(t.X-t.W/2-rim), int(t.Y-t.H/2-rim), int(t.X+t.W/2+rim)+1, int(t.Y+t.H/2+rim)+1)}
		for i := range used {
			if ink[i][k] <= unmarkedInk {
				q.pages = append(q.pages, i)
			}
		}
		t.unmarked = len(q.pages)
		if t.unmarked > 0 {
			out.list = append(out.list, q)
		}
	}
	return out
}

// paintNever prints an empty target where no page shows one: its siblings' picture. That is a guess, and the target is
// named as one.
func (g *learnGroup) paintNever() {
	rim := int(patchRim * g.dpi * 0.8)
	var clean []learnTarget
	for _, t := range g.targets {
		if !t.never {
			clean = append(clean, t)
		}
	}
	if len(clean) == 0 {
		return
	}
	hw, hh := int(clean[0].W/2)+rim, int(clean[0].H/2)+rim
	var s []uint8
	pattern := make([]uint8, (2*hw+1)*(2*hh+1))
	for v := -hh; v <= hh; v++ {
		for u := -hw; u <= hw; u++ {
			s = s[:0]
			for _, t := range clean {
				s = append(s, between(g.blank, t.X+float64(u), t.Y+float64(v)))
			}
			slices.Sort(s)
			pattern[(v+hh)*(2*hw+1)+u+hw] = s[len(s)/2]
		}
	}
	for _, t := range g.targets {
		if !t.never {
			continue
		}
		for v := -hh; v <= hh; v++ {
			for u := -hw; u <= hw; u++ {
				if p := image.Pt(int(t.X)+u, int(t.Y)+v); p.In(g.blank.Rect) {
					g.blank.Pix[g.blank.PixOffset(p.X, p.Y)] = pattern[(v+hh)*(2*hw+1)+u+hw]
				}
			}
		}
	}
}

// settleTargets holds the targets found on the finished blank, as template new will find them, against those of the pages.
func (g *learnGroup) settleTargets(places []Found) {
	inch := func(f Found) Found {
		f.X, f.Y, f.W, f.H = f.X/g.dpi, f.Y/g.dpi, f.W/g.dpi, f.H/g.dpi
		return f
	}
	var old []learnTarget
	for _, t := range g.targets {
		t.Found = inch(t.Found)
		old = append(old, t)
	}
	for i := range g.dark {
		g.dark[i].Found = inch(g.dark[i].Found)
	}
	g.targets = nil
	met := map[int]bool{}
	for i, f := range places {
		t := learnTarget{Found: f, number: i + 1}
		j := nearestTarget(old, f.X, f.Y, 0.05)
		switch {
		case j < 0:
			t.doubt = "not seen as a target on the single pages"
		case old[j].never:
			met[j] = true
			t.never, t.doubt = true, "never seen unmarked: its inside is a guess"
		default:
			met[j] = true
			t.unmarked = old[j].unmarked
		}
		g.targets = append(g.targets, t)
	}
	for j, t := range old {
		if !met[j] {
			g.lost = append(g.lost, t.Found)
		}
	}
}

// fresh are the places, in inches, where no target was known, in pixels.
func (g *learnGroup) fresh(places []Found) []learnTarget {
	var out []learnTarget
	for _, f := range places {
		f.X, f.Y, f.W, f.H = f.X*g.dpi, f.Y*g.dpi, f.W*g.dpi, f.H*g.dpi
		if nearestTarget(g.targets, f.X, f.Y, 0.05*g.dpi) < 0 {
			out = append(out, learnTarget{Found: f})
		}
	}
	return out
}
