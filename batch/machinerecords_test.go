package batch

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
	"recount/vote"
)

// confirmAll answers yes to every proposal, and to the pairs given, as a person who has checked them does.
func confirmAll(c *audit.SheetComparison, more ...audit.Pairing) *audit.Mapping {
	return &audit.Mapping{Pairs: append(append([]audit.Pairing{}, c.Proposals...), more...)}
}

// recordsOf reads a set's scans and sets them beside another program's records, over and over until it proposes no more names. It
// gives the run and the names that were confirmed too.
func recordsOf(t *testing.T, definition, records string, images []string, more ...audit.Pairing) (*audit.SheetComparison, *FinishedRun, *audit.Mapping) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "run")
	_, err := Run(context.Background(), Options{Election: definition, Out: out, Inputs: images, Limits: vote.DefaultLimits(), Workers: 2, Program: "test"})
	require.NoError(t, err)
	run, err := OpenRun(out)
	require.NoError(t, err)
	t.Cleanup(func() { run.Close() })
	names := &audit.Mapping{Pairs: more}
	for {
		x, err := cvr.OpenExport([]string{records}, cvr.ExportOptions{})
		require.NoError(t, err)
		c, err := audit.CompareSheets(run.Election, run.Records(), x, audit.SheetOptions{Names: names, Limits: run.Limits})
		x.Close()
		require.NoError(t, err)
		if len(c.Proposals) == 0 {
			return c, run, names
		}
		names = confirmAll(c, names.Pairs...)
	}
}

// The machine that counted this sheet wrote its own record of it: every contest agrees, none is left open.
func TestCorpusSheetAgreesWithItsMachine(t *testing.T) {
	set := corpusSet(t, "nh-testballot")
	name := filepath.Join(set, "images", "864a2854-ee26-4223-8097-9633b7bed096-")
	c, run, _ := recordsOf(t, defineSet(t, set, true), filepath.Join(set, "cvr"), []string{name + "front.jpg", name + "back.jpg"})
	assert.Equal(t, []int{1, 1, 14, 14}, []int{c.Sheets, c.Matched, c.Contests, c.Agree})
	assert.False(t, c.Look(), c.Summary())

	// Target by target: its original snapshot names every one it looked at, with whether it saw a mark there.
	x, err := cvr.OpenExport([]string{filepath.Join(set, "cvr")}, cvr.ExportOptions{Snapshot: "original"})
	require.NoError(t, err)
	defer x.Close()
	theirs, ours, looked, targets := map[string]bool{}, map[string]bool{}, 0, 0 // a person's lines, and a contest's write-ins, are one name
	for r, err := range x.Records() {
		require.NoError(t, err)
		for _, k := range r.Contests {
			rc := &x.Roster.Contests[k.Contest]
			looked += len(rc.Choices)
			for _, ch := range rc.Choices {
				theirs[targetName(rc.Title, ch.Name)] = false
			}
			for _, m := range k.Marks {
				theirs[targetName(rc.Title, rc.Choices[m.Choice].Name)] = true
			}
		}
	}
	for r, err := range run.Records() {
		require.NoError(t, err)
		for _, k := range r.Sheet.Readings {
			kc := run.Election.Contest(k.Contest)
			name := targetName(kc.Title, kc.Choice(k.Choice).Name)
			assert.NotEqual(t, vote.Questionable, k.Answer, name)
			ours[name] = ours[name] || k.Answer == vote.Vote
			targets++
		}
	}
	assert.Equal(t, 51, looked, "choices that the machine looked at, of 52 targets: one person stands on two lines")
	assert.Equal(t, 52, targets)
	for name, marked := range theirs {
		mine, ok := ours[name]
		assert.True(t, ok, "%s: no target of ours", name)
		assert.Equal(t, marked, mine, name)
	}
	assert.Len(t, ours, len(theirs))
}

// targetName is a contest and a choice without what writers of names differ in: signs, a party behind the name, the write-in's number.
func targetName(contest, choice string) string {
	choice, _, _ = strings.Cut(choice, " (")
	if strings.HasPrefix(strings.ToLower(choice), "write") {
		choice = "write-in"
	}
	return strings.ToLower(strings.Join(strings.FieldsFunc(contest+"|"+choice, func(r rune) bool { return r != '|' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }), ""))
}

// Another program's records of nine sheets. What differs is what is asked here, each for its reason: no vote of its is denied.
func TestCorpusSheetsBesideAnotherProgram(t *testing.T) {
	set := corpusSet(t, "oc-tutorial-hart")
	images, err := filepath.Glob(filepath.Join(set, "images", "*.png"))
	require.NoError(t, err)
	_, err = os.Stat(filepath.Join(set, "cvr"))
	require.NoError(t, err)
	c, run, names := recordsOf(t, defineSet(t, set, true), filepath.Join(set, "cvr"), images,
		audit.Pairing{TheirContest: "US Senator", Contest: "UNITED STATES SENATOR"},
		audit.Pairing{TheirContest: "US Rep (48th Dist)", Contest: "UNITED STATES REPRESENTATIVE 48th District"},
		audit.Pairing{TheirContest: "US Representative (46th Dist)", Contest: "UNITED STATES REPRESENTATIVE 46th District"})
	assert.Equal(t, []int{9, 9, 87}, []int{c.Sheets, c.Matched, c.Contests})
	assert.Empty(t, c.Unmatched)
	assert.Empty(t, c.MissingImages)
	assert.Empty(t, c.MissingRecords)
	for _, d := range c.Differences {
		assert.Equal(t, audit.OpenHere, d.Kind, "%s, %s: machine %s, sheet %s", d.Sheet, d.Contest, d.Machine, d.Ours)
		assert.NotEmpty(t, d.Marks)
	}
	assert.GreaterOrEqual(t, c.Agree, 82)
	assert.Equal(t, c.Contests, c.Agree+c.Kinds[audit.OpenHere])
	for _, d := range c.Differences {
		asked := slices.ContainsFunc(d.Marks, func(m audit.MarkSeen) bool { return m.Answer == vote.Questionable && m.Reason != "" })
		assert.True(t, asked, "%s, %s: a target says why it is open", d.Sheet, d.Contest)
	}

	// Its totals, which count an overvoted contest and one without a mark once a ballot, lie in our intervals, line by line.
	text, err := os.ReadFile(filepath.Join(set, "cvr", "election_results.txt"))
	require.NoError(t, err)
	machine, err := audit.ReadMachine("election_results.csv", strings.NewReader(resultsTable(t, string(text))))
	require.NoError(t, err)
	var cmp *audit.Comparison
	for range 5 { // names that got no vote are in the totals only
		cmp, err = audit.Compare(run.Election, run.Totals, machine, audit.Options{Names: names, OverUnder: audit.AsBallots})
		require.NoError(t, err)
		names.Pairs = append(names.Pairs, cmp.Proposals...)
	}
	assert.Empty(t, cmp.Proposals)
	for _, l := range cmp.Lines {
		assert.True(t, l.Agrees, "%s, %s: it has %d, here %d to %d", l.Contest, l.Choice, l.Machine, l.Clear, l.Total)
	}
	for _, u := range cmp.Unmatched {
		assert.Equal(t, "ballots", u.Side, u)
	}
	t.Logf("%d contests of %d agree, %d are open here; %d of %d totals agree", c.Agree, c.Contests, c.Kinds[audit.OpenHere], len(cmp.Lines)-cmp.Disagreements(), len(cmp.Lines))
}

// resultsTable is the first part of the other program's text of totals, that of all ballots, as a long table.
func resultsTable(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	require.NoError(t, w.Write([]string{"contest", "candidate", "votes"}))
	contest, rules := "", 0
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		name, votes, row := strings.Cut(strings.TrimPrefix(line, "\t"), ": ")
		if strings.HasPrefix(line, "---") {
			if rules++; rules > 2 {
				break
			}
		}
		switch {
		case !strings.HasPrefix(line, "\t"):
			contest = strings.TrimSpace(line)
		case row:
			name = map[string]string{"Writein": "Write-in", "Total Ballots": "Ballots"}[name] + map[bool]string{true: name}[name != "Writein" && name != "Total Ballots"]
			require.NoError(t, w.Write([]string{contest, name, strings.TrimSpace(votes)}))
		}
	}
	w.Flush()
	return b.String()
}
