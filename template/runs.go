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

// runnable says whether steps of (ax, ay) go to the right by nearly a pixel each.
func runnable(ax, ay float64) bool {
	return math.Abs(ax-1) <= mostDrift && math.Abs(ay) <= mostDrift
}

// countBoth counts the ink of a, and of that what is ink of b too, under n steps of (ax, ay) from (x, y) on.
func countBoth(a, b *scanner.Bits, x, y, ax, ay float64, n int) (inA, inBoth int) {
	if n <= 0 {
		return 0, 0
	}
	if runnable(-ax, -ay) {
		x, y = x+float64(n-1)*ax, y+float64(n-1)*ay // a scan on its head, from its other end
		ax, ay = -ax, -ay
	}
	if runnable(ax, ay) {
		for n > 0 {
			fx, fy := math.Floor(x), math.Floor(y)
			k := min(n, 64, stepsTo(x-fx, ax-1), stepsTo(y-fy, ay))
			if w := a.Window(int(fx), int(fy)) & (^uint64(0) >> (64 - k)); w != 0 {
				inA += bits.OnesCount64(w)
				inBoth += bits.OnesCount64(w & b.Window(int(fx), int(fy)))
			}
			n -= k
			x += float64(k) * ax
			y += float64(k) * ay
		}
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
