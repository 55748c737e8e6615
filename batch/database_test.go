package batch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/scanner"
)

// A run that three processes read through PostgreSQL, one after the other begun, is the run in one go byte for byte: copies, a refused file
// and a name that is no text among them. Every job is done and kept, and every unit has one result.
func TestDatabaseGivesTheWholeRun(t *testing.T) {
	pg := postgres(t)
	o := options(t)
	images := withCopies(t)
	data, err := os.ReadFile(filepath.Join(images, "sheet-0001-front.jpg"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(images, "not\xfftext.jpg"), append(data, 0), 0o666))
	o.Inputs = []string{images}
	whole, err := Run(t.Context(), o)
	require.NoError(t, err)

	d := o
	d.Out, d.Workers = filepath.Join(t.TempDir(), "run"), -1
	_, err = Status(t.Context(), pg.address())
	assert.ErrorIs(t, err, ErrNoRun)
	assert.ErrorIs(t, Work(t.Context(), WorkOptions{Database: pg.address(), Program: o.Program}), ErrNoRun)

	ctx, cancel := context.WithCancel(t.Context())
	d.Progress = func(p Progress) {
		if p.Step == "read" && p.Total > 0 {
			cancel()
		}
	}
	_, err = ReadDatabase(ctx, pg.address(), d)
	var stopped *Stopped
	require.ErrorAs(t, err, &stopped, "the first process is stopped at once")
	d.Progress = nil

	ended := make(chan error, 2)
	most := 0
	for range 2 {
		go func() {
			ended <- Work(t.Context(), WorkOptions{Database: pg.address(), Workers: 1, Program: o.Program})
		}()
	}
	d.Progress = func(p Progress) { most = max(most, p.Workers) }
	sum, err := ReadDatabase(t.Context(), pg.address(), d)
	require.NoError(t, err)
	require.NoError(t, <-ended)
	require.NoError(t, <-ended)
	assert.Equal(t, whole, sum)
	sameFiles(t, o.Out, d.Out)
	assert.Equal(t, 12, pg.query(`SELECT count(*) FROM recount.results`))
	assert.Equal(t, 6, pg.query(`SELECT count(*) FROM recount.river_job WHERE state = 'completed'`))
	s, err := Status(t.Context(), pg.address())
	require.NoError(t, err)
	assert.Equal(t, s.Units, s.Done)
	assert.Empty(t, s.Workers)
	assert.Equal(t, map[string]int{"completed": 6}, s.Jobs)
	assert.Positive(t, s.Rate)

	again, err := ReadDatabase(t.Context(), pg.address(), d)
	require.NoError(t, err)
	assert.Equal(t, sum, again)
	d.Limits.VoteFill++
	_, err = ReadDatabase(t.Context(), pg.address(), d)
	var other *OtherRun
	require.ErrorAs(t, err, &other)
	assert.Equal(t, []string{"set of limits"}, other.Differ)
	err = Work(t.Context(), WorkOptions{Database: pg.address(), Program: "recount other"})
	assert.ErrorContains(t, err, "work with the program that began it")
	d.Force = true
	_, err = ReadDatabase(t.Context(), pg.address(), d)
	require.NoError(t, err)
	check, err := VerifyRun(t.Context(), d.Out, d.Inputs)
	require.NoError(t, err)
	assert.Empty(t, check.Faults)
}

// begun begins a run of the suite in the database and reads nothing.
func begun(t *testing.T, pg *server, o Options) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	o.Workers = 0
	o.Progress = func(p Progress) {
		if p.Step == "read" {
			cancel()
		}
	}
	_, err := ReadDatabase(ctx, pg.address(), o)
	require.ErrorIs(t, err, context.Canceled)
}

func TestWorkOnAnotherMachine(t *testing.T) {
	pg := postgres(t)
	o := options(t)
	_, err := Run(t.Context(), o)
	require.NoError(t, err)
	d := o
	d.Out = filepath.Join(t.TempDir(), "run")
	begun(t, pg, d)
	t.Run("scans that are not there", func(t *testing.T) {
		err := Work(t.Context(), WorkOptions{Database: pg.address(), Program: o.Program, Inputs: []string{t.TempDir()}})
		assert.ErrorContains(t, err, "16 of the run's 16 files are not at")
	})
	t.Run("scans elsewhere", func(t *testing.T) {
		moved := filepath.Join(t.TempDir(), "elsewhere")
		require.NoError(t, os.CopyFS(moved, os.DirFS(o.Inputs[0])))
		require.NoError(t, Work(t.Context(), WorkOptions{Database: pg.address(), Program: o.Program, Inputs: []string{moved}}))
		_, err := ReadDatabase(t.Context(), pg.address(), d)
		require.NoError(t, err)
		sameFiles(t, o.Out, d.Out)
	})
}

// What a dead worker held is handed out again at once; what River gave up on is dealt out unit by unit, and the unit that no worker
// survives is refused with a typed reason: nothing is forgotten.
func TestJobsAreNeverForgotten(t *testing.T) {
	pg := postgres(t)
	o := options(t)
	begun(t, pg, o)
	require.Equal(t, 4, pg.query(`SELECT count(*) FROM recount.river_job WHERE state = 'available'`))
	pg.do(`UPDATE recount.river_job SET state = 'running', attempt = 1, attempted_at = now() - interval '1 hour', attempted_by = '{dead}' WHERE id = 1`)
	pg.do(`UPDATE recount.river_job SET state = 'running', attempt = max_attempts, attempted_at = now() - interval '1 hour', attempted_by = '{dead}' WHERE id = 2`)
	pg.do(`UPDATE recount.river_job SET state = 'discarded', attempt = max_attempts, finalized_at = now(), args = '{"first": 4, "last": 5}' WHERE id = 3`)
	pg.do(`INSERT INTO recount.river_job (kind, max_attempts, args) VALUES ('read', 25, '{"first": 5, "last": 6}')`)
	sum, err := ReadDatabase(t.Context(), pg.address(), o)
	require.NoError(t, err)
	assert.True(t, sum.Adds)
	assert.Equal(t, 16, sum.Inputs)
	require.Len(t, sum.Refusals, 2)
	for _, r := range sum.Refusals {
		assert.Contains(t, r.Image, "sheet-0005")
		assert.Contains(t, r.Reason, string(Abandoned)+": every worker")
	}
	assert.Equal(t, 0, pg.query(`SELECT count(*) FROM recount.river_job WHERE state NOT IN ('completed', 'discarded')`))
}

// A worker that lives and was taken for dead ends its job all the same, though it was handed out again while it read.
func TestJobTakenFromALivingWorkerIsDone(t *testing.T) {
	pg := postgres(t)
	o := options(t)
	begun(t, pg, o)
	pg.do(`CREATE FUNCTION recount.cut_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		UPDATE recount.river_job SET state = 'available', scheduled_at = now() WHERE (args->>'first')::int <= NEW.unit AND NEW.unit < (args->>'last')::int;
		RETURN NEW; END $$`)
	pg.do(`CREATE TRIGGER cut_off BEFORE INSERT ON recount.results FOR EACH ROW EXECUTE FUNCTION recount.cut_off()`)
	_, err := ReadDatabase(t.Context(), pg.address(), o)
	require.NoError(t, err)
	assert.Equal(t, 8, pg.query(`SELECT count(*) FROM recount.results`))
	assert.Equal(t, 4, pg.query(`SELECT count(*) FROM recount.river_job WHERE state = 'completed' AND attempt = 1`))
}

// A store that never answers is asked as often as a job may be tried; then that is the outcome.
func TestStoreThatNeverAnswers(t *testing.T) {
	pg := postgres(t)
	o := options(t)
	o.group = 8
	_, address, down := inBucket(t, o.Inputs[0])
	o.Inputs = []string{address}
	begun(t, pg, o)
	pg.do(`UPDATE recount.river_job SET max_attempts = 2`)
	o.Workers = 1
	o.Progress = func(p Progress) {
		if p.Step == "list" && p.Done == p.Total {
			down.Store(true)
		}
	}
	sum, err := ReadDatabase(t.Context(), pg.address(), o)
	require.NoError(t, err)
	assert.True(t, sum.Adds)
	require.Len(t, sum.Refusals, 16)
	for _, r := range sum.Refusals {
		assert.Contains(t, r.Reason, string(scanner.Unreachable))
	}
}

func TestDatabaseErrors(t *testing.T) {
	o := options(t)
	_, err := ReadDatabase(t.Context(), "mysql://x/y", o)
	assert.ErrorContains(t, err, "postgres://")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err = ReadDatabase(ctx, "postgres://someone:secretword@/x?host="+t.TempDir(), o)
	require.Error(t, err)
	assert.ErrorContains(t, err, "is the server up")
	assert.NotContains(t, err.Error(), "secretword")
}

func TestUnpackErrors(t *testing.T) {
	good, err := packCells([]*sheetCells{{Unit: 3, Name: "a\xff", Pages: []pageCells{{Image: "a\xff", Marks: []markCells{{Values: []int{1}, Trace: []byte{0}}}}}}})
	require.NoError(t, err)
	got, err := unpackCells(3, good)
	require.NoError(t, err)
	assert.Equal(t, "a\xff", got[0].Name)
	none, err := packCells(nil)
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		unit int
		data []byte
	}{{"another unit", 4, good}, {"cut short", 3, good[:len(good)-3]}, {"no sheet", 3, none}, {"no zip", 3, []byte("x")}, {"nothing", 3, nil}} {
		t.Run(c.name, func(t *testing.T) {
			_, err := unpackCells(c.unit, c.data)
			assert.Error(t, err)
		})
	}
}

func FuzzUnpackCells(f *testing.F) {
	good, err := packCells([]*sheetCells{{Unit: 3, Name: "a", Pages: []pageCells{{Image: "a"}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		sheets, err := unpackCells(3, data)
		if err == nil && len(sheets) == 0 {
			t.Error(errors.New("no sheet and no error"))
		}
	})
}
