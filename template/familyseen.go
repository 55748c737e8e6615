package template

import "math/bits"

// unseen says that the page shows nothing at a place: neither what both print there, nor a third of what either prints alone. The
// paper may be torn off or cut there; that print is missing is then no witness for the page that never had it.
func unseen(page, a, onlyA, onlyB *patch) bool {
	near := grow(*page)
	both, seenBoth, seenA, seenB := 0, 0, 0, 0
	for j := range near.rows {
		shared := a.rows[j] &^ onlyA.rows[j]
		both += bits.OnesCount64(shared)
		seenBoth += bits.OnesCount64(shared & near.rows[j])
		seenA += bits.OnesCount64(onlyA.rows[j] & near.rows[j])
		seenB += bits.OnesCount64(onlyB.rows[j] & near.rows[j])
	}
	if both >= unseenInk {
		return float64(seenBoth) < seenAt*float64(both)
	}
	return 3*seenA <= onlyA.ink && 3*seenB <= onlyB.ink
}

// unseenInk is the shared print, in pixels, by which a place is known to be on the page: two letters.
const unseenInk = 48

// stained says whether the paper around the differing print, where neither page prints, is mostly dark.
func stained(page, onlyA, onlyB, thickA, thickB *patch) bool {
	var zone patch
	for j := range zone.rows {
		zone.rows[j] = onlyA.rows[j] | onlyB.rows[j]
	}
	zone = thickPatch(zone, 4)
	paper, dark := 0, 0
	for j := range zone.rows {
		w := zone.rows[j] &^ thickA.rows[j] &^ thickB.rows[j]
		paper += bits.OnesCount64(w)
		dark += bits.OnesCount64(w & page.rows[j])
	}
	return float64(dark) > coveredAt*float64(paper)
}
