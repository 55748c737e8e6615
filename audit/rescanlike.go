package audit

import (
	"math"
	"sync"
)

// A score adds up how alike the marks of two sheets are, target by target, and so can say no more than the spread allows: a hand
// that leads every tick the same few ways has a wide one. But among marks that differ in few ways, two that are all but the same are
// seldom, and a dozen such are never chance. So each mark is also asked by itself how seldom chance makes it so alike, where chance
// is a direction among as many as the sheets' marks differ in, and that is what marks at different targets tell.

const (
	mostWays = 44  // 1/leastSpread², rounded down
	leastWay = 3   // fewer are not told apart by a cosine's spread
	markMost = 6.0 // what one mark may add, in natural logarithms: one in four hundred
	tailStep = 200 // of a cosine's tail, parts of 1
)

// spreadLeast is the least spread of cosines that is believed in.
const spreadLeast = 0.15

// tails holds, for each number of ways, how seldom chance gives a cosine from each 200th on, from 0 to 1.
var tails = sync.OnceValue(func() *[mostWays + 1][tailStep + 1]float64 {
	var out [mostWays + 1][tailStep + 1]float64
	const fine = 20 // steps of the integral in each
	for ways := leastWay; ways <= mostWays; ways++ {
		sum := 0.0
		for i := tailStep - 1; i >= 0; i-- {
			for k := range fine {
				c := (float64(i) + (float64(k)+0.5)/fine) / tailStep
				sum += math.Pow(1-float64(c*c), float64(ways-3)/2)
			}
			out[ways][i] = sum
		}
		for i := range tailStep {
			out[ways][i] /= 2 * sum
		}
	}
	return &out
})

// seldom is the natural logarithm of how seldom chance gives a cosine of c or more among so many ways, at most markMost.
func seldom(c float64, ways int) float64 {
	t := &tails()[ways]
	at := math.Abs(c) * tailStep
	i := min(int(at), tailStep-1)
	p := t[i] + float64((t[i+1]-t[i])*min(at-float64(i), 1))
	if c < 0 {
		p = 1 - p
	}
	return min(-math.Log(max(p, 1e-12)), markMost)
}

// likeness adds up how seldom chance makes each of the marks of two sheets so alike; of chance it is as large as the marks are many,
// less one, on the average. 0 where there is nothing to go by.
func likeness(a, b *residuals) float64 {
	n := a.n
	if n != b.n || n < 3 {
		return 0
	}
	const one = unitLength * unitLength
	across, spread, count := crosswise(a, b)
	sd := max(math.Sqrt((spread+usualCount*usualLike*usualLike)/(count+usualCount)), spreadLeast)
	ways := min(max(int(1/float64(sd*sd)), leastWay), mostWays)
	usual := max(0, float64(across)/one/count)
	sum := 0.0
	for k := range n {
		sum += seldom(float64(product(&a.unit[k], &b.unit[k]))/one-usual, ways)
	}
	return float64(sum*float64(n-1)) / float64(n)
}

// likenessBits is the evidence of a likeness of so many marks: the binary logarithm of how seldom that many less one numbers, each as
// seldom as it says, add up to it.
func likenessBits(sum float64, marks int) float64 {
	if sum <= 0 || marks < 3 {
		return 0
	}
	// The tail of the sum of n exponential numbers: e^-s times the sum of s^i/i! for i < n.
	term, all := 1.0, 1.0
	for i := 1; i < marks-1; i++ {
		term *= sum / float64(i)
		all += term
	}
	return max(0, (sum-math.Log(all))/math.Ln2)
}

// likenessSpread is how much more alike a sheet is to others of its style than chance says, at least 1.
func (f *finder) likenessSpread(a, not int32) float64 {
	// Squares, for it is the seldom likeness that must not be taken for evidence.
	sum, n := cohortFirst*usualLikeness*usualLikeness, float64(cohortFirst)
	f.cohort(a, not, func(o int32, marks int) {
		v := f.alike(a, o)
		sum += float64(v*v) / float64((marks-1)*marks)
		n++
	})
	return max(1, math.Sqrt(sum/n))
}

// usualLikeness is taken for granted before others are looked at.
const usualLikeness = 1.1

// alike is the likeness of two sheets by the marks at the same targets.
func (f *finder) alike(a, b int32) float64 {
	skipA, skipB, marks, _ := f.shared(a, b)
	if marks < 3 {
		return 0
	}
	var x, y residuals
	f.residual(f.usual, a, skipA, &x)
	f.residual(f.usual, b, skipB, &y)
	return likeness(&x, &y)
}
