package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Gap is a stretch of numbers that is missing in a row of numbered names.
type Gap struct {
	Series string `json:"series"` // the names, with # where the number stands
	First  int    `json:"first"`
	Last   int    `json:"last"`
}

// The bounds of what is said of gaps.
const (
	maxGaps   = 1000
	leastRow  = 8 // names before a row of numbers is one
	maxNumber = 1_000_000_000
)

// Gaps finds numbers that are missing among numbered image names, folder by folder: names that are the same but for one number,
// the last of the file's name. Series in which more than half of the numbers are missing are no rows, and nothing is said of them.
// more says how many gaps were found beyond those given.
func Gaps(names []string) (out []Gap, more int) {
	series := map[string][]int{}
	for _, n := range names {
		stem := imageStem(n)
		// A side's word or digit after the number belongs to the series: front and back are two rows.
		if at := strings.LastIndexByte(stem, '/'); at < len(stem) {
			from, to := lastNumber(stem[at+1:])
			if from < 0 {
				continue
			}
			v, err := strconv.Atoi(stem[at+1+from : at+1+to])
			if err != nil || v > maxNumber {
				continue
			}
			key := stem[:at+1+from] + "#" + stem[at+1+to:]
			series[key] = append(series[key], v)
		}
	}
	keys := make([]string, 0, len(series))
	for k := range series {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	seen := map[Gap]bool{}
	for _, k := range keys {
		for _, g := range gapsOf(k, series[k]) {
			if seen[g] {
				continue
			}
			seen[g] = true
			if len(out) < maxGaps {
				out = append(out, g)
			} else {
				more++
			}
		}
	}
	return out, more
}

// gapsOf gives the gaps in one series of numbers, which it sorts, or none where they are no row.
func gapsOf(series string, v []int) (out []Gap) {
	slices.Sort(v)
	v = slices.Compact(v)
	if len(v) < leastRow || v[len(v)-1]-v[0]+1 > 2*common(v)*len(v) {
		return nil
	}
	for i := 1; i < len(v); i++ {
		if step := v[i] - v[i-1]; step != 1 && step != common(v) {
			out = append(out, Gap{series, v[i-1] + 1, v[i] - 1})
		}
	}
	return out
}

// common is the usual step of a row: 2 where every other number is another side's.
func common(v []int) int {
	twos := 0
	for i := 1; i < len(v); i++ {
		if v[i]-v[i-1] == 2 {
			twos++
		}
	}
	if 2*twos > len(v) {
		return 2
	}
	return 1
}

// lastNumber is where the last run of two and more digits lies in a name, or -1: a single digit is a side or a page.
func lastNumber(s string) (from, to int) {
	for to = len(s); to > 0; to-- {
		if s[to-1] < '0' || s[to-1] > '9' {
			continue
		}
		from = to
		for from > 0 && s[from-1] >= '0' && s[from-1] <= '9' {
			from--
		}
		if to-from >= 2 {
			return from, to
		}
		to = from + 1
	}
	return -1, -1
}

// String names the gap: "a/#-front: 17 to 19 are missing".
func (g Gap) String() string {
	if g.First == g.Last {
		return fmt.Sprintf("%s: %d is missing", g.Series, g.First)
	}
	return fmt.Sprintf("%s: %d to %d are missing", g.Series, g.First, g.Last)
}
