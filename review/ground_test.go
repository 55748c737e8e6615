package review

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"recount/audit"
	"recount/batch"
	"recount/cvr"
	"recount/election"
	"recount/fixtures"
	"recount/template/author"
	"recount/vote"
)

// ground is a run that people walk through in a real browser: sheets with questions, a page that slipped in the feeder and fits no style, a file that is no
// picture, and a machine's records of the same sheets that differ.
type ground struct {
	dir        string // of all below
	definition string
	images     string
	run        string
	limits     vote.Limits
	machine    string // the machine's records, in a file of NIST's format
}

// read reads the ground's images anew into a folder.
func (g *ground) read(out string) error {
	_, err := batch.Run(context.Background(), batch.Options{Election: g.definition, Out: out, Inputs: []string{g.images}, Workers: 2, Limits: g.limits, Program: "recount test"})
	return err
}

// drawnGround is the fixture election.
var drawnGround = sync.OnceValues(func() (*ground, error) {
	g := &ground{dir: filepath.Join(scratch, "ground"), limits: vote.DefaultLimits()}
	if err := fixtures.WriteGround(g.dir, fixtures.GroundOptions{Sheets: 12, Kinds: fixtures.Kinds, Harms: []fixtures.Harm{}, Ballots: fixtures.BallotOptions{Family: "plain", Seed: 7, DPI: 120, Columns: 2}}); err != nil {
		return nil, err
	}
	g.definition, g.images = filepath.Join(g.dir, "election.json"), filepath.Join(g.dir, "images")
	return g, g.finish()
})

// juneau is a set of real scans whose votes are named, read with limits so strict that there are questions.
var juneau = sync.OnceValues(func() (*ground, error) {
	set := filepath.Join(corpus(), "juneau_named")
	g := &ground{dir: filepath.Join(scratch, "juneau"), limits: vote.DefaultLimits()}
	g.limits.VoteFill, g.limits.OverwhelmFill = 9300, 9300
	if err := define(set, g.dir); err != nil {
		return nil, err
	}
	g.definition, g.images = filepath.Join(g.dir, author.DefinitionFile), filepath.Join(g.dir, "images")
	if err := os.CopyFS(g.images, os.DirFS(filepath.Join(set, "images"))); err != nil {
		return nil, err
	}
	return g, g.finish()
})

// corpus is where the real scans are.
func corpus() string {
	if dir := os.Getenv("RECOUNT_CORPUS"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "shared", "corpus")
}

// grounds calls walk with the fixture election, and with real scans where they are.
func grounds(t *testing.T, walk func(t *testing.T, g *ground, name string)) {
	t.Run("fixture", func(t *testing.T) {
		g, err := drawnGround()
		require.NoError(t, err)
		walk(t, g, "fixture")
	})
	t.Run("juneau_named", func(t *testing.T) {
		if _, err := os.Stat(filepath.Join(corpus(), "juneau_named", "ballots.json")); err != nil {
			t.Skipf("no corpus of real scans at %s (set RECOUNT_CORPUS)", corpus())
		}
		g, err := juneau()
		require.NoError(t, err)
		walk(t, g, "juneau")
	})
}

// define makes a set's definition from its blanks and the list of its contests.
func define(set, out string) error {
	var b struct {
		Templates []struct {
			Side, Blank string
			Contests    []struct {
				Title   string
				VoteFor int `json:"vote_for"`
				Choices []string
			}
		}
	}
	data, err := os.ReadFile(filepath.Join(set, "ballots.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &b); err != nil {
		return err
	}
	var list bytes.Buffer
	w := csv.NewWriter(&list)
	_ = w.Write([]string{"style", "page", "contest", "vote_for", "choice", "party", "candidate"})
	o := author.NewOptions{Title: "Municipal Election", Contests: filepath.Join(scratch, "contests.csv"), Out: out}
	for i, tp := range b.Templates {
		o.Blanks = append(o.Blanks, author.BlankArg{Style: "juneau", Page: i + 1, File: filepath.Join(set, "blank", tp.Blank)})
		for _, c := range tp.Contests {
			for _, choice := range c.Choices {
				_ = w.Write([]string{"juneau", strconv.Itoa(i + 1), c.Title, strconv.Itoa(c.VoteFor), choice, "", ""})
			}
		}
	}
	w.Flush()
	if err := os.WriteFile(o.Contests, list.Bytes(), 0o644); err != nil {
		return err
	}
	_, err = author.New(o)
	return err
}

// finish adds what is no sound ballot to the images, reads them, and writes a machine's records that differ.
func (g *ground) finish() error {
	e, err := election.Load(g.definition)
	if err != nil {
		return err
	}
	blank, err := batch.BlankPNG(g.definition, e.Styles[0].Pages[0].Picture)
	if err != nil {
		return err
	}
	whole, err := png.Decode(bytes.NewReader(blank))
	if err != nil {
		return err
	}
	slipped := image.NewGray(whole.Bounds())
	draw.Draw(slipped, slipped.Rect, whole, whole.Bounds().Min, draw.Src)
	const part = 9
	for i := 1; i < part; i++ { // a feeder that slipped: each strip lies elsewhere
		strip := image.Rect(0, i*slipped.Rect.Dy()/part, slipped.Rect.Dx(), (i+1)*slipped.Rect.Dy()/part)
		draw.Draw(slipped, strip, image.White, image.Point{}, draw.Src)
		draw.Draw(slipped, strip.Add(image.Pt((i%3-1)*slipped.Rect.Dx()/30, 0)), whole, whole.Bounds().Min.Add(strip.Min), draw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, slipped); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"zz-a-slipped.png": b.Bytes(), "zz-b-note.tif": []byte("a note between the sheets")} {
		if err := os.WriteFile(filepath.Join(g.images, name), data, 0o644); err != nil {
			return err
		}
	}
	g.run = filepath.Join(g.dir, "run")
	if err := g.read(g.run); err != nil {
		return err
	}
	return g.writeMachine(e)
}

// writeMachine writes the records of a machine that asks about less and takes one vote for none.
func (g *ground) writeMachine(e *election.Election) error {
	run, err := batch.OpenRun(g.run)
	if err != nil {
		return err
	}
	defer run.Close()
	var entry *cvr.LogEntry
	for rec, err := range run.Records() {
		if err != nil {
			return err
		}
		for i := range rec.Sheet.Readings {
			k := &rec.Sheet.Readings[i]
			if k.Answer != vote.Vote || entry != nil {
				continue
			}
			for _, im := range rec.Images {
				if im.Side == e.Style(rec.Sheet.Style).Page(k.Page).Side() {
					entry = &cvr.LogEntry{When: "2026-11-04T20:15:00Z", Who: "machine", Act: cvr.ActTarget, Image: im.Name, Style: rec.Sheet.Style, Page: k.Page, Target: k.Target + 1, Contest: k.Contest, Choice: k.Choice,
						Rank: k.Rank, Before: "vote", Answer: "none", Reason: "its own reading"}
				}
			}
		}
	}
	if entry == nil {
		return fmt.Errorf("no sheet of %s has a vote", g.run)
	}
	log := filepath.Join(g.dir, "machine.jsonl")
	w, err := cvr.OpenLog(log, cvr.LogHeader{When: entry.When, Definition: run.Definition, Manifest: run.Manifest, People: 1})
	if err != nil {
		return err
	}
	if _, err := w.Append(*entry); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	easy := vote.DefaultLimits()
	out := filepath.Join(g.dir, "machine")
	if _, err := batch.Decide(context.Background(), batch.DecideOptions{Run: g.run, Out: out, Log: log, Limits: &easy, Program: "recount test"}); err != nil {
		return err
	}
	g.machine = filepath.Join(out, "cvr.json")
	return nil
}

// options are those of a server over the ground with a log of its own. The definition is a copy, which the test may change.
func (g *ground) options(t *testing.T) Options {
	t.Helper()
	run, err := batch.OpenRun(g.run)
	require.NoError(t, err)
	t.Cleanup(func() { run.Close() })
	x, err := cvr.OpenExport([]string{g.machine}, cvr.ExportOptions{})
	require.NoError(t, err)
	defer x.Close()
	machine, err := audit.CompareSheets(run.Election, run.Records(), x, audit.SheetOptions{Limits: run.Limits})
	require.NoError(t, err)
	require.NotEmpty(t, machine.Differences)
	dir := t.TempDir()
	for _, st := range run.Election.Styles {
		for _, p := range st.Pages {
			to := filepath.Join(dir, filepath.FromSlash(p.Picture.File))
			require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o777))
			data, err := os.ReadFile(filepath.Join(filepath.Dir(g.definition), filepath.FromSlash(p.Picture.File)))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(to, data, 0o666))
		}
	}
	data, err := os.ReadFile(g.definition)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "election.json"), data, 0o666))
	return Options{Run: run, Images: []string{g.images}, Log: filepath.Join(dir, "decisions.jsonl"), People: 1, Machine: machine,
		Definition: filepath.Join(dir, "election.json"), Program: "recount test"}
}
