package template

import (
	"math"
	"slices"

	"recount/election"
)

// A mapping is as good near a target as what was found near it. Each match says at how many places it was looked for, how
// many it rests on and where it fits worst, and which targets lie where little or nothing holds it.
const (
	// holdReach is how far, in inches, a target may lie from any anchor or outline found: feed rollers stretch paper over an inch
	// and more.
	holdReach = 1.2
	// misfitNear is how many anchors about a point are asked for the misfit there, misfitReach how far they may lie in inches.
	misfitNear, misfitReach = 5, 1.2
	// misfitMost is the misfit, in inches, beyond which a place is not held: a third of the smallest target's height.
	misfitMost = 0.025
)

// held are the places the mapping rests on, and how far each lies off it in plane pixels; those set aside by the fit are in
// it too, for they show where it is wrong.
type held struct {
	x, y, miss float64
	used       bool
}

func (f *fit) holds() []held {
	var out []held
	for i, a := range f.anchors {
		px, py := f.m.plane(a.x, a.y)
		out = append(out, held{a.x, a.y, math.Hypot(px-a.px, py-a.py), f.used[i]})
	}
	for _, p := range f.outlines {
		px, py := f.m.plane(p.x, p.y)
		out = append(out, held{p.x, p.y, math.Hypot(px-p.px, py-p.py), math.Hypot(px-p.px, py-p.py) <= followTol})
	}
	return out
}

// misfit is how far, in plane pixels, the places nearest to (x, y) lie off the mapping: their median, so that one place found
// wrong does not count. It is 0 where fewer than three are near.
func misfit(hs []held, x, y float64) float64 {
	type near struct{ d, miss float64 }
	var ns []near
	for _, h := range hs {
		if d := math.Hypot(h.x-x, h.y-y); d <= misfitReach {
			ns = append(ns, near{d, h.miss})
		}
	}
	if len(ns) < 3 {
		return 0
	}
	slices.SortFunc(ns, func(a, b near) int {
		switch {
		case a.d < b.d:
			return -1
		case a.d > b.d:
			return 1
		}
		return 0
	})
	ns = ns[:min(len(ns), misfitNear)]
	misses := make([]float64, len(ns))
	for i, n := range ns {
		misses[i] = n.miss
	}
	slices.Sort(misses)
	return misses[len(misses)/2]
}

// loose says of each target whether the mapping is not held where it lies, and gives the page's worst misfit in plane pixels.
func (f *fit) loose(ts []election.Target) (out []bool, worst float64) {
	hs := f.holds()
	for _, h := range hs {
		worst = math.Max(worst, misfit(hs, h.x, h.y))
	}
	perInch := f.m.base.scale()
	out = make([]bool, len(ts))
	for i, t := range ts {
		nearest := math.Inf(1)
		for _, h := range hs {
			if h.used {
				nearest = math.Min(nearest, math.Hypot(h.x-t.X, h.y-t.Y))
			}
		}
		out[i] = nearest > holdReach || misfit(hs, t.X, t.Y) > misfitMost*perInch
	}
	return out, worst
}
