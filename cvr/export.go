package cvr

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// ExportOptions say how a machine's export is read. The zero value reads what is there as it is meant to be counted.
type ExportOptions struct {
	Kind Kind // forces a kind; empty finds it from each file's content
	// Snapshot chooses the state of each record where the export keeps several: "" or "current" for the one that counts,
	// "original" for what the machine saw, "interpreted" and "modified" as NIST names them. A record without it is an error.
	Snapshot string
}

// Snapshots are the values of ExportOptions.Snapshot.
func Snapshots() []string { return []string{"current", "original", "interpreted", "modified"} }

// ExportFile is one file that records were read from.
type ExportFile struct {
	Name    string
	Kind    Kind
	Records int // so far
}

// Export is a machine's cast-vote records, opened for reading.
type Export struct {
	// Roster holds what the records name. It is whole when all records are read.
	Roster *Roster
	Files  []ExportFile
	// Notes say what was passed over, for a person. Lost counts among it what may hold votes: rows that are no records, and
	// ballots that another table of the export lists and no record is given for.
	Notes []string
	Lost  int

	options ExportOptions
	sources sources
	parts   []part

	manifests map[string]*dominionNames // by folder
	ballots   []*entry                  // ES&S's Ballots tables
	joined    map[string]essBallot      // what they say, by Cast Vote Record
	scans     []*entry                  // Hart's scanned-ballot tables
	scanned   map[string]hartScan       // what they say, by CvrGuid

	records int   // so far
	last    []int // by contest: the record that it last stood on
}

// part is one file with its kind, in the order of reading.
type part struct {
	kind  Kind
	entry *entry
	file  int // index into Files
}

const maxNotes = 200

// OpenExport opens machine exports: files, folders with all below them, and zip archives, of one kind or of several.
// Everything that can be known before reading the records is checked here. Errors about content are *ReadError.
func OpenExport(paths []string, o ExportOptions) (*Export, error) {
	if o.Kind != "" && !slices.Contains(Kinds(), o.Kind) {
		return nil, fmt.Errorf("open cast-vote records: no kind %q", o.Kind)
	}
	if o.Snapshot != "" && !slices.Contains(Snapshots(), o.Snapshot) {
		return nil, fmt.Errorf("open cast-vote records: no snapshot %q", o.Snapshot)
	}
	x := &Export{Roster: &Roster{}, options: o}
	for _, p := range paths {
		from := len(x.sources.entries)
		if err := x.sources.add(p); err != nil {
			x.Close()
			return nil, err
		}
		slices.SortStableFunc(x.sources.entries[from:], func(a, b entry) int { return Natural(a.name, b.name) })
	}
	if err := x.sort(); err != nil {
		x.Close()
		return nil, err
	}
	return x, nil
}

// Close closes the archives.
func (x *Export) Close() { x.sources.close() }

// sort finds what each file is.
func (x *Export) sort() error {
	if len(x.sources.entries) == 0 {
		return &ReadError{File: "cast-vote records", Detail: "no file was found", Mend: "name the export's file, folder or archive"}
	}
	other := 0
	for i := range x.sources.entries {
		e := &x.sources.entries[i]
		kind, what, err := x.kindOf(e)
		if err != nil {
			return err
		}
		switch {
		case kind != "":
			x.parts = append(x.parts, part{kind: kind, entry: e, file: len(x.Files)})
			x.Files = append(x.Files, ExportFile{Name: e.name, Kind: kind})
		case what == manifest:
		case what == ballots:
			x.ballots = append(x.ballots, e)
		case what == scannedBallots:
			x.scans = append(x.scans, e)
		case e.given:
			return &ReadError{File: e.name, Detail: "holds no cast-vote records (" + what + ")",
				Mend: "give an export of a kind that docs/FORMATS.md names, or force the kind with --format"}
		default:
			other++
			if other <= 5 {
				x.note("%s: passed over (%s)", e.name, what)
			}
		}
	}
	if other > 5 {
		x.note("%d files in all were passed over", other)
	}
	if len(x.parts) == 0 {
		return &ReadError{File: x.sources.entries[0].folder, Detail: "holds no cast-vote records", Mend: "docs/FORMATS.md names the exports that are read"}
	}
	return nil
}

func (x *Export) note(format string, args ...any) {
	if len(x.Notes) < maxNotes {
		x.Notes = append(x.Notes, fmt.Sprintf(format, args...))
	}
}

// errStop ends the reading where the caller has enough.
var errStop = errors.New("enough")

// Records gives all records, file by file in the order given, and the files of a folder or archive by name (numbers by
// size). An error ends them. It is for one reading.
func (x *Export) Records() iter.Seq2[*MachineRecord, error] {
	return func(yield func(*MachineRecord, error) bool) {
		for i := range x.parts {
			p := &x.parts[i]
			err := x.read(p, func(r *MachineRecord) error {
				r.File = p.entry.name
				if err := x.once(r); err != nil {
					return err
				}
				x.Files[p.file].Records++
				if !yield(r, nil) {
					return errStop
				}
				return nil
			})
			if errors.Is(err, errStop) {
				return
			}
			if err != nil {
				yield(nil, place(p.entry, err))
				return
			}
		}
		x.unmatched()
	}
}

// once checks that no contest stands twice on a record: it would be counted twice.
func (x *Export) once(r *MachineRecord) error {
	for len(x.last) < len(x.Roster.Contests) {
		x.last = append(x.last, 0)
	}
	x.records++
	for i := range r.Contests {
		at := r.Contests[i].Contest
		if x.last[at] == x.records {
			return &ReadError{File: r.File, Line: r.Line, Path: r.Path, Detail: fmt.Sprintf("contest %.80q stands twice on one record", x.Roster.Label(at)), Mend: "export the records again"}
		}
		x.last[at] = x.records
	}
	return nil
}

// unmatched notes the ballots that a table lists beside the records and no record was read for.
func (x *Export) unmatched() {
	var lost []string
	for id, b := range x.joined {
		if !b.used {
			lost = append(lost, id)
		}
	}
	for id, s := range x.scanned {
		if !s.used {
			lost = append(lost, id)
		}
	}
	if len(lost) == 0 {
		return
	}
	slices.SortFunc(lost, Natural)
	x.Lost += len(lost)
	x.note("ballots that are listed and have no record: %d (%.200s)", len(lost), strings.Join(lost[:min(len(lost), 5)], ", "))
}

// read reads one file.
func (x *Export) read(p *part, each func(*MachineRecord) error) error {
	if s := x.options.Snapshot; s != "" && s != "current" && p.kind != NIST && p.kind != DominionJSON {
		return &ReadError{Detail: fmt.Sprintf("keeps one state of each record, not %s", s), Mend: "leave --snapshot out"}
	}
	f, err := p.entry.open()
	if err != nil {
		return unreadable(p.entry, err)
	}
	defer f.Close()
	switch p.kind {
	case NIST:
		return x.readNIST(p.entry, f, each)
	case DominionCSV:
		return x.readDominionCSV(p.entry, f, each)
	case DominionJSON:
		return x.readDominionJSON(p.entry, f, each)
	case ESS:
		return x.readESS(p.entry, f, each)
	case Hart:
		return x.readHart(p.entry, f, each)
	case OpenCount:
		return x.readOpenCount(p.entry, f, each)
	case FlatCSV:
		return x.readFlat(f, each)
	}
	return x.readClearBallot(p.entry, f, each)
}

// place gives an error its file, where it has none yet.
func place(e *entry, err error) error {
	var re *ReadError
	if errors.As(err, &re) {
		if re.File == "" {
			re.File = e.name
		}
		return re
	}
	var f full
	mend := "copy or export the file again"
	if errors.As(err, &f) {
		mend = "check that this is the right kind of export"
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &ReadError{File: e.name, Detail: "ends in the middle", Mend: mend, Err: err}
	}
	return &ReadError{File: e.name, Detail: reason(err), Mend: mend, Err: err}
}

// Natural compares names, runs of digits by their value: CvrExport_2 before CvrExport_10.
func Natural(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x > 0 && y > 0 {
			n, m := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
			if c := cmp.Or(cmp.Compare(len(n), len(m)), cmp.Compare(n, m), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[x:], b[y:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
