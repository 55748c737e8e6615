package author

import (
	"image"
	"math"
	"sort"
	"strings"

	"recount/election"
	"recount/template"
)

const (
	// found is the share of a name's letters that must stand beside a target to call it that name's: of "Joseph R. Biden and
	// Kamala D. Harris" a page may print the surnames large and the rest elsewhere.
	nameFound = 0.6
	// moved is by how much better another place must bear a row's name and contest to contradict the list.
	nameMoved = 0.4
	// titleCounts is what the heading above a target adds where it is the row's contest, and takes off where it is another's.
	titleCounts = 0.3
	titleFound  = 0.75
	// maxChecked bounds the rows of a page that are checked; the fullest page seen has 139.
	maxChecked = 600
)

// listed is one row of the contest list as the check needs it: the words of its names.
type listed struct {
	contest      int // the page's contests, counted from 0 in the list's order
	title, name  []string
	contestTitle string
	choice       string
	writeIn      bool
}

// listedOf are the rows of a page, in the list's order.
func listedOf(e *election.Election, pg *election.Page) []listed {
	index := map[string]int{}
	var out []listed
	for _, t := range pg.Targets {
		if _, ok := index[t.Contest]; !ok {
			index[t.Contest] = len(index)
		}
		l := listed{contest: index[t.Contest], contestTitle: t.Contest, choice: t.Choice}
		if c := e.Contest(t.Contest); c != nil {
			l.contestTitle = c.Title
			if ch := c.Choice(t.Choice); ch != nil {
				l.choice = ch.Name
			}
		}
		l.title, l.name = nameTokens(l.contestTitle), nameTokens(l.choice)
		if election.IsWriteIn(l.choice) { // a line to write a name on; blanks print it in many ways
			l.name = nil
		}
		l.writeIn = len(l.name) == 0
		out = append(out, l)
	}
	return out
}

// testimony is what the words printed on a page say of a pairing: places[i] is row i's.
type testimony struct {
	from      string      // the source of the words
	best      []int       // the place that bears row i's name and contest best, each place once
	against   []int       // rows whose place bears them clearly worse than best's
	share     [][]float64 // [row][place]: how much of the row's name stands beside the place, 0 to 1
	value     [][]float64 // [row][place]: share, and what the headings say
	confirmed int         // rows whose name stands beside their place
	named     int         // rows that have a name to look for
	untold    int         // of those, rows whose name stands in several contests and whose contest's title was not found
}

// judge compares the names of the rows with the words beside the places.
func judge(rows []listed, places []template.Found, words []Word, g *image.Gray, dpi float64) testimony {
	v := testimony{}
	ls := lines(words)
	if len(rows) > maxChecked || len(rows) != len(places) {
		return v
	}
	beside, side := linesBeside(ls, places, rulesOf(g, dpi))
	near := besidePlaces(ls, places, side, rulesOf(g, dpi))
	titles := titlesAbove(ls, places, beside, rows)
	var all [][]string
	for _, r := range rows {
		all = append(all, r.name)
	}
	like, tells := likeness{}, telling(all)
	v.value, v.share = make([][]float64, len(rows)), make([][]float64, len(rows))
	for i, r := range rows {
		v.value[i] = make([]float64, len(places))
		for j := range places {
			v.value[i][j] = like.share(r.name, near[j], tells)
		}
		v.share[i] = append([]float64(nil), v.value[i]...)
		own := v.share[i][i]
		if !r.writeIn {
			v.named++
			if own >= nameFound {
				v.confirmed++
			}
		}
		for j := range places {
			if titles[j] == r.contest {
				v.value[i][j] += titleCounts
			} else if titles[j] >= 0 {
				v.value[i][j] -= titleCounts
			}
		}
	}
	v.untold = untold(rows, titles)
	// Where the words leave a choice, the list's own order stands.
	leaning := make([][]float64, len(rows))
	for i := range rows {
		leaning[i] = append([]float64(nil), v.value[i]...)
		for j := range leaning[i] {
			leaning[i][j] -= 0.01 * math.Abs(float64(i-j)) / float64(len(rows))
		}
	}
	v.best = assign(leaning)
	for i, j := range v.best {
		if j != i && v.value[i][j]-v.value[i][i] >= nameMoved {
			v.against = append(v.against, i)
		}
	}
	return v
}

// untold counts the rows whose place neither name nor heading tells: Yes and No of several questions.
func untold(rows []listed, titles []int) int {
	first, several := map[string]int{}, map[string]bool{}
	key := func(r listed) string { return strings.Join(r.name, " ") }
	for _, r := range rows {
		if c, ok := first[key(r)]; ok && c != r.contest {
			several[key(r)] = true
		} else {
			first[key(r)] = r.contest
		}
	}
	n := 0
	for i, r := range rows {
		if !r.writeIn && several[key(r)] && titles[i] < 0 {
			n++
		}
	}
	return n
}

// besidePlaces are the words that may name each place: on its side, no farther than the next place or rule, nearer to it
// than to the places above and below.
func besidePlaces(ls []Word, places []template.Found, side float64, rule ruled) [][]printedToken {
	out := make([][]printedToken, len(places))
	for j, t := range places {
		up, down := 0.6, 0.6 // inches; cells of two names and three lines of small print are seen
		edge := reach + 1
		for k, o := range places {
			dx, dy := o.X-t.X, o.Y-t.Y
			switch {
			case k == j:
			case math.Abs(dx) < 0.15 && dy > 0:
				down = min(down, dy/2)
			case math.Abs(dx) < 0.15 && dy < 0:
				up = min(up, -dy/2)
			case math.Abs(dy) < 0.15 && side*dx > 0:
				edge = min(edge, side*dx)
			}
		}
		for _, l := range ls {
			dy := l.Y - t.Y
			gap := side*(l.X-t.X) - (l.W+t.W)/2
			if dy < -up || dy > down || gap < -0.05 || gap > reach || gap+t.W/2 > edge || ruleBetween(t, l, side, rule) {
				continue
			}
			for _, tok := range tokensOf(l.Text) {
				out[j] = append(out[j], printedToken{tok, 1 - 0.4*math.Abs(dy)/0.6})
			}
		}
	}
	return out
}

// titlesAbove gives each place the contest whose title is printed nearest above it in its column of print, or -1.
func titlesAbove(ls []Word, places []template.Found, beside []int, rows []listed) []int {
	contests := map[int][]string{}
	for _, r := range rows {
		contests[r.contest] = r.title
	}
	out := make([]int, len(places))
	var all [][]string
	for c := range len(contests) {
		all = append(all, contests[c])
	}
	like, tells := likeness{}, telling(all)
	for j, t := range places {
		out[j] = -1
		left, right := t.X-t.W/2, t.X+t.W/2
		if beside[j] >= 0 {
			l := ls[beside[j]]
			left, right = min(left, l.X-l.W/2), max(right, l.X+l.W/2)
		}
		var above []Word
		for _, l := range ls {
			if l.Y < t.Y-t.H && l.Y > t.Y-8 && l.X+l.W/2 > left && l.X-l.W/2 < right {
				above = append(above, l)
			}
		}
		sort.SliceStable(above, func(a, b int) bool { return above[a].Y > above[b].Y })
		for k := range above { // a title may run over three lines
			var printed []printedToken
			for _, l := range above[k:min(k+3, len(above))] {
				for _, tok := range tokensOf(l.Text) {
					printed = append(printed, printedToken{tok, 1})
				}
			}
			if c := bestTitle(contests, printed, like, tells); c >= 0 {
				out[j] = c
				break
			}
		}
	}
	return out
}

// bestTitle is the one contest whose title is printed best among the words, -1 where none is or two are as well.
func bestTitle(contests map[int][]string, printed []printedToken, like likeness, tells map[string]float64) int {
	best, top := -1, titleFound
	for c := range len(contests) {
		if s := like.share(contests[c], printed, tells); s > top+1e-9 {
			best, top = c, s
		} else if best >= 0 && s > top-1e-9 {
			best = -1
			top = s + 1e-6 // only a better one than both
		}
	}
	return best
}
