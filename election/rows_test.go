package election

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// corpusSet is what ballots.json says, as far as a contest list needs it.
type corpusSet struct {
	Templates []struct {
		ID, Side, Blank string
		DPI             float64
		Width, Height   int
		Contests        []struct {
			Title     string
			VoteFor   int `json:"vote_for"`
			Choices   []string
			ChoiceIDs []string `json:"choice_ids"`
			Ovals     [][4]float64
		}
	}
}

// corpusRows makes the rows that the corpus' own list writer makes of a set.
func corpusRows(set corpusSet, xy bool) []Row {
	var rows []Row
	for _, t := range set.Templates {
		if t.Blank == "" {
			continue
		}
		page := map[string]int{"front": 1, "back": 2}[t.Side]
		if page == 0 {
			_, _ = fmt.Sscanf(t.Side, "page %d", &page)
		}
		style := regexp.MustCompile(`-(front|back|p\d+|side\d+)$`).ReplaceAllString(t.ID, "")
		for _, c := range t.Contests {
			for i, ch := range c.Choices {
				r := Row{Line: len(rows) + 2, Style: style, Page: page, Contest: c.Title, VoteFor: c.VoteFor, Choice: ch}
				if c.ChoiceIDs != nil {
					r.Candidate = c.ChoiceIDs[i]
				}
				if xy {
					o := c.Ovals[i]
					r.X, r.Y, r.HasXY = (o[0]+o[2]/2)/t.DPI, (o[1]+o[3]/2)/t.DPI, true
				}
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// listCSV writes rows as people would.
func listCSV(rows []Row) string {
	var b strings.Builder
	xy := len(rows) > 0 && rows[0].HasXY
	b.WriteString("\ufeffstyle,page,contest,vote_for,choice,party,candidate")
	if xy {
		b.WriteString(",x,y")
	}
	b.WriteString("\r\n")
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	for _, r := range rows {
		fmt.Fprintf(&b, "%s,%d,%s,%d,%s,%s,%s", quote(r.Style), r.Page, quote(r.Contest), r.VoteFor, quote(r.Choice), quote(r.Party), quote(r.Candidate))
		if xy {
			fmt.Fprintf(&b, ",%.4f,%.4f", r.X, r.Y)
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

func TestCorpusListsBuild(t *testing.T) {
	dir := os.Getenv("RECOUNT_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "ballots.json"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no corpus at RECOUNT_CORPUS or ../shared/corpus")
	}
	assert.Len(t, files, 13)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var set corpusSet
		require.NoError(t, json.Unmarshal(data, &set))
		for _, xy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s xy=%v", filepath.Base(filepath.Dir(file)), xy), func(t *testing.T) {
				want := corpusRows(set, xy)
				rows, err := ReadContests("contests.csv", strings.NewReader(listCSV(want)))
				require.NoError(t, err)
				require.Len(t, rows, len(want))
				e, err := FromRows("Corpus", rows)
				require.NoError(t, err)
				if xy {
					finish(e, set)
					require.NoError(t, e.Check())
				}
				again, err := FromRows("Corpus", rows)
				require.NoError(t, err)
				if xy {
					finish(again, set)
				}
				assert.Equal(t, e.Hash(), again.Hash())
				total := 0
				for _, s := range e.Styles {
					for _, p := range s.Pages {
						total += len(p.Targets)
					}
				}
				assert.Equal(t, len(rows), total, "one target a row")
			})
		}
	}
}

// finish gives an election made of rows the sizes and pictures that a blank would give it.
func finish(e *Election, set corpusSet) {
	n := 0
	for i := range e.Styles {
		for j := range e.Styles[i].Pages {
			p := &e.Styles[i].Pages[j]
			t := set.Templates[n]
			n++
			p.Picture = Picture{File: fmt.Sprintf("pictures/%d-%d.png", i, p.Number), SHA256: strings.Repeat("ab", 32), DPI: t.DPI, Width: t.Width, Height: t.Height}
			k := 0
			for _, c := range t.Contests {
				for _, o := range c.Ovals {
					p.Targets[k].W, p.Targets[k].H, p.Targets[k].Shape = o[2]/t.DPI, o[3]/t.DPI, Oval
					k++
				}
			}
		}
	}
}
