package vote

import "recount/marks"

// Answer is what was decided of one target.
type Answer string

// The three answers.
const (
	Vote         Answer = "vote"
	Questionable Answer = "questionable"
	None         Answer = "none"
)

// Reading is one target of a sheet with its mark and the answer it got.
type Reading struct {
	Page    int    // the style's page number
	Target  int    // index into that page's Targets
	Contest string // contest ID
	Choice  string // choice ID
	Rank    int    // that the target gives its choice in a ranked contest, from 1; 0 in others
	Mark    marks.Mark
	Answer  Answer
	Reason  string // why, for a person; empty where nothing needs saying
	// ByHand says that a person decided Answer (Sheet.Rule).
	ByHand bool
}

// Status is what became of a contest on one sheet.
type Status string

// The statuses of a contest on a sheet.
const (
	Voted     Status = "voted"     // as many votes as allowed
	Undervote Status = "undervote" // fewer, or none
	Overvote  Status = "overvote"  // more persons marked than allowed: no vote counts
	Doubtful  Status = "doubtful"  // a questionable target decides
)

// Contest is one contest's result on one sheet. The sum rule: Allowed = Votes + Overvotes + Undervotes + Doubt.
type Contest struct {
	Contest    string // contest ID
	Allowed    int
	Votes      int // votes that stand whatever becomes of the questionable targets
	Overvotes  int // votes lost to an overvote: Allowed, or 0
	Undervotes int
	Doubt      int // votes that hang on questionable targets
	WriteIns   int // of Votes, those for a write-in choice
	// Straight is how many of Votes and Doubt come from the sheet's straight-party vote and not from marks in the contest.
	Straight int
	// ByHand is how many of the targets that decide the contest on the sheet a person decided: its own, and those of the
	// straight-party contest where its vote reaches this one, or did before.
	ByHand int
	Status Status
	Reason string // why the contest is doubtful, for a person; empty where nothing needs saying
	Lines  []Line
	// Ranking is what each rank of a ranked contest holds, from the first rank on; empty where the contest is not ranked.
	Ranking []Rank
}

// Rank is one rank of a ranked contest on one sheet.
type Rank struct {
	Rank   int      // from 1
	Marked []string // choice IDs with a vote at this rank, in the contest's order; none is a skipped rank
	Doubt  []string // choice IDs with a questionable or unread target at this rank, and none that is a vote
	// Overvoted says that more than one person is marked at this rank.
	Overvoted bool
	// Repeated are those of Marked whose person is also marked at an earlier rank.
	Repeated []string
}

// Line is what one tally line gets from one sheet. Choice is a choice ID; for a person marked on several party lines
// Party is Unknown and Choice is the person's first line. Clear and Questionable are 0 or 1; the line's true count lies
// in [Clear, Clear+Questionable].
type Line struct {
	Choice       string
	Party        string
	Clear        int
	Questionable int
	// Straight says that a straight-party vote gives this line its count, and no mark of its own.
	Straight bool
}

// Unknown is the party of a vote for a cross-endorsed person marked on more than one of their lines, as Connecticut's
// returns write it.
const Unknown = "UNK"

// Sheet is one piece of paper, decided.
type Sheet struct {
	Style    string // style ID
	Number   int    // sheet number within the style, from 1
	Readings []Reading
	Contests []Contest
	// Missing are the page numbers of this sheet that have targets and were not read at all. Contests that stand only on
	// them have no result here.
	Missing []int
}

// Questions is how many targets and contests of the sheet a person must look at.
func (s *Sheet) Questions() int {
	n := 0
	for i := range s.Readings {
		if s.Readings[i].Answer == Questionable {
			n++
		}
	}
	for i := range s.Contests {
		if s.Contests[i].Status == Doubtful {
			n++
		}
	}
	return n
}
