package cvr

// The classes of NIST SP 1500-103 version 1.0 that the writer uses, in the order their fields are written. Each starts
// with its constant @type.

type nistReport struct {
	Type                string         `json:"@type"`
	Version             string         `json:"Version"`
	GeneratedDate       string         `json:"GeneratedDate"`
	ReportType          []string       `json:"ReportType,omitempty"`
	Notes               string         `json:"Notes,omitempty"`
	ReportGeneratingIDs []string       `json:"ReportGeneratingDeviceIds"`
	ReportingDevice     []nistDevice   `json:"ReportingDevice"`
	Party               []nistParty    `json:"Party,omitempty"`
	Election            []nistElection `json:"Election"`
}

type nistDevice struct {
	Type           string   `json:"@type"`
	ID             string   `json:"@id"`
	Application    string   `json:"Application,omitempty"`
	MarkMetricType string   `json:"MarkMetricType,omitempty"`
	Notes          []string `json:"Notes,omitempty"`
}

type nistParty struct {
	Type         string `json:"@type"`
	ID           string `json:"@id"`
	Abbreviation string `json:"Abbreviation,omitempty"`
	Name         string `json:"Name,omitempty"`
}

type nistGpUnit struct {
	Type      string `json:"@type"`
	ID        string `json:"@id"`
	UnitType  string `json:"Type"`
	OtherType string `json:"OtherType,omitempty"`
	Name      string `json:"Name,omitempty"`
}

type nistElection struct {
	Type      string          `json:"@type"`
	ID        string          `json:"@id"`
	Name      string          `json:"Name,omitempty"`
	ScopeID   string          `json:"ElectionScopeId"`
	Candidate []nistCandidate `json:"Candidate,omitempty"`
	Contest   []nistContest   `json:"Contest"`
}

type nistCandidate struct {
	Type    string `json:"@type"`
	ID      string `json:"@id"`
	Name    string `json:"Name,omitempty"`
	PartyID string `json:"PartyId,omitempty"`
}

// nistContest is a CandidateContest, a BallotMeasureContest or a PartyContest; the latter two have no VotesAllowed.
type nistContest struct {
	Type          string          `json:"@type"`
	ID            string          `json:"@id"`
	Name          string          `json:"Name,omitempty"`
	VotesAllowed  int             `json:"VotesAllowed,omitempty"`
	VoteVariation string          `json:"VoteVariation,omitempty"`
	Selection     []nistSelection `json:"ContestSelection"`
}

// nistSelection is a CandidateSelection or, with Selection, a BallotMeasureSelection, or, with PartyIDs, a PartySelection.
type nistSelection struct {
	Type         string     `json:"@type"`
	ID           string     `json:"@id"`
	Selection    string     `json:"Selection,omitempty"`
	CandidateIDs []string   `json:"CandidateIds,omitempty"`
	PartyIDs     []string   `json:"PartyIds,omitempty"`
	IsWriteIn    bool       `json:"IsWriteIn,omitempty"`
	Code         []nistCode `json:"Code,omitempty"`
}

type nistCode struct {
	Type      string `json:"@type"`
	CodeType  string `json:"Type"`
	OtherType string `json:"OtherType,omitempty"`
	Value     string `json:"Value"`
}

type nistCVR struct {
	Type              string         `json:"@type"`
	ElectionID        string         `json:"ElectionId"`
	UniqueID          string         `json:"UniqueId"`
	BatchID           string         `json:"BatchId,omitempty"`
	BatchSequenceID   int            `json:"BatchSequenceId,omitempty"`
	BallotSheetID     string         `json:"BallotSheetId"`
	BallotStyleID     string         `json:"BallotStyleId"`
	BallotStyleUnitID string         `json:"BallotStyleUnitId,omitempty"`
	CreatingDeviceID  string         `json:"CreatingDeviceId"`
	BallotImage       []nistImage    `json:"BallotImage,omitempty"`
	CurrentSnapshotID string         `json:"CurrentSnapshotId"`
	Snapshot          []nistSnapshot `json:"CVRSnapshot"`
}

type nistImage struct {
	Type     string    `json:"@type"`
	Location string    `json:"Location"`
	Hash     *nistHash `json:"Hash,omitempty"`
}

type nistHash struct {
	Type     string `json:"@type"`
	HashType string `json:"Type"`
	Value    string `json:"Value"`
}

type nistSnapshot struct {
	Type         string           `json:"@type"`
	ID           string           `json:"@id"`
	SnapshotType string           `json:"Type"`
	Status       []string         `json:"Status,omitempty"`
	OtherStatus  string           `json:"OtherStatus,omitempty"`
	Annotation   []nistAnnotation `json:"Annotation,omitempty"`
	Contest      []nistCVRContest `json:"CVRContest"`
}

// nistAnnotation is a person's word on a snapshot.
type nistAnnotation struct {
	Type            string   `json:"@type"`
	AdjudicatorName []string `json:"AdjudicatorName,omitempty"`
	Message         []string `json:"Message,omitempty"`
	TimeStamp       string   `json:"TimeStamp,omitempty"`
}

// nistCVRContest holds one contest on one sheet. The counts are left out of an original snapshot, which knows no rules.
type nistCVRContest struct {
	Type        string             `json:"@type"`
	ContestID   string             `json:"ContestId"`
	Status      []string           `json:"Status,omitempty"`
	OtherStatus string             `json:"OtherStatus,omitempty"`
	Selections  int                `json:"Selections,omitempty"`
	Overvotes   *int               `json:"Overvotes,omitempty"`
	Undervotes  *int               `json:"Undervotes,omitempty"`
	WriteIns    *int               `json:"WriteIns,omitempty"`
	Selection   []nistCVRSelection `json:"CVRContestSelection"`
}

type nistCVRSelection struct {
	Type             string         `json:"@type"`
	SelectionID      string         `json:"ContestSelectionId"`
	OptionPosition   int            `json:"OptionPosition,omitempty"`
	Rank             int            `json:"Rank,omitempty"`
	Status           []string       `json:"Status,omitempty"`
	OtherStatus      string         `json:"OtherStatus,omitempty"`
	TotalNumberVotes *int           `json:"TotalNumberVotes,omitempty"`
	Position         []nistPosition `json:"SelectionPosition"`
}

type nistPosition struct {
	Type            string   `json:"@type"`
	HasIndication   string   `json:"HasIndication"`
	IsAllocable     string   `json:"IsAllocable,omitempty"`
	IsGenerated     bool     `json:"IsGenerated,omitempty"`
	MarkMetricValue []string `json:"MarkMetricValue,omitempty"`
	Rank            int      `json:"Rank,omitempty"`
	NumberVotes     int      `json:"NumberVotes"`
	Position        int      `json:"Position"`
	Status          []string `json:"Status,omitempty"`
	OtherStatus     string   `json:"OtherStatus,omitempty"`
}
