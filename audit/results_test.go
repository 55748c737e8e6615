package audit_test

import (
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

const resultsText = `{"GpUnit":[{"@id":"town","Type":"town","Name":"T"},{"@id":"d1","Type":"precinct","Name":{"Text":[{"Content":"District 1"}]},"ComposingGpUnitIds":["m1","m2"]},
{"@id":"m1","@type":"ElectionResults.ReportingDevice","SerialNumber":"111"},{"@id":"m2","@type":"ElectionResults.ReportingDevice","SerialNumber":222}],
"Party":[{"@id":"p","Abbreviation":"DEM"}],
"Election":[{"ElectionScopeId":"town","Candidate":[{"@id":"k","BallotName":"A. Adams","PartyId":"p"}],
"BallotCounts":[{"GpUnitId":"m1","Type":"election-day","BallotsCast":9},{"GpUnitId":"m2","Type":"election-day","BallotsCast":4},{"GpUnitId":"town","Type":"total","BallotsCast":13}],
"Contest":[{"@id":"c","Name":"Mayor","ContestSelection":[{"@id":"a","CandidateIds":["k"],"VoteCounts":[
{"GpUnitId":"m1","Type":"election-day","Count":5},{"GpUnitId":"m1","Type":"absentee","Count":2},{"GpUnitId":"m1","Type":"total","Count":7},{"GpUnitId":"m2","Type":"election-day","Count":4.0},{"GpUnitId":"d1","Type":"total","Count":11},{"GpUnitId":"town","Type":"total","Count":11}]},
{"@id":"w","IsWriteIn":true,"VoteCounts":[{"GpUnitId":"town","Type":"total","Count":1}]}],
"OtherCounts":[{"GpUnitId":"m1","Overvotes":1,"Undervotes":0,"WriteIns":1}]}]}]}`

func TestReadResults(t *testing.T) {
	m := readMachine(t, resultsText)
	assert.Equal(t, []string{
		"ballots //@District 1:election-day=9", "ballots //@District 1:election-day=4",
		"candidate Mayor/A. Adams/DEM@District 1:election-day=5", "candidate Mayor/A. Adams/DEM@District 1:absentee=2", "candidate Mayor/A. Adams/DEM@District 1:election-day=4",
		"write-in Mayor//@:=1", "over Mayor//@District 1:=1", "under Mayor//@District 1:=0",
	}, flat(m))
	assert.Equal(t, "111", m.Rows[0].Tabulator)
	assert.Equal(t, "222", m.Rows[1].Tabulator)
	assert.Contains(t, strings.Join(m.Notes, "\n"), `2 numbers of "T" are the total of others`)
}

func TestReadResultsErrors(t *testing.T) {
	edit := func(from, to string) string { return strings.Replace(resultsText, from, to, 1) }
	for _, c := range []struct {
		name, in, want, path string
		line                 int
	}{
		{"cut off", resultsText[:400], "unexpected end", "", 4},
		{"a total that is not the sum", edit(`"GpUnitId":"d1","Type":"total","Count":11`, `"GpUnitId":"d1","Type":"total","Count":12`), `unit "d1" has 12, but its parts add up to 11`, "Election[0].Contest[0].ContestSelection[0].VoteCounts", 0},
		{"a total that is not its groups", edit(`"Count":7`, `"Count":8`), `unit "m1" has 8 in all, but its count groups add up to 7`, "Election[0].Contest[0].ContestSelection[0].VoteCounts", 0},
		{"half a vote", edit(`"Count":5`, `"Count":5.5`), `"5.5" is no count of votes`, "Election[0].Contest[0].ContestSelection[0].VoteCounts[0]", 0},
		{"an unknown unit", edit(`{"GpUnitId":"m1","Type":"election-day","Count"`, `{"GpUnitId":"m9","Type":"election-day","Count"`), `unit "m9" is not defined`, "Election[0].Contest[0].ContestSelection[0].VoteCounts[0]", 0},
		{"twice", edit(`"Type":"absentee","Count"`, `"Type":"election-day","Count"`), `two counts of type "election-day"`, "Election[0].Contest[0].ContestSelection[0].VoteCounts[1]", 0},
		{"an unknown candidate", edit(`["k"]`, `["q"]`), `candidate "q" is not defined`, "Election[0].Contest[0].ContestSelection[0]", 0},
		{"another class", edit(`"ElectionScopeId":"town"`, `"ElectionScopeId":7`), "a number stands where a string is wanted", "", 4},
		{"no election", `{"GpUnit":[]}`, "no Election", "", 0},
		{"no counts", `{"Election":[{}]}`, "no count of votes", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := audit.ReadMachine("r.json", strings.NewReader(c.in))
			var re *audit.ReadError
			require.ErrorAs(t, err, &re)
			assert.Contains(t, err.Error(), c.want)
			assert.Equal(t, c.path, re.Path)
			assert.Equal(t, c.line, re.Line)
			assert.NotEmpty(t, re.Mend)
		})
	}
}

// NIST's test elections come with records and with results: a tally of the one is the other, wherever both have a number.
func TestTalliesAgreeWithNISTsResults(t *testing.T) {
	dir := filepath.Join(formats(t), "nist-elections")
	for _, name := range []string{"gen-01", "gen-02", "prim-01"} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(filepath.Join(dir, name, "err-"+name+".json"))
			require.NoError(t, err)
			defer f.Close()
			results, err := audit.ReadMachine("err", f)
			require.NoError(t, err)
			sums := func(m *audit.Machine, precinct bool) map[string]int {
				out := map[string]int{}
				for _, r := range m.Rows {
					if r.Kind == audit.Cast || precinct && r.Precinct == "" {
						continue
					}
					k := fmt.Sprintf("%s|%s|%s|%s", r.Contest, r.Kind, r.Candidate, r.Party)
					if precinct {
						k += "|" + r.Precinct
					}
					out[k] += r.Votes
				}
				return out
			}
			path := filepath.Join(dir, name, "cvr-"+name+".json")
			for _, by := range [][]audit.Part{nil, {audit.ByPrecinct}} {
				want := sums(results, by != nil)
				got := sums(tallied(t, cvr.ExportOptions{}, by, path).Machine("cvr"), by != nil)
				compared := 0
				for k, n := range want {
					if strings.Contains(k, "Sheriff") {
						// No rule explains these: NIST's results give the ranked contest no count at all, 0 to every choice, also as
						// overvotes and undervotes. By ours every one of its ballots has a first choice.
						assert.Zero(t, n, "the results leave out the ranked contest: its counts are all 0")
						continue
					}
					if have, ok := got[k]; assert.True(t, ok, k) {
						assert.Equal(t, n, have, k)
						compared++
					}
				}
				assert.Greater(t, compared, 50)
				if by == nil {
					sheriff := 0
					for k, n := range got {
						_, ok := want[k]
						assert.True(t, ok || strings.Contains(k, "Sheriff"), k)
						if strings.Contains(k, "Sheriff") {
							sheriff += n
						}
					}
					assert.Equal(t, map[string]int{"gen-02": 63}[name], sheriff, "the ranked contest's sum rule: one vote on each of its ballots")
				}
			}
		})
	}
}

const clarityText = `<?xml version="1.0"?>
<ElectionResult><Timestamp>x</Timestamp><VoterTurnout totalVoters="9" ballotsCast="7"><Precincts><Precinct name="P1" ballotsCast="4"/><Precinct name="P2" ballotsCast="3"/></Precincts></VoterTurnout>
<Contest key="1" text="Mayor" voteFor="1"><VoteType name="Undervotes" votes="1"><Precinct name="P1" votes="1"/><Precinct name="P2" votes="0"/></VoteType><VoteType name="Residual" votes="1"/>
<Choice text="A" party="DEM" totalVotes="5"><VoteType name="Election" votes="4"><Precinct name="P1" votes="1"/><Precinct name="P2" votes="3"/></VoteType><VoteType name="Mail" votes="1"><Precinct name="P1" votes="1"/><Precinct name="P2" votes="0"/></VoteType></Choice>
<Choice text="Write-in" totalVotes="1"/></Contest></ElectionResult>`

func TestReadClarity(t *testing.T) {
	m := readMachine(t, clarityText)
	coded := readMachine(t, strings.Replace(clarityText, `version="1.0"`, `version="1.0" encoding="UTF-16"`, 1))
	assert.Equal(t, m.Rows, coded.Rows)
	assert.Equal(t, []string{
		"ballots //@P1:=4", "ballots //@P2:=3", "under Mayor//@P1:=1", "under Mayor//@P2:=0",
		"candidate Mayor/A/DEM@P1:Election=1", "candidate Mayor/A/DEM@P2:Election=3", "candidate Mayor/A/DEM@P1:Mail=1", "candidate Mayor/A/DEM@P2:Mail=0", "write-in Mayor//@:=1",
	}, flat(m))
	assert.Equal(t, []string{`m.csv: "Residual" of "Mayor" is not compared`}, m.Notes)
	assert.Equal(t, 3, m.Rows[2].Line)
}

func TestReadClarityErrors(t *testing.T) {
	edit := func(from, to string) string { return strings.Replace(clarityText, from, to, 1) }
	for name, c := range map[string]struct{ in, want string }{
		"cut off":            {clarityText[:500], "is no whole XML"},
		"another document":   {"<Results/>", "is a <Results>, not an <ElectionResult>"},
		"nothing":            {"<ElectionResult/>", "no contest"},
		"a wrong total":      {edit(`totalVotes="5"`, `totalVotes="6"`), `"A" in "Mayor" has 6 votes in all, but its parts add up to 5`},
		"a wrong part":       {edit(`votes="3"`, `votes="2"`), `"Election" of "Mayor" is 4, but its parts add up to 3`},
		"no number":          {edit(`votes="3"`, `votes="three"`), `"three" is no count of votes (P2)`},
		"a nameless contest": {edit(`text="Mayor"`, ``), "a contest has no text"},
		"a nameless choice":  {edit(`text="A" `, ``), "a choice of \"Mayor\" has no text"},
		"ballots cast":       {edit(`ballotsCast="7"`, `ballotsCast="8"`), `is 8, but its parts add up to 7`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.ReadMachine("detail.xml", strings.NewReader(c.in))
			var re *audit.ReadError
			require.ErrorAs(t, err, &re)
			assert.Contains(t, err.Error(), c.want)
		})
	}
}

// clarityWant are the sums over the precincts of the sample, made with Python's xml.etree from the file.
var clarityWant = map[string]int{
	"ballots|||": 5926,
	"candidate|US Senator - REPUBLICAN|Brad COPAS|":      11,
	"candidate|US Senator - REPUBLICAN|Chris PAYNE|":     48,
	"candidate|US Senator - REPUBLICAN|Matt BEVIN|":      820,
	"candidate|US Senator - REPUBLICAN|Mitch McCONNELL|": 1135,
	"candidate|US Senator - REPUBLICAN|Shawna STERLING|": 46,
	"over|US Senator - REPUBLICAN||":                     0,
	"under|US Senator - REPUBLICAN||":                    0,
}

func TestClaritySample(t *testing.T) {
	f, err := os.Open(filepath.Join(formats(t), "totals", "clarity-precinct.xml"))
	require.NoError(t, err)
	defer f.Close()
	m, err := audit.ReadMachine("detail.xml", f)
	require.NoError(t, err)
	got := map[string]int{}
	precincts := map[string]bool{}
	for _, r := range m.Rows {
		got[string(r.Kind)+"|"+r.Contest+"|"+r.Candidate+"|"+r.Party] += r.Votes
		precincts[r.Precinct] = true
	}
	assert.Equal(t, clarityWant, got)
	assert.Len(t, precincts, 33)
}

func TestReadBatchTotals(t *testing.T) {
	const table = "Batch Name,A. Adams,Write-In\nBatch 1,1,2\nBatch 2,\"1,000\",0\nTotal,1001,2\n"
	m, err := audit.ReadMachine("Town - Mayor - candidate totals by batch.csv", strings.NewReader(table))
	require.NoError(t, err)
	assert.Equal(t, []string{"candidate Mayor/A. Adams/@:=1", "write-in Mayor//@:=2", "candidate Mayor/A. Adams/@:=1000", "write-in Mayor//@:=0"}, flat(m))
	assert.Equal(t, "Batch 2", m.Rows[3].Batch)
	m, err = audit.ReadMachine("Mayor - totals by batch.csv", strings.NewReader("Batch Name,A,,\nBatch 1,1,,\nBatch 2,3\n"))
	require.NoError(t, err)
	assert.Equal(t, []string{"candidate Mayor/A/@:=1", "candidate Mayor/A/@:=3"}, flat(m), "empty columns at the end")
	m, err = audit.OpenMachine([]string{file(t, "t.csv", table)}, audit.MachineOptions{Contest: "Clerk"})
	require.NoError(t, err)
	assert.Equal(t, "Clerk", m.Rows[0].Contest)
	for name, c := range map[string]struct{ in, want string }{
		"no contest":                     {table, "name the contest with --contest"},
		"a filled column without a name": {"Batch Name,B,\nx,1,2\n", "has 3 fields, the header 2"},
		"a nameless column":              {"Batch Name,,B\nx,1,1\n", "the column has no candidate"},
		"one candidate twice":            {"Batch Name,B,B\nx,1,1\n", `"B" stands twice`},
		"one batch twice":                {"Batch Name,B\nx,1\nx,1\n", `batch "x" stands twice`},
		"no number":                      {"Batch Name,B\nx,many\n", `"many" is no count of votes`},
		"cut off":                        {"Batch Name,A,B\nx,1\n", "has 2 fields, the header 3"},
		"a wrong total":                  {"Batch Name,B\nx,1\nTotal,2\n", "but its parts add up to 1"},
		"nothing":                        {"Batch Name,B\n", "no row of votes"},
	} {
		t.Run(name, func(t *testing.T) {
			file := "Mayor - totals by batch.csv"
			if name == "no contest" {
				file = "t.csv"
			}
			_, err := audit.ReadMachine(file, strings.NewReader(c.in))
			var re *audit.ReadError
			require.ErrorAs(t, err, &re)
			assert.Contains(t, err.Error(), c.want)
		})
	}
}
