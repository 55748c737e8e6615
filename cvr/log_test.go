package cvr

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var testHeader = LogHeader{Definition: "d", Manifest: "m", People: 1, When: "2026-11-03T20:00:00Z"}

// onTarget is a person's answer for a target.
func onTarget(who string, target int, answer string) LogEntry {
	return LogEntry{When: "2026-11-03T21:00:00Z", Who: who, Act: ActTarget, Sheet: "a.png", Image: "a.png", Style: "s", Page: 1, Target: target,
		Contest: "mayor", Choice: fmt.Sprint("c", target), Before: "questionable", Answer: answer, Reason: "a clear cross <&>"}
}

// writeLog makes a log of entries and gives its path.
func writeLog(t *testing.T, h LogHeader, ds ...LogEntry) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "decisions.jsonl")
	w, err := OpenLog(path, h)
	require.NoError(t, err)
	for _, d := range ds {
		_, err := w.Append(d)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return path
}

func TestLogRoundTrip(t *testing.T) {
	path := writeLog(t, testHeader, onTarget("Ann", 1, "vote"), onTarget("Ann", 2, "none"))
	w, err := OpenLog(path, testHeader)
	require.NoError(t, err)
	done, err := w.Append(onTarget("Bob", 3, "vote"), LogEntry{When: "2026-11-03T21:00:00Z", Who: "Bob", Act: ActPage, Image: "b.png", Style: "s", Page: 2, Answer: "page",
		Marked: []MarkedTarget{{1, "mayor", "c1", 0}, {4, "q", "yes", 0}}})
	require.NoError(t, err)
	require.Len(t, done, 2)
	assert.Equal(t, 4, done[1].N)
	require.NoError(t, w.Close())

	l, err := LoadLog(path)
	require.NoError(t, err)
	require.Len(t, l.Entries, 4)
	assert.Equal(t, done[1], l.Entries[3])
	assert.Equal(t, done[1].Hash, l.Head)
	assert.Equal(t, done[0].Hash, l.Entries[3].Prev)
	assert.NoError(t, l.About("d", "m"))
	assert.ErrorContains(t, l.About("x", "m"), "definition")
	assert.ErrorContains(t, l.About("d", "x"), "other scans")
}

func TestAChangedLogIsFound(t *testing.T) {
	path := writeLog(t, testHeader, onTarget("Ann", 1, "vote"), onTarget("Ann", 2, "none"), onTarget("Ann", 3, "vote"))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
	lines[3] += "\n"
	require.Len(t, lines, 4)
	for _, c := range []struct {
		name string
		text string
		line int
		want string
	}{
		{"an answer changed", strings.Replace(string(whole), `"answer":"none"`, `"answer":"vote"`, 1), 3, "hash is not that of its bytes"},
		{"the last answer changed", lines[0] + lines[1] + lines[2] + strings.Replace(lines[3], `"answer":"vote"`, `"answer":"none"`, 1), 4, "hash is not that of its bytes"},
		{"a name changed in the header", strings.Replace(string(whole), `"people":1`, `"people":2`, 1), 1, "hash is not that of its bytes"},
		{"a line taken out", lines[0] + lines[1] + lines[3], 3, "does not follow the line before it"},
		{"two lines changed about", lines[0] + lines[2] + lines[1] + lines[3], 2, "does not follow the line before it"},
		{"a line twice", lines[0] + lines[1] + lines[1] + lines[2], 3, "does not follow the line before it"},
		{"a hash cut off", lines[0] + strings.Replace(lines[1], `","hash":"`, `","hush":"`, 1), 2, "does not end with its hash"},
		{"an empty line", lines[0] + "\n" + lines[1], 2, "does not end with its hash"},
		{"no log at all", "image,contest\n", 1, "does not end with its hash"},
		{"nothing", "", 1, "no decision log begins like this"},
		{"a line without end", lines[0] + strings.Repeat("x", maxLogLine+1), 2, "longer than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadLog("log", strings.NewReader(c.text))
			var le *LogError
			require.True(t, errors.As(err, &le), "%v", err)
			assert.Equal(t, c.line, le.Line)
			assert.Contains(t, le.Error(), c.want)
		})
	}
	_, err = ReadLog("log", bytes.NewReader(whole))
	assert.NoError(t, err)
}

// sealed is a log whose hashes hold, whatever its lines say.
func sealed(t *testing.T, vs ...any) string {
	t.Helper()
	var b strings.Builder
	for _, v := range vs {
		text, _, err := logLine(v)
		require.NoError(t, err)
		b.Write(text)
	}
	return b.String()
}

func TestLogRefuses(t *testing.T) {
	head := LogHeader{Format: LogFormat, Kind: logKind, People: 1, When: "2026-11-03T20:00:00Z"}
	_, first, err := logLine(head)
	require.NoError(t, err)
	entry := func(change func(*LogEntry)) LogEntry {
		d := onTarget("Ann", 1, "vote")
		d.N, d.Prev = 1, first
		change(&d)
		return d
	}
	for _, c := range []struct {
		name string
		text string
		want string
	}{
		{"another format", sealed(t, LogHeader{Format: 2, Kind: logKind, People: 1}), "of format 2"},
		{"three people", sealed(t, LogHeader{Format: 1, Kind: logKind, People: 3}), "only 1 or 2"},
		{"a key nobody knows", sealed(t, head, map[string]any{"n": 1, "nota": 1, "prev": first}), "nota"},
		{"a wrong number", sealed(t, head, entry(func(d *LogEntry) { d.N = 2 })), "entry 1 is due"},
		{"no name", sealed(t, head, entry(func(d *LogEntry) { d.Who = " " })), "type yours"},
		{"no answer", sealed(t, head, entry(func(d *LogEntry) { d.Answer = "yes" })), "is no answer"},
		{"no act", sealed(t, head, entry(func(d *LogEntry) { d.Act = "guess" })), "is no act"},
		{"no time", sealed(t, head, entry(func(d *LogEntry) { d.When = "yesterday" })), "is no time"},
		{"no target", sealed(t, head, entry(func(d *LogEntry) { d.Target = 0 })), "does not name all"},
		{"a control character", sealed(t, head, entry(func(d *LogEntry) { d.Reason = "\x1b[2J" })), "no text"},
		{"marks of a target", sealed(t, head, entry(func(d *LogEntry) { d.Marked = []MarkedTarget{{Target: 1}} })), "entered for a page"},
		{"a sheet that is itself", sealed(t, head, entry(func(d *LogEntry) {
			*d = LogEntry{N: 1, Prev: first, When: d.When, Who: "A", Act: ActSameSheet, Answer: "same-sheet", Sheet: "a", Of: "a"}
		})), "does not name all"},
		{"targets out of order", sealed(t, head, entry(func(d *LogEntry) {
			d.Act, d.Answer, d.Marked = ActPage, "page", []MarkedTarget{{Target: 2}, {Target: 2}}
		})), "rising order"},
		{"a bad hash for a file", sealed(t, head, entry(func(d *LogEntry) { d.SHA256 = "ABC" })), "64 lower-case"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadLog("log", strings.NewReader(c.text))
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
		})
	}
}

func TestAnUnfinishedEntryIsCutOff(t *testing.T) {
	path := writeLog(t, testHeader, onTarget("Ann", 1, "vote"))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(whole, []byte(`{"n":2,"when":"20`)...), 0o644))
	l, err := LoadLog(path)
	require.NoError(t, err)
	assert.Equal(t, 17, l.Torn)
	w, err := OpenLog(path, testHeader)
	require.NoError(t, err)
	_, err = w.Append(onTarget("Ann", 2, "none"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	l, err = LoadLog(path)
	require.NoError(t, err)
	assert.Len(t, l.Entries, 2)
	assert.Zero(t, l.Torn)

	for _, start := range []string{"", "{", `{"format":1,"ki`} {
		require.NoError(t, os.WriteFile(path, []byte(start), 0o644))
		w, err = OpenLog(path, testHeader)
		require.NoError(t, err, "a log that was never begun: %q", start)
		require.NoError(t, w.Close())
		_, err = LoadLog(path)
		require.NoError(t, err)
	}
}

func TestOpenLogRefuses(t *testing.T) {
	path := writeLog(t, testHeader, onTarget("Ann", 1, "vote"))
	other := func(change func(*LogHeader)) LogHeader { h := testHeader; change(&h); return h }
	for _, c := range []struct {
		name string
		h    LogHeader
		want string
	}{
		{"other scans", other(func(h *LogHeader) { h.Manifest = "x" }), "other scans"},
		{"another definition", other(func(h *LogHeader) { h.Definition = "x" }), "another election definition"},
		{"other rules", other(func(h *LogHeader) { h.People = 2 }), "--log"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := OpenLog(path, c.h)
			assert.ErrorContains(t, err, c.want)
		})
	}
	w, err := OpenLog(path, testHeader)
	require.NoError(t, err)
	_, err = OpenLog(path, testHeader)
	assert.ErrorContains(t, err, "another review has it open")
	_, err = w.Append(onTarget("Ann", 2, "vote"), onTarget("", 3, "vote"))
	assert.ErrorContains(t, err, "type yours", "none of a group stands where one is wrong")
	assert.Len(t, w.Log().Entries, 1)
	require.NoError(t, w.Close())
	text := filepath.Join(t.TempDir(), "letter.txt")
	require.NoError(t, os.WriteFile(text, []byte("Dear Ann,"), 0o644))
	_, err = OpenLog(text, testHeader)
	assert.ErrorContains(t, err, "no decision log begins")
	kept, err := os.ReadFile(text)
	require.NoError(t, err)
	assert.Equal(t, "Dear Ann,", string(kept), "a file that is no log is left alone")
}

func TestStanding(t *testing.T) {
	mark := TargetSubject("a.png", 1)
	for _, c := range []struct {
		name    string
		people  int
		entries []LogEntry
		state   State
		answer  string
		inForce int
	}{
		{"one person decides", 1, []LogEntry{onTarget("Ann", 1, "vote")}, Decided, "vote", 1},
		{"the last word stands", 1, []LogEntry{onTarget("Ann", 1, "vote"), onTarget("Bob", 1, "none")}, Decided, "none", 1},
		{"taken back", 1, []LogEntry{onTarget("Ann", 1, "vote"), onTarget("Ann", 1, TakenBack)}, Undecided, "", 0},
		{"taken back, and another's word stands again", 1, []LogEntry{onTarget("Ann", 1, "vote"), onTarget("Bob", 1, "none"), onTarget("Bob", 1, TakenBack)}, Decided, "vote", 1},
		{"what was overruled is taken back", 1, []LogEntry{onTarget("Ann", 1, "vote"), onTarget("Bob", 1, "none"), onTarget("Ann", 1, TakenBack)}, Decided, "none", 1},
		{"another target", 1, []LogEntry{onTarget("Ann", 2, "vote")}, Undecided, "", 1},
		{"the second is waited for", 2, []LogEntry{onTarget("Ann", 1, "vote")}, Waiting, "vote", 0},
		{"one person twice is one", 2, []LogEntry{onTarget("Ann", 1, "vote"), onTarget(" ann ", 1, "vote")}, Waiting, "vote", 0},
		{"one person in two codings is one", 2, []LogEntry{onTarget("Zoë Lee", 1, "vote"), onTarget("Zoe\u0308 Lee", 1, "vote")}, Waiting, "vote", 0},
		{"a letter that is not seen makes nobody else", 2, []LogEntry{onTarget("Ann Lee", 1, "vote"), onTarget("Ann\u200b Lee\u2060", 1, "vote")}, Waiting, "vote", 0},
		{"nor do a point and a hyphen", 2, []LogEntry{onTarget("Ann-May B. Lee", 1, "vote"), onTarget("ann may b lee", 1, "vote")}, Waiting, "vote", 0},
		{"wide letters are the same letters", 2, []LogEntry{onTarget("Ann", 1, "vote"), onTarget("Ａｎｎ", 1, "vote")}, Waiting, "vote", 0},
		{"two agree", 2, []LogEntry{onTarget("Ann", 1, "vote"), onTarget("Bob", 1, "vote")}, Decided, "vote", 1},
		{"two differ", 2, []LogEntry{onTarget("Ann", 1, "vote"), onTarget("Bob", 1, "none")}, Disputed, "none", 0},
		{"two differ, then agree", 2, []LogEntry{onTarget("Ann", 1, "vote"), onTarget("Bob", 1, "none"), onTarget("Ann", 1, "none")}, Decided, "none", 1},
		{"a third does not outvote", 2, []LogEntry{onTarget("Ann", 1, "vote"), onTarget("Bob", 1, "none"), onTarget("Cid", 1, "none")}, Disputed, "none", 0},
		{"one takes back", 2, []LogEntry{onTarget("Ann", 1, "vote"), onTarget("Bob", 1, "vote"), onTarget("Bob", 1, TakenBack)}, Waiting, "vote", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := testHeader
			h.People = c.people
			l, err := LoadLog(writeLog(t, h, c.entries...))
			require.NoError(t, err)
			s := NewStanding(l)
			v := s.Verdict(mark)
			assert.Equal(t, c.state, v.State)
			if c.answer != "" {
				require.NotNil(t, v.Entry)
				assert.Equal(t, c.answer, v.Entry.Answer)
			}
			assert.Len(t, s.InForce(), c.inForce)
			if c.entries[0].Target == 1 {
				assert.Equal(t, len(c.entries), v.Version)
			}
		})
	}
}

func TestSamePerson(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		want       bool
	}{
		{"a number tells apart", "Reader 1", "Reader 2", false},
		{"a letter tells apart", "Ann Lee", "Anna Lee", false},
		{"vowels of a script are letters", "राम", "रोम", false},
		{"an accent left out", "José Díaz", "Jose Diaz", true},
		{"no letters at all", "***", "\u200b", true},
		{"nobody", "", "Ann", false},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, SamePerson(c.a, c.b)) })
	}
}

// What stood for a subject when an entry was made, whatever came before and after.
func TestBeforeAnEntry(t *testing.T) {
	h := testHeader
	h.People = 1
	l, err := LoadLog(writeLog(t, h, onTarget("Ann", 2, "vote"), onTarget("Ann", 1, "vote"), onTarget("Bob", 1, "none"), onTarget("Ann", 1, "questionable"), onTarget("Ann", 1, "vote")))
	require.NoError(t, err)
	s := NewStanding(l)
	assert.Equal(t, Undecided, s.Before(2).State)
	for n, want := range map[int]string{3: "vote", 4: "none", 5: "questionable"} {
		assert.Equal(t, want, s.Before(n).Entry.Answer, n)
	}
}

// What is written into a log that is not at its place is lost: nobody is told that it stands.
func TestALogThatWasTakenAwayIsNotedAtOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(path string) error
		back func(path string) error
	}{
		{"moved", func(p string) error { return os.Rename(p, p+".old") }, func(p string) error { return os.Rename(p+".old", p) }},
		{"deleted", os.Remove, nil},
		{"another in its place", func(p string) error {
			data, err := os.ReadFile(p)
			if err == nil {
				err = os.WriteFile(p+".new", data, 0o644)
			}
			return errors.Join(err, os.Rename(p+".new", p))
		}, nil},
		{"added to", func(p string) error {
			f, err := os.OpenFile(p, os.O_APPEND|os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteString("\n")
			}
			return errors.Join(err, f.Close())
		}, func(p string) error {
			info, err := os.Stat(p)
			return errors.Join(err, os.Truncate(p, info.Size()-1))
		}},
		{"cut short", func(p string) error { return os.Truncate(p, 10) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "decisions.jsonl")
			w, err := OpenLog(path, testHeader)
			require.NoError(t, err)
			defer w.Close()
			_, err = w.Append(onTarget("Ann", 1, "vote"))
			require.NoError(t, err)
			require.NoError(t, c.do(path))
			_, err = w.Append(onTarget("Ann", 2, "vote"))
			require.ErrorContains(t, err, path)
			assert.ErrorContains(t, err, "does not stand")
			assert.Len(t, w.Log().Entries, 1)
			if c.back == nil {
				return
			}
			require.NoError(t, c.back(path))
			_, err = w.Append(onTarget("Ann", 2, "vote"))
			require.NoError(t, err, "put back, it goes on")
			l, err := LoadLog(path)
			require.NoError(t, err)
			assert.Len(t, l.Entries, 2)
		})
	}
}

func FuzzReadLog(f *testing.F) {
	head, _, err := logLine(LogHeader{Format: LogFormat, Kind: logKind, People: 2})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(head))
	f.Add(`{"format":1,"hash":"` + strings.Repeat("0", 64) + "\"}\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ReadLog("fuzz", strings.NewReader(text))
		if err != nil {
			return
		}
		if l.Head == "" || len(l.Head) != 64 {
			t.Fatal("a log was read without its head")
		}
		NewStanding(l).InForce()
	})
}
