package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"recount/election"
	"recount/scanner"
)

// beginning is what a run's first command writes into the database.
type beginning struct {
	id       identity
	election *election.Election
	dir      string // of the definition, with its pictures
	sources  []string
	inputs   []input
	units    int
	group    int // units a job
}

// jobUnits is how many units a job has: a second or two of work, beside which handing it out costs nothing.
const jobUnits = 32

// maxPicture bounds a definition's picture: the largest side of a ballot at 600 dpi, packed badly.
const maxPicture = 128 << 20

// begin lays out the database and writes the manifest and the jobs in one transaction, or finds the same run there.
func (d *database) begin(ctx context.Context, b beginning, force bool) error {
	c, err := d.pool.Acquire(ctx)
	if err != nil {
		return dbError("begin", err)
	}
	defer c.Release()
	// One command at a time: two that begin would lay out the tables twice.
	if _, err := c.Exec(ctx, `SELECT pg_advisory_lock(hashtext('recount begin'))`); err != nil {
		return dbError("begin", err)
	}
	defer func() { // where that fails the connection is broken, and the lock gone with it
		_, _ = c.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(hashtext('recount begin'))`)
	}()
	if force {
		if err := d.clear(ctx); err != nil {
			return err
		}
	}
	there, err := d.begun(ctx)
	if err != nil {
		return err
	}
	if there {
		return d.same(ctx, b.id)
	}
	if _, err := d.pool.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS recount`); err != nil {
		return dbError("begin", err)
	}
	if err := d.migrate(ctx); err != nil {
		return err
	}
	client, err := river.NewClient(riverpgxv5.New(d.pool), d.queueConfig())
	if err != nil {
		return dbError("begin", err)
	}
	return dbError("begin", pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, databaseTables); err != nil {
			return err
		}
		if err := b.put(ctx, tx); err != nil {
			return err
		}
		return b.deal(ctx, tx, client)
	}))
}

// clear takes a run out of the database, but not from under its workers.
func (d *database) clear(ctx context.Context) error {
	if there, err := d.begun(ctx); err == nil && there {
		alive, err := d.alive(ctx)
		if err != nil {
			return err
		}
		if len(alive) > 0 {
			return fmt.Errorf("%d workers are at work on the database's run: stop them first", len(alive))
		}
	}
	_, err := d.pool.Exec(ctx, `DROP SCHEMA IF EXISTS recount CASCADE`)
	return dbError("clear", err)
}

// same checks that the database's run is the one that is to be read.
func (d *database) same(ctx context.Context, id identity) error {
	var differ []string
	for _, p := range id.pairs() {
		have, err := d.meta(ctx, p[0])
		if err != nil {
			return err
		}
		if have != p[2] {
			differ = append(differ, p[1])
		}
	}
	if len(differ) > 0 {
		return &OtherRun{"the database", differ}
	}
	return nil
}

// put writes all but the jobs.
func (b *beginning) put(ctx context.Context, tx pgx.Tx) error {
	definition, err := json.Marshal(b.election)
	if err != nil {
		return fmt.Errorf("write the definition: %w", err)
	}
	for _, p := range append(b.id.pairs(), [3]string{"election", "", string(definition)}, [3]string{"database", "", databaseVersion}) {
		if _, err := tx.Exec(ctx, `INSERT INTO recount.meta VALUES ($1, $2)`, p[0], []byte(p[2])); err != nil {
			return err
		}
	}
	for i, s := range b.sources {
		if _, err := tx.Exec(ctx, `INSERT INTO recount.sources VALUES ($1, $2)`, i, []byte(s)); err != nil {
			return err
		}
	}
	done := map[string]bool{}
	for i := range b.election.Styles {
		for j := range b.election.Styles[i].Pages {
			file := b.election.Styles[i].Pages[j].Picture.File
			if done[file] {
				continue
			}
			done[file] = true
			data, err := readBounded(filepath.Join(b.dir, filepath.FromSlash(file)), maxPicture)
			if err != nil {
				return fmt.Errorf("write picture %s: %w", file, err)
			}
			if _, err := tx.Exec(ctx, `INSERT INTO recount.pictures VALUES ($1, $2)`, file, data); err != nil {
				return err
			}
		}
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{databaseSchema, "inputs"}, []string{"id", "name", "size", "sha256", "problem"},
		pgx.CopyFromSlice(len(b.inputs), func(i int) ([]any, error) {
			in := &b.inputs[i]
			return []any{i, []byte(in.Name), in.Size, in.sha256, []byte(in.problem)}, nil
		}))
	return err
}

// deal writes the jobs.
func (b *beginning) deal(ctx context.Context, tx pgx.Tx, client *river.Client[pgx.Tx]) error {
	var jobs []river.InsertManyParams
	send := func() error {
		if len(jobs) == 0 {
			return nil
		}
		_, err := client.InsertManyFastTx(ctx, tx, jobs)
		jobs = jobs[:0]
		return err
	}
	for first := 0; first < b.units; first += b.group {
		jobs = append(jobs, river.InsertManyParams{Args: jobArgs{first, min(first+b.group, b.units)}})
		if len(jobs) == 1000 {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}

// addresses are the sources as every machine may use them: paths made absolute.
func addresses(inputs []string) ([]string, error) {
	var out []string
	for _, in := range inputs {
		if !scanner.Remote(in) {
			local, err := scanner.LocalPath(in)
			if err != nil {
				return nil, err
			}
			if in, err = filepath.Abs(local); err != nil {
				return nil, fmt.Errorf("find %s: %w", in, err)
			}
		}
		out = append(out, in)
	}
	return out, nil
}

// definition writes the run's definition with its pictures into a folder, as template.Load wants it.
func (d *database) definition(ctx context.Context, dir string) (*election.Election, error) {
	text, err := d.meta(ctx, "election")
	if err != nil {
		return nil, err
	}
	e, err := election.Parse("the database", []byte(text))
	if err != nil {
		return nil, err
	}
	rows, err := d.pool.Query(ctx, `SELECT file, data FROM recount.pictures`)
	if err != nil {
		return nil, dbError("read", err)
	}
	defer rows.Close()
	root, err := os.OpenRoot(dir) // names come from the database: none leads out
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // a folder that was written into by name
	for rows.Next() {
		var file string
		var data []byte
		if err := rows.Scan(&file, &data); err != nil {
			return nil, dbError("read", err)
		}
		if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(file)), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("write picture %s: %w", file, err)
		}
		if err := root.WriteFile(filepath.FromSlash(file), data, 0o600); err != nil {
			return nil, fmt.Errorf("write picture %s: %w", file, err)
		}
	}
	return e, dbError("read", rows.Err())
}
