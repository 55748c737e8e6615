package cvr

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/vote"
)

var plainDecision = Decision{Image: "batch 7/0001.tif", Contest: "mayor", Choice: "adams-dem", Answer: "vote", Before: "questionable", Reason: "a light pencil, and <no> other mark",
	Who: "Reader One", When: "2025-11-05T10:00:00Z"}

// A log comes back as it was written, as JSON lines and as a table.
func TestDecisionsRoundTrip(t *testing.T) {
	second := Decision{Image: "Bürger, \"2\".tif#2", SHA256: strings.Repeat("0a", 32), Contest: "Question 1", Choice: "Yes", Party: "X", Rank: 3, Answer: TakenBack, Reason: "not so", Who: "b"}
	var b bytes.Buffer
	for _, d := range []Decision{plainDecision, second} {
		require.NoError(t, WriteDecision(&b, &d))
	}
	want := []Decision{plainDecision, second}
	want[0].Line, want[1].Line = 1, 2
	for _, mark := range []string{"", "\ufeff"} {
		got, err := ReadDecisions("log", strings.NewReader(mark+b.String()))
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	table := "who,image,sha256,contest,choice,party,rank,answer,before,reason,when\n" +
		"Reader One,batch 7/0001.tif,,mayor,adams-dem,,,vote,questionable,\"a light pencil, and <no> other mark\",2025-11-05T10:00:00Z\n" +
		"b,\"Bürger, \"\"2\"\".tif#2\"," + second.SHA256 + ",Question 1,Yes,X,3,as-read,,not so,\n"
	want[0].Line, want[1].Line = 2, 3
	got, err := ReadDecisions("log", strings.NewReader(table))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	none, err := ReadDecisions("log", strings.NewReader(""))
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestReadDecisionsErrors(t *testing.T) {
	line := func(change func(d *Decision)) string {
		d := plainDecision
		change(&d)
		data, err := json.Marshal(d)
		require.NoError(t, err)
		return string(data) + "\n"
	}
	good := line(func(*Decision) {})
	for _, tt := range []struct{ name, text, want string }{
		{"cut off", good + strings.TrimSuffix(good, "\n"), "log: line 2: the entry's line does not end"},
		{"no JSON", good + "{\n", "log: line 2:"},
		{"unknown key", strings.Replace(good, `"who"`, `"whom":"x","who"`, 1), `unknown field "whom"`},
		{"two in a line", strings.TrimSuffix(good, "\n") + good, "text after the entry"},
		{"no image", line(func(d *Decision) { d.Image = " " }), "image is empty"},
		{"nobody", line(func(d *Decision) { d.Who = "" }), "who is empty"},
		{"no reason", line(func(d *Decision) { d.Reason = "" }), "reason is empty"},
		{"no answer", line(func(d *Decision) { d.Answer = "yes" }), `answer "yes" is none of`},
		{"a rank below none", line(func(d *Decision) { d.Rank = -1 }), "rank -1"},
		{"no hash", line(func(d *Decision) { d.SHA256 = "abc" }), "not 64 lower-case hex digits"},
		{"no time", line(func(d *Decision) { d.When = "yesterday" }), `when "yesterday" is no time`},
		{"long", line(func(d *Decision) { d.Reason = strings.Repeat("x", 5000) }), "reason is longer than 4096 bytes"},
		{"too long a line", `{"x":"` + strings.Repeat("x", 70_000) + "\"}\n", "line 1: is longer than 65536 bytes"},
		{"control", line(func(d *Decision) { d.Who = "a\x1bb" }), "who holds what is no text"},
		{"strange column", "image,contest,choice,answer,reason,who,colour\n", `column "colour" is none of a log's`},
		{"column twice", "image,image,contest,choice,answer,reason,who\n", "or stands twice"},
		{"missing column", "image,contest,choice,answer,reason\n", `column "who" is missing`},
		{"short row", "image,contest,choice,answer,reason,who\na,b\n", "log: line 2: has 2 fields, the header 6"},
		{"no rank", "image,contest,choice,rank,answer,reason,who\na,b,c,first,vote,x,y\n", `rank "first" is none`},
		{"binary", "image\x00", "zero bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadDecisions("log", strings.NewReader(tt.text))
			var re *ReadError
			require.ErrorAs(t, err, &re)
			assert.ErrorContains(t, err, tt.want)
			assert.NotEmpty(t, re.Mend)
		})
	}
	assert.ErrorContains(t, WriteDecision(&bytes.Buffer{}, &Decision{}), "image is empty")
}

func TestDecisionNamesItsTarget(t *testing.T) {
	e := town()
	p := &e.Styles[0].Pages[0]
	for _, tt := range []struct {
		name string
		d    Decision
		at   int
		want string
	}{
		{"by ids", Decision{Contest: "mayor", Choice: "adams-wf"}, 2, ""},
		{"by names and party", Decision{Contest: "Mayor", Choice: "A. Adams", Party: "WF"}, 2, ""},
		{"by one name of two lines", Decision{Contest: "Mayor", Choice: "A. Adams"}, 0, "more than one target"},
		{"not on the page", Decision{Contest: "question-1", Choice: "yes"}, 0, "has no target of contest"},
		{"not ranked", Decision{Contest: "mayor", Choice: "adams-wf", Rank: 1}, 0, `choice "adams-wf", rank 1`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, err := tt.d.Target(e, p)
			if tt.want != "" {
				assert.ErrorContains(t, err, tt.want)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.at, at)
		})
	}
}

// A sheet that people decided on has a third snapshot, which counts, and the first two as they were.
func TestModifiedSnapshot(t *testing.T) {
	e := town()
	read := sheet(t, e, "vq..vvq/qq")
	ruled, err := read.Rule(e, &e.Styles[0], []vote.Ruling{{Page: 1, Target: 1, Answer: vote.None, Reason: "a smudge"}, {Page: 2, Target: 0, Answer: vote.Vote, Reason: "faint"}, {Page: 2, Target: 1, Answer: vote.None, Reason: "shows through"}})
	require.NoError(t, err)
	plain, r := record("batch 7/0001", read), record("batch 7/0001", ruled)
	r.AsRead, r.Decisions = &read, []Decision{plainDecision}
	var b, before bytes.Buffer
	require.NoError(t, WriteNIST(&before, e, Info{}, stream(plain)))
	require.NoError(t, WriteNIST(&b, e, Info{}, stream(r)))
	require.NoError(t, Validate(bytes.NewReader(b.Bytes())))
	golden(t, "modified", b.Bytes())
	var was, is struct{ CVR []nistCVR }
	require.NoError(t, json.Unmarshal(before.Bytes(), &was))
	require.NoError(t, json.Unmarshal(b.Bytes(), &is))
	require.Len(t, is.CVR[0].Snapshot, 3)
	assert.Equal(t, was.CVR[0].Snapshot, is.CVR[0].Snapshot[:2])
	assert.Equal(t, is.CVR[0].Snapshot[2].ID, is.CVR[0].CurrentSnapshotID)

	// Our own reader takes the current snapshot, and any other that is asked for.
	file := filepath.Join(t.TempDir(), "cvr.json")
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
	for _, snapshot := range []string{"current", "modified", "interpreted"} {
		x, err := OpenExport([]string{file}, ExportOptions{Snapshot: snapshot})
		require.NoError(t, err)
		votes := map[string]int{}
		for m, err := range x.Records() {
			require.NoError(t, err)
			for i := range m.Contests {
				for _, mk := range m.Contests[i].Marks {
					votes[x.Roster.Contests[m.Contests[i].Contest].Title] += mk.Votes
				}
			}
		}
		x.Close()
		if snapshot == "interpreted" {
			assert.Equal(t, 0, votes["Question 1"])
			continue
		}
		assert.Equal(t, []int{1, 1}, []int{votes["Mayor"], votes["Question 1"]}, snapshot)
	}
}

func FuzzReadDecisions(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, WriteDecision(&b, &plainDecision))
	f.Add(b.String())
	f.Add("image,contest,choice,rank,answer,reason,who\na,b,c,1,vote,x,y\n")
	f.Fuzz(func(t *testing.T, text string) {
		ds, err := ReadDecisions("f", strings.NewReader(text))
		if err != nil {
			return
		}
		var out bytes.Buffer
		for i := range ds {
			require.NoError(t, WriteDecision(&out, &ds[i]))
			ds[i].Line = i + 1
		}
		again, err := ReadDecisions("f", &out)
		require.NoError(t, err)
		require.Equal(t, ds, again)
	})
}
