package author

import (
	"math"
	"sort"

	"recount/template"
)

// The orders in which the rows of a list may mean the targets of a page.
const (
	byPlaces  = "x and y"
	byColumns = "down each column, left column first"
	byBands   = "contest by contest across the page, in each down the columns from the left"
)

// columnsOf numbers the columns of places that are in reading order.
func columnsOf(places []template.Found) []int {
	out := make([]int, len(places))
	xs := make([]float64, len(places))
	for i, f := range places {
		xs[i] = f.X
	}
	sort.Float64s(xs)
	var edges []float64
	for i := 1; i < len(xs); i++ {
		if xs[i]-xs[i-1] >= template.ColumnGap {
			edges = append(edges, (xs[i]+xs[i-1])/2)
		}
	}
	for i, f := range places {
		out[i] = sort.SearchFloat64s(edges, f.X)
	}
	return out
}

// straddling counts the contests whose rows would lie in more than one column of the places given to them.
func straddling(rows []listed, places []template.Found) int {
	cols := columnsOf(places)
	in := map[[2]int]bool{}
	for i, r := range rows {
		in[[2]int{r.contest, cols[i]}] = true
	}
	contests := map[int]bool{}
	for _, r := range rows {
		contests[r.contest] = true
	}
	n := 0
	for c := range contests {
		of := 0
		for k := range in {
			if k[0] == c {
				of++
			}
		}
		if of > 1 {
			n++
		}
	}
	return n
}

// torn says whether most contests, and at least two, would lie in more than one column: then the list's order is not down the
// columns. One alone may go on in the next column.
func torn(rows []listed, straddle int) bool {
	contests := map[int]bool{}
	for _, r := range rows {
		contests[r.contest] = true
	}
	return straddle >= 2 && 2*straddle > len(contests)
}

// bands gives the places in the order of a party grid: each contest, in the list's order, has a band of its own across the
// page, and in it the targets stand in columns. fits says whether the places allow it: every two bands stand apart. sure says
// whether no contest has two targets in one column, so that no other order across is possible.
func bands(rows []listed, places []template.Found) (order []template.Found, fits, sure bool) {
	const apart = 0.1 // inches between the middles of the last target of a band and the first of the next
	byY := append([]template.Found(nil), places...)
	sort.SliceStable(byY, func(i, j int) bool { return byY[i].Y < byY[j].Y })
	fits, sure = true, true
	seen := map[int]bool{}
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && rows[to].contest == rows[from].contest {
			to++
		}
		if seen[rows[from].contest] || from > 0 && byY[from].Y-byY[from-1].Y < apart {
			return nil, false, false
		}
		seen[rows[from].contest] = true
		band := append([]template.Found(nil), byY[from:to]...)
		template.ReadingOrder(band)
		cols := columnsOf(band)
		for i := 1; i < len(cols); i++ {
			sure = sure && cols[i] != cols[i-1]
		}
		order = append(order, band...)
		from = to
	}
	return order, fits, sure
}

// propose gives each row a place for a person to confirm: named rows the one that bears their name best, the others those
// that are left, nearest to their contest's in row or column.
func propose(rows []listed, places []template.Found, v testimony) []int {
	out := append([]int(nil), v.best...)
	var leftRows, leftPlaces []int
	fixed := map[int][]template.Found{} // of a contest
	taken := make([]bool, len(places))
	for i, j := range out {
		if !rows[i].writeIn && v.share[i][j] >= nameFound {
			taken[j] = true
			fixed[rows[i].contest] = append(fixed[rows[i].contest], places[j])
		} else {
			leftRows = append(leftRows, i)
		}
	}
	for j := range places {
		if !taken[j] {
			leftPlaces = append(leftPlaces, j)
		}
	}
	value := make([][]float64, len(leftRows))
	for a, i := range leftRows {
		value[a] = make([]float64, len(leftPlaces))
		for b, j := range leftPlaces {
			off := 0.0
			if of := fixed[rows[i].contest]; len(of) > 0 {
				off = math.Inf(1)
				for _, f := range of {
					dx, dy := math.Abs(f.X-places[j].X), math.Abs(f.Y-places[j].Y)
					off = min(off, min(dx, dy)+0.1*max(dx, dy))
				}
			}
			value[a][b] = v.value[i][j] - off - 1e-4*math.Abs(float64(i-j))
		}
	}
	for a, b := range assign(value) {
		out[leftRows[a]] = leftPlaces[b]
	}
	// Rows of one contest that names do not tell apart, as lines to write on are, keep the page's order.
	same := map[string][]int{}
	var keys []string
	for i, r := range rows {
		k := r.contestTitle + "\x00"
		for _, t := range r.name {
			k += t + " "
		}
		if _, ok := same[k]; !ok {
			keys = append(keys, k)
		}
		same[k] = append(same[k], i)
	}
	for _, k := range keys {
		var js []int
		for _, i := range same[k] {
			js = append(js, out[i])
		}
		sort.Ints(js) // places are in reading order
		for n, i := range same[k] {
			out[i] = js[n]
		}
	}
	return out
}
