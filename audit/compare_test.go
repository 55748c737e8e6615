package audit_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/fixtures"
	"recount/marks"
	"recount/vote"
)

// machineOfTown is a return that agrees with counted, by precinct.
const machineOfTown = `precinct,contest,party,candidate,votes
District 1,Mayor,DEM,A. Adams,1
District 1,Mayor,WF,A. Adams,1
District 1,Mayor,UNK,A. Adams,1
District 1,Mayor,REP,B. Nandu Brown,0
District 1,Mayor,,Write-ins,0
District 1,Mayor,,Over Votes,1
District 1,Mayor,,Under Votes,0
District 1,BOARD OF SELECTMEN,DEM,C. Clark,2
District 1,BOARD OF SELECTMEN,REP,D. Dunn,1
District 1,BOARD OF SELECTMEN,REP,E. Evans,0
District 1,BOARD OF SELECTMEN,,Write-ins,2
District 1,BOARD OF SELECTMEN,,Over Votes,2
District 1,BOARD OF SELECTMEN,,Under Votes,1
District 1,Question 1,,YES,2
District 1,Question 1,,NO,1
District 1,Ballots Cast,,,4
District 2,Mayor,DEM,A. Adams,1
District 2,Mayor,WF,A. Adams,0
District 2,Mayor,UNK,A. Adams,0
District 2,Mayor,REP,B. Nandu Brown,2
District 2,Mayor,,Write-ins,0
District 2,Mayor,,Over Votes,0
District 2,Mayor,,Under Votes,1
District 2,BOARD OF SELECTMEN,DEM,C. Clark,0
District 2,BOARD OF SELECTMEN,REP,D. Dunn,2
District 2,BOARD OF SELECTMEN,REP,E. Evans,2
District 2,BOARD OF SELECTMEN,,Write-ins,0
District 2,BOARD OF SELECTMEN,,Over Votes,0
District 2,BOARD OF SELECTMEN,,Under Votes,4
District 2,Question 1,,YES,1
District 2,Question 1,,NO,0
District 2,Ballots Cast,,,4
`

// namesOfTown confirms the names that machineOfTown writes otherwise.
const namesOfTown = `their_contest,their_choice,their_party,our_contest,our_choice,our_party,how,confirmed
BOARD OF SELECTMEN,,,Board of Selectmen,,,normalised,yes
Mayor,B. Nandu Brown,REP,Mayor,B. Ñandú-Brown,REP,normalised,yes
Question 1,YES,,Question 1,Yes,,normalised,yes
Question 1,NO,,Question 1,No,,normalised,yes
`

func confirmed(t *testing.T, text string) *audit.Mapping {
	t.Helper()
	m, err := audit.ReadMapping("names.csv", strings.NewReader(text))
	require.NoError(t, err)
	return m
}

func compare(t *testing.T, machine string, o audit.Options) *audit.Comparison {
	t.Helper()
	e := town()
	if o.Names == nil {
		o.Names = confirmed(t, namesOfTown)
	}
	c, err := audit.Compare(e, counted(t, e).Totals(), readMachine(t, machine), o)
	require.NoError(t, err)
	return c
}

func TestCompareAgrees(t *testing.T) {
	c := compare(t, machineOfTown, audit.Options{})
	assert.Zero(t, c.Disagreements(), c.Summary())
	assert.Equal(t, fmt.Sprintf("All %d lines agree.", len(c.Lines)), c.Summary())
}

// A person has one vote on a ballot, however many of their lines may be marked: a machine that counts two is told, also where it has
// no row for votes of unknown party and the lines are compared as their sum.
func TestComparePersonsHaveOneVote(t *testing.T) {
	for _, row := range []struct {
		name    string
		marked  []string
		dem, wf int
		agrees  bool
	}{
		{"one line marked, the other questionable: counted once", []string{"a-dem", "?a-wf"}, 1, 0, true},
		{"counted on the other line", []string{"a-dem", "?a-wf"}, 0, 1, true},
		{"counted twice", []string{"a-dem", "?a-wf"}, 1, 1, false},
		{"not counted, though it is certain", []string{"a-dem", "?a-wf"}, 0, 0, false},
		{"both questionable: not counted", []string{"?a-dem", "?a-wf"}, 0, 0, true},
		{"both questionable: counted once", []string{"?a-dem", "?a-wf"}, 0, 1, true},
		{"both questionable: counted twice", []string{"?a-dem", "?a-wf"}, 1, 1, false},
		{"both marked: counted once", []string{"a-dem", "a-wf"}, 1, 0, true},
		{"both marked: counted twice", []string{"a-dem", "a-wf"}, 1, 1, false},
		{"perhaps an overvote: not counted", []string{"a-dem", "?a-wf", "?b-rep"}, 0, 0, true},
		{"perhaps an overvote: counted once", []string{"a-dem", "?a-wf", "?b-rep"}, 1, 0, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := town()
			tally := audit.NewTally(e)
			require.NoError(t, tally.Add("", "", sheet(e, row.marked...)))
			var b bytes.Buffer
			require.NoError(t, tally.WriteCSV(&b))
			ours, err := audit.ReadTotals("totals.csv", &b)
			require.NoError(t, err)
			m := readMachine(t, fmt.Sprintf("contest,party,candidate,votes\nMayor,DEM,A. Adams,%d\nMayor,WF,A. Adams,%d\n", row.dem, row.wf))
			c, err := audit.Compare(e, ours, m, audit.Options{})
			require.NoError(t, err)
			require.NotEmpty(t, c.Lines)
			assert.Equal(t, "A. Adams", c.Lines[0].Choice)
			assert.Equal(t, row.agrees, c.Lines[0].Agrees, "%+v", c.Lines[0])
		})
	}
}

func TestCompareFindsEveryAlteredNumber(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(machineOfTown), "\n")
	for i := 1; i < len(rows); i++ {
		at := strings.LastIndex(rows[i], ",")
		altered := append([]string(nil), rows...)
		altered[i] = rows[i][:at] + ",40"
		c := compare(t, strings.Join(altered, "\n"), audit.Options{})
		assert.Equal(t, 2, c.Disagreements(), "the whole and the precinct: %s", rows[i])
	}
}

func TestCompareGolden(t *testing.T) {
	text := strings.NewReplacer(
		"District 1,Mayor,DEM,A. Adams,1", "District 1,Mayor,DEM,A. Adams,3",
		"District 2,BOARD OF SELECTMEN,DEM,C. Clark,0", "District 2,BOARD OF SELECTMEN,DEM,C. Clerk,0",
	).Replace(machineOfTown) + "District 2,Sheriff,,X. Xu,1\nDistrict 2,Registered Voters,,,900\n"
	c := compare(t, text, audit.Options{})
	for name, write := range map[string]func(*bytes.Buffer) error{
		"comparison.txt":  func(b *bytes.Buffer) error { return c.WriteTable(b) },
		"comparison.csv":  func(b *bytes.Buffer) error { return c.WriteCSV(b) },
		"comparison.json": func(b *bytes.Buffer) error { return c.WriteJSON(b) },
	} {
		var b bytes.Buffer
		require.NoError(t, write(&b))
		golden(t, name, b.Bytes())
	}
}

// findLine gives the only line of a contest and choice over all ballots.
func findLine(t *testing.T, c *audit.Comparison, choice, party string) audit.Line {
	t.Helper()
	var found []audit.Line
	for _, l := range c.Lines {
		if l.Precinct == "" && l.Choice == choice && l.Party == party {
			found = append(found, l)
		}
	}
	require.Len(t, found, 1, "%s (%s)", choice, party)
	return found[0]
}

func TestCompareNames(t *testing.T) {
	for name, tc := range map[string]struct {
		rows, choice, party string
		want                audit.Line
	}{
		"a person without a party is the sum of the lines": {",A. Adams,5", "A. Adams", "DEM+WF",
			audit.Line{Machine: 5, Clear: 4, Questionable: 1, Total: 5, Agrees: true}},
		"a line named with its party": {",A. Adams (WF),2\nMayor,DEM,A. Adams,1\nMayor,UNK,A. Adams,1", "A. Adams (WF)", "WF",
			audit.Line{Machine: 2, Clear: 1, Questionable: 1, Total: 2, Agrees: true}},
		"a party's full name": {"Working Families,A. Adams,2\nMayor,Democratic,A. Adams,1\nMayor,unknown,A. Adams,1", "A. Adams (WF)", "WF",
			audit.Line{Machine: 2, Clear: 1, Questionable: 1, Total: 2, Agrees: true}},
		"no UNK row: the lines are compared as their sum": {"DEM,A. Adams,4\nMayor,WF,A. Adams,3", "A. Adams", "DEM+WF",
			audit.Line{Machine: 7, Clear: 4, Questionable: 1, Total: 5, Difference: 2}},
		"a person's total beside its lines is not added": {",adams,3\nMayor,DEM,A. Adams,1\nMayor,WF,A. Adams,1\nMayor,UNK,A. Adams,1", "A. Adams", "UNK",
			audit.Line{Machine: 1, Clear: 1, Questionable: 1, Total: 2, Difference: -1, Agrees: true}},
		"spaces, and accents coded otherwise": {"REP,B.\u00a0 N\u0303andu\u0301-Brown,2", "B. Ñandú-Brown", "REP",
			audit.Line{Machine: 2, Clear: 1, Questionable: 1, Total: 2, Agrees: true}},
	} {
		t.Run(name, func(t *testing.T) {
			c := compare(t, "contest,party,candidate,votes\nMayor,"+tc.rows+"\n", audit.Options{})
			tc.want.Contest, tc.want.Choice, tc.want.Party = "Mayor", tc.choice, tc.party
			assert.Equal(t, tc.want, findLine(t, c, tc.choice, tc.party))
		})
	}
}

func TestCompareNeverMatchesByLikeness(t *testing.T) {
	for name, tc := range map[string]struct {
		row     string
		similar []string
	}{
		"a letter missing":     {"Mayor,DEM,A. Adam,3", []string{"A. Adams (DEM)", "A. Adams (WF)"}},
		"another party":        {"Mayor,GRN,A. Adams,3", []string{"A. Adams (DEM)", "A. Adams (WF)"}},
		"unknown, of one line": {"Mayor,UNK,B. Ñandú-Brown,3", []string{"B. Ñandú-Brown (REP)"}},
		"a contest alike":      {"Mayer,DEM,A. Adams,3", []string{"Mayor"}},
		"nothing alike":        {"Mayor,DEM,Q. Zyx,3", nil},
	} {
		t.Run(name, func(t *testing.T) {
			c := compare(t, "contest,party,candidate,votes\n"+tc.row+"\n", audit.Options{})
			var theirs []audit.Unmatched
			for _, u := range c.Unmatched {
				if u.Side == "machine" {
					theirs = append(theirs, u)
				}
			}
			require.Len(t, theirs, 1)
			assert.Equal(t, 3, theirs[0].Votes)
			assert.Equal(t, 2, theirs[0].Line)
			assert.Equal(t, tc.similar, theirs[0].Similar)
			assert.NotZero(t, c.Disagreements())
		})
	}
}

// A name in other letters is a proposal until a person confirms it, and then counts.
func TestTotalsNamesAreNeverMatchedSilently(t *testing.T) {
	none := confirmed(t, strings.SplitAfter(namesOfTown, "\n")[0])
	c := compare(t, machineOfTown, audit.Options{Names: none})
	assert.Equal(t, []audit.Pairing{
		{TheirContest: "BOARD OF SELECTMEN", Contest: "Board of Selectmen", How: audit.Normalised},
		{TheirContest: "Mayor", TheirChoice: "B. Nandu Brown", TheirParty: "REP", Contest: "Mayor", Choice: "B. Ñandú-Brown", Party: "REP", How: audit.Normalised},
		{TheirContest: "Question 1", TheirChoice: "YES", Contest: "Question 1", Choice: "Yes", How: audit.Normalised},
		{TheirContest: "Question 1", TheirChoice: "NO", Contest: "Question 1", Choice: "No", How: audit.Normalised},
	}, c.Proposals)
	for _, l := range c.Lines {
		assert.NotEqual(t, "Board of Selectmen", l.Contest, "nothing is compared under a name that nobody confirmed")
	}
	assert.NotZero(t, c.Disagreements())
	var b bytes.Buffer
	require.NoError(t, audit.WriteProposals(&b, none, c.Proposals))
	yes := confirmed(t, strings.ReplaceAll(b.String(), ",normalised,", ",normalised,yes"))
	c = compare(t, machineOfTown, audit.Options{Names: yes})
	assert.Zero(t, c.Disagreements(), c.Summary())
	assert.Empty(t, c.Proposals)
	no := confirmed(t, strings.ReplaceAll(b.String(), ",normalised,", ",normalised,no"))
	c = compare(t, machineOfTown, audit.Options{Names: no})
	assert.Empty(t, c.Proposals, "what a person said no to is not asked again")
	assert.NotZero(t, c.Disagreements())

	// A contest that needs its district, and the choices of a contest that is itself a proposal.
	c = compare(t, "office,district,party,candidate,votes\nMAYOR,,DEM,A. Adams,3\nMAYOR,,REP,B. Nandu Browne,1\nQuestion,1,,Yes,3\n", audit.Options{Names: none})
	require.Len(t, c.Proposals, 2)
	assert.Equal(t, audit.Pairing{TheirContest: "MAYOR", Contest: "Mayor", How: audit.Normalised}, c.Proposals[0])
	assert.Equal(t, audit.Close, c.Proposals[1].How)
	c = compare(t, strings.ReplaceAll(machineOfTown, "District 2", "DISTRICT 2"), audit.Options{})
	assert.Zero(t, c.Disagreements())
	assert.Contains(t, strings.Join(c.Notes, "\n"), `precinct "DISTRICT 2" of the machine's is taken for "District 2"`)
}

func TestCompareListsWhatTheMachineLeavesOut(t *testing.T) {
	c := compare(t, "contest,candidate,votes\nQuestion 1,Yes,3\n", audit.Options{})
	var names []string
	for _, u := range c.Unmatched {
		assert.Equal(t, "ballots", u.Side)
		names = append(names, u.Contest+"/"+u.Choice)
	}
	assert.Equal(t, []string{"Mayor/", "Board of Selectmen/", "Question 1/No"}, names)
}

func TestCompareDistrictColumn(t *testing.T) {
	e := town()
	e.Contests[2].Title = "Question District 1"
	m := readMachine(t, "office,district,candidate,votes\nQuestion,1,Yes,3\n")
	c, err := audit.Compare(e, counted(t, e).Totals(), m, audit.Options{})
	require.NoError(t, err)
	assert.True(t, findLine(t, c, "Yes", "").Agrees)
}

func TestCompareOverUnderAsBallots(t *testing.T) {
	const text = "contest,candidate,votes\nBoard of Selectmen,Over Votes,1\nBoard of Selectmen,Under Votes,2\n"
	c := compare(t, text, audit.Options{OverUnder: audit.AsBallots})
	assert.Equal(t, audit.Line{Contest: "Board of Selectmen", Choice: audit.BallotsOver, Machine: 1, Clear: 1, Questionable: 1, Total: 2, Difference: -1, Agrees: true},
		findLine(t, c, audit.BallotsOver, ""))
	assert.Equal(t, audit.Line{Contest: "Board of Selectmen", Choice: audit.BallotsBlank, Machine: 2, Clear: 2, Questionable: 1, Total: 3, Difference: -1, Agrees: true},
		findLine(t, c, audit.BallotsBlank, ""))
	c = compare(t, text, audit.Options{})
	assert.False(t, findLine(t, c, audit.OverVotes, "").Agrees, "an overvote in a vote-for-two loses two votes")
}

func TestComparePrecinctsOfOneSideOnly(t *testing.T) {
	c := compare(t, strings.ReplaceAll(machineOfTown, "District 2", "District 22"), audit.Options{})
	require.Len(t, c.Unmatched, 2)
	assert.Equal(t, audit.Unmatched{Side: "ballots", Precinct: "District 2", Similar: []string{"District 22", "District 1"}}, c.Unmatched[0])
	assert.Equal(t, "District 22", c.Unmatched[1].Precinct)
}

func TestCompareErrors(t *testing.T) {
	e := town()
	m := readMachine(t, "contest,candidate,votes\nMayor,A. Adams,3\n")
	_, err := audit.Compare(e, &audit.Totals{Rows: []audit.TotalRow{{Contest: "Sheriff", Choice: "X"}}}, m, audit.Options{})
	assert.ErrorContains(t, err, `"Sheriff", "X" () is not in the election "Town"`)
	_, err = audit.Compare(e, &audit.Totals{}, m, audit.Options{OverUnder: "sheets"})
	assert.ErrorContains(t, err, `not "sheets"`)
}

func TestTableIsSafeForATerminal(t *testing.T) {
	c := compare(t, "contest,candidate,votes\nMayor,\"A\x1b[2JX\",3\n", audit.Options{})
	var b bytes.Buffer
	require.NoError(t, c.WriteTable(&b))
	assert.NotContains(t, b.String(), "\x1b")
	assert.Contains(t, b.String(), "A?[2JX")
}

// TestDrawnElection holds the rules of vote and tally against the totals that the drawn election makes of its own truth.
func TestDrawnElection(t *testing.T) {
	m, err := fixtures.New(fixtures.Options{Seed: 7, Sheets: 240})
	require.NoError(t, err)
	e, voters := m.Election(), m.Voters()
	tally := audit.NewTally(e)
	for _, v := range voters {
		st := e.Style(v.Style)
		var readings []vote.Reading
		for _, p := range st.Pages {
			for i, tg := range p.Targets {
				mk := marks.Mark{Outline: 10000, Dark: 9000}
				for _, h := range v.Marks {
					if h.Contest == tg.Contest && h.Choice == tg.Choice && h.Kind.Truth() == "vote" {
						mk.Fill, mk.Spread = 8000, 9000
					}
				}
				readings = append(readings, vote.Reading{Page: p.Number, Target: i, Mark: mk})
			}
		}
		s := vote.DecideSheet(e, st, 1, readings, vote.DefaultLimits())
		require.NoError(t, tally.Add(st.Precinct, "", &s))
	}
	require.NoError(t, tally.Check())
	against := func(rows []fixtures.MachineRow) *audit.Comparison {
		var b bytes.Buffer
		require.NoError(t, fixtures.WriteMachine(&b, rows))
		c, err := audit.Compare(e, tally.Totals(), readMachine(t, b.String()), audit.Options{})
		require.NoError(t, err)
		return c
	}
	rows := m.Machine(voters)
	c := against(rows)
	assert.Zero(t, c.Disagreements(), c.Summary())
	assert.Greater(t, len(c.Lines), 100)
	altered, at := fixtures.Alter(rows)
	c = against(altered)
	require.Equal(t, 2, c.Disagreements(), c.Summary())
	for _, l := range c.Lines {
		if !l.Agrees {
			assert.Equal(t, rows[at].Candidate, l.Choice)
			assert.Equal(t, rows[at].Party, l.Party)
		}
	}
}
