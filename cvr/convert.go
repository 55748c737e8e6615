package cvr

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// Target is a form that records are written in for other programs.
type Target string

// The forms.
const (
	// Arlo takes Dominion's table (cvrs.csv) and a ballot manifest (manifest.csv).
	ToArlo Target = "arlo"
	// RCTab takes a table for each ranked contest (CONTEST.csv): a column a candidate, the rank in the cell.
	ToRCTab Target = "rctab"
	// Flat is a row a mark (records.csv).
	ToFlat Target = "csv"
)

// Targets lists them all.
func Targets() []Target { return []Target{ToArlo, ToRCTab, ToFlat} }

// Converted is what a conversion made.
type Converted struct {
	Files   []string `json:"files"`
	Records int      `json:"records"`
	Notes   []string `json:"notes"`
}

// survey is what has to be known before the first row is written.
type survey struct {
	roster  *Roster
	records int
	allowed []int // by contest, as learnt from the records where the export does not say
	batches map[batchKey]*batchSurvey
	order   []batchKey
}

type batchKey struct{ tabulator, batch string }

type batchSurvey struct {
	records, last int
	numbered      bool // every record has a number, and they rise
	next          int  // used in the second pass
}

// address is a record's pile; a record without one is in pile 1 of tabulator 1.
func address(r *MachineRecord) batchKey {
	k := batchKey{r.Tabulator, r.Batch}
	if k.tabulator == "" {
		k.tabulator = "1"
	}
	if k.batch == "" {
		k.batch = "1"
	}
	return k
}

// Convert reads exports and writes them for another program. The forms whose columns are the choices need the records
// twice. create opens an output by name. Marks that the machine did not count are left out, except in an overvoted
// contest, which is given as it was marked.
func Convert(paths []string, o ExportOptions, to Target, create func(name string) (io.WriteCloser, error)) (*Converted, error) {
	out := &Converted{Files: []string{}, Notes: []string{}}
	write := map[Target]func([]string, ExportOptions, *survey, *Converted, func(string) (io.WriteCloser, error)) error{
		ToArlo: writeArlo, ToRCTab: writeRCTab, ToFlat: writeFlat}[to]
	if write == nil {
		return nil, fmt.Errorf("convert records: no form %q", to)
	}
	s, err := look(paths, o, out)
	if err != nil {
		return nil, err
	}
	out.Records = s.records
	if err := write(paths, o, s, out, create); err != nil {
		return nil, fmt.Errorf("convert records: %w", err)
	}
	return out, nil
}

// each opens the exports and reads every record.
func each(paths []string, o ExportOptions, done func(*Export), do func(*Roster, *MachineRecord) error) error {
	x, err := OpenExport(paths, o)
	if err != nil {
		return err
	}
	defer x.Close()
	for r, err := range x.Records() {
		if err != nil {
			return err
		}
		if err := do(x.Roster, r); err != nil {
			return err
		}
	}
	if done != nil {
		done(x)
	}
	return nil
}

// look is the first pass.
func look(paths []string, o ExportOptions, out *Converted) (*survey, error) {
	s := &survey{batches: map[batchKey]*batchSurvey{}}
	learnt := map[int]int{}
	err := each(paths, o, func(x *Export) {
		s.roster = x.Roster
		out.Notes = append(out.Notes, x.Notes...)
	}, func(roster *Roster, r *MachineRecord) error {
		s.records++
		k := address(r)
		b := s.batches[k]
		if b == nil {
			if len(s.batches) >= maxChoices {
				return full{fmt.Sprintf("more than %d batches", maxChoices)}
			}
			b = &batchSurvey{numbered: true}
			s.batches[k] = b
			s.order = append(s.order, k)
		}
		b.records++
		n, err := strconv.Atoi(r.Record)
		b.numbered = b.numbered && err == nil && n > b.last
		b.last = n
		for i := range r.Contests {
			c := &r.Contests[i]
			if roster.Contests[c.Contest].VoteFor > 0 || c.Overvoted {
				continue
			}
			n := max(c.Undervotes, 0)
			for _, m := range c.Marks {
				n += m.Votes
			}
			learnt[c.Contest] = max(learnt[c.Contest], n, 1)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range s.roster.Contests {
		n := s.roster.Contests[i].VoteFor
		if n == 0 && s.roster.Contests[i].Ranks > 1 {
			n = 1
		}
		if n == 0 {
			n = max(learnt[i], 1)
			if learnt[i] > 0 {
				out.Notes = append(out.Notes, fmt.Sprintf("%s: how many votes it allows is not stated; its records show %d", s.roster.Label(i), n))
			}
		}
		s.allowed = append(s.allowed, n)
	}
	return s, nil
}

// shows says whether a mark is given to the other program.
func shows(c *MachineContest, m *MachineMark) bool {
	return m.Votes > 0 || (c.Overvoted || c.Overvotes > 0) && !m.Doubt
}

// output is a table being written.
type output struct {
	*csv.Writer
	closer io.Closer
}

func openTable(out *Converted, create func(string) (io.WriteCloser, error), name string) (*output, error) {
	w, err := create(name)
	if err != nil {
		return nil, err
	}
	out.Files = append(out.Files, name)
	return &output{csv.NewWriter(w), w}, nil
}

// close finishes the table.
func (o *output) close() error {
	o.Flush()
	err := o.Error()
	if e := o.closer.Close(); err == nil {
		err = e
	}
	return err
}

// writeFlat writes a row a mark, and a row for a contest without one.
func writeFlat(paths []string, o ExportOptions, s *survey, out *Converted, create func(string) (io.WriteCloser, error)) error {
	t, err := openTable(out, create, "records.csv")
	if err != nil {
		return err
	}
	_ = t.Write(flatHead)
	stated := func(n int) string {
		if n < 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	err = each(paths, o, nil, func(roster *Roster, r *MachineRecord) error {
		for i := range r.Contests {
			c := &r.Contests[i]
			status := ""
			switch {
			case c.Invalid:
				status = "invalid"
			case c.Overvoted || c.Overvotes > 0:
				status = "overvoted"
			}
			row := func(choice, party, rank, votes, doubt, written string) {
				_ = t.Write([]string{r.ID, r.Imprinted, r.Tabulator, r.Batch, r.Record, r.Sheet, r.Image, r.Precinct, r.Style, r.CountGroup,
					s.roster.Label(c.Contest), choice, party, rank, votes, doubt, written, stated(c.Overvotes), stated(c.Undervotes), status})
			}
			for _, m := range c.Marks {
				ch := roster.Contests[c.Contest].Choices[m.Choice]
				rank, doubt := "", "no"
				if m.Rank > 0 {
					rank = strconv.Itoa(m.Rank)
				}
				if m.Doubt {
					doubt = "yes"
				}
				row(ch.Name, ch.Party, rank, strconv.Itoa(m.Votes), doubt, m.WriteIn)
			}
			if len(c.Marks) == 0 {
				row("", "", "", "0", "no", "")
			}
		}
		return t.Error()
	})
	if e := t.close(); err == nil {
		err = e
	}
	return err
}

// imprint is what is printed on the paper, or else its address.
func imprint(r *MachineRecord) string {
	switch {
	case r.Imprinted != "":
		return r.Imprinted
	case r.Tabulator != "" && r.Batch != "" && r.Record != "":
		return r.Tabulator + "-" + r.Batch + "-" + r.Record
	}
	return r.ID
}
