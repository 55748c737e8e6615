package vote

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"recount/election"
	"recount/marks"
)

// county has a straight-party contest, a partisan sheriff with a cross-endorsed D and a write-in, a partisan board for three, and
// a judge that no party names.
func county(rule election.StraightRule) *election.Election {
	e := &election.Election{
		Contests: []election.Contest{
			{ID: "straight", VoteFor: 1, Kind: election.StraightParty, Straight: rule, Choices: []election.Choice{
				{ID: "dem", Party: "DEM"}, {ID: "rep", Party: "REP"}, {ID: "wf", Party: "WF"}}},
			{ID: "sheriff", VoteFor: 1, Partisan: true, Choices: []election.Choice{
				{ID: "d", Party: "DEM", Candidate: "dee"}, {ID: "r", Party: "REP"}, {ID: "d-wf", Party: "WF", Candidate: "dee"}, {ID: "w", WriteIn: true}}},
			{ID: "board", VoteFor: 3, Partisan: true, Choices: []election.Choice{
				{ID: "d1", Party: "DEM"}, {ID: "d2", Party: "DEM"}, {ID: "r1", Party: "REP"}, {ID: "r2", Party: "REP"}, {ID: "r3", Party: "REP"}, {ID: "w1", WriteIn: true}}},
			{ID: "judge", VoteFor: 1, Choices: []election.Choice{{ID: "j1"}, {ID: "j2", Party: "DEM"}}},
		},
		Styles: []election.Style{{ID: "s", Pages: []election.Page{{Number: 1}}}},
	}
	for _, c := range e.Contests {
		for _, ch := range c.Choices {
			e.Styles[0].Pages[0].Targets = append(e.Styles[0].Pages[0].Targets, election.Target{Contest: c.ID, Choice: ch.ID})
		}
	}
	return e
}

func TestStraightParty(t *testing.T) {
	const wins, fill = election.IndividualWins, election.FillUp
	// lines are written choice for a clear vote, choice? for a questionable one, with + before it where the straight party gave it.
	for _, row := range []struct {
		name    string
		rule    election.StraightRule
		marks   string
		contest string
		want    string // votes+overvotes+undervotes+doubt, straight, status, lines
	}{
		{"none marked, sheriff", wins, "... .... ...... ..", "sheriff", "0+0+1+0 0 undervote"},
		{"the party's one candidate", wins, "v.. .... ...... ..", "sheriff", "1+0+0+0 1 voted +d"},
		{"two candidates for three votes", wins, "v.. .... ...... ..", "board", "2+0+1+0 2 undervote +d1 +d2"},
		{"three candidates for three votes", wins, ".v. .... ...... ..", "board", "3+0+0+0 3 voted +r1 +r2 +r3"},
		{"a contest that is not partisan", wins, "v.. .... ...... ..", "judge", "0+0+1+0 0 undervote"},
		{"the straight contest itself", wins, "v.. .... ...... ..", "straight", "1+0+0+0 0 voted dem"},
		{"a cross-endorsed candidate's own line", wins, "..v .... ...... ..", "sheriff", "1+0+0+0 1 voted +d-wf"},
		{"a party without candidates in the contest", wins, "..v .... ...... ..", "board", "0+0+3+0 0 undervote"},
		{"an individual mark for another party", wins, "v.. .v.. ...... ..", "sheriff", "1+0+0+0 0 voted r"},
		{"an individual mark for the same candidate", wins, "v.. v... ...... ..", "sheriff", "1+0+0+0 0 voted d"},
		{"an individual mark for the candidate's other line", wins, "v.. ..v. ...... ..", "sheriff", "1+0+0+0 0 voted d-wf"},
		{"an individual write-in", wins, "v.. ...v ...... ..", "sheriff", "1+0+0+0 0 voted w"},
		{"one individual mark of three", wins, "v.. .... ..v... ..", "board", "1+0+2+0 0 undervote r1"},
		{"an individual overvote stays lost", wins, "v.. vv.. ...... ..", "sheriff", "0+1+0+0 0 overvote"},
		{"the straight contest overvoted", wins, "vv. .... ...... ..", "sheriff", "0+0+1+0 0 undervote"},
		{"the straight contest questionable", wins, "q.. .... ...... ..", "sheriff", "0+0+0+1 1 doubtful +d?"},
		{"the straight contest questionable, three votes", wins, "q.. .... ...... ..", "board", "0+0+1+2 2 doubtful +d1? +d2?"},
		{"the straight contest between two parties", wins, "vq. .... ...... ..", "board", "0+0+0+3 3 doubtful +d1? +d2? +r1? +r2? +r3?"},
		{"a questionable straight vote and an individual mark", wins, "q.. .v.. ...... ..", "sheriff", "1+0+0+0 0 voted r"},
		{"a questionable individual mark", wins, "v.. .q.. ...... ..", "sheriff", "0+0+0+1 0 doubtful r? +d?"},
		{"a questionable individual mark of three", wins, "v.. .... ..q... ..", "board", "0+0+1+2 1 doubtful r1? +d1? +d2?"},
		{"a questionable mark for the party's own", wins, "v.. q... ...... ..", "sheriff", "0+0+0+1 0 doubtful d?"},
		{"two questionable marks for one vote", wins, "v.. .q.q ...... ..", "sheriff", "0+0+0+1 0 doubtful r? w? +d?"},
		{"fill-up, no mark", fill, "v.. .... ...... ..", "board", "2+0+1+0 2 undervote +d1 +d2"},
		{"fill-up, one mark leaves room for both", fill, "v.. .... ..v... ..", "board", "3+0+0+0 2 voted r1 +d1 +d2"},
		{"fill-up, one of the party's own marked", fill, "v.. .... .v.... ..", "board", "2+0+1+0 1 undervote d2 +d1"},
		{"fill-up, no room for both: neither", fill, "v.. .... ..vv.. ..", "board", "2+0+1+0 0 undervote r1 r2"},
		{"fill-up, room for the one left", fill, "v.. .... .vv... ..", "board", "3+0+0+0 1 voted d2 r1 +d1"},
		{"fill-up, vote for one with a mark", fill, "v.. .v.. ...... ..", "sheriff", "1+0+0+0 0 voted r"},
		{"fill-up, overvoted", fill, "v.. .... ..vvvv ..", "board", "0+3+0+0 0 overvote"},
		{"fill-up, a question beside a mark", fill, "v.. .... ..vq.. ..", "board", "1+0+0+2 1 doubtful r1 r2? +d1? +d2?"},
		{"fill-up, a question on the party's own", fill, "v.. .... q..... ..", "board", "0+0+1+2 1 doubtful d1? +d2?"},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := county(row.rule)
			r := result(t, DecideSheet(e, &e.Styles[0], 1, read(t, 1, row.marks), DefaultLimits()), row.contest)
			got := fmt.Sprintf("%d+%d+%d+%d %d %s", r.Votes, r.Overvotes, r.Undervotes, r.Doubt, r.Straight, r.Status)
			for _, l := range r.Lines {
				got += " " + map[bool]string{true: "+"}[l.Straight] + l.Choice + map[int]string{1: "?"}[l.Questionable]
			}
			assert.Equal(t, row.want, got, r.Reason)
			assert.Equal(t, r.Allowed, r.Votes+r.Overvotes+r.Undervotes+r.Doubt)
			assert.Equal(t, r.Status == Doubtful, r.Reason != "")
		})
	}
}

// A straight-party contest on a page that was not read leaves the other page's partisan contests open.
func TestStraightPartyOnAPageNotRead(t *testing.T) {
	e := county("")
	p := e.Styles[0].Pages[0]
	e.Styles[0].Pages = []election.Page{{Number: 1, Targets: p.Targets[:3]}, {Number: 2, Targets: p.Targets[3:]}}
	s := DecideSheet(e, &e.Styles[0], 1, read(t, 2, ".... ..v... .v"), DefaultLimits())
	assert.Equal(t, Doubtful, result(t, s, "sheriff").Status)
	assert.Equal(t, "the straight-party vote is questionable", result(t, s, "sheriff").Reason)
	assert.Len(t, result(t, s, "sheriff").Lines, 3)
	assert.Equal(t, Undervote, result(t, s, "board").Status, "marks of its own are all it gets")
	assert.Equal(t, Voted, result(t, s, "judge").Status)
}

// A contest of one title has other candidates on other styles, as districts have: a straight-party vote goes to those that the
// voter's own ballot prints.
func TestStraightPartyGoesToNobodyNotOnTheBallot(t *testing.T) {
	for _, row := range []struct {
		name    string
		gone    []string // choices that the style does not print
		mark    string   // of the straight-party contest's targets
		contest string
		want    []string
	}{
		{"one of two candidates", []string{"d1"}, "v..", "board", []string{"d2"}},
		{"no candidate of the party", []string{"d1", "d2"}, "v..", "board", nil},
		{"a cross-endorsed candidate on the other party's line alone", []string{"d"}, "v..", "sheriff", nil},
		{"the party of the line that is printed", []string{"d"}, "..v", "sheriff", []string{"d-wf"}},
		{"a questionable vote", []string{"d1"}, "q..", "board", []string{"d2"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := county("")
			p := &e.Styles[0].Pages[0]
			p.Targets = slices.DeleteFunc(p.Targets, func(g election.Target) bool { return slices.Contains(row.gone, g.Choice) })
			blank := strings.Repeat(".", len(p.Targets)-len(row.mark))
			r := result(t, DecideSheet(e, &e.Styles[0], 1, read(t, 1, row.mark+blank), DefaultLimits()), row.contest)
			var got []string
			for _, l := range r.Lines {
				got = append(got, l.Choice)
			}
			assert.Equal(t, row.want, got)
			assert.Equal(t, len(row.want), r.Votes+r.Doubt)
			assert.Equal(t, r.Allowed, r.Votes+r.Overvotes+r.Undervotes+r.Doubt)
		})
	}
}

// straightTruth counts a contest by the plain rule, once every target is a vote or none.
func straightTruth(e *election.Election, c *election.Contest, marked map[string]bool) (lines map[Line]bool, over bool) {
	own, printed := map[string]bool{}, map[string]bool{}
	for _, g := range e.Styles[0].Pages[0].Targets {
		printed[g.Choice] = printed[g.Choice] || g.Contest == c.ID
	}
	for _, ch := range c.Choices {
		own[ch.ID] = marked[c.ID+"/"+ch.ID]
	}
	lines, over = truth(c, own)
	party := ""
	for _, ch := range e.Contests[0].Choices {
		if marked["straight/"+ch.ID] {
			if party != "" {
				return lines, over
			}
			party = ch.Party
		}
	}
	if over || party == "" || !c.Partisan || len(lines) > 0 && e.Contests[0].Straight != election.FillUp {
		return lines, over
	}
	var add []Line
	for _, ch := range c.PartyLines(party, printed) {
		has := false
		for _, o := range c.Choices {
			has = has || own[o.ID] && o.Person() == ch.Person()
		}
		if !has {
			add = append(add, Line{Choice: ch.ID, Party: ch.Party})
		}
	}
	if len(add) <= c.VoteFor-len(lines) {
		for _, l := range add {
			lines[l] = true
		}
	}
	return lines, over
}

// Whatever becomes of the questions, the plain count lies in the intervals.
func TestStraightPartyIntervalsHoldEveryTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := county(rapid.SampledFrom([]election.StraightRule{"", election.FillUp}).Draw(t, "rule"))
		page := &e.Styles[0].Pages[0]
		page.Targets = slices.DeleteFunc(page.Targets, func(election.Target) bool { return rapid.IntRange(0, 14).Draw(t, "not printed") == 0 })
		targets := page.Targets
		var in []Reading
		for i := range targets {
			fill := rapid.SampledFrom([]marks.Score{0, 0, 0, 0, 700, 6000}).Draw(t, "fill")
			in = append(in, Reading{Page: 1, Target: i, Mark: marks.Mark{Fill: fill, Outline: 9000, Dark: 9000, Spread: 9000}})
		}
		s := DecideSheet(e, &e.Styles[0], 1, in, DefaultLimits())
		var open []string
		known := map[string]bool{}
		for _, r := range s.Readings {
			k := r.Contest + "/" + r.Choice
			if known[k] = r.Answer == Vote; r.Answer == Questionable {
				open = append(open, k)
			}
		}
		for world := range 1 << len(open) {
			for i, k := range open {
				known[k] = world>>i&1 == 1
			}
			for i := range s.Contests {
				r := &s.Contests[i]
				c := e.Contest(r.Contest)
				lines, over := straightTruth(e, c, known)
				assert.Equal(t, r.Allowed, r.Votes+r.Overvotes+r.Undervotes+r.Doubt, "sum rule: %+v", r)
				if over {
					assert.GreaterOrEqual(t, r.Overvotes+r.Doubt, r.Allowed, "an overvote outside %+v", r)
					continue
				}
				assert.Zero(t, r.Overvotes)
				assert.GreaterOrEqual(t, len(lines), r.Votes, "fewer votes than %+v", r)
				assert.LessOrEqual(t, len(lines), r.Votes+r.Doubt, "more votes than %+v", r)
				given := map[Line]int{}
				for _, l := range r.Lines {
					given[Line{Choice: l.Choice, Party: l.Party}] = l.Clear + 1
				}
				for l := range lines {
					assert.NotZero(t, given[l], "%+v outside %+v", l, r)
				}
				for l, n := range given {
					assert.True(t, n == 1 || lines[l], "%+v is clear and not certain in %+v", l, r)
				}
			}
		}
	})
}

// A write-in whose target is filled and whose line is empty is a vote, and says so.
func TestWriteInWithoutAName(t *testing.T) {
	for _, row := range []struct {
		name   string
		beside marks.Score
		drawn  bool
		says   bool
	}{
		{"no name", 40, false, true},
		{"a name", 250, false, false},
		{"a blank that was drawn has no place for it", 0, true, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := county("")
			e.Styles[0].Pages[0].Picture.Drawn = row.drawn
			in := read(t, 1, "... ...v ...... v.")
			in[6].Mark.Beside = row.beside
			s := DecideSheet(e, &e.Styles[0], 1, in, DefaultLimits())
			assert.Equal(t, Vote, s.Readings[6].Answer)
			assert.Equal(t, row.says, strings.HasPrefix(s.Readings[6].Reason, "write-in, no name found"), s.Readings[6].Reason)
			assert.Empty(t, s.Readings[13].Reason, "only write-ins have a name to write")
			assert.Equal(t, 1, result(t, s, "sheriff").WriteIns)
			assert.Zero(t, s.Questions())
		})
	}
}
