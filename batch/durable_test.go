package batch

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"recount/vote"
)

// These name, in the environment of a process of this test's own program, the run that it is to make instead of the tests.
const (
	childElection = "RECOUNT_TEST_ELECTION"
	childOut      = "RECOUNT_TEST_OUT"
	childInputs   = "RECOUNT_TEST_INPUTS"
	childDatabase = "RECOUNT_TEST_DB"         // the run is read into this database, or worked on where childElection is empty
	childMost     = "RECOUNT_TEST_MOST_BYTES" // no file may grow beyond: the nearest thing to a full disk that needs no rights
)

// TestMain's first act: a process that is to make a run makes it and ends.
func runAsChild() {
	if os.Getenv(childOut) == "" {
		return
	}
	if n, err := strconv.ParseUint(os.Getenv(childMost), 10, 63); err == nil {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
	}
	o := Options{Election: os.Getenv(childElection), Out: os.Getenv(childOut), Inputs: []string{os.Getenv(childInputs)},
		Workers: 2, Limits: vote.DefaultLimits(), Program: "recount test", group: 2, grace: 200 * time.Millisecond}
	var err error
	switch db := os.Getenv(childDatabase); {
	case db == "":
		_, err = Run(context.Background(), o)
	case o.Election == "":
		err = Work(context.Background(), WorkOptions{Database: db, Workers: 1, Program: o.Program, grace: o.grace})
	default:
		o.Workers = 1
		_, err = ReadDatabase(context.Background(), db, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is such a process.
func child(o Options, more ...string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(append(os.Environ(), childElection+"="+o.Election, childOut+"="+o.Out, childInputs+"="+o.Inputs[0]), more...)
	return c
}

// TestKilledRunsLoseAndDoubleNothing kills a reader twenty times at random moments, with the signal that nothing can catch, and lets
// it go on each time. Whatever is finished is byte for byte what an undisturbed run writes, the ledger too.
func TestKilledRunsLoseAndDoubleNothing(t *testing.T) {
	o := options(t)
	undisturbed := o.Out
	start := time.Now()
	out, err := child(o).CombinedOutput()
	require.NoError(t, err, "%s", out)
	took := time.Since(start)
	kills, finished := 0, 0
	r := rand.New(rand.NewSource(time.Now().UnixNano())) // what must hold at any moment is tried at others each time
	for kills < 20 {
		o.Out = filepath.Join(t.TempDir(), fmt.Sprintf("run%d", finished))
		for done := false; !done; {
			c := child(o)
			if kills >= 20 {
				out, err := c.CombinedOutput()
				require.NoError(t, err, "%s", out)
				break
			}
			require.NoError(t, c.Start())
			ended := make(chan error, 1)
			go func() { ended <- c.Wait() }()
			select {
			case err := <-ended:
				require.NoError(t, err)
				done = true
			case <-time.After(time.Duration(r.Int63n(int64(took)))):
				require.NoError(t, c.Process.Kill())
				var exit *exec.ExitError
				if err := <-ended; errors.As(err, &exit) {
					kills++
				} else {
					require.NoError(t, err) // it had come to its end
					done = true
				}
			}
		}
		finished++
		sameFiles(t, undisturbed, o.Out)
		c, err := VerifyRun(t.Context(), o.Out, o.Inputs)
		require.NoError(t, err)
		assert.Empty(t, c.Faults)
	}
	t.Logf("killed %d times in the course of %d runs", kills, finished)
}

// A run killed while its ledger is laid out anew at the end may leave a journal with nothing in it.
func TestJournalLeftByAKilledRun(t *testing.T) {
	l := newLedger(t, town(), "1f")
	_, err := l.db.Exec(`PRAGMA journal_mode=DELETE`)
	require.NoError(t, err)
	require.NoError(t, l.close())
	require.NoError(t, os.WriteFile(l.path+"-journal", make([]byte, 512), 0o666))
	l, err = openLedger(l.path)
	require.NoError(t, err)
	require.NoError(t, l.settle(settledRun))
	assert.NoFileExists(t, l.path+"-journal")
	assert.FileExists(t, l.path)
}

// TestFullDisk lets no file grow beyond a size, smaller and larger: the run says so, and goes on to the same end once there is room.
func TestFullDisk(t *testing.T) {
	o := options(t)
	undisturbed := o.Out
	out, err := child(o).CombinedOutput()
	require.NoError(t, err, "%s", out)
	info, err := os.Stat(filepath.Join(undisturbed, LedgerFile))
	require.NoError(t, err)
	for _, most := range []int64{4096, info.Size() - 1} {
		o.Out = filepath.Join(t.TempDir(), "run")
		out, err := child(o, childMost+"="+strconv.FormatInt(most, 10)).CombinedOutput()
		require.Error(t, err, "%d bytes", most)
		assert.Contains(t, string(out), "disk", "%d bytes", most)
		assert.NotContains(t, string(out), "panic", "%d bytes", most)
		assert.NoFileExists(t, filepath.Join(o.Out, runFile))
		out, err = child(o).CombinedOutput()
		require.NoError(t, err, "%d bytes: %s", most, out)
		sameFiles(t, undisturbed, o.Out)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere")
	}
	o := options(t)
	require.NoError(t, os.Mkdir(o.Out, 0o555))
	_, err := Run(t.Context(), o)
	require.Error(t, err)
	assert.True(t, strings.Contains(err.Error(), "permission denied") || strings.Contains(err.Error(), "may not be written"), "%v", err)
	o.Out = filepath.Join(o.Out, "below")
	_, err = Run(t.Context(), o)
	assert.ErrorContains(t, err, "permission denied")
}

// TestInputsThatChangeUnderTheRun takes away a file and changes another between the manifest and their reading.
func TestInputsThatChangeUnderTheRun(t *testing.T) {
	o := options(t)
	images := filepath.Join(t.TempDir(), "images")
	require.NoError(t, os.CopyFS(images, os.DirFS(o.Inputs[0])))
	o.Inputs, o.Pair = []string{images}, PairNone
	entries, err := os.ReadDir(images)
	require.NoError(t, err)
	gone, changed := entries[2].Name(), entries[3].Name()
	once := false
	o.Progress = func(p Progress) {
		if p.Step == "read" && !once {
			once = true
			require.NoError(t, os.Remove(filepath.Join(images, gone)))
			require.NoError(t, os.WriteFile(filepath.Join(images, changed), []byte("II*\x00 another"), 0o666))
		}
	}
	sum, err := Run(t.Context(), o)
	require.NoError(t, err)
	assert.True(t, sum.Adds)
	why := map[string]string{}
	for _, p := range sum.Refusals {
		why[p.Image] = p.Reason
	}
	assert.Contains(t, why[gone], "unreadable")
	assert.Contains(t, why[changed], "changed: the file is not the one listed when the run began")
	c, err := VerifyRun(t.Context(), o.Out, nil)
	require.NoError(t, err)
	assert.Empty(t, c.Faults)
}
