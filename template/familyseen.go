package template

import "math/bits"

// stained says whether the paper around the differing print, where neither page prints, is mostly dark.
func stained(page, onlyA, onlyB, thickA, thickB *patch) bool {
	var zone patch
	for j := range zone.rows {
		zone.rows[j] = onlyA.rows[j] | onlyB.rows[j]
	}
	thickRows(&zone.rows, stainReach)
	paper, dark := 0, 0
	for j := range zone.rows {
		w := zone.rows[j] &^ thickA.rows[j] &^ thickB.rows[j]
		paper += bits.OnesCount64(w)
		dark += bits.OnesCount64(w & page.rows[j])
	}
	return stain(dark, paper)
}
