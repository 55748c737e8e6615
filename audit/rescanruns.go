package audit

import (
	"cmp"
	"math"
	"slices"
)

// The others of its style that a sheet is held against, to see what scores it has with sheets that it is not; and what is taken
// for granted before: drawn sheets with neatly filled targets have up to twice the spread that chance gives, others none more.
const (
	cohort      = 40
	cohortFirst = 8
	usualSpread = 1.25
)

// cohort calls do with others of a sheet's style, and how many marks both have.
func (f *finder) cohort(a, not int32, do func(o int32, marks int)) {
	l := f.known[f.sheets[a].style]
	seed := scatter(uint64(a))
	n := 0
	for range 4 * cohort {
		if n == cohort {
			break
		}
		seed = scatter(seed)
		o := l[seed%uint64(len(l))]
		if o == a || o == not {
			continue
		}
		if _, _, marks, _ := f.shared(a, o); marks >= 3 {
			do(o, marks)
			n++
		}
	}
}

// spread is the spread of a sheet's scores with other sheets, at least 1.
func (f *finder) spread(a, not int32) float64 {
	sum, n := cohortFirst*usualSpread*usualSpread, float64(cohortFirst)
	f.cohort(a, not, func(o int32, _ int) {
		v, _, _ := f.compare(a, o)
		sum += 2 * float64(v*v) // half of them are less alike than nothing, and given as 0
		n++
	})
	return max(1, math.Sqrt(sum/n))
}

// run is a row of sheets from a to a+n-1 whose scans stand, in the run's order, at b and on, or at b and back.
type run struct {
	a, b, n int32
	step    int32 // 1, or -1 where the stack was turned
	score   float64
}

// at is the partner of the row's k-th sheet.
func (r *run) at(k int32) int32 { return r.b + r.step*k }

// The bounds of a doubled run.
const (
	runFirst = 4.5 // standard deviations of a stretch's scores over those of all, before it is looked at closely
	runGap   = 6   // sheets in a row that may show nothing: unmarked ones, and neat ones
	runHits  = 3   // pairs that are alike before a row is looked at
	runBase  = 7   // how far along the row a sheet's other partners are sought, to each side
	runAgree = 0.8 // of the sheets must have the same targets marked as their partners
	// A few pairs that are surely one sheet, among others that are not, make no row: so each counts for so much at most, and half
	// must be somewhat alike. Of neatly filled targets' second scans three of four are, of strangers one of six.
	runMost, runAlike = 3, 1
)

// runs finds the doubled runs: stretches where sheet after sheet is like its partner, more than like its partner's neighbours.
func (f *finder) runs(hits []closePair) []run {
	// Rows in order have the same difference, reversed ones the same sum.
	usual, spread := f.usualCell(hits)
	drift := max(0.5, usual+0.5*spread)
	var out []run
	for _, step := range []int32{1, -1} {
		l := slices.Clone(hits)
		row := func(h closePair) int32 { return h.b - step*h.a }
		slices.SortFunc(l, func(p, q closePair) int { return cmp.Or(cmp.Compare(row(p), row(q)), cmp.Compare(p.a, q.a)) })
		for i := 0; i < len(l); {
			// The stretch from here on whose scores, less what stretches drift by, add up to most, until they come to nothing.
			sum, best, end := 0.0, 0.0, i
			raw, rawBest, k := 0.0, 0.0, i
			for ; k < len(l) && row(l[k]) == row(l[i]); k++ {
				if k > i {
					gap := l[k].a - l[k-1].a - 1
					if sum -= drift * float64(gap); gap >= runGap || sum <= 0 {
						break
					}
				}
				v := min(l[k].score, runMost)
				sum, raw = sum+v-drift, raw+v
				if sum > best {
					best, end, rawBest = sum, k, raw
				}
			}
			n := l[end].a - l[i].a + 1
			if end-i+1 >= runHits && (rawBest-usual*float64(n))/(spread*math.Sqrt(float64(n))) >= runFirst {
				if r, ok := f.weigh(run{a: l[i].a, b: l[i].b, n: n, step: step}); ok {
					out = append(out, r)
				}
				k = end + 1
			}
			i = max(k, i+1)
		}
	}
	// Of two that share sheets the surer one stands.
	slices.SortFunc(out, func(p, q run) int {
		return cmp.Or(cmp.Compare(q.score, p.score), cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
	})
	var kept []run
	for _, r := range out {
		if !slices.ContainsFunc(kept, func(k run) bool {
			return r.a < k.a+k.n && k.a < r.a+r.n && low(&r) < low(&k)+k.n && low(&k) < low(&r)+r.n
		}) {
			kept = append(kept, r)
		}
	}
	slices.SortFunc(kept, func(p, q run) int { return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b)) })
	return kept
}

// usualCell is the mean score of any two sheets of the run, and its spread.
func (f *finder) usualCell(hits []closePair) (mean, spread float64) {
	var sum, squares float64
	for i := range hits {
		v := min(hits[i].score, runMost)
		sum += v
		squares += float64(v * v)
	}
	cells := max(float64(len(f.sheets))*float64(len(f.sheets)-1)/2, 1)
	mean = sum / cells
	return mean, math.Sqrt(max(squares/cells-float64(mean*mean), 1e-6))
}

// low is the first of a row's partners in the run's order.
func low(r *run) int32 { return min(r.at(0), r.at(r.n-1)) }

// weigh lengthens a row as far as it goes, and scores it against the same sheets put together otherwise.
func (f *finder) weigh(r run) (run, bool) {
	f.lengthen(&r)
	if low(&r) < r.a+r.n {
		return r, false // a row that meets itself
	}
	var straight, across, squares float64
	var scored, others, same, alike int
	for k := range r.n {
		v, marks, differ := f.compare(r.a+k, r.at(k))
		if differ == 0 {
			same++
		}
		if marks >= 3 {
			straight += min(v, runMost)
			scored++
			if v >= runAlike {
				alike++
			}
		}
		for d := -int32(runBase); d <= runBase; d++ {
			if k+d < 0 || k+d >= r.n || d == 0 {
				continue
			}
			if v, marks, _ := f.compare(r.a+k, r.at(k+d)); marks >= 3 {
				v = min(v, runMost)
				across += v
				squares += float64(v * v)
				others++
			}
		}
	}
	if scored < runHits || 2*alike < scored || float64(same) < runAgree*float64(r.n) {
		return r, false
	}
	// Less than nothing is given as nothing: the mean is too high, which is the safe side, and half of the squares are missing.
	mean, spread := 0.0, usualSpread
	if others > 0 {
		mean = across / float64(others)
		spread = max(1, math.Sqrt((2*squares+cohortFirst*usualSpread*usualSpread)/float64(others+cohortFirst)))
	}
	r.score = (straight/float64(scored) - mean) / spread * math.Sqrt(float64(scored))
	// Any row may begin at any two sheets, either way, and have a dozen lengths.
	n := float64(len(f.sheets))
	return r, evidence(r.score) >= math.Log2(12*n*n)+rescanMargin
}

// lengthen takes in the sheets to both sides of a row that have the same targets marked as their partners: all of them where that
// tells sheets apart, and else only those whose marks are alike too.
func (f *finder) lengthen(r *run) {
	last := int32(len(f.sheets)) - 1
	same, all := 0, 0
	for k := range r.n {
		for d := -int32(runBase); d <= runBase; d++ {
			if b := r.at(k + d); d != 0 && b > r.a+k && b <= last {
				all++
				if _, _, _, differ := f.shared(r.a+k, b); differ == 0 {
					same++
				}
			}
		}
	}
	telling := 5*same <= all
	fits := func(a, b int32) bool {
		if a < 0 || b > last || b <= a {
			return false
		}
		v, marks, differ := f.compare(a, b)
		return differ == 0 && (telling || marks >= 3 && v >= runAlike)
	}
	for fits(r.a-1, r.at(-1)) {
		r.a, r.b, r.n = r.a-1, r.at(-1), r.n+1
	}
	for fits(r.a+r.n, r.at(r.n)) {
		r.n++
	}
}
