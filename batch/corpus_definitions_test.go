package batch

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/template/author"
	"recount/vote"
)

// seen is one target of a run: where it lies on the scan, and what was read.
type seen struct {
	x, y                  float64
	contest, choice, mark string
}

// readSet reads a set's scans and gives each image's targets.
func readSet(t *testing.T, set, definition string) map[string][]seen {
	t.Helper()
	out := filepath.Join(t.TempDir(), "run")
	_, err := Run(context.Background(), Options{Election: definition, Out: out, Inputs: []string{filepath.Join(set, "images")}, Workers: 2, Limits: vote.DefaultLimits(), Program: "recount test"})
	require.NoError(t, err)
	got := map[string][]seen{}
	for _, r := range readCSV(t, filepath.Join(out, "marks.csv")) {
		num := func(column string) float64 {
			v, err := strconv.ParseFloat(r[column], 64)
			require.NoError(t, err)
			return v
		}
		got[r["image"]] = append(got[r["image"]], seen{num("x") + num("w")/2, num("y") + num("h")/2, r["contest"], r["choice"] + "|" + r["party"], r["mark"]})
	}
	return got
}

// agree holds two readings of the same scans against each other, target by target, by place alone: names may differ. A
// contest of the one must be one contest of the other, and so its choices. It gives the number of clear votes compared.
func agree(t *testing.T, want, got map[string][]seen) int {
	t.Helper()
	contests, choices := map[string]string{}, map[string]string{}
	votes, shown := 0, 0
	for _, image := range keys(want) {
		targets := want[image]
		require.Len(t, got[image], len(targets), image)
		taken := map[int]bool{}
		for _, w := range targets {
			best, off := -1, math.Inf(1)
			for i, g := range got[image] {
				if d := math.Hypot(g.x-w.x, g.y-w.y); d < off {
					best, off = i, d
				}
			}
			require.Less(t, off, 12.0, "%s: %s has no target of the other definition near it", image, w.choice)
			require.False(t, taken[best], "%s: two targets for one", image)
			taken[best] = true
			g := got[image][best]
			same(t, contests, w.contest, g.contest)
			same(t, choices, w.contest+"|"+w.choice, g.contest+"|"+g.choice)
			switch {
			case w.mark == g.mark && w.mark == "vote":
				votes++
			case w.mark == "questionable": // shown to a person with the blank: any answer will do
			case g.mark == "questionable":
				shown++
			default:
				assert.Equal(t, w.mark, g.mark, "%s %s %s", image, w.contest, w.choice)
			}
		}
	}
	assert.LessOrEqual(t, shown, votes/20, "more is shown to a person than with the blank")
	return votes
}

func same(t *testing.T, names map[string]string, a, b string) {
	t.Helper()
	if was, ok := names[a]; ok {
		require.Equal(t, was, b, "%s", a)
	}
	names[a] = b
}

func keys(m map[string][]seen) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// An AccuVote interface file with the blanks, and a VotingWorks definition alone, whose pictures are drawn from it, give the
// votes that the blanks with the hand-made contest list give.
func TestCorpusReadFromOtherDefinitions(t *testing.T) {
	for _, c := range []struct {
		set   string
		votes int
	}{{"nh-testballot", 70}, {"nh-hudson", 23}} {
		set := corpusSet(t, c.set)
		want := readSet(t, set, defineSet(t, set, true))
		file := func(name string) string { return filepath.Join(set, "definition", name) }
		t.Run(c.set+" interface file", func(t *testing.T) {
			out := t.TempDir()
			blank := func(side string) string { return filepath.Join(set, "blank", "template-"+side+".jpeg") }
			_, err := author.Import(author.ImportOptions{File: file("definition.xml"), Out: out, DPI: 200,
				Blanks: []author.BlankArg{{Style: "card", Page: 1, File: blank("front")}, {Style: "card", Page: 2, File: blank("back")}}})
			require.NoError(t, err)
			assert.GreaterOrEqual(t, agree(t, want, readSet(t, set, filepath.Join(out, author.DefinitionFile))), c.votes)
		})
		t.Run(c.set+" VotingWorks definition", func(t *testing.T) {
			out := t.TempDir()
			_, err := author.Import(author.ImportOptions{File: file("election.json"), Out: out})
			require.NoError(t, err)
			got := readSet(t, set, filepath.Join(out, author.DefinitionFile))
			assert.GreaterOrEqual(t, agree(t, want, got), c.votes)
			for image, targets := range want { // the parties of a person printed twice are known from the columns
				for _, w := range targets {
					if name, party, ok := strings.Cut(strings.TrimSuffix(w.choice, ")|"), " ("); ok {
						assert.True(t, slices.ContainsFunc(got[image], func(g seen) bool { return g.choice == fmt.Sprintf("%s|%s", name, party) }), w.choice)
					}
				}
			}
		})
	}
}

// Drawn pages of two styles laid out alike are told apart by the card number that the style is named after, which fronts
// print: no sheet is given to the other, and none read with it when its own style is not there.
func TestCorpusCardNumberTellsDrawnStyles(t *testing.T) {
	set := corpusSet(t, "nh-hudson")
	data, err := os.ReadFile(filepath.Join(set, "definition", "election.json"))
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(data, &doc))
	again := func(list string, key string) {
		twin := maps.Clone(doc[list].([]any)[0].(map[string]any))
		twin[key] = "card-number-55"
		doc[list] = append(doc[list].([]any), twin)
	}
	again("ballotStyles", "id")
	again("gridLayouts", "ballotStyleId")
	both, err := json.Marshal(doc)
	require.NoError(t, err)
	other := bytes.ReplaceAll(data, []byte("card-number-54"), []byte("card-number-55"))
	for _, c := range []struct {
		name    string
		data    []byte
		outcome string
	}{{"both", both, "counted"}, {"the other alone", other, "refused"}} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "in.json")
			require.NoError(t, os.WriteFile(file, c.data, 0o644))
			_, err := author.Import(author.ImportOptions{File: file, Out: dir})
			require.NoError(t, err)
			out := filepath.Join(dir, "run")
			_, err = Run(context.Background(), Options{Election: filepath.Join(dir, author.DefinitionFile), Out: out, Inputs: []string{filepath.Join(set, "images")},
				Workers: 2, Limits: vote.DefaultLimits(), Program: "recount test"})
			require.NoError(t, err)
			rows := readCSV(t, filepath.Join(out, "sheets.csv"))
			require.Len(t, rows, 2)
			for _, r := range rows {
				assert.Equal(t, c.outcome, r["outcome"], "%v", r)
				if c.outcome == "counted" {
					assert.Equal(t, "card-number-54", r["style"])
				} else if strings.Contains(r["image"], "front") {
					assert.Contains(t, r["reason"], "wrong-code")
				}
			}
		})
	}
}

// readCSV reads a table by its columns' names.
func readCSV(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, h := range rows[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out
}
