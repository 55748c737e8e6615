package batch

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/cvr"
	"recount/election"
	"recount/fixtures"
	"recount/template/author"
	"recount/vote"
)

// gridRows is what is printed on the two sides of San Francisco's ranked ballot of November 2019, type 1: where a contest's first
// row stands, in inches, how many ranks it has, and its rows, half an inch apart.
var gridRows = []struct {
	page    int
	contest string
	y       float64
	ranks   int
	rows    []string
}{
	{1, "Mayor", 7.685, 6, []string{"Ellen Lee Zhou", "London N. Breed", "Joel Ventresca", "Wilma Pang", "Robert L. Jordan, Jr.", "Paul Ybarra Robertson", "Write-in"}},
	{2, "City Attorney", 1.935, 3, []string{"Dennis J. Herrera", "Write-in", "Write-in"}},
	{2, "District Attorney", 4.435, 4, []string{"Nancy Tung", "Chesa Boudin", "Suzy Loftus", "Leif Dautch", "Write-in"}},
	{2, "Public Defender", 7.935, 3, []string{`Manohar "Mano" Raju`, "Write-in", "Write-in"}},
	{2, "Sheriff", 10.435, 3, []string{"Paul Miyamoto", "Write-in", "Write-in"}},
	{2, "Treasurer", 12.935, 3, []string{"José Cisneros", "Write-in", "Write-in"}},
}

// rankedBlank is the real blank, or the test is passed over.
func rankedBlank(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("RECOUNT_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	file := filepath.Join(dir, "..", "blanks", "dominion-sf-2019-ranked-BT01.pdf")
	if _, err := os.Stat(file); err != nil {
		t.Skip("no blank of a ranked ballot beside the corpus (set RECOUNT_CORPUS)")
	}
	return file
}

// defineRanked makes the definition from the blank and a contest list with ranks.
func defineRanked(t *testing.T, blank string) string {
	t.Helper()
	dir := t.TempDir()
	list, err := os.Create(filepath.Join(dir, "contests.csv"))
	require.NoError(t, err)
	var rows []election.Row
	for _, g := range gridRows {
		for i, name := range g.rows {
			for n := range g.ranks {
				rows = append(rows, election.Row{Style: "BT01", Page: g.page, Contest: g.contest, VoteFor: 1, Choice: name,
					X: 4.1025 + 0.605*float64(n), Y: g.y + 0.5*float64(i), HasXY: true, Rank: n + 1})
			}
		}
	}
	require.NoError(t, election.WriteContests(list, rows))
	require.NoError(t, list.Close())
	_, err = author.Make(author.NewOptions{Title: "San Francisco", Contests: list.Name(), Out: dir, DPI: 150, Blanks: []author.BlankArg{
		{Style: "BT01", Page: 1, File: blank + "#1"}, {Style: "BT01", Page: 2, File: blank + "#2"}}})
	require.NoError(t, err)
	return filepath.Join(dir, author.DefinitionFile)
}

// Marks drawn on a real ranked ballot come back as the ranking they were.
func TestRankedBallotIsReadBack(t *testing.T) {
	definition := defineRanked(t, rankedBlank(t))
	b, err := fixtures.OpenBallots(definition)
	require.NoError(t, err)
	e := b.Election()
	scans := t.TempDir()
	f, err := os.Create(filepath.Join(scans, "ballot.tif"))
	require.NoError(t, err)
	// what the voter ranks: by contest, the choice's row (from 0) and the rank
	voter := map[string][][2]int{
		"Mayor":             {{1, 1}, {0, 2}, {3, 3}, {5, 4}}, // four in order
		"City Attorney":     {{0, 2}, {1, 3}},                 // the first skipped
		"District Attorney": {{1, 1}, {2, 2}, {3, 2}, {1, 4}}, // two second, the first again fourth
		"Public Defender":   {{0, 1}, {1, 1}},                 // two first
		"Treasurer":         {{2, 1}},                         // the second of two write-in lines
	}
	var pages []*fixtures.Side
	for i := range e.Styles[0].Pages {
		p := &e.Styles[0].Pages[i]
		kinds := make([]fixtures.Kind, len(p.Targets))
		for j, g := range p.Targets {
			c := e.Contest(g.Contest)
			for _, v := range voter[c.Title] {
				if c.Choices[v[0]].ID == g.Choice && v[1] == g.Rank {
					kinds[j] = fixtures.Full
				}
			}
		}
		s, err := fixtures.MarkPage(b.Blank("BT01", p.Number), p, kinds, fixtures.Marking{Seed: 5})
		require.NoError(t, err)
		s.Gray = fixtures.Chain(fixtures.Warp(0.3, 0.995, 4, -6), fixtures.Noise(3, 9))(s.Gray)
		pages = append(pages, s)
	}
	require.NoError(t, fixtures.EncodeTIFF(f, 150, pages[0].Gray, pages[1].Gray))
	require.NoError(t, f.Close())

	out := filepath.Join(t.TempDir(), "run")
	sum, err := Run(context.Background(), Options{Election: definition, Out: out, Inputs: []string{scans}, Workers: 1, Limits: vote.DefaultLimits(), Program: "recount test"})
	require.NoError(t, err)
	assert.Equal(t, 1, sum.Sheets, "%+v", sum)
	got := map[string]string{}
	for _, r := range readCSV(t, filepath.Join(out, "contests.csv")) {
		got[r["contest"]] = strings.Join([]string{r["status"], r["ranking"], r["rank_faults"]}, " | ")
	}
	assert.Equal(t, map[string]string{
		"Mayor":             "voted | 1=London N. Breed;2=Ellen Lee Zhou;3=Wilma Pang;4=Paul Ybarra Robertson;5=;6= | ",
		"City Attorney":     "voted | 1=;2=Dennis J. Herrera;3=Write-in [write-in] | skipped=1",
		"District Attorney": "voted | 1=Chesa Boudin;2=Suzy Loftus+Leif Dautch;3=;4=Chesa Boudin | skipped=3;overvoted=2;repeated=4",
		"Public Defender":   `overvote | 1=Manohar "Mano" Raju+Write-in [write-in];2=;3= | overvoted=1`,
		"Sheriff":           "undervote | 1=;2=;3= | ",
		"Treasurer":         "voted | 1=Write-in [write-in-2];2=;3= | ",
	}, got)
	ranks := map[string]int{}
	for _, r := range readCSV(t, filepath.Join(out, "marks.csv")) {
		if r["contest"] == "Mayor" && r["mark"] == "vote" {
			n, err := strconv.Atoi(r["rank"])
			require.NoError(t, err)
			ranks[r["choice"]] = n
		}
	}
	assert.Equal(t, map[string]int{"London N. Breed": 1, "Ellen Lee Zhou": 2, "Wilma Pang": 3, "Paul Ybarra Robertson": 4}, ranks)
	for _, r := range readCSV(t, filepath.Join(out, "totals.csv")) {
		if r["contest"] == "City Attorney" && r["choice"] == "Dennis J. Herrera" {
			assert.Equal(t, "1", r["clear"], "a skipped rank is passed over")
		}
	}
	// The records go on to who counts the rounds.
	tables := t.TempDir()
	made, err := cvr.Convert([]string{filepath.Join(out, "cvr.json")}, cvr.ExportOptions{}, cvr.ToRCTab, func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(tables, name)) })
	require.NoError(t, err)
	assert.Len(t, made.Files, 6)
	file, err := os.Open(filepath.Join(tables, "mayor.csv"))
	require.NoError(t, err)
	defer file.Close()
	table, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"2", "1", "", "3", "", "4", ""}, table[1][2:])
}

func TestNamedRanking(t *testing.T) {
	c := &election.Contest{Choices: []election.Choice{{ID: "a", Name: "Ann; or A+B=C?"}, {ID: "w1", Name: "Write-in"}, {ID: "w2", Name: "Write-in"}, {ID: "d", Name: `Back\slash`}}}
	for _, row := range []struct{ in, want string }{
		{"", ""},
		{"1=;2=", "1=;2="},
		{"1=a;2=d?", `1=Ann\; or A\+B\=C\?;2=Back\\slash?`},
		{"1=w1+w2?", "1=Write-in [w1]+Write-in [w2]?"},
		{"1=gone", "1=gone"},
	} {
		assert.Equal(t, row.want, namedRanking(c, row.in), fmt.Sprintf("%q", row.in))
	}
}
