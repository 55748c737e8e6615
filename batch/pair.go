package batch

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Pairing says how single-page files become the two sides of a sheet. A multi-page file is always paired inside itself.
type Pairing string

// The ways of pairing.
const (
	PairAuto      Pairing = "auto"      // by name: front/back, p1/p2, page1/page2, side0/side1, side1/side2, a final -1/-2 or _1/_2
	PairAlternate Pairing = "alternate" // consecutive files of a folder in natural order
	PairNone      Pairing = "none"      // every file alone
)

// ParsePairing reads a pairing's name. Empty is PairAuto.
func ParsePairing(s string) (Pairing, error) {
	switch p := Pairing(s); p {
	case "":
		return PairAuto, nil
	case PairAuto, PairAlternate, PairNone:
		return p, nil
	}
	return "", fmt.Errorf("pairing %q is not known: say auto, alternate or none", s)
}

// unit is what one worker reads at a time: indexes into the manifest of one file, or of two that are the sides of one
// sheet, front first.
type unit []int

// units groups the manifest's names. The units stand in the order of their first member in the manifest, so results
// come out in manifest order however the sides are named.
func units(names []string, how Pairing) []unit {
	partner := make([]int, len(names))
	for i := range partner {
		partner[i] = -1
	}
	first := make([]bool, len(names))
	join := func(a, b int) {
		partner[a], partner[b] = b, a
		first[a] = true
	}
	switch how {
	case PairAlternate:
		alternate(names, join)
	case PairNone:
	default:
		byName(names, join)
	}
	out := make([]unit, 0, len(names))
	for i := range names {
		switch p := partner[i]; {
		case p < 0:
			out = append(out, unit{i})
		case i < p && first[i]:
			out = append(out, unit{i, p})
		case i < p:
			out = append(out, unit{p, i})
		}
	}
	return out
}

// Sheets gives the names of pages that are the two sides of one sheet, front first: pages of one file two by two, and
// single-page files by the pairing. Names are those of pages, in any order.
func Sheets(pages []string, how Pairing) [][2]string {
	perFile := map[string][]string{}
	var files []string
	for _, p := range pages {
		file := p
		if i := strings.LastIndexByte(p, '#'); i > 0 && digits(p[i+1:]) == len(p)-i-1 && len(p) > i+1 {
			file = p[:i]
		}
		if perFile[file] == nil {
			files = append(files, file)
		}
		perFile[file] = append(perFile[file], p)
	}
	var out [][2]string
	var single []string
	for _, f := range files {
		ps := perFile[f]
		if len(ps) == 1 {
			single = append(single, ps[0])
			continue
		}
		slices.SortFunc(ps, natural)
		for i := 0; i+1 < len(ps); i += 2 {
			out = append(out, [2]string{ps[i], ps[i+1]})
		}
	}
	for _, u := range units(single, how) {
		if len(u) == 2 {
			out = append(out, [2]string{single[u[0]], single[u[1]]})
		}
	}
	return out
}

// side is what a file's name says of it: key is the name with the side left out, place is 1 or 2.
type side struct {
	key   string
	loose string // key without the file's format, which two sides need not share
	place int
	bare  bool // only a number says so
}

// The conventions, strongest first. In each the token must stand alone between delimiters, and the last one in the name
// counts ("back-office-front.tif" is a front).
var (
	wordSide = regexp.MustCompile(`^(.*(?:^|[^a-z0-9]))(front|back)((?:[^a-z0-9].*)?)$`)
	pageSide = regexp.MustCompile(`^(.*(?:^|[^a-z0-9]))(page|pg|p)[-_ ]?([0-9]{1,4})((?:[^a-z0-9].*)?)$`)
	zeroSide = regexp.MustCompile(`^(.*(?:^|[^a-z0-9]))side[-_ ]?([0-2])((?:[^a-z0-9].*)?)$`)
	bareSide = regexp.MustCompile(`^(.*[-_])([0-9]+)$`)
)

// sidesOf lists what the name may say, strongest convention first. It may say more than one thing: side1 is a back
// beside side0 and a front beside side2.
func sidesOf(name string) []side {
	dir, file := path.Split(name)
	file = strings.ToLower(file)
	ext := path.Ext(file)
	stem := strings.TrimSuffix(file, ext)
	key := func(kind, before, after string) string {
		return strings.Join([]string{dir, kind, before, after, ext}, "\x00")
	}
	loose := func(k string) string { return strings.TrimSuffix(k, ext) }
	if m := wordSide.FindStringSubmatch(stem); m != nil {
		place := 1
		if m[2] == "back" {
			place = 2
		}
		k := key("word", m[1], m[3])
		return []side{{key: k, loose: loose(k), place: place}}
	}
	if m := pageSide.FindStringSubmatch(stem); m != nil {
		n, _ := strconv.Atoi(m[3])
		if n < 1 {
			return nil
		}
		// Pages 2k-1 and 2k are one piece of paper, as in a style.
		k := key("page"+strconv.Itoa((n+1)/2), m[1]+m[2], m[4])
		return []side{{key: k, loose: loose(k), place: 2 - n%2}}
	}
	if m := zeroSide.FindStringSubmatch(stem); m != nil {
		low, high := key("side01", m[1], m[3]), key("side12", m[1], m[3])
		switch m[2] {
		case "0":
			return []side{{key: low, loose: loose(low), place: 1}}
		case "1":
			return []side{{key: low, loose: loose(low), place: 2}, {key: high, loose: loose(high), place: 1}}
		default:
			return []side{{key: high, loose: loose(high), place: 2}}
		}
	}
	if m := bareSide.FindStringSubmatch(stem); m != nil {
		// Any number joins the group, so that a run of numbers (Image-0 to Image-25) is seen to be no pair.
		s := side{key: key("bare", m[1], ""), bare: true}
		switch m[2] {
		case "1":
			s.place = 1
		case "2":
			s.place = 2
		}
		return []side{s}
	}
	return nil
}

// byName joins the files whose names are each other's front and back: first those of one format, then of what is left those
// of two, where more than a number says so. A key that more than two files share joins none: nothing says which two belong
// together.
func byName(names []string, join func(front, back int)) {
	sides := make([][]side, len(names))
	for i, name := range names {
		sides[i] = sidesOf(name)
	}
	taken := map[int]bool{}
	byKey(sides, func(s side) string { return s.key }, taken, join)
	byKey(sides, func(s side) string { return s.loose }, taken, join)
}

// byKey joins the files that alone share a key, the empty one left out.
func byKey(sides [][]side, key func(side) string, taken map[int]bool, join func(front, back int)) {
	type member struct{ index, place int }
	groups := map[string][]member{}
	var keys []string
	for i := range sides {
		for _, s := range sides[i] {
			k := key(s)
			if k == "" {
				continue
			}
			if groups[k] == nil {
				keys = append(keys, k)
			}
			groups[k] = append(groups[k], member{i, s.place})
		}
	}
	for _, k := range keys {
		g := groups[k]
		if len(g) != 2 || g[0].place+g[1].place != 3 || g[0].place*g[1].place != 2 || taken[g[0].index] || taken[g[1].index] {
			continue
		}
		if g[0].place == 2 {
			g[0], g[1] = g[1], g[0]
		}
		taken[g[0].index], taken[g[1].index] = true, true
		join(g[0].index, g[1].index)
	}
}

// alternate joins each folder's files two by two in natural order. An odd last one stays alone.
func alternate(names []string, join func(front, back int)) {
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		da, fa := path.Split(names[a])
		db, fb := path.Split(names[b])
		if da != db {
			return strings.Compare(da, db)
		}
		return natural(fa, fb)
	})
	for i := 0; i+1 < len(order); i++ {
		if path.Dir(names[order[i]]) == path.Dir(names[order[i+1]]) {
			join(order[i], order[i+1])
			i++
		}
	}
}

// natural compares names so that runs of digits compare as numbers: scan2 before scan10.
func natural(a, b string) int {
	for a != "" && b != "" {
		da, db := digits(a), digits(b)
		if da > 0 && db > 0 {
			na, nb := strings.TrimLeft(a[:da], "0"), strings.TrimLeft(b[:db], "0")
			if c := len(na) - len(nb); c != 0 {
				return c
			}
			if c := strings.Compare(na, nb); c != 0 {
				return c
			}
			if da != db {
				return da - db
			}
			a, b = a[da:], b[db:]
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

// digits is how many ASCII digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
