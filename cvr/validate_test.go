package cvr

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValidateExamples(t *testing.T) {
	for _, name := range []string{"cvr-min.json", "cvr-full.json"} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(filepath.Join("testdata", name))
			require.NoError(t, err)
			defer f.Close()
			assert.NoError(t, Validate(f))
		})
	}
}

// TestValidateFaults changes one thing of a valid report a row.
func TestValidateFaults(t *testing.T) {
	full, err := os.ReadFile(filepath.Join("testdata", "cvr-full.json"))
	require.NoError(t, err)
	for _, row := range []struct{ name, old, new, want string }{
		{"mark metric as number", `"MarkMetricValue":["0.62"]`, `"MarkMetricValue":[0.62]`, "MarkMetricValue/0: got number, want string"},
		{"mark metric as bare string", `"MarkMetricValue":["0.62"]`, `"MarkMetricValue":"0.62"`, "MarkMetricValue: got string, want array"},
		{"selection without a position", `"OptionPosition":1,"SelectionPosition":[
          {"@type":"CVR.SelectionPosition","HasIndication":"yes","MarkMetricValue":["0.62"],"NumberVotes":1,"Position":1}]`,
			`"OptionPosition":1`, "missing property 'SelectionPosition'"},
		{"image with a file name only", `"Location":"file:batch7/0001-front-c-mayor-wi1.png"`, `"Image":{"@type":"CVR.Image","FileName":"a.png"}`, "missing property 'Data'"},
		{"location that is no URI", `file:batch7/0001-front.png`, `batch7/0001-front.png`, "BallotImage/0/Location"},
		{"hash of an unknown type", `"Type":"sha-256"`, `"Type":"sha-1"`, "Hash/Type: value must be one of"},
		{"unit type of its own", `"Type":"other","OtherType":"town"`, `"Type":"town"`, "/GpUnit/0/Type: value must be one of"},
		{"sequence as text", `"BatchSequenceId":1`, `"BatchSequenceId":"1"`, "/CVR/0/BatchSequenceId: got string, want integer"},
		{"status as text", `"Status":["needs-adjudication"]`, `"Status":"needs-adjudication"`, "got string, want array"},
		{"date without a zone", `2025-11-20T14:00:00Z`, `2025-11-20T14:00:00`, "/GeneratedDate"},
		{"field of its own", `"BatchId":"batch7"`, `"BatchId":"batch7","Residual":"0.3"`, "/CVR/0: additional properties 'Residual' not allowed"},
		{"no such contest", `"ContestId":"c-mayor"`, `"ContestId":"c-none"`, `/CVR/0/CVRSnapshot/0/CVRContest/0/ContestId: nothing has the @id "c-none"`},
		{"contest that is a candidate", `"ContestId":"c-mayor"`, `"ContestId":"cand-a"`, `"cand-a" is a CVR.Candidate and should be a CVR.Contest or`},
		{"no such selection", `"ContestSelectionId":"cs-b"`, `"ContestSelectionId":"cs-z"`, `nothing has the @id "cs-z"`},
		{"selection of another contest", `"ContestSelectionId":"cs-b"`, `"ContestSelectionId":"cs-q1-no"`, `"cs-q1-no" is a selection of contest "c-q1" and not of "c-mayor"`},
		{"no such snapshot", `"CurrentSnapshotId":"batch7-0001-m"`, `"CurrentSnapshotId":"batch7-0002-m"`, `/CVR/0/CurrentSnapshotId: "batch7-0002-m" is no snapshot of this CVR`},
		{"no such election", `"ElectionId":"el-1"`, `"ElectionId":"el-2"`, `/CVR/0/ElectionId: nothing has the @id "el-2"`},
		{"unit that is an election", `"BallotStyleUnitId":"gp-d1"`, `"BallotStyleUnitId":"el-1"`, "should be a CVR.GpUnit"},
		{"scope that is no unit", `"ElectionScopeId":"gp-town"`, `"ElectionScopeId":"p-dem"`, "/Election/0/ElectionScopeId"},
		{"no such device", `"CreatingDeviceId":"rd-recount"`, `"CreatingDeviceId":"rd-1"`, "/CVR/0/CreatingDeviceId"},
		{"no such generating device", `"ReportGeneratingDeviceIds":["rd-recount"]`, `"ReportGeneratingDeviceIds":["rd-1"]`, "/ReportGeneratingDeviceIds/0"},
		{"no such candidate", `"CandidateIds":["cand-b"]`, `"CandidateIds":["cand-c"]`, `/Election/0/Contest/0/ContestSelection/1/CandidateIds/0: nothing has the @id "cand-c"`},
		{"candidate's party unknown", `"@id":"cand-a",`, `"@id":"cand-a","PartyId":"p-no",`, "/Election/0/Candidate/0/PartyId"},
		{"record's party unknown", `"BatchId":"batch7"`, `"PartyIds":["p-no"],"BatchId":"batch7"`, "/CVR/0/PartyIds/0"},
		{"an id twice", `"@id":"p-wf"`, `"@id":"p-dem"`, `/Party/1/@id: @id "p-dem" is also that of a CVR.Party`},
		{"a snapshot id twice", `"@id":"batch7-0001-i"`, `"@id":"batch7-0001-o"`, `is also that of a CVR.CVRSnapshot`},
		{"wrong class in an array of classes", `"@type":"CVR.CandidateSelection","@id":"cs-b"`, `"@type":"CVR.Choice","@id":"cs-b"`, "/Election/0/Contest/0/ContestSelection/1/@type"},
		{"record without a type", `{"@type":"CVR.CVR",`, `{`, "/CVR/0: missing property '@type'"},
		{"key twice", `"Version":"1.0.0"`, `"Version":"1.0.0","Version":"1.0.0"`, `"Version" stands twice`},
		{"no election", `"Election":[`, `"Elections":[`, "missing property 'Election'"},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Contains(t, string(full), row.old)
			err := Validate(strings.NewReader(strings.Replace(string(full), row.old, row.new, 1)))
			var bad *Invalid
			require.ErrorAs(t, err, &bad)
			assert.Contains(t, err.Error(), row.want)
			assert.LessOrEqual(t, len(bad.Faults), 7, "one change must not drown its cause:\n%v", err)
		})
	}
}

func TestValidateBrokenFiles(t *testing.T) {
	full, err := os.ReadFile(filepath.Join("testdata", "cvr-full.json"))
	require.NoError(t, err)
	for _, row := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "ends too early"},
		{"not JSON", []byte("ImprintedId,Mayor\n"), "invalid character"},
		{"an array", []byte("[]"), "one JSON object"},
		{"cut in half", full[:len(full)/2], "ends too early"},
		{"cut at the end", bytes.TrimRight(full, "} \n"), "ends too early"},
		{"two reports", append(bytes.Clone(full), full...), "after the end"},
		{"CVR no array", []byte(`{"CVR":{}}`), "/CVR must be an array"},
		{"CVR null", []byte(`{"CVR":null}`), "/CVR must be an array"},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.ErrorContains(t, Validate(bytes.NewReader(row.data)), row.want)
		})
	}
}

func FuzzValidate(f *testing.F) {
	for _, name := range []string{"cvr-min.json", "cvr-full.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, second := Validate(bytes.NewReader(data)), Validate(bytes.NewReader(data))
		if first == nil {
			assert.NoError(t, second)
			return
		}
		assert.EqualError(t, second, first.Error(), "the same report gives the same faults")
	})
}
