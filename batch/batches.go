package batch

import (
	"path"
	"strconv"
	"strings"
)

// A batch is the folder that a sheet's first page lies in, as its name says. A file with more pages than any ballot has is a batch of
// its own: that is how many scanners keep one.

// ballotPages is how many pages of one file may be one voter's: four sheets of two sides are rare, eight were not heard of.
const ballotPages = 16

// wholeFiles are the names of the files that are batches of their own.
func (l *ledger) wholeFiles() (map[string]bool, error) {
	rows, err := l.db.Query(`SELECT name FROM inputs WHERE id IN (SELECT input FROM pages GROUP BY input HAVING count(*) > ?)`, ballotPages)
	if err != nil {
		return nil, l.explain("read", err)
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, l.explain("read", err)
		}
		out[name] = true
	}
	if err := rows.Err(); err != nil {
		return nil, l.explain("read", err)
	}
	return out, nil
}

// batch is the sheet's batch; empty where its scans lie in no folder.
func (s *storedSheet) batch(whole map[string]bool) string {
	file := s.name
	if len(s.pages) > 0 && s.pages[0].index > 1 {
		file = strings.TrimSuffix(file, "#"+strconv.Itoa(s.pages[0].index))
	}
	if whole[file] {
		return file
	}
	if dir := path.Dir(file); dir != "." {
		return dir
	}
	return ""
}
