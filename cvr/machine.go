package cvr

// Kind is a kind of machine export.
type Kind string

// The kinds that are read.
const (
	NIST         Kind = "nist"          // NIST SP 1500-103 JSON, VotingWorks' folders among it
	DominionCSV  Kind = "dominion-csv"  // also what Arlo takes
	DominionJSON Kind = "dominion-json" // CvrExport*.json beside its manifests
	ESS          Kind = "ess"           // CSV or XLSX, with or without the Ballots CSV
	Hart         Kind = "hart"          // one XML a sheet
	ClearBallot  Kind = "clearballot"   // CSV
)

// Kinds lists them all.
func Kinds() []Kind {
	return []Kind{NIST, DominionCSV, DominionJSON, ESS, Hart, ClearBallot, OpenCount, FlatCSV}
}

// MachineRecord is one sheet (or, where the export has one record a ballot, one ballot) as a machine's export gives it. A
// field the export does not have is empty.
type MachineRecord struct {
	ID        string // the export's own: CvrNumber, UniqueId, GUID, BallotID
	Imprinted string // what is printed on the paper
	// Tabulator, Batch and Record are the sheet's address: which machine, which pile, which place in it.
	Tabulator, Batch, Record string
	Sheet                    string // which of the ballot's sheets or cards
	Image                    string // the picture's file name without folder and ending, where the export names it
	Precinct, Style          string
	CountGroup               string // election day, absentee and so on
	Contests                 []MachineContest

	File string
	Line int // of the file, or 0
	Path string

	serial bool // ID is no more than the record's number in its file
}

// Key names the sheet: by its ID, where that is more than a running number, else by its address. Empty where the export
// gives neither. Two records of one key are one sheet read twice.
func (r *MachineRecord) Key() string {
	switch {
	case r.ID != "" && !r.serial:
		return r.ID + "\x00" + r.Sheet
	case r.Tabulator != "" && r.Batch != "" && r.Record != "":
		return r.Tabulator + "\x00" + r.Batch + "\x00" + r.Record + "\x00" + r.Sheet
	}
	return ""
}

// Unstated stands for a number that the export does not give.
const Unstated = -1

// MachineContest is one contest on a record.
type MachineContest struct {
	Contest int // index into Roster.Contests
	Marks   []MachineMark
	// Overvotes and Undervotes are the votes lost and not used, as the export states them, or Unstated.
	Overvotes, Undervotes int
	Overvoted             bool // the export says so in words
	// Invalid says that the machine counted nothing of the contest, for a reason other than an overvote.
	Invalid bool
}

// MachineMark is one choice that the machine saw marked, or was in doubt about.
type MachineMark struct {
	Choice  int // index into the contest's Choices
	Rank    int // from 1; 0 where the contest is not ranked
	Votes   int // that the machine gave it; 0 for a mark that it did not count
	Doubt   bool
	WriteIn string // the name written, where the export has it
}
