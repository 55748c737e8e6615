package vote

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"recount/election"
	"recount/marks"
)

// council is a ranked contest of three ranks: Ann, Bob on two party lines, Cid and a write-in. Targets stand row by row.
func council() *election.Election {
	c := election.Contest{ID: "council", VoteFor: 1, Ranks: 3, Choices: []election.Choice{
		{ID: "ann"}, {ID: "bob-a", Party: "A", Candidate: "bob"}, {ID: "bob-b", Party: "B", Candidate: "bob"}, {ID: "cid"}, {ID: "write-in", WriteIn: true},
	}}
	e := &election.Election{Contests: []election.Contest{c}, Styles: []election.Style{{ID: "s", Pages: []election.Page{{Number: 1}, {Number: 2}}}}}
	for _, ch := range c.Choices {
		for rank := 1; rank <= 3; rank++ {
			e.Styles[0].Pages[0].Targets = append(e.Styles[0].Pages[0].Targets, election.Target{Contest: "council", Choice: ch.ID, Rank: rank})
		}
	}
	return e
}

func TestRankedContest(t *testing.T) {
	clear := func(choice, party string) Line { return Line{Choice: choice, Party: party, Clear: 1} }
	asked := func(choice, party string) Line { return Line{Choice: choice, Party: party, Questionable: 1} }
	const decides, over = "a questionable target decides the first choice", "a questionable target decides the first choice, and it may be an overvote"
	for _, row := range []struct {
		name, marks string // a row of letters a choice, ranks from left to right
		want        Contest
		skipped     []int
		overvoted   []int
		repeated    []string
	}{
		{"three ranks in order", "v.. .v. ... ..v ...", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("ann", "")}}, nil, nil, nil},
		{"nothing", "... ... ... ... ...", Contest{Undervotes: 1, Status: Undervote}, nil, nil, nil},
		{"the first rank skipped", "... ... ... .v. ..v", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("cid", "")}}, []int{1}, nil, nil},
		{"two ranks skipped", "..v ... ... ... ...", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("ann", "")}}, []int{1, 2}, nil, nil},
		{"the first rank alone", "v.. ... ... ... ...", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("ann", "")}}, nil, nil, nil},
		{"the first rank overvoted", "v.. ... ... v.v ...", Contest{Overvotes: 1, Status: Overvote}, []int{2}, []int{1}, []string{"cid"}},
		{"a later rank overvoted", "v.. .v. ... .v. ...", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("ann", "")}}, nil, []int{2}, nil},
		{"skipped, then overvoted", ".v. ... ... .v. ..v", Contest{Overvotes: 1, Status: Overvote}, []int{1}, []int{2}, nil},
		{"one choice at every rank", "vvv ... ... ... ...", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("ann", "")}}, nil, nil, []string{"ann", "ann"}},
		{"one person on two lines of a rank", "... v.. v.. .v. ...", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("bob-a", Unknown)}}, nil, nil, nil},
		{"one person on two lines and ranks", "... v.. .v. ... ...", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("bob-a", "A")}}, nil, nil, []string{"bob-b"}},
		{"a write-in first", ".v. ... ... ... v..", Contest{Votes: 1, WriteIns: 1, Status: Voted, Lines: []Line{clear("write-in", "")}}, nil, nil, nil},
		{"a write-in second", "v.. ... ... ... .v.", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("ann", "")}}, nil, nil, nil},
		{"a question first, and a choice after it", "q.. .v. ... ... ...", Contest{Doubt: 1, Status: Doubtful, Reason: decides,
			Lines: []Line{asked("ann", ""), asked("bob-a", "A")}}, nil, nil, nil},
		{"the same choice after its question", "qv. ... ... ... ...", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("ann", "")}}, nil, nil, nil},
		{"the same person's other line after a question", "... q.. .v. ... ...", Contest{Votes: 1, Status: Voted, Reason: "the vote is certain, its party line is not",
			Lines: []Line{asked("bob-a", "A"), asked("bob-b", "B")}}, nil, nil, nil},
		{"a question after the first choice", "v.. .q. ... ... ...", Contest{Votes: 1, Status: Voted, Lines: []Line{clear("ann", "")}}, nil, nil, nil},
		{"a question beside the first choice", "v.. ... ... q.. ...", Contest{Doubt: 1, Status: Doubtful, Reason: over,
			Lines: []Line{asked("ann", ""), asked("cid", "")}}, nil, nil, nil},
		{"a question before an overvote", "q.. .v. ... .v. ...", Contest{Doubt: 1, Status: Doubtful, Reason: over,
			Lines: []Line{asked("ann", ""), asked("bob-a", "A"), asked("cid", "")}}, nil, []int{2}, nil},
		{"an overvote and a question in one rank", "v.. v.. ... q.. ...", Contest{Overvotes: 1, Status: Overvote}, nil, []int{1}, nil},
		{"questions alone", "... ... ... ..q ...", Contest{Doubt: 1, Status: Doubtful, Reason: decides, Lines: []Line{asked("cid", "")}}, []int{1, 2}, nil, nil},
		{"the party line in question", "... v.. q.. ... ...", Contest{Votes: 1, Status: Voted, Reason: "the vote is certain, its party line is not",
			Lines: []Line{asked("bob-a", "A"), asked("bob-a", Unknown)}}, nil, nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := council()
			s := DecideSheet(e, &e.Styles[0], 1, read(t, 1, row.marks), DefaultLimits())
			got := result(t, s, "council")
			assert.Equal(t, row.skipped, got.Skipped())
			var over []int
			var again []string
			for _, r := range got.Ranking {
				if r.Overvoted {
					over = append(over, r.Rank)
				}
				again = append(again, r.Repeated...)
			}
			assert.Equal(t, row.overvoted, over)
			assert.Equal(t, row.repeated, again)
			assert.Len(t, got.Ranking, 3)
			row.want.Contest, row.want.Allowed, row.want.Ranking = "council", 1, got.Ranking
			assert.Equal(t, row.want, got)
		})
	}
}

func TestRankingSaysWhatStandsAtEachRank(t *testing.T) {
	e := council()
	s := DecideSheet(e, &e.Styles[0], 1, read(t, 1, "v.. ..v ... .qv ..."), DefaultLimits())
	assert.Equal(t, []Rank{
		{Rank: 1, Marked: []string{"ann"}}, {Rank: 2, Doubt: []string{"cid"}}, {Rank: 3, Marked: []string{"bob-a", "cid"}, Overvoted: true},
	}, result(t, s, "council").Ranking)
	assert.Equal(t, 2, s.Readings[1].Rank)
}

// A page that was not read leaves its ranks open.
func TestRankedContestOverTwoPages(t *testing.T) {
	e := council()
	p := e.Styles[0].Pages
	p[1].Targets = p[0].Targets[9:]
	p[0].Targets = p[0].Targets[:9]
	got := result(t, DecideSheet(e, &e.Styles[0], 1, read(t, 1, "v.. ... ..."), DefaultLimits()), "council")
	assert.Equal(t, Doubtful, got.Status)
	assert.Equal(t, "page 2 of the contest was not read", got.Reason)
	assert.Equal(t, 1, got.Doubt)
	both := append(read(t, 1, "v.. ... ..."), read(t, 2, ".v. ...")...)
	assert.Equal(t, Voted, result(t, DecideSheet(e, &e.Styles[0], 1, both, DefaultLimits()), "council").Status)
}

// A ranked contest has more marks than votes, and that is no overvote: ink over a mark's outline is no crossing-out there.
func TestRankedMarksAreNoCorrections(t *testing.T) {
	e := council()
	in := read(t, 1, "v.. .v. ... ..v ...")
	for i := range in {
		if in[i].Mark.Fill > 0 {
			in[i].Mark.Around = DefaultLimits().CrossAround
		}
	}
	s := DecideSheet(e, &e.Styles[0], 1, in, DefaultLimits())
	assert.Zero(t, s.Questions())
	assert.Equal(t, "council", s.Readings[0].Contest)

	in = read(t, 1, "v.. .v. ... v.. ...")
	in[0].Mark.Around = DefaultLimits().CrossAround
	s = DecideSheet(e, &e.Styles[0], 1, in, DefaultLimits())
	assert.Equal(t, Questionable, s.Readings[0].Answer, "two in one rank: the one struck over may be a mend")
	assert.Equal(t, Doubtful, result(t, s, "council").Status)
}

// What is written in names' places is asked about where the choice has no rank.
func TestRankedNamesWrittenAndCircled(t *testing.T) {
	for _, row := range []struct {
		name, marks string
		beside      int // target whose place is written on
		asked       bool
	}{
		{"a name written in without a rank", "v.. ... ... ... ...", 12, true},
		{"a name written in and ranked second", "v.. ... ... ... .v.", 12, false},
		{"a name circled in an empty contest", "... ... ... ... ...", 0, true},
		{"a name circled where others are ranked", "... v.. ... ... ...", 0, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := council()
			in := read(t, 1, row.marks)
			in[row.beside].Mark.Beside = 300
			s := DecideSheet(e, &e.Styles[0], 1, in, DefaultLimits())
			assert.Equal(t, row.asked, s.Readings[row.beside].Answer == Questionable, s.Readings[row.beside].Reason)
		})
	}
}

// firstChoice counts a ranked contest by the plain rule, once every target is a vote or none.
func firstChoice(c *election.Contest, marked map[place]bool, style *election.Style) (line Line, over bool) {
	for n := 1; n <= c.Ranks; n++ {
		on := map[string]bool{}
		for i, g := range style.Pages {
			for j, t := range g.Targets {
				if t.Rank == n && marked[place{i + 1, j}] {
					on[t.Choice] = true
				}
			}
		}
		if len(on) == 0 {
			continue
		}
		lines, o := truth(c, on)
		for l := range lines {
			return l, o
		}
		return Line{}, o
	}
	return Line{}, false
}

// The intervals of a ranked contest hold every way in which its questions can fall, and are open only where they differ.
func TestRankedIntervalsHoldEveryTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := election.Contest{ID: "c", VoteFor: 1, Ranks: rapid.IntRange(1, 4).Draw(t, "ranks")}
		style := election.Style{ID: "s", Pages: []election.Page{{Number: 1}, {Number: 2}}}
		for i := range rapid.IntRange(1, 4).Draw(t, "choices") {
			ch := election.Choice{ID: fmt.Sprint("ch", i), Party: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "party"),
				Candidate: rapid.SampledFrom([]string{"", "", "adams"}).Draw(t, "candidate")}
			c.Choices = append(c.Choices, ch)
			p := &style.Pages[rapid.IntRange(0, 1).Draw(t, "page")]
			for n := 1; n <= c.Ranks; n++ {
				p.Targets = append(p.Targets, election.Target{Contest: "c", Choice: ch.ID, Rank: n})
			}
		}
		e := &election.Election{Contests: []election.Contest{c}, Styles: []election.Style{style}}
		var in []Reading
		for i := range style.Pages {
			if rapid.IntRange(0, 9).Draw(t, "left out") == 0 && len(style.Pages[i].Targets) < 5 {
				continue
			}
			for j := range style.Pages[i].Targets {
				fill := rapid.SampledFrom([]marks.Score{0, 0, 0, 0, 700, 6000}).Draw(t, "fill")
				in = append(in, Reading{Page: i + 1, Target: j, Mark: marks.Mark{Fill: fill, Outline: 9000, Dark: 9000, Spread: 9000}})
			}
		}
		s := DecideSheet(e, &e.Styles[0], 1, in, DefaultLimits())
		if len(s.Contests) == 0 {
			return
		}
		r := s.Contests[0]
		assert.Equal(t, 1, r.Votes+r.Overvotes+r.Undervotes+r.Doubt, "sum rule: %+v", r)
		answers := map[place]Answer{}
		for _, a := range s.Readings {
			answers[place{a.Page, a.Target}] = a.Answer
		}
		var open []place
		for i := range style.Pages {
			for j := range style.Pages[i].Targets {
				if a, ok := answers[place{i + 1, j}]; !ok || a == Questionable {
					open = append(open, place{i + 1, j})
				}
			}
		}
		if len(open) > 10 {
			return
		}
		ends := map[string]bool{}
		for world := range 1 << len(open) {
			marked := map[place]bool{}
			for p, a := range answers {
				marked[p] = a == Vote
			}
			for i, p := range open {
				marked[p] = world>>i&1 == 1
			}
			l, over := firstChoice(&c, marked, &style)
			switch {
			case over:
				ends["over"] = true
				assert.Equal(t, 1, r.Overvotes+r.Doubt, "an overvote outside %+v", r)
			case l.Choice == "":
				ends["under"] = true
				assert.Equal(t, 1, r.Undervotes+r.Doubt, "no vote outside %+v", r)
			default:
				first := slices.IndexFunc(c.Choices, func(o election.Choice) bool {
					return o.ID == l.Choice || o.Candidate != "" && o.Candidate == c.Choice(l.Choice).Candidate
				})
				ends[fmt.Sprint(first)] = true
				assert.Equal(t, 1, r.Votes+r.Doubt, "a vote outside %+v", r)
				assert.True(t, slices.ContainsFunc(r.Lines, func(g Line) bool { return g.Choice == l.Choice && g.Party == l.Party }), "%+v outside %+v", l, r)
				for _, g := range r.Lines {
					assert.True(t, g.Clear == 0 || g.Choice == l.Choice && g.Party == l.Party, "%+v is clear and not certain", g)
				}
			}
		}
		assert.Equal(t, r.Doubt == 1, len(ends) > 1, "open only where a question decides: %+v %v", r, ends)
	})
}
