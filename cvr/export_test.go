package cvr_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	_ "image/png" // the spreadsheet library measures pictures
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"recount/cvr"
)

// put writes files below a new folder and gives it.
func put(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	return dir
}

// readAll reads an export into one line a record.
func readAll(t *testing.T, o cvr.ExportOptions, paths ...string) ([]string, *cvr.Export, error) {
	t.Helper()
	x, err := cvr.OpenExport(paths, o)
	if err != nil {
		return nil, nil, err
	}
	t.Cleanup(x.Close)
	var out []string
	for r, err := range x.Records() {
		if err != nil {
			return out, x, err
		}
		out = append(out, line(x, r))
	}
	return out, x, nil
}

// line shows a record: id imprinted tabulator/batch/record#sheet image precinct style group, then each contest with its
// marks: choice(party)@rank*votes, ? for a doubtful one, and what is stated.
func line(x *cvr.Export, r *cvr.MachineRecord) string {
	s := fmt.Sprintf("%s %s %s/%s/%s#%s %s %s %s %s", r.ID, r.Imprinted, r.Tabulator, r.Batch, r.Record, r.Sheet, r.Image, r.Precinct, r.Style, r.CountGroup)
	for _, c := range r.Contests {
		def := x.Roster.Contests[c.Contest]
		s += fmt.Sprintf("; %s/%d", x.Roster.Label(c.Contest), def.VoteFor)
		for _, m := range c.Marks {
			ch := def.Choices[m.Choice]
			s += " " + ch.Name
			if ch.Party != "" {
				s += "(" + ch.Party + ")"
			}
			if m.Rank > 0 {
				s += fmt.Sprintf("@%d", m.Rank)
			}
			s += fmt.Sprintf("*%d", m.Votes)
			if m.Doubt {
				s += "?"
			}
			if m.WriteIn != "" {
				s += "=" + m.WriteIn
			}
		}
		if c.Overvotes >= 0 {
			s += fmt.Sprintf(" over %d", c.Overvotes)
		}
		if c.Undervotes >= 0 {
			s += fmt.Sprintf(" under %d", c.Undervotes)
		}
		if c.Overvoted {
			s += " overvoted"
		}
		if c.Invalid {
			s += " invalid"
		}
	}
	return s
}

const dominionTop = "Test,5.2.16.1,,,,,,,,,\n,,,,,,,,Mayor (Vote For=1),Mayor (Vote For=1),Council (Vote For=2)\n,,,,,,,,A,B,Write-in\n"

const dominionTable = dominionTop + "CvrNumber,TabulatorNum,BatchId,RecordId,ImprintedId,CountingGroup,PrecinctPortion,BallotType,DEM,REP,\n" +
	"1,11,2,3,11-2-3,Mail,P1,T1,1,0,\n2,11,2,4,11-2-4,Mail,P1,T1,1,1,1\n"

var dominionLines = []string{
	"1 11-2-3 11/2/3#  P1 T1 Mail; Mayor/1 A(DEM)*1",
	"2 11-2-4 11/2/4#  P1 T1 Mail; Mayor/1 A(DEM)*1 B(REP)*1; Council/2 Write-in*1",
}

func TestDominionTable(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"plain", dominionTable, dominionLines},
		{"byte order mark and CRLF", "\xEF\xBB\xBF" + strings.ReplaceAll(dominionTable, "\n", "\r\n"), dominionLines},
		{"tabs", strings.ReplaceAll(dominionTable, ",", "\t"), dominionLines},
		{"UTF-16", "\xFF\xFE" + wide(dominionTable), dominionLines},
		{"formulas", strings.ReplaceAll(strings.ReplaceAll(dominionTable, "11-2-3", `="11-2-3"`), "1,11,2", `="1",="11",="2"`), dominionLines},
		{"densities", strings.ReplaceAll(dominionTable, "1,0,\n", "1 (97),0 (0),\n"), dominionLines},
		{"line breaks in names", strings.ReplaceAll(dominionTable, "Mayor (Vote For=1)", "\"Mayor\n(Vote For=1)\""), dominionLines},
		{"the wrong name of the count group", strings.ReplaceAll(dominionTable, "CountingGroup", "NotCountingGroup"), dominionLines},
		{"another identifier", strings.ReplaceAll(dominionTable, "ImprintedId", "UniqueVotingIdentifier"), dominionLines},
		{"two identifiers, one empty", strings.NewReplacer("ImprintedId", "ImprintedId,UniqueVotingIdentifier", "11-2-3,", ",11-2-3,", "11-2-4,", "11-2-4,,", ",,,,,,,,", ",,,,,,,,,").Replace(dominionTable), dominionLines},
		{"Windows-1252", "T,5\n,,,,Caf\xe9 (Vote For=1)\n,,,,Ren\xe9e\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,2,3,1-2-3,1\n", []string{" 1-2-3 1/2/3#    ; Café/1 Renée*1"}},
		{"ranks", "T,5\n,,,,\"M (Number of positions=1, Number of ranks=2)\",\"M (Number of positions=1, Number of ranks=2)\",\"M (Number of positions=1, Number of ranks=2)\",\"M (Number of positions=1, Number of ranks=2)\"\n" +
			",,,,A(1),B(1),A(2),B(2)\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,2,3,,0,1,1,0\n", []string{"  1/2/3#    ; M/1 B@1*1 A@2*1"}},
		{"a title without votes allowed", "T,5\n,,,,A,A\n,,,,x,y\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,2,3,,0,1\n", []string{"  1/2/3#    ; A/0 y*1"}},
		{"a title of another form above", strings.Replace(strings.ReplaceAll(dominionTable, ",", ";"), "Test;5.2.16.1;;;;;;;;;\n", "Test, of all, commas\n", 1), dominionLines},
		{"a title with many semicolons", strings.Replace(dominionTable, "Test,", "Fall; City; Test; General; Election; 1; 2; 3; 4; 5; 6; 7,", 1), dominionLines},
		{"votes allowed in another form", strings.NewReplacer("Mayor (Vote For=1)", "Mayor (vote for 1)", "Council (Vote For=2)", "Council (VOTE FOR: 2)").Replace(dominionTable), dominionLines},
		{"votes allowed before a party", "T,5\n,,,,A (Vote For=2) - DEM\n,,,,x\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,2,3,,1\n", []string{"  1/2/3#    ; A - DEM/2 x*1"}},
		{"two contests of one title", "T,5\n,,,,A (Vote For=1),A (Vote For=1),A (Vote For=2),A (Vote For=2)\n,,,,w,x,y,z\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,2,3,,1,1,,\n1,2,4,,,,1,1\n",
			[]string{"  1/2/3#    ; A [vote for 1]/1 w*1 x*1", "  1/2/4#    ; A [vote for 2]/2 y*1 z*1"}},
		{"two of one name", "T,5\n,,,,A (Vote For=1),A (Vote For=1)\n,,,,x,x\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,2,3,,0,1\n", []string{"  1/2/3#    ; A/1 x*1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, x, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"a.csv": c.in}))
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
			assert.Equal(t, cvr.DominionCSV, x.Files[0].Kind)
			assert.Zero(t, x.Lost)
		})
	}
}

func TestContestsInSeveralPlacesAreSaid(t *testing.T) {
	_, x, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"a.csv": "T,5\n,,,,A (Vote For=1),B (Vote For=1),A (Vote For=1)\n,,,,w,x,y\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,2,3,,1,0,0\n"}))
	require.NoError(t, err)
	require.Len(t, x.Notes, 1)
	assert.Contains(t, x.Notes[0], `a.csv: line 2, column 7: contest "A" stands in several places of the header`)
}

// wide is text as UTF-16, little end first.
func wide(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(0)
	}
	return b.String()
}

func TestRowsThatAreNoRecordsAreSaid(t *testing.T) {
	got, x, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"a.csv": dominionTable + "Redacted and aggregated,,,,,,,,40,30,\n"}))
	require.NoError(t, err)
	assert.Equal(t, dominionLines, got)
	assert.Equal(t, 1, x.Lost)
	require.Len(t, x.Notes, 2)
	assert.Contains(t, x.Notes[0], `line 7 names no tabulator, batch or record ("Redacted and aggregated")`)
}

const manifests = `{"List":[{"Description":"Mayor","Id":4,"VoteFor":1,"NumOfRanks":0},{"Description":"Irv","Id":5,"VoteFor":1,"NumOfRanks":3}]}`

func dominionFolder(sessions string) map[string]string {
	return map[string]string{
		"ContestManifest.json": manifests,
		"CandidateManifest.json": `{"List":[{"Description":"A","Id":1,"ContestId":4,"Type":"Regular","Affiliations":[7]},{"Description":"Write-in","Id":2,"ContestId":4,"Type":"WriteIn"},` +
			`{"Description":"X","Id":3,"ContestId":5,"Type":"Regular"},{"Description":"Y","Id":9,"ContestId":5,"Type":"Regular"}]}`,
		"PartyManifest.json":           `{"List":[{"Description":"DEM","Id":7}]}`,
		"PrecinctPortionManifest.json": `{"List":[{"Description":"P1","Id":1}]}`,
		"CountingGroupManifest.json":   `{"List":[{"Description":"Mail","Id":2}]}`,
		"CvrExport_2.json":             `{"Version":"5.10","Sessions":[` + sessions + `]}`,
	}
}

const cardSession = `{"TabulatorId":11,"BatchId":2,"RecordId":3,"CountingGroupId":2,"ImageMask":"D:\\NAS\\e\\Images\\00011_00002_000003*.*","Original":{"PrecinctPortionId":1,"BallotTypeId":6,"IsCurrent":true,` +
	`"Cards":[{"Contests":[{"Id":4,"Undervotes":0,"Overvotes":0,"Marks":[{"CandidateId":1,"PartyId":7,"Rank":1,"IsAmbiguous":false,"IsVote":true},{"CandidateId":2,"Rank":1,"IsAmbiguous":true,"IsVote":false}]}]},` +
	`{"Contests":[{"Id":5,"OutstackConditionIds":[5],"Marks":[{"CandidateId":3,"Rank":1,"IsVote":true},{"CandidateId":9,"Rank":2,"IsVote":true}]}]}]}}`

func TestDominionSessions(t *testing.T) {
	modified := `{"TabulatorId":11,"BatchId":2,"RecordId":"X","ImageMask":"D:\\I\\00011_00002_000017*.*","Original":{"IsCurrent":false,"Contests":[{"Id":4,"Marks":[{"CandidateId":1,"Rank":1,"IsVote":true}]}]},` +
		`"Modified":{"IsCurrent":true,"Contests":[{"Id":4,"Undervotes":1,"OutstackConditionIds":[7],"Marks":[]}]}}`
	want := []string{
		" 11-2-3 11/2/3#1 00011_00002_000003 P1 6 Mail; Mayor/1 A(DEM)*1 Write-in*0? under 0",
		" 11-2-3 11/2/3#2 00011_00002_000003 P1 6 Mail; Irv/1 X@1*1 Y@2*1 overvoted",
		" 11-2-17 11/2/17# 00011_00002_000017   ; Mayor/1 under 1 invalid",
	}
	dir := put(t, dominionFolder(cardSession+","+modified))
	got, _, err := readAll(t, cvr.ExportOptions{}, dir)
	require.NoError(t, err)
	assert.Equal(t, want, got)

	got, _, err = readAll(t, cvr.ExportOptions{}, filepath.Join(dir, "CvrExport_2.json"))
	require.NoError(t, err)
	assert.Equal(t, want, got, "a file alone finds the manifests beside it")

	got, _, err = readAll(t, cvr.ExportOptions{Snapshot: "original"}, dir)
	require.NoError(t, err)
	assert.Equal(t, " 11-2-17 11/2/17# 00011_00002_000017   ; Mayor/1 A(DEM)*1", got[2])

	archive := filepath.Join(t.TempDir(), "export.zip")
	pack(t, archive, dominionFolder(cardSession+","+modified))
	got, _, err = readAll(t, cvr.ExportOptions{}, archive)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestDominionWithoutManifestsHasNumbersForNames(t *testing.T) {
	got, x, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"CvrExport.json": `{"Sessions":[` + cardSession + `]}`}))
	require.NoError(t, err)
	assert.Contains(t, got[0], "contest 4/0 candidate 1*1")
	assert.Contains(t, x.Notes[0], "numbers for names")
}

// pack writes a zip archive.
func pack(t testing.TB, name string, files map[string]string) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for n, text := range files {
		w, err := z.Create(n)
		require.NoError(t, err)
		_, err = w.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.NoError(t, os.WriteFile(name, b.Bytes(), 0o644))
}

const clearTable = "RowNumber,BoxID,BoxPosition,BallotID,PrecinctID,BallotStyleID,PrecinctStyleName,ScanComputerName,Status,Remade," +
	"Choice_1_1:Mayor:Vote For 1:A:DEM,\"Choice_2_1:Auditor, City:1:Number of Winners 1:B:NON\",\"Choice_2_1:Auditor, City:2:Number of Winners 1:B:NON\",Choice_3_1:Ward:5:Vote For 2:Write-in:\n" +
	"1,BX,7,BX+10003,4,9,P-S,SC1,0,0,1,0,1,\n2,BX,8,BX+10005,4,9,P-S,SC1,-1,0,0,,,1\n"

func TestClearBallot(t *testing.T) {
	want := []string{
		"BX+10003  SC1/BX/7# BX+10003 P-S 9 ; Mayor/1 A(DEM)*1; Auditor, City/1 B(NON)@2*1",
		"BX+10005  SC1/BX/8# BX+10005 P-S 9 ; Mayor/1; Ward:5/2 Write-in*1",
	}
	for name, in := range map[string]string{"commas": clearTable, "all quoted": strings.ReplaceAll(clearTable, "BX+10003", `"BX+10003"`)} {
		got, x, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"e.cvr.csv": in}))
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
		assert.Contains(t, x.Notes[0], "could not read and nobody remade: 1")
	}
}

func TestClearBallotContestsAndPersonsOfOneName(t *testing.T) {
	const head = "RowNumber,BoxID,BoxPosition,BallotID,"
	got, _, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"e.csv": head + "Choice_1_1:Ward:Vote For 1:A:,Choice_2_1:Ward:Vote For 2:J:,Choice_3_1:Ward:Vote For 2:J:\n1,B,1,x,1,,\n2,B,2,y,,1,1\n"}))
	require.NoError(t, err)
	assert.Equal(t, []string{"x  /B/1# x   ; Ward [vote for 1]/1 A*1", "y  /B/2# y   ; Ward [vote for 2]/2 J*1 J*1"}, got)
}

func TestRanksInAnyOrder(t *testing.T) {
	const head = "RowNumber,BoxID,BoxPosition,BallotID,"
	clear := put(t, map[string]string{"e.csv": head + "Choice_2_1:M:2:Vote For 1:A:,Choice_1_1:M:1:Vote For 1:A:\n1,B,1,x,0,1\n2,B,2,y,1,0\n"})
	got, x, err := readAll(t, cvr.ExportOptions{}, clear)
	require.NoError(t, err)
	assert.Equal(t, []string{"x  /B/1# x   ; M/1 A@1*1", "y  /B/2# y   ; M/1 A@2*1"}, got)
	assert.Len(t, x.Roster.Contests[0].Choices, 1)
	title := "\"M (Number of positions=1, Number of ranks=2)\""
	got, x, err = readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"a.csv": "T,5\n,,,," + title + "," + title + "\n,,,,A(2),A(1)\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,2,3,,1,0\n"}))
	require.NoError(t, err)
	assert.Equal(t, []string{"  1/2/3#    ; M/1 A@2*1"}, got)
	assert.Len(t, x.Roster.Contests[0].Choices, 1)
}

const essTable = "Cast Vote Record,Precinct,Ballot Style,Mayor,Council,Council,Governor 1st Choice (5715),Governor 2nd Choice (5718)\n" +
	"1,p,bs,A,X,Y,\"Mills, J. (5)\",undervote\n2,p,bs,overvote,X,undervote,overvote,\"Mills, J. (5)\"\n3,p,bs,,write-in,undervote,,\n"

func TestESS(t *testing.T) {
	ballots := "Ballots,,\nGEN21,,\nCast Vote Record,Batch,Ballot Status,Reporting Group,Tabulator CVR\n3,B2,Not Reviewed,Mail,0123456789abcdef\n1,B1,Not Reviewed,Election Day,0002003172\n44,B1,Not Reviewed,Mail,0002003173\nTotal : 3,,,,\n"
	dir := put(t, map[string]string{"cvr.csv": essTable, "ballots.csv": ballots})
	got, x, err := readAll(t, cvr.ExportOptions{}, dir)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"1  0002/B1/003172#  p bs Election Day; Mayor/1 A*1 under 0; Council/2 X*1 Y*1 under 0; Governor/1 Mills, J. (5)@1*1",
		"2  //#  p bs ; Mayor/1 overvoted; Council/2 X*1 under 1; Governor/1 Mills, J. (5)@2*1 overvoted",
		"3 0123456789abcdef /B2/#  p bs Mail; Council/2 Write-in*1 under 1",
	}, got)
	assert.Contains(t, strings.Join(x.Notes, "\n"), "records that the Ballots table does not list: 1")
	assert.Contains(t, strings.Join(x.Notes, "\n"), "ballots that are listed and have no record: 1 (44)")
	assert.Equal(t, 1, x.Lost)
}

func TestESSColumnsWithoutAName(t *testing.T) {
	got, _, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"a.csv": "Cast Vote Record,Precinct,Mayor,Board,,\n1,p,A,,,\n2,p,A,X,Y,undervote\n"}))
	require.NoError(t, err)
	assert.Equal(t, []string{"1  //#  p  ; Mayor/1 A*1 under 0", "2  //#  p  ; Mayor/1 A*1 under 0; Board/3 X*1 Y*1 under 1"}, got)
}

func TestESSWords(t *testing.T) {
	got, _, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"a.csv": "Cast Vote Record,Precinct,School Choice 2\n1,p,Over Vote\n2,p,under-vote\n3,p,UNDERVOTED\n4,p,WRITE IN: Bob\n5,p,—\n"}))
	require.NoError(t, err)
	assert.Equal(t, []string{"1  //#  p  ; School Choice 2/1 overvoted", "2  //#  p  ; School Choice 2/1 under 1", "3  //#  p  ; School Choice 2/1 under 1",
		"4  //#  p  ; School Choice 2/1 Write-in*1=WRITE IN: Bob under 0", "5  //#  p  ; School Choice 2/1 —*1 under 0"}, got)
}

func TestESSTitlesOverATableOfSemicolons(t *testing.T) {
	dir := put(t, map[string]string{"cvr.csv": "Cast Vote Record;Mayor\n1;Mills, J.\n", "ballots.csv": "Ballots\nGEN, 21\nCast Vote Record;Batch;Ballot Status\n1;B1;ok\nTotal : 1\n"})
	got, _, err := readAll(t, cvr.ExportOptions{}, dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"1  /B1/#    ; Mayor/1 Mills, J.*1 under 0"}, got)
}

// book writes a workbook of sheets.
func book(t *testing.T, sheets ...[][]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, rows := range sheets {
		sheet := fmt.Sprintf("Sheet%d", i+1)
		_, err := f.NewSheet(sheet)
		require.NoError(t, err)
		for k, row := range rows {
			require.NoError(t, f.SetSheetRow(sheet, fmt.Sprintf("A%d", k+1), &row))
		}
	}
	name := filepath.Join(t.TempDir(), "cvr.xlsx")
	require.NoError(t, f.SaveAs(name))
	return name
}

func TestESSWorkbookOfManySheets(t *testing.T) {
	ballots := [][]any{{"Cast Vote Record", "Batch", "Ballot Status", "Tabulator CVR", "Imprint Place"}, {1, "B", "ok", "0002003172", "z"}}
	records := [][]any{{"Cast Vote Record", "Precinct", "Mayor"}, {1, "p", "A"}}
	more := [][]any{{"Report"}, {"Cast Vote Record", "Precinct", "Mayor", "Clerk"}, {2, "q", "B", "C"}}
	got, x, err := readAll(t, cvr.ExportOptions{}, book(t, ballots, records, [][]any{{"Summary", 7}}, more))
	require.NoError(t, err)
	assert.Equal(t, []string{"1  //#  p  ; Mayor/1 A*1 under 0", "2  //#  q  ; Mayor/1 B*1 under 0; Clerk/1 C*1 under 0"}, got)
	require.Len(t, x.Notes, 1)
	assert.Contains(t, x.Notes[0], `sheet "Sheet1" is a table of ballots and is passed over`)

	_, _, err = readAll(t, cvr.ExportOptions{}, book(t, records, [][]any{{"Cast Vote Record", "Precinct"}, {1, "p"}}))
	assert.ErrorContains(t, err, `line 1, sheet "Sheet2": no column of a contest`)
}

func TestESSWorkbook(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	_, err := f.NewSheet("About")
	require.NoError(t, err)
	for i, row := range [][]any{{"Cast Vote Record", "Precinct", "Mayor", "Clerk"}, {1, "p", "A", nil}, {2, "p", nil, "undervote"}} {
		require.NoError(t, f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
	}
	// A name written by hand stands in the cell as a picture.
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\nIDATx\x9cc\x60\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB\x60\x82"
	require.NoError(t, f.AddPictureFromBytes("Sheet1", "C3", &excelize.Picture{Extension: ".png", File: []byte(png)}))
	name := filepath.Join(t.TempDir(), "cvr.xlsx")
	require.NoError(t, f.SaveAs(name))
	got, x, err := readAll(t, cvr.ExportOptions{}, name)
	require.NoError(t, err)
	assert.Equal(t, []string{"1  //#  p  ; Mayor/1 A*1 under 0", "2  //#  p  ; Mayor/1 Write-in*1 under 0; Clerk/1 under 1"}, got)
	assert.Equal(t, cvr.ESS, x.Files[0].Kind)
}

const hartSheet = "\xEF\xBB\xBF<?xml version=\"1.0\"?><Cvr xmlns=\"http://tempuri.org/CVRDesign.xsd\"><Contests>" +
	"<Contest><Name>Mayor</Name><Id>m</Id><Options><Option><Name>A</Name><Id>a</Id><Value>1</Value></Option><Option><Id>w</Id><Value>1</Value><WriteInData><Text>Bob</Text></WriteInData></Option></Options></Contest>" +
	"<Contest><Name>Clerk</Name><Id>c</Id><Options /><Undervotes>2</Undervotes></Contest>" +
	"<Contest><Name>Irv</Name><Id>i</Id><Options><Option><Name>X</Name><Id>x</Id><Value>0110</Value></Option></Options><Overvoted /></Contest>" +
	"</Contests><BatchSequence>9</BatchSequence><SheetNumber>1</SheetNumber><PrecinctSplit><Name>1032</Name></PrecinctSplit><BatchNumber>4</BatchNumber><CvrGuid>guid-1</CvrGuid></Cvr>"

func TestHart(t *testing.T) {
	dir := put(t, map[string]string{"1_guid-1.xml": hartSheet})
	got, _, err := readAll(t, cvr.ExportOptions{}, dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"guid-1  /4/9#1  1032  ; Mayor/0 A*1 Write-in*1=Bob over 0 under 0; Clerk/0 over 0 under 2; Irv/1 X@2*1 X@3*1 overvoted"}, got)
}

func TestHartInOtherForms(t *testing.T) {
	const plain = `<?xml version="1.0" encoding="utf-16"?><Cvr><Contests><Contest><Name>Mayor</Name><Id>m</Id><Options><Option><Name>A</Name><Id>a</Id><Value>1</Value></Option></Options></Contest></Contests></Cvr>`
	for name, in := range map[string]string{
		"UTF-16":          "\xFF\xFE" + wide(plain),
		"UTF-8, misnamed": plain,
		"prefixes":        strings.NewReplacer("utf-16", "utf-8", "</", "</h:", "<C", "<h:C", "<N", "<h:N", "<I", "<h:I", "<O", "<h:O", "<V", "<h:V", "<Cvr>", `<h:Cvr xmlns:h="http://tempuri.org/CVRDesign.xsd">`).Replace(plain),
		"Windows-1252":    strings.Replace(plain, "utf-16", "windows-1252", 1),
	} {
		got, _, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"g.xml": in}))
		require.NoError(t, err, name)
		assert.Equal(t, []string{"g  //#    ; Mayor/0 A*1 over 0 under 0"}, got, name)
	}
	got, _, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"g.xml": "<Cvr><Contests><Contest><Name>Mayor</Name><Options/></Contest></Contests></Cvr>"}))
	require.NoError(t, err)
	assert.Equal(t, []string{"g  //#    ; Mayor/0 over 0"}, got, "what is not used is not stated")
}

func TestHartWithItsScannedBallots(t *testing.T) {
	row := "1,\"A01\",\"Absentee Voting\",1,\"unique-1\",\"AB(1[*\",\"guid-1\"\n"
	dir := put(t, map[string]string{"1_guid-1.xml": hartSheet, "scans.csv": "#FormatVersion 1\n#BatchId,Workstation,VotingType,PageNumber,UniqueIdentifier,Device,CvrId\n" + row + strings.Replace(row, ",1,", ",2,", 1)})
	got, _, err := readAll(t, cvr.ExportOptions{}, dir)
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.Contains(t, got[0], "guid-1 unique-1 A01/4/9#1  1032  Absentee Voting; Mayor")
	dir = put(t, map[string]string{"1_guid-1.xml": hartSheet, "scans.csv": "CvrId,UniqueIdentifier\nguid-1,a\nguid-1,b\n"})
	_, _, err = readAll(t, cvr.ExportOptions{}, dir)
	assert.ErrorContains(t, err, `scans.csv: line 3: CvrId "guid-1" has another identifier`)
}

const nistReportText = `{"CVR":[{"UniqueId":"u1","BatchId":"b","BatchSequenceId":7,"CreatingDeviceId":"d","BallotStyleId":"s","BallotStyleUnitId":"p","CurrentSnapshotId":"2",
"BallotImage":[{"Location":"file:batch%207/x-front.jpg"}],"CVRSnapshot":[
{"@id":"1","Type":"original","CVRContest":[{"ContestId":"c","CVRContestSelection":[{"ContestSelectionId":"a","SelectionPosition":[{"HasIndication":"unknown","NumberVotes":1}]},{"ContestSelectionId":"w","SelectionPosition":[{"HasIndication":"no","NumberVotes":1}]}]}]},
{"@id":"2","Type":"modified","CVRContest":[{"ContestId":"c","Overvotes":0,"Undervotes":"1","Status":["undervoted"],"CVRContestSelection":[
{"ContestSelectionId":"a","TotalNumberVotes":1,"SelectionPosition":[{"HasIndication":"yes","NumberVotes":1}]},{"SelectionPosition":[{"HasIndication":"yes","IsAllocable":"unknown","NumberVotes":1,"CVRWriteIn":{"Text":"Bob"}}]}]}]}]}],
"Election":[{"Contest":[{"@type":"CandidateContest","@id":"c","Name":"Mayor","VotesAllowed":3,"ContestSelection":[{"@id":"a","CandidateIds":["k"]},{"@id":"w","IsWriteIn":true}]}],"Candidate":[{"@id":"k","Name":"A","PartyId":"dem"}]}],
"Party":[{"@id":"dem","Name":"Democratic"}],"GpUnit":[{"@id":"p","Name":"District 1","Type":"precinct"}],"ReportingDevice":[{"@id":"d","SerialNumber":"S9"}],"Version":"1.0.0"}`

func TestNISTReport(t *testing.T) {
	name := filepath.Join(put(t, map[string]string{"r.json": nistReportText}), "r.json")
	got, _, err := readAll(t, cvr.ExportOptions{}, name)
	require.NoError(t, err)
	assert.Equal(t, []string{"u1  S9/b/7# x-front District 1 s ; Mayor/3 A(Democratic)*1 Write-in*1=Bob over 0 under 1"}, got)
	got, _, err = readAll(t, cvr.ExportOptions{Snapshot: "original"}, name)
	require.NoError(t, err)
	assert.Equal(t, []string{"u1  S9/b/7# x-front District 1 s ; Mayor/3 A(Democratic)*0?"}, got)
}

func TestNISTAnswersHoweverTheyAreWritten(t *testing.T) {
	in := strings.NewReplacer(`"Overvotes":0,"Undervotes":"1",`, "", `"TotalNumberVotes":1,`, "", `"VotesAllowed":3`, `"VotesAllowed":1`).Replace(nistReportText)
	for name, c := range map[string]struct{ from, to, want string }{
		"capitals":                 {`"HasIndication":"yes"`, `"HasIndication":"Yes"`, "A(Democratic)*1 Write-in*1=Bob"},
		"truth":                    {`"HasIndication":"yes"`, `"HasIndication":true`, "A(Democratic)*1 Write-in*1=Bob"},
		"an overvote by its marks": {`"HasIndication":"yes"`, `"HasIndication":"yes","IsAllocable":"no"`, "A(Democratic)*0 Write-in*0=Bob overvoted"},
	} {
		got, _, err := readAll(t, cvr.ExportOptions{}, put(t, map[string]string{"r.json": strings.ReplaceAll(strings.Replace(in, `"IsAllocable":"unknown",`, "", 1), c.from, c.to)}))
		require.NoError(t, err, name)
		assert.Equal(t, []string{"u1  S9/b/7# x-front District 1 s ; Mayor/1 " + c.want}, got, name)
	}
}

func TestFilesAreReadInNaturalOrder(t *testing.T) {
	files := map[string]string{}
	for _, n := range []string{"1", "2", "10"} {
		files["CvrExport_"+n+".json"] = `{"Sessions":[{"UniqueVotingIdentifier":"` + n + `","Original":{}}]}`
	}
	archive := filepath.Join(t.TempDir(), "a.zip")
	pack(t, archive, files)
	for _, from := range []string{put(t, files), archive} {
		got, _, err := readAll(t, cvr.ExportOptions{}, from)
		require.NoError(t, err)
		assert.Equal(t, []string{"1  //#    ", "2  //#    ", "10  //#    "}, got)
	}
}

func TestNaturalOrder(t *testing.T) {
	for _, c := range [][2]string{{"a2", "a10"}, {"1", "01"}, {"a", "b"}, {"", "a"}, {"CvrExport_9.json", "CvrExport_10.json"}} {
		assert.Negative(t, cvr.Natural(c[0], c[1]), c)
		assert.Positive(t, cvr.Natural(c[1], c[0]), c)
	}
	assert.Zero(t, cvr.Natural("x1", "x1"))
}
