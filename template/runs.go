package template

import (
	"math"
	"math/bits"

	"recount/scanner"
)

// A line of the blank that lies on the scan at nearly its own size and slant crosses into another row or skips a pixel only every
// dozen of pixels or so. Between, its pixels are a run that can be read 64 at a time.

// mostDrift is how much longer or shorter than a pixel, or how steep, a step may be for runs to be worth it.
const mostDrift = 0.15

// runs calls read for the pixels that n steps of (ax, ay) from (x, y) on fall on, run by run: read(x, y, n) is for n pixels, 64 at
// most, of row y from x on. It needs steps within mostDrift of one pixel to the right.
func runs(x, y, ax, ay float64, n int, read func(x, y, n int)) {
	for n > 0 {
		fx, fy := math.Floor(x), math.Floor(y)
		k := min(n, 64, stepsTo(x-fx, ax-1), stepsTo(y-fy, ay))
		read(int(fx), int(fy), k)
		n -= k
		x += float64(k) * ax
		y += float64(k) * ay
	}
}

// stepsTo is how many steps of size d from f, 0 to 1, lead out of that pixel; one at least.
func stepsTo(f, d float64) int {
	switch {
	case d > 1e-6:
		return max(1, int(math.Ceil((1-f)/d)))
	case d < -1e-6:
		return int(f/-d) + 1
	}
	return 1 << 20
}

// runnable says whether runs can walk steps of (ax, ay).
func runnable(ax, ay float64) bool {
	return math.Abs(ax-1) <= mostDrift && math.Abs(ay) <= mostDrift
}

// countBoth counts the ink of a, and of that what is ink of b too, under n steps of (ax, ay) from (x, y) on.
func countBoth(a, b *scanner.Bits, x, y, ax, ay float64, n int) (inA, inBoth int) {
	if n <= 0 {
		return 0, 0
	}
	if !runnable(ax, ay) {
		x, y = x+float64(n-1)*ax, y+float64(n-1)*ay // a scan on its head, from its other end
		ax, ay = -ax, -ay
	}
	if runnable(ax, ay) {
		runs(x, y, ax, ay, n, func(x, y, n int) {
			w := a.Window(x, y) & (^uint64(0) >> (64 - n))
			if w != 0 {
				inA += bits.OnesCount64(w)
				inBoth += bits.OnesCount64(w & b.Window(x, y))
			}
		})
		return inA, inBoth
	}
	for range n {
		if px, py := int(math.Floor(x)), int(math.Floor(y)); a.At(px, py) {
			inA++
			if b.At(px, py) {
				inBoth++
			}
		}
		x, y = x+ax, y+ay
	}
	return inA, inBoth
}
