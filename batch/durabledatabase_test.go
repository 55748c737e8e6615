package batch

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	killSeed  = flag.Uint64("kill.seed", 0, "seed of TestKilledWorkersAndServer; 0 takes one from the clock and prints it")
	killCount = flag.Int("kill.count", 20, "how often TestKilledWorkersAndServer kills")
)

// process is one child that is started again whenever it ends without having done its work.
type process struct {
	t      *testing.T
	make   func() *exec.Cmd
	cmd    *exec.Cmd
	ended  chan error
	output bytes.Buffer
	done   bool
	failed int
}

func (p *process) start() {
	p.cmd, p.ended = p.make(), make(chan error, 1)
	p.output.Reset()
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	require.NoError(p.t, p.cmd.Start())
	go func(c *exec.Cmd, ended chan error) { ended <- c.Wait() }(p.cmd, p.ended)
}

// look starts the process again where it ended by itself before its work was done: no run there yet, or the server away.
func (p *process) look() {
	if p.done {
		return
	}
	select {
	case err := <-p.ended:
		if err == nil {
			p.done = true
			return
		}
		p.failed++
		text := p.output.String()
		require.Less(p.t, p.failed, 200, "%s", text)
		require.NotContains(p.t, text, "panic", "%s", text)
		require.True(p.t, strings.Contains(text, "database"), "%s", text)
		p.start()
	default:
	}
}

// kill ends the process with the signal that nothing can catch; false where it had ended.
func (p *process) kill() bool {
	if p.done {
		return false
	}
	if err := p.cmd.Process.Kill(); err != nil {
		require.ErrorIs(p.t, err, os.ErrProcessDone)
		return false // it had come to its end: the next look says how
	}
	err := <-p.ended
	if err == nil { // in this very moment
		p.done = true
		return false
	}
	p.start()
	return true
}

// TestKilledWorkersAndServer kills the processes that read a run, the one that began it among them, and the PostgreSQL server, twenty
// times at random moments, and lets them go on. Every unit then has one result, every job is done, and what is written is byte for byte
// what an undisturbed run writes, the ledger too.
func TestKilledWorkersAndServer(t *testing.T) {
	pg := postgres(t)
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-kill.seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	o := options(t)
	o.Inputs = []string{withCopies(t)}
	undisturbed := o.Out
	out, err := child(o).CombinedOutput()
	require.NoError(t, err, "%s", out)
	kills, servers, runs := 0, 0, 0
	for kills < *killCount {
		runs++
		name := fmt.Sprintf("run%d", runs)
		pg.do("CREATE DATABASE " + name)
		db := fmt.Sprintf("postgres:///%s?host=%s&user=recount", name, pg.dir)
		o.Out = filepath.Join(t.TempDir(), "run")
		work := func() *exec.Cmd {
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), childDatabase+"="+db, childOut+"=none")
			return c
		}
		processes := []*process{{t: t, make: func() *exec.Cmd { return child(o, childDatabase+"="+db) }}, {t: t, make: work}, {t: t, make: work}}
		for _, p := range processes {
			p.start()
		}
		deadline := time.Now().Add(3 * time.Minute)
		next := time.Now().Add(time.Duration(r.Int64N(int64(time.Second))))
		for {
			all := true
			for _, p := range processes {
				p.look()
				all = all && p.done
			}
			if all {
				break
			}
			require.True(t, time.Now().Before(deadline), "the run does not come to its end: %s", processes[0].output.String())
			if kills < *killCount && time.Now().After(next) {
				if which := r.IntN(len(processes) + 1); which == len(processes) {
					pg.kill()
					time.Sleep(time.Duration(r.Int64N(int64(300 * time.Millisecond))))
					pg.start()
					kills++
					servers++
				} else if processes[which].kill() {
					kills++
				}
				next = time.Now().Add(time.Duration(r.Int64N(int64(time.Second))))
			}
			time.Sleep(10 * time.Millisecond)
		}
		sameFiles(t, undisturbed, o.Out)
		in := pg.in(name)
		assert.Equal(t, 11, in.query(`SELECT count(*) FROM recount.results`))
		assert.Equal(t, 0, in.query(`SELECT count(*) FROM recount.river_job WHERE state NOT IN ('completed', 'discarded')`))
		c, err := VerifyRun(t.Context(), o.Out, o.Inputs)
		require.NoError(t, err)
		assert.Empty(t, c.Faults)
	}
	t.Logf("killed %d times, the server %d of them, in the course of %d runs", kills, servers, runs)
}
