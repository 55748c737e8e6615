package audit

import (
	"fmt"
	"path"
	"slices"
)

// portion is a part of the ballots that is compared by itself: a precinct, or a batch; the zero value is all of them together.
type portion struct{ Precinct, Batch string }

func (p portion) whole() bool { return p == portion{} }

// String is the portion's name for people, empty for all ballots.
func (p portion) String() string {
	if p.Batch != "" {
		return "batch " + p.Batch
	}
	return p.Precinct
}

func (l *Line) portion() portion { return portion{l.Precinct, l.Batch} }

// grouped parts rows by a key, in their order.
func grouped[R any](rows []R, key func(*R) string) map[string][]R {
	out := map[string][]R{}
	for i := range rows {
		k := key(&rows[i])
		out[k] = append(out[k], rows[i])
	}
	return out
}

// names are the names that rows have, each once, in their order, those that differ in case and signs only taken for one.
func names[R any](rows []R, of func(*R) string) (out []string) {
	seen := map[string]bool{}
	for i := range rows {
		if n := of(&rows[i]); plain(n) != "" && !seen[plain(n)] {
			seen[plain(n)] = true
			out = append(out, n)
		}
	}
	return out
}

// byBatch compares batch by batch where both sides name more than one. Ours are named by folders: a batch is known by its folder's
// path, or by the last part of it where no other batch of ours ends so. Names that are not the same are no guess: where none is
// known there is a note, and where some are, the others are unmatched.
func (x *comparer) byBatch(ours *Totals, m *Machine) error {
	us := names(ours.Rows, func(r *TotalRow) string { return r.Batch })
	them := names(m.Rows, func(r *MachineRow) string { return r.Batch })
	if len(us) == 0 && len(them) > 1 && !m.records {
		x.out.Notes = append(x.out.Notes, "the machine's figures are by batch and the run's totals are not (the scans lie in one folder, or in too many): not compared by batch")
	}
	if len(us) < 2 || len(them) < 2 {
		return nil
	}
	if twice := severalTabulators(m.Rows); twice != "" {
		x.out.Notes = append(x.out.Notes, fmt.Sprintf("batch %q is of more than one tabulator: not compared by batch; compare the records sheet by sheet, --cvr with --by batch", twice))
		return nil
	}
	ends := map[string]int{}
	for _, b := range us {
		ends[plain(path.Base(b))]++
	}
	folder := map[string]string{} // by the machine's name in plain form
	for _, b := range us {
		if end := plain(path.Base(b)); ends[end] == 1 {
			folder[end] = b
		}
	}
	for _, b := range us {
		folder[plain(b)] = b
	}
	matched := map[string]string{} // the machine's name of a batch of ours
	var lost []string
	for _, b := range them {
		switch f := folder[plain(b)]; {
		case f == "":
			lost = append(lost, b)
		case matched[f] != "":
			return fmt.Errorf("compare totals: batches %q and %q of %s are both called like the folder %q: give them names of their own", matched[f], b, m.Name, f)
		default:
			matched[f] = b
		}
	}
	if len(matched) == 0 || m.records && len(lost) > 0 {
		x.out.Notes = append(x.out.Notes, fmt.Sprintf("the machine's batches have other names than the folders of the scans (%s; %s): not compared by batch", nameSome(lost, nil), nameSome(us, nil)))
		return nil
	}
	mine := grouped(ours.Rows, func(r *TotalRow) string { return r.Batch })
	theirs := grouped(m.Rows, func(r *MachineRow) string { return plain(r.Batch) })
	for _, b := range us {
		if matched[b] == "" {
			x.out.Unmatched = append(x.out.Unmatched, Unmatched{Side: "ballots", Batch: b, Similar: nearest(path.Base(b), lost)})
			continue
		}
		if err := x.scope(portion{Batch: b}, mine[b], theirs[plain(matched[b])]); err != nil {
			return err
		}
	}
	for _, b := range lost {
		x.out.Unmatched = append(x.out.Unmatched, Unmatched{Side: "machine", Batch: b, Similar: nearest(b, us)})
	}
	return nil
}

// severalTabulators names a batch that stands under more than one tabulator: two batches, then.
func severalTabulators(rows []MachineRow) string {
	of := map[string][]string{}
	for i := range rows {
		r := &rows[i]
		if k := plain(r.Batch); k != "" && !slices.Contains(of[k], r.Tabulator) {
			if of[k] = append(of[k], r.Tabulator); len(of[k]) > 1 {
				return r.Batch
			}
		}
	}
	return ""
}
