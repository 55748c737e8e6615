package audit

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
)

// Rescan is a pair of sheets that are one sheet scanned twice, as far as handwriting can say.
type Rescan struct {
	Sheet string `json:"sheet"`
	Other string `json:"other"`
	Marks int    `json:"marks"` // marked targets that were compared
	Score int    `json:"score"` // hundredths of a standard deviation of what chance gives
	Bits  int    `json:"bits"`  // of evidence: the binary logarithm of how seldom chance gives as much
	Run   int    `json:"run"`   // the doubled run it belongs to, from 1; 0 for a pair that stands alone
}

// DoubledRun is a row of sheets that came through the scanner again, one after another: First to Last are OtherFirst to OtherLast.
// A reversed one came in the other order, OtherFirst being the scan of First all the same.
type DoubledRun struct {
	First      string `json:"first"`
	Last       string `json:"last"`
	OtherFirst string `json:"other_first"`
	OtherLast  string `json:"other_last"`
	Reversed   bool   `json:"reversed"`
	Sheets     int    `json:"sheets"`
	Bits       int    `json:"bits"`
}

// Rescanned is what a search found.
type Rescanned struct {
	Runs  []DoubledRun
	Pairs []Rescan // those of runs first, in their order; then the others, the surest first
	// Notes say what was left out.
	Notes []string
}

// The certainty asked for: evidence that chance gives once in a thousand runs, whatever the number of pairs.
const (
	rescanMargin = 10      // bits beyond the logarithm of the number of pairs
	mostHits     = 1 << 20 // pairs looked at closely
	leastScore   = 1.5     // of a pair that may belong to a doubled run
	pairScore    = 3.0     // of a pair that may stand alone
	mostScans    = 4       // of one sheet; marks that more sheets share were not made by a hand
	pairBlock    = 256     // sheets that a worker holds at a time: 3 MB
	leastHamming = 228     // of 512 bits: 2.5 standard deviations from the half that chance gives
)

// closePair is a pair whose marks are somewhat alike, the sheet that came first first.
type closePair struct {
	a, b         int32
	skipA, skipB uint32
	marks        int
	score        float64
}

// finder is one search.
type finder struct {
	*Rescans
	usual means
	pairs float64
}

// Find gives the doubled runs and the pairs.
func (s *Rescans) Find() *Rescanned {
	out := &Rescanned{}
	if s.cut > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%d sheets beyond the first %d were not looked at for a second scan.", s.cut, rescanSheets))
	}
	if s.all.n == 0 {
		return out
	}
	f := &finder{Rescans: s, usual: s.means()}
	hits := f.hits()
	runs := f.runs(hits)
	f.report(out, runs, hits)
	return out
}

// hits are the pairs within the buckets that the sketches and then the marks themselves show to be alike.
func (f *finder) hits() []closePair {
	all := f.buckets()
	type job struct{ bucket, from, to int }
	var jobs []job
	for i := range all {
		m := len(all[i].entries)
		if (len(all[i].key)-4)/4 < 3 || m < 2 {
			continue
		}
		f.pairs += float64(m) * float64(m-1) / 2
		for from := 0; from < m; from += pairBlock {
			jobs = append(jobs, job{i, from, min(from+pairBlock, m)})
		}
	}
	each(len(jobs), func(n int) {
		var r residuals
		for i := jobs[n].from; i < jobs[n].to; i++ {
			e := &all[jobs[n].bucket].entries[i]
			f.residual(f.usual, e.sheet, e.skip, &r)
			e.bits = r.sketchOf(&f.sheets[e.sheet], e.skip)
		}
	})
	limit := f.limit(all)
	found := make([][]closePair, len(jobs))
	each(len(jobs), func(n int) {
		// The residuals of a block of sheets are worked out once each, and held against one sheet after the other.
		var block [pairBlock]*residuals
		var r residuals
		l, from := all[jobs[n].bucket].entries, jobs[n].from
		for k := from + 1; k < len(l); k++ {
			y := &l[k]
			ready := false
			for i := from; i < min(jobs[n].to, k); i++ {
				x := &l[i]
				if x.bits.apart(&y.bits) > limit || x.sheet == y.sheet {
					continue
				}
				if block[i-from] == nil {
					block[i-from] = new(residuals)
					f.residual(f.usual, x.sheet, x.skip, block[i-from])
				}
				if !ready {
					f.residual(f.usual, y.sheet, y.skip, &r)
					ready = true
				}
				if v := score(block[i-from], &r); v >= leastScore {
					found[n] = append(found[n], closePair{x.sheet, y.sheet, x.skip, y.skip, r.n, v})
				}
			}
		}
	})
	var out []closePair
	for _, l := range found {
		out = append(out, l...)
	}
	// A pair stands in several buckets where marks are unsure: the comparison with most marks counts.
	slices.SortFunc(out, func(p, q closePair) int {
		return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b), cmp.Compare(q.marks, p.marks), cmp.Compare(q.score, p.score), cmp.Compare(p.skipA, q.skipA))
	})
	return slices.CompactFunc(out, func(p, q closePair) bool { return p.a == q.a && p.b == q.b })
}

// limit is how many bits two sketches may differ in. Where a run is so large, or its sketches so alike, that more pairs come under
// it than can be looked at, it is less, so that those that are most alike are.
func (f *finder) limit(all []bucket) int {
	var hist [513]float64
	seed, total := uint64(7), 0.0
	for i := range all {
		l := all[i].entries
		if m := len(l); m > 1 && (len(all[i].key)-4)/4 >= 3 {
			weight := float64(m) * float64(m-1) / 2
			n := int(min(weight, 64+weight/f.pairs*100_000))
			for range n {
				seed = scatter(seed)
				x, y := &l[seed>>32%uint64(m)], &l[seed&0xFFFFFFFF%uint64(m)]
				if x != y {
					hist[x.bits.apart(&y.bits)] += weight / float64(n)
				}
			}
		}
	}
	for d := range leastHamming {
		if total += hist[d]; total > mostHits {
			return d - 1
		}
	}
	return leastHamming
}

// each does n things on all processors.
func each(n int, do func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// evidence is the binary logarithm of how seldom chance gives so many standard deviations.
func evidence(score float64) float64 {
	if score <= 0 {
		return 0
	}
	return max(0, -math.Log2(math.Erfc(score/math.Sqrt2)/2))
}

// shared finds the marks of two sheets of one style at the same targets, all others left out. differ counts those that one sheet
// surely has and the other has not.
func (f *finder) shared(a, b int32) (skipA, skipB uint32, marks, differ int) {
	x, y := &f.sheets[a], &f.sheets[b]
	if x.style != y.style {
		return 0, 0, 0, 1
	}
	sure := func(t *traced, k int) int {
		if slices.Contains(t.unsure, uint8(k)) {
			return 0
		}
		return 1
	}
	i, k := 0, 0
	for i < len(x.targets) || k < len(y.targets) {
		switch {
		case k == len(y.targets) || i < len(x.targets) && x.targets[i] < y.targets[k]:
			skipA |= 1 << i
			differ += sure(x, i)
			i++
		case i == len(x.targets) || y.targets[k] < x.targets[i]:
			skipB |= 1 << k
			differ += sure(y, k)
			k++
		default:
			marks++
			i++
			k++
		}
	}
	if !x.whole || !y.whole {
		differ = 0
	}
	return skipA, skipB, marks, differ
}

// compare scores two sheets by the marks at the same targets.
func (f *finder) compare(a, b int32) (v float64, marks, differ int) {
	skipA, skipB, marks, differ := f.shared(a, b)
	if marks < 3 {
		return 0, marks, differ
	}
	var x, y residuals
	f.residual(f.usual, a, skipA, &x)
	f.residual(f.usual, b, skipB, &y)
	return score(&x, &y), marks, differ
}
