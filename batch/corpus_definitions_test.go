package batch

import (
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/template"
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
	f, err := os.Open(filepath.Join(out, "marks.csv"))
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	at := map[string]int{}
	for i, h := range rows[0] {
		at[h] = i
	}
	got := map[string][]seen{}
	for _, r := range rows[1:] {
		num := func(column string) float64 {
			v, err := strconv.ParseFloat(r[at[column]], 64)
			require.NoError(t, err)
			return v
		}
		got[r[at["image"]]] = append(got[r[at["image"]]], seen{num("x") + num("w")/2, num("y") + num("h")/2, r[at["contest"]], r[at["choice"]] + "|" + r[at["party"]], r[at["mark"]]})
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

// An AccuVote interface file with the blanks gives the votes that the hand-made contest list gives.
func TestCorpusReadFromInterfaceFile(t *testing.T) {
	for _, c := range []struct {
		set   string
		votes int
	}{{"nh-testballot", 70}, {"nh-hudson", 23}} {
		t.Run(c.set, func(t *testing.T) {
			set := corpusSet(t, c.set)
			out := t.TempDir()
			blank := func(side string) string { return filepath.Join(set, "blank", "template-"+side+".jpeg") }
			_, err := template.Import(template.ImportOptions{File: filepath.Join(set, "definition", "definition.xml"), Out: out, DPI: 200,
				Blanks: []template.BlankArg{{Style: "card", Page: 1, File: blank("front")}, {Style: "card", Page: 2, File: blank("back")}}})
			require.NoError(t, err)
			want := readSet(t, set, defineSet(t, set, true))
			got := readSet(t, set, filepath.Join(out, template.DefinitionFile))
			assert.GreaterOrEqual(t, agree(t, want, got), c.votes)
		})
	}
}

// A VotingWorks definition alone, whose pictures are drawn from it, gives the votes that the blank gives.
func TestCorpusReadFromVotingWorksDefinition(t *testing.T) {
	for _, c := range []struct {
		set   string
		votes int
	}{{"nh-testballot", 70}, {"nh-hudson", 23}} {
		t.Run(c.set, func(t *testing.T) {
			set := corpusSet(t, c.set)
			out := t.TempDir()
			_, err := template.Import(template.ImportOptions{File: filepath.Join(set, "definition", "election.json"), Out: out})
			require.NoError(t, err)
			got := readSet(t, set, filepath.Join(out, template.DefinitionFile))
			want := readSet(t, set, defineSet(t, set, true))
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
