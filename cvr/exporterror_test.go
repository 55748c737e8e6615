package cvr_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/cvr"
)

func TestErrorsOfExports(t *testing.T) {
	edit := func(in, from, to string) string { return strings.Replace(in, from, to, 1) }
	for _, c := range []struct {
		name, file, in, want string
		line, column         int
		path                 string
	}{
		{"empty", "a.csv", "", "it is empty", 0, 0, ""},
		{"a letter", "a.txt", "Dear Sir\n", "a table of another kind", 0, 0, ""},
		{"a manifest of ballots", "m.csv", "Tabulator,Batch Name,Number of Ballots\nT,B,5\n", "a ballot manifest", 0, 0, ""},
		{"totals", "r.xml", "<ElectionResult/>", "totals, which compare takes", 0, 0, ""},

		{"dominion: no batch", "a.csv", edit(dominionTable, "BatchId", "Pile"), "no column batchid", 4, 0, ""},
		{"dominion: a sum", "a.csv", edit(dominionTable, "T1,1,0,", "T1,17,0,"), `"17" is neither 1, 0 nor empty`, 5, 9, ""},
		{"dominion: a bare comma", "a.csv", edit(dominionTable, "P1,T1,1,0,", "P,1,T1,1,0,x"), "12 fields, the header 11", 5, 12, ""},
		{"dominion: cut off in the middle", "a.csv", dominionTable[:len(dominionTable)-4], "has 10 fields, the header 11", 6, 0, ""},
		{"dominion: an open quotation mark", "a.csv", edit(dominionTable, "Mail,P1,T1,1,0", "\"Mail,P1,T1,1,0"), "has 6 fields, the header 11", 5, 0, ""},
		{"dominion: a choice without a contest", "a.csv", edit(dominionTable, "Council (Vote For=2)", ""), "has no contest above it", 3, 11, ""},
		{"dominion: a contest without a choice", "a.csv", edit(dominionTable, ",A,B,", ",,B,"), "a column without a choice", 3, 9, ""},
		{"dominion: headers only", "a.csv", "CvrNumber,TabulatorNum,BatchId,RecordId\n", "no rows of contests and choices", 1, 0, ""},
		{"dominion: a long field", "a.csv", edit(dominionTable, "Mail", strings.Repeat("x", 70000)), "a field of 70000 bytes", 5, 6, ""},

		{"clear ballot: no choices", "a.csv", "RowNumber,BoxID,BoxPosition,BallotID\n1,B,1,x\n", "no column begins with Choice_", 1, 0, ""},
		{"clear ballot: a bad header", "a.csv", edit(clearTable, "Choice_1_1:Mayor:Vote For 1:A:DEM", "Choice_1_1:Mayor:A:DEM"), "does not name a contest", 1, 11, ""},
		{"clear ballot: cut off", "a.csv", edit(clearTable, ",-1,0,0,,,1\n", ",-1,0"), "has 10 fields, the header 14", 3, 0, ""},
		{"clear ballot: no id", "a.csv", edit(clearTable, "BX+10005", ""), "no BallotID", 3, 4, ""},
		{"clear ballot: another mark", "a.csv", edit(clearTable, ",1,0,1,\n", ",1,0,x,\n"), `"x" is neither`, 2, 13, ""},
		{"clear ballot: quotation marks", "a.csv", edit(clearTable, "BX+10003", "BX \"1"), "not paired", 2, 0, ""},

		{"ess: no contest", "a.csv", "Cast Vote Record,Precinct\n1,p\n", "no column of a contest", 1, 0, ""},
		{"ess: a bare comma", "a.csv", "Cast Vote Record,Precinct,Mayor\n1,p,Smith, Jr.\n", "has 4 fields, the header 3", 2, 4, ""},
		{"ess: quotation marks", "a.csv", "Cast Vote Record,Precinct,Mayor\n1,p,SMITH \"J\"\n", "not paired", 2, 0, ""},
		{"ess: a spreadsheet cut off", "a.xlsx", "PK\x03\x04rest", "is no whole zip archive", 0, 0, ""},

		{"hart: cut off", "a.xml", hartSheet[:300], "unexpected EOF", 1, 0, ""},
		{"hart: another element", "a.xml", hartSheet + "<Cvr/>", "another element after the record", 1, 0, ""},
		{"hart: a strange value", "a.xml", edit(hartSheet, "<Value>1<", "<Value>yes<"), "is no row of 0 and 1", 0, 0, "Contests/Contest[1]"},
		{"hart: strange undervotes", "a.xml", edit(hartSheet, "<Undervotes>2", "<Undervotes>two"), "no number of undervotes", 0, 0, "Contests/Contest[2]"},

		{"nist: cut off", "a.json", nistReportText[:600], "ends in the middle", 0, 0, "CVR[0]"},
		{"nist: bad JSON", "a.json", edit(nistReportText, `"BatchSequenceId":7`, `"BatchSequenceId":=7`), "invalid character '='", 1, 58, "CVR[0]"},
		{"nist: a list for a value", "a.json", edit(nistReportText, `"BatchSequenceId":7`, `"BatchSequenceId":[7]`), "stands where a plain value is wanted", 1, 0, "CVR[0]"},
		{"nist: no such contest", "a.json", strings.ReplaceAll(nistReportText, `"ContestId":"c"`, `"ContestId":"q"`), `"q" is no contest of the report`, 1, 9, "CVR[0]"},
		{"nist: no such choice", "a.json", edit(nistReportText, `"ContestSelectionId":"a","TotalNumberVotes"`, `"ContestSelectionId":"q","TotalNumberVotes"`), `"q" is no choice of contest "c"`, 1, 9, "CVR[0]"},
		{"nist: no such snapshot", "a.json", edit(nistReportText, `"CurrentSnapshotId":"2"`, `"CurrentSnapshotId":"9"`), `"9" is none of its 2 snapshots`, 0, 0, "CVR[0]"},
		{"nist: no snapshot", "a.json", `{"CVR":[{"UniqueId":"x"}],"Election":[{"Contest":[{"@id":"c"}]}],"ReportGeneratingDeviceIds":[]}`, "there is no CVRSnapshot", 1, 0, "CVR[0]"},
		{"nist: no contests", "a.json", `{"CVR":[{"UniqueId":"x"}],"ReportGeneratingDeviceIds":[]}`, "no contest is defined", 0, 0, "Election"},
		{"nist: nothing of a report", "a.json", `{"CastVoteRecordReport":{"CVR":[]}}`, "neither an Election nor a CVR", 1, 0, ""},
		{"nist: no indication", "a.json", edit(nistReportText, `{"SelectionPosition":[{"HasIndication":"yes",`, `{"SelectionPosition":[{`), `SelectionPosition[0]: HasIndication ""`, 1, 0, "CVR[0]"},
		{"nist: a strange indication", "a.json", strings.ReplaceAll(nistReportText, `"HasIndication":"yes"`, `"HasIndication":"marked"`), `HasIndication "marked"`, 1, 0, "CVR[0]"},
		{"nist: a contest twice", "a.json", edit(nistReportText, `{"ContestId":"c","Overvotes"`, `{"ContestId":"c"},{"ContestId":"c","Overvotes"`), `contest "Mayor" stands twice on one record`, 0, 0, "CVR[0]"},
		{"nist: more after the end", "a.json", nistReportText + "{}", "more stands after the end", 0, 0, ""},
		{"nist: records are no list", "a.json", `{"CVR":7,"ReportGeneratingDeviceIds":[]}`, "a list is wanted here", 1, 0, "CVR"},

		{"dominion sessions: cut off", "CvrExport.json", `{"Sessions":[{"TabulatorId":1`, "ends in the middle", 0, 0, "Sessions[0]"},
		{"dominion sessions: no original", "CvrExport.json", `{"Sessions":[{"TabulatorId":1}]}`, "there is no Original", 1, 0, "Sessions[0]"},
		{"dominion sessions: nothing current", "CvrExport.json", `{"Sessions":[{"Original":{"IsCurrent":false}}]}`, "no Modified", 1, 0, "Sessions[0]"},
		{"dominion sessions: none", "CvrExport.json", `{"sessions":[]}`, "there are no Sessions", 1, 0, ""},
		{"dominion sessions: a contest twice", "CvrExport.json", `{"Sessions":[{"Original":{"Contests":[{"Id":1},{"Id":1}]}}]}`, `contest "contest 1" stands twice`, 0, 0, "Sessions[0]"},
		{"dominion sessions: a contest without an id", "CvrExport.json", `{"Sessions":[{"Original":{"Contests":[{}]}}]}`, "the contest has no Id", 1, 0, "Sessions[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := readAll(t, cvr.ExportOptions{}, filepath.Join(put(t, map[string]string{c.file: c.in}), c.file))
			var re *cvr.ReadError
			require.ErrorAs(t, err, &re)
			assert.Contains(t, re.Error(), c.want)
			assert.Equal(t, c.file, filepath.Base(re.File))
			assert.NotEmpty(t, re.Mend)
			assert.Equal(t, c.path, re.Path)
			if c.line > 0 {
				assert.Equal(t, c.line, re.Line)
			}
			if c.column > 0 {
				assert.Equal(t, c.column, re.Column)
			}
		})
	}
}

func TestCandidatesOfAnotherContest(t *testing.T) {
	files := dominionFolder(`{"Original":{"Contests":[{"Id":4,"Marks":[{"CandidateId":3,"IsVote":true}]}]}}`)
	_, _, err := readAll(t, cvr.ExportOptions{}, put(t, files))
	assert.ErrorContains(t, err, "Sessions[0]: card 0, Contests[0]: candidate 3 is marked in contest 4, and CandidateManifest.json has it in contest 5")
}

func TestWrongOptions(t *testing.T) {
	dir := put(t, map[string]string{"a.csv": dominionTable})
	_, err := cvr.OpenExport([]string{dir}, cvr.ExportOptions{Kind: "punched"})
	assert.ErrorContains(t, err, `no kind "punched"`)
	_, err = cvr.OpenExport([]string{dir}, cvr.ExportOptions{Snapshot: "latest"})
	assert.ErrorContains(t, err, `no snapshot "latest"`)
	_, err = cvr.OpenExport([]string{filepath.Join(dir, "none")}, cvr.ExportOptions{})
	assert.ErrorContains(t, err, "cannot be read")
	_, err = cvr.OpenExport([]string{t.TempDir()}, cvr.ExportOptions{})
	assert.ErrorContains(t, err, "no file was found")
	_, _, err = readAll(t, cvr.ExportOptions{Kind: cvr.ClearBallot}, filepath.Join(dir, "a.csv"))
	assert.ErrorContains(t, err, "no column boxid", "a forced kind rules")
	_, _, err = readAll(t, cvr.ExportOptions{Snapshot: "modified"}, dir)
	assert.ErrorContains(t, err, "keeps one state of each record, not modified")
}

func TestArchivesThatAreBombsOrNested(t *testing.T) {
	bomb := filepath.Join(t.TempDir(), "bomb.zip")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("cvr.csv")
	require.NoError(t, err)
	_, err = io.WriteString(w, dominionTable)
	require.NoError(t, err)
	_, err = io.CopyN(w, zeros{}, 100<<20)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	require.NoError(t, os.WriteFile(bomb, b.Bytes(), 0o644))
	got, _, err := readAll(t, cvr.ExportOptions{}, bomb)
	assert.Error(t, err)
	assert.LessOrEqual(t, len(got), 2)

	spaces := strings.Repeat(" ", 70<<20)
	pack(t, bomb, map[string]string{"r.json": "{" + spaces + nistReportText[1:]})
	_, _, err = readAll(t, cvr.ExportOptions{Kind: cvr.NIST}, bomb)
	assert.Error(t, err)
	pack(t, bomb, map[string]string{"a.xml": "<Cvr>" + spaces + "</Cvr>"})
	_, _, err = readAll(t, cvr.ExportOptions{}, bomb)
	assert.ErrorContains(t, err, "larger than 32 MiB")

	book := map[string]string{"xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": strings.Repeat(" ", 70<<20)}
	pack(t, strings.TrimSuffix(bomb, "zip")+"xlsx", book)
	_, _, err = readAll(t, cvr.ExportOptions{}, strings.TrimSuffix(bomb, "zip")+"xlsx")
	assert.ErrorContains(t, err, "unzip size exceeds")

	inner := filepath.Join(t.TempDir(), "inner.zip")
	pack(t, inner, map[string]string{"cvr.csv": dominionTable})
	text, err := os.ReadFile(inner)
	require.NoError(t, err)
	outer := filepath.Join(t.TempDir(), "outer.zip")
	pack(t, outer, map[string]string{"inner.zip": string(text)})
	_, _, err = readAll(t, cvr.ExportOptions{}, outer)
	assert.ErrorContains(t, err, "holds no cast-vote records")
}

// zeros is endless.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestLinksOutOfAFolderAreNotFollowed(t *testing.T) {
	secret := put(t, map[string]string{"s.csv": dominionTable})
	dir := put(t, map[string]string{"a.csv": dominionTable})
	require.NoError(t, os.Symlink(filepath.Join(secret, "s.csv"), filepath.Join(dir, "b.csv")))
	got, _, err := readAll(t, cvr.ExportOptions{}, dir)
	require.NoError(t, err)
	assert.Len(t, got, 2)
}

// fuzzExport reads files, of which some are any bytes, as a kind (or as what they look like), within bounds and without a panic. What
// is read must name what the roster has.
func fuzzExport(t *testing.T, o cvr.ExportOptions, paths ...string) {
	x, err := cvr.OpenExport(paths, o)
	var re *cvr.ReadError
	if err != nil {
		require.ErrorAs(t, err, &re)
		return
	}
	defer x.Close()
	for r, err := range x.Records() {
		if err != nil {
			require.ErrorAs(t, err, &re)
			return
		}
		for _, c := range r.Contests {
			require.Less(t, c.Contest, len(x.Roster.Contests))
			for _, m := range c.Marks {
				require.Less(t, m.Choice, len(x.Roster.Contests[c.Contest].Choices))
			}
		}
	}
}

// fuzzReader fuzzes one reader with one file of any bytes, and where beside is not empty with a second one of that name.
func fuzzReader(f *testing.F, kind cvr.Kind, name, beside string, seeds ...[2]string) {
	for _, s := range seeds {
		f.Add([]byte(s[0]), []byte(s[1]))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, in, other []byte) {
		paths := []string{filepath.Join(dir, name)}
		require.NoError(t, os.WriteFile(paths[0], in, 0o644))
		o := cvr.ExportOptions{Kind: kind}
		if beside != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, beside), other, 0o644))
			paths, o.Kind = []string{dir}, "" // the table is found by what it looks like, as in a user's folder
		}
		fuzzExport(t, o, paths...)
	})
}

func FuzzNIST(f *testing.F) { fuzzReader(f, cvr.NIST, "cvr.json", "", [2]string{nistReportText}) }

func FuzzDominionCSV(f *testing.F) {
	fuzzReader(f, cvr.DominionCSV, "cvr.csv", "", [2]string{dominionTable}, [2]string{strings.ReplaceAll(dominionTable, ",", "\t")}, [2]string{"\xff\xfe" + dominionTable})
}

func FuzzDominionJSON(f *testing.F) {
	session := `{"Sessions":[` + cardSession + `]}`
	fuzzReader(f, cvr.DominionJSON, "CvrExport_1.json", "", [2]string{session})
}

func FuzzDominionManifest(f *testing.F) {
	session := `{"Sessions":[` + cardSession + `]}`
	fuzzReader(f, cvr.DominionJSON, "CvrExport_1.json", "CandidateManifest.json",
		[2]string{session, `{"Version":"5","List":[{"Description":"A","Id":1,"ContestId":1,"Type":"Regular","Affiliations":[1,2]},{"Description":"W","Id":2,"ContestId":1,"Type":"WriteIn"}]}`})
}

func FuzzESS(f *testing.F) { fuzzReader(f, cvr.ESS, "cvr.csv", "", [2]string{essTable}) }

func FuzzESSBallots(f *testing.F) {
	fuzzReader(f, cvr.ESS, "cvr.csv", "ballots.csv",
		[2]string{essTable, "Cast Vote Record,Batch,Ballot Status,Reporting Group,Tabulator CVR,Audit Number\n1,7,Not Reviewed,Poll,0001000003,\nTotal: 1,,,,,\n"})
}

func FuzzHart(f *testing.F) { fuzzReader(f, cvr.Hart, "1_a.xml", "", [2]string{hartSheet}) }

func FuzzHartScans(f *testing.F) {
	fuzzReader(f, cvr.Hart, "1_guid-1.xml", "scans.csv", [2]string{hartSheet, "#BatchId,Workstation,VotingType,PageNumber,UniqueIdentifier,Device,CvrId\n1,W,Poll,1,u,D,guid-1\n"})
}

func FuzzClearBallot(f *testing.F) {
	fuzzReader(f, cvr.ClearBallot, "cvr.csv", "", [2]string{clearTable})
}

func FuzzOpenCount(f *testing.F) { fuzzReader(f, cvr.OpenCount, "a.txt", "", [2]string{openCountText}) }

// FuzzArchive reads archives that are any bytes, and finds kinds by their content.
func FuzzArchive(f *testing.F) {
	inner := filepath.Join(f.TempDir(), "seed.zip")
	pack(f, inner, map[string]string{"a/cvr.csv": dominionTable, "b.xml": hartSheet})
	seed, err := os.ReadFile(inner)
	require.NoError(f, err)
	for _, s := range []string{string(seed), dominionTable, clearTable, essTable, openCountText, hartSheet, nistReportText, "PK\x03\x04"} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, name := range []string{"in.zip", "in"} {
			path := filepath.Join(dir, name)
			require.NoError(t, os.WriteFile(path, in, 0o644))
			fuzzExport(t, cvr.ExportOptions{}, path)
		}
	})
}

// FuzzWorkbook reads spreadsheets whose sheet, strings and drawing are any bytes.
func FuzzWorkbook(f *testing.F) {
	const ns = ` xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	relations := func(targets ...string) string {
		s := `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
		for i := 0; i < len(targets); i += 2 {
			s += `<Relationship Id="rId` + string(rune('1'+i/2)) + `" Type="` + rel + targets[i] + `" Target="` + targets[i+1] + `"/>`
		}
		return s + `</Relationships>`
	}
	f.Add([]byte(`<worksheet`+ns+`><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Mayor</t></is></c></row><row r="3"><c r="A3"><v>7</v></c></row></sheetData><drawing r:id="rId1"/></worksheet>`),
		[]byte(`<sst`+ns+`><si><t>Cast Vote Record</t></si></sst>`), []byte(`<wsDr><oneCellAnchor><from><col>1</col><row>2</row></from></oneCellAnchor></wsDr>`))
	f.Add([]byte(`<worksheet`+ns+`><sheetData><row r="1048577"><c r="XFE1" t="s"><v>9</v></c></row></sheetData></worksheet>`), []byte(``), []byte(``))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, sheet, words, drawing []byte) {
		name := filepath.Join(dir, "in.xlsx")
		pack(t, name, map[string]string{
			"[Content_Types].xml":                 `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
			"_rels/.rels":                         relations("officeDocument", "xl/workbook.xml"),
			"xl/workbook.xml":                     `<workbook` + ns + `><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels":          relations("worksheet", "worksheets/sheet1.xml", "sharedStrings", "sharedStrings.xml"),
			"xl/worksheets/_rels/sheet1.xml.rels": relations("drawing", "../drawings/drawing1.xml"),
			"xl/worksheets/sheet1.xml":            string(sheet), "xl/sharedStrings.xml": string(words), "xl/drawings/drawing1.xml": string(drawing),
		})
		x, err := cvr.OpenExport([]string{name}, cvr.ExportOptions{})
		require.NoError(t, err)
		defer x.Close()
		for _, err := range x.Records() {
			if err != nil {
				var re *cvr.ReadError
				require.ErrorAs(t, err, &re)
				return
			}
		}
	})
}
