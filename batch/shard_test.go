package batch

import (
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/scanner"
)

func TestParseShard(t *testing.T) {
	for _, c := range []struct {
		text string
		want Shard
		err  string
	}{
		{"0/1", Shard{0, 1}, ""},
		{"3/4", Shard{3, 4}, ""},
		{"4/4", Shard{}, "counted from 0: 0/4 to 3/4"},
		{"-1/4", Shard{}, "counted from 0"},
		{"1", Shard{}, "say i/N"},
		{"1/0", Shard{}, "say i/N"},
		{"1/2/3", Shard{}, "say i/N"},
		{"0/100001", Shard{}, "100000"},
		{"", Shard{}, "say i/N"},
	} {
		t.Run(c.text, func(t *testing.T) {
			got, err := ParseShard(c.text)
			if c.err != "" {
				assert.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.text, got.String())
		})
	}
}

// withCopies gives the suite's scans with two more sheets: one is the first's files again, the other its pixels in other bytes, so that
// only all shards together show what they are.
func withCopies(t *testing.T) (images string) {
	images = filepath.Join(t.TempDir(), "images")
	require.NoError(t, os.CopyFS(images, os.DirFS(filepath.Join(suite(t), "images"))))
	for _, side := range []string{"front", "back"} {
		data, err := os.ReadFile(filepath.Join(images, "sheet-0001-"+side+".jpg"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(images, "sheet-0091-"+side+".jpg"), data, 0o666))
		others, err := filepath.Glob(filepath.Join(images, "sheet-0002-"+side+".*"))
		require.NoError(t, err)
		require.Len(t, others, 1)
		data, err = os.ReadFile(others[0])
		require.NoError(t, err)
		pages, err := scanner.Decode(filepath.Base(others[0]), data, scanner.Limits{})
		require.NoError(t, err)
		f, err := os.Create(filepath.Join(images, "sheet-0092-"+side+".png"))
		require.NoError(t, err)
		require.NoError(t, png.Encode(f, pages[0].Page.Gray))
		require.NoError(t, f.Close())
	}
	require.NoError(t, os.WriteFile(filepath.Join(images, "sheet-0093-front.jpg"), []byte("no picture"), 0o666))
	return images
}

// shards reads every shard of o's inputs into a folder of its own.
func shards(t *testing.T, o Options, n int) (dirs []string) {
	for i := range n {
		o.Out = filepath.Join(t.TempDir(), fmt.Sprintf("shard-%d", i))
		sum, err := ReadShard(t.Context(), o, Shard{i, n})
		require.NoError(t, err)
		assert.True(t, sum.Adds)
		dirs = append(dirs, o.Out)
	}
	return dirs
}

// Shards of any number, joined in any order, are the run in one go byte for byte, the ledger too, with copies found across them.
func TestShardsJoinedAreTheWholeRun(t *testing.T) {
	o := options(t)
	images := withCopies(t)
	o.Inputs = []string{images}
	whole, err := Run(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, 4, whole.Outcomes["duplicate"])
	assert.Equal(t, 1, whole.Outcomes["refused"])
	for _, n := range []int{1, 3, 20} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dirs := shards(t, o, n)
			dirs[0], dirs[n-1] = dirs[n-1], dirs[0]
			j := JoinOptions{Shards: dirs, Out: filepath.Join(t.TempDir(), "run"), Images: o.Inputs, Program: o.Program}
			sum, err := Join(t.Context(), j)
			require.NoError(t, err)
			assert.Equal(t, whole, sum)
			sameFiles(t, o.Out, j.Out)
			again, err := Join(t.Context(), j)
			require.NoError(t, err)
			assert.Equal(t, sum, again)
			sameFiles(t, o.Out, j.Out)
		})
	}
}

// A shard and a join that are stopped go on, and a shard that came to its end is left alone.
func TestShardsGoOn(t *testing.T) {
	o := options(t)
	o.Workers, o.Pair = 1, PairNone // so that few pages are ahead of the one at which it is stopped
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	dirs := make([]string, 2)
	for i := range dirs {
		part := o
		part.Out = filepath.Join(t.TempDir(), "shard")
		ctx, cancel := context.WithCancel(t.Context())
		part.Progress = func(p Progress) {
			if p.Step == "read" && p.Done == 1 {
				cancel()
			}
		}
		_, err := ReadShard(ctx, part, Shard{i, 2})
		var stopped *Stopped
		require.ErrorAs(t, err, &stopped)
		_, err = Join(t.Context(), JoinOptions{Shards: []string{part.Out}, Out: t.TempDir(), Program: o.Program})
		assert.ErrorContains(t, err, fmt.Sprintf("has not come to its end: let recount read --shard %d/2 finish it first", i))
		part.Progress = nil
		for range 2 {
			_, err = ReadShard(t.Context(), part, Shard{i, 2})
			require.NoError(t, err)
		}
		dirs[i] = part.Out
	}
	j := JoinOptions{Shards: dirs, Out: filepath.Join(t.TempDir(), "run"), Program: o.Program}
	ctx, cancel := context.WithCancel(t.Context())
	j.Progress = func(p Progress) {
		if p.Step == "join" && p.Done == 3 {
			cancel()
		}
	}
	_, err = Join(ctx, j)
	var stopped *Stopped
	require.ErrorAs(t, err, &stopped)
	j.Progress = nil
	_, err = Join(t.Context(), j)
	require.NoError(t, err)
	sameFiles(t, o.Out, j.Out)
}

func TestJoinErrors(t *testing.T) {
	o := options(t)
	o.Inputs = []string{withCopies(t)}
	dirs := shards(t, o, 2)
	other := o
	other.Limits.VoteFill++
	differs := shards(t, other, 2)
	fewer := o
	fewer.Inputs = []string{filepath.Join(suite(t), "images")}
	less := shards(t, fewer, 2)
	three := shards(t, o, 3)
	whole := fewer
	_, err := Run(t.Context(), whole)
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		dirs []string
		want string
	}{
		{"none", nil, "no shards"},
		{"one missing", dirs[:1], "shard 1/2 missing"},
		{"one twice", []string{dirs[0], dirs[1], dirs[0]}, "both hold shard 0/2"},
		{"other limits", []string{dirs[0], differs[1]}, "another set of limits"},
		{"other inputs", []string{dirs[0], less[1]}, "another list of the election's inputs"},
		{"another number", []string{dirs[0], three[1]}, "another number of shards"},
		{"a whole run", []string{whole.Out}, "no shard but a whole run"},
		{"a folder without a ledger", []string{t.TempDir()}, "name a folder that recount read made"},
		{"scans that only show by their pictures", dirs, "--images"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Join(t.Context(), JoinOptions{Shards: c.dirs, Out: filepath.Join(t.TempDir(), "run"), Program: o.Program})
			require.Error(t, err)
			assert.ErrorContains(t, err, c.want)
		})
	}
	t.Run("the types", func(t *testing.T) {
		var missing *ShardsMissing
		var twice *ShardTwice
		var differ *ShardsDiffer
		var scans *NeedScans
		join := func(dirs ...string) error {
			_, err := Join(t.Context(), JoinOptions{Shards: dirs, Out: filepath.Join(t.TempDir(), "run"), Program: o.Program})
			return err
		}
		assert.ErrorAs(t, join(dirs[0]), &missing)
		assert.ErrorAs(t, join(dirs[0], dirs[0]), &twice)
		assert.ErrorAs(t, join(dirs[0], differs[1]), &differ)
		assert.ErrorAs(t, join(dirs...), &scans)
	})
	t.Run("another program", func(t *testing.T) {
		_, err := Join(t.Context(), JoinOptions{Shards: dirs, Out: t.TempDir(), Program: "recount other"})
		assert.ErrorContains(t, err, "the program that read them")
	})
	t.Run("other scans given", func(t *testing.T) {
		_, err := Join(t.Context(), JoinOptions{Shards: dirs, Out: t.TempDir(), Program: o.Program, Images: fewer.Inputs})
		assert.ErrorContains(t, err, "give the very scans that were read")
	})
	t.Run("a shard as a run", func(t *testing.T) {
		_, err := VerifyRun(t.Context(), dirs[0], nil)
		assert.ErrorContains(t, err, "recount join")
	})
	t.Run("a shard into a run's folder", func(t *testing.T) {
		part := fewer
		part.Out = whole.Out
		_, err := ReadShard(t.Context(), part, Shard{0, 2})
		var another *OtherRun
		assert.ErrorAs(t, err, &another)
	})
	t.Run("a sheet taken out", func(t *testing.T) {
		l, err := openLedger(filepath.Join(less[0], LedgerFile))
		require.NoError(t, err)
		_, err = l.db.Exec(`DELETE FROM marks; DELETE FROM contests; DELETE FROM pages WHERE sheet = 2; DELETE FROM sheets WHERE id = 2`)
		require.NoError(t, err)
		require.NoError(t, l.close())
		_, err = Join(t.Context(), JoinOptions{Shards: less, Out: t.TempDir(), Program: o.Program})
		assert.ErrorContains(t, err, "lacks a sheet that the manifest has")
	})
}
