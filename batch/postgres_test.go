package batch

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// server is a PostgreSQL server of the machine's own package, started by the test.
type server struct {
	t    testing.TB
	bin  string // folder of its programs
	dir  string
	cred *syscall.Credential // it refuses to run as root
	cmd  *exec.Cmd
	name string // of the database; empty is the one that is always there
}

// in is the server's other database.
func (s *server) in(name string) *server {
	other := *s
	other.name = name
	return &other
}

// postgres starts a server with an empty database, or skips the test where none is installed.
func postgres(t testing.TB) *server {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	require.NoError(t, err)
	if len(found) == 0 {
		t.Skip("PostgreSQL is not installed: .ci/setup test, or apt-get install postgresql")
	}
	s := &server{t: t, bin: filepath.Dir(found[len(found)-1])}
	s.dir, err = os.MkdirTemp("", "recount-pg-*")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(s.dir) })
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			u, err = user.Lookup("nobody")
		}
		if err != nil {
			t.Skip("PostgreSQL does not run as root, and there is no user postgres or nobody")
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		require.NoError(t, err)
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		require.NoError(t, err)
		s.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		require.NoError(t, os.Chown(s.dir, int(uid), int(gid)))
	}
	out, err := s.program("initdb", "-D", filepath.Join(s.dir, "data"), "-U", "recount", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput()
	require.NoError(t, err, "%s", out)
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *server) program(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred}
	return c
}

// address is the URL of the server's database; it listens on a socket in its folder alone.
func (s *server) address() string {
	return fmt.Sprintf("postgres:///%s?host=%s&user=recount", cmp.Or(s.name, "postgres"), s.dir)
}

// start starts the server and waits until it answers. After a kill its last children may have to end first.
func (s *server) start() {
	s.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		s.cmd = s.program("postgres", "-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-c", "listen_addresses=", "-c", "logging_collector=off")
		require.NoError(s.t, s.cmd.Start())
		ended := make(chan struct{})
		go func(c *exec.Cmd) { c.Wait(); close(ended) }(s.cmd)
		for up := true; up && time.Now().Before(deadline); {
			c, err := pgx.Connect(context.Background(), s.address())
			if err == nil {
				c.Close(context.Background())
				return
			}
			select {
			case <-ended:
				up = false
			case <-time.After(30 * time.Millisecond):
			}
		}
	}
	require.FailNow(s.t, "PostgreSQL does not start")
}

// kill ends the server as a power cut would.
func (s *server) kill() { s.cmd.Process.Kill() }

// query runs a query that gives one number.
func (s *server) query(text string) (n int) {
	s.t.Helper()
	c, err := pgx.Connect(context.Background(), s.address())
	require.NoError(s.t, err)
	defer c.Close(context.Background())
	require.NoError(s.t, c.QueryRow(context.Background(), text).Scan(&n), text)
	return n
}

// do runs a statement.
func (s *server) do(text string) {
	s.t.Helper()
	c, err := pgx.Connect(context.Background(), s.address())
	require.NoError(s.t, err)
	defer c.Close(context.Background())
	_, err = c.Exec(context.Background(), text)
	require.NoError(s.t, err, text)
}
