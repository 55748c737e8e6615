package batch

import (
	"context"
	"os"
	"path/filepath"
	"testing"

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

// recordsOf reads a set's scans and sets them beside another program's records, over and over until it proposes no more names.
func recordsOf(t *testing.T, definition, records string, images []string, more ...audit.Pairing) *audit.SheetComparison {
	t.Helper()
	out := filepath.Join(t.TempDir(), "run")
	_, err := Run(context.Background(), Options{Election: definition, Out: out, Inputs: images, Limits: vote.DefaultLimits(), Workers: 2, Program: "test"})
	require.NoError(t, err)
	run, err := OpenRun(out)
	require.NoError(t, err)
	defer run.Close()
	names := &audit.Mapping{Pairs: more}
	for {
		x, err := cvr.OpenExport([]string{records}, cvr.ExportOptions{})
		require.NoError(t, err)
		c, err := audit.CompareSheets(run.Election, run.Records(), x, audit.SheetOptions{Names: names, Limits: run.Limits})
		x.Close()
		require.NoError(t, err)
		if len(c.Proposals) == 0 {
			return c
		}
		names = confirmAll(c, names.Pairs...)
	}
}

// The machine that counted this sheet wrote its own record of it: every contest agrees, none is left open.
func TestCorpusSheetAgreesWithItsMachine(t *testing.T) {
	set := corpusSet(t, "nh-testballot")
	name := filepath.Join(set, "images", "864a2854-ee26-4223-8097-9633b7bed096-")
	c := recordsOf(t, defineSet(t, set, true), filepath.Join(set, "cvr"), []string{name + "front.jpg", name + "back.jpg"})
	assert.Equal(t, []int{1, 1, 14, 14}, []int{c.Sheets, c.Matched, c.Contests, c.Agree})
	assert.False(t, c.Look(), c.Summary())
}

// Another program's records of nine sheets. What differs is what is asked here, each for its reason: no vote of its is denied.
func TestCorpusSheetsBesideAnotherProgram(t *testing.T) {
	set := corpusSet(t, "oc-tutorial-hart")
	images, err := filepath.Glob(filepath.Join(set, "images", "*.png"))
	require.NoError(t, err)
	_, err = os.Stat(filepath.Join(set, "cvr"))
	require.NoError(t, err)
	c := recordsOf(t, defineSet(t, set, true), filepath.Join(set, "cvr"), images,
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
}
