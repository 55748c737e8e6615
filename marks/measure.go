package marks

import (
	"image"
	"math"

	"recount/election"
)

// Blank is a style page's reference picture.
type Blank struct {
	Gray *image.Gray
	DPI  float64
	// Drawn says that the picture shows the targets and none of the print beside them, so that ink there is no stroke.
	Drawn bool
}

// Lengths in inches. At 200 dots an inch a hundredth is two pixels.
const (
	// inset is how far inside the printed outline the fillable area begins: an outline scanned or toned a little thicker
	// than the blank's must not count as a mark.
	inset = 0.010
	// margin is how much of the paper around a target is looked at: enough print to place it by, and ink just outside.
	margin = 0.13
	// reach is how far a target may lie from where the mapping puts it. Anchors leave a third of a pixel on real scans;
	// what stays is print that moved against print, or paper that buckled.
	reach = 0.02
	// outlineWide is how far outside the white the printed outline is looked for.
	outlineWide = 0.03
	// ringFrom and ringTo bound the ring in which ink just outside is measured.
	ringFrom, ringTo = 0.035, 0.085
)

// Darknesses, between local paper (0) and the page's print (1).
const (
	inkDark   = 0.30 // a pixel this dark, where the blank is white, is new ink: light pencil is 0.4, show-through 0.2
	printDark = 0.40 // a pixel this dark is print
)

// Measure measures every target of a page. The scan's bounds start at 0,0; m carries the blank's inches to its pixels.
// It gives one Mark a target, in the same order.
func Measure(scan *image.Gray, blank Blank, m Mapping, targets []election.Target) []Mark {
	out := make([]Mark, len(targets))
	sl, bl := levelsOf(scan), levelsOf(blank.Gray)
	var w window
	for i, t := range targets {
		out[i] = w.measure(scan, sl, blank, bl, m, t, targets)
	}
	w.streaked(out)
	return out
}

// window is the paper around one target, as the blank prints it and as the scan shows it, both upright and in the scan's
// resolution. Its slices are reused from target to target.
type window struct {
	nx, ny, r  int       // size in pixels; the scan's part is larger by r on each side
	step       float64   // inches a pixel
	blank      []float32 // darkness, nx x ny
	scan       []float32 // darkness, (nx+2r) x (ny+2r)
	zone       []zone    // what each pixel of the blank is
	outlinePix []int32   // indices of the printed outline
	outlineInk float32   // how dark the blank prints it: a hairline is softened to grey
	near       []bool    // where the blank prints, or right beside, nx x ny
	ink        []bool    // new ink inside, nx x ny
	grow       [5]grown  // scratch of divide
	u, v       []float64 // scratch of sampling
	at         []int     // scratch of sampling
	part       []float32 // scratch of sampling
	wants      []want    // scratch of settle
	rest       []float32 // scratch of settle
	shifts     []image.Point
	columns    []float64 // where lines run straight down the scan, one of each target that one runs through
	seen       []bool    // scratch of gather
	stack      []int32   // scratch of gather
	band       []int32   // scratch of arms
}

// thinFrom and thinTo are the fills between which ink may be a digit or two.
const thinFrom, thinTo = 500, 6500

// zone is what a pixel of the window is to the target.
type zone uint8

const (
	away   zone = iota // paper and print around
	inside             // the white inside, near the outline
	core               // the fillable area
	edge               // where the printed outline is looked for
	ring               // just outside the outline
)

func (w *window) measure(scan *image.Gray, sl levels, blank Blank, bl levels, m Mapping, t election.Target, all []election.Target) Mark {
	j, ok := slopeAt(m, t.X, t.Y)
	if !ok {
		return Mark{} // nothing found: outline 0, which vote never takes for an empty target
	}
	w.step = 1 / j.perInch()
	w.size(t)
	w.sampleBlank(blank, bl, t)
	w.sampleScan(scan, sl, j)
	w.findPrint()
	w.divide(t)
	dx, dy := w.settle()
	mk := w.score(t, dx, dy)
	if !blank.Drawn {
		mk.Arms = w.arms(t, dx, dy, all, mk.Dark)
	}
	if mk.Fill > 0 {
		mk.Damage = w.crossed(scan, sl, blank, bl, j, t, dx, dy)
		if mk.Damage == "" && t.Shape != election.Arrow && mk.Arms&(ArmsLeft|ArmsRight) != 0 && w.numbered(scan, sl, blank, bl, j, t, dx, dy) {
			mk.Damage = Number
		}
		if mk.Damage == "" && !blank.Drawn && mk.Fill >= thinFrom && mk.Fill < thinTo && w.amidPrint(scan, sl, blank, bl, j, t, all, dx, dy) {
			mk.Damage = Number
		}
	}
	if mk.Fill > 0 || mk.Around > 0 {
		mk.Trace = w.trace(t, mk.Fill, dx, dy)
	}
	mk.place(j, t, float64(dx)*w.step, float64(dy)*w.step)
	return mk
}

// size sets the window up for a target.
func (w *window) size(t election.Target) {
	w.nx = int(math.Ceil((t.W + 2*margin) / w.step))
	w.ny = int(math.Ceil((t.H + 2*margin) / w.step))
	w.r = max(1, int(math.Round(reach/w.step)))
	w.blank = resize(w.blank, w.nx*w.ny)
	w.scan = resize(w.scan, (w.nx+2*w.r)*(w.ny+2*w.r))
	w.zone = resize(w.zone, w.nx*w.ny)
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// divide says what each pixel of the window is to the target.
func (w *window) divide(t election.Target) {
	w.outlinePix = w.outlinePix[:0]
	core0, inside0, edge0 := w.grown(0, t, -inset), w.grown(1, t, 0), w.grown(2, t, outlineWide)
	ring0, ring1 := w.grown(3, t, ringFrom), w.grown(4, t, ringTo)
	w.outlineInk = w.darkestEdge(t, inside0, edge0)
	for y := 0; y < w.ny; y++ {
		v := math.Abs(float64(y)+0.5-float64(w.ny)/2) * w.step
		for x := 0; x < w.nx; x++ {
			i := y*w.nx + x
			switch {
			case t.Shape == election.Arrow:
				u := math.Abs(float64(x)+0.5-float64(w.nx)/2) * w.step
				w.zone[i] = arrowZone(t, u, v)
				if w.zone[i] == edge && w.blank[i] >= 0.6*w.outlineInk {
					w.outlinePix = append(w.outlinePix, int32(i))
				}
			case !ring1.holds(x, y):
				w.zone[i] = away
			case core0.holds(x, y):
				w.zone[i] = core
			case inside0.holds(x, y):
				w.zone[i] = inside
			case edge0.holds(x, y):
				w.zone[i] = edge
				if w.blank[i] >= 0.6*w.outlineInk {
					w.outlinePix = append(w.outlinePix, int32(i))
				}
			case !ring0.holds(x, y):
				w.zone[i] = ring
			default:
				w.zone[i] = away
			}
		}
	}
}

// An arrow's gap is closed by a line that hands draw a little high, low or slanting: it is measured beyond the bars' height.
const arrowSlack = 0.02

// arrowZone is the zone of a point by its distances from the middle of an arrow's gap. The bars to both sides are its
// outline.
func arrowZone(t election.Target, u, v float64) zone {
	a, b := t.W/2, t.H/2
	switch {
	case u <= a-inset && v <= b+arrowSlack:
		return core
	case u <= a && v <= b+arrowSlack:
		return inside
	case u <= a+2*outlineWide && v <= b+outlineWide/2:
		return edge
	case u <= a && v > b+ringFrom && v <= b+ringTo:
		return ring
	}
	return away
}

// darkestEdge is the darkness that the darkest eighth of the pixels just outside the white reach on the blank: that of the
// printed outline, between 0.25 (anything fainter is no outline) and 1.
func (w *window) darkestEdge(t election.Target, inside, outline grown) float32 {
	var hist [101]int
	n := 0
	for y := 0; y < w.ny; y++ {
		v := math.Abs(float64(y)+0.5-float64(w.ny)/2) * w.step
		for x := 0; x < w.nx; x++ {
			if t.Shape == election.Arrow {
				if u := math.Abs(float64(x)+0.5-float64(w.nx)/2) * w.step; arrowZone(t, u, v) != edge {
					continue
				}
			} else if !outline.holds(x, y) || inside.holds(x, y) {
				continue
			}
			hist[int(100*w.blank[y*w.nx+x])]++
			n++
		}
	}
	sum := 0
	for d := 100; d > 25; d-- {
		if sum += hist[d]; sum*8 >= n {
			return float32(d) / 100
		}
	}
	return 0.25
}

// within says whether a point, by its distances from the target's middle, lies inside the target's white grown by d inches.
func within(t election.Target, u, v, d float64) bool {
	a, b := t.W/2+d, t.H/2+d
	if a <= 0 || b <= 0 || u > a || v > b {
		return false
	}
	if t.Shape == election.Box {
		return true
	}
	return u*u/(a*a)+v*v/(b*b) <= 1
}

// score measures the target with the scan shifted by (dx, dy).
func (w *window) score(t election.Target, dx, dy int) Mark {
	sx := w.nx + 2*w.r
	at := func(i int) int { return (i/w.nx+w.r+dy)*sx + i%w.nx + w.r + dx }
	from, next := 0, 0 // what carries a row's pixels to the scan's, and where the next row begins
	var all, area, ink, ringArea, ringInk int
	var dark, shade, paper float64
	minX, maxX, minY, maxY := w.nx, -1, w.ny, -1
	w.ink = resize(w.ink, len(w.zone))
	clear(w.ink)
	for i, z := range w.zone {
		if i == next {
			from, next = at(i)-i, next+w.nx
		}
		if z == core {
			all++
		}
		if z != core && z != ring || w.printed(i) {
			continue
		}
		d := w.scan[from+i]
		if z == ring {
			ringArea++
			paper += min(float64(d), inkDark)
			if d >= inkDark {
				ringInk++
			}
			continue
		}
		area++
		shade += float64(d)
		if d >= inkDark {
			ink++
			w.ink[i] = true
			dark += float64(d)
			x, y := i%w.nx, i/w.nx
			minX, maxX = min(minX, x), max(maxX, x)
			minY, maxY = min(minY, y), max(maxY, y)
		}
	}
	hit := 0
	for _, p := range w.outlinePix {
		if w.darkNear(at(int(p)), sx, 0.6*w.outlineInk) {
			hit++
		}
	}
	mk := Mark{
		Fill:      share(ink, area),
		Outline:   share(hit, len(w.outlinePix)),
		Around:    share(ringInk, ringArea),
		Overprint: share(all-area, all),
		DX:        dx, DY: dy,
	}
	if area > 0 && ringArea > 0 {
		mk.Shade = Score(math.Max(0, shade/float64(area)-paper/float64(ringArea)) * 10000)
	}
	if ink > 0 {
		mk.Dark = Score(dark / float64(ink) * 10000)
		long := float64(max(maxX-minX, maxY-minY)+1) * w.step
		mk.Spread = Score(math.Min(1, long/(t.W-2*inset)) * 10000)
		w.lay(&mk, w.gather(w.ink), area, t)
	}
	return mk
}

// printed says whether the blank prints at a pixel or right beside it.
func (w *window) printed(i int) bool { return w.near[i] }

// findPrint notes where the blank prints, and right beside.
func (w *window) findPrint() {
	w.near = resize(w.near, len(w.blank))
	clear(w.near)
	for i, d := range w.blank {
		if d < printDark {
			continue
		}
		x, y := i%w.nx, i/w.nx
		if x > 0 && y > 0 && x+1 < w.nx && y+1 < w.ny {
			for k := i - 1 - w.nx; k <= i-1+w.nx; k += w.nx {
				w.near[k], w.near[k+1], w.near[k+2] = true, true, true
			}
			continue
		}
		for yy := max(0, y-1); yy <= min(w.ny-1, y+1); yy++ {
			for xx := max(0, x-1); xx <= min(w.nx-1, x+1); xx++ {
				w.near[yy*w.nx+xx] = true
			}
		}
	}
}

// darkNear says whether the scan is dark at a pixel or right beside it.
func (w *window) darkNear(i, sx int, dark float32) bool {
	for _, o := range [9]int{0, -1, 1, -sx, sx, -sx - 1, -sx + 1, sx - 1, sx + 1} {
		if j := i + o; j >= 0 && j < len(w.scan) && w.scan[j] >= min(dark, printDark) {
			return true
		}
	}
	return false
}

func share(n, of int) Score {
	if of == 0 {
		return 0
	}
	return Score((n*10000 + of/2) / of)
}

// place says where on the scan the target was measured.
func (mk *Mark) place(j slope, t election.Target, ox, oy float64) {
	minX, minY := math.Inf(1), math.Inf(1)
	maxX, maxY := math.Inf(-1), math.Inf(-1)
	for _, c := range [4][2]float64{{-1, -1}, {1, -1}, {-1, 1}, {1, 1}} {
		u, v := c[0]*t.W/2+ox, c[1]*t.H/2+oy
		x, y := j.px+j.xx*u+j.xy*v, j.py+j.yx*u+j.yy*v
		minX, maxX = math.Min(minX, x), math.Max(maxX, x)
		minY, maxY = math.Min(minY, y), math.Max(maxY, y)
	}
	mk.X, mk.Y = int(math.Round(minX)), int(math.Round(minY))
	mk.W, mk.H = int(math.Round(maxX))-mk.X, int(math.Round(maxY))-mk.Y
	mk.DX = int(math.Round(100 * (j.xx*ox + j.xy*oy)))
	mk.DY = int(math.Round(100 * (j.yx*ox + j.yy*oy)))
}
