package audit

import (
	"encoding/json"
	"fmt"
	"slices"
)

// numbers adds the rows of one list of counts, without those that are the total of others.
func (x *resultReader) numbers(at string, row MachineRow, counts []resultCount, get func(*resultCount) *json.Number) error {
	type number struct{ unit, group string }
	var order []number
	values := map[number]int{}
	for i := range counts {
		c := &counts[i]
		n := get(c)
		if n == nil || c.Type == "seats" {
			continue
		}
		v, ok := count(n.String())
		if !ok {
			return x.fail(fmt.Sprintf("%s[%d]", at, i), "%.40q is no count of votes", n.String())
		}
		if x.units[c.Unit] == nil && c.Unit != "" {
			return x.fail(fmt.Sprintf("%s[%d]", at, i), "unit %q is not defined", c.Unit)
		}
		k := number{c.Unit, c.Type}
		if _, two := values[k]; two {
			return x.fail(fmt.Sprintf("%s[%d]", at, i), "unit %q has two counts of type %q", c.Unit, c.Type)
		}
		order = append(order, k)
		values[k] = v
	}
	// The total over the count groups, where a unit has both.
	groups := map[string]int{}
	split := map[string]bool{}
	for _, k := range order {
		if k.group != "total" && k.group != "" {
			groups[k.unit] += values[k]
			split[k.unit] = true
		}
	}
	order = slices.DeleteFunc(order, func(k number) bool {
		return (k.group == "total" || k.group == "") && split[k.unit] && values[k] == groups[k.unit]
	})
	sum := map[string]int{}
	for _, k := range order {
		if (k.group == "total" || k.group == "") && split[k.unit] {
			return x.fail(at, "unit %q has %d in all, but its count groups add up to %d", k.unit, values[k], groups[k.unit])
		}
		sum[k.unit] += values[k]
	}
	isPart := map[string]bool{}
	var parts []string
	for _, k := range order {
		if _, known := isPart[k.unit]; !known {
			if isPart[k.unit] = !x.total(k.unit, sum); isPart[k.unit] {
				parts = append(parts, k.unit)
			}
		}
	}
	checked := map[string]bool{}
	for _, k := range order {
		if isPart[k.unit] {
			r := row
			x.place(&r, k.unit)
			if r.Votes = values[k]; k.group != "total" {
				r.CountGroup = k.group
			}
			x.m.Rows = append(x.m.Rows, r)
			continue
		}
		if checked[k.unit] {
			continue
		}
		checked[k.unit] = true
		all := 0
		for _, p := range parts {
			if x.within(p, k.unit) {
				all += sum[p]
			}
		}
		if all != sum[k.unit] {
			return x.fail(at, "unit %q has %d, but its parts add up to %d", k.unit, sum[k.unit], all)
		}
		x.totals[k.unit]++
	}
	if len(x.m.Rows) > maxRows {
		return x.fail(at, "more than %d numbers", maxRows)
	}
	return nil
}
