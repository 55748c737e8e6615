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
	var far, miss [misfitNear]float64 // of the nearest, the nearest first; far is squared
	n := 0
	for i := range hs {
		h := &hs[i]
		d := (h.x-x)*(h.x-x) + (h.y-y)*(h.y-y)
		if d > misfitReach*misfitReach || n == misfitNear && d >= far[n-1] {
			continue
		}
		k := min(n, misfitNear-1)
		n = k + 1
		for ; k > 0 && far[k-1] > d; k-- {
			far[k], miss[k] = far[k-1], miss[k-1]
		}
		far[k], miss[k] = d, h.miss
	}
	if n < 3 {
		return 0
	}
	slices.Sort(miss[:n])
	return miss[n/2]
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
