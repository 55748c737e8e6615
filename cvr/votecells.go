package cvr

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// tableColumn is one choice's column; contest is -1 where it is none of a choice. rank is 0 where the contest is not ranked.
type tableColumn struct {
	contest, choice, rank int
}

// columnChoice is the choice of a column. Two persons of one name and party stay two, told apart by the order of their columns; seen
// counts the columns of a contest, a choice and a rank.
func (x *Export) columnChoice(contest, rank int, ch RosterChoice, seen map[[3]int]int) (int, error) {
	choice, err := x.Roster.choice(contest, ch)
	if err != nil {
		return 0, err
	}
	k := [3]int{contest, choice, rank}
	if seen[k]++; seen[k] > 1 && !x.Roster.Contests[contest].Choices[choice].WriteIn {
		ch.ID = "of one name: " + strconv.Itoa(seen[k])
		return x.Roster.choice(contest, ch)
	}
	return choice, nil
}

// densityCell is a vote with the density of its mark: "1 (97)".
var densityCell = regexp.MustCompile(`^([01]) \(\d+\)$`)

// small reads a count of a few digits; 0 where it is none.
func small(s string) int {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n <= 1000 {
		return n
	}
	return 0
}

// voteCells reads a row's votes: 1, 0 or nothing in each choice's column. A contest is on the card where one of its columns is not empty.
func voteCells(line int, row []string, choices []tableColumn) ([]MachineContest, error) {
	var out []MachineContest
	at := map[int]int{}
	for i, c := range choices {
		if c.contest < 0 || i >= len(row) || row[i] == "" {
			continue
		}
		v := row[i]
		if m := densityCell.FindStringSubmatch(v); m != nil {
			v = m[1]
		}
		if v != "0" && v != "1" {
			return nil, &ReadError{Line: line, Column: i + 1, Detail: fmt.Sprintf("%.40q is neither 1, 0 nor empty", strings.ToValidUTF8(row[i], "?")),
				Mend: "export single records, not sums"}
		}
		n, ok := at[c.contest]
		if !ok {
			n = len(out)
			at[c.contest] = n
			out = append(out, MachineContest{Contest: c.contest, Overvotes: Unstated, Undervotes: Unstated})
		}
		if v == "1" {
			out[n].Marks = append(out[n].Marks, MachineMark{Choice: c.choice, Rank: c.rank, Votes: 1})
		}
	}
	return out, nil
}
