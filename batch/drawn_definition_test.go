package batch

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/election"
	"recount/fixtures"
	"recount/template"
	"recount/template/author"
	"recount/vote"
)

// gridFile is a VotingWorks definition of one page of two contests: six targets down three columns.
func gridFile(encoding string) string {
	var options, positions []string
	for i := range 5 {
		options = append(options, fmt.Sprintf(`{"id": "o%d", "name": "Person %d"}`, i, i))
		positions = append(positions, fmt.Sprintf(`{"type": "option", "sheetNumber": 1, "side": "front", "column": %g, "row": %g, "contestId": "c", "optionId": "o%d"}`,
			[]float64{3, 13.5, 24}[i%3], 9+2.5*float64(i), i))
	}
	positions = append(positions, `{"type": "write-in", "sheetNumber": 1, "side": "front", "column": 24, "row": 30.25, "contestId": "c", "writeInIndex": 0}`)
	return fmt.Sprintf(`{"title": "Town", "ballotLayout": {"paperSize": "letter", "metadataEncoding": "%s"}, "ballotStyles": [{"id": "s"}],
		"contests": [{"id": "c", "title": "Council", "type": "candidate", "seats": 3, "allowWriteIns": true, "candidates": [%s]}],
		"gridLayouts": [{"ballotStyleId": "s", "gridPositions": [%s]}]}`, encoding, strings.Join(options, ","), strings.Join(positions, ","))
}

// A ballot that carries more print than its drawn picture, slanted and printed smaller, is read from the definition alone,
// whichever family's timing marks it has, also by way of a NIST Ballot Definition.
func TestDrawnDefinitionsAreRead(t *testing.T) {
	for _, encoding := range []string{"timing-marks", "qr-code"} {
		for _, way := range []string{"votingworks", "nist-1500-20"} {
			t.Run(encoding+" "+way, func(t *testing.T) {
				dir := t.TempDir()
				file := filepath.Join(dir, "in.json")
				require.NoError(t, os.WriteFile(file, []byte(gridFile(encoding)), 0o644))
				def := filepath.Join(dir, "def")
				in, err := author.Import(author.ImportOptions{File: file, Out: def})
				require.NoError(t, err)
				if way == "nist-1500-20" {
					data, err := in.Election.WriteBallotDefinition("2025-11-04", "recount test")
					require.NoError(t, err)
					require.NoError(t, os.WriteFile(file, data, 0o644))
					def = filepath.Join(dir, "back")
					in, err = author.Import(author.ImportOptions{File: file, Out: def})
					require.NoError(t, err)
					require.Equal(t, election.NIST150020, in.Kind)
				}
				page := &in.Election.Styles[0].Pages[0]
				printed := template.DrawBlank(page, 8.5, 11, 200)
				for i, g := range page.Targets { // names beside the targets, rules between them
					for k := range 12 + 3*i {
						x := (g.X+g.W/2+0.1)*200 + 9*float64(k)
						fixtures.Bar(printed, x, g.Y*200-8, x+4, g.Y*200+float64(k%5)-2)
					}
					fixtures.Bar(printed, 120, (g.Y+0.3)*200, 1580, (g.Y+0.3)*200+3)
				}
				side, err := fixtures.MarkPage(printed, page, []fixtures.Kind{fixtures.Full, fixtures.NoMark, fixtures.Full, fixtures.NoMark, fixtures.NoMark, fixtures.Cross},
					fixtures.Marking{Seed: 7})
				require.NoError(t, err)
				scan := fixtures.Chain(fixtures.Warp(0.4, 0.985, 6, -9), fixtures.Blur(1), fixtures.Noise(4, 3))(side.Gray)
				got := readScan(t, dir, filepath.Join(def, author.DefinitionFile), scan)
				assert.Equal(t, []string{"vote", "none", "vote", "none", "none", "vote"}, got)
			})
		}
	}
}

// readScan reads one picture and gives its targets' answers.
func readScan(t *testing.T, dir, definition string, g *image.Gray) []string {
	t.Helper()
	scans := filepath.Join(dir, "scans")
	require.NoError(t, os.MkdirAll(scans, 0o755))
	f, err := os.Create(filepath.Join(scans, "a.png"))
	require.NoError(t, err)
	require.NoError(t, fixtures.EncodePNG(f, g, 200))
	require.NoError(t, f.Close())
	out := filepath.Join(dir, "run")
	_, err = Run(context.Background(), Options{Election: definition, Out: out, Inputs: []string{scans}, Workers: 1, Limits: vote.DefaultLimits(), Program: "recount test"})
	require.NoError(t, err)
	for _, r := range readCSV(t, filepath.Join(out, "sheets.csv")) {
		require.Equal(t, "counted", r["outcome"], "%v", r)
	}
	var marks []string
	for _, r := range readCSV(t, filepath.Join(out, "marks.csv")) {
		marks = append(marks, r["mark"])
	}
	return marks
}
