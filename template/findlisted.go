package template

import (
	"image"
	"math"
	"sort"

	"recount/election"
	"recount/scanner"
)

// listedWithin is how far, in inches, a listed place may lie from the target it means.
const listedWithin = 0.08

// FindListed finds each listed target near its x and y, in the list's order. Where the blank does not say its resolution,
// the one of dpis at which most listed places have a target is taken, and given back. A target whose outline is not closed
// (an overprint crosses it) is looked for by its siblings' size. How many were found comes third; where they are fewer than
// listed, the places are all that the blank shows.
func FindListed(g *image.Gray, dpis []float64, listed []election.Target) (dpi float64, places []Found, found int, err error) {
	bestHits := -1
	var all []Found
	for _, d := range dpis {
		seen, err := candidates(g, d)
		if err != nil {
			return 0, nil, 0, err
		}
		if hits := countHits(seen, listed); hits > bestHits {
			dpi, bestHits, all = d, hits, seen
		}
		if bestHits == len(listed) {
			break
		}
	}
	fam := family(all, listed)
	if len(fam) == 0 {
		return dpi, all, 0, nil
	}
	even(fam)
	size := fam[0]
	places = make([]Found, len(listed))
	taken := map[Found]bool{}
	for i, t := range listed {
		f, ok := faintOrFound(g, dpi, t, fam, size)
		if ok && !taken[f] {
			taken[f] = true
			places[i] = f
			found++
		}
	}
	if found < len(listed) {
		return dpi, all, found, nil
	}
	return dpi, places, found, nil
}

// faintOrFound is the listed target among those found, else looked for by its siblings' size.
func faintOrFound(g *image.Gray, dpi float64, t election.Target, fam []Found, size Found) (Found, bool) {
	if j := nearest(fam, t.X, t.Y, listedWithin); j >= 0 {
		return fam[j], true
	}
	return faint(g, dpi, t.X, t.Y, size)
}

func countHits(all []Found, listed []election.Target) int {
	n := 0
	for _, t := range listed {
		if nearest(all, t.X, t.Y, listedWithin) >= 0 {
			n++
		}
	}
	return n
}

// family keeps the candidates near listed places that have the commonest size among them.
func family(all []Found, listed []election.Target) []Found {
	var near []Found
	for _, t := range listed {
		for _, f := range all {
			if math.Hypot(f.X-t.X, f.Y-t.Y) <= listedWithin {
				near = append(near, f)
			}
		}
	}
	var best []Found
	for _, seed := range near {
		var fam []Found
		for _, f := range near {
			if alike(seed, f) {
				fam = append(fam, f)
			}
		}
		if len(fam) > len(best) {
			best = fam
		}
	}
	return best
}

// faint looks for an outline of the given size around (x, y) whose ring is mostly printed and whose inside is lighter than
// its ring: one that an overprint or a break keeps from enclosing anything.
func faint(g *image.Gray, dpi, x, y float64, size Found) (Found, bool) {
	if size.Shape == election.Arrow {
		return Found{}, false
	}
	thr := scanner.Threshold(g)
	dark := func(px, py int) bool {
		return image.Pt(px, py).In(g.Rect) && g.GrayAt(px, py).Y < thr
	}
	ring := ringPoints(size, dpi)
	r := int(math.Round(0.05 * dpi))
	cx, cy := int(math.Round(x*dpi)), int(math.Round(y*dpi))
	type place struct {
		dx, dy, hit, dist int
	}
	var ps []place
	for dy := -r; dy <= r; dy++ {
		for dx := -r; dx <= r; dx++ {
			hit := 0
			for _, p := range ring {
				if dark(cx+dx+p.X, cy+dy+p.Y) {
					hit++
				}
			}
			ps = append(ps, place{dx, dy, hit, dx*dx + dy*dy})
		}
	}
	sort.SliceStable(ps, func(i, j int) bool {
		if ps[i].hit != ps[j].hit {
			return ps[i].hit > ps[j].hit
		}
		return ps[i].dist < ps[j].dist
	})
	b := ps[0]
	if b.hit*100 < 65*len(ring) {
		return Found{}, false
	}
	in, n := 0, 0
	for y := -int(size.H * dpi / 2); y <= int(size.H*dpi/2); y++ {
		for x := -int(size.W * dpi / 2); x <= int(size.W*dpi/2); x++ {
			u, v := 2*float64(x)/(size.W*dpi), 2*float64(y)/(size.H*dpi)
			if size.Shape == election.Box || u*u+v*v <= 1 {
				n++
				if dark(cx+b.dx+x, cy+b.dy+y) {
					in++
				}
			}
		}
	}
	if in*len(ring) >= b.hit*n { // solid ink, a bar or a filled oval, is no outline
		return Found{}, false
	}
	f := size
	f.X, f.Y = float64(cx+b.dx)/dpi, float64(cy+b.dy)/dpi
	return f, true
}

// ringPoints are the pixels, about the middle, of the printed outline just outside a white of the given size.
func ringPoints(size Found, dpi float64) []image.Point {
	a, b := size.W*dpi/2+1, size.H*dpi/2+1
	seen := map[image.Point]bool{}
	var out []image.Point
	for i := 0; i < 720; i++ {
		t := float64(i) * math.Pi / 360
		c, s := math.Cos(t), math.Sin(t)
		k := 1.0
		if size.Shape == election.Box {
			k = 1 / math.Max(math.Abs(c), math.Abs(s))
		}
		p := image.Pt(int(math.Round(a*c*k)), int(math.Round(b*s*k)))
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out
}
