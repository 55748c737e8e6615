package audit_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
)

func readMachine(t *testing.T, text string) *audit.Machine {
	t.Helper()
	m, err := audit.ReadMachine("m.csv", strings.NewReader(text))
	require.NoError(t, err)
	return m
}

// flat shows rows shortly: kind contest/candidate/party@precinct:group=votes.
func flat(m *audit.Machine) []string {
	var out []string
	for _, r := range m.Rows {
		s := string(r.Kind) + " " + r.Contest + "/" + r.Candidate + "/" + r.Party + "@" + r.Precinct + ":" + r.CountGroup
		out = append(out, s+"="+itoa(r.Votes))
	}
	return out
}

func itoa(n int) string {
	var b []byte
	for ; n > 9; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(append([]byte{byte('0' + n)}, b...))
}

func TestReadMachine(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want []string
	}{
		"the plain table":               {"contest,party,candidate,votes\nMayor,DEM,A. Adams,401\n", []string{"candidate Mayor/A. Adams/DEM@:=401"}},
		"aliases in any order and case": {"Votes,NAME,Race,Precinct\n7,A,Mayor,P1\n", []string{"candidate Mayor/A/@P1:=7"}},
		"mark, CRLF, quotes, thousands": {"\uFEFFoffice,candidate,total\r\n\"Mayor, at large\",\"\"\"Al\"\" A\",\"1,234\"\r\n", []string{"candidate Mayor, at large/\"Al\" A/@:=1234"}},
		"semicolons":                    {"contest;candidate;votes\nMayor;A;3\n", []string{"candidate Mayor/A/@:=3"}},
		"a spreadsheet's decimals":      {"contest,candidate,votes\nMayor,A,12.0\n", []string{"candidate Mayor/A/@:=12"}},
		"empty lines and columns":       {"contest,candidate,votes,,\n,,,,\nMayor,A,3,,\n\n", []string{"candidate Mayor/A/@:=3"}},
		"special rows": {"contest,candidate,votes\nMayor,Over Votes,1\nMayor,undervotes,2\nMayor,Write-ins,3\nMayor,WRITE-IN (total),4\nBallots Cast,,9\nMayor,Ballots,8\n",
			[]string{"over Mayor//@:=1", "under Mayor//@:=2", "write-in Mayor//@:=3", "write-in Mayor//@:=4", "ballots //@:=9", "ballots Mayor//@:=8"}},
		"count groups in columns": {"office,candidate,poll,edr,abs,votes\nMayor,A,5,1,2,8\nMayor,B,4,,,4\n",
			[]string{"candidate Mayor/A/@:election-day=5", "candidate Mayor/A/@:same-day-registration=1", "candidate Mayor/A/@:absentee=2", "candidate Mayor/B/@:election-day=4"}},
		"count groups without votes": {"office,candidate,poll,unkown\nMayor,A,5,1\n", []string{"candidate Mayor/A/@:election-day=5", "candidate Mayor/A/@:unknown=1"}},
		"count groups under many names": {"office,candidate,Election Day,Advance_Voting,Mail-In,UOCAVA\nMayor,A,5,1,2,3\n",
			[]string{"candidate Mayor/A/@:election-day=5", "candidate Mayor/A/@:advance=1", "candidate Mayor/A/@:mail=2", "candidate Mayor/A/@:uocava=3"}},
		"numbers of no votes beside them": {"fips,office,candidate,poll,Precinct ID\n9001,Mayor,A,5,7\n", []string{"candidate Mayor/A/@:election-day=5"}},
		"a spreadsheet's formulas":        {"precinct,contest,candidate,votes\n\"=\"\"01\"\"\",Mayor,A,\"=\"\"5\"\"\"\n", []string{"candidate Mayor/A/@01:=5"}},
		"a comma in a semicolons' header": {"contest;\"remarks, notes\";candidate;votes\nMayor;x;A;3\n", []string{"candidate Mayor/A/@:=3"}},
		"UTF-16":                          {"\xFF\xFEc\x00o\x00n\x00t\x00e\x00s\x00t\x00,\x00n\x00a\x00m\x00e\x00,\x00v\x00o\x00t\x00e\x00s\x00\n\x00M\x00,\x00A\x00,\x003\x00\n\x00", []string{"candidate M/A/@:=3"}},
		"wards' totals and the city's": {"precinct,contest,candidate,votes\n1A,Mayor,A,5\n1B,Mayor,A,7\nWard 1 Total,Mayor,A,12\n2,Mayor,A,4\nWard 2 Total,Mayor,A,4\nGrand Totals,Mayor,A,16\n",
			[]string{"candidate Mayor/A/@1A:=5", "candidate Mayor/A/@1B:=7", "candidate Mayor/A/@2:=4"}},
		"the sum of all, without a name": {"precinct,contest,candidate,votes\n1,M,A,5\n1,M,B,1\n1,N,C,2\n1,N,D,3\n2,M,A,7\n2,M,B,0\n2,N,C,2\n2,N,D,9\n,M,A,12\n,M,B,1\n,N,C,4\n,N,D,12\n",
			[]string{"candidate M/A/@1:=5", "candidate M/B/@1:=1", "candidate N/C/@1:=2", "candidate N/D/@1:=3", "candidate M/A/@2:=7", "candidate M/B/@2:=0", "candidate N/C/@2:=2", "candidate N/D/@2:=9"}},
		"rows of no precinct":       {"precinct,contest,candidate,votes\n1,Mayor,A,5\n2,Mayor,A,7\n,Mayor,A,3\n", []string{"candidate Mayor/A/@1:=5", "candidate Mayor/A/@2:=7", "candidate Mayor/A/@:=3"}},
		"the city's row is the sum": {"precinct,contest,candidate,votes\n1,Mayor,A,5\n2,Mayor,A,7\nCity,Mayor,A,12\n", []string{"candidate Mayor/A/@1:=5", "candidate Mayor/A/@2:=7"}},
		"a total alone stays":       {"precinct,contest,candidate,votes\nTotal,Mayor,A,12\n", []string{"candidate Mayor/A/@Total:=12"}},
		"a total of count groups": {"contest,candidate,count_group,votes\nMayor,A,absentee,2\nMayor,A,election day,3\nMayor,A,Total,5\n",
			[]string{"candidate Mayor/A/@:absentee=2", "candidate Mayor/A/@:election day=3"}},
		"totals both ways": {"precinct,contest,candidate,count_group,votes\n1,Mayor,A,abs,2\n1,Mayor,A,poll,3\n1,Mayor,A,Total,5\nTotal,Mayor,A,abs,2\nTotal,Mayor,A,poll,3\nTotal,Mayor,A,Total,5\n",
			[]string{"candidate Mayor/A/@1:abs=2", "candidate Mayor/A/@1:poll=3"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, flat(readMachine(t, tc.in)))
		})
	}
}

func TestReadMachineSaysWhatItLeavesOut(t *testing.T) {
	m := readMachine(t, "precinct,contest,candidate,votes\n1,Mayor,A,5\nTotal,Mayor,A,5\n1,Registered Voters,,900\n1,Mayor,Total Votes,5\n")
	require.Len(t, m.Rows, 1)
	require.Len(t, m.Notes, 3)
	assert.Contains(t, m.Notes[1], `"Registered Voters" is not compared (rows: 1)`)
	assert.Contains(t, m.Notes[2], "1 rows are the total of others by precinct")
}

func TestReadMachineSaysWhatMayBeMissingOrTwice(t *testing.T) {
	m := readMachine(t, "contest,candidate,votes,early bird,note,\nMayor,A,5,1,,\nMayor,B,5,1,,\nMayor,A,5,1,,\nMayor,C,0,1,,\nMayor,C,0,1,,\n")
	assert.Len(t, m.Rows, 5)
	assert.Equal(t, []string{"m.csv: columns that are not read: early bird", "m.csv: rows that are the same as a row before in every field: 1 (line 4 as line 2); they are added like all others"}, m.Notes)
}

func TestOpenMachineOfSeveralTables(t *testing.T) {
	const head = "precinct,contest,candidate,votes\n"
	parts := file(t, "parts.csv", head+"1,M,A,5\n1,M,B,1\n1,N,C,2\n1,N,D,3\n2,M,A,7\n2,M,B,0\n2,N,C,2\n2,N,D,9\n")
	for _, total := range []string{"Total", ""} {
		whole := file(t, "whole.csv", head+strings.ReplaceAll("?,M,A,12\n?,M,B,1\n?,N,C,4\n?,N,D,12\n", "?", total))
		m, err := audit.OpenMachine([]string{parts, whole}, audit.MachineOptions{})
		require.NoError(t, err)
		assert.Len(t, m.Rows, 8, total)
	}
	_, err := audit.OpenMachine([]string{parts, parts}, audit.MachineOptions{})
	assert.ErrorContains(t, err, "holds the very numbers of")
}

func TestReadMachineErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		in, want     string
		line, column int
	}{
		"empty":                 {" \n", "is empty", 0, 0},
		"no contest":            {"a,candidate,votes\n", "no column named contest", 1, 0},
		"no candidate":          {"contest,votes\n", "no column named candidate", 1, 0},
		"no votes":              {"contest,candidate\n", "no column named votes", 1, 0},
		"votes twice":           {"contest,candidate,votes,Total\n", `"votes" and "Total" mean the same`, 1, 4},
		"header only":           {"contest,candidate,votes\n", "no row of votes", 0, 0},
		"words for a number":    {"contest,candidate,votes\nMayor,A,two\n", `"two" is no count of votes`, 2, 3},
		"negative":              {"contest,candidate,votes\nMayor,A,-2\n", `"-2" is no count of votes`, 2, 3},
		"nobody named":          {"contest,candidate,votes\nMayor,,2\n", "no candidate is named", 2, 0},
		"a half vote":           {"contest,candidate,votes\nMayor,A,1.5\n", `"1.5" is no count of votes`, 2, 3},
		"wrong thousands":       {"contest,candidate,votes\nMayor,A,\"1,23\"\n", `"1,23" is no count of votes`, 2, 3},
		"too large":             {"contest,candidate,votes\nMayor,A,99999999999999999999\n", "is no count of votes", 2, 3},
		"missing number":        {"contest,candidate,votes\nMayor,A,\n", "no votes for", 2, 0},
		"a bare comma":          {"contest,candidate,votes\nMayor,Adams, Jr.,5\n", "has 4 fields, the header 3", 2, 0},
		"columns do not add up": {"contest,candidate,poll,abs,votes\nMayor,A,5,2,8\n", "the votes are 8, but the columns beside them add up to 7", 2, 0},
		"total is not the sum":  {"precinct,contest,candidate,votes\n1,Mayor,A,5\n2,Mayor,A,7\nCity,Mayor,A,13\n", `"City" gives 13 for A in "Mayor", but its parts add up to 12`, 4, 0},
		"a total without a name, mistyped": {"precinct,contest,candidate,votes\n1,M,A,5\n1,M,B,1\n1,N,C,2\n1,N,D,3\n1,N,E,3\n2,M,A,7\n2,M,B,0\n2,N,C,2\n2,N,D,9\n2,N,E,4\n,M,A,12\n,M,B,1\n,N,C,4\n,N,D,21\n,N,E,7\n",
			`precinct "" gives 21 for D in "N", but its parts add up to 12`, 15, 0},
		"a ward's total is not the sum": {"precinct,contest,candidate,votes\n1,Mayor,A,5\n2,Mayor,A,7\nWard 1 Total,Mayor,A,5\nTotal,Mayor,A,12\n", "but its parts add up to 12", 4, 0},
		"votes under an unknown name":   {"contest,candidate,poll,central\nMayor,A,5,2\n", `column "central" holds counts and has a name that is not known`, 1, 4},
		"a thousand or one":             {"contest,candidate,votes\nMayor,A,1.000\n", `"1.000" is no count`, 2, 3},
		"open quotation":                {"contest,candidate,votes\nMayor,\"A,5\n", "quotation", 2, 0},
		"not text":                      {"contest,candidate,votes\nMayor,A\xFF,5\n", "not UTF-8", 2, 0},
		"a very wide header":            {strings.Repeat("x,", 300) + "contest\n", "301 columns", 1, 0},
		"a very long field":             {"contest,candidate,votes\nMayor," + strings.Repeat("x", 5000) + ",5\n", "a field of 5000 bytes", 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.ReadMachine("m.csv", strings.NewReader(tc.in))
			var re *audit.ReadError
			require.ErrorAs(t, err, &re)
			assert.Contains(t, err.Error(), tc.want)
			assert.Equal(t, "m.csv", re.File)
			assert.Equal(t, tc.line, re.Line)
			assert.Equal(t, tc.column, re.Column)
			assert.NotEmpty(t, re.Mend)
		})
	}
}

// fuzzMachine reads any bytes as a machine's totals, and sets what comes out beside an election.
func fuzzMachine(f *testing.F, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	e := town()
	f.Fuzz(func(t *testing.T, in []byte) {
		m, err := audit.ReadMachine("Mayor - totals by batch.csv", bytes.NewReader(in))
		if err != nil {
			var re *audit.ReadError
			require.ErrorAs(t, err, &re)
			return
		}
		for _, r := range m.Rows {
			require.GreaterOrEqual(t, r.Votes, 0)
		}
		c, err := audit.Compare(e, &audit.Totals{}, m, audit.Options{})
		require.NoError(t, err)
		require.NoError(t, c.WriteTable(&bytes.Buffer{}))
		require.NoError(t, c.WriteJSON(&bytes.Buffer{}))
		require.NoError(t, audit.WriteProposals(&bytes.Buffer{}, nil, c.Proposals))
	})
}

func FuzzReadMachine(f *testing.F) {
	fuzzMachine(f, "contest,party,candidate,votes\nMayor,DEM,A,\"1,401\"\nMayor,,Over Votes,2\n",
		"precinct,office,candidate,poll,abs,votes\n1,Mayor,A,5,2,7\nTotal,Mayor,A,5,2,7\n", "contest;candidate;votes\nBallots Cast;;3\n",
		"office,district,party,candidate,votes\nMAYOR,,DEM,a. adams,3\n")
}

func FuzzBatchTotals(f *testing.F) { fuzzMachine(f, "Batch Name,A,Write-In\nB 1,1,2\nTotal,1,2\n") }

func FuzzResults(f *testing.F) { fuzzMachine(f, resultsText) }

func FuzzClarity(f *testing.F) { fuzzMachine(f, clarityText) }
