package cvr

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"recount/election"
)

// maxRanked bounds the files that are written at the same time.
const maxRanked = 256

// writeRCTab writes a table for each ranked contest.
func writeRCTab(paths []string, o ExportOptions, s *survey, out *Converted, create func(string) (io.WriteCloser, error)) (err error) {
	tables, columns, width := map[int]*output{}, map[int][]int{}, map[int]int{} // by contest; a column for each choice
	defer func() {
		for _, t := range tables {
			if e := t.close(); err == nil {
				err = e
			}
		}
	}()
	used := map[string]bool{}
	for i := range s.roster.Contests {
		c := &s.roster.Contests[i]
		if c.Ranks < 2 {
			continue
		}
		if len(tables) >= maxRanked {
			return full{fmt.Sprintf("more than %d ranked contests", maxRanked)}
		}
		name := election.Slug(s.roster.Label(i))
		for n := 2; name == "" || used[name]; n++ {
			name = fmt.Sprintf("%s-%d", election.Slug(s.roster.Label(i)), n)
		}
		used[name] = true
		t, err := openTable(out, create, name+".csv")
		if err != nil {
			return err
		}
		tables[i] = t
		head := []string{"CVR", "Precinct"}
		for j, ch := range c.Choices {
			columns[i] = append(columns[i], len(head))
			if who := c.Person(j); who != j {
				columns[i][j] = columns[i][who] // one candidate, on two parties' lines
				continue
			}
			head = append(head, unique(ch.Name, head))
		}
		width[i] = len(head)
		_ = t.Write(head)
	}
	if len(tables) == 0 {
		return &ReadError{File: strings.Join(paths, ", "), Detail: "holds no ranked contest", Mend: "RCTab counts ranked contests only"}
	}
	again := 0
	err = each(paths, o, nil, func(_ *Roster, r *MachineRecord) error {
		for i := range r.Contests {
			c := &r.Contests[i]
			t := tables[c.Contest]
			if t == nil {
				continue
			}
			row := make([]string, width[c.Contest])
			row[0], row[1] = r.ID, r.Precinct
			if row[0] == "" {
				row[0] = imprint(r)
			}
			for j := range c.Marks {
				m := &c.Marks[j]
				if !shows(c, m) {
					continue
				}
				cell, rank := &row[columns[c.Contest][m.Choice]], max(m.Rank, 1)
				if *cell != "" {
					had, _ := strconv.Atoi(*cell)
					if had == rank {
						continue
					}
					again++
					if had < rank {
						continue
					}
				}
				*cell = strconv.Itoa(rank)
			}
			_ = t.Write(row)
		}
		return nil
	})
	if again > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("choices marked at more than one rank of a ballot: %d; the first rank is given", again))
	}
	return err
}

// unique is a name that is not in the list yet.
func unique(name string, list []string) string {
	out := name
	for n := 2; ; n++ {
		taken := false
		for _, l := range list {
			taken = taken || l == out
		}
		if !taken {
			return out
		}
		out = fmt.Sprintf("%s (%d)", name, n)
	}
}
