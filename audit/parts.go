package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// totalNames are the names of precincts, batches, tabulators and count groups that stand for the sum of the others, in
// the form of plain. Rocky Hill's 2014 return has a row "City" beside its districts, equal to their sum.
var totalNames = map[string]bool{"all": true, "allprecincts": true, "city": true, "citywide": true, "county": true, "countywide": true, "town": true, "townwide": true,
	"allbatches": true, "alltabulators": true, "sum": true, "statewide": true, "jurisdictionwide": true, "districtwide": true, "summary": true, "cumulative": true, "overall": true}

// isTotal says whether a name is that of a sum. In "City Totals" and "Total, Ward 3" the word says so itself.
func isTotal(name string) bool {
	p := plain(name)
	return totalNames[p] || strings.HasPrefix(p, "total") || strings.HasSuffix(p, "total") || strings.HasSuffix(p, "totals")
}

// dimension is one way a table is split into parts.
type dimension struct {
	name string
	get  func(*MachineRow) *string
}

// dimensions from the widest: a county's total row has to go before the towns are added up.
var dimensions = []dimension{
	{"town", func(r *MachineRow) *string { return &r.Town }},
	{"precinct", func(r *MachineRow) *string { return &r.Precinct }},
	{"tabulator", func(r *MachineRow) *string { return &r.Tabulator }},
	{"batch", func(r *MachineRow) *string { return &r.Batch }},
	{"count group", func(r *MachineRow) *string { return &r.CountGroup }},
}

// sumKey is what must be the same for rows to be added up, but for the dimension that is summed over (left empty) and
// those within it.
type sumKey struct {
	county, town, precinct, tabulator, batch string
	kind                                     Kind
	contest, district, candidate, party      string
}

func (r *MachineRow) key(depth int) sumKey {
	k := sumKey{county: r.County, kind: r.Kind, contest: r.Contest, district: r.District, candidate: r.Candidate, party: r.Party}
	for i, dst := range []*string{&k.town, &k.precinct, &k.tabulator, &k.batch} {
		if i < depth {
			*dst = *dimensions[i].get(r)
		}
	}
	return k
}

// dropTotals leaves out the rows that are the sum of others, after checking that they are. Where a name like "Total" has
// no parts beside it, it is the only number there is and stays.
func (m *Machine) dropTotals() error {
	for depth := range dimensions {
		if err := m.dropTotalsOf(depth); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) dropTotalsOf(depth int) error {
	d := dimensions[depth]
	type pair struct {
		total, parts, line, nParts int
		names                      map[string]bool // of the total's rows
	}
	sums := map[sumKey]*pair{}
	any := false
	for i := range m.Rows {
		any = any || isTotal(*d.get(&m.Rows[i]))
	}
	var splits [5]bool
	for deeper := depth + 1; deeper < len(dimensions); deeper++ {
		splits[deeper] = m.split(deeper)
	}
	silent, found := m.silentTotal(depth, splits)
	if !any && !found {
		return nil
	}
	isTotal := func(r *MachineRow) bool {
		s := *d.get(r)
		return isTotal(s) || found && plain(s) == silent
	}
	// A part may itself hold a total of a deeper dimension (count group "Total"); those must not be added twice here.
	for i := range m.Rows {
		r := &m.Rows[i]
		k := r.key(depth)
		if sums[k] == nil {
			sums[k] = &pair{}
		}
		if isTotal(r) {
			sums[k].total += once(r, depth, splits)
			if sums[k].names == nil {
				sums[k].names = map[string]bool{}
			}
			sums[k].names[*d.get(r)] = true
			if sums[k].line == 0 {
				sums[k].line = r.Line
			}
		} else {
			sums[k].parts += once(r, depth, splits)
			sums[k].nParts++
		}
	}
	var kept []MachineRow
	dropped := 0
	for i := range m.Rows {
		r := &m.Rows[i]
		p := sums[r.key(depth)]
		if !isTotal(r) || p.nParts == 0 {
			kept = append(kept, *r)
			continue
		}
		// Wards' totals and the city's beside them are each the sum of all parts.
		if p.total != p.parts && (p.parts == 0 || p.total%p.parts != 0 || p.total/p.parts > len(p.names)) {
			what := strings.TrimSpace(r.Candidate + " " + r.Party)
			if what == "" {
				what = string(r.Kind)
			}
			return &ReadError{File: m.Name, Line: p.line, Detail: fmt.Sprintf("%s %q gives %d for %s in %q, but its parts add up to %d",
				d.name, *d.get(r), p.total, what, r.Contest, p.parts), Mend: "correct the line, or leave the total rows out"}
		}
		dropped++
	}
	if dropped > 0 {
		m.Notes = append(m.Notes, fmt.Sprintf("%s: %d rows are the total of others by %s and are not added again", m.Name, dropped, d.name))
	}
	m.Rows = kept
	return nil
}

// silentNumbers is in how many numbers at least a part must be the sum of the others to be taken for their total.
const silentNumbers = 4

// silentTotal finds the part that is the sum of the others without a name that says so: rows without a precinct among precincts, or a
// part that is the sum of two others or more in every number.
func (m *Machine) silentTotal(depth int, splits [5]bool) (name string, found bool) {
	d := dimensions[depth]
	byName := map[string]map[sumKey]int{}
	all := map[sumKey]int{}
	for i := range m.Rows {
		r := &m.Rows[i]
		if s := *d.get(r); !isTotal(s) {
			p, k := plain(s), r.key(depth)
			if byName[p] == nil {
				byName[p] = map[sumKey]int{}
			}
			v := once(r, depth, splits)
			byName[p][k] += v
			all[k] += v
		}
	}
	numbers := 0
	for _, sum := range all {
		if sum > 0 {
			numbers++
		}
	}
	for _, p := range slices.Sorted(maps.Keys(byName)) {
		same := 0
		for k, v := range byName[p] {
			if v > 0 && v == all[k]-v {
				same++
			}
		}
		other := numbers - same
		// A row without a name that is the sum in most numbers is the sum, mistyped in the others.
		if same >= silentNumbers && (p == "" && len(byName) > 1 && same > other || other == 0 && len(byName) > 2) {
			return p, true
		}
	}
	return "", false
}

// once is the row's votes, or 0 where a deeper dimension marks the row as a total of others that stand in the table too.
func once(r *MachineRow, depth int, splits [5]bool) int {
	for deeper := depth + 1; deeper < len(dimensions); deeper++ {
		if splits[deeper] && isTotal(*dimensions[deeper].get(r)) {
			return 0
		}
	}
	return r.Votes
}

// split is whether the table has parts in the dimension.
func (m *Machine) split(depth int) bool {
	for i := range m.Rows {
		if s := *dimensions[depth].get(&m.Rows[i]); plain(s) != "" && !isTotal(s) {
			return true
		}
	}
	return false
}
