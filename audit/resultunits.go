package audit

// maxDepth bounds the walk from a unit to what it is part of: units that contain each other are a fault of the file.
const maxDepth = 64

// smallUnits are the types of units that no other unit of a report is within, unless it says so.
var smallUnits = map[string]bool{"precinct": true, "combined-precinct": true, "split-precinct": true, "polling-place": true, "vote-center": true, "drop-box": true, "ballot-batch": true}

// device says whether a unit is one machine.
func (u *resultUnit) device() bool {
	return u.Serial != "" || u.Class == "ElectionResults.ReportingDevice" || u.Class == "ReportingDevice"
}

// total says whether a unit's number is the total of other units' that have one.
func (x *resultReader) total(unit string, sum map[string]int) bool {
	if u := x.units[unit]; u == nil || len(u.Composing) == 0 && (u.device() || smallUnits[u.Type]) {
		return false
	}
	for other := range sum {
		if other != unit && x.within(other, unit) {
			return true
		}
	}
	return false
}

// within says whether a unit is part of another: it says so, or neither says anything and the other is the whole
// jurisdiction or no small unit while this one is.
func (x *resultReader) within(unit, of string) bool {
	at := unit
	for range maxDepth {
		up, ok := x.parents[at]
		if !ok {
			break
		}
		if up == of {
			return true
		}
		at = up
	}
	u, o := x.units[unit], x.units[of]
	if u == nil || o == nil || u.device() && len(o.Composing) > 0 || o.device() || smallUnits[o.Type] {
		return false
	}
	if _, known := x.parents[unit]; known && len(o.Composing) > 0 {
		return false
	}
	return of == x.scope || smallUnits[u.Type] || u.device()
}

// place names the precinct and the machine of a row.
func (x *resultReader) place(r *MachineRow, unit string) {
	u := x.units[unit]
	if u == nil || unit == x.scope {
		return
	}
	name := first(u.Name, u.Serial, words(u.ID))
	switch {
	case u.device():
		r.Tabulator = first(u.Serial, u.Name, words(u.ID))
		if p := x.units[x.parents[unit]]; p != nil && smallUnits[p.Type] {
			r.Precinct = first(p.Name, words(p.ID))
		}
	case smallUnits[u.Type]:
		r.Precinct = name
	case u.Type == "county":
		r.County = name
	case u.Type == "town", u.Type == "city", u.Type == "municipality":
		r.Town = name
	}
}
