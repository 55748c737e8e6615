package batch

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/cvr"
	"recount/template/author"
	"recount/vote"
)

// corpusSet gives a set of real scans, or skips the test where there are none.
func corpusSet(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("RECOUNT_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, name, "ballots.json")); err != nil {
		t.Skipf("no corpus of real scans at %s (set RECOUNT_CORPUS)", dir)
	}
	return filepath.Join(dir, name)
}

type ballots struct {
	Templates []struct {
		ID, Side, Blank string
		DPI             float64
		Contests        []struct {
			Title   string
			VoteFor int `json:"vote_for"`
			Choices []string
			IDs     []string `json:"choice_ids"`
			Ovals   [][4]float64
		}
	}
}

var sideSuffix = regexp.MustCompile(`-(front|back|p\d+|side\d+)$`)

// defineSet makes the definition from a set's contest list, with or without places, and its blanks.
func defineSet(t *testing.T, set string, xy bool) string {
	t.Helper()
	definition, err := tryToDefine(t, set, xy)
	require.NoError(t, err)
	return definition
}

// tryToDefine is defineSet where a blank may be refused.
func tryToDefine(t *testing.T, set string, xy bool) (string, error) {
	t.Helper()
	var b ballots
	data, err := os.ReadFile(filepath.Join(set, "ballots.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &b))
	out := t.TempDir()
	list, err := os.Create(filepath.Join(out, "contests.csv"))
	require.NoError(t, err)
	w := csv.NewWriter(list)
	head := []string{"style", "page", "contest", "vote_for", "choice", "party", "candidate"}
	if xy {
		head = append(head, "x", "y")
	}
	w.Write(head)
	opts := author.NewOptions{Title: filepath.Base(set), Contests: list.Name(), Out: out}
	for _, tp := range b.Templates {
		page := map[string]int{"front": 1, "back": 2}[tp.Side]
		if page == 0 {
			_, err := fmt.Sscanf(tp.Side, "page %d", &page)
			require.NoError(t, err)
		}
		style := sideSuffix.ReplaceAllString(tp.ID, "")
		opts.Blanks = append(opts.Blanks, author.BlankArg{Style: style, Page: page, File: filepath.Join(set, "blank", tp.Blank)})
		for _, c := range tp.Contests {
			for i, choice := range c.Choices {
				id := ""
				if i < len(c.IDs) {
					id = c.IDs[i]
				}
				row := []string{style, strconv.Itoa(page), c.Title, strconv.Itoa(c.VoteFor), choice, "", id}
				if xy {
					o := c.Ovals[i]
					row = append(row, fmt.Sprintf("%.4f", (o[0]+o[2]/2)/tp.DPI), fmt.Sprintf("%.4f", (o[1]+o[3]/2)/tp.DPI))
				}
				w.Write(row)
			}
		}
	}
	w.Flush()
	require.NoError(t, w.Error())
	require.NoError(t, list.Close())
	_, err = author.New(opts)
	return filepath.Join(out, author.DefinitionFile), err
}

// Real scans with hand-made truth, from blank to votes: no target wrong, none unread, few shown to a person.
func TestCorpusIsReadRight(t *testing.T) {
	tests := []struct {
		set     string
		plain   bool    // targets are read down columns, so the list needs no places
		flagged float64 // most of the clear targets that may be shown to a person
		blank   string  // most ink in an empty target, where it is not under 2 %
	}{
		{"juneau_named", true, 0.01, ""},
		{"simple_durant", true, 0.01, ""},
		{"vw-28lb-paper", true, 0.01, ""},
		{"oc-tutorial-hart", true, 0.01, ""},
		{"cedar2012_primary", false, 0.01, ""},
		{"calhoun2010primary_simplesubset", false, 0.12, ""}, // an overprint covers whole targets: nobody can tell ink there
		{"nh-testballot", false, 0.01, ""},
		{"nh-hudson", false, 0.01, ""},
		{"vw-oaklawn", false, 0.01, ""},
		{"vw-hamilton", false, 0.01, ""},
		{"vw-choctaw-mock", false, 0.01, ""},
		{"vw-choctaw-general-2020", false, 0.01, ""},
		{"sf2018-7503", false, 0.01, ""}, // connect the arrow
	}
	for _, tt := range tests {
		for _, xy := range []bool{true, false} {
			if !xy && !tt.plain {
				continue
			}
			t.Run(fmt.Sprintf("%s places=%v", tt.set, xy), func(t *testing.T) {
				set := corpusSet(t, tt.set)
				v, err := Verify(context.Background(), set, VerifyOptions{Election: defineSet(t, set, xy), Limits: vote.DefaultLimits(), Workers: 2})
				require.NoError(t, err)
				assert.Zero(t, v.Wrong)
				assert.Zero(t, v.Unread)
				assert.LessOrEqual(t, float64(v.Flagged), tt.flagged*float64(v.Right+v.Flagged))
				assert.Zero(t, v.OtherStyle)
				assert.Greater(t, v.Right, 20)
				assert.LessOrEqual(t, v.BlankFill, cmp.Or(tt.blank, "0.0200"), "ink in an empty target")
			})
		}
	}
}

// Our totals of juneau_named are those its makers published, once their counting is allowed for. Their program counts
// ballots, not votes lost: a vote-for-3 contest overvoted once is one in its "Over Votes", three in ours, and "Under
// Votes" counts only ballots left wholly blank in the contest, where ours counts every vote not used.
func TestJuneauTotalsAgreeWithItsOwn(t *testing.T) {
	set := corpusSet(t, "juneau_named")
	out := filepath.Join(t.TempDir(), "run")
	_, err := Run(context.Background(), Options{Election: defineSet(t, set, false), Out: out,
		Inputs: []string{filepath.Join(set, "images")}, Workers: 2, Limits: vote.DefaultLimits(), Program: "recount test"})
	require.NoError(t, err)
	f, err := OpenFinished(out)
	require.NoError(t, err)
	m, err := audit.ReadMachine("juneau.csv", strings.NewReader(juneauMachine(t, filepath.Join(set, "election_results.txt"))))
	require.NoError(t, err)
	c, err := audit.Compare(f.Election, f.Totals, m, audit.Options{OverUnder: audit.AsBallots})
	require.NoError(t, err)
	var table strings.Builder
	require.NoError(t, c.WriteTable(&table))
	assert.Zero(t, c.Disagreements(), table.String())
	assert.Contains(t, table.String(), "Botelho")

	report, err := os.Open(filepath.Join(out, "cvr.json"))
	require.NoError(t, err)
	defer report.Close()
	assert.NoError(t, cvr.Validate(report))
}

// juneauMachine turns the published text (a heading a contest, then "Name: votes" lines by surname) into a machine's CSV.
func juneauMachine(t *testing.T, path string) string {
	t.Helper()
	titles := map[string]string{"Mayor": "Mayor", "School Board": "School Board", "Assembly 1": "Assembly District 1", "Assembly 2": "Assembly District 2",
		"Prop1": "Proposition No. 1 - General Obligation Bonds $11,800,000", "Prop2": ""}
	var b ballots
	data, err := os.ReadFile(filepath.Join(filepath.Dir(path), "ballots.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &b))
	choices := map[string][]string{}
	for _, tp := range b.Templates {
		for _, c := range tp.Contests {
			choices[c.Title] = c.Choices
			if strings.HasPrefix(c.Title, "Proposition No. 2") {
				titles["Prop2"] = c.Title
			}
		}
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var out strings.Builder
	w := csv.NewWriter(&out)
	w.Write([]string{"contest", "candidate", "votes"})
	contest := ""
	for line := range strings.Lines(string(text)) {
		name, votes, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			if title, known := titles[name]; known {
				contest = title
			}
			continue
		}
		switch name {
		case "Total Ballots":
			name = "Ballots"
		case "writein":
			name = "Write-ins"
		case "Over Votes", "Under Votes":
		default:
			found := ""
			for _, ch := range choices[contest] {
				if strings.Contains(ch, name) {
					found = ch
				}
			}
			require.NotEmpty(t, found, "%s in %s", name, contest)
			name = found
		}
		w.Write([]string{contest, name, votes})
	}
	w.Flush()
	return out.String()
}
