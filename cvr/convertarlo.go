package cvr

import (
	"fmt"
	"io"
	"strconv"
)

// arloColumns are where a contest's choices stand in Arlo's table.
type arloColumns struct{ first, choices, ranks int }

// writeArlo writes Dominion's table as Arlo takes it, and a ballot manifest.
func writeArlo(paths []string, o ExportOptions, s *survey, out *Converted, create func(string) (io.WriteCloser, error)) error {
	t, err := openTable(out, create, "cvrs.csv")
	if err != nil {
		return err
	}
	columns, err := arloHead(t, s)
	if err == nil {
		err = arloRows(t, columns, paths, o, s, out)
	}
	if e := t.close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	m, err := openTable(out, create, "manifest.csv")
	if err != nil {
		return err
	}
	_ = m.Write([]string{"Tabulator", "Batch Name", "Number of Ballots"})
	for _, k := range s.order {
		_ = m.Write([]string{k.tabulator, k.batch, strconv.Itoa(s.batches[k].records)})
	}
	out.Notes = append(out.Notes, "the manifest counts records, not paper: put the counts of the paper in before it is used in an audit")
	return m.close()
}

const arloFixed = 8

func arloHead(t *output, s *survey) ([]arloColumns, error) {
	titles, names := make([]string, arloFixed), make([]string, arloFixed)
	heads := []string{"CvrNumber", "TabulatorNum", "BatchId", "RecordId", "ImprintedId", "CountingGroup", "PrecinctPortion", "BallotType"}
	var columns []arloColumns
	for i := range s.roster.Contests {
		c := &s.roster.Contests[i]
		a := arloColumns{first: len(titles), choices: len(c.Choices), ranks: 1}
		title := fmt.Sprintf("%s (Vote For=%d)", s.roster.Label(i), s.allowed[i])
		if c.Ranks > 1 {
			a.ranks = c.Ranks
			title = fmt.Sprintf("%s (Number of positions=%d, Number of ranks=%d)", s.roster.Label(i), s.allowed[i], c.Ranks)
		}
		if len(titles)+a.choices*a.ranks > maxColumns {
			return nil, full{fmt.Sprintf("more than %d columns", maxColumns)}
		}
		for rank := range a.ranks {
			for _, ch := range c.Choices {
				name := ch.Name
				if c.Ranks > 1 {
					name = fmt.Sprintf("%s(%d)", name, rank+1)
				}
				titles, names, heads = append(titles, title), append(names, name), append(heads, ch.Party)
			}
		}
		columns = append(columns, a)
	}
	first := make([]string, len(titles))
	first[0], first[1] = "Records", "recount"
	for _, row := range [][]string{first, titles, names, heads} {
		_ = t.Write(row) // Error says it
	}
	return columns, t.Error()
}

func arloRows(t *output, columns []arloColumns, paths []string, o ExportOptions, s *survey, out *Converted) error {
	wide := arloFixed
	for _, c := range columns {
		wide += c.choices * c.ranks
	}
	number, merged := 0, 0
	row := make([]string, wide)
	err := each(paths, o, nil, func(_ *Roster, r *MachineRecord) error {
		clear(row)
		k := address(r)
		b := s.batches[k]
		b.next++
		record := r.Record
		if !b.numbered {
			record = strconv.Itoa(b.next)
		}
		imprinted := imprint(r)
		if imprinted == "" {
			imprinted = k.tabulator + "-" + k.batch + "-" + record
		}
		number++
		copy(row, []string{strconv.Itoa(number), k.tabulator, k.batch, record, imprinted, r.CountGroup, r.Precinct, r.Style})
		for i := range r.Contests {
			c := &r.Contests[i]
			a := columns[c.Contest]
			for j := range a.choices * a.ranks {
				row[a.first+j] = "0"
			}
			for j := range c.Marks {
				m := &c.Marks[j]
				if !shows(c, m) {
					continue
				}
				cell := &row[a.first+(max(m.Rank, 1)-1)*a.choices+m.Choice]
				if *cell == "1" {
					merged++
				}
				*cell = "1"
			}
		}
		return t.Write(row)
	})
	unnumbered := 0
	for _, k := range s.order {
		if !s.batches[k].numbered {
			unnumbered++
		}
	}
	if unnumbered > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("batches whose records have no rising numbers of their own: %d; they are numbered in the order of the file", unnumbered))
	}
	if merged > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("marks for one and the same choice (write-ins of one contest) given once: %d", merged))
	}
	return err
}
