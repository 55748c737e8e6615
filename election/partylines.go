package election

import (
	"math"
	"slices"
)

// partyLines finds the party of each place of the options that a style prints more than once: a candidate named by two
// parties stands once in the line of each. The newer form of the file says whose line a place is. The older one does not; a
// column (or row) of the style whose other candidates are all of one party is that party's line, and where columns or rows
// give each place a party of its own, and the candidate has them all, that is it. Nothing less is believed: the place's party then
// stays unknown, and the vote is the person's all the same.
func (b *vwBuild) partyLines(s vwStyle, places map[*vwPrinted][]int) map[int]string {
	out := map[int]string{}
	columns := b.lineParties(s, places, func(p vwPosition) [3]float64 { return [3]float64{0, 0, math.Round(*p.Column)} })
	rows := b.lineParties(s, places, func(p vwPosition) [3]float64 {
		back := 0.0
		if p.Side == "back" {
			back = 1
		}
		return [3]float64{float64(p.SheetNumber), back, math.Round(*p.Row)}
	})
	several := []*vwPrinted{}
	for o, list := range places {
		if len(list) > 1 {
			several = append(several, o)
		}
	}
	slices.SortFunc(several, func(a, b *vwPrinted) int { return places[a][0] - places[b][0] })
	for _, o := range several {
		list := places[o]
		said := make([]string, 0, len(list))
		for _, i := range list {
			if p := s.positions[i].partyIDs; len(p) == 1 {
				said = append(said, p[0])
			}
		}
		best := [][]string{said}
		if len(said) == 0 {
			best = [][]string{columns(list), rows(list)}
		}
		var found []string
		for _, c := range best {
			if !eachOnce(c, o.parties, len(list)) {
				continue
			}
			if found != nil && !slices.Equal(found, c) {
				found = nil
				break
			}
			found = c
		}
		for n, party := range found {
			out[list[n]] = party
		}
		if found == nil {
			b.note("style %q: %q is printed in %d places, and the file does not tell which is whose party's line; votes are the person's, their party is left open", s.id, o.name, len(list))
		}
	}
	return out
}

// eachOnce says whether the n places have a party of their own each, all of them the candidate's.
func eachOnce(found, parties []string, n int) bool {
	if len(found) != n || len(parties) != n {
		return false
	}
	seen := map[string]bool{}
	for _, p := range found {
		if seen[p] || !slices.Contains(parties, p) {
			return false
		}
		seen[p] = true
	}
	return true
}

// lineParties gives a function that names the party of each of an option's places by the line it stands in.
func (b *vwBuild) lineParties(s vwStyle, places map[*vwPrinted][]int, line func(vwPosition) [3]float64) func([]int) []string {
	party := map[[3]float64]string{}
	mixed := map[[3]float64]bool{}
	for o, list := range places {
		if len(list) != 1 || len(o.parties) != 1 {
			continue
		}
		l := line(s.positions[list[0]])
		if p, ok := party[l]; ok && p != o.parties[0] {
			mixed[l] = true
		}
		party[l] = o.parties[0]
	}
	return func(list []int) []string {
		var out []string
		for _, i := range list {
			l := line(s.positions[i])
			if p, ok := party[l]; ok && !mixed[l] {
				out = append(out, p)
			}
		}
		return out
	}
}
