package cvr

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// OpenCount is the text that OpenCount writes for each ballot, named as the ballot's first image: a contest's name on a line,
// below it and behind a tab each choice voted for, or UNDERVOTED or OVERVOTED. (Its cvr.csv leaves out the columns of contests
// that are not on a ballot, so that nothing tells which column is which.)
const OpenCount Kind = "opencount"

// isOpenCount says whether a text is laid out so to its end.
func isOpenCount(text []byte) bool {
	lines := bytes.Split(bytes.TrimRight(text, "\r\n"), []byte("\n"))
	if len(lines) < 2 {
		return false
	}
	title := false // the line before is a contest's name
	for _, l := range lines {
		l = bytes.TrimRight(l, "\r")
		inside := bytes.HasPrefix(l, []byte("\t"))
		if len(bytes.TrimSpace(l)) == 0 || bytes.HasPrefix(l, []byte("---")) || !inside && title || bytes.HasPrefix(l, []byte("\t\t")) {
			return false
		}
		title = !inside
	}
	return !title && !bytes.HasPrefix(text, []byte("\t"))
}

func (x *Export) readOpenCount(e *entry, r io.Reader, each func(*MachineRecord) error) error {
	data, err := io.ReadAll(io.LimitReader(r, maxRecordBytes+1))
	if err != nil {
		return err
	}
	if len(data) > maxRecordBytes {
		return &ReadError{Detail: "is larger than any ballot's record", Mend: "check that this is the right kind of export"}
	}
	if !isOpenCount(data) {
		return &ReadError{Detail: "is not laid out as contests with their choices behind a tab", Mend: "export the records again"}
	}
	name := imageName(e.base)
	rec := &MachineRecord{ID: name, Image: name}
	var c *MachineContest
	ended := false // nothing may follow UNDERVOTED and OVERVOTED
	for i, l := range strings.Split(strings.TrimRight(string(data), "\r\n"), "\n") {
		l = strings.TrimRight(l, "\r ")
		fail := func(what string) error {
			return &ReadError{Line: i + 1, Detail: what, Mend: "export the record again", Err: errors.New("opencount")}
		}
		if !strings.HasPrefix(l, "\t") {
			contest, err := x.Roster.contest("", l)
			if err != nil {
				return err
			}
			x.Roster.settle(contest)
			for k := range rec.Contests {
				if rec.Contests[k].Contest == contest {
					return fail(fmt.Sprintf("contest %.80q stands twice", l))
				}
			}
			rec.Contests = append(rec.Contests, MachineContest{Contest: contest, Overvotes: 0, Undervotes: Unstated})
			c, ended = &rec.Contests[len(rec.Contests)-1], false
			continue
		}
		switch l = strings.TrimSpace(l); {
		case ended:
			return fail(fmt.Sprintf("%.80q stands after UNDERVOTED or OVERVOTED", l))
		case l == "UNDERVOTED", l == "OVERVOTED":
			if ended = true; l == "OVERVOTED" {
				c.Overvoted, c.Overvotes = true, Unstated
			}
		default:
			n, err := x.Roster.choice(c.Contest, RosterChoice{Name: l, WriteIn: strings.HasPrefix(strings.ToLower(l), "writein")})
			if err != nil {
				return err
			}
			c.Marks = append(c.Marks, MachineMark{Choice: n, Votes: 1})
		}
	}
	return each(rec)
}
