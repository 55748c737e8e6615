package audit

import (
	"fmt"
	"strings"
)

// totalNames are the names of precincts, batches, tabulators and count groups that stand for the sum of the others, in
// the form of plain. Rocky Hill's 2014 return has a row "City" beside its districts, equal to their sum.
var totalNames = map[string]bool{"total": true, "totals": true, "grandtotal": true, "all": true, "allprecincts": true, "city": true, "citytotal": true,
	"citywide": true, "county": true, "countytotal": true, "countywide": true, "town": true, "towntotal": true, "townwide": true, "allbatches": true,
	"alltabulators": true, "sum": true}

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
	isTotal := func(r *MachineRow) bool { return totalNames[plain(*d.get(r))] }
	type pair struct{ total, parts, line, nParts int }
	sums := map[sumKey]*pair{}
	any := false
	for i := range m.Rows {
		any = any || isTotal(&m.Rows[i])
	}
	if !any {
		return nil
	}
	var splits [5]bool
	for deeper := depth + 1; deeper < len(dimensions); deeper++ {
		splits[deeper] = m.split(deeper)
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
		if p.total != p.parts {
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

// once is the row's votes, or 0 where a deeper dimension marks the row as a total of others that stand in the table too.
func once(r *MachineRow, depth int, splits [5]bool) int {
	for deeper := depth + 1; deeper < len(dimensions); deeper++ {
		if splits[deeper] && totalNames[plain(*dimensions[deeper].get(r))] {
			return 0
		}
	}
	return r.Votes
}

// split is whether the table has parts in the dimension.
func (m *Machine) split(depth int) bool {
	for i := range m.Rows {
		if s := plain(*dimensions[depth].get(&m.Rows[i])); s != "" && !totalNames[s] {
			return true
		}
	}
	return false
}
