package batch

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// A process at work holds an advisory lock of the database on a connection of its own. When the process dies, however it does, the
// connection goes and the lock with it: others see that at once, and hand its jobs out again. River alone would wait for the longest
// time a job may take. A process that lives and was only cut off does no harm: a unit's result is written once.

// lockSpace keeps our locks apart from others' in the database: "reco", and a number below.
const lockSpace = 0x7265636f << 32

// newStationID names a process, for people and for the database.
func newStationID() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	var b [6]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return fmt.Sprintf("%.60s-%d-%s", host, os.Getpid(), hex.EncodeToString(b[:])), nil
}

// hold takes the process's lock and keeps it, over the server's restarts too, until ctx ends. What it gives waits for that end.
func (s *station) hold(ctx context.Context) (wait func(), err error) {
	if s.workers == 0 {
		return func() {}, nil
	}
	var lock int64
	if err := s.db.pool.QueryRow(ctx, `SELECT $1 + nextval('recount.locks')`, int64(lockSpace)).Scan(&lock); err != nil {
		return nil, dbError("start at", err)
	}
	c, err := s.lock(ctx, lock)
	if err != nil {
		return nil, err
	}
	if _, err := c.Exec(ctx, `INSERT INTO recount.workers (id, lock) VALUES ($1, $2)`, s.id, lock); err != nil {
		hangUp(c)
		return nil, dbError("start at", err)
	}
	done, quit := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for {
			select {
			case <-t.C:
			case <-quit:
				if c != nil {
					hangUp(c)
				}
				return
			}
			if c != nil && c.Ping(ctx) != nil {
				hangUp(c)
				c = nil
			}
			if c == nil {
				c, _ = s.lock(ctx, lock)
			}
		}
	}()
	return func() { close(quit); <-done }, nil
}

// hangUp ends a connection, and the lock with it.
func hangUp(c *pgxpool.Conn) {
	_ = c.Conn().Close(context.Background()) // it may be broken already
	c.Release()
}

// lock takes the lock on a connection of its own.
func (s *station) lock(ctx context.Context, lock int64) (*pgxpool.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	c, err := s.db.pool.Acquire(ctx)
	if err != nil {
		return nil, dbError("start at", err)
	}
	if _, err := c.Exec(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		c.Release()
		return nil, dbError("start at", err)
	}
	return c, nil
}

// alive are the processes at work.
func (d *database) alive(ctx context.Context) ([]string, error) {
	rows, err := d.pool.Query(ctx, `SELECT w.id FROM recount.workers w JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
		AND ((l.classid::bigint << 32) | l.objid::bigint) = w.lock
		JOIN pg_database b ON b.oid = l.database AND b.datname = current_database() ORDER BY w.id`)
	if err != nil {
		return nil, dbError("read", err)
	}
	defer rows.Close()
	out := []string{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, dbError("read", err)
		}
		out = append(out, id)
	}
	return out, dbError("read", rows.Err())
}

// takeBack hands out again what dead workers held, as River does itself after rescueAfter.
func (d *database) takeBack(ctx context.Context, alive []string, grace time.Duration) error {
	_, err := d.pool.Exec(ctx, `UPDATE recount.river_job SET
			state = (CASE WHEN attempt >= max_attempts THEN 'discarded' ELSE 'available' END)::recount.river_job_state,
			finalized_at = CASE WHEN attempt >= max_attempts THEN now() END, scheduled_at = now(),
			errors = array_append(errors, jsonb_build_object('at', now(), 'attempt', attempt, 'error', 'the worker ended', 'trace', ''))
		WHERE state = 'running' AND attempted_at < now() - $2::interval AND NOT attempted_by[array_upper(attempted_by, 1)] = ANY($1)`,
		alive, fmt.Sprintf("%d milliseconds", grace.Milliseconds()))
	return dbError("watch", err)
}
