package audit

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"recount/cvr"
)

// report turns what was found into names: the pairs of each run, and those that stand alone.
func (f *finder) report(out *Rescanned, runs []run, hits []closePair) {
	inRun := map[[2]int32]bool{}
	for i, r := range runs {
		out.Runs = append(out.Runs, DoubledRun{First: f.sheets[r.a].name, Last: f.sheets[r.a+r.n-1].name, OtherFirst: f.sheets[r.at(0)].name,
			OtherLast: f.sheets[r.at(r.n-1)].name, Reversed: r.step < 0, Sheets: int(r.n), Bits: int(evidence(r.score))})
		for k := range r.n {
			a, b := r.a+k, r.at(k)
			inRun[[2]int32{a, b}] = true
			v, marks, differ := f.compare(a, b)
			if differ > 0 {
				continue // another sheet came in between
			}
			out.Pairs = append(out.Pairs, Rescan{f.sheets[a].name, f.sheets[b].name, marks, int(100 * v), int(evidence(v)), i + 1})
		}
	}
	var alone []Rescan
	var pairs [][2]int32
	need := math.Log2(max(f.pairs, 1)) + rescanMargin + 1 // one bit, for there are two ways to reach it
	for _, h := range hits {
		if h.score < pairScore || inRun[[2]int32{h.a, h.b}] {
			continue
		}
		if v, e := f.evidenceOf(&h, need); e >= need {
			alone = append(alone, Rescan{f.sheets[h.a].name, f.sheets[h.b].name, h.marks, int(100 * v), int(e), 0})
			pairs = append(pairs, [2]int32{h.a, h.b})
		}
	}
	crowd := crowded(pairs)
	if len(crowd) > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("The marks of %d sheets are alike among more than %d each: a machine or a stencil made them, and they were not compared.", len(crowd), mostScans))
	}
	var kept []Rescan
	for i, p := range pairs {
		if !crowd[p[0]] {
			kept = append(kept, alone[i])
		}
	}
	slices.SortFunc(kept, func(a, b Rescan) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cvr.Natural(a.Sheet, b.Sheet), cvr.Natural(a.Other, b.Other))
	})
	out.Pairs = append(out.Pairs, kept...)
}

// evidenceOf is a pair's score, divided by what those of its sheets with others spread, and its evidence, by the score or mark by mark,
// whichever is more. Both are 0 where neither can reach what is needed.
func (f *finder) evidenceOf(h *closePair, need float64) (score, bits float64) {
	var x, y residuals
	f.residual(f.usual, h.a, h.skipA, &x)
	f.residual(f.usual, h.b, h.skipB, &y)
	like := likeness(&x, &y)
	byMark := likenessBits(like, h.marks)
	if max(evidence(h.score), byMark) < need {
		return 0, 0
	}
	score = h.score / max(f.spread(h.a, h.b), f.spread(h.b, h.a))
	if byMark >= need {
		byMark = likenessBits(like/max(f.likenessSpread(h.a, h.b), f.likenessSpread(h.b, h.a)), h.marks)
	}
	return score, max(evidence(score), byMark)
}

// crowded gives the sheets of groups, joined by pairs, that are larger than a sheet's scans can be.
func crowded(pairs [][2]int32) map[int32]bool {
	root := map[int32]int32{}
	var find func(i int32) int32
	find = func(i int32) int32 {
		if p, ok := root[i]; ok && p != i {
			root[i] = find(p)
			return root[i]
		}
		root[i] = i
		return i
	}
	for _, p := range pairs {
		root[find(p[0])] = find(p[1])
	}
	size := map[int32]int{}
	for i := range root {
		size[find(i)]++
	}
	out := map[int32]bool{}
	for i := range root {
		if size[find(i)] > mostScans {
			out[i] = true
		}
	}
	return out
}
