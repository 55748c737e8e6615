package audit

import (
	"math"
	"math/bits"
)

// residuals are what is a sheet's own in each of some of its marks: the trace less what all sheets have at that target, less what
// all of the sheet's marks have in common (the hand, the pen, the scanner's dark and light), each of length one in unit. Whole
// numbers throughout, so that every machine gets the same.
type residuals struct {
	n    int
	unit [rescanMarks][traceCells]int16
}

const (
	unitLength = 8192 // of a residual; their products stay below 1<<26
	meanScale  = 64   // parts of a sixteenth in which means are reckoned
	meanWeight = 8    // of the run's mean in a target's: of few marks the mean is the marks themselves
)

// mean is the usual trace at a place, in parts of a sixteenth.
func (s *Rescans) mean(at target, into *[traceCells]int32) {
	m := s.targets[at]
	for i := range into {
		usual := s.all.sum[i] * meanScale / s.all.n
		into[i] = int32((m.sum[i]*meanScale + usual*meanWeight) / (m.n + meanWeight))
	}
}

// means keeps the usual traces of a search, one a target.
type means map[target]*[traceCells]int32

func (s *Rescans) means() means {
	out := means{}
	for at := range s.targets {
		m := new([traceCells]int32)
		s.mean(at, m)
		out[at] = m
	}
	return out
}

// residual works out the residuals of the marks of a sheet that skip leaves.
func (s *Rescans) residual(usual means, sheet int32, skip uint32, out *residuals) {
	f := &s.sheets[sheet]
	var own [rescanMarks][traceCells]int32
	var common [traceCells]int32
	var c [traceCells]int32
	out.n = 0
	for k, t := range f.targets {
		if skip>>k&1 == 1 {
			continue
		}
		cells(f.traces[k*len(f.traces)/len(f.targets):(k+1)*len(f.traces)/len(f.targets)], &c)
		m := usual[target{f.style, t >> pageShift, t & (1<<pageShift - 1)}]
		for i := range c {
			own[out.n][i] = c[i]*meanScale - m[i]
			common[i] += own[out.n][i]
		}
		out.n++
	}
	for i := range common {
		common[i] /= int32(max(out.n, 1))
	}
	for k := range out.n {
		sum := int64(0)
		for i, c := range common {
			own[k][i] -= c
			sum += int64(own[k][i]) * int64(own[k][i])
		}
		scale := unitLength << 32 / max(int64(math.Sqrt(float64(sum))), 1)
		for i, v := range own[k] {
			out.unit[k][i] = int16(int64(v) * scale >> 32)
		}
	}
}

// product is the cosine between two residuals, in parts of 1<<26.
func product(a, b *[traceCells]int16) int64 {
	sum := int32(0)
	for i, v := range a {
		sum += int32(v) * int32(b[i])
	}
	return int64(sum)
}

// The scale of a score without a sample: what marks of different targets are alike by, as measured on drawn crosses (0.2) and
// neatly filled targets (0.3 to 0.5), and how many such it counts for. Few marks have few others to be held against.
const (
	usualLike  = 0.4
	usualCount = 12
	leastLike  = 0.10 // a mark has no more than a hundred ways to differ
)

// score says by how many standard deviations the marks of two sheets are more alike target by target than across targets. Both
// have the same n marks; below three there is nothing to go by, and the score is 0.
func score(a, b *residuals) float64 {
	n := a.n
	if n != b.n || n < 3 {
		return 0
	}
	const one = unitLength * unitLength
	var straight int64
	for k := range n {
		straight += product(&a.unit[k], &b.unit[k])
	}
	if straight*10 < one*int64(n) { // a tenth: less is never enough
		return 0
	}
	across, spread, count := crosswise(a, b)
	sd := math.Sqrt((spread + usualCount*usualLike*usualLike) / (count + usualCount))
	mean := float64(straight)/float64(one*int64(n)) - max(0, float64(across)/one/count)
	// The residuals of a sheet add up to nothing, so that one of them says nothing new.
	return mean / max(sd, leastLike) * math.Sqrt(float64(n-1))
}

// crosswise adds up how alike the marks of two sheets with the same n marks are across targets: the products of all pairs, and their
// squares, of products that are 1 where two are the same. count is how many pairs there are.
func crosswise(a, b *residuals) (across int64, spread, count float64) {
	for k := range a.n {
		for l := range a.n {
			if k != l {
				c := product(&a.unit[k], &b.unit[l])
				across += c
				f := float64(c) / (unitLength * unitLength)
				spread += float64(f * f)
			}
		}
	}
	return across, spread, float64(a.n * (a.n - 1))
}

// sketch is a sheet's residuals in 512 bits: two sketches differ in the fewer bits the more alike the sheets are, by the share of
// the angle between them.
type sketch [8]uint64

// sketchOf adds up random views of every mark, each target's its own, and keeps their signs.
func (r *residuals) sketchOf(f *traced, skip uint32) (out sketch) {
	var sum [2 * traceCells]int32
	k := 0
	for j, t := range f.targets {
		if skip>>j&1 == 1 {
			continue
		}
		for half := range 2 {
			var v [traceCells]int32
			seed := uint64(t)<<1 | uint64(half)
			for w := range traceCells / 64 {
				seed = scatter(seed)
				for i := range 64 {
					v[64*w+i] = int32(r.unit[k][64*w+i]) * (1 - 2*int32(seed>>i&1))
				}
			}
			hadamard(&v)
			for i, x := range v {
				sum[half*traceCells+i] += x
			}
		}
		k++
	}
	for i, x := range sum {
		if x > 0 {
			out[i/64] |= 1 << (i % 64)
		}
	}
	return out
}

// scatter is the next of a row of random bits (splitmix64).
func scatter(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	z := (x ^ x>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// hadamard turns the cells into sums over all of them with every pattern of signs.
func hadamard(v *[traceCells]int32) {
	for h := 1; h < traceCells; h *= 2 {
		for i := 0; i < traceCells; i += 2 * h {
			for j := i; j < i+h; j++ {
				v[j], v[j+h] = v[j]+v[j+h], v[j]-v[j+h]
			}
		}
	}
}

// apart is in how many bits two sketches differ.
func (a *sketch) apart(b *sketch) int {
	n := 0
	for i := range a {
		n += bits.OnesCount64(a[i] ^ b[i])
	}
	return n
}
