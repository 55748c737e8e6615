package cvr

import (
	"fmt"
	"slices"
	"strings"

	"recount/election"
	"recount/vote"
)

// sheetCVR makes one record's CVR. unit gives the @id of a precinct.
func sheetCVR(e *election.Election, r *Record, unit func(string) string) (*nistCVR, error) {
	style := e.Style(r.Sheet.Style)
	if style == nil {
		return nil, fmt.Errorf("the election has no style %q", r.Sheet.Style)
	}
	if r.ID == "" {
		return nil, fmt.Errorf("the record has no ID")
	}
	precinct := r.Precinct
	if precinct == "" {
		precinct = style.Precinct
	}
	c := &nistCVR{
		Type: "CVR.CVR", ElectionID: electID, UniqueID: r.ID, BatchID: r.Batch, BatchSequenceID: r.Sequence,
		BallotSheetID: fmt.Sprint(r.Sheet.Number), BallotStyleID: style.ID, BallotStyleUnitID: unit(precinct),
		CreatingDeviceID: deviceID, CurrentSnapshotID: "snapshot." + r.ID + ".interpreted",
	}
	for i := range r.Images {
		im := nistImage{Type: "CVR.ImageData", Location: r.Images[i].URI()}
		if h := r.Images[i].SHA256; h != "" {
			im.Hash = &nistHash{Type: "CVR.Hash", HashType: "sha-256", Value: h}
		}
		c.BallotImage = append(c.BallotImage, im)
	}
	read := &r.Sheet
	if r.AsRead != nil {
		read = r.AsRead
	}
	original, interpreted, err := snapshots(e, r.ID, read)
	if err != nil {
		return nil, err
	}
	c.Snapshot = []nistSnapshot{*original, *interpreted}
	if r.AsRead != nil {
		_, modified, err := snapshots(e, r.ID, &r.Sheet)
		if err != nil {
			return nil, err
		}
		modified.ID, modified.SnapshotType = "snapshot."+r.ID+".modified", "modified"
		for i := range r.Decisions {
			d := &r.Decisions[i]
			modified.Annotation = append(modified.Annotation, nistAnnotation{Type: "CVR.Annotation", AdjudicatorName: []string{d.Who}, Message: []string{d.text()}, TimeStamp: d.When})
		}
		c.Snapshot = append(c.Snapshot, *modified)
		c.CurrentSnapshotID = modified.ID
	}
	return c, nil
}

// snapshots are a sheet before the contests' rules and after them.
func snapshots(e *election.Election, id string, s *vote.Sheet) (original, interpreted *nistSnapshot, err error) {
	groups, stray, err := group(e, s)
	if err != nil {
		return nil, nil, err
	}
	original = &nistSnapshot{Type: "CVR.CVRSnapshot", ID: "snapshot." + id + ".original", SnapshotType: "original", Contest: []nistCVRContest{}}
	interpreted = &nistSnapshot{Type: "CVR.CVRSnapshot", ID: "snapshot." + id + ".interpreted", SnapshotType: "interpreted", Contest: []nistCVRContest{}}
	asks, review := stray, false
	for _, g := range groups {
		o, i := g.original(), g.interpreted()
		original.Contest = append(original.Contest, o)
		interpreted.Contest = append(interpreted.Contest, i)
		asks = asks || g.questions()
		review = review || g.review()
	}
	if asks {
		original.Status = []string{needsAdjudication}
	}
	if asks || review {
		interpreted.Status = []string{needsAdjudication}
	}
	if len(s.Missing) > 0 {
		interpreted.Status = append(interpreted.Status, "other")
		interpreted.OtherStatus = "pages of the sheet that were not read: " + strings.Trim(fmt.Sprint(s.Missing), "[]")
	}
	return original, interpreted, nil
}

// needsAdjudication is the schema's word for a thing that people must look at.
const needsAdjudication = "needs-adjudication"

// adjudicated is the schema's word for a target that a person decided.
const adjudicated = "adjudicated"

// contestGroup is one contest of a sheet with its readings, choice by choice in the contest's own order.
type contestGroup struct {
	contest *election.Contest
	result  *vote.Contest
	options []option
}

// option is one choice of a contest on a sheet.
type option struct {
	choice   *election.Choice
	position int // the choice's place among the contest's choices, from 1
	readings []*vote.Reading
}

// group sorts a sheet's readings by contest, in the order of the sheet's contests, and by choice. A reading that belongs
// to no contest of the sheet was no target of it and counts nowhere; it is stray, and puts the sheet in question.
func group(e *election.Election, s *vote.Sheet) (out []contestGroup, stray bool, err error) {
	out = make([]contestGroup, len(s.Contests))
	at := map[string]int{}
	for i := range s.Contests {
		c := e.Contest(s.Contests[i].Contest)
		if c == nil {
			return nil, false, fmt.Errorf("the election has no contest %q", s.Contests[i].Contest)
		}
		if _, twice := at[c.ID]; twice {
			return nil, false, fmt.Errorf("contest %q is decided twice on one sheet", c.ID)
		}
		at[c.ID] = i
		out[i] = contestGroup{contest: c, result: &s.Contests[i]}
	}
	for i := range s.Readings {
		r := &s.Readings[i]
		n, ok := at[r.Contest]
		if !ok {
			stray = true
			continue
		}
		g := &out[n]
		k := slices.IndexFunc(g.contest.Choices, func(ch election.Choice) bool { return ch.ID == r.Choice })
		if k < 0 {
			return nil, false, fmt.Errorf("contest %q has no choice %q", r.Contest, r.Choice)
		}
		o := slices.IndexFunc(g.options, func(o option) bool { return o.position == k+1 })
		if o < 0 {
			o = len(g.options)
			g.options = append(g.options, option{choice: &g.contest.Choices[k], position: k + 1})
		}
		g.options[o].readings = append(g.options[o].readings, r)
	}
	for i := range out {
		slices.SortFunc(out[i].options, func(a, b option) int { return a.position - b.position })
		for j := range out[i].options {
			slices.SortStableFunc(out[i].options[j].readings, func(a, b *vote.Reading) int { return a.Rank - b.Rank })
		}
	}
	return out, stray, nil
}

// answer is the strongest of the option's readings.
func (o *option) answer() vote.Answer {
	a := vote.None
	for _, r := range o.readings {
		if r.Answer == vote.Vote {
			return vote.Vote
		}
		if r.Answer == vote.Questionable {
			a = vote.Questionable
		}
	}
	return a
}

// questions says whether some target of the contest is questionable.
func (g *contestGroup) questions() bool {
	return slices.ContainsFunc(g.options, func(o option) bool {
		return slices.ContainsFunc(o.readings, func(r *vote.Reading) bool { return r.Answer == vote.Questionable })
	})
}

// review says whether people must look at the contest: it is doubtful, or a write-in is marked.
func (g *contestGroup) review() bool {
	return g.result.Status == vote.Doubtful || slices.ContainsFunc(g.options, func(o option) bool {
		return o.choice.WriteIn && o.answer() == vote.Vote
	})
}

// metrics are a mark's scores, in the order MarkMetric names.
func metrics(r *vote.Reading) []string {
	m := r.Mark
	return []string{m.Fill.String(), m.Outline.String(), m.Around.String(), m.Dark.String(), m.Spread.String(), m.Overprint.String()}
}

// indication is an answer in the schema's words.
func indication(a vote.Answer) string {
	switch a {
	case vote.Vote:
		return "yes"
	case vote.None:
		return "no"
	}
	return "unknown"
}
