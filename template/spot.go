package template

import (
	"math"
	"math/bits"

	"recount/scanner"
)

// spot is a place of the blank that can be told from its neighbourhood: the middle of a 64 x 64 pixel patch.
type spot struct {
	x, y float64 // inches on the blank
}

// patch is 64 x 64 packed pixels.
type patch struct {
	rows [64]uint64
	ink  int
}

// render draws the 64 x 64 pixels of a scan's plane around (px, py) as the blank would have printed them. toBlank carries
// the scan's plane to the blank's bits.
func render(b *scanner.Bits, toBlank affine, px, py float64) patch {
	var p patch
	fast := nearlyStraight(toBlank)
	for j := range p.rows {
		x, y := toBlank.at(px-31.5, py-31.5+float64(j))
		if fast {
			p.rows[j] = sampleRow(b, toBlank, x, y)
		} else {
			p.rows[j] = samplePixels(b, toBlank, x, y)
		}
		p.ink += bits.OnesCount64(p.rows[j])
	}
	return p
}

// nearlyStraight says whether eight pixels in a row lie on eight in a row to within a sixth of a pixel.
func nearlyStraight(m affine) bool { return math.Abs(m.A-1) < 0.04 && math.Abs(m.D) < 0.04 }

// sampleRow reads 64 pixels from (x, y) on, eight at a time: eights that lie on one row, one after the other, are read at once.
func sampleRow(b *scanner.Bits, m affine, x, y float64) uint64 {
	var w uint64
	x += 3.5*m.A - 3.5
	y += 3.5 * m.D
	fx, fy := math.Floor(x), math.Floor(y)
	ax, ay := 8*m.A-8, 8*m.D // from one eight to the next, of the pixel that would stand first if the row were straight
	kx, ky := leaves(x-fx, ax, 0), leaves(y-fy, ay, 0)
	ix, iy, from := int(fx), int(fy), uint(0)
	for {
		next := min(kx, ky)
		if next >= 8 {
			return w | b.Window(ix, iy)>>from<<from
		}
		upTo := uint(8 * next)
		w |= b.Window(ix, iy) >> from << from & (1<<upTo - 1)
		from = upTo
		if kx == next {
			ix, kx = ix+sign(ax), leaves(x-float64(ix+sign(ax)), ax, next)
		}
		if ky == next {
			iy, ky = iy+sign(ay), leaves(y-float64(iy+sign(ay)), ay, next)
		}
	}
}

// leaves is the first eight, after the given one, at which v, moved by step each time, lies no longer from 0 to 1; 8 where none does.
func leaves(v, step float64, after int) int {
	k := 8.0
	switch {
	case step > 0:
		k = math.Ceil((1 - v) / step)
	case step < 0:
		k = math.Floor(v/-step) + 1
	}
	if k >= 8 {
		return 8
	}
	return max(int(k), after+1)
}

func sign(v float64) int {
	if v < 0 {
		return -1
	}
	return 1
}

// samplePixels reads 64 pixels from (x, y) on, each by itself.
func samplePixels(b *scanner.Bits, m affine, x, y float64) uint64 {
	var w uint64
	for i := 0; i < 64; i++ {
		if b.At(int(math.Floor(x)), int(math.Floor(y))) {
			w |= 1 << i
		}
		x += m.A
		y += m.D
	}
	return w
}

// found is the best place of a patch on a page.
type found struct {
	dx, dy float64 // shift from where it was looked for, plane pixels, to a fraction
	like   float64 // likeness: 1 - differing / (ink of both); 1 is equal
	second float64 // likeness of the best place more than 4 pixels away
}

// search compares the patch with the page at every shift of up to r pixels from its place (x, y, the patch's top left).
func search(b *scanner.Bits, p *patch, x, y, r int) found { return searchWithin(b, p, x, y, r, 1) }

// mostReach is the largest reach of a search, in pixels.
const mostReach = 31

// never is the cost of a shift that was not asked: more than any patch's pixels.
const never = 1 << 20

// searchWithin is search where a second place less like than the best by slack and more need not be found. Every other row
// tells most places from the best; only those it cannot are compared in full.
func searchWithin(b *scanner.Bits, p *patch, x, y, r int, slack float64) found {
	r = min(r, mostReach)
	n := 2*r + 1
	var costRoom, fullRoom [21 * 21]int32 // for a reach of 10; more is rare
	cost := costRoom[:]
	if n*n > len(cost) {
		cost = make([]int32, n*n)
	}
	cost = cost[:n*n]
	var left, right [64 + 2*mostReach]uint64
	high := 64 + 2*r
	for k := range high {
		left[k], right[k] = b.Window(x-r, y-r+k), b.Window(x-r+64, y-r+k)
	}
	add := func(first int) { // the costs of every other row from first on
		var row [32]uint64
		for k := range row {
			row[k] = p.rows[2*k+first]
		}
		var even, odd [32 + mostReach]uint64 // of the page's rows
		for i := range n {
			for k := 0; k < high; k += 2 {
				even[k/2] = left[k]>>i | right[k]<<(64-i) // a shift by 64 gives 0
				odd[k/2] = left[k+1]>>i | right[k+1]<<(64-i)
			}
			for dy := range n { // the patch's row j lies on the page's row j + dy
				at := dy + first
				if at&1 == 0 {
					cost[dy*n+i] += differing32((*[32]uint64)(even[at/2:]), &row)
				} else {
					cost[dy*n+i] += differing32((*[32]uint64)(odd[at/2:]), &row)
				}
			}
		}
	}
	add(0)
	best := leastOf(cost)
	whole := func(i int) int32 {
		c := cost[i]
		dx, dy := i%n, i/n
		for j := 1; j < 64; j += 2 {
			c += int32(bits.OnesCount64((left[dy+j]>>dx | right[dy+j]<<(64-dx)) ^ p.rows[j]))
		}
		return c
	}
	// A place of likeness 1-t has a cost of t times the ink of patch and page. The page's ink is at most that of the 64 rows
	// around with the most, and at most the patch's and the cost: what costs more than this in half its rows is neither the
	// best nor so like it that it matters.
	limit := int32(math.MaxInt32)
	least := whole(best)
	if total := p.ink + inkAt(b, x+best%n-r, y+best/n-r); total > 0 {
		if t := float64(least)/float64(total) + slack; t < 0.9 {
			limit = int32(2*t*float64(p.ink)/(1-t)) + 1
			limit = min(limit, int32(t*float64(p.ink+mostInk64(left[:high], right[:high], n)))+1)
			limit = max(least, limit)
		}
	}
	alive := 0
	for _, c := range cost {
		if c <= limit {
			alive++
		}
	}
	full := cost
	if alive*5 > len(cost) {
		add(1)
	} else {
		if full = fullRoom[:]; n*n > len(full) {
			full = make([]int32, n*n)
		}
		full = full[:n*n]
		for i, c := range cost {
			if full[i] = never; c <= limit {
				full[i] = whole(i)
			}
		}
	}
	best = leastOf(full)
	bx, by := best%n, best/n
	second := -1
	for i, c := range full {
		if c < never && (abs(i%n-bx) > 4 || abs(i/n-by) > 4) {
			if second < 0 || c < full[second] {
				second = i
			}
		}
	}
	like := func(i int) float64 {
		if i < 0 {
			return 0
		}
		total := p.ink + inkAt(b, x+i%n-r, y+i/n-r)
		if total == 0 {
			return 0
		}
		return 1 - float64(full[i])/float64(total)
	}
	f := found{dx: float64(bx - r), dy: float64(by - r), like: like(best), second: like(second)}
	for _, i := range [4]int{best - 1, best + 1, best - n, best + n} { // the vertex is found between them
		if i >= 0 && i < len(full) && full[i] == never {
			full[i] = whole(i)
		}
	}
	f.dx += vertex(full, best, 1, bx > 0 && bx < n-1)
	f.dy += vertex(full, best, n, by > 0 && by < n-1)
	return f
}

// vertex is the place of the minimum between three neighbours, as if they lay on a parabola.
func vertex(cost []int32, i, step int, inside bool) float64 {
	if !inside {
		return 0
	}
	a, b, c := float64(cost[i-step]), float64(cost[i]), float64(cost[i+step])
	if d := a - 2*b + c; d > 0 {
		return (a - c) / (2 * d)
	}
	return 0
}

func leastOf(cost []int32) int {
	best := 0
	for i, c := range cost {
		if c < cost[best] {
			best = i
		}
	}
	return best
}

func inkAt(b *scanner.Bits, x, y int) int {
	n := 0
	k, shift := x>>6, uint(x&63)
	if x < 0 || y < 0 || y+64 > b.H || k+1 >= b.Stride {
		for j := 0; j < 64; j++ {
			n += bits.OnesCount64(b.Window(x, y+j))
		}
		return n
	}
	at := b.Words[y*b.Stride+k:]
	for j := 0; j < 64; j++ {
		two := at[j*b.Stride : j*b.Stride+2]
		n += bits.OnesCount64(two[0]>>shift | two[1]<<(64-shift)) // a shift by 64 gives 0
	}
	return n
}

// differing32 counts the pixels in which 32 rows differ.
func differing32(a, b *[32]uint64) int32 {
	n0, n1, n2, n3 := 0, 0, 0, 0
	for k := 0; k < 32; k += 4 {
		n0 += bits.OnesCount64(a[k] ^ b[k])
		n1 += bits.OnesCount64(a[k+1] ^ b[k+1])
		n2 += bits.OnesCount64(a[k+2] ^ b[k+2])
		n3 += bits.OnesCount64(a[k+3] ^ b[k+3])
	}
	return int32(n0 + n1 + n2 + n3)
}

// mostInk64 is the ink of the 64 rows that have the most, of rows 64 + n - 1 pixels long. n is 64 at most.
func mostInk64(left, right []uint64, n int) int {
	var rows [64 + 2*mostReach]int
	sum, most := 0, 0
	rest := uint64(1)<<(n-1) - 1
	for j, w := range left {
		rows[j] = bits.OnesCount64(w) + bits.OnesCount64(right[j]&rest)
		if sum += rows[j]; j >= 64 {
			sum -= rows[j-64]
		}
		most = max(most, sum)
	}
	return most
}

func abs(v int) int {
	if v < 0 {
		return -v
	}
	return v
}

// spots chooses places on a blank's bits: one in each cell of the given size, where print changes most in both directions
// and looks like nothing within reach pixels of it. avoid says where marks will be made.
func spots(b *scanner.Bits, dpi float64, cell, reach int, avoid func(x, y int) bool) []spot {
	edges := newEdges(b)
	var out []spot
	for cy := 0; cy+64 <= b.H; cy += cell {
		for cx := 0; cx+64 <= b.W; cx += cell {
			type cand struct{ x, y, score int }
			var top [3]cand
			for y := cy; y < cy+cell && y+64 <= b.H; y += 8 {
				for x := cx; x < cx+cell && x+64 <= b.W; x += 8 {
					s := edges.score(x, y)
					if s < 60 || avoid(x, y) {
						continue
					}
					c := cand{x, y, s}
					for i := range top {
						if c.score > top[i].score {
							top[i], c = c, top[i]
						}
					}
				}
			}
			for _, c := range top {
				if c.score > 0 && distinct(b, c.x, c.y, reach) {
					out = append(out, spot{x: float64(c.x+32) / dpi, y: float64(c.y+32) / dpi})
					break
				}
			}
		}
	}
	return out
}

// spotUnlike is the likeness that no place about a spot has on its own blank, but for the few pixels next to it.
const spotUnlike = 0.6

// distinct says whether the blank's patch at (x, y) is unlike every other place within reach.
func distinct(b *scanner.Bits, x, y, reach int) bool {
	var p patch
	for j := range p.rows {
		p.rows[j] = b.Window(x, y+j)
		p.ink += bits.OnesCount64(p.rows[j])
	}
	if p.ink < 80 || p.ink > 64*64*6/10 {
		return false
	}
	return searchWithin(b, &p, x, y, reach, 1.01-spotUnlike).second < spotUnlike
}

// edges sums, over 64 x 64 windows, how often print changes going right and going down.
type edges struct {
	w, h int
	hor  []int32 // summed areas of changes going right
	ver  []int32 // summed areas of changes going down
}

func newEdges(b *scanner.Bits) edges {
	w, h := b.W, b.H
	e := edges{w: w + 1, h: h + 1, hor: make([]int32, (w+1)*(h+1)), ver: make([]int32, (w+1)*(h+1))}
	for y := 0; y < h; y++ {
		var sh, sv int32
		for x := 0; x < w; x++ {
			if x > 0 && b.At(x, y) != b.At(x-1, y) {
				sh++
			}
			if y > 0 && b.At(x, y) != b.At(x, y-1) {
				sv++
			}
			i := (y+1)*e.w + x + 1
			e.hor[i] = e.hor[i-e.w] + sh
			e.ver[i] = e.ver[i-e.w] + sv
		}
	}
	return e
}

func (e edges) score(x, y int) int {
	a, b := y*e.w+x, (y+64)*e.w+x
	sum := func(t []int32) int { return int(t[b+64] - t[b] - t[a+64] + t[a]) }
	return min(sum(e.hor), sum(e.ver))
}
