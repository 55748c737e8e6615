package batch

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"recount/election"
	"recount/vote"
)

// DecideOptions says which finished run is decided again, and where the results go.
type DecideOptions struct {
	Run string // the finished run's folder; nothing in it is changed
	Out string // the new results' folder, made where it is missing
	// Limits are those to decide with; nil keeps the run's own.
	Limits *vote.Limits
	// Log is a file of people's decisions (cvr.ReadDecisions), in place of those that the run has; empty keeps these.
	Log     string
	Force   bool   // replace another run in Out
	Workers int    // sheets decided at the same time; 0 means one a processor
	Program string // name and version of the program, as it stands in the outputs
	// Progress, where it is set, hears of every step: "decide" while sheets are decided and written.
	Progress func(Progress)
}

// Decide decides a finished run again with other limits, or with what people decided by hand, from the measurements in its ledger:
// no picture is looked at, no measurement changes. Out gets a ledger and results of its own; the same limits and log give the same
// bytes.
func Decide(ctx context.Context, o DecideOptions) (sum *Summary, err error) {
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Limits != nil {
		if err := o.Limits.Validate(); err != nil {
			return nil, err
		}
	}
	if err := checkFolder(Options{Out: o.Out, Inputs: []string{o.Run}}); err != nil {
		return nil, err
	}
	old, e, err := openSettled(filepath.Join(o.Run, LedgerFile))
	if err != nil {
		return nil, err
	}
	defer old.close()
	limits, err := old.limits()
	if err != nil {
		return nil, err
	}
	if o.Limits != nil {
		limits = *o.Limits
	}
	var log *decisionLog
	if o.Log != "" {
		if log, err = readLog(o.Log); err != nil {
			return nil, err
		}
	}
	if log != nil && len(log.hand.entered)+len(log.hand.same) > 0 {
		prepared, failed := log.prepare(old, e, limits, o.Out)
		if failed != nil {
			return nil, failed
		}
		defer func() { err = errors.Join(err, dropPrepared(prepared)) }()
		old = prepared
	}
	l, id, err := copyLedger(old, o, limits, log)
	if err != nil {
		return nil, err
	}
	sum, err = func() (*Summary, error) {
		defer l.close()
		if log != nil {
			if err := l.inTx(ctx, func(tx *sql.Tx) error { return log.put(tx, e) }); err != nil {
				return nil, err
			}
		}
		again, err := newRedecision(old, l, e, limits, o)
		if err != nil {
			return nil, err
		}
		x := &export{ledger: l, election: e, limits: limits, id: id, dir: o.Out, from: old, workers: o.Workers,
			again: again.decide, took: func(s *storedSheet) error { return again.take(ctx, s) }, end: func() error { return again.flush(ctx) }}
		sum, err := x.all()
		if err != nil {
			return nil, err
		}
		sum.Aside = []PageOutcome{}
		return sum, l.settle(settledRun)
	}()
	if err != nil { // half a run is none: what was read is in the old one
		return nil, errors.Join(err, removeLedger(filepath.Join(o.Out, LedgerFile)))
	}
	return sum, nil
}

// openSettled opens a finished run's ledger for reading alone, with the definition in it.
func openSettled(path string) (*ledger, *election.Election, error) {
	l, err := openReadOnly(path)
	if err != nil {
		return nil, nil, err
	}
	e, err := l.settledElection()
	if err != nil {
		l.close()
		return nil, nil, err
	}
	return l, e, nil
}

// openReadOnly opens a ledger that is not written to any more.
func openReadOnly(path string) (*ledger, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open the run: %w: name a folder that recount read made", err)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open the run: %w", err)
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: "mode=ro"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	return &ledger{db: db, path: path}, nil
}

// shardRun says that a ledger is a shard's, where a whole run is wanted.
type shardRun struct{ path, shard string }

// Error names the mend.
func (e *shardRun) Error() string {
	return fmt.Sprintf("%s is shard %s of a run: make the run of all its shards with recount join", e.path, e.shard)
}

// settledElection checks that a run came to its end in this version of the ledger, and gives its definition.
func (l *ledger) settledElection() (*election.Election, error) {
	var settled int
	if err := l.db.QueryRow(`PRAGMA user_version`).Scan(&settled); err != nil {
		return nil, l.explain("read", err)
	}
	if shard, err := l.meta("shard"); err == nil && shard != "" {
		return nil, &shardRun{l.path, shard}
	}
	if settled != settledRun {
		return nil, fmt.Errorf("%s is of a run that has not come to its end: let recount read finish it first", l.path)
	}
	schema, err := l.meta("schema")
	if err != nil {
		return nil, err
	}
	if schema != ledgerSchema {
		return nil, fmt.Errorf("%s was written by another version of the program (ledger version %q, this one has %s): read the scans again", l.path, schema, ledgerSchema)
	}
	text, err := l.meta("election")
	if err != nil {
		return nil, err
	}
	return election.Parse(l.path, []byte(text))
}

// limits are those the run was decided with.
func (l *ledger) limits() (vote.Limits, error) {
	text, err := l.meta("limits")
	if err != nil {
		return vote.Limits{}, err
	}
	out, err := identity{Limits: json.RawMessage(text)}.limits()
	if err != nil {
		return out, fmt.Errorf("read %s: %w", l.path, err)
	}
	return out, nil
}

// copyLedger makes the new run's ledger: the old one's bytes, with the new limits and the hash of another log, where there is one.
func copyLedger(old *ledger, o DecideOptions, limits vote.Limits, log *decisionLog) (*ledger, identity, error) {
	id, err := old.identity()
	if err != nil {
		return nil, id, err
	}
	if id.Limits, err = json.Marshal(limits); err != nil {
		return nil, id, fmt.Errorf("write limits: %w", err)
	}
	id.Program = o.Program
	if log != nil {
		if err := log.about(id); err != nil {
			return nil, id, fmt.Errorf("read decisions %s: %w", log.file, err)
		}
		id.Decisions = log.sha256
	}
	path := filepath.Join(o.Out, LedgerFile)
	if _, err := os.Stat(path); err == nil && !o.Force {
		return nil, id, fmt.Errorf("%s holds a run: give another --out, or replace it with --force", o.Out)
	}
	if err := clearRun(Options{Out: o.Out, Force: o.Force}); err != nil {
		return nil, id, err
	}
	if err := copyFile(path, old.path); err != nil {
		return nil, id, err
	}
	l, err := openLedger(path)
	if err != nil {
		return nil, id, err
	}
	err = l.inTx(context.Background(), func(tx *sql.Tx) error {
		if _, err := tx.Exec(`PRAGMA user_version=0`); err != nil {
			return err
		}
		for _, p := range id.pairs() {
			if _, err := tx.Exec(`UPDATE meta SET value = ? WHERE key = ?`, p[2], p[0]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		l.close()
		return nil, id, err
	}
	return l, id, nil
}

// identity reads back what made the run.
func (l *ledger) identity() (identity, error) {
	var id identity
	var limits string
	for key, into := range map[string]*string{"program": &id.Program, "definition": &id.Definition, "limits": &limits, "decisions": &id.Decisions, "pairing": &id.Pairing,
		"manifest": &id.Manifest, "shard": &id.Shard, "listing": &id.Listing} {
		v, err := l.meta(key)
		if err != nil {
			return id, err
		}
		*into = v
	}
	id.Limits = json.RawMessage(limits)
	return id, nil
}

func copyFile(to, from string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy the ledger: %w", err)
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("copy the ledger: %w", err)
	}
	_, err = io.Copy(dst, src)
	if err = errors.Join(err, dst.Sync(), dst.Close()); err != nil {
		return fmt.Errorf("copy the ledger: %w", err)
	}
	return nil
}
