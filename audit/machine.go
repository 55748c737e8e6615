package audit

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Kind is what a machine's row counts.
type Kind string

// The kinds of rows.
const (
	Candidate Kind = "candidate" // votes for a name
	WriteIn   Kind = "write-in"  // all write-in votes of the contest
	Over      Kind = "over"      // overvotes
	Under     Kind = "under"     // undervotes
	Cast      Kind = "ballots"   // ballots, of the contest, or in all where Contest is empty
)

// MachineRow is one number of a machine's totals.
type MachineRow struct {
	County, Town, District, Precinct, Tabulator, Batch, CountGroup string

	Kind                      Kind
	Contest, Candidate, Party string // as the file writes them; Candidate is empty but for Kind Candidate
	Votes                     int
	Line                      int // of the file
}

// Machine is a machine's totals as read, each ballot counted once.
type Machine struct {
	Name string // of the file
	Rows []MachineRow
	// Notes say what was left out and why, for a person.
	Notes []string

	// records says that the rows were tallied from cast-vote records, whose precincts are the vendor's own words: they are
	// compared by precinct only where every one of them is ours.
	records bool
}

// field is what a column holds.
type field int

const (
	noField field = iota
	fContest
	fCandidate
	fVotes
	fParty
	fCounty
	fTown
	fDistrict
	fPrecinct
	fTabulator
	fBatch
	fCountGroup
	fWide // one count group's votes
)

// aliases are the header names seen in the wild: OpenElections' long files (Connecticut's alone have 23 headers, one with
// the typing error "unkown"), ColoradoRLA's tabulation and Connecticut's audit return. Keys are in the form of plain.
var aliases = map[string]field{
	"contest": fContest, "office": fContest, "race": fContest, "contestname": fContest, "officename": fContest,
	"candidate": fCandidate, "choice": fCandidate, "name": fCandidate, "candidatename": fCandidate, "choicename": fCandidate, "selection": fCandidate,
	"votes": fVotes, "total": fVotes, "count": fVotes, "machine": fVotes, "totalvotes": fVotes, "machinetotal": fVotes, "votecount": fVotes, "machinecount": fVotes,
	"machinevotes": fVotes, "votescast": fVotes, "totalvotescast": fVotes, "votestotal": fVotes, "votetotal": fVotes, "numberofvotes": fVotes,
	"party": fParty, "partycode": fParty,
	"county": fCounty, "countyname": fCounty, "town": fTown, "municipality": fTown,
	"district": fDistrict, "dist": fDistrict,
	"precinct": fPrecinct, "precinctname": fPrecinct, "votingdistrict": fPrecinct, "ward": fPrecinct, "pollingplace": fPrecinct,
	"tabulator": fTabulator, "machineid": fTabulator, "seal": fTabulator, "machinesealnumber": fTabulator, "tabulatorid": fTabulator,
	"batch": fBatch, "batchname": fBatch, "batchid": fBatch, "countgroup": fCountGroup, "counttype": fCountGroup, "votetype": fCountGroup,
}

// wideNames are the count groups of the wide columns, under one name each.
var wideNames = map[string]string{
	"poll": "election-day", "polls": "election-day", "electionday": "election-day", "electiondayvotes": "election-day", "eday": "election-day",
	"abs": "absentee", "absentee": "absentee", "absenteevotes": "absentee", "absenteebymail": "absentee-mail", "absenteemail": "absentee-mail",
	"absenteeinperson": "absentee-in-person", "inperson": "in-person",
	"edr": "same-day-registration", "sdr": "same-day-registration", "sameday": "same-day-registration", "samedayregistration": "same-day-registration",
	"earlyvoting": "early", "early": "early", "earlyvotes": "early", "earlyvote": "early", "onestop": "one-stop",
	"advance": "advance", "advancevoting": "advance", "advancevotes": "advance", "advanced": "advance",
	"provisional": "provisional", "provisionalvotes": "provisional", "affidavit": "affidavit", "emergency": "emergency",
	"mail": "mail", "mailin": "mail", "bymail": "mail", "votebymail": "mail", "mailvotes": "mail", "mailballots": "mail",
	"military": "military", "overseas": "overseas", "uocava": "uocava", "unknown": "unknown", "unkown": "unknown",
}

// column is one column of the file that is read.
type column struct {
	at    int
	what  field
	group string // of a wide column
}

// The bounds of a table, far above any real one.
const (
	maxColumns = 256
	maxRows    = 5_000_000
	maxField   = 4096
	maxNotes   = 200
)

// ReadMachine reads a machine's totals: one long CSV, its columns found by name in any order (docs: contest, candidate
// and votes are needed; precinct, party and others are kept). Counts split over columns (poll, absentee and so on) are
// taken apart and checked against the votes column; rows and groups that are the total of others are left out when
// they agree with the sum, and an error when they do not. name is the file's, for errors, which are *ReadError.
//
// NIST SP 1500-100 results (JSON), Clarity's detail.xml and Arlo's totals by batch are known by their content.
func ReadMachine(name string, r io.Reader) (*Machine, error) { return readMachine(name, r, "") }

// readMachine is ReadMachine; contest names the contest of a table that does not.
func readMachine(name string, r io.Reader, contest string) (*Machine, error) {
	text, err := readText(name, r)
	if err != nil {
		return nil, err
	}
	switch start := strings.TrimSpace(text[:min(len(text), 4096)]); {
	case strings.HasPrefix(start, "{"):
		return readResults(name, text)
	case strings.HasPrefix(start, "<"):
		return readClarity(name, text)
	}
	c := csv.NewReader(strings.NewReader(text))
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	c.Comma = separator(text)
	head, err := c.Read()
	if err != nil {
		return nil, parseError(name, err)
	}
	if isBatchTotals(head) {
		return readBatchTotals(name, text, contest)
	}
	cols, err := columnsOf(name, head)
	if err != nil {
		return nil, err
	}
	wide := len(head)
	m := &Machine{Name: name}
	unread := unreadOf(head, cols)
	again := repeats{}
	skipped := map[string]int{} // names of rows that count no votes for anybody
	for {
		f, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, parseError(name, err)
		}
		if strings.TrimSpace(strings.Join(f, "")) == "" {
			continue
		}
		line, _ := c.FieldPos(0)
		if len(f) > wide && strings.TrimSpace(strings.Join(f[wide:], "")) != "" || len(f) < wide {
			return nil, &ReadError{File: name, Line: line, Detail: fmt.Sprintf("has %d fields, the header %d", len(f), wide),
				Mend: "put quotation marks around a field that holds a comma, and keep every column"}
		}
		if err := m.row(line, f, cols, skipped); err != nil {
			return nil, err
		}
		unread.look(f)
		again.look(f, line, m)
		if len(m.Rows) > maxRows {
			return nil, &ReadError{File: name, Line: line, Detail: fmt.Sprintf("more than %d numbers", maxRows), Mend: "split the table by precinct"}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(skipped)) {
		if len(m.Notes) < maxNotes {
			m.Notes = append(m.Notes, fmt.Sprintf("%s: %q is not compared (rows: %d)", name, what, skipped[what]))
		}
	}
	if err := unread.say(m, has(cols, fVotes)); err != nil {
		return nil, err
	}
	again.say(m)
	if err := m.dropTotals(); err != nil {
		return nil, err
	}
	if len(m.Rows) == 0 {
		return nil, &ReadError{File: name, Detail: "no row of votes", Mend: "export the table with its rows"}
	}
	return m, nil
}

// separator is the comma, the semicolon or the tab, whichever the header has most of outside quotation marks.
func separator(text string) rune {
	head, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	best, most := ',', 0
	for _, s := range []rune{',', ';', '\t'} {
		n := 0
		for i, part := range strings.Split(head, `"`) {
			if i%2 == 0 {
				n += strings.Count(part, string(s))
			}
		}
		if n > most {
			best, most = s, n
		}
	}
	return best
}

// columnsOf finds the columns by name.
func columnsOf(name string, head []string) ([]column, error) {
	if len(head) > maxColumns {
		return nil, &ReadError{File: name, Line: 1, Detail: fmt.Sprintf("%d columns are more than %d", len(head), maxColumns), Mend: "export one long table: a row for each contest and candidate"}
	}
	var cols []column
	seen := map[string]string{}
	for i, h := range head {
		p := plain(h)
		what := aliases[p]
		if wideNames[p] != "" {
			what = fWide
		}
		if what == noField {
			continue
		}
		k := fmt.Sprint(what, wideNames[p])
		if before, ok := seen[k]; ok {
			return nil, &ReadError{File: name, Line: 1, Column: i + 1, Detail: fmt.Sprintf("columns %q and %q mean the same", before, h), Mend: "keep one of them"}
		}
		seen[k] = h
		cols = append(cols, column{i, what, wideNames[p]})
	}
	for _, need := range []struct {
		what  field
		names string
	}{{fContest, "contest (or office, race)"}, {fCandidate, "candidate (or choice, name)"}} {
		if !has(cols, need.what) {
			return nil, &ReadError{File: name, Line: 1, Detail: "no column named " + need.names, Mend: "name the columns in the first line"}
		}
	}
	if !has(cols, fVotes) && !has(cols, fWide) {
		return nil, &ReadError{File: name, Line: 1, Detail: "no column named votes (or total, count, machine)", Mend: "name the columns in the first line"}
	}
	return cols, nil
}

func has(cols []column, what field) bool {
	for _, c := range cols {
		if c.what == what {
			return true
		}
	}
	return false
}

// row takes one record apart. What counts no votes for anybody is noted in skipped.
func (m *Machine) row(line int, f []string, cols []column, skipped map[string]int) error {
	row := MachineRow{Line: line}
	text := map[field]*string{fContest: &row.Contest, fCandidate: &row.Candidate, fParty: &row.Party, fCounty: &row.County, fTown: &row.Town,
		fDistrict: &row.District, fPrecinct: &row.Precinct, fTabulator: &row.Tabulator, fBatch: &row.Batch, fCountGroup: &row.CountGroup}
	votes, sum := -1, 0
	var parts []MachineRow
	for _, c := range cols {
		s := trimmed(f[c.at])
		if len(s) > maxField {
			return &ReadError{File: m.Name, Line: line, Column: c.at + 1, Detail: fmt.Sprintf("a field of %d bytes", len(s)), Mend: "close the quotation marks before it"}
		}
		if dst := text[c.what]; dst != nil {
			*dst = s
			continue
		}
		if s == "" || s == "-" {
			continue
		}
		n, ok := count(s)
		if !ok {
			return &ReadError{File: m.Name, Line: line, Column: c.at + 1, Detail: fmt.Sprintf("%.40q is no count of votes", s), Mend: "write a whole number"}
		}
		if c.what == fVotes {
			votes = n
			continue
		}
		sum += n
		parts = append(parts, MachineRow{CountGroup: c.group, Votes: n})
	}
	if !row.classify() {
		if row.Candidate == "" && !noCount[plain(row.Contest)] {
			return &ReadError{File: m.Name, Line: line, Detail: fmt.Sprintf("no candidate is named for the votes in %.80q", row.Contest), Mend: "name the candidate, or take the line out"}
		}
		skipped[strings.TrimSpace(row.Contest+" "+row.Candidate)]++
		return nil
	}
	switch {
	case votes < 0 && parts == nil:
		return &ReadError{File: m.Name, Line: line, Detail: fmt.Sprintf("no votes for %.80q in %.80q", row.Candidate, row.Contest), Mend: "write 0 where there were none"}
	case parts == nil:
		row.Votes = votes
		m.Rows = append(m.Rows, row)
		return nil
	case votes >= 0 && votes != sum:
		return &ReadError{File: m.Name, Line: line, Detail: fmt.Sprintf("the votes are %d, but the columns beside them add up to %d", votes, sum), Mend: "correct the line from the machine's tape"}
	}
	for _, p := range parts {
		r := row
		if r.CountGroup != "" {
			r.CountGroup += " "
		}
		r.CountGroup, r.Votes = r.CountGroup+p.CountGroup, p.Votes
		m.Rows = append(m.Rows, r)
	}
	return nil
}

// The names of rows that are no candidates, in the form of plain.
var rowKinds = map[string]Kind{
	"overvotes": Over, "overvote": Over, "totalovervotes": Over,
	"undervotes": Under, "undervote": Under, "totalundervotes": Under, "blanks": Under, "blankvotes": Under,
	"writeins": WriteIn, "writein": WriteIn, "writeintotal": WriteIn, "writeinstotal": WriteIn, "totalwriteins": WriteIn,
	"totalwritein": WriteIn, "writeinvotes": WriteIn, "totalwriteinvotes": WriteIn,
	"ballotscast": Cast, "totalballots": Cast, "ballots": Cast, "ballotscounted": Cast, "totalballotscast": Cast,
}

// noCount are rows of the usual tables that no ballot can be held against.
var noCount = map[string]bool{"registeredvoters": true, "registeredvoterstotal": true, "totalvotes": true, "total": true, "turnout": true, "voterturnout": true,
	"sheets": true, "ballotsovervoted": true, "ballotsblank": true}

// classify sets the row's kind; false where it counts nothing that ballots show.
func (r *MachineRow) classify() bool {
	contest, candidate := plain(r.Contest), plain(r.Candidate)
	if rowKinds[contest] == Cast && (candidate == "" || rowKinds[candidate] == Cast || noCount[candidate] && candidate != "sheets") {
		r.Kind, r.Contest, r.Candidate = Cast, "", ""
		return true
	}
	if noCount[contest] || noCount[candidate] || candidate == "" {
		return false
	}
	r.Kind = Candidate
	if k, ok := rowKinds[candidate]; ok {
		r.Kind, r.Candidate = k, ""
	}
	return true
}
