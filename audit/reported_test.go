package audit_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
)

// three compares counted with a tape and a report, each machineOfTown with lines replaced.
func three(t *testing.T, tape, report string) *audit.Comparison {
	t.Helper()
	e := town()
	c, err := audit.CompareThree(e, counted(t, e).Totals(), readMachine(t, tape), readMachine(t, report), audit.Options{Names: confirmed(t, namesOfTown)})
	require.NoError(t, err)
	return c
}

func TestThreeSources(t *testing.T) {
	line := func(n string) string { return "District 1,Question 1,,YES," + n + "\n" }
	with := func(n string) string { return strings.Replace(machineOfTown, line("2"), line(n), 1) }
	for _, c := range []struct {
		name, tape, report string
		want               audit.Finding
		reported           int
	}{
		{"all agree", "2", "2", "", 2},
		{"typed wrongly", "2", "20", audit.Typing, 20},
		{"the machine is wrong", "3", "3", audit.Counting, 3},
		{"typed as the ballots are", "3", "2", audit.OnlyMachine, 2},
		{"no two agree", "3", "4", audit.All, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := three(t, with(c.tape), with(c.report))
			found := map[audit.Finding]int{}
			for _, l := range got.Lines {
				require.NotNil(t, l.ReportedVotes)
				found[l.Finding]++
				if l.Finding == c.want && l.Choice == "Yes" && l.Precinct == "District 1" {
					assert.Equal(t, c.reported, *l.ReportedVotes)
				}
			}
			want := map[audit.Finding]int{"": len(got.Lines)}
			if c.want != "" {
				want = map[audit.Finding]int{c.want: 2, "": len(got.Lines) - 2} // the district, and all ballots together
			}
			assert.Equal(t, want, found)
			assert.Equal(t, want[c.want]*min(len(c.want), 1), got.Disagreements())
			assert.Empty(t, got.Unmatched)
		})
	}
}

func TestThreeSourcesThatAreNotSplitAlike(t *testing.T) {
	tape := "contest,candidate,votes\nQuestion 1,YES,3\nQuestion 1,NO,1\nMayor,B. Nandu Brown,2\nClerk,Z,1\n"
	report := "contest,candidate,votes\nQuestion 1,YES,3\nQuestion 1,NOPE,1\nMayor,B. Nandu Brown,2\nMayor,Over Votes,9\n"
	got := three(t, tape, report)
	var b bytes.Buffer
	require.NoError(t, got.WriteTable(&b))
	assert.Contains(t, b.String(), "reported")
	assert.Contains(t, b.String(), "REPORTED DIFFERS FROM BALLOTS")
	assert.Contains(t, b.String(), "NOT REPORTED")
	assert.Contains(t, b.String(), "Question 1, NOPE: only in the report (line 3), 1 votes; ")
	assert.Contains(t, b.String(), "Mayor, Over Votes: reported differs from ballots (machine -, reported 9, ballots 1 to 2)")
	b.Reset()
	require.NoError(t, got.WriteCSV(&b))
	assert.Contains(t, b.String(), "Mayor,Over Votes,,,1,1,2,7,no,,9,reported differs from ballots,\n")
	assert.Contains(t, b.String(), "Question 1,NOPE,,,,,,,unmatched,,1,,\n")
}

func TestOpenMachine(t *testing.T) {
	records := file(t, "cvr.csv", "T,5\n,,,,Question 1 (Vote For=1),Question 1 (Vote For=1)\n,,,,Yes,No\nTabulatorNum,BatchId,RecordId,ImprintedId\n1,1,1,,1,0\n1,1,2,,1,1\n")
	batches := file(t, "Mayor - totals by batch.csv", "Batch Name,B. Nandu Brown\nx,2\n")
	m, err := audit.OpenMachine([]string{records, batches}, audit.MachineOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"candidate Mayor/B. Nandu Brown/@:=2", "candidate Question 1/Yes/@:=1", "candidate Question 1/No/@:=0", "over Question 1//@:=1", "under Question 1//@:=0", "ballots Question 1//@:=2"}, flat(m))

	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("detail.xml")
	require.NoError(t, err)
	_, err = w.Write([]byte(clarityText))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	archive := filepath.Join(t.TempDir(), "detailxml.zip")
	require.NoError(t, os.WriteFile(archive, b.Bytes(), 0o644))
	m, err = audit.OpenMachine([]string{archive}, audit.MachineOptions{})
	require.NoError(t, err)
	assert.Len(t, m.Rows, 9)

	for name, c := range map[string]struct{ path, want string }{
		"no file":               {filepath.Join(t.TempDir(), "none"), "cannot be read"},
		"a broken archive":      {file(t, "x.zip", "PK\x03\x04"), "is no whole zip archive"},
		"an empty folder":       {t.TempDir(), "no file was found"},
		"a table of no figures": {file(t, "m.csv", "Tabulator,Batch Name,Number of Ballots\nT,B,5\n"), "no column named contest"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.OpenMachine([]string{c.path}, audit.MachineOptions{})
			assert.ErrorContains(t, err, c.want)
		})
	}
}

// Records are compared by precinct where they have our names for all of them, and else for all ballots together.
func TestRecordsAreComparedByPrecinctWhereTheNamesAreOurs(t *testing.T) {
	e := town()
	table := "T,5\n,,,,,Question 1 (Vote For=1),Question 1 (Vote For=1)\n,,,,,Yes,No\nTabulatorNum,BatchId,RecordId,ImprintedId,PrecinctPortion\n1,1,1,,DISTRICT 1,1,0\n1,1,2,,District 2,1,0\n"
	for _, c := range []struct{ in, note string }{
		{table, ""},
		{strings.Replace(table, "District 2", "02 - Absentee", 1), "other names than ours (02 - Absentee)"},
	} {
		m, err := audit.OpenMachine([]string{file(t, "cvr.csv", c.in)}, audit.MachineOptions{})
		require.NoError(t, err)
		got, err := audit.Compare(e, counted(t, e).Totals(), m, audit.Options{})
		require.NoError(t, err)
		split := false
		for _, l := range got.Lines {
			split = split || l.Precinct != ""
		}
		assert.Equal(t, c.note == "", split)
		assert.Contains(t, strings.Join(got.Notes, "\n"), c.note)
		for _, u := range got.Unmatched {
			assert.Empty(t, u.Side == "machine" && u.Precinct != "")
		}
	}
}
