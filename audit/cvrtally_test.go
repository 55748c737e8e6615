package audit_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
)

// file writes a table to read.
func file(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	return name
}

// votes shows a contest shortly: choice(party)=votes, then over, under, ballots, overvoted, blank.
func votes(c audit.CVRContestTotal) string {
	var s []string
	for _, ch := range c.Choices {
		n := ch.Choice
		if ch.Party != "" {
			n += "(" + ch.Party + ")"
		}
		s = append(s, n+"="+itoa(ch.Votes))
	}
	number := func(n *int) string {
		if n == nil {
			return "?"
		}
		return itoa(*n)
	}
	return strings.Join(s, " ") + " | over " + number(c.Overvotes) + " under " + number(c.Undervotes) + " of " + itoa(c.Ballots) + " overvoted " + itoa(c.BallotsOvervoted) + " blank " + itoa(c.BallotsBlank)
}

func TestRulesOfATally(t *testing.T) {
	top := func(allowed string) string {
		return "T,5\n,,,,M (Vote For=" + allowed + "),M (Vote For=" + allowed + "),M (Vote For=" + allowed + "),M (Vote For=" + allowed + ")\n,,,,A,A,B,Write-in\nTabulatorNum,BatchId,RecordId,ImprintedId,DEM,WF,REP,\n"
	}
	hart := func(contest string) string {
		return "<Cvr><Contests><Contest><Name>M</Name><Id>m</Id>" + contest + "</Contest></Contests></Cvr>"
	}
	option := func(n string) string {
		return "<Option><Name>" + n + "</Name><Id>" + n + "</Id><Value>1</Value></Option>"
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"one vote", map[string]string{"a.csv": top("1") + "1,1,1,,1,0,0,0\n1,1,2,,0,0,0,0\n"}, "A(DEM)=1 A(WF)=0 B(REP)=0 Write-ins=0 | over 0 under 1 of 2 overvoted 0 blank 1"},
		{"one person on two lines has one vote", map[string]string{"a.csv": top("1") + "1,1,1,,1,1,0,0\n"}, "A(DEM)=0 A(WF)=0 B(REP)=0 A(UNK)=1 Write-ins=0 | over 0 under 0 of 1 overvoted 0 blank 0"},
		{"two persons are an overvote", map[string]string{"a.csv": top("1") + "1,1,1,,1,0,1,0\n"}, "A(DEM)=0 A(WF)=0 B(REP)=0 Write-ins=0 | over 1 under 0 of 1 overvoted 1 blank 0"},
		{"an overvote loses all that is allowed", map[string]string{"a.csv": top("2") + "1,1,1,,1,0,1,1\n1,1,2,,0,1,0,0\n"}, "A(DEM)=0 A(WF)=1 B(REP)=0 Write-ins=0 | over 2 under 1 of 2 overvoted 1 blank 0"},
		{"what a contest allows is learnt from what is stated", map[string]string{
			"1.xml": hart("<Options>" + option("A") + "</Options><Undervotes>1</Undervotes>"), "2.xml": hart("<Options>" + option("A") + option("B") + option("C") + "</Options><Overvoted/>")},
			"A=1 B=0 C=0 | over 2 under 1 of 2 overvoted 1 blank 0"},
		{"and unknown where nothing is stated alike", map[string]string{
			"1.xml": hart("<Options>" + option("A") + "</Options><Undervotes>1</Undervotes>"), "2.xml": hart("<Options/><Undervotes>3</Undervotes>"), "3.xml": hart("<Options/><Overvoted/>")},
			"A=1 | over ? under 4 of 3 overvoted 1 blank 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var paths []string
			for _, n := range []string{"a.csv", "1.xml", "2.xml", "3.xml"} {
				if text, ok := c.files[n]; ok {
					paths = append(paths, file(t, n, text))
				}
			}
			got := tallied(t, cvr.ExportOptions{}, nil, paths...)
			require.Len(t, got.Contests, 1)
			assert.Equal(t, c.want, votes(got.Contests[0]))
			assert.Empty(t, got.Look)
		})
	}
}

func TestVotesOfAContestThatNothingLimits(t *testing.T) {
	in := "T,5\n,,,,M,M\n,,,,A,B\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,1,1,,1,0\n1,1,2,,1,1\n"
	got := tallied(t, cvr.ExportOptions{}, nil, file(t, "a.csv", in))
	assert.Equal(t, "A=2 B=1 | over ? under ? of 2 overvoted 0 blank 0", votes(got.Contests[0]))
	require.Len(t, got.Look, 1)
	assert.Contains(t, got.Look[0], "M: the export does not say how many votes it allows, and 1 records have more than one, which are all counted")
	assert.Contains(t, got.Look[0], "a.csv line 6")
}

func TestOneLineMarkedTwiceHasItsVote(t *testing.T) {
	option := "<Option><Name>A</Name><Id>a</Id><Value>1</Value></Option>"
	got := tallied(t, cvr.ExportOptions{}, nil, file(t, "1.xml", "<Cvr><Contests><Contest><Name>M</Name><Id>m</Id><Options>"+option+option+"</Options></Contest></Contests></Cvr>"))
	assert.Equal(t, "A=1 | over 0 under 0 of 1 overvoted 0 blank 0", votes(got.Contests[0]))
}

func TestAnExportWithoutRecordsIsSaid(t *testing.T) {
	got := tallied(t, cvr.ExportOptions{}, nil, file(t, "CvrExport.json", `{"Sessions":[]}`))
	assert.Equal(t, []string{"there is no record"}, got.Look)
}

func TestRankedTally(t *testing.T) {
	const title = "\"M (Number of positions=1, Number of ranks=2)\""
	in := "T,5\n,,,," + title + "," + title + "," + title + "," + title + "\n,,,,A(1),Write-in(1),A(2),Write-in(2)\nTabulatorNum,BatchId,RecordId,ImprintedId\n" +
		"1,1,1,,1,0,0,1\n1,1,2,,1,1,0,0\n1,1,3,,0,0,1,0\n1,1,4,,0,1,1,1\n"
	got := tallied(t, cvr.ExportOptions{}, nil, file(t, "a.csv", in))
	require.Len(t, got.Contests, 1)
	c := got.Contests[0]
	assert.Equal(t, "A=2 Write-ins=1 | over 1 under 0 of 4 overvoted 1 blank 0", votes(c))
	assert.Equal(t, []int{1, 1}, c.Choices[0].ByRank)
	assert.Equal(t, []int{1, 1}, c.Choices[1].ByRank)
}

// A person on two parties' lines is one at each rank, and the vote stands on the line that was marked.
func TestRankedTallyOfOnePersonOnTwoLines(t *testing.T) {
	const title = "\"M (Number of positions=1, Number of ranks=2)\""
	for _, row := range []struct{ name, marks, want string }{
		{"the first line", "1,0,0,0,0,0", "A(DEM)=1 A(WF)=0 B(REP)=0 | over 0"},
		{"the second line", "0,1,0,0,0,1", "A(DEM)=0 A(WF)=1 B(REP)=0 | over 0"},
		{"both lines", "1,1,0,0,0,1", "A(DEM)=0 A(WF)=0 B(REP)=0 A(UNK)=1 | over 0"},
		{"both lines and another", "1,1,1,0,0,0", "A(DEM)=0 A(WF)=0 B(REP)=0 | over 1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := "T,5\n,,,," + strings.TrimSuffix(strings.Repeat(title+",", 6), ",") + "\n,,,,A(1),A(1),B(1),A(2),A(2),B(2)\nTabulatorNum,BatchId,RecordId,ImprintedId,DEM,WF,REP,DEM,WF,REP\n1,1,1,," + row.marks + "\n"
			got := tallied(t, cvr.ExportOptions{}, nil, file(t, "a.csv", in))
			require.Len(t, got.Contests, 1)
			assert.Contains(t, votes(got.Contests[0]), row.want)
		})
	}
}

const twoRows = "T,5\n,,,,,M (Vote For=1)\n,,,,,A\nTabulatorNum,BatchId,RecordId,ImprintedId,PrecinctPortion\n10,2,1,,P10,1\n9,2,1,,P2,1\n"

func TestSheetsCountedTwiceAreSaid(t *testing.T) {
	got := tallied(t, cvr.ExportOptions{}, nil, file(t, "a.csv", twoRows), file(t, "b.csv", twoRows))
	assert.Equal(t, 2, got.Duplicates)
	require.Len(t, got.Look, 1)
	assert.Contains(t, got.Look[0], "b.csv line 5 (tabulator 10, batch 2, record 1)")
	assert.Equal(t, 4, got.Contests[0].Choices[0].Votes)
}

func TestTallyByPartsIsInOrder(t *testing.T) {
	got := tallied(t, cvr.ExportOptions{}, []audit.Part{audit.ByPrecinct, audit.ByTabulator}, file(t, "a.csv", twoRows))
	require.Len(t, got.Contests, 2)
	assert.Equal(t, audit.CVRPart{Precinct: "P2", Tabulator: "9"}, got.Contests[0].CVRPart)
	assert.Equal(t, audit.CVRPart{Precinct: "P10", Tabulator: "10"}, got.Contests[1].CVRPart)
}

func TestStatedNumbersThatDoNotAddUpAreSaid(t *testing.T) {
	report := func(under string) string {
		return `{"CVR":[{"UniqueId":"u","CurrentSnapshotId":"1","CVRSnapshot":[{"@id":"1","CVRContest":[{"ContestId":"c","Overvotes":0,"Undervotes":` + under + `,
"CVRContestSelection":[{"ContestSelectionId":"a","TotalNumberVotes":1}]}]}]}],"Election":[{"Contest":[{"@id":"c","Name":"M","VotesAllowed":2,"ContestSelection":[{"@id":"a","IsWriteIn":true}]}]}],"ReportGeneratingDeviceIds":[]}`
	}
	assert.Empty(t, tallied(t, cvr.ExportOptions{}, nil, file(t, "a.json", report("1"))).Look)
	got := tallied(t, cvr.ExportOptions{}, nil, file(t, "a.json", report("2")))
	require.Len(t, got.Look, 1)
	assert.Contains(t, got.Look[0], "M: on 1 records the votes, overvotes and undervotes do not add up to the 2 votes allowed")
	assert.Contains(t, got.Look[0], "CVR[0] (u)")
}

func TestTallyOfSomeContests(t *testing.T) {
	got := tallied(t, cvr.ExportOptions{}, nil, file(t, "a.csv", "T,5\n,,,,U.S. Senate (Vote For=1),Mayor (Vote For=1)\n,,,,A,B\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,1,1,,1,0\n"))
	assert.Equal(t, []string{"clerk"}, got.Keep([]string{"us sen", "clerk"}))
	require.Len(t, got.Contests, 1)
	assert.Equal(t, "U.S. Senate", got.Contests[0].Contest)
}

func TestTallyTableIsSafeForATerminal(t *testing.T) {
	got := tallied(t, cvr.ExportOptions{}, nil, file(t, "a.csv", "T,5\n,,,,M\x1b[2J (Vote For=1)\n,,,,A\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,1,1,,1\n"))
	var b bytes.Buffer
	require.NoError(t, got.WriteTable(&b))
	assert.Contains(t, b.String(), "M?[2J (vote for 1)")
	assert.NotContains(t, b.String(), "\x1b")
}

func TestMachineOfATally(t *testing.T) {
	m := tallied(t, cvr.ExportOptions{}, nil, file(t, "a.csv", twoRows)).Machine("a.csv")
	assert.Equal(t, []string{"candidate M/A/@:=2", "over M//@:=0", "under M//@:=0", "ballots M//@:=2"}, flat(m))
}

// Neither RCTab's reports nor Hart's sheets say which contests are ranked: only a record with a second rank shows it, and
// those before it must not have been counted by another rule.
// Hart names no parties: two options of one name are one person, who has one vote where both are marked.
func TestOnePersonWithoutAParty(t *testing.T) {
	sheet := func(options string) string {
		return `<?xml version="1.0"?><Cvr><Contests><Contest><Name>Mayor</Name><Id>m</Id><Options>` + options + `</Options></Contest></Contests><CvrGuid>` + fmt.Sprint(len(options)) + `</CvrGuid></Cvr>`
	}
	option := func(name, id string) string {
		return "<Option><Name>" + name + "</Name><Id>" + id + "</Id><Value>1</Value></Option>"
	}
	dir := t.TempDir()
	for i, s := range []string{sheet(option("A. Adams", "1") + option("A. Adams", "3")), sheet(option("A. Adams", "3")), sheet(option("B. Baker", "2") + "   ")} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.xml", i)), []byte(s), 0o644))
	}
	got := tallied(t, cvr.ExportOptions{}, nil, dir)
	sums := map[string]int{}
	for _, ch := range got.Contests[0].Choices {
		sums[ch.Choice] += ch.Votes
	}
	assert.Equal(t, map[string]int{"A. Adams": 2, "B. Baker": 1}, sums)
}

func TestAContestThatShowsItsRanksLate(t *testing.T) {
	position := func(rank string) string {
		return `{"HasIndication":"yes","IsAllocable":"unknown","NumberVotes":1,"Rank":` + rank + `}`
	}
	record := func(id, selections string) string {
		return `{"BallotPrePrintedId":"` + id + `","CurrentSnapshotId":"` + id + `","CVRSnapshot":[{"@id":"` + id + `","CVRContest":[{"ContestId":"c","CVRContestSelection":[` + selections + `]}]}]}`
	}
	choice := func(id string, positions ...string) string {
		return `{"ContestSelectionId":"` + id + `","SelectionPosition":[` + strings.Join(positions, ",") + `]}`
	}
	report := `{"CVR":[` + strings.Join([]string{
		record("1", choice("a", position("1"))),
		record("2", ""),
		record("3", choice("b", position("1"), position("2"))+","+choice("a", position("3"))),
		record("4", choice("a", position("1"))+","+choice("b", position("1"))),
	}, ",") + `],"Election":[{"Candidate":[{"@id":"k","Name":"A"},{"@id":"l","Name":"B"}],"Contest":[{"@id":"c","@type":"CandidateContest","Name":"M",
"ContestSelection":[{"@id":"a","CandidateIds":["k"]},{"@id":"b","CandidateIds":["l"]}]}]}],"ReportGeneratingDeviceIds":[]}`
	got := tallied(t, cvr.ExportOptions{}, nil, file(t, "r.json", report))
	require.Len(t, got.Contests, 1)
	assert.Equal(t, "A=1 B=1 | over 1 under 1 of 4 overvoted 1 blank 1", votes(got.Contests[0]))
	assert.Equal(t, 3, got.Contests[0].Ranks)
	assert.Equal(t, []int{1, 1, 0}, got.Contests[0].Choices[1].ByRank)

	sheet := func(contest string) string {
		return "<Cvr><Contests><Contest><Name>M</Name><Id>m</Id>" + contest + "</Contest></Contests></Cvr>"
	}
	got = tallied(t, cvr.ExportOptions{}, nil, file(t, "1.xml", sheet("<Options/><Undervotes>3</Undervotes>")),
		file(t, "2.xml", sheet("<Options><Option><Name>A</Name><Id>a</Id><Value>010</Value></Option></Options>")))
	assert.Equal(t, "A=1 | over 0 under 1 of 2 overvoted 0 blank 1", votes(got.Contests[0]))
}
