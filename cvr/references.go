package cvr

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// refTypes reads, from the schema's own annotations, which property of which class points to what.
func refTypes(schema []byte) (map[string]map[string][]string, error) {
	var doc struct {
		Definitions map[string]struct {
			Properties map[string]struct {
				RefTypes []string `json:"refTypes"`
				Items    struct {
					RefTypes []string `json:"refTypes"`
				} `json:"items"`
			} `json:"properties"`
		} `json:"definitions"`
	}
	if err := json.Unmarshal(schema, &doc); err != nil {
		return nil, err
	}
	out := map[string]map[string][]string{}
	for class, d := range doc.Definitions {
		for name, p := range d.Properties {
			if to := append(p.RefTypes, p.Items.RefTypes...); len(to) > 0 {
				if out[class] == nil {
					out[class] = map[string][]string{}
				}
				out[class][name] = to
			}
		}
	}
	return out, nil
}

// references gathers a report's @ids and what points to them. References are kept once each, with the first place that
// makes them, so a million records that name one contest cost one entry.
type references struct {
	types  map[string]map[string][]string
	class  map[string]string // @id -> class
	owner  map[string]string // selection @id -> contest @id
	order  []reference
	seen   map[[2]string]bool
	pairs  []reference // selection -> contest, likewise
	paired map[[2]string]bool
	fault  func(where, what string)
}

// reference is one @id pointed to: from a place, to one of some classes.
type reference struct {
	at, id string
	to     []string
	of     string // the contest of a selection, in pairs
}

func newReferences(types map[string]map[string][]string) *references {
	return &references{
		types: types, class: map[string]string{}, owner: map[string]string{},
		seen: map[[2]string]bool{}, paired: map[[2]string]bool{},
	}
}

// record takes one CVR: its current snapshot must be its own.
func (r *references) record(value any, at string) {
	r.walk(value, at, "")
	o, _ := value.(map[string]any)
	current, ok := o["CurrentSnapshotId"].(string)
	if !ok {
		return // the schema has said so
	}
	snapshots, _ := o["CVRSnapshot"].([]any)
	for _, s := range snapshots {
		if s, _ := s.(map[string]any); s != nil && s["@id"] == current {
			return
		}
	}
	r.fault(at+"/CurrentSnapshotId", fmt.Sprintf("%q is no snapshot of this CVR", current))
}

// maxPath bounds a path inside the report. The schema's own go to 200 bytes; longer ones are faults that the schema check
// has told already, and following them could cost the square of the file.
const maxPath = 4096

// walk takes a value and everything in it. contest is the @id of the contest it stands in, if any.
func (r *references) walk(value any, at, contest string) {
	if len(at) > maxPath {
		return
	}
	switch v := value.(type) {
	case []any:
		for i, x := range v {
			r.walk(x, fmt.Sprintf("%s/%d", at, i), contest)
		}
	case map[string]any:
		class, _ := v["@type"].(string)
		id, _ := v["@id"].(string)
		if id != "" {
			r.define(id, class, at, contest)
			if strings.HasSuffix(class, "Contest") {
				contest = id
			}
		}
		if c, ok := v["ContestId"].(string); ok && class == "CVR.CVRContest" {
			contest = c
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			here := at + pointer([]string{key})
			if to := r.types[class][key]; to != nil && key != "CurrentSnapshotId" {
				r.point(v[key], here, to, contest)
				continue
			}
			r.walk(v[key], here, contest)
		}
	}
}

// define notes an @id.
func (r *references) define(id, class, at, contest string) {
	if other, twice := r.class[id]; twice {
		r.fault(at+"/@id", fmt.Sprintf("@id %q is also that of a %s", id, other))
		return
	}
	r.class[id] = class
	if strings.HasSuffix(class, "Selection") {
		r.owner[id] = contest
	}
}

// point notes what a property points to, one @id or several.
func (r *references) point(value any, at string, to []string, contest string) {
	if list, ok := value.([]any); ok {
		for i, x := range list {
			r.point(x, fmt.Sprintf("%s/%d", at, i), to, contest)
		}
		return
	}
	id, ok := value.(string)
	if !ok {
		return // the schema has said so
	}
	if key := [2]string{id, to[0]}; !r.seen[key] {
		r.seen[key] = true
		r.order = append(r.order, reference{at: at, id: id, to: to})
	}
	if key := [2]string{id, contest}; strings.HasSuffix(at, "/ContestSelectionId") && !r.paired[key] {
		r.paired[key] = true
		r.pairs = append(r.pairs, reference{at: at, id: id, of: contest})
	}
}

// resolve follows every reference, once the whole report is known.
func (r *references) resolve() {
	for _, ref := range r.order {
		class, ok := r.class[ref.id]
		switch {
		case !ok:
			r.fault(ref.at, fmt.Sprintf("nothing has the @id %q", ref.id))
		case !slices.Contains(ref.to, class):
			r.fault(ref.at, fmt.Sprintf("%q is a %s and should be a %s", ref.id, class, strings.Join(ref.to, " or ")))
		}
	}
	for _, ref := range r.pairs {
		if owner, ok := r.owner[ref.id]; ok && owner != ref.of {
			r.fault(ref.at, fmt.Sprintf("%q is a selection of contest %q and not of %q", ref.id, owner, ref.of))
		}
	}
}
