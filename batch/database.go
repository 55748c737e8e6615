package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// A run of many machines has its account in PostgreSQL: the manifest, the jobs that River hands out, and what the workers found. One
// database holds one run, in a schema of its own. The files of the run are made from it on one machine, as from shards.

// databaseSchema is where everything lies in the database.
const databaseSchema = "recount"

// databaseVersion is the version of the tables below and of what results.body holds.
const databaseVersion = "1"

// Names are bytes: files may be called what no encoding allows. results.body is a unit's sheets (packCells).
const databaseTables = `
CREATE TABLE recount.meta (key text PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE recount.pictures (file text PRIMARY KEY, data bytea NOT NULL);
CREATE TABLE recount.sources (n int PRIMARY KEY, address bytea NOT NULL);
CREATE TABLE recount.inputs (id int PRIMARY KEY, name bytea NOT NULL UNIQUE, size bigint NOT NULL, sha256 text NOT NULL, problem bytea NOT NULL);
CREATE TABLE recount.results (unit int PRIMARY KEY, counted int NOT NULL, questions int NOT NULL, refused int NOT NULL, duplicate int NOT NULL,
  worker text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp(), body bytea NOT NULL);
CREATE INDEX results_at ON recount.results (at);
CREATE TABLE recount.workers (id text PRIMARY KEY, lock bigint NOT NULL UNIQUE, started timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE SEQUENCE recount.locks;
`

// database is a connection to the account.
type database struct {
	pool *pgxpool.Pool
	log  *slog.Logger
}

// openDatabase connects. connections is how many may be open at the same time.
func openDatabase(ctx context.Context, address string, connections int, log *slog.Logger) (*database, error) {
	if log == nil {
		log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("open database: %w: say --db postgres://USER@HOST/NAME", err)
	}
	cfg.MaxConns = int32(max(connections, 4))
	cfg.ConnConfig.RuntimeParams["application_name"] = "recount"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open database: %w: is the server up, and may this user connect?", err)
	}
	return &database{pool, log}, nil
}

func (d *database) close() { d.pool.Close() }

// begun says whether the database holds a run, of this version of the tables.
func (d *database) begun(ctx context.Context) (bool, error) {
	var there bool
	if err := d.pool.QueryRow(ctx, `SELECT to_regclass('recount.meta') IS NOT NULL`).Scan(&there); err != nil || !there {
		return false, dbError("read", err)
	}
	version, err := d.meta(ctx, "database")
	if err != nil {
		return false, err
	}
	if version != databaseVersion {
		return false, fmt.Errorf("the database holds a run of another version of the program (%q, this one has %s): use that version, or start over with --force", version, databaseVersion)
	}
	return true, nil
}

// meta reads one value; "" where the key is not there.
func (d *database) meta(ctx context.Context, key string) (string, error) {
	var v []byte
	err := d.pool.QueryRow(ctx, `SELECT value FROM recount.meta WHERE key = $1`, key).Scan(&v)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return string(v), dbError("read", err)
}

// identity reads back what made the run.
func (d *database) identity(ctx context.Context) (identity, error) {
	var id identity
	for key, into := range map[string]*string{"program": &id.Program, "definition": &id.Definition, "decisions": &id.Decisions, "pairing": &id.Pairing, "manifest": &id.Manifest} {
		v, err := d.meta(ctx, key)
		if err != nil {
			return id, err
		}
		*into = v
	}
	limits, err := d.meta(ctx, "limits")
	id.Limits = []byte(limits)
	return id, err
}

// inputs reads the manifest back.
func (d *database) inputs(ctx context.Context) ([]input, error) {
	rows, err := d.pool.Query(ctx, `SELECT id, name, size, sha256, problem FROM recount.inputs ORDER BY id`)
	if err != nil {
		return nil, dbError("read", err)
	}
	defer rows.Close()
	var out []input
	for rows.Next() {
		var id int
		var name, problem []byte
		var in input
		if err := rows.Scan(&id, &name, &in.Size, &in.sha256, &problem); err != nil {
			return nil, dbError("read", err)
		}
		if id != len(out) {
			return nil, fmt.Errorf("the database's manifest lacks line %d: restore the database, or start over with --force", len(out))
		}
		in.Name, in.problem = string(name), string(problem)
		out = append(out, in)
	}
	return out, dbError("read", rows.Err())
}

// dbError says what was done when the database failed; nil for nil.
func dbError(verb string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s database: %w", verb, err)
}

// passing says whether a database's failure may pass: the server is down or was stopped, not a fault of what was asked.
func passing(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code[:2] {
		case "08", "53", "57", "40": // connection, resources, operator, serialization
			return true
		}
		return false
	}
	return !errors.Is(err, context.Canceled)
}

// jobArgs are a River job: units to read, from First up to but without Last.
type jobArgs struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// Kind names the jobs.
func (jobArgs) Kind() string { return "read" }

const (
	// jobTries is how often a job is handed out before it is looked at why it never ends. A worker that is killed spends one.
	jobTries = 25
	// rescueAfter is when River takes a job back from a worker that does not end it. Workers that died are noticed at once (takeBack).
	rescueAfter = 2 * time.Hour
	// longestJob is for one file of ten thousand pages on a slow machine.
	longestJob = 2 * time.Hour
)

// queueConfig is what every client of the queue agrees on. Jobs that are done are kept, so that the database shows who read what and when.
func (d *database) queueConfig() *river.Config {
	return &river.Config{Schema: databaseSchema, Logger: d.log, MaxAttempts: jobTries, JobTimeout: longestJob, RescueStuckJobsAfter: rescueAfter,
		CancelledJobRetentionPeriod: -1, CompletedJobRetentionPeriod: -1, DiscardedJobRetentionPeriod: -1,
		FetchPollInterval: time.Second, RetryPolicy: again{}}
}

// again is when a job that failed is tried again: after a second, then two, up to a minute.
type again struct{}

// NextRetry gives the time of the next try.
func (again) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(min(time.Minute, time.Second<<min(max(len(job.Errors), 0), 6)))
}

// migrate lays out River's tables.
func (d *database) migrate(ctx context.Context) error {
	m, err := rivermigrate.New(riverpgxv5.New(d.pool), &rivermigrate.Config{Schema: databaseSchema, Logger: d.log})
	if err != nil {
		return dbError("lay out", err)
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return dbError("lay out", err)
}
