package batch

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/fixtures"
	"recount/scanner"
	"recount/vote"
)

var corpusWorse = flag.Bool("corpus.worse", false, "make every set of real scans worse in TestCorpusMadeWorse, not three of them, and print what was read")

// worse are ways in which another scanner would have given the same sheets, and the most of a set's targets that may then be shown to a
// person or stand on refused pages. A set whose print is grey loses its outlines in one bit.
var worse = []struct {
	name  string
	blank bool // it is the blanks that are worse, and the scans as they were
	harms []fixtures.Harm
}{
	{"upside down", false, []fixtures.Harm{{Kind: fixtures.Turned180}}},
	{"on its side", false, []fixtures.Harm{{Kind: fixtures.Turned90}}},
	{"coarse", false, []fixtures.Harm{{Kind: fixtures.LowDPI, Strength: 0.5}}},
	{"askew", false, []fixtures.Harm{{Kind: fixtures.Skew, Strength: 0.5, Seed: 3}}},
	{"soft, noisy and packed hard", false, []fixtures.Harm{{Kind: fixtures.Noisy, Strength: 0.4, Seed: 4}, {Kind: fixtures.SoftFocus, Strength: 0.3}, {Kind: fixtures.Coded, Strength: 0.9}}},
	{"dark, in one bit", false, []fixtures.Harm{{Kind: fixtures.CutDark, Strength: 0.4}}},
	{"with a coarse blank", true, []fixtures.Harm{{Kind: fixtures.LowDPI, Strength: 0.5}}},
	{"with a blank askew", true, []fixtures.Harm{{Kind: fixtures.Skew, Strength: 0.06, Seed: 5}}},
}

// Real scans, and real blanks, as a worse scanner would give them: still nothing wrong.
func TestCorpusMadeWorse(t *testing.T) {
	sets := []string{"simple_durant", "nh-hudson", "vw-hamilton"}
	if *corpusWorse {
		sets = []string{"cedar2012_primary", "calhoun2010primary_simplesubset", "vw-choctaw-mock", "vw-choctaw-general-2020", "vw-hamilton", "vw-oaklawn", "nh-testballot", "nh-hudson", "sf2018-7503", "juneau_named", "simple_durant",
			"vw-28lb-paper", "oc-tutorial-hart"}
	}
	for _, name := range sets {
		for _, w := range worse {
			t.Run(name+" "+w.name, func(t *testing.T) {
				part := "images"
				if w.blank {
					part = "blank"
				}
				set := madeWorse(t, corpusSet(t, name), part, w.harms)
				definition, err := tryToDefine(t, set, true)
				if w.blank && *corpusWorse && err != nil {
					t.Logf("no definition: %v", err) // refused before anything is read
					return
				}
				require.NoError(t, err)
				v, err := Verify(context.Background(), set, VerifyOptions{Election: definition, Limits: vote.DefaultLimits(), Workers: 2})
				require.NoError(t, err)
				assert.Zero(t, v.Wrong)
				assert.Zero(t, v.OtherStyle)
				if *corpusWorse {
					t.Logf("right %d, flagged %d, unread %d", v.Right, v.Flagged, v.Unread)
					return
				}
				assert.Zero(t, v.Unread)
				assert.LessOrEqual(t, 20*v.Flagged, v.Right+v.Flagged, "shown to a person")
			})
		}
	}
}

// madeWorse copies a set with the pictures of one of its folders damaged, in PNG files of the same names.
func madeWorse(t *testing.T, set, part string, harms []fixtures.Harm) string {
	t.Helper()
	out := t.TempDir()
	require.NoError(t, os.CopyFS(out, os.DirFS(set)))
	var b ballots
	data, err := os.ReadFile(filepath.Join(set, "ballots.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &b))
	dpi := map[string]float64{} // of blanks whose files do not say
	for _, tp := range b.Templates {
		dpi[tp.Blank] = tp.DPI
	}
	files, err := os.ReadDir(filepath.Join(set, part))
	require.NoError(t, err)
	for _, f := range files {
		path := filepath.Join(out, part, f.Name())
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		pages, err := scanner.Decode(f.Name(), data, scanner.Limits{})
		if err != nil || len(pages) != 1 || pages[0].Page == nil {
			continue // a PDF beside the pictures
		}
		p := pages[0].Page
		if part == "blank" && dpi[f.Name()] > 0 {
			p.XDPI, p.YDPI = dpi[f.Name()], dpi[f.Name()]
		} else if p.XDPI == 0 { // as wide as letter paper, nearly
			p.XDPI = math.Round(float64(min(p.Gray.Rect.Dx(), p.Gray.Rect.Dy())) / 8.5)
			p.YDPI = p.XDPI
		}
		s := &fixtures.Side{Gray: p.Gray, XDPI: p.XDPI, YDPI: p.YDPI, Bed: 255}
		require.NoError(t, s.Suffer(harms...))
		var buf bytes.Buffer
		require.NoError(t, fixtures.EncodePNG(&buf, s.Gray, int(s.XDPI+0.5)))
		require.NoError(t, os.WriteFile(path, buf.Bytes(), 0o666))
	}
	return out
}
