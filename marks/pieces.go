package marks

import (
	"math"

	"recount/election"
)

// shape is how the new ink inside a target lies: one stroke or many specks, where, and in which direction.
type shape struct {
	pieces  int
	largest int // pixels of the largest piece
	cx, cy  float64
	angle   int
}

// leastPiece is the area, in square inches, below which a piece of ink is grain: a pixel at 100 dots an inch.
const leastPiece = 0.0001

// gather finds the connected pieces of ink among the fillable inside, neighbours by side or corner, and the ink's middle and
// main direction. ink says for each pixel of the window whether it is new ink inside.
func (w *window) gather(ink []bool) shape {
	var s shape
	least := max(1, int(math.Round(leastPiece/(w.step*w.step))))
	seen := w.seen[:0]
	if cap(seen) < len(ink) {
		seen = make([]bool, 0, len(ink))
	}
	seen = seen[:len(ink)]
	clear(seen)
	w.seen = seen
	var n, sx, sy, sxx, syy, sxy float64
	stack := w.stack[:0]
	for start, on := range ink {
		if !on || seen[start] {
			continue
		}
		size := 0
		seen[start] = true
		stack = append(stack[:0], int32(start))
		for len(stack) > 0 {
			i := int(stack[len(stack)-1])
			stack = stack[:len(stack)-1]
			size++
			x, y := i%w.nx, i/w.nx
			fx, fy := float64(x), float64(y)
			n, sx, sy, sxx, syy, sxy = n+1, sx+fx, sy+fy, sxx+fx*fx, syy+fy*fy, sxy+fx*fy
			for yy := max(0, y-1); yy <= min(w.ny-1, y+1); yy++ {
				for xx := max(0, x-1); xx <= min(w.nx-1, x+1); xx++ {
					if k := yy*w.nx + xx; ink[k] && !seen[k] {
						seen[k] = true
						stack = append(stack, int32(k))
					}
				}
			}
		}
		if size >= least {
			s.pieces++
		}
		s.largest = max(s.largest, size)
	}
	w.stack = stack
	if n == 0 {
		return s
	}
	s.cx, s.cy = sx/n, sy/n
	// The main axis of the ink's spread about its middle; y runs down, angles are counted as people do.
	a := 0.5 * math.Atan2(2*(sxy/n-s.cx*s.cy), (sxx/n-s.cx*s.cx)-(syy/n-s.cy*s.cy))
	s.angle = int(math.Round(-a*180/math.Pi)+180) % 180
	return s
}

// lay writes the shape into a mark. area is the fillable inside in pixels.
func (w *window) lay(mk *Mark, s shape, area int, t election.Target) {
	mk.Pieces = s.pieces
	mk.Largest = share(s.largest, area)
	if s.largest == 0 {
		return
	}
	mk.Angle = s.angle
	mk.OffX = Score(math.Round((s.cx + 0.5 - float64(w.nx)/2) * w.step / (t.W / 2) * 10000))
	mk.OffY = Score(math.Round((s.cy + 0.5 - float64(w.ny)/2) * w.step / (t.H / 2) * 10000))
}
