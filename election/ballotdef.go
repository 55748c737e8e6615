package election

// The parts of a NIST SP 1500-20 Ballot Definition (version 1.0.0) that are written and read, named as the standard names
// them. Positions are the top left corner and the size of a box, in the ballot format's unit.

type bdDefinition struct {
	Class               string     `json:"@type"`
	Version             string     `json:"Version"`
	GeneratedDate       string     `json:"GeneratedDate"`
	Issuer              string     `json:"Issuer"`
	IssuerAbbreviation  string     `json:"IssuerAbbreviation"`
	VendorApplicationID string     `json:"VendorApplicationId"`
	SequenceStart       int        `json:"SequenceStart"`
	SequenceEnd         int        `json:"SequenceEnd"`
	Notes               string     `json:"Notes,omitempty"`
	GpUnit              []bdUnit   `json:"GpUnit,omitempty"`
	Party               []bdParty  `json:"Party,omitempty"`
	Shape               []bdShape  `json:"Shape,omitempty"`
	BallotFormat        []bdFormat `json:"BallotFormat,omitempty"`
	Election            []bdElection
}

type bdText struct {
	Class string       `json:"@type"`
	Text  []bdLanguage `json:"Text"`
}

type bdLanguage struct {
	Class    string `json:"@type"`
	Language string `json:"Language"`
	Content  string `json:"Content"`
}

type bdIdentifier struct {
	Class     string `json:"@type"`
	Type      string `json:"Type"`
	OtherType string `json:"OtherType,omitempty"`
	Value     string `json:"Value"`
}

type bdUnit struct {
	Class     string  `json:"@type"`
	ID        string  `json:"@id"`
	Type      string  `json:"Type"`
	OtherType string  `json:"OtherType,omitempty"`
	Name      *bdText `json:"Name,omitempty"`
}

type bdParty struct {
	Class string  `json:"@type"`
	ID    string  `json:"@id"`
	Name  *bdText `json:"Name"`
}

type bdShape struct {
	Class       string  `json:"@type"`
	ID          string  `json:"@id"`
	ShapeType   string  `json:"ShapeType"`
	StrokeWidth float64 `json:"StrokeWidth,omitempty"`
	FillColor   string  `json:"FillColor,omitempty"`
}

type bdFormat struct {
	Class                  string         `json:"@type"`
	ID                     string         `json:"@id"`
	ExternalIdentifier     []bdIdentifier `json:"ExternalIdentifier"`
	MeasurementUnit        string         `json:"MeasurementUnit"`
	Orientation            string         `json:"Orientation"`
	ShortEdge              float64        `json:"ShortEdge"`
	LongEdge               float64        `json:"LongEdge"`
	SelectionCaptureMethod string         `json:"SelectionCaptureMethod"`
	FiducialMark           []bdPlace      `json:"FiducialMark,omitempty"`
}

// bdPlace is a FiducialMark or an OptionPosition.
type bdPlace struct {
	Class       string   `json:"@type"`
	ShapeID     string   `json:"ShapeId,omitempty"`
	IndicatorID string   `json:"IndicatorId,omitempty"`
	NumberVotes *int     `json:"NumberVotes,omitempty"`
	Rank        int      `json:"Rank,omitempty"`
	Sheet       int      `json:"Sheet,omitempty"`
	Side        string   `json:"Side"`
	X           *float64 `json:"X"`
	Y           *float64 `json:"Y"`
	W           *float64 `json:"W"`
	H           *float64 `json:"H"`
}

type bdElection struct {
	Class           string        `json:"@type"`
	Name            *bdText       `json:"Name"`
	Type            string        `json:"Type"`
	OtherType       string        `json:"OtherType,omitempty"`
	StartDate       string        `json:"StartDate"`
	EndDate         string        `json:"EndDate"`
	ElectionScopeID string        `json:"ElectionScopeId"`
	Candidate       []bdCandidate `json:"Candidate,omitempty"`
	Contest         []bdContest   `json:"Contest,omitempty"`
	BallotStyle     []bdStyle     `json:"BallotStyle,omitempty"`
}

type bdCandidate struct {
	Class              string         `json:"@type"`
	ID                 string         `json:"@id"`
	ExternalIdentifier []bdIdentifier `json:"ExternalIdentifier,omitempty"`
	BallotName         *bdText        `json:"BallotName"`
	PartyID            string         `json:"PartyId,omitempty"`
}

type bdContest struct {
	Class              string     `json:"@type"`
	ID                 string     `json:"@id"`
	Name               string     `json:"Name"`
	ElectionDistrictID string     `json:"ElectionDistrictId"`
	VotesAllowed       int        `json:"VotesAllowed,omitempty"`
	VoteVariation      string     `json:"VoteVariation,omitempty"`
	PrimaryPartyIDs    []string   `json:"PrimaryPartyIds,omitempty"`
	ContestOption      []bdOption `json:"ContestOption"`
}

type bdOption struct {
	Class               string         `json:"@type"`
	ID                  string         `json:"@id"`
	ExternalIdentifier  []bdIdentifier `json:"ExternalIdentifier,omitempty"`
	CandidateIDs        []string       `json:"CandidateIds,omitempty"`
	EndorsementPartyIDs []string       `json:"EndorsementPartyIds,omitempty"`
	PartyIDs            []string       `json:"PartyIds,omitempty"`
	IsWriteIn           bool           `json:"IsWriteIn,omitempty"`
	Selection           *bdText        `json:"Selection,omitempty"`
}

type bdStyle struct {
	Class              string         `json:"@type"`
	ExternalIdentifier []bdIdentifier `json:"ExternalIdentifier,omitempty"`
	GpUnitIDs          []string       `json:"GpUnitIds"`
	OrderedContent     []bdOrdered    `json:"OrderedContent,omitempty"`
}

// bdOrdered is an OrderedContest, or an OrderedHeader with more of them in it.
type bdOrdered struct {
	Class                   string       `json:"@type"`
	ContestID               string       `json:"ContestId,omitempty"`
	HeaderID                string       `json:"HeaderId,omitempty"`
	OrderedContestOptionIDs []string     `json:"OrderedContestOptionIds,omitempty"`
	Physical                []bdPhysical `json:"Physical,omitempty"`
	OrderedContent          []bdOrdered  `json:"OrderedContent,omitempty"`
}

type bdPhysical struct {
	Class                 string             `json:"@type"`
	BallotFormatID        string             `json:"BallotFormatId"`
	PhysicalContestOption []bdPhysicalOption `json:"PhysicalContestOption,omitempty"`
}

type bdPhysicalOption struct {
	Class           string    `json:"@type"`
	ContestOptionID string    `json:"ContestOptionId,omitempty"`
	OptionPosition  []bdPlace `json:"OptionPosition"`
}

const (
	bdPrefix   = "BallotDefinition."
	bdShapeBar = "sh.mark"
	// bdKeepName and bdKeepCandidate are the OtherType of identifiers that keep what the standard has no field for: the line
	// as printed, and who the definition says stands on it.
	bdKeepName      = "recount-choice-name"
	bdKeepCandidate = "recount-candidate"
)

// bdShapes are the indicator shapes written, by the definition's shapes. The standard knows no arrow; the gap of one is
// written as a rectangle of that id.
var bdShapes = map[Shape]string{Oval: "sh.oval", Box: "sh.box", Arrow: "sh.arrow"}

func textOne(s string) *bdText {
	return &bdText{Class: bdPrefix + "InternationalizedText", Text: []bdLanguage{{Class: bdPrefix + "LanguageString", Language: "en", Content: s}}}
}

// first is the English text, else the first one given.
func (t *bdText) first() string {
	if t == nil || len(t.Text) == 0 {
		return ""
	}
	for _, l := range t.Text {
		if l.Language == "en" || len(l.Language) > 3 && l.Language[:3] == "en-" {
			return oneLine(l.Content)
		}
	}
	return oneLine(t.Text[0].Content)
}

// kept finds an identifier that keeps something of ours.
func kept(ids []bdIdentifier, other string) string {
	for _, x := range ids {
		if x.OtherType == other {
			return oneLine(x.Value)
		}
	}
	return ""
}
