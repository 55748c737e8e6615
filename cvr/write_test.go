package cvr

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/marks"
	"recount/vote"
)

var update = flag.Bool("update", false, "write the golden files anew")

// town is a small Connecticut election: A. Adams stands on two party lines.
func town() *election.Election {
	targets := func(contest string, choices ...string) []election.Target {
		var out []election.Target
		for _, c := range choices {
			out = append(out, election.Target{Contest: contest, Choice: c})
		}
		return out
	}
	return &election.Election{
		Format: 1, Title: "Town election", Date: "2025-11-04", Jurisdiction: "Anytown",
		Contests: []election.Contest{
			{ID: "mayor", Title: "Mayor", VoteFor: 1, Choices: []election.Choice{
				{ID: "adams-dem", Name: "A. Adams", Party: "DEM", Candidate: "adams"},
				{ID: "baker-rep", Name: "B. Baker", Party: "REP"},
				{ID: "adams-wf", Name: "A. Adams", Party: "WF", Candidate: "adams"},
				{ID: "write-in", Name: "Write-in", WriteIn: true},
			}},
			{ID: "council", Title: "Council", VoteFor: 2, Choices: []election.Choice{
				{ID: "clark", Name: "C. Clark", Party: "DEM"}, {ID: "davis", Name: "D. Davis"}, {ID: "evans", Name: "E. Evans"},
			}},
			{ID: "question-1", Title: "Question 1", VoteFor: 1, Choices: []election.Choice{{ID: "yes", Name: "Yes"}, {ID: "no", Name: "No"}}},
		},
		Styles: []election.Style{{ID: "District 1", Precinct: "District 1", Pages: []election.Page{
			{Number: 1, Targets: append(targets("mayor", "adams-dem", "baker-rep", "adams-wf", "write-in"), targets("council", "clark", "davis", "evans")...)},
			{Number: 2, Targets: targets("question-1", "yes", "no")},
		}}},
	}
}

// sheet decides a sheet of town from one letter a target: v a vote, q questionable, . none; pages split by a slash.
func sheet(t testing.TB, e *election.Election, text string) vote.Sheet {
	t.Helper()
	var readings []vote.Reading
	for n, page := range strings.Split(text, "/") {
		for i, letter := range page {
			fill := map[rune]marks.Score{'v': 6200, 'q': 900, '.': 100}[letter]
			require.NotZero(t, fill)
			readings = append(readings, vote.Reading{Page: n + 1, Target: i, Mark: marks.Mark{Fill: fill, Outline: 9000, Dark: 9500, Spread: 8000}})
		}
	}
	return vote.DecideSheet(e, &e.Styles[0], 1, readings, vote.DefaultLimits())
}

// record makes a record of one scanned sheet.
func record(name string, s vote.Sheet) *Record {
	images := []Image{
		{Name: name + ".tif", Page: 1, SHA256: strings.Repeat("0a", 32), Side: "front"},
		{Name: name + ".tif#2", Page: 2, SHA256: strings.Repeat("0a", 32), Side: "back"},
	}
	return &Record{ID: RecordID(images), Batch: "batch 7", Images: images, Sheet: s}
}

// stream gives the records one by one.
func stream(records ...*Record) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestWriteNIST(t *testing.T) {
	e := town()
	for _, row := range []struct{ name, marks string }{
		{"plain", "v....v./v."},
		{"blank", "......./.."},
		{"overvote", "vv...../vv"},
		{"cross-endorsed", "v.v.qv./q."},
		{"cross-endorsed-doubtful", "v.q..../.."},
		{"doubtful", "vq..vvq/qq"},
		{"write-in", "...v.../.v"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var b bytes.Buffer
			r := record("batch 7/0001", sheet(t, e, row.marks))
			require.NoError(t, WriteNIST(&b, e, Info{Version: "0.1.0"}, stream(r)))
			require.NoError(t, Validate(bytes.NewReader(b.Bytes())))
			golden(t, row.name, b.Bytes())
			sums(t, b.Bytes(), e)
		})
	}
}

// golden compares a report with its golden file, indented so that a difference can be read.
func golden(t *testing.T, name string, data []byte) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, data, "", " "))
	file := filepath.Join("testdata", "golden", name+".json")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), b.String())
}

// sums checks Overvotes + Undervotes + TotalNumberVotes = votes allowed on every contest without a question.
func sums(t *testing.T, data []byte, e *election.Election) {
	t.Helper()
	var report struct{ CVR []nistCVR }
	require.NoError(t, json.Unmarshal(data, &report))
	for _, c := range report.CVR {
		require.Len(t, c.Snapshot, 2)
		assert.Equal(t, c.Snapshot[1].ID, c.CurrentSnapshotID)
		for _, k := range c.Snapshot[1].Contest {
			total, open := *k.Overvotes+*k.Undervotes, 0
			for _, s := range k.Selection {
				if s.TotalNumberVotes == nil {
					open++
					continue
				}
				total += *s.TotalNumberVotes
			}
			if allowed := e.Contest(strings.TrimPrefix(k.ContestID, "contest.")).VoteFor; open == 0 {
				assert.Equal(t, allowed, total, k.ContestID)
			} else {
				assert.LessOrEqual(t, total, allowed, k.ContestID)
			}
		}
	}
}

func TestWriteNISTStreamsManyTheSame(t *testing.T) {
	e := town()
	records := []*Record{
		record("a", sheet(t, e, "v....v./v.")),
		record("b", sheet(t, e, "v....v.")), // the back was not scanned
		record("c", sheet(t, e, "....vvv/v.")),
	}
	records[2].Precinct, records[2].Sequence = "District <2> & more", 3
	var first, second bytes.Buffer
	require.NoError(t, WriteNIST(&first, e, Info{}, stream(records...)))
	require.NoError(t, WriteNIST(&second, e, Info{}, stream(records...)))
	assert.Equal(t, first.String(), second.String())
	require.NoError(t, Validate(&first))
	text := second.String()
	assert.Contains(t, text, `"GeneratedDate":"2025-11-04T00:00:00Z"`)
	assert.Contains(t, text, `"Name":"District <2> & more"`)
	assert.Contains(t, text, "pages of the sheet that were not read: 2")

	var none bytes.Buffer
	require.NoError(t, WriteNIST(&none, e, Info{}, stream()))
	assert.NoError(t, Validate(&none), "a report without a record is valid")
}

func TestWriteNISTErrors(t *testing.T) {
	e := town()
	good := record("a", sheet(t, e, "v....v./v."))
	noStyle, noContest, noChoice, noID := *good, *good, *good, *good
	noStyle.Sheet.Style = "other"
	noContest.Sheet.Contests = []vote.Contest{{Contest: "dogcatcher"}}
	noChoice.Sheet.Readings = []vote.Reading{{Contest: "mayor", Choice: "nobody"}}
	noID.ID = ""
	broken := errors.New("the disk is gone")
	for _, row := range []struct {
		name    string
		info    Info
		records iter.Seq2[*Record, error]
		want    string
	}{
		{"style unknown", Info{}, stream(&noStyle), `no style "other"`},
		{"contest unknown", Info{}, stream(&noContest), `no contest "dogcatcher"`},
		{"choice unknown", Info{}, stream(&noChoice), `no choice "nobody"`},
		{"record without ID", Info{}, stream(&noID), "no ID"},
		{"date without zone", Info{GeneratedDate: "2025-11-04"}, stream(good), "generated date"},
		{"records fail", Info{}, func(yield func(*Record, error) bool) { yield(nil, broken) }, "the disk is gone"},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.ErrorContains(t, WriteNIST(new(bytes.Buffer), e, row.info, row.records), row.want)
		})
	}
	assert.ErrorIs(t, WriteNIST(fullDisk{}, e, Info{}, stream(good)), errFull)
}

var errFull = errors.New("no space left")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestImageURI(t *testing.T) {
	for _, row := range []struct {
		name string
		im   Image
		want string
	}{
		{"plain", Image{Name: "batch7/0001.png"}, "file:batch7/0001.png"},
		{"space and percent", Image{Name: "batch 7/100%.png"}, "file:batch%207/100%25.png"},
		{"hash and question mark", Image{Name: "a#2.png?"}, "file:a%232.png%3F"},
		{"second page", Image{Name: "a.tif#2", Page: 2}, "file:a.tif#page=2"},
		{"absolute", Image{Name: "//host/a.png"}, "file:%2F%2Fhost%2Fa.png"},
		{"other letters", Image{Name: "Bürger.png"}, "file:B%C3%BCrger.png"},
		{"no UTF-8", Image{Name: "\xff.png"}, "file:%FF.png"},
	} {
		t.Run(row.name, func(t *testing.T) { assert.Equal(t, row.want, row.im.URI()) })
	}
}

func TestRecordID(t *testing.T) {
	a := []Image{{Name: "a", SHA256: "1"}, {Name: "b", SHA256: "2"}}
	assert.Len(t, RecordID(a), 32)
	assert.Equal(t, RecordID(a), RecordID([]Image{{Name: "a", SHA256: "1", Side: "front"}, {Name: "b", SHA256: "2"}}))
	assert.NotEqual(t, RecordID(a), RecordID([]Image{{Name: "a", SHA256: "12"}, {Name: "b"}}))
	assert.NotEqual(t, RecordID(a), RecordID(a[:1]))
}
