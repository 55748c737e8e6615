package audit

import (
	"fmt"
	"iter"
	"slices"

	"recount/cvr"
	"recount/election"
	"recount/vote"
)

// SheetOptions say how our sheets are set beside a machine's records.
type SheetOptions struct {
	Names  *Mapping          // names that a person confirmed; may be nil
	Sheets map[string]string // which record a sheet is, where no name tells: image name to record (ReadSheetMapping)
	By     []Part            // totals apart by these, as well as for all ballots together
	Limit  Limit             // a discrepancy above it is named
	Limits vote.Limits       // the run's, for what lies near one; the zero value calls nothing near
}

// MarkSeen is a target that a difference is about, as we read it. X, Y, W and H are pixels of the scan as given.
type MarkSeen struct {
	Image  string      `json:"image"`
	Choice string      `json:"choice"`
	Answer vote.Answer `json:"mark"`
	Fill   string      `json:"fill"`
	Reason string      `json:"reason,omitempty"`
	X      int         `json:"x"`
	Y      int         `json:"y"`
	W      int         `json:"w"`
	H      int         `json:"h"`
}

// SheetDifference is one contest of one sheet that the machine's record gives otherwise, or that is left open here.
type SheetDifference struct {
	Sheet   string         `json:"sheet"`
	Record  string         `json:"record"`
	Contest string         `json:"contest"`
	Kind    DifferenceKind `json:"kind"`
	Ours    string         `json:"ours"`
	Machine string         `json:"machine"`
	Class   Class          `json:"class"`
	Detail  string         `json:"detail,omitempty"`
	Marks   []MarkSeen     `json:"marks,omitempty"`
	CVRPart
}

// Unpaired is a sheet without a record, or a record without a sheet.
type Unpaired struct {
	Name   string `json:"name"`
	Images int    `json:"images,omitempty"`
	Why    string `json:"why"`
	CVRPart
}

// SheetComparison is a machine's records beside our sheets.
type SheetComparison struct {
	Sheets   int `json:"sheets"`  // ours
	Records  int `json:"records"` // the machine's
	Matched  int `json:"matched"` // sheets with a record
	Contests int `json:"contests"`
	Agree    int `json:"agree"` // of Contests
	// Kinds counts the rest of Contests, kind by kind.
	Kinds          map[DifferenceKind]int `json:"kinds"`
	Differences    []SheetDifference      `json:"differences"`
	MissingRecords []Unpaired             `json:"missing_records"` // our sheets
	MissingImages  []Unpaired             `json:"missing_images"`  // the machine's records
	Twice          []Unpaired             `json:"records_twice"`   // records of a sheet that stood before
	Balance        []BatchBalance         `json:"balance"`         // where the records name batches or tabulators
	Margins        []ContestMargin        `json:"margins"`
	Totals         []PartLine             `json:"totals"`
	Limit          Limit                  `json:"limit"`
	Proposals      []Pairing              `json:"proposals"` // names that a person must confirm; not used
	Unmatched      []Unmatched            `json:"unmatched"`
	Notes          []string               `json:"notes"`
	// Cut is how many differences, missing records and so on were found beyond those listed.
	Cut int `json:"not_listed"`
}

// maxDifferences is how many of each list are kept.
const maxDifferences = 20_000

// Look says whether people must look: something differs, is missing or is left open.
func (s *SheetComparison) Look() bool {
	return len(s.Differences)+len(s.MissingImages)+len(s.MissingRecords)+len(s.Twice)+len(s.Proposals)+len(s.Unmatched) > 0
}

// CompareSheets sets our sheets beside a machine's records, contest by contest. ours gives our records, one at a time; the
// export is read to its end. Memory grows with the machine's records, some 1 KB each, and not with ours.
func CompareSheets(e *election.Election, ours iter.Seq2[*cvr.Record, error], x *cvr.Export, o SheetOptions) (*SheetComparison, error) {
	if err := o.Names.check(e); err != nil {
		return nil, err
	}
	t, err := readTheirs(x)
	if err != nil {
		return nil, err
	}
	out := &SheetComparison{Records: len(t.sheets), Kinds: map[DifferenceKind]int{}, Differences: []SheetDifference{}, MissingRecords: []Unpaired{},
		MissingImages: []Unpaired{}, Twice: []Unpaired{}, Limit: o.Limit, Notes: append([]string{}, x.Notes...)}
	s := &sheetComparer{e: e, o: o, out: out, theirs: t, names: MatchNames(e, x.Roster, o.Names), at: map[string]int{}, sums: map[CVRPart]*partSum{}}
	for i := range e.Contests {
		s.at[e.Contests[i].ID] = i
	}
	out.Proposals, out.Unmatched = s.names.Proposals, s.names.Unmatched
	for i := range x.Roster.Contests {
		k := s.names.contests[i]
		switch theirs := x.Roster.Contests[i].Ranks; {
		case k < 0:
		case theirs > 1 && e.Contests[k].Ranks == 0:
			out.Notes = append(out.Notes, x.Roster.Label(i)+": ranked in the machine's records and not on the ballots, so it is not compared")
			s.names.contests[i] = -1
		case theirs < 2 && e.Contests[k].Ranks > 0:
			out.Notes = append(out.Notes, x.Roster.Label(i)+": the machine's records have no ranks; their votes are compared with the first choices")
		}
	}
	s.addTheirs()
	s.margins = newMargins(e, s.sums[CVRPart{}])
	for r, err := range ours {
		if err != nil {
			return nil, err
		}
		if err := s.sheet(r); err != nil {
			return nil, err
		}
	}
	s.finish()
	return out, nil
}

type sheetComparer struct {
	e       *election.Election
	o       SheetOptions
	out     *SheetComparison
	theirs  *theirs
	names   *Names
	at      map[string]int // contest ID to index
	sums    map[CVRPart]*partSum
	margins []*margin
}

// add appends within the bound.
func add[T any](s *sheetComparer, list *[]T, v T) {
	if len(*list) >= maxDifferences {
		s.out.Cut++
		return
	}
	*list = append(*list, v)
}

// record finds the machine's record of a sheet. why says why there is none.
func (s *sheetComparer) record(r *cvr.Record) (at int, why string) {
	found := s.theirs.index.find(ourKeys(r))
	for _, im := range r.Images {
		if name, ok := s.o.Sheets[im.Name]; ok {
			if found = s.theirs.index.find([]string{joined(name)}); len(found) == 0 {
				return -1, fmt.Sprintf("the mapping names record %q, which the machine does not have", name)
			}
			break
		}
	}
	if len(found) > 1 {
		number := fmt.Sprint(r.Sheet.Number)
		some := slices.DeleteFunc(slices.Clone(found), func(at int32) bool { return s.theirs.sheets[at].sheet != number })
		if len(some) == 1 {
			found = some
		}
	}
	switch len(found) {
	case 0:
		return -1, "no record has its image's name or its number"
	case 1:
		return int(found[0]), ""
	}
	return -1, fmt.Sprintf("its names fit %d records (%s, %s)", len(found), s.theirs.sheets[found[0]].place, s.theirs.sheets[found[1]].place)
}

// sheet compares one of ours.
func (s *sheetComparer) sheet(r *cvr.Record) error {
	s.out.Sheets++
	name := r.ID
	if len(r.Images) > 0 {
		name = r.Images[0].Name
	}
	at, why := s.record(r)
	if at < 0 {
		s.addOurs(CVRPart{Precinct: r.Precinct}, r)
		add(s, &s.out.MissingRecords, Unpaired{Name: name, Images: len(r.Images), Why: why, CVRPart: CVRPart{Precinct: r.Precinct}})
		return nil
	}
	rec := &s.theirs.sheets[at]
	s.addOurs(rec.part, r)
	theirs := map[int]packed{} // by our contest
	rec.each(func(p packed) {
		if k := s.names.contests[p.contest]; k >= 0 {
			theirs[k] = p
		}
	})
	for i := range r.Sheet.Contests {
		k, ok := s.at[r.Sheet.Contests[i].Contest]
		if p, has := theirs[k]; ok && has && slices.Contains(rec.covered, int32(p.contest)) {
			add(s, &s.out.MissingRecords, Unpaired{Name: name, Images: len(r.Images), Why: "another sheet is this record already (" + rec.place + "): scanned twice?", CVRPart: rec.part})
			return nil
		}
	}
	rec.matched++
	s.out.Matched++
	for i := range r.Sheet.Contests {
		v := &r.Sheet.Contests[i]
		k, ok := s.at[v.Contest]
		if !ok {
			return fmt.Errorf("compare sheet %s: the election has no contest %q", name, v.Contest)
		}
		s.contest(r, name, rec, k, v, theirs)
	}
	return nil
}

func (s *sheetComparer) contest(r *cvr.Record, name string, rec *theirSheet, k int, v *vote.Contest, theirs map[int]packed) {
	c := &s.e.Contests[k]
	if !s.named(k) {
		return // the machine's records do not name the contest at all, which is said once
	}
	s.out.Contests++
	d := SheetDifference{Sheet: name, Record: rec.place, Contest: Label(s.e, c), Ours: SayContest(c, v), CVRPart: rec.part}
	p, has := theirs[k]
	if !has {
		d.Kind, d.Machine, d.Detail = MissingContest, "not on the record", "the contest stands on the sheet, and the record does not have it"
		d.Class = s.margins[k].add(c, v, nil)
		s.differ(r, &d, c, nil, nil)
		return
	}
	rec.covered = append(rec.covered, int32(p.contest))
	t := s.names.reading(p, v.Allowed)
	var kind DifferenceKind
	var who []place
	if t.ranks != nil {
		kind, who = compareRanked(c, v, &t)
	} else {
		kind, who = compareContest(c, v, &t)
	}
	d.Class = s.margins[k].add(c, v, &t)
	if kind == "" {
		s.out.Agree++
		return
	}
	d.Kind, d.Machine = kind, sayTheirs(c, &t)
	s.differ(r, &d, c, who, &t)
}

// named says whether the machine's records name our contest.
func (s *sheetComparer) named(k int) bool { return slices.Contains(s.names.contests, k) }

// differ notes a difference with the marks that it is about.
func (s *sheetComparer) differ(r *cvr.Record, d *SheetDifference, c *election.Contest, who []place, t *theirReading) {
	near := len(who) > 0 && s.o.Limits.VoteFill > 0
	for i := range r.Sheet.Readings {
		k := &r.Sheet.Readings[i]
		if k.Contest != c.ID {
			continue
		}
		at := indexOf(c, k.Choice)
		person := firstOf(c, at)
		if c.Choices[at].WriteIn {
			person = len(c.Choices)
		}
		where := place{0, person}
		if t != nil && t.ranks != nil {
			where.rank = k.Rank
		}
		about := slices.Contains(who, where)
		if about && (k.Mark.Fill < s.o.Limits.NoneFill/2 && k.Answer == vote.None && t.has(where) || k.Answer == vote.Vote && k.Mark.Fill >= 2*s.o.Limits.VoteFill) {
			near = false
		}
		if !about && k.Answer == vote.None {
			continue
		}
		d.Marks = append(d.Marks, Seen(r, c, k))
	}
	if near && d.Kind == Real {
		d.Kind, d.Detail = Marginal, "every mark in question lies near a limit"
	}
	s.out.Kinds[d.Kind]++
	add(s, &s.out.Differences, *d)
}

// Seen is one reading of a record for a person: where it is and what was decided of it.
func Seen(r *cvr.Record, c *election.Contest, k *vote.Reading) MarkSeen {
	ch := &c.Choices[indexOf(c, k.Choice)]
	return MarkSeen{Image: imageOf(r, k.Page), Choice: lineName(ch.Name, ch.Party), Answer: k.Answer, Fill: k.Mark.Fill.String(), Reason: k.Reason,
		X: k.Mark.X, Y: k.Mark.Y, W: k.Mark.W, H: k.Mark.H}
}

// has says whether the machine has a vote there.
func (t *theirReading) has(at place) bool {
	if at.rank > 0 {
		return at.rank <= len(t.ranks) && slices.Contains(t.ranks[at.rank-1], at.person)
	}
	return t.votes[at.person] > 0
}

// imageOf is the name of the image that shows a style's page.
func imageOf(r *cvr.Record, page int) string {
	side := (&election.Page{Number: page}).Side()
	for i := range r.Images {
		if r.Images[i].Side == side {
			return r.Images[i].Name
		}
	}
	return ""
}

// finish lists what is missing and closes the sums.
func (s *sheetComparer) finish() {
	for i := range s.theirs.sheets {
		t := &s.theirs.sheets[i]
		switch {
		case t.twice:
			add(s, &s.out.Twice, Unpaired{Name: t.place, Why: "a record of the same sheet stands before it", CVRPart: t.part})
		case t.matched == 0:
			add(s, &s.out.MissingImages, Unpaired{Name: t.place, Why: "no sheet of the run is this record", CVRPart: t.part})
		default:
			s.uncovered(t)
		}
	}
	s.out.Balance = s.theirs.countBatches()
	s.out.Margins = s.closeMargins()
	s.out.Totals = s.closeTotals()
	if s.out.Cut > 0 {
		s.out.Notes = append(s.out.Notes, fmt.Sprintf("lists are cut at %d lines: %d more were found and are in the counts", maxDifferences, s.out.Cut))
	}
}

// uncovered lists contests with votes that the record has and no sheet of it.
func (s *sheetComparer) uncovered(t *theirSheet) {
	t.each(func(p packed) {
		k := s.names.contests[p.contest]
		if k < 0 || slices.Contains(t.covered, int32(p.contest)) {
			return
		}
		c := &s.e.Contests[k]
		r := s.names.reading(p, c.VoteFor)
		if r.total() == 0 && !r.overvoted {
			return
		}
		s.out.Contests++
		s.out.Kinds[MissingContest]++
		add(s, &s.out.Differences, SheetDifference{Record: t.place, Contest: Label(s.e, c), Kind: MissingContest, Ours: "not on the sheet", Machine: sayTheirs(c, &r), Class: "-",
			Detail: "the record has votes in a contest that none of its sheets here shows: another style, or a page that was not read", CVRPart: t.part})
	})
}
