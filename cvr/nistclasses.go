package cvr

// The classes of a NIST report as they are read: leniently, by the names of their members alone, so that a missing or
// prefixed @type, a number in quotation marks, or one value where a list is wanted does no harm.
type (
	inReportParts struct {
		contests  map[string]*inContest
		parties   map[string]string // name by @id
		precincts map[string]string
		devices   map[string]string
	}
	inElection struct {
		Candidate many[inNamed]   `json:"Candidate"`
		Contest   many[inContest] `json:"Contest"`
	}
	inNamed struct {
		ID           text `json:"@id"`
		Name         text `json:"Name"`
		Abbreviation text `json:"Abbreviation"`
		Serial       text `json:"SerialNumber"`
		PartyID      text `json:"PartyId"`
	}
	inContest struct {
		Type         text              `json:"@type"`
		ID           text              `json:"@id"`
		Name         text              `json:"Name"`
		VotesAllowed number            `json:"VotesAllowed"`
		Variation    text              `json:"VoteVariation"`
		Selection    many[inSelection] `json:"ContestSelection"`

		at      int            // in the roster
		choices map[string]int // by selection @id
	}
	inSelection struct {
		ID         text       `json:"@id"`
		Selection  text       `json:"Selection"`
		Candidates many[text] `json:"CandidateIds"`
		Parties    many[text] `json:"PartyIds"`
		IsWriteIn  bool       `json:"IsWriteIn"`
		Code       many[struct {
			OtherType text `json:"OtherType"`
			Value     text `json:"Value"`
		}] `json:"Code"`
	}
	inCVR struct {
		UniqueID  text `json:"UniqueId"`
		AuditID   text `json:"BallotAuditId"`
		PrintedID text `json:"BallotPrePrintedId"`
		Sheet     text `json:"BallotSheetId"`
		Style     text `json:"BallotStyleId"`
		StyleUnit text `json:"BallotStyleUnitId"`
		Batch     text `json:"BatchId"`
		Sequence  text `json:"BatchSequenceId"`
		Device    text `json:"CreatingDeviceId"`
		Current   text `json:"CurrentSnapshotId"`
		Images    many[struct {
			Location text `json:"Location"`
			Image    *struct {
				FileName text `json:"FileName"`
			} `json:"Image"`
		}] `json:"BallotImage"`
		Snapshots []inSnapshot `json:"CVRSnapshot"`
	}
	inSnapshot struct {
		ID       text           `json:"@id"`
		Type     text           `json:"Type"`
		Contests []inCVRContest `json:"CVRContest"`
	}
	inCVRContest struct {
		Contest    text          `json:"ContestId"`
		Overvotes  number        `json:"Overvotes"`
		Undervotes number        `json:"Undervotes"`
		Status     many[text]    `json:"Status"`
		Selections []inCVRChoice `json:"CVRContestSelection"`
	}
	inCVRChoice struct {
		Selection text         `json:"ContestSelectionId"`
		Total     number       `json:"TotalNumberVotes"`
		Rank      number       `json:"Rank"`
		Positions []inPosition `json:"SelectionPosition"`
	}
	inPosition struct {
		HasIndication text   `json:"HasIndication"`
		IsAllocable   text   `json:"IsAllocable"`
		NumberVotes   number `json:"NumberVotes"`
		Rank          number `json:"Rank"`
		WriteIn       *struct {
			Text text `json:"Text"`
		} `json:"CVRWriteIn"`
	}
)
